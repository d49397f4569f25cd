#include "mig_record_parts.h"

/*
 * Drift of what a migration renames
 *
 * An object that differs from the record is known by its name.  The engine has
 * a number for it too, which it keeps when it is renamed; the numbers behind a
 * migration are compared with those before it.  What is recorded of an object
 * goes with it to its new name, and so does what is recorded of its parts, and
 * of what mentions it, with the names exchanged: unless the migration has
 * changed more of it than names.
 */

/* Whether two texts are the same, also in whether they are. */
static bool
is_same(MigBytes a, MigBytes b)
{
    if (a.data == NULL || b.data == NULL)
        return a.data == b.data;
    return mig_bytes_equal(a, b);
}

/* ---- Numbers ------------------------------------------------------------- */

/* Numbers being listed. */
typedef struct Numbering
{
    MigRecord *record;
    MigChanges *changes;
} Numbering;

/* A MigObjectFunction of list_numbers(): what is found by its number changes
 * when it has another name. */
static MigStatus
take_number(void *context, const MigObject *object, MigError *error)
{
    Numbering *numbering = context;
    MigObject entry = {
        object->kind, object->definition, {NULL, 0}, object->identity};

    mig_object_map_take(&numbering->record->numbers, &entry, numbering->changes,
                        error);
    return error->status;
}

/* List all numbers; changes, where they are wanted, get what is told of
 * another name than before.  Returns whether anything can have been renamed. */
static bool
list_numbers(MigRecord *record, MigChanges *changes)
{
    Mig *mig = record->mig;
    Numbering numbering = {record, changes};
    const MigBytes none = {NULL, 0};
    bool renamed = false;

    mig_object_map_begin(&record->numbers);
    if (mig_ok(mig))
        (void) mig->host->methods->list_numbers(mig->host, &record->scope,
                                                &renamed, take_number,
                                                &numbering, mig->error);
    if (mig_ok(mig))
        mig_object_map_sweep(&record->numbers, none, NULL, mig->error);
    return renamed && mig_ok(mig);
}

void
mig_record_number(MigRecord *record)
{
    if (record->numbered || record->drifted.count == 0 ||
        record->mig->host->methods->list_numbers == NULL)
        return;
    memset(&record->numbers, 0, sizeof(record->numbers));
    record->numbers.arena = &record->arena;
    (void) list_numbers(record, NULL);
    record->numbered = mig_ok(record->mig);
}

/* ---- Where an object is now ---------------------------------------------- */

/* One that differs from the record. */
typedef struct Followed
{
    MigKnownObject *drifted;
    MigObject now;   /* as it is, with what is to be recorded of it */
    MigBytes parent; /* what it is recorded as a part of; else as it is */
    bool kept;       /* it stays drift; else what is there is recorded */
} Followed;

struct MigFollowing
{
    MigRecord *record;
    MigArena *arena;
    MigRenames renames;
    MigObjectMap before; /* of what has changed: as it was; parts of nothing, as
                            are the next */
    MigObjectMap made;   /* what was not there before */
    MigObjectMap stays;  /* what a hand has made, and has other names in it now
                          */
    MigObjectMap hands;  /* what has a part that no migration has made */
    Followed *items;
    size_t count;
    size_t capacity;
    Followed *changed; /* what a hand has made, and the migration changed */
    size_t changed_count;
    size_t changed_capacity;
};

/* What a map has of an object, whatever it is a part of. */
static MigKnownObject *
find_alone(const MigObjectMap *map, const MigObject *object)
{
    MigObject key = {object->kind, object->identity, {NULL, 0}, {NULL, 0}};

    return mig_object_map_find(map, &key);
}

