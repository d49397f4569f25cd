#include "sqlite_rebuild.h"

/* What a row can offend against. */
typedef enum OffenceKind
{
    OFFENCE_NULL,
    OFFENCE_CHECK,
    OFFENCE_TYPE
} OffenceKind;

typedef struct Offence
{
    OffenceKind kind;
    const RebuildColumn *column; /* unless it is a CHECK */
    MigBytes check;              /* its expression */
    const char *condition;       /* SQL: true for a row that offends */
} Offence;

typedef struct Offences
{
    Offence *items;
    size_t count;
    size_t capacity;
} Offences;

static void
add_offence(Rebuild *rebuild, Offences *offences, const Offence *offence)
{
    Offence *items =
        mig_array_reserve(rebuild->arena, offences->items, offences->count,
                          &offences->capacity, sizeof(Offence), rebuild->error);

    if (items == NULL)
        return;
    offences->items = items;
    items[offences->count++] = *offence;
}

/* Whether the old definition has the same CHECK constraint. */
static bool
had_check(const Rebuild *rebuild, MigBytes check)
{
    for (size_t i = 0; i < rebuild->old.definition.check_count; i++)
    {
        if (rebuild_same_tokens(rebuild->old.definition.checks[i], check))
            return true;
    }
    return false;
}

/* The types of values that a column of a STRICT table holds, as SQL; NULL for
 * all. */
static const char *
strict_types(const RebuildColumn *column)
{
    if (rebuild_is(column->type, "int") || rebuild_is(column->type, "integer"))
        return "'integer', 'null'";
    if (rebuild_is(column->type, "real"))
        return "'real', 'null'";
    if (rebuild_is(column->type, "text"))
        return "'text', 'null'";
    if (rebuild_is(column->type, "blob"))
        return "'blob', 'null'";
    return NULL;
}

/* What a column forbids that it did not. */
static void
add_column(Rebuild *rebuild, Offences *offences, const RebuildColumn *column,
           bool nulls)
{
    size_t at = rebuild_find_column(&rebuild->old, column->name);
    const RebuildColumn *old =
        at == NO_COLUMN ? NULL : &rebuild->old.columns[at];
    Offence offence = {OFFENCE_NULL, column, {NULL, 0}, NULL};
    bool not_null =
        column->not_null ||
        (rebuild->wanted.definition.without_rowid && column->key > 0);

    if (not_null && (nulls || old == NULL || !old->not_null))
    {
        offence.condition =
            rebuild_format(rebuild, "\"%w\" IS NULL", column->name.data);
        add_offence(rebuild, offences, &offence);
    }
    if (nulls || !rebuild->wanted.definition.strict ||
        strict_types(column) == NULL ||
        (rebuild->old.definition.strict && old != NULL &&
         rebuild_same(old->type, column->type)))
        return;
    offence.kind = OFFENCE_TYPE;
    offence.condition = rebuild_format(rebuild, "typeof(\"%w\") NOT IN (%s)",
                                       column->name.data, strict_types(column));
    add_offence(rebuild, offences, &offence);
}

/* All that the wanted definition forbids and the old one did not, or all NULLs
 * that it forbids. */
static void
collect(Rebuild *rebuild, Offences *offences, bool nulls)
{
    for (size_t i = 0; i < rebuild->wanted.count; i++)
    {
        if (!nulls || rebuild->wanted.columns[i].hidden == 0)
            add_column(rebuild, offences, &rebuild->wanted.columns[i], nulls);
    }
    for (size_t i = 0; !nulls && i < rebuild->wanted.definition.check_count;
         i++)
    {
        MigBytes check = rebuild->wanted.definition.checks[i];
        Offence offence = {OFFENCE_CHECK, NULL, check, NULL};

        if (had_check(rebuild, check))
            continue;
        offence.condition =
            rebuild_format(rebuild, "NOT %.*s", (int) check.length, check.data);
        add_offence(rebuild, offences, &offence);
    }
}

