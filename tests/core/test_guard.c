#include "fake_host.h"

#include <stdio.h>

#include "mig_ahead.h"
#include "mig_api.h"

/*
 * Guards: what a run in a protected environment needs, and what is kept when it
 * is refused.  What both engines show is tested in the conformance suite.
 */

/* ---- An engine that tells what a statement destroys ---- */

/*
 * A MigHostMethods.destroys: "wipe" destroys rows, "empty" those that "fill"
 * has brought, and whether "maybe" does is known only once it runs.
 */
static MigStatus
tell_loss(MigHost *host, const MigStatement *statement, MigLoss *loss,
          MigError *error)
{
    const FakeHost *fake = (const FakeHost *) host;
    bool maybe = mig_bytes_equal(statement->text, mig_bytes("maybe"));

    memset(loss, 0, sizeof(*loss));
    if (mig_bytes_equal(statement->text, mig_bytes("wipe")) || maybe ||
        (mig_bytes_equal(statement->text, mig_bytes("empty")) &&
         strstr(fake->data.done, "fill;") != NULL))
    {
        memcpy(loss->text, "empties it", sizeof("empties it"));
        loss->certain = !maybe || fake->unit;
    }
    return error->status;
}

static bool
make_restore_point(MigHost *host, MigBytes label, char *text, size_t size)
{
    (void) host;
    assert_true(label.length > 0);
    assert_true(size > sizeof("here"));
    memcpy(text, "here", sizeof("here"));
    return true;
}

/* A MigHostMethods.inspect, which finds something wrong. */
static MigStatus
find_error(MigHost *host, const MigInspection *inspection,
           MigFindingFunction finding, void *context, MigError *error)
{
    MigFinding found = {"disk", MIG_FINDING_ERROR, "it is full", "Empty it."};

    (void) host;
    (void) inspection;
    return finding(context, &found, error);
}

/* ---- Calls ---- */

static MigStatus
take_row(MigCall *call, const MigValue *columns, size_t count)
{
    (void) columns;
    (void) count;
    return call->error->status;
}

/* As fake_call(). */
static int64_t
call(FakeHost *fake, const char *name, const char *const *texts)
{
    return fake_call(fake, name, texts, take_row, NULL);
}

static int64_t
call_with(FakeHost *fake, const char *name, const char *text)
{
    const char *texts[] = {text, NULL};

    return call(fake, name, texts);
}

static void
add(FakeHost *fake, const char *version, const char *up, const char *down)
{
    const char *texts[] = {version, up, down, NULL};

    assert_true(call(fake, "migrate_add", texts) >= 0);
}

static void
config(FakeHost *fake, const char *name, const char *value)
{
    const char *texts[] = {name, value, NULL};

    (void) call(fake, "migrate_config", texts);
}

static void
confirm(FakeHost *fake)
{
    config(fake, "confirm", "app.db");
    fake_expect_ok(fake);
}

/* Whether the confirmation is there. */
static bool
is_confirmed(const FakeHost *fake)
{
    for (size_t i = 0; i < fake->data.settings.count; i++)
    {
        if (mig_bytes_equal(fake->data.settings.rows[i][0].bytes,
                            mig_bytes("confirm")))
            return true;
    }
    return false;
}

static MigBytes
name_database(MigHost *host)
{
    (void) host;
    return mig_bytes("app.db");
}

/* A MigHostMethods.leads: what begins with "t" is there. */
static bool
leads_to_t(MigHost *host, MigBytes name)
{
    (void) host;
    return mig_starts_with(name, "t");
}

/* Make the host one that can tell, with a protected environment. */
static void
protect(FakeHost *fake)
{
    static MigHostMethods methods;

    methods = *fake->host.methods;
    methods.destroys = tell_loss;
    methods.leads = leads_to_t;
    methods.restore_point = make_restore_point;
    methods.inspect = find_error;
    methods.database_name = name_database;
    fake->host.methods = &methods;
    config(fake, "environment", "production");
    fake_expect_ok(fake);
}

/* ---- Tests ---- */

static void
refused_before_the_first_step(void **state)
{
    FakeHost *fake = *state;
    size_t events;

    protect(fake);
    add(fake, "1", "a", "");
    add(fake, "2", "b; wipe", "");
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    fake_expect(fake, MIG_STATE, "needs a confirmation", "'app.db'");
    confirm(fake);
    events = fake->data.events.count;
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    fake_expect(fake, MIG_STATE, "migration \"2\" is refused at line 1: it ",
                "the confirmation is kept");
    assert_string_equal(fake->data.done, "");
    assert_true(is_confirmed(fake));
    assert_int_equal(fake->data.events.count, events);
    assert_int_equal(call_with(fake, "migrate_apply", "1"), 1);
    assert_false(is_confirmed(fake));
}

