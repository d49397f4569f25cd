#ifndef SQLITE_DESTROY_H
#define SQLITE_DESTROY_H

/*
 * What a statement would destroy:
 *
 *   sqlite_destroy.c   by its tokens, and by what the database has
 *   sqlite_where.c     which conditions choose rows
 *   sqlite_fired.c     what the triggers would that it fires
 *   sqlite_moved.c     which names mean something else behind a statement
 */

#include "sqlite_host.h"

/* What a statement does to a table; its words NULL: nothing that matters. */
typedef struct SqliteDestruction
{
    const char *words; /* in front of the name, as in "drops" */
    bool drops;        /* the table as a whole: no view */
    bool writes;       /* changes, adds or deletes rows, also without words */
    bool fired;        /* stands in a trigger, which has NEW and OLD */
    const char *place; /* the one schema that it sees tables of, or NULL */
    MigBytes column;   /* empty: all of it */
    MigBytes schema;   /* tokens; schema empty: not written */
    MigBytes table;
} SqliteDestruction;

/* Read a table's name into found; at is moved behind it. */
void sqlite_read_target(MigBytes text, size_t *at, SqliteDestruction *found);

/*
 * Read what a statement does.
 *
 * fired  it stands in a trigger
 * place  the schema of a trigger that is not temporary, or NULL
 */
SqliteDestruction sqlite_read_destruction(SqliteHost *host, MigBytes text,
                                          bool fired, const char *place);

/*
 * Say whether what a statement does destroys something that is there.
 *
 * schema  which its table is in where it does not say so; NULL: where that is
 *         found by its name
 */
MigStatus sqlite_tell_loss(SqliteHost *host, const SqliteDestruction *found,
                           const char *schema, MigLoss *loss, MigError *error);

/* The schema of the table that a statement is about, to be freed by
 * sqlite3_free(); NULL when it is not found. */
char *sqlite_schema_of(SqliteHost *host, const SqliteDestruction *found);

/* ---- sqlite_fired.c ---- */

/*
 * Say what the triggers would destroy that a statement fires; outside of a unit
 * nothing is told of them.
 *
 * cause  what the statement does itself
 * loss   out, where there is something
 */
MigStatus sqlite_fired_destroys(SqliteHost *host, MigBytes text,
                                const SqliteDestruction *cause, MigLoss *loss,
                                MigError *error);

/* Say that a statement of a script is about to be run. */
void sqlite_fired_expect(SqliteHost *host, MigBytes text);

/* ---- sqlite_moved.c ---- */

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
