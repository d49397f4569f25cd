#include "pg_scratch.h"

#include <signal.h>

#include "commands/schemacmds.h"
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "mig_replay.h"

/*
 * The worker in the scratch database.
 *
 * It is a host to the core, one without a catalogue: a unit is a transaction,
 * and what no transaction can hold is run at top level.  What would reach
 * beyond the database is refused, also inside functions.
 */

COMPAT_EXPORT void pg_migrate_replay_main(Datum argument);

/* The worker's world. */
typedef struct Replay
{
    PgScratchSegment shared;
    PgHost host;
    MigHostMethods methods;
    MigSession session;
    MigError error;
} Replay;

/* ---- What reaches beyond the database ---- */

static ProcessUtility_hook_type previous_hook;

/* Whether objects of a type are the whole cluster's. */
static bool
is_shared(ObjectType type)
{
    return type == OBJECT_DATABASE || type == OBJECT_ROLE ||
           type == OBJECT_TABLESPACE || type == OBJECT_SUBSCRIPTION;
}

/* Whether a GRANT is about anything outside of this database. */
static bool
grants_beyond(const GrantStmt *statement)
{
    return compat_is_shared_grant(statement->objtype);
}

/* Whether a COPY writes a file or runs a program. */
static bool
copies_beyond(const CopyStmt *statement)
{
    return statement->is_program ||
           (statement->filename != NULL && !statement->is_from);
}

/* Whether a statement's effect is not the scratch database's alone. */
static bool
reaches_beyond(const Node *node)
{
    switch (nodeTag(node))
    {
        case T_CreateRoleStmt:
        case T_AlterRoleStmt:
        case T_AlterRoleSetStmt:
        case T_DropRoleStmt:
        case T_GrantRoleStmt:
        case T_ReassignOwnedStmt:
        case T_DropOwnedStmt:
        case T_CreateTableSpaceStmt:
        case T_DropTableSpaceStmt:
        case T_AlterTableSpaceOptionsStmt:
        case T_CreatedbStmt:
        case T_DropdbStmt:
        case T_AlterDatabaseStmt:
        case T_AlterDatabaseSetStmt:
        case T_AlterSystemStmt:
        case T_CreateSubscriptionStmt:
        case T_AlterSubscriptionStmt:
        case T_DropSubscriptionStmt:
            return true;
        case T_RenameStmt:
            return is_shared(((const RenameStmt *) node)->renameType);
        case T_AlterOwnerStmt:
            return is_shared(((const AlterOwnerStmt *) node)->objectType);
        case T_CommentStmt:
            return is_shared(((const CommentStmt *) node)->objtype);
        case T_SecLabelStmt:
            return is_shared(((const SecLabelStmt *) node)->objtype);
        case T_GrantStmt:
            return grants_beyond((const GrantStmt *) node);
        case T_CopyStmt:
            return copies_beyond((const CopyStmt *) node);
        default:
            return compat_is_collation_refresh(node);
    }
}

/* Called by the server for each statement that is no query. */
static void
replay_utility(COMPAT_UTILITY_PARAMETERS)
{
    if (reaches_beyond(plan->utilityStmt))
        ereport(
            ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
             errmsg("%s reaches beyond the database, and so is not tried",
                    GetCommandTagName(CreateCommandTag(plan->utilityStmt)))));
    if (previous_hook != NULL)
        previous_hook(COMPAT_UTILITY_ARGUMENTS);
    else
        standard_ProcessUtility(COMPAT_UTILITY_ARGUMENTS);
}

/* ---- The host ---- */

static bool
replay_commits(MigHost *base)
{
    return true;
}

static MigStatus
replay_lock(MigHost *base, int64_t wait_ms, MigError *error)
{
    return MIG_OK; /* nobody else is here */
}

static MigStatus
replay_release(MigHost *base, int64_t wait_ms, MigError *error)
{
    return MIG_OK; /* the unit's end has committed */
}

static MigStatus
replay_unit_begin(MigHost *base, MigError *error)
{
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    MemoryContextSwitchTo(((PgHost *) base)->memory);
    return pg_unit_begin(base, error);
}

static MigStatus
replay_unit_keep(MigHost *base, MigError *error)
{
    PgHost *host = (PgHost *) base;

    if (pg_unit_keep(base, error) != MIG_OK)
        return error->status;
    PG_TRY();
    {
        pg_error_context_none();
        CommitTransactionCommand();
    }
    PG_CATCH();
    {
        (void) pg_catch(host, error);
        pg_doom(host);
    }
    PG_END_TRY();
    MemoryContextSwitchTo(host->memory);
    return error->status;
}

