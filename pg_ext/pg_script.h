#ifndef PG_SCRIPT_H
#define PG_SCRIPT_H

/*
 * How a script becomes what the server's parser can read; shared by
 *
 *     pg_script.c   statements, from the server's parser
 *     pg_lex.c      tokens for comparing, from the server's lexer
 *     pg_split.c    before that: takes out COPY's data, psql's commands
 *     pg_scan.c     the words, quotes and comments of a text
 *     pg_psql.c     which commands of psql may stand in a script
 */

#include "pg_migrate.h"

/* pg_scan.c */

typedef enum PgTokenKind
{
    PG_TOKEN_END,    /* of the text */
    PG_TOKEN_WORD,   /* keyword or name that is not quoted */
    PG_TOKEN_QUOTED, /* string, quoted name, or what stands in dollar quotes */
    PG_TOKEN_SIGN    /* any other byte */
} PgTokenKind;

typedef struct PgToken
{
    PgTokenKind kind;
    const char *start;
    const char *end;
    bool backslash; /* a string that standard_conforming_strings decides on */
} PgToken;

/* The first place that is neither white space nor a comment. */
const char *pg_skip_blank(const char *place, const char *end);

/*
 * The next token of a text, as the server's lexer sees it, with the session's
 * standard_conforming_strings.  What is not closed goes on to the end.
 */
void pg_next_token(const char *place, const char *end, PgToken *token);

/* pg_psql.c */

/*
 * Look at a command of psql.
 *
 * place  the backslash
 * end    of the text
 *
 * Returns the place behind the command and its arguments when it can be passed
 * over: the end of the line, or the backslash of the next command.  Otherwise
 * records MIG_UNSUPPORTED.
 */
const char *pg_psql_pass(const char *place, const char *end, MigError *error);

/* pg_split.c */

/* A script as the server's parser is to read it. */
typedef struct PgSource
{
    char *text; /* NUL-ended; the commands of psql are blanks in it */
    size_t length;
    PgData *data; /* what was taken out, in order */
    size_t data_count;
    size_t doubtful; /* behind the last string, in the script, that
                        standard_conforming_strings decides on; 0: none */
} PgSource;

/*
 * Take the data of COPY ... FROM STDIN and the commands of psql out of a
 * script.
 *
 * memory  of what is made; the data stay in script, which must outlive it
 * offset  out, how far it got in the script, in bytes
 *
 * Fails with MIG_UNSUPPORTED for a command that cannot be passed over, and
 * MIG_INVALID when something stands between a COPY and its data.  The source is
 * then what stands before that.
 */
MigStatus pg_split(MemoryContext memory, MigBytes script, PgSource *source,
                   size_t *offset, MigError *error);

#endif
