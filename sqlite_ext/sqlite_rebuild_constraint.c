#include "sqlite_rebuild.h"

/*
 * Constraints by the library's own ALTER TABLE
 *
 * From 3.53 on it sets and drops NOT NULL, adds CHECKs and drops named
 * constraints, looking at the rows itself.  It decides where in the text a
 * constraint goes.  So what comes to differ is first done to an empty table of
 * the same definition: where that does not get the wanted text, nothing is
 * done. Other tokens are never taken for it; another form of the same tokens
 * only where the schema cannot be edited, and a copy would be the alternative.
 */

#define CONSTRAINT_VERSION 3053000

/* What stands behind ALTER TABLE name, for each statement. */
typedef struct Alterations
{
    MigBytes *items;
    size_t count;
    size_t capacity;
} Alterations;

static void
add_alteration(Rebuild *rebuild, Alterations *alterations, const char *format,
               MigBytes text)
{
    MigBytes *items = mig_array_reserve(
        rebuild->arena, alterations->items, alterations->count,
        &alterations->capacity, sizeof(MigBytes), rebuild->error);

    if (items == NULL)
        return;
    alterations->items = items;
    items[alterations->count++] =
        rebuild_bytes(rebuild, format, (int) text.length, text.data);
}

/* Whether a definition has a constraint of the table, by its tokens. */
static bool
has_part(const RebuildDefinition *definition, MigBytes text)
{
    for (size_t i = 0; i < definition->part_count; i++)
    {
        if (!definition->parts[i].is_column &&
            rebuild_same_tokens(definition->parts[i].text, text))
            return true;
    }
    return false;
}

/* Whether a named constraint is there in the wanted definition, too. */
static bool
stays(const Rebuild *rebuild, const RebuildConstraint *constraint)
{
    const RebuildDefinition *now = &rebuild->now.definition;
    const RebuildDefinition *wanted = &rebuild->wanted.definition;

    if (!now->parts[constraint->part].is_column)
        return has_part(wanted, now->parts[constraint->part].text);
    for (size_t i = 0; i < wanted->constraint_count; i++)
    {
        if (rebuild_same_tokens(wanted->constraints[i].name_token,
                                constraint->name_token))
            return true;
    }
    return false;
}

/* List the statements that may lead from one definition to the other. */
static void
list_alterations(Rebuild *rebuild, Alterations *alterations)
{
    const RebuildTable *now = &rebuild->now;
    const RebuildTable *wanted = &rebuild->wanted;

    for (size_t i = 0; i < now->definition.constraint_count; i++)
    {
        if (!stays(rebuild, &now->definition.constraints[i]))
            add_alteration(rebuild, alterations, "DROP CONSTRAINT %.*s",
                           now->definition.constraints[i].name_token);
    }
    for (size_t i = 0; i < wanted->count; i++)
    {
        if (now->columns[i].not_null != wanted->columns[i].not_null)
            add_alteration(rebuild, alterations,
                           wanted->columns[i].not_null
                               ? "ALTER COLUMN %.*s SET NOT NULL"
                               : "ALTER COLUMN %.*s DROP NOT NULL",
                           now->columns[i].part->name_token);
    }
    for (size_t i = 0; i < wanted->definition.part_count; i++)
    {
        const RebuildPart *part = &wanted->definition.parts[i];

        if (!part->is_column && !has_part(&now->definition, part->text))
            add_alteration(rebuild, alterations, "ADD %.*s", part->text);
    }
}

/* Alter a table, whose name is in quotes. */
static void
alter(Rebuild *rebuild, const Alterations *alterations, const char *table)
{
    for (size_t i = 0; i < alterations->count; i++)
        rebuild_execute(rebuild,
                        rebuild_format(rebuild, "ALTER TABLE %s %s", table,
                                       alterations->items[i].data));
}

/* Whether the wanted text comes of it: try an empty table, and undo it. */
static bool
leads_there(Rebuild *rebuild, const Alterations *alterations)
{
    const RebuildDefinition *wanted = &rebuild->wanted.definition;
    MigBytes name = rebuild->now.definition.name_token;
    MigBytes behind = rebuild->now.definition.behind;
    MigBytes aside = mig_bytes(rebuild->aside);
    RebuildDefinition altered;
    sqlite3_stmt *statement;
    bool there = false;

    rebuild_step_begin(rebuild);
    rebuild_execute(rebuild, rebuild_format(rebuild, "CREATE TABLE %s%.*s",
                                            rebuild->aside_table,
                                            (int) behind.length, behind.data));
    alter(rebuild, alterations, rebuild->aside_table);
    statement = rebuild_prepare(
        rebuild, "SELECT sql FROM main.sqlite_schema WHERE name = ?1", &aside,
        1);
    if (rebuild_step(rebuild, statement))
    {
        rebuild_definition_read(rebuild, rebuild_column(rebuild, statement, 0),
                                &altered);
        there = rebuild->error->status == MIG_OK &&
                (rebuild_can_edit(rebuild)
                     ? mig_bytes_equal(name, wanted->name_token) &&
                           mig_bytes_equal(altered.behind, wanted->behind)
                     : rebuild_same_tokens(name, wanted->name_token) &&
                           rebuild_same_tokens(altered.behind, wanted->behind));
    }
    (void) sqlite3_finalize(statement);
    return rebuild_step_undo(rebuild) && there;
}

bool
rebuild_try_constraints(Rebuild *rebuild)
{
    Alterations alterations = {NULL, 0, 0};

    /* With writable_schema on, the engine does not say when one is wrong. */
    if (rebuild->error->status != MIG_OK ||
        sqlite3_libversion_number() < CONSTRAINT_VERSION ||
        !rebuild_may_edit(rebuild, &rebuild->now) ||
        rebuild_integer(rebuild, "PRAGMA main.writable_schema", 0) != 0)
        return false;
    list_alterations(rebuild, &alterations);
    if (alterations.count == 0 || !leads_there(rebuild, &alterations))
        return false;
    rebuild_step_begin(rebuild);
    alter(rebuild, &alterations, rebuild->table);
    if (rebuild->error->status == MIG_OK)
    {
        rebuild_step_keep(rebuild);
        rebuild_table_read(rebuild, &rebuild->now);
        return true;
    }
    /* A CHECK that comes to NULL is met, but not to the library; and a row that
     * offends is to be named. */
    if (rebuild_step_undo(rebuild))
        rebuild_check_rows(
            rebuild, rebuild_format(rebuild, "%s NOT INDEXED", rebuild->table),
            rebuild_row_label(rebuild, &rebuild->now), false);
    return rebuild->error->status != MIG_OK;
}
