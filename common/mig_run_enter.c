#include "mig_guard.h"
#include "mig_preflight.h"
#include "mig_run_parts.h"
#include "mig_setting.h"

/*
 * Whether the plan has a migration that somebody has to want.  Those that run
 * in each run were confirmed when they were first applied: an application's
 * start must not need somebody who confirms it.
 */
static bool
has_work(const MigRun *run)
{
    for (size_t i = run->next; i < run->plan.count; i++)
    {
        const MigEntry *entry = run->plan.steps[i];

        if (!entry->hook &&
            (run->kind != MIG_TASK_APPLY || !mig_entry_runs_always(entry) ||
             mig_entry_changed(run->mig, entry)))
            return true;
    }
    return false;
}

/*
 * Mark the moment in the server's log, and tell where.
 *
 * Returns what to say in the history, or absent bytes.
 */
static MigBytes
mark_moment(const MigRun *run)
{
    Mig *mig = run->mig;
    const MigHostMethods *methods = mig->host->methods;
    MigBytes version = run->plan.steps[run->next]->version;
    const char *label;
    const char *message;
    char text[300] = "";

    if (!mig_ok(mig) || methods->restore_point == NULL)
        return mig_bytes("");
    /* The number makes it unique: a recovery ends at the first of a name. */
    label = mig_format_string(
        mig->arena, mig->error, "migrate %lld %.*s %.*s",
        (long long) run->seq + 1, (int) mig->settings->project.length,
        mig->settings->project.data, (int) version.length, version.data);
    if (label == NULL || !methods->restore_point(mig->host, mig_bytes(label),
                                                 text, sizeof(text)))
        return mig_bytes("");
    message =
        mig_format_string(mig->arena, mig->error, "restore point %s", text);
    if (message == NULL)
        return mig_bytes("");
    methods->notice(mig->host, MIG_NOTICE, message);
    return mig_bytes(message);
}

void
mig_run_enter(MigRun *run)
{
    Mig *mig = run->mig;
    MigBytes remark;

    if (!mig_ok(mig) || !run->planned)
        return;
    if (mig->entered)
    {
        mig_run_require_kept(run);
        mig_run_confirm_again(run);
        return;
    }
    if (!has_work(run))
        return;
    if ((run->unready && mig_guard_protects(mig)) ||
        mig_guard_lacks_confirm(mig))
        mig_guard_fail_confirm(mig, run->function);
    mig_run_require_kept(run);
    mig_guard_require_backup(mig);
    mig_preflight_enter(mig);
    remark = mark_moment(run);
    run->confirms = mig_guard_take_confirm(mig, run->function, remark);
    mig->entered = mig_ok(mig);
    if (mig_ok(mig))
        run->seq = mig_catalogue_number(mig);
}

void
mig_run_confirm_again(MigRun *run)
{
    Mig *mig = run->mig;
    MigBytes none = {NULL, 0};

    if (!mig_ok(mig) || !run->confirms)
        return;
    mig_settings_read(mig);
    if (mig_ok(mig) && !mig_guard_lacks_confirm(mig))
        (void) mig_guard_take_confirm(mig, run->function, none);
    if (mig_ok(mig))
        run->seq = mig_catalogue_number(mig);
}
