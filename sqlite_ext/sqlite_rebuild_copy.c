#include "sqlite_rebuild.h"

/*
 * Copying
 *
 * The old table is renamed out of the way, without anything else following it,
 * as the library did before it learned to; the new one is made under the true
 * name by its own text, so that the schema holds that text as it was written,
 * and what refers to the table by name refers to the new one.  It is filled,
 * the old one is dropped with its indexes and triggers, and these are made
 * again by their own texts.
 */

/* Where rowids come from, or NULL. */
static const char *
rowid_source(Rebuild *rebuild, const RebuildTable *names)
{
    const char *rowid = rebuild_rowid_name(rebuild, names);

    return rowid != NULL && rebuild->computed ? rebuild_computed_rowid(rebuild)
                                              : rowid;
}

/* Where a column of the new table gets its values from, as SQL; NULL: it gets
 * its default. */
static const char *
source_of(Rebuild *rebuild, size_t column, bool by_old_names)
{
    const RebuildColumn *wanted = &rebuild->wanted.columns[column];
    const RebuildAssignment *assignment =
        rebuild_find_assignment(rebuild, wanted->name);
    size_t at = rebuild_find_column(&rebuild->old, wanted->name);
    const RebuildTable *names = by_old_names ? &rebuild->before : &rebuild->old;

    if (assignment != NULL && rebuild->computed)
        return rebuild_computed_column(rebuild, assignment);
    if (assignment != NULL)
        return rebuild_format(rebuild, "(%.*s)",
                              (int) assignment->expression.length,
                              assignment->expression.data);
    if (at != NO_COLUMN)
        return rebuild_format(rebuild, "\"%w\"", names->columns[at].name.data);
    if (column == rebuild->wanted.alias)
        return rowid_source(rebuild, names);
    return NULL;
}

/* Whether the mapping computes anything. */
static bool
computes(const Rebuild *rebuild)
{
    for (size_t i = 0; i < rebuild->assignment_count; i++)
    {
        if (rebuild_find_assignment(rebuild, rebuild->assignments[i].name) !=
            NULL)
            return true;
    }
    return false;
}

/* What is selected from: the old table under the table's name, and under its
 * columns' old names where expressions may use these. */
static const char *
select_from(Rebuild *rebuild, bool by_old_names)
{
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};
    /* Rows come in the order of their key, though an index may hold all that
     * is asked for. */
    MigBytes order = by_old_names ? rebuild->before.order : rebuild->old.order;
    const char *rowid = rebuild_rowid_name(rebuild, &rebuild->old);
    const char *old_rowid = rebuild_rowid_name(rebuild, &rebuild->before);

    if (rebuild->computed)
        return rebuild_format(rebuild, "%s AS \"%w\" NOT INDEXED",
                              rebuild_computed_table(rebuild),
                              rebuild->name.data);
    if (!by_old_names)
        return rebuild_format(rebuild, "%s AS \"%w\" NOT INDEXED%.*s",
                              rebuild->aside_table, rebuild->name.data,
                              (int) order.length, order.data);
    mig_text_append_string(&text, "(SELECT ");
    for (size_t i = 0; i < rebuild->old.count; i++)
        mig_text_append_string(
            &text,
            rebuild_format(rebuild, "%s\"%w\" AS \"%w\"", i > 0 ? ", " : "",
                           rebuild->old.columns[i].name.data,
                           rebuild->before.columns[i].name.data));
    if (rowid != NULL && old_rowid != NULL && old_rowid[0] != '"')
        mig_text_append_string(
            &text, rebuild_format(rebuild, ", %s AS %s", rowid, old_rowid));
    mig_text_append_string(
        &text, rebuild_format(rebuild, " FROM %s NOT INDEXED) AS \"%w\"%.*s",
                              rebuild->aside_table, rebuild->name.data,
                              (int) order.length, order.data));
    return mig_text_bytes(&text).data;
}

/* Whether all columns are copied as they are, so that the library may move
 * whole records. */
