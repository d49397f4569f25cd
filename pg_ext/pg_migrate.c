#include "pg_watch.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

PG_MODULE_MAGIC;

/* What is known of an SQL function after its first call. */
typedef struct PgFunction
{
    const MigApi *api;
    Oid extension; /* it is a member of */
    Oid schema;
    Oid *argument_types;
    int argument_count;
    Oid result_type;
} PgFunction;

/* Where the rows of a table function go. */
typedef struct PgTable
{
    Tuplestorestate *rows;
    TupleDesc shape;
    MemoryContext memory; /* of one row */
} PgTable;

/* What this connection remembers between calls, as long as a transaction. */
static MigSession session;

/* Settings that every session may make. */
static char *setting_project;
static char *setting_wait_timeout;
static char *setting_lock_timeout;
static char *setting_lock_retries;
static char *setting_statement_timeout;
static char *setting_target_schema;

void _PG_init(void);

void
pg_session_run(void)
{
    session.running = true;
}

bool
pg_session_runs(void)
{
    return session.running;
}

/* Make one setting known to the server. */
static void
define_setting(const char *name, const char *description, char **variable,
               GucContext context, int flags)
{
    DefineCustomStringVariable(name, description,
                               "An empty text means that it is not set.",
                               variable, "", context, flags, NULL, NULL, NULL);
}

/*
 * At the end of a transaction forget what its calls have found: behind a pooler
 * the next one may be of another client, with another release's directory.
 */
static void
forget_release(XactEvent event, void *unused)
{
    if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
        event == XACT_EVENT_PREPARE)
        session.older_release = false;
}

/* Called by the server when the module is loaded. */
void
_PG_init(void)
{
    RegisterXactCallback(forget_release, NULL);
    define_setting("migrate.project", "Set of migrations that calls work on.",
                   &setting_project, PGC_USERSET, 0);
    define_setting("migrate.wait_timeout",
                   "How long to wait for another migration run.",
                   &setting_wait_timeout, PGC_USERSET, 0);
    define_setting("migrate.lock_timeout",
                   "How long a statement of a migration waits for a lock.",
                   &setting_lock_timeout, PGC_USERSET, 0);
    define_setting("migrate.lock_retries",
                   "How often a migration that had to wait too long for a "
                   "lock is tried again.",
                   &setting_lock_retries, PGC_USERSET, 0);
    define_setting("migrate.statement_timeout",
                   "How long a statement of a migration may take.",
                   &setting_statement_timeout, PGC_USERSET, 0);
    define_setting("migrate.target_schema", "Schema that migrations run in.",
                   &setting_target_schema, PGC_USERSET, 0);
    define_setting("migrate.directories",
                   "Folders of the server that everybody who may load "
                   "migrations may read.",
                   &pg_directories, PGC_SUSET, GUC_LIST_INPUT);
    define_setting("migrate.trusted_roles",
                   "Roles whose migrations a superuser runs.",
                   &pg_trusted_roles, PGC_SUSET, GUC_LIST_INPUT);
    pg_deferred_init();
    pg_inner_init();
    pg_wait_init();
}

/* Find out about the function being called, once for each place of call. */
static pg_noinline const PgFunction *
find_function(FmgrInfo *call)
{
    PgFunction *found = call->fn_extra;
    MemoryContext before;
    char *name;

    if (found != NULL)
        return found;
    before = MemoryContextSwitchTo(call->fn_mcxt);
    found = palloc0(sizeof(PgFunction));
    name = get_func_name(call->fn_oid);
    found->api = name == NULL ? NULL : mig_api_find(name);
    found->extension = getExtensionOfObject(ProcedureRelationId, call->fn_oid);
    if (found->api == NULL || !OidIsValid(found->extension))
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
                        errmsg("function \"%s\" is not one of the extension "
                               "\"migrate\"",
                               name ? name : "?"),
                        errhint("Is the extension's module older than its "
                                "SQL script?")));
    found->schema = get_func_namespace(call->fn_oid);
    found->result_type = get_func_signature(
        call->fn_oid, &found->argument_types, &found->argument_count);
    MemoryContextSwitchTo(before);
    call->fn_extra = found;
    return found;
}

/* Fail unless the database's texts are UTF-8, or taken as they are. */
static void
require_encoding(void)
{
    int encoding = GetDatabaseEncoding();

    if (encoding != PG_UTF8 && encoding != PG_SQL_ASCII)
        ereport(ERROR,
                (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                 errmsg("databases of encoding \"%s\" are not supported",
                        GetDatabaseEncodingName()),
                 errhint("Migrations are read as UTF-8; use a database of "
                         "that encoding.")));
}

/* The arguments of the SQL function as the core wants them. */
static void
read_arguments(FunctionCallInfo fcinfo, const PgFunction *function,
               MigValue *arguments)
{
    if (PG_NARGS() > MIG_MAX_ARGUMENTS ||
        PG_NARGS() != function->argument_count)
        elog(ERROR, "function %s() got %d arguments", function->api->name,
             PG_NARGS());
    for (int i = 0; i < PG_NARGS(); i++)
        arguments[i] = PG_ARGISNULL(i)
                           ? mig_null()
                           : pg_value_from_datum(PG_GETARG_DATUM(i),
                                                 function->argument_types[i]);
}

