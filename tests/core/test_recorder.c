/* What runs record of the schema, and what becomes of that when others change
 * it, when a step fails, and when memory is short. */

#include <stdio.h>

#include "fake_parts.h"
#include "mig_api.h"
#include "mig_record.h"

/* Call a function with texts for arguments, as many as are not NULL. */
static int64_t
call(FakeHost *fake, const char *name, const char *first, const char *second,
     const char *third)
{
    const char *texts[] = {first, second, third, NULL};

    return fake_call(fake, name, texts, NULL, NULL);
}

static int64_t
apply(FakeHost *fake)
{
    return call(fake, "migrate_apply", NULL, NULL, NULL);
}

static int64_t
rollback(FakeHost *fake)
{
    return call(fake, "migrate_rollback", NULL, NULL, NULL);
}

static int64_t
accept(FakeHost *fake)
{
    return call(fake, "migrate_accept", NULL, NULL, NULL);
}

/* What another hand does. */
static void
by_hand(FakeHost *fake, const char *text)
{
    assert_true(fake_record_run(fake, mig_bytes(text)));
}

static void
add(FakeHost *fake, const char *version, const char *up, const char *down)
{
    assert_int_equal(call(fake, "migrate_add", version, up, down), 1);
}

/* A schema with a table in it, and two migrations. */
static void
prepare(FakeHost *fake)
{
    fake_record(fake);
    by_hand(fake, "make table old - (id)");
    by_hand(fake, "make column old.id old integer");
    add(fake, "1", "make table t - (a); make column t.a t integer",
        "unmake column t.a; unmake table t");
    add(fake, "2", "make table t - (a,b); make column t.b t text",
        "unmake column t.b; make table t - (a)");
}

/* How many events of an action there are. */
static size_t
count_events(const FakeHost *fake, const char *action)
{
    size_t count = 0;

    for (size_t i = 0; i < fake->data.events.count; i++)
        count += mig_bytes_equal(fake->data.events.rows[i][4].bytes,
                                 mig_bytes(action));
    return count;
}

/* Fail the test unless the rows of the record are as many, and have their
 * fingerprint: then nothing is to be accepted. */
static void
expect_whole(FakeHost *fake, size_t objects)
{
    assert_int_equal(fake->data.objects.count, objects + 1);
    assert_int_equal(accept(fake), 0);
    fake_expect_ok(fake);
    assert_int_equal(apply(fake), 0);
    fake_expect_ok(fake);
}

static void
changes_are_recorded(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    assert_int_equal(apply(fake), 2);
    assert_int_equal(count_events(fake, "record"), 1);
    assert_int_equal(count_events(fake, "drift"), 0);
    assert_int_equal(fake->data.deltas.count, 2);
    expect_whole(fake, 5);
    assert_int_equal(rollback(fake), 1);
    assert_int_equal(fake->data.deltas.count, 1);
    assert_int_equal(rollback(fake), 1);
    assert_int_equal(fake->data.deltas.count, 0);
    assert_int_equal(fake->data.objects.count, 3);
    assert_int_equal(accept(fake), 0);
}

/* That nothing was recorded before is what the call mends. */
static void
first_accept_records_and_is_silent(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    assert_int_equal(accept(fake), 0);
    fake_expect_ok(fake);
    assert_int_equal(fake->notice_count, 0);
    assert_int_equal(fake->data.objects.count, 3);
}

static void
drift_is_told_and_stays(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    assert_int_equal(apply(fake), 2);
    by_hand(fake, "make column old.more old text");
    by_hand(fake, "unmake column t.b");
    fake_set(fake, "on_drift", "error");
    add(fake, "3", "make view v - x", "unmake view v");
    assert_int_equal(apply(fake), -1);
    fake_expect(fake, MIG_STATE, "2 objects differ from the recorded schema",
                "migrate_accept()");
    assert_int_equal(count_events(fake, "drift"), 0);
    fake_set(fake, "on_drift", "warn");
    assert_int_equal(apply(fake), 1);
    fake_expect_notice(fake, "column old.more added");
    assert_int_equal(rollback(fake), 1);
    assert_int_equal(count_events(fake, "drift"), 1);
    assert_int_equal(accept(fake), 2);
    assert_int_equal(fake->data.objects.count, 5 + 1);
    assert_int_equal(accept(fake), 0);
}

