#include "sqlite_rebuild.h"
#include "sqlite_token.h"

/*
 * What depends on the table
 *
 * A copy drops the table's indexes and triggers and makes them again, TEMP
 * triggers too.  Everything else keeps its text, and may not work any more:
 * so views, and the statements that fire triggers, are compiled before and
 * after.  What did not work before is nobody's fault.
 *
 * "a" is a name, or a string where there is no such name; so a view could
 * silently go over from a column that is gone to a string.  Therefore all is
 * compiled a second time where a string is no choice.
 */

#define INDEXES_SQL                                                            \
    "SELECT name, sql, 0 FROM main.sqlite_schema WHERE type = 'index' "        \
    "AND tbl_name = ?1 COLLATE nocase AND sql IS NOT NULL ORDER BY rowid"

#define TRIGGERS_SQL                                                           \
    "SELECT name, sql, 0, rowid FROM main.sqlite_schema "                      \
    "WHERE type = 'trigger' AND tbl_name = ?1 COLLATE nocase UNION ALL "       \
    "SELECT name, sql, 1, rowid FROM temp.sqlite_schema "                      \
    "WHERE type = 'trigger' AND tbl_name = ?1 COLLATE nocase ORDER BY 3, 4"

#define VIEWS_SQL                                                              \
    "SELECT 'main', name FROM main.sqlite_schema WHERE type = 'view' "         \
    "UNION ALL "                                                               \
    "SELECT 'temp', name FROM temp.sqlite_schema WHERE type = 'view'"

/* Tables and views that have triggers. */
#define FIRING_SQL                                                             \
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM main.sqlite_schema AS s WHERE "    \
    "s.name = t.tbl_name COLLATE nocase AND s.type IN ('table', 'view')) "     \
    "THEN 'main' ELSE 'temp' END, t.tbl_name, group_concat(t.name, ', ') "     \
    "FROM (SELECT name, tbl_name FROM main.sqlite_schema "                     \
    "WHERE type = 'trigger' UNION ALL "                                        \
    "SELECT name, tbl_name FROM temp.sqlite_schema WHERE type = 'trigger') "   \
    "AS t GROUP BY t.tbl_name COLLATE nocase"

/* ---- Indexes and triggers of the table ---- */

/* The text of an object behind CREATE [UNIQUE] INDEX or CREATE TRIGGER. */
static MigBytes
behind_kind(MigBytes sql, bool *unique)
{
    size_t at = 0;
    MigBytes token;

    *unique = false;
    do
    {
        (void) sqlite_next_word(sql, &at, &token);
        if (rebuild_is(token, "unique"))
            *unique = true;
    } while (token.length > 0 && !rebuild_is(token, "index") &&
             !rebuild_is(token, "trigger"));
    return mig_trim(mig_part(sql, at, sql.length));
}

/* Whether a TEMP trigger is on the table of another database that has the same
 * name: its text says ON other.t, or names none and there is one in TEMP. */
static bool
is_elsewhere(Rebuild *rebuild, MigBytes sql)
{
    size_t at = 0;
    MigBytes token;
    MigBytes name;

    do
    {
        if (sqlite_next_word(sql, &at, &token) && rebuild_is(token, "on"))
            break;
    } while (token.length > 0);
    name = sqlite_next_name(sql, &at);
    (void) sqlite_next_word(sql, &at, &token);
    if (token.length == 1 && token.data[0] == '.')
        return !rebuild_is(name, "main");
    return sqlite3_table_column_metadata(rebuild->host->db, "temp",
                                         rebuild->name.data, NULL, NULL, NULL,
                                         NULL, NULL, NULL) == SQLITE_OK;
}

/* Read the objects that a query gives. */
static RebuildObject *
read_objects(Rebuild *rebuild, const char *sql, size_t *count)
{
    sqlite3_stmt *statement = rebuild_prepare(rebuild, sql, &rebuild->name, 1);
    RebuildObject *objects = NULL;
    size_t capacity = 0;

    *count = 0;
    while (rebuild_step(rebuild, statement))
    {
        RebuildObject *larger =
            mig_array_reserve(rebuild->arena, objects, *count, &capacity,
                              sizeof(RebuildObject), rebuild->error);
        RebuildObject *object;

        if (larger == NULL)
            break;
        objects = larger;
        object = &objects[*count];
        memset(object, 0, sizeof(*object));
        object->name = rebuild_column(rebuild, statement, 0);
        object->sql = rebuild_column(rebuild, statement, 1);
        object->temporary = sqlite3_column_int(statement, 2) != 0;
        if (rebuild->error->status != MIG_OK)
            break;
        if (!object->temporary || !is_elsewhere(rebuild, object->sql))
            (*count)++;
    }
    (void) sqlite3_finalize(statement);
    return objects;
}

