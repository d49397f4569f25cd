#include "mig_plan.h"

#include <stdlib.h>

#include "mig_baseline.h"
#include "mig_checkpoint.h"
#include "mig_migration.h"
#include "mig_setting.h"
#include "mig_version.h"

/* A plan being made for apply. */
typedef struct Planner
{
    Mig *mig;
    const MigState *state;
    MigPlan *plan;
    MigBytes passed;      /* see MigTarget */
    unsigned char *marks; /* for each entry: 1 being looked at, 2 planned */
    const MigEntry *checkpoint; /* that the way begins with, or began with */
} Planner;

/* Whether an entry is to be applied on the way to head. */
static bool
is_wanted(Mig *mig, const MigEntry *entry)
{
    bool skipped;

    if (!mig_ok(mig) || !mig_entry_pending(mig, entry) ||
        mig_entry_ahead(mig, entry))
        return false;
    skipped = mig_entry_skipped(mig, entry) != NULL;
    mig_fail_prefix(mig->error,
                    "migration \"%.*s\": ", (int) entry->version.length,
                    entry->version.data);
    return !skipped && mig_ok(mig);
}

/*
 * Whether a run has been at an entry before it planned anew, and left it as it
 * was: run once more, passed over, or failed without ending the run.  Each of
 * these is done once in a run, however often others make it plan anew.
 */
static bool
was_met(const MigEntry *entry, MigBytes passed)
{
    return passed.data != NULL &&
           mig_position_compare(entry->position, passed) <= 0 &&
           (entry->rerun == MIG_RERUN_ALWAYS ||
            mig_option(entry->options, "failure").data != NULL ||
            mig_option(entry->options, "precondition").data != NULL);
}

/* Whether an entry is part of a run towards head: wanted, or always run. */
static bool
is_due(Planner *planner, const MigEntry *entry)
{
    Mig *mig = planner->mig;

    if (was_met(entry, planner->passed))
        return false;
    return is_wanted(mig, entry) ||
           (mig_entry_runs_always(entry) && !mig_entry_ahead(mig, entry) &&
            mig_entry_skipped(mig, entry) == NULL);
}

/* Fail, or warn, for a pending migration below an applied one. */
static void
check_order(Planner *planner, const MigEntry *entry)
{
    Mig *mig = planner->mig;
    const char *message;

    if (mig_entry_order_free(mig, entry) ||
        !mig_entry_out_of_order(planner->state, entry) || !mig_ok(mig))
        return;
    if (mig_setting_is(mig, "out_of_order", "error"))
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" is out of order: later ones are "
                        "applied already",
                        (int) entry->version.length, entry->version.data);
        mig_fail_hint(mig->error,
                      "Give it a later version; or allow it, for this one by "
                      "a line \"-- migrate:out-of-order\" at its head, for "
                      "all with migrate_config('out_of_order', 'allow').");
        return;
    }
    message = mig_format_string(
        mig->arena, mig->error, "migration \"%.*s\" is applied out of order",
        (int) entry->version.length, entry->version.data);
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

static void plan_entry(Planner *planner, const MigEntry *entry, unsigned depth);

/* Plan what an entry requires, or fail when that cannot be had. */
static void
plan_required(Planner *planner, const MigEntry *entry, MigBytes version,
              unsigned depth)
{
    Mig *mig = planner->mig;
    const MigEntry *required = mig_state_find(mig, planner->state, version);

    if (required == NULL && mig_baseline_has(mig, planner->state, version))
        return;
    if (required != NULL &&
        (required->applied ||
         mig_checkpoint_covers(planner->checkpoint, required)))
        return;
    if (required != NULL && is_wanted(mig, required))
    {
        plan_entry(planner, required, depth + 1);
        return;
    }
    (void) mig_fail(mig->error, MIG_STATE,
                    "migration \"%.*s\" requires \"%.*s\", which %s",
                    (int) entry->version.length, entry->version.data,
                    (int) version.length, version.data,
                    required == NULL    ? "is not known"
                    : required->deleted ? "was deleted"
                    : required->present ? "is skipped here"
                                        : "was withdrawn");
    mig_fail_hint(mig->error,
                  required != NULL && required->present && !required->deleted
                      ? "SELECT * FROM migrate_status() says why it is."
                      : "Bring it with migrate_load() or migrate_add(), or "
                        "take the requirement out of \"%.*s\" and load that "
                        "again.",
                  (int) entry->version.length, entry->version.data);
}