/* Take the changes, each as what it was before. */
static void
take_changes(MigFollowing *following, const MigChanges *changes)
{
    MigError *error = following->record->mig->error;

    for (size_t i = 0; i < changes->count && error->status == MIG_OK; i++)
    {
        const MigChange *change = &changes->items[i];
        MigObject object = {
            change->kind, change->identity, {NULL, 0}, change->before};
        MigObjectMap *map =
            change->before.data == NULL ? &following->made : &following->before;
        MigKnownObject *known;

        mig_object_map_take(map, &object, NULL, error);
        known = find_alone(map, &object);
        if (known != NULL)
            known->parent = change->parent;
    }
}

/* Note an object; what it was a part of must not be the same as now. */
static void
add_item(MigFollowing *following, const Followed *item)
{
    MigError *error = following->record->mig->error;
    Followed *items =
        mig_array_reserve(following->arena, following->items, following->count,
                          &following->capacity, sizeof(Followed), error);
    MigObject root = {mig_bytes(""), item->now.table, {NULL, 0}, {"", 0}};

    if (items == NULL)
        return;
    following->items = items;
    items[following->count++] = *item;
    if (item->kept && item->now.definition.data == NULL &&
        item->now.table.data == NULL &&
        is_same(item->now.identity, item->drifted->object.identity))
        mig_object_map_take(&following->stays, &item->now, NULL, error);
    if (item->kept && item->now.definition.data == NULL &&
        item->now.table.data != NULL && mig_object_is_structure(&item->now))
        mig_object_map_take(&following->hands, &root, NULL, error);
}

/* Note what a hand has made that the migration has changed. */
static void
add_changed(MigFollowing *following, const Followed *item)
{
    Followed *items = mig_array_reserve(
        following->arena, following->changed, following->changed_count,
        &following->changed_capacity, sizeof(Followed),
        following->record->mig->error);

    if (items == NULL)
        return;
    following->changed = items;
    items[following->changed_count++] = *item;
}

/* What an object was a part of is called so now; absent for what is no part. */
static MigBytes
table_now(const MigFollowing *following, MigBytes table)
{
    return table.data == NULL ? table
                              : mig_renames_root(&following->renames, table);
}

/* An object that is there now, and a part of one of two; NULL: none. */
static const MigKnownObject *
find_now(const MigFollowing *following, const MigObject *object,
         MigBytes identity)
{
    MigObject key = *object;
    const MigKnownObject *known;

    key.identity = identity;
    key.table = table_now(following, object->table);
    known = mig_object_map_find(&following->record->present, &key);
    key.table = object->table;
    return known != NULL
               ? known
               : mig_object_map_find(&following->record->present, &key);
}

/* What an object that was there has become; NULL: it was dropped. */
static const MigKnownObject *
find_object(MigFollowing *following, const MigObject *was)
{
    MigBytes identity =
        mig_renames_find(&following->renames, was->kind, was->identity);
    const MigKnownObject *known;

    if (identity.data != NULL)
        return find_now(following, was, identity);
    identity = mig_renames_identity(&following->renames, was);
    known = find_now(following, was, identity);
    if (known == NULL)
        known = find_now(following, was, was->identity);
    if (known == NULL || !is_same(known->object.identity, was->identity))
        return known;
    /* It may be another that has its name now. */
    return is_same(known->object.table, was->table) &&
                   mig_renames_arrived(&following->renames, was)
               ? NULL
               : known;
}

/* ---- What is recorded of it ---------------------------------------------- */

/* What is recorded of an object, with the names exchanged; that must not make
 * it what is there, as if nobody had changed it. */
static MigBytes
expected_now(MigFollowing *following, const MigObject *recorded,
             const MigObject *was, MigBytes now)
{
    MigBytes text =
        mig_renames_text(&following->renames, recorded, was->definition, now);

    return is_same(text, now) ? recorded->definition : text;
}

