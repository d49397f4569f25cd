#include "fake_host.h"

#include <stdio.h>

#include "mig_api.h"

/*
 * Procedures: a commit for each migration; migrations that take several
 * transactions, and go on where they were interrupted; waiting for others.
 */

/* Call a procedure or function with texts; the host keeps its failure. */
static void
call(FakeHost *fake, const char *name, const char *const *texts, size_t count)
{
    MigValue arguments[MIG_MAX_ARGUMENTS];
    MigCall given;

    memset(&given, 0, sizeof(given));
    mig_error_clear(&fake->error);
    given.host = &fake->host;
    given.error = &fake->error;
    given.arguments = arguments;
    given.argument_count = count;
    for (size_t i = 0; i < count; i++)
        arguments[i] = mig_string(texts[i]);
    (void) mig_call(mig_api_find(name), &given);
    mig_call_end(&given);
}

static void
add(FakeHost *fake, const char *version, const char *up, const char *down)
{
    const char *texts[] = {version, up, down};

    call(fake, "migrate_add", texts, 3);
}

static void
deploy(FakeHost *fake)
{
    call(fake, "migrate_deploy", NULL, 0);
}

/* What the statements have done, how many are applied, and nothing is open. */
static void
expect_done(const FakeHost *fake, const char *done, size_t applied)
{
    assert_string_equal(fake->data.done, done);
    assert_int_equal(fake->data.applied.count, applied);
    assert_false(fake->locked);
    assert_false(fake->unit);
    assert_false(fake->broken);
    assert_false(fake->session.running);
}

/* The outcomes of the runs of all migrations, oldest first. */
static void
expect_outcomes(const FakeHost *fake, const char *wanted)
{
    char outcomes[400] = "";
    size_t length = 0;

    for (size_t i = 0; i < fake->data.events.count; i++)
    {
        const MigValue *row = fake->data.events.rows[i];

        if (!mig_bytes_equal(row[4].bytes, mig_bytes("add")))
            length += (size_t) snprintf(
                outcomes + length, sizeof(outcomes) - length, "%.*s ",
                (int) row[7].bytes.length, row[7].bytes.data);
    }
    assert_string_equal(outcomes, wanted);
}

static void
each_migration_has_a_commit(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    add(fake, "1", "a; b", "-a");
    add(fake, "2", "fail", "");
    fake->commits = 0;
    deploy(fake);
    fake_expect(fake, MIG_ENGINE, "migration \"2\" failed at line 1", NULL);
    expect_done(fake, "a;b;", 1);
    assert_int_equal(fake->commits, 2); /* that of the failure's record, too */
    expect_outcomes(fake, "ok failed ");
    add(fake, "2", "c", "");
    deploy(fake);
    fake_expect_ok(fake);
    fake_expect_notice(fake, "1 migration applied; the database is at 2");
    expect_done(fake, "a;b;c;", 2);
}

static void
stages_are_committed_one_by_one(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    add(fake, "1", "a; b; vacuum; c; begin; d; e; commit; f", "");
    fake->commits = 0;
    deploy(fake);
    fake_expect_ok(fake);
    expect_done(fake, "a;b;vacuum;c;d;e;f;", 1);
    /* a b | started | vacuum done | c | d e | f | record */
    expect_outcomes(fake, "done started done done done done ok ");
    assert_int_equal(fake->commits, 7);
}

static void
one_pair_round_all_is_no_stage(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    add(fake, "1", "begin; a; b; commit", "");
    deploy(fake);
    expect_done(fake, "a;b;", 1);
    expect_outcomes(fake, "ok ");
}

static void
session_statements_are_run_again(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    add(fake, "1", "set x; vacuum; set y; a; index; b", "");
    deploy(fake);
    fake_expect_ok(fake);
    expect_done(fake,
                "set x;set x;vacuum;" /* to look, and to run */
                "set x;set y;a;"
                "set x;set y;set x;set y;index;"
                "set x;set y;b;"
                "set x;set y;",
                1);
}

static void
failure_goes_on_behind_what_is_done(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    fake->index_fails = 2;
    add(fake, "1", "a; vacuum; index; b", "");
    deploy(fake);
    fake_expect(fake, MIG_ENGINE, "not unique", NULL);
    assert_non_null(strstr(fake->error.detail, "Statements 1 to 2 of 4 are"));
    assert_true(fake->broken);
    deploy(fake);
    assert_true(fake->broken);
    deploy(fake);
    fake_expect_ok(fake);
    expect_done(fake, "a;vacuum;index;b;", 1);
    expect_outcomes(fake, "done started done started failed started failed "
                          "started done done ok ");
}

