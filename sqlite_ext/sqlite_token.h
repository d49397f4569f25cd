#ifndef SQLITE_TOKEN_H
#define SQLITE_TOKEN_H

/*
 * The tokens of a text of SQL, as SQLite parts them.
 */

#include "mig_text.h"

typedef enum SqliteToken
{
    TOKEN_END,   /* of the text */
    TOKEN_SPACE, /* white space or a comment */
    TOKEN_SEMICOLON,
    TOKEN_WORD, /* a name or key word, not in quotes */
    TOKEN_OTHER
} SqliteToken;

/*
 * The token at the start of a text.
 *
 * length  out: in bytes
 */
SqliteToken sqlite_read_token(MigBytes text, size_t *length);

/* Whether a token is a key word, in either case. */
bool sqlite_is_word(MigBytes word, const char *expected);

/*
 * The next token that is neither white space nor a comment.
 *
 * offset  in/out: where to start; moved behind the token
 * word    out: the token; empty at the end
 *
 * Returns whether it is a word that stands in no quotes.
 */
bool sqlite_next_word(MigBytes text, size_t *offset, MigBytes *word);

/* Whether a text holds nothing but white space, comments and semicolons. */
bool sqlite_is_blank(MigBytes text);

/* The same token as a name, without the quotes that it may stand in. */
MigBytes sqlite_next_name(MigBytes text, size_t *offset);

/* A token as the name it stands for; NULL when out of memory, to be freed by
 * sqlite3_free(). */
char *sqlite_unquote(MigBytes token);

/*
 * The next token that is neither white space nor a comment, exactly as the
 * engine's tokenizer parts them: numbers, blobs and operators are one each.
 * In sqlite_lex.c.
 *
 * offset  in/out: where to start; moved behind the token
 * token   out: empty at the end
 */
SqliteToken sqlite_next_token(MigBytes text, size_t *offset, MigBytes *token);

#endif
