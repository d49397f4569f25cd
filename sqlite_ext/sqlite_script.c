#include "sqlite_host.h"

/*
 * The token scan: where statements end, and which of them must not simply be
 * prepared.  Nothing is prepared here, since preparing some PRAGMAs already
 * changes the connection, and a statement cannot be prepared before those in
 * front of it have run.  sqlite_run() lets the engine's own parser have the
 * last word on where a statement ends.
 *
 * Tokens are those of SQLite's tokenizer (src/tokenize.c): strings in '', names
 * in "" `` and [], comments from -- and in slash-star, which do not nest.  A
 * statement ends at a semicolon, a CREATE TRIGGER at the one behind "; END", as
 * sqlite3_complete() has it.
 */

struct MigScript
{
    MigStatement *statements;
    size_t count;
    size_t capacity;
    size_t next; /* to be given out */
};

typedef enum TokenKind
{
    TOKEN_END,   /* of the text */
    TOKEN_SPACE, /* white space or a comment */
    TOKEN_SEMICOLON,
    TOKEN_WORD, /* a name or key word, not in quotes */
    TOKEN_OTHER
} TokenKind;

static bool
is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' ||
           (unsigned char) byte >= 0x80;
}

/* Length of a quoted token; a doubled closing quote stands for itself. */
static size_t
quoted_length(MigBytes text, char close)
{
    size_t at = 1;

    while (at < text.length)
    {
        const char *found = memchr(text.data + at, close, text.length - at);

        if (found == NULL)
            return text.length;
        at = (size_t) (found - text.data) + 1;
        if (close == ']' || at >= text.length || text.data[at] != close)
            return at;
        at++;
    }
    return at;
}

/* Length of the comment at the start of a text, or 0. */
static size_t
comment_length(MigBytes text)
{
    size_t at = 2;

    if (mig_starts_with(text, "--"))
    {
        const char *end = memchr(text.data, '\n', text.length);

        return end == NULL ? text.length : (size_t) (end - text.data) + 1;
    }
    if (!mig_starts_with(text, "/*"))
        return 0;
    while (at + 1 < text.length &&
           (text.data[at] != '*' || text.data[at + 1] != '/'))
        at++;
    return at + 2 < text.length ? at + 2 : text.length;
}

static bool
is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r' ||
           byte == '\f';
}

/* Length of the run of white space, or of word bytes, that a text starts with.
 */
static size_t
run_length(MigBytes text, bool (*belongs)(char))
{
    size_t length = 1;

    while (length < text.length && belongs(text.data[length]))
        length++;
    return length;
}

/* The token at the start of a text. */
static TokenKind
read_token(MigBytes text, size_t *length)
{
    *length = text.length == 0 ? 0 : 1;
    if (text.length == 0)
        return TOKEN_END;
    switch (text.data[0])
    {
        case ';':
            return TOKEN_SEMICOLON;
        case '-':
        case '/':
            *length = comment_length(text);
            if (*length > 0)
                return TOKEN_SPACE;
            *length = 1;
            return TOKEN_OTHER;
        case '\'':
        case '"':
        case '`':
            *length = quoted_length(text, text.data[0]);
            return TOKEN_OTHER;
        case '[':
            *length = quoted_length(text, ']');
            return TOKEN_OTHER;
        default:
            break;
    }
    if (is_space(text.data[0]))
    {
        *length = run_length(text, is_space);
        return TOKEN_SPACE;
    }
    if (!is_word_byte(text.data[0]))
        return TOKEN_OTHER;
    *length = run_length(text, is_word_byte);
    return TOKEN_WORD;
}

static bool
is_word(MigBytes word, const char *expected)
{
    return word.length == strlen(expected) &&
           sqlite3_strnicmp(word.data, expected, (int) word.length) == 0;
}

bool
sqlite_next_word(MigBytes text, size_t *offset, MigBytes *word)
{
    TokenKind kind;
    size_t length;

    do
    {
        kind = read_token(mig_part(text, *offset, text.length), &length);
        *word = mig_part(text, *offset, *offset + length);
        *offset += length;
    } while (kind == TOKEN_SPACE);
    return kind == TOKEN_WORD;
}

/* Whether a statement creates a trigger, whose body holds semicolons. */
static bool
is_trigger(MigBytes text)
{
    size_t at = 0;
    MigBytes word;

    if (!sqlite_next_word(text, &at, &word))
        return false;
    if (is_word(word, "explain") && sqlite_next_word(text, &at, &word) &&
        is_word(word, "query") && sqlite_next_word(text, &at, &word))
        (void) sqlite_next_word(text, &at, &word);
    if (!is_word(word, "create") || !sqlite_next_word(text, &at, &word))
        return false;
    if (is_word(word, "temp") || is_word(word, "temporary"))
        (void) sqlite_next_word(text, &at, &word);
    return is_word(word, "trigger");
}

