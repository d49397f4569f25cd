#include "pg_migrate.h"

#include "nodes/value.h"

/*
 * Which statements a migration's transaction can hold.  What only the
 * database's contents decide, such as REINDEX of a partitioned table, is left
 * to the server, which refuses it when it runs.
 */

/* An answer of one of the functions below; reason NULL: ordinary. */
typedef struct PgClass
{
    MigStatementKind kind;
    const char *reason;
} PgClass;

static const PgClass ordinary = {MIG_ORDINARY, NULL};

static PgClass
outside(const char *reason)
{
    PgClass answer = {MIG_OUTSIDE, reason};

    return answer;
}

static PgClass
not_allowed(const char *reason)
{
    PgClass answer = {MIG_NOT_ALLOWED, reason};

    return answer;
}

/* BEGIN, COMMIT and the like. */
static PgClass
class_transaction(const TransactionStmt *statement)
{
    static const PgClass bracket = {MIG_BRACKET, NULL};
    static const PgClass modes = {
        MIG_BRACKET, "passed over, with its modes: a migration runs READ "
                     "COMMITTED and READ WRITE"};

    switch (statement->kind)
    {
        case TRANS_STMT_BEGIN:
        case TRANS_STMT_START:
            return statement->options == NIL ? bracket : modes;
        case TRANS_STMT_COMMIT:
            return bracket;
        case TRANS_STMT_ROLLBACK:
            return not_allowed("ROLLBACK");
        case TRANS_STMT_SAVEPOINT:
            return not_allowed("SAVEPOINT");
        case TRANS_STMT_RELEASE:
            return not_allowed("RELEASE SAVEPOINT");
        case TRANS_STMT_ROLLBACK_TO:
            return not_allowed("ROLLBACK TO SAVEPOINT");
        case TRANS_STMT_PREPARE:
            return not_allowed("PREPARE TRANSACTION");
        case TRANS_STMT_COMMIT_PREPARED:
            return not_allowed("COMMIT PREPARED");
        case TRANS_STMT_ROLLBACK_PREPARED:
            return not_allowed("ROLLBACK PREPARED");
    }
    return ordinary;
}

static PgClass
class_reindex(const ReindexStmt *statement)
{
    if (compat_reindex_concurrently(statement))
        return outside("REINDEX CONCURRENTLY");
    switch (statement->kind)
    {
        case REINDEX_OBJECT_SCHEMA:
            return outside("REINDEX SCHEMA");
        case REINDEX_OBJECT_SYSTEM:
            return outside("REINDEX SYSTEM");
        case REINDEX_OBJECT_DATABASE:
            return outside("REINDEX DATABASE");
        case REINDEX_OBJECT_INDEX:
        case REINDEX_OBJECT_TABLE:
            break;
    }
    return ordinary;
}

static PgClass
class_alter_table(const AlterTableStmt *statement)
{
    ListCell *cell;

    foreach (cell, statement->cmds)
    {
        AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

        if (command->subtype == AT_DetachPartition &&
            compat_detach_concurrently((PartitionCmd *) command->def))
            return outside("DETACH PARTITION CONCURRENTLY");
    }
    return ordinary;
}

/* The option of a name, or NULL. */
static DefElem *
find_option(List *options, const char *name)
{
    ListCell *cell;

    foreach (cell, options)
    {
        DefElem *option = lfirst_node(DefElem, cell);

        if (strcmp(option->defname, name) == 0)
            return option;
    }
    return NULL;
}

/* Whether an option says no; one that says neither is the server's affair. */
static bool
option_is_off(List *options, const char *name)
{
    DefElem *option = find_option(options, name);
    const char *value;

    if (option == NULL || option->arg == NULL)
        return false;
    value = defGetString(option);
    return pg_strcasecmp(value, "false") == 0 ||
           pg_strcasecmp(value, "off") == 0 || strcmp(value, "0") == 0;
}

/* CREATE SUBSCRIPTION is refused only when it makes a replication slot. */
static PgClass
class_create_subscription(const CreateSubscriptionStmt *statement)
{
    if (option_is_off(statement->options, "connect") ||
        option_is_off(statement->options, "create_slot"))
        return ordinary;
    return outside("CREATE SUBSCRIPTION");
}

/* ALTER SUBSCRIPTION is refused when it asks the publisher. */
static PgClass
class_alter_subscription(const AlterSubscriptionStmt *statement)
{
    if (compat_changes_publications(statement->kind) &&
        !option_is_off(statement->options, "refresh"))
        return outside("ALTER SUBSCRIPTION ... PUBLICATION");
    if (statement->kind == ALTER_SUBSCRIPTION_REFRESH)
        return outside("ALTER SUBSCRIPTION REFRESH PUBLICATION");
    if (statement->kind == ALTER_SUBSCRIPTION_OPTIONS &&
        (find_option(statement->options, "failover") != NULL ||
         find_option(statement->options, "two_phase") != NULL))
        return outside("ALTER SUBSCRIPTION SET (failover, two_phase)");
    return ordinary;
}

