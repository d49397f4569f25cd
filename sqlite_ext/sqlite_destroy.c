#include "sqlite_host.h"

#include <stdio.h>

/*
 * What a statement would destroy.
 *
 * The statement is known by its tokens, since it cannot be prepared before
 * those in front of it have run; what its name means, and whether that has
 * rows, is asked of the database.  A trigger's statements, what a function
 * does and a schema that is written by hand are not seen.
 */

#define COUNT_MOST 1000 /* rows that are counted */

/* What a statement does to a table; its words NULL: nothing that matters. */
typedef struct Destruction
{
    const char *words; /* in front of the table, as in "drops table" */
    MigBytes column;   /* empty: all of it */
    MigBytes schema;   /* tokens; schema empty: not written */
    MigBytes table;
} Destruction;

/* Read a table's name; moves behind it. */
static void
read_name(MigBytes text, size_t *at, Destruction *found)
{
    MigBytes dot;
    size_t behind;

    (void) sqlite_next_word(text, at, &found->table);
    behind = *at;
    (void) sqlite_next_word(text, &behind, &dot);
    if (!mig_bytes_equal(dot, mig_bytes(".")))
        return;
    found->schema = found->table;
    (void) sqlite_next_word(text, &behind, &found->table);
    *at = behind;
}

/* DROP TABLE [IF EXISTS] name. */
static void
read_drop(MigBytes text, size_t at, Destruction *found)
{
    MigBytes word;
    size_t before;

    (void) sqlite_next_word(text, &at, &word);
    if (!sqlite_is_word(word, "table"))
        return;
    before = at;
    (void) sqlite_next_word(text, &at, &word);
    if (sqlite_is_word(word, "if"))
    {
        (void) sqlite_next_word(text, &at, &word); /* EXISTS */
        before = at;
    }
    found->words = "drops table";
    read_name(text, &before, found);
}

/* ALTER TABLE name DROP [COLUMN] column; not DROP CONSTRAINT. */
static void
read_alter(MigBytes text, size_t at, Destruction *found)
{
    MigBytes word;
    MigBytes behind;

    (void) sqlite_next_word(text, &at, &word); /* TABLE */
    read_name(text, &at, found);
    (void) sqlite_next_word(text, &at, &word);
    if (!sqlite_is_word(word, "drop"))
        return;
    (void) sqlite_next_word(text, &at, &word);
    (void) sqlite_next_word(text, &at, &behind);
    if (sqlite_is_word(word, "constraint") && behind.length > 0)
        return;
    found->column =
        sqlite_is_word(word, "column") && behind.length > 0 ? behind : word;
    if (found->column.length > 0)
        found->words = "drops";
}

/* Whether a token of a condition may differ from row to row: a name. */
static bool
is_name(MigBytes token, bool word)
{
    static const char *const constants[] = {"and",  "or",   "not",   "is",
                                            "null", "true", "false", "between",
                                            "in",   "like"};

    if (!word)
        return strchr("\"`[.:@$#?", token.data[0]) != NULL;
    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
    {
        if (sqlite_is_word(token, constants[i]))
            return false;
    }
    return token.data[0] < '0' || token.data[0] > '9';
}

/*
 * Whether a statement has, from an offset on, a condition that chooses rows:
 * a WHERE of its own, in no parentheses, with a name in it.
 */
static bool
has_condition(MigBytes text, size_t at)
{
    MigBytes token;
    int depth = 0;
    bool condition = false;
    bool word;

    while ((word = sqlite_next_word(text, &at, &token)) || token.length > 0)
    {
        if (mig_bytes_equal(token, mig_bytes("(")))
            depth++;
        else if (mig_bytes_equal(token, mig_bytes(")")))
            depth--;
        else if (depth == 0 && word && sqlite_is_word(token, "where"))
            condition = true;
        else if (condition && depth == 0 && word &&
                 (sqlite_is_word(token, "returning") ||
                  sqlite_is_word(token, "order") ||
                  sqlite_is_word(token, "limit")))
            return false;
        else if (condition && is_name(token, word))
            return true;
    }
    return false;
}

/* DELETE FROM name, and UPDATE [OR ...] name, without a condition. */
static void
read_change(MigBytes text, size_t at, bool deletes, Destruction *found)
{
    MigBytes word;
    size_t before = at;

    (void) sqlite_next_word(text, &at, &word);
    if (deletes)
        before = at; /* FROM */
    else if (sqlite_is_word(word, "or"))
    {
        (void) sqlite_next_word(text, &at, &word); /* REPLACE, IGNORE, ... */
        before = at;
    }
    read_name(text, &before, found);
    if (!has_condition(text, before))
        found->words = deletes ? "deletes every row of table"
                               : "updates every row of table";
}

/* The first word of what follows the tables of a WITH. */
static MigBytes
skip_with(MigBytes text, size_t *at)
{
    MigBytes token;
    int depth = 0;
    bool word;

    while ((word = sqlite_next_word(text, at, &token)) || token.length > 0)
    {
        if (mig_bytes_equal(token, mig_bytes("(")))
            depth++;
        else if (mig_bytes_equal(token, mig_bytes(")")))
            depth--;
        else if (depth == 0 && word &&
                 (sqlite_is_word(token, "delete") ||
                  sqlite_is_word(token, "update") ||
                  sqlite_is_word(token, "insert") ||
                  sqlite_is_word(token, "select")))
            break;
    }
    return token;
}

