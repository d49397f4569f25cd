#include "mig_record_parts.h"

#include "mig_chain.h"
#include "mig_setting.h"
#include "mig_slice.h"
#include "mig_write.h"

#define SCHEMA_LINE "schema: " /* of an event's detail */
#define STRUCTURE_LINE "structure: "
#define DELTA_LINE "delta: "

/* ---- What a step has changed ----------------------------------------------
 */

/* Roots that may have changed, and what has. */
typedef struct Finding
{
    MigRecord *record;
    MigRecorded *recorded;
    MigBytes *roots;
    size_t root_count;
    size_t root_capacity;
} Finding;

/* A MigRootFunction. */
static MigStatus
take_root(void *context, MigBytes identity, MigError *error)
{
    Finding *finding = context;
    MigArena *arena = &finding->recorded->arena;
    MigBytes *roots =
        mig_array_reserve(arena, finding->roots, finding->root_count,
                          &finding->root_capacity, sizeof(MigBytes), error);

    if (roots == NULL)
        return error->status;
    finding->roots = roots;
    roots[finding->root_count++] = mig_copy(arena, identity, error);
    return error->status;
}

/* A MigObjectFunction: an object as it is now. */
static MigStatus
take_changed(void *context, const MigObject *object, MigError *error)
{
    Finding *finding = context;

    mig_object_map_take(&finding->record->present, object,
                        &finding->recorded->changes, error);
    return error->status;
}

/* Bring what is known to be there up to date. */
static void
find_changes(Finding *finding)
{
    MigRecord *record = finding->record;
    Mig *mig = record->mig;
    const MigHostMethods *methods = mig->host->methods;
    MigChanges *changes = &finding->recorded->changes;
    const MigBytes none = {NULL, 0};
    bool all = record->whole || methods->list_changes == NULL;

    mig_object_map_begin(&record->present);
    if (all)
        (void) methods->list_objects(mig->host, &record->scope, take_changed,
                                     finding, mig->error);
    else
        (void) methods->list_changes(mig->host, &record->scope, &all, take_root,
                                     take_changed, finding, mig->error);
    record->whole = false;
    if (mig_ok(mig) && all)
        mig_object_map_sweep(&record->present, none, changes, mig->error);
    for (size_t i = 0; i < finding->root_count && mig_ok(mig) && !all; i++)
        mig_object_map_sweep(&record->present, finding->roots[i], changes,
                             mig->error);
}

/* Whether there is a definition; then the object with it. */
static bool
with_definition(const MigChange *change, MigBytes definition, MigObject *object)
{
    object->kind = change->kind;
    object->identity = change->identity;
    object->table = change->parent;
    object->definition = definition;
    return definition.data != NULL;
}

/* Bring the sum of what is there up to date. */
static void
count_structure(MigRecord *record, const MigChange *change)
{
    MigObject object;

    (void) with_definition(change, change->before, &object);
    if (!mig_object_is_structure(&object))
        return;
    if (change->before.data != NULL)
        mig_record_sum(record->mig, &record->structure, &object, false);
    if (with_definition(change, change->after, &object))
        mig_record_sum(record->mig, &record->structure, &object, true);
}

void
mig_record_change(MigRecord *record, const MigChange *change)
{
    Mig *mig = record->mig;
    MigBytes expected = change->before;
    MigKnownObject *drifted;
    MigObject object;

    (void) with_definition(change, change->before, &object);
    drifted = mig_record_find_drifted(record, &object);
    if (drifted != NULL)
    {
        expected = drifted->object.definition;
        drifted->listing = MIG_RECORD_SETTLED;
    }
    if (with_definition(change, expected, &object))
        mig_record_sum(mig, &record->recorded, &object, false);
    if (with_definition(change, change->after, &object))
        mig_record_sum(mig, &record->recorded, &object, true);
    mig_record_write(mig, change);
    record->unsaved = true;
}

/*
 * Whether a hand has made what a change is of, and the change leaves a part of
 * it as it was: a table that was altered, say.  That stays drift until it is
 * accepted; what was made anew as a whole is the migration's.
 */
static bool
is_anothers(const MigRecord *record, const MigChange *change)
{
    const MigKnownObject *part = NULL;
    MigObject object;

    (void) with_definition(change, change->before, &object);
    if (object.table.data != NULL || change->before.data == NULL ||
        !mig_record_lacks(record, &object))
        return false;
    do
        part =
            mig_object_map_next_part(&record->present, change->identity, part);
    while (part != NULL && !(mig_object_is_structure(&part->object) &&
                             mig_record_lacks(record, &part->object)));
    return part != NULL;
}

/* Put what is a part of an object, and of the installation, into the record
 * with it, when a migration has made anew what a hand had made: its owner. */
static void
record_rest(MigRecord *record, const MigChange *change)
{
    const MigKnownObject *part = NULL;

    while ((part = mig_object_map_next_part(&record->present, change->identity,
                                            part)) != NULL)
    {
        MigChange rest = {part->object.kind, part->object.identity,
                          part->object.table, part->object.definition,
                          part->object.definition};

        if (mig_bytes_equal(rest.kind, mig_bytes("owner")) &&
            mig_record_lacks(record, &part->object))
            mig_record_change(record, &rest);
    }
}

