#include "fake_host.h"

#include <stdio.h>

#include "mig_digest.h"
#include "mig_sum.h"

/*
 * Other tools' checksums.
 *
 * Where "by" stands, the value was written by that tool itself; elsewhere by
 * an independent program for the rule that is in the tool's source.
 */

#define TABLE "CREATE TABLE a (id INTEGER);\n"
#define GREEN "-- gr\xC3\xBCn"

/* ---- Sums ---- */

/* The check value of the CRC catalogue, and that a sum goes on. */
static void
crc32_is_known(void **state)
{
    (void) state;
    assert_int_equal(mig_crc32(0, mig_bytes("123456789")), 0xCBF43926);
    assert_int_equal(
        mig_crc32(mig_crc32(0, mig_bytes("1234")), mig_bytes("56789")),
        0xCBF43926);
    assert_int_equal(mig_crc32(0, mig_bytes("")), 0);
}

/* By Python 3.11, whose hash() is SipHash-1-3, with PYTHONHASHSEED=0. */
static void
siphash13_is_known(void **state)
{
    static const char bytes[] = "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16";
    MigBytes pieces[] = {{bytes, 3}, {NULL, 0}, {bytes + 3, 12}};
    MigBytes one = mig_bytes("a");
    MigBytes eight = mig_bytes("12345678");

    (void) state;
    assert_true(mig_siphash13(pieces, 3) == 17514137373579004394U);
    assert_true(mig_siphash13(&one, 1) == 4644417185603328019U);
    assert_true(mig_siphash13(&eight, 1) == 3785724242978802311U);
}