static void
replay_unit_undo(MigHost *base)
{
    PgHost *host = (PgHost *) base;

    pg_doom(host);
    AbortCurrentTransaction();
    MemoryContextSwitchTo(host->memory);
}

static MigStatus
replay_run_outside(MigHost *base, const MigStatement *statement, size_t *offset,
                   MigError *error)
{
    PgHost *host = (PgHost *) base;
    char *sql = pnstrdup(statement->text.data, statement->text.length);

    PG_TRY();
    {
        pg_error_context_none();
        pg_statement_clock_start(base->limits.statement_ms);
        pg_worker_portal(sql);
        CommitTransactionCommand();
        pg_statement_clock_stop();
        StartTransactionCommand();
        MemoryContextSwitchTo(host->memory);
        host->unit.guc_level = NewGUCNestLevel();
    }
    PG_CATCH();
    {
        pg_statement_clock_stop();
        (void) pg_catch(host, error);
        pg_unit_fail(host);
        if (offset != NULL && host->cause->cursorpos > 0)
            *offset = pg_character_offset(sql, host->cause->cursorpos);
    }
    PG_END_TRY();
    return error->status;
}

/* Set up the host. */
static void
host_begin(Replay *replay)
{
    const PgScratchFixed *fixed = replay->shared.fixed;
    PgHost *host = &replay->host;
    MigHostMethods *methods = &replay->methods;

    *methods = pg_host_methods;
    methods->commits = replay_commits;
    methods->lock = replay_lock;
    methods->release = replay_release;
    methods->abandon = replay_unit_undo;
    methods->unit_begin = replay_unit_begin;
    methods->unit_keep = replay_unit_keep;
    methods->unit_undo = replay_unit_undo;
    methods->run_outside = replay_run_outside;
    methods->query = NULL;
    host->base.methods = methods;
    host->base.session = &replay->session;
    host->base.limits.lock_ms = fixed->lock_ms;
    host->base.limits.lock_given = true;
    host->base.limits.statement_ms = fixed->statement_ms;
    host->base.limits.target = mig_bytes(fixed->target);
    host->memory = AllocSetContextCreate(TopMemoryContext, "migrate replay",
                                         PG_CONTEXT_SIZES);
    host->deferred.memory = host->memory;
    host->schema = "";
    host->caller = fixed->user.role;
}

/* ---- Requests ---- */

