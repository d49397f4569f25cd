#include "fake_host.h"

#include <stdio.h>

#include "mig_version.h"

/* Versions: which texts are one, and their order. */

/* Pairs in order; every one stands below the next. */
static const char *const ascending[] = {
    "0",
    "1",
    "1-a",
    "1.0",
    "1.9",
    "1.10",
    "1.10.1",
    "1a",
    "2",
    "2_b",
    "9",
    "10",
    "010a",
    "99",
    "100",
    "20200101000000",
    "20200101000001",
    "99999999999999999999999999999999",
    "A",
    "a",
    "a1",
    "a2",
    "a10",
    "b",
    "r\xC3\xA9",
    "\xE2\x82\xAC",
};

/* Texts that are the same version. */
static const struct
{
    const char *a;
    const char *b;
} equal[] = {
    {"1", "01"},    {"1", "0001"}, {"0", "000"},    {"1.2", "01.002"},
    {"a7", "a007"}, {"7b", "07b"}, {"1.0", "1.00"},
};

static const struct
{
    const char *version;
    size_t length; /* 0: up to its NUL */
    const char *message;
} refused[] = {
    {"", 0, "must not be empty"},
    {"head", 0, "read as a target"},
    {"base", 0, "read as a target"},
    {"+1", 0, "read as a target"},
    {"-1", 0, "read as a target"},
    {"+", 0, "read as a target"},
    {"1 2", 0, "holds a blank"},
    {" 1", 0, "holds a blank"},
    {"1\t", 0, "holds a blank"},
    {"1\n", 0, "holds a blank"},
    {"1\r", 0, "holds a blank"},
    {"1\x7F", 0, "holds a blank"},
    {"1\x01", 0, "holds a blank"},
    {"a\\b", 0, "backslash"},
    {"..\\b", 0, "backslash"},
    {"1'", 0, "a quote"},
    {"1\"", 0, "a quote"},
    {"1`", 0, "a quote"},
    {"1\0002", 3, "valid UTF-8"},
    {"1\xFF", 0, "valid UTF-8"},
    {"1\xED\xA0\x80", 0, "valid UTF-8"},
};

static const char *const accepted[] = {
    "1",        "0",          "001",   "20200101000000",
    "1.2.3",    "2020-01-01", "1+1",   "heads",
    "Head",     "base1",      "v1",    "R__views",
    "\xC3\xA9", "1:2",        "a@b#c", "(1)",
};

static MigBytes
position(FakeHost *fake, const char *version)
{
    return mig_version_position(&fake->mig, mig_bytes(version));
}

/* -1, 0 or 1. */
static int
sign(int order)
{
    return (order > 0) - (order < 0);
}

static void
order_is_natural(void **state)
{
    FakeHost *fake = *state;

    for (size_t pair = 0; pair < COUNT_OF(ascending) * COUNT_OF(ascending);
         pair++)
    {
        size_t i = pair / COUNT_OF(ascending);
        size_t j = pair % COUNT_OF(ascending);
        int order = mig_position_compare(position(fake, ascending[i]),
                                         position(fake, ascending[j]));

        if (sign(order) != (i > j) - (i < j))
            fail_msg("order of \"%s\" and \"%s\" is %d", ascending[i],
                     ascending[j], order);
    }
    fake_expect_ok(fake);
}

static void
zeros_do_not_count(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(equal); i++)
    {
        if (!mig_bytes_equal(position(fake, equal[i].a),
                             position(fake, equal[i].b)))
            fail_msg("\"%s\" and \"%s\" differ", equal[i].a, equal[i].b);
    }
    fake_expect_ok(fake);
}

/* Compare two runs of digits as numbers of any length. */
static int
compare_numbers(MigBytes a, MigBytes b)
{
    while (a.length > 0 && a.data[0] == '0')
        a = mig_part(a, 1, a.length);
    while (b.length > 0 && b.data[0] == '0')
        b = mig_part(b, 1, b.length);
    if (a.length != b.length)
        return a.length < b.length ? -1 : 1;
    return a.length == 0 ? 0 : memcmp(a.data, b.data, a.length);
}

/* Length of the run of digits at the start of a text. */
static size_t
digits_length(MigBytes text)
{
    size_t length = 0;

    while (length < text.length && text.data[length] >= '0' &&
           text.data[length] <= '9')
        length++;
    return length;
}

/* The natural order, as its definition says, with no position made. */
static int
compare_naturally(MigBytes a, MigBytes b)
{
    while (a.length > 0 && b.length > 0)
    {
        size_t first = digits_length(a);
        size_t second = digits_length(b);
        int order;

        if (first > 0 && second > 0)
            order =
                compare_numbers(mig_part(a, 0, first), mig_part(b, 0, second));
        else
        {
            first = second = 1;
            order = (unsigned char) a.data[0] - (unsigned char) b.data[0];
        }
        if (order != 0)
            return order;
        a = mig_part(a, first, a.length);
        b = mig_part(b, second, b.length);
    }
    return (a.length > b.length) - (a.length < b.length);
}

/* A number that depends on all before it; the same in every run. */
static unsigned
next_random(uint64_t *seed)
{
    *seed =
        *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned) (*seed >> 33);
}

/* Make a version of bytes that are likely to lie close to each other. */
static MigBytes
random_version(uint64_t *seed, char *buffer, size_t size)
{
    static const char bytes[] = "0001129.-a";
    MigBytes version = {buffer, 1 + next_random(seed) % (size - 1)};

    for (size_t i = 0; i < version.length; i++)
        buffer[i] = bytes[next_random(seed) % (sizeof(bytes) - 1)];
    return version;
}

