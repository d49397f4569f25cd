#include "mig_format.h"

const MigFormat *const mig_formats[] = {
    &mig_format_native,
    &mig_format_golang,
    &mig_format_diesel,
    NULL,
};

void
mig_read_direction(Mig *mig, const MigFile *file, const MigFileName *name,
                   MigMigration *migration)
{
    mig_section_add(
        mig, name->role == MIG_FILE_UP ? &migration->up : &migration->down,
        file, file->start, file->text.length);
}

bool
mig_repeatable_name(MigBytes version, MigFileName *name)
{
    if (!mig_starts_with(version, "R__") || version.length == 3)
        return false;
    name->version = version;
    name->name = mig_part(version, 3, version.length);
    name->repeatable = true;
    return true;
}

bool
mig_split_name(MigBytes stem, MigFileName *name)
{
    const char *bar;
    size_t length;

    if (stem.length == 0 || stem.data[0] < '0' || stem.data[0] > '9')
        return false;
    bar = memchr(stem.data, '_', stem.length);
    length = bar == NULL ? stem.length : (size_t) (bar - stem.data);
    name->version = mig_part(stem, 0, length);
    name->name =
        bar == NULL ? mig_bytes("") : mig_part(stem, length + 1, stem.length);
    return true;
}
