#include "fake_host.h"

#include <stdio.h>

#include "mig_adopt_parts.h"
#include "mig_api.h"
#include "mig_time.h"

/*
 * Taking over other tools' histories: which are found, how rows and migrations
 * are matched, what stands in the way, and the locks.
 */

/* What a report says, a line each. */
typedef struct Report
{
    char text[4000];
    size_t length;
} Report;

/* Keep "history row version state problem" of a row, NULL as "-". */
static MigStatus
keep_row(MigCall *call, const MigValue *columns, size_t count)
{
    static const size_t shown[] = {1, 2, 3};
    Report *report = call->emit_context;

    assert_int_equal(count, 8);
    for (size_t i = 0; i < COUNT_OF(shown); i++)
    {
        MigBytes text = columns[shown[i]].bytes;

        assert_int_equal(mig_utf8_check(text), text.length);
        if (text.data == NULL)
            text = mig_bytes("-");
        report->length += (size_t) snprintf(
            report->text + report->length,
            sizeof(report->text) - report->length, "%.*s%s", (int) text.length,
            text.data, i + 1 < COUNT_OF(shown) ? " " : "; ");
        assert_true(report->length < sizeof(report->text));
    }
    return call->error->status;
}

/* Call a function with texts for arguments, as many as are not NULL. */
static int64_t
call(FakeHost *fake, const char *name, const char *const *texts, Report *report)
{
    return fake_call(fake, name, texts, keep_row, report);
}

static int64_t
adopt(FakeHost *fake, const char *tool)
{
    const char *texts[] = {tool, NULL};

    return call(fake, "migrate_adopt", texts, NULL);
}

static void
add(FakeHost *fake, const char *version, const char *name, const char *text)
{
    const char *texts[] = {version, text, "-x", name, NULL};

    assert_int_equal(call(fake, "migrate_add", texts, NULL), 1);
}

/* The same for each of some versions, without a name. */
static void
add_all(FakeHost *fake, const char *versions)
{
    MigBytes version;
    size_t at = 0;

    while (mig_next_word(mig_bytes(versions), &at, " ", &version))
    {
        char text[100];

        (void) snprintf(text, sizeof(text), "%.*s", (int) version.length,
                        version.data);
        add(fake, text, "", "a");
    }
}

/* Fail the test unless the report says this. */
static void
expect_report(FakeHost *fake, const char *tool, const char *expected)
{
    const char *texts[] = {tool, NULL};
    Report report = {"", 0};
    size_t events = fake->data.events.count;

    (void) call(fake, "migrate_adopt_report", texts, &report);
    fake_expect_ok(fake);
    assert_string_equal(report.text, expected);
    assert_int_equal(fake->data.events.count, events);
}

/* Let one table of another tool be there. */
static void
show(FakeHost *fake, const FakeOther *others, size_t count)
{
    fake->other_tables = others;
    fake->other_count = count;
}

/* ---- Times ---- */

static void
times_are_read(void **state)
{
    static const struct
    {
        const char *text;
        int64_t expected; /* -1: none */
    } cases[] = {
        {"1970-01-01 00:00:00", 0},
        {"1970-01-01", 0},
        {"2024-02-29T12:30:45Z", INT64_C(1709209845000000)},
        {"2024-02-29 12:30:45.123456", INT64_C(1709209845123456)},
        {"2024-02-29 12:30:45.1", INT64_C(1709209845100000)},
        {"2024-02-29 12:30:45.123456789+01:00", INT64_C(1709206245123456)},
        {"2024-02-29 12:30:45+0130", INT64_C(1709204445000000)},
        {"2024-02-29 12:30:45-08", INT64_C(1709238645000000)},
        {"2024-02-29 12:30:45.5 +0000 UTC m=+0.1", INT64_C(1709209845500000)},
        {"2024-02-29 12:30", INT64_C(1709209800000000)},
        {"2000-03-01 00:00:00", INT64_C(951868800000000)},
        {"1900-03-01 00:00:00", INT64_C(-2203891200000000)},
        {"1709209845", INT64_C(1709209845000000)},
        {"1709209845123", INT64_C(1709209845123000)},
        {"1709209845123456", INT64_C(1709209845123456)},
        {"1709209845123456789", INT64_C(1709209845123456)},
        {"", -1},
        {"yesterday", -1},
        {"2024-13-01 00:00:00", -1},
        {"2024-00-01 00:00:00", -1},
        {"2024-01-00 00:00:00", -1},
        {"2024-01-01 25:00:00", -1},
        {"2024-01-01 00:60:00", -1},
        {"2024-01-01 00:00:00+x", -1},
        {"2024-01-0", -1},
        {"99999999999999999999", -1},
        {"-5", -1},
    };
    const MigValue day = mig_float(2460370.0213541668);
    int64_t found;

    (void) state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        MigValue value = mig_string(cases[i].text);

        found = -1;
        if (mig_time_read(&value, &found) != (cases[i].expected != -1) ||
            found != cases[i].expected)
            fail_msg("\"%s\" was read as %lld", cases[i].text,
                     (long long) found);
    }
    assert_true(mig_time_read(&day, &found));
    assert_true(found / 1000000 == INT64_C(1709209845));
}

