#include "fake_host.h"

#include "mig_plan.h"
#include "mig_setting.h"
#include "mig_version.h"

/* States, targets, and the steps that lead to a target. */

/* A migration of the catalogue, as short as it can be written. */
typedef struct Row
{
    const char *version;
    const char *requires; /* a line break behind each; NULL: none */
    const char *options;  /* NULL: none */
    int applied;          /* order of application; 0: not */
    bool changed;         /* its text is another than what was applied */
    bool absent;          /* not in the source's last load */
    bool one_way;         /* has no way back */
} Row;

/* Put migrations into the catalogue, in any order. */
static void
put_rows(FakeHost *fake, const Row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        MigBytes version = mig_bytes(rows[i].version);
        bool repeatable = mig_starts_with(version, "R__");
        MigBytes position = repeatable
                                ? mig_repeatable_position(&fake->mig, version)
                                : mig_version_position(&fake->mig, version);
        MigBytes down = mig_bytes(rows[i].one_way ? NULL : "x:0:1:1:\n");
        MigValue loaded[] = {
            mig_string("default"),
            mig_text_value(version),
            mig_text_value(position),
            mig_string("name"),
            mig_string("native"),
            mig_string("default"),
            mig_null(),
            mig_string(rows[i].changed ? "new" : "same"),
            mig_string(rows[i].requires == NULL ? "" : rows[i].requires),
            mig_string(rows[i].options == NULL ? "" : rows[i].options),
            mig_string("x:0:1:1:\n"),
            mig_text_value(down),
            mig_null(),
            mig_integer(1),
            mig_string("alice")};
        MigValue applied[] = {
            mig_string("default"),        mig_string(""),
            mig_text_value(version),      mig_text_value(position),
            mig_string("name"),           mig_null(),
            mig_string("same"),           mig_string("x:0:1:1:\n"),
            mig_text_value(down),         mig_null(),
            mig_integer(rows[i].applied), mig_integer(1000000),
            mig_string("alice"),          mig_integer(1500),
            mig_string("alice")};
        MigValue present[] = {loaded[0], loaded[1],
                              mig_integer(!rows[i].absent)};

        fake_put(fake, MIG_SQL_MIGRATION_UPSERT, loaded, COUNT_OF(loaded));
        fake_put(fake, MIG_SQL_MIGRATION_PRESENT, present, COUNT_OF(present));
        if (rows[i].applied > 0)
            fake_put(fake, MIG_SQL_APPLIED_INSERT, applied, COUNT_OF(applied));
    }
}

/* Begin a call with nothing but these migrations in the catalogue. */
static void
begin_with(FakeHost *fake, const Row *rows, size_t count)
{
    memset(&fake->data, 0, sizeof(fake->data));
    fake->notice_count = 0;
    fake_next_call(fake);
    put_rows(fake, rows, count);
    fake_read_settings(fake);
    fake_expect_ok(fake);
}

typedef void (*PlanFunction)(Mig *mig, MigArena *arena, const MigState *state,
                             const MigTarget *target, MigPlan *plan);

/* The plan towards a target as versions with blanks between. */
static MigBytes
plan_text(FakeHost *fake, PlanFunction function, const char *target_text)
{
    MigText text = {&fake->arena, &fake->error, NULL, 0, 0};
    MigState state;
    MigTarget target;
    MigPlan plan;

    mig_state_read(&fake->mig, &fake->arena, &state);
    mig_target_read(&fake->mig, &state, mig_bytes(target_text),
                    function == mig_plan_apply, &target);
    memset(&plan, 0, sizeof(plan));
    if (mig_ok(&fake->mig))
        function(&fake->mig, &fake->arena, &state, &target, &plan);
    for (size_t i = 0; i < plan.count && mig_ok(&fake->mig); i++)
    {
        mig_text_append_string(&text, i == 0 ? "" : " ");
        mig_text_append(&text, plan.steps[i]->version);
    }
    return mig_text_bytes(&text);
}

/* A plan: what it holds, or how it fails. */
typedef struct PlanCase
{
    const char *target;
    const char *steps; /* NULL: it fails, and then */
    MigStatus status;
    const char *message;
    const char *hint;
} PlanCase;