/* Whether the engine compiles a statement; only what ends the call fails. */
static bool
compiles(Rebuild *rebuild, MigBytes sql)
{
    sqlite3_stmt *statement = rebuild_prepare(rebuild, sql.data, NULL, 0);
    bool good = rebuild->error->status == MIG_OK;

    (void) sqlite3_finalize(statement);
    if (rebuild->error->status == MIG_ENGINE &&
        (sqlite_is(rebuild->error->engine_code, SQLITE_ERROR) ||
         sqlite_is(rebuild->error->engine_code, SQLITE_AUTH)))
        mig_error_clear(rebuild->error);
    return good;
}

/* The same where "a" can only be a name. */
static bool
compiles_strictly(Rebuild *rebuild, MigBytes sql)
{
    RebuildQuotes quotes = rebuild_quotes_begin(rebuild);
    bool good = compiles(rebuild, sql);

    rebuild_quotes_end(rebuild, quotes);
    return good;
}

/* Remember which indexes need no strings in quotes of names. */
static void
look_at_indexes(Rebuild *rebuild)
{
    for (size_t i = 0; i < rebuild->index_count; i++)
    {
        RebuildObject *index = &rebuild->indexes[i];
        bool unique;
        MigBytes sql = behind_kind(index->sql, &unique);
        size_t at = 0;

        if (rebuild->error->status != MIG_OK)
            return;
        (void) sqlite_next_name(sql, &at);
        sql = rebuild_bytes(rebuild, "CREATE INDEX main.\"%w\" %.*s",
                            rebuild->aside, (int) (sql.length - at),
                            sql.data + at);
        index->strictly = compiles_strictly(rebuild, sql);
    }
}

void
rebuild_depend_read_objects(Rebuild *rebuild)
{
    rebuild->indexes =
        read_objects(rebuild, INDEXES_SQL, &rebuild->index_count);
    rebuild->triggers =
        read_objects(rebuild, TRIGGERS_SQL, &rebuild->trigger_count);
    look_at_indexes(rebuild);
}

/* Fail for an object that needs a column which there will not be. */
static void
refuse_column(Rebuild *rebuild, const char *kind, MigBytes name,
              MigBytes column)
{
    (void) mig_fail(rebuild->error, MIG_STATE,
                    "%s \"%s\" uses column \"%.*s\", which the new definition "
                    "of table \"%s\" does not have",
                    kind, name.data, (int) column.length, column.data,
                    rebuild->name.data);
    mig_fail_hint(rebuild->error,
                  "Drop it first, and create it anew afterwards if it is still "
                  "wanted.");
}

/* Look at the columns of an index. */
static void
require_index_columns(Rebuild *rebuild, const RebuildObject *index)
{
    sqlite3_stmt *statement =
        rebuild_prepare(rebuild,
                        "SELECT name FROM pragma_index_xinfo(?1, 'main') "
                        "WHERE key AND cid >= 0",
                        &index->name, 1);

    while (rebuild_step(rebuild, statement))
    {
        MigBytes name = rebuild_column(rebuild, statement, 0);

        if (rebuild->error->status == MIG_OK &&
            rebuild_find_column(&rebuild->wanted, name) == NO_COLUMN)
            refuse_column(rebuild, "index", index->name, name);
    }
    (void) sqlite3_finalize(statement);
}

/* Look at the columns of a trigger's UPDATE OF, which the engine does not. */
static void
require_trigger_columns(Rebuild *rebuild, const RebuildObject *trigger)
{
    size_t at = 0;
    bool is_word;
    bool unique;
    MigBytes sql = behind_kind(trigger->sql, &unique);
    MigBytes token = sqlite_next_name(sql, &at);

    do
    {
        is_word = sqlite_next_word(sql, &at, &token);
        if (is_word && rebuild_is(token, "on"))
            return;
    } while (token.length > 0 && !(is_word && rebuild_is(token, "of")));
    while (token.length > 0 && !(is_word && rebuild_is(token, "on")))
    {
        MigBytes name;

        (void) sqlite_next_word(sql, &at, &token);
        name = rebuild_unquote(rebuild, token);
        if (rebuild->error->status == MIG_OK &&
            rebuild_find_column(&rebuild->old, name) != NO_COLUMN &&
            rebuild_find_column(&rebuild->wanted, name) == NO_COLUMN)
            refuse_column(rebuild, "trigger", trigger->name, name);
        is_word = sqlite_next_word(sql, &at, &token); /* , or ON */
    }
}

