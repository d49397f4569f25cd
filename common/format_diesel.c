#include "mig_format.h"

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
    name->repeatable = false;
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

/* Read metadata.toml: comments, and run_in_transaction = true or false. */
static void
read_metadata(Mig *mig, const MigFile *file, MigMigration *migration)
{
    size_t at = file->start;
    int64_t number = 0;
    MigBytes line;

    while (mig_ok(mig) && mig_next_line(file->text, &at, &line))
    {
        size_t word_at = 0;
        MigBytes key;
        MigBytes value = {"", 0};

        number++;
        if (!mig_next_word(line, &word_at, " \t=", &key) || key.data[0] == '#')
            continue;
        (void) mig_next_word(line, &word_at, " \t=#", &value);
        if (!mig_bytes_equal(key, mig_bytes("run_in_transaction")) ||
            (!mig_bytes_equal(value, mig_bytes("true")) &&
             !mig_bytes_equal(value, mig_bytes("false"))))
        {
            (void) mig_fail(mig->error, MIG_INVALID,
                            "line %lld: \"%.*s\" is not run_in_transaction = "
                            "true or false",
                            (long long) number, (int) line.length, line.data);
            return;
        }
        migration->options = mig_bytes(
            mig_bytes_equal(value, mig_bytes("false")) ? "transaction:false\n"
                                                       : "");
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
    "diesel",
    diesel_match,
    diesel_identify,
    diesel_read,
};
