#include "pg_scratch.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/xlog.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"

#include "mig_setting.h"
#include "mig_work.h"

#define QUEUE_SIZE ((Size) 65536)

/* One of the workers, as its caller sees it. */
typedef struct Worker
{
    shm_mq_handle *requests;
    shm_mq_handle *replies;
    BackgroundWorkerHandle *handle; /* in memory that outlives the call */
} Worker;

struct MigScratch
{
    PgHost *host;
    dsm_segment *segment;
    PgScratchFixed *fixed;
    Worker workers[2];
};

/* A reply, taken apart. */
typedef struct Reply
{
    MigObjectFunction object;
    void *context;
} Reply;

/* ---- The segment ---- */

/* Make a queue in the segment and attach to its other end. */
static shm_mq_handle *
queue_make(shm_toc *toc, dsm_segment *segment, uint64 key, bool sends)
{
    shm_mq *queue =
        shm_mq_create(shm_toc_allocate(toc, QUEUE_SIZE), QUEUE_SIZE);

    shm_toc_insert(toc, key, queue);
    if (sends)
        shm_mq_set_sender(queue, MyProc);
    else
        shm_mq_set_receiver(queue, MyProc);
    return shm_mq_attach(queue, segment, NULL);
}

/* Put a part of bytes into the segment. */
static void *
part_make(shm_toc *toc, uint64 key, Size size)
{
    void *part = shm_toc_allocate(toc, size);

    shm_toc_insert(toc, key, part);
    return part;
}

/* What the workers have to know. */
static void
fixed_fill(PgScratchFixed *fixed, const PgHost *host, const Mig *mig)
{
    MigBytes target = mig->settings->target;

    memset(fixed, 0, sizeof(*fixed));
    fixed->database = MyDatabaseId;
    fixed->user.session = GetSessionUserId();
    fixed->user.role = GetUserId();
    fixed->extension = host->extension;
    fixed->wait_ms = mig_setting_ms(mig, "wait_timeout");
    fixed->lock_ms = host->base.limits.lock_ms;
    fixed->statement_ms = host->base.limits.statement_ms;
    snprintf(fixed->name, NAMEDATALEN, "migrate_scratch_%u", MyDatabaseId);
    if (target.length < NAMEDATALEN)
        memcpy(fixed->target, target.data, target.length);
}

/* Make the segment; returns false when the server has none to give. */
static bool
segment_make(MigScratch *scratch, const Mig *mig, const char *create)
{
    int level = pg_limits_hide(scratch->host);
    Size settings = EstimateGUCStateSpace();
    shm_toc_estimator size;
    shm_toc *toc;

    shm_toc_initialize_estimator(&size);
    shm_toc_estimate_chunk(&size, sizeof(PgScratchFixed));
    shm_toc_estimate_chunk(&size, settings);
    shm_toc_estimate_chunk(&size, strlen(create) + 1);
    for (int i = 0; i < 4; i++)
        shm_toc_estimate_chunk(&size, QUEUE_SIZE);
    shm_toc_estimate_keys(&size, PG_SCRATCH_KEYS);
    scratch->segment =
        dsm_create(shm_toc_estimate(&size), DSM_CREATE_NULL_IF_MAXSEGMENTS);
    if (scratch->segment == NULL)
    {
        AtEOXact_GUC(false, level);
        return false;
    }
    toc =
        shm_toc_create(PG_SCRATCH_MAGIC, dsm_segment_address(scratch->segment),
                       shm_toc_estimate(&size));
    scratch->fixed = part_make(toc, PG_SCRATCH_FIXED, sizeof(PgScratchFixed));
    fixed_fill(scratch->fixed, scratch->host, mig);
    SerializeGUCState(settings, part_make(toc, PG_SCRATCH_SETTINGS, settings));
    AtEOXact_GUC(false, level);
    memcpy(part_make(toc, PG_SCRATCH_CREATE, strlen(create) + 1), create,
           strlen(create) + 1);
    for (int i = 0; i < lengthof(scratch->workers); i++)
    {
        scratch->workers[i].requests = queue_make(
            toc, scratch->segment, PG_SCRATCH_REQUESTS + (uint64) i, true);
        scratch->workers[i].replies = queue_make(
            toc, scratch->segment, PG_SCRATCH_REPLIES + (uint64) i, false);
    }
    return true;
}

/* ---- Workers ---- */

