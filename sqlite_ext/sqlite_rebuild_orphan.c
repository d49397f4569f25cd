#include "sqlite_rebuild.h"

/*
 * Rows that refer to nothing, by way of an index
 *
 * PRAGMA foreign_key_check looks each row of the child up in the parent.  Where
 * an index starts with the columns of the key, as it should for the sake of
 * DELETE on the parent, reading it gives each value once, and few bytes: one
 * lookup for each value is enough to know that no row refers to nothing.  How
 * many do, when some do, is left to the engine.
 *
 * Values are compared as the engine does for foreign keys: by affinity and
 * collation of the parent's column, the left operand; a plus takes the child's
 * away.  Values that DISTINCT takes for one must not differ to the parent: so
 * they are told apart by BINARY, and nothing is tried where the parent is TEXT
 * and the child is not, since '1' and '1.0' differ, and 1 and 1.0 do not.
 */

/* The columns of the foreign keys, and whether an index starts with all of a
 * key's, compared by BINARY. */
#define KEYS_SQL                                                               \
    "WITH k AS (SELECT id, seq, \"table\" AS parent, \"from\" AS "             \
    "child_column, "                                                           \
    "coalesce(\"to\", (SELECT name FROM pragma_table_info(\"table\", 'main') " \
    "WHERE pk = seq + 1)) AS parent_column "                                   \
    "FROM pragma_foreign_key_list(?1, 'main')) "                               \
    "SELECT id, parent, child_column, parent_column, EXISTS (SELECT 1 FROM "   \
    "pragma_index_list(?1, 'main') AS l WHERE l.partial = 0 AND "              \
    "(SELECT count(*) FROM pragma_index_xinfo(l.name, 'main') AS x "           \
    "WHERE x.seqno < (SELECT count(*) FROM k AS n WHERE n.id = k.id) "         \
    "AND x.coll = 'BINARY' COLLATE nocase AND x.name COLLATE nocase IN "       \
    "(SELECT n.child_column FROM k AS n WHERE n.id = k.id)) = "                \
    "(SELECT count(*) FROM k AS n WHERE n.id = k.id)) "                        \
    "FROM k ORDER BY id, seq"

/* A foreign key, as parts of a query. */
typedef struct KeyQuery
{
    MigText columns;    /* of the child, each under a name */
    MigText present;    /* that none of them is NULL */
    MigText comparison; /* with the columns of the parent */
    MigBytes parent;
    int count;
} KeyQuery;

static void
start_query(Rebuild *rebuild, KeyQuery *query, MigBytes parent)
{
    MigText empty = {rebuild->arena, rebuild->error, NULL, 0, 0};

    query->columns = empty;
    query->present = empty;
    query->comparison = empty;
    query->parent = parent;
    query->count = 0;
}

/* Find out whether a column of main is there, and declared as text. */
static bool
find_column(Rebuild *rebuild, MigBytes table, MigBytes name, bool *is_text)
{
    RebuildTable none;
    RebuildColumn column;
    const char *type = NULL;

    if (rebuild->error->status != MIG_OK || table.data == NULL ||
        name.data == NULL ||
        sqlite3_table_column_metadata(rebuild->host->db, "main", table.data,
                                      name.data, &type, NULL, NULL, NULL,
                                      NULL) != SQLITE_OK)
        return false;
    memset(&none, 0, sizeof(none));
    memset(&column, 0, sizeof(column));
    column.type = mig_bytes(type == NULL ? "" : type);
    *is_text = rebuild_affinity(&none, &column) == 'T';
    return true;
}

/* Add a column of a foreign key; whether it can be looked up in this way. */
static bool
add_column(Rebuild *rebuild, KeyQuery *query, MigBytes child,
           const MigBytes names[2])
{
    bool from_is_text = false;
    bool to_is_text = false;

    if (!find_column(rebuild, child, names[0], &from_is_text) ||
        !find_column(rebuild, query->parent, names[1], &to_is_text) ||
        (to_is_text && !from_is_text))
        return false;
    mig_text_append_string(&query->columns,
                           rebuild_format(rebuild,
                                          "%s\"%w\" COLLATE BINARY AS c%d",
                                          query->count > 0 ? ", " : "",
                                          names[0].data, query->count));
    mig_text_append_string(&query->present,
                           rebuild_format(rebuild, "%s\"%w\" IS NOT NULL",
                                          query->count > 0 ? " AND " : "",
                                          names[0].data));
    mig_text_append_string(&query->comparison,
                           rebuild_format(rebuild, "%sp.\"%w\" = +d.c%d",
                                          query->count > 0 ? " AND " : "",
                                          names[1].data, query->count));
    query->count++;
    return rebuild->error->status == MIG_OK;
}

/* Whether every value of a foreign key is there in the parent. */
static bool
all_found(Rebuild *rebuild, KeyQuery *query, MigBytes child)
{
    if (query->count == 0)
        return true;
    return rebuild_integer(
               rebuild,
               rebuild_format(
                   rebuild,
                   "SELECT 0 FROM (SELECT DISTINCT %s FROM main.\"%w\" WHERE "
                   "%s) AS d WHERE NOT EXISTS (SELECT 1 FROM main.\"%w\" AS p "
                   "WHERE %s) LIMIT 1",
                   mig_text_bytes(&query->columns).data, child.data,
                   mig_text_bytes(&query->present).data, query->parent.data,
                   mig_text_bytes(&query->comparison).data),
               1) != 0;
}

bool
rebuild_has_no_orphans(Rebuild *rebuild, MigBytes child)
{
    sqlite3_stmt *statement = rebuild_prepare(rebuild, KEYS_SQL, &child, 1);
    KeyQuery query;
    int64_t id = -1;
    bool found = true;

    start_query(rebuild, &query, child);
    while (found && rebuild_step(rebuild, statement))
    {
        MigBytes names[2];

        if (sqlite3_column_int64(statement, 0) != id)
        {
            found = all_found(rebuild, &query, child);
            start_query(rebuild, &query, rebuild_column(rebuild, statement, 1));
        }
        id = sqlite3_column_int64(statement, 0);
        names[0] = rebuild_column(rebuild, statement, 2);
        names[1] = rebuild_column(rebuild, statement, 3);
        found = found && sqlite3_column_int(statement, 4) != 0 &&
                add_column(rebuild, &query, child, names);
    }
    (void) sqlite3_finalize(statement);
    return found && all_found(rebuild, &query, child) &&
           rebuild->error->status == MIG_OK;
}
