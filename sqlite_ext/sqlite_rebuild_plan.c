#include "sqlite_rebuild.h"

#include "mig_guard.h"

/* Types in whose names these stand have that affinity; the first wins, as in
 * the manual's chapter on type affinity. */
static const struct
{
    const char *word;
    char affinity;
} affinities[] = {
    {"int", 'I'},  {"char", 'T'}, {"clob", 'T'}, {"text", 'T'},
    {"blob", 'B'}, {"real", 'R'}, {"floa", 'R'}, {"doub", 'R'},
};

/* Whether a word stands in a text, in either case. */
static bool
contains(MigBytes text, const char *word)
{
    size_t length = strlen(word);

    for (size_t i = 0; i + length <= text.length; i++)
    {
        if (sqlite3_strnicmp(text.data + i, word, (int) length) == 0)
            return true;
    }
    return false;
}

char
rebuild_affinity(const RebuildTable *table, const RebuildColumn *column)
{
    if (column->type.length == 0 ||
        (table->definition.strict && rebuild_is(column->type, "any")))
        return 'B';
    for (size_t i = 0; i < sizeof(affinities) / sizeof(affinities[0]); i++)
    {
        if (contains(column->type, affinities[i].word))
            return affinities[i].affinity;
    }
    return 'N';
}

/* The assignment to a column, or NULL. */
static RebuildAssignment *
find_assignment(const Rebuild *rebuild, MigBytes name)
{
    for (size_t i = 0; i < rebuild->assignment_count; i++)
    {
        if (rebuild_same(rebuild->assignments[i].name, name))
            return &rebuild->assignments[i];
    }
    return NULL;
}

/* Whether the given definition has a column. */
static bool
will_have(const Rebuild *rebuild, MigBytes name)
{
    for (size_t i = 0; i < rebuild->given.part_count; i++)
    {
        if (rebuild->given.parts[i].is_column &&
            rebuild_same(rebuild->given.parts[i].name, name))
            return true;
    }
    return false;
}

/* Whether another assignment before this one renames the same column. */
static bool
is_taken(const Rebuild *rebuild, const RebuildAssignment *assignment)
{
    for (const RebuildAssignment *other = rebuild->assignments;
         other < assignment; other++)
    {
        if (other->renames && rebuild_same(other->source, assignment->source))
            return true;
    }
    return false;
}

/* Whether an assignment is a rename: the old name goes, the new one comes. */
static bool
is_rename(const Rebuild *rebuild, const RebuildAssignment *assignment)
{
    const RebuildTable *before = &rebuild->before;

    return assignment->source.data != NULL &&
           rebuild_find_column(before, assignment->source) != NO_COLUMN &&
           rebuild_find_column(before, assignment->name) == NO_COLUMN &&
           !will_have(rebuild, assignment->source) &&
           !is_taken(rebuild, assignment);
}

/* Fail for an assignment to a column that there will not be, or that is
 * computed. */
static void
require_assignable(Rebuild *rebuild, const RebuildAssignment *assignment)
{
    for (size_t i = 0; i < rebuild->given.part_count; i++)
    {
        const RebuildPart *part = &rebuild->given.parts[i];

        if (!part->is_column || !rebuild_same(part->name, assignment->name))
            continue;
        if (part->generated.data != NULL && assignment->source.data == NULL)
            (void) mig_fail(rebuild->error, MIG_INVALID,
                            "the mapping gives column \"%.*s\" a value, and "
                            "the new definition computes it",
                            (int) assignment->name.length,
                            assignment->name.data);
        return;
    }
    (void) mig_fail(rebuild->error, MIG_UNKNOWN,
                    "the mapping gives column \"%.*s\" a value, which the new "
                    "definition does not have",
                    (int) assignment->name.length, assignment->name.data);
}

void
rebuild_plan_renames(Rebuild *rebuild)
{
    for (size_t i = 0;
         i < rebuild->assignment_count && rebuild->error->status == MIG_OK; i++)
    {
        RebuildAssignment *assignment = &rebuild->assignments[i];

        require_assignable(rebuild, assignment);
        assignment->renames = is_rename(rebuild, assignment);
    }
}

const RebuildAssignment *
rebuild_find_assignment(const Rebuild *rebuild, MigBytes name)
{
    const RebuildAssignment *found = find_assignment(rebuild, name);

    if (found == NULL || found->renames ||
        (found->source.data != NULL && rebuild_same(found->source, name) &&
         rebuild_find_column(&rebuild->old, name) != NO_COLUMN))
        return NULL;
    return found;
}

/* Whether two expressions, either of which may be absent, are the same. */
static bool
same_expression(MigBytes a, MigBytes b)
{
    if (a.data == NULL || b.data == NULL)
        return a.data == b.data;
    return rebuild_same_tokens(a, b);
}

bool
rebuild_same_default(const RebuildColumn *a, const RebuildColumn *b)
{
    if (a->default_value.data == NULL || b->default_value.data == NULL)
        return a->default_value.data == b->default_value.data;
    return mig_bytes_equal(a->default_value, b->default_value);
}