/* ---- The table of tools ---- */

static void
tools_are_in_order_and_complete(void **state)
{
    (void) state;
    for (const MigOtherTool *tool = mig_other_tools; tool->name != NULL; tool++)
    {
        if (tool > mig_other_tools)
            assert_true(strcmp(tool[-1].name, tool->name) < 0);
        assert_int_not_equal(tool->keys[0].kind, MIG_KEY_NONE);
        if (tool->rule == MIG_RULE_NUMBER)
            continue;
        assert_non_null(tool->tables);
        assert_non_null(tool->needs);
        assert_true(tool->judge == NULL || tool->cure != NULL ||
                    tool->judge == mig_judge_goose);
        assert_true((tool->lock == MIG_LOCK_ROW) == (tool->lock_table != NULL));
    }
}

/* A table with just the columns that a tool needs is that tool's, whatever
 * else has columns like these. */
static void
each_tool_is_told_by_its_table(void **state)
{
    FakeHost *fake = *state;
    static const char *const none[] = {NULL};

    add_all(fake, "1");
    for (const MigOtherTool *tool = mig_other_tools; tool->name != NULL; tool++)
    {
        FakeOther other = {"s", NULL, tool->needs, none, false, false, false};
        MigHistories found;
        MigBytes absent = {NULL, 0};
        char name[40];

        if (tool->rule == MIG_RULE_NUMBER || strcmp(tool->name, "rails") == 0)
            continue;
        (void) snprintf(name, sizeof(name), "%.*s",
                        (int) strcspn(tool->tables, " "), tool->tables);
        other.name = name;
        if (tool->schema != NULL)
            other.schema = tool->schema;
        show(fake, &other, 1);
        fake_read_settings(fake);
        mig_adopt_find(&fake->mig, absent, &found);
        fake_expect_ok(fake);
        assert_int_equal(found.count, 1);
        assert_string_equal(found.items[0].tool->name, tool->name);
        fake_next_call(fake);
    }
}

/* ---- Matching ---- */

#define GOOSE "id version_id is_applied tstamp"
#define ALEMBIC "version_num"
#define SQITCH                                                                 \
    "change_id script_hash change project committed_at committer_name "        \
    "planned_at planner_name"
#define FLYWAY                                                                 \
    "installed_rank version description type script checksum installed_by "    \
    "installed_on execution_time success"

