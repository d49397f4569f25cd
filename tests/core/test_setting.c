#include "fake_host.h"

#include "mig_setting.h"
#include "mig_variable.h"

/* Settings and variables. */

/* Store a value as migrate_config(name, value) does; NULL: the default. */
static MigBytes
config_set(FakeHost *fake, const char *name, const char *value)
{
    fake_next_call(fake);
    fake_read_settings(fake);
    return mig_config_set(&fake->mig, mig_bytes(name), mig_bytes(value));
}

static MigBytes
config_get(FakeHost *fake, const char *name)
{
    fake_next_call(fake);
    fake_read_settings(fake);
    return mig_config_get(&fake->mig, mig_bytes(name));
}

static const struct
{
    const char *value;
    int64_t ms; /* -1: refused */
} durations[] = {
    {"0", 0},         {"1", 1},         {"250", 250},
    {"250ms", 250},   {"5s", 5000},     {"10min", 600000},
    {"2h", 7200000},  {"1d", 86400000}, {"5 s", 5000},
    {"007s", 7000},   {"", -1},         {"s", -1},
    {"-1", -1},       {"+1", -1},       {"1.5s", -1},
    {"5S", -1},       {"5 sec", -1},    {"5s5", -1},
    {" 5s", -1},      {"1m", -1},       {"99999999999999999999", -1},
    {"infinity", -1},
};

static void
durations_are_read(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(durations); i++)
    {
        (void) config_set(fake, "wait_timeout", durations[i].value);
        if (durations[i].ms >= 0)
        {
            fake_expect_ok(fake);
            assert_int_equal(mig_setting_ms(&fake->mig, "wait_timeout"),
                             durations[i].ms);
        }
        else
            fake_expect(fake, MIG_INVALID, "setting \"wait_timeout\" cannot be",
                        "250ms, 5s, 10min or 1h");
    }
}

/* The core and the hosts count in microseconds. */
static void
durations_do_not_overflow(void **state)
{
    static const char *const longest[] = {"999999999d", "999999999h",
                                          "999999999min"};
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(longest); i++)
    {
        (void) config_set(fake, "commit_every", longest[i]);
        if (fake->error.status == MIG_OK)
            assert_true(mig_setting_ms(&fake->mig, "commit_every") <=
                        INT64_MAX / 1000);
        else
            fake_expect(fake, MIG_INVALID, NULL, NULL);
    }
}

/* What a setting takes and refuses. */
static const struct
{
    const char *name;
    const char *value;
    MigStatus status;
    const char *message;
    const char *hint;
} values[] = {
    {"out_of_order", "error", MIG_OK, NULL, NULL},
    {"out_of_order", "warn", MIG_OK, NULL, NULL},
    {"out_of_order", "allow", MIG_OK, NULL, NULL},
    {"out_of_order", "Allow", MIG_INVALID,
     "setting \"out_of_order\" cannot be \"Allow\"",
     "It is one of: error warn allow."},
    {"out_of_order", "", MIG_INVALID, "cannot be \"\"", "one of"},
    {"out_of_order", "error warn", MIG_INVALID, "cannot be", "one of"},
    {"on_changed", "warn", MIG_OK, NULL, NULL},
    {"on_changed", "allow", MIG_INVALID, "cannot be \"allow\"",
     "It is one of: error warn."},
    {"environment", "production", MIG_OK, NULL, NULL},
    {"environment", "", MIG_INVALID, "must have 1 to 200 bytes", NULL},
    {"contexts", "", MIG_OK, NULL, NULL},
    {"contexts", "test, dev", MIG_OK, NULL, NULL},
    {"labels", "", MIG_OK, NULL, NULL},
    {"labels", "a and not (b or c)", MIG_OK, NULL, NULL},
    {"labels", "a and (b", MIG_INVALID,
     "the value \"a and (b\" cannot be read as an expression", "Write names"},
    {"labels", "a or and b", MIG_INVALID, "cannot be read", NULL},
    {"project", "", MIG_INVALID, "must have 1 to 200 bytes", NULL},
    {"project", "shop", MIG_OK, NULL, NULL},
    {"source", "app", MIG_OK, NULL, NULL},
    {"Project", "shop", MIG_UNKNOWN, "there is no setting \"Project\"",
     "commit_every, confirm, contexts, environment, "},
    {"projects", "x", MIG_UNKNOWN, "there is no setting \"projects\"",
     "var.<name>"},
    {"", "x", MIG_UNKNOWN, "there is no setting \"\"", NULL},
    {"catalogue_layout", "9", MIG_UNKNOWN,
     "there is no setting \"catalogue_layout\"", NULL},
    {"var.", "x", MIG_UNKNOWN, "there is no setting \"var.\"", NULL},
    {"var.1a", "x", MIG_UNKNOWN, "there is no setting", NULL},
    {"var.a-b", "x", MIG_OK, NULL, NULL},
    {"var.my.schema", "x", MIG_OK, NULL, NULL},
    {"var.-a", "x", MIG_UNKNOWN, "there is no setting", NULL},
    {"var..", "x", MIG_UNKNOWN, "there is no setting", NULL},
    {"var.a:b", "x", MIG_UNKNOWN, "there is no setting", NULL},
    {"var.a b", "x", MIG_UNKNOWN, "there is no setting", NULL},
    {"var.\xC3\xA9", "x", MIG_UNKNOWN, "there is no setting", NULL},
    {"VAR.a", "x", MIG_UNKNOWN, "there is no setting", NULL},
    {"var.a", "x", MIG_OK, NULL, NULL},
    {"var._A9_z", "x", MIG_OK, NULL, NULL},
    {"var.a", "", MIG_OK, NULL, NULL},
    {"var.a", "a\nb", MIG_INVALID, "must be one line", NULL},
    {"var.a", "\n", MIG_INVALID, "must be one line", NULL},
    {"var.a", "a\r\nb", MIG_INVALID, "must be one line", NULL},
};

