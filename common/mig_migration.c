#include "mig_migration.h"

/* Append a slice that is still to be filled; NULL on failure. */
static MigSlice *
add_slice(Mig *mig, MigSection *section)
{
    MigSlice *slices =
        mig_array_reserve(mig->arena, section->slices, section->count,
                          &section->capacity, sizeof(MigSlice), mig->error);

    if (slices == NULL)
        return NULL;
    section->slices = slices;
    return &slices[section->count++];
}

/*
 * The line of a part that is about to become a section's last.  Where the part
 * before it is of the same text, what lies before that is not counted again.
 */
static int64_t
line_of(const MigSection *section, const MigFile *file, size_t start)
{
    const MigSlice *before;

    if (section->count < 2)
        return 1 + mig_count_lines(file->text, start);
    before = &section->slices[section->count - 2];
    if (before->whole.data != file->text.data || before->offset > start)
        return 1 + mig_count_lines(file->text, start);
    return before->line + mig_count_lines(mig_part(file->text, before->offset,
                                                   file->text.length),
                                          start - before->offset);
}

void
mig_section_add(Mig *mig, MigSection *section, const MigFile *file,
                size_t start, size_t end)
{
    MigSlice *slice = add_slice(mig, section);

    if (slice == NULL)
        return;
    memcpy(slice->hash, file->hash, sizeof(slice->hash));
    slice->offset = start;
    slice->length = end - start;
    slice->line = line_of(section, file, start);
    slice->file = file->path;
    slice->whole = file->text;
}

void
mig_section_add_made(Mig *mig, MigSection *section, const MigFile *file,
                     MigBytes text, int64_t line)
{
    MigSlice *slice = mig_ok(mig) ? add_slice(mig, section) : NULL;

    if (slice == NULL)
        return;
    mig_hash(mig->host, &text, 1, slice->hash);
    slice->offset = 0;
    slice->length = text.length;
    slice->line = line;
    slice->file = file->path;
    slice->whole = text;
}

void
mig_migration_checksum(Mig *mig, MigMigration *migration, MigBytes text)
{
    char hash[MIG_HASH_LENGTH + 1];
    MigBytes pieces[2];

    mig_checksum(mig, text, hash);
    if (migration->checksum[0] != '\0')
    {
        pieces[0] = mig_bytes(migration->checksum);
        pieces[1] = mig_bytes(hash);
        mig_hash(mig->host, pieces, 2, hash);
    }
    memcpy(migration->checksum, hash, sizeof(hash));
}

void
mig_option_add(Mig *mig, MigMigration *migration, const char *key,
               MigBytes value)
{
    MigText options = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append(&options, migration->options);
    mig_text_append_string(&options, key);
    mig_text_append_string(&options, ":");
    mig_text_append(&options, value);
    mig_text_append_string(&options, "\n");
    migration->options = mig_text_bytes(&options);
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