void
rebuild_depend_require_columns(Rebuild *rebuild)
{
    for (size_t i = 0;
         i < rebuild->index_count && rebuild->error->status == MIG_OK; i++)
        require_index_columns(rebuild, &rebuild->indexes[i]);
    for (size_t i = 0;
         i < rebuild->trigger_count && rebuild->error->status == MIG_OK; i++)
        require_trigger_columns(rebuild, &rebuild->triggers[i]);
}

void
rebuild_depend_drop_qualified(Rebuild *rebuild)
{
    for (size_t i = 0; i < rebuild->index_count; i++)
    {
        size_t start;
        size_t end = 0;

        if (rebuild_next_qualifier(rebuild, rebuild->indexes[i].sql, &start,
                                   &end))
            rebuild_execute(rebuild,
                            rebuild_format(rebuild, "DROP INDEX main.\"%w\"",
                                           rebuild->indexes[i].name.data));
    }
}

/* SQL that makes an object again, in the database it was in. */
static const char *
create_sql(Rebuild *rebuild, const RebuildObject *object, bool is_trigger)
{
    bool unique;
    MigBytes behind = behind_kind(object->sql, &unique);

    return rebuild_format(
        rebuild, "CREATE %s%s %s.%.*s", unique ? "UNIQUE " : "",
        is_trigger ? "TRIGGER" : "INDEX", object->temporary ? "temp" : "main",
        (int) behind.length, behind.data);
}

/* Make an object again. */
static void
create_object(Rebuild *rebuild, const RebuildObject *object, bool is_trigger)
{
    const char *sql = create_sql(rebuild, object, is_trigger);
    RebuildQuotes quotes;

    if (rebuild->error->status != MIG_OK)
        return;
    if (object->strictly)
    {
        quotes = rebuild_quotes_begin(rebuild);
        rebuild_execute(rebuild, sql);
        rebuild_quotes_end(rebuild, quotes);
    }
    else
        rebuild_execute(rebuild, sql);
    if (rebuild->error->status == MIG_ENGINE)
    {
        mig_fail_prefix(rebuild->error,
                        "%s \"%s\" of table \"%s\" does not "
                        "suit the new definition: ",
                        is_trigger ? "trigger" : "index", object->name.data,
                        rebuild->name.data);
        mig_fail_hint(rebuild->error,
                      "Drop it first, and create it anew afterwards if it is "
                      "still wanted.");
    }
}

void
rebuild_depend_create(Rebuild *rebuild, const RebuildObject *objects,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        create_object(rebuild, &objects[i], objects == rebuild->triggers);
}

/* ---- Everything else ---- */

/* Remember a statement. */
static void
keep_dependent(Rebuild *rebuild, size_t *capacity, const char *kind,
               MigBytes name, MigBytes sql)
{
    RebuildDependent *dependents = mig_array_reserve(
        rebuild->arena, rebuild->dependents, rebuild->dependent_count, capacity,
        sizeof(RebuildDependent), rebuild->error);
    RebuildDependent *kept;

    if (dependents == NULL || rebuild->error->status != MIG_OK)
        return;
    rebuild->dependents = dependents;
    kept = &dependents[rebuild->dependent_count++];
    memset(kept, 0, sizeof(*kept));
    kept->kind = kind;
    kept->name = name;
    kept->sql = sql;
}

/* An UPDATE of the first column that can be updated. */
static MigBytes
update_sql(Rebuild *rebuild, MigBytes schema, MigBytes table)
{
    MigBytes arguments[2] = {table, schema};
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};
    sqlite3_stmt *statement = rebuild_prepare(
        rebuild, "SELECT name FROM pragma_table_xinfo(?1, ?2) WHERE hidden = 0",
        arguments, 2);

    mig_text_append_string(&text,
                           rebuild_format(rebuild, "UPDATE %s.\"%w\" SET ",
                                          schema.data, table.data));
    for (int i = 0; rebuild_step(rebuild, statement); i++)
    {
        MigBytes name = rebuild_column(rebuild, statement, 0);

        mig_text_append_string(
            &text, rebuild_format(rebuild, "%s\"%w\" = \"%w\"",
                                  i > 0 ? ", " : "", name.data, name.data));
    }
    (void) sqlite3_finalize(statement);
    /* A broken view has no columns; that it is broken is found otherwise. */
    if (rebuild->error->status == MIG_ENGINE)
        mig_error_clear(rebuild->error);
    return mig_text_bytes(&text);
}

