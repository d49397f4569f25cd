#include "pg_migrate.h"

#include "access/parallel.h"
#include "access/xlog.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/inval.h"

/*
 * The run lock is an object lock on our own row in pg_extension, with a number
 * of our own where columns are meant: nobody else takes it, and unlike an
 * advisory lock nobody can.  In a function it lasts until the caller's
 * transaction ends.
 *
 * A second one is held by the background worker of a procedure, while it runs
 * what cannot be in a transaction.
 */

/* How long a function waits before it looks whether that is the case. */
#define WAIT_SLICE_MS ((int64_t) 250)

/* Name of the transaction's isolation level. */
static const char *
isolation_name(void)
{
    return XactIsoLevel == XACT_SERIALIZABLE ? "SERIALIZABLE"
                                             : "REPEATABLE READ";
}

MigStatus
pg_require_writable(MigHost *base, const char *function, MigError *error)
{
    if (RecoveryInProgress())
        return mig_fail(error, MIG_READ_ONLY,
                        "cannot execute %s() during recovery", function);
    if (XactReadOnly)
        return mig_fail(error, MIG_READ_ONLY,
                        "cannot execute %s() in a read-only transaction",
                        function);
    if (InSecurityRestrictedOperation())
        return mig_fail(error, MIG_DENIED,
                        "cannot execute %s() within a security-restricted "
                        "operation",
                        function);
    if (IsInParallelMode())
        return mig_fail(error, MIG_UNSUPPORTED,
                        "cannot execute %s() during a parallel operation",
                        function);
    if (creating_extension)
    {
        mig_fail(error, MIG_UNSUPPORTED,
                 "cannot execute %s() in the script of an extension", function);
        mig_fail_detail(error, "What it makes would become part of that "
                               "extension, and a dump could not be restored.");
        return error->status;
    }
    if (IsolationUsesXactSnapshot())
    {
        mig_fail(error, MIG_UNSUPPORTED,
                 "cannot execute %s() in a transaction of isolation level %s",
                 function, isolation_name());
        mig_fail_detail(error, "It would not see what other sessions have "
                               "migrated since the transaction began.");
        mig_fail_hint(error, "Use READ COMMITTED.");
    }
    return error->status;
}

bool
pg_commits(MigHost *base)
{
    return ((PgHost *) base)->commits;
}

void
pg_lock_tag(Oid extension, PgLock lock, LOCKTAG *tag)
{
    SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, ExtensionRelationId, extension,
                       (uint16) lock);
}

/* Record that others hold the lock, and who. */
static MigStatus
fail_locked(const LOCKTAG *tag, MigError *error)
{
    VirtualTransactionId *holder = GetLockConflicts(tag, ExclusiveLock, NULL);
    StringInfoData pids;

    initStringInfo(&pids);
    for (; VirtualTransactionIdIsValid(*holder); holder++)
    {
        int pid = compat_transaction_pid(*holder);

        if (pid != 0)
            appendStringInfo(&pids, "%s%d", pids.len > 0 ? ", " : "", pid);
    }
    mig_fail(error, MIG_LOCKED, "another migration run holds the lock");
    if (pids.len > 0)
        mig_fail_detail(error, "It is held by process %s.", pids.data);
    mig_fail_hint(error, "Try again when it is done, or give the setting "
                         "\"wait_timeout\" a longer time.");
    return error->status;
}

