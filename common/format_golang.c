#include "mig_format.h"
#include "mig_variable.h"

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

    if (at == path.length || memchr(path.data, '/', path.length) != NULL ||
        !mig_split_name(mig_part(path, 0, at), name) ||
        !mig_parse_digits(name->version, &number))
        return false;
    if (!mig_is_sql_path(path))
        name->role = MIG_FILE_FOREIGN;
    return true;
}

const MigFormat mig_format_golang = {
    .name = "golang-migrate",
    .variables = MIG_VARIABLES_NATIVE,
    .by_name = true,
    .match = golang_match,
    .read = mig_read_direction,
};