/* Fail when something that an entry cannot be together with is applied, or
 * planned before it. */
static void
check_conflicts(Planner *planner, const MigEntry *entry)
{
    Mig *mig = planner->mig;
    const MigState *state = planner->state;
    MigBytes version;
    size_t at = 0;

    while (mig_ok(mig) && mig_next_word(mig_option(entry->options, "conflicts"),
                                        &at, " ", &version))
    {
        const MigEntry *other = mig_state_find(mig, state, version);

        if (other == NULL || other == entry ||
            (!other->applied && planner->marks[other - state->entries] != 2))
            continue;
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" conflicts with \"%.*s\", which is "
                        "applied",
                        (int) entry->version.length, entry->version.data,
                        (int) version.length, version.data);
        mig_fail_hint(mig->error,
                      "Roll \"%.*s\" back first, with migrate_rollback().",
                      (int) version.length, version.data);
    }
}

/* Add an entry to the plan, behind those it requires. */
static void
plan_entry(Planner *planner, const MigEntry *entry, unsigned depth)
{
    Mig *mig = planner->mig;
    size_t index = (size_t) (entry - planner->state->entries);
    MigBytes version;
    size_t at = 0;

    if (!mig_ok(mig) || planner->marks[index] == 2)
        return;
    if (planner->marks[index] == 1 || depth > 10000)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "the requirements of migration \"%.*s\" run in a "
                        "circle",
                        (int) entry->version.length, entry->version.data);
        mig_fail_hint(mig->error, "Take one of them out of its file, and "
                                  "migrate_load() that again.");
        return;
    }
    planner->marks[index] = 1;
    while (mig_ok(mig) && mig_next_word(entry->requires, &at, "\n", &version))
        plan_required(planner, entry, version, depth);
    if (mig_ok(mig))
        check_order(planner, entry);
    check_conflicts(planner, entry);
    planner->marks[index] = 2;
    planner->plan->steps[planner->plan->count++] = entry;
}

/* An index behind an entry, and behind checkpoints that come up to it. */
static size_t
limit_of(const MigState *state, const MigEntry *entry)
{
    size_t limit = (size_t) (entry - state->entries) + 1;

    while (limit < state->count &&
           mig_checkpoint_is_up_to(&state->entries[limit], entry->version))
        limit++;
    return limit;
}

/*
 * The highest position to be applied, as an index behind it: all candidates
 * below run.
 */
static size_t
plan_limit(Mig *mig, const MigState *state, const MigTarget *target)
{
    int64_t steps = 0;

    switch (target->kind)
    {
        case MIG_TARGET_HEAD:
            return state->count;
        case MIG_TARGET_VERSION:
            return limit_of(state, target->entry);
        case MIG_TARGET_FORWARD:
            break;
        case MIG_TARGET_BASE:
        case MIG_TARGET_BACK:
            (void) mig_fail(
                mig->error, MIG_INVALID, "target \"%.*s\" lies behind",
                (int) mig_cut(target->text, 80).length, target->text.data);
            mig_fail_hint(mig->error,
                          "Targets behind are for migrate_rollback().");
            return 0;
    }
    for (size_t i = 0; i < state->count; i++)
    {
        if (steps == target->steps)
            return i;
        if (!mig_checkpoint_covers(state->checkpoint, &state->entries[i]) &&
            is_wanted(mig, &state->entries[i]))
            steps++;
    }
    return state->count;
}

