#include "fake_host.h"

#include <stdio.h>

#include "mig_api.h"
#include "mig_proof.h"

/*
 * Proofs: what is run on the scratch database, and what is told of two lists
 * of objects.
 */

#define DEFINITION(text)                                                       \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }
#define ABSENT                                                                 \
    {                                                                          \
        NULL, 0                                                                \
    }

/* What a proof has told, a line each. */
typedef struct Told
{
    char text[2000];
    size_t length;
    bool fails; /* it cannot be kept */
} Told;

static MigStatus
tell(void *context, const MigDifference *difference, MigError *error)
{
    Told *told = context;
    MigBytes expected = difference->expected;
    MigBytes actual = difference->actual;

    if (told->fails)
        return mig_fail(error, MIG_FILE, "cannot be kept");
    told->length += (size_t) snprintf(
        told->text + told->length, sizeof(told->text) - told->length,
        "%.*s %.*s %s <%.*s> <%.*s>\n", (int) difference->kind.length,
        difference->kind.data, (int) difference->object.length,
        difference->object.data, difference->change, (int) expected.length,
        expected.length > 0 ? expected.data : "", (int) actual.length,
        actual.length > 0 ? actual.data : "");
    assert_true(told->length < sizeof(told->text));
    return MIG_OK;
}

/* Call a function with texts. */
static void
call(FakeHost *fake, const char *name, const char *first, const char *second)
{
    MigValue arguments[2];
    MigCall given;

    memset(&given, 0, sizeof(given));
    given.host = &fake->host;
    given.error = &fake->error;
    given.arguments = arguments;
    arguments[0] = mig_string(first);
    arguments[1] = mig_string(second);
    given.argument_count = second == NULL ? 1 : 2;
    (void) mig_call(mig_api_find(name), &given);
    mig_call_end(&given);
    fake_expect_ok(fake);
}

static void
add(FakeHost *fake, const char *version, const char *up)
{
    call(fake, "migrate_add", version, up);
}

/* Prove all migrations, backwards when asked for; returns how much was told. */
static int64_t
prove(FakeHost *fake, Told *told, bool backwards)
{
    static const MigTableName except[] = {{ABSENT, DEFINITION("theirs")}};
    MigState state;
    MigProof proof = {NULL, 0, except, 1};
    const MigEntry **entries;

    fake_read_settings(fake);
    mig_state_read(&fake->mig, &fake->arena, &state);
    entries = mig_alloc_array(&fake->arena, FAKE_ROWS, sizeof(*entries),
                              &fake->error);
    if (entries == NULL || !mig_ok(&fake->mig))
        return mig_proof(&fake->mig, &proof, tell, told);
    for (size_t i = 0; i < state.count; i++)
        entries[i] = &state.entries[backwards ? state.count - 1 - i : i];
    proof.entries = entries;
    proof.count = state.count;
    return mig_proof(&fake->mig, &proof, tell, told);
}

/* The same, in order, and look what was told. */
static void
expect_told(FakeHost *fake, const char *wanted)
{
    Told told = {"", 0, false};
    int64_t lines = 0;
    int64_t count = prove(fake, &told, false);

    fake_expect_ok(fake);
    assert_string_equal(told.text, wanted);
    for (size_t i = 0; i < told.length; i++)
        lines += told.text[i] == '\n' ? 1 : 0;
    if (strstr(wanted, "not proved") == NULL)
        assert_int_equal(count, lines);
    else
        assert_int_equal(count, 1);
    fake_next_call(fake);
}

static const MigObject shop[] = {
    {DEFINITION("table"), DEFINITION("goods"), ABSENT, DEFINITION("(a, b)")},
    {DEFINITION("column"), DEFINITION("goods.a"), DEFINITION("goods"),
     DEFINITION("integer")},
    {DEFINITION("column"), DEFINITION("goods.b"), DEFINITION("goods"),
     DEFINITION("text")},
    {DEFINITION("index"), DEFINITION("by_b"), DEFINITION("goods"),
     DEFINITION("on b")},
    {DEFINITION("view"), DEFINITION("list"), ABSENT, DEFINITION("select a")},
};

/* Give the database some objects, and the scratch database others. */
static void
give(FakeHost *fake, const MigObject *actual, size_t actual_count,
     const MigObject *expected, size_t expected_count)
{
    fake->objects = actual;
    fake->object_count = actual_count;
    fake->scratch_objects = expected;
    fake->scratch_count = expected_count;
}

static void
equal_schemas_tell_nothing(void **state)
{
    give(*state, shop, COUNT_OF(shop), shop, COUNT_OF(shop));
    expect_told(*state, "");
    give(*state, NULL, 0, NULL, 0);
    expect_told(*state, "");
}

