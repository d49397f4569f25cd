#include "sqlite_rebuild.h"

#include "mig_setting.h"

/*
 * migrate_rebuild(): any change to a table, by the cheapest correct way
 *
 * 1. nothing, where the schema holds the wanted text already;
 * 2. columns are renamed by the engine, so that whatever mentions them follows;
 * 3. columns are added at the end, or one is dropped, by the engine's ALTER
 *    TABLE;
 * 4. constraints are added or dropped by it, from 3.53 on;
 * 5. the text in the schema alone is edited, where the rows as they are stored
 *    mean the same under both texts;
 * 6. else the rows are copied into a new table.
 *
 * The new definition is first tried by the engine on this connection, as a TEMP
 * table under the table's own name, and undone: all that
 * is decided rests on what the engine says of both tables, not on their texts.
 * Whatever way was taken, the schema holds the wanted text afterwards; what
 * worked before is looked at again; and all of it is one unit, undone as a
 * whole by whatever fails.
 */

#define FUNCTION "migrate_rebuild"

/* Work out names that nobody uses. */
static void
choose_names(Rebuild *rebuild)
{
    uint64_t number;

    sqlite3_randomness((int) sizeof(number), &number);
    rebuild->aside = rebuild_format(rebuild, "migrate_rebuild_%016llx",
                                    (unsigned long long) number);
    rebuild->aside_table =
        rebuild_format(rebuild, "main.\"%w\"", rebuild->aside);
}

/* Read the definition, which must be of this table. */
static void
read_given(Rebuild *rebuild, MigBytes definition)
{
    RebuildDefinition *given = &rebuild->given;
    MigBytes name;

    rebuild_definition_read(rebuild, definition, given);
    if (rebuild->error->status != MIG_OK)
        return;
    if (given->name_token.length == 0)
    {
        given->name_token = rebuild->before.definition.name_token;
        given->behind = rebuild_bytes(
            rebuild, " %.*s", (int) given->behind.length, given->behind.data);
        return;
    }
    name = rebuild_unquote(rebuild, given->name_token);
    if (!rebuild_same(name, rebuild->name))
    {
        (void) mig_fail(rebuild->error, MIG_INVALID,
                        "the definition is of table \"%.*s\", not of \"%s\"",
                        (int) name.length, name.data, rebuild->name.data);
        mig_fail_hint(rebuild->error,
                      "ALTER TABLE ... RENAME TO gives a table another name.");
    }
    else if (!mig_bytes_equal(name, rebuild->name))
        given->name_token = rebuild->before.definition.name_token;
}

/* The sequence of AUTOINCREMENT, or -1. */
static int64_t
read_sequence(Rebuild *rebuild)
{
    if (rebuild->error->status != MIG_OK || !rebuild->before.autoincrement)
        return -1;
    return rebuild_integer(
        rebuild, "SELECT seq FROM main.sqlite_sequence WHERE name = ?1", -1);
}

/* Have the sequence go on from where it was, or from the largest rowid. */
static void
mend_sequence(Rebuild *rebuild)
{
    const char *name = rebuild->name.data;

    if (rebuild->error->status != MIG_OK ||
        (!rebuild->wanted.autoincrement && !rebuild->before.autoincrement))
        return;
    if (!rebuild->wanted.autoincrement)
    {
        rebuild_execute(
            rebuild,
            rebuild_format(rebuild,
                           "DELETE FROM main.sqlite_sequence WHERE name = %Q",
                           name));
        return;
    }
    rebuild_execute(
        rebuild, rebuild_format(rebuild,
                                "INSERT INTO main.sqlite_sequence (name, seq) "
                                "SELECT %Q, 0 WHERE NOT EXISTS (SELECT 1 FROM "
                                "main.sqlite_sequence WHERE name = %Q) "
                                "AND (%lld >= 0 OR EXISTS (SELECT 1 FROM %s))",
                                name, name, (long long) rebuild->sequence,
                                rebuild->table));
    rebuild_execute(
        rebuild,
        rebuild_format(rebuild,
                       "UPDATE main.sqlite_sequence SET seq = max(seq, %lld, "
                       "coalesce((SELECT max(%s) FROM %s), 0)) WHERE name = %Q",
                       (long long) rebuild->sequence,
                       rebuild_rowid_name(rebuild, &rebuild->wanted),
                       rebuild->table, name));
}

/* Whether the columns have the wanted defaults already. */
static bool
has_defaults(const Rebuild *rebuild)
{
    for (size_t i = 0; i < rebuild->now.count; i++)
    {
        if (!rebuild_same_default(&rebuild->now.columns[i],
                                  &rebuild->wanted.columns[i]))
            return false;
    }
    return true;
}

/* Whether all is as wanted already, as far as it can be. */
static bool
is_done(Rebuild *rebuild)
{
    if (rebuild->error->status != MIG_OK ||
        !rebuild_may_edit(rebuild, &rebuild->now))
        return false;
    return mig_bytes_equal(rebuild->now.sql, rebuild->wanted_sql) ||
           (!rebuild_can_edit(rebuild) && has_defaults(rebuild) &&
            rebuild_same_tokens(rebuild->now.sql, rebuild->wanted_sql));
}

/* AUTOINCREMENT needs a table of the engine's, which only a CREATE makes. */
static void
make_sequence_table(Rebuild *rebuild)
{
    if (!rebuild->wanted.autoincrement || rebuild->before.autoincrement)
        return;
    rebuild_execute(rebuild,
                    rebuild_format(rebuild,
                                   "CREATE TABLE %s (id INTEGER PRIMARY KEY "
                                   "AUTOINCREMENT); DROP TABLE %s",
                                   rebuild->aside_table, rebuild->aside_table));
}

