#include "sqlite_references.h"
#include "sqlite_token.h"

/*
 * What main's schema says of its tables, kept for the length of a call: a
 * thousand migrations do not read a thousand tables each.
 *
 * It is read when it is first needed.  After that a statement that only adds to
 * the schema, or alters one table, costs its own rows of sqlite_schema. Whether
 * it did only that, the schema's cookie tells: each change makes it larger by
 * one.  Whatever else has happened, by another connection too, all is read
 * again; as after each DROP, or RENAME of a table, which the engine itself
 * reads the whole schema for.
 *
 * REFERENCES is a reserved word, so that the name behind it is what a table
 * refers to.  A reference that an ALTER TABLE takes away stays known: it costs
 * a look that finds nothing.
 */

/* A table, or what one refers to. */
typedef struct Name
{
    char *text;
    int64_t row;     /* its own in sqlite_schema; 0: there is no such table */
    bool refers;     /* to any */
    bool triggered;  /* has triggers */
    unsigned fresh;  /* the unit in which it was seen to be made, or 0 */
    unsigned simple; /* see sqlite_references_settle() */
} Name;

/* Who refers to a table, and who owns a b-tree; numbers of names. */
typedef struct Reference
{
    size_t parent;
    size_t child;
} Reference;

typedef struct Root
{
    int64_t page;
    size_t owner;
} Root;

/* What the schema can have become by the last statement. */
typedef enum Expected
{
    EXPECT_NOTHING,
    EXPECT_MORE,    /* new rows behind the others, if the cookie is one more */
    EXPECT_ALTERED, /* or the row of one table is another */
    EXPECT_ANYTHING
} Expected;

struct SqliteReferences
{
    SqliteHash name_hash;
    Name *names;
    SqliteHash reference_hash; /* by the parent's number */
    Reference *references;
    SqliteHash root_hash; /* by the page */
    Root *roots;
    int64_t cookie;
    int64_t last_row; /* of sqlite_schema */
    Expected expected;
    int64_t altered; /* row of the table */
    unsigned unit;
    unsigned state; /* counts what is not INSERT, UPDATE or DELETE */
    unsigned quiet; /* the state in which there was no TEMP trigger */
};

static MigStatus
no_memory(MigError *error)
{
    return mig_fail(error, MIG_NOMEM, "out of memory");
}

/* The number of a name, or SQLITE_HASH_END. */
static size_t
find_name(const struct SqliteReferences *known, const char *text)
{
    size_t i = sqlite_hash_first(&known->name_hash, sqlite_hash_name(text));

    while (i != SQLITE_HASH_END &&
           sqlite3_stricmp(known->names[i].text, text) != 0)
        i = sqlite_hash_next(&known->name_hash, i);
    return i;
}

/* The same, made when there is none; SQLITE_HASH_END when out of memory. */
static size_t
make_name(struct SqliteReferences *known, const char *text)
{
    size_t i = find_name(known, text);
    Name *names;

    if (i != SQLITE_HASH_END)
        return i;
    names = sqlite_hash_reserve(&known->name_hash, known->names, sizeof(Name));
    if (names == NULL)
        return SQLITE_HASH_END;
    known->names = names;
    i = known->name_hash.count;
    memset(&names[i], 0, sizeof(Name));
    names[i].text = sqlite3_mprintf("%s", text);
    if (names[i].text != NULL &&
        sqlite_hash_add(&known->name_hash, sqlite_hash_name(text)))
        return i;
    sqlite3_free(names[i].text);
    return SQLITE_HASH_END;
}

/* Note that a table refers to another. */
static bool
add_reference(struct SqliteReferences *known, size_t child, size_t parent)
{
    uint32_t hash = sqlite_hash_number(parent);
    size_t i = sqlite_hash_first(&known->reference_hash, hash);
    Reference *references;

    known->names[child].refers = true;
    for (; i != SQLITE_HASH_END;
         i = sqlite_hash_next(&known->reference_hash, i))
    {
        if (known->references[i].parent == parent &&
            known->references[i].child == child)
            return true;
    }
    references = sqlite_hash_reserve(&known->reference_hash, known->references,
                                     sizeof(Reference));
    if (references == NULL)
        return false;
    known->references = references;
    references[known->reference_hash.count].parent = parent;
    references[known->reference_hash.count].child = child;
    return sqlite_hash_add(&known->reference_hash, hash);
}