static void
each_change_is_told(void **state)
{
    static const MigObject other[] = {
        {DEFINITION("table"), DEFINITION("goods"), ABSENT,
         DEFINITION("(a, c)")},
        {DEFINITION("column"), DEFINITION("goods.a"), DEFINITION("goods"),
         DEFINITION("bigint")},
        {DEFINITION("column"), DEFINITION("goods.c"), DEFINITION("goods"),
         DEFINITION("text")},
        {DEFINITION("view"), DEFINITION("list"), ABSENT,
         DEFINITION("select a")},
    };

    give(*state, other, COUNT_OF(other), shop, COUNT_OF(shop));
    expect_told(*state, "column goods.a differs <integer> <bigint>\n"
                        "column goods.b missing <text> <>\n"
                        "column goods.c extra <> <text>\n"
                        "index by_b missing <on b> <>\n");
}

/* Compare two definitions of one table, without parts. */
static void
compare_tables(FakeHost *fake, const char *one, const char *other,
               const char *wanted)
{
    const MigObject expected = {DEFINITION("table"), DEFINITION("t"), ABSENT,
                                mig_bytes(one)};
    const MigObject actual = {DEFINITION("table"), DEFINITION("t"), ABSENT,
                              mig_bytes(other)};

    give(fake, &actual, 1, &expected, 1);
    expect_told(fake, wanted);
}

static void
a_table_is_told_for_more_than_its_columns(void **state)
{
    compare_tables(*state, "(a, b, c)", "(c, a)",
                   "table t differs <(a, b, c)> <(c, a)>\n");
    compare_tables(*state, "(a, b) strict", "(a)",
                   "table t differs <(a, b) strict> <(a)>\n");
    /* Nor for these alone where none of them is told. */
    compare_tables(*state, "(a, \"x), y\", b)", "(a, b)",
                   "table t differs <(a, \"x), y\", b)> <(a, b)>\n");
    compare_tables(*state, "()", "(a)", "table t differs <()> <(a)>\n");
    compare_tables(*state, "(a", "(a, b", "table t differs <(a> <(a, b>\n");
}

static void
parts_of_a_lonely_table_are_not_told(void **state)
{
    give(*state, &shop[4], 1, shop, COUNT_OF(shop));
    expect_told(*state, "table goods missing <(a, b)> <>\n");
    give(*state, shop, COUNT_OF(shop), &shop[4], 1);
    expect_told(*state, "table goods extra <> <(a, b)>\n");
}

static void
a_view_in_place_of_a_table_is_told(void **state)
{
    static const MigObject view[] = {
        {DEFINITION("view"), DEFINITION("goods"), ABSENT, DEFINITION("a")},
        {DEFINITION("trigger"), DEFINITION("by_b"), DEFINITION("goods"),
         DEFINITION("on b")},
    };

    give(*state, view, COUNT_OF(view), shop, 4);
    expect_told(*state, "table goods missing <(a, b)> <>\n"
                        "view goods extra <> <a>\n");
}

static void
parts_without_a_table_are_told(void **state)
{
    give(*state, NULL, 0, &shop[1], 2);
    expect_told(*state, "column goods.a missing <integer> <>\n"
                        "column goods.b missing <text> <>\n");
}

static void
what_is_one_name_twice_is_paired(void **state)
{
    static const MigObject twice[] = {
        {DEFINITION("check"), DEFINITION("goods.c"), DEFINITION("goods"),
         DEFINITION("a > 1")},
        {DEFINITION("check"), DEFINITION("goods.c"), DEFINITION("goods"),
         DEFINITION("b > 1")},
    };

    give(*state, twice, 2, twice, 2);
    expect_told(*state, "");
    give(*state, twice, 2, &twice[0], 1);
    expect_told(*state, "check goods.c extra <> <b > 1>\n");
}

static void
tables_of_others_are_left_out(void **state)
{
    static const MigObject theirs[] = {
        {DEFINITION("table"), DEFINITION("theirs"), ABSENT, DEFINITION("()")}};

    give(*state, theirs, 1, NULL, 0);
    expect_told(*state, "");
}

static void
migrations_are_run_in_the_given_order(void **state)
{
    FakeHost *fake = *state;
    Told told = {"", 0, false};

    add(fake, "1", "a; b");
    add(fake, "2", "c");
    expect_told(fake, "");
    assert_string_equal(fake->tried, "a;b;c;");
    assert_int_equal(prove(fake, &told, true), 0);
    assert_string_equal(fake->tried, "c;a;b;");
    assert_string_equal(fake->data.done, "");
}

static void
what_was_applied_is_run_not_what_is_loaded(void **state)
{
    FakeHost *fake = *state;

    add(fake, "1", "a");
    call(fake, "migrate_apply", "head", NULL);
    add(fake, "1", "changed");
    add(fake, "2", "b");
    expect_told(fake, "");
    assert_string_equal(fake->tried, "a;b;");
}

