#include <stdlib.h>

#include "mig_listing.h"
#include "mig_sqitch_plan.h"
#include "mig_variable.h"
#include "mig_version.h"

/*
 * Sqitch: sqitch.plan lists the changes in their order, each with a script
 * deploy/<change>.sql, and perhaps revert/ and verify/ ones.  A change that
 * stands in the plan a second time was reworked: the earlier one's scripts then
 * are <change>@<tag>.sql, with the first tag behind it.  Where the folders are
 * may be said by sqitch.conf (sqitch-configuration, core.*_dir and
 * engine.<engine>.*_dir).
 *
 * The version of a change is its name; that of its rework has "#2" behind it,
 * so that what was applied stays what it is.
 */

static const char *const kinds[] = {"deploy", "revert", "verify"};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Where a project's files are. */
typedef struct Layout
{
    MigBytes plan;           /* path of the plan */
    MigBytes folders[KINDS]; /* of scripts, ending with '/' or empty */
    MigBytes extension;      /* of scripts, without the dot */
} Layout;

static bool
sqitch_is_sign(MigBytes path)
{
    return mig_bytes_equal(mig_base_name(path), mig_bytes("sqitch.plan"));
}

/* All that may belong to the plan; arrange() says what does. */
static bool
sqitch_match(MigBytes path, MigFileName *name)
{
    MigBytes base = mig_base_name(path);

    name->role = MIG_FILE_NONE;
    name->note = "not in sqitch.plan";
    if (mig_bytes_equal(base, mig_bytes("sqitch.plan")) ||
        mig_bytes_equal(base, mig_bytes("sqitch.conf")))
    {
        name->role = MIG_FILE_CONTROL;
        name->note = NULL;
        return true;
    }
    return mig_is_sql_path(path);
}

/* The value that sqitch.conf gives a key of core, or of this engine. */
static MigBytes
configured(Mig *mig, MigBytes conf, const char *key)
{
    const char *engine = strcmp(mig->host->methods->engine, "sqlite") == 0
                             ? "[engine \"sqlite\"]"
                             : "[engine \"pg\"]";
    MigBytes found = {NULL, 0};
    MigBytes line;
    size_t at = 0;
    int rank = 0; /* 1 core, 2 the engine's own, which wins */
    int best = 0;

    while (mig_next_line(conf, &at, &line))
    {
        const char *sign;

        line = mig_trim(line);
        if (line.length == 0 || line.data[0] == '#' || line.data[0] == ';')
            continue;
        if (line.data[0] == '[')
        {
            rank = mig_bytes_equal(line, mig_bytes("[core]")) ? 1
                   : mig_bytes_equal(line, mig_bytes(engine)) ? 2
                                                              : 0;
            continue;
        }
        sign = memchr(line.data, '=', line.length);
        if (rank <= best || sign == NULL ||
            !mig_bytes_equal(
                mig_trim(mig_part(line, 0, (size_t) (sign - line.data))),
                mig_bytes(key)))
            continue;
        best = rank;
        found = mig_trim(
            mig_part(line, (size_t) (sign - line.data) + 1, line.length));
        if (found.length >= 2 && found.data[0] == '"')
            found = mig_part(found, 1, found.length - 1);
    }
    return found;
}

/* A path below a folder, "." and a leading "./" left out. */
static MigBytes
below(Mig *mig, MigBytes folder, MigBytes path, const char *end)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    while (mig_starts_with(path, "./"))
        path = mig_part(path, 2, path.length);
    while (mig_ends_with(path, "/"))
        path = mig_part(path, 0, path.length - 1);
    mig_text_append(&text, folder);
    if (!mig_bytes_equal(path, mig_bytes(".")) && path.length > 0)
    {
        mig_text_append(&text, path);
        mig_text_append_string(&text, end);
    }
    return mig_text_bytes(&text);
}

/* Find the plan where no configuration says where it is. */
static MigBytes
find_plan(Mig *mig, const MigListing *listing)
{
    MigBytes found = {NULL, 0};

    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigBytes path = listing->files[i].path;

        if (!sqitch_is_sign(path))
            continue;
        if (found.data == NULL)
            found = path;
        else
        {
            (void) mig_fail(mig->error, MIG_INVALID,
                            "directory \"%.*s\" holds two plans: \"%.*s\" and "
                            "\"%.*s\"",
                            (int) listing->directory.length,
                            listing->directory.data, (int) found.length,
                            found.data, (int) path.length, path.data);
            mig_fail_hint(mig->error, "Name the folder of one of them.");
        }
    }
    return found;
}

