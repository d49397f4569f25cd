#include "mig_record_parts.h"

/*
 * A record of another way of writing: the engine's major version is another one
 * now, or the extension writes definitions otherwise.  Texts cannot be compared
 * then; what was added or removed as a whole can be told by its name.
 */

/* Sides on which an object is found alone. */
#define ADDED "added"
#define REMOVED "removed"

/*
 * Kinds of what is told: what every version lists, by a name that somebody has
 * given it.  Not parts of a table but its indexes: constraints, columns,
 * triggers, comments and privileges may be listed in more cases by the next
 * major version, as NOT NULL has become a constraint, and would be drift that
 * nobody has made.
 */
bool
mig_record_outlasts(MigBytes kind)
{
    static const char *const kinds[] = {"schema",
                                        "table",
                                        "foreign table",
                                        "view",
                                        "materialized view",
                                        "index",
                                        "type",
                                        "enum",
                                        "domain",
                                        "range",
                                        "sequence",
                                        "function",
                                        "procedure",
                                        "aggregate"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    {
        if (mig_bytes_equal(kind, mig_bytes(kinds[i])))
            return true;
    }
    return false;
}

/* What differs, while it is divided into what stays and what does not. */
typedef struct Paring
{
    MigRecord *record;
    MigObjectMap names; /* of what is there, whatever it is a part of */
    MigObjectMap alone; /* what only one side has; the kind says which */
    MigObjectMap kept;
} Paring;

/* Note the names of what is there. */
static void
note_names(Paring *paring)
{
    const MigObjectMap *present = &paring->record->present;

    for (size_t i = 0; i < present->bucket_count; i++)
    {
        for (const MigKnownObject *known = present->buckets[i]; known != NULL;
             known = known->next)
        {
            MigObject name = {
                known->object.kind, known->object.identity, {NULL, 0}, {"", 0}};

            mig_object_map_take(&paring->names, &name, NULL,
                                paring->record->mig->error);
        }
    }
}

/* The side that has an object alone; NULL when both have it. */
static const char *
side_of(const Paring *paring, const MigKnownObject *drifted)
{
    if (drifted->object.definition.data == NULL)
        return ADDED;
    return mig_object_map_find(&paring->names, &drifted->object) == NULL
               ? REMOVED
               : NULL;
}

/* Keep an object that differs. */
static void
keep(Paring *paring, const MigKnownObject *drifted)
{
    MigError *error = paring->record->mig->error;
    MigKnownObject *kept;

    mig_object_map_take(&paring->kept, &drifted->object, NULL, error);
    kept = mig_object_map_find(&paring->kept, &drifted->object);
    if (kept != NULL)
        kept->parent = drifted->parent;
}

/* Keep an object that is told; or, when all those are, what is a part of one.
 */
static void
keep_if_alone(Paring *paring, const MigKnownObject *drifted, bool parts)
{
    const char *side = side_of(paring, drifted);
    MigObject root = {mig_bytes(side),
                      parts ? drifted->parent : drifted->object.identity,
                      {NULL, 0},
                      {"", 0}};

    if (side == NULL)
        return;
    if (parts)
    {
        if (root.identity.data != NULL &&
            mig_object_map_find(&paring->alone, &root) != NULL)
            keep(paring, drifted);
        return;
    }
    if (!mig_record_outlasts(drifted->object.kind))
        return;
    mig_object_map_take(&paring->alone, &root, NULL,
                        paring->record->mig->error);
    keep(paring, drifted);
}

void
mig_record_pare(MigRecord *record)
{
    MigArena *arena = &record->arena;
    Paring paring = {.record = record,
                     .names = {.arena = arena},
                     .alone = {.arena = arena},
                     .kept = {.arena = arena}};

    note_names(&paring);
    for (int parts = 0; parts < 2; parts++)
    {
        for (size_t i = 0; i < record->drifted.bucket_count; i++)
        {
            for (const MigKnownObject *known = record->drifted.buckets[i];
                 known != NULL && mig_ok(record->mig); known = known->next)
                keep_if_alone(&paring, known, parts == 1);
        }
    }
    record->drifted = paring.kept;
}