bool
pg_may_commit(const Node *statement)
{
    return IsA(statement, DoStmt) || IsA(statement, CallStmt) ||
           IsA(statement, ReindexStmt) || IsA(statement, ClusterStmt);
}

static PgClass
class_copy(const CopyStmt *statement)
{
    if (statement->filename != NULL)
        return ordinary;
    return not_allowed(statement->is_from ? "COPY FROM STDIN without data"
                                          : "COPY TO STDOUT");
}

/* Statements of which only some forms are refused. */
static PgClass
class_by_form(const Node *node)
{
    switch (nodeTag(node))
    {
        case T_IndexStmt:
            return ((const IndexStmt *) node)->concurrent
                       ? outside("CREATE INDEX CONCURRENTLY")
                       : ordinary;
        case T_DropStmt:
            return ((const DropStmt *) node)->concurrent
                       ? outside("DROP INDEX CONCURRENTLY")
                       : ordinary;
        case T_VacuumStmt:
            return ((const VacuumStmt *) node)->is_vacuumcmd ? outside("VACUUM")
                                                             : ordinary;
        case T_ClusterStmt:
            return ((const ClusterStmt *) node)->relation == NULL
                       ? outside("CLUSTER")
                       : ordinary;
        case T_DiscardStmt:
            return ((const DiscardStmt *) node)->target == DISCARD_ALL
                       ? outside("DISCARD ALL")
                       : ordinary;
        case T_AlterDatabaseStmt:
            return find_option(((const AlterDatabaseStmt *) node)->options,
                               "tablespace")
                       ? outside("ALTER DATABASE SET TABLESPACE")
                       : ordinary;
        case T_AlterSubscriptionStmt:
            return class_alter_subscription(
                (const AlterSubscriptionStmt *) node);
        default:
            return ordinary;
    }
}

/* Statements by their type. */
static PgClass
class_of(const Node *node)
{
    switch (nodeTag(node))
    {
        case T_TransactionStmt:
            return class_transaction((const TransactionStmt *) node);
        case T_ReindexStmt:
            return class_reindex((const ReindexStmt *) node);
        case T_AlterTableStmt:
            return class_alter_table((const AlterTableStmt *) node);
        case T_CreateSubscriptionStmt:
            return class_create_subscription(
                (const CreateSubscriptionStmt *) node);
        case T_CopyStmt:
            return class_copy((const CopyStmt *) node);
        case T_AlterSystemStmt:
            return outside("ALTER SYSTEM");
        case T_CreatedbStmt:
            return outside("CREATE DATABASE");
        case T_DropdbStmt:
            return outside("DROP DATABASE");
        case T_CreateTableSpaceStmt:
            return outside("CREATE TABLESPACE");
        case T_DropTableSpaceStmt:
            return outside("DROP TABLESPACE");
        case T_DropSubscriptionStmt:
            return outside("DROP SUBSCRIPTION");
        default:
            return class_by_form(node);
    }
}

/* Whether a node is the constant false. */
static bool
is_false(const Node *node)
{
    if (IsA(node, TypeCast))
        node = ((const TypeCast *) node)->arg;
    return IsA(node, A_Const) && compat_is_false((const A_Const *) node);
}

/* Whether a query is SELECT set_config('name', 'value', false), all constant.
 */
static bool
is_set_config(const SelectStmt *query)
{
    const Node *target;
    const FuncCall *call;

    if (list_length(query->targetList) != 1 || query->fromClause != NIL ||
        query->whereClause != NULL || query->op != SETOP_NONE)
        return false;
    target = linitial_node(ResTarget, query->targetList)->val;
    if (!IsA(target, FuncCall))
        return false;
    call = (const FuncCall *) target;
    if (strcmp(strVal(llast(call->funcname)), "set_config") != 0 ||
        list_length(call->args) != 3)
        return false;
    return IsA(linitial(call->args), A_Const) &&
           IsA(lsecond(call->args), A_Const) && is_false(lthird(call->args));
}

bool
pg_is_session_statement(const Node *statement)
{
    const VariableSetStmt *set;

    if (IsA(statement, SelectStmt))
        return is_set_config((const SelectStmt *) statement);
    if (!IsA(statement, VariableSetStmt))
        return false;
    set = (const VariableSetStmt *) statement;
    return !set->is_local && set->kind != VAR_SET_MULTI;
}

bool
pg_renames(const Node *statement)
{
    static const char *const names[] = {"search_path", "role",
                                        "session_authorization"};
    const VariableSetStmt *set = (const VariableSetStmt *) statement;

    if (IsA(statement, SelectStmt))
        return is_set_config((const SelectStmt *) statement);
    if (!IsA(statement, VariableSetStmt))
        return false;
    for (int i = 0; set->name != NULL && i < lengthof(names); i++)
    {
        if (strcmp(set->name, names[i]) == 0)
            return true;
    }
    return set->name == NULL;
}

MigStatementKind
pg_classify(const Node *statement, const char **reason)
{
    PgClass answer = class_of(statement);

    *reason = answer.reason;
    return answer.kind;
}
