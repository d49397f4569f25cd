#include "fake_host.h"

#include "mig_source.h"

/* Sources: directories, files and texts, and what can be wrong with them. */

#define DIRECTORY                                                              \
    {                                                                          \
        "d", NULL, 0, MIG_PATH_DIRECTORY, false                                \
    }
#define FOLDER(path)                                                           \
    {                                                                          \
        "d/" path, NULL, 0, MIG_PATH_DIRECTORY, false                          \
    }
#define FILE_OF(path, text)                                                    \
    {                                                                          \
        "d/" path, text, 0, MIG_PATH_FILE, false                               \
    }

/* Read a path among the given files. */
static void
read_path(FakeHost *fake, const char *path, const FakeFile *files, size_t count,
          MigSource *source)
{
    fake_next_call(fake);
    fake->files = files;
    fake->file_count = count;
    fake_read_settings(fake);
    memset(source, 0, sizeof(*source));
    mig_source_read(&fake->mig, mig_bytes(path), source);
}

/* A section as its texts one after another, absent for none. */
static MigBytes
section_text(FakeHost *fake, const MigSection *section)
{
    MigText text = {&fake->arena, &fake->error, NULL, 0, 0};
    MigBytes absent = {NULL, 0};

    for (size_t i = 0; i < section->count; i++)
        mig_text_append(
            &text,
            mig_part(section->slices[i].whole, section->slices[i].offset,
                     section->slices[i].offset + section->slices[i].length));
    return section->count == 0 ? absent : mig_text_bytes(&text);
}

/* "version name up/down" of all migrations, a line break behind each. */
static void
expect_source(FakeHost *fake, const MigSource *source, const char *expected)
{
    MigText text = {&fake->arena, &fake->error, NULL, 0, 0};

    fake_expect_ok(fake);
    for (size_t i = 0; i < source->count; i++)
    {
        const MigMigration *migration = &source->migrations[i];
        MigBytes down = section_text(fake, &migration->down);

        mig_text_append(&text, migration->version);
        mig_text_append_string(&text, " ");
        mig_text_append(&text, migration->name);
        mig_text_append_string(&text, " ");
        mig_text_append(&text, section_text(fake, &migration->up));
        mig_text_append_string(&text, down.data == NULL ? "" : "/");
        mig_text_append(&text, down);
        mig_text_append_string(&text, "\n");
    }
    fake_expect_bytes(mig_text_bytes(&text), expected);
}

static const FakeFile native_files[] = {
    DIRECTORY,
    FILE_OF("10_c.sql", "c;"),
    FILE_OF("R__view.sql", "v;"),
    FILE_OF("2_b.sql", "-- migrate:up\nb;-- migrate:down\n"),
    FILE_OF("0001_a.sql", "-- migrate:up\na;\n-- migrate:down\nx;"),
    FILE_OF("README.md", "no migration"),
    FILE_OF("schema.sql", "no migration either"),
    FILE_OF(".0000_hidden.sql", "hidden;"),
    FILE_OF("notes.txt", "\xFF"),
    FOLDER("empty"),
    {"d/socket.sql", NULL, 0, MIG_PATH_OTHER, false},
    {"d/app.db", NULL, 0, MIG_PATH_DATABASE, false},
    {"d/9_app.sql", NULL, 0, MIG_PATH_DATABASE, false},
};

static void
directory_is_read_in_order(void **state)
{
    FakeHost *fake = *state;
    MigSource source;

    read_path(fake, "d", native_files, COUNT_OF(native_files), &source);
    expect_source(fake, &source,
                  "0001 a a;\n/x;\n"
                  "2 b b;-- migrate:down\n\n"
                  "10 c c;\n"
                  "R__view view v;\n");
    assert_true(source.is_directory);
    assert_true(source.migrations[3].repeatable);
    fake_expect_bytes(source.migrations[0].file, "0001_a.sql");
    assert_string_equal(source.migrations[0].format, "native");
    read_path(fake, "d/", native_files, COUNT_OF(native_files), &source);
    fake_expect_ok(fake);
    assert_int_equal(source.count, 4);
}

/* What looks like SQL and has no version is told; everything else is not. */
static void
files_passed_over_are_told(void **state)
{
    FakeHost *fake = *state;
    MigSource source;

    read_path(fake, "d", native_files, COUNT_OF(native_files), &source);
    fake_expect_ok(fake);
    assert_int_equal(fake->notice_count, 1);
    fake_expect_notice(fake, "\"schema.sql\"");
}

