#include "fake_host.h"

#include <stdio.h>

#include "mig_bundle.h"
#include "mig_escape.h"
#include "mig_setting.h"
#include "mig_virtual.h"

/* Bundles: the script that is written, its calls, the escapes in it, and the
 * directory that the last call reads. */

/* ---- Escapes ---- */

static const struct
{
    const char *text;
    const char *literal;
    const char *comment;
} escapes[] = {
    {"", "''", ""},
    {"SELECT 'a';\n", "'SELECT ''a'';\n'", "SELECT 'a';~0A"},
    {"''", "''''''", "''"},
    {"\\", "'~5C'", "~5C"},
    {"~7E~", "'~7E7E~7E'", "~7E7E~7E"},
    {"a\r\nb\r", "'a~0D\nb~0D'", "a~0D~0Ab~0D"},
    {" a  b \n\t\n", "' a  b~20\n~09\n'", " a  b~20~0A~09~0A"},
    {"a \t", "'a~20~09'", "a~20~09"},
    {"a\tb", "'a\tb'", "a\tb"},
    {"\x01\x1F\x7F", "'~01~1F~7F'", "~01~1F~7F"},
    {"\xEF\xBB\xBF\xC3\xA4", "'~EF~BB~BF\xC3\xA4'", "~EF~BB~BF\xC3\xA4"},
    {"\xC3\xA4\xFF", "'~C3~A4~FF'", "~C3~A4~FF"},
};

static void
texts_are_escaped(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(escapes); i++)
    {
        MigText literal = {&fake->arena, &fake->error, NULL, 0, 0};
        MigText comment = literal;

        mig_escape_append_literal(&literal, mig_bytes(escapes[i].text));
        fake_expect_bytes(mig_text_bytes(&literal), escapes[i].literal);
        mig_escape_append(&comment, mig_bytes(escapes[i].text));
        fake_expect_bytes(mig_text_bytes(&comment), escapes[i].comment);
    }
    fake_expect_ok(fake);
}

/* The text of an SQL literal at the start of a script; moves behind it. */
static MigBytes
take_literal(FakeHost *fake, const char **script)
{
    MigText text = {&fake->arena, &fake->error, NULL, 0, 0};

    assert_int_equal(**script, '\'');
    for ((*script)++;; (*script)++)
    {
        const char *end = strchr(*script, '\'');
        MigBytes part = {*script, 0};

        assert_non_null(end);
        part.length = (size_t) (end - *script);
        mig_text_append(&text, part);
        *script = end + 1;
        if (**script != '\'')
            return mig_text_bytes(&text);
        mig_text_append_string(&text, "'");
    }
}

/* Every pair of bytes, zero bytes among them. */
static void
all_bytes_come_back(void **state)
{
    FakeHost *fake = *state;

    for (unsigned first = 0; first < 256; first++)
    {
        MigText script = {&fake->arena, &fake->error, NULL, 0, 0};
        char pairs[512];
        MigBytes text = {pairs, sizeof(pairs)};
        MigBytes read;
        const char *at;

        for (unsigned i = 0; i < 256; i++)
        {
            pairs[2 * i] = (char) first;
            pairs[2 * i + 1] = (char) i;
        }
        mig_escape_append_literal(&script, text);
        at = mig_text_bytes(&script).data;
        assert_null(strpbrk(at, "\\\r"));
        read = mig_escape_read(&fake->mig, take_literal(fake, &at));
        assert_int_equal(*at, '\0');
        assert_true(mig_bytes_equal(read, text));
        fake_next_call(fake);
    }
}

static void
cut_escapes_are_refused(void **state)
{
    static const char *const texts[] = {"~",   "a~",  "~4",  "~4g",
                                        "~g4", "~~4", "~ 4", "a\n~\n"};
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        fake_next_call(fake);
        (void) mig_escape_read(&fake->mig, mig_bytes(texts[i]));
        fake_expect(fake, MIG_INVALID, "two hexadecimal digits", NULL);
    }
    fake_next_call(fake);
    fake_expect_bytes(mig_escape_read(&fake->mig, mig_bytes("~7e~7E~0a")),
                      "~~\n");
}

/* ---- Scripts ---- */

#define FILE_OF(path, text)                                                    \
    {                                                                          \
        "d/" path, text, 0, MIG_PATH_FILE, false                               \
    }
#define FOLDER(path)                                                           \
    {                                                                          \
        path, NULL, 0, MIG_PATH_DIRECTORY, false                               \
    }