static void
values_are_checked(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(values); i++)
    {
        size_t written = fake->data.events.count;
        MigBytes value;

        value = config_set(fake, values[i].name, values[i].value);
        fake_expect(fake, values[i].status, values[i].message, values[i].hint);
        assert_int_equal(fake->data.events.count,
                         written + (values[i].status == MIG_OK));
        if (values[i].status == MIG_OK)
            fake_expect_bytes(value, values[i].value);
        assert_false(fake->locked);
        (void) config_set(fake, "project", NULL);
        fake->data.events.count = 0;
    }
}

static void
longest_text_is_kept(void **state)
{
    FakeHost *fake = *state;
    char text[202];

    memset(text, 'x', sizeof(text));
    text[200] = '\0';
    fake_expect_bytes(config_set(fake, "project", text), text);
    fake_expect_ok(fake);
    text[200] = 'x';
    text[201] = '\0';
    (void) config_set(fake, "project", text);
    fake_expect(fake, MIG_INVALID, "must have 1 to 200 bytes", NULL);
}

/* Names and values are shown in part, but in whole characters. */
static void
long_names_are_cut_between_characters(void **state)
{
    FakeHost *fake = *state;
    char text[602];

    for (size_t start = 0; start < 2; start++)
    {
        memset(text, 'x', sizeof(text));
        for (size_t i = start; i + 2 < sizeof(text); i += 2)
            memcpy(text + i, "\xC3\xA9", 2);
        text[start + 600] = '\0';
        (void) config_set(fake, text, "x");
        fake_expect(fake, MIG_UNKNOWN, "there is no setting", NULL);
        (void) config_set(fake, "on_changed", text);
        fake_expect(fake, MIG_INVALID, "cannot be", NULL);
        (void) config_set(fake, "commit_every", text);
        fake_expect(fake, MIG_INVALID, "cannot be", NULL);
    }
}

static void
defaults_are_valid(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < mig_setting_count; i++)
    {
        const MigSettingInfo *info = &mig_settings[i];
        const char *origin;

        if (i > 0)
            assert_true(strcmp(mig_settings[i - 1].name, info->name) < 0);
        fake_expect_bytes(config_get(fake, info->name), info->default_value);
        fake_expect_bytes(mig_setting(&fake->mig, info->name, &origin),
                          info->default_value);
        assert_string_equal(origin, "default");
        (void) config_set(fake, info->name, info->default_value);
        fake_expect_ok(fake);
        (void) mig_setting(&fake->mig, info->name, &origin);
        assert_string_equal(origin, "database");
        (void) config_set(fake, info->name, NULL);
        fake_expect_ok(fake);
        (void) mig_setting(&fake->mig, info->name, &origin);
        assert_string_equal(origin, "default");
        fake->data.events.count = 0;
    }
    assert_null(config_get(fake, "var.unset").data);
    fake_expect_ok(fake);
}

