#include "fake_host.h"

#include <glob.h>
#include <stdio.h>

#include "mig_api.h"

/*
 * The table of functions: calls through it, and PostgreSQL's declarations held
 * against it: those of all scripts in sql/, the first version's and the updates
 * from there; or of MIGRATE_SQL alone.
 */

#define TEXTS_MAX 64

/* ---- Calls ---- */

static void
every_row_is_whole(void **state)
{
    (void) state;
    assert_true(mig_api_count > 0);
    for (size_t i = 0; i < mig_api_count; i++)
    {
        const MigApi *api = &mig_api[i];

        assert_ptr_equal(mig_api_find(api->name), api);
        assert_true((api->function == NULL) ==
                    ((api->flags & MIG_API_OWN) != 0));
        assert_true(mig_starts_with(mig_bytes(api->name), "migrate_"));
        assert_true(api->min_arguments <= api->max_arguments);
        assert_true(api->max_arguments <= MIG_MAX_ARGUMENTS);
        assert_true(
            (mig_api_is_table(api) || (api->flags & MIG_API_PROCEDURE) != 0) ==
            (api->result == MIG_NULL));
        /* Who looks at files may not be anybody. */
        assert_false((api->flags & MIG_API_PUBLIC) &&
                     (api->flags & (MIG_API_WRITES | MIG_API_FILES)));
        for (size_t j = 0; j < api->max_arguments; j++)
            assert_non_null(api->arguments[j].name);
    }
    assert_null(mig_api_find("migrate_nothing"));
    assert_null(mig_api_find("migrate_"));
    assert_null(mig_api_find(""));
}

/* Rows of a table function. */
static MigStatus
count_row(MigCall *call, const MigValue *columns, size_t count)
{
    assert_true(count > 0);
    assert_non_null(columns);
    ++*(size_t *) call->emit_context;
    return call->error->status;
}

/* Call a function; the caller ends the call. */
static MigStatus
call_function(FakeHost *fake, const char *name, const MigValue *arguments,
              size_t count, MigCall *call)
{
    static size_t rows;

    rows = 0;
    memset(call, 0, sizeof(*call));
    mig_error_clear(&fake->error);
    call->host = &fake->host;
    call->arguments = arguments;
    call->argument_count = count;
    call->error = &fake->error;
    call->emit = count_row;
    call->emit_context = &rows;
    return mig_call(mig_api_find(name), call);
}

static void
version_is_the_builds(void **state)
{
    FakeHost *fake = *state;
    MigCall call;

    assert_int_equal(call_function(fake, "migrate_version", NULL, 0, &call),
                     MIG_OK);
    fake_expect_bytes(call.result.bytes, MIG_VERSION);
    mig_call_end(&call);
    mig_call_end(&call);
}

/* Each argument of each function, given as another type than text. */
static void
numbers_are_refused(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < mig_api_count; i++)
    {
        for (size_t at = 0; at < mig_api[i].max_arguments; at++)
        {
            MigValue arguments[MIG_MAX_ARGUMENTS];
            MigCall call;

            for (size_t j = 0; j < MIG_MAX_ARGUMENTS; j++)
                arguments[j] = mig_string("1");
            arguments[at] = mig_integer(1);
            (void) call_function(fake, mig_api[i].name, arguments,
                                 mig_api[i].max_arguments, &call);
            fake_expect(fake, MIG_INVALID, "must be text", "'+1'");
            mig_call_end(&call);
        }
    }
    assert_int_equal(fake->data.events.count, 0);
}

/* Functions that take no NULL for their first argument. */
static const struct
{
    const char *function;
    size_t count;
    const char *message;
} null_cases[] = {
    {"migrate_load", 1, "source must not be NULL"},
    {"migrate_up", 1, "source must not be NULL"},
    {"migrate_up", 2, "source must not be NULL"},
    {"migrate_add", 2, "version must not be NULL"},
    {"migrate_bundle", 1, "source must not be NULL"},
    {"migrate_rollback", 1, "target must not be NULL"},
    {"migrate_stamp", 1, "version must not be NULL"},
    {"migrate_show", 1, "version must not be NULL"},
    {"migrate_config", 1, "name must not be NULL"},
    {"migrate_config", 2, "name must not be NULL"},
};

