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

/* ---- sqlite_name.c ---- */

/* A name without its quotes, in the arena. */
MigBytes sqlite_canon_unquote(const SqliteCanon *canon, MigBytes token);

/* Whether a name consists of letters, digits and '_', so that it needs no
 * quotes. */
bool sqlite_canon_is_plain(MigBytes name);

/* Append a name as it is, in quotes where it needs some. */
void sqlite_canon_name(MigText *text, MigBytes name);

/* Append bytes, ASCII letters as lower-case ones, as SQLite compares names. */
void sqlite_canon_folded(MigText *text, MigBytes bytes);

/* Append bytes in quotes, which are doubled inside; folded as above. */
void sqlite_canon_quoted(MigText *text, MigBytes bytes, char quote,
                         bool folded);

#endif
