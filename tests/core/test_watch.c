#include "fake_host.h"

#include "mig_watch.h"

/*
 * The setting "watch", which holds in the database where it was made.  What
 * event triggers record is tried on PostgreSQL.
 */

static const struct
{
    const char *stored;
    const char *place; /* NULL: the engine does not tell */
    const char *value;
    bool here;
} cases[] = {
    {"off", "1/2", "off", true},
    {"log", NULL, "log", true},
    {"log 1/2", "1/2", "log", true},
    {"log 1/2", "1/22", "log", false},
    {"log 1/22", "1/2", "log", false},
    {"block 3/2", "1/2", "block", false},
    {"log 1/2", NULL, "log", false},
    {"log ", "1/2", "log", false},
    {"log 1/2 1/2", "1/2", "log", false},
    {"", "1/2", "", true},
    {" 1/2", "1/2", "", true},
};

static void
stored_value_is_parted(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        MigBytes value;

        assert_int_equal(mig_watch_is_here(mig_bytes(cases[i].stored),
                                           mig_bytes(cases[i].place), &value),
                         cases[i].here);
        fake_expect_bytes(value, cases[i].value);
    }
}

static void
copies_start_with_the_default(void **state)
{
    FakeHost *fake = *state;
    const char *origin;

    fake_set(fake, "watch", "block 1/2");
    fake_read_settings(fake);
    fake_expect_bytes(mig_setting(&fake->mig, "watch", &origin), "off");
    assert_string_equal(origin, "another database");
    fake_set(fake, "watch", "block");
    fake_read_settings(fake);
    fake_expect_bytes(mig_setting(&fake->mig, "watch", &origin), "block");
    assert_string_equal(origin, "database");
}

/* A safeguard that does nothing must not be accepted. */
static void
engines_without_it_refuse_it(void **state)
{
    FakeHost *fake = *state;

    fake_read_settings(fake);
    (void) mig_config_set(&fake->mig, mig_bytes("watch"), mig_bytes("log"));
    fake_expect(fake, MIG_UNSUPPORTED, "setting \"watch\" cannot be \"log\"",
                NULL);
    assert_int_equal(fake->data.settings.count, 0);
    assert_int_equal(fake->data.events.count, 0);
    assert_false(fake->locked);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_value_is_parted),
        fake_test(copies_start_with_the_default),
        fake_test(engines_without_it_refuse_it),
    };

    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
