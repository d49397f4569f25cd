#include "fake_host.h"

#include <stdio.h>

#include "mig_api.h"

/*
 * Getting out of trouble: baselines, and what migrate_repair() does about
 * failed and half done migrations.  What both engines show is tested in the
 * conformance suite.
 */

/* Rows of a table function, as text. */
typedef struct Rows
{
    char text[2000]; /* columns with '|' between and ';' behind */
} Rows;

/* A MigEmit: append a row without its last column, which explains it. */
static MigStatus
append_row(MigCall *call, const MigValue *columns, size_t count)
{
    Rows *rows = call->emit_context;
    size_t length = strlen(rows->text);

    for (size_t i = 0; i + 1 < count; i++)
        length += (size_t) snprintf(
            rows->text + length, sizeof(rows->text) - length, "%.*s%s",
            (int) columns[i].bytes.length,
            columns[i].bytes.data == NULL ? "" : columns[i].bytes.data,
            i + 2 < count ? "|" : ";");
    return call->error->status;
}

/* As fake_call(). */
static int64_t
call(FakeHost *fake, Rows *rows, const char *name, const char *const *texts)
{
    return fake_call(fake, name, texts, append_row, rows);
}

/* The same with one argument or none. */
static int64_t
call_with(FakeHost *fake, const char *name, const char *text)
{
    const char *texts[] = {text, NULL};

    return call(fake, NULL, name, texts);
}

static void
add(FakeHost *fake, const char *version, const char *up, const char *down)
{
    const char *texts[] = {version, up, down, NULL};

    assert_true(call(fake, NULL, "migrate_add", texts) >= 0);
}

/* What a plan of repairs says. */
static void
expect_plan(FakeHost *fake, const char *version, const char *wanted)
{
    const char *texts[] = {version, NULL};
    Rows rows = {""};

    (void) call(fake, &rows, "migrate_repair_plan", texts);
    fake_expect_ok(fake);
    assert_string_equal(rows.text, wanted);
}

/* The newest event. */
static void
expect_event(const FakeHost *fake, const char *action, const char *version)
{
    const MigValue *row = fake->data.events.rows[fake->data.events.count - 1];

    fake_expect_bytes(row[4].bytes, action);
    fake_expect_bytes(row[5].bytes, version);
}

static void
failure_is_acknowledged(void **state)
{
    FakeHost *fake = *state;

    add(fake, "1", "a", "fail");
    add(fake, "2", "fail", "-2");
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    expect_plan(fake, NULL, "2|failed|acknowledge;");
    assert_int_equal(call_with(fake, "migrate_rollback", NULL), -1);
    expect_plan(fake, NULL, "1|failed|acknowledge;2|failed|acknowledge;");
    assert_int_equal(call_with(fake, "migrate_repair", "1"), 1);
    expect_event(fake, "acknowledge", "1");
    expect_plan(fake, NULL, "2|failed|acknowledge;");
    assert_int_equal(call_with(fake, "migrate_repair", NULL), 1);
    expect_event(fake, "acknowledge", "2");
    expect_plan(fake, NULL, "");
    assert_int_equal(fake->data.applied.count, 1);
    /* It may fail again. */
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    expect_plan(fake, "2", "2|failed|acknowledge;");
    assert_string_equal(fake->data.done, "a;");
}

/* Make a migration fail behind its second statement. */
static void
begin_staged(FakeHost *fake)
{
    fake_procedure(fake);
    fake->index_fails = 1;
    add(fake, "1", "a; vacuum; index; b", "");
    (void) call_with(fake, "migrate_deploy", NULL);
    fake->broken = false;
    assert_string_equal(fake->data.done, "a;vacuum;");
    fake->callers = false;
}

static void
half_done_is_kept(void **state)
{
    FakeHost *fake = *state;

    begin_staged(fake);
    expect_plan(fake, NULL, "1|half done|keep;");
    assert_int_equal(call_with(fake, "migrate_repair", NULL), 0);
    fake_expect_notice(fake, "is half done, and left so");
    fake_expect_notice(fake, "migrate_repair('1')");
    expect_plan(fake, NULL, "1|half done|keep;");
    (void) call_with(fake, "migrate_deploy", NULL);
    fake_expect_ok(fake);
    assert_string_equal(fake->data.done, "a;vacuum;index;b;");
    expect_plan(fake, NULL, "");
}

