#include "sqlite_host.h"
#include "sqlite_token.h"

/*
 * The tokens of a script for comparing, exactly as SQLite's tokenizer
 * (src/tokenize.c) parts them.  sqlite_token.c knows no numbers, blobs and
 * operators of several bytes: where white space in or behind them would make
 * something else of them, their parts are put together here.  Lines that are
 * the sqlite3 shell's are given as they are.
 */

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The byte at an offset; zero, which is in no text, behind the end. */
static char
byte_at(MigBytes text, size_t at)
{
    if (at >= text.length)
        return '\0';
    return text.data[at];
}

/* Behind the letters and digits at an offset. */
static size_t
skip_word(MigBytes text, size_t at)
{
    size_t length;

    if (sqlite_read_token(mig_part(text, at, text.length), &length) !=
        TOKEN_WORD)
        return at;
    return at + length;
}

/*
 * Length of the number at the start of a text: digits, a point, digits, an
 * exponent.  A word holds all of it but a point and the exponent's sign.
 */
static size_t
number_length(MigBytes text)
{
    size_t at = skip_word(text, 0);
    bool hexadecimal = byte_at(text, 0) == '0' &&
                       (byte_at(text, 1) == 'x' || byte_at(text, 1) == 'X');

    if (hexadecimal)
        return at;
    if (byte_at(text, at) == '.')
        at = skip_word(text, at + 1);
    if ((byte_at(text, at - 1) == 'e' || byte_at(text, at - 1) == 'E') &&
        (byte_at(text, at) == '+' || byte_at(text, at) == '-') &&
        is_digit(byte_at(text, at + 1)))
        at = skip_word(text, at + 1);
    return at;
}

/* Length of the operator at the start of a text, or 1. */
static size_t
operator_length(MigBytes text)
{
    static const char *const operators[] = {"->>", "->", "==", "<=", "<>", "<<",
                                            ">=",  ">>", "!=", "||", NULL};

    if (strchr("-=<>!|", text.data[0]) == NULL)
        return 1;
    for (size_t i = 0; operators[i] != NULL; i++)
    {
        if (mig_starts_with(text, operators[i]))
            return strlen(operators[i]);
    }
    return 1;
}

/* Length of the token at the start of a text, which is not white space. */
static size_t
token_length(MigBytes text, SqliteToken kind, size_t length)
{
    char first = text.data[0];

    if (is_digit(first) || (first == '.' && is_digit(byte_at(text, 1))))
        return number_length(text);
    if (kind == TOKEN_WORD && length == 1 && (first == 'x' || first == 'X') &&
        byte_at(text, 1) == '\'')
    {
        (void) sqlite_read_token(mig_part(text, 1, text.length), &length);
        return 1 + length;
    }
    return kind == TOKEN_OTHER && length == 1 ? operator_length(text) : length;
}

SqliteToken
sqlite_next_token(MigBytes text, size_t *offset, MigBytes *token)
{
    SqliteToken kind;
    MigBytes rest;
    size_t length;

    do
    {
        rest = mig_part(text, *offset, text.length);
        kind = sqlite_read_token(rest, &length);
        if (kind != TOKEN_END && kind != TOKEN_SPACE)
            length = token_length(rest, kind, length);
        *token = mig_part(rest, 0, length);
        *offset += length;
    } while (kind == TOKEN_SPACE);
    return kind;
}

/* Length of the line at the start of a text, without its end. */
static size_t
line_length(MigBytes text)
{
    const char *newline = memchr(text.data, '\n', text.length);

    return newline == NULL ? text.length : (size_t) (newline - text.data);
}

MigStatus
sqlite_script_tokens(MigHost *host, MigBytes text, MigTokenFunction token,
                     void *context, bool *readable, MigError *error)
{
    bool start = true; /* a statement could begin */
    size_t at = 0;

    (void) host;
    *readable = true;
    while (error->status == MIG_OK)
    {
        MigBytes rest = mig_part(text, at, text.length);
        size_t length;
        SqliteToken kind = sqlite_read_token(rest, &length);

        if (kind == TOKEN_END)
            break;
        if (kind != TOKEN_SPACE)
        {
            bool shell = start && sqlite_is_shell_line(text, at);

            length =
                shell ? line_length(rest) : token_length(rest, kind, length);
            start = shell || kind == TOKEN_SEMICOLON;
            (void) token(context, mig_part(rest, 0, length), error);
        }
        at += length;
    }
    return error->status;
}