static void
check_plans(FakeHost *fake, PlanFunction function, const PlanCase *cases,
            size_t count)
{
    size_t wrong = 0;

    for (size_t i = 0; i < count; i++)
    {
        MigBytes steps;

        mig_error_clear(&fake->error);
        steps = plan_text(fake, function, cases[i].target);
        if (cases[i].steps == NULL)
            fake_expect(fake, cases[i].status, cases[i].message, cases[i].hint);
        else if (fake->error.status != MIG_OK ||
                 !mig_bytes_equal(steps, mig_bytes(cases[i].steps)))
        {
            print_error("target %s: \"%.*s\", not \"%s\"; %s\n",
                        cases[i].target, (int) steps.length, steps.data,
                        cases[i].steps, fake->error.message);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* ---- Targets ---- */

static const Row some_rows[] = {
    {.version = "0001", .applied = 1},
    {.version = "0002", .applied = 2},
    {.version = "0003"},
    {.version = "0010"},
    {.version = "0011"},
    {.version = "12.1"},
    {.version = "R__a"},
    {.version = "R__b", .applied = 3},
};

static const PlanCase apply_cases[] = {
    {"head", "0003 0010 0011 12.1 R__a", MIG_OK, NULL, NULL},
    {"+0", "", MIG_OK, NULL, NULL},
    {"+1", "0003", MIG_OK, NULL, NULL},
    {"+02", "0003 0010", MIG_OK, NULL, NULL},
    {"+99", "0003 0010 0011 12.1 R__a", MIG_OK, NULL, NULL},
    {"0003", "0003", MIG_OK, NULL, NULL},
    {"3", "0003", MIG_OK, NULL, NULL},
    {"00000011", "0003 0010 0011", MIG_OK, NULL, NULL},
    {"0002", "", MIG_OK, NULL, NULL},
    {"12.01", "0003 0010 0011 12.1", MIG_OK, NULL, NULL},
    /* Beginnings. */
    {"12", "0003 0010 0011 12.1", MIG_OK, NULL, NULL},
    {"12.", "0003 0010 0011 12.1", MIG_OK, NULL, NULL},
    {"R__a", "0003 0010 0011 12.1 R__a", MIG_OK, NULL, NULL},
    {"001", "", MIG_OK, NULL, NULL},
    {"00", NULL, MIG_INVALID, "target \"00\" is the beginning of 5 versions",
     NULL},
    {"R__", NULL, MIG_INVALID, "is the beginning of 2 versions", NULL},
    /* What is no target. */
    {"", NULL, MIG_UNKNOWN, "there is no migration \"\"",
     "migrate_status() lists"},
    {"4", NULL, MIG_UNKNOWN, "there is no migration \"4\"",
     "migrate_status() lists"},
    {"Head", NULL, MIG_UNKNOWN, "there is no migration \"Head\"", NULL},
    {"0003 ", NULL, MIG_UNKNOWN, "there is no migration \"0003 \"", NULL},
    {"+", NULL, MIG_INVALID, "target \"+\" is no number of steps", NULL},
    {"-", NULL, MIG_INVALID, "target \"-\" is no number of steps", NULL},
    {"+x", NULL, MIG_INVALID, "target \"+x\" is no number of steps", NULL},
    {"+1 ", NULL, MIG_INVALID, "is no number of steps", NULL},
    {"--1", NULL, MIG_INVALID, "is no number of steps", NULL},
    {"+99999999999999999999", NULL, MIG_INVALID, "is no number of steps", NULL},
    {"base", NULL, MIG_INVALID, "target \"base\" lies behind",
     "migrate_rollback()"},
    {"-1", NULL, MIG_INVALID, "target \"-1\" lies behind",
     "migrate_rollback()"},
};

static void
targets_of_apply(void **state)
{
    FakeHost *fake = *state;

    begin_with(fake, some_rows, COUNT_OF(some_rows));
    check_plans(fake, mig_plan_apply, apply_cases, COUNT_OF(apply_cases));
    assert_int_equal(fake->notice_count, 0);
}

static void
long_targets_are_cut_between_characters(void **state)
{
    FakeHost *fake = *state;
    char text[400];

    begin_with(fake, some_rows, COUNT_OF(some_rows));
    for (size_t start = 0; start < 2; start++)
    {
        memset(text, 'x', sizeof(text));
        for (size_t i = start; i + 2 < sizeof(text); i += 2)
            memcpy(text + i, "\xC3\xA9", 2);
        text[start + 300] = '\0';
        mig_error_clear(&fake->error);
        (void) plan_text(fake, mig_plan_apply, text);
        fake_expect(fake, MIG_UNKNOWN, "there is no migration", NULL);
    }
}

/*
 * diesel's versions are ordered as text, so their positions are not those of
 * natural order, and must not be mistaken for them.
 */
static void
numeric_equality_across_formats(void **state)
{
    static const char *const versions[] = {"00001", "00002", "00011"};
    FakeHost *fake = *state;
    MigState read;
    MigTarget target;

    begin_with(fake, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(versions); i++)
    {
        MigValue row[15];
        char position[20] = MIG_POSITION_VERSION;

        for (size_t column = 0; column < COUNT_OF(row); column++)
            row[column] = mig_string("");
        row[0] = mig_string("default");
        row[1] = mig_string(versions[i]);
        memcpy(position + 1, versions[i], strlen(versions[i]) + 1);
        row[2] = mig_string(position);
        fake_put(fake, MIG_SQL_MIGRATION_UPSERT, row, COUNT_OF(row));
    }
    mig_state_read(&fake->mig, &fake->arena, &read);
    mig_target_read(&fake->mig, &read, mig_bytes("1"), true, &target);
    if (fake->error.status == MIG_OK)
        fake_expect_bytes(target.entry->version, "00001");
    mig_error_clear(&fake->error);
    mig_target_read(&fake->mig, &read, mig_bytes("00011"), true, &target);
    fake_expect_ok(fake);
    fake_expect_bytes(target.entry->version, "00011");
}

static void
nothing_without_a_catalogue(void **state)
{
    FakeHost *fake = *state;

    fake->mig.has_catalogue = false;
    fake_read_settings(fake);
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "");
    fake_expect_bytes(plan_text(fake, mig_plan_rollback, "base"), "");
    fake_expect_ok(fake);
    (void) plan_text(fake, mig_plan_apply, "1");
    fake_expect(fake, MIG_UNKNOWN, "there is no migration \"1\"", NULL);
}

/* ---- The state ---- */

static void
state_is_read(void **state)
{
    FakeHost *fake = *state;
    MigState read;
    const MigEntry *entry;

    begin_with(fake, some_rows, COUNT_OF(some_rows));
    mig_state_read(&fake->mig, &fake->arena, &read);
    fake_expect_ok(fake);
    assert_int_equal(read.count, COUNT_OF(some_rows));
    fake_expect_bytes(read.current->version, "0002");
    entry = mig_state_find(&fake->mig, &read, mig_bytes("0002"));
    assert_ptr_equal(entry, &read.entries[1]);
    assert_ptr_equal(mig_state_find(&fake->mig, &read, mig_bytes("2")), entry);
    assert_null(mig_state_find(&fake->mig, &read, mig_bytes("4")));
    assert_true(entry->applied);
    assert_true(entry->has_down);
    assert_true(entry->applied_has_down);
    assert_int_equal(entry->ordinal, 2);
    assert_int_equal(entry->applied_at, 1000000);
    assert_int_equal(entry->duration_us, 1500);
    fake_expect_bytes(entry->applied_by, "alice");
    assert_false(mig_entry_pending(&fake->mig, entry));
    assert_true(mig_entry_pending(&fake->mig, &read.entries[2]));
    assert_true(read.entries[7].repeatable);
    assert_true(mig_state_probe(&fake->mig));
}

/* ---- Requirements ---- */

static const Row chained[] = {
    {.version = "1", .applied = 1},
    {.version = "2", .requires = "4\n"},
    {.version = "3"},
    {.version = "4", .requires = "5\n1\n"},
    {.version = "5"},
    {.version = "6", .requires = "2\n"},
};

static const PlanCase chained_cases[] = {
    {"head", "5 4 2 3 6", MIG_OK, NULL, NULL},
    {"2", "5 4 2", MIG_OK, NULL, NULL},
    {"+1", "5 4 2", MIG_OK, NULL, NULL},
    {"+2", "5 4 2 3", MIG_OK, NULL, NULL},
    {"3", "5 4 2 3", MIG_OK, NULL, NULL},
    {"4", "5 4 2 3", MIG_OK, NULL, NULL},
};

static void
requirements_are_pulled_forward(void **state)
{
    FakeHost *fake = *state;

    begin_with(fake, chained, COUNT_OF(chained));
    check_plans(fake, mig_plan_apply, chained_cases, COUNT_OF(chained_cases));
}

/* What was pulled forward does not make what it was pulled for out of order. */
static void
pulled_forward_is_in_order(void **state)
{
    static const Row rows[] = {
        {.version = "1", .applied = 1},
        {.version = "2", .requires = "5\n"},
        {.version = "3"},
        {.version = "5", .applied = 2},
    };
    static const Row deeper[] = {
        {.version = "1", .requires = "3\n"},
        {.version = "2"},
        {.version = "3", .requires = "4\n", .applied = 2},
        {.version = "4", .applied = 1},
    };
    FakeHost *fake = *state;

    begin_with(fake, rows, COUNT_OF(rows));
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "2 3");
    fake_expect_ok(fake);
    begin_with(fake, deeper, COUNT_OF(deeper));
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "1 2");
    fake_expect_ok(fake);
}