/* RFC 4648, section 10. */
static void
base64_is_known(void **state)
{
    static const char *const known[] = {
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    static const unsigned char high[] = {0xFB, 0xFF, 0xFE};
    char text[16];

    (void) state;
    for (size_t length = 0; length < COUNT_OF(known); length++)
    {
        mig_base64((const unsigned char *) "foobar", length, text);
        assert_string_equal(text, known[length]);
        assert_int_equal(strlen(text), MIG_BASE64_LENGTH(length));
    }
    mig_base64(high, 3, text);
    assert_string_equal(text, "+//+");
}

/* FIPS 180-4 and what it gives for "abc". */
static void
digests_are_known(void **state)
{
    static const struct
    {
        MigAlgorithm algorithm;
        size_t size;
        const char *hash;
    } known[] = {
        {MIG_SHA1, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {MIG_SHA256, 32,
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {MIG_SHA384, 48,
         "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
         "8086072ba1e7cc2358baeca134c825a7"},
    };
    FakeHost *fake = *state;
    MigBytes pieces[] = {{"a", 1}, {"", 0}, {NULL, 0}, {"bc", 2}};
    unsigned char digest[MIG_DIGEST_SIZE];
    char hash[2 * MIG_DIGEST_SIZE + 1];

    for (size_t i = 0; i < COUNT_OF(known); i++)
    {
        fake->host.methods->digest(&fake->host, known[i].algorithm, pieces,
                                   COUNT_OF(pieces), digest);
        mig_hexadecimal(digest, known[i].size, hash);
        assert_string_equal(hash, known[i].hash);
    }
}

/* Each beginning of a list has the digest that it has alone. */
static void
growing_digest_can_be_asked(void **state)
{
    FakeHost *fake = *state;
    MigGrowing growing = {{0}, false};
    char block[100];
    MigBytes pieces[20];

    memset(block, 'x', sizeof(block));
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
    {
        unsigned char grown[MIG_SHA256_SIZE];
        unsigned char alone[MIG_SHA256_SIZE];

        pieces[i].data = block;
        pieces[i].length = i * 5;
        fake->host.methods->digest_grow(&fake->host, &growing, &pieces[i], 1,
                                        grown);
        fake->host.methods->digest(&fake->host, MIG_SHA256, pieces, i + 1,
                                   alone);
        assert_memory_equal(grown, alone, sizeof(alone));
    }
}

/* ---- Known answers ---- */

#define SQLX                                                                   \
    "6b80cb02f9855755e04189618c876d0dae543211118397f3c7168e844cc1183e"         \
    "f5f078698673186f575d5f5055ff90e9"
#define SHA256                                                                 \
    "55b5db57dee6d81a9fdc1aefc06250ac686ca61587be00ef8a1f6e2510f1f821"
#define GRAPHILE_1 "sha1:4f45642ec931df92e13364b7a3d95eb876d756b7"
#define GRAPHILE_2 "sha1:d89a01ce415cda9f51e217626c022574fa59e8c5"

static const struct
{
    const char *tool;
    const char *path;
    const char *version;
    const char *name;
    const char *text;
    const char *recorded;
} known[] = {
    {"flyway", "V1__a.sql", "1", "a", "", "0"},
    {"flyway", "V1__a.sql", "1", "a", TABLE GREEN "\n", "-1713298134"},
    {"flyway", "V1__a.sql", "1", "a", TABLE "INSERT INTO a VALUES (1);",
     "2090275947"},
    {"flyway", "V1__a.sql", "1", "a", "\xEF\xBB\xBF" TABLE GREEN,
     "-1713298134"},
    {"flyway", "V1__a.sql", "1", "a",
     "CREATE TABLE a (id INTEGER);\r\n\r\r\n" GREEN "\r", "-1713298134"},
    {"sqlx", "1_a.sql", "1", "a", TABLE, SQLX},
    {"prisma", "20240101000000_a/migration.sql", "20240101000000_a", "", TABLE,
     SHA256},
    /* Without the zeros that old releases left out, as in "01" and "03". */
    {"prisma", "20240101000000_a/migration.sql", "20240101000000_a", "", "abc",
     "ba7816bf8f1cfea414140de5dae2223b0361a396177a9cb410ff61f2015ad"},
    /* By drizzle-orm 0.45.4. */
    {"drizzle", "0000_first.sql", "0000_first", "first",
     "CREATE TABLE `a` (\n\t`id` integer\n);\n--> statement-breakpoint\n"
     "CREATE INDEX `i` ON `a` (`id`);",
     "87e0583861011578b405f5c199dddf5bcd0f7ce4a87c5cbd7054445684246929"},
    /* By sqitch 1.3.1. */
    {"sqitch", "deploy/customer.sql", "customer", "customer",
     "BEGIN;\nCREATE TABLE customer (id INTEGER PRIMARY KEY);\nCOMMIT;\n",
     "4f5ac83552daddd65b96d390aca7931feaabe1e1"},
    {"sqitch", "deploy/plain.sql", "plain", "plain", "SELECT 1;\r\n",
     "5a40e664e2ef33cd4129f07cab895a8b7819d5dd"},
    /* By rustc 1.95.0, whose DefaultHasher refinery's was; see runner.rs. */
    {"refinery", "V1__first.sql", "1", "first", TABLE, "7592317460505327749"},
    {"refinery", "V1__first.sql", "1", "first", TABLE, "11519447703033064811"},
    /* As the catalogue has the name: with blanks. */
    {"refinery", "V12__add_price.sql", "12", "add price",
     "ALTER TABLE a ADD COLUMN price INTEGER;\r\n" GREEN "\r\n",
     "78843493783299473"},
    {"refinery", "U20240131__later.sql", "20240131", "later", "",
     "2433700305549668061"},
    {"refinery", "V20240131120000__big.sql", "20240131120000", "big",
     "SELECT 1;", "9380260179895039399"},
    /* By yoyo 8.2.0. */
    {"yoyo", "old/20240101_01_abcde-first.sql", "20240101_01_abcde-first", "",
     TABLE, "f0f60dc16d7808822eb53a036a68272c2e0ef1289aa8f5d0b4ee5319fafa9738"},
    /* By graphile-migrate 1.4.1. */
    {"graphile-migrate", "000001.sql", "000001", "",
     "--! Previous: -\n--! Hash: " GRAPHILE_1 "\n\nCREATE TABLE a (id int);\n",
     GRAPHILE_1},
    {"graphile-migrate", "000002.sql", "000002", "",
     "--! Previous: " GRAPHILE_1 "\n--! Hash: " GRAPHILE_2
     "\n--! Message: add the index\n\n--! no-transaction\n"
     "CREATE INDEX CONCURRENTLY ON a (id);\n",
     GRAPHILE_2},
    {"graphile-migrate", "000002.sql", "000002", "",
     "--! Previous: " GRAPHILE_1 "\n--! Hash: " GRAPHILE_2
     "\n\n\xEF\xBB\xBF\xE2\x80\x8A --! no-transaction\n"
     "CREATE INDEX CONCURRENTLY ON a (id);\xC2\xA0\n\t\xE3\x80\x80",
     GRAPHILE_2},
    {"graphile-migrate", "000001.sql", "000001", "", "",
     "sha1:adc83b19e793491b1c6ea0fd8b46cd9f32e592fc"},
    {"graphile-migrate", "000002.sql", "000002", "",
     "--! Previous: " GRAPHILE_1 "\n\n \n ",
     "sha1:92cd5c864434978ad8d5e36cd3fd78e4f5349f53"},
    /* What such a file states is what is recorded. */
    {"graphile-migrate", "000002.sql", "000002", "",
     "--! Previous: -\n--! Hash: sha1:1\n--! AllowInvalidHash\n\nSELECT 1;\n",
     "sha1:1"},
};

static MigDigestFile
make_file(size_t row, MigBytes text)
{
    MigDigestFile file = {mig_bytes(known[row].path),
                          mig_bytes(known[row].version),
                          mig_bytes(known[row].name), text, false};

    return file;
}

/* Compare a text with a recorded value, by the rule of a row's tool. */
static MigDigestAnswer
compare(FakeHost *fake, size_t row, MigBytes text, const MigValue *recorded)
{
    MigDigest *digest = mig_digest_open(&fake->mig, known[row].tool);
    MigDigestFile file = make_file(row, text);
    MigDigestAnswer answer;

    assert_non_null(digest);
    answer = mig_digest_compare(&fake->mig, digest, &file, recorded);
    fake_expect_ok(fake);
    return answer;
}

static void
known_answers_are_found(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(known); i++)
    {
        MigValue recorded = mig_string(known[i].recorded);
        MigValue other = mig_string("1234");
        MigBytes text = mig_bytes(known[i].text);

        if (compare(fake, i, text, &recorded) != MIG_DIGEST_SAME)
            fail_msg("row %zu (%s) differs", i, known[i].tool);
        if (compare(fake, i, text, &other) != MIG_DIGEST_DIFFERS)
            fail_msg("row %zu (%s) is like anything", i, known[i].tool);
        if (compare(fake, i, text, NULL) != MIG_DIGEST_UNKNOWN)
            fail_msg("row %zu (%s) needs no record", i, known[i].tool);
    }
}

/* One more letter is seen; but yoyo's are of the name alone. */
static void
changed_texts_differ(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(known); i++)
    {
        MigValue recorded = mig_string(known[i].recorded);
        MigText text = {&fake->arena, &fake->error, NULL, 0, 0};
        bool seen = strcmp(known[i].tool, "yoyo") != 0 &&
                    strstr(known[i].text, "AllowInvalid") == NULL;

        mig_text_append_string(&text, known[i].text);
        mig_text_append_string(&text, "x");
        if (compare(fake, i, mig_text_bytes(&text), &recorded) !=
            (seen ? MIG_DIGEST_DIFFERS : MIG_DIGEST_SAME))
            fail_msg("row %zu (%s): a change is not seen", i, known[i].tool);
    }
}

/* What an engine hands out for a column of the type it has. */
static void
recorded_values_have_types(void **state)
{
    static const unsigned char sqlx[] = {
        0x6b, 0x80, 0xcb, 0x02, 0xf9, 0x85, 0x57, 0x55, 0xe0, 0x41, 0x89, 0x61,
        0x8c, 0x87, 0x6d, 0x0d, 0xae, 0x54, 0x32, 0x11, 0x11, 0x83, 0x97, 0xf3,
        0xc7, 0x16, 0x8e, 0x84, 0x4c, 0xc1, 0x18, 0x3e, 0xf5, 0xf0, 0x78, 0x69,
        0x86, 0x73, 0x18, 0x6f, 0x57, 0x5d, 0x5f, 0x50, 0x55, 0xff, 0x90, 0xe9};
    MigBytes bytes = {(const char *) sqlx, sizeof(sqlx)};
    FakeHost *fake = *state;
    MigBytes text = mig_bytes(TABLE GREEN "\n");
    MigValue recorded = mig_blob(bytes);

    assert_int_equal(compare(fake, 5, mig_bytes(TABLE), &recorded),
                     MIG_DIGEST_SAME);
    recorded.bytes.length--;
    assert_int_equal(compare(fake, 5, mig_bytes(TABLE), &recorded),
                     MIG_DIGEST_DIFFERS);
    recorded = mig_integer(-1713298134);
    assert_int_equal(compare(fake, 1, text, &recorded), MIG_DIGEST_SAME);
    recorded = mig_integer(2581669162);
    assert_int_equal(compare(fake, 1, text, &recorded), MIG_DIGEST_DIFFERS);
    recorded = mig_null();
    assert_int_equal(compare(fake, 1, text, &recorded), MIG_DIGEST_UNKNOWN);
}

/* ---- Line ends ---- */

/* A text with another line end for each LF. */
static MigBytes
with_ends(FakeHost *fake, const char *text, const char *end)
{
    MigText changed = {&fake->arena, &fake->error, NULL, 0, 0};

    for (; *text != '\0'; text++)
    {
        MigBytes byte = {text, 1};

        if (*text == '\n')
            mig_text_append_string(&changed, end);
        else
            mig_text_append(&changed, byte);
    }
    return mig_text_bytes(&changed);
}

/* Recorded of either form, found in the other; and a lone CR is none. */
static void
line_ends_are_told_apart(void **state)
{
    FakeHost *fake = *state;
    MigValue unix_ends = mig_string(SHA256);
    /* Of the same with CR LF, by sha256sum. */
    MigValue windows_ends = mig_string(
        "a5e13e59c86e36c11a951a0b7d08a2aa4e2be1ceb96e50549408d678e48e0715");
    MigBytes lf = mig_bytes(TABLE);
    MigBytes cr_lf = with_ends(fake, TABLE, "\r\n");
    MigBytes cr = with_ends(fake, TABLE, "\r");

    assert_int_equal(compare(fake, 6, lf, &unix_ends), MIG_DIGEST_SAME);
    assert_int_equal(compare(fake, 6, cr_lf, &unix_ends), MIG_DIGEST_LINE_ENDS);
    assert_int_equal(compare(fake, 6, cr, &unix_ends), MIG_DIGEST_DIFFERS);
    assert_int_equal(compare(fake, 6, lf, &windows_ends), MIG_DIGEST_LINE_ENDS);
    assert_int_equal(compare(fake, 6, cr_lf, &windows_ends), MIG_DIGEST_SAME);
}

/* Each tool's value is found again after a checkout with CR LF. */
static void
checkout_does_not_count(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(known); i++)
    {
        MigValue recorded = mig_string(known[i].recorded);
        MigDigestAnswer answer;

        if (strchr(known[i].text, '\r') != NULL)
            continue;
        answer =
            compare(fake, i, with_ends(fake, known[i].text, "\r\n"), &recorded);
        if (answer != MIG_DIGEST_SAME && answer != MIG_DIGEST_LINE_ENDS)
            fail_msg("row %zu (%s) differs", i, known[i].tool);
    }
}

