#include "sqlite_schema.h"
#include "sqlite_token.h"

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
    {"fts3", "_content"},     {"fts3", "_segments"},  {"fts3", "_segdir"},
    {"fts4", "_content"},     {"fts4", "_segments"},  {"fts4", "_segdir"},
    {"fts4", "_docsize"},     {"fts4", "_stat"},      {"fts5", "_data"},
    {"fts5", "_idx"},         {"fts5", "_content"},   {"fts5", "_docsize"},
    {"fts5", "_config"},      {"rtree", "_node"},     {"rtree", "_rowid"},
    {"rtree", "_parent"},     {"geopoly", "_node"},   {"geopoly", "_rowid"},
    {"geopoly", "_parent"},   {"rtree_i32", "_node"}, {"rtree_i32", "_rowid"},
    {"rtree_i32", "_parent"},
};

/* Options by which a virtual table makes one of them not: content is another
 * table, or there is none; sizes are not stored.  A user's table may have that
 * name then. */
static const struct
{
    const char *suffix;
    const char *option;
    const char *value; /* without quotes; NULL: any */
} without[] = {
    {"_content", "content", NULL},
    {"_docsize", "columnsize", "0"},
    {"_docsize", "matchinfo", "fts3"},
};

/* Whether a token is a value, with quotes or without; NULL: any. */
static bool
is_value(MigBytes token, const char *value)
{
    if (token.length > 1 && strchr("'\"`[", token.data[0]) != NULL)
        token = mig_part(token, 1, token.length - 1);
    return value == NULL ||
           (token.length == strlen(value) &&
            sqlite3_strnicmp(token.data, value, (int) token.length) == 0);
}

/* Whether the arguments of a virtual table have an option with a value.
 *
 * at  behind the module's name
 */
static bool
has_option(MigBytes sql, size_t at, const char *option, const char *value)
{
    bool starts = false; /* an argument, with the next token */
    bool named = false;  /* the option's name was the last token */
    bool set = false;    /* and a sign of equality */
    MigBytes token;

    while (sqlite_next_token(sql, &at, &token) != TOKEN_END)
    {
        if (set && is_value(token, value))
            return true;
        set = named && token.length == 1 && token.data[0] == '=';
        named = starts && sqlite_is_word(token, option);
        starts = token.length == 1 && strchr("(,", token.data[0]) != NULL;
    }
    return false;
}

/* Whether a virtual table makes a table with that suffix, by its options.
 *
 * at  behind the module's name
 */
static bool
stores(MigBytes sql, size_t at, const char *suffix)
{
    for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
    {
        if (strcmp(without[i].suffix, suffix) == 0 &&
            has_option(sql, at, without[i].option, without[i].value))
            return false;
    }
    return true;
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
    return sqlite_is_word(token, module) && stores(text, at, suffix);
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