/* Remember what fires the triggers of one table or view. */
static void
keep_firing(Rebuild *rebuild, size_t *capacity, sqlite3_stmt *statement)
{
    MigBytes schema = rebuild_column(rebuild, statement, 0);
    MigBytes table = rebuild_column(rebuild, statement, 1);
    MigBytes names = rebuild_column(rebuild, statement, 2);

    keep_dependent(rebuild, capacity, "trigger", names,
                   rebuild_bytes(rebuild,
                                 "INSERT INTO %s.\"%w\" DEFAULT VALUES",
                                 schema.data, table.data));
    keep_dependent(rebuild, capacity, "trigger", names,
                   rebuild_bytes(rebuild, "DELETE FROM %s.\"%w\"", schema.data,
                                 table.data));
    /* Its columns may be others afterwards: the text is made anew then. */
    keep_dependent(rebuild, capacity, "trigger", names,
                   update_sql(rebuild, schema, table));
}

/* Collect all statements, and whether they compile. */
static void
collect_dependents(Rebuild *rebuild)
{
    size_t capacity = 0;
    sqlite3_stmt *statement = rebuild_prepare(rebuild, VIEWS_SQL, NULL, 0);

    rebuild->dependents = NULL;
    rebuild->dependent_count = 0;
    while (rebuild_step(rebuild, statement))
    {
        MigBytes schema = rebuild_column(rebuild, statement, 0);
        MigBytes name = rebuild_column(rebuild, statement, 1);

        keep_dependent(rebuild, &capacity, "view", name,
                       rebuild_bytes(rebuild, "SELECT * FROM %s.\"%w\"",
                                     schema.data, name.data));
    }
    (void) sqlite3_finalize(statement);
    statement = rebuild_prepare(rebuild, FIRING_SQL, NULL, 0);
    while (rebuild_step(rebuild, statement))
        keep_firing(rebuild, &capacity, statement);
    (void) sqlite3_finalize(statement);
    /* Not before: a change of what quotes mean ends statements that run. */
    for (size_t i = 0; i < rebuild->dependent_count; i++)
    {
        RebuildDependent *kept = &rebuild->dependents[i];

        kept->compiles = compiles(rebuild, kept->sql);
        kept->compiles_strictly =
            kept->compiles && compiles_strictly(rebuild, kept->sql);
    }
}

void
rebuild_depend_remember(Rebuild *rebuild)
{
    collect_dependents(rebuild);
}

/* Fail for what does not compile any more. */
static void
refuse_dependent(Rebuild *rebuild, const RebuildDependent *before)
{
    bool several = memchr(before->name.data, ',', before->name.length) != NULL;
    RebuildQuotes quotes;

    if (rebuild->error->status != MIG_OK)
        return;
    if (before->compiles_strictly)
    {
        quotes = rebuild_quotes_begin(rebuild);
        (void) sqlite3_finalize(
            rebuild_prepare(rebuild, before->sql.data, NULL, 0));
        rebuild_quotes_end(rebuild, quotes);
    }
    else
        (void) sqlite3_finalize(
            rebuild_prepare(rebuild, before->sql.data, NULL, 0));
    if (rebuild->error->status != MIG_ENGINE)
        return;
    mig_fail_prefix(rebuild->error, "%s%s \"%s\" would not work any more: ",
                    several ? "one of the " : "",
                    several ? "triggers" : before->kind, before->name.data);
    mig_fail_hint(rebuild->error,
                  "Nothing was changed.  Drop it first, and create it anew "
                  "afterwards to suit the new definition.");
}

void
rebuild_depend_check(Rebuild *rebuild)
{
    RebuildDependent *before = rebuild->dependents;
    size_t count = rebuild->dependent_count;

    if (rebuild->error->status != MIG_OK)
        return;
    collect_dependents(rebuild);
    for (size_t i = 0; i < count && i < rebuild->dependent_count; i++)
    {
        RebuildDependent *now = &rebuild->dependents[i];

        if ((before[i].compiles && !now->compiles) ||
            (before[i].compiles_strictly && !now->compiles_strictly))
        {
            now->compiles_strictly = before[i].compiles_strictly;
            refuse_dependent(rebuild, now);
        }
    }
}