static void
original_times_authors_and_order_are_kept(void **state)
{
    FakeHost *fake = *state;
    static const char *const rows[] = {
        "2|1.0|one|SQL|V1__one.sql|~|bob|2024-02-29 12:30:45|7|t",
        "1|01.1|two|SQL|V1_1__two.sql|~|~|~|-1|1",
        "3|~|view|SQL|R__view.sql|~|eve|2024-02-29 12:30:46|3|true",
        "4|~|view|SQL|R__view.sql|~|eve|2024-02-29 12:30:47|3|true", NULL};
    const FakeOther flyway = {
        "public", "flyway_schema_history", FLYWAY, rows, false, false, false};
    MigValue(*applied)[FAKE_COLUMNS] = fake->data.applied.rows;

    add(fake, "1", "one", "a");
    add(fake, "1.1", "two", "b");
    add(fake, "2", "three", "c");
    {
        const char *view[] = {"R__view", "d", NULL};

        assert_int_equal(call(fake, "migrate_add", view, NULL), 1);
    }
    show(fake, &flyway, 1);
    expect_report(fake, NULL,
                  "01.1 1.1 matched; 1.0 1 matched; R__view.sql - ignored; "
                  "R__view.sql R__view matched; - 2 pending; ");
    assert_int_equal(adopt(fake, "flyway"), 3);
    fake_expect_ok(fake);
    assert_string_equal(fake->data.done, "");
    /* Version, ordinal, time, actor, duration; the down text is kept. */
    fake_expect_bytes(applied[0][2].bytes, "1.1");
    assert_int_equal(applied[0][11].integer, fake->now);
    fake_expect_bytes(applied[0][12].bytes, "alice");
    assert_int_equal(applied[0][13].integer, 0);
    fake_expect_bytes(applied[1][2].bytes, "1");
    assert_true(applied[1][10].integer > applied[0][10].integer);
    assert_int_equal(applied[1][11].integer, INT64_C(1709209845000000));
    fake_expect_bytes(applied[1][12].bytes, "bob");
    assert_int_equal(applied[1][13].integer, 7000);
    assert_int_equal(applied[1][8].type, MIG_TEXT);
    assert_int_equal(applied[2][11].integer, INT64_C(1709209847000000));
    assert_int_equal(adopt(fake, "flyway"), 0);
    assert_int_equal(fake->taken_number, INT64_C(77433833903597));
}

static void
heads_stand_for_what_they_require(void **state)
{
    FakeHost *fake = *state;
    static const char *const rows[] = {"c", "d", NULL};
    const FakeOther alembic = {
        "public", "alembic_version", ALEMBIC, rows, false, false, false};

    /* e is above d, which merges b and another branch. */
    add(fake, "a", "", "a");
    add(fake, "b", "", "-- migrate:requires a\n-- migrate:up\nb");
    add(fake, "c", "", "-- migrate:requires a\n-- migrate:up\nc");
    add(fake, "d", "", "-- migrate:requires b, c\n-- migrate:up\nd");
    add(fake, "e", "", "-- migrate:requires d\n-- migrate:up\ne");
    show(fake, &alembic, 1);
    expect_report(fake, NULL,
                  "c a matched; d b matched; c c matched; d d matched; "
                  "- e pending; ");
    assert_int_equal(adopt(fake, NULL), 4);
    fake_expect_ok(fake);
}

static void
reworked_changes_are_matched_one_by_one(void **state)
{
    FakeHost *fake = *state;
    static const char *const rows[] = {"3|x|b|p|2024-01-03 00:00:00|bob|~|~",
                                       "1|x|a|p|2024-01-01 00:00:00|bob|~|~",
                                       "2|x|a|p|2024-01-02 00:00:00|bob|~|~",
                                       NULL};
    static const char *const two[] = {"3|x|b|p|2024-01-03 00:00:00|bob|~|~",
                                      "1|x|a|q|2024-01-01 00:00:00|bob|~|~",
                                      NULL};
    static const char *const mine[] = {
        "3|x|b|default|2024-01-03 00:00:00|bob|~|~",
        "1|x|a|q|2024-01-01 00:00:00|bob|~|~", NULL};
    FakeOther sqitch = {"sqitch", "changes", SQITCH, rows, false, true, false};

    add_all(fake, "a a#2 a#3 b");
    show(fake, &sqitch, 1);
    expect_report(fake, NULL,
                  "a a matched; a a#2 matched; b b matched; "
                  "- a#3 pending; ");
    /* A registry of several projects. */
    sqitch.rows = two;
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_STATE, "is of several projects", "such as \"q\"");
    sqitch.rows = mine;
    assert_int_equal(adopt(fake, NULL), 1);
    fake_expect_ok(fake);
}