static bool
copies_all(const Rebuild *rebuild)
{
    const RebuildTable *old = &rebuild->old;
    const RebuildTable *wanted = &rebuild->wanted;

    if (old->count != wanted->count || old->alias != wanted->alias ||
        (wanted->alias == NO_COLUMN && !wanted->definition.without_rowid))
        return false;
    for (size_t i = 0; i < wanted->count; i++)
    {
        if (!rebuild_same(old->columns[i].name, wanted->columns[i].name) ||
            old->columns[i].hidden != 0 || wanted->columns[i].hidden != 0)
            return false;
    }
    return true;
}

/* The columns and where their values come from, as two lists. */
static void
list_columns(Rebuild *rebuild, MigText *columns, MigText *sources,
             bool by_old_names)
{
    const RebuildTable *wanted = &rebuild->wanted;
    const char *to = rebuild_rowid_name(rebuild, wanted);
    const char *from =
        rowid_source(rebuild, by_old_names ? &rebuild->before : &rebuild->old);

    if (wanted->alias == NO_COLUMN && to != NULL && from != NULL)
    {
        mig_text_append_string(columns, to);
        mig_text_append_string(sources, from);
    }
    for (size_t i = 0; i < wanted->count; i++)
    {
        const char *source = wanted->columns[i].hidden == 0
                                 ? source_of(rebuild, i, by_old_names)
                                 : NULL;

        if (source == NULL)
            continue;
        mig_text_append_string(columns, columns->length > 0 ? ", " : "");
        mig_text_append_string(
            columns,
            rebuild_format(rebuild, "\"%w\"", wanted->columns[i].name.data));
        mig_text_append_string(sources, sources->length > 0 ? ", " : "");
        mig_text_append_string(sources, source);
    }
    if (columns->length == 0)
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "no column of table \"%s\" would be kept",
                        rebuild->name.data);
}

/* What inserts all rows, or those in front of the first that does not suit. */
static const char *
insert_sql(Rebuild *rebuild, const char *conflict, bool by_old_names)
{
    MigText columns = {rebuild->arena, rebuild->error, NULL, 0, 0};
    MigText sources = {rebuild->arena, rebuild->error, NULL, 0, 0};

    list_columns(rebuild, &columns, &sources, by_old_names);
    return rebuild_format(
        rebuild, "INSERT OR %s INTO %s (%s) SELECT %s FROM %s", conflict,
        rebuild->table, mig_text_bytes(&columns).data,
        mig_text_bytes(&sources).data, select_from(rebuild, by_old_names));
}

/* Say which column of a row that was refused is NULL, if one is. */
static void
find_null(Rebuild *rebuild, const char *label, bool by_old_names,
          int64_t number)
{
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};

    mig_text_append_string(
        &text,
        rebuild_format(rebuild, "(SELECT %s AS \"%w\"", label, rebuild->aside));
    for (size_t i = 0; i < rebuild->wanted.count; i++)
    {
        const RebuildColumn *column = &rebuild->wanted.columns[i];
        const char *source =
            column->hidden == 0 ? source_of(rebuild, i, by_old_names) : NULL;

        if (column->hidden != 0)
            continue;
        if (source == NULL)
            source = column->default_value.data == NULL ? "NULL" : "0";
        mig_text_append_string(&text,
                               rebuild_format(rebuild, ", %s AS \"%w\"", source,
                                              column->name.data));
    }
    mig_text_append_string(
        &text,
        rebuild_format(rebuild, " FROM %s LIMIT 1 OFFSET %lld)",
                       select_from(rebuild, by_old_names), (long long) number));
    rebuild_check_rows(rebuild, mig_text_bytes(&text).data,
                       rebuild_format(rebuild, "\"%w\"", rebuild->aside), true);
}

/* Name the row because of which the copy has failed: those before it can be
 * inserted. */