static void
half_done_is_forgotten_by_name(void **state)
{
    FakeHost *fake = *state;

    begin_staged(fake);
    expect_plan(fake, "1", "1|half done|forget;");
    assert_int_equal(call_with(fake, "migrate_repair", "1"), 1);
    expect_event(fake, "forget", "1");
    expect_plan(fake, NULL, "");
    (void) call_with(fake, "migrate_deploy", NULL);
    fake_expect_ok(fake);
    assert_string_equal(fake->data.done, "a;vacuum;a;vacuum;index;b;");
}

static void
acknowledged_statement_is_still_known_to_have_begun(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    fake->index_fails = 1;
    add(fake, "1", "index; b", "");
    (void) call_with(fake, "migrate_deploy", NULL);
    assert_true(fake->broken);
    expect_plan(fake, NULL, "1|failed|acknowledge;");
    assert_int_equal(call_with(fake, "migrate_repair", NULL), 1);
    /* So what it has left half made is cleared away. */
    (void) call_with(fake, "migrate_deploy", NULL);
    fake_expect_ok(fake);
    assert_false(fake->broken);
    assert_string_equal(fake->data.done, "index;b;");
}

static void
prepare_trouble(FakeHost *fake)
{
    add(fake, "1", "a", "-a");
    add(fake, "2", "b", "-b");
    add(fake, "3", "fail", "-c");
    (void) call_with(fake, "migrate_apply", NULL);
    add(fake, "1", "A", "-A");
    for (size_t i = 0; i < fake->data.migrations.count; i++)
    {
        if (fake->data.migrations.rows[i][1].bytes.data[0] == '2')
            fake->data.migrations.rows[i][15] = mig_integer(0);
    }
    mig_error_clear(&fake->error);
}

static void
prepare_pending(FakeHost *fake)
{
    add(fake, "1", "a", "-a");
    add(fake, "2", "b", "-b");
    add(fake, "3", "c", "-c");
}

static void
prepare_baseline(FakeHost *fake)
{
    assert_int_equal(call_with(fake, "migrate_baseline", "2"), 0);
    prepare_pending(fake);
}

static void
repair_all(FakeHost *fake)
{
    (void) call_with(fake, "migrate_repair", NULL);
}

static void
plan_all(FakeHost *fake)
{
    const char *texts[] = {NULL};
    Rows rows = {""};

    (void) call(fake, &rows, "migrate_repair_plan", texts);
}

static void
accept_one(FakeHost *fake)
{
    (void) call_with(fake, "migrate_accept", "1");
}

static void
declare_baseline(FakeHost *fake)
{
    (void) call_with(fake, "migrate_baseline", "2");
}

static void
apply_behind(FakeHost *fake)
{
    (void) call_with(fake, "migrate_apply", NULL);
}

static void
end_baseline(FakeHost *fake)
{
    (void) call_with(fake, "migrate_stamp", "1");
}

static void
repairs_are_done_together(void **state)
{
    FakeHost *fake = *state;

    prepare_trouble(fake);
    expect_plan(fake, NULL,
                "1|changed|accept;2|missing|tombstone;3|failed|acknowledge;");
    assert_int_equal(call_with(fake, "migrate_repair", NULL), 3);
    expect_plan(fake, NULL, "");
    assert_int_equal(call_with(fake, "migrate_repair", NULL), 0);
    assert_int_equal(call_with(fake, "migrate_rollback", NULL), 1);
    assert_int_equal(call_with(fake, "migrate_rollback", NULL), 1);
    assert_string_equal(fake->data.done, "a;b;-b;-A;");
}

static void
baseline_is_passed_over(void **state)
{
    FakeHost *fake = *state;

    prepare_baseline(fake);
    assert_int_equal(call_with(fake, "migrate_pending", NULL), 1);
    assert_int_equal(call_with(fake, "migrate_apply", NULL), 1);
    assert_string_equal(fake->data.done, "c;");
    assert_int_equal(call_with(fake, "migrate_stamp", "base"), 2);
    assert_int_equal(call_with(fake, "migrate_pending", NULL), 3);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare_trouble, repair_all);
    fake_refuse_each(prepare_trouble, plan_all);
    fake_refuse_each(prepare_trouble, accept_one);
    fake_refuse_each(prepare_pending, declare_baseline);
    fake_refuse_each(prepare_baseline, apply_behind);
    fake_refuse_each(prepare_baseline, end_baseline);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(failure_is_acknowledged),
        fake_test(half_done_is_kept),
        fake_test(half_done_is_forgotten_by_name),
        fake_test(acknowledged_statement_is_still_known_to_have_begun),
        fake_test(repairs_are_done_together),
        fake_test(baseline_is_passed_over),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}
