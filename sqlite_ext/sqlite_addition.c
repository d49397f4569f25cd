#include "sqlite_catalogue.h"
#include "sqlite_token.h"

#include "mig_addition.h"
#include "sqlite_references.h"

/*
 * What others have put on the catalogue's tables.  Nothing of it is run: of
 * statements only the program is looked at, and names and definitions are read.
 *
 * A look at a table that somebody else has made could call what the application
 * has registered: functions for a generated column, a collation, the module of
 * a virtual table.  Definitions tell of all of them before the first such look.
 */

/* What is written, so that each trigger is met; another UPDATE or DELETE of a
 * table would only run the same ones. */
static const MigSql writes[] = {
    /* What each run writes, */
    MIG_SQL_EVENT_INSERT,
    MIG_SQL_APPLIED_INSERT,
    MIG_SQL_APPLIED_DELETE,
    /* and the rest. */
    MIG_SQL_APPLIED_MOVE,
    MIG_SQL_TEXT_INSERT,
    MIG_SQL_MIGRATION_UPSERT,
    MIG_SQL_MIGRATION_DELETE,
    MIG_SQL_SETTING_SET,
    MIG_SQL_SETTING_DELETE,
    MIG_SQL_OBJECT_UPSERT,
    MIG_SQL_OBJECT_DELETE,
    MIG_SQL_DELTA_INSERT,
    MIG_SQL_DELTA_DELETE,
};
#define WRITES_OF_RUNS ((size_t) 3)

/* Where additions go. */
typedef struct SqliteAdditions
{
    SqliteHost *host;
    const char *schema; /* "main", or an attached database */
    const char *table;  /* the present one */
    MigAdditionFunction addition;
    void *context;
    MigError *error;
} SqliteAdditions;

/* Hand on one whose texts are sqlite3_mprintf()'s, and free these. */
static void
give_found(const SqliteAdditions *additions, MigAddition found, char *what,
           char *remedy)
{
    found.what = what;
    found.table = additions->table;
    found.remedy = remedy;
    if (what == NULL || remedy == NULL)
        (void) mig_fail(additions->error, MIG_NOMEM, "out of memory");
    else if (additions->error->status == MIG_OK)
        (void) additions->addition(additions->context, &found,
                                   additions->error);
    sqlite3_free(what);
    sqlite3_free(remedy);
}

/* Hand on one that runs at most when its table is written. */
static void
give(const SqliteAdditions *additions, char *what, char *remedy, bool runs)
{
    give_found(additions, (MigAddition){.runs = runs}, what, remedy);
}

/*
 * Prepare a query whose text may name a table or index, "%w"; frees the text.
 * NULL when that fails.
 */
static sqlite3_stmt *
prepare(const SqliteAdditions *additions, char *sql)
{
    SqliteHost *host = additions->host;
    sqlite3_stmt *statement = NULL;

    if (sql == NULL)
        (void) mig_fail(additions->error, MIG_NOMEM, "out of memory");
    else if (sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL) !=
             SQLITE_OK)
        (void) sqlite_fail(host, additions->error);
    sqlite3_free(sql);
    return statement;
}

/* The next row of a query; at its end, or when it fails, it is finalized. */
static bool
next_row(const SqliteAdditions *additions, sqlite3_stmt *statement)
{
    SqliteHost *host = additions->host;
    int64_t wait_ms =
        host->transaction == TRANSACTION_NONE ? host->read_wait_ms : 0;
    int code;

    if (statement == NULL)
        return false;
    code = additions->error->status == MIG_OK
               ? sqlite_step_patiently(host, statement, wait_ms)
               : SQLITE_DONE;
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        (void) sqlite_fail(host, additions->error);
    (void) sqlite3_finalize(statement);
    return false;
}

/* Tell of the present table's triggers, in one of the schemas main and temp. */
static void
list_triggers(const SqliteAdditions *additions, const char *schema)
{
    sqlite3_stmt *rows = prepare(
        additions, sqlite3_mprintf("SELECT name FROM %s WHERE type = 'trigger' "
                                   "AND tbl_name = %Q COLLATE nocase "
                                   "ORDER BY name COLLATE binary",
                                   schema, additions->table));

    while (next_row(additions, rows))
    {
        const char *name = (const char *) sqlite3_column_text(rows, 0);
        bool temporary = strcmp(schema, "sqlite_temp_schema") == 0;

        give(additions,
             sqlite3_mprintf("%strigger \"%w\"", temporary ? "temporary " : "",
                             name == NULL ? "" : name),
             sqlite3_mprintf("DROP TRIGGER %s.\"%w\"",
                             temporary ? "temp" : "main",
                             name == NULL ? "" : name),
             true);
    }
}

/* Whether an index has an expression for a column. */
static bool
has_expression(const SqliteAdditions *additions, const char *index)
{
    sqlite3_stmt *rows = prepare(
        additions, sqlite3_mprintf("PRAGMA main.index_info(\"%w\")", index));
    bool found = false;

    while (next_row(additions, rows))
        found = found || sqlite3_column_int(rows, 1) == -2;
    return found;
}