static const FakeFile golang_files[] = {
    DIRECTORY,
    FILE_OF("000002_b.down.sql", "y;"),
    FILE_OF("000002_b.up.sql", "b;"),
    FILE_OF("000001_a.up.sql", "a;"),
    FILE_OF("000001_a.down.sql", "x;"),
    FILE_OF("000003_c.up.sql", "c;"),
    FILE_OF("000004_up.up.sql", "d;"),
    FILE_OF("000004_back.down.sql", "z;"),
    FILE_OF("000005_e.up.sql", "e;"),
    FILE_OF("000005_e.down.sql", " \n"),
};

static void
golang_pairs_are_joined(void **state)
{
    FakeHost *fake = *state;
    MigSource source;

    read_path(fake, "d", golang_files, COUNT_OF(golang_files), &source);
    assert_int_equal(source.count, 5);
    assert_string_equal(source.migrations[0].format, "golang-migrate");
    /* A pair with two names has that of either. */
    fake_expect_bytes(source.migrations[0].file, "000001_a.up.sql");
    fake_expect_bytes(source.migrations[3].file, "000004_up.up.sql");
    source.migrations[3].name = mig_bytes("?");
    expect_source(fake, &source,
                  "000001 a a;/x;\n"
                  "000002 b b;/y;\n"
                  "000003 c c;\n"
                  "000004 ? d;/z;\n"
                  "000005 e e;/ \n\n");
    assert_int_equal(fake->notice_count, 0);
}

static const FakeFile diesel_files[] = {
    DIRECTORY,
    FILE_OF(".keep", ""),
    FOLDER("2020-01-02-000000_b"),
    FILE_OF("2020-01-02-000000_b/up.sql", "b;"),
    FILE_OF("2020-01-02-000000_b/metadata.toml",
            "run_in_transaction = false\n"),
    FOLDER("2020-01-01-000000_a"),
    FILE_OF("2020-01-01-000000_a/down.sql", "x;"),
    FILE_OF("2020-01-01-000000_a/up.sql", "a;"),
    FOLDER("2020-01-01-000000_a/more"),
    FILE_OF("2020-01-01-000000_a/more/up.sql", "never;"),
};

static void
diesel_folders_are_read(void **state)
{
    FakeHost *fake = *state;
    MigSource source;

    read_path(fake, "d", diesel_files, COUNT_OF(diesel_files), &source);
    expect_source(fake, &source,
                  "20200101000000 a a;/x;\n"
                  "20200102000000 b b;\n");
    assert_string_equal(source.migrations[0].format, "diesel");
    fake_expect_bytes(source.migrations[0].file, "2020-01-01-000000_a/up.sql");
    fake_expect_bytes(source.migrations[1].options,
                      "transaction:false\norder:free\n");
}

/* Directories that are refused, and why. */
typedef struct RefusedCase
{
    FakeFile files[5];
    MigStatus status;
    const char *message;
    const char *hint;
} RefusedCase;

