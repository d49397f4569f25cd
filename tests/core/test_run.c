#include "fake_host.h"

#include <stdio.h>

#include "mig_api.h"

/*
 * Loading and running, through the table of functions: what is kept, undone and
 * recorded when all goes well, when a step fails, when the engine ends the
 * transaction, when others write meanwhile, and when memory is short.
 */

/* Call a function with texts for arguments, as many as are not NULL. */
static int64_t
call(FakeHost *fake, const char *name, const char *first, const char *second,
     const char *third)
{
    const char *texts[] = {first, second, third, NULL};

    return fake_call(fake, name, texts, NULL, NULL);
}

static int64_t
apply(FakeHost *fake, const char *target)
{
    return call(fake, "migrate_apply", target, NULL, NULL);
}

static int64_t
rollback(FakeHost *fake, const char *target)
{
    return call(fake, "migrate_rollback", target, NULL, NULL);
}

/* Add migrations 1, 2, ... of the given texts; their ways back are "-1", ... */
static void
add_all(FakeHost *fake, const char *const *ups, size_t count)
{
    static const char *const versions[] = {"1", "2", "3", "4", "5"};
    static const char *const downs[] = {"-1", "-2", "-3", "-4", "-5"};

    assert_true(count <= COUNT_OF(versions));
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(
            call(fake, "migrate_add", versions[i], ups[i], downs[i]), 1);
        fake_expect_ok(fake);
    }
    fake->commits = 0;
}

/* What the statements have done, and which versions are recorded. */
static void
expect_done(const FakeHost *fake, const char *done, const char *applied)
{
    char versions[100] = "";
    size_t length = 0;

    for (size_t i = 0; i < fake->data.applied.count; i++)
        length +=
            (size_t) snprintf(versions + length, sizeof(versions) - length,
                              "%s ", fake->data.applied.rows[i][2].bytes.data);
    assert_string_equal(fake->data.done, done);
    assert_string_equal(versions, applied);
    assert_false(fake->locked);
    assert_false(fake->unit);
    assert_false(fake->surrounded);
    assert_false(fake->session.running);
}

/* The newest event. */
static void
expect_event(const FakeHost *fake, const char *action, const char *version,
             const char *outcome)
{
    const MigValue *row;

    assert_true(fake->data.events.count > 0);
    row = fake->data.events.rows[fake->data.events.count - 1];
    assert_int_equal(row[2].integer, fake->data.events.count);
    fake_expect_bytes(row[4].bytes, action);
    fake_expect_bytes(row[5].bytes, version);
    fake_expect_bytes(row[7].bytes, outcome);
}

static const char *const three[] = {"a", "b; bb", "c"};

/* ---- All goes well ---- */

static void
migrations_are_applied_and_undone(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    assert_int_equal(apply(fake, "2"), 2);
    expect_done(fake, "a;b;bb;", "1 2 ");
    assert_int_equal(apply(fake, NULL), 1);
    expect_done(fake, "a;b;bb;c;", "1 2 3 ");
    expect_event(fake, "apply", "3", "ok");
    assert_int_equal(apply(fake, NULL), 0);
    assert_int_equal(rollback(fake, NULL), 1);
    expect_done(fake, "a;b;bb;c;-3;", "1 2 ");
    expect_event(fake, "rollback", "3", "ok");
    assert_int_equal(rollback(fake, "base"), 2);
    expect_done(fake, "a;b;bb;c;-3;-2;-1;", "");
    assert_int_equal(rollback(fake, "base"), 0);
    fake_expect_ok(fake);
    fake_expect_notice(fake, "applied 3");
    fake_expect_notice(fake, "rolled back 1");
}