static void
each_kind_of_statement_is_run_as_it_must_be(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    add(fake, "1", "pragma; a; vacuum; set x; begin; b; commit; index; c");
    expect_told(fake, "");
    /* What sets up the session is done again for each transaction. */
    assert_string_equal(fake->tried, "a;vacuum;set x;set x;b;set x;index;"
                                     "set x;c;");
}

static void
a_failure_is_told_and_ends_the_proof(void **state)
{
    FakeHost *fake = *state;

    give(fake, NULL, 0, shop, COUNT_OF(shop));
    add(fake, "1", "a");
    add(fake, "2", "b; fail");
    add(fake, "3", "c");
    expect_told(fake, "migration 2 not proved <> <migration \"2\" failed at "
                      "line 1: it fails\nStatement 2 of section up of its "
                      "text: fail>\n");
    assert_string_equal(fake->tried, "a;");
}

static void
what_cannot_be_run_is_told(void **state)
{
    FakeHost *fake = *state;

    /* Looked for before anything of it is run. */
    fake_procedure(fake);
    add(fake, "1", "a; vacuum; rollback");
    expect_told(fake, "migration 1 not proved <> <migration \"1\" failed at "
                      "line 1: ROLLBACK cannot stand in a migration\n"
                      "Statement 3 of section up of its text: rollback\n"
                      "A migration is one transaction, which is made for it; "
                      "nothing of it was run.>\n");
    assert_string_equal(fake->tried, "");
}

static void
texts_of_those_not_trusted_are_not_run(void **state)
{
    FakeHost *fake = *state;
    Told told = {"", 0, false};

    add(fake, "1", "a");
    fake->distrusted = "alice";
    assert_int_equal(prove(fake, &told, false), 1);
    fake_expect_ok(fake);
    assert_non_null(strstr(told.text, "migration 1 not proved"));
    assert_non_null(strstr(told.text, "is not trusted"));
    assert_string_equal(fake->tried, "");
}

static void
no_scratch_database_is_told(void **state)
{
    FakeHost *fake = *state;

    fake->no_scratch = true;
    add(fake, "1", "a");
    give(fake, shop, COUNT_OF(shop), NULL, 0);
    expect_told(fake, "database  not proved <> <may not create databases>\n");
}

static void
an_interrupt_is_no_difference(void **state)
{
    FakeHost *fake = *state;
    Told told = {"", 0, false};

    add(fake, "1", "a; interrupt");
    assert_int_equal(prove(fake, &told, false), 0);
    fake_expect(fake, MIG_INTERRUPTED, NULL, NULL);
    assert_string_equal(told.text, "");
}

static void
a_row_that_cannot_be_kept_ends_it(void **state)
{
    FakeHost *fake = *state;
    Told told = {"", 0, true};

    give(fake, NULL, 0, shop, COUNT_OF(shop));
    assert_int_equal(prove(fake, &told, false), 0);
    fake_expect(fake, MIG_FILE, "cannot be kept", NULL);
    fake_next_call(fake);
    fake->no_scratch = true;
    assert_int_equal(prove(fake, &told, false), 0);
    fake_expect(fake, MIG_FILE, "cannot be kept", NULL);
}

static void
prepare_memory(FakeHost *fake)
{
    add(fake, "1", "a; b");
    add(fake, "2", "c");
    give(fake, &shop[1], 4, shop, COUNT_OF(shop));
}

static void
attempt_memory(FakeHost *fake)
{
    Told told = {"", 0, false};
    int64_t count = prove(fake, &told, false);

    assert_int_equal(count, fake->refused ? 0 : 1);
}

static void
no_memory_is_an_error_and_leaks_nothing(void **state)
{
    (void) state;
    fake_refuse_each(prepare_memory, attempt_memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(equal_schemas_tell_nothing),
        fake_test(each_change_is_told),
        fake_test(a_table_is_told_for_more_than_its_columns),
        fake_test(parts_of_a_lonely_table_are_not_told),
        fake_test(a_view_in_place_of_a_table_is_told),
        fake_test(parts_without_a_table_are_told),
        fake_test(what_is_one_name_twice_is_paired),
        fake_test(tables_of_others_are_left_out),
        fake_test(migrations_are_run_in_the_given_order),
        fake_test(what_was_applied_is_run_not_what_is_loaded),
        fake_test(each_kind_of_statement_is_run_as_it_must_be),
        fake_test(a_failure_is_told_and_ends_the_proof),
        fake_test(what_cannot_be_run_is_told),
        fake_test(texts_of_those_not_trusted_are_not_run),
        fake_test(no_scratch_database_is_told),
        fake_test(an_interrupt_is_no_difference),
        fake_test(a_row_that_cannot_be_kept_ends_it),
        cmocka_unit_test(no_memory_is_an_error_and_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