/* Tell of the present table's indexes but those of its own constraints. */
static void
list_indexes(const SqliteAdditions *additions)
{
    sqlite3_stmt *rows =
        prepare(additions, sqlite3_mprintf("PRAGMA main.index_list(\"%w\")",
                                           additions->table));

    while (next_row(additions, rows))
    {
        const char *name = (const char *) sqlite3_column_text(rows, 1);
        const char *origin = (const char *) sqlite3_column_text(rows, 3);
        bool unique = sqlite3_column_int(rows, 2) != 0;
        bool partial = sqlite3_column_int(rows, 4) != 0;

        if (name == NULL || origin == NULL || strcmp(origin, "c") != 0)
            continue;
        give(additions,
             sqlite3_mprintf("%sindex \"%w\"", unique ? "unique " : "", name),
             sqlite3_mprintf("DROP INDEX main.\"%w\"", name),
             unique || partial || has_expression(additions, name));
    }
}

/*
 * Tell of one in a column's definition, or of the table's own.
 *
 * column  the first token of the definition that it stands in
 * reads   it also runs when the table is read
 */
static void
give_expression(const SqliteAdditions *additions, const char *what,
                MigBytes column, bool reads)
{
    int length = (int) column.length;
    bool of_column = !mig_same_letters(column, mig_bytes("check")) &&
                     !mig_same_letters(column, mig_bytes("constraint")) &&
                     !mig_same_letters(column, mig_bytes("primary")) &&
                     !mig_same_letters(column, mig_bytes("unique"));
    char *remedy;

    if (sqlite_is_catalogue_column(additions->table, column))
        remedy = sqlite3_mprintf("the column is the extension's own, and the "
                                 "table has to come from a backup");
    else if (of_column)
        remedy = sqlite3_mprintf("ALTER TABLE \"%w\".\"%w\" DROP COLUMN %.*s",
                                 additions->schema, additions->table, length,
                                 column.data);
    else
        remedy = sqlite3_mprintf("the table has to be made anew without it");
    give_found(additions, (MigAddition){.runs = true, .reads = reads},
               of_column ? sqlite3_mprintf("%s for column %.*s", what, length,
                                           column.data)
                         : sqlite3_mprintf("%s", what),
               remedy);
}

/* Tell of expressions and collations in a table's definition; ours have none.
 */
static void
read_expressions(const SqliteAdditions *additions, MigBytes sql)
{
    MigBytes column = {NULL, 0}; /* the first token of its definition */
    MigBytes token;
    size_t at = 0;
    int depth = 0;
    bool begins = false;

    for (bool word = sqlite_next_word(sql, &at, &token); token.length > 0;
         word = sqlite_next_word(sql, &at, &token))
    {
        char sign = '\0';

        if (token.length == 1 && !word)
            sign = token.data[0];
        if (begins)
            column = token;
        if (depth == 1 && word && mig_same_letters(token, mig_bytes("check")))
            give_expression(additions, "a check", column, false);
        if (depth == 1 && word && mig_same_letters(token, mig_bytes("as")))
            give_expression(additions, "an expression", column, true);
        /* In a key's parentheses as well. */
        if (word && mig_same_letters(token, mig_bytes("collate")))
            give_expression(additions, "a collation", column, true);
        depth += (sign == '(') - (sign == ')');
        begins = depth == 1 && (sign == ',' || (sign == '(' && !column.data));
    }
}

/* Whether a definition is that of a table whose rows lie in the file. */
static bool
is_of_stored_table(MigBytes sql)
{
    MigBytes first;
    MigBytes second;
    size_t at = 0;

    return sqlite_next_word(sql, &at, &first) &&
           sqlite_is_word(first, "CREATE") &&
           sqlite_next_word(sql, &at, &second) &&
           sqlite_is_word(second, "TABLE");
}

/*
 * Read the definitions of the catalogue's tables, and tell of what stands in
 * them; fails where one is not that of a stored table.
 *
 * only  the name of one table; NULL: all of them
 */
static void
list_expressions(const SqliteAdditions *additions, const char *only)
{
    SqliteAdditions present = *additions;
    /* Names from "migrate_" on, by what no application can replace. */
    sqlite3_stmt *rows = prepare(
        additions,
        sqlite3_mprintf("SELECT name, sql FROM \"%w\".sqlite_schema WHERE type "
                        "= 'table' AND name COLLATE nocase BETWEEN 'migrate_' "
                        "AND 'migrate_z'",
                        additions->schema));

    while (next_row(additions, rows))
    {
        const char *name = (const char *) sqlite3_column_text(rows, 0);
        const char *sql = (const char *) sqlite3_column_text(rows, 1);

        present.table = name == NULL ? NULL : sqlite_catalogue_name(name);
        if (present.table == NULL ||
            (only != NULL && strcmp(only, present.table) != 0))
            continue;
        if (sql == NULL || !is_of_stored_table(mig_bytes(sql)))
            (void) sqlite_fail_damaged(present.table, present.error);
        else
            read_expressions(&present, mig_bytes(sql));
    }
}