/* Consecutive migrations share a commit for as long as commit_every says. */
static void
commits_are_shared(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    assert_int_equal(apply(fake, NULL), 3);
    assert_int_equal(fake->commits, 1);
    assert_int_equal(rollback(fake, "base"), 3);
    fake_set(fake, "commit_every", "0");
    fake->commits = 0;
    assert_int_equal(apply(fake, NULL), 3);
    assert_true(fake->commits >= 3);
    assert_int_equal(rollback(fake, "base"), 3);
    fake_set(fake, "commit_every", "50ms");
    fake->tick = 30000;
    fake->commits = 0;
    assert_int_equal(apply(fake, NULL), 3);
    assert_true(fake->commits > 1);
}

static void
looking_does_not_write(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    assert_int_equal(apply(fake, NULL), 3);
    fake->commits = 0;
    assert_int_equal(apply(fake, NULL), 0);
    assert_int_equal(call(fake, "migrate_pending", NULL, NULL, NULL), 0);
    /* The same text again is no change. */
    assert_int_equal(call(fake, "migrate_add", "1", "a", "-1"), 0);
    assert_int_equal(fake->commits, 0);
}

static void
redo_undoes_and_applies(void **state)
{
    FakeHost *fake = *state;

    (void) call(fake, "migrate_redo", NULL, NULL, NULL);
    fake_expect(fake, MIG_STATE, "no migration is applied", NULL);
    add_all(fake, three, COUNT_OF(three));
    assert_int_equal(apply(fake, "2"), 2);
    assert_int_equal(call(fake, "migrate_redo", NULL, NULL, NULL), 1);
    expect_done(fake, "a;b;bb;-2;b;bb;", "1 2 ");
    expect_event(fake, "apply", "2", "ok");
}

static void
stamp_runs_nothing(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    assert_int_equal(call(fake, "migrate_stamp", "2", NULL, NULL), 2);
    expect_done(fake, "", "1 2 ");
    expect_event(fake, "stamp", "2", "ok");
    assert_int_equal(call(fake, "migrate_stamp", "base", NULL, NULL), 2);
    expect_done(fake, "", "");
    assert_int_equal(call(fake, "migrate_stamp", "head", NULL, NULL), 3);
    assert_int_equal(rollback(fake, "-1"), 1);
    expect_done(fake, "-3;", "1 2 ");
}

/* The way back is kept as it was when it was applied. */
static void
expanded_way_back_is_kept(void **state)
{
    FakeHost *fake = *state;

    fake_set(fake, "var.x", "old");
    assert_int_equal(call(fake, "migrate_add", "1", "a ${x}", "b ${x}"), 1);
    assert_int_equal(apply(fake, NULL), 1);
    fake_set(fake, "var.x", "new");
    assert_int_equal(rollback(fake, NULL), 1);
    expect_done(fake, "a old;b old;", "");
}

/* ---- Statements that need care ---- */

static void
brackets_are_passed_over(void **state)
{
    static const char *const ups[] = {"begin; a; commit"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    assert_int_equal(apply(fake, NULL), 1);
    expect_done(fake, "a;", "1 ");
}

static void
what_cannot_run_is_refused_before_anything_of_it(void **state)
{
    static const struct
    {
        const char *up;
        const char *message;
    } cases[] = {
        {"a; b;\nvacuum",
         "migration \"1\" failed at line 2: VACUUM cannot run inside"},
        {"a; rollback", "line 1: ROLLBACK cannot stand in a migration"},
    };
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        (void) call(fake, "migrate_add", "1", cases[i].up, NULL);
        (void) apply(fake, NULL);
        fake_expect(fake, MIG_UNSUPPORTED, cases[i].message, NULL);
        expect_done(fake, "", "");
    }
}