/* Choose a way, and go it. */
static void
take_way(Rebuild *rebuild)
{
    rebuild->now = rebuild->old;
    rebuild->rows = -1;
    rebuild->way = REBUILD_NOTHING;
    if (rebuild->error->status != MIG_OK || is_done(rebuild))
        return;
    rebuild_keys_count(rebuild);
    rebuild->way = REBUILD_ALTER;
    if (rebuild_try_alter(rebuild) && is_done(rebuild))
    {
        rebuild_check_rows(rebuild, rebuild->table,
                           rebuild_row_label(rebuild, &rebuild->now), false);
        return;
    }
    if (!rebuild->altered && rebuild_try_constraints(rebuild))
        return;
    rebuild->way = REBUILD_EDIT;
    make_sequence_table(rebuild);
    if (rebuild_try_edit(rebuild))
        return;
    rebuild->way = REBUILD_COPY;
    rebuild_copy(rebuild);
}

/* Everything, inside of a unit. */
static void
rebuild_run(Rebuild *rebuild, const MigCall *call)
{
    MigBytes mapping = {NULL, 0};

    if (call->argument_count > 2)
        mapping = call->arguments[2].bytes;
    choose_names(rebuild);
    rebuild_find_table(rebuild, call->arguments[0].bytes);
    rebuild_table_read(rebuild, &rebuild->before);
    rebuild->sequence = read_sequence(rebuild);
    read_given(rebuild, call->arguments[1].bytes);
    rebuild_mapping_read(rebuild, mapping);
    rebuild_plan_renames(rebuild);
    rebuild_depend_remember(rebuild);
    rebuild_keys_remember(rebuild);
    rebuild_compute(rebuild);
    rebuild_rename_columns(rebuild);
    rebuild_table_read(rebuild, &rebuild->old);
    rebuild_depend_read_objects(rebuild);
    rebuild_probe(rebuild);
    rebuild_require_kept(rebuild);
    take_way(rebuild);
    if (rebuild->way == REBUILD_NOTHING && !rebuild->renamed)
        return;
    mend_sequence(rebuild);
    rebuild_depend_check(rebuild);
    rebuild_keys_check(rebuild);
}

/* Word what is returned and logged. */
static void
tell(Rebuild *rebuild)
{
    if (rebuild->error->status != MIG_OK)
        return;
    rebuild->back = rebuild_back(rebuild);
    rebuild->notice =
        rebuild_format(rebuild, "table \"%s\" rebuilt: %s", rebuild->name.data,
                       rebuild_way_name(rebuild));
}

/* Begin, run, keep or undo. */
static void
run_unit(Rebuild *rebuild, const MigCall *call)
{
    MigHost *host = &rebuild->host->host;
    int64_t wait_ms = mig_setting_ms(rebuild->mig, "wait_timeout");

    if (sqlite3_get_autocommit(rebuild->host->db))
        rebuild_set(rebuild, "PRAGMA foreign_keys = OFF");
    if (rebuild->error->status == MIG_OK)
        (void) sqlite_lock(host, wait_ms, rebuild->error);
    if (rebuild->error->status == MIG_OK)
        (void) sqlite_unit_begin(host, rebuild->error);
    rebuild_run(rebuild, call);
    /* While it can still be undone for want of memory. */
    tell(rebuild);
    if (rebuild->error->status == MIG_OK)
        (void) sqlite_unit_keep(host, rebuild->error);
    if (rebuild->error->status == MIG_OK)
        (void) sqlite_release(
            host, mig_setting_ms(rebuild->mig, "lock_timeout"), rebuild->error);
    if (rebuild->error->status != MIG_OK)
    {
        sqlite_unit_undo(host);
        sqlite_abandon(host);
    }
    sqlite_pragma_restore(rebuild->host, true);
}

/*
 * migrate_rebuild(table, definition [, mapping]) -> text
 *
 *     SELECT migrate_rebuild('person',
 *         '(id INTEGER PRIMARY KEY, full TEXT NOT NULL) STRICT',
 *         'full = first || '' '' || last');
 *
 * Gives a table of main another definition, keeping its rows and all that
 * depends on it, and returns the SQL of the way back.  Fails, with nothing
 * changed, when a row does not suit it, or something would not work any more.
 */
void
sqlite_rebuild(Mig *mig, MigCall *call)
{
    static const char *const names[] = {"table", "definition"};
    SqliteHost *host = (SqliteHost *) mig->host;
    Rebuild rebuild;

    memset(&rebuild, 0, sizeof(rebuild));
    rebuild.mig = mig;
    rebuild.host = host;
    rebuild.arena = mig->arena;
    rebuild.error = mig->error;
    rebuild.schema = "main";
    for (size_t i = 0; i < 2; i++)
    {
        if (call->arguments[i].type == MIG_NULL)
            (void) mig_fail(mig->error, MIG_INVALID, "%s must not be NULL",
                            names[i]);
    }
    /* Unlike what runs migrations, it may be called by one. */
    if (mig_ok(mig))
        (void) sqlite_require_alone(mig->host, FUNCTION, mig->error);
    if (mig_ok(mig))
        (void) sqlite_require_writable(mig->host, FUNCTION, mig->error);
    if (!mig_ok(mig))
        return;
    run_unit(&rebuild, call);
    if (!mig_ok(mig))
        return;
    call->result = mig_text_value(rebuild.back);
    mig->host->methods->notice(mig->host, MIG_NOTICE, rebuild.notice);
}