/* Be again as the caller is: what a migration has set does not count. */
static void
settings_reset(Replay *replay)
{
    StartTransactionCommand();
    pg_worker_become(&replay->shared.fixed->user, replay->shared.settings);
    /* Nothing here needs to survive anything. */
    SetConfigOption("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION);
    SetConfigOption("default_transaction_read_only", "off", PGC_USERSET,
                    PGC_S_SESSION);
    CommitTransactionCommand();
    MemoryContextSwitchTo(replay->host.memory);
}

/* Make the target schema. */
static void
schema_make(Replay *replay)
{
    const char *name = replay->shared.fixed->target;

    if (name[0] == '\0' || strcmp(name, "public") == 0)
        return;
    StartTransactionCommand();
    MemoryContextSwitchTo(replay->host.memory);
    pg_worker_portal(psprintf("CREATE SCHEMA %s", quote_identifier(name)));
    CommitTransactionCommand();
    MemoryContextSwitchTo(replay->host.memory);
}

/* Read a work as pg_scratch_run() has written it; its texts lie in the
 * message. */
static void
work_read(StringInfo message, MigWork *work)
{
    memset(work, 0, sizeof(*work));
    work->version = pg_scratch_take(message);
    work->section = "up";
    work->count = (size_t) pq_getmsgint(message, 4);
    work->parts = palloc0(sizeof(MigPart) * (work->count + 1));
    for (size_t i = 0; i < work->count; i++)
    {
        MigSlice *slice = palloc0(sizeof(MigSlice));

        slice->line = pq_getmsgint64(message);
        slice->file = pg_scratch_take(message);
        work->parts[i].slice = slice;
        work->parts[i].text = pg_scratch_take(message);
    }
}

/* Run a migration. */
static void
request_run(Replay *replay, StringInfo message)
{
    MemoryContext memory = AllocSetContextCreate(
        TopMemoryContext, "migrate replay call", PG_CONTEXT_SIZES);
    MigArena arena = {&replay->host.base, NULL};
    MigWork work;
    Mig mig;
    bool each = pq_getmsgbyte(message) != 0;

    memset(&mig, 0, sizeof(mig));
    mig.host = &replay->host.base;
    mig.arena = &arena;
    mig.error = &replay->error;
    MemoryContextSwitchTo(replay->host.memory);
    settings_reset(replay);
    MemoryContextSwitchTo(memory);
    work_read(message, &work);
    MemoryContextSwitchTo(replay->host.memory);
    mig_replay(&mig, &work, each);
    mig_arena_release(&arena);
    MemoryContextDelete(memory);
}

/* A MigObjectFunction: send an object. */
static MigStatus
send_object(void *context, const MigObject *object, MigError *error)
{
    StringInfoData message;

    pq_beginmessage(&message, PG_REPLY_OBJECT);
    pg_scratch_put(&message, object->kind);
    pg_scratch_put(&message, object->identity);
    pg_scratch_put(&message, object->table);
    pg_scratch_put(&message, object->definition);
    pq_endmessage(&message);
    return MIG_OK;
}

/* List objects. */
static void
request_list(Replay *replay, StringInfo message)
{
    MigScope scope;
    MigTableName *except;

    scope.schema = pg_scratch_take(message);
    scope.except_count = (size_t) pq_getmsgint(message, 4);
    except = palloc0(sizeof(MigTableName) * (scope.except_count + 1));
    for (size_t i = 0; i < scope.except_count; i++)
    {
        except[i].schema = pg_scratch_take(message);
        except[i].name = pg_scratch_take(message);
    }
    scope.except = except;
    settings_reset(replay);
    StartTransactionCommand();
    PushActiveSnapshot(GetTransactionSnapshot());
    (void) pg_list_objects(&replay->host.base, &scope, send_object, NULL,
                           &replay->error);
    PopActiveSnapshot();
    CommitTransactionCommand();
    MemoryContextSwitchTo(replay->host.memory);
}

/* Send a failure as it is. */
static void
send_failure(const MigError *error)
{
    StringInfoData message;

    pq_beginmessage(&message, PG_REPLY_FAILED);
    pq_sendbytes(&message, (const char *) error, (int) sizeof(*error));
    pq_endmessage(&message);
}

/* Do one request and answer it; returns false when it is to be the last. */
static bool
request_do(Replay *replay, void *data, Size size)
{
    StringInfoData message;
    char kind;

    /* Read, and never written. */
    message.data = data;
    message.len = (int) size;
    message.maxlen = 0;
    message.cursor = 0;
    kind = (char) pq_getmsgbyte(&message);
    if (kind == PG_REQUEST_RUN)
        request_run(replay, &message);
    else if (kind == PG_REQUEST_LIST)
        request_list(replay, &message);
    else
        return false;
    if (replay->error.status == MIG_OK)
        pg_scratch_reply_done();
    else
        send_failure(&replay->error);
    return replay->error.status == MIG_OK;
}

/*
 * Called by the server in the new process.
 *
 * argument  handle of the segment
 *
 * Does what its caller asks for until one of it fails, or nothing more comes.
 */
void
pg_migrate_replay_main(Datum argument)
{
    Replay *replay;
    Size size;
    void *data;

    pqsignal(SIGTERM, die);
    pqsignal(SIGINT, StatementCancelHandler);
    BackgroundWorkerUnblockSignals();
    replay = MemoryContextAllocZero(TopMemoryContext, sizeof(Replay));
    if (!pg_scratch_attach(argument, PG_SCRATCH_REPLAY, &replay->shared))
        return; /* the caller is gone */
    pg_worker_connect(replay->shared.fixed->scratch,
                      &replay->shared.fixed->user, replay->shared.settings,
                      BGWORKER_BYPASS_ALLOWCONN);
    pg_session_run();
    previous_hook = ProcessUtility_hook;
    ProcessUtility_hook = replay_utility;
    host_begin(replay);
    pgstat_report_activity(STATE_RUNNING, "trying migrations");
    settings_reset(replay);
    schema_make(replay);
    pg_scratch_reply_done();
    while (shm_mq_receive(replay->shared.requests, &size, &data, false) ==
               SHM_MQ_SUCCESS &&
           request_do(replay, data, size))
        continue;
    dsm_detach(replay->shared.segment);
}
