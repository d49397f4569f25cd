#include "fake_host.h"

#include <stdio.h>

#include "mig_format.h"
#include "mig_setting.h"
#include "mig_version.h"

/* Formats: names of files, and what stands in them. */

/* A path, and what a format makes of it; version NULL: not its file. */
typedef struct NameCase
{
    const char *path;
    const char *version;
    const char *name;
    MigFileRole role;
} NameCase;

static const NameCase native_names[] = {
    {"1_a.sql", "1", "a", MIG_FILE_WHOLE},
    {"0001_create_users.sql", "0001", "create_users", MIG_FILE_WHOLE},
    {"20200101000000_a_b.sql", "20200101000000", "a_b", MIG_FILE_WHOLE},
    {"1.sql", "1", "", MIG_FILE_WHOLE},
    {"1_.sql", "1", "", MIG_FILE_WHOLE},
    {"1.2.3_a.sql", "1.2.3", "a", MIG_FILE_WHOLE},
    {"20200101-name.sql", "20200101", "name", MIG_FILE_WHOLE},
    {"20200101-name_b.sql", "20200101", "name_b", MIG_FILE_WHOLE},
    {"1a_b.sql", "1a", "b", MIG_FILE_WHOLE},
    {"R__views.sql", "R__views", "views", MIG_FILE_WHOLE},
    {"a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"_1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"V1__a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"R__.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"R_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.SQL", "1", "a", MIG_FILE_WHOLE},
    {"1_a.txt", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.sql~", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.up.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.down.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a/up.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a/1_b.sql", NULL, NULL, MIG_FILE_WHOLE},
    {".sql", NULL, NULL, MIG_FILE_WHOLE},
    {"sql", NULL, NULL, MIG_FILE_WHOLE},
    {"", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase golang_names[] = {
    {"1_a.up.sql", "1", "a", MIG_FILE_UP},
    {"1_a.down.sql", "1", "a", MIG_FILE_DOWN},
    {"000001_create_users.up.sql", "000001", "create_users", MIG_FILE_UP},
    {"20200101000000_a_b.down.sql", "20200101000000", "a_b", MIG_FILE_DOWN},
    {"1_a.b.up.sql", "1", "a.b", MIG_FILE_UP},
    {"1_a.sql", NULL, NULL, MIG_FILE_UP},
    {"a.up.sql", NULL, NULL, MIG_FILE_UP},
    {"1x_a.up.sql", NULL, NULL, MIG_FILE_UP},
    {"99999999999999999999_a.up.sql", NULL, NULL, MIG_FILE_UP},
    {"1_a/b.up.sql", NULL, NULL, MIG_FILE_UP},
    {".up.sql", NULL, NULL, MIG_FILE_UP},
    {"up.sql", NULL, NULL, MIG_FILE_UP},
    {"1_a.down.up.sql", "1", "a.down", MIG_FILE_UP},
    {"1_a.up.go", "1", "a", MIG_FILE_FOREIGN},
};

static const NameCase diesel_names[] = {
    {"2020-01-01-000000_create/up.sql", "2020-01-01-000000", "create",
     MIG_FILE_UP},
    {"2020-01-01-000000_create/down.sql", "2020-01-01-000000", "create",
     MIG_FILE_DOWN},
    {"2020-01-01-000000_create/metadata.toml", "2020-01-01-000000", "create",
     MIG_FILE_OPTIONS},
    {"00000000000000_diesel_initial_setup/up.sql", "00000000000000",
     "diesel_initial_setup", MIG_FILE_UP},
    {"1/up.sql", "1", "", MIG_FILE_UP},
    {"a/up.sql", NULL, NULL, MIG_FILE_UP},
    {"/up.sql", NULL, NULL, MIG_FILE_UP},
    {"1_a/UP.sql", NULL, NULL, MIG_FILE_UP},
    {"1_a/other.sql", NULL, NULL, MIG_FILE_UP},
    {"1_a/b/up.sql", NULL, NULL, MIG_FILE_UP},
    {"up.sql", NULL, NULL, MIG_FILE_UP},
};

static const NameCase sqlx_names[] = {
    {"1_a.sql", "1", "a", MIG_FILE_WHOLE},
    {"0002_add_b.up.sql", "0002", "add_b", MIG_FILE_UP},
    {"0002_add_b.down.sql", "0002", "add_b", MIG_FILE_DOWN},
    {"9223372036854775807_a.sql", "9223372036854775807", "a", MIG_FILE_WHOLE},
    {"9223372036854775808_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_.sql", "1", "", MIG_FILE_WHOLE},
    {"1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1a_b.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"seed_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.txt", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a/up.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"a/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase prisma_names[] = {
    {"20240101000000_a_b/migration.sql", "20240101000000", "a_b",
     MIG_FILE_WHOLE},
    {"migrations/20240101000000_a/migration.sql", "20240101000000", "a",
     MIG_FILE_WHOLE},
    {"0_init/migration.sql", "0", "init", MIG_FILE_WHOLE},
    {"init/migration.sql", "init", "", MIG_FILE_WHOLE},
    {"migration.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"migrations/migration.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"a/b/migration.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a/other.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"/migration.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase supabase_names[] = {
    {"20240101000000_a_b.sql", "20240101000000", "a_b", MIG_FILE_WHOLE},
    {"migrations/1_a.sql", "1", "a", MIG_FILE_WHOLE},
    {"supabase/migrations/1_a b.sql", "1", "a b", MIG_FILE_WHOLE},
    {"1_.sql", "1", "", MIG_FILE_WHOLE},
    {"1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1a_b.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.SQL", NULL, NULL, MIG_FILE_WHOLE},
    {"supabase/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"migrations/old/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"seed.sql", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase drizzle_names[] = {
    {"0000_tired_name.sql", "0000", "tired_name", MIG_FILE_WHOLE},
    {"tired_name.sql", "tired_name", "", MIG_FILE_WHOLE},
    {"meta/_journal.json", "", "", MIG_FILE_CONTROL},
    {"meta/0000_snapshot.json", "", "", MIG_FILE_NONE},
    {"20240131235959_a/migration.sql", "20240131235959", "a", MIG_FILE_WHOLE},
    {"20240131235959_a/snapshot.json", "", "", MIG_FILE_NONE},
    {"a/b/migration.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"meta/0000_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"/migration.sql", NULL, NULL, MIG_FILE_WHOLE},
    {".sql", NULL, NULL, MIG_FILE_WHOLE},
    {"migrations.js", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase flyway_names[] = {
    {"V1__a.sql", "1", "a", MIG_FILE_UP},
    {"V1_2__a_b.SQL", "1_2", "a_b", MIG_FILE_UP},
    {"db/migration/V1.02__a.sql", "1.02", "a", MIG_FILE_UP},
    {"V1___a__b.sql", "1", "_a__b", MIG_FILE_UP},
    {"V1__.sql", "1", "", MIG_FILE_UP},
    {"V1.sql", "1", "", MIG_FILE_UP},
    {"U1__a.sql", "1", "a", MIG_FILE_DOWN},
    {"B1__a.sql", "1", "a", MIG_FILE_WHOLE},
    {"V1__a.java", "1", "a", MIG_FILE_FOREIGN},
    {"V1__a.py", "1", "a", MIG_FILE_FOREIGN},
    {"V1__a.sql.conf", "", "", MIG_FILE_CONTROL},
    {"R__a.sql.conf", "", "", MIG_FILE_CONTROL},
    {"V1_.sql", "", "", MIG_FILE_NONE},
    {"V1_a.sql", "", "", MIG_FILE_NONE},
    {"V1..2__a.sql", "", "", MIG_FILE_NONE},
    {"V.1__a.sql", "", "", MIG_FILE_NONE},
    {"V__a.sql", "", "", MIG_FILE_NONE},
    {"V-1__a.sql", "", "", MIG_FILE_NONE},
    {"B__a.sql", "", "", MIG_FILE_NONE},
    {"Views.sql", "", "", MIG_FILE_NONE},
    {"v1__a.sql", NULL, NULL, MIG_FILE_UP},
    {"1__a.sql", NULL, NULL, MIG_FILE_UP},
    {"__a.sql", NULL, NULL, MIG_FILE_UP},
    {".sql", NULL, NULL, MIG_FILE_UP},
    {"V1__a.txt", NULL, NULL, MIG_FILE_UP},
    {"V1__a.conf", NULL, NULL, MIG_FILE_UP},
    {"afterSomething.sql", NULL, NULL, MIG_FILE_UP},
    {"afterMigrate_x.sql", NULL, NULL, MIG_FILE_UP},
    {"aftermigrate.sql", NULL, NULL, MIG_FILE_UP},
    {"afterMigrate.txt", NULL, NULL, MIG_FILE_UP},
    {"afterClean.sql", "", "", MIG_FILE_NONE},
    {"afterClean.sh", "", "", MIG_FILE_NONE},
    {"afterMigrate.sh", "afterMigrate", "", MIG_FILE_FOREIGN},
    {"", NULL, NULL, MIG_FILE_UP},
};

#include "format_names.h"
static const NameCase goose_names[] = {
    {"00001_a.sql", "00001", "a", MIG_FILE_WHOLE},
    {"20240101120000_a_b.SQL", "20240101120000", "a_b", MIG_FILE_WHOLE},
    {"1_.sql", "1", "", MIG_FILE_WHOLE},
    {"2_b.go", "2", "b", MIG_FILE_FOREIGN},
    {"2_b_test.go", "2", "b_test", MIG_FILE_NONE},
    {"helpers.go", NULL, NULL, MIG_FILE_WHOLE},
    {"0_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"000_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1-a_b.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"9223372036854775808_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"a/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"_.sql", NULL, NULL, MIG_FILE_WHOLE},
    {".go", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase sql_migrate_names[] = {
    {"1_initial.sql", "1_initial", "initial", MIG_FILE_WHOLE},
    {"20240101120000-two.sql", "20240101120000-two", "two", MIG_FILE_WHOLE},
    {"1.sql", "1", "", MIG_FILE_WHOLE},
    {"views.SQL", "views", "views", MIG_FILE_WHOLE},
    {"1a.sql", "1a", "a", MIG_FILE_WHOLE},
    {"sub/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.txt", NULL, NULL, MIG_FILE_WHOLE},
    {".sql", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase tern_names[] = {
    {"001_a.sql", "001", "a", MIG_FILE_WHOLE},
    {"12_a b.SQL", "12", "a b", MIG_FILE_WHOLE},
    {"shared/x.sql", "", "", MIG_FILE_NONE},
    {"1_.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"0_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"a_1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"tern.conf", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase mybatis_names[] = {
    {"20240101_create_a.sql", "20240101", "create_a", MIG_FILE_WHOLE},
    {"scripts/1.5_a.sql", "1.5", "a", MIG_FILE_WHOLE},
    {"1.sql", "1", "", MIG_FILE_WHOLE},
    {"bootstrap.sql", "", "", MIG_FILE_NONE},
    {"scripts/onabort.sql", "", "", MIG_FILE_NONE},
    {"hooks/before.sql", "", "", MIG_FILE_NONE},
    {"1.5.2_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {".5_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"a_1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"scripts/old/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"other/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase node_pg_names[] = {
    {"1391877300255_a-b.sql", "1391877300255_a-b", "a-b", MIG_FILE_WHOLE},
    {"0001-a.SQL", "0001-a", "a", MIG_FILE_WHOLE},
    {"1.sql", "1", "", MIG_FILE_WHOLE},
    {"1_a.js", "1_a", "a", MIG_FILE_FOREIGN},
    {"1_a.mts", "1_a", "a", MIG_FILE_FOREIGN},
    {"1_a.d.ts", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.up.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.down.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"a_1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"a/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.json", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase yoyo_names[] = {
    {"0001.a-b.sql", "0001.a-b", "0001.a-b", MIG_FILE_UP},
    {"a.rollback.sql", "a", "a", MIG_FILE_DOWN},
    {"a.py", "a", "a", MIG_FILE_FOREIGN},
    {"post-apply.sql", "", "", MIG_FILE_NONE},
    {"post-apply_x.py", "", "", MIG_FILE_NONE},
    {"__init__.py", NULL, NULL, MIG_FILE_UP},
    {"a/b.sql", NULL, NULL, MIG_FILE_UP},
    {".sql", NULL, NULL, MIG_FILE_UP},
    {"yoyo.ini", NULL, NULL, MIG_FILE_UP},
};

static const NameCase refinery_names[] = {
    {"V1__a.sql", "1", "a", MIG_FILE_WHOLE},
    {"a/b/U20240101__a_b.sql", "20240101", "a_b", MIG_FILE_WHOLE},
    {"V01__a.rs", "01", "a", MIG_FILE_FOREIGN},
    {"V1__\xC3\xBC.sql", "1", "\xC3\xBC", MIG_FILE_WHOLE},
    {"V1__a b.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"V1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"V1__.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"V1.1__a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"V__a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"R__a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"V1__a.SQL", NULL, NULL, MIG_FILE_WHOLE},
    {"", NULL, NULL, MIG_FILE_WHOLE},
};

static const struct
{
    const MigFormat *format;
    const NameCase *cases;
    size_t count;
} names[] = {
    {&mig_format_native, native_names, COUNT_OF(native_names)},
    {&mig_format_golang, golang_names, COUNT_OF(golang_names)},
    {&mig_format_diesel, diesel_names, COUNT_OF(diesel_names)},
    {&mig_format_liquibase, liquibase_names, COUNT_OF(liquibase_names)},
    {&mig_format_flyway, flyway_names, COUNT_OF(flyway_names)},
    {&mig_format_refinery, refinery_names, COUNT_OF(refinery_names)},
    {&mig_format_atlas, atlas_names, COUNT_OF(atlas_names)},
    {&mig_format_graphile, graphile_names, COUNT_OF(graphile_names)},
    {&mig_format_sqlx, sqlx_names, COUNT_OF(sqlx_names)},
    {&mig_format_prisma, prisma_names, COUNT_OF(prisma_names)},
    {&mig_format_supabase, supabase_names, COUNT_OF(supabase_names)},
    {&mig_format_drizzle, drizzle_names, COUNT_OF(drizzle_names)},
    {&mig_format_goose, goose_names, COUNT_OF(goose_names)},
    {&mig_format_sql_migrate, sql_migrate_names, COUNT_OF(sql_migrate_names)},
    {&mig_format_tern, tern_names, COUNT_OF(tern_names)},
    {&mig_format_mybatis, mybatis_names, COUNT_OF(mybatis_names)},
    {&mig_format_node_pg, node_pg_names, COUNT_OF(node_pg_names)},
    {&mig_format_yoyo, yoyo_names, COUNT_OF(yoyo_names)},
};

static void
check_name(const MigFormat *format, const NameCase *expected)
{
    MigFileName name;
    bool matches;

    memset(&name, 0, sizeof(name));
    matches = format->match(mig_bytes(expected->path), &name);
    if (matches != (expected->version != NULL))
        fail_msg("%s: \"%s\" is %staken", format->name, expected->path,
                 matches ? "" : "not ");
    if (!matches)
        return;
    fake_expect_bytes(name.version, expected->version);
    fake_expect_bytes(name.name, expected->name);
    assert_int_equal(name.role, expected->role);
    assert_int_equal(name.repeatable,
                     mig_starts_with(name.version, "R__") ||
                         mig_starts_with(name.version, "after"));
}

static void
names_are_read(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        for (size_t j = 0; j < names[i].count; j++)
            check_name(names[i].format, &names[i].cases[j]);
    }
}

/* The setting "format" knows every format, and nothing else but "auto". */
static void
formats_are_settings(void **state)
{
    const MigSettingInfo *info = mig_settings;
    MigBytes word;
    size_t count = 1;
    size_t at = 0;

    (void) state;
    while (strcmp(info->name, "format") != 0)
        info++;
    while (mig_next_word(mig_bytes(info->choices), &at, " ", &word))
    {
        if (mig_bytes_equal(word, mig_bytes("auto")))
            continue;
        assert_non_null(mig_format_find(word));
        count++;
    }
    for (size_t i = 0; mig_formats[i] != NULL; i++)
    {
        assert_string_equal(
            mig_formats[i]->name,
            mig_format_find(mig_bytes(mig_formats[i]->name))->name);
        count--;
    }
    assert_int_equal(count, 1);
}

/* ---- What stands in a file ---- */

/* Read a text as a file of a format into a migration. */
static void
read_text(FakeHost *fake, const MigFormat *format, const char *path,
          const char *text, MigMigration *migration)
{
    MigFile file;
    MigFileName name;

    memset(&file, 0, sizeof(file));
    memset(&name, 0, sizeof(name));
    file.path = mig_bytes(path);
    file.text = mig_bytes(text);
    file.start = mig_starts_with(file.text, "\xEF\xBB\xBF") ? 3 : 0;
    memset(file.hash, 'a', MIG_HASH_LENGTH);
    assert_true(format->match(file.path, &name));
    format->read(&fake->mig, &file, &name, migration);
}

static void
clear_migration(MigMigration *migration)
{
    memset(migration, 0, sizeof(*migration));
    migration->requires = mig_bytes("");
    migration->options = mig_bytes("");
}

/* A section as "line:text|" for each of its slices. */
static MigBytes
section_text(FakeHost *fake, const MigSection *section)
{
    MigText text = {&fake->arena, &fake->error, NULL, 0, 0};

    for (size_t i = 0; i < section->count; i++)
    {
        const MigSlice *slice = &section->slices[i];

        mig_text_append_format(&text, "%lld:", (long long) slice->line);
        mig_text_append(&text, mig_part(slice->whole, slice->offset,
                                        slice->offset + slice->length));
        mig_text_append_string(&text, "|");
    }
    return mig_text_bytes(&text);
}

#define UP "-- migrate:up\n"
#define DOWN "-- migrate:down\n"
#define VERIFY "-- migrate:verify\n"
#define BOM "\xEF\xBB\xBF"

/* Files of our own format that are well formed, as SQLite reads them. */
static const struct
{
    const char *text;
    const char *up;
    const char *down;
    const char *verify;
    const char *requires;
    const char *options;
} native_cases[] = {
    /* No mark: all is the way up. */
    {"a;\nb;\n", "1:a;\nb;\n|", "", "", "", ""},
    {BOM "a;", "1:a;|", "", "", "", ""},
    {"-- only a comment\n", "1:-- only a comment\n|", "", "", "", ""},
    {"\r\na;\r\n", "1:\r\na;\r\n|", "", "", "", ""},
    {"-- migrated: no mark\na;", "1:-- migrated: no mark\na;|", "", "", "", ""},
    /* Sections. */
    {UP "a;\n", "2:a;\n|", "", "", "", ""},
    {UP, "2:|", "", "", "", ""},
    {UP DOWN, "2:|", "3:|", "", "", ""},
    {UP "a;\n" DOWN "b;\n", "2:a;\n|", "4:b;\n|", "", "", ""},
    {UP "a;\n" DOWN "b;\n" VERIFY "c;\n", "2:a;\n|", "4:b;\n|", "6:c;\n|", "",
     ""},
    {DOWN "b;\n" UP "a;\n", "4:a;\n|", "2:b;\n|", "", "", ""},
    {VERIFY "c;\n" UP "a;", "4:a;|", "", "2:c;\n|", "", ""},
    {UP "a;\n" DOWN " \t\n\r\n" VERIFY "\n", "2:a;\n|", "4: \t\n\r\n|", "", "",
     ""},
    {UP "a;\n" DOWN "-- on purpose\n", "2:a;\n|", "4:-- on purpose\n|", "", "",
     ""},
    {BOM UP "a;\r\n" DOWN "b;", "2:a;\r\n|", "4:b;|", "", "", ""},
    {"-- migrate:up\r\na;\r\n-- migrate:down\r\nb;\r\n", "2:a;\r\n|",
     "4:b;\r\n|", "", "", ""},
    /* Several of a kind. */
    {UP "a;\n" DOWN "b;\n" UP "c;\n" DOWN "d;\n", "2:a;\n|6:c;\n|",
     "4:b;\n|8:d;\n|", "", "", ""},
    {UP "a;\n" UP "b;\n", "2:a;\n|4:b;\n|", "", "", "", ""},
    /* How a mark may be written. */
    {"--migrate:up\na;", "2:a;|", "", "", "", ""},
    {"--\tmigrate:up  \na;", "2:a;|", "", "", "", ""},
    {"--   migrate:up\t\r\na;", "2:a;|", "", "", "", ""},
    {"-- a comment\n\n-- another\n" UP "a;", "5:a;|", "", "", "", ""},
    /* Options. */
    {"-- migrate:up transaction:false\na;", "2:a;|", "", "", "",
     "transaction:false\n"},
    {"-- migrate:up transaction:true\na;", "2:a;|", "", "", "", ""},
    {"-- migrate:up transaction:false\na;\n-- migrate:down transaction:false\n"
     "b;",
     "2:a;\n|", "4:b;|", "", "", "transaction:false\n"},
    /* Header lines. */
    {"-- migrate:requires 0003, 0005\n" UP "a;", "3:a;|", "", "",
     "0003\n0005\n", ""},
    {"-- migrate:requires 3 5,7\n-- migrate:requires 9\n" UP "a;", "4:a;|", "",
     "", "3\n5\n7\n9\n", ""},
    {"-- migrate:requires 3\na;", "1:-- migrate:requires 3\na;|", "", "", "3\n",
     ""},
    {"-- migrate:env production, staging\n" UP "a;", "3:a;|", "", "", "",
     "env:production, staging\n"},
    {"-- migrate:env production\n-- migrate:requires 1\n"
     "-- migrate:up transaction:false\na;",
     "4:a;|", "", "", "1\n", "transaction:false\nenv:production\n"},
    /* Sections for one engine. */
    {"-- migrate:up sqlite\na;\n-- migrate:up postgresql\nb;\n", "2:a;\n|", "",
     "", "", ""},
    {UP "a;\n-- migrate:up sqlite\nb;\n", "4:b;\n|", "", "", "", ""},
    {"-- migrate:up sqlite\nb;\n" UP "a;\n", "2:b;\n|", "", "", "", ""},
    {UP "a;\n-- migrate:up postgresql\nb;\n" UP "c;\n", "2:a;\n|6:c;\n|", "",
     "", "", ""},
    {"-- migrate:up sqlite\na;\n-- migrate:up sqlite\nb;\n" UP "c;\n",
     "2:a;\n|4:b;\n|", "", "", "", ""},
    {"-- migrate:up postgresql\na;\n", "", "", "", "", ""},
    {UP "a;\n" DOWN "b;\n-- migrate:down sqlite\nc;\n"
        "-- migrate:verify postgresql\nd;\n",
     "2:a;\n|", "6:c;\n|", "", "", ""},
    {"-- migrate:up sqlite transaction:false\na;\n", "2:a;\n|", "", "", "",
     "transaction:false\n"},
};

static void
native_files_are_divided(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(native_cases); i++)
    {
        MigMigration migration;

        clear_migration(&migration);
        read_text(fake, &mig_format_native, "1_a.sql", native_cases[i].text,
                  &migration);
        if (fake->error.status != MIG_OK)
            fail_msg("%s: %s", native_cases[i].text, fake->error.message);
        fake_expect_bytes(section_text(fake, &migration.up),
                          native_cases[i].up);
        fake_expect_bytes(section_text(fake, &migration.down),
                          native_cases[i].down);
        fake_expect_bytes(section_text(fake, &migration.verify),
                          native_cases[i].verify);
        fake_expect_bytes(migration.requires, native_cases[i].requires);
        fake_expect_bytes(migration.options, native_cases[i].options);
    }
}

/* Several env lines add up, as several requires lines do. */
static void
environments_add_up(void **state)
{
    FakeHost *fake = *state;
    MigMigration migration;
    MigBytes environments;

    clear_migration(&migration);
    read_text(fake, &mig_format_native, "1_a.sql",
              "-- migrate:env production\n-- migrate:env staging\n" UP "a;",
              &migration);
    fake_expect_ok(fake);
    environments = mig_option(migration.options, "env");
    fake_expect_bytes(mig_trim(environments), "production, staging");
}

/* Files of our own format that are refused. */
static const struct
{
    const char *text;
    MigStatus status;
    const char *message;
} native_refused[] = {
    {"", MIG_INVALID, "line 1: the file is empty"},
    {" \n\t\r\n", MIG_INVALID, "line 1: the file is empty"},
    {BOM, MIG_INVALID, "line 1: the file is empty"},
    {BOM "\r\n", MIG_INVALID, "line 1: the file is empty"},
    {DOWN "a;\n", MIG_INVALID, "the file has no \"-- migrate:up\" section"},
    {VERIFY "a;\n", MIG_INVALID, "the file has no \"-- migrate:up\" section"},
    {"a;\n" UP "b;\n", MIG_INVALID,
     "line 2: there are statements before \"-- migrate:up\""},
    {"-- c\n\na;\n" DOWN "b;\n", MIG_INVALID,
     "line 4: there are statements before \"-- migrate:down\""},
    {UP "a;\n-- migrate:requires 1\n", MIG_INVALID,
     "line 3: a header line must stand before the first statement"},
    {"a;\n-- migrate:requires 1\n", MIG_INVALID,
     "line 2: a header line must stand before the first statement"},
    {UP "a;\n" DOWN "-- migrate:env x\n", MIG_INVALID,
     "line 4: a header line must stand before the first statement"},
    {"-- migrate:requires\n" UP "a;", MIG_INVALID,
     "line 1: nothing is named by"},
    {"-- migrate:env \t\n" UP "a;", MIG_INVALID, "line 1: nothing is named by"},
    {"-- migrate:requires , ,\n" UP "a;", MIG_INVALID,
     "line 1: nothing is named by"},
    {"-- migrate:env ,\n" UP "a;", MIG_INVALID, "line 1: nothing is named by"},
    {"\n-- migrate:requires head\n" UP "a;", MIG_INVALID,
     "line 2: \"head\" cannot be a version"},
    {"-- migrate:requires 1, a'b\n" UP "a;", MIG_INVALID,
     "line 1: version \"a'b\" holds"},
    {"-- migrate:upp\na;", MIG_INVALID, "line 1: unknown directive"},
    {"-- migrate:\na;", MIG_INVALID, "line 1: unknown directive"},
    {"-- migrate:Up\na;", MIG_INVALID, "line 1: unknown directive"},
    {UP "a;\n-- migrate:undo\nb;", MIG_INVALID, "line 3: unknown directive"},
    {"-- migrate:up transaction:maybe\na;", MIG_INVALID,
     "line 1: unknown option \"transaction:maybe\""},
    {"-- migrate:up mysql\na;", MIG_INVALID,
     "line 1: unknown option \"mysql\""},
    {UP "a;\n  -- migrate:down\nb;", MIG_INVALID,
     "line 3: blanks stand before \"-- migrate:down\""},
    {"\t--migrate:up\na;", MIG_INVALID,
     "line 1: blanks stand before \"--migrate:up\""},
};

static void
native_mistakes_are_named(void **state)
{
    FakeHost *fake = *state;
    size_t accepted = 0;

    for (size_t i = 0; i < COUNT_OF(native_refused); i++)
    {
        MigMigration migration;

        clear_migration(&migration);
        mig_error_clear(&fake->error);
        read_text(fake, &mig_format_native, "1_a.sql", native_refused[i].text,
                  &migration);
        if (fake->error.status == MIG_OK)
        {
            print_error("accepted: %s\n", native_refused[i].text);
            accepted++;
        }
        else
            fake_expect(fake, native_refused[i].status,
                        native_refused[i].message, NULL);
    }
    assert_int_equal(accepted, 0);
}

/* A line that is shown in part must not end inside a character. */
static void
long_lines_are_cut_between_characters(void **state)
{
    static const char *const starts[] = {"-- migrate:x", "-- migrate:xy"};
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(starts); i++)
    {
        char text[600];
        MigMigration migration;

        (void) snprintf(text, sizeof(text), "%s", starts[i]);
        while (strlen(text) + 3 < sizeof(text))
            (void) snprintf(text + strlen(text), 3, "\xC3\xA9");
        clear_migration(&migration);
        mig_error_clear(&fake->error);
        read_text(fake, &mig_format_native, "1_a.sql", text, &migration);
        assert_int_not_equal(fake->error.status, MIG_OK);
        fake_expect(fake, fake->error.status, "line 1: ", NULL);
    }
}

static void
golang_files_have_no_marks(void **state)
{
    FakeHost *fake = *state;
    MigMigration migration;

    clear_migration(&migration);
    read_text(fake, &mig_format_golang, "1_a.down.sql", BOM "b;\n", &migration);
    read_text(fake, &mig_format_golang, "1_a.up.sql",
              "a;\n-- migrate:down\n-- +goose Up\n", &migration);
    fake_expect_ok(fake);
    fake_expect_bytes(section_text(fake, &migration.up),
                      "1:a;\n-- migrate:down\n-- +goose Up\n|");
    fake_expect_bytes(section_text(fake, &migration.down), "1:b;\n|");
    assert_int_equal(migration.down.slices[0].offset, 3);
    assert_int_equal(migration.verify.count, 0);
}

/* A way back that is empty is one: it does nothing. */
static void
blank_directions(void **state)
{
    FakeHost *fake = *state;
    MigMigration migration;

    clear_migration(&migration);
    read_text(fake, &mig_format_golang, "1_a.up.sql", "", &migration);
    assert_int_equal(migration.down.count, 0);
    read_text(fake, &mig_format_golang, "1_a.down.sql", BOM " \r\n",
              &migration);
    fake_expect_bytes(section_text(fake, &migration.up), "1:|");
    fake_expect_bytes(section_text(fake, &migration.down), "1: \r\n|");
    fake_expect_ok(fake);
}

/* metadata.toml of diesel: the options it gives; NULL: refused. */
static const struct
{
    const char *text;
    const char *options;
} metadata[] = {
    {"", ""},
    {"# a comment\n\n", ""},
    {"run_in_transaction = false\n", "transaction:false\n"},
    {"run_in_transaction=false", "transaction:false\n"},
    {"run_in_transaction = true\n", ""},
    {"\trun_in_transaction\t=\tfalse\r\n", "transaction:false\n"},
    {"run_in_transaction = false # why\n", "transaction:false\n"},
    {"run_in_transaction = false# why\n", "transaction:false\n"},
    {BOM "run_in_transaction = false\n", "transaction:false\n"},
    {"run_in_transaction = maybe\n", NULL},
    {"run_in_transaction\n", NULL},
    {"run_in_transaction false\n", NULL},
    {"run_in_transaction = false true\n", NULL},
    {"other = true\n", NULL},
    {"[section]\n", NULL},
};

static void
diesel_metadata_is_read(void **state)
{
    FakeHost *fake = *state;
    size_t accepted = 0;

    for (size_t i = 0; i < COUNT_OF(metadata); i++)
    {
        MigMigration migration;

        clear_migration(&migration);
        mig_error_clear(&fake->error);
        read_text(fake, &mig_format_diesel, "1_a/metadata.toml",
                  metadata[i].text, &migration);
        if (metadata[i].options != NULL)
        {
            fake_expect_ok(fake);
            fake_expect_bytes(migration.options, metadata[i].options);
        }
        else if (fake->error.status != MIG_OK)
            fake_expect(fake, MIG_INVALID, "line 1: \"", NULL);
        else
        {
            print_error("accepted: %s\n", metadata[i].text);
            accepted++;
        }
    }
    assert_int_equal(accepted, 0);
}

/* Versions are named without dashes and ordered as text, as diesel does it. */
static void
diesel_versions_are_text(void **state)
{
    static const char *const ascending[] = {
        "00000000000000",
        "20180217014953",
        "2018-04-27-155151",
        "20180525182532901",
        "9",
    };
    FakeHost *fake = *state;
    MigBytes before = mig_bytes("");

    for (size_t i = 0; i < COUNT_OF(ascending); i++)
    {
        MigFileName name = {.version = mig_bytes(ascending[i]),
                            .name = mig_bytes("")};
        MigBytes position;

        mig_format_diesel.identify(&fake->mig, &name, &position);
        fake_expect_ok(fake);
        assert_null(memchr(name.version.data, '-', name.version.length));
        assert_true(mig_position_compare(before, position) < 0);
        assert_true(mig_starts_with(position, MIG_POSITION_VERSION));
        before = position;
    }
}

static void
diesel_folders_are_read(void **state)
{
    FakeHost *fake = *state;
    MigMigration migration;

    clear_migration(&migration);
    read_text(fake, &mig_format_diesel, "1_a/down.sql", "b;", &migration);
    read_text(fake, &mig_format_diesel, "1_a/metadata.toml",
              "# c\nrun_in_transaction = false", &migration);
    read_text(fake, &mig_format_diesel, "1_a/up.sql", "a;", &migration);
    fake_expect_ok(fake);
    fake_expect_bytes(section_text(fake, &migration.up), "1:a;|");
    fake_expect_bytes(section_text(fake, &migration.down), "1:b;|");
    fake_expect_bytes(migration.options, "transaction:false\n");
}

static void
options_are_found(void **state)
{
    MigBytes options = mig_bytes("env:a b \ntransaction:false\nempty:\n");

    (void) state;
    fake_expect_bytes(mig_option(options, "env"), "a b ");
    fake_expect_bytes(mig_option(options, "transaction"), "false");
    fake_expect_bytes(mig_option(options, "empty"), "");
    assert_non_null(mig_option(options, "empty").data);
    assert_null(mig_option(options, "en").data);
    assert_null(mig_option(options, "transactions").data);
    assert_null(mig_option(mig_bytes(""), "env").data);
}

static void
read_all_formats(FakeHost *fake)
{
    MigMigration migration;

    clear_migration(&migration);
    read_text(fake, &mig_format_native, "1_a.sql",
              "-- migrate:requires 1, 2\n-- migrate:env a\n"
              "-- migrate:up transaction:false\na;\n" DOWN "b;\n" VERIFY "c;",
              &migration);
    clear_migration(&migration);
    read_text(fake, &mig_format_golang, "1_a.up.sql", "a;", &migration);
    clear_migration(&migration);
    read_text(fake, &mig_format_diesel, "1_a/metadata.toml",
              "run_in_transaction = false", &migration);
    read_text(fake, &mig_format_diesel, "1_a/down.sql", "a;", &migration);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, read_all_formats);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(names_are_read),
        fake_test(formats_are_settings),
        fake_test(native_files_are_divided),
        fake_test(environments_add_up),
        fake_test(native_mistakes_are_named),
        fake_test(long_lines_are_cut_between_characters),
        fake_test(golang_files_have_no_marks),
        fake_test(blank_directions),
        fake_test(diesel_metadata_is_read),
        fake_test(diesel_versions_are_text),
        fake_test(diesel_folders_are_read),
        fake_test(options_are_found),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