/* Put a change of what is no part into the record. */
static void
record_root(MigRecord *record, const MigFollowing *following,
            const MigChange *change)
{
    MigObject object;

    if (mig_record_stays(following, change) || is_anothers(record, change))
        return;
    (void) with_definition(change, change->before, &object);
    if (mig_record_lacks(record, &object))
        record_rest(record, change);
    mig_record_change(record, change);
}

/*
 * Put all changes into the record: first what is gone, since the same object
 * can now be a part of another, as an index of a table that was renamed; then
 * parts, and at last what they are parts of.
 */
static void
record_all(MigRecord *record, const MigFollowing *following,
           const MigChanges *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        count_structure(record, &changes->items[i]);
    for (size_t i = 0; i < changes->count && mig_ok(record->mig); i++)
    {
        if (changes->items[i].after.data == NULL)
            mig_record_change(record, &changes->items[i]);
    }
    for (size_t i = 0; i < changes->count && mig_ok(record->mig); i++)
    {
        if (changes->items[i].after.data != NULL &&
            changes->items[i].parent.data != NULL)
            mig_record_change(record, &changes->items[i]);
    }
    for (size_t i = 0; i < changes->count && mig_ok(record->mig); i++)
    {
        if (changes->items[i].after.data != NULL &&
            changes->items[i].parent.data == NULL)
            record_root(record, following, &changes->items[i]);
    }
}

void
mig_record_changes(Mig *mig, MigRecorded *recorded)
{
    MigRecord *record = mig->record;
    Finding finding = {record, recorded, NULL, 0, 0};
    MigFollowing *following;

    memset(recorded, 0, sizeof(*recorded));
    recorded->arena.host = mig->host;
    recorded->changes.arena = &recorded->arena;
    if (record == NULL || !record->ready || !mig_ok(mig))
        return;
    find_changes(&finding);
    following = mig_record_follow(record, recorded);
    record_all(record, following, &recorded->changes);
    mig_record_followed(following);
    /* What is put off is written with the group's end, or not at all; else the
     * caller may keep what is written now, though the call fails then. */
    if (mig->queue == NULL)
        mig_record_save(mig);
    if (!mig_ok(mig))
        return;
    recorded->known = true;
    mig_fingerprint_text(mig->host, &record->recorded, recorded->schema);
    mig_fingerprint_text(mig->host, &record->structure, recorded->structure);
}

/* Take an object that differs for what it is by the record. */
static void
reclaim(MigRecord *record, MigKnownObject *drifted)
{
    Mig *mig = record->mig;
    MigObject object = drifted->object;
    MigKnownObject *present;

    object.table = drifted->parent;
    present = mig_object_map_find(&record->present, &object);
    if (present != NULL && mig_object_is_structure(&present->object))
        mig_record_sum(mig, &record->structure, &present->object, false);
    if (object.definition.data == NULL)
        mig_object_map_forget(&record->present, &object);
    else
    {
        mig_object_map_take(&record->present, &object, NULL, mig->error);
        if (mig_object_is_structure(&object))
            mig_record_sum(mig, &record->structure, &object, true);
    }
    drifted->listing = MIG_RECORD_SETTLED;
}

void
mig_record_reclaim(Mig *mig, MigBytes identity)
{
    MigRecord *record = mig->record;

    if (record == NULL || !record->ready || !mig_ok(mig))
        return;
    record->whole = true;
    for (size_t i = 0; i < record->drifted.bucket_count; i++)
    {
        for (MigKnownObject *known = record->drifted.buckets[i]; known != NULL;
             known = known->next)
        {
            if (known->listing != MIG_RECORD_SETTLED &&
                (mig_bytes_equal(known->object.identity, identity) ||
                 mig_bytes_equal(known->parent, identity)))
                reclaim(record, known);
        }
    }
}

/* ---- What an event, and a delta, keep of it ------------------------------ */

const char *
mig_record_detail(Mig *mig, const char *detail)
{
    char schema[MIG_FINGERPRINT_SIZE];

    if (detail == NULL || !mig_ok(mig))
        return detail;
    mig_fingerprint_text(mig->host, &mig->record->recorded, schema);
    return mig_format_string(&mig->record->arena, mig->error,
                             "%s\n" SCHEMA_LINE "%s", detail, schema);
}

/* Append the line that has the hash of what is going to be kept. */
static void
append_delta(Mig *mig, MigRecorded *recorded, MigText *text)
{
    char hash[MIG_HASH_LENGTH + 1];

    if (!recorded->kept || (recorded->changes.count == 0 && !recorded->merged))
        return;
    mig_text_append_string(text, "\n" DELTA_LINE);
    if (recorded->changes.count == 0)
    {
        mig_text_append_string(text, MIG_RECORDED_NONE);
        return;
    }
    recorded->delta =
        mig_delta_write(mig, &recorded->arena, &recorded->changes);
    mig_hash(mig->host, &recorded->delta, 1, hash);
    mig_text_append_string(text, hash);
}

