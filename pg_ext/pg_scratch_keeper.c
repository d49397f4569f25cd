#include "pg_scratch.h"

#include <signal.h>

#include "access/htup_details.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"

#define DROP_ATTEMPTS 5 /* the server itself waits some seconds in each */

COMPAT_EXPORT void pg_migrate_keeper_main(Datum argument);

/* ---- What both workers share ---- */

void
pg_scratch_put(StringInfo message, MigBytes bytes)
{
    pq_sendint32(message,
                 bytes.data == NULL ? (uint32) -1 : (uint32) bytes.length);
    if (bytes.data != NULL)
        pq_sendbytes(message, bytes.data, (int) bytes.length);
}

MigBytes
pg_scratch_take(StringInfo message)
{
    int length = (int) pq_getmsgint(message, 4);
    MigBytes bytes = {NULL, 0};

    if (length < 0)
        return bytes;
    bytes.data = pq_getmsgbytes(message, length);
    bytes.length = (size_t) length;
    return bytes;
}

bool
pg_scratch_attach(Datum argument, PgScratchWorker which,
                  PgScratchSegment *shared)
{
    shm_mq *requests;
    shm_mq *replies;
    shm_toc *toc;

    shared->segment = dsm_attach(DatumGetUInt32(argument));
    if (shared->segment == NULL)
        return false;
    toc =
        shm_toc_attach(PG_SCRATCH_MAGIC, dsm_segment_address(shared->segment));
    if (toc == NULL)
        elog(ERROR, "bad magic number in a segment of shared memory");
    shared->fixed = shm_toc_lookup(toc, PG_SCRATCH_FIXED, false);
    shared->settings = shm_toc_lookup(toc, PG_SCRATCH_SETTINGS, false);
    shared->create = shm_toc_lookup(toc, PG_SCRATCH_CREATE, false);
    requests = shm_toc_lookup(toc, PG_SCRATCH_REQUESTS + (uint64) which, false);
    replies = shm_toc_lookup(toc, PG_SCRATCH_REPLIES + (uint64) which, false);
    shm_mq_set_receiver(requests, MyProc);
    shared->requests = shm_mq_attach(requests, shared->segment, NULL);
    shm_mq_set_sender(replies, MyProc);
    pq_redirect_to_shm_mq(shared->segment,
                          shm_mq_attach(replies, shared->segment, NULL));
    return true;
}

void
pg_scratch_reply_done(void)
{
    pq_putemptymessage(PG_REPLY_DONE);
}

/* ---- The keeper ---- */

/* Called when the process has ended its transaction and is about to end. */
static void
unlock(int code, Datum argument)
{
    LockReleaseAll(DEFAULT_LOCKMETHOD, true);
}

/* Change a setting for as long as the process lives. */
static void
setting_change(const char *name, int64_t value)
{
    char digits[32];

    snprintf(digits, sizeof(digits), "%d",
             (int) Min(value, (int64_t) PG_INT32_MAX));
    SetConfigOption(name, digits, PGC_USERSET, PGC_S_SESSION);
}

/* Become the only one who has a scratch database for this one. */
static void
take_lock(const PgScratchFixed *fixed)
{
    LOCKTAG tag;

    before_shmem_exit(unlock, (Datum) 0);
    /* 0 would be for ever. */
    setting_change("lock_timeout", Max(fixed->wait_ms, 1));
    StartTransactionCommand();
    pg_lock_tag(fixed->extension, PG_LOCK_SCRATCH, &tag);
    (void) LockAcquire(&tag, ExclusiveLock, true, false);
    CommitTransactionCommand();
    setting_change("lock_timeout", 0);
}

/* Run a statement that no transaction can hold. */
static void
run(const char *statement)
{
    MemoryContext memory = AllocSetContextCreate(
        TopMemoryContext, "migrate keeper statement", PG_CONTEXT_SIZES);

    SetCurrentStatementStartTimestamp();
    debug_query_string = statement;
    pgstat_report_activity(STATE_RUNNING, statement);
    StartTransactionCommand();
    MemoryContextSwitchTo(memory);
    pg_worker_portal(statement);
    CommitTransactionCommand();
    MemoryContextSwitchTo(TopMemoryContext);
    MemoryContextDelete(memory);
    debug_query_string = NULL;
    pgstat_report_activity(STATE_IDLE, NULL);
}

/* Number of the database of a name, or InvalidOid; fails when others could
 * have connected to it, as then it is not ours. */
static Oid
find_scratch(const char *name)
{
    Oid found;
    HeapTuple tuple;
    bool open = false;

    StartTransactionCommand();
    found = get_database_oid(name, true);
    tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(found));
    if (HeapTupleIsValid(tuple))
    {
        open = ((Form_pg_database) GETSTRUCT(tuple))->datallowconn;
        ReleaseSysCache(tuple);
    }
    CommitTransactionCommand();
    if (open)
        ereport(ERROR,
                (errcode(ERRCODE_DUPLICATE_DATABASE),
                 errmsg("database \"%s\" is in the way", name),
                 errdetail("A scratch database would have that name, and allow "
                           "no connections."),
                 errhint("Rename or drop it.")));
    return found;
}

/* Drop the scratch database. */
static void
drop(const char *name)
{
    run(psprintf("DROP DATABASE IF EXISTS %s", quote_identifier(name)));
}

/* The same when all is done: a worker that was told to end may take a while. */
static void
drop_patiently(const char *name)
{
    volatile bool dropped = false;

    for (volatile int attempt = 1; !dropped; attempt++)
    {
        PG_TRY();
        {
            drop(name);
            dropped = true;
        }
        PG_CATCH();
        {
            if (attempt >= DROP_ATTEMPTS)
                PG_RE_THROW();
            FlushErrorState();
            AbortCurrentTransaction();
            MemoryContextSwitchTo(TopMemoryContext);
        }
        PG_END_TRY();
    }
}

/*
 * Called by the server in the new process.
 *
 * argument  handle of the segment
 *
 * Creates the scratch database, says so, waits until its caller needs it no
 * more or is gone, and drops it.
 */
void
pg_migrate_keeper_main(Datum argument)
{
    PgScratchSegment shared;
    char name[NAMEDATALEN];
    Size size;
    void *data;

    pqsignal(SIGTERM, die);
    pqsignal(SIGINT, StatementCancelHandler);
    BackgroundWorkerUnblockSignals();
    if (!pg_scratch_attach(argument, PG_SCRATCH_KEEPER, &shared))
        return; /* the caller is gone */
    strlcpy(name, shared.fixed->name, sizeof(name));
    pg_worker_connect(shared.fixed->database, &shared.fixed->user,
                      shared.settings, 0);
    SetConfigOption("default_transaction_read_only", "off", PGC_USERSET,
                    PGC_S_SESSION);
    setting_change("statement_timeout", 0);
    take_lock(shared.fixed);
    if (OidIsValid(find_scratch(name)))
        drop(name);
    run(pstrdup(shared.create));
    shared.fixed->scratch = find_scratch(name);
    pg_scratch_reply_done();
    pgstat_report_activity(STATE_IDLE, NULL);
    (void) shm_mq_receive(shared.requests, &size, &data, false);
    drop_patiently(name);
    pg_scratch_reply_done();
    dsm_detach(shared.segment);
}
