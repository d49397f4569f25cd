#include "mig_adopt_parts.h"

#include <stdlib.h>

/*
 * Whether the database is what the migrations make that the other tool has
 * applied: the one question that its history cannot answer.
 */

#define SHOWN_MAX ((size_t) 300) /* bytes of a definition in a message */

/* Migrations that are applied already, by the order of their application. */
static int
compare_applied(const void *a, const void *b)
{
    const MigEntry *const *one = a;
    const MigEntry *const *other = b;

    if ((*one)->repeatable != (*other)->repeatable)
        return (*one)->repeatable ? 1 : -1;
    return ((*one)->ordinal > (*other)->ordinal) -
           ((*one)->ordinal < (*other)->ordinal);
}

/* Say which tables are the tool's own; returns how many. */
static size_t
list_own(const MigHistory *history, MigTableName *names, size_t size)
{
    const MigOtherTool *tool = history->tool;
    MigBytes word;
    size_t at = 0;
    size_t count = 0;

    names[count].schema = history->schema;
    names[count].name = history->table;
    /* Without a name it is all of the schema, and the schema. */
    if (tool->own_schema != NULL &&
        mig_bytes_equal(history->schema, mig_bytes(tool->own_schema)))
        names[count].name = mig_bytes("");
    count++;
    if (history->lock_table.data != NULL)
    {
        names[count].schema = history->schema;
        names[count++].name = history->lock_table;
    }
    while (tool->own_tables != NULL && count < size &&
           mig_next_word(mig_bytes(tool->own_tables), &at, " ", &word))
    {
        names[count].schema = history->schema;
        names[count++].name = word;
    }
    return count;
}

/*
 * Leave out the checkpoints that stand behind others; returns how many entries
 * are left.  They were declared to be applied, not run: "atlas migrate set"
 * does so with all that it passes.
 */
static size_t
leave_declared(const MigEntry **entries, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
    {
        if (i == 0 || !entries[i]->checkpoint)
            entries[kept++] = entries[i];
    }
    return kept;
}

/* The migrations to be replayed, in the order of their application. */
static size_t
list_entries(const MigMatches *matches, const MigEntry **entries)
{
    const MigState *state = matches->state;
    size_t count = 0;

    for (size_t i = 0; i < state->count; i++)
    {
        if (state->entries[i].applied)
            entries[count++] = &state->entries[i];
    }
    if (count > 1)
        qsort(entries, count, sizeof(MigEntry *), compare_applied);
    for (size_t i = 0; i < matches->count; i++)
    {
        if (matches->items[i].left == NULL)
            entries[count++] = matches->items[i].entry;
    }
    return leave_declared(entries, count);
}

int64_t
mig_adopt_prove(Mig *mig, const MigMatches *matches, MigDifferenceFunction emit,
                void *context)
{
    MigTableName names[12];
    const MigEntry **entries = mig_alloc_array(
        mig->arena, matches->state->count + 1, sizeof(MigEntry *), mig->error);
    MigProof proof = {entries, 0, names, 0};

    if (!mig_ok(mig))
        return 0;
    proof.count = list_entries(matches, entries);
    proof.except_count =
        list_own(matches->history, names, sizeof(names) / sizeof(names[0]));
    return mig_proof(mig, &proof, emit, context);
}

/* The beginning of a definition. */
static MigBytes
shown(MigBytes definition)
{
    return mig_cut(definition, SHOWN_MAX);
}

const char *
mig_difference_text(Mig *mig, const MigDifference *difference)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    const char *change = difference->change;

    if (strcmp(change, MIG_DIFFERENCE_UNPROVED) == 0)
    {
        mig_text_append_string(&text, "cannot be replayed: ");
        /* All of it: what to do stands at its end. */
        mig_text_append(&text, difference->actual);
        return mig_text_bytes(&text).data;
    }
    mig_text_append(&text, difference->kind);
    mig_text_append_string(&text, " ");
    mig_text_append(&text, shown(difference->object));
    if (strcmp(change, MIG_DIFFERENCE_MISSING) == 0)
        mig_text_append_string(&text, " is made by the migrations, and is not "
                                      "in the database");
    else if (strcmp(change, MIG_DIFFERENCE_EXTRA) == 0)
        mig_text_append_string(&text, " is in the database, and no migration "
                                      "makes it");
    else
    {
        mig_text_append_string(&text, " is: ");
        mig_text_append(&text, shown(difference->actual));
        mig_text_append_string(&text, "; the migrations make it: ");
        mig_text_append(&text, shown(difference->expected));
    }
    return mig_text_bytes(&text).data;
}