static const FakeFile folders[] = {
    FOLDER("d"),
    FOLDER("d/1_a"),
    FILE_OF("1_a/up.sql", "a;"),
    FILE_OF("1_a/metadata.toml", "run_in_transaction = false"),
    FILE_OF("1_a/unread", "\xFF"),
    FOLDER("d/2_b"),
    FILE_OF("2_b/up.sql", "\xEF\xBB\xBF"
                          "b 'x';\r\n"),
    FILE_OF("2_b/down.sql", "back; "),
    FILE_OF("README", "not read"),
};

static const FakeFile single[] = {
    FOLDER("d"),
    FILE_OF("1_a.sql", "a;"),
    FILE_OF("2_b.sql", "b;"),
};

/* The script of a path among the given files. */
static MigBytes
write_bundle(FakeHost *fake, const char *path, const FakeFile *files,
             size_t count)
{
    fake_next_call(fake);
    fake->files = files;
    fake->file_count = count;
    fake_read_settings(fake);
    return mig_bundle_write(&fake->mig, mig_bytes(path));
}

/* Run a script's calls; returns what the last one does. */
static int64_t
run_script(FakeHost *fake, const char *script)
{
    static const char call[] = "SELECT migrate_add(";
    int64_t count = -1;

    fake->files = NULL;
    fake->file_count = 0;
    while ((script = strstr(script, call)) != NULL)
    {
        MigBytes version;
        MigBytes up;
        MigBytes details;

        fake_next_call(fake);
        (void) fake->host.methods->catalogue_find(
            &fake->host, &fake->mig.has_catalogue, &fake->error);
        fake_read_settings(fake);
        script += strlen(call);
        version = take_literal(fake, &script);
        script += strlen(", ");
        up = take_literal(fake, &script);
        script += strlen(", NULL, NULL,\n");
        details = take_literal(fake, &script);
        assert_true(mig_starts_with(mig_bytes(script), ");\n"));
        count = mig_bundle_add(&fake->mig, version, up, details);
        if (!mig_ok(&fake->mig))
            return -1;
    }
    return count;
}

/* A copy of a script that outlives calls. */
static char *
keep_script(MigBytes script)
{
    char *copy = malloc(script.length + 1);

    assert_non_null(copy);
    memcpy(copy, script.data, script.length);
    copy[script.length] = '\0';
    return copy;
}

static void
folders_come_over(void **state)
{
    FakeHost *fake = *state;
    char *script =
        keep_script(write_bundle(fake, "d/", folders, COUNT_OF(folders)));
    const MigValue *row;

    fake_expect_ok(fake);
    assert_null(strstr(script, "unread"));
    assert_null(strstr(script, "README"));
    assert_int_equal(fake->data.migrations.count, 0);
    assert_int_equal(run_script(fake, script), 2);
    fake_expect_ok(fake);
    assert_int_equal(fake->data.migrations.count, 2);
    /* Three texts are kept, metadata.toml is not. */
    assert_int_equal(fake->data.texts.count, 3);
    row = fake->data.migrations.rows[0];
    fake_expect_bytes(row[4].bytes, "diesel");
    fake_expect_bytes(row[6].bytes, "1_a/up.sql");
    fake_expect_bytes(row[9].bytes, "transaction:false\norder:free\n");
    assert_int_equal(run_script(fake, script), 0);
    fake_expect_ok(fake);
    free(script);
}

static void
a_single_file_comes_over(void **state)
{
    FakeHost *fake = *state;
    char *script =
        keep_script(write_bundle(fake, "d/2_b.sql", single, COUNT_OF(single)));

    fake_expect_ok(fake);
    assert_non_null(strstr(script, "file:2_b.sql"));
    assert_null(strstr(script, "1_a.sql"));
    assert_int_equal(run_script(fake, script), 1);
    assert_int_equal(fake->data.migrations.count, 1);
    free(script);
}

/* What the catalogue of one engine alone would hold. */
static void
one_engines_texts_come_last(void **state)
{
    static const FakeFile files[] = {
        FOLDER("d"),
        FILE_OF("1_a.sql", "-- migrate:up\na;\n"),
        FILE_OF("2_b.sql", "-- migrate:up postgresql\nb;\n"),
    };
    FakeHost *fake = *state;
    char *script = keep_script(write_bundle(fake, "d", files, COUNT_OF(files)));

    fake_expect_ok(fake);
    /* A text that SQLite's catalogue would not hold comes with the last. */
    assert_non_null(strstr(script, "\ninline:"));
    assert_non_null(strstr(script, "\ntext:"));
    assert_int_equal(run_script(fake, script), 2);
    assert_int_equal(fake->data.texts.count,
                     strcmp(fake->host.methods->engine, "sqlite") == 0 ? 1 : 2);
    free(script);
}

