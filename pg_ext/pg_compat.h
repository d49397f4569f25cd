#ifndef PG_COMPAT_H
#define PG_COMPAT_H

/*
 * What differs between PostgreSQL 13 and 18: the only place that asks which
 * server this is compiled for.  postgres.h comes before it.
 */

#include "access/xact.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "commands/copy.h"
#include "commands/defrem.h"
#include "executor/executor.h"
#include "nodes/parsenodes.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/shm_mq.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#if PG_VERSION_NUM >= 140000
#include "commands/copyfrom_internal.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#else
#include "utils/fmgrprotos.h"
#define ROLE_PG_READ_SERVER_FILES DEFAULT_ROLE_READ_SERVER_FILES
#define ROLE_PG_READ_ALL_STATS DEFAULT_ROLE_READ_ALL_STATS
#endif

#if PG_VERSION_NUM >= 140000
#include "utils/backend_status.h"
#include "utils/wait_event.h"
#else
#include "pgstat.h"
#endif

#if PG_VERSION_NUM >= 170000
#include "storage/procnumber.h"
#else
#include "storage/backendid.h"
#include "storage/sinvaladt.h"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include "mig_value.h"

/* Stands before the declaration of a function that does not return. */
#if PG_VERSION_NUM >= 180000
#define COMPAT_NORETURN pg_noreturn
#else
#define COMPAT_NORETURN pg_attribute_noreturn()
#endif

/* Stands before the declaration of a function that the server looks up by its
 * name; before 16 PGDLLEXPORT does not say so. */
#define COMPAT_EXPORT __attribute__((visibility("default")))

/* Parse a NUL-ended script into RawStmt nodes. */
static inline List *
compat_raw_parser(const char *script)
{
#if PG_VERSION_NUM >= 140000
    return raw_parser(script, RAW_PARSE_DEFAULT);
#else
    return raw_parser(script);
#endif
}

/* Analyse and rewrite a statement without parameters. */
static inline List *
compat_analyze(RawStmt *statement, const char *source)
{
#if PG_VERSION_NUM >= 150000
    return pg_analyze_and_rewrite_fixedparams(statement, source, NULL, 0, NULL);
#else
    return pg_analyze_and_rewrite(statement, source, NULL, 0, NULL);
#endif
}

/* Run a started query to its end. */
static inline void
compat_executor_run(QueryDesc *query)
{
#if PG_VERSION_NUM >= 180000
    ExecutorRun(query, ForwardScanDirection, 0);
#else
    ExecutorRun(query, ForwardScanDirection, 0, true);
#endif
}

/* Execute a utility statement as part of a query; may change its tree. */
static inline void
compat_process_utility(PlannedStmt *statement, const char *source,
                       DestReceiver *receiver)
{
#if PG_VERSION_NUM >= 140000
    ProcessUtility(statement, source, false, PROCESS_UTILITY_QUERY, NULL, NULL,
                   receiver, NULL);
#else
    ProcessUtility(statement, source, PROCESS_UTILITY_QUERY, NULL, NULL,
                   receiver, NULL);
#endif
}

/* Whether a REINDEX is to be done CONCURRENTLY. */
static inline bool
compat_reindex_concurrently(const ReindexStmt *statement)
{
#if PG_VERSION_NUM >= 140000
    ListCell *cell;

    foreach (cell, statement->params)
    {
        DefElem *option = lfirst_node(DefElem, cell);

        if (strcmp(option->defname, "concurrently") == 0)
            return defGetBoolean(option);
    }
    return false;
#else
    return statement->concurrent;
#endif
}

/* Whether a DETACH PARTITION is to be done CONCURRENTLY. */
static inline bool
compat_detach_concurrently(const PartitionCmd *command)
{
#if PG_VERSION_NUM >= 140000
    return command->concurrent;
#else
    return false;
#endif
}

