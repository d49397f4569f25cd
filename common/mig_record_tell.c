#include "mig_record_parts.h"

#include "mig_objects.h"
#include "mig_setting.h"
#include "mig_write.h"

/* ---- What differs from the record ---------------------------------------- */

/* An object as it is recorded, and as it is. */
typedef struct Sides
{
    MigObjects recorded;
    MigObjects present;
} Sides;

/* Take both definitions of an object that differs, each where there is one. */
static void
take_sides(const MigRecord *record, const MigKnownObject *drifted, Sides *sides)
{
    MigError *error = record->mig->error;
    MigObject object = drifted->object;
    const MigKnownObject *present;

    object.table = drifted->parent;
    present = mig_object_map_find(&record->present, &object);
    if (object.definition.data != NULL)
        (void) mig_objects_add(&sides->recorded, &object, error);
    if (present != NULL)
        (void) mig_objects_add(&sides->present, &present->object, error);
}

int64_t
mig_record_differences(Mig *mig, MigDifferenceFunction emit, void *context)
{
    MigArena arena = {mig->host, NULL};
    Sides sides = {{&arena, NULL, 0, 0}, {&arena, NULL, 0, 0}};
    const MigRecord *record = mig->record;
    int64_t count = 0;

    if (record == NULL || !record->ready || !mig_ok(mig))
        return 0;
    for (size_t i = 0; i < record->drifted.bucket_count; i++)
    {
        for (const MigKnownObject *known = record->drifted.buckets[i];
             known != NULL && mig_ok(mig); known = known->next)
        {
            if (known->listing != MIG_RECORD_SETTLED)
                take_sides(record, known, &sides);
        }
    }
    if (mig_ok(mig))
        count = mig_objects_compare(&sides.recorded, &sides.present, emit,
                                    context, mig->error);
    mig_arena_release(&arena);
    return count;
}

/* ---- What no migration of the project has made --------------------------- */

/* What the project's migrations have made, found by their names. */
typedef struct Made
{
    Mig *mig;
    MigArena arena;
    MigObjectMap names;
} Made;

/* Take what changes have made that is no part of another object. */
static void
take_made(Made *made, const MigChanges *changes)
{
    for (size_t i = 0; i < changes->count && mig_ok(made->mig); i++)
    {
        const MigChange *change = &changes->items[i];
        MigObject object = {change->kind, change->identity, {NULL, 0}, {"", 0}};

        if (change->parent.data == NULL && change->before.data == NULL)
            mig_object_map_take(&made->names, &object, NULL, made->mig->error);
    }
}

/* A MigRowFunction: a delta of one of them. */
static MigStatus
take_delta(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    Made *made = context;
    MigChanges changes = {&made->arena, NULL, 0, 0};
    MigBytes canon;

    (void) count;
    mig_delta_read(made->mig, mig_copy(&made->arena, columns[0].bytes, error),
                   &canon, &changes);
    /* One that cannot be read tells nothing. */
    if (error->status == MIG_CORRUPT)
        mig_error_clear(error);
    take_made(made, &changes);
    return error->status;
}

/* Read the deltas that are written, and those that are put off. */
static void
read_made(Made *made)
{
    Mig *mig = made->mig;
    const MigQueue *queue = mig->queue;
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(mig->settings->target)};

    (void) mig->host->methods->query(mig->host, MIG_SQL_DELTA_OBJECTS,
                                     arguments, 2, take_delta, made,
                                     mig->error);
    for (size_t i = 0; queue != NULL && i < queue->count && mig_ok(mig); i++)
    {
        if (queue->items[i].sql == MIG_SQL_DELTA_INSERT)
            (void) take_delta(made, &queue->items[i].arguments[4], 1,
                              mig->error);
    }
}

int64_t
mig_record_others(Mig *mig, const MigRecorded *recorded,
                  MigDifferenceFunction emit, void *context)
{
    Made made = {.mig = mig, .arena = {mig->host, NULL}};
    MigObjects none = {&made.arena, NULL, 0, 0};
    MigObjects others = {&made.arena, NULL, 0, 0};
    const MigRecord *record = mig->record;
    int64_t count = 0;

    if (record == NULL || !record->ready || !mig_ok(mig))
        return 0;
    made.names.arena = &made.arena;
    read_made(&made);
    take_made(&made, &recorded->changes);
    for (size_t i = 0; i < record->present.bucket_count; i++)
    {
        for (const MigKnownObject *known = record->present.buckets[i];
             known != NULL && mig_ok(mig); known = known->next)
        {
            if (known->object.table.data == NULL &&
                !mig_record_is_furniture(&known->object) &&
                !mig_record_lacks(record, &known->object) &&
                mig_object_map_find(&made.names, &known->object) == NULL)
                (void) mig_objects_add(&others, &known->object, mig->error);
        }
    }
    if (mig_ok(mig))
        count = mig_objects_compare(&none, &others, emit, context, mig->error);
    mig_arena_release(&made.arena);
    return count;
}
