#include "sqlite_destroy.h"
#include "sqlite_token.h"

/*
 * The token scan: where statements end, and which of them must not simply be
 * prepared.  Nothing is prepared here, since preparing some PRAGMAs already
 * changes the connection, and a statement cannot be prepared before those in
 * front of it have run.  sqlite_run() lets the engine's own parser have the
 * last word on where a statement ends.
 *
 * A statement ends at a semicolon, a CREATE TRIGGER at the one behind "; END",
 * as sqlite3_complete() has it.
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
    MigBytes moved[2]; /* of the statement given out last */
};

/* The first word of a statement behind EXPLAIN [QUERY PLAN]. */
static void
skip_explain(MigBytes text, size_t *at, MigBytes *word)
{
    (void) sqlite_next_word(text, at, word);
    if (!sqlite_is_word(*word, "explain"))
        return;
    (void) sqlite_next_word(text, at, word);
    if (!sqlite_is_word(*word, "query"))
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
    if (!sqlite_is_word(word, "create") || !sqlite_next_word(text, &at, &word))
        return false;
    if (sqlite_is_word(word, "temp") || sqlite_is_word(word, "temporary"))
        (void) sqlite_next_word(text, &at, &word);
    return sqlite_is_word(word, "trigger");
}

/* Length of the statement at the start of a text, without its semicolon. */
static size_t
statement_length(MigBytes text)
{
    bool trigger = is_trigger(text);
    int closing = 0; /* in a trigger: 1 behind ";", 2 behind "; END" */
    size_t at = 0;
    size_t length;
    SqliteToken kind;

    while ((kind = sqlite_read_token(mig_part(text, at, text.length),
                                     &length)) != TOKEN_END)
    {
        if (kind == TOKEN_SEMICOLON)
        {
            if (!trigger || closing == 2)
                break;
            closing = 1;
        }
        else if (kind == TOKEN_WORD && closing == 1 &&
                 sqlite_is_word(mig_part(text, at, at + length), "end"))
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
    *own = sqlite_is_word(word, "savepoint");
    if (sqlite_is_word(word, "rollback"))
    {
        while (word.length > 0 && !sqlite_is_word(word, "to"))
            (void) sqlite_next_word(text, &at, &word);
        if (word.length == 0)
            return none;
    }
    else if (!*own && !sqlite_is_word(word, "release"))
        return none;
    word = sqlite_next_name(text, &at);
    if (!*own && sqlite_is_word(word, "savepoint"))
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
        script->savepoint_count =
            sqlite_is_word(word, "release") ? depth - 1 : depth;
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
    if (!sqlite_is_word(name, "database"))
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
        if (sqlite_is_word(word, "attach") &&
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
    return sqlite_is_word(word, "pragma");
}

/* Whether a statement calls load_extension(), which changes the application's
 * connection for good. */
static bool
loads_extension(MigBytes text)
{
    size_t at = 0;
    MigBytes word;

    if (!sqlite_next_word(text, &at, &word) || !sqlite_is_word(word, "select"))
        return false;
    while (sqlite_next_word(text, &at, &word) || word.length > 0)
    {
        if (!sqlite_is_word(word, "load_extension"))
            continue;
        (void) sqlite_next_word(text, &at, &word);
        if (mig_bytes_equal(word, mig_bytes("(")))
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
    bool own;

    statement->kind = MIG_ORDINARY;
    statement->reason = NULL;
    statement->session = false;
    statement->renames = false;
    if (!sqlite_next_word(statement->text, &at, &word))
        return;
    if (sqlite_is_word(word, "pragma"))
    {
        statement->kind =
            sqlite_pragma_kind(statement->text, &statement->reason);
        statement->session = statement->kind == MIG_ORDINARY &&
                             sqlite_pragma_is_session(statement->text);
        return;
    }
    if (sqlite_is_word(word, "explain"))
    {
        /* Some PRAGMAs take effect when they are prepared. */
        if (explains_pragma(statement->text))
        {
            statement->kind = MIG_NOT_ALLOWED;
            statement->reason = "EXPLAIN of a PRAGMA";
        }
        return;
    }
    if (loads_extension(statement->text))
    {
        statement->kind = MIG_NOT_ALLOWED;
        statement->reason = "load_extension()";
    }
    for (size_t i = 0; i < sizeof(first_words) / sizeof(first_words[0]); i++)
    {
        if (!sqlite_is_word(word, first_words[i].word))
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
 * Returns false at the end of the text, or on failure.
 */
static bool
find_statement(MigBytes text, size_t *offset, MigStatement *statement,
               MigError *error)
{
    MigBytes rest;
    size_t length;
    SqliteToken kind;

    for (;;)
    {
        rest = mig_part(text, *offset, text.length);
        kind = sqlite_read_token(rest, &length);
        if (kind == TOKEN_SPACE || kind == TOKEN_SEMICOLON)
            *offset += length;
        else if (kind == TOKEN_END || !sqlite_is_shell_line(text, *offset))
            break;
        else if (sqlite_shell_pass(text, offset, error) != MIG_OK)
            return false;
    }
    if (kind == TOKEN_END)
        return false;
    statement->text = mig_part(rest, 0, statement_length(rest));
    statement->offset = *offset;
    statement->node = NULL;
    statement->moved = NULL;
    statement->moved_count = 0;
    statement->makes = false;
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
    return sqlite_is_word(word, "attach") || sqlite_is_word(word, "detach");
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

    if (room)
        memset(opened, 0, sizeof(*opened));
    while (room && find_statement(text, &at, &statement, error))
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
    if (error->status != MIG_OK)
    {
        if (offset != NULL)
            *offset = at;
        sqlite_script_close(host, opened);
        return error->status;
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
    statement->moved = script->moved;
    statement->moved_count =
        sqlite_moves(statement->text, script->moved, &statement->makes);
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