/*
 * Called when the segment is left, at the latest when the transaction ends: a
 * worker that runs a migration is to stop.  The keeper sees it by itself.
 */
static void
stop_replay(dsm_segment *segment, Datum handle)
{
    TerminateBackgroundWorker(
        (BackgroundWorkerHandle *) DatumGetPointer(handle));
    pfree(DatumGetPointer(handle));
}

/* Start a worker. */
static MigStatus
worker_start(MigScratch *scratch, PgScratchWorker which, const char *function,
             MigError *error)
{
    Worker *worker = &scratch->workers[which];
    MemoryContext before;
    BackgroundWorker asked;
    bool started;

    memset(&asked, 0, sizeof(asked));
    asked.bgw_flags =
        BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    asked.bgw_start_time = BgWorkerStart_RecoveryFinished;
    asked.bgw_restart_time = BGW_NEVER_RESTART;
    asked.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(scratch->segment));
    asked.bgw_notify_pid = MyProcPid;
    strlcpy(asked.bgw_library_name, "$libdir/migrate", BGW_MAXLEN);
    strlcpy(asked.bgw_function_name, function, BGW_MAXLEN);
    strlcpy(asked.bgw_type, "migrate worker", BGW_MAXLEN);
    snprintf(asked.bgw_name, BGW_MAXLEN, "migrate scratch database for PID %d",
             MyProcPid);
    before = MemoryContextSwitchTo(TopMemoryContext);
    started = RegisterDynamicBackgroundWorker(&asked, &worker->handle);
    MemoryContextSwitchTo(before);
    if (!started)
    {
        mig_fail(error, MIG_STATE, "no background worker is free");
        mig_fail_detail(error, "Trying migrations on a scratch database takes "
                               "two.");
        mig_fail_hint(error,
                      "Try again later, or give the server's setting "
                      "max_worker_processes (now %d) a higher value and "
                      "restart it.",
                      max_worker_processes);
        return error->status;
    }
    if (which == PG_SCRATCH_REPLAY)
        on_dsm_detach(scratch->segment, stop_replay,
                      PointerGetDatum(worker->handle));
    shm_mq_set_handle(worker->requests, worker->handle);
    shm_mq_set_handle(worker->replies, worker->handle);
    return MIG_OK;
}

/* Record the server's error that a worker has reported. */
static MigStatus
take_error(StringInfo message, MigError *error)
{
    ErrorData reported;

    pq_parse_errornotice(message, &reported);
    mig_fail(error,
             reported.sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ? MIG_LOCKED
                                                               : MIG_ENGINE,
             "%s", reported.message ? reported.message : "missing error text");
    error->engine_code = reported.sqlerrcode;
    if (reported.detail != NULL)
        mig_fail_detail(error, "%s", reported.detail);
    if (reported.hint != NULL)
        mig_fail_hint(error, "%s", reported.hint);
    return error->status;
}

/* Hand on the object of a reply. */
static void
take_object(StringInfo message, const Reply *reply, MigError *error)
{
    MigObject object;

    object.kind = pg_scratch_take(message);
    object.identity = pg_scratch_take(message);
    object.table = pg_scratch_take(message);
    object.definition = pg_scratch_take(message);
    if (error->status == MIG_OK)
        (void) reply->object(reply->context, &object, error);
}

/*
 * Take one message.
 *
 * Returns whether it is the last of an answer.
 */
static bool
take_message(StringInfo message, const Reply *reply, MigError *error)
{
    char type = (char) pq_getmsgbyte(message);

    switch (type)
    {
        case PG_REPLY_DONE:
            return true;
        case PG_REPLY_OBJECT:
            take_object(message, reply, error);
            return false;
        case PG_REPLY_FAILED:
            pq_copymsgbytes(message, (char *) error, sizeof(*error));
            return true;
        case 'E':
            (void) take_error(message, error);
            return true;
        default:
            return false; /* a notice of a migration that is only tried */
    }
}

/* Wait for the answer of a worker; the call can be cancelled meanwhile. */
static MigStatus
wait_for(MigScratch *scratch, PgScratchWorker which, const Reply *reply,
         MigError *error)
{
    bool last = false;

    while (!last)
    {
        StringInfoData message;
        Size size;
        void *data;

        CHECK_FOR_INTERRUPTS();
        if (shm_mq_receive(scratch->workers[which].replies, &size, &data,
                           false) != SHM_MQ_SUCCESS)
        {
            mig_fail(error, MIG_STATE,
                     "the background worker has ended without a word");
            mig_fail_hint(error, "The server's log may say more.");
            return error->status;
        }
        initStringInfo(&message);
        appendBinaryStringInfo(&message, data, (int) size);
        last = take_message(&message, reply, error);
        pfree(message.data);
    }
    return error->status;
}