/* Fail when the one version that is asked for cannot be applied. */
static void
require_wanted(Mig *mig, const MigTarget *target, const MigEntry *checkpoint)
{
    const MigEntry *entry = target->entry;
    bool covered;

    if (!mig_ok(mig) || target->kind != MIG_TARGET_VERSION || entry->applied)
        return;
    covered = mig_checkpoint_covers(checkpoint, entry);
    if (covered ? entry->baseline.data != NULL ||
                      (checkpoint != NULL && entry < checkpoint)
                : is_wanted(mig, entry))
        return;
    (void) mig_fail(mig->error, MIG_STATE,
                    "migration \"%.*s\" is not applied here: %s",
                    (int) entry->version.length, entry->version.data,
                    entry->deleted    ? "its file was deleted on purpose"
                    : !entry->present ? "it was withdrawn"
                    : mig_entry_ahead(mig, entry)
                        ? "it is of a newer release than the directory loaded"
                    : covered ? mig_checkpoint_reason(mig, checkpoint, entry)
                              : mig_entry_skipped(mig, entry));
    mig_fail_hint(mig->error, "SELECT * FROM migrate_status() says more.");
}

void
mig_plan_apply(Mig *mig, MigArena *arena, const MigState *state,
               const MigTarget *target, MigPlan *plan)
{
    Planner planner = {mig, state, plan, target->passed, NULL, NULL};
    size_t limit;

    memset(plan, 0, sizeof(*plan));
    if (!mig_ok(mig))
        return;
    limit = plan_limit(mig, state, target);
    planner.checkpoint = mig_checkpoint_find(mig, state, limit);
    require_wanted(mig, target, planner.checkpoint);
    planner.marks = mig_alloc(arena, state->count, mig->error);
    plan->steps =
        mig_alloc_array(arena, state->count, sizeof(MigEntry *), mig->error);
    for (size_t i = 0; i < limit && mig_ok(mig); i++)
    {
        if (!mig_checkpoint_covers(planner.checkpoint, &state->entries[i]) &&
            is_due(&planner, &state->entries[i]))
            plan_entry(&planner, &state->entries[i], 0);
    }
    if (plan->count > 0)
        mig_plan_check(mig, state);
}

static int
compare_ordinals(const void *a, const void *b)
{
    const MigEntry *first = *(const MigEntry *const *) a;
    const MigEntry *second = *(const MigEntry *const *) b;

    return (first->ordinal < second->ordinal) -
           (first->ordinal > second->ordinal);
}

/* Record that there is nothing to be undone. */
static void
fail_none(Mig *mig)
{
    (void) mig_fail(mig->error, MIG_STATE, "no migration is applied");
    mig_fail_hint(mig->error,
                  "SELECT * FROM migrate_status() lists what there is; "
                  "migrate_stamp('<version>') records what was run by hand.");
}

/* Record that there are fewer steps back than were asked for. */
static void
fail_too_many(Mig *mig, size_t count)
{
    if (count == 0)
        fail_none(mig);
    else
        (void) mig_fail(
            mig->error, MIG_STATE, "there %s only %zu migration%s to roll back",
            count == 1 ? "is" : "are", count, count == 1 ? "" : "s");
    if (count > 0)
        mig_fail_hint(mig->error, "migrate_rollback('base') takes all of them "
                                  "back.");
}

