#include "mig_listing.h"
#include "mig_version.h"

/*
 * Prisma: a folder for each migration, <time>_<name>/migration.sql, and
 * migration_lock.toml, which names the database it is for.  The source may be
 * the folder of the migrations, or the one above it.  Folders run in the order
 * of their names (schema-engine's migrations_directory.rs).
 *
 * Prisma Next keeps operations in JSON instead of SQL, which nobody else can
 * run.
 */

#define SCRIPT "migration.sql"
#define LOCK "migration_lock.toml"

/* Cut "migrations/" off a path, which it has when the folder above is read. */
static MigBytes
inside(MigBytes path)
{
    static const char folder[] = "migrations/";

    return mig_starts_with(path, folder)
               ? mig_part(path, strlen(folder), path.length)
               : path;
}

/* The folder of a file that stands in one, and in no more. */
static MigBytes
folder_of(MigBytes path)
{
    MigBytes base = mig_base_name(path);
    MigBytes folder = {NULL, 0};

    if (base.length == path.length)
        return folder;
    folder = mig_part(path, 0, path.length - base.length - 1);
    if (folder.length == 0 || memchr(folder.data, '/', folder.length) != NULL)
        folder.data = NULL;
    return folder;
}

static bool
prisma_match(MigBytes path, MigFileName *name)
{
    MigBytes folder = folder_of(inside(path));

    if (mig_bytes_equal(inside(path), mig_bytes(LOCK)))
    {
        name->role = MIG_FILE_CONTROL;
        return true;
    }
    if (folder.data == NULL ||
        !mig_bytes_equal(mig_base_name(path), mig_bytes(SCRIPT)))
        return false;
    name->role = MIG_FILE_WHOLE;
    name->unit = folder;
    name->version = folder;
    name->name = mig_bytes("");
    (void) mig_split_name(folder, name);
    return true;
}

/* Whether a path is of Prisma Next: <folder>/<time>_<name>/ops.json. */
static bool
is_next(MigBytes path)
{
    return mig_ends_with(path, "/ops.json");
}

static bool
prisma_is_sign(MigBytes path)
{
    return mig_bytes_equal(inside(path), mig_bytes(LOCK)) || is_next(path);
}

static void
prisma_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_string(&text, MIG_POSITION_VERSION);
    mig_text_append(&text, name->unit);
    *position = mig_text_bytes(&text);
}

/*
 * The value of "provider" in migration_lock.toml, as Prisma reads it: on a line
 * that begins with that word.  Absent bytes when there is none.
 */
static MigBytes
provider_of(MigBytes text)
{
    MigBytes provider = {NULL, 0};
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(text, &at, &line))
    {
        size_t word = 0;

        if (mig_starts_with(line, "provider") &&
            mig_next_word(line, &word, "= \t", &provider) &&
            mig_next_word(line, &word, "= \t\"", &provider))
            return provider;
    }
    provider.data = NULL;
    return provider;
}

/* Fail when the directory says that it is for another database. */
static void
require_provider(Mig *mig, MigListing *listing, MigListed *entry)
{
    const char *engine = mig->host->methods->engine;
    MigBytes provider = provider_of(mig_listing_text(mig, listing, entry));

    if (!mig_ok(mig) || provider.data == NULL ||
        mig_bytes_equal(provider, mig_bytes(engine)) ||
        (strcmp(engine, "postgresql") == 0 &&
         mig_bytes_equal(provider, mig_bytes("postgres"))))
        return;
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "\"%.*s\" says that these migrations are for %.*s, not "
                    "for %s",
                    (int) entry->path.length, entry->path.data,
                    (int) mig_cut(provider, 100).length, provider.data, engine);
    mig_fail_hint(mig->error, "Load them into a database of that kind; or, "
                              "when their SQL is for this one, correct "
                              "\"provider\" there.");
}

/*
 * Tell folders of one time apart: to Prisma the whole name is the identity, so
 * all of them have it as their version.  One that was there before the others
 * came is known by its position.
 */
static void
tell_apart(MigListing *listing)
{
    MigListed *before = NULL;
    MigBytes version = {NULL, 0};

    for (size_t i = 0; i < listing->count; i++)
    {
        MigListed *entry = &listing->files[i];

        if (entry->name.role != MIG_FILE_WHOLE)
            continue;
        if (before != NULL && mig_bytes_equal(version, entry->name.version))
        {
            before->name.version = before->name.unit;
            entry->name.version = entry->name.unit;
        }
        else
            version = entry->name.version;
        before = entry;
    }
}

/* Refuse what is no SQL, and hold the lock file against the engine. */
static void
prisma_arrange(Mig *mig, MigListing *listing)
{
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigListed *entry = &listing->files[i];

        if (is_next(entry->path))
        {
            (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                            "\"%.*s\" is of Prisma Next, whose migrations are "
                            "no SQL",
                            (int) entry->path.length, entry->path.data);
            mig_fail_hint(mig->error,
                          "Apply them with Prisma; or write what its plan "
                          "prints as SQL files.");
        }
        else if (entry->name.role == MIG_FILE_CONTROL)
            require_provider(mig, listing, entry);
    }
    tell_apart(listing);
}

const MigFormat mig_format_prisma = {
    .name = "prisma",
    .order = MIG_ORDER_FREE,
    .by_name = true,
    .match = prisma_match,
    .is_sign = prisma_is_sign,
    .identify = prisma_identify,
    .arrange = prisma_arrange,
    .read = mig_read_direction,
};
