#include "pg_migrate.h"

#include <signal.h>

#include "catalog/pg_type_d.h"
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "libpq/pqsignal.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "tcop/dest.h"
#include "utils/guc.h"
#include "utils/ps_status.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"

/*
 * A background worker that runs one statement at top level.
 *
 * What it needs, and the way back for its messages, lie in a segment of shared
 * memory that the caller makes and the worker maps.  The caller waits without a
 * snapshot and without locks but its own, since the statement may wait for
 * every other transaction.  While it runs the worker holds a lock of ours, by
 * which those who come after a caller that has died know that it is there yet.
 */
#define SEGMENT_MAGIC 0x6D696772 /* "migr" */
#define KEY_FIXED 1
#define KEY_STATEMENT 2
#define KEY_SETTINGS 3
#define KEY_QUEUE 4
#define QUEUE_SIZE ((Size) 65536)

#define LOOK_MS 100L    /* between looks at who blocks the worker */
#define CANCEL_MS 5000L /* for it to end after it was cancelled */

typedef struct PgWorkerFixed
{
    Oid database;
    PgWorkerUser user;
    Oid extension;
    int64_t statement_ms;
    bool guarded; /* what would destroy rows is refused */
} PgWorkerFixed;

/* A worker, as its caller sees it. */
typedef struct PgWorker
{
    PgHost *host;
    dsm_segment *segment;
    shm_mq_handle *queue;
    BackgroundWorkerHandle *handle;
    PgRoleNames *names;
    bool told;     /* who blocks it was said */
    bool finished; /* it has reported success */
} PgWorker;

COMPAT_EXPORT void pg_migrate_worker_main(Datum argument);

/* ---- The caller's side ---- */

/* Make the segment with all that the worker needs. */
static void
segment_make(PgWorker *worker, const char *statement)
{
    int guc_level = pg_limits_hide(worker->host);
    Size settings = EstimateGUCStateSpace();
    Size length = strlen(statement) + 1;
    shm_toc_estimator size;
    PgWorkerFixed *fixed;
    shm_toc *toc;
    shm_mq *queue;
    char *place;

    shm_toc_initialize_estimator(&size);
    shm_toc_estimate_chunk(&size, sizeof(PgWorkerFixed));
    shm_toc_estimate_chunk(&size, length);
    shm_toc_estimate_chunk(&size, settings);
    shm_toc_estimate_chunk(&size, QUEUE_SIZE);
    shm_toc_estimate_keys(&size, 4);
    worker->segment = dsm_create(shm_toc_estimate(&size), 0);
    toc = shm_toc_create(SEGMENT_MAGIC, dsm_segment_address(worker->segment),
                         shm_toc_estimate(&size));
    fixed = shm_toc_allocate(toc, sizeof(PgWorkerFixed));
    fixed->database = MyDatabaseId;
    fixed->user.session = GetSessionUserId();
    fixed->user.role = GetUserId();
    fixed->extension = worker->host->extension;
    fixed->statement_ms = worker->host->base.limits.statement_ms;
    fixed->guarded = worker->host->base.session->guarded;
    shm_toc_insert(toc, KEY_FIXED, fixed);
    place = shm_toc_allocate(toc, length);
    memcpy(place, statement, length);
    shm_toc_insert(toc, KEY_STATEMENT, place);
    place = shm_toc_allocate(toc, settings);
    SerializeGUCState(settings, place);
    AtEOXact_GUC(false, guc_level);
    shm_toc_insert(toc, KEY_SETTINGS, place);
    queue = shm_mq_create(shm_toc_allocate(toc, QUEUE_SIZE), QUEUE_SIZE);
    shm_toc_insert(toc, KEY_QUEUE, queue);
    shm_mq_set_receiver(queue, MyProc);
    worker->queue = shm_mq_attach(queue, worker->segment, NULL);
}