/* Follow an object that is there, or was before the migration. */
static void
follow_present(MigFollowing *following, MigKnownObject *drifted,
               const MigObject *was)
{
    const MigKnownObject *known = find_object(following, was);
    MigObject recorded = drifted->object;
    Followed item = {drifted, recorded, {NULL, 0}, false};
    bool moved;

    recorded.table = drifted->parent;
    if (known == NULL)
    {
        if (mig_renames_arrived(&following->renames, was))
            add_item(following, &item);
        return;
    }
    item.now = known->object;
    item.parent = recorded.definition.data == NULL
                      ? item.now.table
                      : table_now(following, drifted->parent);
    moved = !is_same(item.now.identity, was->identity) ||
            !is_same(item.now.table, was->table);
    item.kept =
        mig_renames_explain(&following->renames, was, item.now.definition);
    if (item.kept)
        item.now.definition =
            recorded.definition.data == NULL
                ? recorded.definition
                : expected_now(following, &recorded, was, item.now.definition);
    else if (moved && recorded.definition.data == NULL &&
             was->table.data == NULL)
        add_changed(following, &item);
    if (item.kept ? moved || find_alone(&following->before, was) != NULL ||
                        !is_same(item.now.definition, recorded.definition)
                  : moved)
        add_item(following, &item);
}

/* Follow an object that a hand has removed. */
static void
follow_removed(MigFollowing *following, MigKnownObject *drifted)
{
    MigObject recorded = drifted->object;
    Followed item = {drifted, recorded, {NULL, 0}, true};
    const MigBytes absent = {NULL, 0};
    bool moved;

    recorded.table = drifted->parent;
    item.now.identity = mig_renames_identity(&following->renames, &recorded);
    item.now.table = table_now(following, recorded.table);
    item.parent = item.now.table;
    moved = !is_same(item.now.identity, recorded.identity) ||
            !is_same(item.now.table, recorded.table);
    item.kept =
        mig_object_map_find(&following->record->present, &item.now) == NULL;
    if (!moved && mig_renames_arrived(&following->renames, &recorded))
        item.kept = false;
    else if (!moved && !item.kept)
        return;
    if (item.kept)
        item.now.definition =
            mig_renames_text(&following->renames, &recorded, absent, absent);
    if (!item.kept || moved ||
        !is_same(item.now.definition, recorded.definition))
        add_item(following, &item);
}

/* Follow one that differs from the record. */
static void
follow(MigFollowing *following, MigKnownObject *drifted)
{
    MigObject was = drifted->object;
    const MigKnownObject *known = find_alone(&following->before, &was);

    was.table = drifted->parent;
    if (known != NULL)
        was.table = known->parent;
    else if (find_alone(&following->made, &was) == NULL)
        known = mig_object_map_find(&following->record->present, &was);
    if (known == NULL)
    {
        follow_removed(following, drifted);
        return;
    }
    was.definition = known->object.definition;
    follow_present(following, drifted, &was);
}

/* What a hand has made stays its own, with its new name, while any part of it
 * is; the same as in mig_record_changes.c. */
static void
keep_changed(MigFollowing *following)
{
    for (size_t i = 0; i < following->changed_count; i++)
    {
        Followed item = following->changed[i];
        MigObject root = {mig_bytes(""), item.now.identity, {NULL, 0}, {"", 0}};

        item.kept = true;
        item.now.definition.data = NULL;
        item.now.definition.length = 0;
        if (mig_object_map_find(&following->hands, &root) != NULL)
            add_item(following, &item);
    }
}

/* Whether anything was there before; what has been made is not renamed. */
static bool
is_any_changed(const MigChanges *changes)
{
    size_t i = 0;

    while (i < changes->count && changes->items[i].before.data == NULL)
        i++;
    return i < changes->count;
}

/* Find what was renamed; false when nothing was. */
static bool
find_renamed(MigFollowing *following)
{
    MigRecord *record = following->record;
    MigChanges numbers = {following->arena, NULL, 0, 0};

    if (!list_numbers(record, &numbers))
        return false;
    mig_renames_open(&following->renames, following->arena, record->mig->error);
    for (size_t i = 0; i < numbers.count && mig_ok(record->mig); i++)
    {
        const MigChange *number = &numbers.items[i];

        if (number->before.data != NULL && number->after.data != NULL)
            mig_renames_add(&following->renames, number->kind, number->before,
                            number->after);
    }
    return mig_ok(record->mig) && mig_renames_any(&following->renames);
}