static void
what_is_around_stands_alone(void **state)
{
    static const char *const ups[] = {"a", "pragma; b", "c"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    assert_int_equal(apply(fake, NULL), 3);
    assert_true(fake->commits >= 3);
    expect_done(fake, "a;b;c;", "1 2 3 ");
}

static void
verify_section_must_hold(void **state)
{
    static const char *const ups[] = {
        "a", "-- migrate:up\nb;\n-- migrate:verify\ntrue;\nfalse;\n"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_STATE,
                "migration \"2\" failed at line 5: a check of its verify "
                "section is not true",
                NULL);
    expect_done(fake, "a;", "1 ");
    expect_event(fake, "apply", "2", "failed");
}

/* ---- Failures ---- */

static const char *const failing[] = {"a", "b;\n\n  fail", "c"};

static void
failure_keeps_what_came_before(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, failing, COUNT_OF(failing));
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_ENGINE, "migration \"2\" failed at line 3: it fails",
                NULL);
    assert_int_equal(fake->error.engine_code, 1);
    assert_non_null(strstr(fake->error.detail, "Statement 2 of section up"));
    expect_done(fake, "a;", "1 ");
    expect_event(fake, "apply", "2", "failed");
    fake_expect_notice(fake, "applied 1");
    /* Mended, it goes on. */
    assert_int_equal(call(fake, "migrate_add", "2", "b", "-2"), 1);
    assert_int_equal(apply(fake, NULL), 2);
    expect_done(fake, "a;b;c;", "1 2 3 ");
}

static void
failure_in_a_callers_transaction(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, failing, COUNT_OF(failing));
    fake->callers = true;
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_ENGINE, "migration \"2\" failed at line 3", NULL);
    expect_done(fake, "a;", "1 ");
    expect_event(fake, "apply", "2", "failed");
}

/* The engine throws the group away: its finished steps are run again. */
static void
lost_group_is_run_again(void **state)
{
    static const char *const ups[] = {"a", "b", "c; lose", "d"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_ENGINE, "migration \"3\" failed at line 1: all is",
                NULL);
    expect_done(fake, "a;b;", "1 2 ");
    expect_event(fake, "apply", "3", "failed");
    assert_int_equal(fake->data.events.count, 4 + 2 + 1);
}

/* What fails but once is counted once, and so are those before it. */
static void
lost_group_may_succeed(void **state)
{
    static const char *const ups[] = {"a", "b", "c; lose once", "d"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    assert_int_equal(apply(fake, "+3"), 3);
    fake_expect_ok(fake);
    expect_done(fake, "a;b;c;", "1 2 3 ");
}

static void
lost_transaction_of_the_caller(void **state)
{
    static const char *const ups[] = {"a", "b; lose"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    fake->callers = true;
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_ENGINE, "migration \"2\" failed", "rolled back");
    assert_false(fake->locked);
}

/* A group that cannot be committed: only the one that is the cause is lost. */
static void
spoilt_group_is_run_again(void **state)
{
    static const char *const ups[] = {"a", "b; spoil", "c"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_ENGINE,
                "migration \"2\" failed at its end: cannot commit", NULL);
    expect_done(fake, "a;", "1 ");
    expect_event(fake, "apply", "2", "failed");
    assert_int_equal(fake->data.events.count, 3 + 1 + 1);
}

static void
spoilt_redo_changes_nothing(void **state)
{
    FakeHost *fake = *state;

    assert_int_equal(call(fake, "migrate_add", "1", "a", "-1; spoil"), 1);
    assert_int_equal(apply(fake, NULL), 1);
    (void) call(fake, "migrate_redo", NULL, NULL, NULL);
    fake_expect(fake, MIG_ENGINE, "migration \"1\" failed at its end", NULL);
    expect_done(fake, "a;", "1 ");
    expect_event(fake, "apply", "1", "failed");
}

/* A migration that drops the catalogue's tables. */
static void
catalogue_must_stay(void **state)
{
    static const char *const ups[] = {"a", "drop; b"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_CORRUPT,
                "migration \"2\" failed at its end: the catalogue's tables",
                NULL);
    expect_done(fake, "a;", "1 ");
    expect_event(fake, "apply", "2", "failed");
}

/* Nothing is written, the failure neither, where it would run a trigger. */
static void
catalogue_must_be_ours_alone(void **state)
{
    static const char *const ups[] = {"a"};
    FakeHost *fake = *state;
    size_t events;

    add_all(fake, ups, COUNT_OF(ups));
    events = fake->data.events.count;
    fake->data.hooked = true;
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_CORRUPT,
                "somebody has put trigger \"t\" on table \"migrate_event\"",
                "DROP TRIGGER t");
    expect_done(fake, "", "");
    assert_int_equal(fake->data.events.count, events);
}

