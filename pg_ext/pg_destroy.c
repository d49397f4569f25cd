#include "pg_destroy.h"

#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation_d.h"
#include "catalog/pg_extension_d.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_proc_d.h"
#include "catalog/pg_type_d.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "parser/parse_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/*
 * Which statements destroy rows, by the tree of the server's raw parser.  What
 * is in the text of a DO block, or in a function that is called, is not seen
 * before it runs; see pg_destroy_inner.c.
 */

/* The schema that a name names, as far as the caller may look into it: who only
 * looks at a plan fails for no name, which can be another role's affair. */
static Oid
schema_of(const RangeVar *name)
{
    Oid schema = InvalidOid;

    if (name->catalogname == NULL ||
        strcmp(name->catalogname, get_database_name(MyDatabaseId)) == 0)
        schema = get_namespace_oid(name->schemaname, true);
    return OidIsValid(schema) &&
                   compat_has_right(schema, GetUserId(), ACL_USAGE)
               ? schema
               : InvalidOid;
}

Oid
pg_relation_of(const PgHost *host, const RangeVar *name)
{
    MigBytes target = host->base.limits.target;
    Oid schema;

    if (host->unit.open || (name->schemaname == NULL && target.length == 0))
        return RangeVarGetRelid(name, NoLock, true);
    /* A plan is looked at under the caller's search_path. */
    schema = name->schemaname == NULL
                 ? get_namespace_oid(pnstrdup(target.data, target.length), true)
                 : schema_of(name);
    return OidIsValid(schema) ? get_relname_relid(name->relname, schema)
                              : InvalidOid;
}

static void look_at(PgLoss *loss, const Node *node);

/* Look at the queries of a WITH, which may change rows, too. */
static void
look_at_with(PgLoss *loss, const WithClause *with)
{
    ListCell *cell;

    if (with == NULL)
        return;
    foreach (cell, with->ctes)
        look_at(loss, lfirst_node(CommonTableExpr, cell)->ctequery);
}

/* DELETE and UPDATE without a condition that chooses rows. */
static void
look_at_change(PgLoss *loss, const char *words, const RangeVar *table,
               const Node *condition, const List *others)
{
    if (!pg_chooses_rows(loss, table, condition, others))
        pg_loss_add(loss, words, pg_relation_of(loss->host, table), NULL, NULL,
                    table->inh);
}

/* MERGE: a clause that deletes or updates, where neither the join nor any
 * condition up to it has a column of the table. */
static void
look_at_merge(PgLoss *loss, const CompatMerge *merge)
{
    bool chooses = pg_has_own_column(loss, merge->condition, merge->table);
    ListCell *cell;

    look_at_with(loss, merge->with);
    foreach (cell, merge->clauses)
    {
        Node *condition;
        CmdType command = compat_merge_clause(lfirst(cell), &condition);

        /* In one that inserts there is no row of the table. */
        if (command != CMD_INSERT)
            chooses =
                chooses || pg_has_own_column(loss, condition, merge->table);
        if (!chooses && (command == CMD_DELETE || command == CMD_UPDATE))
            pg_loss_add(loss,
                        command == CMD_DELETE ? "deletes every row of "
                                              : "updates every row of ",
                        pg_relation_of(loss->host, merge->table), NULL, NULL,
                        merge->table->inh);
    }
}

/* ALTER COLUMN ... TYPE. */
static void
look_at_type(PgLoss *loss, Oid table, const AlterTableCmd *command)
{
    const ColumnDef *definition = (const ColumnDef *) command->def;
    const char *written;
    bool keeps = pg_type_change_keeps(table, get_attnum(table, command->name),
                                      definition->typeName, &written);

    if (written != NULL && (!keeps || definition->raw_default != NULL))
        pg_loss_add(loss, "changes ", table, command->name,
                    psprintf(" to type %s, which can lose data", written),
                    true);
}

/* One command of ALTER TABLE. */
static void
look_at_alter(PgLoss *loss, Oid table, const AlterTableCmd *command)
{
    AttrNumber column;

    if (command->subtype != AT_DropColumn &&
        command->subtype != AT_AlterColumnType)
        return;
    column = get_attnum(table, command->name);
    if (column <= 0)
        return;
    if (get_rel_relkind(table) == RELKIND_COMPOSITE_TYPE)
    {
        PgReach reach = {TypeRelationId, get_rel_type_id(table), true};

        pg_loss_add_reached(loss, "changes the type of ", reach);
    }
    else if (command->subtype == AT_DropColumn)
        pg_loss_add(loss, "drops ", table, command->name, NULL, true);
    else
        look_at_type(loss, table, command);
}