const char *
mig_recorded_detail(Mig *mig, MigRecorded *recorded, const char *detail)
{
    MigText text = {&recorded->arena, mig->error, NULL, 0, 0};

    if (!recorded->known || !mig_ok(mig))
        return detail;
    if (detail != NULL)
    {
        mig_text_append_string(&text, detail);
        mig_text_append_string(&text, "\n");
    }
    mig_text_append_string(&text, SCHEMA_LINE);
    mig_text_append_string(&text, recorded->schema);
    if (strcmp(recorded->schema, recorded->structure) != 0)
    {
        mig_text_append_string(&text, "\n" STRUCTURE_LINE);
        mig_text_append_string(&text, recorded->structure);
    }
    append_delta(mig, recorded, &text);
    return mig_text_bytes(&text).data;
}

/* The rest of a line that begins with a key, or absent. */
static MigBytes
line_value(MigBytes line, const char *key)
{
    MigBytes absent = {NULL, 0};

    return mig_starts_with(line, key) ? mig_part(line, strlen(key), line.length)
                                      : absent;
}

MigBytes
mig_recorded_rest(MigBytes detail, MigBytes *schema, MigBytes *structure)
{
    MigBytes rest;
    MigBytes line;
    size_t begin = 0;
    size_t at = 0;

    detail = mig_chain_remark(detail);
    rest = detail;
    schema->data = NULL;
    schema->length = 0;
    *structure = *schema;
    while (detail.data != NULL && mig_next_line(detail, &at, &line))
    {
        MigBytes found = line_value(line, SCHEMA_LINE);

        if (found.data != NULL && schema->data == NULL)
        {
            *schema = found;
            *structure = found;
        }
        else if (found.data == NULL && schema->data != NULL)
            found = line_value(line, STRUCTURE_LINE);
        if (found.data != NULL && mig_starts_with(line, STRUCTURE_LINE))
            *structure = found;
        if (rest.length == detail.length &&
            (found.data != NULL || mig_starts_with(line, MIG_CHAIN_RECORD)))
            rest = mig_part(detail, 0, begin == 0 ? 0 : begin - 1);
        begin = at;
    }
    if (rest.length == 0)
        rest.data = NULL;
    return rest;
}

/* A MigRowFunction: the detail of an event that may have a fingerprint. */
static MigStatus
take_once(void *context, const MigValue *columns, size_t count, MigError *error)
{
    bool *once = context;
    MigBytes schema;
    MigBytes structure;
    MigBytes written;
    MigFingerprint sum;

    (void) count;
    (void) mig_recorded_rest(columns[0].bytes, &schema, &structure);
    /* What people write, as a backup's label, can begin like it. */
    *once = *once || (schema.data != NULL &&
                      mig_fingerprint_read(schema, &written, &sum));
    return error->status;
}

bool
mig_recorded_once(Mig *mig)
{
    MigValue target = mig_text_value(mig->settings->target);
    bool once = false;

    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_RECORDED,
                                         &target, 1, take_once, &once,
                                         mig->error);
    return mig_ok(mig) && once;
}

MigBytes
mig_recorded_delta(MigBytes detail)
{
    MigBytes absent = {NULL, 0};
    MigBytes line;
    size_t at = 0;
    bool behind = false; /* the line of the schema, which people cannot write
                            in front of ours */

    detail = mig_chain_remark(detail);
    while (detail.data != NULL && mig_next_line(detail, &at, &line))
    {
        if (behind && mig_starts_with(line, DELTA_LINE))
            return line_value(line, DELTA_LINE);
        behind = behind || mig_starts_with(line, SCHEMA_LINE);
    }
    return absent;
}

/* The newest event of an applied migration, being read. */
typedef struct Detail
{
    Mig *mig;
    MigBytes schema;
    MigBytes structure;
} Detail;

/* A MigRowFunction. */
static MigStatus
take_detail(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    Detail *detail = context;
    MigBytes schema;
    MigBytes structure;

    (void) count;
    if (columns[0].type == MIG_NULL)
        return MIG_OK;
    (void) mig_recorded_rest(columns[0].bytes, &schema, &structure);
    detail->schema = mig_copy(detail->mig->arena, schema, error);
    detail->structure = mig_copy(detail->mig->arena, structure, error);
    return error->status;
}

MigBytes
mig_recorded_fingerprint(Mig *mig, MigBytes version, bool structure)
{
    Detail detail = {mig, {NULL, 0}, {NULL, 0}};
    MigValue arguments[3];

    if (!mig_ok(mig) || !mig->has_catalogue)
        return detail.schema;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_text_value(version);
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_DETAIL, arguments,
                                     3, take_detail, &detail, mig->error);
    return structure ? detail.structure : detail.schema;
}

void
mig_recorded_close(MigRecorded *recorded)
{
    if (recorded->arena.host == NULL)
        return;
    mig_arena_release(&recorded->arena);
}