static void
one_number_stands_for_all_up_to_it(void **state)
{
    static const struct
    {
        const char *versions;
        int64_t number;
        int64_t expected; /* how many, or -1 */
    } cases[] = {
        {"1 2 3", 2, 2},
        {"1 2 3", 3, 3},
        {"001 002 010", 10, 3},
        {"1 2 3", 4, -1},
        {"1 2 10", 5, -1},
        /* Versions made of dates: it is how many there are. */
        {"20240101 20240102 20240103", 2, 2},
        {"20240101 20240102", 3, -1},
        {"1 2 3", -1, -1},
        {"1 2 3", INT64_MIN, -1},
    };

    (void) state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        FakeHost fake;

        fake_begin(&fake);
        add_all(&fake, cases[i].versions);
        fake.user_version = cases[i].number;
        if (adopt(&fake, NULL) != cases[i].expected)
            fail_msg("case %zu: %s", i, fake.error.message);
        assert_int_equal(fake.data.applied.count,
                         cases[i].expected < 0 ? 0 : cases[i].expected);
        fake_end(&fake);
    }
}

static void
versions_are_compared_as_flyway_does(void **state)
{
    FakeHost *fake = *state;
    static const char *const rows[] = {
        "1|1.0.0|x|SQL|a|~|~|~|0|1",  "2|1_1|x|SQL|b|~|~|~|0|1",
        "3|0.2|x|SQL|c|~|~|~|0|1",    "4|010.00.1|x|SQL|d|~|~|~|0|1",
        "5|2|x|UNDO_SQL|e|~|~|~|0|1", "6|3|x|DELETE|f|~|~|~|0|1",
        "7|~|x|SCHEMA|g|~|~|~|0|1",   NULL};
    const FakeOther flyway = {"public", "own_name", FLYWAY, rows,
                              false,    false,      false};

    add_all(fake, "0.2 1 1.1 2 3 10.0.1");
    show(fake, &flyway, 1);
    expect_report(fake, NULL,
                  "1.0.0 1 matched; 1_1 1.1 matched; 0.2 0.2 matched; "
                  "010.00.1 10.0.1 matched; 2 - undone; 3 - undone; "
                  "g - ignored; - 2 pending; - 3 pending; ");
}

static void
baseline_covers_what_is_below(void **state)
{
    FakeHost *fake = *state;
    static const char *const rows[] = {"1|1.5|base|BASELINE|base|~|bob|~|0|1",
                                       "2|2|x|SQL|b|~|~|~|0|1", NULL};
    const FakeOther flyway = {
        "public", "flyway_schema_history", FLYWAY, rows, false, false, false};

    add_all(fake, "0.2 1 1.50 2 3");
    show(fake, &flyway, 1);
    expect_report(fake, NULL,
                  "1.5 0.2 matched; 1.5 1 matched; 2 2 matched; "
                  "- 1.50 pending; - 3 pending; ");
}

/* ---- What stands in the way ---- */

static void
texts_of_others_are_not_trusted(void **state)
{
    FakeHost *fake = *state;
    static char label[2000];
    static char row[2100];
    static const char *rows[] = {row, NULL};
    FakeOther alembic = {
        "public", "alembic_version", ALEMBIC, rows, false, false, false};

    add_all(fake, "1");
    memset(label, 'x', sizeof(label) - 1);
    (void) snprintf(row, sizeof(row), "%s", label);
    show(fake, &alembic, 1);
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_STATE, "1 row of the history of \"alembic\" matches",
                "on_unmatched");
    (void) snprintf(row, sizeof(row), "a\xC3(\xFFz");
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_STATE, "matches no loaded migration", NULL);
    assert_string_equal(fake->error.detail, "In table public.alembic_version: "
                                            "a.");
    /* Nor is whoever wrote the migrations, where it matters. */
    (void) snprintf(row, sizeof(row), "1");
    fake->distrusted = "alice";
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_DENIED, "was brought in by \"alice\"", NULL);
    assert_int_equal(fake->data.applied.count, 0);
}