/* Ask for the worker. */
static void
worker_register(PgWorker *worker)
{
    BackgroundWorker asked;

    memset(&asked, 0, sizeof(asked));
    asked.bgw_flags =
        BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    asked.bgw_start_time = BgWorkerStart_RecoveryFinished;
    asked.bgw_restart_time = BGW_NEVER_RESTART;
    asked.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(worker->segment));
    asked.bgw_notify_pid = MyProcPid;
    strlcpy(asked.bgw_library_name, "$libdir/migrate", BGW_MAXLEN);
    strlcpy(asked.bgw_function_name, "pg_migrate_worker_main", BGW_MAXLEN);
    strlcpy(asked.bgw_type, "migrate worker", BGW_MAXLEN);
    snprintf(asked.bgw_name, BGW_MAXLEN, "migrate worker for PID %d",
             MyProcPid);
    if (!RegisterDynamicBackgroundWorker(&asked, &worker->handle))
        ereport(ERROR,
                (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
                 errmsg("no background worker is free"),
                 errdetail("A statement that cannot be in a transaction runs "
                           "in one."),
                 errhint("Try again later, or give the server's setting "
                         "max_worker_processes (now %d) a higher value and "
                         "restart it.",
                         max_worker_processes)));
    shm_mq_set_handle(worker->queue, worker->handle);
}

/* Take one message of the worker. */
static void
message_take(PgWorker *worker, char *data, Size size)
{
    MemoryContext before = MemoryContextSwitchTo(worker->host->memory);
    StringInfoData message;
    ErrorData error;
    char type;

    initStringInfo(&message);
    appendBinaryStringInfo(&message, data, (int) size);
    type = (char) pq_getmsgbyte(&message);
    if (type == 'E' || type == 'N')
    {
        pq_parse_errornotice(&message, &error);
        worker->host->worker_failed = type == 'E';
        /* The death of the worker is not ours. */
        if (error.elevel > ERROR)
            error.elevel = ERROR;
        ThrowErrorData(&error);
    }
    else if (type == 'Z')
        worker->finished = true;
    pfree(message.data);
    MemoryContextSwitchTo(before);
}

/* Take what messages there are; returns false when no more can come. */
static bool
messages_take(PgWorker *worker)
{
    for (;;)
    {
        Size size;
        void *data;
        shm_mq_result result =
            shm_mq_receive(worker->queue, &size, &data, true);

        if (result == SHM_MQ_DETACHED)
            return false;
        if (result == SHM_MQ_WOULD_BLOCK)
            return true;
        message_take(worker, data, size);
    }
}

/* Say, once, who blocks the worker. */
static void
tell_blockers(PgWorker *worker)
{
    const char *who;
    pid_t pid;

    if (worker->told ||
        GetBackgroundWorkerPid(worker->handle, &pid) != BGWH_STARTED)
        return;
    pg_blockers_note(worker->host, pid);
    if (worker->host->blockers == NIL)
        return;
    who = pg_blockers_describe(worker->host, worker->names);
    worker->told = true;
    if (who != NULL)
        ereport(NOTICE, (errmsg("the statement waits, %s", who)));
}

/* Wait until the worker has ended; raises its error. */
static void
worker_wait(PgWorker *worker)
{
    while (messages_take(worker))
    {
        int events =
            WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
                      LOOK_MS, PG_WAIT_EXTENSION);

        if (events & WL_LATCH_SET)
            ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
        if (events & WL_TIMEOUT)
            tell_blockers(worker);
    }
    (void) WaitForBackgroundWorkerShutdown(worker->handle);
    if (!worker->finished)
        ereport(ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                 errmsg("the background worker has ended without a word"),
                 errhint("The server's log may say more.")));
}

/* Wait some time for the end of a worker that was told to end. */
static bool
worker_has_ended(PgWorker *worker, long wait_ms)
{
    pid_t pid;

    for (long waited = 0; waited < wait_ms; waited += 20)
    {
        BgwHandleStatus status = GetBackgroundWorkerPid(worker->handle, &pid);

        if (status != BGWH_STARTED && status != BGWH_NOT_YET_STARTED)
            return true;
        /* Make room for what it has to say. */
        if (worker->queue != NULL)
        {
            Size size;
            void *data;

            (void) shm_mq_receive(worker->queue, &size, &data, true);
        }
        pg_usleep(20000L);
    }
    return false;
}

