#include "fake_host.h"

#include <stdio.h>

/* Texts, memory, and the record of a failure. */

/* RFC 3629: where the first bad byte lies; -1 for none. */
static const struct
{
    const char *text;
    size_t length;
    int bad;
} utf8[] = {
    {"", 0, -1},
    {"abc", 3, -1},
    {"\x01\x7F", 2, -1},
    {"a\0b", 3, 1},
    {"\0", 1, 0},
    {"\xC2\x80", 2, -1},            /* U+0080 */
    {"\xDF\xBF", 2, -1},            /* U+07FF */
    {"\xE0\xA0\x80", 3, -1},        /* U+0800 */
    {"\xED\x9F\xBF", 3, -1},        /* U+D7FF */
    {"\xEE\x80\x80", 3, -1},        /* U+E000 */
    {"\xEF\xBF\xBF", 3, -1},        /* U+FFFF */
    {"\xEF\xBB\xBF", 3, -1},        /* U+FEFF, the byte order mark */
    {"\xF0\x90\x80\x80", 4, -1},    /* U+10000 */
    {"\xF4\x8F\xBF\xBF", 4, -1},    /* U+10FFFF */
    {"\xC0\x80", 2, 0},             /* overlong */
    {"\xC1\xBF", 2, 0},             /* overlong */
    {"\xE0\x80\x80", 3, 0},         /* overlong */
    {"\xE0\x9F\xBF", 3, 0},         /* overlong */
    {"\xF0\x80\x80\x80", 4, 0},     /* overlong */
    {"\xF0\x8F\xBF\xBF", 4, 0},     /* overlong */
    {"\xED\xA0\x80", 3, 0},         /* U+D800, a surrogate */
    {"\xED\xBF\xBF", 3, 0},         /* U+DFFF, a surrogate */
    {"\xF4\x90\x80\x80", 4, 0},     /* U+110000 */
    {"\xF5\x80\x80\x80", 4, 0},     /* never a first byte */
    {"\xF8\x88\x80\x80\x80", 5, 0}, /* five bytes */
    {"\xFE", 1, 0},
    {"\xFF", 1, 0},
    {"\x80", 1, 0}, /* continues nothing */
    {"ab\xBF", 3, 2},
    {"\xC3", 1, 0}, /* cut */
    {"\xE2\x82", 2, 0},
    {"\xF0\x9F\x98", 3, 0},
    {"\xC3\xA9\xC3", 3, 2},
    {"\xC3(", 2, 0}, /* continued by no such byte */
    {"\xE2\x28\xA1", 3, 0},
    {"\xE2\x82(", 3, 0},
    {"\xF0\x28\x8C\xBC", 4, 0},
    {"\xF0\x90(\xBC", 4, 0},
    {"\xF0\x90\x8C(", 4, 0},
    {"ok\xE2\x82\xACok", 7, -1},
};

static void
utf8_is_checked(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(utf8); i++)
    {
        MigBytes text = {utf8[i].text, utf8[i].length};
        size_t expected = utf8[i].length;

        if (utf8[i].bad >= 0)
            expected = (size_t) utf8[i].bad;
        if (mig_utf8_check(text) != expected)
            fail_msg("row %zu: %zu, not %zu", i, mig_utf8_check(text),
                     expected);
    }
}

static const struct
{
    const char *text;
    const char *lines; /* a '|' behind each */
} line_cases[] = {
    {"", ""},
    {"a", "a|"},
    {"a\n", "a|"},
    {"a\nb", "a|b|"},
    {"a\r\nb\r\n", "a|b|"},
    {"\n", "|"},
    {"\r\n", "|"},
    {"\n\n", "||"},
    {"a\n\nb", "a||b|"},
    {"a\rb\nc", "a\rb|c|"},
    {"a\r", "a|"},
    {"a\r\r\n", "a\r|"},
};