/* Whether a column is stored, and compared, in the same way in two tables. */
static bool
same_column(const RebuildTable *a, const RebuildColumn *left,
            const RebuildTable *b, const RebuildColumn *right)
{
    return left->hidden == right->hidden &&
           rebuild_affinity(a, left) == rebuild_affinity(b, right) &&
           rebuild_same(left->collation, right->collation) &&
           same_expression(left->part->generated, right->part->generated);
}

bool
rebuild_column_stays(const Rebuild *rebuild, size_t wanted)
{
    const RebuildColumn *column = &rebuild->wanted.columns[wanted];
    size_t at = rebuild_find_column(&rebuild->old, column->name);

    return at != NO_COLUMN &&
           rebuild_find_assignment(rebuild, column->name) == NULL &&
           same_column(&rebuild->old, &rebuild->old.columns[at],
                       &rebuild->wanted, column);
}

bool
rebuild_may_edit(const Rebuild *rebuild, const RebuildTable *table)
{
    const RebuildTable *wanted = &rebuild->wanted;

    if (table->count != wanted->count || table->alias != wanted->alias ||
        table->definition.without_rowid != wanted->definition.without_rowid ||
        !mig_bytes_equal(table->indexes, wanted->indexes))
        return false;
    for (size_t i = 0; i < wanted->count; i++)
    {
        if (!rebuild_same(table->columns[i].name, wanted->columns[i].name) ||
            table->columns[i].key != wanted->columns[i].key ||
            !same_column(table, &table->columns[i], wanted,
                         &wanted->columns[i]) ||
            rebuild_find_assignment(rebuild, wanted->columns[i].name) != NULL)
            return false;
    }
    return true;
}

/* Whether old rows would read the default of an added column as it is stored:
 * the library gives TRUE and FALSE no affinity there. */
static bool
is_read_as_stored(const RebuildTable *table, const RebuildColumn *column)
{
    return column->default_value.data == NULL ||
           strchr("INB", rebuild_affinity(table, column)) != NULL ||
           !(rebuild_is(column->default_value, "true") ||
             rebuild_is(column->default_value, "false"));
}

bool
rebuild_may_alter(const Rebuild *rebuild, size_t *dropped, size_t *added)
{
    const RebuildTable *old = &rebuild->old;
    const RebuildTable *wanted = &rebuild->wanted;
    size_t at = 0;

    *dropped = NO_COLUMN;
    for (size_t i = 0; i < old->count; i++)
    {
        if (at < wanted->count && rebuild_column_stays(rebuild, at) &&
            rebuild_same(old->columns[i].name, wanted->columns[at].name))
            at++;
        else if (*dropped == NO_COLUMN)
            *dropped = i;
        else
            return false;
    }
    *added = at;
    for (; at < wanted->count; at++)
    {
        if (rebuild_find_column(old, wanted->columns[at].name) != NO_COLUMN ||
            rebuild_find_assignment(rebuild, wanted->columns[at].name) !=
                NULL ||
            !is_read_as_stored(wanted, &wanted->columns[at]))
            return false;
    }
    return old->alias == wanted->alias &&
           old->definition.without_rowid == wanted->definition.without_rowid &&
           (*dropped != NO_COLUMN || *added < wanted->count);
}

/* What becomes of a column's values, where it is a loss; NULL where it is none.
 */
static const char *
column_loss(const Rebuild *rebuild, const RebuildColumn *column)
{
    size_t at = rebuild_find_column(&rebuild->wanted, column->name);
    char affinity;

    /* What is computed from others is not lost. */
    if (column->hidden != 0)
        return NULL;
    if (at == NO_COLUMN)
        return "leaves out";
    affinity = rebuild_affinity(&rebuild->wanted, &rebuild->wanted.columns[at]);
    return affinity != 'B' &&
                   affinity != rebuild_affinity(&rebuild->old, column)
               ? "changes the type of"
               : NULL;
}

void
rebuild_require_kept(Rebuild *rebuild)
{
    if (!rebuild->mig->host->session->guarded)
        return;
    for (size_t i = 0; i < rebuild->old.count; i++)
    {
        const RebuildColumn *column = &rebuild->old.columns[i];
        const char *loss = column_loss(rebuild, column);

        if (rebuild->error->status != MIG_OK || loss == NULL ||
            rebuild_integer(rebuild,
                            rebuild_format(rebuild,
                                           "SELECT EXISTS (SELECT 1 FROM %s)",
                                           rebuild->table),
                            0) == 0)
            continue;
        (void) mig_fail(rebuild->error, MIG_STATE,
                        "it %s column \"%.*s\" of table \"%s\", which has "
                        "rows, and the environment is protected",
                        loss, (int) column->name.length, column->name.data,
                        rebuild->name.data);
        mig_fail_hint(rebuild->error, MIG_GUARD_HINT);
        return;
    }
}