/* What was finished when a migration commits by itself is recorded. */
static void
committed_group_is_recorded(void **state)
{
    static const char *const ups[] = {"a", "b; leave; c"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_STATE,
                "migration \"2\" failed at line 1: it is committed", NULL);
    expect_done(fake, "a;b;", "1 ");
    expect_event(fake, "apply", "2", "failed");
    assert_int_equal(fake->data.events.count, 2 + 1 + 1);
}

/* A caller with all rights does not run what he must not trust. */
static void
author_must_be_trusted(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    assert_int_equal(apply(fake, "1"), 1);
    fake->distrusted = "alice";
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_DENIED, "migration \"2\" was brought in by \"alice\"",
                "migrate_show('2')");
    (void) rollback(fake, NULL);
    fake_expect(fake, MIG_DENIED, "migration \"1\" was brought in by \"alice\"",
                NULL);
    (void) call(fake, "migrate_redo", NULL, NULL, NULL);
    fake_expect(fake, MIG_DENIED, "migration \"1\"", NULL);
    (void) call(fake, "migrate_stamp", "head", NULL, NULL);
    fake_expect(fake, MIG_DENIED, "migration \"2\" was brought in", NULL);
    expect_done(fake, "a;", "1 ");
    /* Looking, and forgetting, run nothing. */
    assert_int_equal(call(fake, "migrate_pending", NULL, NULL, NULL), 2);
    assert_int_equal(call(fake, "migrate_stamp", "base", NULL, NULL), 1);
}

static void
interrupt_undoes_the_group(void **state)
{
    static const char *const ups[] = {"a", "b; interrupt", "c"};
    FakeHost *fake = *state;

    add_all(fake, ups, COUNT_OF(ups));
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_INTERRUPTED, "migration \"2\" failed", NULL);
    expect_done(fake, "", "");
    assert_int_equal(fake->data.events.count, 3);
}

static void
failing_way_back_is_undone(void **state)
{
    FakeHost *fake = *state;

    assert_int_equal(call(fake, "migrate_add", "1", "a", "-1; fail; x"), 1);
    assert_int_equal(apply(fake, NULL), 1);
    (void) rollback(fake, NULL);
    fake_expect(fake, MIG_ENGINE, "migration \"1\" failed at line 1", NULL);
    assert_non_null(strstr(fake->error.detail, "section down"));
    expect_done(fake, "a;", "1 ");
    expect_event(fake, "rollback", "1", "failed");
}

static void
failing_redo_changes_nothing(void **state)
{
    FakeHost *fake = *state;

    assert_int_equal(call(fake, "migrate_add", "1", "a", "-1"), 1);
    assert_int_equal(apply(fake, NULL), 1);
    assert_int_equal(call(fake, "migrate_add", "1", "aa; fail", "-1"), 1);
    (void) call(fake, "migrate_redo", NULL, NULL, NULL);
    fake_expect(fake, MIG_ENGINE, "migration \"1\" failed", NULL);
    expect_done(fake, "a;", "1 ");
    expect_event(fake, "apply", "1", "failed");
}

static void
irreversible_is_refused_before_anything(void **state)
{
    FakeHost *fake = *state;

    assert_int_equal(call(fake, "migrate_add", "1", "a", NULL), 1);
    assert_int_equal(call(fake, "migrate_add", "2", "b", "-2"), 1);
    assert_int_equal(apply(fake, NULL), 2);
    (void) rollback(fake, "base");
    fake_expect(fake, MIG_STATE, "migration \"1\" has no way back", NULL);
    expect_done(fake, "a;b;", "1 2 ");
    expect_event(fake, "apply", "2", "ok");
}

static void
read_only_database_is_refused(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    fake->read_only = true;
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_READ_ONLY, "migrate_apply cannot run", NULL);
    expect_done(fake, "", "");
}

