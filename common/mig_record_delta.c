#include "mig_record_parts.h"

#include "mig_setting.h"
#include "mig_write.h"

/* What a row of migrate_delta is found by, but for its number. */
static void
take_key(const Mig *mig, MigBytes version, MigValue key[3])
{
    key[0] = mig_text_value(mig->settings->project);
    key[1] = mig_text_value(mig->settings->target);
    key[2] = mig_text_value(version);
}

void
mig_recorded_keep(Mig *mig, MigRecorded *recorded, MigBytes version,
                  int64_t seq)
{
    MigValue arguments[5];

    if (!recorded->known || recorded->changes.count == 0 || !mig_ok(mig))
        return;
    take_key(mig, version, arguments);
    arguments[3] = mig_integer(seq);
    arguments[4] = mig_text_value(
        recorded->delta.data != NULL
            ? recorded->delta
            : mig_delta_write(mig, &recorded->arena, &recorded->changes));
    mig_write(mig, MIG_SQL_DELTA_INSERT, arguments, 5);
}

/* Deltas becoming one: objects as they were before the oldest, and as they are
 * behind the newest; without a definition where they are not. */
typedef struct Merging
{
    Mig *mig;
    MigArena *arena;
    MigObjectMap before;
    MigObjectMap after;
    MigBytes version;
    char canon[MIG_FINGERPRINT_SIZE];
    int64_t *numbers; /* of the rows that are merged */
    size_t count;
    size_t capacity;
} Merging;

/* Take the changes of a delta that is older than all that were taken. */
static void
take_older(Merging *merging, const MigChanges *changes)
{
    MigError *error = merging->mig->error;

    for (size_t i = 0; i < changes->count && error->status == MIG_OK; i++)
    {
        const MigChange *change = &changes->items[i];
        MigObject object = {change->kind, change->identity, change->parent,
                            change->after};

        if (mig_object_map_find(&merging->after, &object) == NULL)
            mig_object_map_take(&merging->after, &object, NULL, error);
        object.definition = change->before;
        mig_object_map_take(&merging->before, &object, NULL, error);
    }
}

/* A MigRowFunction: a delta, the newest first.  One that is written otherwise,
 * or cannot be read, stays a row of its own. */
static MigStatus
take_delta(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    Merging *merging = context;
    MigChanges changes = {merging->arena, NULL, 0, 0};
    int64_t *numbers;
    MigBytes canon;

    (void) count;
    mig_delta_read(merging->mig,
                   mig_copy(merging->arena, columns[1].bytes, error), &canon,
                   &changes);
    if (error->status == MIG_CORRUPT)
    {
        mig_error_clear(error);
        return MIG_OK;
    }
    if (error->status != MIG_OK ||
        !mig_bytes_equal(canon, mig_bytes(merging->canon)))
        return error->status;
    numbers =
        mig_array_reserve(merging->arena, merging->numbers, merging->count,
                          &merging->capacity, sizeof(int64_t), error);
    if (numbers == NULL)
        return error->status;
    merging->numbers = numbers;
    numbers[merging->count++] = columns[0].integer;
    take_older(merging, &changes);
    return error->status;
}

/* Whether two definitions are the same, also in whether they are. */
static bool
is_same(MigBytes a, MigBytes b)
{
    if (a.data == NULL || b.data == NULL)
        return a.data == b.data;
    return mig_bytes_equal(a, b);
}

/* Put what all deltas have changed in the place of what one has. */
static void
take_merged(const Merging *merging, MigChanges *changes)
{
    MigError *error = merging->mig->error;

    changes->count = 0;
    for (size_t i = 0; i < merging->before.bucket_count; i++)
    {
        for (const MigKnownObject *known = merging->before.buckets[i];
             known != NULL; known = known->next)
        {
            const MigKnownObject *after =
                mig_object_map_find(&merging->after, &known->object);
            MigChange change = {known->object.kind, known->object.identity,
                                known->object.table, known->object.definition,
                                after->object.definition};

            if (!is_same(change.before, change.after))
                mig_change_add(changes, &change, error);
        }
    }
}

/* Delete the rows of the deltas that were merged. */
static void
delete_merged(const Merging *merging)
{
    MigValue arguments[4];

    take_key(merging->mig, merging->version, arguments);
    for (size_t i = 0; i < merging->count; i++)
    {
        arguments[3] = mig_integer(merging->numbers[i]);
        mig_write(merging->mig, MIG_SQL_DELTA_REPLACE, arguments, 4);
    }
}

void
mig_recorded_merge(Mig *mig, MigRecorded *recorded, MigBytes version)
{
    Merging merging = {.mig = mig,
                       .arena = &recorded->arena,
                       .before = {.arena = &recorded->arena},
                       .after = {.arena = &recorded->arena},
                       .version = version};
    MigValue key[3];

    if (!recorded->known || !mig_ok(mig))
        return;
    mig->host->methods->canon(mig->host, merging.canon, sizeof(merging.canon));
    take_older(&merging, &recorded->changes);
    take_key(mig, version, key);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_DELTA_LIST, key, 3,
                                         take_delta, &merging, mig->error);
    if (!mig_ok(mig))
        return;
    delete_merged(&merging);
    take_merged(&merging, &recorded->changes);
    recorded->merged = merging.count > 0;
}

void
mig_recorded_forget(Mig *mig, MigBytes version)
{
    MigValue key[3];

    take_key(mig, version, key);
    if (mig_ok(mig) && mig_records(mig))
        mig_write(mig, MIG_SQL_DELTA_FORGET, key, 3);
}
