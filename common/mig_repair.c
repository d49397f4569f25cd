#include "mig_repair.h"

#include <stdlib.h>

#include "mig_difference.h"
#include "mig_failures.h"
#include "mig_migration.h"
#include "mig_plan.h"
#include "mig_record.h"
#include "mig_setting.h"
#include "mig_step.h"
#include "mig_version.h"
#include "mig_write.h"

typedef enum RepairKind
{
    REPAIR_ACCEPT,
    REPAIR_ACKNOWLEDGE,
    REPAIR_FORGET,
    REPAIR_TOMBSTONE,
    REPAIR_REMOVE,
    REPAIR_KEEP
} RepairKind;

/* What a kind is called in plans and in the history. */
static const char *const actions[] = {
    [REPAIR_ACCEPT] = "accept", [REPAIR_ACKNOWLEDGE] = "acknowledge",
    [REPAIR_FORGET] = "forget", [REPAIR_TOMBSTONE] = "tombstone",
    [REPAIR_REMOVE] = "remove", [REPAIR_KEEP] = "keep"};

/* One row of a plan. */
typedef struct Repair
{
    const MigEntry *entry;
    const char *state;
    RepairKind kind;
    const char *detail;
} Repair;

/* A plan of repairs being made. */
typedef struct Repairs
{
    Mig *mig;
    MigArena arena;
    MigState state;
    MigFailures failures;
    bool named;           /* one migration was named by its version */
    MigBytes *unfinished; /* versions of which a part is done, sorted */
    size_t unfinished_count;
    size_t unfinished_capacity;
    MigBytes *elsewhere; /* versions applied in other schemas, sorted */
    size_t elsewhere_count;
    size_t elsewhere_capacity;
    const MigEntry **pending; /* by checksum; NULL: not made yet */
    size_t pending_count;
    Repair *items;
    size_t count;
    size_t capacity;
} Repairs;

/* A list of versions that rows are collected in. */
typedef struct VersionList
{
    MigArena *arena;
    MigBytes **items;
    size_t *count;
    size_t *capacity;
} VersionList;

static MigStatus
collect_version(void *context, const MigValue *columns, size_t count,
                MigError *error)
{
    const VersionList *list = context;
    MigBytes *items =
        mig_array_reserve(list->arena, *list->items, *list->count,
                          list->capacity, sizeof(MigBytes), error);

    (void) count;
    if (items == NULL)
        return error->status;
    *list->items = items;
    items[(*list->count)++] = mig_copy(list->arena, columns[0].bytes, error);
    return error->status;
}

static int
compare_versions(const void *a, const void *b)
{
    return mig_position_compare(*(const MigBytes *) a, *(const MigBytes *) b);
}

/* Read the versions that a query about mig's target gives, and sort them. */
static void
read_versions(Repairs *repairs, MigSql sql, const VersionList *list)
{
    Mig *mig = repairs->mig;
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(mig->settings->target)};

    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    (void) mig->host->methods->query(mig->host, sql, arguments, 2,
                                     collect_version, (void *) list,
                                     mig->error);
    if (mig_ok(mig) && *list->count > 1)
        qsort(*list->items, *list->count, sizeof(MigBytes), compare_versions);
}

/* Whether a sorted list has a version. */
static bool
has_version(const MigBytes *items, size_t count, MigBytes version)
{
    return count > 0 && bsearch(&version, items, count, sizeof(MigBytes),
                                compare_versions) != NULL;
}

/* Whether an entry is withdrawn, and no mark in its directory says so. */
static bool
is_withdrawn(const MigEntry *entry)
{
    return !entry->applied && !entry->present;
}

/* Read all that a plan is made from. */
static void
read_all(Repairs *repairs)
{
    Mig *mig = repairs->mig;
    MigArena *arena = &repairs->arena;
    VersionList unfinished = {arena, &repairs->unfinished,
                              &repairs->unfinished_count,
                              &repairs->unfinished_capacity};
    VersionList elsewhere = {arena, &repairs->elsewhere,
                             &repairs->elsewhere_count,
                             &repairs->elsewhere_capacity};
    bool withdrawn = false;

    mig_state_read(mig, arena, &repairs->state);
    mig_failures_read(mig, arena, &repairs->failures);
    read_versions(repairs, MIG_SQL_EVENT_UNFINISHED, &unfinished);
    for (size_t i = 0; i < repairs->state.count; i++)
        withdrawn = withdrawn || is_withdrawn(&repairs->state.entries[i]);
    if (withdrawn)
        read_versions(repairs, MIG_SQL_APPLIED_ELSEWHERE, &elsewhere);
}

