#include "pg_script.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"

/*
 * A script is parsed as a whole by the server's own parser, which knows where
 * each statement begins and ends.
 */
struct MigScript
{
    MemoryContext memory;
    MigBytes text; /* as the core gave it */
    PgSource source;
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

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Fill in where a parsed statement's text lies. */
static void
statement_locate(const PgSource *source, PgStatement *statement)
{
    const char *start = source->text + Max(statement->raw->stmt_location, 0);
    const char *end = statement->raw->stmt_len > 0
                          ? start + statement->raw->stmt_len
                          : source->text + source->length;

    start = pg_skip_blank(start, end);
    while (end > start && is_space(end[-1]))
        end--;
    statement->source = source->text;
    statement->offset = (size_t) (start - source->text);
    statement->length = (size_t) (end - start);
}

static bool
is_copy_from_stdin(const PgStatement *statement)
{
    const CopyStmt *copy = (const CopyStmt *) statement->raw->stmt;

    return IsA(copy, CopyStmt) && copy->is_from && copy->filename == NULL;
}

/*
 * Give each COPY its data: they belong to the last statement that begins before
 * the place they were cut out of.
 */
static void
script_give_data(MigScript *script)
{
    const PgSource *source = &script->source;
    size_t next = 0; /* data that no statement has reached yet */

    for (int i = 0; i < script->count; i++)
    {
        PgStatement *statement = &script->statements[i];
        size_t end = i + 1 < script->count ? script->statements[i + 1].offset
                                           : source->length;

        statement->cut = next == 0 ? 0 : source->data[next - 1].cut;
        if (next == source->data_count || source->data[next].at > end)
            continue;
        if (!is_copy_from_stdin(statement))
            break;
        statement->data = &source->data[next++];
    }
    if (next < source->data_count)
        elog(ERROR, "data of a script belong to no COPY in it");
}

/* Parse the source; the server's parser raises what it finds wrong. */
static void
script_parse(MigScript *script)
{
    MemoryContext before = MemoryContextSwitchTo(script->memory);
    List *parsed = compat_raw_parser(script->source.text);
    ListCell *cell;

    script->statements = MemoryContextAllocExtended(
        script->memory, sizeof(PgStatement) * (size_t) list_length(parsed) + 1,
        MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
    foreach (cell, parsed)
    {
        PgStatement *statement = &script->statements[script->count++];

        statement->raw = lfirst_node(RawStmt, cell);
        statement_locate(&script->source, statement);
    }
    script_give_data(script);
    list_free(parsed);
    MemoryContextSwitchTo(before);
}

/* Where in the script a place of the source lies, both in bytes. */
static size_t
script_offset(const PgSource *source, size_t at)
{
    size_t cut = 0;

    for (size_t i = 0; i < source->data_count && source->data[i].at <= at; i++)
        cut = source->data[i].cut;
    return at + cut;
}

/* Whether a variable of psql begins at a place: :name, :'name', :"name". */
static bool
is_psql_variable(const char *place)
{
    return place[0] == ':' && place[1] != '\0' &&
           strchr(" \t\r\n:;=,()", place[1]) == NULL;
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
    size_t at;

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
    if (error->status == MIG_OK)
        return MIG_OK;
    at = pg_character_offset(script->source.text, host->cause->cursorpos);
    if (is_psql_variable(script->source.text + at))
        mig_fail_hint(error, "For a variable of psql, write ${name} and set it "
                             "with migrate_config('var.name', ...).");
    *offset = script_offset(&script->source, at);
    return error->status;
}

/* Whether a statement sets standard_conforming_strings to another value. */
static bool
changes_strings(const PgStatement *statement)
{
    VariableSetStmt *set = (VariableSetStmt *) statement->raw->stmt;
    const char *value;
    bool wanted;

    if (!IsA(set, VariableSetStmt) || set->kind != VAR_SET_VALUE ||
        pg_strcasecmp(set->name, "standard_conforming_strings") != 0)
        return false;
    value = ExtractSetVariableArgs(set);
    return value != NULL && parse_bool(value, &wanted) &&
           wanted != standard_conforming_strings;
}

/*
 * Fail when strings would be read with another standard_conforming_strings than
 * the script sets before them: it is parsed before it is run.
 */
static MigStatus
script_require_strings(const MigScript *script, size_t *offset, MigError *error)
{
    for (int i = 0; i < script->count && error->status == MIG_OK; i++)
    {
        const PgStatement *statement = &script->statements[i];

        *offset = statement->offset + statement->cut;
        if (*offset >= script->source.doubtful || !changes_strings(statement))
            continue;
        mig_fail(error, MIG_UNSUPPORTED,
                 "standard_conforming_strings cannot change before a string "
                 "with a backslash");
        mig_fail_hint(error, "A migration is read before it runs.  Write the "
                             "string as E'...', or change the setting in the "
                             "session that calls.");
    }
    return error->status;
}

/*
 * Replace a failure to split the script by a syntax error before that place: a
 * semicolon that is missing before a COPY makes its data look like anything.
 */
static MigStatus
script_prefer_syntax(PgHost *host, MigScript *script, size_t *offset,
                     MigError *error)
{
    MigError failure = *error;
    size_t end = *offset;

    mig_error_clear(error);
    if (script_try_parse(host, script, offset, error) != MIG_OK &&
        *offset < end)
        return error->status;
    *error = failure;
    *offset = end;
    return error->status;
}

/* Make a script ready to be run. */
static MigStatus
script_read(PgHost *host, MigScript *script, size_t *offset, MigError *error)
{
    const char *zero = memchr(script->text.data, '\0', script->text.length);

    if (zero != NULL)
    {
        *offset = (size_t) (zero - script->text.data);
        return mig_fail(error, MIG_INVALID, "script holds a zero byte");
    }
    if (pg_split(script->memory, script->text, &script->source, offset,
                 error) != MIG_OK)
        return script_prefer_syntax(host, script, offset, error);
    if (script_try_parse(host, script, offset, error) != MIG_OK)
        return error->status;
    return script_require_strings(script, offset, error);
}

MigStatus
pg_script_open(MigHost *base, MigBytes body, MigScript **script, size_t *offset,
               MigError *error)
{
    PgHost *host = (PgHost *) base;
    MemoryContext memory =
        AllocSetContextCreate(host->memory, "migrate script", PG_CONTEXT_SIZES);
    MigScript *opened = MemoryContextAllocZero(memory, sizeof(MigScript));
    size_t place = 0;

    opened->memory = memory;
    opened->text = body;
    if (script_read(host, opened, &place, error) != MIG_OK)
    {
        MemoryContextDelete(memory);
        if (offset != NULL)
            *offset = place;
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
    statement->offset = found->offset + found->cut;
    statement->text.data = found->source + found->offset;
    statement->text.length = found->length;
    statement->node = found;
    statement->kind = found->data != NULL
                          ? pg_copy_classify(found, &statement->reason)
                          : pg_classify(found->raw->stmt, &statement->reason);
    statement->data.data = found->data == NULL ? NULL : found->data->text.data;
    statement->data.length = found->data == NULL ? 0 : found->data->text.length;
    statement->renames = pg_renames(found->raw->stmt);
    pg_moves(found->raw->stmt, script->memory, statement);
    statement->session = pg_is_session_statement(found->raw->stmt);
    statement->may_commit = pg_may_commit(found->raw->stmt);
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
