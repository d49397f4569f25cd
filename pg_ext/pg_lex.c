#include "pg_script.h"

#include "common/keywords.h"
#include "miscadmin.h"
#include "parser/scanner.h"
#include "utils/guc.h"

/*
 * The tokens of a script for comparing, as the server's own lexer finds them.
 * The data of COPY and psql's commands, which it cannot read, are between them
 * as they are written.
 */
typedef struct Lexing
{
    MigBytes script;
    const PgSource *source;
    size_t next; /* of the source's data, to be given */
    size_t cut;  /* what is left out of the source up to here */
    MigTokenFunction token;
    void *context;
} Lexing;

/* Give a part of the script that begins at an offset of the source. */
static MigStatus
give(const Lexing *lexing, size_t at, size_t length, MigError *error)
{
    MigBytes token = {lexing->script.data + at + lexing->cut, length};

    return lexing->token(lexing->context, token, error);
}

/*
 * Give the commands of psql in a part of the source that lies between two
 * tokens: they are blanks there, and not in the script.  Each goes on to the
 * end of its line, or to the next one.
 */
static MigStatus
give_commands(const Lexing *lexing, size_t at, size_t end, MigError *error)
{
    const char *script = lexing->script.data + lexing->cut;
    const char *source = lexing->source->text;

    for (; at < end && error->status == MIG_OK; at++)
    {
        size_t start = at;

        if (source[at] == script[at])
            continue;
        while (at < end && script[at] != '\n')
            at++;
        (void) give(lexing, start, at - start, error);
    }
    return error->status;
}

/* Give what stands between two tokens and is neither blank nor comment. */
static MigStatus
give_between(Lexing *lexing, size_t at, size_t end, MigError *error)
{
    const PgSource *source = lexing->source;

    while (lexing->next < source->data_count &&
           source->data[lexing->next].at <= end && error->status == MIG_OK)
    {
        const PgData *data = &source->data[lexing->next++];

        (void) give_commands(lexing, at, data->at, error);
        if (error->status == MIG_OK)
            (void) lexing->token(lexing->context, data->text, error);
        at = data->at;
        lexing->cut = data->cut;
    }
    return error->status != MIG_OK ? error->status
                                   : give_commands(lexing, at, end, error);
}

/* Go through the source; the server's lexer raises what it finds wrong. */
static MigStatus
lex(Lexing *lexing, MigError *error)
{
    core_yy_extra_type extra;
    core_yyscan_t scanner;
    core_YYSTYPE value;
    YYLTYPE place = 0;
    size_t at = 0;

    scanner = scanner_init(lexing->source->text, &extra, &ScanKeywords,
                           ScanKeywordTokens);
    extra.escape_string_warning = false;
    while (error->status == MIG_OK && core_yylex(&value, &place, scanner) != 0)
    {
        /* The lexer puts a zero byte behind the token it has read last. */
        size_t length = strlen(extra.scanbuf + place);

        CHECK_FOR_INTERRUPTS();
        if (give_between(lexing, at, (size_t) place, error) == MIG_OK)
            (void) give(lexing, (size_t) place, length, error);
        at = (size_t) place + length;
    }
    return error->status != MIG_OK
               ? error->status
               : give_between(lexing, at, lexing->source->length, error);
}

/* Whether an error says that a text is wrong. */
static bool
is_about_text(int code)
{
    int category = ERRCODE_TO_CATEGORY(code);

    return category == ERRCODE_TO_CATEGORY(ERRCODE_SYNTAX_ERROR) ||
           category == ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION) ||
           category == ERRCODE_TO_CATEGORY(ERRCODE_FEATURE_NOT_SUPPORTED);
}

/*
 * Go through the source, turning what is raised into a record.  Nothing but
 * memory is touched, so that no subtransaction is needed to clean up.
 */
static MigStatus
try_lex(PgHost *host, Lexing *lexing, bool *readable, MigError *error)
{
    MemoryContext before = CurrentMemoryContext;
    ErrorData *cause = host->cause;
    int level = NewGUCNestLevel();

    PG_TRY();
    {
        pg_error_context_none();
        /* The lexer tells of names that are too long. */
        (void) set_config_option("client_min_messages", "error", PGC_USERSET,
                                 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                                 false);
        (void) lex(lexing, error);
    }
    PG_CATCH();
    {
        (void) pg_catch(host, error);
        if (is_about_text(host->cause->sqlerrcode))
        {
            mig_error_clear(error);
            host->cause = cause;
            *readable = false;
        }
    }
    PG_END_TRY();
    AtEOXact_GUC(false, level);
    MemoryContextSwitchTo(before);
    return error->status;
}

MigStatus
pg_script_tokens(MigHost *base, MigBytes body, MigTokenFunction token,
                 void *context, bool *readable, MigError *error)
{
    PgHost *host = (PgHost *) base;
    MemoryContext memory =
        AllocSetContextCreate(host->memory, "migrate lexer", PG_CONTEXT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(memory);
    PgSource source;
    Lexing lexing = {body, &source, 0, 0, token, context};
    MigError refusal = {0};
    size_t offset;

    *readable = memchr(body.data, '\0', body.length) == NULL &&
                pg_split(memory, body, &source, &offset, &refusal) == MIG_OK;
    if (*readable)
        (void) try_lex(host, &lexing, readable, error);
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
    return error->status;
}