/* ALTER TABLE, also of a type or a foreign table. */
static void
look_at_alters(PgLoss *loss, const AlterTableStmt *statement)
{
    Oid table = pg_relation_of(loss->host, statement->relation);
    char kind = OidIsValid(table) ? get_rel_relkind(table) : '\0';
    ListCell *cell;

    if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE &&
        kind != RELKIND_COMPOSITE_TYPE)
        return;
    foreach (cell, statement->cmds)
        look_at_alter(loss, table, lfirst_node(AlterTableCmd, cell));
}

/* TRUNCATE, with the tables that CASCADE adds. */
static void
look_at_truncate(PgLoss *loss, const TruncateStmt *statement)
{
    List *tables = NIL;
    List *added;
    ListCell *cell;

    foreach (cell, statement->relations)
    {
        const RangeVar *name = lfirst_node(RangeVar, cell);
        Oid table = pg_relation_of(loss->host, name);

        pg_loss_add(loss, "empties ", table, NULL, NULL, name->inh);
        if (OidIsValid(table))
            tables = lappend_oid(tables, table);
    }
    while (statement->behavior == DROP_CASCADE && tables != NIL)
    {
        added = heap_truncate_find_FKs(tables);
        foreach (cell, added)
            pg_loss_add(loss, "empties ", lfirst_oid(cell), NULL, NULL, true);
        if (added == NIL)
            break;
        tables = list_concat(tables, added);
    }
}

/* Whether what a DROP names is in a schema into which the caller, who only
 * looks at a plan, may not look. */
static bool
is_hidden(const PgHost *host, ObjectType type, Node *object)
{
    List *name = NIL;

    if (type == OBJECT_TYPE || type == OBJECT_DOMAIN)
        name = ((TypeName *) object)->names;
    else if (type == OBJECT_COLLATION)
        name = (List *) object;
    else if (type == OBJECT_FUNCTION || type == OBJECT_PROCEDURE ||
             type == OBJECT_ROUTINE)
        name = ((ObjectWithArgs *) object)->objname;
    return !host->unit.open && list_length(name) > 1 &&
           !OidIsValid(schema_of(makeRangeVarFromNameList(name)));
}

/* A function by its name alone; InvalidOid where it has not just one. */
static Oid
find_named_function(List *name)
{
    LOCAL_FCINFO(call, 1);
    FmgrInfo function;
    Datum found;

    fmgr_info(F_TO_REGPROC, &function);
    InitFunctionCallInfoData(*call, &function, 1, DEFAULT_COLLATION_OID, NULL,
                             NULL);
    call->args[0].value = CStringGetTextDatum(NameListToQuotedString(name));
    call->args[0].isnull = false;
    found = FunctionCallInvoke(call);
    return call->isnull ? InvalidOid : DatumGetObjectId(found);
}

/* A function or procedure as a DROP names it; InvalidOid where there is none,
 * or it is hidden. */
static Oid
find_function(const PgHost *host, const ObjectWithArgs *named)
{
    Oid types[FUNC_MAX_ARGS];
    int count = 0;
    ListCell *cell;

    if (named->args_unspecified)
        return find_named_function(named->objname);
    foreach (cell, named->objargs)
    {
        if (count == FUNC_MAX_ARGS || lfirst(cell) == NULL ||
            is_hidden(host, OBJECT_TYPE, lfirst(cell)))
            return InvalidOid;
        types[count] =
            LookupTypeNameOid(NULL, lfirst_node(TypeName, cell), true);
        if (!OidIsValid(types[count++]))
            return InvalidOid;
    }
    return LookupFuncName(named->objname, count, types, true);
}

