#include "fake_host.h"

#include "mig_setting.h"
#include "mig_slice.h"
#include "mig_write.h"

/* The history: its chain of hashes, and the lock around what is written. */

/* Made by tests/core/history_hash.py, from the form alone. */
#define FIRST_HASH                                                             \
    "a8522c5c7c62c21367a4781c5850501fbc1c8ae3b7e5657a1cc42ca37763ec00"
#define SECOND_HASH                                                            \
    "0ed12efb5a66791961490c76a81eb0188b0f0ddcad4ee82ff09dae0c69204176"
#define CHECKSUM                                                               \
    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

/* Add the two events that the constants belong to. */
static void
add_two(FakeHost *fake)
{
    MigEvent first = {"apply",
                      mig_bytes("0001"),
                      mig_bytes("cr\xC3\xA9"
                                "er"),
                      MIG_OUTCOME_OK,
                      1500,
                      CHECKSUM,
                      NULL,
                      false};
    MigEvent second = {"config", {NULL, 0}, mig_bytes(""), MIG_OUTCOME_FAILED,
                       -1,       NULL,      "why",         false};

    assert_int_equal(mig_event_add(&fake->mig, &first), 1);
    assert_int_equal(mig_event_add(&fake->mig, &second), 2);
}

static void
hashes_are_those_of_the_form(void **state)
{
    FakeHost *fake = *state;
    MigValue(*rows)[FAKE_COLUMNS] = fake->data.events.rows;

    fake_read_settings(fake);
    mig_lock(&fake->mig);
    add_two(fake);
    mig_release(&fake->mig);
    fake_expect_ok(fake);
    assert_int_equal(fake->data.events.count, 2);
    fake_expect_bytes(rows[0][14].bytes, FIRST_HASH);
    assert_int_equal(rows[0][13].type, MIG_NULL);
    fake_expect_bytes(rows[1][14].bytes, SECOND_HASH);
    fake_expect_bytes(rows[1][13].bytes, FIRST_HASH);
}

static void
rows_hold_what_was_given(void **state)
{
    FakeHost *fake = *state;
    MigValue(*rows)[FAKE_COLUMNS] = fake->data.events.rows;

    fake_read_settings(fake);
    mig_lock(&fake->mig);
    add_two(fake);
    mig_release(&fake->mig);
    fake_expect_bytes(rows[0][0].bytes, "default");
    fake_expect_bytes(rows[0][1].bytes, "");
    assert_int_equal(rows[0][2].integer, 1);
    assert_int_equal(rows[0][3].integer, fake->now);
    fake_expect_bytes(rows[0][4].bytes, "apply");
    fake_expect_bytes(rows[0][5].bytes, "0001");
    fake_expect_bytes(rows[0][7].bytes, "ok");
    assert_int_equal(rows[0][8].integer, 1500);
    fake_expect_bytes(rows[0][9].bytes, "alice");
    fake_expect_bytes(rows[0][10].bytes, "test on host");
    assert_int_equal(rows[0][12].type, MIG_NULL);
    assert_int_equal(rows[1][5].type, MIG_NULL);
    fake_expect_bytes(rows[1][7].bytes, "failed");
    assert_int_equal(rows[1][8].type, MIG_NULL);
    assert_int_equal(rows[1][11].type, MIG_NULL);
    fake_expect_bytes(rows[1][12].bytes, "why");
}

/* The chain goes on from what the catalogue holds, in each call. */
static void
chain_goes_on(void **state)
{
    FakeHost *fake = *state;
    MigEvent event = {"load", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,     NULL,      NULL,      false};

    fake_read_settings(fake);
    mig_lock(&fake->mig);
    add_two(fake);
    mig_release(&fake->mig);
    fake_next_call(fake);
    fake_read_settings(fake);
    mig_chain_read(&fake->mig);
    assert_int_equal(fake->mig.chain.seq, 2);
    assert_string_equal(fake->mig.chain.hash, SECOND_HASH);
    /* Another connection writes before the lock is had. */
    fake->others = 1;
    mig_lock(&fake->mig);
    assert_int_equal(mig_event_add(&fake->mig, &event), 4);
    mig_release(&fake->mig);
    fake_expect_ok(fake);
    fake_expect_bytes(fake->data.events.rows[3][13].bytes,
                      "0123456789abcdef0123456789abcdef"
                      "0123456789abcdef0123456789abcdef");
}

/* Each project has a chain of its own. */
static void
projects_are_apart(void **state)
{
    FakeHost *fake = *state;
    MigEvent event = {"load", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,     NULL,      NULL,      false};

    fake_read_settings(fake);
    mig_lock(&fake->mig);
    add_two(fake);
    mig_release(&fake->mig);
    fake_next_call(fake);
    fake_set(fake, "project", "other");
    fake_read_settings(fake);
    mig_lock(&fake->mig);
    assert_int_equal(mig_event_add(&fake->mig, &event), 1);
    mig_release(&fake->mig);
    assert_int_equal(fake->data.events.rows[2][13].type, MIG_NULL);
}