/* Send a request and wait for the answer. */
static MigStatus
ask(MigScratch *scratch, PgScratchWorker which, StringInfo request,
    const Reply *reply, MigError *error)
{
    /* One that has ended has said why. */
    (void) compat_mq_send(scratch->workers[which].requests, (Size) request->len,
                          request->data);
    pfree(request->data);
    return wait_for(scratch, which, reply, error);
}

/* A request of a kind. */
static void
request_begin(StringInfo request, char kind)
{
    initStringInfo(request);
    appendStringInfoChar(request, kind);
}

/* ---- Opening ---- */

/* Whether the current role may create databases. */
static bool
may_create(void)
{
    HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));
    bool may = superuser();

    if (!HeapTupleIsValid(tuple))
        return may;
    may = may || ((Form_pg_authid) GETSTRUCT(tuple))->rolcreatedb;
    ReleaseSysCache(tuple);
    return may;
}

/* Fail where no scratch database can be had. */
static MigStatus
require_possible(const Mig *mig, MigError *error)
{
    if (RecoveryInProgress())
        return mig_fail(error, MIG_READ_ONLY,
                        "no database can be created during recovery");
    if (mig->settings->target.length >= NAMEDATALEN)
        return mig_fail(error, MIG_INVALID,
                        "the name of the target schema is too long");
    if (may_create())
        return MIG_OK;
    mig_fail(error, MIG_DENIED, "role \"%s\" may not create databases",
             GetUserNameFromId(GetUserId(), false));
    mig_fail_detail(error, "Migrations are tried on a database that is made "
                           "for it and dropped behind it.");
    mig_fail_hint(error, "ALTER ROLE ... CREATEDB, or let a role call that may "
                         "create databases.");
    return error->status;
}