/* ---- Tools that are more than a hash of the text ---- */

/* Flyway sums a repeatable migration with its placeholders replaced. */
static void
placeholders_are_unknown(void **state)
{
    FakeHost *fake = *state;
    MigDigest *digest = mig_digest_open(&fake->mig, "flyway");
    MigValue recorded = mig_string("1");
    MigDigestFile file = {mig_bytes("R__a.sql"), mig_bytes("R__a"),
                          mig_bytes("a"), mig_bytes("SELECT $$a$$, '${b}';"),
                          true};

    assert_int_equal(mig_digest_compare(&fake->mig, digest, &file, &recorded),
                     MIG_DIGEST_UNKNOWN);
    file.text = mig_bytes("SELECT $$a$$;$");
    assert_int_equal(mig_digest_compare(&fake->mig, digest, &file, &recorded),
                     MIG_DIGEST_DIFFERS);
    file.text = mig_bytes("SELECT '${b}'");
    file.repeatable = false;
    assert_int_equal(mig_digest_compare(&fake->mig, digest, &file, &recorded),
                     MIG_DIGEST_DIFFERS);
}

/* A directory of Atlas', by a program that was held against 22 of its own. */
static const struct
{
    const char *path;
    const char *text;
    const char *hash; /* NULL: it has no line */
} atlas[] = {
    {"1_first.sql", TABLE, "pMOgZGyqDPH5tdrbRkcvcqlHo1479aQe74Kt5I3nriQ="},
    {"2_note.sql", "-- atlas:sum ignore\n\nSELECT 1;\n", NULL},
    {"3_index.sql", "CREATE INDEX i ON a (id);\n",
     "qRQk5Rebn6t53ln/Qz/4zvhgqfspfqZv4D/TA+tnc1c="},
};

