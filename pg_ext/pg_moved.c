#include "pg_migrate.h"

#include "catalog/namespace.h"
#include "nodes/parsenodes.h"

/*
 * Which names mean another relation, or schema, behind a statement, or none: it
 * renames, moves or drops what they stand for, or makes a relation, which may
 * stand in front of others of its name.  A schema's name that stands with one
 * that is renamed, moved or dropped counts as well: other things are in it
 * behind that.
 *
 * What IF NOT EXISTS or OR REPLACE makes does not count, unless it is
 * temporary: most often it is there, and its name means the same behind that.
 * Nor does the name of a new schema, which leads to nothing before.
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

/*
 * The name of a relation that is made.
 *
 * sure  it is made, or the statement fails
 */
static List *
made_name(const RangeVar *relation, bool sure)
{
    return relation != NULL &&
                   (sure || relation->relpersistence == RELPERSISTENCE_TEMP)
               ? list_make1(relation->relname)
               : NIL;
}

/* The name of the table that a SELECT INTO makes; the first query of a UNION
 * has it. */
static List *
selected_name(const SelectStmt *statement)
{
    while (statement->larg != NULL)
        statement = statement->larg;
    return statement->intoClause == NULL
               ? NIL
               : made_name(statement->intoClause->rel, true);
}

/* Names of relations that a CREATE makes. */
static List *
created_names(const Node *node)
{
    const CreateTableAsStmt *queried = (const CreateTableAsStmt *) node;
    List *names = NIL;
    ListCell *cell;

    switch (nodeTag(node))
    {
        case T_CreateStmt:
        case T_CreateForeignTableStmt:
            return made_name(((const CreateStmt *) node)->relation,
                             !((const CreateStmt *) node)->if_not_exists);
        case T_CreateTableAsStmt:
            return made_name(queried->into->rel, !queried->if_not_exists);
        case T_ViewStmt:
            return made_name(((const ViewStmt *) node)->view,
                             !((const ViewStmt *) node)->replace);
        case T_SelectStmt:
            return selected_name((const SelectStmt *) node);
        case T_CreateSchemaStmt:
            foreach (cell, ((const CreateSchemaStmt *) node)->schemaElts)
                names = list_concat(names, created_names(lfirst(cell)));
            return names;
        default:
            return NIL;
    }
}

/* The names of what a statement renames, moves or drops, as NUL-ended texts. */
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

    found->makes = names == NIL;
    if (names == NIL)
        names = created_names(statement);
    if (names != NIL)
        moved = palloc(list_length(names) * sizeof(MigBytes));
    foreach (cell, names)
        moved[count++] = mig_bytes(lfirst(cell));
    found->moved = moved;
    found->moved_count = count;
    MemoryContextSwitchTo(before);
}

bool
pg_leads(MigHost *base, MigBytes name)
{
    char *relation = pnstrdup(name.data, name.length);
    bool leads = OidIsValid(RelnameGetRelid(relation));

    (void) base;
    pfree(relation);
    return leads;
}