/* Each change is in the history. */
static void
changes_are_recorded(void **state)
{
    FakeHost *fake = *state;
    const MigValue *event = fake->data.events.rows[0];

    (void) config_set(fake, "environment", "staging");
    assert_int_equal(fake->data.events.count, 1);
    fake_expect_bytes(event[4].bytes, "config");
    fake_expect_bytes(event[6].bytes, "environment");
    fake_expect_bytes(event[12].bytes, "value: staging");
    (void) config_set(fake, "environment", NULL);
    assert_int_equal(fake->data.events.count, 2);
    event = fake->data.events.rows[1];
    fake_expect_bytes(event[12].bytes, "back to the default");
    assert_int_equal(fake->data.settings.count, 0);
}

/* A variable may be a password. */
static void
variables_values_are_not_recorded(void **state)
{
    FakeHost *fake = *state;

    (void) config_set(fake, "var.password", "secret");
    assert_int_equal(fake->data.events.count, 1);
    assert_int_equal(fake->data.events.rows[0][12].type, MIG_NULL);
}

/* A line of an event's detail means something. */
static void
values_are_one_line(void **state)
{
    FakeHost *fake = *state;

    (void) config_set(fake, "source", "a\nreason: b");
    fake_expect(fake, MIG_INVALID, "the value of a setting must be one line",
                NULL);
    assert_int_equal(fake->data.events.count, 0);
}

static void
session_comes_first(void **state)
{
    FakeHost *fake = *state;
    const char *origin;

    fake_set(fake, "project", "stored");
    fake->session_name = "project";
    fake->session_value = "session's";
    fake_read_settings(fake);
    fake_expect_bytes(mig_setting(&fake->mig, "project", &origin), "session's");
    assert_string_equal(origin, "session");
    fake_expect_bytes(fake->mig.settings->project, "session's");
}

/* A session's value is not checked when it is set, so when it is read. */
static void
bad_values_of_a_session_are_refused(void **state)
{
    static const struct
    {
        const char *name;
        const char *value;
    } cases[] = {
        {"wait_timeout", "long"}, {"out_of_order", "perhaps"}, {"project", ""}};
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        fake_next_call(fake);
        fake->session_name = cases[i].name;
        fake->session_value = cases[i].value;
        fake_read_settings(fake);
        fake_expect(fake, MIG_INVALID, cases[i].name, NULL);
    }
}

static void
read_only_database_keeps_its_settings(void **state)
{
    FakeHost *fake = *state;

    fake->read_only = true;
    (void) config_set(fake, "project", "x");
    fake_expect(fake, MIG_READ_ONLY, "migrate_config cannot run", NULL);
    assert_int_equal(fake->data.settings.count, 0);
}

static void
failed_write_is_undone(void **state)
{
    FakeHost *fake = *state;

    fake->fail_query = MIG_SQL_EVENT_INSERT;
    (void) config_set(fake, "project", "x");
    fake_expect(fake, MIG_ENGINE, NULL, NULL);
    assert_int_equal(fake->data.settings.count, 0);
    assert_false(fake->locked);
}

static void
migration_may_not_configure(void **state)
{
    FakeHost *fake = *state;

    fake->session.running = true;
    (void) config_set(fake, "project", "x");
    fake->session.running = false;
    fake_expect(fake, MIG_STATE, "a migration cannot call migrate_config",
                NULL);
}

/* ---- Variables ---- */

static const struct
{
    const char *text;
    const char *expanded;
} expansions[] = {
    {"", ""},
    {"plain", "plain"},
    {"${x}", "42"},
    {"a ${x} b ${x}", "a 42 b 42"},
    {"${x}${empty}${x}", "4242"},
    {"${empty}", ""},
    {"${unset}", "${unset}"},
    {"${unset} ${x}", "${unset} 42"},
    {"$x", "$x"},
    {"$ {x}", "$ {x}"},
    {"${ x}", "${ x}"},
    {"${x }", "${x }"},
    {"${x", "${x"},
    {"${}", "${}"},
    {"$", "$"},
    {"${", "${"},
    {"$${x}", "$42"},
    {"${${x}}", "${42}"},
    {"$1 $2 $$ body $$", "$1 $2 $$ body $$"},
    {"${X}", "${X}"},
    {"${nested}", "${x}"},
    {"${var.x}", "${var.x}"},
    {"${project}", "${project}"},
    {"'${quote}'", "'it''s'"},
    {"\xC3\xA9${x}\xC3\xA9", "\xC3\xA9"
                             "42\xC3\xA9"},
};

