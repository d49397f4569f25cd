#include "mig_run_parts.h"

#include <stdio.h>

#include "mig_failures.h"
#include "mig_setting.h"

/* What earlier calls have done a part of, of migrations in several
 * transactions. */

/* Tell who goes one way of what is half done on the other, and stays so. */
static void
warn_half_done(const MigRun *run, MigBytes version)
{
    char message[400];

    (void) snprintf(message, sizeof(message),
                    run->kind == MIG_TASK_APPLY
                        ? "a part of the way back of migration \"%.*s\" is "
                          "done, which is recorded as applied: it stays so"
                        : "a part of migration \"%.*s\" is done, which is "
                          "not recorded as applied: it stays as it is",
                    (int) mig_cut(version, 200).length, version.data);
    run->mig->host->methods->notice(run->mig->host, MIG_WARNING, message);
}

/* A row of MIG_SQL_EVENT_UNFINISHED. */
static MigStatus
collect_unfinished(void *context, const MigValue *columns, size_t count,
                   MigError *error)
{
    MigRun *run = context;
    const char *action = run->kind == MIG_TASK_APPLY ? "apply" : "rollback";
    MigBytes *versions;

    (void) count;
    if (!mig_bytes_equal(columns[1].bytes, mig_bytes(action)) &&
        !mig_bytes_equal(columns[1].bytes, mig_bytes("hook")))
    {
        warn_half_done(run, columns[0].bytes);
        return error->status;
    }
    versions =
        mig_array_reserve(&run->arena, run->unfinished, run->unfinished_count,
                          &run->unfinished_capacity, sizeof(MigBytes), error);
    if (versions == NULL)
        return error->status;
    run->unfinished = versions;
    versions[run->unfinished_count++] =
        mig_copy(&run->arena, columns[0].bytes, error);
    return error->status;
}

void
mig_run_read_unfinished(MigRun *run)
{
    Mig *mig = run->mig;
    MigValue arguments[2];

    run->unfinished = NULL;
    run->unfinished_count = 0;
    run->unfinished_capacity = 0;
    if (!mig_ok(mig) || mig->host->methods->run_outside == NULL ||
        !mig->has_catalogue)
        return;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_UNFINISHED,
                                     arguments, 2, collect_unfinished, run,
                                     mig->error);
}

bool
mig_run_is_unclear(MigRun *run)
{
    Mig *mig = run->mig;

    /* Nothing else asks for it. */
    if (!run->unclear_known && mig_setting_is(mig, "on_drift", "error"))
        run->unclear = mig_failures_unclear(mig, run->kind == MIG_TASK_APPLY);
    run->unclear_known = true;
    return run->unclear;
}

bool
mig_run_is_unfinished(const MigRun *run, const MigEntry *entry)
{
    for (size_t i = 0; i < run->unfinished_count; i++)
    {
        if (mig_bytes_equal(run->unfinished[i], entry->version))
            return true;
    }
    return false;
}

void
mig_run_require_not_begun(const MigRun *run, const MigEntry *entry)
{
    Mig *mig = run->mig;
    const MigHostMethods *methods = mig->host->methods;
    const char *call = run->kind == MIG_TASK_APPLY ? methods->outside_apply
                                                   : methods->outside_rollback;

    if (!mig_ok(mig) || mig_can_run_outside(mig) ||
        !mig_run_is_unfinished(run, entry))
        return;
    (void) mig_fail(mig->error, MIG_STATE,
                    "a part of migration \"%.*s\" is done already, in "
                    "transactions of its own",
                    (int) entry->version.length, entry->version.data);
    mig_fail_hint(mig->error,
                  "%s, outside of a transaction, goes on with it.  SELECT * "
                  "FROM migrate_repair_plan('%.*s') says what else can be "
                  "done.",
                  call == NULL ? "The same call" : call,
                  (int) entry->version.length, entry->version.data);
}