/* Requirements that cannot be had. */
static const struct
{
    Row rows[3];
    const char *message;
} blocked[] = {
    {{{.version = "1", .requires = "9\n"}},
     "migration \"1\" requires \"9\", which is not known"},
    {{{.version = "1", .requires = "2\n"}, {.version = "2", .absent = true}},
     "migration \"1\" requires \"2\", which was withdrawn"},
    {{{.version = "1", .requires = "2\n"},
      {.version = "2", .options = "env:production\n"}},
     "migration \"1\" requires \"2\", which is skipped here"},
    {{{.version = "1", .requires = "2\n"},
      {.version = "2", .requires = "3\n"},
      {.version = "3", .absent = true}},
     "migration \"2\" requires \"3\", which was withdrawn"},
    {{{.version = "1", .requires = "2\n"}, {.version = "2", .requires = "1\n"}},
     "run in a circle"},
    {{{.version = "1", .requires = "1\n"}}, "run in a circle"},
};

static void
unmet_requirements_block(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(blocked); i++)
    {
        size_t count = 0;

        while (count < COUNT_OF(blocked[i].rows) &&
               blocked[i].rows[count].version != NULL)
            count++;
        begin_with(fake, blocked[i].rows, count);
        (void) plan_text(fake, mig_plan_apply, "head");
        fake_expect(fake, MIG_STATE, blocked[i].message, NULL);
    }
}