static void
migration_may_not_migrate(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    fake->session.running = true;
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_STATE, "a migration cannot call migrate_apply", NULL);
    fake->session.running = false;
    expect_done(fake, "", "");
}

/* Records that cannot be written take their migrations with them. */
static void
failing_record_undoes_its_migration(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    fake->fail_query = MIG_SQL_APPLIED_INSERT;
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_ENGINE, NULL, NULL);
    expect_done(fake, "", "");
}

/* ---- Others ---- */

/* Others write before each lock is had: the plan is made anew. */
static void
others_may_come_in_between(void **state)
{
    FakeHost *fake = *state;

    add_all(fake, three, COUNT_OF(three));
    fake_set(fake, "commit_every", "0");
    fake->others = 3;
    assert_int_equal(apply(fake, "+2"), 2);
    expect_done(fake, "a;b;bb;", "1 2 ");
}

/* ---- Loading ---- */

#define FILE_OF(path, text)                                                    \
    {                                                                          \
        "d/" path, text, 0, MIG_PATH_FILE, false                               \
    }

static const FakeFile release_files[] = {
    {"d", NULL, 0, MIG_PATH_DIRECTORY, false},
    FILE_OF("1_a.sql", "a"),
    FILE_OF("2_b.sql", "b"),
    FILE_OF("3_c.sql", "c"),
};

static const FakeFile changed_files[] = {
    {"d", NULL, 0, MIG_PATH_DIRECTORY, false},
    FILE_OF("1_a.sql", "changed"),
    FILE_OF("3_c.sql", "changed"),
    FILE_OF("4_d.sql", "d"),
};

static int64_t
load(FakeHost *fake, const char *function, const FakeFile *files, size_t count)
{
    fake->files = files;
    fake->file_count = count;
    return call(fake, function, "d", NULL, NULL);
}

static void
directory_is_loaded_once(void **state)
{
    FakeHost *fake = *state;

    assert_int_equal(load(fake, "migrate_load", release_files, 4), 3);
    assert_int_equal(fake->data.migrations.count, 3);
    assert_int_equal(fake->data.texts.count, 3);
    fake->commits = 0;
    assert_int_equal(load(fake, "migrate_load", release_files, 4), 0);
    assert_int_equal(fake->commits, 0);
    assert_int_equal(load(fake, "migrate_up", release_files, 4), 3);
    expect_done(fake, "a;b;c;", "1 2 3 ");
}

/* Nothing vanishes; what is applied keeps the text it was applied with. */
static void
changed_directory_is_loaded(void **state)
{
    FakeHost *fake = *state;

    assert_int_equal(load(fake, "migrate_load", release_files, 4), 3);
    assert_int_equal(apply(fake, "2"), 2);
    assert_int_equal(load(fake, "migrate_load", changed_files, 4), 3);
    assert_int_equal(fake->data.migrations.count, 4);
    (void) apply(fake, NULL);
    fake_expect(fake, MIG_STATE, "migration \"1\" was changed", NULL);
    fake_set(fake, "on_changed", "warn");
    assert_int_equal(apply(fake, NULL), 2);
    expect_done(fake, "a;b;changed;d;", "1 2 3 4 ");
}

/* A directory that ends before what the database knows changes nothing. */
static void
older_release_changes_nothing(void **state)
{
    FakeHost *fake = *state;
    size_t written;

    assert_int_equal(load(fake, "migrate_load", release_files, 4), 3);
    written = fake->data.events.count;
    assert_int_equal(load(fake, "migrate_up", release_files, 3), 0);
    fake_expect_ok(fake);
    assert_int_equal(fake->data.events.count, written);
    expect_done(fake, "", "");
    fake_expect_notice(fake, "older release");
    /* Nor does it apply, later in its session, what is beyond its end. */
    assert_int_equal(apply(fake, NULL), 2);
    expect_done(fake, "a;b;", "1 2 ");
    assert_int_equal(load(fake, "migrate_up", release_files, 4), 1);
}

