#include "fake_host.h"

#include <stdlib.h>
#include <string.h>

#include "format_liquibase.h"
#include "mig_api.h"
#include "mig_delimiter.h"
#include "mig_expression.h"
#include "mig_setting.h"

/* Liquibase's changesets: lines, delimiters, expressions, little memory. */

/* ---- Lines ---- */

static const struct
{
    const char *line;
    MigLiquibaseMark mark;
    const char *rest;
} lines[] = {
    {"--liquibase formatted sql", MIG_LIQUIBASE_HEADER, NULL},
    {"  --  Liquibase  Formatted SQL x:y", MIG_LIQUIBASE_HEADER, NULL},
    {"--liquibaseformattedsql", MIG_LIQUIBASE_HEADER, NULL},
    {"-liquibase formatted sql", MIG_LIQUIBASE_TEXT, NULL},
    {"--liquibase", MIG_LIQUIBASE_TEXT, NULL},
    {"--changeset a:1 x", MIG_LIQUIBASE_CHANGESET, "a:1 x"},
    {"\t-- ChangeSet  a:1", MIG_LIQUIBASE_CHANGESET, "a:1"},
    {"-changeset a:1", MIG_LIQUIBASE_MISTAKE, NULL},
    {"--comment: why", MIG_LIQUIBASE_COMMENT, "why"},
    {"--comment why", MIG_LIQUIBASE_COMMENT, "why"},
    {"--comments: why", MIG_LIQUIBASE_TEXT, NULL},
    {"- comment_count", MIG_LIQUIBASE_TEXT, NULL},
    {"--rollback DROP", MIG_LIQUIBASE_ROLLBACK, "DROP"},
    {"--rollback", MIG_LIQUIBASE_ROLLBACK, ""},
    {"--rollbacks", MIG_LIQUIBASE_TEXT, NULL},
    {"--rollbackSqlFile path:x", MIG_LIQUIBASE_PAID, NULL},
    {"-- rollback x", MIG_LIQUIBASE_ROLLBACK, "x"},
    {"- rollback x", MIG_LIQUIBASE_MISTAKE, NULL},
    {"/* liquibase rollback", MIG_LIQUIBASE_BLOCK, NULL},
    {"/*LIQUIBASE   ROLLBACK  ", MIG_LIQUIBASE_BLOCK, NULL},
    {"/* liquibase rollback x", MIG_LIQUIBASE_TEXT, NULL},
    {"--preconditions onFail:HALT", MIG_LIQUIBASE_PRECONDITIONS, "onFail:HALT"},
    {"--precondition-sql-check 1 x", MIG_LIQUIBASE_PRECONDITION,
     "sql-check 1 x"},
    {"--validCheckSum: 9:a", MIG_LIQUIBASE_CHECKSUM, "9:a"},
    {"--property name:a value:b", MIG_LIQUIBASE_PROPERTY, "name:a value:b"},
    {"--ignoreLines:3", MIG_LIQUIBASE_IGNORE, "3"},
    {"--ignore:3", MIG_LIQUIBASE_MISTAKE, NULL},
    {"--tagDatabase: x", MIG_LIQUIBASE_PAID, NULL},
    {"--include file:x", MIG_LIQUIBASE_PAID, NULL},
    {"--include x", MIG_LIQUIBASE_TEXT, NULL},
    {"--includeAll path:x", MIG_LIQUIBASE_PAID, NULL},
    {"-- a comment", MIG_LIQUIBASE_TEXT, NULL},
    {"-", MIG_LIQUIBASE_TEXT, NULL},
    {"--", MIG_LIQUIBASE_TEXT, NULL},
    {"", MIG_LIQUIBASE_TEXT, NULL},
    {"/*", MIG_LIQUIBASE_TEXT, NULL},
};

static void
lines_are_known(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(lines); i++)
    {
        MigBytes rest;
        MigLiquibaseMark mark =
            mig_liquibase_mark(mig_bytes(lines[i].line), &rest);

        if (mark != lines[i].mark)
            fail_msg("\"%s\" is %d", lines[i].line, (int) mark);
        if (lines[i].rest != NULL)
            fake_expect_bytes(rest, lines[i].rest);
    }
}

static void
attributes_are_read(void **state)
{
    MigBytes line = mig_bytes("x a:1 b:\"c d\":e f:\"g h: i k:\" j");
    static const char *const expected[] = {"a", "1", "b", "c d",
                                           "",  "e", "f", "g h: i k:"};
    size_t count = 0;
    size_t at = 0;
    MigBytes key;
    MigBytes value;

    (void) state;
    while (mig_liquibase_attribute(line, &at, &key, &value))
    {
        assert_true(count + 2 <= COUNT_OF(expected));
        fake_expect_bytes(key, expected[count++]);
        fake_expect_bytes(value, expected[count++]);
    }
    assert_int_equal(count, COUNT_OF(expected));
}

/* ---- Delimiters ---- */

