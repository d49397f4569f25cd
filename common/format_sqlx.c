#include "mig_format.h"

#include "mig_version.h"

/*
 * sqlx: <number>_<description>.sql, or a pair <number>_<description>.up.sql and
 * .down.sql (sqlx-core/src/migrate/source.rs).  A file that begins with
 * "-- no-transaction" runs outside of one.  Names are also those of plain files
 * and of golang-migrate's, so that mark, or the setting, tells the format.
 */

static const char mark[] = "-- no-transaction";

static bool
sqlx_match(MigBytes path, MigFileName *name)
{
    static const struct
    {
        const char *suffix;
        MigFileRole role;
    } suffixes[] = {{".up.sql", MIG_FILE_UP},
                    {".down.sql", MIG_FILE_DOWN},
                    {".sql", MIG_FILE_WHOLE}};
    int64_t number;
    size_t i = 0;

    while (i < 2 && !mig_ends_with(path, suffixes[i].suffix))
        i++;
    if (!mig_is_sql_path(path) || memchr(path.data, '/', path.length) != NULL ||
        memchr(path.data, '_', path.length) == NULL ||
        !mig_split_name(
            mig_part(path, 0, path.length - strlen(suffixes[i].suffix)), name))
        return false;
    name->role = suffixes[i].role;
    return mig_parse_digits(name->version, &number);
}

static bool
sqlx_is_mark(MigBytes line)
{
    return mig_starts_with(line, mark);
}

/* The description has blanks where the file's name has '_'. */
static void
sqlx_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    char *description =
        (char *) mig_copy(mig->arena, name->name, mig->error).data;

    for (size_t i = 0; description != NULL && i < name->name.length; i++)
    {
        if (description[i] == '_')
            description[i] = ' ';
    }
    name->name.data = description;
    *position = mig_version_position(mig, name->version);
}

static void
sqlx_read(Mig *mig, const MigFile *file, const MigFileName *name,
          MigMigration *migration)
{
    MigBytes text = mig_part(file->text, file->start, file->text.length);

    if (mig_starts_with(text, mark) &&
        mig_option(migration->options, "transaction").data == NULL)
        mig_option_add(mig, migration, "transaction", mig_bytes("false"));
    mig_read_direction(mig, file, name, migration);
}

const MigFormat mig_format_sqlx = {
    .name = "sqlx",
    .order = MIG_ORDER_FREE,
    .match = sqlx_match,
    .is_mark = sqlx_is_mark,
    .identify = sqlx_identify,
    .read = sqlx_read,
};
