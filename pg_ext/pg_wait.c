#include "pg_migrate.h"

#include <signal.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/catalog.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_collation_d.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type_d.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

/*
 * Time limits of statements, and who stands in the way.
 *
 * Who blocks a session is known only while it waits.  A session that has waited
 * for deadlock_timeout writes who that is into the server's log, when
 * log_lock_waits is on; it does so at a place where anything may be asked.  So
 * the setting is switched on for a migration, and a hook on what is logged asks
 * for the blockers; the message itself goes to the log only where the setting
 * was on already.
 */
#define WAITING_MESSAGE "process %d still waiting for %s on %s"
#define ACQUIRED_MESSAGE "process %d acquired %s on %s"

#define LONGEST_QUERY 200 /* bytes of a blocker's query in a message */

struct PgRoleNames
{
    List *ids;     /* Oids */
    List *names;   /* of the same length */
    Oid self;      /* whose own queries may be shown */
    bool sees_all; /* may see those of others */
};

static emit_log_hook_type previous_hook;
static PgHost *watched; /* whose waits are looked at, or NULL */
static bool logs_waits; /* log_lock_waits before it was switched on */
static TimeoutId statement_clock;
static volatile sig_atomic_t clock_rang;

void
pg_blockers_note(PgHost *host, int pid)
{
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    ArrayType *found = DatumGetArrayTypeP(
        DirectFunctionCall1(pg_blocking_pids, Int32GetDatum(pid)));
    Datum *pids;
    int count;

    deconstruct_array(found, INT4OID, sizeof(int32), true, TYPALIGN_INT, &pids,
                      NULL, &count);
    for (int i = 0; i < count; i++)
        host->blockers =
            list_append_unique_int(host->blockers, DatumGetInt32(pids[i]));
    MemoryContextSwitchTo(before);
}

/* Whether a message begins as the server writes it, before it is translated. */
static bool
is_message(const ErrorData *message, const char *begin)
{
    return message->elevel == LOG && message->message_id != NULL &&
           strncmp(message->message_id, begin, strlen(begin)) == 0;
}

/* Called for each message that the server is about to log. */
static void
wait_log_hook(ErrorData *message)
{
    PgHost *host = watched;

    if (previous_hook != NULL)
        previous_hook(message);
    if (host == NULL)
        return;
    if (is_message(message, WAITING_MESSAGE))
    {
        watched = NULL;
        pg_blockers_note(host, MyProcPid);
        watched = host;
    }
    else if (!is_message(message, ACQUIRED_MESSAGE))
        return;
    if (!logs_waits)
        message->output_to_server = false;
}

/* Called, as a signal handler, when a statement has taken too long. */
static void
clock_handler(void)
{
    clock_rang = true;
    (void) kill(MyProcPid, SIGINT);
}

void
pg_wait_init(void)
{
    previous_hook = emit_log_hook;
    emit_log_hook = wait_log_hook;
}

void
pg_statement_clock_start(int64_t limit_ms)
{
    clock_rang = false;
    if (limit_ms <= 0)
        return;
    if (statement_clock == 0)
        statement_clock = RegisterTimeout(USER_TIMEOUT, clock_handler);
    enable_timeout_after(statement_clock,
                         (int) Min(limit_ms, (int64_t) PG_INT32_MAX));
}

void
pg_statement_clock_stop(void)
{
    if (statement_clock != 0)
        disable_timeout(statement_clock, false);
}

bool
pg_statement_clock_rang(void)
{
    bool rang = clock_rang;

    clock_rang = false;
    return rang;
}

/* Change a setting until the end of the unit's settings. */
static void
limit_set(const char *name, const char *value)
{
    (void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION,
                             GUC_ACTION_SAVE, true, 0, false);
}