static const struct
{
    const char *delimiter; /* NULL: the usual ones */
    const char *text;
    const char *expected; /* NULL: the text itself */
} delimiters[] = {
    {NULL, "a;\nb", NULL},
    {NULL, "a\nGO\nb\n/\nc\ngo", "a\n; \nb\n;\nc\n; "},
    {NULL, "a\nGO 5\n / \ngoing\nc / d", NULL},
    {NULL, "'\nGO\n'\nGO\n\"\n/\n\"", "'\nGO\n'\n; \n\"\n/\n\""},
    {NULL, "/*\nGO\n/*\nGO\n*/\nGO\n*/\nGO", "/*\nGO\n/*\nGO\n*/\nGO\n*/\n; "},
    {NULL, "$$\nGO\n$$\n$a$\nGO\n$b$\n/\n$a$\nGO",
     "$$\nGO\n$$\n$a$\nGO\n$b$\n/\n$a$\n; "},
    {NULL, "-- it's\nGO", "-- it's\n; "},
    {NULL, "E'\\'\nGO\n'\nGO", "E'\\'\nGO\n'\n; "},
    {NULL, "'\\'\nGO\n'", "'\\'\n; \n'"},
    {NULL, "GO\r\n", "; \r\n"},
    {"//", "a // b '//' --//\n//", "a ;  b '//' --//\n; "},
    {"GO", "a go b gone ago \"go\"", "a ;  b gone ago \"go\""},
    {"/", "a / b\n/\n/* */", "a / b\n;\n/* */"},
    {"\\nGO", "a GO\nGO\n", "a GO\n; \n"},
    {"\\n/\\s*\\n", "a / b\n/ \n/x", "a / b\n; \n/x"},
    {"\\n/$", "a\n/", "a\n;"},
    {"$$", "a $$ b $$", "a ;  b ; "},
    {"||", "'a' || b", "'a' ;  b"},
    {";", "a // b", NULL},
    {"", "a // b", NULL},
    {"@", "", NULL},
};

static void
delimiters_become_semicolons(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(delimiters); i++)
    {
        MigBytes text = mig_bytes(delimiters[i].text);
        MigBytes delimiter = {NULL, 0};
        MigBytes made;

        if (delimiters[i].delimiter != NULL)
            delimiter = mig_bytes(delimiters[i].delimiter);
        made = mig_delimiter_replace(&fake->mig, text, delimiter);
        fake_expect_ok(fake);
        if (delimiters[i].expected == NULL)
            assert_ptr_equal(made.data, text.data);
        else
            fake_expect_bytes(made, delimiters[i].expected);
    }
    (void) mig_delimiter_replace(&fake->mig, mig_bytes("a"), mig_bytes("\\d+"));
    fake_expect(fake, MIG_UNSUPPORTED, "delimiter \"\\d+\" is a pattern",
                "Write a delimiter such as");
}

/* ---- Expressions ---- */

static const struct
{
    const char *expression;
    const char *names;
    bool holds;
} expressions[] = {
    {"", "", true},
    {"", "a", true},
    {"", "@a", false},
    {"a", "", true},
    {"!a", "", true},
    {"a and !a", "", true},
    {"@a", "", false},
    {"!@a", "", true},
    {"@!a", "", true},
    {"(@a) or b", "", true},
    {"(@a) and b", "", false},
    {"!(a)", "", true},
    {"nocontexts", "", true},
    {"!nocontexts", "", false},
    {"!nocontexts and a", "a", true},
    {"a", "a", true},
    {"A", "b, a ", true},
    {"a", "@A", true},
    {"a", "b", false},
    {"!a", "b", true},
    {"! a", "a", false},
    {"not a", "a", false},
    {"nota", "nota", true},
    {"a or b", "b", true},
    {"a,b", "b", true},
    {"a and b", "b", false},
    {"a and b", "b,a", true},
    {"a or b and c", "a", true},
    {"(a or b) and c", "a", false},
    {"(a or b) and c", "a,c", true},
    {"!(a or b)", "a", false},
    {"!(a or b)", "c", true},
    {"not(a)", "c", true},
    {"a b", "a b", true},
    {"a b", "a", false},
    {"android or orange", "orange", true},
    {"a,", "b", false},
    {"a , b or c", "c", true},
};

static const char *const no_expressions[] = {
    "and", "a and", "a or or b", "(a",     "a)", "()", "!",
    "not", "a (b)", "(a) b ",    "a, , b", ",a", "@",  "and b",
};

