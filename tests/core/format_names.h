#ifndef FORMAT_NAMES_H
#define FORMAT_NAMES_H

/* Names of files, and what formats make of them; see test_formats.c. */

static const NameCase liquibase_names[] = {
    {"a.sql", "", "", MIG_FILE_WHOLE},
    {"a/b c/001.SQL", "", "", MIG_FILE_WHOLE},
    {"db.changelog-master.xml", NULL, NULL, MIG_FILE_WHOLE},
    {"changelog.yaml", NULL, NULL, MIG_FILE_WHOLE},
    {".sql", NULL, NULL, MIG_FILE_WHOLE},
    {"", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase atlas_names[] = {
    {"20240101000000_a_b.sql", "20240101000000", "a_b", MIG_FILE_WHOLE},
    {"1.sql", "1", "", MIG_FILE_WHOLE},
    {"1.a_b.sql", "1.a", "b", MIG_FILE_WHOLE},
    {"init.sql", "init", "", MIG_FILE_WHOLE},
    {"V1_a.sql", "V1", "a", MIG_FILE_WHOLE},
    {"R_a.sql", "R", "a", MIG_FILE_WHOLE},
    {"Views__a.sql", "Views", "_a", MIG_FILE_WHOLE},
    {"V1__a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"B1.2__a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"R__a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.up.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"a/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"1_a.SQL", NULL, NULL, MIG_FILE_WHOLE},
    {".sql", NULL, NULL, MIG_FILE_WHOLE},
    {"atlas.sum", NULL, NULL, MIG_FILE_WHOLE},
};

static const NameCase graphile_names[] = {
    {"000001.sql", "000001", "", MIG_FILE_WHOLE},
    {"committed/1-add_a-B.sql", "1", "add_a-B", MIG_FILE_WHOLE},
    {"migrations/committed/000002-b.sql", "000002", "b", MIG_FILE_WHOLE},
    {"committed/1-.sql", "1", "", MIG_FILE_WHOLE},
    {"current.sql", "", "", MIG_FILE_NONE},
    {"migrations/current/1.sql", "", "", MIG_FILE_NONE},
    {"fixtures/a/b.sql", "", "", MIG_FILE_NONE},
    {"migrations/000001.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"committed/1_a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"committed/a.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"committed/1.SQL", NULL, NULL, MIG_FILE_WHOLE},
    {"committed/old/1.sql", NULL, NULL, MIG_FILE_WHOLE},
    {"fixtures/a.txt", NULL, NULL, MIG_FILE_WHOLE},
    {".sql", NULL, NULL, MIG_FILE_WHOLE},
    {"", NULL, NULL, MIG_FILE_WHOLE},
};

#endif
