#include "sqlite_schema.h"

/*
 * Shadow tables
 *
 * A virtual table makes tables of its own for its data, which are no part of
 * the schema that anybody wrote.  The engine can tell them only where the
 * module is loaded, and from 3.37 on (pragma_table_list).  What is listed must
 * not depend on that: so those of the engine's own modules are known by their
 * names, and those of others are listed like any table.
 */

/* The names behind the virtual table's, by module (xShadowName in ext/fts3,
 * ext/fts5, ext/rtree). */
static const struct
{
    const char *module;
    const char *suffix;
} shadows[] = {
    {"fts3", "_content"},   {"fts3", "_segments"},   {"fts3", "_segdir"},
    {"fts3", "_docsize"},   {"fts3", "_stat"},       {"fts4", "_content"},
    {"fts4", "_segments"},  {"fts4", "_segdir"},     {"fts4", "_docsize"},
    {"fts4", "_stat"},      {"fts5", "_data"},       {"fts5", "_idx"},
    {"fts5", "_content"},   {"fts5", "_docsize"},    {"fts5", "_config"},
    {"rtree", "_node"},     {"rtree", "_rowid"},     {"rtree", "_parent"},
    {"geopoly", "_node"},   {"geopoly", "_rowid"},   {"geopoly", "_parent"},
    {"rtree_i32", "_node"}, {"rtree_i32", "_rowid"}, {"rtree_i32", "_parent"},
};

/* Whether the arguments of a virtual table name another one for its content.
 *
 * at  behind the module's name
 */
static bool
has_content(MigBytes sql, size_t at)
{
    bool starts = false;
    MigBytes token;

    while (sqlite_next_token(sql, &at, &token) != TOKEN_END)
    {
        if (starts && sqlite_is_word(token, "content"))
        {
            (void) sqlite_next_token(sql, &at, &token);
            if (token.length == 1 && token.data[0] == '=')
                return true;
        }
        starts = token.length == 1 && strchr("(,", token.data[0]) != NULL;
    }
    return false;
}

/* Whether a row is that of a virtual table of a module whose tables end so. */
static bool
makes(const char *sql, const char *module, const char *suffix)
{
    MigBytes text = mig_bytes(sql);
    MigBytes token;
    size_t at = 0;

    (void) sqlite_next_token(text, &at, &token);
    (void) sqlite_next_token(text, &at, &token);
    if (!sqlite_is_word(token, "virtual"))
        return false;
    do
        (void) sqlite_next_token(text, &at, &token);
    while (token.length > 0 && !sqlite_is_word(token, "using"));
    token = sqlite_next_name(text, &at);
    return sqlite_is_word(token, module) &&
           (strcmp(suffix, "_content") != 0 || !has_content(text, at));
}

/* Whether there is such a virtual table of this name. */
static bool
is_made(const SqliteSchemaRows *rows, const char *name, size_t shadow)
{
    size_t root = sqlite_schema_find(rows, name);
    size_t first = root == SQLITE_HASH_END ? root : rows->roots[root].first;

    return first != SQLITE_HASH_END &&
           makes(rows->items[first].sql, shadows[shadow].module,
                 shadows[shadow].suffix);
}

bool
sqlite_is_shadow(SqliteHost *host, const char *name, MigError *error)
{
    const char *suffix = strrchr(name, '_');
    char *owner = NULL;
    bool found = false;

    for (size_t i = 0;
         !found && suffix != NULL && i < sizeof(shadows) / sizeof(shadows[0]);
         i++)
    {
        if (sqlite3_stricmp(suffix, shadows[i].suffix) != 0)
            continue;
        if (owner == NULL)
            owner = sqlite3_mprintf("%.*s", (int) (suffix - name), name);
        if (owner == NULL)
        {
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
            return false;
        }
        found = is_made(&host->schema->rows, owner, i);
    }
    sqlite3_free(owner);
    return found;
}
