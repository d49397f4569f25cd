#ifndef PG_MARK_H
#define PG_MARK_H

/*
 * What is there before a statement runs that no transaction can hold; between
 * pg_mark.c, which notes it, and pg_outside.c, which asks later.
 */

#include "pg_migrate.h"

/* Which indexes a statement is about. */
typedef struct PgScope
{
    List *tables; /* of these tables; NIL: of all, */
    Oid schema;   /* in this schema, or any */
    bool invalid; /* only those that are not valid */
} PgScope;

/* What an index was to be, when a statement that makes it was begun. */
typedef struct PgShape
{
    Oid table;
    int unique;
    int keys;                   /* columns, */
    int all;                    /* with those that are only included */
    char name[2 * NAMEDATALEN]; /* in hexadecimal, "-": none was given */
} PgShape;

/* The table or index of a name as it is now, or InvalidOid. */
Oid pg_find_relation(const RangeVar *name);

/* The indexes of a scope. */
List *pg_indexes_find(const PgScope *scope);

/* The scope of a statement that makes or rebuilds indexes; false: none. */
bool pg_find_scope(const Node *node, PgScope *scope);

/* Number of the database, tablespace or subscription that a statement makes or
 * drops, or InvalidOid; false: it is about none. */
bool pg_find_object(const Node *node, bool *makes, Oid *object);

/* Whether a table is a partition, also one that is half detached. */
bool pg_is_partition(Oid parent, Oid partition, bool *detaching);

/* The two tables of a DETACH PARTITION; false: it is none, or one is not there.
 */
bool pg_find_partition(const Node *node, Oid *parent, Oid *partition);

/* Whether any of the indexes of a DROP INDEX is there. */
bool pg_any_is_there(const DropStmt *statement);

/* Whether an index is of a shape, as far as that goes. */
bool pg_has_shape(const PgShape *shape, Oid index);

/* What of a mark: whether a number is in it; whether what was to be taken away
 * was there; which index was to be made. */
bool pg_mark_has(MigBytes mark, Oid object);
bool pg_mark_present(MigBytes mark);
bool pg_mark_shape(MigBytes mark, PgShape *shape);

#endif