/* Note the owner of a b-tree. */
static bool
add_root(struct SqliteReferences *known, int64_t page, size_t owner)
{
    Root *roots =
        sqlite_hash_reserve(&known->root_hash, known->roots, sizeof(Root));

    if (roots == NULL)
        return false;
    known->roots = roots;
    roots[known->root_hash.count].page = page;
    roots[known->root_hash.count].owner = owner;
    return sqlite_hash_add(&known->root_hash,
                           sqlite_hash_number((uint64_t) page));
}

/* Note what a table's definition refers to. */
static bool
read_definition(struct SqliteReferences *known, size_t child, const char *sql)
{
    MigBytes text = mig_bytes(sql);
    MigBytes word;
    size_t at = 0;

    if (sqlite3_strlike("%references%", sql, 0) != 0)
        return true;
    while (sqlite_next_word(text, &at, &word) || word.length > 0)
    {
        char *name;
        size_t parent;

        if (!sqlite_is_word(word, "references"))
            continue;
        (void) sqlite_next_word(text, &at, &word);
        name = sqlite_unquote(word);
        parent = name == NULL ? SQLITE_HASH_END : make_name(known, name);
        sqlite3_free(name);
        if (parent == SQLITE_HASH_END || !add_reference(known, child, parent))
            return false;
    }
    return true;
}

/* Take a row of the query in read_rows(); false when out of memory. */
static bool
read_row(struct SqliteReferences *known, sqlite3_stmt *row, bool fresh)
{
    const char *type = (const char *) sqlite3_column_text(row, 1);
    const char *table = (const char *) sqlite3_column_text(row, 2);
    const char *sql = (const char *) sqlite3_column_text(row, 4);
    int64_t page = sqlite3_column_int64(row, 3);
    size_t owner;

    known->last_row = sqlite3_column_int64(row, 0) > known->last_row
                          ? sqlite3_column_int64(row, 0)
                          : known->last_row;
    if (type == NULL || table == NULL)
        return sqlite3_column_type(row, 1) == SQLITE_NULL ||
               sqlite3_column_type(row, 2) == SQLITE_NULL;
    owner = make_name(known, table);
    if (owner == SQLITE_HASH_END)
        return false;
    if (strcmp(type, "trigger") == 0)
        known->names[owner].triggered = true;
    if (page > 0 && !add_root(known, page, owner))
        return false;
    if (strcmp(type, "table") != 0)
        return true;
    known->names[owner].row = sqlite3_column_int64(row, 0);
    if (fresh)
        known->names[owner].fresh = known->unit;
    if (sql == NULL)
        return sqlite3_column_type(row, 4) == SQLITE_NULL;
    return page <= 0 || read_definition(known, owner, sql);
}

/*
 * Read rows of sqlite_schema.
 *
 * from, to  their numbers
 * fresh     they are of what was made just now
 */