/* Prepare for the rows of a table function. */
static void
table_begin(FunctionCallInfo fcinfo, PgTable *table)
{
    ReturnSetInfo *wanted = (ReturnSetInfo *) fcinfo->resultinfo;
    MemoryContext before;

    if (wanted == NULL || !IsA(wanted, ReturnSetInfo) ||
        !(wanted->allowedModes & SFRM_Materialize))
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("set-valued function called in context that "
                               "cannot accept a set")));
    before = MemoryContextSwitchTo(wanted->econtext->ecxt_per_query_memory);
    if (get_call_result_type(fcinfo, NULL, &table->shape) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "return type must be a row type");
    table->shape = CreateTupleDescCopy(table->shape);
    table->rows = tuplestore_begin_heap(
        (wanted->allowedModes & SFRM_Materialize_Random) != 0, false, work_mem);
    wanted->returnMode = SFRM_Materialize;
    wanted->setResult = table->rows;
    wanted->setDesc = table->shape;
    MemoryContextSwitchTo(before);
    table->memory = AllocSetContextCreate(
        CurrentMemoryContext, "migrate result row", PG_CONTEXT_SIZES);
}

/* Keep one row of a table function. */
static MigStatus
table_emit(MigCall *call, const MigValue *columns, size_t count)
{
    PgTable *table = call->emit_context;
    MemoryContext before = MemoryContextSwitchTo(table->memory);
    Datum values[MIG_MAX_TABLE_COLUMNS];
    bool nulls[MIG_MAX_TABLE_COLUMNS];

    if (count != (size_t) table->shape->natts || count > MIG_MAX_TABLE_COLUMNS)
        elog(ERROR, "a row of %zu columns where %d were declared", count,
             table->shape->natts);
    for (size_t i = 0; i < count; i++)
        values[i] = pg_value_to_datum(
            &columns[i], TupleDescAttr(table->shape, (int) i)->atttypid,
            &nulls[i]);
    tuplestore_putvalues(table->rows, table->shape, values, nulls);
    MemoryContextSwitchTo(before);
    MemoryContextReset(table->memory);
    return MIG_OK;
}

/* Call the core, and turn its answer into the SQL function's. */
static Datum
call_core(FunctionCallInfo fcinfo, const PgFunction *function, PgHost *host)
{
    MigValue arguments[MIG_MAX_ARGUMENTS];
    MigError error = {0};
    MigCall call = {0};
    PgTable table;
    Datum result;

    read_arguments(fcinfo, function, arguments);
    call.host = &host->base;
    call.arguments = arguments;
    call.argument_count = (size_t) PG_NARGS();
    call.error = &error;
    call.emit = table_emit;
    call.emit_context = &table;
    if (mig_api_is_table(function->api))
        table_begin(fcinfo, &table);
    if (mig_call(function->api, &call) != MIG_OK || pg_is_doomed(host, &error))
        pg_fail(host, &error);
    if (mig_api_is_table(function->api) || host->commits)
    {
        fcinfo->isnull = true;
        result = (Datum) 0;
    }
    else
        result = pg_value_to_datum(&call.result, function->result_type,
                                   &fcinfo->isnull);
    mig_call_end(&call);
    return result;
}

/* Set up what the core knows this call by. */
static void
host_begin(PgHost *host, const PgFunction *function)
{
    int security;

    memset(host, 0, sizeof(*host));
    host->base.methods = &pg_host_methods;
    host->base.session = &session;
    host->memory = AllocSetContextCreate(CurrentMemoryContext, "migrate call",
                                         PG_CONTEXT_SIZES);
    host->deferred.memory = host->memory;
    host->extension = function->extension;
    host->schema = get_namespace_name(function->schema);
    GetUserIdAndSecContext(&host->caller, &security);
    host->definer = (security & SECURITY_LOCAL_USERID_CHANGE) != 0;
}

/*
 * Every SQL function of the extension: which one is told by the name it was
 * declared under.
 *
 *     SELECT migrate_apply('head');
 *
 * NULL reaches the core.  Raises the core's errors with the SQLSTATE of their
 * kind, and those of the server with their own; see pg_error.c.
 */
PG_FUNCTION_INFO_V1(pg_migrate_call);
Datum
pg_migrate_call(PG_FUNCTION_ARGS)
{
    const PgFunction *function = find_function(fcinfo->flinfo);
    bool was_running = session.running;
    bool was_guarded = session.guarded;
    PgDeferred *was_watching = pg_deferred_watch(NULL);
    const PgHost *was_refusing = pg_inner_pause();
    volatile Datum result = (Datum) 0;
    PgHost host;

    host_begin(&host, function);
    PG_TRY();
    {
        if (function->api->flags & MIG_API_PROCEDURE)
            pg_deploy_begin(&host, fcinfo, function->api->name);
        require_encoding();
        result = call_core(fcinfo, function, &host);
    }
    PG_FINALLY();
    {
        session.running = was_running;
        session.guarded = was_guarded;
        (void) pg_deferred_watch(was_watching);
        pg_inner_resume(was_refusing);
        pg_limits_end(&host);
        pg_deploy_end(&host);
    }
    PG_END_TRY();
    MemoryContextDelete(host.memory);
    return result;
}

/*
 * What the event triggers call: migrate_watch().
 *
 * Raises an error when a command is refused; see pg_watch.h.
 */
PG_FUNCTION_INFO_V1(pg_migrate_watch);
Datum
pg_migrate_watch(PG_FUNCTION_ARGS)
{
    if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
        ereport(ERROR,
                (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
                 errmsg("migrate_watch() is called by event triggers alone")));
    pg_watch_event((EventTriggerData *) fcinfo->context,
                   fcinfo->flinfo->fn_oid);
    PG_RETURN_NULL();
}

/*
 * What the extension's scripts call as the last thing, and drop.
 */
PG_FUNCTION_INFO_V1(pg_migrate_close_rights);
Datum
pg_migrate_close_rights(PG_FUNCTION_ARGS)
{
    pg_rights_close(fcinfo->flinfo->fn_oid);
    PG_RETURN_VOID();
}