static void
explain_failure(Rebuild *rebuild, bool by_old_names)
{
    MigError failure = *rebuild->error;
    const char *label;
    sqlite3_stmt *statement;
    MigBytes row = {NULL, 0};
    int64_t number;

    if (failure.status != MIG_ENGINE)
        return;
    if (!sqlite_is(failure.engine_code, SQLITE_CONSTRAINT))
    {
        mig_fail_prefix(
            rebuild->error,
            "cannot copy the rows of table \"%s\": ", rebuild->name.data);
        return;
    }
    mig_error_clear(rebuild->error);
    label = rebuild_row_label(rebuild,
                              by_old_names ? &rebuild->before : &rebuild->old);
    if (rebuild->computed && !rebuild->before.definition.without_rowid)
        label = rebuild_format(rebuild, "'row ' || %s",
                               rebuild_computed_rowid(rebuild));
    rebuild_execute(rebuild, insert_sql(rebuild, "FAIL", by_old_names));
    mig_error_clear(rebuild->error);
    number = rebuild_integer(
        rebuild,
        rebuild_format(rebuild, "SELECT count(*) FROM %s NOT INDEXED",
                       rebuild->table),
        0);
    if (failure.engine_code == SQLITE_CONSTRAINT_NOTNULL)
        find_null(rebuild, label, by_old_names, number);
    if (rebuild->error->engine_code == SQLITE_CONSTRAINT_NOTNULL)
        return;
    mig_error_clear(rebuild->error);
    statement = rebuild_prepare(
        rebuild,
        rebuild_format(rebuild, "SELECT %s FROM %s LIMIT 1 OFFSET %lld", label,
                       select_from(rebuild, by_old_names), (long long) number),
        NULL, 0);
    if (rebuild_step(rebuild, statement))
        row = rebuild_column(rebuild, statement, 0);
    (void) sqlite3_finalize(statement);
    *rebuild->error = failure;
    mig_fail_prefix(rebuild->error,
                    "%s of table \"%s\" does not suit the new definition: ",
                    row.data == NULL ? "a row" : row.data, rebuild->name.data);
}

/* Fill the new table from the old one. */
static void
copy_rows(Rebuild *rebuild)
{
    bool by_old_names =
        rebuild->computed || (rebuild->renamed && computes(rebuild));

    if (rebuild->error->status != MIG_OK)
        return;
    rebuild->rows =
        rebuild_integer(rebuild,
                        rebuild_format(rebuild, "SELECT count(*) FROM %s",
                                       rebuild->aside_table),
                        0);
    /* An OR clause of the statement's own outdoes those of constraints, which
     * could drop rows or put others in their place. */
    if (!computes(rebuild) && copies_all(rebuild))
        rebuild_execute(
            rebuild,
            rebuild_format(rebuild, "INSERT OR ABORT INTO %s SELECT * FROM %s",
                           rebuild->table, rebuild->aside_table));
    else
        rebuild_execute(rebuild, insert_sql(rebuild, "ABORT", by_old_names));
    explain_failure(rebuild, by_old_names);
    if (rebuild->error->status == MIG_OK &&
        (uint32_t) sqlite3_changes(rebuild->host->db) !=
            (uint32_t) rebuild->rows)
    {
        (void) mig_fail(rebuild->error, MIG_INVALID,
                        "the table has %lld row%s, of which %d would be kept",
                        (long long) rebuild->rows,
                        rebuild->rows == 1 ? "" : "s",
                        sqlite3_changes(rebuild->host->db));
        mig_fail_hint(rebuild->error,
                      "A mapping gives each row its own values: an aggregate "
                      "belongs into a query, (SELECT max(a) FROM t).");
    }
}

/* The tables of statistics; the second is there only where it is compiled
 * in. */
static const char *const statistics[] = {"sqlite_stat1", "sqlite_stat4"};

/* Whether one of them is there. */
static bool
has_statistics(Rebuild *rebuild, size_t which)
{
    return rebuild->error->status == MIG_OK &&
           sqlite3_table_column_metadata(rebuild->host->db, "main",
                                         statistics[which], NULL, NULL, NULL,
                                         NULL, NULL, NULL) == SQLITE_OK;
}

/* Have statistics outlive the dropping of indexes: they are about a table of
 * another name until mend_statistics(). */
