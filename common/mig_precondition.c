#include "mig_precondition.h"

#include "format_liquibase.h"
#include "mig_variable.h"

#define KEY "precondition"

static const char *const rules[] = {"halt", "continue", "mark_ran", "warn"};

/* The rule of a name, in lower case, or NULL. */
static const char *
find_rule(MigBytes name)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
    {
        if (mig_liquibase_same(name, rules[i]))
            return rules[i];
    }
    return NULL;
}

static void
append_option(MigText *options, const char *key, MigBytes value)
{
    mig_text_append_string(options, key);
    mig_text_append_string(options, ":");
    mig_text_append(options, value);
    mig_text_append_string(options, "\n");
}

void
mig_precondition_rules(Mig *mig, MigBytes rest, MigText *options)
{
    static const char *const keys[] = {"onfail", "onerror", "onfailmessage",
                                       "onerrormessage"};
    MigBytes key;
    MigBytes value;
    size_t at = 0;

    while (mig_ok(mig) && mig_liquibase_attribute(rest, &at, &key, &value))
    {
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        {
            const char *rule = i < 2 ? find_rule(value) : NULL;

            if (!mig_liquibase_same(key, keys[i]))
                continue;
            if (rule != NULL || i >= 2)
                append_option(options, keys[i],
                              rule == NULL ? value : mig_bytes(rule));
            else
                (void) mig_fail(mig->error, MIG_INVALID,
                                "%s must be HALT, CONTINUE, MARK_RAN or WARN, "
                                "not \"%.*s\"",
                                i == 0 ? "onFail" : "onError",
                                (int) mig_cut(value, 80).length, value.data);
        }
    }
}

/* What one precondition asks. */
typedef struct Question
{
    bool is_check; /* else whether something exists: */
    bool is_view;  /* a view, else a table */
    MigBytes expected;
    MigBytes sql;
    MigBytes name;
    MigBytes schema;
} Question;

/* Take the expected result of a check: a word, or what stands in quotes. */
static void
read_check(Mig *mig, MigBytes text, Question *question)
{
    static const char key[] = "expectedresult:";
    size_t length = strlen(key);
    size_t end = 0;
    char quote = ' ';

    if (text.length >= length &&
        mig_liquibase_same(mig_part(text, 0, length), key))
        text = mig_part(text, length, text.length);
    if (text.length > 0 && (text.data[0] == '\'' || text.data[0] == '"'))
        quote = text.data[0];
    end = quote == ' ' ? 0 : 1;
    while (end < text.length && text.data[end] != quote)
        end++;
    question->expected = mig_part(text, quote == ' ' ? 0 : 1, end);
    question->sql =
        mig_trim(mig_part(text, end + (end < text.length), text.length));
    if (mig_ends_with(question->sql, ";"))
        question->sql =
            mig_trim(mig_part(question->sql, 0, question->sql.length - 1));
    if (question->expected.length == 0 || question->sql.length == 0)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "a sql-check must be \"--precondition-sql-check "
                        "expectedResult:<value> <query>\"");
}

/* Whether a text is a word of letters, digits and '_'. */
static bool
is_word(MigBytes text)
{
    for (size_t i = 0; i < text.length; i++)
    {
        char byte = text.data[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
              (byte >= '0' && byte <= '9') || byte == '_'))
            return false;
    }
    return text.length > 0;
}

/* Read whose existence is asked. */
static void
read_existence(Mig *mig, MigBytes text, Question *question)
{
    const char *kind = question->is_view ? "view" : "table";
    MigBytes key;
    MigBytes value;
    size_t at = 0;

    while (mig_liquibase_attribute(text, &at, &key, &value))
    {
        if (mig_liquibase_same(key, kind))
            question->name = value;
        else if (mig_liquibase_same(key, "schema"))
            question->schema = value;
    }
    if (!is_word(question->name) ||
        (question->schema.length > 0 && !is_word(question->schema)))
        (void) mig_fail(mig->error, MIG_INVALID,
                        "a %s-exists must be \"--precondition-%s-exists "
                        "%s:<name> schema:<name>\", the schema left out where "
                        "it is the usual one",
                        kind, kind, kind);
}

/* Read what is asked: "kind rest". */
static void
read_question(Mig *mig, MigBytes text, Question *question)
{
    MigBytes kind = mig_bytes("");
    size_t at = 0;

    memset(question, 0, sizeof(*question));
    (void) mig_next_word(text, &at, " \t", &kind);
    text = mig_trim(mig_part(text, at, text.length));
    question->is_check = mig_liquibase_same(kind, "sql-check");
    question->is_view = mig_liquibase_same(kind, "view-exists");
    if (question->is_check)
        read_check(mig, text, question);
    else if (question->is_view || mig_liquibase_same(kind, "table-exists"))
        read_existence(mig, text, question);
    else
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "there is no precondition \"%.*s\"",
                        (int) mig_cut(kind, 80).length, kind.data);
        mig_fail_hint(mig->error,
                      "Known are sql-check, table-exists and view-exists.");
    }
}