static void
byte_order_is_natural_order(void **state)
{
    FakeHost *fake = *state;
    uint64_t seed = 42;

    for (int i = 0; i < 50000; i++)
    {
        char first[9];
        char second[9];
        MigBytes a = random_version(&seed, first, sizeof(first));
        MigBytes b = random_version(&seed, second, sizeof(second));
        int expected = compare_naturally(a, b);
        int order = mig_position_compare(mig_version_position(&fake->mig, a),
                                         mig_version_position(&fake->mig, b));

        if (sign(order) != sign(expected))
            fail_msg("order of \"%.*s\" and \"%.*s\" is %d, not %d",
                     (int) a.length, a.data, (int) b.length, b.data, order,
                     expected);
        if (i % 100 == 0)
            fake_next_call(fake);
    }
}

static void
long_versions_fit(void **state)
{
    FakeHost *fake = *state;
    static const char *const patterns[] = {"9", "0", "1.", ".1", "a", "10a"};

    for (size_t i = 0; i < COUNT_OF(patterns); i++)
    {
        char text[MIG_VERSION_MAX + 1];
        MigBytes made;

        for (size_t at = 0; at < MIG_VERSION_MAX; at++)
            text[at] = patterns[i][at % strlen(patterns[i])];
        text[MIG_VERSION_MAX] = '\0';
        assert_int_equal(mig_version_check(mig_bytes(text), &fake->error),
                         MIG_OK);
        made = position(fake, text);
        assert_true(made.length <= MIG_POSITION_MAX);
        assert_true(made.length < sizeof(fake->session.ahead_after));
    }
    fake_expect_ok(fake);
}

/* 99...9 with each number of digits stands below 10...0 with one more. */
static void
long_numbers_are_ordered(void **state)
{
    FakeHost *fake = *state;

    for (size_t length = 1; length < MIG_VERSION_MAX; length++)
    {
        char nines[MIG_VERSION_MAX + 1];
        char power[MIG_VERSION_MAX + 1];

        memset(nines, '9', length);
        nines[length] = '\0';
        memset(power, '0', length + 1);
        power[0] = '1';
        power[length + 1] = '\0';
        assert_true(mig_position_compare(position(fake, nines),
                                         position(fake, power)) < 0);
    }
    fake_expect_ok(fake);
}

static void
too_long_is_refused(void **state)
{
    FakeHost *fake = *state;
    char text[MIG_VERSION_MAX + 1];
    MigBytes version = {text, sizeof(text)};

    memset(text, '1', sizeof(text));
    (void) mig_version_check(version, &fake->error);
    fake_expect(fake, MIG_INVALID, "longer than 200 bytes", NULL);
}

/* The beginning that the message shows must not end inside a character. */
static void
too_long_is_cut_between_characters(void **state)
{
    FakeHost *fake = *state;
    char text[MIG_VERSION_MAX + 3];
    MigBytes version = {text, sizeof(text)};

    text[0] = '1';
    for (size_t i = 1; i + 1 < sizeof(text); i += 2)
    {
        text[i] = '\xC3';
        text[i + 1] = '\xA9';
    }
    version.length = sizeof(text) - 1 - (sizeof(text) - 1) % 2 + 1;
    assert_true(version.length > MIG_VERSION_MAX);
    assert_int_equal(mig_utf8_check(version), version.length);
    (void) mig_version_check(version, &fake->error);
    fake_expect(fake, MIG_INVALID, "longer than 200 bytes", NULL);
}

static void
what_is_no_version(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(refused); i++)
    {
        MigBytes version = mig_bytes(refused[i].version);

        if (refused[i].length > 0)
            version.length = refused[i].length;
        mig_error_clear(&fake->error);
        assert_int_equal(mig_version_check(version, &fake->error), MIG_INVALID);
        fake_expect(fake, MIG_INVALID, refused[i].message, NULL);
    }
}

static void
what_is_a_version(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(accepted); i++)
    {
        if (mig_version_check(mig_bytes(accepted[i]), &fake->error) != MIG_OK)
            fail_msg("\"%s\": %s", accepted[i], fake->error.message);
    }
}

static void
repeatables_come_last(void **state)
{
    FakeHost *fake = *state;
    MigBytes repeatable =
        mig_repeatable_position(&fake->mig, mig_bytes("R__a"));

    for (size_t i = 0; i < COUNT_OF(ascending); i++)
        assert_true(
            mig_position_compare(position(fake, ascending[i]), repeatable) < 0);
    assert_true(mig_starts_with(repeatable, MIG_POSITION_REPEATABLE));
    assert_true(mig_position_compare(repeatable,
                                     mig_repeatable_position(
                                         &fake->mig, mig_bytes("R__b"))) < 0);
}

static void
make_positions(FakeHost *fake)
{
    for (size_t i = 0; i < COUNT_OF(ascending); i++)
        (void) position(fake, ascending[i]);
    (void) mig_repeatable_position(&fake->mig, mig_bytes("R__a"));
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, make_positions);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(order_is_natural),
        fake_test(zeros_do_not_count),
        fake_test(byte_order_is_natural_order),
        fake_test(long_versions_fit),
        fake_test(long_numbers_are_ordered),
        fake_test(too_long_is_refused),
        fake_test(too_long_is_cut_between_characters),
        fake_test(what_is_no_version),
        fake_test(what_is_a_version),
        fake_test(repeatables_come_last),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