static void
malformed_hash_is_corrupt(void **state)
{
    FakeHost *fake = *state;

    fake_read_settings(fake);
    mig_lock(&fake->mig);
    add_two(fake);
    mig_release(&fake->mig);
    fake->data.events.rows[1][14] = mig_string("short");
    mig_chain_read(&fake->mig);
    fake_expect(fake, MIG_CORRUPT, "event 2 of the history", NULL);
}

static void
nothing_is_added_after_a_failure(void **state)
{
    FakeHost *fake = *state;
    MigEvent event = {"load", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,     NULL,      NULL,      false};

    fake_read_settings(fake);
    (void) mig_fail(&fake->error, MIG_STATE, "before");
    mig_lock(&fake->mig);
    assert_int_equal(mig_event_add(&fake->mig, &event), 0);
    mig_release(&fake->mig);
    assert_false(fake->locked);
    assert_int_equal(fake->data.events.count, 0);
    fake_expect(fake, MIG_STATE, "before", NULL);
}

/* A number after which there is none, or that is no number. */
static void
malformed_number_is_corrupt(void **state)
{
    FakeHost *fake = *state;
    const MigValue numbers[] = {mig_integer(INT64_MAX), mig_integer(0),
                                mig_string("abc")};
    MigEvent event = {"load", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,     NULL,      NULL,      false};

    fake_read_settings(fake);
    mig_lock(&fake->mig);
    add_two(fake);
    mig_release(&fake->mig);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
    {
        fake->data.events.rows[1][2] = numbers[i];
        mig_lock(&fake->mig);
        assert_int_equal(mig_event_add(&fake->mig, &event), 0);
        fake_expect(fake, MIG_CORRUPT, "has no valid number", NULL);
        mig_abandon(&fake->mig);
        mig_error_clear(&fake->error);
    }
    assert_int_equal(fake->data.events.count, 2);
}

static void
failed_insert_is_undone(void **state)
{
    FakeHost *fake = *state;
    MigEvent event = {"load", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,     NULL,      NULL,      false};
    MigMark mark;

    fake_read_settings(fake);
    fake->fail_query = MIG_SQL_EVENT_INSERT;
    mig_write_begin(&fake->mig, "migrate_test", &mark);
    assert_int_equal(mig_event_add(&fake->mig, &event), 0);
    mig_write_end(&fake->mig, &mark);
    fake_expect(fake, MIG_ENGINE, NULL, NULL);
    assert_false(fake->locked);
    assert_false(fake->unit);
}

/* What is put off is written when the lock is given back, and only then. */
static void
queued_rows_wait_for_the_release(void **state)
{
    FakeHost *fake = *state;
    MigQueue queue = {{&fake->host, NULL}, NULL, 0, 0};
    MigEvent third = {"load", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,     NULL,      NULL,      false};
    MigMark mark;

    fake_read_settings(fake);
    fake->mig.queue = &queue;
    mig_lock(&fake->mig);
    add_two(fake);
    assert_int_equal(fake->data.events.count, 0);
    mig_unit_begin(&fake->mig, &mark);
    assert_int_equal(mig_event_add(&fake->mig, &third), 3);
    mig_unit_undo(&fake->mig, &mark);
    assert_int_equal(fake->mig.chain.seq, 2);
    mig_release(&fake->mig);
    fake_expect_ok(fake);
    assert_int_equal(fake->data.events.count, 2);
    fake_expect_bytes(fake->data.events.rows[1][14].bytes, SECOND_HASH);
    mig_lock(&fake->mig);
    assert_int_equal(mig_event_add(&fake->mig, &third), 3);
    mig_abandon(&fake->mig);
    assert_int_equal(fake->data.events.count, 2);
    fake->mig.queue = NULL;
}

static void
add_events(FakeHost *fake)
{
    MigEvent event = {"apply", mig_bytes("1"), mig_bytes("n"), MIG_OUTCOME_OK,
                      1,       CHECKSUM,       NULL,           false};
    MigMark mark;

    mig_settings_read(&fake->mig);
    if (!mig_ok(&fake->mig))
        return;
    mig_write_begin(&fake->mig, "migrate_test", &mark);
    (void) mig_event_add(&fake->mig, &event);
    (void) mig_event_add(&fake->mig, &event);
    mig_write_end(&fake->mig, &mark);
}

/* The same, put off to the release. */
static void
queue_events(FakeHost *fake)
{
    MigQueue queue = {{&fake->host, NULL}, NULL, 0, 0};

    fake->mig.queue = &queue;
    add_events(fake);
    fake->mig.queue = NULL;
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, add_events);
    fake_refuse_each(NULL, queue_events);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(hashes_are_those_of_the_form),
        fake_test(rows_hold_what_was_given),
        fake_test(chain_goes_on),
        fake_test(projects_are_apart),
        fake_test(malformed_hash_is_corrupt),
        fake_test(nothing_is_added_after_a_failure),
        fake_test(malformed_number_is_corrupt),
        fake_test(failed_insert_is_undone),
        fake_test(queued_rows_wait_for_the_release),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