/* Limit how long statements wait for locks, and see who makes them wait. */
static void
limit_locks(PgHost *host)
{
    const MigLimits *limits = &host->base.limits;
    char value[32];

    host->unit.lock_ms = -1;
    if (limits->lock_given || LockTimeout == 0)
    {
        host->unit.lock_ms = (int) Min(limits->lock_ms, (int64_t) PG_INT32_MAX);
        snprintf(value, sizeof(value), "%d", host->unit.lock_ms);
        limit_set("lock_timeout", value);
    }
    if (LockTimeout == 0)
        return;
    logs_waits = log_lock_waits;
    limit_set("log_lock_waits", "on");
    if (DeadlockTimeout >= LockTimeout)
    {
        snprintf(value, sizeof(value), "%d", Max(LockTimeout / 2, 1));
        limit_set("deadlock_timeout", value);
    }
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Names of the users' schemas that match a pattern, in the present memory. */
static char **
find_schemas(MigBytes pattern, int *count)
{
    Datum wanted = PointerGetDatum(
        cstring_to_text_with_len(pattern.data, (int) pattern.length));
    Relation schemas = table_open(NamespaceRelationId, AccessShareLock);
    SysScanDesc scan =
        systable_beginscan(schemas, InvalidOid, false, NULL, 0, NULL);
    char **names = palloc(sizeof(char *));
    HeapTuple tuple;

    *count = 0;
    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        const char *name =
            NameStr(((Form_pg_namespace) GETSTRUCT(tuple))->nspname);

        if (IsReservedName(name) || strcmp(name, "information_schema") == 0 ||
            !DatumGetBool(DirectFunctionCall2Coll(
                textlike, C_COLLATION_OID,
                PointerGetDatum(cstring_to_text(name)), wanted)))
            continue;
        names = repalloc(names, sizeof(char *) * (size_t) (*count + 1));
        names[(*count)++] = pstrdup(name);
    }
    systable_endscan(scan);
    table_close(schemas, AccessShareLock);
    if (*count > 1)
        qsort(names, (size_t) *count, sizeof(char *), compare_names);
    return names;
}

MigStatus
pg_list_targets(MigHost *base, MigBytes pattern, MigEntryFunction entry,
                void *context, MigError *error)
{
    MemoryContext before = MemoryContextSwitchTo(((PgHost *) base)->memory);
    int count;
    char **names = find_schemas(pattern, &count);

    for (int i = 0; i < count && error->status == MIG_OK; i++)
        (void) entry(context, names[i], error);
    MemoryContextSwitchTo(before);
    return error->status;
}

/*
 * The search path with a schema in front.  pg_catalog is left out of it, which
 * makes it the first: what somebody has put into the schema never stands for
 * one of the server's own functions.
 */
static char *
path_with(const char *schema)
{
    List *names = NIL;
    StringInfoData path;
    ListCell *cell;

    initStringInfo(&path);
    appendStringInfoString(&path, quote_identifier(schema));
    (void) SplitIdentifierString(pstrdup(namespace_search_path), ',', &names);
    foreach (cell, names)
        if (strcmp(lfirst(cell), "pg_catalog") != 0 &&
            ((const char *) lfirst(cell))[0] != '\0')
            appendStringInfo(&path, ", %s", quote_identifier(lfirst(cell)));
    return path.data;
}

/* Put the schema that is asked for first in the search path. */
static MigStatus
limit_schema(PgHost *host, MigError *error)
{
    MigBytes target = host->base.limits.target;
    char *name = pnstrdup(target.data, target.length);
    Oid schema = get_namespace_oid(name, true);

    if (!OidIsValid(schema))
    {
        mig_fail(error, MIG_UNKNOWN, "schema \"%s\" does not exist", name);
        mig_fail_hint(error, "It is named by the setting \"target_schema\".");
        return error->status;
    }
    /* A schema that may not be used is passed over when names are looked up;
     * everything would then be made in the next one. */
    if (!compat_may_create(schema, GetUserId()))
    {
        (void) mig_fail(error, MIG_DENIED,
                        "permission denied for schema %s, which is the "
                        "setting \"target_schema\"",
                        name);
        mig_fail_hint(error, "Have its owner GRANT USAGE, CREATE on it.");
        return error->status;
    }
    limit_set("search_path", path_with(name));
    return MIG_OK;
}