/* ---- Memory ---- */

static void
prepare_three(FakeHost *fake)
{
    fake_set(fake, "var.x", "1");
    add_all(fake, three, COUNT_OF(three));
    (void) call(fake, "migrate_add", "4", "d ${x}", "-4 ${x}");
}

static void
prepare_applied(FakeHost *fake)
{
    prepare_three(fake);
    (void) apply(fake, NULL);
}

static void
load_all(FakeHost *fake)
{
    (void) load(fake, "migrate_load", release_files, 4);
}

static void
apply_all(FakeHost *fake)
{
    (void) apply(fake, NULL);
}

static void
rollback_all(FakeHost *fake)
{
    (void) rollback(fake, "base");
}

static void
redo_last(FakeHost *fake)
{
    (void) call(fake, "migrate_redo", NULL, NULL, NULL);
}

static void
stamp_all(FakeHost *fake)
{
    (void) call(fake, "migrate_stamp", "head", NULL, NULL);
}

/*
 * A call that asks for memory in vain fails and is undone, or does without and
 * is done wholly: reading ahead may be given up.
 */
static void
refuse_each(FakeAttempt prepare, FakeAttempt attempt)
{
    FakeHost *fake = malloc(sizeof(FakeHost));
    bool refused = true;

    assert_non_null(fake);
    for (size_t refuse = 1; refused; refuse++)
    {
        size_t statements;
        size_t records;

        fake_begin(fake);
        prepare(fake);
        fake_expect_ok(fake);
        statements = strlen(fake->data.done);
        records = fake->data.events.count;
        fake->asked = 0;
        fake->refuse = refuse;
        attempt(fake);
        refused = fake->refused;
        fake->refuse = 0;
        if (fake->error.status != MIG_OK)
        {
            fake_expect(fake, MIG_NOMEM, "out of memory", NULL);
            assert_int_equal(strlen(fake->data.done), statements);
            assert_int_equal(fake->data.events.count, records);
        }
        else
            assert_true(fake->data.events.count > records);
        fake_end(fake);
    }
    free(fake);
}

static void
prepare_nothing(FakeHost *fake)
{
    (void) fake;
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    refuse_each(prepare_nothing, load_all);
    refuse_each(prepare_three, apply_all);
    refuse_each(prepare_three, stamp_all);
    refuse_each(prepare_applied, rollback_all);
    refuse_each(prepare_applied, redo_last);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(migrations_are_applied_and_undone),
        fake_test(commits_are_shared),
        fake_test(looking_does_not_write),
        fake_test(redo_undoes_and_applies),
        fake_test(stamp_runs_nothing),
        fake_test(expanded_way_back_is_kept),
        fake_test(brackets_are_passed_over),
        fake_test(what_cannot_run_is_refused_before_anything_of_it),
        fake_test(what_is_around_stands_alone),
        fake_test(verify_section_must_hold),
        fake_test(failure_keeps_what_came_before),
        fake_test(failure_in_a_callers_transaction),
        fake_test(lost_group_is_run_again),
        fake_test(lost_group_may_succeed),
        fake_test(lost_transaction_of_the_caller),
        fake_test(spoilt_group_is_run_again),
        fake_test(spoilt_redo_changes_nothing),
        fake_test(catalogue_must_stay),
        fake_test(catalogue_must_be_ours_alone),
        fake_test(committed_group_is_recorded),
        fake_test(author_must_be_trusted),
        fake_test(interrupt_undoes_the_group),
        fake_test(failing_way_back_is_undone),
        fake_test(failing_redo_changes_nothing),
        fake_test(irreversible_is_refused_before_anything),
        fake_test(read_only_database_is_refused),
        fake_test(migration_may_not_migrate),
        fake_test(failing_record_undoes_its_migration),
        fake_test(others_may_come_in_between),
        fake_test(directory_is_loaded_once),
        fake_test(changed_directory_is_loaded),
        fake_test(older_release_changes_nothing),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
