#include "pg_migrate.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "tcop/pquery.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"

/*
 * Procedures.
 *
 * CALL migrate_deploy() commits after each migration.  The run lock is then a
 * lock of the session, which commits leave alone; a transaction's abort gives
 * it back, and so does the end of the process.  Each migration is a
 * subtransaction, so that its failure can be recorded without losing the lock.
 *
 * Nobody waits for the run lock with a snapshot: whoever holds it may be
 * building an index concurrently, which waits for everybody's snapshots, and no
 * deadlock detector sees that circle.
 */

/* Fail where the server would not let us commit. */
static void
require_commits(FunctionCallInfo fcinfo, const char *name)
{
    bool atomic = fcinfo->context == NULL ||
                  !IsA(fcinfo->context, CallContext) ||
                  castNode(CallContext, fcinfo->context)->atomic;

    if (atomic || IsSubTransaction())
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
                 errmsg("CALL %s() cannot run inside a transaction block, a "
                        "function or an EXCEPTION block",
                        name),
                 errdetail("It commits after each migration.  Several "
                           "statements that are sent as one query are a "
                           "transaction block, too."),
                 errhint("Call it outside of BEGIN ... COMMIT, with the "
                         "client's autocommit on.  Inside a transaction "
                         "migrate_apply() and migrate_rollback() do what can "
                         "be done in one.")));
}

void
pg_deploy_begin(PgHost *host, FunctionCallInfo fcinfo, const char *name)
{
    require_commits(fcinfo, name);
    host->commits = true;
    if (StatementTimeout > 0)
        ereport(NOTICE, (errmsg("statement_timeout is %d ms: it ends this "
                                "whole CALL, however many migrations are left",
                                StatementTimeout),
                         errhint("SET statement_timeout = 0, and limit each "
                                 "statement with migrate.statement_timeout.")));
}

void
pg_deploy_end(PgHost *host)
{
    LOCKTAG tag;

    if (!host->commits)
        return;
    pg_progress(&host->base, NULL);
    pg_lock_tag(host->extension, PG_LOCK_RUN, &tag);
    if (host->holds_run_lock)
        (void) LockRelease(&tag, ExclusiveLock, true);
    host->holds_run_lock = false;
}

/* Commit, and begin the next transaction; the server's errors pass through. */
static void
commit(void)
{
    if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    SPI_commit();
    SPI_start_transaction();
    SPI_finish();
}

MigStatus
pg_deploy_commit(PgHost *host, MigError *error)
{
    PG_TRY();
    {
        pg_error_context_none();
        commit();
    }
    PG_CATCH();
    {
        /* The server has rolled back, with it the lock, and begun anew. */
        host->holds_run_lock = false;
        (void) pg_catch(host, error);
        SPI_finish();
    }
    PG_END_TRY();
    return error->status;
}

MigStatus
pg_deploy_lock(PgHost *host, int64_t wait_ms, MigError *error)
{
    if (host->holds_run_lock)
        return MIG_OK;
    if (pg_deploy_commit(host, error) != MIG_OK)
        return error->status;
    if (pg_lock_acquire(host, PG_LOCK_RUN, true, wait_ms, error) != MIG_OK)
        return error->status;
    host->holds_run_lock = true;
    /* A worker may be at its end yet, though the session that began it is not
     * there any more. */
    if (pg_lock_acquire(host, PG_LOCK_WORKER, false, wait_ms, error) != MIG_OK)
        return error->status;
    AcceptInvalidationMessages();
    return pg_deploy_commit(host, error);
}

void
pg_deploy_snapshot(const PgHost *host)
{
    if (host->commits && !ActiveSnapshotSet())
        EnsurePortalSnapshotExists();
}

void
pg_progress(MigHost *base, const char *message)
{
    PgHost *host = (PgHost *) base;

    if (host->commits)
        pgstat_report_appname(message == NULL ? application_name : message);
}

MigStatus
pg_pause(MigHost *base, int64_t wait_ms, MigError *error)
{
    PgHost *host = (PgHost *) base;
    TimestampTz end =
        TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wait_ms);

    if (pg_deploy_commit(host, error) != MIG_OK)
        return error->status;
    for (;;)
    {
        long left =
            (long) TimestampDifferenceMilliseconds(GetCurrentTimestamp(), end);

        CHECK_FOR_INTERRUPTS();
        if (left <= 0)
            return MIG_OK;
        (void) WaitLatch(MyLatch,
                         WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, left,
                         PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
    }
}
