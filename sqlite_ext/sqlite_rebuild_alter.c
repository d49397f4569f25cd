#include "sqlite_rebuild.h"

/* From which version on the library can drop a column. */
#define DROP_COLUMN_VERSION 3035000

/* Rename a column; the new name is a token. */
static void
rename_column(Rebuild *rebuild, MigBytes from, MigBytes to)
{
    MigBytes old = rebuild_bytes(rebuild, "%.*s", (int) from.length, from.data);

    if (rebuild->error->status != MIG_OK)
        return;
    rebuild_execute(
        rebuild,
        rebuild_format(rebuild, "ALTER TABLE %s RENAME COLUMN \"%w\" TO %.*s",
                       rebuild->table, old.data, (int) to.length, to.data));
    if (rebuild->error->status == MIG_ENGINE)
        mig_fail_prefix(rebuild->error,
                        "cannot rename column \"%s\" to %.*s: ", old.data,
                        (int) to.length, to.data);
}

/* A name as the new definition writes it: so it will stand in views and
 * triggers. */
static MigBytes
token_of(const Rebuild *rebuild, MigBytes name)
{
    for (size_t i = 0; i < rebuild->given.part_count; i++)
    {
        if (rebuild->given.parts[i].is_column &&
            rebuild_same(rebuild->given.parts[i].name, name))
            return rebuild->given.parts[i].name_token;
    }
    return name;
}

void
rebuild_rename_columns(Rebuild *rebuild)
{
    for (size_t i = 0; i < rebuild->assignment_count; i++)
    {
        const RebuildAssignment *assignment = &rebuild->assignments[i];

        if (!assignment->renames)
            continue;
        /* The library's old way would leave views and triggers as they are. */
        if (!rebuild->renamed)
            rebuild_set(rebuild, "PRAGMA legacy_alter_table = OFF");
        rebuild->renamed = true;
        rename_column(rebuild, assignment->source,
                      token_of(rebuild, assignment->name));
    }
}

/* Drop a column, and add some. */
static void
alter(Rebuild *rebuild, size_t dropped, size_t added)
{
    rebuild_set(rebuild, "PRAGMA legacy_alter_table = OFF");
    if (dropped != NO_COLUMN)
        rebuild_execute(
            rebuild,
            rebuild_format(rebuild, "ALTER TABLE %s DROP COLUMN \"%w\"",
                           rebuild->table,
                           rebuild->old.columns[dropped].name.data));
    for (size_t i = added; i < rebuild->wanted.count; i++)
    {
        MigBytes text = rebuild->wanted.columns[i].part->text;

        rebuild_execute(
            rebuild,
            rebuild_format(rebuild, "ALTER TABLE %s ADD COLUMN %.*s",
                           rebuild->table, (int) text.length, text.data));
    }
    rebuild_table_read(rebuild, &rebuild->now);
}

bool
rebuild_try_alter(Rebuild *rebuild)
{
    size_t dropped;
    size_t added;

    if (rebuild->error->status != MIG_OK ||
        !rebuild_may_alter(rebuild, &dropped, &added) ||
        (dropped != NO_COLUMN &&
         sqlite3_libversion_number() < DROP_COLUMN_VERSION))
        return false;
    rebuild_step_begin(rebuild);
    alter(rebuild, dropped, added);
    if (rebuild->error->status == MIG_OK &&
        rebuild_may_edit(rebuild, &rebuild->now) &&
        (rebuild_can_edit(rebuild) ||
         rebuild_same_tokens(rebuild->now.sql, rebuild->wanted_sql)))
    {
        rebuild->altered = true;
        rebuild_step_keep(rebuild);
        return rebuild->error->status == MIG_OK;
    }
    if (rebuild_step_undo(rebuild))
        rebuild_table_read(rebuild, &rebuild->now);
    return false;
}