static const RefusedCase refused[] = {
    {{FILE_OF("1_a.sql", "a;")}, MIG_FILE, "\"d\" does not exist", NULL},
    {{DIRECTORY},
     MIG_INVALID,
     "directory \"d\" holds no migrations",
     "<version>_<name>.sql"},
    {{DIRECTORY, FILE_OF("a.sql", "a;"), FILE_OF("b.txt", "b")},
     MIG_INVALID,
     "directory \"d\" holds no migrations",
     NULL},
    {{{"d", NULL, 0, MIG_PATH_DIRECTORY, true}},
     MIG_DENIED,
     "cannot open directory \"d\"",
     NULL},
    {{{"d", NULL, 0, MIG_PATH_OTHER, false}},
     MIG_INVALID,
     "\"d\" is neither a file nor a directory",
     NULL},
    {{{"d", NULL, 0, MIG_PATH_DATABASE, false}},
     MIG_INVALID,
     "\"d\" is the open database itself",
     NULL},
    {{DIRECTORY, {"d/1_a.sql", "a;", 0, MIG_PATH_FILE, true}},
     MIG_DENIED,
     "cannot open \"d/1_a.sql\"",
     NULL},
    {{DIRECTORY, {"d/1_a.sql", NULL, 0, MIG_PATH_MISSING, false}},
     MIG_FILE,
     "\"1_a.sql\" is a link to a file that does not exist",
     NULL},
    /* Two of one version. */
    {{DIRECTORY, FILE_OF("1_a.sql", "a;"), FILE_OF("01_b.sql", "b;")},
     MIG_DUPLICATE,
     "1_a.sql\"",
     NULL},
    {{DIRECTORY, FILE_OF("1_a.sql", "a;"), FILE_OF("1_b.sql", "b;")},
     MIG_DUPLICATE,
     "line 1: both have version \"1\"",
     NULL},
    {{DIRECTORY, FILE_OF("1_a.up.sql", "a;"), FILE_OF("1_b.up.sql", "b;")},
     MIG_DUPLICATE,
     "both have version \"1\"",
     NULL},
    {{DIRECTORY, FILE_OF("1_a.up.sql", "a;"), FILE_OF("01_b.up.sql", "b;")},
     MIG_DUPLICATE,
     "both have version",
     NULL},
    {{DIRECTORY, FOLDER("1_a"), FILE_OF("1_a/up.sql", "a;"), FOLDER("1_b"),
      FILE_OF("1_b/up.sql", "b;")},
     MIG_DUPLICATE,
     "both have version \"1\"",
     NULL},
    /* Two formats. */
    {{DIRECTORY, FILE_OF("1_a.sql", "a;"), FILE_OF("2_b.up.sql", "b;")},
     MIG_INVALID,
     "holds files of two formats: \"1_a.sql\" (native) and \"2_b.up.sql\" "
     "(golang-migrate)",
     NULL},
    {{DIRECTORY, FILE_OF("1_a.sql", "a;"), FOLDER("2_b"),
      FILE_OF("2_b/up.sql", "b;")},
     MIG_INVALID,
     "(native) and \"2_b/up.sql\" (diesel)",
     NULL},
    /* Half of a pair. */
    {{DIRECTORY, FILE_OF("1_a.down.sql", "a;")},
     MIG_INVALID,
     "\"1_a.down.sql\" line 1: version \"1\" has no file with its way up",
     NULL},
    {{DIRECTORY, FOLDER("1_a"), FILE_OF("1_a/down.sql", "a;")},
     MIG_INVALID,
     "\"1_a/down.sql\" line 1: version \"1\" has no file with its way up",
     NULL},
    {{DIRECTORY, FOLDER("1_a"), FILE_OF("1_a/metadata.toml", "")},
     MIG_INVALID,
     "has no file with its way up",
     NULL},
    /* Bytes. */
    {{DIRECTORY, FILE_OF("1_a.sql", "a;\nb;\n'\xE9';\n")},
     MIG_INVALID,
     "\"1_a.sql\" line 3: byte 0xE9 is not valid UTF-8",
     "Save it as text, in UTF-8."},
    {{DIRECTORY, {"d/1_a.sql", "a;\n\0b", 5, MIG_PATH_FILE, false}},
     MIG_INVALID,
     "\"1_a.sql\" line 2: a text must not hold a zero byte",
     "Save it as text, in UTF-8."},
    {{DIRECTORY, FILE_OF("1_a.up.sql", "a;"), FILE_OF("1_a.down.sql", "\xFF")},
     MIG_INVALID,
     "\"1_a.down.sql\" line 1: byte 0xFF",
     NULL},
    /* What stands in a file. */
    {{DIRECTORY, FILE_OF("1_a.sql", "a;\n-- migrate:undo\n")},
     MIG_INVALID,
     "\"1_a.sql\" line 2: unknown directive \"-- migrate:undo\"",
     NULL},
    {{DIRECTORY, FILE_OF("1_a.sql", "\n")},
     MIG_INVALID,
     "\"1_a.sql\" line 1: the file is empty",
     NULL},
    /* What a name says. */
    {{DIRECTORY, FILE_OF("1'_a.sql", "a;")},
     MIG_INVALID,
     "\"1'_a.sql\" version \"1'\" holds a blank, a quote",
     NULL},
    {{DIRECTORY, FILE_OF("1 a.sql", "a;")},
     MIG_INVALID,
     "\"1 a.sql\" version \"1 a\" holds a blank",
     NULL},
    /* Requirements in a circle. */
    {{DIRECTORY, FILE_OF("1_a.sql", "-- migrate:requires 1\na;")},
     MIG_INVALID,
     "\"1_a.sql\" line 1: requirements run in a circle",
     NULL},
    {{DIRECTORY, FILE_OF("1_a.sql", "-- c\n-- migrate:requires 01\na;")},
     MIG_INVALID,
     "\"1_a.sql\" line 2: requirements run in a circle",
     NULL},
    {{DIRECTORY, FILE_OF("1_a.sql", "\n-- migrate:requires 2\na;"),
      FILE_OF("2_b.sql", "\n\n-- migrate:requires 1\nb;")},
     MIG_INVALID,
     "\"2_b.sql\" line 3: requirements run in a circle: \"2\" requires \"1\"",
     NULL},
    {{DIRECTORY, FILE_OF("1_a.sql", "-- migrate:requires 3\na;"),
      FILE_OF("2_b.sql", "-- migrate:requires 1\nb;"),
      FILE_OF("3_c.sql", "-- migrate:requires 2\nb;")},
     MIG_INVALID,
     "\"2_b.sql\" line 1: requirements run in a circle",
     NULL},
};