/* How many of the applied ones, newest first, are to be undone. */
static size_t
rollback_length(Mig *mig, const MigPlan *applied, const MigTarget *target)
{
    switch (target->kind)
    {
        case MIG_TARGET_HEAD:
            return 0;
        case MIG_TARGET_BASE:
            return applied->count;
        case MIG_TARGET_BACK:
            if (target->steps > (int64_t) applied->count)
                fail_too_many(mig, applied->count);
            return (size_t) target->steps;
        case MIG_TARGET_FORWARD:
            (void) mig_fail(
                mig->error, MIG_INVALID, "target \"%.*s\" lies ahead",
                (int) mig_cut(target->text, 80).length, target->text.data);
            mig_fail_hint(mig->error, "Targets ahead are for migrate_apply().");
            return 0;
        case MIG_TARGET_VERSION:
            break;
    }
    if (!target->entry->applied)
    {
        (void) mig_fail(
            mig->error, MIG_STATE, "migration \"%.*s\" is not applied",
            (int) target->entry->version.length, target->entry->version.data);
        mig_fail_hint(mig->error,
                      "A rollback ends at one that is; migrate_apply('%.*s') "
                      "goes up to this one.",
                      (int) target->entry->version.length,
                      target->entry->version.data);
        return 0;
    }
    for (size_t i = 0; i < applied->count; i++)
    {
        if (applied->steps[i]->ordinal <= target->entry->ordinal)
            return i;
    }
    return applied->count;
}

/* Record that a migration cannot be undone. */
static void
fail_irreversible(Mig *mig, const MigEntry *entry)
{
    (void) mig_fail(mig->error, MIG_STATE,
                    "migration \"%.*s\" has no way back: nothing was rolled "
                    "back",
                    (int) entry->version.length, entry->version.data);
    mig_fail_hint(mig->error,
                  "migrate_rollback('%.*s') goes back as far as this one.  To "
                  "give it a way back, write one into its file, load it, and "
                  "migrate_accept('%.*s').",
                  (int) entry->version.length, entry->version.data,
                  (int) entry->version.length, entry->version.data);
}

/* Fail when a step has no way back. */
static void
require_reversible(Mig *mig, const MigPlan *plan)
{
    for (size_t i = 0; i < plan->count && mig_ok(mig); i++)
    {
        const MigEntry *entry = plan->steps[i];

        if (entry->applied_has_down)
            continue;
        fail_irreversible(mig, entry);
    }
}

/* The entry of a target, or the applied checkpoint that comes up to it. */
static const MigEntry *
stand_in(const MigState *state, const MigEntry *entry)
{
    const MigEntry *last = &state->entries[limit_of(state, entry) - 1];

    return !entry->applied && last->applied ? last : entry;
}

void
mig_plan_rollback(Mig *mig, MigArena *arena, const MigState *state,
                  const MigTarget *target, MigPlan *plan)
{
    MigTarget at = *target;

    memset(plan, 0, sizeof(*plan));
    plan->steps =
        mig_alloc_array(arena, state->count, sizeof(MigEntry *), mig->error);
    if (!mig_ok(mig))
        return;
    for (size_t i = 0; i < state->count; i++)
    {
        if (state->entries[i].applied && !state->entries[i].repeatable)
            plan->steps[plan->count++] = &state->entries[i];
    }
    if (plan->count > 1)
        qsort(plan->steps, plan->count, sizeof(MigEntry *), compare_ordinals);
    if (at.kind == MIG_TARGET_VERSION)
        at.entry = stand_in(state, at.entry);
    plan->count = rollback_length(mig, plan, &at);
    require_reversible(mig, plan);
}

/* The migration that was applied last, repeatables left out, or NULL. */
static const MigEntry *
newest_applied(const MigState *state)
{
    const MigEntry *newest = NULL;

    for (size_t i = 0; i < state->count; i++)
    {
        const MigEntry *entry = &state->entries[i];

        if (entry->applied && !entry->repeatable &&
            (newest == NULL || entry->ordinal > newest->ordinal))
            newest = entry;
    }
    return newest;
}

/* Record that a migration cannot be done again. */
static void
fail_gone(Mig *mig, const MigEntry *entry)
{
    (void) mig_fail(mig->error, MIG_STATE,
                    "migration \"%.*s\" is not in its directory any more",
                    (int) entry->version.length, entry->version.data);
    mig_fail_hint(mig->error,
                  "Bring its file back and load it; migrate_rollback() takes "
                  "it back without.");
}