MigFollowing *
mig_record_follow(MigRecord *record, MigRecorded *recorded)
{
    MigArena *arena = &recorded->arena;
    MigFollowing *following;

    if (!mig_ok(record->mig) || !record->numbered ||
        !is_any_changed(&recorded->changes))
        return NULL;
    following = mig_alloc(arena, sizeof(*following), record->mig->error);
    if (following == NULL)
        return NULL;
    following->record = record;
    following->arena = arena;
    following->before.arena = arena;
    following->made.arena = arena;
    following->stays.arena = arena;
    following->hands.arena = arena;
    if (!find_renamed(following))
    {
        mig_renames_close(&following->renames);
        return NULL;
    }
    take_changes(following, &recorded->changes);
    for (size_t i = 0; i < record->drifted.bucket_count; i++)
    {
        for (MigKnownObject *known = record->drifted.buckets[i];
             known != NULL && mig_ok(record->mig); known = known->next)
        {
            if (known->listing != MIG_RECORD_SETTLED)
                follow(following, known);
        }
    }
    if (mig_ok(record->mig))
        keep_changed(following);
    return following;
}

/* ---- Into the record ----------------------------------------------------- */

/* Record under the name that an object had what has that name now, if anything
 * has. */
static void
leave(MigRecord *record, const Followed *item)
{
    MigObject was = item->drifted->object;
    MigChange change = {was.kind,
                        was.identity,
                        item->drifted->parent,
                        was.definition,
                        {NULL, 0}};
    const MigKnownObject *known;

    was.table = item->drifted->parent;
    known = mig_object_map_find(&record->present, &was);
    if (known != NULL)
        change.after = known->object.definition;
    if (item->drifted->listing != MIG_RECORD_SETTLED)
        mig_record_change(record, &change);
}

/* Record of an object what is expected of it under its name now. */
static void
expect(MigRecord *record, const MigObject *now, MigBytes parent)
{
    Mig *mig = record->mig;
    MigKnownObject *drifted = mig_record_find_drifted(record, now);
    const MigKnownObject *known = mig_object_map_find(&record->present, now);
    MigObject alone = {now->kind, now->identity, {NULL, 0}, now->definition};
    MigObject current = *now;
    MigChange change = {
        now->kind, now->identity, parent, {NULL, 0}, now->definition};

    current.definition.data = NULL;
    if (drifted != NULL)
        current.definition = drifted->object.definition;
    else if (known != NULL)
        current.definition = known->object.definition;
    if (current.definition.data != NULL)
        mig_record_sum(mig, &record->recorded, &current, false);
    if (now->definition.data != NULL)
        mig_record_sum(mig, &record->recorded, now, true);
    mig_record_write(mig, &change);
    record->unsaved = true;
    mig_object_map_take(&record->drifted, &alone, NULL, mig->error);
    drifted = mig_object_map_find(&record->drifted, &alone);
    if (drifted != NULL)
        drifted->parent = mig_copy(&record->arena, parent, mig->error);
}

bool
mig_record_stays(const MigFollowing *following, const MigChange *change)
{
    MigObject object = {change->kind, change->identity, {NULL, 0}, {NULL, 0}};

    return following != NULL &&
           mig_object_map_find(&following->stays, &object) != NULL;
}

void
mig_record_followed(MigFollowing *following)
{
    MigRecord *record;

    if (following == NULL)
        return;
    record = following->record;
    for (size_t i = 0; i < following->count && mig_ok(record->mig); i++)
    {
        const Followed *item = &following->items[i];

        if (!item->kept ||
            !is_same(item->now.identity, item->drifted->object.identity))
            leave(record, item);
    }
    for (size_t i = 0; i < following->count && mig_ok(record->mig); i++)
    {
        if (following->items[i].kept)
            expect(record, &following->items[i].now,
                   following->items[i].parent);
    }
    mig_renames_close(&following->renames);
}
