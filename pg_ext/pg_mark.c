#include "pg_mark.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_subscription.h"
#include "commands/dbcommands.h"
#include "commands/subscriptioncmds.h"
#include "commands/tablespace.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/*
 * What is there before a statement that no transaction can hold, written into
 * the history in words and numbers, so that a later call can tell what is its
 * work and what is not.
 */

/* The table or index of a name as it is now, or InvalidOid. */
Oid
pg_find_relation(const RangeVar *name)
{
    return RangeVarGetRelid(name, NoLock, true);
}

/* The table that holds a table's long values, or InvalidOid. */
static Oid
toast_table(Oid table)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    Oid toast = InvalidOid;

    if (HeapTupleIsValid(tuple))
    {
        toast = ((Form_pg_class) GETSTRUCT(tuple))->reltoastrelid;
        ReleaseSysCache(tuple);
    }
    return toast;
}

/* A table and what belongs to it: partitions, and where long values lie. */
static List *
table_family(Oid table)
{
    List *family = NIL;
    ListCell *cell;

    foreach (cell, find_all_inheritors(table, NoLock, NULL))
    {
        Oid toast = toast_table(lfirst_oid(cell));

        family = lappend_oid(family, lfirst_oid(cell));
        if (OidIsValid(toast))
            family = lappend_oid(family, toast);
    }
    return family;
}

/* Whether an index is one that a statement is about. */
static bool
in_scope(const PgScope *scope, Form_pg_index index)
{
    Oid schema = get_rel_namespace(index->indexrelid);

    if (scope->invalid && index->indisvalid)
        return false;
    if (scope->tables != NIL &&
        !list_member_oid(scope->tables, index->indrelid))
        return false;
    return !OidIsValid(scope->schema) || schema == scope->schema ||
           IsToastNamespace(schema);
}

/* The indexes that a statement is about. */
List *
pg_indexes_find(const PgScope *scope)
{
    Relation catalog = table_open(IndexRelationId, AccessShareLock);
    SysScanDesc scan =
        systable_beginscan(catalog, InvalidOid, false, NULL, 0, NULL);
    List *found = NIL;
    HeapTuple tuple;

    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);

        if (in_scope(scope, index))
            found = lappend_oid(found, index->indexrelid);
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return found;
}

/* The scope of a statement that makes or rebuilds indexes; false: none. */
bool
pg_find_scope(const Node *node, PgScope *scope)
{
    const ReindexStmt *reindex = (const ReindexStmt *) node;
    Oid relation;

    memset(scope, 0, sizeof(*scope));
    if (IsA(node, IndexStmt))
    {
        relation = pg_find_relation(((const IndexStmt *) node)->relation);
        scope->tables = list_make1_oid(relation);
        return OidIsValid(relation);
    }
    if (!IsA(node, ReindexStmt))
        return false;
    scope->invalid = true;
    if (reindex->kind == REINDEX_OBJECT_SCHEMA)
        scope->schema = get_namespace_oid(reindex->name, true);
    if (reindex->relation == NULL)
        return true;
    relation = pg_find_relation(reindex->relation);
    if (OidIsValid(relation) && reindex->kind == REINDEX_OBJECT_INDEX)
        relation = IndexGetRelation(relation, true);
    if (OidIsValid(relation))
        scope->tables = table_family(relation);
    return OidIsValid(relation);
}

/* Number of the database, tablespace or subscription that a statement makes or
 * drops, or InvalidOid; false: it is about none. */
bool
pg_find_object(const Node *node, bool *makes, Oid *object)
{
    *makes = IsA(node, CreatedbStmt) || IsA(node, CreateTableSpaceStmt) ||
             IsA(node, CreateSubscriptionStmt);
    switch (nodeTag(node))
    {
        case T_CreatedbStmt:
            *object =
                get_database_oid(((const CreatedbStmt *) node)->dbname, true);
            return true;
        case T_DropdbStmt:
            *object =
                get_database_oid(((const DropdbStmt *) node)->dbname, true);
            return true;
        case T_CreateTableSpaceStmt:
            *object = get_tablespace_oid(
                ((const CreateTableSpaceStmt *) node)->tablespacename, true);
            return true;
        case T_DropTableSpaceStmt:
            *object = get_tablespace_oid(
                ((const DropTableSpaceStmt *) node)->tablespacename, true);
            return true;
        case T_CreateSubscriptionStmt:
            *object = get_subscription_oid(
                ((const CreateSubscriptionStmt *) node)->subname, true);
            return true;
        case T_DropSubscriptionStmt:
            *object = get_subscription_oid(
                ((const DropSubscriptionStmt *) node)->subname, true);
            return true;
        default:
            return false;
    }
}

