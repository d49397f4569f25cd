#include "mig_format.h"

#include "mig_variable.h"
#include "mig_version.h"

/*
 * diesel: a folder for each version, <version>_<name>/up.sql, perhaps with
 * down.sql, and metadata.toml whose one known key is run_in_transaction.  The
 * version is the text before the first '_', without its '-', and versions are
 * ordered as text, not as numbers (diesel's migrations_internals): real
 * projects mix 14 and 18 digits, with and without dashes.
 */

static bool
diesel_match(MigBytes path, MigFileName *name)
{
    const char *slash = memchr(path.data, '/', path.length);
    MigBytes folder;
    MigBytes file;

    if (slash == NULL)
        return false;
    folder = mig_part(path, 0, (size_t) (slash - path.data));
    file = mig_part(path, folder.length + 1, path.length);
    name->unit = folder;
    if (mig_bytes_equal(file, mig_bytes("up.sql")))
        name->role = MIG_FILE_UP;
    else if (mig_bytes_equal(file, mig_bytes("down.sql")))
        name->role = MIG_FILE_DOWN;
    else if (mig_bytes_equal(file, mig_bytes("metadata.toml")))
        name->role = MIG_FILE_OPTIONS;
    else
        return false;
    return mig_split_name(folder, name);
}

static void
diesel_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    MigText version = {mig->arena, mig->error, NULL, 0, 0};
    MigBytes part;
    size_t at = 0;

    while (mig_next_word(name->version, &at, "-", &part))
        mig_text_append(&version, part);
    name->version = mig_text_bytes(&version);
    mig_text_append_string(&text, MIG_POSITION_VERSION);
    mig_text_append(&text, name->version);
    *position = mig_text_bytes(&text);
}

/*
 * Read a line of metadata.toml: nothing, a comment, or run_in_transaction =
 * true or false.  Returns false for anything else.
 */
static bool
read_metadata_line(MigBytes line, MigMigration *migration)
{
    const char *comment = memchr(line.data, '#', line.length);
    const char *sign;
    MigBytes key;
    MigBytes value;

    if (comment != NULL)
        line.length = (size_t) (comment - line.data);
    if (mig_is_blank(line))
        return true;
    sign = memchr(line.data, '=', line.length);
    if (sign == NULL)
        return false;
    key = mig_trim(mig_part(line, 0, (size_t) (sign - line.data)));
    value =
        mig_trim(mig_part(line, (size_t) (sign - line.data) + 1, line.length));
    if (!mig_bytes_equal(key, mig_bytes("run_in_transaction")))
        return false;
    migration->options = mig_bytes("");
    if (mig_bytes_equal(value, mig_bytes("true")))
        return true;
    migration->options = mig_bytes("transaction:false\n");
    return mig_bytes_equal(value, mig_bytes("false"));
}

static void
read_metadata(Mig *mig, const MigFile *file, MigMigration *migration)
{
    size_t at = file->start;
    int64_t number = 0;
    MigBytes line;

    while (mig_ok(mig) && mig_next_line(file->text, &at, &line))
    {
        number++;
        if (line.length > 0 && !read_metadata_line(line, migration))
            (void) mig_fail(mig->error, MIG_INVALID,
                            "line %lld: \"%.*s\" is not run_in_transaction = "
                            "true or false",
                            (long long) number, (int) mig_cut(line, 200).length,
                            line.data);
    }
}

static void
diesel_read(Mig *mig, const MigFile *file, const MigFileName *name,
            MigMigration *migration)
{
    if (name->role == MIG_FILE_OPTIONS)
        read_metadata(mig, file, migration);
    else
        mig_read_direction(mig, file, name, migration);
}

const MigFormat mig_format_diesel = {
    .name = "diesel",
    .order = MIG_ORDER_FREE,
    .variables = MIG_VARIABLES_NATIVE,
    .by_name = true,
    .match = diesel_match,
    .identify = diesel_identify,
    .read = diesel_read,
};