/* A query for the first row that offends, and by what. */
static MigBytes
make_query(Rebuild *rebuild, const Offences *offences, const char *from,
           const char *label)
{
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};

    mig_text_append_string(&text, "SELECT ");
    mig_text_append_string(&text, label);
    mig_text_append_string(&text, ", CASE");
    for (size_t i = 0; i < offences->count; i++)
    {
        mig_text_append_string(&text, " WHEN ");
        mig_text_append_string(&text, offences->items[i].condition);
        mig_text_append_format(&text, " THEN %d", (int) i);
    }
    mig_text_append_string(&text, " END, CASE");
    for (size_t i = 0; i < offences->count; i++)
    {
        if (offences->items[i].kind != OFFENCE_TYPE)
            continue;
        mig_text_append_string(&text, " WHEN ");
        mig_text_append_string(&text, offences->items[i].condition);
        mig_text_append_string(
            &text, rebuild_format(rebuild, " THEN typeof(\"%w\")",
                                  offences->items[i].column->name.data));
    }
    mig_text_append_string(&text, " WHEN 1 THEN '' END FROM ");
    mig_text_append_string(&text, from);
    mig_text_append_string(&text, " WHERE ");
    for (size_t i = 0; i < offences->count; i++)
    {
        mig_text_append_string(&text, rebuild_or(i));
        mig_text_append_string(&text, offences->items[i].condition);
    }
    mig_text_append_string(&text, ") LIMIT 1");
    return mig_text_bytes(&text);
}

/* Fail for the row that was found. */
static void
refuse_row(Rebuild *rebuild, const Offence *offence, MigBytes row,
           MigBytes type)
{
    const char *table = rebuild->name.data;

    if (rebuild->error->status != MIG_OK)
        return;
    switch (offence->kind)
    {
        case OFFENCE_NULL:
            (void) mig_fail(rebuild->error, MIG_ENGINE,
                            "%s of table \"%s\" has NULL in \"%s\", which the "
                            "new definition says is NOT NULL",
                            row.data, table, offence->column->name.data);
            rebuild->error->engine_code = SQLITE_CONSTRAINT_NOTNULL;
            return;
        case OFFENCE_CHECK:
            (void) mig_fail(rebuild->error, MIG_ENGINE,
                            "%s of table \"%s\" does not meet CHECK %.*s of "
                            "the new definition",
                            row.data, table, (int) offence->check.length,
                            offence->check.data);
            rebuild->error->engine_code = SQLITE_CONSTRAINT_CHECK;
            return;
        case OFFENCE_TYPE:
            break;
    }
    (void) mig_fail(rebuild->error, MIG_ENGINE,
                    "%s of table \"%s\" has a value of type %s in \"%s\", "
                    "which the new definition says is %s, strictly",
                    row.data, table, type.data, offence->column->name.data,
                    offence->column->type.data);
    rebuild->error->engine_code = SQLITE_CONSTRAINT;
}

void
rebuild_check_rows(Rebuild *rebuild, const char *from, const char *label,
                   bool nulls)
{
    Offences offences = {NULL, 0, 0};
    sqlite3_stmt *statement;

    collect(rebuild, &offences, nulls);
    if (rebuild->error->status != MIG_OK || offences.count == 0)
        return;
    statement = rebuild_prepare(
        rebuild, make_query(rebuild, &offences, from, label).data, NULL, 0);
    if (rebuild_step(rebuild, statement))
    {
        MigBytes row = rebuild_column(rebuild, statement, 0);
        MigBytes type = rebuild_column(rebuild, statement, 2);
        int which = sqlite3_column_int(statement, 1);

        refuse_row(rebuild, &offences.items[which], row, type);
    }
    (void) sqlite3_finalize(statement);
}

const char *
rebuild_rowid_name(Rebuild *rebuild, const RebuildTable *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};

    if (table->definition.without_rowid)
        return NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        if (rebuild_find_column(table, mig_bytes(names[i])) == NO_COLUMN)
            return names[i];
    }
    if (table->alias == NO_COLUMN)
        return NULL;
    return rebuild_format(rebuild, "\"%w\"",
                          table->columns[table->alias].name.data);
}

const char *
rebuild_row_label(Rebuild *rebuild, const RebuildTable *table)
{
    const char *rowid = rebuild_rowid_name(rebuild, table);
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};

    if (rowid != NULL)
        return rebuild_format(rebuild, "'row ' || %s", rowid);
    mig_text_append_string(&text, "'a row'");
    for (size_t i = 0; i < table->count; i++)
    {
        const char *name = table->columns[i].name.data;

        if (table->columns[i].key > 0)
            mig_text_append_string(
                &text,
                rebuild_format(rebuild, " || ' (%q = ' || quote(\"%w\") || ')'",
                               name, name));
    }
    return mig_text_bytes(&text).data;
}