/* Wait in the queue; raises 55P03 when the time is over. */
static void
wait_in_queue(const LOCKTAG *tag, bool session, int64_t wait_ms)
{
    char timeout[32];

    snprintf(timeout, sizeof(timeout), "%d",
             (int) Min(wait_ms, (int64_t) PG_INT32_MAX));
    (void) set_config_option("lock_timeout", timeout, PGC_USERSET,
                             PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    (void) LockAcquire(tag, ExclusiveLock, session, false);
}

/*
 * Wait for a lock in a subtransaction, so that running out of time leaves the
 * session sound.  Kept, the lock passes to the transaction, or the session.
 */
static MigStatus
wait_for_lock(PgHost *host, const LOCKTAG *tag, bool session, int64_t wait_ms,
              MigError *error)
{
    PgSubtransaction inner;

    pg_subtransaction_begin(&inner);
    PG_TRY();
    {
        pg_error_context_none();
        wait_in_queue(tag, session, wait_ms);
    }
    PG_CATCH();
    {
        (void) pg_catch(host, error);
    }
    PG_END_TRY();
    if (error->status == MIG_OK)
    {
        pg_subtransaction_keep(&inner);
        return MIG_OK;
    }
    pg_subtransaction_undo(&inner);
    if (error->engine_code == ERRCODE_LOCK_NOT_AVAILABLE)
    {
        mig_error_clear(error);
        return fail_locked(tag, error);
    }
    return error->status;
}

MigStatus
pg_lock_acquire(PgHost *host, PgLock lock, bool session, int64_t wait_ms,
                MigError *error)
{
    LOCKTAG tag;

    pg_lock_tag(host->extension, lock, &tag);
    if (LockAcquire(&tag, ExclusiveLock, session, true) !=
        LOCKACQUIRE_NOT_AVAIL)
        return MIG_OK;
    return wait_ms > 0 ? wait_for_lock(host, &tag, session, wait_ms, error)
                       : fail_locked(&tag, error);
}

/* Whether a worker runs what cannot be in a transaction. */
static bool
worker_is_running(const PgHost *host)
{
    LOCKTAG tag;

    pg_lock_tag(host->extension, PG_LOCK_WORKER, &tag);
    if (LockAcquire(&tag, ShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
        return true;
    (void) LockRelease(&tag, ShareLock, false);
    return false;
}

/*
 * Wait for the run lock from a function, whose snapshot may be what a worker
 * waits for in turn: no detector of deadlocks would see that.  So it looks
 * again and again whether there is a worker, and then gives up.
 */
static MigStatus
wait_with_snapshot(PgHost *host, int64_t wait_ms, MigError *error)
{
    for (;;)
    {
        int64_t slice = Min(wait_ms, WAIT_SLICE_MS);

        if (worker_is_running(host))
        {
            mig_fail(error, MIG_LOCKED,
                     "another migration run holds the lock, with a statement "
                     "that cannot be in a transaction");
            mig_fail_hint(error, "Try again when it is done.  CALL "
                                 "migrate_deploy() can wait for it; a function "
                                 "cannot, since its own transaction may be "
                                 "what that statement waits for.");
            return error->status;
        }
        if (pg_lock_acquire(host, PG_LOCK_RUN, false, slice, error) == MIG_OK)
            return MIG_OK;
        wait_ms -= slice;
        if (wait_ms <= 0 || error->status != MIG_LOCKED)
            return error->status;
        mig_error_clear(error);
    }
}

MigStatus
pg_lock(MigHost *base, int64_t wait_ms, MigError *error)
{
    PgHost *host = (PgHost *) base;

    if (pg_is_doomed(host, error))
        return error->status;
    if (host->commits)
        return pg_deploy_lock(host, wait_ms, error);
    (void) wait_with_snapshot(host, wait_ms, error);
    AcceptInvalidationMessages();
    return error->status;
}

MigStatus
pg_release(MigHost *base, int64_t wait_ms, MigError *error)
{
    PgHost *host = (PgHost *) base;

    /* That of a function is its caller's to end. */
    return host->commits ? pg_deploy_commit(host, error) : MIG_OK;
}

void
pg_abandon(MigHost *base)
{
    /* The lock goes with the caller's transaction, or the procedure's end. */
    pg_unit_undo(base);
}

MigTransactionEnd
pg_transaction_end(MigHost *base)
{
    return MIG_HELD; /* nothing that a function calls can end it */
}

void
pg_subtransaction_begin(PgSubtransaction *inner)
{
    inner->context = CurrentMemoryContext;
    inner->owner = CurrentResourceOwner;
    BeginInternalSubTransaction(NULL);
    MemoryContextSwitchTo(inner->context);
    inner->guc_level = NewGUCNestLevel();
}

/* Return to the surroundings of the subtransaction that has just ended. */
static void
subtransaction_leave(const PgSubtransaction *inner)
{
    MemoryContextSwitchTo(inner->context);
    CurrentResourceOwner = inner->owner;
}

void
pg_subtransaction_keep(PgSubtransaction *inner)
{
    AtEOXact_GUC(false, inner->guc_level);
    ReleaseCurrentSubTransaction();
    subtransaction_leave(inner);
}

void
pg_subtransaction_undo(PgSubtransaction *inner)
{
    RollbackAndReleaseCurrentSubTransaction();
    subtransaction_leave(inner);
}

void
pg_doom(PgHost *host)
{
    host->doomed = true;
    host->unit.open = false;
    (void) pg_deferred_watch(NULL);
    pg_limits_end(host);
}

void
pg_unit_fail(PgHost *host)
{
    if (!host->commits && !host->looks)
        pg_doom(host);
}

bool
pg_is_doomed(const PgHost *host, MigError *error)
{
    if (host->doomed)
        (void) mig_fail(error, MIG_INTERNAL,
                        "the call goes on though a migration has failed");
    return host->doomed;
}

MigStatus
pg_unit_begin(MigHost *base, MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgUnit *unit = &host->unit;

    if (pg_is_doomed(host, error))
        return error->status;
    if (unit->open)
        return mig_fail(error, MIG_INTERNAL, "units do not nest");
    CHECK_FOR_INTERRUPTS();
    if (host->commits)
    {
        pg_subtransaction_begin(&unit->inner);
        unit->guc_level = unit->inner.guc_level;
    }
    else
        unit->guc_level = NewGUCNestLevel();
    unit->open = true;
    unit->guarded = false;
    (void) pg_deferred_watch(&host->deferred);
    if (pg_limits_set(host, error) != MIG_OK)
        pg_unit_undo(base);
    return error->status;
}

/*
 * Fail when a migration has changed for whom the next one runs.  Servers before
 * 13.17, 14.14 and so on lose the role when SET SESSION AUTHORIZATION is
 * undone.
 */
static void
require_role(const PgHost *host)
{
    if (GetUserId() != host->caller)
        ereport(
            ERROR,
            (errcode(ERRCODE_INVALID_ROLE_SPECIFICATION),
             errmsg("the role is \"%s\" behind it, no longer \"%s\"",
                    GetUserNameFromId(GetUserId(), false),
                    GetUserNameFromId(host->caller, false)),
             errhint("Let the migration use SET ROLE instead of SET SESSION "
                     "AUTHORIZATION.")));
}

/* What a unit does at its end; the server's errors pass through. */
static void
unit_end(PgHost *host)
{
    CommandCounterIncrement();
    /* Deferred triggers run now, and are the migration's statements as well. */
    pg_inner_watch(host->unit.guarded ? host : NULL);
    pg_deferred_check(&host->deferred);
    if (host->unit.guarded)
        pg_inner_require();
    pg_inner_watch(NULL);
    (void) pg_deferred_watch(NULL);
    pg_limits_end(host);
    AtEOXact_GUC(false, host->unit.guc_level);
    require_role(host);
    if (host->commits)
        pg_subtransaction_keep(&host->unit.inner);
    host->unit.open = false;
}

MigStatus
pg_unit_keep(MigHost *base, MigError *error)
{
    PgHost *host = (PgHost *) base;

    if (!host->unit.open)
        return mig_fail(error, MIG_INTERNAL, "no unit is open");
    PG_TRY();
    {
        pg_error_context_none();
        unit_end(host);
    }
    PG_CATCH();
    {
        pg_inner_watch(NULL);
        (void) pg_catch(host, error);
        pg_unit_fail(host);
    }
    PG_END_TRY();
    return error->status;
}

void
pg_unit_undo(MigHost *base)
{
    PgHost *host = (PgHost *) base;

    if (!host->unit.open)
        return;
    if (!host->commits)
    {
        pg_doom(host);
        return;
    }
    host->unit.open = false;
    (void) pg_deferred_watch(NULL);
    host->deferred.constraints = NIL;
    pg_limits_end(host);
    pg_subtransaction_undo(&host->unit.inner);
}

bool
pg_outlives_failure(MigHost *base)
{
    return ((PgHost *) base)->commits;
}