/* What only the other engine reads is bundled for that one. */
static void
another_engines_files_come_over(void **state)
{
    static const FakeFile files[] = {
        FOLDER("d"),
        FILE_OF("migration_lock.toml", "provider = \"postgresql\"\n"),
        FOLDER("d/20240101000000_a"),
        FILE_OF("20240101000000_a/migration.sql", "a;"),
    };
    static const FakeFile nobodys[] = {
        FOLDER("d"),
        FILE_OF("migration_lock.toml", "provider = \"mysql\"\n"),
        FOLDER("d/20240101000000_a"),
        FILE_OF("20240101000000_a/migration.sql", "a;"),
    };
    FakeHost *fake = *state;
    char *script = keep_script(write_bundle(fake, "d", files, COUNT_OF(files)));

    fake_expect_ok(fake);
    fake_expect_notice(fake, "sqlite would refuse these files: ");
    assert_non_null(strstr(script, "format:prisma"));
    assert_int_equal(run_script(fake, script), -1);
    fake_expect(fake, MIG_UNSUPPORTED, "not for sqlite", NULL);
    free(script);
    (void) write_bundle(fake, "d", nobodys, COUNT_OF(nobodys));
    fake_expect(fake, MIG_UNSUPPORTED, "mysql, not for sqlite", NULL);
}

/* ---- Calls that no script holds ---- */

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OF_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define LAST "bundle:1\nsource:s\nformat:native\n"

static const struct
{
    const char *version;
    const char *up;
    const char *details;
    MigStatus status;
    const char *message;
} refused[] = {
    {"1", "", "bundle:1\n", MIG_INVALID, "its version is"},
    {"text", "", "", MIG_INVALID, "do not begin"},
    {"text", "", "text:" EMPTY ":a\n", MIG_INVALID, "do not begin"},
    {"text", "", "bundle:x\n", MIG_INVALID, "do not begin"},
    {"text", "", "bundle:2\nnew:thing\n", MIG_UNSUPPORTED, "another version"},
    {"text", "", "bundle:1\nbundle:1\n", MIG_INVALID, "twice"},
    {"text", "", "bundle:1\nnew:thing\n", MIG_INVALID, "unknown"},
    {"text", "", "bundle:1\nno colon\n", MIG_INVALID, "no \":\""},
    {"text", "", "bundle:1\n\n", MIG_INVALID, "no \":\""},
    {"text", "", "bundle:1\n", MIG_INVALID, "about one text"},
    {"text", "a", "bundle:1\ntext:" OF_A ":a\ntext:" OF_A ":b\n", MIG_INVALID,
     "about one text"},
    {"text", "a", "bundle:1\ninline:" OF_A ":1:a\n", MIG_INVALID,
     "about one text"},
    {"text", "a", "bundle:1\ntext:" EMPTY ":x.sql\n", MIG_INVALID,
     "text of file \"x.sql\" is not the one"},
    {"text", "~FF",
     "bundle:1\ntext:"
     "a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89:a\n",
     MIG_INVALID, "not valid UTF-8"},
    {"text", "a", "bundle:1\ntext:abc:a\n", MIG_INVALID, "hash"},
    {"text", "a", "bundle:1\ntext::a\n", MIG_INVALID, "hash"},
    {"text", "a", "bundle:1\ntext:" OF_A "\n", MIG_INVALID, "cut off"},
    {"text", "a",
     "bundle:1\ntext:"
     "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB:a\n",
     MIG_INVALID, "hash"},
    {"text", "~zz", "bundle:1\n", MIG_INVALID, "hexadecimal"},
    {"text", "", "bundle~1\n", MIG_INVALID, "hexadecimal"},
    {"bundle", "", "bundle:1\n", MIG_INVALID, "no label"},
    {"bundle", "", "bundle:1\nsource:\n", MIG_INVALID, "no label"},
    {"bundle", "", "bundle:1\nsource:~FF\n", MIG_INVALID, "not valid UTF-8"},
    {"bundle", "", LAST "source:t\n", MIG_INVALID, "twice"},
    {"bundle", "", LAST, MIG_INVALID, "holds no migrations"},
    {"bundle", "a", LAST, MIG_INVALID, "more text"},
    {"bundle", "a", LAST "inline:" OF_A ":2:1_a.sql\n", MIG_INVALID, "length"},
    {"bundle", "a", LAST "inline:" OF_A ":-1:1_a.sql\n", MIG_INVALID, "length"},
    {"bundle", "a", LAST "inline:" OF_A "::1_a.sql\n", MIG_INVALID, "length"},
    {"bundle", "a", LAST "inline:" OF_A ":99999999999999999999:1_a.sql\n",
     MIG_INVALID, "length"},
    {"bundle", "b", LAST "inline:" OF_A ":1:1_a.sql\n", MIG_INVALID,
     "is not the one"},
    {"bundle", "a", LAST "inline:" OF_A ":1:\n", MIG_INVALID, "cannot hold"},
    {"bundle", "a", LAST "inline:" OF_A ":1:/1_a.sql\n", MIG_INVALID,
     "cannot hold"},
    {"bundle", "a", LAST "inline:" OF_A ":1:../1_a.sql\n", MIG_INVALID,
     "cannot hold"},
    {"bundle", "a", LAST "inline:" OF_A ":1:a/./1_a.sql\n", MIG_INVALID,
     "cannot hold"},
    {"bundle", "a", LAST "inline:" OF_A ":1:1_a/\n", MIG_INVALID,
     "cannot hold"},
    {"bundle", "a", LAST "inline:" OF_A ":1:1_a~07.sql\n", MIG_INVALID,
     "cannot hold"},
    {"bundle", "aa",
     LAST "inline:" OF_A ":1:1_a\ninline:" OF_A ":1:1_a/up.sql\n", MIG_INVALID,
     "cannot hold"},
    {"bundle", "a", LAST "inline:" OF_A ":1:1_a.sql\ntext:" OF_A ":1_a.sql\n",
     MIG_INVALID, "two files"},
    {"bundle", "a", LAST "inline:" OF_A ":1:name.sql\n", MIG_INVALID,
     "holds no migrations"},
    {"bundle", "aa",
     LAST "inline:" OF_A ":1:1_a.sql\ninline:" OF_A ":1:01_b.sql\n",
     MIG_DUPLICATE, "both have version"},
    {"bundle", "a",
     "bundle:1\nsource:s\nformat:new\ninline:" OF_A ":1:1_a.sql\n",
     MIG_UNSUPPORTED, "format \"new\""},
    {"bundle", "a", "bundle:1\nsource:s\ninline:" OF_A ":1:1_a.sql\n",
     MIG_UNSUPPORTED, "format \"\""},
    {"bundle", "", "bundle:1\nsource:s\nformat:auto\n", MIG_UNSUPPORTED,
     "format \"auto\""},
    {"bundle", "a", LAST "file:2_b.sql\ninline:" OF_A ":1:1_a.sql\n", MIG_FILE,
     "\"bundle/2_b.sql\" does not exist"},
    {"bundle", "", LAST "text:" OF_A ":1_a.sql\n", MIG_STATE,
     "\"1_a.sql\" has not come with the bundle"},
};