/* Read what a statement does. */
static Destruction
read_statement(MigBytes text)
{
    Destruction found = {NULL, {"", 0}, {"", 0}, {"", 0}};
    MigBytes word;
    size_t at = 0;

    (void) sqlite_next_word(text, &at, &word);
    if (sqlite_is_word(word, "with"))
        word = skip_with(text, &at);
    if (sqlite_is_word(word, "drop"))
        read_drop(text, at, &found);
    else if (sqlite_is_word(word, "alter"))
        read_alter(text, at, &found);
    else if (sqlite_is_word(word, "delete"))
        read_change(text, at, true, &found);
    else if (sqlite_is_word(word, "update"))
        read_change(text, at, false, &found);
    return found;
}

/* ---- What the database says ---- */

/* Prepare a query made as by sqlite3_mprintf(); NULL when it cannot be. */
static sqlite3_stmt *
prepare(SqliteHost *host, char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sql != NULL)
        (void) sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    return statement;
}

/*
 * Whether a schema has a table of a name.
 *
 * stored  out: whether its rows lie in the file; else a module has them
 */
static bool
has_table(SqliteHost *host, const char *schema, const char *name, bool *stored)
{
    sqlite3_stmt *statement = prepare(
        host,
        sqlite3_mprintf("SELECT rootpage FROM \"%w\".sqlite_schema "
                        "WHERE type = 'table' AND name = %Q COLLATE NOCASE",
                        schema, name));
    bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;

    *stored = found && sqlite3_column_int64(statement, 0) > 0;
    (void) sqlite3_finalize(statement);
    return found;
}

/*
 * The schema in which SQLite finds a table by its name alone: temp, main, then
 * the attached in their order.  To be freed by sqlite3_free(); NULL when there
 * is none.
 */
static char *
find_schema(SqliteHost *host, const char *name, bool *stored)
{
    sqlite3_stmt *statement = NULL;
    char *schema = NULL;

    if (has_table(host, "temp", name, stored))
        return sqlite3_mprintf("temp");
    if (sqlite3_prepare_v2(host->db, "PRAGMA database_list", -1, &statement,
                           NULL) != SQLITE_OK)
        return NULL;
    while (schema == NULL && sqlite3_step(statement) == SQLITE_ROW)
    {
        const char *listed = (const char *) sqlite3_column_text(statement, 1);

        if (listed != NULL && has_table(host, listed, name, stored))
            schema = sqlite3_mprintf("%s", listed);
    }
    (void) sqlite3_finalize(statement);
    return schema;
}

/* How many rows a table has, COUNT_MOST + 1 for more; -1: cannot be told. */
static int64_t
count_rows(SqliteHost *host, const char *schema, const char *name)
{
    sqlite3_stmt *statement =
        prepare(host, sqlite3_mprintf("SELECT count(*) FROM "
                                      "(SELECT 1 FROM \"%w\".\"%w\" LIMIT %d)",
                                      schema, name, COUNT_MOST + 1));
    int64_t rows = -1;

    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
        rows = sqlite3_column_int64(statement, 0);
    (void) sqlite3_finalize(statement);
    return rows;
}

/* Put what is destroyed in words. */
static void
word_it(const Destruction *found, const char *table, const char *column,
        int64_t rows, char *text, size_t size)
{
    char number[40];

    if (rows < 0)
        (void) snprintf(number, sizeof(number), "rows not counted");
    else if (rows > COUNT_MOST)
        (void) snprintf(number, sizeof(number), "more than %d rows",
                        COUNT_MOST);
    else
        (void) snprintf(number, sizeof(number), "%lld row%s", (long long) rows,
                        rows == 1 ? "" : "s");
    if (column != NULL)
        (void) snprintf(text, size,
                        "%s column \"%.200s\" of table \"%.200s\" "
                        "(%s)",
                        found->words, column, table, number);
    else
        (void) snprintf(text, size, "%s \"%.200s\" (%s)", found->words, table,
                        number);
}

/* Look at the table that a statement names. */
static void
look_at_table(SqliteHost *host, const Destruction *found, char *names[3],
              char *text, size_t size)
{
    bool stored = false;
    int64_t rows = -1;

    if (names[0] == NULL)
        names[0] = find_schema(host, names[1], &stored);
    else if (!has_table(host, names[0], names[1], &stored))
        return;
    if (names[0] == NULL || sqlite3_stricmp(names[0], "temp") == 0)
        return;
    /* To look must not run a module: that is for the migration to do. */
    if (stored || host->unit)
        rows = count_rows(host, names[0], names[1]);
    if (rows != 0)
        word_it(found, names[1], names[2], rows, text, size);
}

MigStatus
sqlite_destroys(MigHost *base, const MigStatement *statement, char *text,
                size_t size, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    Destruction found = read_statement(statement->text);
    char *names[3] = {NULL, NULL, NULL}; /* schema, table, column */

    text[0] = '\0';
    if (found.words == NULL || found.table.length == 0)
        return MIG_OK;
    names[1] = sqlite_unquote(found.table);
    if (found.schema.length > 0)
        names[0] = sqlite_unquote(found.schema);
    if (found.column.length > 0)
        names[2] = sqlite_unquote(found.column);
    if (names[1] == NULL || (found.schema.length > 0 && names[0] == NULL) ||
        (found.column.length > 0 && names[2] == NULL))
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    else
        look_at_table(host, &found, names, text, size);
    if (sqlite3_errcode(host->db) == SQLITE_NOMEM)
        (void) sqlite_fail(host, error);
    for (size_t i = 0; i < 3; i++)
        sqlite3_free(names[i]);
    return error->status;
}