#define ATLAS_TOTAL "btGU1V6ZsY7K80Xhhm7zVexkMRS9NKc3TJjUP+z0wG4="

static void
atlas_sums_are_known(void **state)
{
    FakeHost *fake = *state;
    MigAtlasSum sum;
    char hash[MIG_ATLAS_LENGTH + 1];

    memset(&sum, 0, sizeof(sum));
    for (size_t i = 0; i < COUNT_OF(atlas); i++)
    {
        bool has_line =
            mig_atlas_add(&fake->host, &sum, mig_bytes(atlas[i].path),
                          mig_bytes(atlas[i].text), hash);

        assert_int_equal(has_line, atlas[i].hash != NULL);
        assert_string_equal(hash, has_line ? atlas[i].hash : "");
    }
    mig_atlas_total(&fake->host, &sum, hash);
    assert_string_equal(hash, ATLAS_TOTAL);
}

/* First lines, and whether they leave the file out. */
static const struct
{
    const char *text;
    bool left_out;
} sum_marks[] = {
    {"-- atlas:sum ignore\n", true},
    {"-- atlas:sum ignore", true},
    {"-- atlas:sum   ignore\nx", true},
    {"atlas:sum ignore\n", true},
    {"/* atlas:x atlas:sum ignore\n", true},
    {"-- atlas:sum ignore \n", false},
    {"-- atlas:sum ignore\r\n", false},
    {"-- atlas:sumignore\n", false},
    {"-- atlas:sum ignored\n", false},
    {"-- atlas:sum\n", false},
    {"--\tatlas:sum ignore\n", false},
    {"\n-- atlas:sum ignore\n", false},
    {"ignore", false},
    {" ignore", false},
    {"", false},
};