static void
expressions_hold(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(expressions); i++)
    {
        MigBytes expression = mig_bytes(expressions[i].expression);

        mig_expression_check(&fake->mig, expression, "x");
        fake_expect_ok(fake);
        if (mig_expression_holds(expression, mig_bytes(expressions[i].names)) !=
            expressions[i].holds)
            fail_msg("\"%s\" of \"%s\"", expressions[i].expression,
                     expressions[i].names);
    }
    for (size_t i = 0; i < COUNT_OF(no_expressions); i++)
    {
        MigBytes expression = mig_bytes(no_expressions[i]);

        mig_expression_check(&fake->mig, expression, "context");
        if (mig_ok(&fake->mig))
            fail_msg("\"%s\" is an expression", no_expressions[i]);
        fake_expect(fake, MIG_INVALID, "cannot be read as an expression",
                    "Write names with and");
        assert_false(mig_expression_holds(expression, mig_bytes("a")));
        mig_error_clear(&fake->error);
    }
}

static void
deep_expressions_are_refused(void **state)
{
    FakeHost *fake = *state;
    char text[100001];

    memset(text, '(', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    mig_expression_check(&fake->mig, mig_bytes(text), "x");
    fake_expect(fake, MIG_INVALID, NULL, NULL);
}

/* ---- Versions ---- */

static void
versions_are_readable(void **state)
{
    FakeHost *fake = *state;
    Mig *mig = &fake->mig;

    fake_expect_bytes(mig_liquibase_version(mig, mig_bytes("a/b c.sql"),
                                            mig_bytes("1,2"),
                                            mig_bytes("Jo \"X\"")),
                      "a/b_c.sql::1_2::Jo__X_");
    fake_expect_bytes(mig_liquibase_version(mig,
                                            mig_bytes("classpath:/a\\b.sql"),
                                            mig_bytes("1"), mig_bytes("x")),
                      "a/b.sql::1::x");
    fake_expect_bytes(mig_liquibase_version(mig, mig_bytes("./-a"),
                                            mig_bytes("-1"), mig_bytes("-x")),
                      "_a::-1::-x");
}

/* ---- Little memory ---- */

static const FakeFile files[] = {
    {"d", NULL, 0, MIG_PATH_DIRECTORY, false},
    {"d/a.sql",
     "--liquibase formatted sql\n"
     "--property name:x value:${y}\n"
     "--property name:y value:one global:false\n"
     "--changeset a:1 endDelimiter://\n"
     "--comment: first\n"
     "${x} // two //\n"
     "--ignoreLines:1\n"
     "three\n"
     "four //\n"
     "--rollback ${x};\n"
     "--changeset a:2 labels:l context:\"c or d\" dbms:!x\n"
     "--preconditions onFail:MARK_RAN onError:WARN\n"
     "--precondition-table-exists table:false\n"
     "five;\n"
     "--rollback changeSetId:1 changeSetAuthor:a\n"
     "--changeset a:3 runAlways:true\n"
     "--precondition-view-exists view:true\n"
     "six;\n"
     "/* liquibase rollback\n"
     "seven; */\n",
     0, MIG_PATH_FILE, false},
    {"d/b.sql", "eight;", 0, MIG_PATH_FILE, false},
};

/* Call a function of the core with one text. */
static void
call(FakeHost *fake, const char *name, const char *text)
{
    MigValue argument = mig_string(text);
    MigCall given;

    memset(&given, 0, sizeof(given));
    fake->files = files;
    fake->file_count = COUNT_OF(files);
    given.host = &fake->host;
    given.error = &fake->error;
    given.arguments = &argument;
    given.argument_count = 1;
    (void) mig_call(mig_api_find(name), &given);
    mig_call_end(&given);
}

static void
load_files(FakeHost *fake)
{
    call(fake, "migrate_load", "d");
}

static void
apply_all(FakeHost *fake)
{
    call(fake, "migrate_apply", "head");
}

static void
changesets_are_run(void **state)
{
    FakeHost *fake = *state;

    load_files(fake);
    fake_expect_ok(fake);
    apply_all(fake);
    fake_expect_ok(fake);
    assert_string_equal(fake->data.done, "one;two;four;six;");
    assert_int_equal(fake->data.applied.count, 3);
    fake_expect_notice(fake, "is recorded without being run");
    apply_all(fake);
    fake_expect_ok(fake);
    assert_string_equal(fake->data.done, "one;two;four;six;six;");
    call(fake, "migrate_rollback", "base");
    fake_expect_ok(fake);
    assert_string_equal(fake->data.done,
                        "one;two;four;six;six;seven;one;two;four;one;");
}

/* Several would be opened ahead, and again when that has failed. */
static void
apply_one(FakeHost *fake)
{
    call(fake, "migrate_apply", "+1");
}

static void
apply_first(FakeHost *fake)
{
    load_files(fake);
    apply_one(fake);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, load_files);
    fake_refuse_each(load_files, apply_one);
    fake_refuse_each(apply_first, apply_one);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(lines_are_known),
        fake_test(attributes_are_read),
        fake_test(delimiters_become_semicolons),
        fake_test(expressions_hold),
        fake_test(deep_expressions_are_refused),
        fake_test(versions_are_readable),
        fake_test(changesets_are_run),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("changesets", tests, NULL, NULL);
}