static void
mistakes_are_named(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(refused); i++)
    {
        MigSource source;
        size_t count = 0;

        while (count < COUNT_OF(refused[i].files) &&
               refused[i].files[count].path != NULL)
            count++;
        read_path(fake, "d", refused[i].files, count, &source);
        if (fake->error.status == MIG_OK)
            fail_msg("row %zu is accepted: %s", i, refused[i].message);
        fake_expect(fake, refused[i].status, refused[i].message,
                    refused[i].hint);
    }
}

/* Names that the catalogue's columns could not hold, or the user not read. */
static const FakeFile odd_names[][2] = {
    {DIRECTORY, FILE_OF("1_a\nb.sql", "a;")},
    {DIRECTORY, FILE_OF("1_a\xFF.sql", "a;")},
};

static void
names_that_cannot_be_kept_are_refused(void **state)
{
    FakeHost *fake = *state;
    size_t accepted = 0;

    for (size_t i = 0; i < COUNT_OF(odd_names); i++)
    {
        MigSource source;

        read_path(fake, "d", odd_names[i], COUNT_OF(odd_names[i]), &source);
        if (fake->error.status == MIG_OK)
        {
            print_error("row %zu is accepted\n", i);
            accepted++;
        }
        else
            fake_expect(fake, MIG_INVALID, NULL, NULL);
    }
    assert_int_equal(accepted, 0);
}

static void
requirements_that_meet_are_no_circle(void **state)
{
    static const FakeFile files[] = {
        DIRECTORY,
        FILE_OF("1_a.sql", "-- migrate:requires 4\na;"),
        FILE_OF("2_b.sql", "-- migrate:requires 4, 1\na;"),
        FILE_OF("3_c.sql", "-- migrate:requires 1 2, 99\na;"),
        FILE_OF("4_d.sql", "a;"),
    };
    FakeHost *fake = *state;
    MigSource source;

    read_path(fake, "d", files, COUNT_OF(files), &source);
    fake_expect_ok(fake);
    assert_int_equal(source.count, 4);
    fake_expect_bytes(source.migrations[2].requires, "1\n2\n99\n");
}

/* ---- One file ---- */

static const struct
{
    const char *path;
    FakeFile file;
    const char *expected; /* as expect_source(), or NULL, and then */
    MigStatus status;
    const char *message;
} single[] = {
    {"x/1_a.sql",
     {"x/1_a.sql", "a;", 0, MIG_PATH_FILE, false},
     "1 a a;\n",
     MIG_OK,
     NULL},
    {"/1_a.sql",
     {"/1_a.sql", "a;", 0, MIG_PATH_FILE, false},
     "1 a a;\n",
     MIG_OK,
     NULL},
    {"R__a.sql",
     {"./R__a.sql", "a;", 0, MIG_PATH_FILE, false},
     NULL,
     MIG_FILE,
     "does not exist"},
    {"x/a.sql",
     {"x/a.sql", "a;", 0, MIG_PATH_FILE, false},
     NULL,
     MIG_INVALID,
     "\"x/a.sql\" is no migration"},
    {"x/1_a.txt",
     {"x/1_a.txt", "a;", 0, MIG_PATH_FILE, false},
     NULL,
     MIG_INVALID,
     "is no migration"},
    {"x/1_a.up.sql",
     {"x/1_a.up.sql", "a;", 0, MIG_PATH_FILE, false},
     NULL,
     MIG_INVALID,
     "is only one part of a migration"},
    {"x/1_a.sql",
     {"x/1_a.sql", "\xFF", 0, MIG_PATH_FILE, false},
     NULL,
     MIG_INVALID,
     "\"1_a.sql\" line 1: byte 0xFF"},
    {"x/1_a.sql",
     {"x/1_a.sql", "a;", 0, MIG_PATH_DATABASE, false},
     NULL,
     MIG_INVALID,
     "is the open database itself"},
    {"",
     {"x", "a;", 0, MIG_PATH_FILE, false},
     NULL,
     MIG_INVALID,
     "must not be empty"},
};