/* The statement that creates a database like this one, in the call's memory. */
static char *
create_statement(const PgHost *host)
{
    static const char query[] =
        "SELECT format('CREATE DATABASE migrate_scratch_%s TEMPLATE template0 "
        "ALLOW_CONNECTIONS false ENCODING %L LC_COLLATE %L LC_CTYPE %L', "
        "d.oid, pg_encoding_to_char(encoding), datcollate, datctype) "
        "|| CASE j->>'datlocprovider' "
        "WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', "
        "coalesce(j->>'datlocale', j->>'daticulocale')) "
        "WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', "
        "j->>'datlocale') WHEN 'c' THEN ' LOCALE_PROVIDER libc' ELSE '' END "
        "|| coalesce(' ICU_RULES ' || quote_literal(j->>'daticurules'), '') "
        "FROM pg_catalog.pg_database d, pg_catalog.to_jsonb(d) j "
        "WHERE datname = pg_catalog.current_database()";
    int level = NewGUCNestLevel();
    char *statement;

    (void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
                             PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    if (SPI_execute(query, true, 1) != SPI_OK_SELECT || SPI_processed != 1)
        elog(ERROR, "could not look up the database");
    statement = MemoryContextStrdup(
        host->memory,
        SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
    SPI_finish();
    AtEOXact_GUC(false, level);
    return statement;
}

/* Have the database created, and a worker connected to it. */
static void
start(MigScratch *scratch, MigError *error)
{
    if (worker_start(scratch, PG_SCRATCH_KEEPER, "pg_migrate_keeper_main",
                     error) != MIG_OK)
        return;
    (void) wait_for(scratch, PG_SCRATCH_KEEPER, NULL, error);
    if (error->status == MIG_LOCKED)
    {
        mig_error_clear(error);
        mig_fail(error, MIG_LOCKED, "another call is trying migrations");
        mig_fail_hint(error, "Try again when it is done, or give the setting "
                             "\"wait_timeout\" a longer time.");
    }
    if (error->status == MIG_OK &&
        worker_start(scratch, PG_SCRATCH_REPLAY, "pg_migrate_replay_main",
                     error) == MIG_OK)
        (void) wait_for(scratch, PG_SCRATCH_REPLAY, NULL, error);
}

MigStatus
pg_scratch_open(struct Mig *mig, MigScratch **scratch)
{
    PgHost *host = (PgHost *) mig->host;
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    MigError *error = mig->error;
    MigScratch *made;

    if (pg_is_doomed(host, error) || require_possible(mig, error) != MIG_OK)
    {
        MemoryContextSwitchTo(before);
        return error->status;
    }
    pg_deploy_snapshot(host);
    made = palloc0(sizeof(MigScratch));
    made->host = host;
    if (!segment_make(made, mig, create_statement(host)))
    {
        mig_fail(error, MIG_STATE,
                 "the server has no more segments of shared memory");
        mig_fail_hint(error, "Try again when other sessions have ended, or "
                             "raise max_connections.");
    }
    else
        start(made, error);
    if (error->status == MIG_OK)
        *scratch = made;
    else if (made->segment != NULL)
        pg_scratch_close(mig, made);
    MemoryContextSwitchTo(before);
    return error->status;
}

/* ---- Using it ---- */

MigStatus
pg_scratch_run(struct Mig *mig, MigScratch *scratch, struct MigWork *work,
               bool each)
{
    MemoryContext before = MemoryContextSwitchTo(scratch->host->memory);
    StringInfoData request;
    Size size = 100;

    for (size_t i = 0; i < work->count; i++)
        size += work->parts[i].text.length + work->parts[i].slice->file.length;
    if (size > MaxAllocSize / 2)
        mig_fail(mig->error, MIG_UNSUPPORTED,
                 "a migration of %zu bytes is too long to be tried", size);
    else
    {
        request_begin(&request, PG_REQUEST_RUN);
        pq_sendbyte(&request, each ? 1 : 0);
        pg_scratch_put(&request, work->version);
        pq_sendint32(&request, (uint32) work->count);
        for (size_t i = 0; i < work->count; i++)
        {
            pq_sendint64(&request, (uint64) work->parts[i].slice->line);
            pg_scratch_put(&request, work->parts[i].slice->file);
            pg_scratch_put(&request, work->parts[i].text);
        }
        (void) ask(scratch, PG_SCRATCH_REPLAY, &request, NULL, mig->error);
    }
    MemoryContextSwitchTo(before);
    return mig->error->status;
}

MigStatus
pg_scratch_list(struct Mig *mig, MigScratch *scratch, const MigScope *scope,
                MigObjectFunction object, void *context)
{
    MemoryContext before = MemoryContextSwitchTo(scratch->host->memory);
    Reply reply = {object, context};
    StringInfoData request;

    request_begin(&request, PG_REQUEST_LIST);
    pg_scratch_put(&request, scope->schema);
    pq_sendint32(&request, (uint32) scope->except_count);
    for (size_t i = 0; i < scope->except_count; i++)
    {
        pg_scratch_put(&request, scope->except[i].schema);
        pg_scratch_put(&request, scope->except[i].name);
    }
    (void) ask(scratch, PG_SCRATCH_REPLAY, &request, &reply, mig->error);
    MemoryContextSwitchTo(before);
    return mig->error->status;
}

/* Tell a worker to end, if it has been started, and wait for that. */
static void
worker_end(Worker *worker)
{
    char end = PG_REQUEST_END;

    if (worker->handle == NULL)
        return;
    (void) compat_mq_send(worker->requests, 1, &end);
    (void) WaitForBackgroundWorkerShutdown(worker->handle);
}

/* Look whether the keeper has dropped the database. */
static void
look_dropped(MigScratch *scratch)
{
    MigError error = {MIG_OK, 0, "", "", ""};

    if (scratch->workers[PG_SCRATCH_KEEPER].handle == NULL ||
        !OidIsValid(scratch->fixed->scratch))
        return;
    if (wait_for(scratch, PG_SCRATCH_KEEPER, NULL, &error) != MIG_OK)
        ereport(WARNING, (errmsg("database \"%s\" could not be dropped: %s",
                                 scratch->fixed->name, error.message),
                          errhint("The next call that needs one drops it.")));
}

void
pg_scratch_close(struct Mig *mig, MigScratch *scratch)
{
    Worker *keeper;

    if (scratch == NULL)
        return;
    keeper = &scratch->workers[PG_SCRATCH_KEEPER];
    worker_end(&scratch->workers[PG_SCRATCH_REPLAY]);
    worker_end(keeper);
    look_dropped(scratch);
    dsm_detach(scratch->segment);
    if (keeper->handle != NULL)
        pfree(keeper->handle);
}