/* End a worker that nobody waits for any more; interrupts are held. */
static void
worker_cancel(PgWorker *worker)
{
    pid_t pid;

    if (worker->handle == NULL)
        return;
    HOLD_INTERRUPTS();
    if (GetBackgroundWorkerPid(worker->handle, &pid) == BGWH_STARTED)
        (void) kill(pid, SIGINT);
    else
        TerminateBackgroundWorker(worker->handle);
    if (!worker_has_ended(worker, CANCEL_MS))
    {
        TerminateBackgroundWorker(worker->handle);
        (void) worker_has_ended(worker, CANCEL_MS);
    }
    RESUME_INTERRUPTS();
}

/* Called when this process ends while it waits. */
static void
worker_abandon(int code, Datum argument)
{
    PgWorker *worker = (PgWorker *) DatumGetPointer(argument);

    if (worker->handle != NULL)
        TerminateBackgroundWorker(worker->handle);
}

/* Run the worker; behind this it has ended, or was told to. */
static void
worker_use(PgWorker *worker)
{
    PG_TRY();
    {
        worker_register(worker);
        worker_wait(worker);
    }
    PG_CATCH();
    {
        worker_cancel(worker);
        worker->handle = NULL;
        PG_RE_THROW();
    }
    PG_END_TRY();
    worker->handle = NULL;
}

void
pg_worker_run(PgHost *host, const char *statement)
{
    PgWorker worker;

    memset(&worker, 0, sizeof(worker));
    worker.host = host;
    host->worker_failed = false;
    worker.names = pg_role_names_read(host);
    InvalidateCatalogSnapshot();
    if (ActiveSnapshotSet() || TransactionIdIsValid(compat_xmin()))
        ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE),
                        errmsg("the session holds a snapshot, for which the "
                               "statement could wait without end"),
                        errhint("Close what is open around the CALL, such as a "
                                "cursor.")));
    segment_make(&worker, statement);
    PG_ENSURE_ERROR_CLEANUP(worker_abandon, PointerGetDatum(&worker));
    {
        worker_use(&worker);
    }
    PG_END_ENSURE_ERROR_CLEANUP(worker_abandon, PointerGetDatum(&worker));
    dsm_detach(worker.segment);
}

/* ---- The worker's side ---- */

void
pg_worker_become(const PgWorkerUser *user, char *settings)
{
    RestoreGUCState(settings);
    if (user->role != GetUserId())
        (void) set_config_option("role", GetUserNameFromId(user->role, false),
                                 superuser() ? PGC_SUSET : PGC_USERSET,
                                 PGC_S_SESSION, GUC_ACTION_SET, true, 0, false);
}

void
pg_worker_connect(Oid database, const PgWorkerUser *user, char *settings,
                  uint32 flags)
{
    BackgroundWorkerInitializeConnectionByOid(database, user->session,
                                              COMPAT_ANY_ROLE | flags);
    StartTransactionCommand();
    pg_worker_become(user, settings);
    CommitTransactionCommand();
    SetClientEncoding(GetDatabaseEncoding());
}

/* Called when the process has ended its transaction and is about to end. */
static void
worker_unlock(int code, Datum argument)
{
    LockReleaseAll(DEFAULT_LOCKMETHOD, true);
}

/* Let others know that a worker runs, as long as the process lives: nobody
 * gives back a session's locks when it ends outside of a transaction. */
static void
worker_lock(Oid extension)
{
    LOCKTAG tag;

    on_shmem_exit(worker_unlock, (Datum) 0);
    StartTransactionCommand();
    pg_lock_tag(extension, PG_LOCK_WORKER, &tag);
    (void) LockAcquire(&tag, ExclusiveLock, true, false);
    CommitTransactionCommand();
}

