#include "sqlite_backup.h"

#include <stdio.h>

#include "mig_setting.h"
#include "mig_slice.h"

/* A query at its first row, others waited for; NULL when it has failed. */
static sqlite3_stmt *
first_row(Mig *mig, sqlite3 *db, const char *sql)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    sqlite3_stmt *statement = NULL;
    int code;

    if (!mig_ok(mig))
        return NULL;
    code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK && db == host->db)
        code = sqlite_step_patiently(host, statement,
                                     mig_setting_ms(mig, "lock_timeout"));
    else if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return statement;
    (void) sqlite_fail_of(db, mig->error);
    (void) sqlite3_finalize(statement);
    return NULL;
}

int64_t
sqlite_query_integer(Mig *mig, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = first_row(mig, db, sql);
    int64_t value = 0;

    if (statement != NULL)
        value = sqlite3_column_int64(statement, 0);
    (void) sqlite3_finalize(statement);
    return value;
}

/* A copy of a column's text; NULL for NULL. */
static const char *
copy_column(Mig *mig, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *) sqlite3_column_text(statement, column);

    return text == NULL
               ? NULL
               : mig_copy(mig->arena, mig_bytes(text), mig->error).data;
}

const char *
sqlite_query_text(Mig *mig, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = first_row(mig, db, sql);
    const char *text = NULL;

    if (statement != NULL)
        text = copy_column(mig, statement, 0);
    (void) sqlite3_finalize(statement);
    return text;
}

/* Add the row that a statement is at to a hash over all rows. */
static void
hash_row(Mig *mig, sqlite3_stmt *statement, char hash[65])
{
    MigBytes pieces[11];
    char lengths[5][24];
    size_t count = 0;

    pieces[count++] = mig_bytes(hash);
    for (int i = 0; i < 5; i++)
    {
        const char *text = (const char *) sqlite3_column_text(statement, i);

        (void) snprintf(lengths[i], sizeof(lengths[i]), "%d:",
                        text == NULL ? -1 : sqlite3_column_bytes(statement, i));
        pieces[count++] = mig_bytes(lengths[i]);
        pieces[count++] = mig_bytes(text == NULL ? "" : text);
    }
    mig_hash(mig->host, pieces, count, hash);
}

/* Read the hash of the schema. */
static void
read_schema(Mig *mig, sqlite3 *db, SqliteFacts *facts)
{
    sqlite3_stmt *statement = NULL;
    int code;

    facts->schema[0] = '\0';
    code = sqlite3_prepare_v2(db,
                              "SELECT type, name, tbl_name, rootpage, sql "
                              "FROM main.sqlite_schema ORDER BY rowid",
                              -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement))
        hash_row(mig, statement, facts->schema);
    if (code != SQLITE_DONE)
        (void) sqlite_fail_of(db, mig->error);
    (void) sqlite3_finalize(statement);
}

/* Read what the file's header says. */
static void
read_header(Mig *mig, sqlite3 *db, SqliteFacts *facts)
{
    static const char *const names[] = {"page_size", "encoding", "user_version",
                                        "application_id", "auto_vacuum"};
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        char sql[60];
        const char *value;

        (void) snprintf(sql, sizeof(sql), "PRAGMA main.%s", names[i]);
        value = sqlite_query_text(mig, db, sql);
        mig_text_append_format(&text, "%s%s %s", i > 0 ? ", " : "", names[i],
                               value == NULL ? "unknown" : value);
    }
    facts->header = mig_text_bytes(&text).data;
}

/* Add a table to those that are counted. */
static void
add_table(Mig *mig, sqlite3_stmt *statement, SqliteFacts *facts)
{
    SqliteCount *tables =
        mig_array_reserve(mig->arena, facts->tables, facts->count,
                          &facts->capacity, sizeof(*tables), mig->error);

    if (tables == NULL)
        return;
    facts->tables = tables;
    tables[facts->count].table = copy_column(mig, statement, 0);
    tables[facts->count].rows = -1;
    if (tables[facts->count].table == NULL)
        (void) mig_fail(mig->error, MIG_NOMEM, "out of memory");
    facts->count++;
}

/* List the tables that are stored as such; those of modules are not, and their
 * own tables are counted. */
