#include "sqlite_canon.h"
#include "sqlite_parts.h"
#include "sqlite_schema.h"
#include "sqlite_token.h"

/*
 * What tables, their columns and indexes keep when they are renamed
 *
 * ALTER TABLE changes the row of a table in sqlite_schema, and where its pages
 * are stays as it was: so a table, or an index, is known by the number of its
 * row and its first page.  A table that is made when another was dropped can
 * have both of it; so nothing counts as renamed unless a statement has said so.
 *
 * A column is known by its place, as long as no column is dropped.
 */

void
sqlite_number_expect(SqliteHost *host, MigBytes text)
{
    MigBytes word;
    size_t at = 0;
    bool alters;

    (void) sqlite_next_word(text, &at, &word);
    alters = sqlite_is_word(word, "alter");
    if (!alters && !sqlite_is_word(word, "select"))
        return;
    while (sqlite_next_word(text, &at, &word) || word.length > 0)
    {
        if (alters && sqlite_is_word(word, "rename"))
            host->renames = true;
        if (sqlite_is_word(word, alters ? "drop" : "migrate_rebuild"))
            host->column_drops++;
    }
}

/* A list of numbers under way. */
typedef struct Numbering
{
    SqliteHost *host;
    MigObjectFunction object;
    void *context;
    MigError *error;
    MigArena arena; /* of one row */
} Numbering;

/* Hand on one number. */
static void
emit(Numbering *numbering, const char *kind, MigBytes identity,
     const char *number)
{
    MigObject object = {mig_bytes(kind), identity, {NULL, 0}, {NULL, 0}};

    if (number == NULL || numbering->error->status != MIG_OK)
        return;
    object.definition = mig_bytes(number);
    (void) numbering->object(numbering->context, &object, numbering->error);
}

/* Hand on the columns of a table. */
static void
list_columns(Numbering *numbering, MigBytes table, MigBytes sql,
             const char *number)
{
    SqliteCanon canon = {numbering->host, &numbering->arena, numbering->error,
                         table.data};
    SqliteParts parts;

    if (!sqlite_parts_read(&numbering->arena, sql, &parts, numbering->error))
        return;
    for (size_t i = 0; i < parts.count; i++)
    {
        MigText identity = {&numbering->arena, numbering->error, NULL, 0, 0};

        if (parts.items[i].name.data == NULL)
            continue;
        sqlite_canon_name(&identity, table);
        mig_text_append_string(&identity, ".");
        sqlite_canon_name(&identity,
                          sqlite_canon_unquote(&canon, parts.items[i].name));
        emit(numbering, "column", mig_text_bytes(&identity),
             mig_format_string(&numbering->arena, numbering->error,
                               "%s.%lld.%zu", number,
                               (long long) numbering->host->column_drops, i));
    }
}

/* A column of the current row; absent for NULL. */
static MigBytes
column_of(sqlite3_stmt *statement, int column)
{
    return mig_bytes((const char *) sqlite3_column_text(statement, column));
}

/* Hand on what a row of the schema has. */
static void
list_row(Numbering *numbering, sqlite3_stmt *statement)
{
    MigBytes kind = column_of(statement, 0);
    MigBytes name = column_of(statement, 1);
    const char *number =
        mig_format_string(&numbering->arena, numbering->error, "%lld.%lld",
                          (long long) sqlite3_column_int64(statement, 3),
                          (long long) sqlite3_column_int64(statement, 4));

    if (number != NULL)
        emit(numbering, kind.data, name, number);
    if (number != NULL && sqlite_is_word(kind, "table"))
        list_columns(numbering, name, column_of(statement, 2), number);
    mig_arena_release(&numbering->arena);
}

MigStatus
sqlite_list_numbers(MigHost *base, const MigScope *scope, bool *renamed,
                    MigObjectFunction object, void *context, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    Numbering numbering = {host, object, context, error, {base, NULL}};
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(host->db,
                                  "SELECT type, name, sql, rowid, rootpage "
                                  "FROM main.sqlite_schema "
                                  "WHERE type IN ('table', 'index')",
                                  -1, &statement, NULL);

    (void) scope;
    *renamed = host->renames;
    host->renames = false;
    if (code == SQLITE_OK)
        code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    while (code == SQLITE_ROW && error->status == MIG_OK)
    {
        list_row(&numbering, statement);
        code = sqlite3_step(statement);
    }
    if (code != SQLITE_DONE && error->status == MIG_OK)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    mig_arena_release(&numbering.arena);
    return error->status;
}