static void
save_statistics(Rebuild *rebuild)
{
    for (size_t i = 0; i < 2; i++)
    {
        if (has_statistics(rebuild, i))
            rebuild_execute(rebuild,
                            rebuild_format(rebuild,
                                           "UPDATE main.%s SET idx = %Q || idx "
                                           "WHERE tbl = %Q COLLATE nocase",
                                           statistics[i], rebuild->aside,
                                           rebuild->name.data));
    }
}

/* Forget statistics that are no more about what bears their name. */
static void
mend_statistics(Rebuild *rebuild)
{
    bool same = mig_bytes_equal(rebuild->before.indexes, rebuild->now.indexes);

    for (size_t i = 0; i < 2; i++)
    {
        if (!has_statistics(rebuild, i))
            continue;
        rebuild_execute(
            rebuild,
            rebuild_format(rebuild,
                           "UPDATE main.%s SET idx = substr(idx, %d) "
                           "WHERE tbl = %Q COLLATE nocase",
                           statistics[i], (int) strlen(rebuild->aside) + 1,
                           rebuild->name.data));
        rebuild_execute(
            rebuild,
            rebuild_format(
                rebuild,
                "DELETE FROM main.%s WHERE tbl = %Q COLLATE nocase AND "
                "idx IS NOT NULL AND (idx NOT IN (SELECT name FROM "
                "pragma_index_list(%Q, 'main')) AND idx <> tbl "
                "OR %d AND (idx LIKE 'sqlite_autoindex_%%' OR idx = tbl))",
                statistics[i], rebuild->name.data, rebuild->name.data, !same));
        rebuild_execute(rebuild, "ANALYZE main.sqlite_schema");
    }
}

/* What the library finds wrong with a table; absent: nothing. */
static MigBytes
find_damage(Rebuild *rebuild, MigBytes table)
{
    MigBytes none = {NULL, 0};
    MigBytes found = none;
    sqlite3_stmt *statement = rebuild_prepare(
        rebuild,
        rebuild_format(rebuild, "PRAGMA main.quick_check(\"%w\")", table.data),
        NULL, 0);

    if (rebuild_step(rebuild, statement))
        found = rebuild_column(rebuild, statement, 0);
    (void) sqlite3_finalize(statement);
    return found.data == NULL || rebuild_is(found, "ok") ? none : found;
}

/* Count the rows by reading all pages of a table. */
static int64_t
count_rows(Rebuild *rebuild, const char *table)
{
    return rebuild_integer(
        rebuild,
        rebuild_format(rebuild, "SELECT count(*) FROM %s NOT INDEXED", table),
        0);
}

/*
 * Look at the new table's pages and rows, while the old one is there: what is
 * wrong with both, such as computed values that a STRICT table's types forbid,
 * is nothing new.  Tables WITHOUT ROWID are only read and counted: 3.40 takes
 * any of their columns for NULL.  The whole of integrity_check, which looks up
 * each row in each index, would take longer than the copy.
 */
static void
check_rows(Rebuild *rebuild)
{
    MigBytes damage;

    if (count_rows(rebuild, rebuild->table) != rebuild->rows)
        (void) mig_fail(rebuild->error, MIG_CORRUPT,
                        "the copy of table \"%s\" has not all rows",
                        rebuild->name.data);
    if (rebuild->wanted.definition.without_rowid)
        return;
    damage = find_damage(rebuild, rebuild->name);
    if (damage.data == NULL || rebuild->error->status != MIG_OK ||
        (!rebuild->before.definition.without_rowid &&
         find_damage(rebuild, mig_bytes(rebuild->aside)).data != NULL))
        return;
    (void) mig_fail(rebuild->error, MIG_CORRUPT,
                    "the copy of table \"%s\" is damaged: %s",
                    rebuild->name.data, damage.data);
}

/* Count the rows of one of the new table's indexes, by reading it. */
static int64_t
count_entries(Rebuild *rebuild, MigBytes name)
{
    /* The engine counts (*) without a WHERE in an index of its own choice. */
    return rebuild_integer(
        rebuild,
        rebuild_format(rebuild,
                       "SELECT count(1) FROM %s INDEXED BY \"%w\" WHERE 1",
                       rebuild->table, name.data),
        -1);
}