static void
other_calls_are_refused(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(refused); i++)
    {
        fake_next_call(fake);
        fake_read_settings(fake);
        (void) mig_bundle_add(&fake->mig, mig_bytes(refused[i].version),
                              mig_bytes(refused[i].up),
                              mig_bytes(refused[i].details));
        if (mig_ok(&fake->mig))
            fail_msg("row %zu is accepted: %s", i, refused[i].message);
        fake_expect(fake, refused[i].status, refused[i].message, NULL);
        assert_int_equal(fake->data.events.count, 0);
        assert_int_equal(fake->data.texts.count, 0);
    }
}

/* ---- Little memory ---- */

static void
write_folders(FakeHost *fake)
{
    fake->files = folders;
    fake->file_count = COUNT_OF(folders);
    fake_read_settings(fake);
    if (mig_ok(&fake->mig))
        (void) mig_bundle_write(&fake->mig, mig_bytes("d"));
}

static void
add_last(FakeHost *fake)
{
    fake_read_settings(fake);
    if (mig_ok(&fake->mig))
        (void) mig_bundle_add(&fake->mig, mig_bytes("bundle"), mig_bytes("aa"),
                              mig_bytes("bundle:1\nsource:s\nformat:diesel\n"
                                        "inline:" OF_A
                                        ":1:1_a/up.sql\ninline:" OF_A
                                        ":1:1_a/down.sql\n"));
}

static void
add_text(FakeHost *fake)
{
    fake_read_settings(fake);
    if (mig_ok(&fake->mig))
        (void) mig_bundle_add(&fake->mig, mig_bytes("text"), mig_bytes("a"),
                              mig_bytes("bundle:1\ntext:" OF_A ":a\n"));
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, write_folders);
    fake_refuse_each(NULL, add_text);
    fake_refuse_each(NULL, add_last);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(texts_are_escaped),
        fake_test(all_bytes_come_back),
        fake_test(cut_escapes_are_refused),
        fake_test(folders_come_over),
        fake_test(a_single_file_comes_over),
        fake_test(one_engines_texts_come_last),
        fake_test(another_engines_files_come_over),
        fake_test(other_calls_are_refused),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
