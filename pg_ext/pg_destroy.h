#ifndef PG_DESTROY_H
#define PG_DESTROY_H

/*
 * What a statement would destroy; shared by
 *
 *     pg_destroy.c       statements, by the server's raw parse tree
 *     pg_destroy_inner.c statements that other statements run
 *     pg_destroy_query.c queries among these, as the server plans them
 *     pg_destroy_where.c which conditions choose rows
 *     pg_destroy_find.c  what they reach, and the rows that it has
 *     pg_destroy_type.c  which changes of a type keep every value
 */

#include "pg_migrate.h"

#include "lib/stringinfo.h"
#include "nodes/plannodes.h"
#include "utils/snapshot.h"

/* What is found, put in words. */
typedef struct PgLoss
{
    const PgHost *host;
    const PgStatement *parsed; /* what is looked at, or NULL */
    MemoryContext memory;      /* of the look; */
    MemoryContext before;      /* the caller's */
    StringInfoData text;       /* empty: nothing */
    bool certain;              /* rows were seen */
    int named;                 /* tables and columns in the text */
    int more;                  /* that were found beside them */
} PgLoss;

/* pg_destroy.c */

/*
 * Put what a statement would destroy in words; raises the server's errors.
 *
 * parsed  what it is in; NULL for one that is no query
 * words   in/out
 */
void pg_loss_words(const PgHost *host, const Node *statement,
                   const PgStatement *parsed, MigLoss *words);

/*
 * Begin to look, for what a snapshot shows; pg_loss_end() must follow, except
 * behind an error.
 *
 * loss  out: nothing yet; memory is that of the look
 */
void pg_loss_begin(PgLoss *loss, const PgHost *host, Snapshot snapshot);

/* End it.  words is out: what was found. */
void pg_loss_end(PgLoss *loss, MigLoss *words);

/* pg_destroy_where.c */

/*
 * Whether the condition of a DELETE or an UPDATE chooses rows, as far as that
 * can be told; outside of a unit, less is.
 *
 * condition  or NULL
 * others     the tables behind USING or FROM
 */
bool pg_chooses_rows(const PgLoss *loss, const RangeVar *table,
                     const Node *condition, const List *others);

/*
 * Whether an expression has a column of a table, by the names of the raw
 * parser.  An unqualified name that the table and another one have is taken for
 * the table's, which the server refuses anyway.
 *
 * expression  or NULL
 * name        how the table is written in its statement
 */
bool pg_has_own_column(const PgLoss *loss, const Node *expression,
                       const RangeVar *name);

/* pg_destroy_query.c */

/*
 * Whether the condition of an analysed DELETE or UPDATE has a column of the
 * table that it changes: one of a table behind USING or FROM alone chooses none
 * of its rows, and what a view says that it is done through is no part of it.
 *
 * table  out: what it changes: the view, when it is done through one
 */
bool pg_query_chooses(const Query *query, Oid *table);

/*
 * Find what a query changes without choosing rows, in its WITH as well.  Called
 * before the planner, which alters the query.
 *
 * Returns items for the plan's invalItems, for they last as long as the plan
 * and its copies do: their numbers are of no cache, and the server, which looks
 * there for what makes a plan outdated, passes over them.
 */
List *pg_query_marks(const Query *query);

/* Whether a plan has such items. */
bool pg_is_marked(const PlannedStmt *plan);

/* Add what they stand for. */
void pg_loss_add_marked(PgLoss *loss, const PlannedStmt *plan);

/* pg_destroy_find.c */

/*
 * Add a table, or a column of it, to what is lost if there are rows in it.
 *
 * words      in front of it, as in "drops "; used when it is the first
 * column     or NULL
 * behind     put behind the name, or NULL
 * inherited  rows of tables that inherit from it, or are its partitions, count
 */
void pg_loss_add(PgLoss *loss, const char *words, Oid table, const char *column,
                 const char *behind, bool inherited);

/* What a set of objects is found by. */
typedef struct PgReach
{
    Oid class;    /* of the object that is dropped, */
    Oid object;   /* and which it is */
    bool cascade; /* what needs it is dropped with it */
} PgReach;

/* Add all tables and columns that are dropped with an object. */
void pg_loss_add_reached(PgLoss *loss, const char *words, PgReach reach);

/* Add all tables of a role. */
void pg_loss_add_owned(PgLoss *loss, const char *words, Oid role);

/* pg_destroy_type.c */

/*
 * Whether a column keeps every value when its type becomes another.
 *
 * written  out: how the server writes that one; NULL when there is none, which
 *          comes out when the statement runs
 */
bool pg_type_change_keeps(Oid relation, int16 column, const TypeName *name,
                          const char **written);

#endif