static MigStatus
read_rows(SqliteHost *host, int64_t from, int64_t to, bool fresh,
          MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code;

    if (sqlite3_prepare_v2(host->db,
                           "SELECT rowid, type, tbl_name, rootpage, sql "
                           "FROM main.sqlite_schema "
                           "WHERE rowid BETWEEN ?1 AND ?2",
                           -1, &statement, NULL) != SQLITE_OK)
        return sqlite_fail(host, error);
    (void) sqlite3_bind_int64(statement, 1, from);
    (void) sqlite3_bind_int64(statement, 2, to);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW &&
           error->status == MIG_OK)
    {
        if (!read_row(host->keys.references, statement, fresh))
            (void) no_memory(error);
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

/* The number that each change of the schema makes larger. */
static MigStatus
read_cookie(SqliteHost *host, int64_t *cookie, MigError *error)
{
    sqlite3_stmt *statement = NULL;

    *cookie = -1;
    if (sqlite3_prepare_v2(host->db, "PRAGMA main.schema_version", -1,
                           &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        (void) sqlite_fail(host, error);
    else
        *cookie = sqlite3_column_int64(statement, 0);
    (void) sqlite3_finalize(statement);
    return error->status;
}

/* Forget the schema, but neither the unit nor the state. */
static void
empty(struct SqliteReferences *known)
{
    for (size_t i = 0; i < known->name_hash.count; i++)
        sqlite3_free(known->names[i].text);
    sqlite_hash_free(&known->name_hash);
    sqlite_hash_free(&known->reference_hash);
    sqlite_hash_free(&known->root_hash);
    sqlite3_free(known->names);
    sqlite3_free(known->references);
    sqlite3_free(known->roots);
    known->names = NULL;
    known->references = NULL;
    known->roots = NULL;
    known->last_row = 0;
    known->expected = EXPECT_ANYTHING;
}

/* Have something to keep it in. */
static MigStatus
begin(SqliteHost *host, MigError *error)
{
    struct SqliteReferences *known;

    if (host->keys.references != NULL)
        return MIG_OK;
    known = sqlite3_malloc64(sizeof(*known));
    if (known == NULL)
        return no_memory(error);
    memset(known, 0, sizeof(*known));
    known->expected = EXPECT_ANYTHING;
    known->unit = 1;
    known->state = 1;
    host->keys.references = known;
    return MIG_OK;
}

/* Read what the last statement has changed; returns whether it has to be all.
 */
static bool
read_changes(SqliteHost *host, int64_t cookie, MigError *error)
{
    struct SqliteReferences *known = host->keys.references;
    Expected expected = known->expected;

    if (expected == EXPECT_ANYTHING || sqlite_pragma_writes_schema(host))
        return true;
    if (cookie == known->cookie)
        return false;
    if (expected == EXPECT_NOTHING || cookie != known->cookie + 1)
        return true;
    if (expected == EXPECT_MORE)
        (void) read_rows(host, known->last_row + 1, INT64_MAX, true, error);
    else
        (void) read_rows(host, known->altered, known->altered, false, error);
    return false;
}

MigStatus
sqlite_references_sync(SqliteHost *host, MigError *error)
{
    struct SqliteReferences *known;
    int64_t cookie;

    if (begin(host, error) != MIG_OK ||
        read_cookie(host, &cookie, error) != MIG_OK)
        return error->status;
    known = host->keys.references;
    if (read_changes(host, cookie, error) && error->status == MIG_OK)
    {
        empty(known);
        (void) read_rows(host, 1, INT64_MAX, false, error);
    }
    known->cookie = cookie;
    known->expected =
        error->status == MIG_OK ? EXPECT_NOTHING : EXPECT_ANYTHING;
    return error->status;
}

MigStatus
sqlite_references_expect(SqliteHost *host, MigBytes word, const char *altered,
                         MigError *error)
{
    struct SqliteReferences *known = host->keys.references;
    size_t table;

    if (known == NULL)
        return MIG_OK;
    known->state++;
    if (known->expected == EXPECT_ANYTHING ||
        sqlite_references_sync(host, error) != MIG_OK)
        return error->status;
    table = altered == NULL ? SQLITE_HASH_END : find_name(known, altered);
    known->expected = EXPECT_ANYTHING;
    if (sqlite_is_word(word, "create"))
        known->expected = EXPECT_MORE;
    else if (sqlite_is_word(word, "alter") && table != SQLITE_HASH_END)
    {
        known->expected = EXPECT_ALTERED;
        known->altered = known->names[table].row;
    }
    /* What a function or a PRAGMA does, the cookie tells. */
    else if (sqlite_is_word(word, "select") || sqlite_is_word(word, "pragma"))
        known->expected = EXPECT_NOTHING;
    return MIG_OK;
}

MigStatus
sqlite_references_follow(SqliteHost *host, bool *known, MigError *error)
{
    const struct SqliteReferences *references = host->keys.references;

    *known = references != NULL && references->expected != EXPECT_ANYTHING &&
             sqlite_references_sync(host, error) == MIG_OK;
    return error->status;
}

MigStatus
sqlite_references_each(SqliteHost *host, const char *parent,
                       SqliteChildFunction function, MigError *error)
{
    const struct SqliteReferences *known = host->keys.references;
    size_t number = parent == NULL ? 0 : find_name(known, parent);
    size_t i;

    for (i = 0; parent == NULL && i < known->name_hash.count &&
                error->status == MIG_OK;
         i++)
    {
        if (known->names[i].refers && known->names[i].row > 0)
            (void) function(host, known->names[i].text, error);
    }
    if (parent == NULL || number == SQLITE_HASH_END)
        return error->status;
    for (i = sqlite_hash_first(&known->reference_hash,
                               sqlite_hash_number(number));
         i != SQLITE_HASH_END && error->status == MIG_OK;
         i = sqlite_hash_next(&known->reference_hash, i))
    {
        const Name *child = &known->names[known->references[i].child];

        if (known->references[i].parent == number && child->row > 0)
            (void) function(host, child->text, error);
    }
    return error->status;
}

const char *
sqlite_references_owner(const SqliteHost *host, int64_t page)
{
    const struct SqliteReferences *known = host->keys.references;
    size_t i = sqlite_hash_first(&known->root_hash,
                                 sqlite_hash_number((uint64_t) page));

    while (i != SQLITE_HASH_END && known->roots[i].page != page)
        i = sqlite_hash_next(&known->root_hash, i);
    return i == SQLITE_HASH_END ? NULL
                                : known->names[known->roots[i].owner].text;
}

bool
sqlite_references_is_child(const SqliteHost *host, const char *table)
{
    size_t i = find_name(host->keys.references, table);

    return i != SQLITE_HASH_END && host->keys.references->names[i].refers;
}

bool
sqlite_references_is_fresh(const SqliteHost *host, const char *table)
{
    const struct SqliteReferences *known = host->keys.references;
    size_t i = find_name(known, table);

    return i != SQLITE_HASH_END && known->names[i].fresh == known->unit;
}

/* Whether no trigger is temporary; asked once in each state. */
static bool
is_quiet(SqliteHost *host)
{
    struct SqliteReferences *known = host->keys.references;
    sqlite3_stmt *statement = NULL;

    if (known->quiet == known->state)
        return true;
    if (sqlite3_prepare_v2(host->db,
                           "SELECT 1 FROM temp.sqlite_schema "
                           "WHERE type = 'trigger'",
                           -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_DONE)
        known->quiet = known->state;
    (void) sqlite3_finalize(statement);
    return known->quiet == known->state;
}

bool
sqlite_references_settled(SqliteHost *host, const char *table)
{
    const struct SqliteReferences *known = host->keys.references;
    size_t i = known == NULL ? SQLITE_HASH_END : find_name(known, table);

    return i != SQLITE_HASH_END && known->names[i].simple == known->state &&
           is_quiet(host);
}

void
sqlite_references_settle(SqliteHost *host, const char *table)
{
    struct SqliteReferences *known = host->keys.references;
    size_t i = find_name(known, table);

    if (i != SQLITE_HASH_END && known->names[i].row > 0 &&
        !known->names[i].triggered)
        known->names[i].simple = known->state;
}

void
sqlite_references_end_unit(SqliteHost *host)
{
    struct SqliteReferences *known = host->keys.references;

    if (known == NULL)
        return;
    known->unit++;
    known->state++;
    /* The next change may be another connection's. */
    if (known->expected != EXPECT_NOTHING)
        known->expected = EXPECT_ANYTHING;
}

void
sqlite_references_drop(SqliteHost *host)
{
    if (host->keys.references != NULL)
        empty(host->keys.references);
}

void
sqlite_references_free(SqliteHost *host)
{
    if (host->keys.references == NULL)
        return;
    empty(host->keys.references);
    sqlite3_free(host->keys.references);
    host->keys.references = NULL;
}
