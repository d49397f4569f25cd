#include "fake_host.h"

#include <stdio.h>

#include "mig_json.h"

/* Reading JSON piece by piece. */

/* Texts, and the pieces in them: a letter for each, values in between. */
static const struct
{
    const char *text;
    const char *pieces;
} whole[] = {
    {"{}", "{}"},
    {" [ ] ", "[]"},
    {"0", "#0"},
    {"-12.50e+3", "#-12.50e+3"},
    {"\"\"", "\"\""},
    {"true", "t"},
    {"[1, 2,3]", "[#1#2#3]"},
    {"[false,null,[],{}]", "[fn[]{}]"},
    {"{\"a\":1,\"b\" : [ {\"c\":\"d\"} ]\r\n}",
     "{\"a\":#1\"b\":[{\"c\":\"d\"}]}"},
    {"\"\\\"\\\\\\/\\n\\u0041\\u00fc\\u20AC\\uD83D\\uDE00z\"",
     "\"\"\\/\nA\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80z\""},
    {"\"gr\xC3\xBCn\"", "\"gr\xC3\xBCn\""},
};

/* Append what a piece is. */
static void
append_piece(MigText *text, MigJsonKind kind, MigBytes value)
{
    static const char *const before[] = {"",   "{", "}", "[", "]", "\"",
                                         "\"", "#", "t", "f", "n"};
    static const char *const behind[] = {
        "", "", "", "", "", "\":", "\"", "", "", "", ""};

    mig_text_append_string(text, before[kind]);
    mig_text_append(text, value);
    mig_text_append_string(text, behind[kind]);
}

static MigBytes
read_all(FakeHost *fake, MigBytes text)
{
    MigText pieces = {&fake->arena, &fake->error, NULL, 0, 0};
    MigJson json = {.text = text};
    MigBytes value;
    MigJsonKind kind;

    while ((kind = mig_json_next(&fake->mig, &json, &value)) != MIG_JSON_END)
        append_piece(&pieces, kind, value);
    return mig_text_bytes(&pieces);
}

static void
pieces_are_found(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(whole); i++)
    {
        fake_expect_bytes(read_all(fake, mig_bytes(whole[i].text)),
                          whole[i].pieces);
        fake_expect_ok(fake);
    }
}

/* Every text cut short anywhere is no JSON, but for numbers. */
static void
cut_texts_fail(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(whole); i++)
    {
        MigBytes text = mig_trim(mig_bytes(whole[i].text));

        if (whole[i].pieces[0] == '#')
            continue;
        for (size_t length = 0; length < text.length; length++)
        {
            (void) read_all(fake, mig_part(text, 0, length));
            fake_expect(fake, MIG_INVALID, "line ", NULL);
            mig_error_clear(&fake->error);
        }
    }
}

static const struct
{
    const char *text;
    const char *message;
} malformed[] = {
    {"", "line 1: the JSON text ends too early"},
    {"{\n\n", "line 3: the JSON text ends too early"},
    {"[1 2]", "line 1: a \",\" is expected"},
    {"[1,]", "line 1: a JSON value is expected"},
    {"[,1]", "line 1: a JSON value is expected"},
    {"{\"a\" 1}", "line 1: a \":\" is expected"},
    {"{\"a\":}", "line 1: a JSON value is expected"},
    {"{\"a\":1,}", "line 1: a key in quotes is expected"},
    {"{a:1}", "line 1: a key in quotes is expected"},
    {"{\"a\":1]", "line 1: a \",\" is expected"},
    {"[1}", "line 1: a \",\" is expected"},
    {"{}\n{}", "line 2: text stands behind the JSON value"},
    {"1 2", "line 1: text stands behind the JSON value"},
    {"01", "line 1: text stands behind the JSON value"},
    {"-", "line 1: a JSON value is expected"},
    {"1.", "line 1: a JSON value is expected"},
    {"1e", "line 1: a JSON value is expected"},
    {"truth", "line 1: a JSON value is expected"},
    {"\"a\nb\"", "line 1: a control character in a string"},
    {"\"\\x\"", "line 1: a malformed escape in a string"},
    {"\"\\u12\"", "line 1: a malformed escape in a string"},
    {"\"\\u", "line 1: a malformed escape in a string"},
    {"\"\\", "line 1: a malformed escape in a string"},
    {"\"\\u0000\"", "line 1: a malformed escape in a string"},
    {"\"\\uD83D\"", "line 1: a malformed escape in a string"},
    {"\"\\uDE00\"", "line 1: a malformed escape in a string"},
    {"\"\\uD83D\\u0041\"", "line 1: a malformed escape in a string"},
    {"\"a", "line 1: a string does not end"},
    {"\"\\", "line 1: a malformed escape in a string"},
    {"// no comments\n1", "line 1: a JSON value is expected"},
};

static void
malformed_texts_fail(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(malformed); i++)
    {
        (void) read_all(fake, mig_bytes(malformed[i].text));
        fake_expect(fake, MIG_INVALID, malformed[i].message, NULL);
        mig_error_clear(&fake->error);
    }
}

static void
depth_is_limited(void **state)
{
    FakeHost *fake = *state;
    char text[2 * (MIG_JSON_DEPTH + 1)];
    MigBytes nested = {text, (size_t) 2 * MIG_JSON_DEPTH};

    memset(text, '[', MIG_JSON_DEPTH);
    memset(text + MIG_JSON_DEPTH, ']', MIG_JSON_DEPTH);
    (void) read_all(fake, nested);
    fake_expect_ok(fake);
    memset(text, '[', MIG_JSON_DEPTH + 1);
    (void) read_all(fake, nested);
    fake_expect(fake, MIG_INVALID, "line 1: JSON is nested too deep", NULL);
}

static void
values_can_be_passed_over(void **state)
{
    FakeHost *fake = *state;
    MigJson json = {
        .text = mig_bytes("{\"a\":{\"x\":[1,{}]},\"b\":2,\"c\":[3],\"d\":4}")};
    const char *keys[] = {"a", "b", "c", "d"};
    MigBytes value;

    assert_int_equal(mig_json_next(&fake->mig, &json, &value), MIG_JSON_OBJECT);
    for (size_t i = 0; i < COUNT_OF(keys); i++)
    {
        assert_int_equal(mig_json_next(&fake->mig, &json, &value),
                         MIG_JSON_KEY);
        fake_expect_bytes(value, keys[i]);
        mig_json_skip(&fake->mig, &json);
    }
    assert_int_equal(mig_json_next(&fake->mig, &json, &value),
                     MIG_JSON_OBJECT_END);
    assert_int_equal(mig_json_next(&fake->mig, &json, &value), MIG_JSON_END);
    fake_expect_ok(fake);
}

static void
prepare_nothing(FakeHost *fake)
{
    (void) fake;
}

static void
use_json(FakeHost *fake)
{
    for (size_t i = 0; i < COUNT_OF(whole); i++)
        (void) read_all(fake, mig_bytes(whole[i].text));
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare_nothing, use_json);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(pieces_are_found),          fake_test(cut_texts_fail),
        fake_test(malformed_texts_fail),      fake_test(depth_is_limited),
        fake_test(values_can_be_passed_over), fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