static void
prepare_variables(FakeHost *fake)
{
    fake_set(fake, "var.x", "42");
    fake_set(fake, "var.empty", "");
    fake_set(fake, "var.nested", "${x}");
    fake_set(fake, "var.quote", "it''s");
    fake_set(fake, "project", "p");
    fake_read_settings(fake);
}

static void
variables_are_expanded_where_set(void **state)
{
    MigExpansion expansion = {.style = mig_bytes(MIG_VARIABLES_NATIVE)};
    FakeHost *fake = *state;

    prepare_variables(fake);
    for (size_t i = 0; i < COUNT_OF(expansions); i++)
        fake_expect_bytes(mig_expand(&fake->mig, &fake->arena,
                                     mig_bytes(expansions[i].text), &expansion),
                          expansions[i].expanded);
    fake_expect_ok(fake);
    /* Who has set them is told once, however many there are. */
    fake_expect_bytes(expansion.authors, "alice\n");
}

static void
text_without_variables_is_itself(void **state)
{
    MigExpansion expansion = {.style = mig_bytes(MIG_VARIABLES_NATIVE)};
    FakeHost *fake = *state;
    MigBytes text = mig_bytes("${unset} $ ${");

    prepare_variables(fake);
    assert_ptr_equal(
        mig_expand(&fake->mig, &fake->arena, text, &expansion).data, text.data);
}

/* A variable that can be set can also be used. */
static void
long_names_of_variables(void **state)
{
    FakeHost *fake = *state;

    for (size_t length = 60; length < 70; length++)
    {
        MigExpansion expansion = {.style = mig_bytes(MIG_VARIABLES_NATIVE)};
        char name[100] = "var.";
        char text[100] = "${";

        memset(name + 4, 'n', length);
        memset(text + 2, 'n', length);
        memcpy(text + 2 + length, "}", 2);
        (void) config_set(fake, name, "v");
        if (fake->error.status == MIG_OK)
            fake_expect_bytes(mig_expand(&fake->mig, &fake->arena,
                                         mig_bytes(text), &expansion),
                              "v");
        else
            fake_expect(fake, MIG_UNKNOWN, "there is no setting", NULL);
        fake->data.events.count = 0;
    }
}

/* ---- Memory ---- */

static void
expand_variables(FakeHost *fake)
{
    MigExpansion expansion = {.style = mig_bytes(MIG_VARIABLES_NATIVE)};

    prepare_variables(fake);
    for (size_t i = 0; i < COUNT_OF(expansions) && mig_ok(&fake->mig); i++)
        (void) mig_expand(&fake->mig, &fake->arena,
                          mig_bytes(expansions[i].text), &expansion);
}

static void
set_and_get(FakeHost *fake)
{
    mig_settings_read(&fake->mig);
    if (mig_ok(&fake->mig))
        (void) mig_config_set(&fake->mig, mig_bytes("var.y"), mig_bytes("1"));
}

static void
get_unknown(FakeHost *fake)
{
    mig_settings_read(&fake->mig);
    if (mig_ok(&fake->mig))
        (void) mig_config_get(&fake->mig, mig_bytes("project"));
}

/* What was changed before memory ran out must be undone, or be all of it. */
static void
set_with_little_memory(void **state)
{
    FakeHost *fake = *state;

    for (size_t refuse = 1; refuse < 10; refuse++)
    {
        fake_next_call(fake);
        fake->asked = 0;
        fake->refuse = refuse;
        set_and_get(fake);
        fake->refuse = 0;
        assert_int_equal(fake->data.settings.count, fake->data.events.count);
        assert_false(fake->locked);
        fake->data.events.count = 0;
        fake->data.settings.count = 0;
    }
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, expand_variables);
    fake_refuse_each(prepare_variables, get_unknown);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(durations_are_read),
        fake_test(durations_do_not_overflow),
        fake_test(values_are_checked),
        fake_test(longest_text_is_kept),
        fake_test(long_names_are_cut_between_characters),
        fake_test(defaults_are_valid),
        fake_test(changes_are_recorded),
        fake_test(variables_values_are_not_recorded),
        fake_test(values_are_one_line),
        fake_test(session_comes_first),
        fake_test(bad_values_of_a_session_are_refused),
        fake_test(read_only_database_keeps_its_settings),
        fake_test(failed_write_is_undone),
        fake_test(migration_may_not_configure),
        fake_test(variables_are_expanded_where_set),
        fake_test(text_without_variables_is_itself),
        fake_test(long_names_of_variables),
        fake_test(set_with_little_memory),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("setting", tests, NULL, NULL);
}
