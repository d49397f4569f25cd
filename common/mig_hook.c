#include "mig_hook.h"

#include "mig_version.h"

static const char *const notes[MIG_HOOK_MOMENTS] = {
    [MIG_HOOK_BEFORE_APPLY] = "runs before a run that applies",
    [MIG_HOOK_BEFORE_EACH_APPLY] = "runs before each migration is applied",
    [MIG_HOOK_AFTER_EACH_APPLY] = "runs after each migration is applied",
    [MIG_HOOK_AFTER_APPLY] = "runs after a run that has applied",
    [MIG_HOOK_BEFORE_ROLLBACK] = "runs before a run that rolls back",
    [MIG_HOOK_BEFORE_EACH_ROLLBACK] =
        "runs before each migration is rolled back",
    [MIG_HOOK_AFTER_EACH_ROLLBACK] = "runs after each migration is rolled back",
    [MIG_HOOK_AFTER_ROLLBACK] = "runs after a run that has rolled back",
};

MigBytes
mig_hook_position(Mig *mig, MigHookMoment moment, MigBytes name)
{
    MigText position = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_format(&position, MIG_POSITION_HOOK "%c",
                           (char) ('0' + (int) moment));
    mig_text_append(&position, name);
    return mig_text_bytes(&position);
}

bool
mig_hook_is_at(MigBytes position)
{
    return mig_starts_with(position, MIG_POSITION_HOOK);
}

/* When the hook at a position runs; MIG_HOOK_MOMENTS: it is none. */
static MigHookMoment
moment_of(MigBytes position)
{
    if (!mig_hook_is_at(position) || position.length < 2 ||
        position.data[1] < '0' || position.data[1] >= '0' + MIG_HOOK_MOMENTS)
        return MIG_HOOK_MOMENTS;
    return (MigHookMoment) (position.data[1] - '0');
}

const char *
mig_hook_note(MigBytes position)
{
    MigHookMoment moment = moment_of(position);

    return moment == MIG_HOOK_MOMENTS ? "never runs" : notes[moment];
}

bool
mig_hook_is_before(const MigEntry *entry)
{
    MigHookMoment moment = moment_of(entry->position);

    return moment == MIG_HOOK_BEFORE_APPLY ||
           moment == MIG_HOOK_BEFORE_ROLLBACK;
}

/* Whether a hook is to run here. */
static bool
is_wanted(Mig *mig, const MigEntry *hook)
{
    const char *skipped;

    if (!mig_ok(mig) || !hook->present || mig_entry_ahead(mig, hook))
        return false;
    skipped = mig_entry_skipped(mig, hook);
    mig_fail_prefix(mig->error, "hook \"%.*s\": ", (int) hook->version.length,
                    hook->version.data);
    return skipped == NULL && mig_ok(mig);
}

/* Whether hooks of a moment run with each migration. */
static bool
is_of_each(MigHookMoment moment)
{
    return moment == MIG_HOOK_BEFORE_EACH_APPLY ||
           moment == MIG_HOOK_AFTER_EACH_APPLY ||
           moment == MIG_HOOK_BEFORE_EACH_ROLLBACK ||
           moment == MIG_HOOK_AFTER_EACH_ROLLBACK;
}

void
mig_hooks_open(Mig *mig, const MigState *state, MigHooks *hooks)
{
    hooks->count = 0;
    if (!mig_ok(mig) || state->hook_count == 0)
        return;
    hooks->steps = mig_alloc_array(&hooks->arena, state->hook_count,
                                   sizeof(MigStep), mig->error);
    for (size_t i = 0; i < state->hook_count && mig_ok(mig); i++)
    {
        const MigEntry *hook = &state->hooks[i];

        if (!is_of_each(moment_of(hook->position)) || !is_wanted(mig, hook))
            continue;
        mig_step_open(mig, MIG_FORWARD, hook, &hooks->steps[hooks->count]);
        mig_step_require_trust(mig, &hooks->steps[hooks->count++]);
    }
}

void
mig_hooks_close(Mig *mig, MigHooks *hooks)
{
    for (size_t i = 0; i < hooks->count; i++)
        mig_step_close(mig, &hooks->steps[i]);
    hooks->count = 0;
    mig_arena_release(&hooks->arena);
}

/* The moment of the hooks at a place of a step. */
static MigHookMoment
moment_at(const MigStep *step, MigHookPlace place)
{
    if (step->direction == MIG_FORWARD)
        return place == MIG_HOOK_BEFORE ? MIG_HOOK_BEFORE_EACH_APPLY
                                        : MIG_HOOK_AFTER_EACH_APPLY;
    return place == MIG_HOOK_BEFORE ? MIG_HOOK_BEFORE_EACH_ROLLBACK
                                    : MIG_HOOK_AFTER_EACH_ROLLBACK;
}

void
mig_hooks_visit(const MigStep *step, MigHookPlace place,
                MigHookFunction function, void *context)
{
    MigHookMoment moment = moment_at(step, place);

    for (size_t i = 0; step->hooks != NULL && i < step->hooks->count; i++)
    {
        MigStep *hook = &step->hooks->steps[i];

        if (moment_of(hook->entry->position) == moment)
            function(context, hook);
    }
}

