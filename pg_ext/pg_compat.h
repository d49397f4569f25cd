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
#include "optimizer/optimizer.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#if PG_VERSION_NUM >= 140000
#include "commands/copyfrom_internal.h"
#else
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

/* The range table's numbers of the columns in an expression. */
static inline Bitmapset *
compat_varnos(Node *expression)
{
#if PG_VERSION_NUM >= 140000
    return pull_varnos(NULL, expression);
#else
    return pull_varnos(expression);
#endif
}

/* What matters of a MERGE; its table NULL: the statement is none. */
typedef struct CompatMerge
{
    const RangeVar *table;
    Node *condition; /* of the join */
    List *clauses;   /* see compat_merge_clause() */
    const WithClause *with;
} CompatMerge;

/* Look whether a statement is a MERGE. */
static inline CompatMerge
compat_merge(const Node *statement)
{
    CompatMerge merge = {NULL, NULL, NIL, NULL};

#if PG_VERSION_NUM >= 150000
    if (IsA(statement, MergeStmt))
    {
        const MergeStmt *parsed = (const MergeStmt *) statement;

        merge.table = parsed->relation;
        merge.condition = parsed->joinCondition;
        merge.clauses = parsed->mergeWhenClauses;
        merge.with = parsed->withClause;
    }
#endif
    return merge;
}

/* What a WHEN clause of it does to rows, and its condition or NULL. */
static inline CmdType
compat_merge_clause(const void *clause, Node **condition)
{
#if PG_VERSION_NUM >= 150000
    *condition = ((const MergeWhenClause *) clause)->condition;
    return ((const MergeWhenClause *) clause)->commandType;
#else
    *condition = NULL;
    return CMD_NOTHING;
#endif
}

/* What matters of an analysed MERGE. */
typedef struct CompatMergeQuery
{
    bool is_one;     /* else all the rest is empty */
    int target;      /* the range table's number that its conditions have */
    Node *condition; /* of the join */
    List *actions;   /* see compat_merge_action() */
} CompatMergeQuery;

/* Look whether a query is a MERGE. */
static inline CompatMergeQuery
compat_merge_query(const Query *query)
{
    CompatMergeQuery merge = {false, 0, NULL, NIL};

#if PG_VERSION_NUM >= 150000
    if (query->commandType == CMD_MERGE)
    {
        merge.is_one = true;
        merge.actions = query->mergeActionList;
#if PG_VERSION_NUM >= 170000
        merge.target = query->mergeTargetRelation;
        merge.condition = query->mergeJoinCondition;
#else
        merge.target = query->resultRelation;
        merge.condition = query->jointree->quals;
#endif
    }
#endif
    return merge;
}

/* What an action of it does to rows, and its condition or NULL. */
static inline CmdType
compat_merge_action(const void *action, Node **condition)
{
#if PG_VERSION_NUM >= 150000
    *condition = ((const MergeAction *) action)->qual;
    return ((const MergeAction *) action)->commandType;
#else
    *condition = NULL;
    return CMD_NOTHING;
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

/* Process id behind a virtual transaction id; 0 when its transaction is no
 * process's any more: it was prepared, and keeps the id of a slot that others
 * have taken since. */
static inline int
compat_transaction_pid(VirtualTransactionId id)
{
    PGPROC *process;

#if PG_VERSION_NUM >= 170000
    process = id.procNumber == INVALID_PROC_NUMBER
                  ? NULL
                  : ProcNumberGetProc(id.procNumber);
    if (process != NULL && process->vxid.lxid != id.localTransactionId)
        return 0;
#else
    process = id.backendId == InvalidBackendId ? NULL
                                               : BackendIdGetProc(id.backendId);
    if (process != NULL && process->lxid != id.localTransactionId)
        return 0;
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

/* Whether a role has a right to a schema. */
static inline bool
compat_has_right(Oid schema, Oid role, AclMode right)
{
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(NamespaceRelationId, schema, role, right) ==
           ACLCHECK_OK;
#else
    return pg_namespace_aclcheck(schema, role, right) == ACLCHECK_OK;
#endif
}

/* Whether a role may use a schema and create objects in it. */
static inline bool
compat_may_create(Oid schema, Oid role)
{
    return compat_has_right(schema, role, ACL_USAGE) &&
           compat_has_right(schema, role, ACL_CREATE);
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

/* Give a query the tables that were looked up for it. */
static inline void
compat_take_tables(Query *query, const ParseState *names)
{
    query->rtable = names->p_rtable;
#if PG_VERSION_NUM >= 160000
    query->rteperminfos = names->p_rteperminfos;
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