static void
changed_texts_are_noticed(void **state)
{
    FakeHost *fake = *state;
    /* CRC-32 of "a" and of "b" are -390611389 and 1908338681. */
    static const char *const rows[] = {
        "1|1|x|SQL|V1__x.sql|-390611389|~|~|0|1",
        "2|2|x|SQL|V2__y.sql|5|~|~|0|1", "3|~|x|SQL|R__z.sql|5|~|~|0|1",
        "4|~|x|SQL|R__w.sql|1908338681|~|~|0|1", NULL};
    static const FakeFile files[] = {
        {"m", NULL, 0, MIG_PATH_DIRECTORY, false},
        {"m/1_x.sql", "a", 0, MIG_PATH_FILE, false},
        {"m/2_y.sql", "b", 0, MIG_PATH_FILE, false},
        {"m/R__w.sql", "b", 0, MIG_PATH_FILE, false},
        {"m/R__z.sql", "b", 0, MIG_PATH_FILE, false}};
    static const char *const load[] = {"m", NULL};
    const FakeOther flyway = {
        "public", "flyway_schema_history", FLYWAY, rows, false, false, false};

    fake->files = files;
    fake->file_count = COUNT_OF(files);
    assert_int_equal(call(fake, "migrate_load", load, NULL), 4);
    show(fake, &flyway, 1);
    expect_report(fake, NULL,
                  "1 1 matched; 2 2 matched; R__z.sql R__z outdated; "
                  "R__w.sql R__w matched; ");
    fake_set(fake, "adopt_strict", "on");
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_STATE,
                "1 migration has another text than the one that \"flyway\" "
                "applied: 2",
                "adopt_strict");
    assert_int_equal(fake->data.applied.count, 0);
    fake_set(fake, "adopt_strict", "off");
    assert_int_equal(adopt(fake, NULL), 3);
    fake_expect_ok(fake);
    fake_expect_notice(fake, "1 migration has another text");
}

static void
unreadable_history_is_an_error(void **state)
{
    FakeHost *fake = *state;
    static const char *const rows[] = {"1", NULL};
    const FakeOther alembic = {
        "s", "alembic_version", ALEMBIC, rows, true, false, false};

    add_all(fake, "1");
    show(fake, &alembic, 1);
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_DENIED,
                "the history of \"alembic\" in table s.alembic_version cannot "
                "be read by you",
                "GRANT SELECT");
}

static void
one_of_several_histories_is_chosen(void **state)
{
    FakeHost *fake = *state;
    static const char *const rows[] = {"1", NULL};
    static const FakeOther others[] = {
        {"s", "alembic_version", ALEMBIC, rows, false, false, false},
        {"t", "own_name", ALEMBIC, rows, false, false, false},
        {"t", "alembic_version", ALEMBIC, rows, false, false, false}};

    add_all(fake, "1");
    show(fake, others, 3);
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_STATE, "several other tools' histories",
                "target_schema");
    /* The name that the tool gives by itself decides. */
    show(fake, others, 2);
    assert_int_equal(adopt(fake, NULL), 1);
    fake_expect_ok(fake);
    /* Attached databases are those of others, but for Sqitch's. */
    {
        FakeOther attached = others[0];

        attached.attached = true;
        show(fake, &attached, 1);
        assert_int_equal(adopt(fake, NULL), -1);
        fake_expect(fake, MIG_UNKNOWN, "no other tool's history", "ATTACH");
    }
}

/* ---- Locks ---- */

static void
each_tool_has_its_own_lock(void **state)
{
    FakeHost *fake = *state;
    static const char *const none[] = {NULL};
    static const struct
    {
        const char *tool;
        const char *schema;
        const char *table;
        int64_t number;
    } cases[] = {
        {"flyway", "public", "flyway_schema_history", INT64_C(77433833903597)},
        {"flyway", "sch\xC3\xB6ne\xF0\x9F\x98\x80", "flyway_schema_history",
         INT64_C(77431944576382)},
        {"golang-migrate", "public", "schema_migrations", INT64_C(3689236698)},
        {"rails", "public", "schema_migrations", INT64_C(5939944341529942170)},
        {"sqlx", "public", "_sqlx_migrations", INT64_C(2969972169318647292)},
        {"goose", "public", "goose_db_version", INT64_C(4097083626)},
        {"atlas", "public", "atlas_schema_revisions", INT64_C(2686470616)},
    };

    add_all(fake, "1");
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        const MigOtherTool *tool = mig_other_tools;
        FakeOther other = {cases[i].schema, cases[i].table, NULL, none,
                           false,           false,          false};

        while (strcmp(tool->name, cases[i].tool) != 0)
            tool++;
        other.columns = tool->needs;
        show(fake, &other, 1);
        fake->others_number = 0;
        assert_int_equal(adopt(fake, cases[i].tool), 0);
        fake_expect_ok(fake);
        assert_int_equal(fake->taken_number, cases[i].number);
        fake->others_number = cases[i].number;
        assert_int_equal(adopt(fake, cases[i].tool), -1);
        fake_expect(fake, MIG_LOCKED, "is migrating this database", "Wait");
    }
}

