#include "mig_format.h"

/*
 * golang-migrate: a pair of files for each version, by the pattern
 * ^([0-9]+)_(.*)\.(down|up)\.(.*)$ of its source/parse.go; we also take a
 * number without a name.  Files carry no marks.  The two of a pair may have
 * different names; the last part of a name need not be "sql", but then it is a
 * program.
 */

/* Where ".up." or ".down." stands last in a path; path.length for nowhere. */
static size_t
find_direction(MigBytes path, MigFileRole *role)
{
    for (size_t at = path.length; at-- > 0;)
    {
        MigBytes rest = mig_part(path, at, path.length);

        *role = mig_starts_with(rest, ".up.") ? MIG_FILE_UP : MIG_FILE_DOWN;
        if (*role == MIG_FILE_UP || mig_starts_with(rest, ".down."))
            return at;
    }
    return path.length;
}

static bool
golang_match(MigBytes path, MigFileName *name)
{
    size_t at = find_direction(path, &name->role);
    int64_t number;

    name->repeatable = false;
    return at < path.length && memchr(path.data, '/', path.length) == NULL &&
           mig_split_name(mig_part(path, 0, at), name) &&
           mig_parse_digits(name->version, &number);
}

static void
golang_read(Mig *mig, const MigFile *file, const MigFileName *name,
            MigMigration *migration)
{
    if (mig_ends_with(file->path, ".sql"))
        mig_read_direction(mig, file, name, migration);
    else
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "line 1: a step that is no SQL cannot be run here");
}

const MigFormat mig_format_golang = {
    "golang-migrate",
    golang_match,
    NULL,
    golang_read,
};
