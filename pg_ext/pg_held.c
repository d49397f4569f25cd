#include "pg_migrate.h"

#include "catalog/namespace.h"
#include "commands/tablecmds.h"
#include "lib/stringinfo.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"

/*
 * Who holds a lock that a statement would have to wait for.  The relations that
 * it names are looked at, with the lock that it takes on them; those that go
 * with them, as partitions and referring tables do, are not.
 */

/* What is looked for. */
typedef struct Look
{
    PgHost *host;
    StringInfoData text;
} Look;

/* Who holds locks on a relation that stand in the way of one. */
static void
look_at_relation(Look *look, Oid relation, LOCKMODE mode)
{
    VirtualTransactionId *holder;
    LOCKTAG tag;
    bool first = true;

    if (!OidIsValid(relation))
        return;
    SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
    holder = GetLockConflicts(&tag, mode, NULL);
    for (; VirtualTransactionIdIsValid(*holder); holder++)
    {
        int pid = compat_transaction_pid(*holder);

        if (first)
            appendStringInfo(&look->text, "%stable \"%s\" is held by ",
                             look->text.len > 0 ? ", " : "",
                             get_rel_name(relation));
        else
            appendStringInfoString(&look->text, " and ");
        if (pid != 0)
            appendStringInfo(&look->text, "process %d", pid);
        else
            appendStringInfoString(&look->text, "a prepared transaction");
        first = false;
    }
}

/* The same for a name; NULL: none. */
static void
look_at_name(Look *look, const RangeVar *name, LOCKMODE mode)
{
    if (name != NULL)
        look_at_relation(look, pg_relation_of(look->host, name), mode);
}

/* The same for several names. */
static void
look_at_names(Look *look, const List *names, LOCKMODE mode)
{
    ListCell *cell;

    foreach (cell, names)
        look_at_name(look, lfirst_node(RangeVar, cell), mode);
}

/* DROP of what is a relation. */
static void
look_at_drop(Look *look, const DropStmt *statement)
{
    ListCell *cell;

    switch (statement->removeType)
    {
        case OBJECT_TABLE:
        case OBJECT_VIEW:
        case OBJECT_MATVIEW:
        case OBJECT_SEQUENCE:
        case OBJECT_FOREIGN_TABLE:
            foreach (cell, statement->objects)
                look_at_name(look, makeRangeVarFromNameList(lfirst(cell)),
                             AccessExclusiveLock);
            break;
        default:
            break;
    }
}

/* CREATE INDEX. */
static void
look_at_index(Look *look, const IndexStmt *statement)
{
    look_at_name(look, statement->relation,
                 statement->concurrent ? ShareUpdateExclusiveLock : ShareLock);
}

/* What changes a relation's definition. */
static void
look_at_definition(Look *look, const Node *node)
{
    switch (nodeTag(node))
    {
        case T_RenameStmt:
            look_at_name(look, ((const RenameStmt *) node)->relation,
                         AccessExclusiveLock);
            break;
        case T_AlterObjectSchemaStmt:
            look_at_name(look, ((const AlterObjectSchemaStmt *) node)->relation,
                         AccessExclusiveLock);
            break;
        case T_CreateTrigStmt:
            look_at_name(look, ((const CreateTrigStmt *) node)->relation,
                         ShareRowExclusiveLock);
            break;
        case T_RuleStmt:
            look_at_name(look, ((const RuleStmt *) node)->relation,
                         AccessExclusiveLock);
            break;
        case T_CreatePolicyStmt:
            look_at_name(look, ((const CreatePolicyStmt *) node)->table,
                         AccessExclusiveLock);
            break;
        default:
            break;
    }
}

/* Any statement. */
static void
look_at(Look *look, const Node *node)
{
    switch (nodeTag(node))
    {
        case T_AlterTableStmt:
            look_at_name(
                look, ((const AlterTableStmt *) node)->relation,
                AlterTableGetLockLevel(((const AlterTableStmt *) node)->cmds));
            break;
        case T_IndexStmt:
            look_at_index(look, (const IndexStmt *) node);
            break;
        case T_DropStmt:
            look_at_drop(look, (const DropStmt *) node);
            break;
        case T_TruncateStmt:
            look_at_names(look, ((const TruncateStmt *) node)->relations,
                          AccessExclusiveLock);
            break;
        case T_LockStmt:
            look_at_names(look, ((const LockStmt *) node)->relations,
                          ((const LockStmt *) node)->mode);
            break;
        case T_InsertStmt:
            look_at_name(look, ((const InsertStmt *) node)->relation,
                         RowExclusiveLock);
            break;
        case T_UpdateStmt:
            look_at_name(look, ((const UpdateStmt *) node)->relation,
                         RowExclusiveLock);
            break;
        case T_DeleteStmt:
            look_at_name(look, ((const DeleteStmt *) node)->relation,
                         RowExclusiveLock);
            break;
        default:
            look_at_definition(look, node);
            break;
    }
}

void
pg_held(MigHost *base, const MigStatement *statement, char *words, size_t size)
{
    const PgStatement *parsed = statement->node;
    MemoryContext memory = AllocSetContextCreate(
        CurrentMemoryContext, "migrate locks", PG_CONTEXT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(memory);
    Look look = {(PgHost *) base, {NULL, 0, 0, 0}};

    initStringInfo(&look.text);
    look_at(&look, parsed->raw->stmt);
    strlcpy(words, look.text.data, size);
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
}