static void
lines_are_split(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(line_cases); i++)
    {
        MigText joined = {&fake->arena, &fake->error, NULL, 0, 0};
        MigBytes text = mig_bytes(line_cases[i].text);
        MigBytes line;
        size_t at = 0;

        while (mig_next_line(text, &at, &line))
        {
            mig_text_append(&joined, line);
            mig_text_append_string(&joined, "|");
        }
        fake_expect_bytes(mig_text_bytes(&joined), line_cases[i].lines);
        assert_int_equal(at, text.length);
    }
}

static void
absent_text_has_no_lines(void **state)
{
    MigBytes absent = {NULL, 0};
    MigBytes line;
    size_t at = 0;

    (void) state;
    assert_false(mig_next_line(absent, &at, &line));
    assert_int_equal(mig_count_lines(absent, 0), 0);
    assert_int_equal(mig_utf8_check(absent), 0);
    assert_int_equal(mig_trim(absent).length, 0);
}

static void
lines_are_counted(void **state)
{
    MigBytes text = mig_bytes("a\nb\r\n\nc");

    (void) state;
    assert_int_equal(mig_count_lines(text, 0), 0);
    assert_int_equal(mig_count_lines(text, 1), 0);
    assert_int_equal(mig_count_lines(text, 2), 1);
    assert_int_equal(mig_count_lines(text, 5), 2);
    assert_int_equal(mig_count_lines(text, text.length), 3);
}

static const struct
{
    const char *text;
    const char *separators;
    const char *words; /* a '|' behind each */
} word_cases[] = {
    {"", " ", ""},
    {"   ", " ", ""},
    {"a", " ", "a|"},
    {" a  b ", " ", "a|b|"},
    {"a, b,c,,d", ", \t", "a|b|c|d|"},
    {"a:b", " ", "a:b|"},
    {"a\nb\n", "\n", "a|b|"},
};

static void
words_are_split(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(word_cases); i++)
    {
        MigText joined = {&fake->arena, &fake->error, NULL, 0, 0};
        MigBytes text = mig_bytes(word_cases[i].text);
        MigBytes word;
        size_t at = 0;

        while (mig_next_word(text, &at, word_cases[i].separators, &word))
        {
            mig_text_append(&joined, word);
            mig_text_append_string(&joined, "|");
        }
        fake_expect_bytes(mig_text_bytes(&joined), word_cases[i].words);
    }
}

static const struct
{
    const char *text;
    bool is_number;
    int64_t number;
} digit_cases[] = {
    {"0", true, 0},
    {"007", true, 7},
    {"9223372036854775807", true, INT64_MAX},
    {"009223372036854775807", true, INT64_MAX},
    {"9223372036854775808", false, 0},
    {"99999999999999999999", false, 0},
    {"", false, 0},
    {"-1", false, 0},
    {"+1", false, 0},
    {"1 ", false, 0},
    {"1a", false, 0},
};

static void
digits_are_read(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(digit_cases); i++)
    {
        int64_t number = -7;
        bool done = mig_parse_digits(mig_bytes(digit_cases[i].text), &number);

        assert_int_equal(done, digit_cases[i].is_number);
        assert_int_equal(number, done ? digit_cases[i].number : -7);
    }
}

static void
blanks_are_trimmed(void **state)
{
    (void) state;
    fake_expect_bytes(mig_trim(mig_bytes("")), "");
    fake_expect_bytes(mig_trim(mig_bytes(" \t\r\n")), "");
    fake_expect_bytes(mig_trim(mig_bytes(" a b\n")), "a b");
    fake_expect_bytes(mig_trim(mig_bytes("a")), "a");
}

static void
beginnings_and_endings(void **state)
{
    MigBytes text = mig_bytes("a.sql");

    (void) state;
    assert_true(mig_starts_with(text, ""));
    assert_true(mig_starts_with(text, "a."));
    assert_true(mig_starts_with(text, "a.sql"));
    assert_false(mig_starts_with(text, "a.sqlx"));
    assert_false(mig_starts_with(text, "b"));
    assert_true(mig_ends_with(text, ".sql"));
    assert_true(mig_ends_with(text, "a.sql"));
    assert_false(mig_ends_with(text, "xa.sql"));
    assert_false(mig_ends_with(text, ".SQL"));
}

