#include "pg_migrate.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "mig_nettle.h"

/* Settings that a session may give with SET migrate.<name>. */
static const char *const session_names[] = {
    "lock_retries",      "lock_timeout",  "project",
    "statement_timeout", "target_schema", "wait_timeout"};

static void *
pg_resize(MigHost *base, void *memory, size_t old_size, size_t new_size)
{
    PgHost *host = (PgHost *) base;
    void *block = NULL;

    if (new_size > 0)
    {
        if (!AllocHugeSizeIsValid(new_size))
            return NULL;
        block = MemoryContextAllocExtended(host->memory, new_size,
                                           MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
        if (block == NULL)
            return NULL;
    }
    if (memory != NULL)
    {
        if (block != NULL)
            memcpy(block, memory, Min(old_size, new_size));
        pfree(memory);
    }
    return block;
}

static int64_t
pg_now(MigHost *base)
{
    return GetCurrentTimestamp() + PG_EPOCH_SHIFT;
}

static int64_t
pg_ticks(MigHost *base)
{
    instr_time now;

    INSTR_TIME_SET_CURRENT(now);
    return (int64_t) INSTR_TIME_GET_MICROSEC(now);
}

const char *
pg_client_address(void)
{
    LOCAL_FCINFO(fcinfo, 0);
    Datum address;

    InitFunctionCallInfoData(*fcinfo, NULL, 0, InvalidOid, NULL, NULL);
    address = inet_client_addr(fcinfo);
    return fcinfo->isnull
               ? "[local]"
               : DatumGetCString(DirectFunctionCall1(inet_out, address));
}

static void
pg_caller(MigHost *base, char *actor, size_t actor_size, char *client,
          size_t client_size)
{
    PgHost *host = (PgHost *) base;
    const char *program = application_name != NULL ? application_name : "";

    strlcpy(actor, GetUserNameFromId(host->caller, false), actor_size);
    snprintf(client, client_size, "%s%s%s", program, program[0] ? " " : "",
             pg_client_address());
}

/* The name of the database's owner; NULL when that is gone. */
static const char *
database_owner(void)
{
    HeapTuple tuple =
        SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
    const char *name = NULL;

    if (!HeapTupleIsValid(tuple))
        return NULL;
    name =
        GetUserNameFromId(((Form_pg_database) GETSTRUCT(tuple))->datdba, true);
    ReleaseSysCache(tuple);
    return name;
}

/* The schema that migrations run in; NULL when there is none. */
static const char *
run_schema(const PgHost *host)
{
    MigBytes target = host->base.limits.target;
    List *path;

    if (target.length > 0)
        return pnstrdup(target.data, target.length);
    path = fetch_search_path(false);
    return path == NIL ? NULL : get_namespace_name(linitial_oid(path));
}

static bool
pg_fact(MigHost *base, MigFact fact, char *name, size_t size, MigError *error)
{
    PgHost *host = (PgHost *) base;
    const char *value = NULL;

    switch (fact)
    {
        case MIG_FACT_DATABASE:
            value = get_database_name(MyDatabaseId);
            break;
        case MIG_FACT_OWNER:
            value = database_owner();
            break;
        case MIG_FACT_SCHEMA:
            value = run_schema(host);
            break;
        case MIG_FACT_USER:
            value = GetUserNameFromId(host->caller, false);
            break;
    }
    if (value != NULL && strlcpy(name, value, size) >= size)
        (void) mig_fail(error, MIG_INVALID, "the name \"%s\" is too long",
                        value);
    return value != NULL;
}

/*
 * Whoever has logged in, however he may call himself now by SET ROLE; inside a
 * SECURITY DEFINER function its owner, who decides what it brings in.
 */
static void
pg_author(MigHost *base, char *author, size_t size)
{
    PgHost *host = (PgHost *) base;

    strlcpy(author,
            GetUserNameFromId(
                host->definer ? host->caller : GetAuthenticatedUserId(), false),
            size);
}

static void
pg_digest(MigHost *base, MigAlgorithm algorithm, const MigBytes *pieces,
          size_t count, unsigned char *digest)
{
    mig_nettle_digest(algorithm, pieces, count, digest);
}

static void
pg_digest_grow(MigHost *base, MigGrowing *growing, const MigBytes *pieces,
               size_t count, unsigned char digest[MIG_SHA256_SIZE])
{
    mig_nettle_grow(growing, pieces, count, digest);
}

static void
pg_notice(MigHost *base, MigNoticeLevel level, const char *message)
{
    ereport(level == MIG_WARNING ? WARNING : NOTICE,
            (errmsg_internal("%s", message)));
}

/* The code and the context of an error of the server. */
static void
pg_describe(MigHost *base, const MigError *error, char *answer, size_t size)
{
    const PgHost *host = (PgHost *) base;
    const char *context = host->cause == NULL ? NULL : host->cause->context;

    answer[0] = '\0';
    if (error->engine_code != 0)
        snprintf(answer, size, "SQLSTATE: %s%s%s",
                 unpack_sql_state(error->engine_code),
                 context == NULL ? "" : "\ncontext: ",
                 context == NULL ? "" : context);
}

/* Whether a setting may be given by the session. */
static bool
is_session_setting(const char *name)
{
    for (size_t i = 0; i < lengthof(session_names); i++)
        if (strcmp(name, session_names[i]) == 0)
            return true;
    return strncmp(name, "var.", 4) == 0;
}

static bool
pg_session_setting(MigHost *base, const char *name, MigBytes *value)
{
    const char *given;

    if (!is_session_setting(name))
        return false;
    /* The text of a variable runs with the rights of the function's owner. */
    if (((PgHost *) base)->definer && strncmp(name, "var.", 4) == 0)
        return false;
    given = GetConfigOption(psprintf("migrate.%s", name), true, false);
    if (given == NULL || given[0] == '\0')
        return false;
    /* The string may go away when the setting next changes. */
    *value = mig_bytes(MemoryContextStrdup(((PgHost *) base)->memory, given));
    return true;
}

/* Whether a relation of some kinds exists, by the rules of Liquibase: a name of
 * one case is that of an identifier without quotes. */
#define RELATION_EXISTS(kinds)                                                 \
    "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c "                      \
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "                \
    "WHERE c.relkind IN (" kinds ") AND n.nspname = "                          \
    "CASE WHEN '{schema}' = '' THEN pg_catalog.current_schema() "              \
    "WHEN pg_catalog.upper('{schema}') = '{schema}' "                          \
    "THEN pg_catalog.lower('{schema}') ELSE '{schema}' END "                   \
    "AND c.relname = CASE WHEN pg_catalog.upper('{name}') = '{name}' "         \
    "THEN pg_catalog.lower('{name}') ELSE '{name}' END)"