/* Whether a constant is false; before 15 it is the text f, to be cast. */
static inline bool
compat_is_false(const A_Const *constant)
{
#if PG_VERSION_NUM >= 150000
    return IsA(&constant->val, Boolean)
               ? !boolVal(&constant->val)
               : IsA(&constant->val, String) &&
                     strcmp(strVal(&constant->val), "f") == 0;
#else
    return constant->val.type == T_String &&
           strcmp(constant->val.val.str, "f") == 0;
#endif
}

/* Whether ALTER SUBSCRIPTION names publications, and so asks for their tables.
 */
static inline bool
compat_changes_publications(AlterSubscriptionType kind)
{
#if PG_VERSION_NUM >= 140000
    return kind == ALTER_SUBSCRIPTION_SET_PUBLICATION ||
           kind == ALTER_SUBSCRIPTION_ADD_PUBLICATION ||
           kind == ALTER_SUBSCRIPTION_DROP_PUBLICATION;
#else
    return kind == ALTER_SUBSCRIPTION_PUBLICATION;
#endif
}

/* Whether a partition is half detached. */
#if PG_VERSION_NUM >= 140000
#define compat_detach_pending(row) ((row)->inhdetachpending)
#else
#define compat_detach_pending(row) false
#endif

/* Call a function for every table that a query has written to. */
static inline void
compat_each_result_relation(EState *estate, void (*call)(ResultRelInfo *))
{
    ListCell *cell;

#if PG_VERSION_NUM >= 140000
    foreach (cell, estate->es_opened_result_relations)
        call((ResultRelInfo *) lfirst(cell));
#else
    for (int i = 0; i < estate->es_num_result_relations; i++)
        call(&estate->es_result_relations[i]);
#endif
    foreach (cell, estate->es_tuple_routing_result_relations)
        call((ResultRelInfo *) lfirst(cell));
}

/* Process id behind a virtual transaction id, or 0. */
static inline int
compat_transaction_pid(VirtualTransactionId id)
{
    PGPROC *process;

#if PG_VERSION_NUM >= 170000
    process = id.procNumber == INVALID_PROC_NUMBER
                  ? NULL
                  : ProcNumberGetProc(id.procNumber);
#else
    process = id.backendId == InvalidBackendId ? NULL
                                               : BackendIdGetProc(id.backendId);
#endif
    return process == NULL ? 0 : process->pid;
}

/* The oldest transaction that this process keeps from being forgotten. */
static inline TransactionId
compat_xmin(void)
{
#if PG_VERSION_NUM >= 140000
    return MyProc->xmin;
#else
    return MyPgXact->xmin;
#endif
}

/* Whether a role may use a schema and create objects in it. */
static inline bool
compat_may_create(Oid schema, Oid role)
{
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(NamespaceRelationId, schema, role, ACL_USAGE) ==
               ACLCHECK_OK &&
           object_aclcheck(NamespaceRelationId, schema, role, ACL_CREATE) ==
               ACLCHECK_OK;
#else
    return pg_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK &&
           pg_namespace_aclcheck(schema, role, ACL_CREATE) == ACLCHECK_OK;
#endif
}

/* Whether a role may execute a function. */
static inline bool
compat_may_execute(Oid function, Oid role)
{
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) ==
           ACLCHECK_OK;
#else
    return pg_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

/* What a process does, as others see it; NULL when it is gone. */
static inline const PgBackendStatus *
compat_backend_status(int pid)
{
    for (int i = 1; i <= pgstat_fetch_stat_numbackends(); i++)
    {
#if PG_VERSION_NUM >= 160000
        LocalPgBackendStatus *found = pgstat_get_local_beentry_by_index(i);
#else
        LocalPgBackendStatus *found = pgstat_fetch_stat_local_beentry(i);
#endif

        if (found != NULL && found->backendStatus.st_procpid == pid)
            return &found->backendStatus;
    }
    return NULL;
}

