#include "mig_stamp.h"

#include "mig_baseline.h"
#include "mig_guard.h"
#include "mig_plan.h"
#include "mig_write.h"

void
mig_stamp_record(Mig *mig, const MigEntry *entry, MigDirection direction,
                 const char *action)
{
    MigStep step;

    mig_step_fetch(mig, direction, entry, &step);
    /* The way back is recorded too, under the caller's name. */
    if (direction == MIG_FORWARD)
        mig_step_require_trust(mig, &step);
    mig_step_record(mig, &step, action);
    mig_step_close(mig, &step);
}

/* End the baseline that a target lies before; returns how many it was. */
static int64_t
end_baseline(Mig *mig, MigState *state, const MigTarget *target)
{
    MigBytes position = {NULL, 0};

    if (!mig_ok(mig) ||
        (target->kind != MIG_TARGET_BASE && target->kind != MIG_TARGET_VERSION))
        return 0;
    if (target->kind == MIG_TARGET_VERSION)
        position = target->entry->position;
    return mig_baseline_end(mig, state, position) ? 1 : 0;
}

int64_t
mig_stamp(Mig *mig, MigBytes target_text)
{
    MigArena arena = {mig->host, NULL};
    MigState state;
    MigTarget target;
    MigPlan back = {NULL, 0};
    MigPlan forward = {NULL, 0};
    int64_t baselines;
    MigMark mark;

    /* Without tables of ours there is nothing to record, nor a reason to make
     * them. */
    if (!mig->has_catalogue)
    {
        mig_require_writable(mig, "migrate_stamp");
        mig_state_read(mig, &arena, &state);
        mig_target_read(mig, &state, target_text, false, &target);
        mig_arena_release(&arena);
        return 0;
    }
    mig_write_begin(mig, "migrate_stamp", &mark);
    mig_state_read(mig, &arena, &state);
    mig_target_read(mig, &state, target_text, false, &target);
    baselines = end_baseline(mig, &state, &target);
    if (mig_ok(mig))
        mig_plan_stamp(mig, &arena, &state, &target, &back, &forward);
    if (back.count + forward.count > 0)
        mig_guard_require_confirm(mig, "migrate_stamp");
    for (size_t i = 0; i < back.count && mig_ok(mig); i++)
        mig_stamp_record(mig, back.steps[i], MIG_BACKWARD, "unstamp");
    for (size_t i = 0; i < forward.count && mig_ok(mig); i++)
        mig_stamp_record(mig, forward.steps[i], MIG_FORWARD, "stamp");
    mig_write_end(mig, &mark);
    mig_arena_release(&arena);
    return mig_ok(mig) ? (int64_t) (back.count + forward.count) + baselines : 0;
}