static void
locks_of_tables_are_looked_at(void **state)
{
    FakeHost *fake = *state;
    static const char *const none[] = {NULL};
    static const char *const free_row[] = {"1|0", NULL};
    static const char *const held_row[] = {"1|1", NULL};
    FakeOther others[] = {
        {"s", "my_knex", "id name batch migration_time", none, false, false,
         false},
        {"s", "my_knex_lock", "index is_locked", free_row, false, false, false},
        {"t", "my_knex_lock", "index is_locked", held_row, false, false,
         false}};
    FakeOther ecto = {
        "s", "schema_migrations", "version inserted_at", none, false, false,
        true};

    add_all(fake, "1");
    show(fake, others, COUNT_OF(others));
    /* Of another name it may be anything of the user's. */
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_STATE, "s.my_knex has the columns of a history of",
                "say so: migrate_adopt('knex')");
    assert_int_equal(adopt(fake, "knex"), 0);
    fake_expect_ok(fake);
    others[1].rows = held_row;
    assert_int_equal(adopt(fake, "knex"), -1);
    fake_expect(fake, MIG_LOCKED, "\"knex\" is migrating", "release the lock");
    others[1].rows = free_row;
    others[1].locked = true;
    assert_int_equal(adopt(fake, "knex"), -1);
    fake_expect(fake, MIG_LOCKED, "\"knex\" is migrating", "Wait");
    show(fake, &ecto, 1);
    assert_int_equal(adopt(fake, NULL), -1);
    fake_expect(fake, MIG_LOCKED, "\"ecto\" is migrating", "Wait");
}

/* ---- Little memory ---- */

static void
prepare_history(FakeHost *fake)
{
    static const char *const rows[] = {
        "1|1|x|SQL|V1__x.sql|5|bob|2024-01-01|0|1",
        "2|2|x|SQL|V2__y.sql|5|bob|2024-01-02|0|1", NULL};
    static const FakeOther flyway = {
        "public", "flyway_schema_history", FLYWAY, rows, false, false, false};

    add_all(fake, "1 2 3");
    show(fake, &flyway, 1);
}

static void
attempt_adoption(FakeHost *fake)
{
    if (adopt(fake, NULL) >= 0)
        assert_int_equal(fake->data.applied.count, 2);
}

static void
attempt_report(FakeHost *fake)
{
    static const char *const none[] = {NULL};
    Report report = {"", 0};

    (void) call(fake, "migrate_adopt_report", none, &report);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare_history, attempt_adoption);
    fake_refuse_each(prepare_history, attempt_report);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(tools_are_in_order_and_complete),
        fake_test(each_tool_is_told_by_its_table),
        fake_test(original_times_authors_and_order_are_kept),
        fake_test(heads_stand_for_what_they_require),
        fake_test(reworked_changes_are_matched_one_by_one),
        cmocka_unit_test(one_number_stands_for_all_up_to_it),
        fake_test(versions_are_compared_as_flyway_does),
        fake_test(baseline_covers_what_is_below),
        fake_test(texts_of_others_are_not_trusted),
        fake_test(changed_texts_are_noticed),
        fake_test(unreadable_history_is_an_error),
        fake_test(one_of_several_histories_is_chosen),
        fake_test(each_tool_has_its_own_lock),
        fake_test(locks_of_tables_are_looked_at),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("adopt", tests, NULL, NULL);
}