static void
single_files_are_read(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(single); i++)
    {
        MigSource source;

        read_path(fake, single[i].path, &single[i].file, 1, &source);
        if (single[i].expected != NULL)
        {
            expect_source(fake, &source, single[i].expected);
            assert_false(source.is_directory);
        }
        else
            fake_expect(fake, single[i].status, single[i].message, NULL);
    }
}

/* ---- Checksums ---- */

/* The checksum of the first migration of a directory. */
static const char *
checksum_of(FakeHost *fake, const FakeFile *files, size_t count)
{
    MigSource source;

    read_path(fake, "d", files, count, &source);
    fake_expect_ok(fake);
    return source.migrations[0].checksum;
}

static void
checksum_is_of_all_files(void **state)
{
    static const FakeFile one[] = {DIRECTORY, FILE_OF("1_a.sql", "a;\n")};
    static const FakeFile crlf[] = {DIRECTORY, FILE_OF("1_a.sql", "\xEF\xBB\xBF"
                                                                  "a;\r\n")};
    static const FakeFile pair[] = {DIRECTORY, FILE_OF("1_a.up.sql", "a;\n"),
                                    FILE_OF("1_a.down.sql", "b;\n")};
    static const FakeFile other[] = {DIRECTORY, FILE_OF("1_a.up.sql", "a;\n"),
                                     FILE_OF("1_a.down.sql", "c;\n")};
    static const FakeFile up[] = {DIRECTORY, FILE_OF("1_a.up.sql", "a;\n")};
    FakeHost *fake = *state;
    char first[65];

    memcpy(first, checksum_of(fake, one, COUNT_OF(one)), sizeof(first));
    assert_string_equal(checksum_of(fake, crlf, COUNT_OF(crlf)), first);
    assert_string_equal(checksum_of(fake, up, COUNT_OF(up)), first);
    memcpy(first, checksum_of(fake, pair, COUNT_OF(pair)), sizeof(first));
    assert_string_not_equal(checksum_of(fake, up, COUNT_OF(up)), first);
    assert_string_not_equal(checksum_of(fake, other, COUNT_OF(other)), first);
}

/* A MigKnownText: every text is known. */
static bool
know_all(void *context, MigBytes position, const char *hash)
{
    assert_true(position.length > 0);
    assert_int_equal(strlen(hash), MIG_HASH_LENGTH);
    ++*(int *) context;
    return true;
}

static void
known_texts_are_not_kept(void **state)
{
    FakeHost *fake = *state;
    MigSource source;
    int asked = 0;

    memset(&source, 0, sizeof(source));
    source.known = know_all;
    source.known_context = &asked;
    fake->files = golang_files;
    fake->file_count = COUNT_OF(golang_files);
    fake_read_settings(fake);
    mig_source_read(&fake->mig, mig_bytes("d"), &source);
    fake_expect_ok(fake);
    assert_int_equal(asked, COUNT_OF(golang_files) - 1);
    assert_int_equal(source.count, 5);
    for (size_t i = 0; i < source.count; i++)
    {
        assert_null(source.migrations[i].up.slices[0].whole.data);
        if (source.migrations[i].down.count > 0)
            assert_null(source.migrations[i].down.slices[0].whole.data);
    }
}

static void
variables_are_noted(void **state)
{
    static const struct
    {
        const char *text;
        bool noted;
    } cases[] = {{"a ${x};", true},  {"a;", false},    {"$", false},
                 {"$ {x}", false},   {"$$ ${y", true}, {"a $1 $2", false},
                 {"-- ${x}\n", true}};
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        MigSource source;
        FakeFile files[] = {DIRECTORY, FILE_OF("1_a.sql", cases[i].text)};

        read_path(fake, "d", files, COUNT_OF(files), &source);
        fake_expect_ok(fake);
        assert_int_equal(
            mig_option(source.migrations[0].options, "variables").data != NULL,
            cases[i].noted);
    }
}