static void
atlas_leaves_out_what_says_so(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(sum_marks); i++)
    {
        MigAtlasSum sum;
        char hash[MIG_ATLAS_LENGTH + 1];

        memset(&sum, 0, sizeof(sum));
        if (mig_atlas_add(&fake->host, &sum, mig_bytes("1.sql"),
                          mig_bytes(sum_marks[i].text),
                          hash) == sum_marks[i].left_out)
            fail_msg("row %zu differs", i);
    }
}

/* Compare the directory with what is recorded of it, with other line ends. */
static void
expect_atlas(FakeHost *fake, const char *end, const char *changed,
             const MigDigestAnswer *answers)
{
    MigDigest *digest = mig_digest_open(&fake->mig, "atlas");

    for (size_t i = 0; i < COUNT_OF(atlas); i++)
    {
        MigValue recorded = mig_string(atlas[i].hash);
        const char *text = i == 0 && changed != NULL ? changed : atlas[i].text;
        MigDigestFile file = {mig_bytes(atlas[i].path), mig_bytes("1"),
                              mig_bytes(""), with_ends(fake, text, end), false};

        assert_int_equal(
            mig_digest_compare(&fake->mig, digest, &file, &recorded),
            answers[i]);
    }
    fake_expect_ok(fake);
}

static void
atlas_histories_are_compared(void **state)
{
    static const MigDigestAnswer same[] = {MIG_DIGEST_SAME, MIG_DIGEST_UNKNOWN,
                                           MIG_DIGEST_SAME};
    static const MigDigestAnswer ends[] = {
        MIG_DIGEST_LINE_ENDS, MIG_DIGEST_UNKNOWN, MIG_DIGEST_LINE_ENDS};
    static const MigDigestAnswer differs[] = {
        MIG_DIGEST_DIFFERS, MIG_DIGEST_UNKNOWN, MIG_DIGEST_UNKNOWN};
    FakeHost *fake = *state;

    expect_atlas(fake, "\n", NULL, same);
    expect_atlas(fake, "\r\n", NULL, ends);
    expect_atlas(fake, "\n", "CREATE TABLE a (id TEXT);\n", differs);
}