static void
requirement_is_met_by_what_is_applied(void **state)
{
    static const Row rows[] = {
        {.version = "1", .applied = 1, .absent = true},
        {.version = "2", .requires = "01\n"},
    };
    FakeHost *fake = *state;

    begin_with(fake, rows, COUNT_OF(rows));
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "2");
    fake_expect_ok(fake);
}

/* ---- Order, changes and environments ---- */

static const Row disordered[] = {
    {.version = "1", .applied = 1},
    {.version = "2"},
    {.version = "3", .applied = 2},
    {.version = "4"},
};

static void
order_is_guarded(void **state)
{
    FakeHost *fake = *state;

    begin_with(fake, disordered, COUNT_OF(disordered));
    (void) plan_text(fake, mig_plan_apply, "head");
    fake_expect(fake, MIG_STATE, "migration \"2\" is out of order",
                "migrate_config('out_of_order', 'allow')");
    begin_with(fake, disordered, COUNT_OF(disordered));
    fake_set(fake, "out_of_order", "warn");
    fake_next_call(fake);
    fake_read_settings(fake);
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "2 4");
    fake_expect_ok(fake);
    assert_int_equal(fake->notice_count, 1);
    fake_expect_notice(fake, "migration \"2\" is applied out of order");
    begin_with(fake, disordered, COUNT_OF(disordered));
    fake_set(fake, "out_of_order", "allow");
    fake_next_call(fake);
    fake_read_settings(fake);
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "2 4");
    fake_expect_ok(fake);
    assert_int_equal(fake->notice_count, 0);
}