void
pg_worker_portal(const char *statement)
{
    List *parsed = pg_parse_query(statement);
    RawStmt *raw = linitial_node(RawStmt, parsed);
    DestReceiver *receiver = CreateDestReceiver(DestNone);
    int16 format = 0;
    List *plans;
    Portal portal;

    if (list_length(parsed) != 1)
        elog(ERROR, "a worker runs one statement, not %d", list_length(parsed));
    PushActiveSnapshot(GetTransactionSnapshot());
    plans = pg_plan_queries(compat_analyze(raw, statement), statement, 0, NULL);
    PopActiveSnapshot();
    portal = CreatePortal("", true, true);
    portal->visible = false;
    PortalDefineQuery(portal, NULL, statement, CreateCommandTag(raw->stmt),
                      plans, NULL);
    PortalStart(portal, NULL, 0, InvalidSnapshot);
    PortalSetResultFormat(portal, 1, &format);
    compat_portal_run(portal, receiver);
    receiver->rDestroy(receiver);
    PortalDrop(portal, false);
}

/* Run the statement; it may begin and end transactions. */
static void
worker_execute(const char *statement, int64_t limit_ms)
{
    MemoryContext memory;

    SetCurrentStatementStartTimestamp();
    debug_query_string = statement;
    pgstat_report_activity(STATE_RUNNING, statement);
    StartTransactionCommand();
    /* Trees must outlive the transactions. */
    memory = AllocSetContextCreate(TopMemoryContext, "migrate worker statement",
                                   PG_CONTEXT_SIZES);
    MemoryContextSwitchTo(memory);
    if (limit_ms > 0)
        enable_timeout_after(STATEMENT_TIMEOUT,
                             (int) Min(limit_ms, (int64_t) PG_INT32_MAX));
    pg_worker_portal(statement);
    disable_timeout(STATEMENT_TIMEOUT, false);
    CommitTransactionCommand();
    pgstat_report_activity(STATE_IDLE, NULL);
    pgstat_report_stat(true);
}

/*
 * Called by the server in the new process.
 *
 * argument  handle of the segment
 *
 * Its errors travel to the caller, and end the process.
 */
void
pg_migrate_worker_main(Datum argument)
{
    PgHost inner;
    dsm_segment *segment;
    PgWorkerFixed *fixed;
    shm_mq *queue;
    shm_toc *toc;

    pqsignal(SIGTERM, die);
    pqsignal(SIGINT, StatementCancelHandler);
    BackgroundWorkerUnblockSignals();
    segment = dsm_attach(DatumGetUInt32(argument));
    if (segment == NULL)
        return; /* the caller is gone */
    toc = shm_toc_attach(SEGMENT_MAGIC, dsm_segment_address(segment));
    if (toc == NULL)
        elog(ERROR, "bad magic number in a segment of shared memory");
    fixed = shm_toc_lookup(toc, KEY_FIXED, false);
    queue = shm_toc_lookup(toc, KEY_QUEUE, false);
    shm_mq_set_sender(queue, MyProc);
    pq_redirect_to_shm_mq(segment, shm_mq_attach(queue, segment, NULL));
    pg_worker_connect(fixed->database, &fixed->user,
                      shm_toc_lookup(toc, KEY_SETTINGS, false), 0);
    pg_session_run();
    worker_lock(fixed->extension);
    /* Names are the session's here; of the host it needs no more than this. */
    memset(&inner, 0, sizeof(inner));
    inner.memory = TopMemoryContext;
    inner.unit.open = true;
    pg_inner_watch(fixed->guarded ? &inner : NULL);
    worker_execute(shm_toc_lookup(toc, KEY_STATEMENT, false),
                   fixed->statement_ms);
    if (fixed->guarded)
        pg_inner_require();
    pq_putemptymessage('Z');
    dsm_detach(segment);
}