/* What one object of a DROP is; its object InvalidOid: nothing that matters. */
static PgReach
reach_of(const PgLoss *loss, const DropStmt *statement, Node *object,
         const char **what)
{
    PgReach reach = {InvalidOid, InvalidOid,
                     statement->behavior == DROP_CASCADE};

    *what = "";
    switch (statement->removeType)
    {
        case OBJECT_TABLE:
            reach.class = RelationRelationId;
            reach.object = pg_relation_of(
                loss->host, makeRangeVarFromNameList((List *) object));
            break;
        case OBJECT_SCHEMA:
            *what = "a schema with ";
            reach.class = NamespaceRelationId;
            reach.object = get_namespace_oid(strVal(object), true);
            break;
        case OBJECT_EXTENSION:
            *what = "an extension with ";
            reach.class = ExtensionRelationId;
            reach.object = get_extension_oid(strVal(object), true);
            break;
        case OBJECT_TYPE:
        case OBJECT_DOMAIN:
            *what = "a type with ";
            reach.class = TypeRelationId;
            reach.object = LookupTypeNameOid(NULL, (TypeName *) object, true);
            break;
        case OBJECT_COLLATION:
            *what = "a collation with ";
            reach.class = CollationRelationId;
            reach.object = get_collation_oid((List *) object, true);
            break;
        case OBJECT_FUNCTION:
        case OBJECT_PROCEDURE:
        case OBJECT_ROUTINE:
            /* A partitioned table goes with a function in its key. */
            *what = "a function with ";
            reach.class = ProcedureRelationId;
            reach.object =
                find_function(loss->host, (const ObjectWithArgs *) object);
            break;
        default:
            break;
    }
    return reach;
}

/* DROP of anything that tables or columns can go with. */
static void
look_at_drop(PgLoss *loss, const DropStmt *statement)
{
    ListCell *cell;

    foreach (cell, statement->objects)
    {
        const char *what;
        PgReach reach;

        if (is_hidden(loss->host, statement->removeType, lfirst(cell)))
            continue;
        reach = reach_of(loss, statement, lfirst(cell), &what);
        pg_loss_add_reached(loss, psprintf("drops %s", what), reach);
    }
}

/* DROP OWNED BY. */
static void
look_at_owned(PgLoss *loss, const DropOwnedStmt *statement)
{
    ListCell *cell;

    foreach (cell, statement->roles)
        pg_loss_add_owned(loss, "drops what a role owns, with ",
                          get_rolespec_oid(lfirst_node(RoleSpec, cell), true));
}

/* DROP DATABASE, of another one. */
static void
look_at_database(PgLoss *loss, const DropdbStmt *statement)
{
    if (!OidIsValid(get_database_oid(statement->dbname, true)))
        return;
    appendStringInfo(&loss->text, "drops database \"%s\"", statement->dbname);
    loss->certain = true;
}

/* Whether an EXPLAIN runs what it explains. */
static bool
is_analyzed(const ExplainStmt *statement)
{
    bool analyzed = false;
    ListCell *cell;

    foreach (cell, statement->options)
    {
        DefElem *option = lfirst_node(DefElem, cell);
        bool value;

        /* What is no truth value comes out when the statement runs. */
        if (strcmp(option->defname, "analyze") == 0)
            analyzed = option->arg == NULL ||
                       !parse_bool(defGetString(option), &value) || value;
    }
    return analyzed;
}

/* Queries, and statements that have one in them and run it. */
static void
look_at_query(PgLoss *loss, const Node *node)
{
    switch (nodeTag(node))
    {
        case T_DeleteStmt:
            look_at_change(loss, "deletes every row of ",
                           ((const DeleteStmt *) node)->relation,
                           ((const DeleteStmt *) node)->whereClause,
                           ((const DeleteStmt *) node)->usingClause);
            look_at_with(loss, ((const DeleteStmt *) node)->withClause);
            break;
        case T_UpdateStmt:
            look_at_change(loss, "updates every row of ",
                           ((const UpdateStmt *) node)->relation,
                           ((const UpdateStmt *) node)->whereClause,
                           ((const UpdateStmt *) node)->fromClause);
            look_at_with(loss, ((const UpdateStmt *) node)->withClause);
            break;
        case T_InsertStmt:
            look_at_with(loss, ((const InsertStmt *) node)->withClause);
            look_at(loss, ((const InsertStmt *) node)->selectStmt);
            break;
        case T_SelectStmt:
            look_at_with(loss, ((const SelectStmt *) node)->withClause);
            break;
        case T_ExplainStmt:
            if (is_analyzed((const ExplainStmt *) node))
                look_at(loss, ((const ExplainStmt *) node)->query);
            break;
        case T_PrepareStmt:
            look_at(loss, ((const PrepareStmt *) node)->query);
            break;
        case T_CopyStmt:
            look_at(loss, ((const CopyStmt *) node)->query);
            break;
        case T_CreateTableAsStmt:
            look_at(loss, ((const CreateTableAsStmt *) node)->query);
            break;
        default:
            break;
    }
}