static void
null_arguments_are_refused(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(null_cases); i++)
    {
        MigValue arguments[2] = {mig_null(), mig_null()};
        MigCall call;

        (void) call_function(fake, null_cases[i].function, arguments,
                             null_cases[i].count, &call);
        fake_expect(fake, MIG_INVALID, null_cases[i].message, NULL);
        mig_call_end(&call);
    }
    assert_int_equal(fake->data.events.count, 0);
}

/* Looking at an empty catalogue, with and without tables. */
static void
look_at_all(FakeHost *fake)
{
    static const char *const functions[] = {
        "migrate_status",  "migrate_current", "migrate_pending",
        "migrate_history", "migrate_plan",    "migrate_settings",
    };

    for (size_t i = 0; i < COUNT_OF(functions) && mig_ok(&fake->mig); i++)
    {
        MigCall call;

        (void) call_function(fake, functions[i], NULL, 0, &call);
        mig_call_end(&call);
    }
}

static void
looking_changes_nothing(void **state)
{
    FakeHost *fake = *state;

    look_at_all(fake);
    fake_expect_ok(fake);
    assert_int_equal(fake->commits, 0);
    assert_int_equal(fake->data.events.count, 0);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, look_at_all);
}

/* ---- PostgreSQL's declarations ---- */

/* Texts that are compared as sets. */
typedef struct Texts
{
    char *items[TEXTS_MAX];
    size_t count;
} Texts;

static void
texts_add(Texts *texts, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);

    assert_non_null(copy);
    assert_true(texts->count < TEXTS_MAX);
    memcpy(copy, text, size);
    texts->items[texts->count++] = copy;
}

static bool
texts_hold(const Texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
    {
        if (strcmp(texts->items[i], text) == 0)
            return true;
    }
    return false;
}

static void
texts_free(Texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    texts->count = 0;
}

/* Show what one set holds and another lacks; returns how many. */
static size_t
show_missing(const Texts *texts, const Texts *among, const char *title)
{
    size_t missing = 0;

    for (size_t i = 0; i < texts->count; i++)
    {
        if (texts_hold(among, texts->items[i]))
            continue;
        print_error("%s: %s\n", title, texts->items[i]);
        missing++;
    }
    return missing;
}

#define SCRIPT_MAX ((size_t) 1000000)

/* Append a script, with comments gone and white space made one blank. */
static size_t
append_script(const char *path, char *text, size_t length)
{
    FILE *file = fopen(path, "r");
    int byte;

    if (file == NULL)
        fail_msg("cannot open %s", path);
    while ((byte = fgetc(file)) != EOF && length < SCRIPT_MAX - 1)
    {
        if (byte == '-' && length > 0 && text[length - 1] == '-')
        {
            length--;
            while (byte != EOF && byte != '\n')
                byte = fgetc(file);
        }
        if (byte == '\n' || byte == '\t')
            byte = ' ';
        if (byte == ' ' &&
            (length == 0 || text[length - 1] == ' ' || text[length - 1] == '('))
            continue;
        text[length++] = (char) byte;
    }
    text[length] = '\0';
    (void) fclose(file);
    return length;
}