/* Find out where the project's files are. */
static void
find_layout(Mig *mig, MigListing *listing, Layout *layout)
{
    MigListed *entry = mig_listing_find(listing, mig_bytes("sqitch.conf"));
    MigBytes conf = {"", 0};
    MigBytes top;
    MigBytes plan;

    memset(layout, 0, sizeof(*layout));
    if (entry != NULL)
        conf = mig_listing_text(mig, listing, entry);
    if (!mig_ok(mig))
        return;
    top = below(mig, mig_bytes(""), configured(mig, conf, "top_dir"), "/");
    plan = configured(mig, conf, "plan_file");
    layout->plan = plan.data != NULL
                       ? below(mig, mig_bytes(""), plan, "")
                       : below(mig, top, mig_bytes("sqitch.plan"), "");
    if (mig_ok(mig) && mig_listing_find(listing, layout->plan) == NULL)
    {
        layout->plan = find_plan(mig, listing);
        top =
            mig_part(layout->plan, 0,
                     layout->plan.length - mig_base_name(layout->plan).length);
    }
    layout->extension = configured(mig, conf, "extension");
    if (layout->extension.data == NULL)
        layout->extension = mig_bytes("sql");
    for (size_t i = 0; i < KINDS && mig_ok(mig); i++)
    {
        const char *key =
            mig_format_string(mig->arena, mig->error, "%s_dir", kinds[i]);
        MigBytes folder =
            key == NULL ? mig_bytes("") : configured(mig, conf, key);

        layout->folders[i] = folder.data != NULL
                                 ? below(mig, mig_bytes(""), folder, "/")
                                 : below(mig, top, mig_bytes(kinds[i]), "/");
    }
}

/* The script of a name; NULL when there is none. */
static MigListed *
find_script(Mig *mig, const MigListing *listing, const Layout *layout,
            size_t kind, MigBytes script)
{
    MigText path = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append(&path, layout->folders[kind]);
    mig_text_append(&path, script);
    mig_text_append_string(&path, ".");
    mig_text_append(&path, layout->extension);
    return mig_ok(mig) ? mig_listing_find(listing, mig_text_bytes(&path))
                       : NULL;
}

/* Tell each script of a change what it is. */
static void
arrange_change(Mig *mig, MigListing *listing, const Layout *layout,
               const MigSqitchChange *change, size_t place)
{
    static const MigFileRole roles[KINDS] = {MIG_FILE_UP, MIG_FILE_DOWN,
                                             MIG_FILE_VERIFY};
    MigBytes position = mig_sequence_position(mig, place, change->version);

    for (size_t i = 0; i < KINDS && mig_ok(mig); i++)
    {
        MigListed *entry = find_script(mig, listing, layout, i, change->script);

        if (entry == NULL && i == 0 && mig_ok(mig))
        {
            (void) mig_fail(
                mig->error, MIG_INVALID,
                "\"%.*s\" line %lld: change \"%.*s\" has no script "
                "\"%.*s%.*s.%.*s\"",
                (int) layout->plan.length, layout->plan.data,
                (long long) change->line, (int) change->version.length,
                change->version.data, (int) layout->folders[0].length,
                layout->folders[0].data, (int) change->version.length,
                change->version.data, (int) layout->extension.length,
                layout->extension.data);
            return;
        }
        if (entry == NULL)
            continue;
        memset(&entry->name, 0, sizeof(entry->name));
        entry->name.role = roles[i];
        entry->name.version = change->version;
        entry->name.name = change->name;
        entry->name.requires = change->requires;
        entry->name.options = change->options;
        entry->position = position;
        entry->sequence = true;
    }
}

/* What has_script() needs. */
typedef struct Scripts
{
    Mig *mig;
    const MigListing *listing;
    const Layout *layout;
} Scripts;

/* A MigSqitchHas. */
static bool
has_script(void *context, MigBytes script)
{
    const Scripts *scripts = context;

    return find_script(scripts->mig, scripts->listing, scripts->layout, 0,
                       script) != NULL;
}

static void
sqitch_arrange(Mig *mig, MigListing *listing)
{
    MigSqitchPlan plan;
    Layout layout;
    Scripts scripts = {mig, listing, &layout};
    MigListed *entry;
    MigBytes text;

    find_layout(mig, listing, &layout);
    if (!mig_ok(mig))
        return;
    entry = layout.plan.data == NULL ? NULL
                                     : mig_listing_find(listing, layout.plan);
    if (entry == NULL)
    {
        (void) mig_fail(
            mig->error, MIG_INVALID, "directory \"%.*s\" holds no sqitch.plan",
            (int) listing->directory.length, listing->directory.data);
        return;
    }
    entry->name.role = MIG_FILE_CONTROL;
    text = mig_listing_text(mig, listing, entry);
    memset(&plan, 0, sizeof(plan));
    plan.has = has_script;
    plan.has_context = &scripts;
    if (mig_ok(mig))
        mig_sqitch_plan_read(mig, text, &plan);
    if (!mig_ok(mig))
    {
        mig_fail_file(mig, listing, layout.plan);
        return;
    }
    for (size_t i = 0; i < plan.count && mig_ok(mig); i++)
        arrange_change(mig, listing, &layout, &plan.changes[i], i);
}

const MigFormat mig_format_sqitch = {
    .name = "sqitch",
    .variables = MIG_VARIABLES_NATIVE,
    .match = sqitch_match,
    .is_sign = sqitch_is_sign,
    .arrange = sqitch_arrange,
    .read = mig_read_direction,
};