static void
seen_when_its_turn_comes(void **state)
{
    FakeHost *fake = *state;

    protect(fake);
    add(fake, "1", "fill", "");
    add(fake, "2", "empty", "");
    confirm(fake);
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    fake_expect(fake, MIG_STATE, "migration \"2\" failed at line 1: it ",
                "confirm the run anew");
    assert_string_equal(fake->data.done, "fill;");
    assert_false(is_confirmed(fake));
}

static void
what_is_not_certain_waits_for_its_turn(void **state)
{
    FakeHost *fake = *state;

    protect(fake);
    add(fake, "1", "a", "");
    add(fake, "2", "maybe", "");
    confirm(fake);
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    fake_expect(fake, MIG_STATE, "migration \"2\" failed at line 1: it ", NULL);
    assert_string_equal(fake->data.done, "a;");
}

static void
a_text_that_cannot_be_read_waits_for_its_turn(void **state)
{
    FakeHost *fake = *state;

    protect(fake);
    add(fake, "1", "a", "");
    add(fake, "2", "b ${absent}", "");
    confirm(fake);
    (void) call_with(fake, "migrate_apply", NULL);
    assert_true(strstr(fake->data.done, "a;") == fake->data.done);
    assert_false(is_confirmed(fake));
}

static void
way_back_is_held_to_the_same(void **state)
{
    FakeHost *fake = *state;

    protect(fake);
    add(fake, "1", "a", "wipe");
    add(fake, "2", "b", "-b");
    confirm(fake);
    assert_int_equal(call_with(fake, "migrate_apply", NULL), 2);
    confirm(fake);
    assert_int_equal(call_with(fake, "migrate_rollback", "base"), -1);
    fake_expect(fake, MIG_STATE, "migration \"1\" is refused at line 1: it ",
                "the confirmation is kept");
    assert_string_equal(fake->data.done, "a;b;");
    assert_true(is_confirmed(fake));
    add(fake, "1", "-- migrate:destructive\na", "wipe");
    assert_int_equal(call_with(fake, "migrate_rollback", "base"), 2);
    assert_string_equal(fake->data.done, "a;b;-b;wipe;");
}

static void
findings_stop_a_run_where_they_are_to(void **state)
{
    FakeHost *fake = *state;

    protect(fake);
    add(fake, "1", "a", "");
    config(fake, "preflight", "error");
    confirm(fake);
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    fake_expect(fake, MIG_STATE, "disk: it is full", "Empty it.");
    assert_true(is_confirmed(fake));
    config(fake, "preflight", "warn");
    assert_int_equal(call_with(fake, "migrate_apply", NULL), 1);
    fake_expect_notice(fake, "disk: it is full");
    fake_expect_notice(fake, "restore point here");
}

static void
backups_grow_old(void **state)
{
    FakeHost *fake = *state;

    protect(fake);
    add(fake, "1", "a", "");
    config(fake, "require_backup", "2");
    confirm(fake);
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    fake_expect(fake, MIG_STATE, "there is no backup of the last 2 hours",
                "migrate_record_backup()");
    assert_true(call_with(fake, "migrate_record_backup", "nightly") > 0);
    fake->now += INT64_C(2) * 3600 * 1000000;
    fake->now += 1;
    assert_int_equal(call_with(fake, "migrate_apply", NULL), -1);
    fake_expect(fake, MIG_STATE, "there is no backup", NULL);
    assert_true(is_confirmed(fake));
    fake->now -= 1;
    assert_int_equal(call_with(fake, "migrate_apply", NULL), 1);
}

static void
names_that_only_sound_protected(void **state)
{
    FakeHost *fake = *state;

    config(fake, "environment", "prod-eu");
    fake_expect_ok(fake);
    fake_expect_notice(fake, "environment \"prod-eu\" is not one of "
                             "protected_environments");
    fake_expect_notice(fake, "'production, prod-eu'");
}

/* ---- Names with another meaning by then ---- */

/* What a statement with these names is, behind which a text follows. */
typedef struct Doubt
{
    const char *moved;
    const char *text;
    bool doubted; /* where the name is renamed or dropped */
    bool hidden;  /* where something is made under it */
} Doubt;

static const Doubt doubts[] = {
    {"t", "DELETE FROM t", true, true},
    {"T", "DELETE FROM t", true, false},
    {"t", "DELETE FROM T;", true, true},
    {"t", "t", true, true},
    {"t", "x.\"t\"/* */", true, true},
    {"t", "", false, false},
    {"t", "DELETE FROM tt", false, false},
    {"t", "DELETE FROM t1", false, false},
    {"t", "DELETE FROM t$", false, false},
    {"t", "DELETE FROM _t", false, false},
    {"t", "DELETE FROM \xc3\xa4t", false, false},
    {"tt", "DELETE FROM t", false, false},
    {"u", "DELETE FROM u", true, false},
    {"t u", "DELETE FROM \"T U\"", true, true},
    {"t\"u", "DELETE FROM \"t\"\"u\"", true, true},
    {" t", "DELETE FROM \" t\"", true, false},
    {"%", "DELETE FROM \"%\"", true, false},
    {"", "DELETE FROM x", false, false},
    /* PostgreSQL gives 63 bytes of what is longer. */
    {"t23456789012345678901234567890123456789012345678901234567890123",
     "DELETE FROM "
     "t23456789012345678901234567890123456789012345678901234567890123456",
     true, true},
};