/* A table that a hand has made stays drift, though a migration alters it. */
static void
what_a_hand_has_made_is_not_taken_over(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    assert_int_equal(apply(fake), 2);
    by_hand(fake, "make table h - (a)");
    by_hand(fake, "make column h.a h integer");
    add(fake, "3", "make table h - (a,b); make column h.b h integer", "x");
    add(fake, "4", "make table h - (a,b,c); make column h.c h integer", "x");
    assert_int_equal(apply(fake), 2);
    assert_int_equal(fake->data.objects.count, 6 + 2);
    assert_int_equal(accept(fake), 1);
    /* Made anew as a whole, it is the migration's. */
    by_hand(fake, "make table g - (a)");
    by_hand(fake, "make column g.a g integer");
    by_hand(fake, "make owner g g somebody");
    add(fake, "5",
        "unmake column g.a; make table g - (b); "
        "make column g.b g integer",
        "x");
    assert_int_equal(apply(fake), 1);
    expect_whole(fake, 9 + 3);
}

/* What differs is taken out of the sum as it was recorded, and only once. */
static void
what_differs_can_change_again(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    assert_int_equal(apply(fake), 2);
    by_hand(fake, "make column t.b t hand");
    by_hand(fake, "unmake column t.a");
    add(fake, "3", "make column t.b t one; make column t.a t one", "x");
    add(fake, "4", "make column t.b t two; unmake column t.a", "x");
    add(fake, "5", "make column t.b t three; make column t.a t three", "x");
    assert_int_equal(apply(fake), 3);
    expect_whole(fake, 5);
}

static void
what_is_forgotten_is_told(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    add(fake, "3", "make view v - x; make view w - x",
        "unmake view v; unmake column old.id; make table t - (c)");
    assert_int_equal(apply(fake), 3);
    fake_set(fake, "on_forgotten", "error");
    assert_int_equal(rollback(fake), -1);
    fake_expect(fake, MIG_STATE, "does not bring back", "on_forgotten");
    assert_string_equal(
        fake->error.detail,
        "column old.id is missing; the way forward had not changed it\n"
        "table t is not as it was before; the way forward had not changed it\n"
        "view w is left behind");
    assert_int_equal(fake->data.deltas.count, 3);
    fake_set(fake, "on_forgotten", "warn");
    assert_int_equal(rollback(fake), 1);
    fake_expect_notice(fake, "view w is left behind");
    assert_int_equal(fake->data.objects.count, 5 + 1);
    assert_int_equal(accept(fake), 0);
}

/* What is undone leaves the record as it was. */
static void
a_step_that_fails_records_nothing(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    add(fake, "3", "make view v - x; fail", "x");
    assert_int_equal(apply(fake), -1);
    fake_expect(fake, MIG_ENGINE, "it fails", NULL);
    assert_int_equal(fake->data.applied.count, 2);
    assert_int_equal(fake->data.objects.count, 6);
    assert_int_equal(accept(fake), 0);
    fake_expect_ok(fake);
}

static void
a_damaged_record_is_refused(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    assert_int_equal(apply(fake), 2);
    fake->data.objects.rows[0][5] = mig_string("another");
    assert_int_equal(rollback(fake), -1);
    fake_expect(fake, MIG_CORRUPT, NULL, "migrate_accept()");
    assert_true(accept(fake) >= 0);
    assert_int_equal(rollback(fake), 1);
    fake->data.objects.count = 0;
    assert_int_equal(apply(fake), -1);
    fake_expect(fake, MIG_CORRUPT, "is gone", "migrate_accept()");
    assert_true(accept(fake) >= 0);
    assert_int_equal(apply(fake), 1);
    assert_int_equal(count_events(fake, "record"), 1);
    expect_whole(fake, 5);
}

/* ---- Another way of writing ---- */

/* As if another version had written the record, in its own way: every text
 * differs, and its list has neither columns nor constraints. */
static void
write_otherwise(FakeHost *fake)
{
    FakeTable *objects = &fake->data.objects;

    for (size_t i = objects->count; i-- > 0;)
    {
        MigValue *row = objects->rows[i];

        if (mig_bytes_equal(row[2].bytes, mig_bytes("column")))
            fake_delete(objects, row);
        else if (!mig_bytes_equal(row[2].bytes, mig_bytes(MIG_RECORD_KIND)))
            row[5] = mig_string("once");
        else
            row[5] = mig_string("older/0:00000000000000000000000000000000"
                                "00000000000000000000000000000000");
    }
}