static int
compare_checksums(const void *a, const void *b)
{
    return mig_position_compare((*(const MigEntry *const *) a)->checksum,
                                (*(const MigEntry *const *) b)->checksum);
}

/* A pending migration that has the text of an applied one, or NULL. */
static const MigEntry *
find_same_text(Repairs *repairs, const MigEntry *entry)
{
    const MigState *state = &repairs->state;
    MigEntry wanted = {.checksum = entry->applied_checksum};
    const MigEntry *key = &wanted;
    const MigEntry **found;

    if (repairs->pending == NULL)
    {
        repairs->pending =
            mig_alloc_array(&repairs->arena, state->count, sizeof(MigEntry *),
                            repairs->mig->error);
        if (repairs->pending == NULL)
            return NULL;
        for (size_t i = 0; i < state->count; i++)
        {
            if (!state->entries[i].applied && state->entries[i].present)
                repairs->pending[repairs->pending_count++] = &state->entries[i];
        }
        qsort(repairs->pending, repairs->pending_count, sizeof(MigEntry *),
              compare_checksums);
    }
    found = bsearch(&key, repairs->pending, repairs->pending_count,
                    sizeof(MigEntry *), compare_checksums);
    return found == NULL ? NULL : *found;
}

/* Add a row to the plan. */
static void
add_repair(Repairs *repairs, const MigEntry *entry, const char *state,
           RepairKind kind, const char *detail)
{
    Repair *items = mig_array_reserve(&repairs->arena, repairs->items,
                                      repairs->count, &repairs->capacity,
                                      sizeof(Repair), repairs->mig->error);

    if (items == NULL || detail == NULL)
        return;
    repairs->items = items;
    items[repairs->count++] = (Repair){entry, state, kind, detail};
}

/* Plan what becomes of a migration of which a part is done. */
static void
plan_half_done(Repairs *repairs, const MigEntry *entry,
               const MigFailure *failure)
{
    Mig *mig = repairs->mig;
    const MigHostMethods *methods = mig->host->methods;
    const char *call =
        failure->back ? methods->outside_rollback : methods->outside_apply;
    MigBytes line = mig_failure_line(failure);
    MigBytes version = entry->version;

    if (call == NULL)
        call = failure->back ? "migrate_rollback()" : "migrate_apply()";
    if (repairs->named)
        add_repair(
            repairs, entry, "half done", REPAIR_FORGET,
            mig_format_string(&repairs->arena, mig->error,
                              "what is done of it%s is forgotten: the next "
                              "call runs it from its first statement; last in "
                              "the history is: %.*s",
                              failure->back ? "s way back" : "",
                              (int) mig_cut(line, 300).length, line.data));
    else
        add_repair(
            repairs, entry, "half done", REPAIR_KEEP,
            mig_format_string(
                &repairs->arena, mig->error,
                "%s goes on behind what is done; or finish it by hand and "
                "migrate_stamp(); or undo it by hand and "
                "migrate_repair('%.*s')",
                call, (int) version.length, version.data));
}

/* Plan what becomes of a failure. */
static void
plan_failure(Repairs *repairs, const MigEntry *entry, const MigFailure *failure)
{
    MigBytes line;

    if (failure == NULL)
        return;
    if (!failure->failed ||
        has_version(repairs->unfinished, repairs->unfinished_count,
                    entry->version))
    {
        plan_half_done(repairs, entry, failure);
        return;
    }
    line = mig_cut(mig_failure_line(failure), 300);
    add_repair(repairs, entry, "failed", REPAIR_ACKNOWLEDGE,
               mig_format_string(&repairs->arena, repairs->mig->error,
                                 "the failed attempt%s counts no more: %.*s",
                                 failure->back ? " of its way back" : "",
                                 (int) line.length, line.data));
}

/* Plan what becomes of a migration that is applied, and has no file. */
static void
plan_missing(Repairs *repairs, const MigEntry *entry)
{
    const MigEntry *other = find_same_text(repairs, entry);

    if (other == NULL || repairs->named)
        add_repair(repairs, entry, "missing", REPAIR_TOMBSTONE,
                   "deleted on purpose: it stays applied, and keeps its way "
                   "back");
    else
        add_repair(
            repairs, entry, "missing", REPAIR_KEEP,
            mig_format_string(
                &repairs->arena, repairs->mig->error,
                "\"%.*s\" is pending with the same text: give its file the "
                "version \"%.*s\" again",
                (int) other->version.length, other->version.data,
                (int) entry->version.length, entry->version.data));
}