MigStatus
pg_limits_set(PgHost *host, MigError *error)
{
    MemoryContext before = MemoryContextSwitchTo(host->memory);

    PG_TRY();
    {
        pg_error_context_none();
        limit_locks(host);
        if (host->base.limits.target.length > 0)
            (void) limit_schema(host, error);
    }
    PG_CATCH();
    {
        (void) pg_catch(host, error);
    }
    PG_END_TRY();
    list_free(host->blockers);
    host->blockers = NIL;
    watched = host;
    MemoryContextSwitchTo(before);
    return error->status;
}

void
pg_limits_end(const PgHost *host)
{
    if (watched == host)
        watched = NULL;
}

int
pg_limits_hide(const PgHost *host)
{
    int level = NewGUCNestLevel();

    if (watched == host)
        limit_set("log_lock_waits", logs_waits ? "on" : "off");
    return level;
}

PgRoleNames *
pg_role_names_read(const PgHost *host)
{
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    PgRoleNames *names = palloc0(sizeof(PgRoleNames));
    Relation roles = table_open(AuthIdRelationId, AccessShareLock);
    SysScanDesc scan =
        systable_beginscan(roles, InvalidOid, false, NULL, 0, NULL);
    HeapTuple tuple;

    names->self = GetUserId();
    names->sees_all =
        superuser() || has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        Form_pg_authid role = (Form_pg_authid) GETSTRUCT(tuple);

        names->ids = lappend_oid(names->ids, role->oid);
        names->names = lappend(names->names, pstrdup(NameStr(role->rolname)));
    }
    systable_endscan(scan);
    table_close(roles, AccessShareLock);
    MemoryContextSwitchTo(before);
    return names;
}

/* Name of a role, or its number. */
static const char *
role_name(const PgRoleNames *names, Oid role)
{
    for (int i = 0; i < list_length(names->ids); i++)
        if (list_nth_oid(names->ids, i) == role)
            return list_nth(names->names, i);
    return psprintf("%u", role);
}

/* Append who a process is and what it does. */
static void
describe_process(StringInfo answer, const PgRoleNames *names, int pid)
{
    const PgBackendStatus *status = compat_backend_status(pid);

    if (pid == 0)
    {
        appendStringInfo(answer,
                         "%sa prepared transaction (see "
                         "pg_prepared_xacts)",
                         answer->len > 0 ? "; " : "");
        return;
    }
    appendStringInfo(answer, "%sprocess %d", answer->len > 0 ? "; " : "", pid);
    if (status == NULL)
    {
        appendStringInfoString(answer, ", which is gone");
        return;
    }
    appendStringInfo(answer, " of user \"%s\"",
                     role_name(names, status->st_userid));
    if (status->st_appname != NULL && status->st_appname[0] != '\0')
        appendStringInfo(answer, ", application \"%s\"", status->st_appname);
    if (names->sees_all || names->self == status->st_userid)
    {
        const char *query = pgstat_clip_activity(status->st_activity_raw);
        int length = (int) strlen(query);

        if (status->st_xact_start_timestamp != 0)
            appendStringInfo(
                answer, ", in a transaction since %s",
                timestamptz_to_str(status->st_xact_start_timestamp));
        appendStringInfo(answer, ", %s: %.*s%s",
                         status->st_state == STATE_RUNNING ? "running"
                                                           : "last query",
                         pg_mbcliplen(query, length, LONGEST_QUERY), query,
                         length > LONGEST_QUERY ? "..." : "");
    }
}

const char *
pg_blockers_describe(PgHost *host, const PgRoleNames *names)
{
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    StringInfoData answer;
    ListCell *cell;

    initStringInfo(&answer);
    foreach (cell, host->blockers)
        describe_process(&answer, names, lfirst_int(cell));
    compat_backend_status_forget();
    list_free(host->blockers);
    host->blockers = NIL;
    MemoryContextSwitchTo(before);
    return answer.len > 0 ? psprintf("blocked by %s", answer.data) : NULL;
}

const char *
pg_blockers(MigHost *base)
{
    PgHost *host = (PgHost *) base;

    if (host->blockers == NIL)
        return NULL;
    return pg_blockers_describe(host, pg_role_names_read(host));
}
