#include "fake_host.h"

#include <stdio.h>

#include "mig_source.h"

/* Directories of other tools with lists and checksums, when memory is short. */

#define DIRECTORY                                                              \
    {                                                                          \
        "d", NULL, 0, MIG_PATH_DIRECTORY, false                                \
    }
#define FOLDER(name)                                                           \
    {                                                                          \
        "d/" name, NULL, 0, MIG_PATH_DIRECTORY, false                          \
    }
#define FILE_OF(name, text)                                                    \
    {                                                                          \
        "d/" name, text, 0, MIG_PATH_FILE, false                               \
    }

static const FakeFile atlas_files[] = {
    DIRECTORY,
    FILE_OF("1_a.sql", "-- atlas:delimiter \\n\\n\n\nCREATE TABLE a (id "
                       "integer)\n\nSELECT 1\n"),
    FILE_OF("2_b.sql", "-- atlas:txmode none\n\nSELECT 2;\n"),
    FILE_OF("3_c.sql", "-- atlas:checkpoint\n\nSELECT 3;\n"),
    FILE_OF("atlas.sum",
            "h1:yG3/JAFOiLL+ZFBtqGVcMBwMTnQmw1qalaF6REN++wQ=\n1_a.sql "
            "h1:0xhtUM7QaIbDjfVfFZZMfzXFHfbU/kLkP0szZ8YbgQs=\n2_b.sql "
            "h1:WhicUulkCXiuwcXuOaHhi+Je//9DogD2kHvpSNFp1hs=\n3_c.sql "
            "h1:mEYY3zEA97rTSQSPK/br38RzcMdEZvy4u3sTmY/t8kU=\n"),
};

static const FakeFile graphile_files[] = {
    DIRECTORY,
    FOLDER("committed"),
    FILE_OF("committed/000001.sql",
            "--! Previous: -\n--! Hash: "
            "sha1:04c16633da7904c37cb5f6e2ec0a8942f3ca0b4d\n\nCREATE TABLE "
            "first (id integer);\n-- a ${variable} is none here\n"),
    FILE_OF("committed/000002-add-the-index.sql",
            "--! Previous: sha1:04c16633da7904c37cb5f6e2ec0a8942f3ca0b4d\n--! "
            "Hash: sha1:67483f3a16299da5a928ce23cb4722ae94949420\n--! Message: "
            "Add the index\n\n--! no-transaction\nCREATE INDEX first_id ON "
            "first (id);\n"),
};

static const FakeFile drizzle_files[] = {
    DIRECTORY,
    FOLDER("meta"),
    FILE_OF("0000_a.sql", "SELECT 1\n--> statement-breakpoint\nSELECT 2;\n"),
    FILE_OF("0001_b.sql", "SELECT 3;\n"),
    FILE_OF("0002_c.sql", "SELECT 4;\n"),
    FILE_OF("meta/_journal.json",
            "{\"dialect\": \"sqlite\", \"entries\": [{\"idx\": 0, \"when\": 3, "
            "\"tag\": \"0000_a\"}, {\"idx\": 1, \"when\": 2, \"tag\": "
            "\"0001_b\"}, {\"idx\": 2, \"when\": 4, \"tag\": \"0002_c\"}]}"),
};

static const FakeFile prisma_files[] = {
    DIRECTORY,
    FOLDER("1_a"),
    FOLDER("1_b"),
    FILE_OF("1_a/migration.sql", "SELECT 1;\n"),
    FILE_OF("1_b/migration.sql", "SELECT 2;\n"),
    FILE_OF("migration_lock.toml", "provider = \"sqlite\"\n"),
};

static const FakeFile sqlx_files[] = {
    DIRECTORY,
    FILE_OF("1_a.down.sql", "SELECT 2;\n"),
    FILE_OF("1_a.up.sql", "-- no-transaction\nSELECT 1;\n"),
    FILE_OF("2_b_c.sql", "SELECT 3;\n"),
};

static const FakeFile supabase_files[] = {
    DIRECTORY,
    FOLDER("supabase"),
    FOLDER("supabase/migrations"),
    FILE_OF("supabase/migrations/20200101000000_init.sql", "SELECT 1;\n"),
    FILE_OF("supabase/migrations/2_b.sql", "SELECT 2;\n"),
};

static const struct
{
    const FakeFile *files;
    size_t count;
    const char *format;
    size_t migrations;
} directories[] = {
    {atlas_files, COUNT_OF(atlas_files), "atlas", 3},
    {graphile_files, COUNT_OF(graphile_files), "graphile-migrate", 2},
    {drizzle_files, COUNT_OF(drizzle_files), "drizzle", 3},
    {prisma_files, COUNT_OF(prisma_files), "prisma", 2},
    {sqlx_files, COUNT_OF(sqlx_files), "sqlx", 2},
    {supabase_files, COUNT_OF(supabase_files), "supabase", 1},
};

static void
read_directory(FakeHost *fake, size_t index, MigSource *source)
{
    memset(source, 0, sizeof(*source));
    fake_read_settings(fake);
    fake->files = directories[index].files;
    fake->file_count = directories[index].count;
    mig_source_read(&fake->mig, mig_bytes("d"), source);
}

static void
directories_are_read(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(directories); i++)
    {
        MigSource source;

        read_directory(fake, i, &source);
        fake_expect_ok(fake);
        assert_string_equal(source.format->name, directories[i].format);
        assert_int_equal(source.count, directories[i].migrations);
    }
}

/* An entry that Drizzle would never run is told. */
static void
late_entries_are_told(void **state)
{
    FakeHost *fake = *state;
    MigSource source;

    read_directory(fake, 2, &source);
    fake_expect_notice(fake, "1 of the entries of meta/_journal.json, such as "
                             "\"0001_b\", has no later time than one above");
}

/* A checksum that does not fit is told, where the setting allows that. */
static void
bad_sums_are_told(void **state)
{
    FakeHost *fake = *state;
    FakeFile files[COUNT_OF(atlas_files)];
    MigSource source;

    memcpy(files, atlas_files, sizeof(files));
    files[2].text = "SELECT 22;\n";
    fake_set(fake, "on_bad_sum", "warn");
    fake_read_settings(fake);
    memset(&source, 0, sizeof(source));
    fake->files = files;
    fake->file_count = COUNT_OF(files);
    mig_source_read(&fake->mig, mig_bytes("d"), &source);
    fake_expect_ok(fake);
    fake_expect_notice(fake, "\"atlas.sum\" line 3: file \"2_b.sql\" has been "
                             "edited");
    assert_int_equal(source.count, 3);
}

static void
read_directories(FakeHost *fake)
{
    for (size_t i = 0; i < COUNT_OF(directories); i++)
    {
        MigSource source;

        read_directory(fake, i, &source);
        if (!mig_ok(&fake->mig))
            return;
    }
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, read_directories);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(directories_are_read),
        fake_test(late_entries_are_told),
        fake_test(bad_sums_are_told),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("directories", tests, NULL, NULL);
}