static void
texts_grow(void **state)
{
    FakeHost *fake = *state;
    MigText text = {&fake->arena, &fake->error, NULL, 0, 0};
    size_t length = 0;

    fake_expect_bytes(mig_text_bytes(&text), "");
    for (int i = 0; i < 5000; i++)
    {
        mig_text_append_format(&text, "%d,", i);
        length += i < 10 ? 2 : i < 100 ? 3 : i < 1000 ? 4 : 5;
        assert_int_equal(text.length, length);
        assert_int_equal(text.data[length], '\0');
    }
    assert_true(mig_starts_with(mig_text_bytes(&text), "0,1,2,"));
    assert_true(mig_ends_with(mig_text_bytes(&text), "4998,4999,"));
}

static void
first_cause_is_kept(void **state)
{
    FakeHost *fake = *state;
    MigError *error = &fake->error;

    mig_fail_detail(error, "none");
    mig_fail_hint(error, "none");
    mig_fail_prefix(error, "none: ");
    fake_expect_ok(fake);
    assert_string_equal(error->message, "");
    assert_string_equal(error->detail, "");
    assert_string_equal(error->hint, "");
    assert_int_equal(mig_fail(error, MIG_STATE, "cause %d", 1), MIG_STATE);
    mig_fail_detail(error, "where");
    mig_fail_hint(error, "what to do");
    error->engine_code = 5;
    assert_int_equal(mig_fail(error, MIG_NOMEM, "cause 2"), MIG_STATE);
    assert_int_equal(error->status, MIG_STATE);
    assert_int_equal(error->engine_code, 5);
    assert_string_equal(error->message, "cause 1");
    assert_string_equal(error->detail, "where");
    assert_string_equal(error->hint, "what to do");
}

static void
prefix_stands_before(void **state)
{
    FakeHost *fake = *state;

    (void) mig_fail(&fake->error, MIG_STATE, "no such table: t");
    mig_fail_prefix(&fake->error, "line %d: ", 7);
    mig_fail_prefix(&fake->error, "\"%s\" ", "a.sql");
    assert_string_equal(fake->error.message,
                        "\"a.sql\" line 7: no such table: t");
}

static void
failure_can_be_forgotten(void **state)
{
    FakeHost *fake = *state;

    (void) mig_fail(&fake->error, MIG_STATE, "a");
    mig_fail_detail(&fake->error, "b");
    mig_fail_hint(&fake->error, "c");
    fake->error.engine_code = 1;
    mig_error_clear(&fake->error);
    fake_expect_ok(fake);
    (void) mig_fail(&fake->error, MIG_INVALID, "d");
    assert_string_equal(fake->error.message, "d");
    assert_string_equal(fake->error.detail, "");
    assert_string_equal(fake->error.hint, "");
    assert_int_equal(fake->error.engine_code, 0);
}

/* Fail with a text whose last character is given; total bytes in all. */
static void
fail_with_last(FakeHost *fake, const char *last, size_t total)
{
    const size_t room = sizeof(fake->error.message) - 1;
    size_t length = total - strlen(last);
    size_t expected = total;
    char text[2000];

    if (total > room)
        expected = length < room ? length : room;
    memset(text, 'x', length);
    memcpy(text + length, last, strlen(last) + 1);
    mig_error_clear(&fake->error);
    (void) mig_fail(&fake->error, MIG_STATE, "%s", text);
    fake_expect(fake, MIG_STATE, NULL, NULL);
    if (strlen(fake->error.message) != expected)
        fail_msg("of %zu bytes, the last character with %zu, %zu are left, not "
                 "%zu",
                 total, strlen(last), strlen(fake->error.message), expected);
}