static const Row changed[] = {
    {.version = "1", .applied = 1, .changed = true},
    {.version = "2"},
};

static void
changes_are_guarded(void **state)
{
    FakeHost *fake = *state;

    begin_with(fake, changed, COUNT_OF(changed));
    (void) plan_text(fake, mig_plan_apply, "head");
    fake_expect(fake, MIG_STATE,
                "migration \"1\" was changed after it was applied",
                "migrate_config('on_changed', 'warn')");
    begin_with(fake, changed, COUNT_OF(changed));
    fake_set(fake, "on_changed", "warn");
    fake_next_call(fake);
    fake_read_settings(fake);
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "2");
    fake_expect_ok(fake);
    fake_expect_notice(fake, "migration \"1\" was changed");
}

/* The words of an env line are whole names. */
static void
environments_are_skipped(void **state)
{
    static const Row rows[] = {
        {.version = "1", .options = "env:production, staging\n"},
        {.version = "2", .options = "env:test\n"},
        {.version = "3", .options = "env:prod\n"},
        {.version = "4"},
    };
    static const struct
    {
        const char *environment;
        const char *steps;
    } cases[] = {
        {"development", "4"}, {"production", "1 4"}, {"staging", "1 4"},
        {"test", "2 4"},      {"prod", "3 4"},       {"stag", "4"},
    };
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        begin_with(fake, rows, COUNT_OF(rows));
        fake_set(fake, "environment", cases[i].environment);
        fake_next_call(fake);
        fake_read_settings(fake);
        fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"),
                          cases[i].steps);
        fake_expect_ok(fake);
    }
}

static void
repeatables_come_last(void **state)
{
    static const Row rows[] = {
        {.version = "R__b"},
        {.version = "R__a", .applied = 1},
        {.version = "R__c", .applied = 2, .changed = true},
        {.version = "R__d", .absent = true},
        {.version = "1"},
        {.version = "a"},
    };
    FakeHost *fake = *state;

    begin_with(fake, rows, COUNT_OF(rows));
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "1 a R__b R__c");
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "a"), "1 a");
    fake_expect_ok(fake);
}

/* What an older release does not know is not for it to apply. */
static void
older_release_applies_nothing_beyond(void **state)
{
    FakeHost *fake = *state;

    begin_with(fake, some_rows, COUNT_OF(some_rows));
    fake->session.older_release = true;
    (void) strcpy(fake->session.ahead_project, "default");
    (void) strcpy(fake->session.ahead_after, "100013");
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"), "0003");
    (void) strcpy(fake->session.ahead_project, "other");
    fake_expect_bytes(plan_text(fake, mig_plan_apply, "head"),
                      "0003 0010 0011 12.1 R__a");
    fake_expect_ok(fake);
}

/* ---- The way back ---- */

static const Row applied_rows[] = {
    {.version = "1", .applied = 4},
    {.version = "2", .applied = 2},
    {.version = "3", .applied = 7, .changed = true},
    {.version = "4", .applied = 5, .absent = true},
    {.version = "5"},
    {.version = "R__a", .applied = 6},
};

static const PlanCase rollback_cases[] = {
    {"base", "3 4 1 2", MIG_OK, NULL, NULL},
    {"-0", "", MIG_OK, NULL, NULL},
    {"-1", "3", MIG_OK, NULL, NULL},
    {"-4", "3 4 1 2", MIG_OK, NULL, NULL},
    {"-5", NULL, MIG_STATE, "there are only 4 migrations to roll back", NULL},
    {"-9223372036854775807", NULL, MIG_STATE, "there are only 4 migrations",
     NULL},
    {"2", "3 4 1", MIG_OK, NULL, NULL},
    {"1", "3 4", MIG_OK, NULL, NULL},
    {"0004", "3", MIG_OK, NULL, NULL},
    {"3", "", MIG_OK, NULL, NULL},
    {"5", NULL, MIG_STATE, "migration \"5\" is not applied", NULL},
    {"6", NULL, MIG_UNKNOWN, "there is no migration \"6\"", NULL},
    {"+1", NULL, MIG_INVALID, "target \"+1\" lies ahead", "migrate_apply()"},
    /* No beginnings here: too much is at stake. */
    {"R__", NULL, MIG_UNKNOWN, "there is no migration \"R__\"", NULL},
};

