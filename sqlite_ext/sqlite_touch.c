#include "sqlite_references.h"
#include "sqlite_token.h"

/*
 * Which tables a statement may change, while the engine does not enforce
 * foreign keys.  The engine's own plan of the statement says which b-trees it
 * opens for writing, those of triggers included; only ALTER TABLE, which writes
 * to the schema alone, is known by the name that stands in it.
 *
 * Nothing is looked at while the schema has no foreign key.  Of several
 * statements that change rows of one table only the first is, as long as the
 * table has no triggers; of several INSERTs, as a dump has them, always.
 */

#define ROOTS_MAX 64 /* b-trees that are told apart; more: all tables */

/* The b-trees of main that a statement writes. */
typedef struct Roots
{
    int64_t pages[ROOTS_MAX];
    size_t count;
    bool all; /* cannot be told apart */
} Roots;

/* Where a word begins in a text, behind its first; 0 when it has none. */
static size_t
find_word(MigBytes text, const char *expected)
{
    MigBytes word;
    size_t at = 0;

    while (sqlite_next_word(text, &at, &word) || word.length > 0)
    {
        if (sqlite_is_word(word, expected))
            return at - word.length;
    }
    return 0;
}

/* Find out whether the schema has a foreign key at all. */
static MigStatus
know_whether_keys(SqliteHost *host, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_DONE;
    bool found = false;

    if (host->keys.schema != KEYS_UNKNOWN)
        return MIG_OK;
    if (sqlite3_prepare_v2(host->db,
                           "SELECT sql FROM main.sqlite_schema "
                           "WHERE type = 'table' AND sql IS NOT NULL",
                           -1, &statement, NULL) != SQLITE_OK)
        return sqlite_fail(host, error);
    while (!found && (code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *sql = (const char *) sqlite3_column_text(statement, 0);

        found = sql == NULL || sqlite3_strlike("%references%", sql, 0) == 0;
    }
    if (!found && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    else
        host->keys.schema = found ? KEYS_PRESENT : KEYS_NONE;
    (void) sqlite3_finalize(statement);
    return error->status;
}

static void
add_root(Roots *roots, int64_t page)
{
    for (size_t i = 0; i < roots->count; i++)
    {
        if (roots->pages[i] == page)
            return;
    }
    if (roots->count == ROOTS_MAX)
        roots->all = true;
    else
        roots->pages[roots->count++] = page;
}

/* Take one instruction of a statement's plan. */
static void
read_instruction(sqlite3_stmt *plan, Roots *roots)
{
    const char *opcode = (const char *) sqlite3_column_text(plan, 1);
    int page_column = 2; /* p1 */
    int schema_column = 4;

    if (opcode == NULL)
    {
        roots->all = true;
        return;
    }
    if (strcmp(opcode, "OpenWrite") == 0)
        page_column = 3;
    else if (strcmp(opcode, "Clear") == 0)
        schema_column = 3;
    else if (strcmp(opcode, "Destroy") != 0)
        return;
    if (sqlite3_column_int(plan, schema_column) == 0)
        add_root(roots, sqlite3_column_int64(plan, page_column));
}

/* Read a statement's plan.  One that cannot be prepared has none: that comes
 * out when it is run. */
static MigStatus
read_roots(SqliteHost *host, MigBytes text, Roots *roots, MigError *error)
{
    char *sql = sqlite3_mprintf("EXPLAIN %.*s", (int) text.length, text.data);
    sqlite3_stmt *plan = NULL;
    int code;

    memset(roots, 0, sizeof(*roots));
    if (sql == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    code = sqlite3_prepare_v2(host->db, sql, -1, &plan, NULL);
    sqlite3_free(sql);
    if (code != SQLITE_OK)
        return sqlite_is(code, SQLITE_NOMEM) ? sqlite_fail(host, error)
                                             : MIG_OK;
    while ((code = sqlite3_step(plan)) == SQLITE_ROW)
        read_instruction(plan, roots);
    if (code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(plan);
    return error->status;
}

/* Note the tables that own b-trees. */
static MigStatus
touch_roots(SqliteHost *host, const Roots *roots, MigError *error)
{
    for (size_t i = 0; i < roots->count && error->status == MIG_OK; i++)
    {
        const char *owner = sqlite_references_owner(host, roots->pages[i]);

        if (owner != NULL)
            (void) sqlite_keys_touch(host, owner, error);
    }
    return error->status;
}

/* Note a table whose name stands in a statement. */
static MigStatus
touch_name(SqliteHost *host, MigBytes token, MigError *error)
{
    char *name = sqlite_unquote(token);

    if (name == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    (void) sqlite_keys_touch(host, name, error);
    sqlite3_free(name);
    return error->status;
}

/* The table in a statement, and the word behind its name. */
static MigBytes
read_table(MigBytes text, size_t *at, MigBytes *behind)
{
    MigBytes name;

    (void) sqlite_next_word(text, at, &name);
    (void) sqlite_next_word(text, at, behind);
    if (mig_bytes_equal(*behind, mig_bytes(".")))
    {
        (void) sqlite_next_word(text, at, &name);
        (void) sqlite_next_word(text, at, behind);
    }
    return name;
}

/* Note the table of an ALTER TABLE, under its new name as well. */
static MigStatus
touch_altered(SqliteHost *host, MigBytes text, MigError *error)
{
    MigBytes word;
    MigBytes table;
    size_t at = 0;
    bool renamed = false;
    char *name;

    (void) sqlite_next_word(text, &at, &word); /* ALTER */
    (void) sqlite_next_word(text, &at, &word); /* TABLE */
    table = read_table(text, &at, &word);
    if (sqlite_is_word(word, "rename"))
    {
        (void) sqlite_next_word(text, &at, &word);
        renamed = sqlite_is_word(word, "to");
    }
    if (sqlite_references_sync(host, error) != MIG_OK ||
        touch_name(host, table, error) != MIG_OK)
        return error->status;
    name = sqlite_unquote(table);
    if (name == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    if (renamed)
    {
        (void) sqlite_next_word(text, &at, &word);
        (void) touch_name(host, word, error);
    }
    if (error->status == MIG_OK)
        (void) sqlite_references_expect(host, mig_bytes("alter"),
                                        renamed ? NULL : name, error);
    sqlite3_free(name);
    return error->status;
}

/* Whether an INSERT does what the one before it did: the same up to VALUES,
 * and no row that is there already is changed. */
static bool
is_repeated(SqliteHost *host, MigBytes text)
{
    MigBytes before = host->keys.insert;
    size_t values = find_word(text, "values");
    bool repeated =
        values > 0 && values == before.length &&
        memcmp(before.data, text.data, values) == 0 &&
        find_word(mig_part(text, values, text.length), "conflict") == 0;

    host->keys.insert = mig_part(text, 0, values);
    return repeated;
}

/* Note what a statement that changes rows or drops something writes. */
static MigStatus
touch_written(SqliteHost *host, MigBytes text, bool drops, MigError *error)
{
    Roots roots;

    if (sqlite_references_sync(host, error) != MIG_OK ||
        read_roots(host, text, &roots, error) != MIG_OK)
        return error->status;
    /* The schema's own table, page 1, written by hand. */
    for (size_t i = 0; i < roots.count && !drops; i++)
        roots.all = roots.all || roots.pages[i] == 1;
    if (roots.all)
        return sqlite_keys_touch_all(host, error);
    return touch_roots(host, &roots, error);
}

/*
 * The table whose rows a statement changes, to be freed by sqlite3_free(); NULL
 * when it does not stand right behind the statement's first words.
 */
static char *
changed_table(MigBytes text)
{
    MigBytes verb;
    MigBytes word;
    size_t at = 0;
    size_t before;

    (void) sqlite_next_word(text, &at, &verb);
    before = at;
    (void) sqlite_next_word(text, &at, &word);
    if (sqlite_is_word(word, "or"))
    {
        (void) sqlite_next_word(text, &at, &word); /* REPLACE, IGNORE, ... */
        before = at;
        (void) sqlite_next_word(text, &at, &word);
    }
    if (sqlite_is_word(verb, "with") ||
        (!sqlite_is_word(verb, "update") && !sqlite_is_word(word, "into") &&
         !sqlite_is_word(word, "from")))
        return NULL;
    if (sqlite_is_word(verb, "update"))
        at = before;
    return sqlite_unquote(read_table(text, &at, &word));
}

/* Note what an INSERT, UPDATE or DELETE writes. */
static MigStatus
touch_rows(SqliteHost *host, MigBytes text, bool inserts, MigError *error)
{
    char *table = changed_table(text);

    if ((table == NULL || !sqlite_references_settled(host, table)) &&
        !(inserts && is_repeated(host, text)) &&
        touch_written(host, text, false, error) == MIG_OK && table != NULL &&
        sqlite_keys_is_touched(host, table))
        sqlite_references_settle(host, table);
    sqlite3_free(table);
    return error->status;
}

/* Whether something is to be noted of a statement that begins with a word. */
static bool
is_watched(SqliteHost *host, MigBytes text, MigBytes word)
{
    bool writes_schema = sqlite_pragma_writes_schema(host);
    int on = 0;

    (void) sqlite3_db_config(host->db, SQLITE_DBCONFIG_ENABLE_FKEY, -1, &on);
    if ((on && !writes_schema) || host->keys.all)
        return false;
    if (writes_schema ||
        ((sqlite_is_word(word, "create") || sqlite_is_word(word, "alter")) &&
         find_word(text, "references") > 0))
        host->keys.schema = KEYS_PRESENT;
    /* A function can have made a table. */
    if (sqlite_is_word(word, "select") && host->keys.schema == KEYS_NONE)
        host->keys.schema = KEYS_UNKNOWN;
    return true;
}

MigStatus
sqlite_touch(SqliteHost *host, MigBytes text, MigError *error)
{
    static const char *const changing[] = {
        "insert", "replace", "update", "delete", "with", "drop", "alter", NULL};
    size_t at = 0;
    size_t i = 0;
    MigBytes word;

    if (!sqlite_next_word(text, &at, &word) || !is_watched(host, text, word))
        return MIG_OK;
    while (changing[i] != NULL && !sqlite_is_word(word, changing[i]))
        i++;
    if (i != 0)
        host->keys.insert.length = 0;
    if (changing[i] == NULL)
        return sqlite_references_expect(host, word, NULL, error);
    if (know_whether_keys(host, error) != MIG_OK ||
        host->keys.schema == KEYS_NONE)
        return error->status;
    if (sqlite_is_word(word, "alter"))
        return touch_altered(host, text, error);
    if (!sqlite_is_word(word, "drop"))
        return touch_rows(host, text, i == 0, error);
    if (touch_written(host, text, true, error) == MIG_OK)
        (void) sqlite_references_expect(host, word, NULL, error);
    return error->status;
}
