#include "sqlite_rebuild.h"

/*
 * Mappings that hold queries
 *
 * While rows are copied, the table's name is that of the new one.  A query in
 * the mapping that reads the table, be it by a view, would see the rows that
 * are there already.  So what such a mapping gives is computed before anything
 * is changed, together with all columns, into a TEMP table from which the copy
 * is then made.
 */

const char *
rebuild_computed_table(Rebuild *rebuild)
{
    return rebuild_format(rebuild, "temp.\"%w_values\"", rebuild->aside);
}

const char *
rebuild_computed_rowid(Rebuild *rebuild)
{
    return rebuild_format(rebuild, "\"%w_row\"", rebuild->aside);
}

const char *
rebuild_computed_column(Rebuild *rebuild, const RebuildAssignment *assignment)
{
    return rebuild_format(rebuild, "\"%w_%d\"", rebuild->aside,
                          (int) (assignment - rebuild->assignments));
}

/* Whether the mapping has to be computed first. */
static bool
holds_queries(const Rebuild *rebuild)
{
    for (size_t i = 0; i < rebuild->assignment_count; i++)
    {
        if (rebuild->assignments[i].queries)
            return true;
    }
    return false;
}

/* A list of all columns, the rowid, and what the mapping gives. */
static const char *
list_values(Rebuild *rebuild)
{
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};
    const char *rowid = rebuild_rowid_name(rebuild, &rebuild->before);

    mig_text_append_string(&text, rowid == NULL ? "NULL" : rowid);
    mig_text_append_string(&text, " AS ");
    mig_text_append_string(&text, rebuild_computed_rowid(rebuild));
    for (size_t i = 0; i < rebuild->before.count; i++)
        mig_text_append_string(
            &text, rebuild_format(rebuild, ", \"%w\"",
                                  rebuild->before.columns[i].name.data));
    for (size_t i = 0; i < rebuild->assignment_count; i++)
    {
        const RebuildAssignment *assignment = &rebuild->assignments[i];

        mig_text_append_string(
            &text,
            rebuild_format(rebuild, ", (%.*s) AS %s",
                           (int) assignment->expression.length,
                           assignment->expression.data,
                           rebuild_computed_column(rebuild, assignment)));
    }
    return mig_text_bytes(&text).data;
}

void
rebuild_compute(Rebuild *rebuild)
{
    if (rebuild->error->status != MIG_OK || !holds_queries(rebuild))
        return;
    rebuild_set(rebuild, "PRAGMA reverse_unordered_selects = OFF");
    rebuild_execute(
        rebuild, rebuild_format(
                     rebuild,
                     "CREATE TEMP TABLE \"%w_values\" AS SELECT %s FROM %s AS "
                     "\"%w\" NOT INDEXED%.*s",
                     rebuild->aside, list_values(rebuild), rebuild->table,
                     rebuild->name.data, (int) rebuild->before.order.length,
                     rebuild->before.order.data));
    rebuild->computed = true;
    if (rebuild->error->status == MIG_ENGINE)
        mig_fail_prefix(
            rebuild->error,
            "cannot compute the mapping of table \"%s\": ", rebuild->name.data);
}
