#include "pg_migrate.h"

#include "nodes/parsenodes.h"

/*
 * Which names mean another relation, or schema, behind a statement, or none: it
 * renames, moves or drops what they stand for, or makes something temporary,
 * which stands in front of all others of its name.  A schema's name that stands
 * with one of these counts as well: other things are in it behind that.
 */

/* Kinds of objects that rows can be destroyed in, or lie in. */
static bool
is_relation_kind(ObjectType kind)
{
    return kind == OBJECT_TABLE || kind == OBJECT_VIEW ||
           kind == OBJECT_MATVIEW || kind == OBJECT_FOREIGN_TABLE;
}

/* The name of a relation, and of its schema where that is written. */
static List *
relation_names(const RangeVar *relation)
{
    return relation->schemaname == NULL
               ? list_make1(relation->relname)
               : list_make2(relation->relname, relation->schemaname);
}

/* Names that an ALTER ... RENAME TO changes the meaning of. */
static List *
renamed_names(const RenameStmt *statement)
{
    if (statement->renameType == OBJECT_SCHEMA)
        return list_make2((void *) statement->subname, statement->newname);
    if (is_relation_kind(statement->renameType) && statement->relation != NULL)
        return lappend(relation_names(statement->relation), statement->newname);
    return NIL;
}

/* Names that a DROP takes away. */
static List *
dropped_names(const DropStmt *statement)
{
    List *names = NIL;
    ListCell *cell;

    foreach (cell, statement->objects)
    {
        if (statement->removeType == OBJECT_SCHEMA)
            names = lappend(names, strVal(lfirst(cell)));
        else if (is_relation_kind(statement->removeType))
        {
            const List *parts = lfirst(cell);

            names = lappend(names, strVal(llast(parts)));
            if (list_length(parts) > 1)
                names = lappend(
                    names, strVal(list_nth(parts, list_length(parts) - 2)));
        }
    }
    return names;
}

/* The name of a relation that is made, where it is temporary. */
static List *
temporary_name(const RangeVar *relation)
{
    return relation->relpersistence == RELPERSISTENCE_TEMP
               ? list_make1(relation->relname)
               : NIL;
}

/* The names that a statement gives another meaning, as NUL-ended texts. */
static List *
moved_names(const Node *node)
{
    const AlterObjectSchemaStmt *moving = (const AlterObjectSchemaStmt *) node;

    switch (nodeTag(node))
    {
        case T_RenameStmt:
            return renamed_names((const RenameStmt *) node);
        case T_DropStmt:
            return dropped_names((const DropStmt *) node);
        case T_AlterObjectSchemaStmt:
            return is_relation_kind(moving->objectType) &&
                           moving->relation != NULL
                       ? relation_names(moving->relation)
                       : NIL;
        case T_CreateStmt:
            return temporary_name(((const CreateStmt *) node)->relation);
        case T_CreateTableAsStmt:
            return temporary_name(
                ((const CreateTableAsStmt *) node)->into->rel);
        case T_ViewStmt:
            return temporary_name(((const ViewStmt *) node)->view);
        default:
            return NIL;
    }
}

void
pg_moves(const Node *statement, MemoryContext memory, MigStatement *found)
{
    MemoryContext before = MemoryContextSwitchTo(memory);
    List *names = moved_names(statement);
    MigBytes *moved = NULL;
    size_t count = 0;
    ListCell *cell;

    if (names != NIL)
        moved = palloc(list_length(names) * sizeof(MigBytes));
    foreach (cell, names)
        moved[count++] = mig_bytes(lfirst(cell));
    found->moved = moved;
    found->moved_count = count;
    MemoryContextSwitchTo(before);
}
