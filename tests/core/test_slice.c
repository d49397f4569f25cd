#include "fake_host.h"

#include <stdio.h>

#include "mig_slice.h"
#include "mig_texts.h"

/* Slices of texts, and checksums. */

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static MigSlice
make_slice(const char *hash, size_t offset, size_t length, int64_t line,
           const char *file)
{
    MigSlice slice;

    memset(&slice, 0, sizeof(slice));
    memcpy(slice.hash, hash, MIG_HASH_LENGTH);
    slice.offset = offset;
    slice.length = length;
    slice.line = line;
    slice.file = mig_bytes(file);
    return slice;
}

static void
column_has_its_form(void **state)
{
    FakeHost *fake = *state;
    MigSlice slices[] = {make_slice(HASH, 12, 34, 5, "1_a.sql"),
                         make_slice(OTHER, 0, 0, 1, "")};

    fake_expect_bytes(mig_slices_write(&fake->mig, slices, 2),
                      HASH ":12:34:5:1_a.sql\n" OTHER ":0:0:1:\n");
    assert_null(mig_slices_write(&fake->mig, slices, 0).data);
}

static void
what_is_written_is_read(void **state)
{
    FakeHost *fake = *state;
    MigSlice slices[] = {
        make_slice(HASH, 12, 34, 5, "1_a.sql"),
        make_slice(OTHER, 0, 0, 1, ""),
        make_slice(HASH, 999999999, 50000000, 1234567, "1_a/up.sql"),
        make_slice(HASH, 1, 2, 3, "1_with:colon and blank.sql"),
        make_slice(HASH, 1, 2, 3, ":"),
    };
    MigBytes column = mig_slices_write(&fake->mig, slices, COUNT_OF(slices));
    MigSlice *read;
    size_t count = mig_slices_read(&fake->mig, &fake->arena, column, &read);

    fake_expect_ok(fake);
    assert_int_equal(count, COUNT_OF(slices));
    for (size_t i = 0; i < count; i++)
    {
        assert_string_equal(read[i].hash, slices[i].hash);
        assert_int_equal(read[i].offset, slices[i].offset);
        assert_int_equal(read[i].length, slices[i].length);
        assert_int_equal(read[i].line, slices[i].line);
        assert_true(mig_bytes_equal(read[i].file, slices[i].file));
        assert_null(read[i].whole.data);
    }
}

static void
absent_column_is_empty(void **state)
{
    FakeHost *fake = *state;
    MigBytes absent = {NULL, 0};
    MigSlice *slices;

    assert_int_equal(mig_slices_read(&fake->mig, &fake->arena, absent, &slices),
                     0);
    assert_int_equal(
        mig_slices_read(&fake->mig, &fake->arena, mig_bytes(""), &slices), 0);
    fake_expect_ok(fake);
}

static const char *const malformed[] = {
    "\n",
    "x\n",
    HASH "\n",
    HASH ":1\n",
    HASH ":1:2\n",
    HASH ":1:2:3\n",
    HASH ":1:2:x:f\n",
    HASH ":1:-2:3:f\n",
    HASH ":a:2:3:f\n",
    HASH ":1::3:f\n",
    HASH "::1:2:3:f\n",
    ":" HASH ":1:2:3:f\n",
    HASH "0:1:2:3:f\n",
    "0123:1:2:3:f\n",
    HASH ":1:2:99999999999999999999:f\n",
    HASH ":9223372036854775807:2:3:f\n",
    HASH ":1:9223372036854775807:3:f\n",
    HASH ":2147483648:2:3:f\n",
    HASH " :1:2:3:f\n",
    HASH ":1:2:3:f\n\n",
    HASH ":1:2:3:f\n" HASH "\n",
};

static void
malformed_columns_are_corrupt(void **state)
{
    FakeHost *fake = *state;
    size_t accepted = 0;

    for (size_t i = 0; i < COUNT_OF(malformed); i++)
    {
        MigSlice *slices;

        mig_error_clear(&fake->error);
        (void) mig_slices_read(&fake->mig, &fake->arena,
                               mig_bytes(malformed[i]), &slices);
        if (fake->error.status == MIG_CORRUPT)
            continue;
        print_error("accepted: %s", malformed[i]);
        accepted++;
    }
    assert_int_equal(accepted, 0);
}

/* Put a text into the catalogue under HASH. */
static void
keep_text(FakeHost *fake, const char *text)
{
    MigValue row[] = {mig_string(HASH), mig_blob(mig_bytes(text))};

    fake_put(fake, MIG_SQL_TEXT_INSERT, row, COUNT_OF(row));
}

static void
slices_are_fetched(void **state)
{
    FakeHost *fake = *state;
    MigSlice first = make_slice(HASH, 0, 3, 1, "");
    MigSlice middle = make_slice(HASH, 3, 4, 1, "");
    MigSlice empty = make_slice(OTHER, 5, 0, 1, "");

    keep_text(fake, "abc\xE2\x82\xAC"
                    "de");
    fake_expect_bytes(mig_slice_fetch(&fake->mig, &fake->arena, &first), "abc");
    fake_expect_bytes(mig_slice_fetch(&fake->mig, &fake->arena, &middle),
                      "\xE2\x82\xAC"
                      "d");
    fake_expect_bytes(mig_slice_fetch(&fake->mig, &fake->arena, &empty), "");
    fake_expect_ok(fake);
}

