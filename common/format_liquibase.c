#include "format_liquibase.h"

#include <stdlib.h>

#include "mig_variable.h"
#include "mig_version.h"

/*
 * Liquibase's formatted SQL
 *
 * A file begins with "--liquibase formatted sql" and holds changesets, each of
 * which is a migration.  A changelog in XML, YAML or JSON says which files
 * there are; it is not read.  Files run in the order of their paths, which is
 * that of includeAll.
 *
 * A .sql file without the first line is a changeset "raw" to includeAll, and
 * nothing to a changelog that does not name it: often it is what sqlFile runs,
 * such as a way back.  So it is passed over, rather than run by mistake.
 */

/* Whether a path ends with a suffix, in upper or lower case. */
static bool
has_suffix(MigBytes path, const char *suffix)
{
    size_t length = strlen(suffix);

    return path.length > length &&
           mig_liquibase_same(mig_part(path, path.length - length, path.length),
                              suffix);
}

/* Whether a changelog could be in a file. */
static bool
is_changelog_path(MigBytes path)
{
    static const char *const suffixes[] = {".xml", ".yaml", ".yml", ".json"};

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
    {
        if (has_suffix(path, suffixes[i]))
            return true;
    }
    return false;
}

static bool
liquibase_match(MigBytes path, MigFileName *name)
{
    name->role = MIG_FILE_WHOLE;
    return mig_is_sql_path(path);
}

static bool
liquibase_is_sign(MigBytes path)
{
    MigBytes base = mig_base_name(path);

    return mig_bytes_equal(base, mig_bytes("liquibase.properties")) ||
           (mig_starts_with(base, "db.changelog") && is_changelog_path(base));
}

static bool
liquibase_is_mark(MigBytes line)
{
    MigBytes rest;

    return mig_liquibase_mark(line, &rest) == MIG_LIQUIBASE_HEADER;
}

/* Whether a text holds another. */
static bool
contains(MigBytes text, const char *wanted)
{
    size_t length = strlen(wanted);
    size_t at = 0;

    while (at + length <= text.length)
    {
        const char *found =
            memchr(text.data + at, wanted[0], text.length - at - length + 1);

        if (found == NULL)
            return false;
        if (memcmp(found, wanted, length) == 0)
            return true;
        at = (size_t) (found - text.data) + 1;
    }
    return false;
}

/* Whether the first line that is not blank is the header. */
static bool
has_header(MigBytes text)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(text, &at, &line))
    {
        if (!mig_is_blank(line))
            return liquibase_is_mark(line);
    }
    return false;
}

/* The folder in which all formatted files are; absent: there are none. */
static MigBytes
common_folder(const MigListing *listing)
{
    MigBytes folder = {NULL, 0};

    for (size_t i = 0; i < listing->count; i++)
    {
        MigBytes path = listing->files[i].path;
        size_t same = 0;

        if (listing->files[i].name.role != MIG_FILE_WHOLE)
            continue;
        path.length -= mig_base_name(path).length;
        if (folder.data == NULL)
            folder = path;
        while (same < folder.length && same < path.length &&
               folder.data[same] == path.data[same])
            same++;
        while (same > 0 && folder.data[same - 1] != '/')
            same--;
        folder.length = same;
    }
    return folder;
}

/* What is to be said of a changelog that is not read. */
static const char *
describe_changelog(Mig *mig, const MigListing *listing, bool has_changesets)
{
    MigBytes folder = common_folder(listing);
    const char *path;

    if (has_changesets)
        return "a changelog with changesets that are not in SQL: write them "
               "as formatted SQL";
    if (folder.data == NULL)
        return "a changelog that includes other files: only formatted SQL is "
               "read";
    if (folder.length == 0)
        return "a changelog that includes other files, and is not read: these "
               "run in the order of their paths";
    path = mig_join_path(mig, listing->directory,
                         mig_part(folder, 0, folder.length - 1));
    return path == NULL
               ? NULL
               : mig_format_string(mig->arena, mig->error,
                                   "a changelog that includes other files, and "
                                   "is not read: name the folder \"%s\", whose "
                                   "files run in the order of their paths",
                                   path);
}

/* Look whether a file is a changelog in another form. */
static void
look_for_changelog(Mig *mig, const MigListing *listing, MigListed *entry)
{
    const char *path = mig_join_path(mig, listing->directory, entry->path);
    MigBytes contents = {NULL, 0};

    if (path == NULL || mig->host->methods->read_file(
                            mig->host, path, &contents, mig->error) != MIG_OK)
        return;
    if (contains(contents, "databaseChangeLog"))
    {
        entry->name.role = MIG_FILE_FOREIGN;
        entry->name.note =
            describe_changelog(mig, listing,
                               contains(contents, "<changeSet") ||
                                   contains(contents, "changeSet:") ||
                                   contains(contents, "\"changeSet\""));
    }
    (void) mig->host->methods->resize(mig->host, (void *) contents.data,
                                      contents.length + 1, 0);
}

static void
liquibase_arrange(Mig *mig, MigListing *listing)
{
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigListed *entry = &listing->files[i];

        if (entry->name.role == MIG_FILE_WHOLE &&
            !has_header(mig_listing_text(mig, listing, entry)))
            mig_listing_pass_over(
                entry, "does not begin with \"--liquibase formatted sql\"");
    }
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigListed *entry = &listing->files[i];

        if (!entry->special && is_changelog_path(entry->path) &&
            mig_base_name(entry->path).data[0] != '.')
            look_for_changelog(mig, listing, entry);
    }
}