/* A MigAdditionFunction: fail for one that runs when its table is read. */
static MigStatus
refuse_read(void *context, const MigAddition *addition, MigError *error)
{
    bool *refused = context;

    if (!addition->reads)
        return error->status;
    *refused = true;
    return mig_fail_addition(addition, error);
}

MigStatus
sqlite_refuse_reading(SqliteHost *host, const char *schema, const char *only,
                      bool *refused, MigError *error)
{
    SqliteAdditions additions = {host,        schema,  NULL,
                                 refuse_read, refused, error};

    *refused = false;
    list_expressions(&additions, only);
    return error->status;
}

/* The tables whose foreign keys refer to one, as they are being told. */
static MigStatus
take_child(SqliteHost *host, const char *child, MigError *error)
{
    const SqliteAdditions *additions = host->additions;

    /* Events and texts are never changed or deleted: nothing is run. */
    give(additions, sqlite3_mprintf("a foreign key of table \"%w\"", child),
         sqlite3_mprintf("migrate_rebuild() gives \"%w\" a definition without "
                         "it",
                         child),
         strcmp(additions->table, "migrate_event") != 0 &&
             strcmp(additions->table, "migrate_text") != 0);
    return error->status;
}

MigStatus
sqlite_catalogue_additions(MigHost *base, MigAdditionFunction addition,
                           void *context, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    SqliteAdditions additions = {host, "main", NULL, addition, context, error};

    if (error->status == MIG_OK)
        (void) sqlite_references_sync(host, error);
    host->additions = &additions;
    for (size_t i = 0; sqlite_catalogue_table(i) != NULL; i++)
    {
        additions.table = sqlite_catalogue_table(i);
        list_triggers(&additions, "main.sqlite_schema");
        list_triggers(&additions, "sqlite_temp_schema");
        list_indexes(&additions);
        list_expressions(&additions, additions.table);
        if (error->status == MIG_OK)
            (void) sqlite_references_each(host, additions.table, take_child,
                                          error);
    }
    host->additions = NULL;
    return error->status;
}

/*
 * Whether a statement's program does more than we ask: each trigger is a
 * program inside it, and so is what a foreign key does; functions are called by
 * CHECKs and generated columns alone.  This is cheaper to find than rows of
 * sqlite_schema among thousands.
 */
static bool
does_more(SqliteHost *host, MigSql sql, MigError *error)
{
    static const char *const opcodes[] = {"Program", "FkCounter", "FkIfZero",
                                          "Function", "PureFunc"};
    char *text = sqlite3_mprintf("EXPLAIN %s", mig_sql(sql)->text);
    sqlite3_stmt *explain = NULL;
    bool more = false;
    int code = text == NULL
                   ? SQLITE_NOMEM
                   : sqlite3_prepare_v2(host->db, text, -1, &explain, NULL);

    sqlite3_free(text);
    while (code == SQLITE_OK && !more && sqlite3_step(explain) == SQLITE_ROW)
    {
        const char *opcode = (const char *) sqlite3_column_text(explain, 1);

        for (size_t i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++)
            more = more || opcode == NULL || strcmp(opcode, opcodes[i]) == 0;
    }
    /* Without memory the engine may have undone the whole transaction. */
    if (sqlite_is(sqlite3_finalize(explain), SQLITE_NOMEM))
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    /* What does not even compile may be a trigger that cannot. */
    return more || code != SQLITE_OK;
}

/* Whether a table has an index besides those of its own constraints. */
static bool
has_index(SqliteHost *host, const char *table, MigError *error)
{
    SqliteAdditions additions = {host, "main", table, NULL, NULL, error};
    sqlite3_stmt *rows = prepare(
        &additions, sqlite3_mprintf("PRAGMA main.index_list(\"%w\")", table));
    bool found = false;

    while (next_row(&additions, rows))
    {
        const char *origin = (const char *) sqlite3_column_text(rows, 3);

        found = found || origin == NULL || strcmp(origin, "c") == 0;
    }
    return found;
}

MigStatus
sqlite_refuse_additions(SqliteHost *host, MigError *error)
{
    bool all = !host->additions_refused;
    size_t count = all ? sizeof(writes) / sizeof(writes[0]) : WRITES_OF_RUNS;
    bool found = false;

    if (error->status != MIG_OK)
        return error->status;
    /* An older layout lacks the last tables. */
    for (size_t i = 0; i < count && !found && error->status == MIG_OK; i++)
        found = (host->host.records || writes[i] < MIG_SQL_OBJECT_UPSERT) &&
                does_more(host, writes[i], error);
    for (size_t i = 0; all && !found && sqlite_catalogue_table(i) != NULL; i++)
        found = has_index(host, sqlite_catalogue_table(i), error);
    if (found && error->status == MIG_OK)
        (void) sqlite_catalogue_additions(&host->host, mig_addition_refuse,
                                          NULL, error);
    host->additions_refused = error->status == MIG_OK;
    return error->status;
}