static void
list_tables(Mig *mig, sqlite3 *db, SqliteFacts *facts)
{
    sqlite3_stmt *statement = NULL;
    int code;

    code = sqlite3_prepare_v2(db,
                              "SELECT name FROM main.sqlite_schema WHERE type "
                              "= 'table' AND rootpage > 0 ORDER BY rowid",
                              -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    for (; code == SQLITE_ROW && mig_ok(mig); code = sqlite3_step(statement))
        add_table(mig, statement, facts);
    if (mig_ok(mig) && code != SQLITE_DONE)
        (void) sqlite_fail_of(db, mig->error);
    (void) sqlite3_finalize(statement);
}

/*
 * Count the rows of a table itself, not of an index.  A table of which a
 * statement cannot even be prepared is not counted: it needs what only the
 * application's own connection has.
 */
static void
count_rows(Mig *mig, sqlite3 *db, SqliteCount *table)
{
    char *sql = sqlite3_mprintf("SELECT count(*) FROM main.\"%w\" NOT INDEXED",
                                table->table);
    sqlite3_stmt *statement = NULL;
    int code = sql == NULL ? SQLITE_NOMEM
                           : sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    sqlite3_free(sql);
    if (sqlite_is(code, SQLITE_ERROR))
        return;
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        table->rows = sqlite3_column_int64(statement, 0);
    else if (code == SQLITE_NOMEM)
        (void) mig_fail(mig->error, MIG_NOMEM, "out of memory");
    else
        (void) sqlite_fail_of(db, mig->error);
    (void) sqlite3_finalize(statement);
}

MigStatus
sqlite_facts_read(Mig *mig, sqlite3 *db, SqliteFacts *facts)
{
    memset(facts, 0, sizeof(*facts));
    if (!mig_ok(mig))
        return mig->error->status;
    read_schema(mig, db, facts);
    if (mig_ok(mig))
        read_header(mig, db, facts);
    if (mig_ok(mig))
        list_tables(mig, db, facts);
    for (size_t i = 0; i < facts->count && mig_ok(mig); i++)
        count_rows(mig, db, &facts->tables[i]);
    return mig->error->status;
}

MigStatus
sqlite_facts_compare(Mig *mig, const SqliteFacts *original,
                     const SqliteFacts *copy, const char *what)
{
    if (!mig_ok(mig))
        return mig->error->status;
    if (strcmp(original->schema, copy->schema) != 0 ||
        original->count != copy->count)
    {
        (void) mig_fail(mig->error, MIG_CORRUPT, "%s in its schema", what);
        return mig->error->status;
    }
    if (strcmp(original->header, copy->header) != 0)
    {
        (void) mig_fail(mig->error, MIG_CORRUPT, "%s in its header", what);
        mig_fail_detail(mig->error, "%s; it was: %s", copy->header,
                        original->header);
        return mig->error->status;
    }
    for (size_t i = 0; i < original->count && mig_ok(mig); i++)
    {
        const SqliteCount *before = &original->tables[i];
        const SqliteCount *now = &copy->tables[i];

        if (before->rows < 0 || now->rows < 0 || before->rows == now->rows)
            continue;
        (void) mig_fail(mig->error, MIG_CORRUPT, "%s in table \"%s\"", what,
                        before->table);
        mig_fail_detail(mig->error, "It has %lld rows; there were %lld.",
                        (long long) now->rows, (long long) before->rows);
    }
    return mig->error->status;
}

/*
 * Add what a check finds to a text of lines.
 *
 * Returns SQLite's code: SQLITE_ERROR when it cannot be prepared.
 */
static int
add_findings(Mig *mig, sqlite3 *db, const char *sql, MigText *lines)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code != SQLITE_OK)
        return code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && mig_ok(mig))
    {
        const char *line = (const char *) sqlite3_column_text(statement, 0);

        if (line == NULL || strcmp(line, "ok") == 0)
            continue;
        mig_text_append_string(lines, line);
        mig_text_append_string(lines, "\n");
    }
    if (mig_ok(mig) && code != SQLITE_DONE)
        (void) sqlite_fail_of(db, mig->error);
    (void) sqlite3_finalize(statement);
    return SQLITE_OK;
}

/* Check the tables one by one, passing over those that cannot be. */
static void
check_each_table(Mig *mig, sqlite3 *db, MigText *lines)
{
    SqliteFacts facts;

    memset(&facts, 0, sizeof(facts));
    list_tables(mig, db, &facts);
    for (size_t i = 0; i < facts.count && mig_ok(mig); i++)
    {
        const char *table = facts.tables[i].table;
        char *sql =
            sqlite3_mprintf("PRAGMA main.integrity_check(\"%w\")", table);
        char message[400];
        int code =
            sql == NULL ? SQLITE_NOMEM : add_findings(mig, db, sql, lines);

        sqlite3_free(sql);
        if (code == SQLITE_OK)
            continue;
        if (!sqlite_is(code, SQLITE_ERROR))
        {
            (void) sqlite_fail_of(db, mig->error);
            return;
        }
        (void) snprintf(message, sizeof(message),
                        "table \"%.*s\" of the copy is not checked: %.200s",
                        (int) mig_cut(mig_bytes(table), 100).length, table,
                        sqlite3_errmsg(db));
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
    }
}

MigBytes
sqlite_integrity(Mig *mig, sqlite3 *db)
{
    MigText lines = {mig->arena, mig->error, NULL, 0, 0};
    int code;

    if (!mig_ok(mig))
        return mig_bytes("");
    code = add_findings(mig, db, "PRAGMA main.integrity_check", &lines);
    if (sqlite_is(code, SQLITE_ERROR))
        check_each_table(mig, db, &lines);
    else if (code != SQLITE_OK)
        (void) sqlite_fail_of(db, mig->error);
    return mig_text_bytes(&lines);
}

/*
 * Rows that violate a CHECK are no damage, and a connection that only reads
 * does not even know of its CHECKs: what it takes for sound must not be damaged
 * where it was copied to.
 */
static bool
is_about_check(Mig *mig, MigBytes line, const char *whose)
{
    char message[300];

    if (!mig_starts_with(line, "CHECK constraint failed in "))
        return false;
    (void) snprintf(message, sizeof(message),
                    "%s has rows that violate a CHECK: %.*s", whose,
                    (int) mig_cut(line, 200).length, line.data);
    mig->host->methods->notice(mig->host, MIG_WARNING, message);
    return true;
}

MigStatus
sqlite_require_sound(Mig *mig, sqlite3 *db, const char *whose)
{
    MigBytes lines = sqlite_integrity(mig, db);
    MigBytes line = {NULL, 0};
    size_t at = 0;
    bool found = false;

    if (!mig_ok(mig))
        return mig->error->status;
    while (!found && mig_next_line(lines, &at, &line))
        found = !is_about_check(mig, line, whose);
    if (!found)
        return MIG_OK;
    (void) mig_fail(mig->error, MIG_CORRUPT, "%s is damaged: %.*s", whose,
                    (int) mig_cut(line, 300).length, line.data);
    mig->error->engine_code = SQLITE_CORRUPT;
    mig_fail_hint(mig->error, "PRAGMA integrity_check lists all that it finds "
                              "there.");
    return mig->error->status;
}
