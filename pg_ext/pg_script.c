#include "pg_migrate.h"

#include "mb/pg_wchar.h"

/*
 * A script is parsed as a whole by the server's own parser, which knows where
 * each statement begins and ends.
 */
struct MigScript
{
    MemoryContext memory;
    MigBytes text;      /* as the core gave it */
    const char *source; /* the same, NUL-ended */
    PgStatement *statements;
    int count;
    int next; /* index of the one to come */
};

size_t
pg_character_offset(const char *string, int position)
{
    const char *place = string;

    for (int i = 1; i < position && *place != '\0'; i++)
        place += pg_mblen(place);
    return (size_t) (place - string);
}

/* Behind a block comment, which may hold others; "/" and "*" are at place. */
static const char *
skip_block_comment(const char *place, const char *end)
{
    int depth = 0;

    while (place < end)
    {
        bool pair = place + 1 < end;

        if (pair && place[0] == '/' && place[1] == '*')
            depth++;
        else if (pair && place[0] == '*' && place[1] == '/')
            depth--;
        else
        {
            place++;
            continue;
        }
        place += 2;
        if (depth == 0)
            break;
    }
    return place;
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The first place that is neither white space nor a comment. */
static const char *
skip_blank(const char *place, const char *end)
{
    while (place < end)
    {
        if (is_space(*place))
            place++;
        else if (end - place >= 2 && place[0] == '-' && place[1] == '-')
            while (place < end && *place != '\n' && *place != '\r')
                place++;
        else if (end - place >= 2 && place[0] == '/' && place[1] == '*')
            place = skip_block_comment(place, end);
        else
            break;
    }
    return place;
}

/* Fill in where a parsed statement's text lies. */
static void
statement_locate(const MigScript *script, PgStatement *statement)
{
    const char *start = script->source + Max(statement->raw->stmt_location, 0);
    const char *end = statement->raw->stmt_len > 0
                          ? start + statement->raw->stmt_len
                          : script->source + script->text.length;

    start = skip_blank(start, end);
    while (end > start && is_space(end[-1]))
        end--;
    statement->offset = (size_t) (start - script->source);
    statement->length = (size_t) (end - start);
}

/* Parse script->source; the server's parser raises what it finds wrong. */
static void
script_parse(MigScript *script)
{
    MemoryContext before = MemoryContextSwitchTo(script->memory);
    List *parsed = compat_raw_parser(script->source);
    ListCell *cell;

    script->statements = MemoryContextAllocHuge(
        script->memory, sizeof(PgStatement) * (size_t) list_length(parsed) + 1);
    foreach (cell, parsed)
    {
        PgStatement *statement = &script->statements[script->count++];

        statement->source = script->source;
        statement->raw = lfirst_node(RawStmt, cell);
        statement->used = false;
        statement_locate(script, statement);
    }
    list_free(parsed);
    MemoryContextSwitchTo(before);
}

/*
 * Say more about a syntax error that comes from what only psql understands.
 *
 * at  where the parser stopped, in bytes
 */
static void
hint_psql(const MigScript *script, size_t at, MigError *error)
{
    if (at < script->text.length && script->source[at] == '\\')
        mig_fail_hint(error, "A psql command cannot stand in a migration.");
    else if (strcasestr(script->source, "from stdin") != NULL)
        mig_fail_hint(error, "COPY FROM STDIN and its data cannot stand in a "
                             "migration; write INSERT.");
}

/*
 * Parse, turning what the parser raises into a record.  It touches nothing but
 * memory, so that no subtransaction is needed to clean up after it.
 */
static MigStatus
script_try_parse(PgHost *host, MigScript *script, size_t *offset,
                 MigError *error)
{
    MemoryContext before = CurrentMemoryContext;

    PG_TRY();
    {
        pg_error_context_none();
        script_parse(script);
    }
    PG_CATCH();
    {
        (void) pg_catch(host, error);
    }
    PG_END_TRY();
    MemoryContextSwitchTo(before);
    if (error->status != MIG_OK)
    {
        size_t at = pg_character_offset(script->source, host->cause->cursorpos);

        hint_psql(script, at, error);
        if (offset != NULL)
            *offset = at;
    }
    return error->status;
}

MigStatus
pg_script_open(MigHost *base, MigBytes body, MigScript **script, size_t *offset,
               MigError *error)
{
    PgHost *host = (PgHost *) base;
    const char *zero = memchr(body.data, '\0', body.length);
    MemoryContext memory;
    MigScript *opened;
    char *source;

    if (zero != NULL)
    {
        if (offset != NULL)
            *offset = (size_t) (zero - body.data);
        return mig_fail(error, MIG_INVALID, "script holds a zero byte");
    }
    memory =
        AllocSetContextCreate(host->memory, "migrate script", PG_CONTEXT_SIZES);
    opened = MemoryContextAllocZero(memory, sizeof(MigScript));
    source = MemoryContextAlloc(memory, body.length + 1);
    if (body.length > 0)
        memcpy(source, body.data, body.length);
    source[body.length] = '\0';
    opened->memory = memory;
    opened->text = body;
    opened->source = source;
    if (script_try_parse(host, opened, offset, error) != MIG_OK)
    {
        MemoryContextDelete(memory);
        return error->status;
    }
    *script = opened;
    return MIG_OK;
}

void
pg_script_rewind(MigHost *base, MigScript *script)
{
    script->next = 0;
}

bool
pg_script_next(MigHost *base, MigScript *script, MigStatement *statement)
{
    PgStatement *found;

    if (script->next >= script->count)
        return false;
    found = &script->statements[script->next++];
    statement->offset = found->offset;
    statement->text.data = script->text.data + found->offset;
    statement->text.length = found->length;
    statement->node = found;
    statement->kind = pg_classify(found->raw->stmt, &statement->reason);
    statement->session = pg_is_session_statement(found->raw->stmt);
    return true;
}

void
pg_script_close(MigHost *base, MigScript *script)
{
    if (script != NULL)
        MemoryContextDelete(script->memory);
}

MigStatus
pg_surround(MigHost *base, const MigStatement *statement, size_t *offset,
            MigError *error)
{
    return MIG_OK; /* nothing here has to be in force before a transaction */
}

void
pg_surround_end(MigHost *base)
{
}
