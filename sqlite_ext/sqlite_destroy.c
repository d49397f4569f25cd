#include "sqlite_destroy.h"
#include "sqlite_token.h"
#include "sqlite_where.h"

#include <stdio.h>

/*
 * What a statement would destroy.
 *
 * The statement is known by its tokens, since it cannot be prepared before
 * those in front of it have run; what its name means, and whether that has
 * rows, is asked of the database.  What a function does is not seen.
 */

#define COUNT_MOST 1000 /* rows that are counted */

void
sqlite_read_target(MigBytes text, size_t *at, SqliteDestruction *found)
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
read_drop(MigBytes text, size_t at, SqliteDestruction *found)
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
    found->words = "drops";
    found->drops = true;
    sqlite_read_target(text, &before, found);
}

/* ALTER TABLE name DROP [COLUMN] column; not DROP CONSTRAINT. */
static void
read_alter(MigBytes text, size_t at, SqliteDestruction *found)
{
    MigBytes word;
    MigBytes behind;

    (void) sqlite_next_word(text, &at, &word); /* TABLE */
    sqlite_read_target(text, &at, found);
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

/* DELETE FROM name, and UPDATE [OR ...] name; begin is where that word is. */
static void
read_change(SqliteHost *host, MigBytes text, size_t begin,
            SqliteDestruction *found)
{
    MigBytes first;
    MigBytes word;
    size_t at = begin;
    size_t before;
    bool deletes;

    (void) sqlite_next_word(text, &at, &first);
    deletes = sqlite_is_word(first, "delete");
    before = at;
    (void) sqlite_next_word(text, &at, &word);
    if (deletes)
        before = at; /* FROM */
    else if (sqlite_is_word(word, "or"))
    {
        (void) sqlite_next_word(text, &at, &word); /* REPLACE, IGNORE, ... */
        before = at;
    }
    found->writes = true;
    sqlite_read_target(text, &before, found);
    if (!sqlite_chooses_rows(host, text, begin, before, found))
        found->words =
            deletes ? "deletes every row of" : "updates every row of";
}

/* INSERT [OR ...] INTO name, and REPLACE INTO name. */
static void
read_insert(MigBytes text, size_t at, SqliteDestruction *found)
{
    MigBytes word;

    while (sqlite_next_word(text, &at, &word) && !sqlite_is_word(word, "into"))
        ;
    found->writes = true;
    sqlite_read_target(text, &at, found);
}

/* Where the word is that says what a statement does, behind a WITH. */
static size_t
find_verb(MigBytes text)
{
    MigBytes token;
    size_t at = 0;
    int depth = 0;
    bool word = sqlite_next_word(text, &at, &token);

    if (!word || !sqlite_is_word(token, "with"))
        return 0;
    while ((word = sqlite_next_word(text, &at, &token)) || token.length > 0)
    {
        if (mig_bytes_equal(token, mig_bytes("(")))
            depth++;
        else if (mig_bytes_equal(token, mig_bytes(")")))
            depth--;
        else if (depth == 0 && word &&
                 (sqlite_is_word(token, "delete") ||
                  sqlite_is_word(token, "update") ||
                  sqlite_is_word(token, "insert") ||
                  sqlite_is_word(token, "replace") ||
                  sqlite_is_word(token, "select")))
            return (size_t) (token.data - text.data);
    }
    return text.length;
}

SqliteDestruction
sqlite_read_destruction(SqliteHost *host, MigBytes text, bool fired,
                        const char *place)
{
    SqliteDestruction found = {.fired = fired, .place = place};
    MigBytes word;
    size_t begin = find_verb(text);
    size_t at = begin;

    (void) sqlite_next_word(text, &at, &word);
    if (sqlite_is_word(word, "drop"))
        read_drop(text, at, &found);
    else if (sqlite_is_word(word, "alter"))
        read_alter(text, at, &found);
    else if (sqlite_is_word(word, "delete") || sqlite_is_word(word, "update"))
        read_change(host, text, begin, &found);
    else if (sqlite_is_word(word, "insert") || sqlite_is_word(word, "replace"))
        read_insert(text, at, &found);
    return found;
}

/* ---- What the database says ---- */

/* What a name stands for. */
typedef struct Object
{
    bool view;
    bool stored; /* its rows lie in the file; else a module or a query has them
                  */
} Object;

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

/* Look for a table or a view in a schema; returns whether it is there. */
static bool
find_object(SqliteHost *host, const char *schema, const char *name,
            Object *object)
{
    sqlite3_stmt *statement = prepare(
        host, sqlite3_mprintf(
                  "SELECT rootpage, type = 'view' "
                  "FROM \"%w\".sqlite_master WHERE "
                  "type IN ('table', 'view') AND name = %Q COLLATE NOCASE",
                  schema, name));
    bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;

    object->stored = found && sqlite3_column_int64(statement, 0) > 0;
    object->view = found && sqlite3_column_int(statement, 1) != 0;
    (void) sqlite3_finalize(statement);
    return found;
}

bool
sqlite_has_table(SqliteHost *host, const char *schema, const char *name,
                 bool *stored)
{
    Object object;
    bool found = find_object(host, schema, name, &object);

    *stored = object.stored;
    return found && !object.view;
}

/*
 * The schema in which SQLite finds a table by its name alone: temp, main, then
 * the attached in their order.  To be freed by sqlite3_free(); NULL when there
 * is none.
 */
static char *
find_schema(SqliteHost *host, const char *name, Object *object)
{
    sqlite3_stmt *statement = NULL;
    char *schema = NULL;

    if (find_object(host, "temp", name, object))
        return sqlite3_mprintf("temp");
    if (sqlite3_prepare_v2(host->db, "PRAGMA database_list", -1, &statement,
                           NULL) != SQLITE_OK)
        return NULL;
    while (schema == NULL && sqlite3_step(statement) == SQLITE_ROW)
    {
        const char *listed = (const char *) sqlite3_column_text(statement, 1);

        if (listed != NULL && find_object(host, listed, name, object))
            schema = sqlite3_mprintf("%s", listed);
    }
    (void) sqlite3_finalize(statement);
    return schema;
}

/* How many rows a table has, COUNT_MOST + 1 for more; -1: cannot be told. Fails
 * where the user ends it: that says nothing of the rows. */
static int64_t
count_rows(SqliteHost *host, const char *schema, const char *name,
           MigError *error)
{
    sqlite3_stmt *statement =
        prepare(host, sqlite3_mprintf("SELECT count(*) FROM "
                                      "(SELECT 1 FROM \"%w\".\"%w\" LIMIT %d)",
                                      schema, name, COUNT_MOST + 1));
    int64_t rows = -1;
    int code =
        statement == NULL ? sqlite3_errcode(host->db) : sqlite3_step(statement);

    if (code == SQLITE_ROW)
        rows = sqlite3_column_int64(statement, 0);
    else if (sqlite_is(code, SQLITE_INTERRUPT) || sqlite_is(code, SQLITE_NOMEM))
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return rows;
}

/*
 * Put what is destroyed in words.
 *
 * names  schema, table, and column or NULL
 * rows   how many there are; -1: not counted
 */
static void
word_it(const char *words, const char *kind, char *const names[3], int64_t rows,
        MigLoss *loss)
{
    MigBytes schema = mig_cut(mig_bytes(names[0]), 200);
    MigBytes table = mig_cut(mig_bytes(names[1]), 200);
    MigBytes column = mig_cut(mig_bytes(names[2]), 200);
    bool there = loss->database > 1;
    char number[40];

    if (rows < 0)
        (void) snprintf(number, sizeof(number), "rows not counted");
    else if (rows > COUNT_MOST)
        (void) snprintf(number, sizeof(number), "more than %d rows",
                        COUNT_MOST);
    else
        (void) snprintf(number, sizeof(number), "%lld row%s", (long long) rows,
                        rows == 1 ? "" : "s");
    (void) snprintf(
        loss->text, sizeof(loss->text), "%s%s%.*s%s %s \"%.*s%s%.*s\" (%s)",
        words, names[2] != NULL ? " column \"" : "", (int) column.length,
        column.length > 0 ? column.data : "", names[2] != NULL ? "\" of" : "",
        kind, there ? (int) schema.length : 0, schema.data, there ? "." : "",
        (int) table.length, table.data, number);
    loss->certain = rows > 0;
}

/* Look at the table, or the view, that a statement names. */
static void
look_at_table(SqliteHost *host, const SqliteDestruction *found, char *names[3],
              MigLoss *loss, MigError *error)
{
    Object object = {false, false};
    int64_t rows = -1;

    if (names[0] == NULL)
        names[0] = find_schema(host, names[1], &object);
    else if (!find_object(host, names[0], names[1], &object))
        return;
    if (names[0] == NULL || sqlite3_stricmp(names[0], "temp") == 0 ||
        (object.view && (found->drops || names[2] != NULL)))
        return;
    /* To look must not run a module, nor what is in a view: that is for the
     * migration to do. */
    if (object.stored || host->unit)
        rows = count_rows(host, names[0], names[1], error);
    loss->database = sqlite_database_number(host, names[0]);
    if (rows != 0 && error->status == MIG_OK)
        word_it(found->words, object.view ? "view" : "table", names, rows,
                loss);
}

/* Look at what a statement does to a table, by the names in it. */
static void
look_at_names(SqliteHost *host, const SqliteDestruction *found, char *names[3],
              MigLoss *loss, MigError *error)
{
    /* It is made by ANALYZE, and so made again. */
    if (sqlite3_strnicmp(names[1], "sqlite_stat", strlen("sqlite_stat")) == 0)
        return;
    if (found->writes && (sqlite3_stricmp(names[1], "sqlite_schema") == 0 ||
                          sqlite3_stricmp(names[1], "sqlite_master") == 0))
    {
        loss->database =
            names[0] == NULL ? 0 : sqlite_database_number(host, names[0]);
        loss->certain = loss->database != 1;
        if (loss->certain)
            (void) snprintf(loss->text, sizeof(loss->text),
                            "changes the schema by hand, in table \"%s\"",
                            names[1]);
    }
    else if (found->words != NULL)
        look_at_table(host, found, names, loss, error);
}

char *
sqlite_schema_of(SqliteHost *host, const SqliteDestruction *found)
{
    char *name;
    char *schema;
    Object object;

    if (found->schema.length > 0)
        return sqlite_unquote(found->schema);
    name = sqlite_unquote(found->table);
    schema = name == NULL ? NULL : find_schema(host, name, &object);
    sqlite3_free(name);
    return schema;
}

MigStatus
sqlite_tell_loss(SqliteHost *host, const SqliteDestruction *found,
                 const char *schema, MigLoss *loss, MigError *error)
{
    char *names[3] = {NULL, NULL, NULL}; /* schema, table, column */
    bool placed = found->schema.length > 0 || schema != NULL;

    memset(loss, 0, sizeof(*loss));
    if ((found->words == NULL && !found->writes) || found->table.length == 0)
        return MIG_OK;
    names[1] = sqlite_unquote(found->table);
    if (placed)
        names[0] = found->schema.length > 0 ? sqlite_unquote(found->schema)
                                            : sqlite3_mprintf("%s", schema);
    if (found->column.length > 0)
        names[2] = sqlite_unquote(found->column);
    if (names[1] == NULL || (placed && names[0] == NULL) ||
        (found->column.length > 0 && names[2] == NULL))
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    else
        look_at_names(host, found, names, loss, error);
    if (error->status == MIG_OK && sqlite3_errcode(host->db) == SQLITE_NOMEM)
        (void) sqlite_fail(host, error);
    for (size_t i = 0; i < 3; i++)
        sqlite3_free(names[i]);
    return error->status;
}

MigStatus
sqlite_destroys(MigHost *base, const MigStatement *statement, MigLoss *loss,
                MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    SqliteDestruction found =
        sqlite_read_destruction(host, statement->text, false, NULL);

    if (sqlite_tell_loss(host, &found, NULL, loss, error) == MIG_OK &&
        loss->text[0] == '\0' && found.writes)
        (void) sqlite_fired_destroys(host, statement->text, &found, loss,
                                     error);
    return error->status;
}