/* Forget what compat_backend_status() has seen, which is a copy of all. */
static inline void
compat_backend_status_forget(void)
{
#if PG_VERSION_NUM >= 140000
    pgstat_clear_backend_activity_snapshot();
#else
    pgstat_clear_snapshot();
#endif
}

/* Run a portal to its end as a client's statement, not as part of another. */
static inline void
compat_portal_run(Portal portal, DestReceiver *receiver)
{
    QueryCompletion completion;

#if PG_VERSION_NUM >= 180000
    (void) PortalRun(portal, FETCH_ALL, true, receiver, receiver, &completion);
#else
    (void) PortalRun(portal, FETCH_ALL, true, true, receiver, receiver,
                     &completion);
#endif
}

/* Send a message to another process, waiting for room. */
static inline shm_mq_result
compat_mq_send(shm_mq_handle *queue, Size size, const void *data)
{
#if PG_VERSION_NUM >= 150000
    return shm_mq_send(queue, size, data, false, true);
#else
    return shm_mq_send(queue, size, data, false);
#endif
}

/* Whether a statement is ALTER DATABASE ... REFRESH COLLATION VERSION. */
static inline bool
compat_is_collation_refresh(const Node *node)
{
#if PG_VERSION_NUM >= 150000
    return IsA(node, AlterDatabaseRefreshCollStmt);
#else
    return false;
#endif
}

/* Whether a GRANT on objects of a type is about the whole cluster. */
static inline bool
compat_is_shared_grant(ObjectType type)
{
#if PG_VERSION_NUM >= 150000
    if (type == OBJECT_PARAMETER_ACL)
        return true;
#endif
    return type == OBJECT_DATABASE || type == OBJECT_TABLESPACE;
}

/* The head of a function for ProcessUtility_hook, and how it goes on. */
#if PG_VERSION_NUM >= 140000
#define COMPAT_UTILITY_PARAMETERS                                              \
    PlannedStmt *plan, const char *source, bool read_only_tree,                \
        ProcessUtilityContext context, ParamListInfo parameters,               \
        QueryEnvironment *environment, DestReceiver *receiver,                 \
        QueryCompletion *completion
#define COMPAT_UTILITY_ARGUMENTS                                               \
    plan, source, read_only_tree, context, parameters, environment, receiver,  \
        completion
#else
#define COMPAT_UTILITY_PARAMETERS                                              \
    PlannedStmt *plan, const char *source, ProcessUtilityContext context,      \
        ParamListInfo parameters, QueryEnvironment *environment,               \
        DestReceiver *receiver, QueryCompletion *completion
#define COMPAT_UTILITY_ARGUMENTS                                               \
    plan, source, context, parameters, environment, receiver, completion
#endif

/* Flags with which a worker connects as a role that may not log in. */
#if PG_VERSION_NUM >= 170000
#define COMPAT_ANY_ROLE BGWORKER_BYPASS_ROLELOGINCHECK
#else
#define COMPAT_ANY_ROLE 0
#endif

/* The rights that a table in a query is to be checked for. */
#if PG_VERSION_NUM >= 160000
typedef RTEPermissionInfo CompatRights;
#else
typedef RangeTblEntry CompatRights;
#endif

static inline CompatRights *
compat_rights(const ParseNamespaceItem *item)
{
#if PG_VERSION_NUM >= 160000
    return item->p_perminfo;
#else
    return item->p_rte;
#endif
}

/* Raise an error unless the current user has them. */
static inline void
compat_check_rights(const ParseState *query, CompatRights *rights)
{
#if PG_VERSION_NUM >= 160000
    (void) ExecCheckPermissions(query->p_rtable, list_make1(rights), true);
#else
    (void) ExecCheckRTPerms(query->p_rtable, true);
#endif
}

/* A COPY FROM under way. */
#if PG_VERSION_NUM >= 140000
typedef CopyFromState CompatCopy;
#else
typedef CopyState CompatCopy;
#endif

