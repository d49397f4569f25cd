#ifndef SQLITE_CANON_H
#define SQLITE_CANON_H

/*
 * The one form of a definition.
 *
 * Texts that the engine takes for the same but for white space, comments, the
 * case of key words and of names that are referred to, and the quotes around
 * names, have one form.  Texts that it takes for different things have two.
 * sqlite_canon.c says what is a name, and what a string.
 */

#include "sqlite_host.h"

typedef enum SqliteForm
{
    FORM_COLUMN,     /* what stands behind a column's name */
    FORM_CONSTRAINT, /* of a table */
    FORM_INDEX,      /* CREATE INDEX */
    FORM_QUERY       /* CREATE VIEW, CREATE TRIGGER */
} SqliteForm;

typedef struct SqliteCanon
{
    SqliteHost *host;
    MigArena *arena;
    MigError *error;
    const char *table; /* of a column, a constraint or an index */
} SqliteCanon;

/*
 * Write a text in its one form, in the arena.
 *
 * Fails, in canon->error, when memory is short.
 */
MigBytes sqlite_canon_text(const SqliteCanon *canon, SqliteForm form,
                           MigBytes sql);

/* Append a name as it is, in quotes unless it consists of letters, digits and
 * '_'. */
void sqlite_canon_name(MigText *text, MigBytes name);

/* A name without its quotes, in the arena. */
MigBytes sqlite_canon_unquote(const SqliteCanon *canon, MigBytes token);

#endif