/* Whether a text mentions a variable. */
static bool
has_variable(MigBytes text)
{
    return mig_variables_in(MIG_VARIABLES_LIQUIBASE, text);
}

void
mig_precondition_add(Mig *mig, MigBytes rest, int64_t line, MigText *options)
{
    Question question;

    if (!mig_ok(mig))
        return;
    /* One with a variable is read when that is known. */
    if (!has_variable(rest))
        read_question(mig, rest, &question);
    if (!mig_ok(mig))
        return;
    mig_text_append_format(options, KEY ":%lld ", (long long) line);
    mig_text_append(options, rest);
    mig_text_append_string(options, "\n");
}

/* The next precondition of a migration. */
static bool
next_precondition(MigBytes options, size_t *at, int64_t *line, MigBytes *text)
{
    MigBytes option;

    while (mig_next_line(options, at, &option))
    {
        size_t inside = strlen(KEY) + 1;
        MigBytes number = {NULL, 0};

        if (!mig_starts_with(option, KEY ":") ||
            !mig_next_word(option, &inside, " ", &number) ||
            !mig_parse_digits(number, line))
            continue;
        *text = mig_part(option, inside, option.length);
        return true;
    }
    return false;
}

bool
mig_precondition_any(MigBytes options)
{
    return mig_option(options, KEY).data != NULL;
}

/* Append a text as a literal of SQL, without its quotes. */
static void
append_literal(MigText *query, MigBytes text)
{
    for (size_t i = 0; i < text.length; i++)
    {
        mig_text_append(query, mig_part(text, i, i + 1));
        if (text.data[i] == '\'')
            mig_text_append_string(query, "'");
    }
}

/*
 * The query that is true when a check gives what is expected.  Liquibase
 * compares texts as its driver has them; PostgreSQL's calls true "t".
 */
static void
write_check(MigText *query, const Question *question)
{
    bool is_t = mig_bytes_equal(question->expected, mig_bytes("t"));
    bool is_f = mig_bytes_equal(question->expected, mig_bytes("f"));

    mig_text_append_string(query, "SELECT CAST((");
    mig_text_append(query, question->sql);
    mig_text_append_string(query, "\n) AS text) IN ('");
    append_literal(query, question->expected);
    mig_text_append_string(query, is_t   ? "', 'true')"
                                  : is_f ? "', 'false')"
                                         : "')");
}

/* The host's query, with names in the place of {name} and {schema}. */
static void
write_existence(Mig *mig, MigText *query, const Question *question)
{
    const MigHostMethods *methods = mig->host->methods;
    MigBytes text = mig_bytes(question->is_view ? methods->view_exists
                                                : methods->table_exists);
    size_t copied = 0;

    for (size_t i = 0; i < text.length; i++)
    {
        MigBytes rest = mig_part(text, i, text.length);
        bool is_name = mig_starts_with(rest, "{name}");

        if (!is_name && !mig_starts_with(rest, "{schema}"))
            continue;
        mig_text_append(query, mig_part(text, copied, i));
        mig_text_append(query, is_name ? question->name : question->schema);
        i += strlen(is_name ? "{name}" : "{schema}");
        copied = i--;
    }
    mig_text_append(query, mig_part(text, copied, text.length));
}

/* Ask one query; it must be a single one. */
static bool
ask_query(Mig *mig, MigBytes query)
{
    const MigHostMethods *methods = mig->host->methods;
    MigScript *script = NULL;
    MigStatement statement;
    size_t count = 0;
    bool holds = false;

    if (!mig_ok(mig) || methods->script_open(mig->host, query, &script, NULL,
                                             mig->error) != MIG_OK)
        return false;
    while (methods->script_next(mig->host, script, &statement))
        count++;
    methods->script_rewind(mig->host, script);
    if (count != 1 || !methods->script_next(mig->host, script, &statement) ||
        statement.kind != MIG_ORDINARY)
        (void) mig_fail(mig->error, MIG_INVALID, "it must be one query");
    else
        (void) methods->check(mig->host, &statement, &holds, NULL, mig->error);
    methods->script_close(mig->host, script);
    return mig_ok(mig) && holds;
}

/* Ask one precondition, with values put in. */
static bool
ask(Mig *mig, MigArena *arena, MigBytes text)
{
    MigText query = {arena, mig->error, NULL, 0, 0};
    Question question;

    read_question(mig, text, &question);
    if (!mig_ok(mig))
        return false;
    if (question.is_check)
        write_check(&query, &question);
    else
        write_existence(mig, &query, &question);
    return ask_query(mig, mig_text_bytes(&query));
}

