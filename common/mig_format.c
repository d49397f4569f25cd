#include "mig_format.h"

/* One line each, so that adding one touches no other. */
/* clang-format off */
const MigFormat *const mig_formats[] = {
    &mig_format_native,
    &mig_format_golang,
    &mig_format_diesel,
    &mig_format_liquibase,
    &mig_format_sqitch,
    &mig_format_alembic,
    &mig_format_structure,
    &mig_format_sqlx,
    &mig_format_prisma,
    &mig_format_supabase,
    &mig_format_drizzle,
    &mig_format_flyway,
    &mig_format_refinery,
    &mig_format_atlas,
    &mig_format_graphile,
    &mig_format_goose,
    &mig_format_sql_migrate,
    &mig_format_tern,
    &mig_format_mybatis,
    &mig_format_node_pg,
    &mig_format_yoyo,
    NULL,
};
/* clang-format on */

const MigFormat *
mig_format_find(MigBytes name)
{
    for (size_t i = 0; mig_formats[i] != NULL; i++)
    {
        if (mig_bytes_equal(name, mig_bytes(mig_formats[i]->name)))
            return mig_formats[i];
    }
    return NULL;
}

void
mig_read_direction(Mig *mig, const MigFile *file, const MigFileName *name,
                   MigMigration *migration)
{
    MigSection *section = &migration->up;

    if (name->role == MIG_FILE_DOWN)
        section = &migration->down;
    else if (name->role == MIG_FILE_VERIFY)
        section = &migration->verify;
    mig_section_add(mig, section, file, file->start, file->text.length);
}

bool
mig_is_sql_path(MigBytes path)
{
    static const char suffix[] = ".sql";
    size_t length = strlen(suffix);

    if (path.length <= length)
        return false;
    for (size_t i = 0; i < length; i++)
    {
        char byte = path.data[path.length - length + i];

        if (byte >= 'A' && byte <= 'Z')
            byte = (char) (byte - 'A' + 'a');
        if (byte != suffix[i])
            return false;
    }
    return true;
}

MigBytes
mig_base_name(MigBytes path)
{
    size_t base = path.length;

    while (base > 0 && path.data[base - 1] != '/')
        base--;
    return mig_part(path, base, path.length);
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