/* All scripts one after another. */
static char *
read_script(void)
{
    const char *path = getenv("MIGRATE_SQL");
    char *text = malloc(SCRIPT_MAX);
    size_t length = 0;
    glob_t found;

    assert_non_null(text);
    if (path != NULL)
    {
        (void) append_script(path, text, 0);
        return text;
    }
    assert_int_equal(glob("sql/migrate--*.sql", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        length = append_script(found.gl_pathv[i], text, length);
    globfree(&found);
    return text;
}

static const char *
postgresql_type(MigType type)
{
    switch (type)
    {
        case MIG_INTEGER:
            return "bigint";
        case MIG_FLOAT:
            return "double precision";
        case MIG_BOOLEAN:
            return "boolean";
        case MIG_TIME:
            return "timestamptz";
        case MIG_TEXT:
            return "text";
        case MIG_NULL:
        case MIG_BYTES:
            break;
    }
    fail_msg("no such column is known");
    return "";
}

/* Append text as by printf. */
__attribute__((format(printf, 3, 4))) static void
append(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    (void) vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

/* What may not be changed by being asked, though its function writes. */
static bool
only_reads(const MigApi *api, size_t given)
{
    return (api->flags & MIG_API_WRITES) == 0 ||
           (strcmp(api->name, "migrate_config") == 0 && given == 1);
}

/* With how few arguments the first declaration of a row is made; there is one
 * for each number from there on. */
static size_t
fewest_declared(const MigApi *api)
{
    if (api->flags & MIG_API_OVERLOAD)
        return api->min_arguments;
    return api->max_arguments - (api->flags & MIG_API_GROWN ? 1 : 0);
}

/* Whether the declaration with a number of arguments has no defaults. */
static bool
has_no_defaults(const MigApi *api, size_t given)
{
    return (api->flags & MIG_API_OVERLOAD) != 0 ||
           ((api->flags & MIG_API_GROWN) != 0 && given == api->max_arguments);
}

/* The declaration that a row asks for, with a number of arguments. */
static void
write_declaration(const MigApi *api, size_t given, char *text, size_t size)
{
    bool overload = has_no_defaults(api, given);

    text[0] = '\0';
    append(text, size, "%s(", api->name);
    for (size_t i = 0; i < given; i++)
        append(text, size, "%s%s text%s", i > 0 ? ", " : "",
               api->arguments[i].name,
               i >= api->min_arguments && !overload ? " DEFAULT NULL" : "");
    if (api->flags & MIG_API_PROCEDURE)
    {
        append(text, size, ") VOLATILE");
        return;
    }
    append(text, size, ") RETURNS ");
    if (!mig_api_is_table(api))
        append(text, size, "%s",
               api->result == MIG_INTEGER ? "integer"
                                          : postgresql_type(api->result));
    else
        append(text, size, "TABLE (");
    for (size_t i = 0;
         i < MIG_MAX_TABLE_COLUMNS && api->columns[i].name != NULL; i++)
        append(text, size, "%s%s %s", i > 0 ? ", " : "", api->columns[i].name,
               postgresql_type(api->columns[i].type));
    append(text, size, "%s %s", mig_api_is_table(api) ? ")" : "",
           api->flags & MIG_API_CONSTANT ? "IMMUTABLE"
           : only_reads(api, given)      ? "STABLE"
                                         : "VOLATILE");
}

/* All declarations that the table asks for. */
static void
collect_expected(Texts *expected)
{
    for (size_t i = 0; i < mig_api_count; i++)
    {
        const MigApi *api = &mig_api[i];
        size_t given = fewest_declared(api);
        char text[1000];

        if (api->flags & MIG_API_OWN)
            continue;
        for (; given <= api->max_arguments; given++)
        {
            write_declaration(api, given, text, sizeof(text));
            texts_add(expected, text);
        }
    }
}

/* Write a shorter text for another, everywhere. */
static void
replace_all(char *text, const char *from, const char *to)
{
    char *found;

    assert_true(strlen(to) < strlen(from));
    while ((found = strstr(text, from)) != NULL)
    {
        const char *rest = found + strlen(from);

        for (const char *byte = to; *byte != '\0'; byte++)
            *found++ = *byte;
        memmove(found, rest, strlen(rest) + 1);
    }
}

/* The word that says how a function's results may change. */
static const char *
find_volatility(const char *options)
{
    static const char *const words[] = {"IMMUTABLE", "STABLE", "VOLATILE"};

    for (size_t i = 0; i < COUNT_OF(words); i++)
    {
        if (strstr(options, words[i]) != NULL)
            return words[i];
    }
    return "VOLATILE";
}

/* One CREATE FUNCTION of the script, in the form of write_declaration(). */
static void
collect_function(const char *start, const char *end, Texts *found)
{
    char text[2000];
    char *options;
    char declaration[2100];

    assert_true((size_t) (end - start) < sizeof(text));
    (void) snprintf(text, sizeof(text), "%.*s", (int) (end - start), start);
    if (strstr(text, " RETURNS event_trigger ") != NULL ||
        strstr(text, "migrate_close_rights") != NULL)
        return; /* not to be called, or dropped again */
    replace_all(text, "timestamp with time zone", "timestamptz");
    options = strstr(text, " AS 'MODULE_PATHNAME'");
    if (options == NULL)
    {
        fail_msg("not of the module: %s", text);
        return;
    }
    *options++ = '\0';
    if (strstr(options, "LANGUAGE C") == NULL)
        fail_msg("not in C: %s", text);
    (void) snprintf(declaration, sizeof(declaration), "%s %s", text,
                    find_volatility(options));
    texts_add(found, declaration);
}

/* All functions, or procedures, that the script creates. */
static void
collect_found(const char *script, const char *begin, Texts *found)
{
    const char *at = script;

    while ((at = strstr(at, begin)) != NULL)
    {
        const char *start = at + strlen(begin);
        const char *end = strchr(start, ';');

        assert_non_null(end);
        collect_function(start, end, found);
        at = end;
    }
}

static void
script_declares_the_table(void **state)
{
    Texts expected = {.count = 0};
    Texts found = {.count = 0};
    char *script = read_script();
    size_t wrong;

    (void) state;
    collect_expected(&expected);
    collect_found(script, "CREATE FUNCTION ", &found);
    collect_found(script, "CREATE PROCEDURE ", &found);
    assert_null(strstr(script, "CREATE OR REPLACE"));
    assert_true(found.count > 0);
    wrong = show_missing(&expected, &found, "not in the script");
    wrong += show_missing(&found, &expected, "not in the table");
    assert_int_equal(wrong, 0);
    assert_int_equal(found.count, expected.count);
    texts_free(&expected);
    texts_free(&found);
    free(script);
}

/* A function's name with the types of its arguments. */
static void
write_signature(const MigApi *api, size_t given, char *text, size_t size)
{
    text[0] = '\0';
    append(text, size, "%s(", api->name);
    for (size_t i = 0; i < given; i++)
        append(text, size, "%stext", i > 0 ? ", " : "");
    append(text, size, ")");
}

/* Whether a statement of the script that begins so holds a text. */
static bool
statement_holds(const char *script, const char *begin, const char *kind,
                const char *text)
{
    char wanted[100];
    const char *start = script;

    (void) snprintf(wanted, sizeof(wanted), "%s %s", begin, kind);
    while ((start = strstr(start, wanted)) != NULL)
    {
        const char *end = strchr(start, ';');
        const char *found = strstr(start, text);

        if (end != NULL && found != NULL && found < end)
            return true;
        start += strlen(wanted);
    }
    return false;
}

/* Whether all agrees on who may call a function, and on what it is for. */
static size_t
check_rights(const char *script, const MigApi *api, size_t given)
{
    bool is_public = (api->flags & MIG_API_PUBLIC) != 0;
    const char *kind =
        api->flags & MIG_API_PROCEDURE ? "PROCEDURE" : "FUNCTION";
    char signature[200];
    char comment[300];
    char between[210];
    size_t wrong = 0;

    write_signature(api, given, signature, sizeof(signature));
    (void) snprintf(between, sizeof(between), " %s", signature);
    if (statement_holds(script, "REVOKE ALL ON", kind, between) == is_public)
    {
        print_error("%s: %s for PUBLIC\n", signature,
                    is_public ? "revoked" : "not revoked");
        wrong++;
    }
    if (!is_public &&
        !statement_holds(script, "GRANT EXECUTE ON", kind, between))
    {
        print_error("%s: not granted to the owner\n", signature);
        wrong++;
    }
    (void) snprintf(comment, sizeof(comment), "COMMENT ON %s %s IS '", kind,
                    signature);
    if (strstr(script, comment) == NULL)
    {
        print_error("%s: without a comment\n", signature);
        wrong++;
    }
    return wrong;
}

static void
script_gives_the_rights_of_the_table(void **state)
{
    char *script = read_script();
    size_t wrong = 0;

    (void) state;
    for (size_t i = 0; i < mig_api_count; i++)
    {
        const MigApi *api = &mig_api[i];
        size_t given = fewest_declared(api);

        if (api->flags & MIG_API_OWN)
            continue;
        for (; given <= api->max_arguments; given++)
            wrong += check_rights(script, api, given);
    }
    assert_int_equal(wrong, 0);
    free(script);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(every_row_is_whole),
        fake_test(version_is_the_builds),
        fake_test(numbers_are_refused),
        fake_test(null_arguments_are_refused),
        fake_test(looking_changes_nothing),
        fake_test(memory_may_be_short),
        cmocka_unit_test(script_declares_the_table),
        cmocka_unit_test(script_gives_the_rights_of_the_table),
    };

    return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
