#include "mig_listing.h"
#include "mig_version.h"

/*
 * Supabase: supabase/migrations/<number>_<name>.sql.  The source may be the
 * project's folder, "supabase", or the migrations' own, which then is told by
 * the folders that its path ends with.  Rules: pkg/migration/list.go and
 * file.go of its CLI; files run in the order of names, versions compare as
 * text.
 */

static const char *const folders[] = {"supabase/migrations/", "migrations/",
                                      ""};

#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

static bool
supabase_match(MigBytes path, MigFileName *name)
{
    MigBytes base = mig_base_name(path);
    MigBytes folder = mig_part(path, 0, path.length - base.length);
    bool claimed = false;

    for (size_t i = 0; i < FOLDERS && !claimed; i++)
        claimed = mig_bytes_equal(folder, mig_bytes(folders[i]));
    if (!claimed || !mig_ends_with(base, ".sql") ||
        memchr(base.data, '_', base.length) == NULL ||
        !mig_split_name(mig_part(base, 0, base.length - strlen(".sql")), name))
        return false;
    name->role = MIG_FILE_WHOLE;
    for (size_t i = 0; i < name->version.length; i++)
    {
        if (name->version.data[i] < '0' || name->version.data[i] > '9')
            return false;
    }
    return true;
}

/* A project's own layout: no other tool has its files there. */
static bool
supabase_is_sign(MigBytes path)
{
    return mig_bytes_equal(path, mig_bytes("supabase/config.toml")) ||
           (mig_starts_with(path, folders[0]) && mig_is_sql_path(path));
}

/* Whether the source is the folder of a project's migrations, or "supabase". */
static bool
supabase_is_hinted(const MigListing *listing)
{
    MigBytes directory = listing->directory;

    while (mig_ends_with(directory, "/"))
        directory.length--;
    if (mig_ends_with(directory, "supabase/migrations"))
        return true;
    if (mig_bytes_equal(mig_base_name(directory), mig_bytes("supabase")))
        return true;
    return false;
}

static void
supabase_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_string(&text, MIG_POSITION_VERSION);
    mig_text_append(&text, name->version);
    *position = mig_text_bytes(&text);
}

/*
 * Whether a name is the first one's of a project that an old release made: the
 * CLI passes over "<14 digits>_init.sql" when that is before 2021-12-09.
 */
static bool
is_old_init(MigBytes base)
{
    static const char tail[] = "_init.sql";
    MigBytes stamp;
    int64_t number;

    for (size_t at = 14; at + strlen(tail) <= base.length; at++)
    {
        if (!mig_starts_with(mig_part(base, at, base.length), tail))
            continue;
        stamp = mig_part(base, at - 14, at);
        return mig_parse_digits(stamp, &number) && number < 20211209000000;
    }
    return false;
}

/* Pass over an old release's first file, which must be the first in its folder
 * of all that is there. */
static void
supabase_arrange(Mig *mig, MigListing *listing)
{
    MigBytes folder = {NULL, 0};

    (void) mig;
    for (size_t i = 0; i < listing->count; i++)
    {
        MigListed *entry = &listing->files[i];
        MigBytes base = mig_base_name(entry->path);
        MigBytes here =
            mig_part(entry->path, 0, entry->path.length - base.length);

        if (entry->name.role == MIG_FILE_WHOLE && is_old_init(base) &&
            (folder.data == NULL || !mig_bytes_equal(folder, here)))
            mig_listing_pass_over(
                entry, "the CLI passes over a first file <time>_init.sql "
                       "of before 2021-12-09");
        folder = here;
    }
}

const MigFormat mig_format_supabase = {
    .name = "supabase",
    .order = MIG_ORDER_STRICT,
    .match = supabase_match,
    .is_sign = supabase_is_sign,
    .is_hinted = supabase_is_hinted,
    .identify = supabase_identify,
    .arrange = supabase_arrange,
    .read = mig_read_direction,
};