/* Any statement, or none. */
static void
look_at(PgLoss *loss, const Node *node)
{
    CompatMerge merge;

    if (node == NULL)
        return;
    merge = compat_merge(node);
    if (merge.table != NULL)
    {
        look_at_merge(loss, &merge);
        return;
    }
    switch (nodeTag(node))
    {
        case T_DropStmt:
            look_at_drop(loss, (const DropStmt *) node);
            break;
        case T_AlterTableStmt:
            look_at_alters(loss, (const AlterTableStmt *) node);
            break;
        case T_TruncateStmt:
            look_at_truncate(loss, (const TruncateStmt *) node);
            break;
        case T_DropOwnedStmt:
            look_at_owned(loss, (const DropOwnedStmt *) node);
            break;
        case T_DropdbStmt:
            look_at_database(loss, (const DropdbStmt *) node);
            break;
        default:
            look_at_query(loss, node);
            break;
    }
}

/* Whether a statement is of a kind that can destroy anything; asked first, for
 * most are not. */
static bool
is_suspect(const Node *node)
{
    switch (nodeTag(node))
    {
        case T_DropStmt:
        case T_AlterTableStmt:
        case T_TruncateStmt:
        case T_DropOwnedStmt:
        case T_DropdbStmt:
        case T_DeleteStmt:
        case T_UpdateStmt:
        case T_InsertStmt:
        case T_SelectStmt:
        case T_ExplainStmt:
        case T_PrepareStmt:
        case T_CopyStmt:
        case T_CreateTableAsStmt:
            return true;
        default:
            return compat_merge(node).table != NULL;
    }
}

void
pg_loss_begin(PgLoss *loss, const PgHost *host, Snapshot snapshot)
{
    memset(loss, 0, sizeof(*loss));
    loss->host = host;
    loss->memory = AllocSetContextCreate(CurrentMemoryContext, "migrate guard",
                                         PG_CONTEXT_SIZES);
    loss->before = MemoryContextSwitchTo(loss->memory);
    initStringInfo(&loss->text);
    PushActiveSnapshot(snapshot);
}

void
pg_loss_end(PgLoss *loss, MigLoss *words)
{
    PopActiveSnapshot();
    if (loss->more > 0)
        appendStringInfo(&loss->text, " and %d more", loss->more);
    strlcpy(words->text, loss->text.data, sizeof(words->text));
    words->certain = loss->certain;
    MemoryContextSwitchTo(loss->before);
    MemoryContextDelete(loss->memory);
}

void
pg_loss_words(const PgHost *host, const Node *statement,
              const PgStatement *parsed, MigLoss *words)
{
    PgLoss loss;

    /* Beside parallel workers no command may begin. */
    if (!IsInParallelMode())
        CommandCounterIncrement();
    pg_loss_begin(&loss, host,
                  IsInParallelMode() ? GetActiveSnapshot()
                                     : GetTransactionSnapshot());
    loss.parsed = parsed;
    look_at(&loss, statement);
    pg_loss_end(&loss, words);
}

MigStatus
pg_destroys(MigHost *base, const MigStatement *statement, MigLoss *loss,
            MigError *error)
{
    PgHost *host = (PgHost *) base;
    const PgStatement *parsed = statement->node;

    memset(loss, 0, sizeof(*loss));
    if (pg_is_doomed(host, error) || !is_suspect(parsed->raw->stmt))
        return error->status;
    PG_TRY();
    {
        pg_error_context_none();
        pg_loss_words(host, parsed->raw->stmt, parsed, loss);
    }
    PG_CATCH();
    {
        if (!host->unit.open)
            PG_RE_THROW();
        (void) pg_catch(host, error);
        pg_unit_fail(host);
    }
    PG_END_TRY();
    return error->status;
}
