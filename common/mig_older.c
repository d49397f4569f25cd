#include <stdio.h>

#include "mig_essence.h"
#include "mig_load_parts.h"
#include "mig_setting.h"
#include "mig_version.h"

/* The last version's migration of the source, or NULL. */
static const MigMigration *
last_version(const MigSource *source)
{
    for (size_t i = source->count; i-- > 0;)
    {
        if (!source->migrations[i].repeatable)
            return &source->migrations[i];
    }
    return NULL;
}

/* Whether the database holds nothing less than the directory. */
static bool
knows_all(Load *load)
{
    for (size_t i = 0; i < load->source.count; i++)
    {
        const MigMigration *migration = &load->source.migrations[i];

        if (!migration->repeatable &&
            mig_known_find(load->mig, &load->known, migration) == NULL)
            return false;
    }
    return true;
}

/* Whether a migration of the source is another one than the database knows;
 * what differs in comments and layout is not. */
static bool
differs(Mig *mig, const MigKnownOne *known, const MigMigration *migration)
{
    MigArena arena = {mig->host, NULL};
    Mig inner = *mig;
    MigMigration other;
    bool equal;

    inner.arena = &arena;
    mig_known_migration(&inner, known, &other);
    equal = mig_essence_equal(&inner, &other, migration);
    mig_arena_release(&arena);
    return !equal;
}

/* How many of the directory's texts differ from those the database knows. */
static size_t
count_differing(Load *load)
{
    size_t count = 0;

    for (size_t i = 0; i < load->source.count; i++)
    {
        const MigMigration *migration = &load->source.migrations[i];
        const MigKnownOne *known =
            mig_known_find(load->mig, &load->known, migration);

        if (!migration->repeatable && known != NULL &&
            !mig_load_same_content(known, migration) &&
            differs(load->mig, known, migration))
            count++;
    }
    return count;
}

/* A position, and whether the last applied version stands behind it. */
typedef struct Comparison
{
    MigBytes position;
    bool behind;
} Comparison;

static MigStatus
compare_position(void *context, const MigValue *columns, size_t count,
                 MigError *error)
{
    Comparison *comparison = context;

    (void) count;
    (void) error;
    comparison->behind =
        mig_position_compare(columns[1].bytes, comparison->position) > 0;
    return MIG_OK;
}

/* Whether a version behind a position is applied. */
static bool
is_applied_behind(Mig *mig, MigBytes position)
{
    Comparison comparison = {position, false};
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(mig->settings->target),
                            mig_string(MIG_POSITION_REPEATABLE)};

    (void) mig->host->methods->query(mig->host, MIG_SQL_CURRENT, arguments, 3,
                                     compare_position, &comparison, mig->error);
    return comparison.behind;
}

/* Whether the set that is loaded says that a migration was withdrawn. */
static bool
is_withdrawn(const Load *load, MigBytes position)
{
    for (size_t i = 0; load->set != NULL && i < load->set->withdrawn_count; i++)
    {
        if (mig_bytes_equal(load->set->withdrawn[i], position))
            return true;
    }
    return false;
}

/*
 * The newest version the database knows beyond the directory's last, when the
 * directory holds nothing that the database does not know: then it is that of
 * an older release.  Otherwise NULL.
 *
 * migrate_load() is called on purpose: there a directory is older only when
 * something beyond it is applied, so that a pending migration whose file was
 * deleted can be withdrawn.  migrate_up() is called by whatever starts: there
 * it is enough that the database knows of something newer, which somebody may
 * have loaded to apply it later.
 */
const MigKnownOne *
mig_load_find_newer(Load *load)
{
    const MigMigration *last = last_version(&load->source);
    const MigKnownOne *newest = NULL;

    if (!load->source.is_directory || last == NULL || !knows_all(load))
        return NULL;
    for (size_t i = 0; i < load->known.count; i++)
    {
        const MigKnownOne *known = &load->known.items[i];

        if (known->present && !is_withdrawn(load, known->position) &&
            mig_starts_with(known->position, MIG_POSITION_VERSION) &&
            mig_bytes_equal(known->columns[MIG_KNOWN_SOURCE], load->label))
            newest = known;
    }
    if (newest == NULL ||
        mig_position_compare(newest->position, last->position) <= 0)
        return NULL;
    if (load->on_purpose && !is_applied_behind(load->mig, last->position))
        return NULL;
    return newest;
}

/* Tell the user that a directory is an older release's. */
static void
tell_older(Load *load, const MigMigration *last, const MigKnownOne *newer)
{
    size_t differing = count_differing(load);
    char message[900];
    char differ[200] = "";

    if (differing > 0)
        (void) snprintf(differ, sizeof(differ),
                        "; %zu of its texts differ: is it the right one?",
                        differing);
    (void) snprintf(message, sizeof(message),
                    "the directory ends at \"%.*s\", and the database knows "
                    "\"%.*s\": it is an older release's, and changes "
                    "nothing%s",
                    (int) last->version.length, last->version.data,
                    (int) newer->version.length, newer->version.data, differ);
    load->mig->host->methods->notice(
        load->mig->host, differing > 0 ? MIG_WARNING : MIG_NOTICE, message);
}

bool
mig_load_is_older(Load *load)
{
    MigSession *session = load->mig->host->session;
    const MigKnownOne *newer = mig_load_find_newer(load);
    const MigMigration *last = last_version(&load->source);

    if (newer == NULL)
    {
        if (load->source.is_directory)
            session->older_release = false;
        return false;
    }
    session->older_release = true;
    (void) snprintf(session->ahead_project, sizeof(session->ahead_project),
                    "%.*s", (int) load->mig->settings->project.length,
                    load->mig->settings->project.data);
    (void) snprintf(session->ahead_after, sizeof(session->ahead_after), "%.*s",
                    (int) last->position.length, last->position.data);
    tell_older(load, last, newer);
    return true;
}