/* Whether it can have a WHERE when its data come from a function. */
#define COMPAT_COPY_WHERE (PG_VERSION_NUM >= 140000)

/* Begin one whose data come from a function. */
static inline CompatCopy
compat_copy_begin(ParseState *query, Relation table, Node *where,
                  copy_data_source_cb source, List *columns, List *options)
{
#if PG_VERSION_NUM >= 140000
    return BeginCopyFrom(query, table, where, NULL, false, source, columns,
                         options);
#else
    return BeginCopyFrom(query, table, NULL, false, source, columns, options);
#endif
}

/*
 * The line of its data that it is at, from 1; 0 when that is not known.
 *
 * quote  out, of CSV; NUL in the text format
 */
static inline uint64
compat_copy_line(CompatCopy copy, char *quote)
{
    *quote = '\0';
#if PG_VERSION_NUM >= 140000
    if (copy->opts.csv_mode)
        *quote = copy->opts.quote[0];
    return copy->cur_lineno;
#else
    return 0;
#endif
}

/* Numbers of the columns that it fills; what is wrong with them is left to
 * compat_copy_begin(). */
static inline List *
compat_copy_columns(Relation table, List *names)
{
#if PG_VERSION_NUM >= 140000
    return CopyGetAttnums(RelationGetDescr(table), table, names);
#else
    TupleDesc shape = RelationGetDescr(table);
    List *columns = NIL;
    ListCell *cell;

    for (int i = 0; names == NIL && i < shape->natts; i++)
        if (!TupleDescAttr(shape, i)->attisdropped &&
            !TupleDescAttr(shape, i)->attgenerated)
            columns = lappend_int(columns, i + 1);
    foreach (cell, names)
    {
        int column = attnameAttNum(table, strVal(lfirst(cell)), false);

        if (column != InvalidAttrNumber)
            columns = lappend_int(columns, column);
    }
    return columns;
#endif
}

/* SHA-256 of the pieces one after another. */
static inline void
compat_sha256(const MigBytes *pieces, size_t count, uint8 *digest)
{
#if PG_VERSION_NUM >= 140000
    pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
    bool done = pg_cryptohash_init(hash) >= 0;

    for (size_t i = 0; done && i < count; i++)
        done = pg_cryptohash_update(hash, (const uint8 *) pieces[i].data,
                                    pieces[i].length) >= 0;
    done =
        done && pg_cryptohash_final(hash, digest, PG_SHA256_DIGEST_LENGTH) >= 0;
    pg_cryptohash_free(hash);
    if (!done)
        elog(ERROR, "could not compute SHA-256");
#else
    /* common/sha2.h would need OpenSSL's headers, which nobody else here does.
     */
    StringInfoData all;
    bytea *result;

    initStringInfo(&all);
    appendStringInfoSpaces(&all, VARHDRSZ);
    for (size_t i = 0; i < count; i++)
        appendBinaryStringInfo(&all, pieces[i].data, (int) pieces[i].length);
    SET_VARSIZE(all.data, all.len);
    result = DatumGetByteaPP(
        DirectFunctionCall1(sha256_bytea, PointerGetDatum(all.data)));
    memcpy(digest, VARDATA_ANY(result), VARSIZE_ANY_EXHDR(result));
    pfree(result);
    pfree(all.data);
#endif
}

/* ---- Pieces of the queries that list objects: see pg_objects.h --------- */

/* How a column (a) is compressed, where that is told. */
#if PG_VERSION_NUM >= 140000
#define COMPAT_SQL_COMPRESSION                                                 \
    "CASE a.attcompression WHEN 'p' THEN ' COMPRESSION pglz' "                 \
    "WHEN 'l' THEN ' COMPRESSION lz4' ELSE '' END "
#else
#define COMPAT_SQL_COMPRESSION "'' "
#endif