/* Look whether each index of the new table has as many entries as there are
 * rows, unless it is a partial one, or the table itself. */
static void
check_indexes(Rebuild *rebuild)
{
    sqlite3_stmt *statement =
        rebuild_prepare(rebuild,
                        "SELECT name, origin FROM pragma_index_list(?1, 'main')"
                        " WHERE partial = 0",
                        &rebuild->name, 1);

    while (rebuild_step(rebuild, statement))
    {
        MigBytes name = rebuild_column(rebuild, statement, 0);

        if (rebuild->wanted.definition.without_rowid &&
            rebuild_is(rebuild_column(rebuild, statement, 1), "pk"))
            continue;
        if (count_entries(rebuild, name) != rebuild->rows)
            (void) mig_fail(rebuild->error, MIG_CORRUPT,
                            "index \"%s\" of the copy of table \"%s\" has not "
                            "all rows",
                            name.data, rebuild->name.data);
    }
    (void) sqlite3_finalize(statement);
}

/* Look at the schema of what was made. */
static void
check_schema(Rebuild *rebuild)
{
    rebuild_table_read(rebuild, &rebuild->now);
    if (rebuild->error->status == MIG_OK &&
        (!mig_bytes_equal(rebuild->now.sql, rebuild->wanted_sql) ||
         !rebuild_same_table(&rebuild->now, &rebuild->wanted)))
        (void) mig_fail(rebuild->error, MIG_INTERNAL,
                        "the copy of table \"%s\" is not what was tried",
                        rebuild->name.data);
}

/* Get the old table out of the way. */
static void
rename_aside(Rebuild *rebuild)
{
    size_t start;
    size_t end = 0;

    rebuild_execute(rebuild,
                    rebuild_format(rebuild, "ALTER TABLE %s RENAME TO \"%w\"",
                                   rebuild->table, rebuild->aside));
    if (rebuild->error->status != MIG_ENGINE ||
        !sqlite_is(rebuild->error->engine_code, SQLITE_ERROR) ||
        !rebuild_next_qualifier(rebuild, rebuild->now.sql, &start, &end))
        return;
    mig_error_clear(rebuild->error);
    (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                    "table \"%s\" cannot be copied while its schema cannot be "
                    "edited: its definition names the table itself",
                    rebuild->name.data);
    mig_fail_detail(rebuild->error, "It is in front of a column: %.*s",
                    (int) (end - start), rebuild->now.sql.data + start);
    mig_fail_hint(rebuild->error,
                  "Call migrate_rebuild on a connection with "
                  "SQLITE_DBCONFIG_DEFENSIVE and PRAGMA writable_schema off.");
}

void
rebuild_copy(Rebuild *rebuild)
{
    rebuild_depend_require_columns(rebuild);
    rebuild_keys_require_copy(rebuild);
    rebuild_set(rebuild, "PRAGMA legacy_alter_table = ON");
    rebuild_set(rebuild, "PRAGMA ignore_check_constraints = OFF");
    rebuild_set(rebuild, "PRAGMA reverse_unordered_selects = OFF");
    save_statistics(rebuild);
    rebuild_depend_drop_qualified(rebuild);
    rebuild_unqualify(rebuild);
    rename_aside(rebuild);
    rebuild_create(rebuild, "main");
    copy_rows(rebuild);
    check_rows(rebuild);
    rebuild_execute(rebuild, rebuild_format(rebuild, "DROP TABLE %s",
                                            rebuild->aside_table));
    if (rebuild->computed)
        rebuild_execute(rebuild,
                        rebuild_format(rebuild, "DROP TABLE %s",
                                       rebuild_computed_table(rebuild)));
    rebuild_depend_create(rebuild, rebuild->indexes, rebuild->index_count);
    check_indexes(rebuild);
    rebuild_depend_create(rebuild, rebuild->triggers, rebuild->trigger_count);
    check_schema(rebuild);
    mend_statistics(rebuild);
}