/* By sqitch 1.3.1, from the plan that these lines are of. */
static void
sqitch_ids_are_known(void **state)
{
    static const char planner[] = "Ada L\xC3\xB6we <ada@example.org>";
    FakeHost *fake = *state;
    char id[MIG_SHA1_LENGTH + 1];
    char parent[MIG_SHA1_LENGTH + 1];
    MigSqitchLine line;

    memset(&line, 0, sizeof(line));
    line.project = mig_bytes("shop");
    line.uri = mig_bytes("https://example.org/shop/");
    line.name = mig_bytes("customer");
    line.planner = mig_bytes(planner);
    line.date = mig_bytes("2024-05-06T07:08:09Z");
    line.note = mig_bytes("The first table");
    mig_sqitch_change_id(&fake->mig, &line, parent);
    assert_string_equal(parent, "9581200f53c8102a2a65f2ac352b596421631e60");

    line.name = mig_bytes("order_line");
    line.parent = mig_bytes(parent);
    line.requires = mig_bytes("customer\n");
    line.conflicts = mig_bytes("other:orders\n");
    line.note = mig_bytes("Orders,\non two lines \\ with a backslash");
    mig_sqitch_change_id(&fake->mig, &line, id);
    assert_string_equal(id, "e42941a72fad6c66ed83d12dc27a20f90b53c14c");

    line.name = mig_bytes("@v1");
    line.parent = mig_bytes(id);
    line.note = mig_bytes("One");
    mig_sqitch_tag_id(&fake->mig, &line, parent);
    assert_string_equal(parent, "77f10cfabf93800e3f80461a7250a0a583c3e6c5");

    line.name = mig_bytes("plain");
    line.requires = mig_bytes("order_line@v1\ncustomer\n");
    line.conflicts = mig_bytes(NULL);
    line.note = mig_bytes(NULL);
    mig_sqitch_change_id(&fake->mig, &line, parent);
    assert_string_equal(parent, "6dd0ae410b12a3b7754774570d1f0de1c9e923f3");
    fake_expect_ok(fake);
}

static void
other_tools_have_none(void **state)
{
    FakeHost *fake = *state;
    MigDigestFile file = make_file(0, mig_bytes(""));
    MigValue recorded = mig_string("1");

    assert_null(mig_digest_open(&fake->mig, "dbmate"));
    assert_null(mig_digest_open(&fake->mig, ""));
    fake_expect_ok(fake);
    assert_int_equal(mig_digest_compare(&fake->mig, NULL, &file, &recorded),
                     MIG_DIGEST_UNKNOWN);
}

/* ---- Memory ---- */

static void
prepare_nothing(FakeHost *fake)
{
    (void) fake;
}

static void
use_digests(FakeHost *fake)
{
    MigSqitchLine line;
    char id[MIG_SHA1_LENGTH + 1];

    memset(&line, 0, sizeof(line));
    line.project = mig_bytes("shop");
    line.name = mig_bytes("customer");
    line.planner = mig_bytes("Ada <ada@example.org>");
    line.date = mig_bytes("2024-05-06T07:08:09Z");
    mig_sqitch_change_id(&fake->mig, &line, id);
    mig_sqitch_tag_id(&fake->mig, &line, id);
    for (size_t i = 0; i < COUNT_OF(known); i++)
    {
        MigDigest *digest = mig_digest_open(&fake->mig, known[i].tool);
        MigDigestFile file = make_file(i, mig_bytes("a\r\nb\n"));
        MigValue recorded = mig_string("1");

        (void) mig_digest_compare(&fake->mig, digest, &file, &recorded);
    }
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare_nothing, use_digests);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(crc32_is_known),
        fake_test(siphash13_is_known),
        fake_test(base64_is_known),
        fake_test(digests_are_known),
        fake_test(growing_digest_can_be_asked),
        fake_test(known_answers_are_found),
        fake_test(changed_texts_differ),
        fake_test(recorded_values_have_types),
        fake_test(line_ends_are_told_apart),
        fake_test(checkout_does_not_count),
        fake_test(placeholders_are_unknown),
        fake_test(atlas_sums_are_known),
        fake_test(atlas_leaves_out_what_says_so),
        fake_test(atlas_histories_are_compared),
        fake_test(sqitch_ids_are_known),
        fake_test(other_tools_have_none),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