/* Plan what becomes of a migration that is not applied, and has no file. */
static void
plan_withdrawn(Repairs *repairs, const MigEntry *entry)
{
    bool elsewhere = has_version(repairs->elsewhere, repairs->elsewhere_count,
                                 entry->version);

    add_repair(repairs, entry, "withdrawn",
               elsewhere ? REPAIR_KEEP : REPAIR_REMOVE,
               elsewhere ? "it is applied in another schema"
                         : "taken out of the list; it comes back with its "
                           "file");
}

/* Plan what becomes of one entry. */
static void
plan_entry(Repairs *repairs, const MigEntry *entry)
{
    Mig *mig = repairs->mig;
    const MigFailure *back = mig_failures_find_back(&repairs->failures, entry);

    plan_failure(repairs, entry, mig_failures_find(&repairs->failures, entry));
    if (back != NULL && entry->applied)
        plan_failure(repairs, entry, back);
    if (mig_entry_missing(entry))
        plan_missing(repairs, entry);
    else if (is_withdrawn(entry))
        plan_withdrawn(repairs, entry);
    else if (entry->applied && mig_entry_changed(mig, entry))
        add_repair(repairs, entry, "changed", REPAIR_ACCEPT,
                   "its present text becomes the one that was applied, its way "
                   "back too; the schema is not touched");
}

/* The one entry of a version, or NULL. */
static const MigEntry *
find_named(Mig *mig, const MigState *state, MigBytes version)
{
    MigTarget target;

    mig_target_read(mig, state, version, false, &target);
    if (!mig_ok(mig))
        return NULL;
    if (target.kind == MIG_TARGET_VERSION)
        return target.entry;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "\"%.*s\" is a target, not a version",
                    (int) mig_cut(version, 80).length, version.data);
    mig_fail_hint(mig->error, "Without an argument all migrations are meant.");
    return NULL;
}

/* Make the plan. */
static void
make_plan(Mig *mig, Repairs *repairs, MigBytes version)
{
    const MigEntry *entry = NULL;

    memset(repairs, 0, sizeof(*repairs));
    repairs->mig = mig;
    repairs->arena.host = mig->host;
    repairs->named = version.data != NULL;
    read_all(repairs);
    if (mig_ok(mig) && repairs->named)
        entry = find_named(mig, &repairs->state, version);
    for (size_t i = 0; repairs->state.entries != NULL &&
                       i < repairs->state.count && mig_ok(mig);
         i++)
    {
        if (!repairs->named || &repairs->state.entries[i] == entry)
            plan_entry(repairs, &repairs->state.entries[i]);
    }
}

void
mig_repair_plan(Mig *mig, MigCall *call, MigBytes version)
{
    Repairs repairs;

    make_plan(mig, &repairs, version);
    for (size_t i = 0; i < repairs.count && mig_ok(mig); i++)
    {
        const Repair *item = &repairs.items[i];
        MigValue row[] = {
            mig_text_value(item->entry->version), mig_string(item->state),
            mig_string(actions[item->kind]), mig_string(item->detail)};

        (void) call->emit(call, row, 4);
    }
    mig_arena_release(&repairs.arena);
}

/* Add the event of a repair. */
static void
add_event(Mig *mig, const Repair *item, const char *checksum)
{
    /* What it is about is the directory of all schemas, or this one alone. */
    MigEvent event = {actions[item->kind],
                      item->entry->version,
                      item->entry->name,
                      MIG_OUTCOME_OK,
                      -1,
                      checksum,
                      item->detail,
                      item->kind == REPAIR_TOMBSTONE ||
                          item->kind == REPAIR_REMOVE};

    (void) mig_event_add(mig, &event);
}

/* Replace the text of an applied migration's record by the present one. */
static void
do_accept(Mig *mig, const Repair *item)
{
    Repair done = *item;
    MigStep step;

    mig_step_fetch(mig, MIG_FORWARD, item->entry, &step);
    mig_step_require_trust(mig, &step);
    done.detail = mig_step_replace_record(mig, &step, item->detail);
    add_event(mig, &done, step.checksum);
    mig_step_close(mig, &step);
}