/* The row of pg_inherits that makes a table a partition. */
bool
pg_is_partition(Oid parent, Oid partition, bool *detaching)
{
    Relation catalog = table_open(InheritsRelationId, AccessShareLock);
    bool found = false;
    ScanKeyData key[1];
    SysScanDesc scan;
    HeapTuple tuple;

    ScanKeyInit(&key[0], Anum_pg_inherits_inhrelid, BTEqualStrategyNumber,
                F_OIDEQ, ObjectIdGetDatum(partition));
    scan = systable_beginscan(catalog, InheritsRelidSeqnoIndexId, true, NULL, 1,
                              key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        Form_pg_inherits row = (Form_pg_inherits) GETSTRUCT(tuple);

        if (row->inhparent != parent)
            continue;
        found = true;
        *detaching = compat_detach_pending(row);
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return found;
}

/* The two tables of a DETACH PARTITION; false: it is none, or one is not there.
 */
bool
pg_find_partition(const Node *node, Oid *parent, Oid *partition)
{
    const AlterTableStmt *statement = (const AlterTableStmt *) node;
    const AlterTableCmd *command;

    if (!IsA(node, AlterTableStmt))
        return false;
    command = linitial_node(AlterTableCmd, statement->cmds);
    if (command->subtype != AT_DetachPartition)
        return false;
    *parent = pg_find_relation(statement->relation);
    *partition = pg_find_relation(((PartitionCmd *) command->def)->name);
    return OidIsValid(*parent) && OidIsValid(*partition);
}

/* Write a name in letters that mean nothing to anybody. */
static void
write_name(const char *name, char *hexadecimal)
{
    if (name == NULL)
    {
        hexadecimal[0] = '-';
        hexadecimal[1] = '\0';
        return;
    }
    for (; *name != '\0'; name++, hexadecimal += 2)
        snprintf(hexadecimal, 3, "%02x", (unsigned char) *name);
}

/* What a statement is to make. */
static PgShape
shape_of(const IndexStmt *statement)
{
    PgShape shape = {InvalidOid, 0, 0, 0, ""};

    shape.table = pg_find_relation(statement->relation);
    shape.unique = statement->unique;
    shape.keys = list_length(statement->indexParams);
    shape.all = shape.keys + list_length(statement->indexIncludingParams);
    write_name(statement->idxname, shape.name);
    return shape;
}

/* Whether an index is of that shape, as far as that goes. */
bool
pg_has_shape(const PgShape *shape, Oid index)
{
    HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    char name[2 * NAMEDATALEN];
    Form_pg_index form;
    bool fits;

    if (!HeapTupleIsValid(tuple))
        return false;
    form = (Form_pg_index) GETSTRUCT(tuple);
    write_name(get_rel_name(index), name);
    fits = form->indrelid == shape->table &&
           form->indisunique == (shape->unique != 0) &&
           form->indnkeyatts == shape->keys && form->indnatts == shape->all &&
           (strcmp(shape->name, "-") == 0 || strcmp(shape->name, name) == 0);
    ReleaseSysCache(tuple);
    return fits;
}

/* Whether any of the indexes of a DROP INDEX is there. */
bool
pg_any_is_there(const DropStmt *statement)
{
    ListCell *cell;

    foreach (cell, statement->objects)
        if (OidIsValid(
                pg_find_relation(makeRangeVarFromNameList(lfirst(cell)))))
            return true;
    return false;
}

/* Append what is there before a statement that makes or rebuilds indexes. */
static void
mark_indexes(const Node *node, const PgScope *scope, StringInfo mark)
{
    ListCell *cell;

    if (IsA(node, IndexStmt))
    {
        PgShape shape = shape_of((const IndexStmt *) node);

        appendStringInfo(mark, "index %u %d %d %d %s : ", shape.table,
                         shape.unique, shape.keys, shape.all, shape.name);
    }
    foreach (cell, pg_indexes_find(scope))
        appendStringInfo(mark, "%u ", lfirst_oid(cell));
}

/* What is there before a statement: words and numbers with blanks between. */
static char *
mark_of(const Node *node)
{
    StringInfoData mark;
    bool detaching;
    PgScope scope;
    Oid parent;
    Oid object;
    bool makes;

    initStringInfo(&mark);
    if (pg_find_scope(node, &scope))
        mark_indexes(node, &scope, &mark);
    else if (pg_find_object(node, &makes, &object))
        appendStringInfo(&mark, "object %u ", object);
    else if ((IsA(node, DropStmt) &&
              pg_any_is_there((const DropStmt *) node)) ||
             (pg_find_partition(node, &parent, &object) &&
              pg_is_partition(parent, object, &detaching)))
        appendStringInfoString(&mark, "present ");
    return mark.len > 0 ? mark.data : "none ";
}

MigStatus
pg_mark_outside(MigHost *base, const MigStatement *statement, char *mark,
                size_t size, MigError *error)
{
    PgHost *host = (PgHost *) base;
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    const PgStatement *parsed = statement->node;
    const char *found = mark_of(parsed->raw->stmt);

    /* One that does not fit tells nothing: then nothing is taken for new. */
    strlcpy(mark, strlen(found) < size ? found : "", size);
    MemoryContextSwitchTo(before);
    return error->status;
}

/* Whether a number is in a mark. */
bool
pg_mark_has(MigBytes mark, Oid object)
{
    char *wanted = psprintf(" %u ", object);
    char *all = psprintf(" %.*s", (int) mark.length, mark.data);

    return strstr(all, wanted) != NULL;
}

/* Whether what a statement was to take away was there before it. */
bool
pg_mark_present(MigBytes mark)
{
    return mark.length >= 7 && strncmp(mark.data, "present", 7) == 0;
}

bool
pg_mark_shape(MigBytes mark, PgShape *shape)
{
    char *text_of = pnstrdup(mark.data == NULL ? "" : mark.data, mark.length);
    char *rest;
    char *word = strtok_r(text_of, " ", &rest);
    Oid numbers[4];

    if (word == NULL || strcmp(word, "index") != 0)
        return false;
    for (int i = 0; i < lengthof(numbers); i++)
    {
        word = strtok_r(NULL, " ", &rest);
        if (word == NULL)
            return false;
        numbers[i] = (Oid) strtoul(word, NULL, 10);
    }
    word = strtok_r(NULL, " ", &rest);
    if (word == NULL || strlen(word) >= sizeof(shape->name))
        return false;
    shape->table = numbers[0];
    shape->unique = (int) numbers[1];
    shape->keys = (int) numbers[2];
    shape->all = (int) numbers[3];
    strlcpy(shape->name, word, sizeof(shape->name));
    return OidIsValid(shape->table);
}