/* Length of the statement at the start of a text, without its semicolon. */
static size_t
statement_length(MigBytes text)
{
    bool trigger = is_trigger(text);
    int closing = 0; /* in a trigger: 1 behind ";", 2 behind "; END" */
    size_t at = 0;
    size_t length;
    TokenKind kind;

    while ((kind = read_token(mig_part(text, at, text.length), &length)) !=
           TOKEN_END)
    {
        if (kind == TOKEN_SEMICOLON)
        {
            if (!trigger || closing == 2)
                break;
            closing = 1;
        }
        else if (kind == TOKEN_WORD && closing == 1 &&
                 is_word(mig_part(text, at, at + length), "end"))
            closing = 2;
        else if (kind != TOKEN_SPACE)
            closing = 0;
        at += length;
    }
    return at;
}

/* Statements that are told by their first word. */
static const struct
{
    const char *word;
    MigStatementKind kind;
    const char *reason;
} first_words[] = {
    {"begin", MIG_BRACKET, NULL},
    {"commit", MIG_BRACKET, NULL},
    {"end", MIG_BRACKET, NULL},
    {"rollback", MIG_NOT_ALLOWED, "ROLLBACK"},
    {"vacuum", MIG_OUTSIDE, "VACUUM"},
    {"attach", MIG_OUTSIDE, "ATTACH"},
    {"detach", MIG_OUTSIDE, "DETACH"},
};

/* Whether a ROLLBACK goes to a savepoint only. */
static bool
is_rollback_to(MigBytes text)
{
    size_t at = 0;
    MigBytes word;

    (void) sqlite_next_word(text, &at, &word);
    while (sqlite_next_word(text, &at, &word))
    {
        if (is_word(word, "to"))
            return true;
    }
    return false;
}

/* Set a statement's kind and reason from its text. */
static void
classify(MigStatement *statement)
{
    size_t at = 0;
    MigBytes word;

    statement->kind = MIG_ORDINARY;
    statement->reason = NULL;
    if (!sqlite_next_word(statement->text, &at, &word))
        return;
    if (is_word(word, "pragma"))
    {
        statement->kind = sqlite_pragma_kind(statement->text);
        return;
    }
    for (size_t i = 0; i < sizeof(first_words) / sizeof(first_words[0]); i++)
    {
        if (!is_word(word, first_words[i].word))
            continue;
        if (first_words[i].kind == MIG_NOT_ALLOWED &&
            is_rollback_to(statement->text))
            return;
        statement->kind = first_words[i].kind;
        statement->reason = first_words[i].reason;
    }
}

/*
 * Find the statement at or behind an offset; moves behind it.
 *
 * Returns false at the end of the text.
 */
static bool
find_statement(MigBytes text, size_t *offset, MigStatement *statement)
{
    MigBytes rest;
    size_t length;
    TokenKind kind;

    for (;;)
    {
        rest = mig_part(text, *offset, text.length);
        kind = read_token(rest, &length);
        if (kind != TOKEN_SPACE && kind != TOKEN_SEMICOLON)
            break;
        *offset += length;
    }
    if (kind == TOKEN_END)
        return false;
    statement->text = mig_part(rest, 0, statement_length(rest));
    statement->offset = *offset;
    statement->node = NULL;
    *offset += statement->text.length;
    statement->text = mig_trim(statement->text);
    classify(statement);
    return true;
}

/* Append a statement to a script. */
static bool
script_add(MigScript *script, const MigStatement *statement)
{
    if (script->count == script->capacity)
    {
        size_t capacity = script->capacity == 0 ? 8 : script->capacity * 2;
        MigStatement *larger = sqlite3_realloc64(
            script->statements, capacity * sizeof(MigStatement));

        if (larger == NULL)
            return false;
        script->statements = larger;
        script->capacity = capacity;
    }
    script->statements[script->count++] = *statement;
    return true;
}

/* Without a schema no syntax error can be told: that comes with running. */
MigStatus
sqlite_script_open(MigHost *host, MigBytes text, MigScript **script,
                   size_t *offset, MigError *error)
{
    MigScript *opened = sqlite3_malloc64(sizeof(MigScript));
    MigStatement statement;
    size_t at = 0;
    bool room = opened != NULL;

    (void) offset;
    if (room)
        memset(opened, 0, sizeof(*opened));
    while (room && find_statement(text, &at, &statement))
        room = script_add(opened, &statement);
    if (!room)
    {
        sqlite_script_close(host, opened);
        return mig_fail(error, MIG_NOMEM, "out of memory");
    }
    *script = opened;
    return MIG_OK;
}

void
sqlite_script_rewind(MigHost *host, MigScript *script)
{
    (void) host;
    script->next = 0;
}

bool
sqlite_script_next(MigHost *host, MigScript *script, MigStatement *statement)
{
    (void) host;
    if (script->next == script->count)
        return false;
    *statement = script->statements[script->next++];
    return true;
}

void
sqlite_script_close(MigHost *host, MigScript *script)
{
    (void) host;
    if (script == NULL)
        return;
    sqlite3_free(script->statements);
    sqlite3_free(script);
}