static void
missing_texts_are_corrupt(void **state)
{
    FakeHost *fake = *state;
    const MigSlice slices[] = {
        make_slice(OTHER, 0, 3, 1, ""),
        make_slice(HASH, 2, 3, 1, ""),
        make_slice(HASH, 100, 1, 1, ""),
        make_slice(HASH, INT32_MAX, 1, 1, ""),
        make_slice(HASH, 0, INT32_MAX, 1, ""),
    };

    keep_text(fake, "abc");
    for (size_t i = 0; i < COUNT_OF(slices); i++)
    {
        mig_error_clear(&fake->error);
        (void) mig_slice_fetch(&fake->mig, &fake->arena, &slices[i]);
        fake_expect(fake, MIG_CORRUPT, "is missing from the catalogue", NULL);
    }
}

/* FIPS 180-4 and what it gives for "abc". */
static void
hash_is_sha256(void **state)
{
    FakeHost *fake = *state;
    MigBytes pieces[] = {{"a", 1}, {"", 0}, {NULL, 0}, {"bc", 2}};
    char hash[MIG_HASH_LENGTH + 1];

    mig_hash(&fake->host, pieces, COUNT_OF(pieces), hash);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223"
                              "b00361a396177a9cb410ff61f20015ad");
}

/* Texts that have one checksum, and how they differ from what is hashed. */
static const struct
{
    const char *text;
    const char *hashed;
} checksums[] = {
    {"", ""},
    {"a\nb\n", "a\nb\n"},
    {"a\r\nb\r\n", "a\nb\n"},
    {"a\rb\r", "a\nb\n"},
    {"a\r\nb\r", "a\nb\n"},
    {"\xEF\xBB\xBF"
     "a\nb\n",
     "a\nb\n"},
    {"\xEF\xBB\xBF"
     "a\r\nb\r\n",
     "a\nb\n"},
    {"\xEF\xBB\xBF", ""},
    {"\r", "\n"},
    {"\r\r\n", "\n\n"},
    {"\n\r", "\n\n"},
    {"a\xEF\xBB\xBF", "a\xEF\xBB\xBF"},
    {"\xEF\xBB\xBF\xEF\xBB\xBF"
     "a",
     "\xEF\xBB\xBF"
     "a"},
    {"a\n", "a\n"},
    {"a", "a"},
};

static void
line_ends_do_not_count(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(checksums); i++)
    {
        MigBytes hashed = mig_bytes(checksums[i].hashed);
        char expected[MIG_HASH_LENGTH + 1];
        char hash[MIG_HASH_LENGTH + 1];

        mig_hash(&fake->host, &hashed, 1, expected);
        mig_checksum(&fake->mig, mig_bytes(checksums[i].text), hash);
        if (strcmp(hash, expected) != 0)
            fail_msg("row %zu differs", i);
    }
    assert_int_equal(fake->blocks, 0);
}

static void
prepare_text(FakeHost *fake)
{
    keep_text(fake, "abcdef");
}

static void
use_slices(FakeHost *fake)
{
    MigSlice slices[] = {make_slice(HASH, 1, 2, 3, "1_a.sql"),
                         make_slice(HASH, 2, 4, 3, "1_a.sql")};
    char hash[MIG_HASH_LENGTH + 1];
    MigBytes column = mig_slices_write(&fake->mig, slices, 2);
    MigSlice *read;
    size_t count = mig_slices_read(&fake->mig, &fake->arena, column, &read);

    for (size_t i = 0; i < count; i++)
        (void) mig_slice_fetch(&fake->mig, &fake->arena, &read[i]);
    mig_checksum(&fake->mig, mig_bytes("a\r\nb"), hash);
}

/* A hash of 64 digits that are all one letter. */
static const char *
letter_hash(size_t number)
{
    static char hash[MIG_HASH_LENGTH + 1];

    memset(hash, (int) ('a' + number), MIG_HASH_LENGTH);
    return hash;
}

/* Whatever was found before, each text is found, and what is none is not. */
static void
texts_are_found_in_any_order(void **state)
{
    static const size_t added[] = {3, 0, 4, 1}; /* of 0 .. 5 */
    FakeHost *fake = *state;

    for (size_t first = 0; first < 6; first++)
    {
        MigTexts texts = {.items = NULL};

        for (size_t i = 0; i < COUNT_OF(added); i++)
            assert_non_null(mig_texts_add(&fake->arena, &texts,
                                          mig_bytes(letter_hash(added[i])),
                                          added[i], fake->mig.error));
        for (size_t i = 0; i < COUNT_OF(added); i++)
            assert_true(mig_texts_have(&texts, letter_hash(added[i])));
        for (size_t i = 0; i < 36; i++)
        {
            size_t number = (first + i * i + i / 6) % 6;
            MigSlice slice = make_slice(letter_hash(number), 0, number, 1, "");

            assert_int_equal(mig_texts_have(&texts, slice.hash),
                             number != 2 && number != 5);
            if (number == 2 || number == 5)
                continue;
            assert_null(mig_texts_problem(&texts, &slice));
            slice.length++;
            assert_non_null(mig_texts_problem(&texts, &slice));
        }
    }
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare_text, use_slices);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(column_has_its_form),
        fake_test(what_is_written_is_read),
        fake_test(absent_column_is_empty),
        fake_test(malformed_columns_are_corrupt),
        fake_test(slices_are_fetched),
        fake_test(missing_texts_are_corrupt),
        fake_test(hash_is_sha256),
        fake_test(line_ends_do_not_count),
        fake_test(texts_are_found_in_any_order),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