/* Fail for a reason that is a version: other functions take one first. */
static void
refuse_version(Mig *mig, const MigState *state, const MigEntry *newest)
{
    const MigEntry *named = mig->reason.data == NULL
                                ? NULL
                                : mig_state_find(mig, state, mig->reason);

    if (named == NULL || newest == NULL || !mig_ok(mig))
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "migrate_redo takes a reason, and \"%.*s\" is a version",
                    (int) mig_cut(mig->reason, 100).length, mig->reason.data);
    mig_fail_detail(mig->error,
                    "It redoes the migration that was applied last, \"%.*s\".",
                    (int) newest->version.length, newest->version.data);
    mig_fail_hint(mig->error,
                  "migrate_rollback('<version>') goes back to a version, and "
                  "migrate_apply() forward again.  For the last one, call "
                  "migrate_redo() or write another reason.");
}

void
mig_plan_redo(Mig *mig, MigArena *arena, const MigState *state, MigPlan *plan)
{
    const MigEntry *entry = mig_ok(mig) ? newest_applied(state) : NULL;

    memset(plan, 0, sizeof(*plan));
    plan->steps = mig_alloc_array(arena, 1, sizeof(MigEntry *), mig->error);
    refuse_version(mig, state, entry);
    if (!mig_ok(mig))
        return;
    if (entry == NULL)
        fail_none(mig);
    else if (!entry->applied_has_down)
        fail_irreversible(mig, entry);
    else if (!entry->present || entry->deleted)
        fail_gone(mig, entry);
    else
        plan->steps[plan->count++] = entry;
}

/* What is recorded behind an index, the last first. */
static void
plan_unstamp(Mig *mig, MigArena *arena, const MigState *state, size_t limit,
             bool repeatables, MigPlan *plan)
{
    memset(plan, 0, sizeof(*plan));
    plan->steps =
        mig_alloc_array(arena, state->count, sizeof(MigEntry *), mig->error);
    for (size_t i = state->count; i-- > limit && mig_ok(mig);)
    {
        const MigEntry *entry = &state->entries[i];

        if (entry->applied && (repeatables || !entry->repeatable))
            plan->steps[plan->count++] = entry;
    }
}

/* Add an entry to a stamp, behind what it requires as far as that is wanted. */
static void
stamp_entry(Planner *planner, const MigEntry *entry, size_t limit)
{
    Mig *mig = planner->mig;
    size_t index = (size_t) (entry - planner->state->entries);
    MigBytes version;
    size_t at = 0;

    if (index >= limit || planner->marks[index] != 0 ||
        mig_checkpoint_covers(planner->checkpoint, entry) ||
        !is_wanted(mig, entry))
        return;
    planner->marks[index] = 1;
    while (mig_ok(mig) && mig_next_word(entry->requires, &at, "\n", &version))
    {
        const MigEntry *required = mig_state_find(mig, planner->state, version);

        if (required != NULL)
            stamp_entry(planner, required, limit);
    }
    planner->plan->steps[planner->plan->count++] = entry;
}

void
mig_plan_stamp(Mig *mig, MigArena *arena, const MigState *state,
               const MigTarget *target, MigPlan *back, MigPlan *forward)
{
    Planner planner = {mig, state, forward, {NULL, 0}, NULL, NULL};
    bool base = target->kind == MIG_TARGET_BASE;
    size_t limit = 0;

    if (mig_ok(mig) && !base)
    {
        limit = plan_limit(mig, state, target);
        planner.checkpoint = mig_checkpoint_find(mig, state, limit);
    }
    plan_unstamp(mig, arena, state, limit, base, back);
    memset(forward, 0, sizeof(*forward));
    forward->steps =
        mig_alloc_array(arena, state->count, sizeof(MigEntry *), mig->error);
    planner.marks = mig_alloc(arena, state->count, mig->error);
    for (size_t i = 0; i < limit && mig_ok(mig); i++)
        stamp_entry(&planner, &state->entries[i], limit);
}