static void
what_is_done_must_not_change(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    fake->index_fails = 1;
    add(fake, "1", "a; index; b", "");
    deploy(fake);
    fake->broken = false;
    add(fake, "1", "A; index; b", "");
    deploy(fake);
    fake_expect(fake, MIG_STATE, "was changed after a part of it was run",
                "migrate_stamp('1')");
    expect_done(fake, "a;", 0);
    add(fake, "1", "a; index; c; d", "");
    deploy(fake);
    fake_expect_ok(fake);
    expect_done(fake, "a;index;c;d;", 1);
}

/* What has failed has done nothing, so it may be corrected. */
static void
failed_statement_may_change(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    fake->index_fails = 1;
    add(fake, "1", "a; index; b", "");
    deploy(fake);
    add(fake, "1", "a; vacuum; b", "");
    deploy(fake);
    fake_expect_ok(fake);
    expect_done(fake, "a;vacuum;b;", 1);
}

static void
half_done_ones_are_ended_by_procedures(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    fake->index_fails = 1;
    add(fake, "1", "a; index", "");
    deploy(fake);
    fake->broken = false;
    add(fake, "1", "a; b", "");
    fake->callers = true;
    call(fake, "migrate_apply", NULL, 0);
    fake_expect(fake, MIG_STATE, "a part of migration \"1\" is done already",
                "CALL deploy()");
    fake->callers = false;
    fake->host.methods->abandon(&fake->host);
    deploy(fake);
    fake_expect(fake, MIG_STATE, "was changed after a part of it was run",
                NULL);
    expect_done(fake, "a;", 0);
}

static void
functions_refuse_before_anything(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    fake->callers = true;
    add(fake, "1", "a", "");
    add(fake, "2", "vacuum", "");
    call(fake, "migrate_apply", NULL, 0);
    fake_expect(fake, MIG_UNSUPPORTED, "VACUUM cannot run inside",
                "CALL deploy()");
    assert_string_equal(fake->data.done, "");
    fake->callers = false;
    fake->host.methods->abandon(&fake->host);
}

static void
waiting_too_long_is_tried_again(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    fake->busy = 3;
    add(fake, "1", "a; busy; b", "");
    deploy(fake);
    fake_expect_ok(fake);
    expect_done(fake, "a;busy;b;", 1);
    assert_int_equal(fake->paused_ms, 500 + 1000 + 2000);
    fake_expect_notice(fake, "others hold a lock; blocked by somebody; attempt "
                             "2 of 11 follows in 500 ms");
    expect_outcomes(fake, "failed failed failed ok ");
}

static void
waiting_ends(void **state)
{
    FakeHost *fake = *state;

    fake_procedure(fake);
    fake_set(fake, "lock_retries", "1");
    fake->busy = 9;
    add(fake, "1", "a; busy", "");
    deploy(fake);
    fake_expect(fake, MIG_LOCKED, "others hold a lock", NULL);
    expect_done(fake, "", 0);
    expect_outcomes(fake, "failed failed ");
}

/* Whenever memory runs out, the next call ends what was begun. */
static void
memory_may_be_short(void **state)
{
    bool refused = true;

    (void) state;
    for (size_t refuse = 1; refused; refuse++)
    {
        FakeHost fake;

        fake_begin(&fake);
        fake_procedure(&fake);
        add(&fake, "1", "a; vacuum; index; begin; b; commit; c", "");
        fake.asked = 0;
        fake.refused = false;
        fake.refuse = refuse;
        deploy(&fake);
        refused = fake.refused;
        fake.refuse = 0;
        assert_int_equal(mig_ok(&fake.mig), !refused);
        deploy(&fake);
        fake_expect_ok(&fake);
        expect_done(&fake, "a;vacuum;index;b;c;", 1);
        fake_end(&fake);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(each_migration_has_a_commit),
        fake_test(stages_are_committed_one_by_one),
        fake_test(one_pair_round_all_is_no_stage),
        fake_test(session_statements_are_run_again),
        fake_test(failure_goes_on_behind_what_is_done),
        fake_test(what_is_done_must_not_change),
        fake_test(failed_statement_may_change),
        fake_test(half_done_ones_are_ended_by_procedures),
        fake_test(functions_refuse_before_anything),
        fake_test(waiting_too_long_is_tried_again),
        fake_test(waiting_ends),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("staged", tests, NULL, NULL);
}
