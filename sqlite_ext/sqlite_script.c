#include "sqlite_host.h"

/*
 * The token scan: where statements end, and which of them must not simply be
 * prepared.  Nothing is prepared here, since preparing some PRAGMAs already
 * changes the connection, and a statement cannot be prepared before those in
 * front of it have run.  sqlite_run() lets the engine's own parser have the
 * last word on where a statement ends.
 *
 * Tokens are those of SQLite's tokenizer (src/tokenize.c): strings in '', names
 * in "" `` and [], parameters such as $a(b), comments from -- and in
 * slash-star, which do not nest; a byte order mark is white space.  A statement
 * ends at a semicolon, a CREATE TRIGGER at the one behind "; END", as
 * sqlite3_complete() has it.
 */

struct MigScript
{
    MigStatement *statements;
    size_t count;
    size_t capacity;
    size_t next;          /* to be given out */
    MigBytes *savepoints; /* open behind the last statement, innermost last */
    size_t savepoint_count;
    size_t savepoint_capacity;
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
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
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

/*
 * Length of the parameter at the start of a text: :a, @a, #a or $a, in which
 * :: may stand and which may end with parentheses around anything.
 */
static size_t
parameter_length(MigBytes text)
{
    size_t at = 1;

    while (at < text.length)
    {
        if (text.data[at] == '(' && at > 1)
        {
            while (at < text.length && !is_space(text.data[at]) &&
                   text.data[at] != ')')
                at++;
            return at < text.length && text.data[at] == ')' ? at + 1 : at;
        }
        if (mig_starts_with(mig_part(text, at, text.length), "::"))
            at++;
        else if (!is_word_byte(text.data[at]))
            break;
        at++;
    }
    return at;
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
        case '$':
        case '@':
        case '#':
        case ':':
            *length = parameter_length(text);
            return TOKEN_OTHER;
        default:
            break;
    }
    if (mig_starts_with(text, "\xEF\xBB\xBF"))
    {
        *length = 3;
        return TOKEN_SPACE;
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
sqlite_is_blank(MigBytes text)
{
    size_t at = 0;
    size_t length;
    TokenKind kind;

    do
    {
        kind = read_token(mig_part(text, at, text.length), &length);
        at += length;
    } while (kind == TOKEN_SPACE || kind == TOKEN_SEMICOLON);
    return kind == TOKEN_END;
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

MigBytes
sqlite_next_name(MigBytes text, size_t *offset)
{
    MigBytes word;

    (void) sqlite_next_word(text, offset, &word);
    if (word.length >= 2 && strchr("\"'`[", word.data[0]) != NULL)
        word = mig_part(word, 1, word.length - 1);
    return word;
}

char *
sqlite_unquote(MigBytes token)
{
    char *name = sqlite3_malloc64(token.length + 1);
    bool quoted = token.length >= 2 && strchr("\"'`[", token.data[0]) != NULL;
    size_t length = 0;
    size_t at = quoted ? 1 : 0;
    size_t end = quoted ? token.length - 1 : token.length;

    if (name == NULL)
        return NULL;
    while (at < end)
    {
        if (quoted && token.data[at] == token.data[0] && at + 1 < end)
            at++;
        name[length++] = token.data[at++];
    }
    name[length] = '\0';
    return name;
}

/* The first word of a statement behind EXPLAIN [QUERY PLAN]. */
static void
skip_explain(MigBytes text, size_t *at, MigBytes *word)
{
    (void) sqlite_next_word(text, at, word);
    if (!is_word(*word, "explain"))
        return;
    (void) sqlite_next_word(text, at, word);
    if (!is_word(*word, "query"))
        return;
    (void) sqlite_next_word(text, at, word);
    (void) sqlite_next_word(text, at, word);
}

/* Whether a statement creates a trigger, whose body holds semicolons. */
static bool
is_trigger(MigBytes text)
{
    size_t at = 0;
    MigBytes word;

    skip_explain(text, &at, &word);
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
    {"attach", MIG_AROUND, NULL},
    {"detach", MIG_BRACKET, "passed over: this is done at the end"},
};

/*
 * The savepoint that a SAVEPOINT, RELEASE or ROLLBACK TO names; empty when the
 * statement names none.
 *
 * own  out: whether it sets the savepoint
 */
static MigBytes
savepoint_name(MigBytes text, bool *own)
{
    MigBytes none = {"", 0};
    MigBytes word;
    size_t at = 0;

    (void) sqlite_next_word(text, &at, &word);
    *own = is_word(word, "savepoint");
    if (is_word(word, "rollback"))
    {
        while (word.length > 0 && !is_word(word, "to"))
            (void) sqlite_next_word(text, &at, &word);
        if (word.length == 0)
            return none;
    }
    else if (!*own && !is_word(word, "release"))
        return none;
    word = sqlite_next_name(text, &at);
    if (!*own && is_word(word, "savepoint"))
    {
        size_t behind = at;
        MigBytes name = sqlite_next_name(text, &behind);

        return name.length > 0 ? name : word;
    }
    return word;
}

/* Whether two names are one to SQLite. */
static bool
same_name(MigBytes a, MigBytes b)
{
    return a.length == b.length &&
           sqlite3_strnicmp(a.data, b.data, (int) a.length) == 0;
}

/* How many savepoints are open in a script up to the innermost of a name,
 * itself included; 0 when there is none. */
static size_t
savepoint_depth(const MigScript *script, MigBytes name)
{
    size_t depth = script->savepoint_count;

    while (depth > 0 && !same_name(script->savepoints[depth - 1], name))
        depth--;
    return depth;
}

/* Make room for one more item; returns the array, or NULL. */
static void *
make_room(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    return sqlite3_realloc64(items, *capacity * size);
}

/*
 * Follow the savepoints of a script over one more statement.  One that is not
 * the script's own is refused: ours, under which the migration runs, or one of
 * the caller's.
 *
 * Returns false when out of memory.
 */
static bool
follow_savepoint(MigScript *script, MigStatement *statement)
{
    bool own;
    MigBytes name = savepoint_name(statement->text, &own);
    size_t depth = savepoint_depth(script, name);
    size_t at = 0;
    MigBytes word;
    MigBytes *larger;

    if (name.length == 0)
        return true;
    if (!own && depth == 0)
    {
        statement->kind = MIG_NOT_ALLOWED;
        statement->reason = "a savepoint that is not the migration's own";
        return true;
    }
    if (!own)
    {
        (void) sqlite_next_word(statement->text, &at, &word);
        script->savepoint_count = is_word(word, "release") ? depth - 1 : depth;
        return true;
    }
    larger = make_room(script->savepoints, script->savepoint_count,
                       &script->savepoint_capacity, sizeof(MigBytes));
    if (larger == NULL)
        return false;
    script->savepoints = larger;
    larger[script->savepoint_count++] = name;
    return true;
}

/* The name that a DETACH gives. */
static MigBytes
detach_name(MigBytes text)
{
    size_t at = 0;
    MigBytes word;
    MigBytes name;

    (void) sqlite_next_word(text, &at, &word);
    name = sqlite_next_name(text, &at);
    if (!is_word(name, "database"))
        return name;
    word = sqlite_next_name(text, &at);
    return word.length > 0 ? word : name;
}

/* Whether a script has an ATTACH that gives a name; other than the same. */
static bool
attaches(const MigScript *script, MigBytes name)
{
    for (size_t i = 0; i < script->count; i++)
    {
        MigBytes token;
        MigBytes word;
        size_t at = 0;

        (void) sqlite_next_word(script->statements[i].text, &at, &word);
        if (is_word(word, "attach") &&
            same_name(sqlite_attach_name(script->statements[i].text, &token),
                      name))
            return true;
    }
    return false;
}

/*
 * Follow ATTACH and DETACH of a script over one more statement.  What is
 * attached stays so up to the end of the migration; a database that is not
 * the script's own is the application's.
 */
static void
follow_attach(const MigScript *script, MigStatement *statement)
{
    MigBytes token;
    MigBytes name;

    if (statement->kind == MIG_BRACKET)
    {
        if (attaches(script, detach_name(statement->text)))
            return;
        statement->reason = "DETACH of a database that the migration has not "
                            "attached";
    }
    else
    {
        name = sqlite_attach_name(statement->text, &token);
        if (name.length > 0 && !attaches(script, name))
            return;
        statement->reason = name.length == 0
                                ? "ATTACH under a name that is not written out"
                                : "a second ATTACH under the same name";
    }
    statement->kind = MIG_NOT_ALLOWED;
}

/* Whether an EXPLAIN statement explains a PRAGMA. */
static bool
explains_pragma(MigBytes text)
{
    size_t at = 0;
    MigBytes word;

    skip_explain(text, &at, &word);
    return is_word(word, "pragma");
}

/* Set a statement's kind and reason from its text. */
static void
classify(MigStatement *statement)
{
    size_t at = 0;
    MigBytes word;
    bool own;

    statement->kind = MIG_ORDINARY;
    statement->reason = NULL;
    statement->session = false;
    if (!sqlite_next_word(statement->text, &at, &word))
        return;
    if (is_word(word, "pragma"))
    {
        statement->kind =
            sqlite_pragma_kind(statement->text, &statement->reason);
        statement->session = statement->kind == MIG_ORDINARY &&
                             sqlite_pragma_is_session(statement->text);
        return;
    }
    if (is_word(word, "explain"))
    {
        /* Some PRAGMAs take effect when they are prepared. */
        if (explains_pragma(statement->text))
        {
            statement->kind = MIG_NOT_ALLOWED;
            statement->reason = "EXPLAIN of a PRAGMA";
        }
        return;
    }
    for (size_t i = 0; i < sizeof(first_words) / sizeof(first_words[0]); i++)
    {
        if (!is_word(word, first_words[i].word))
            continue;
        if (first_words[i].kind == MIG_NOT_ALLOWED &&
            savepoint_name(statement->text, &own).length > 0)
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

/* Whether a statement's first word is ATTACH or DETACH. */
static bool
is_attach(MigBytes text)
{
    size_t at = 0;
    MigBytes word;

    (void) sqlite_next_word(text, &at, &word);
    return is_word(word, "attach") || is_word(word, "detach");
}

/* Append a statement to a script. */
static bool
script_add(MigScript *script, const MigStatement *statement)
{
    MigStatement *larger = make_room(script->statements, script->count,
                                     &script->capacity, sizeof(MigStatement));

    if (larger == NULL)
        return false;
    script->statements = larger;
    larger[script->count++] = *statement;
    return true;
}

/*
 * Beside a VACUUM a journal mode has to be in force where it stands: in WAL
 * mode no VACUUM changes the page size.
 */
static void
place_journal_modes(MigScript *script)
{
    bool vacuums = false;

    for (size_t i = 0; i < script->count; i++)
        vacuums = vacuums || script->statements[i].kind == MIG_OUTSIDE;
    for (size_t i = 0; i < script->count && vacuums; i++)
    {
        MigStatement *statement = &script->statements[i];

        if (statement->kind != MIG_AROUND ||
            !sqlite_pragma_is_journal(statement->text))
            continue;
        statement->kind = MIG_OUTSIDE;
        statement->reason = "PRAGMA journal_mode";
    }
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

    memset(&statement, 0, sizeof(statement));

    (void) offset;
    if (room)
        memset(opened, 0, sizeof(*opened));
    while (room && find_statement(text, &at, &statement))
    {
        if (statement.kind != MIG_ORDINARY && is_attach(statement.text))
            follow_attach(opened, &statement);
        room = follow_savepoint(opened, &statement) &&
               script_add(opened, &statement);
    }
    if (!room)
    {
        sqlite_script_close(host, opened);
        return mig_fail(error, MIG_NOMEM, "out of memory");
    }
    place_journal_modes(opened);
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
    sqlite3_free(script->savepoints);
    sqlite3_free(script);
}