static void
liquibase_read_all(Mig *mig, const MigFile *file, const MigFileName *name,
                   MigSource *source)
{
    MigLiquibaseState *state = source->state;

    (void) name;
    if (state == NULL)
    {
        state = mig_alloc(mig->arena, sizeof(*state), mig->error);
        if (state == NULL)
            return;
        state->properties = mig_liquibase_properties(mig);
        source->state = state;
    }
    if (mig_ok(mig))
        mig_liquibase_read(mig, file, source);
}

static int
compare_versions(const void *a, const void *b)
{
    const MigMigration *first = *(MigMigration *const *) a;
    const MigMigration *second = *(MigMigration *const *) b;
    int order = mig_position_compare(first->version, second->version);

    /* In the order of the files, so that the later one is the duplicate. */
    return order != 0 ? order
                      : mig_position_compare(first->position, second->position);
}

/* The line of a migration's first statement. */
static long long
line_of(const MigMigration *migration)
{
    return migration->up.count > 0 ? (long long) migration->up.slices[0].line
                                   : 1;
}

/* Fail when two changesets have one version. */
static void
require_distinct(Mig *mig, MigMigration *const *sorted, size_t count)
{
    for (size_t i = 0; i + 1 < count && mig_ok(mig); i++)
    {
        const MigMigration *first = sorted[i];
        const MigMigration *second = sorted[i + 1];

        if (!mig_bytes_equal(first->version, second->version))
            continue;
        (void) mig_fail(mig->error, MIG_DUPLICATE,
                        "\"%.*s\" line %lld and \"%.*s\" line %lld: both "
                        "changesets have version \"%.*s\"",
                        (int) first->file.length, first->file.data,
                        line_of(first), (int) second->file.length,
                        second->file.data, line_of(second),
                        (int) second->version.length, second->version.data);
        mig_fail_hint(mig->error,
                      "A changeset is known by path, author and id, in which "
                      "blanks, quotes and commas count as _.  Give one another "
                      "id.");
    }
}

/* The migration of a version, or NULL. */
static const MigMigration *
find_version(MigMigration *const *sorted, size_t count, MigBytes version)
{
    MigMigration wanted = {.version = version};
    size_t low = 0;
    size_t high = count;

    wanted.position = mig_bytes("");
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (mig_position_compare(sorted[middle]->version, wanted.version) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && mig_bytes_equal(sorted[low]->version, version)
               ? sorted[low]
               : NULL;
}

/* Add what another migration's options say of its variables. */
static void
add_variables(Mig *mig, const MigMigration *other, MigText *options)
{
    size_t at = 0;
    MigBytes line;

    while (mig_ok(mig) && mig_next_line(other->options, &at, &line))
    {
        if (!mig_starts_with(line, "property:") &&
            !mig_starts_with(line, "variables:"))
            continue;
        mig_text_append(options, line);
        mig_text_append_string(options, "\n");
    }
}

/* Make another changeset's statements the way back of one. */
static void
resolve(Mig *mig, MigMigration *migration, const MigMigration *other,
        const MigLiquibaseReference *reference)
{
    MigText options = {mig->arena, mig->error, NULL, 0, 0};

    if (other == NULL)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" line %lld: there is no changeset \"%.*s\"",
                        (int) migration->file.length, migration->file.data,
                        (long long) reference->line,
                        (int) reference->version.length,
                        reference->version.data);
        mig_fail_hint(mig->error,
                      "A rollback can name a changeset of any file of the "
                      "directory; changesetPath is left out for one of the "
                      "same file.");
        return;
    }
    migration->down = other->up;
    mig_text_append(&options, migration->options);
    mig_text_append_string(&options, "rollback:");
    mig_text_append(&options, mig_part(mig_bytes(other->checksum), 0,
                                       MIG_LIQUIBASE_BACK_HASH));
    mig_text_append_string(&options, "\n");
    add_variables(mig, other, &options);
    migration->options = mig_text_bytes(&options);
}

static void
liquibase_finish(Mig *mig, MigSource *source)
{
    const MigLiquibaseState *state = source->state;
    MigMigration **sorted; /* by version */

    if (state == NULL || source->count == 0)
        return;
    sorted = mig_alloc_array(mig->arena, source->count, sizeof(MigMigration *),
                             mig->error);
    if (sorted == NULL)
        return;
    for (size_t i = 0; i < source->count; i++)
        sorted[i] = &source->migrations[i];
    qsort(sorted, source->count, sizeof(MigMigration *), compare_versions);
    require_distinct(mig, sorted, source->count);
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        const MigLiquibaseReference *reference = &state->references[i];

        resolve(mig, &source->migrations[reference->index],
                find_version(sorted, source->count, reference->version),
                reference);
    }
}

const MigFormat mig_format_liquibase = {
    .name = "liquibase",
    .order = MIG_ORDER_FREE,
    .variables = MIG_VARIABLES_LIQUIBASE,
    .match = liquibase_match,
    .is_sign = liquibase_is_sign,
    .is_mark = liquibase_is_mark,
    .arrange = liquibase_arrange,
    .read_all = liquibase_read_all,
    .finish = liquibase_finish,
};
