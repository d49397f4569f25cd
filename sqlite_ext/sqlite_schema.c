#include "sqlite_schema.h"
#include "sqlite_token.h"

/*
 * What has changed in main's schema
 *
 * Nothing tells that but sqlite_schema itself.  Its rows are kept as they were,
 * and compared with what they are, byte by byte; a row that differs, is new or
 * is gone tells of the table or view that it belongs to.
 *
 * To read all rows after each of thousands of migrations would be slow.  Each
 * change of the schema makes its cookie larger by one (PRAGMA schema_version).
 * So while it is the same, nothing is read; and behind a single CREATE that
 * made it larger by one there are only new rows, at the end.  That does not
 * hold where the cookie can go back or stay: behind a ROLLBACK TO, and where a
 * migration sets it, or writes to the schema by itself.  Nor where a CREATE
 * runs others' code, which could change something in between: the query of
 * CREATE TABLE ... AS, functions in an index, the module of a virtual table.
 * A function of the application's that goes back to a savepoint, and then makes
 * something else, is not seen here; the next run finds it, which reads all.
 */

static MigStatus
no_memory(MigError *error)
{
    return mig_fail(error, MIG_NOMEM, "out of memory");
}

static void
free_rows(SqliteSchemaRows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        sqlite3_free(rows->items[i].type);
    sqlite3_free(rows->items);
    sqlite_hash_free(&rows->root_hash);
    sqlite3_free(rows->roots);
    memset(rows, 0, sizeof(*rows));
}

/* Forget which roots have changed. */
static void
forget_changed(SqliteSchema *schema)
{
    for (size_t i = 0; i < schema->changed_hash.count; i++)
        sqlite3_free(schema->changed[i]);
    sqlite_hash_free(&schema->changed_hash);
    sqlite3_free(schema->changed);
    schema->changed = NULL;
}

size_t
sqlite_schema_find(const SqliteSchemaRows *rows, const char *name)
{
    size_t i = sqlite_hash_first(&rows->root_hash, sqlite_hash_name(name));

    while (i != SQLITE_HASH_END && sqlite3_stricmp(rows->roots[i].name, name))
        i = sqlite_hash_next(&rows->root_hash, i);
    return i;
}

/* The same, made when there is none; SQLITE_HASH_END when out of memory. */
static size_t
make_root(SqliteSchemaRows *rows, const char *name)
{
    size_t i = sqlite_schema_find(rows, name);
    SqliteSchemaRoot *roots;

    if (i != SQLITE_HASH_END)
        return i;
    roots = sqlite_hash_reserve(&rows->root_hash, rows->roots,
                                sizeof(SqliteSchemaRoot));
    if (roots == NULL)
        return SQLITE_HASH_END;
    rows->roots = roots;
    i = rows->root_hash.count;
    roots[i].name = name;
    roots[i].first = SQLITE_HASH_END;
    roots[i].last = SQLITE_HASH_END;
    return sqlite_hash_add(&rows->root_hash, sqlite_hash_name(name))
               ? i
               : SQLITE_HASH_END;
}

/* Make room for one more row. */
static bool
reserve_row(SqliteSchemaRows *rows)
{
    size_t capacity = rows->capacity == 0 ? 64 : rows->capacity * 2;
    SqliteSchemaRow *larger;

    if (rows->count < rows->capacity)
        return true;
    larger = sqlite3_realloc64(rows->items, capacity * sizeof(*larger));
    if (larger == NULL)
        return false;
    rows->items = larger;
    rows->capacity = capacity;
    return true;
}

/* Copy the texts of the current row; false when out of memory. */
static bool
copy_row(sqlite3_stmt *statement, SqliteSchemaRow *row)
{
    const char *texts[4];
    size_t lengths[4];
    char *at;

    row->length = 0;
    for (int i = 0; i < 4; i++)
    {
        texts[i] = (const char *) sqlite3_column_text(statement, i + 1);
        if (texts[i] == NULL &&
            sqlite3_column_type(statement, i + 1) != SQLITE_NULL)
            return false;
        texts[i] = texts[i] == NULL ? "" : texts[i];
        lengths[i] = strlen(texts[i]) + 1; /* as far as the engine reads it */
        row->length += lengths[i];
    }
    at = sqlite3_malloc64(row->length);
    if (at == NULL)
        return false;
    row->number = sqlite3_column_int64(statement, 0);
    row->type = at;
    row->name = at + lengths[0];
    row->table = row->name + lengths[1];
    row->sql = row->table + lengths[2];
    for (int i = 0; i < 4; i++)
    {
        memcpy(at, texts[i], lengths[i]);
        at += lengths[i];
    }
    return true;
}

