#include "mig_listing.h"
#include "mig_source.h"
#include "mig_variable.h"
#include "mig_version.h"

/*
 * structure.sql: a dump of a whole schema, as Rails (config.active_record
 * .schema_format = :sql), dbmate (schema.sql) and Ecto (mix ecto.dump) write
 * it. At its end the versions that are in it are inserted into their table
 * schema_migrations; it becomes one migration of the highest of these.  The
 * text stays as it is, so that the tool can go on with a database made from it.
 */

#define OPTION "covers" /* the versions in it, with blanks between */

static bool
is_dump(MigBytes path)
{
    MigBytes base = mig_base_name(path);

    return mig_bytes_equal(base, mig_bytes("structure.sql")) ||
           mig_bytes_equal(base, mig_bytes("schema.sql"));
}

static bool
structure_is_sign(MigBytes path)
{
    return mig_bytes_equal(path, mig_bytes("structure.sql"));
}

/* Whether a line is the comment that dbmate writes before the versions. */
static bool
structure_is_mark(MigBytes line)
{
    return mig_bytes_equal(line, mig_bytes("-- Dbmate schema migrations"));
}

static bool
structure_match(MigBytes path, MigFileName *name)
{
    if (is_dump(path) && memchr(path.data, '/', path.length) == NULL)
    {
        name->role = MIG_FILE_WHOLE;
        name->version = mig_bytes("");
        return true;
    }
    if (mig_format_native.match(path, name))
        return true;
    name->role = MIG_FILE_NONE;
    name->note = "its SQL is in the dump";
    return mig_ends_with(path, ".rb") || mig_ends_with(path, ".exs") ||
           mig_is_sql_path(path);
}

/* Whether a line begins to insert versions into schema_migrations. */
static bool
begins_versions(MigBytes line)
{
    static const char *const starts[] = {
        "INSERT INTO \"schema_migrations\" (version) VALUES",
        "INSERT INTO public.\"schema_migrations\" (version) VALUES",
        "INSERT INTO \"public\".\"schema_migrations\" (version) VALUES",
        "INSERT INTO public.schema_migrations (version) VALUES",
        "INSERT INTO schema_migrations (version) VALUES",
        "INSERT INTO schema_migrations VALUES",
    };

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
    {
        if (mig_starts_with(line, starts[i]))
            return true;
    }
    return false;
}

/* Take the runs of digits of a line as versions. */
static void
take_versions(MigBytes line, MigText *versions, MigBytes *highest)
{
    size_t at = 0;

    while (at < line.length)
    {
        size_t start;
        MigBytes version;

        while (at < line.length && (line.data[at] < '0' || line.data[at] > '9'))
            at++;
        start = at;
        while (at < line.length && line.data[at] >= '0' && line.data[at] <= '9')
            at++;
        version = mig_part(line, start, at);
        if (version.length == 0 || version.length > MIG_VERSION_MAX)
            continue;
        if (versions->length > 0)
            mig_text_append_string(versions, " ");
        mig_text_append(versions, version);
        if (version.length > highest->length ||
            (version.length == highest->length &&
             memcmp(version.data, highest->data, version.length) > 0))
            *highest = version;
    }
}

/* Find the versions that are in a dump. */
static void
find_versions(MigBytes text, MigText *versions, MigBytes *highest)
{
    bool inside = false;
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(text, &at, &line))
    {
        const char *values;

        line = mig_trim(line);
        values = line.data;
        if (begins_versions(line))
        {
            inside = true;
            values = (const char *) memchr(line.data, 'V', line.length);
        }
        if (!inside)
            continue;
        take_versions(
            mig_part(line, (size_t) (values - line.data), line.length),
            versions, highest);
        inside = !mig_ends_with(line, ";");
    }
}

/* Read the dump itself. */
static void
read_dump(Mig *mig, const MigFile *file, MigSource *source)
{
    MigText versions = {mig->arena, mig->error, NULL, 0, 0};
    MigFileName found = {.version = {"", 0}, .name = mig_bytes("structure")};
    MigMigration *migration;

    find_versions(file->text, &versions, &found.version);
    if (found.version.length == 0)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line 1: the dump inserts no version into "
                        "schema_migrations");
        mig_fail_hint(
            mig->error,
            "Give it a version by its name, such as 1_structure.sql.");
        return;
    }
    migration = mig_source_add(mig, source, &found, file,
                               mig_version_position(mig, found.version));
    if (migration == NULL)
        return;
    migration->sequence = false;
    mig_section_add(mig, &migration->up, file, file->start, file->text.length);
    mig_migration_checksum(mig, migration, file->text);
    mig_option_add(mig, migration, OPTION, mig_text_bytes(&versions));
}

static void
structure_read_all(Mig *mig, const MigFile *file, const MigFileName *name,
                   MigSource *source)
{
    if (name->version.length == 0)
        read_dump(mig, file, source);
    else
        mig_source_add_native(mig, source, name, file);
}

/* Leave out the numbered files that the dump holds already. */
static void
structure_finish(Mig *mig, MigSource *source)
{
    MigBytes limit = mig_bytes("");
    size_t kept = 0;

    for (size_t i = 0; i < source->count; i++)
    {
        if (mig_option(source->migrations[i].options, OPTION).data != NULL)
            limit = source->migrations[i].position;
    }
    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        const MigMigration *migration = &source->migrations[i];

        if (mig_position_compare(migration->position, limit) >= 0 &&
            (mig_option(migration->options, OPTION).data != NULL ||
             !mig_bytes_equal(migration->position, limit)))
            source->migrations[kept++] = *migration;
    }
    source->count = kept;
}

const MigFormat mig_format_structure = {
    .name = "structure",
    .variables = NULL,
    .takes_native = true,
    .match = structure_match,
    .is_sign = structure_is_sign,
    .is_mark = structure_is_mark,
    .read_all = structure_read_all,
    .finish = structure_finish,
};