static void
targets_of_rollback(void **state)
{
    FakeHost *fake = *state;

    begin_with(fake, applied_rows, COUNT_OF(applied_rows));
    check_plans(fake, mig_plan_rollback, rollback_cases,
                COUNT_OF(rollback_cases));
}

static void
irreversible_is_refused(void **state)
{
    static const Row rows[] = {
        {.version = "1", .applied = 1},
        {.version = "2", .applied = 2, .one_way = true},
        {.version = "3", .applied = 3},
    };
    static const PlanCase cases[] = {
        {"-1", "3", MIG_OK, NULL, NULL},
        {"2", "3", MIG_OK, NULL, NULL},
        {"-2", NULL, MIG_STATE,
         "migration \"2\" has no way back: nothing was rolled back",
         "migrate_rollback('2')"},
        {"base", NULL, MIG_STATE, "migration \"2\" has no way back", NULL},
        {"1", NULL, MIG_STATE, "migration \"2\" has no way back", NULL},
    };
    FakeHost *fake = *state;

    begin_with(fake, rows, COUNT_OF(rows));
    check_plans(fake, mig_plan_rollback, cases, COUNT_OF(cases));
}

/* The two plans of a stamp as one: back first. */
static void
plan_stamp(Mig *mig, MigArena *arena, const MigState *state,
           const MigTarget *target, MigPlan *plan)
{
    MigPlan forward;

    mig_plan_stamp(mig, arena, state, target, plan, &forward);
    /* There is room for all entries, and none is in both. */
    for (size_t i = 0; i < forward.count && mig_ok(mig); i++)
        plan->steps[plan->count++] = forward.steps[i];
}

static const PlanCase stamp_cases[] = {
    {"head", "5", MIG_OK, NULL, NULL},
    {"4", "", MIG_OK, NULL, NULL},
    {"5", "5", MIG_OK, NULL, NULL},
    {"2", "4 3", MIG_OK, NULL, NULL},
    {"base", "R__a 4 3 2 1", MIG_OK, NULL, NULL},
    {"9", NULL, MIG_UNKNOWN, "there is no migration \"9\"", NULL},
    {"-1", NULL, MIG_INVALID, "target \"-1\" lies behind", NULL},
};

static void
targets_of_stamp(void **state)
{
    FakeHost *fake = *state;

    begin_with(fake, applied_rows, COUNT_OF(applied_rows));
    check_plans(fake, plan_stamp, stamp_cases, COUNT_OF(stamp_cases));
}

/* ---- Memory ---- */

static void
prepare_rows(FakeHost *fake)
{
    put_rows(fake, chained, COUNT_OF(chained));
    fake_set(fake, "out_of_order", "warn");
    fake_set(fake, "on_changed", "warn");
    fake_set(fake, "environment", "production");
    mig_arena_release(&fake->arena);
}

static void
plan_all(FakeHost *fake)
{
    mig_settings_read(&fake->mig);
    if (!mig_ok(&fake->mig))
        return;
    (void) plan_text(fake, mig_plan_apply, "head");
    (void) plan_text(fake, mig_plan_rollback, "base");
    (void) plan_text(fake, plan_stamp, "head");
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare_rows, plan_all);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(targets_of_apply),
        fake_test(long_targets_are_cut_between_characters),
        fake_test(numeric_equality_across_formats),
        fake_test(nothing_without_a_catalogue),
        fake_test(state_is_read),
        fake_test(requirements_are_pulled_forward),
        fake_test(pulled_forward_is_in_order),
        fake_test(unmet_requirements_block),
        fake_test(requirement_is_met_by_what_is_applied),
        fake_test(order_is_guarded),
        fake_test(changes_are_guarded),
        fake_test(environments_are_skipped),
        fake_test(repeatables_come_last),
        fake_test(older_release_applies_nothing_beyond),
        fake_test(targets_of_rollback),
        fake_test(irreversible_is_refused),
        fake_test(targets_of_stamp),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