/* Whether a row is that of a table or view. */
static bool
is_own(const SqliteSchemaRow *row)
{
    return strcmp(row->type, "table") == 0 || strcmp(row->type, "view") == 0;
}

/* Append the current row; false when out of memory. */
static bool
add_row(SqliteSchemaRows *rows, sqlite3_stmt *statement)
{
    SqliteSchemaRow *row;
    SqliteSchemaRoot *root;

    if (!reserve_row(rows))
        return false;
    row = &rows->items[rows->count];
    row->next = SQLITE_HASH_END;
    if (!copy_row(statement, row))
        return false;
    rows->count++;
    row->root = make_root(rows, is_own(row) ? row->name : row->table);
    if (row->root == SQLITE_HASH_END)
        return false;
    root = &rows->roots[row->root];
    if (is_own(row)) /* a trigger may have its table's name in another case */
        root->name = row->name;
    if (root->first == SQLITE_HASH_END)
        root->first = rows->count - 1;
    else
        rows->items[root->last].next = rows->count - 1;
    root->last = rows->count - 1;
    return true;
}

/* Append the rows behind a number. */
static MigStatus
read_behind(SqliteHost *host, SqliteSchemaRows *rows, int64_t number,
            MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(host->db,
                                  "SELECT rowid, type, name, tbl_name, sql "
                                  "FROM main.sqlite_schema "
                                  "WHERE rowid > ?1 ORDER BY rowid",
                                  -1, &statement, NULL);

    if (code == SQLITE_OK)
    {
        (void) sqlite3_bind_int64(statement, 1, number);
        code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    }
    while (code == SQLITE_ROW && error->status == MIG_OK)
    {
        if (add_row(rows, statement))
            code = sqlite3_step(statement);
        else
            (void) no_memory(error);
    }
    if (code != SQLITE_DONE && error->status == MIG_OK)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

/* Run a PRAGMA that gives a number. */
static MigStatus
read_number(SqliteHost *host, const char *pragma, int64_t *number,
            MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(host->db, pragma, -1, &statement, NULL);

    *number = -1;
    if (code == SQLITE_OK)
        code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    else
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

/* The number that each change of the schema makes larger. */
static MigStatus
read_cookie(SqliteHost *host, int64_t *cookie, MigError *error)
{
    return read_number(host, "PRAGMA main.schema_version", cookie, error);
}

static unsigned
read_version(SqliteHost *host)
{
    unsigned version = 0;

    (void) sqlite3_file_control(host->db, "main", SQLITE_FCNTL_DATA_VERSION,
                                &version);
    return version;
}

/* Read all rows; what was noted of changes is forgotten. */
static MigStatus
read_all(SqliteHost *host, MigError *error)
{
    SqliteSchema *schema;

    sqlite_schema_drop(host);
    schema = sqlite3_malloc64(sizeof(*schema));
    if (schema == NULL)
        return no_memory(error);
    memset(schema, 0, sizeof(*schema));
    host->schema = schema;
    if (read_cookie(host, &schema->cookie, error) == MIG_OK)
        (void) read_behind(host, &schema->rows, INT64_MIN, error);
    schema->version = read_version(host);
    if (error->status != MIG_OK)
        sqlite_schema_drop(host);
    return error->status;
}

/* Note that something of a root has changed; false when out of memory. */
static bool
note_changed(SqliteSchema *schema, const SqliteSchemaRows *rows,
             const SqliteSchemaRow *row)
{
    const char *name = rows->roots[row->root].name;
    uint32_t hash = sqlite_hash_name(name);
    size_t i = sqlite_hash_first(&schema->changed_hash, hash);
    char **names;
    char *copy;

    while (i != SQLITE_HASH_END && strcmp(schema->changed[i], name) != 0)
        i = sqlite_hash_next(&schema->changed_hash, i);
    if (i != SQLITE_HASH_END)
        return true;
    names = sqlite_hash_reserve(&schema->changed_hash, schema->changed,
                                sizeof(*names));
    if (names == NULL)
        return false;
    schema->changed = names;
    copy = sqlite3_mprintf("%s", name);
    if (copy == NULL)
        return false;
    names[schema->changed_hash.count] = copy;
    if (sqlite_hash_add(&schema->changed_hash, hash))
        return true;
    sqlite3_free(copy);
    return false;
}

/* Note all that differs between two readings, both in order. */
static bool
note_differences(SqliteSchema *schema, const SqliteSchemaRows *old,
                 const SqliteSchemaRows *now)
{
    size_t i = 0;
    size_t j = 0;
    bool noted = true;

    while (noted && (i < old->count || j < now->count))
    {
        const SqliteSchemaRow *left = &old->items[i];
        const SqliteSchemaRow *right = &now->items[j];

        if (j == now->count || (i < old->count && left->number < right->number))
        {
            noted = note_changed(schema, old, left);
            i++;
            continue;
        }
        j++;
        if (i == old->count || right->number < left->number)
        {
            noted = note_changed(schema, now, right);
            continue;
        }
        i++;
        if (left->length != right->length ||
            memcmp(left->type, right->type, left->length) != 0)
            noted = note_changed(schema, old, left) &&
                    note_changed(schema, now, right);
    }
    return noted;
}

/* Read all rows again and note what differs. */
static MigStatus
compare_all(SqliteHost *host, MigError *error)
{
    SqliteSchema *schema = host->schema;
    SqliteSchemaRows now;

    memset(&now, 0, sizeof(now));
    if (read_behind(host, &now, INT64_MIN, error) != MIG_OK ||
        !note_differences(schema, &schema->rows, &now))
    {
        free_rows(&now);
        return no_memory(error);
    }
    free_rows(&schema->rows);
    schema->rows = now;
    return MIG_OK;
}

/* Read the rows that are new and note them. */
static MigStatus
read_more(SqliteHost *host, MigError *error)
{
    SqliteSchema *schema = host->schema;
    SqliteSchemaRows *rows = &schema->rows;
    size_t before = rows->count;
    int64_t last = before == 0 ? INT64_MIN : rows->items[before - 1].number;

    (void) read_behind(host, rows, last, error);
    for (size_t i = before; i < rows->count && error->status == MIG_OK; i++)
    {
        if (!note_changed(schema, rows, &rows->items[i]))
            (void) no_memory(error);
    }
    return error->status;
}

/* Bring the rows up to date and note what has changed. */
static MigStatus
sync(SqliteHost *host, MigError *error)
{
    SqliteSchema *schema = host->schema;
    bool anything = schema->expected == SCHEMA_ANYTHING || schema->writable ||
                    sqlite_pragma_writes_schema(host);
    int64_t cookie;

    if (read_cookie(host, &cookie, error) != MIG_OK)
    {
        sqlite_schema_drop(host);
        return error->status;
    }
    if (!anything && schema->expected == SCHEMA_MORE &&
        cookie == schema->cookie + 1)
        (void) read_more(host, error);
    else if (anything || cookie != schema->cookie)
        (void) compare_all(host, error);
    schema->cookie = cookie;
    schema->expected = SCHEMA_SAME;
    if (error->status != MIG_OK)
        sqlite_schema_drop(host);
    return error->status;
}

/*
 * Whether a CREATE makes nothing but rows of its own, and runs none of others'
 * code meanwhile.
 *
 * at  behind the word CREATE
 */
static bool
only_adds(MigBytes text, size_t at)
{
    MigBytes word;
    size_t opened = 0;
    bool index;
    bool table;

    (void) sqlite_next_word(text, &at, &word);
    if (sqlite_is_word(word, "unique"))
        (void) sqlite_next_word(text, &at, &word);
    index = sqlite_is_word(word, "index");
    table = sqlite_is_word(word, "table");
    if (!index && !table)
        return sqlite_is_word(word, "view") || sqlite_is_word(word, "trigger");
    while (sqlite_next_word(text, &at, &word) || word.length > 0)
    {
        opened += word.length == 1 && word.data[0] == '(' ? 1 : 0;
        /* CREATE TABLE t AS; in parentheses a column is generated. */
        if (table && opened > 0)
            return true;
        if ((table && sqlite_is_word(word, "as")) ||
            (index && (opened > 1 || sqlite_is_word(word, "where"))))
            return false;
    }
    return true;
}

/* Whether a PRAGMA may be one about the schema, or has a name in quotes. */
static bool
mentions_schema(MigBytes text)
{
    MigBytes word;
    size_t at = 0;

    while (sqlite_next_word(text, &at, &word) || word.length > 0)
    {
        if (sqlite_is_word(word, "schema_version") ||
            sqlite_is_word(word, "writable_schema") ||
            strchr("\"'`[", word.data[0]) != NULL)
            return true;
    }
    return false;
}

MigStatus
sqlite_schema_expect(SqliteHost *host, MigBytes text, MigError *error)
{
    static const char *const others[] = {
        "select", "insert", "update",  "delete",  "replace", "with",
        "values", "create", "explain", "analyze", NULL};
    SqliteSchema *schema = host->schema;
    MigBytes word;
    size_t at = 0;
    size_t i = 0;

    if (schema == NULL || !schema->noting ||
        schema->expected == SCHEMA_ANYTHING)
        return MIG_OK;
    (void) sqlite_next_word(text, &at, &word);
    while (others[i] != NULL && !sqlite_is_word(word, others[i]))
        i++;
    if (sqlite_is_word(word, "create"))
    {
        bool adds = only_adds(text, at);

        if (schema->expected == SCHEMA_MORE && sync(host, error) != MIG_OK)
            return error->status;
        schema->expected = adds ? SCHEMA_MORE : SCHEMA_ANYTHING;
    }
    else if (sqlite_is_word(word, "pragma") ? mentions_schema(text)
                                            : others[i] == NULL)
        schema->expected = SCHEMA_ANYTHING;
    return MIG_OK;
}

void
sqlite_schema_committed(SqliteHost *host)
{
    if (host->schema != NULL)
        host->schema->version = read_version(host);
}

void
sqlite_schema_drop(SqliteHost *host)
{
    if (host->schema == NULL)
        return;
    free_rows(&host->schema->rows);
    forget_changed(host->schema);
    sqlite3_free(host->schema);
    host->schema = NULL;
}

/* Whether what was read still holds; false on failure, too. */
static bool
is_current(SqliteHost *host, MigError *error)
{
    const SqliteSchema *schema = host->schema;
    int64_t cookie;

    return schema != NULL && schema->expected != SCHEMA_ANYTHING &&
           !schema->writable && schema->version == read_version(host) &&
           read_cookie(host, &cookie, error) == MIG_OK &&
           schema->cookie == cookie;
}

MigStatus
sqlite_schema_read(SqliteHost *host, MigError *error)
{
    const SqliteSchema *schema = host->schema;

    if (schema != NULL && schema->noting &&
        schema->version == read_version(host))
        return sync(host, error);
    return read_all(host, error);
}

MigStatus
sqlite_changes_begin(MigHost *base, bool *others, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    SqliteSchema *schema;
    int64_t writable;
    bool current;

    *others = true;
    if (read_number(host, "PRAGMA main.writable_schema", &writable, error) !=
        MIG_OK)
        return error->status;
    current = writable == 0 && is_current(host, error);
    if (!current && error->status == MIG_OK)
        (void) read_all(host, error);
    schema = host->schema;
    if (schema == NULL || error->status != MIG_OK)
        return error->status;
    *others = !current || !schema->noting || schema->changed_hash.count > 0;
    forget_changed(schema);
    schema->writable = writable != 0;
    schema->noting = true;
    schema->expected = SCHEMA_SAME;
    return MIG_OK;
}

MigStatus
sqlite_list_changes(MigHost *base, const MigScope *scope, bool *all,
                    MigRootFunction root, MigObjectFunction object,
                    void *context, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    MigStatus status;

    *all = host->schema == NULL || !host->schema->noting;
    if (*all)
    {
        if (sqlite_list_objects(base, scope, object, context, error) == MIG_OK)
            host->schema->noting = true;
        return error->status;
    }
    if (sync(host, error) != MIG_OK)
        return error->status;
    status = sqlite_objects_changed(host, scope, root, object, context, error);
    if (host->schema != NULL)
        forget_changed(host->schema);
    return status;
}