/*
 * A text that is too long is cut behind a whole character, and one that just
 * fits is not cut, for characters of one to four bytes at every distance from
 * the end.
 */
static void
long_messages_are_cut_between_characters(void **state)
{
    static const char *const characters[] = {"a", "\xC3\xA9", "\xE2\x82\xAC",
                                             "\xF0\x9F\x98\x80"};
    FakeHost *fake = *state;
    const size_t room = sizeof(fake->error.message) - 1;

    for (size_t i = 0; i < COUNT_OF(characters); i++)
    {
        for (size_t total = room - 8; total < room + 8; total++)
            fail_with_last(fake, characters[i], total);
    }
}

static void
long_prefixes_are_cut_between_characters(void **state)
{
    FakeHost *fake = *state;
    char text[1100];

    for (size_t length = 1; length < sizeof(text); length++)
    {
        memset(text, 'x', length);
        text[length] = '\0';
        mig_error_clear(&fake->error);
        (void) mig_fail(&fake->error, MIG_STATE,
                        "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC");
        mig_fail_prefix(&fake->error, "%s", text);
        mig_fail_detail(&fake->error, "\xC3\xA9%s%s\xC3\xA9", text, text);
        mig_fail_hint(&fake->error, "\xC3\xA9%s\xC3\xA9", text);
        fake_expect(fake, MIG_STATE, NULL, NULL);
    }
}

static void
sizes_that_overflow_are_refused(void **state)
{
    FakeHost *fake = *state;

    assert_null(mig_alloc(&fake->arena, SIZE_MAX, &fake->error));
    fake_expect(fake, MIG_NOMEM, "out of memory", NULL);
    mig_error_clear(&fake->error);
    assert_null(
        mig_alloc_array(&fake->arena, SIZE_MAX / 8 + 2, 16, &fake->error));
    fake_expect(fake, MIG_NOMEM, "out of memory", NULL);
    assert_int_equal(fake->asked, 0);
}

static void
memory_is_zeroed_and_aligned(void **state)
{
    FakeHost *fake = *state;

    for (size_t size = 0; size < 9000; size += 37)
    {
        unsigned char *memory = mig_alloc(&fake->arena, size, &fake->error);

        assert_non_null(memory);
        assert_int_equal((uintptr_t) memory % sizeof(int64_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xAA, size);
    }
    mig_arena_release(&fake->arena);
    assert_int_equal(fake->blocks, 0);
    mig_arena_release(&fake->arena);
}

static void
build_texts(FakeHost *fake)
{
    MigText text = {&fake->arena, &fake->error, NULL, 0, 0};
    int64_t *numbers = NULL;
    size_t capacity = 0;

    for (size_t i = 0; i < 40; i++)
    {
        int64_t *larger = mig_array_reserve(&fake->arena, numbers, i, &capacity,
                                            sizeof(int64_t), &fake->error);

        if (larger == NULL)
            break;
        numbers = larger;
        numbers[i] = (int64_t) i;
        mig_text_append_format(&text, "%zu ", i);
    }
    (void) mig_format_string(&fake->arena, &fake->error, "%s and %d", "a", 1);
    (void) mig_copy(&fake->arena, mig_bytes("text"), &fake->error);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, build_texts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(utf8_is_checked),
        fake_test(lines_are_split),
        fake_test(absent_text_has_no_lines),
        fake_test(lines_are_counted),
        fake_test(words_are_split),
        fake_test(digits_are_read),
        fake_test(blanks_are_trimmed),
        fake_test(beginnings_and_endings),
        fake_test(texts_grow),
        fake_test(first_cause_is_kept),
        fake_test(prefix_stands_before),
        fake_test(failure_can_be_forgotten),
        fake_test(long_messages_are_cut_between_characters),
        fake_test(long_prefixes_are_cut_between_characters),
        fake_test(sizes_that_overflow_are_refused),
        fake_test(memory_is_zeroed_and_aligned),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
