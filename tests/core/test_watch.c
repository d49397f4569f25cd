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

/* Sorted by stem, then object. */
static MigHand hands_of_test[] = {
    {{"default privileges", 18}, {"default privileges", 18}, 3, {"def", 3}},
    {{"s.f(integer)", 12}, {"s.f", 3}, 5, {"int", 3}},
    {{"s.f(text)", 9}, {"s.f", 3}, 7, {"text", 4}},
    {{"s.i", 3}, {"s.i", 3}, 4, {"index", 5}},
    {{"s.o USING btree", 15}, {"s.o", 3}, 4, {"family", 6}},
    {{"s.t", 3}, {"s.t", 3}, 8, {"table", 5}},
    {{"s.t.c", 5}, {"s.t.c", 5}, 6, {"comment", 7}},
};

static const struct
{
    const char *kind;
    const char *object;
    const char *table; /* or NULL */
    const char *actor; /* or NULL */
} finds[] = {
    {"table", "s.t", NULL, "table"},
    {"table", "s.tt", NULL, NULL},
    {"table", "s", NULL, NULL},
    {"index", "s.i", "s.t", "index"},
    {"index", "s.j", "s.t", "table"},
    {"index", "s.j", "s.u", NULL},
    {"column", "s.t.c", "s.t", "table"},
    {"trigger", "s.t.c", "s.t", "comment"},
    {"function", "s.f(integer)", NULL, "int"},
    {"function", "s.f(text)", NULL, "text"},
    {"function", "s.f(a date)", NULL, "text"},
    {"operator class", "s.o USING hash", NULL, "family"},
    {"comment", "table s.t", "s.t", "table"},
    {"comment", "table column s.t.c", "s.t", "comment"},
    {"privileges", "function s.f(text)", NULL, "text"},
    {"privileges", "function s.g(text)", NULL, NULL},
    {"owner", "a b c d e f g h s.t", NULL, NULL},
    {"owner", "table", NULL, NULL},
    {"owner", " ", NULL, NULL},
    {"view", "table s.t", NULL, NULL},
    {"default privileges", "FOR ROLE r", NULL, "def"},
    {"table", "", NULL, NULL},
};

static void
differences_find_their_hand(void **state)
{
    MigHands hands = {NULL, hands_of_test, COUNT_OF(hands_of_test), 0};
    MigHands none = {NULL, NULL, 0, 0};

    (void) state;
    for (size_t i = 0; i < COUNT_OF(finds); i++)
    {
        MigDifference difference = {mig_bytes(finds[i].kind),
                                    mig_bytes(finds[i].object),
                                    MIG_DIFFERENCE_EXTRA,
                                    {NULL, 0},
                                    {NULL, 0},
                                    mig_bytes(finds[i].table)};
        const MigHand *hand = mig_hands_find(&hands, &difference);

        assert_int_equal(hand == NULL, finds[i].actor == NULL);
        if (hand != NULL)
            fake_expect_bytes(hand->actor, finds[i].actor);
        assert_null(mig_hands_find(&none, &difference));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_value_is_parted),
        cmocka_unit_test(differences_find_their_hand),
        fake_test(copies_start_with_the_default),
        fake_test(engines_without_it_refuse_it),
    };

    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
