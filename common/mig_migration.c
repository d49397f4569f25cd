#include "mig_migration.h"

void
mig_section_add(Mig *mig, MigSection *section, const MigFile *file,
                size_t start, size_t end)
{
    MigSlice *slices;
    MigSlice *slice;

    slices =
        mig_array_reserve(mig->arena, section->slices, section->count,
                          &section->capacity, sizeof(MigSlice), mig->error);
    if (slices == NULL)
        return;
    section->slices = slices;
    slice = &slices[section->count++];
    memcpy(slice->hash, file->hash, sizeof(slice->hash));
    slice->offset = start;
    slice->length = end - start;
    slice->line = 1 + mig_count_lines(file->text, start);
    slice->file = file->path;
    slice->whole = file->text;
}

bool
mig_is_blank(MigBytes text)
{
    return mig_trim(text).length == 0;
}

MigBytes
mig_option(MigBytes options, const char *key)
{
    size_t key_length = strlen(key);
    size_t at = 0;
    MigBytes line;
    MigBytes absent = {NULL, 0};

    while (mig_next_line(options, &at, &line))
    {
        if (line.length > key_length && mig_starts_with(line, key) &&
            line.data[key_length] == ':')
            return mig_part(line, key_length + 1, line.length);
    }
    return absent;
}