/* Mark a migration as deleted on purpose. */
static void
do_tombstone(Mig *mig, MigArena *arena, const Repair *item)
{
    MigText options = {arena, mig->error, NULL, 0, 0};
    MigValue arguments[3];

    mig_text_append(&options, item->entry->options);
    mig_text_append_string(&options, MIG_DELETED ":true\n");
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(item->entry->version);
    arguments[2] = mig_text_value(mig_text_bytes(&options));
    mig_write(mig, MIG_SQL_MIGRATION_OPTIONS, arguments, 3);
    add_event(mig, item, NULL);
}

/* Take a migration out of the list. */
static void
do_remove(Mig *mig, const Repair *item)
{
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(item->entry->version)};

    mig_write(mig, MIG_SQL_MIGRATION_DELETE, arguments, 2);
    add_event(mig, item, NULL);
}

/* Do what a row of the plan says; returns whether that is anything. */
static bool
do_repair(Mig *mig, MigArena *arena, const Repair *item)
{
    switch (item->kind)
    {
        case REPAIR_ACCEPT:
            do_accept(mig, item);
            return true;
        case REPAIR_ACKNOWLEDGE:
            add_event(mig, item, NULL);
            return true;
        case REPAIR_FORGET:
            mig_recorded_forget(mig, item->entry->version);
            add_event(mig, item, NULL);
            return true;
        case REPAIR_TOMBSTONE:
            do_tombstone(mig, arena, item);
            return true;
        case REPAIR_REMOVE:
            do_remove(mig, item);
            return true;
        case REPAIR_KEEP:
            break;
    }
    return false;
}

/* Tell the user what is left as it is. */
static void
tell_kept(Mig *mig, const Repair *item)
{
    const char *message = mig_format_string(
        mig->arena, mig->error, "migration \"%.*s\" is %s, and left so: %s",
        (int) item->entry->version.length, item->entry->version.data,
        item->state, item->detail);

    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

int64_t
mig_repair(Mig *mig, MigBytes version)
{
    Repairs repairs;
    int64_t count = 0;
    MigMark mark;

    /* In a database that has no tables of ours there is nothing to repair. */
    if (!mig->has_catalogue)
    {
        mig_require_writable(mig, "migrate_repair");
        make_plan(mig, &repairs, version);
        mig_arena_release(&repairs.arena);
        return 0;
    }
    mig_write_begin(mig, "migrate_repair", &mark);
    make_plan(mig, &repairs, version);
    for (size_t i = 0; i < repairs.count && mig_ok(mig); i++)
    {
        if (do_repair(mig, &repairs.arena, &repairs.items[i]))
            count++;
        else
            tell_kept(mig, &repairs.items[i]);
    }
    mig_write_end(mig, &mark);
    mig_arena_release(&repairs.arena);
    return mig_ok(mig) ? count : 0;
}

/* Fail unless an entry has a present text that can be accepted. */
static void
require_acceptable(Mig *mig, const MigEntry *entry)
{
    MigBytes version = entry->version;

    if (!entry->applied)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" is not applied: there is nothing "
                        "to accept",
                        (int) version.length, version.data);
        mig_fail_hint(mig->error,
                      "migrate_apply('%.*s') runs it; migrate_stamp('%.*s') "
                      "records it without running it.",
                      (int) version.length, version.data, (int) version.length,
                      version.data);
    }
    else if (!entry->present || entry->deleted)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" is not in its directory any more",
                        (int) version.length, version.data);
        mig_fail_hint(mig->error,
                      "When it was deleted on purpose, migrate_repair('%.*s') "
                      "says so.",
                      (int) version.length, version.data);
    }
}

int64_t
mig_repair_accept(Mig *mig, MigBytes version)
{
    MigArena arena = {mig->host, NULL};
    Repair item = {NULL, "changed", REPAIR_ACCEPT,
                   "its present text is the one that was applied"};
    bool done = false;
    MigState state;
    MigMark mark;

    mig_write_begin(mig, "migrate_accept", &mark);
    mig_state_read(mig, &arena, &state);
    if (mig_ok(mig))
        item.entry = find_named(mig, &state, version);
    if (mig_ok(mig))
        require_acceptable(mig, item.entry);
    if (mig_ok(mig) && mig_entry_difference(mig, item.entry) != MIG_SAME_TEXT &&
        mig_ok(mig))
    {
        do_accept(mig, &item);
        done = true;
    }
    mig_write_end(mig, &mark);
    mig_arena_release(&arena);
    return mig_ok(mig) && done ? 1 : 0;
}
