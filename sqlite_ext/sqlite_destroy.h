#ifndef SQLITE_DESTROY_H
#define SQLITE_DESTROY_H

/*
 * What a statement would destroy:
 *
 *   sqlite_destroy.c   by its tokens, and by what the database has
 *   sqlite_where.c     which conditions choose rows
 *   sqlite_moved.c     which names mean something else behind a statement
 */

#include "sqlite_host.h"

/* What a statement does to a table; its words NULL: nothing that matters. */
typedef struct SqliteDestruction
{
    const char *words; /* in front of the name, as in "drops" */
    bool drops;        /* the table as a whole: no view */
    bool writes;       /* changes, adds or deletes rows, also without words */
    MigBytes column;   /* empty: all of it */
    MigBytes schema;   /* tokens; schema empty: not written */
    MigBytes table;
} SqliteDestruction;

/* Read a table's name into found; at is moved behind it. */
void sqlite_read_target(MigBytes text, size_t *at, SqliteDestruction *found);

/*
 * Which names mean another table behind a statement, or none, as they are
 * written.
 *
 * makes  out: it makes what they mean behind it
 *
 * Returns how many.
 */
size_t sqlite_moves(MigBytes text, MigBytes names[2], bool *makes);

/*
 * Whether a schema has a table of a name.
 *
 * stored  out: whether its rows lie in the file; else a module has them
 */
bool sqlite_has_table(SqliteHost *host, const char *schema, const char *name,
                      bool *stored);

/* ---- The methods of a host; see mig_host.h ---- */
MigStatus sqlite_destroys(MigHost *base, const MigStatement *statement,
                          MigLoss *loss, MigError *error);
bool sqlite_leads(MigHost *base, MigBytes name);

#endif