/* One precondition that is being asked. */
typedef struct Asking
{
    Mig *mig;
    MigArena *arena;
    const MigAsked *asked;
    int64_t line;  /* counted from the migration's mark */
    MigBytes text; /* with values put in */
} Asking;

/* The rule of what has happened; halting is the usual one. */
static const char *
rule_of(const Asking *asking, const char *key)
{
    MigBytes value = mig_option(asking->asked->options, key);
    const char *rule = value.data == NULL ? NULL : find_rule(value);

    return rule == NULL ? rules[0] : rule;
}

/* Say what has happened: the reason of whatever follows. */
static const char *
describe(const Asking *asking, const MigError *failure)
{
    bool failed = failure->status != MIG_OK;
    MigBytes message = mig_option(asking->asked->options,
                                  failed ? "onerrormessage" : "onfailmessage");

    return mig_format_string(
        asking->arena, asking->mig->error,
        "its precondition %lld line%s below its mark %s%s%s%.*s",
        (long long) asking->line, asking->line == 1 ? "" : "s",
        failed ? "failed: " : "does not hold", failed ? failure->message : "",
        message.length > 0 ? ": " : "", (int) message.length,
        message.length > 0 ? message.data : "");
}

/* Fail, as the rule says. */
static void
halt(const Asking *asking, const char *reason)
{
    MigError *error = asking->mig->error;
    MigBytes version = asking->asked->version;
    MigBytes file = asking->asked->file;
    char detail[sizeof(error->detail)];
    bool failed = !mig_ok(asking->mig);

    memcpy(detail, error->detail, sizeof(detail));
    if (failed)
        mig_fail_prefix(error,
                        "migration \"%.*s\" is not run: its precondition "
                        "failed: ",
                        (int) version.length, version.data);
    else
        (void) mig_fail(error, MIG_STATE, "migration \"%.*s\" is not run: %s",
                        (int) version.length, version.data, reason);
    mig_fail_detail(
        error, "In %.*s: %.*s%s%s", file.length > 0 ? (int) file.length : 8,
        file.length > 0 ? file.data : "its text",
        (int) mig_cut(asking->text, 400).length, asking->text.data,
        failed && detail[0] != '\0' ? "\n" : "", failed ? detail : "");
    mig_fail_hint(error, "Nothing of it was run.  What follows is said by "
                         "onFail and onError in its line --preconditions: "
                         "HALT, CONTINUE, MARK_RAN or WARN.");
}

/* What follows from a rule that does not halt. */
static MigVerdict
follow(const char *rule)
{
    if (strcmp(rule, "continue") == 0)
        return MIG_VERDICT_PASS_OVER;
    return strcmp(rule, "mark_ran") == 0 ? MIG_VERDICT_RECORD : MIG_VERDICT_RUN;
}

/* Decide what follows when a precondition does not hold, or failed. */
static MigVerdict
decide(const Asking *asking, const char **reason)
{
    MigError *error = asking->mig->error;
    MigError failure = *error;
    bool failed = !mig_ok(asking->mig);
    const char *rule = rule_of(asking, failed ? "onerror" : "onfail");
    /* What is no answer of the engine's ends the run whatever the rule. */
    bool halts = strcmp(rule, rules[0]) == 0 ||
                 (failed && failure.status != MIG_ENGINE &&
                  failure.status != MIG_INVALID);

    mig_error_clear(error);
    *reason = describe(asking, &failure);
    if (!mig_ok(asking->mig))
        return MIG_VERDICT_RUN;
    if (failed && halts)
        *error = failure;
    if (halts)
        halt(asking, *reason);
    return halts ? MIG_VERDICT_RUN : follow(rule);
}

MigVerdict
mig_precondition_ask(Mig *mig, MigArena *arena, const MigAsked *asked,
                     const char **reason)
{
    Asking asking = {mig, arena, asked, 0, {NULL, 0}};
    MigExpansion expansion = {.style = mig_option(asked->options, "variables"),
                              .options = asked->options};
    size_t at = 0;

    *reason = NULL;
    while (mig_ok(mig) &&
           next_precondition(asked->options, &at, &asking.line, &asking.text))
    {
        asking.text = mig_expand(mig, arena, asking.text, &expansion);
        if (mig_ok(mig) && !ask(mig, arena, asking.text))
            return decide(&asking, reason);
    }
    return MIG_VERDICT_RUN;
}

MigBytes
mig_precondition_authors(Mig *mig, MigArena *arena, MigBytes options)
{
    MigExpansion expansion = {.style = mig_option(options, "variables"),
                              .options = options};
    size_t at = 0;
    int64_t line;
    MigBytes text;

    while (mig_ok(mig) && next_precondition(options, &at, &line, &text))
        (void) mig_expand(mig, arena, text, &expansion);
    return expansion.authors;
}