/* Whether a text is in doubt behind a statement. */
static bool
is_doubted(Mig *mig, const char *name, const char *text, bool makes)
{
    MigBytes moved = mig_bytes(name);
    MigStatement statement = {
        .moved = &moved, .moved_count = 1, .makes = makes};
    MigStatement next = {.text = mig_bytes(text)};
    MigAhead ahead;

    memset(&ahead, 0, sizeof(ahead));
    mig_ahead_enter(&ahead);
    assert_false(mig_ahead_doubts(&ahead, &next));
    mig_ahead_pass(mig, &ahead, &statement);
    assert_true(mig_ok(mig));
    return mig_ahead_doubts(&ahead, &next);
}

static void
names_that_have_moved_are_words_of_the_text(void **state)
{
    FakeHost *fake = *state;
    MigArena arena = {&fake->host, NULL};
    Mig mig = {.host = &fake->host, .arena = &arena, .error = &fake->error};

    protect(fake);
    for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++)
    {
        const Doubt *doubt = &doubts[i];

        if (is_doubted(&mig, doubt->moved, doubt->text, false) !=
                doubt->doubted ||
            is_doubted(&mig, doubt->moved, doubt->text, true) != doubt->hidden)
            fail_msg("\"%s\" in \"%s\"", doubt->moved, doubt->text);
    }
    mig_arena_release(&arena);
}

/* However many there are, they alone are in doubt. */
static void
many_names_may_have_moved(void **state)
{
    FakeHost *fake = *state;
    MigArena arena = {&fake->host, NULL};
    Mig mig = {.host = &fake->host, .arena = &arena, .error = &fake->error};
    MigStatement last = {.text = mig_bytes("DELETE FROM t19999")};
    MigStatement other = {.text = mig_bytes("DELETE FROM t20000")};
    MigAhead ahead;

    protect(fake);
    memset(&ahead, 0, sizeof(ahead));
    for (int i = 0; i < 20000; i++)
    {
        char name[20];
        MigBytes moved = {name,
                          (size_t) snprintf(name, sizeof(name), "t%d", i)};
        MigStatement statement = {.moved = &moved, .moved_count = 1};

        mig_ahead_pass(&mig, &ahead, &statement);
    }
    assert_true(mig_ok(&mig));
    assert_true(mig_ahead_doubts(&ahead, &last));
    assert_false(mig_ahead_doubts(&ahead, &other));
    mig_arena_release(&arena);
}

/* ---- Little memory ---- */

/* One migration alone: what is opened ahead of its turn may lack memory. */
static void
prepare_pending(FakeHost *fake)
{
    protect(fake);
    add(fake, "1", "a; empty; maybe not", "-a; empty");
    confirm(fake);
}

static void
prepare_applied(FakeHost *fake)
{
    prepare_pending(fake);
    (void) call_with(fake, "migrate_apply", NULL);
    confirm(fake);
}

static void
prepare_unconfirmed(FakeHost *fake)
{
    protect(fake);
    add(fake, "1", "wipe; rollback", "");
    config(fake, "require_backup", "1");
}

static void
apply_all(FakeHost *fake)
{
    (void) call_with(fake, "migrate_apply", NULL);
}

static void
roll_back_all(FakeHost *fake)
{
    (void) call_with(fake, "migrate_rollback", "base");
}

static void
redo_last(FakeHost *fake)
{
    (void) call_with(fake, "migrate_redo", NULL);
}

static void
look_before(FakeHost *fake)
{
    (void) call_with(fake, "migrate_preflight", NULL);
}

static void
look_at_the_plan(FakeHost *fake)
{
    (void) call_with(fake, "migrate_plan", NULL);
}

static void
record_backup(FakeHost *fake)
{
    (void) call_with(fake, "migrate_record_backup", "nightly");
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare_pending, apply_all);
    fake_refuse_each(prepare_applied, roll_back_all);
    fake_refuse_each(prepare_applied, redo_last);
    fake_refuse_each(prepare_pending, look_before);
    fake_refuse_each(prepare_unconfirmed, look_before);
    fake_refuse_each(prepare_unconfirmed, look_at_the_plan);
    fake_refuse_each(prepare_pending, record_backup);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(refused_before_the_first_step),
        fake_test(seen_when_its_turn_comes),
        fake_test(what_is_not_certain_waits_for_its_turn),
        fake_test(a_text_that_cannot_be_read_waits_for_its_turn),
        fake_test(way_back_is_held_to_the_same),
        fake_test(findings_stop_a_run_where_they_are_to),
        fake_test(backups_grow_old),
        fake_test(names_that_only_sound_protected),
        fake_test(names_that_have_moved_are_words_of_the_text),
        fake_test(many_names_may_have_moved),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("guards", tests, NULL, NULL);
}