/* How the elements of a type (t) are found; the multirange of a range (g). */
#if PG_VERSION_NUM >= 140000
#define COMPAT_SQL_SUBSCRIPT                                                   \
    "CASE WHEN t.typsubscript::oid = 0 THEN '' "                               \
    "ELSE ' SUBSCRIPT ' || t.typsubscript::oid::regprocedure::text END "
#define COMPAT_SQL_MULTIRANGE                                                  \
    "' MULTIRANGE_TYPE_NAME ' || format_type(g.rngmultitypid, NULL) "
#else
#define COMPAT_SQL_SUBSCRIPT "'' "
#define COMPAT_SQL_MULTIRANGE "'' "
#endif

/* The locale of a collation (o), and its rules. */
#if PG_VERSION_NUM >= 170000
#define COMPAT_SQL_LOCALE                                                      \
    "coalesce(' LOCALE ' || quote_literal(o.colllocale), '') "                 \
    "|| coalesce(' RULES ' || quote_literal(o.collicurules), '') "
#elif PG_VERSION_NUM >= 160000
#define COMPAT_SQL_LOCALE                                                      \
    "coalesce(' LOCALE ' || quote_literal(o.colliculocale), '') "              \
    "|| coalesce(' RULES ' || quote_literal(o.collicurules), '') "
#elif PG_VERSION_NUM >= 150000
#define COMPAT_SQL_LOCALE                                                      \
    "coalesce(' LOCALE ' || quote_literal(o.colliculocale), '') "
#else
#define COMPAT_SQL_LOCALE "'' "
#endif

/* What else a publication (o) sends. */
#if PG_VERSION_NUM >= 180000
#define COMPAT_SQL_PUBLICATION                                                 \
    "CASE o.pubgencols WHEN 's' THEN ' STORED GENERATED COLUMNS' ELSE '' END "
#else
#define COMPAT_SQL_PUBLICATION "'' "
#endif

/* Columns and rows of a published table (o), and published schemas. */
#if PG_VERSION_NUM >= 150000
#define COMPAT_SQL_PUBLISHED                                                   \
    "coalesce('(' || (SELECT string_agg(quote_ident(a.attname), ', ' "         \
    "ORDER BY a.attnum) FROM pg_attribute a "                                  \
    "WHERE a.attrelid = o.prrelid AND a.attnum = ANY (o.prattrs)) || ')', "    \
    "'') "                                                                     \
    "|| coalesce(' WHERE (' || pg_get_expr(o.prqual, o.prrelid) || ')', '') "
#define COMPAT_SQL_PUBLISHED_SCHEMAS                                           \
    {"pg_publication", "pg_publication_namespace", "",                         \
     "SELECT 'publication schema' AS kind, NULL::text AS schema, "             \
     "NULL::text AS relation, quote_ident(p.pubname) || ': ' "                 \
     "|| o.pnnspid::regnamespace::text AS identity, "                          \
     "quote_ident(p.pubname) AS root, '' AS definition "                       \
     "FROM pg_publication_namespace o "                                        \
     "JOIN pg_publication p ON p.oid = o.pnpubid WHERE $1 = ''",               \
     0},
#else
#define COMPAT_SQL_PUBLISHED "'' "
#define COMPAT_SQL_PUBLISHED_SCHEMAS
#endif

/* The identity of an object and the names in it; NULL when it is gone. */
static inline char *
compat_object_identity(const ObjectAddress *address, List **names,
                       List **arguments)
{
#if PG_VERSION_NUM >= 140000
    return getObjectIdentityParts(address, names, arguments, true);
#else
    return getObjectIdentityParts(address, names, arguments);
#endif
}

/* What kind of object it is, in the server's words. */
static inline char *
compat_object_kind(const ObjectAddress *address)
{
#if PG_VERSION_NUM >= 140000
    return getObjectTypeDescription(address, true);
#else
    return getObjectTypeDescription(address);
#endif
}

#endif