static void
prepare_upgraded(FakeHost *fake)
{
    prepare(fake);
    (void) apply(fake);
    write_otherwise(fake);
    by_hand(fake, "make table h - (a)");
    by_hand(fake, "make column h.a h text");
    by_hand(fake, "unmake table old");
    by_hand(fake, "unmake column old.id");
    add(fake, "3", "make view v - x", "unmake view v");
}

static void
nobody_has_changed_what_is_written_otherwise(void **state)
{
    FakeHost *fake = *state;

    prepare(fake);
    assert_int_equal(apply(fake), 2);
    write_otherwise(fake);
    fake_set(fake, "on_drift", "error");
    add(fake, "3", "make view v - x", "unmake view v");
    assert_int_equal(apply(fake), 1);
    assert_int_equal(count_events(fake, "rebase"), 1);
    assert_int_equal(count_events(fake, "drift"), 0);
    expect_whole(fake, 6);
}

/* What another hand has added or removed as a whole stays drift. */
static void
a_record_written_anew_keeps_drift(void **state)
{
    FakeHost *fake = *state;

    prepare_upgraded(fake);
    fake_set(fake, "on_drift", "error");
    assert_int_equal(apply(fake), -1);
    fake_expect(fake, MIG_STATE,
                "2 objects differ from the recorded schema: somebody else has "
                "changed it\ntable h added\ntable old removed",
                "migrate_accept()");
    assert_int_equal(count_events(fake, "rebase"), 0);
    fake_set(fake, "on_drift", "warn");
    assert_int_equal(apply(fake), 1);
    fake_expect_notice(fake, "table h added");
    assert_int_equal(count_events(fake, "rebase"), 1);
    assert_int_equal(count_events(fake, "drift"), 1);
    assert_int_equal(rollback(fake), 1);
    assert_int_equal(count_events(fake, "drift"), 1);
    assert_int_equal(accept(fake), 2);
    assert_int_equal(apply(fake), 1);
    expect_whole(fake, 6);
}

/* ---- Memory ---- */

static void
prepare_drifted(FakeHost *fake)
{
    prepare(fake);
    (void) apply(fake);
    by_hand(fake, "make table h - (a)");
    by_hand(fake, "unmake column t.b");
    add(fake, "3", "make table h - (b); make column h.b h text",
        "unmake view v");
}

static void
apply_all(FakeHost *fake)
{
    (void) apply(fake);
}

static void
rollback_one(FakeHost *fake)
{
    (void) rollback(fake);
}

static void
accept_all(FakeHost *fake)
{
    (void) accept(fake);
}

/* Refuse each allocation: a call that fails leaves a record that is whole. */
static void
refuse_each(FakeAttempt prepare_it, FakeAttempt attempt)
{
    FakeHost *fake = malloc(sizeof(FakeHost));
    bool refused = true;

    assert_non_null(fake);
    for (size_t refuse = 1; refused; refuse++)
    {
        fake_begin(fake);
        prepare_it(fake);
        fake_expect_ok(fake);
        fake->asked = 0;
        fake->refuse = refuse;
        attempt(fake);
        refused = fake->refused;
        fake->refuse = 0;
        if (fake->error.status != MIG_OK)
            fake_expect(fake, MIG_NOMEM, "out of memory", NULL);
        assert_true(apply(fake) >= 0);
        fake_expect_ok(fake);
        assert_true(accept(fake) >= 0);
        fake_expect_ok(fake);
        fake_end(fake);
    }
    free(fake);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    refuse_each(prepare, apply_all);
    refuse_each(prepare_drifted, apply_all);
    refuse_each(prepare_drifted, rollback_one);
    refuse_each(prepare_drifted, accept_all);
    refuse_each(prepare_upgraded, apply_all);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(changes_are_recorded),
        fake_test(first_accept_records_and_is_silent),
        fake_test(drift_is_told_and_stays),
        fake_test(what_a_hand_has_made_is_not_taken_over),
        fake_test(what_differs_can_change_again),
        fake_test(what_is_forgotten_is_told),
        fake_test(a_step_that_fails_records_nothing),
        fake_test(a_damaged_record_is_refused),
        fake_test(nobody_has_changed_what_is_written_otherwise),
        fake_test(a_record_written_anew_keeps_drift),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