const MigHostMethods pg_host_methods = {
    .engine = "postgresql",
    .outlives_interrupt = true,
    .parts_scripts = true,
    .outside_apply = "CALL migrate_deploy()",
    .outside_rollback = "CALL migrate_revert()",
    .resize = pg_resize,
    .now = pg_now,
    .ticks = pg_ticks,
    .caller = pg_caller,
    .fact = pg_fact,
    .author = pg_author,
    .digest = pg_digest,
    .digest_grow = pg_digest_grow,
    .notice = pg_notice,
    .progress = pg_progress,
    .describe = pg_describe,
    .pause = pg_pause,
    .blockers = pg_blockers,
    .session_setting = pg_session_setting,
    .catalogue_find = pg_catalogue_find,
    .catalogue_intact = pg_catalogue_intact,
    .catalogue_additions = pg_catalogue_additions,
    .catalogue_create = pg_catalogue_create,
    .query = pg_query,
    .require_writable = pg_require_writable,
    .commits = pg_commits,
    .trusts = pg_trusts,
    .lock = pg_lock,
    .release = pg_release,
    .abandon = pg_abandon,
    .unit_begin = pg_unit_begin,
    .unit_keep = pg_unit_keep,
    .unit_remark = pg_unit_remark,
    .unit_undo = pg_unit_undo,
    .transaction_end = pg_transaction_end,
    .outlives_failure = pg_outlives_failure,
    .list_targets = pg_list_targets,
    .script_open = pg_script_open,
    .script_rewind = pg_script_rewind,
    .script_next = pg_script_next,
    .script_close = pg_script_close,
    .script_tokens = pg_script_tokens,
    .surround = pg_surround,
    .surround_end = pg_surround_end,
    .run = pg_run,
    .run_outside = pg_run_outside,
    .mark_outside = pg_mark_outside,
    .resume_outside = pg_resume_outside,
    .canon = pg_canon,
    .list_objects = pg_list_objects,
    .changes_begin = pg_changes_begin,
    .list_changes = pg_list_changes,
    .list_numbers = pg_list_numbers,
    .scratch_open = pg_scratch_open,
    .scratch_run = pg_scratch_run,
    .scratch_list = pg_scratch_list,
    .scratch_close = pg_scratch_close,
    .check = pg_check,
    .look_begin = pg_look_begin,
    .look_end = pg_look_end,
    .list_faults = pg_list_faults,
    .list_tables = pg_list_tables,
    .read_table = pg_read_table,
    .lock_number = pg_lock_number,
    .lock_table = pg_lock_table,
    .database_name = pg_database_name,
    .place = pg_place,
    .watch = pg_watch,
    .watching = pg_watching,
    .destroys = pg_destroys,
    .leads = pg_leads,
    .held = pg_held,
    .backed_up = pg_backed_up,
    .restore_point = pg_restore_point,
    .inspect = pg_inspect,
    .table_exists = RELATION_EXISTS("'r', 'p', 'f'"),
    .view_exists = RELATION_EXISTS("'v', 'm'"),
    .path_kind = pg_path_kind,
    .list_directory = pg_directory_list,
    .read_file = pg_file_read,
};