/* ---- Texts ---- */

static const struct
{
    const char *version;
    const char *up;
    const char *down;
    const char *name;
    const char *expected; /* as expect_source(), or NULL, and then */
    MigStatus status;
    const char *message;
} texts[] = {
    {"1", "a;", NULL, NULL, "1  a;\n", MIG_OK, NULL},
    {"1", "a;", "b;", "n", "1 n a;/b;\n", MIG_OK, NULL},
    {"1", "a;", "", NULL, "1  a;/\n", MIG_OK, NULL},
    {"1", "a;", " \n", NULL, "1  a;/ \n\n", MIG_OK, NULL},
    {"1", "a;", "-- nothing", NULL, "1  a;/-- nothing\n", MIG_OK, NULL},
    {"1", "-- migrate:up\na;\n-- migrate:down\nb;", NULL, NULL, "1  a;\n/b;\n",
     MIG_OK, NULL},
    {"1", "-- migrate:up\na;\n", "b;", NULL, "1  a;\n/b;\n", MIG_OK, NULL},
    {"1", "-- migrate:up\na;\n-- migrate:down\nb;", "c;", NULL, NULL,
     MIG_INVALID, "the way back is given twice"},
    {"head", "a;", NULL, NULL, NULL, MIG_INVALID, "cannot be a version"},
    {"", "a;", NULL, NULL, NULL, MIG_INVALID, "must not be empty"},
    {"..\\1", "a;", NULL, NULL, NULL, MIG_INVALID, "backslash"},
    {"1", "", NULL, NULL, NULL, MIG_INVALID, "is empty"},
    {"1", "\xFF", NULL, NULL, NULL, MIG_INVALID, "byte 0xFF"},
    {"1", "a;", "\xFF", NULL, NULL, MIG_INVALID, "byte 0xFF"},
    {"1", "a;", NULL, "\xFF", NULL, MIG_INVALID, "must be valid UTF-8"},
    {"1", "-- migrate:down\na;", NULL, NULL, NULL, MIG_INVALID,
     "no \"-- migrate:up\" section"},
    {"1", "-- migrate:requires 1\na;", NULL, NULL, NULL, MIG_INVALID,
     "line 1: requirements run in a circle"},
};

static void
texts_are_read(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        MigSource source;

        fake_next_call(fake);
        memset(&source, 0, sizeof(source));
        mig_source_from_text(&fake->mig, mig_bytes(texts[i].version),
                             mig_bytes(texts[i].up), mig_bytes(texts[i].down),
                             mig_bytes(texts[i].name), &source);
        if (texts[i].expected != NULL)
        {
            expect_source(fake, &source, texts[i].expected);
            assert_false(source.is_directory);
        }
        else
            fake_expect(fake, texts[i].status, texts[i].message, NULL);
    }
}

/* ---- Memory ---- */

static void
read_directories(FakeHost *fake)
{
    MigSource source;

    memset(&source, 0, sizeof(source));
    fake_read_settings(fake);
    fake->files = native_files;
    fake->file_count = COUNT_OF(native_files);
    mig_source_read(&fake->mig, mig_bytes("d"), &source);
    if (!mig_ok(&fake->mig))
        return;
    memset(&source, 0, sizeof(source));
    fake->files = diesel_files;
    fake->file_count = COUNT_OF(diesel_files);
    mig_source_read(&fake->mig, mig_bytes("d"), &source);
}

static void
read_text(FakeHost *fake)
{
    MigSource source;

    memset(&source, 0, sizeof(source));
    fake_read_settings(fake);
    mig_source_from_text(&fake->mig, mig_bytes("2"),
                         mig_bytes("-- migrate:requires 1\r\na ${x};"),
                         mig_bytes("b;"), mig_bytes("n"), &source);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, read_directories);
    fake_refuse_each(NULL, read_text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(directory_is_read_in_order),
        fake_test(files_passed_over_are_told),
        fake_test(golang_pairs_are_joined),
        fake_test(diesel_folders_are_read),
        fake_test(mistakes_are_named),
        fake_test(names_that_cannot_be_kept_are_refused),
        fake_test(requirements_that_meet_are_no_circle),
        fake_test(single_files_are_read),
        fake_test(checksum_is_of_all_files),
        fake_test(known_texts_are_not_kept),
        fake_test(variables_are_noted),
        fake_test(texts_are_read),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