/* A MigHookFunction: run a hook; context is mig.  A script is run once, so it
 * is taken apart for each migration. */
static void
run_hook(void *context, MigStep *hook)
{
    mig_work_renew(context, &hook->work);
    mig_work_run(context, &hook->work);
}

static void
run_hook_session(void *context, MigStep *hook)
{
    mig_work_run_session(context, &hook->work, INT64_MAX);
}

static void
require_hook_runnable(void *context, MigStep *hook)
{
    Mig *mig = context;

    mig_work_require_inside(mig, &hook->work);
}

static void
surround_hook(void *context, MigStep *hook)
{
    mig_work_surround(context, &hook->work);
}

static void
look_around(void *context, MigStep *hook)
{
    bool *around = context;

    *around = *around || hook->work.around;
}

/* Say with which migration a hook has failed. */
static void
name_migration(Mig *mig, const MigStep *step)
{
    mig_fail_prefix(mig->error,
                    "migration \"%.*s\": ", (int) step->entry->version.length,
                    step->entry->version.data);
}

void
mig_hooks_run(Mig *mig, const MigStep *step, MigHookPlace place)
{
    if (!mig_ok(mig))
        return;
    mig_hooks_visit(step, place, run_hook, mig);
    name_migration(mig, step);
}

void
mig_hooks_run_session(Mig *mig, const MigStep *step)
{
    mig_hooks_visit(step, MIG_HOOK_BEFORE, run_hook_session, mig);
}

void
mig_hooks_require_runnable(Mig *mig, const MigStep *step)
{
    if (!mig_ok(mig))
        return;
    mig_hooks_visit(step, MIG_HOOK_BEFORE, require_hook_runnable, mig);
    mig_hooks_visit(step, MIG_HOOK_AFTER, require_hook_runnable, mig);
    name_migration(mig, step);
}

void
mig_hooks_surround(Mig *mig, const MigStep *step)
{
    mig_hooks_visit(step, MIG_HOOK_BEFORE, surround_hook, mig);
    mig_hooks_visit(step, MIG_HOOK_AFTER, surround_hook, mig);
}

bool
mig_hooks_around(const MigStep *step)
{
    bool around = false;

    mig_hooks_visit(step, MIG_HOOK_BEFORE, look_around, &around);
    mig_hooks_visit(step, MIG_HOOK_AFTER, look_around, &around);
    return around;
}

/* A MigHookFunction: append a hook's name; context is a text. */
static void
append_name(void *context, MigStep *hook)
{
    MigText *names = context;

    if (names->length > 0)
        mig_text_append_string(names, ", ");
    mig_text_append(names, hook->entry->version);
}

MigBytes
mig_hooks_names(Mig *mig, MigStep *step)
{
    MigText names = {&step->arena, mig->error, NULL, 0, 0};
    MigBytes absent = {NULL, 0};

    mig_hooks_visit(step, MIG_HOOK_BEFORE, append_name, &names);
    mig_hooks_visit(step, MIG_HOOK_AFTER, append_name, &names);
    return names.length == 0 ? absent : mig_text_bytes(&names);
}

/* Append the hooks of a moment to a plan. */
static void
append_moment(Mig *mig, const MigState *state, MigHookMoment moment,
              MigPlan *plan)
{
    for (size_t i = 0; i < state->hook_count && mig_ok(mig); i++)
    {
        const MigEntry *hook = &state->hooks[i];

        if (moment_of(hook->position) == moment && is_wanted(mig, hook))
            plan->steps[plan->count++] = hook;
    }
}

/* Leave out the first steps behind an index. */
static void
leave_out(MigPlan *plan, size_t index, size_t count)
{
    size_t left = plan->count - index;

    if (count > left)
        count = left;
    memmove(&plan->steps[index], &plan->steps[index + count],
            (left - count) * sizeof(MigEntry *));
    plan->count -= count;
}

void
mig_hooks_wrap(Mig *mig, MigArena *arena, const MigState *state,
               const MigHookRun *run, MigPlan *plan)
{
    MigPlan wrapped = {NULL, 0};
    size_t behind;

    if (!mig_ok(mig) || state->hook_count == 0 ||
        (plan->count == 0 && !run->begun))
        return;
    wrapped.steps = mig_alloc_array(arena, plan->count + 4 * state->hook_count,
                                    sizeof(MigEntry *), mig->error);
    if (wrapped.steps == NULL)
        return;
    if (run->rollback)
        append_moment(mig, state, MIG_HOOK_BEFORE_ROLLBACK, &wrapped);
    if (run->apply)
        append_moment(mig, state, MIG_HOOK_BEFORE_APPLY, &wrapped);
    leave_out(&wrapped, 0, run->before);
    for (size_t i = 0; i < plan->count; i++)
        wrapped.steps[wrapped.count++] = plan->steps[i];
    behind = wrapped.count;
    if (run->rollback)
        append_moment(mig, state, MIG_HOOK_AFTER_ROLLBACK, &wrapped);
    if (run->apply)
        append_moment(mig, state, MIG_HOOK_AFTER_APPLY, &wrapped);
    leave_out(&wrapped, behind, run->after);
    *plan = wrapped;
}
