#include "mig_record_parts.h"

#include "mig_drift.h"
#include "mig_setting.h"
#include "mig_slice.h"
#include "mig_write.h"

void
mig_object_key(MigHost *host, MigBytes kind, MigBytes identity, char key[65])
{
    MigBytes pieces[3] = {kind, {"", 1}, identity};

    mig_hash(host, pieces, 3, key);
}

void
mig_record_open(Mig *mig, MigRecord *record)
{
    memset(record, 0, sizeof(*record));
    record->mig = mig;
    record->arena.host = mig->host;
    mig->record = record;
}

void
mig_record_close(Mig *mig)
{
    if (mig->record == NULL)
        return;
    mig_arena_release(&mig->record->arena);
    mig->record = NULL;
}

/* ---- What is recorded, and what is there --------------------------------- */

void
mig_record_sum(Mig *mig, MigFingerprint *sum, const MigObject *object, bool add)
{
    MigFingerprint part;

    mig_fingerprint_of(mig->host, object, &part);
    if (add)
        mig_fingerprint_add(sum, &part);
    else
        mig_fingerprint_subtract(sum, &part);
}

/* A MigObjectFunction: an object that is there. */
static MigStatus
take_present(void *context, const MigObject *object, MigError *error)
{
    MigRecord *record = context;

    mig_object_map_take(&record->present, object, NULL, error);
    if (error->status == MIG_OK && mig_object_is_structure(object))
        mig_record_sum(record->mig, &record->structure, object, true);
    return error->status;
}

/* A record being read. */
typedef struct Reading
{
    MigRecord *record;
    MigFingerprint sum;
    MigChanges left; /* objects that lie in other targets now */
    bool begun;      /* there is one, */
    bool foreign;    /* of another way of writing */
} Reading;

/* Take the row with the fingerprint. */
static MigStatus
take_header(Reading *reading, MigBytes text, MigError *error)
{
    char canon[MIG_FINGERPRINT_SIZE];
    MigBytes written;
    MigHost *host = reading->record->mig->host;

    host->methods->canon(host, canon, sizeof(canon));
    reading->begun = true;
    if (!mig_fingerprint_read(text, &written, &reading->record->recorded))
        return mig_record_fail_malformed(error);
    reading->foreign = !mig_bytes_equal(written, mig_bytes(canon));
    return MIG_OK;
}

MigObject
mig_record_object(const MigValue *columns)
{
    MigObject object = {columns[0].bytes, columns[1].bytes, columns[2].bytes,
                        columns[3].bytes};

    if (columns[2].type == MIG_NULL)
        object.table.data = NULL;
    return object;
}

/* Note an object that is not recorded here any more. */
static void
note_left(Reading *reading, const MigObject *object, MigError *error)
{
    MigArena *arena = &reading->record->arena;
    MigChange change = {mig_copy(arena, object->kind, error),
                        mig_copy(arena, object->identity, error),
                        mig_copy(arena, object->table, error),
                        mig_copy(arena, object->definition, error),
                        {NULL, 0}};

    mig_change_add(&reading->left, &change, error);
}

/* Note an object that differs, as it is recorded.  It is found without what it
 * is a part of: another hand may have changed that, and its row has no other
 * key. */
static void
take_drifted(MigRecord *record, MigObject object, MigError *error)
{
    MigBytes parent = object.table;
    MigKnownObject *known;

    object.table.data = NULL;
    object.table.length = 0;
    if (mig_object_map_find(&record->drifted, &object) != NULL)
        return;
    mig_object_map_take(&record->drifted, &object, NULL, error);
    known = mig_object_map_find(&record->drifted, &object);
    if (known != NULL)
        known->parent = mig_copy(&record->arena, parent, error);
}

MigKnownObject *
mig_record_find_drifted(const MigRecord *record, const MigObject *object)
{
    MigObject key = *object;
    MigKnownObject *drifted;

    key.table.data = NULL;
    key.table.length = 0;
    drifted = mig_object_map_find(&record->drifted, &key);
    return drifted != NULL && drifted->listing != MIG_RECORD_SETTLED ? drifted
                                                                     : NULL;
}

bool
mig_record_lacks(const MigRecord *record, const MigObject *object)
{
    const MigKnownObject *drifted = mig_record_find_drifted(record, object);

    return drifted != NULL && drifted->object.definition.data == NULL;
}

/* A MigRowFunction: an object as it is recorded. */
static MigStatus
take_recorded(void *context, const MigValue *columns, size_t count,
              MigError *error)
{
    Reading *reading = context;
    MigRecord *record = reading->record;
    MigObject object = mig_record_object(columns);
    MigKnownObject *known;

    (void) count;
    if (mig_bytes_equal(object.kind, mig_bytes(MIG_RECORD_KIND)))
        return take_header(reading, object.definition, error);
    mig_record_sum(record->mig, &reading->sum, &object, true);
    if (mig_record_left(&record->scope, &object))
    {
        note_left(reading, &object, error);
        return error->status;
    }
    known = mig_object_map_find(&record->present, &object);
    if (known == NULL ||
        !mig_bytes_equal(known->object.definition, object.definition))
        take_drifted(record, object, error);
    if (known != NULL)
        known->listing = record->present.listing;
    return error->status;
}

/* Note what is there and was not found in the record. */
static void
note_extra(MigRecord *record, MigError *error)
{
    const MigObjectMap *present = &record->present;

    for (size_t i = 0; i < present->bucket_count; i++)
    {
        for (MigKnownObject *known = present->buckets[i]; known != NULL;
             known = known->next)
        {
            MigObject object = known->object;

            object.definition.data = NULL;
            object.definition.length = 0;
            if (known->listing != present->listing)
                take_drifted(record, object, error);
        }
    }
}

/* Read what is recorded, and what of that differs from what is there. */
static void
read_recorded(MigRecord *record, Reading *reading)
{
    Mig *mig = record->mig;
    MigValue target = mig_text_value(mig->settings->target);

    memset(&record->drifted, 0, sizeof(record->drifted));
    memset(&record->recorded, 0, sizeof(record->recorded));
    memset(reading, 0, sizeof(*reading));
    reading->record = record;
    reading->left.arena = &record->arena;
    record->drifted.arena = &record->arena;
    mig_object_map_begin(&record->present);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_OBJECT_LIST,
                                         &target, 1, take_recorded, reading,
                                         mig->error);
    if (mig_ok(mig))
        note_extra(record, mig->error);
}

/* Read what is there. */
static void
read_present(MigRecord *record)
{
    Mig *mig = record->mig;

    mig_arena_release(&record->arena);
    memset(&record->present, 0, sizeof(record->present));
    record->numbered = false;
    memset(&record->structure, 0, sizeof(record->structure));
    record->present.arena = &record->arena;
    mig_record_scope(mig, &record->arena, &record->scope);
    mig_object_map_begin(&record->present);
    if (mig_ok(mig))
        (void) mig->host->methods->list_objects(
            mig->host, &record->scope, take_present, record, mig->error);
}

/* Fail when a record that was read is not what was written. */
static void
require_whole(const Reading *reading)
{
    if (reading->begun && !reading->foreign)
        mig_record_require_sum(reading->record->mig, &reading->sum,
                               &reading->record->recorded);
}

/* ---- Beginning it ------------------------------------------------------- */

bool
mig_record_load(Mig *mig, bool write)
{
    MigRecord *record = mig->record;
    Reading reading;

    mig_write_flush(mig);
    read_present(record);
    read_recorded(record, &reading);
    if (!mig_ok(mig))
        return false;
    if (write && !reading.begun)
        mig_record_start(mig);
    else if (write && reading.foreign)
    {
        mig_record_pare(record);
        /* The caller may keep what is written in its transaction. */
        mig_drift_refuse(mig);
        mig_record_rebase(mig);
    }
    require_whole(&reading);
    if (write && reading.begun && !reading.foreign)
        mig_record_give_up(mig, &reading.left);
    record->ready = mig_ok(mig);
    return reading.begun && (write || !reading.foreign);
}

bool
mig_records(const Mig *mig)
{
    return mig->has_catalogue && mig->host->records &&
           mig->host->methods->list_objects != NULL;
}

void
mig_record_begin(Mig *mig)
{
    MigRecord *record = mig->record;

    if (record == NULL || record->ready || !mig_ok(mig) || !mig_records(mig))
        return;
    mig_record_save(mig);
    if (mig_record_load(mig, true) && mig_ok(mig) && record->drifted.count > 0)
    {
        /* It is told by what is written. */
        mig_write_flush(mig);
        mig_drift_tell(mig, !record->told);
        record->told = true;
        mig_record_number(record);
    }
    /* Migrations may look at the history. */
    mig_write_flush(mig);
}

/* ---- Transactions -------------------------------------------------------- */

/* A fingerprint to be looked for. */
typedef struct Wanted
{
    char text[MIG_FINGERPRINT_SIZE];
    bool found;
} Wanted;

/* A MigRowFunction: the row of the record itself. */
static MigStatus
take_wanted(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    Wanted *wanted = context;

    (void) count;
    wanted->found = mig_bytes_equal(columns[0].bytes, mig_bytes(wanted->text));
    return error->status;
}

/* Whether the record is still as this run has left it.  Another project may
 * have accepted the schema, or migrated it; no schema need have changed then.
 */
static bool
is_as_left(MigRecord *record)
{
    Mig *mig = record->mig;
    Wanted wanted = {.found = false};
    char key[65];
    MigValue arguments[2];

    mig_object_key(mig->host, mig_bytes(MIG_RECORD_KIND), mig_bytes(""), key);
    arguments[0] = mig_text_value(mig->settings->target);
    arguments[1] = mig_string(key);
    mig_fingerprint_text(mig->host, &record->recorded, wanted.text);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_OBJECT_RECORD,
                                         arguments, 2, take_wanted, &wanted,
                                         mig->error);
    return wanted.found;
}

/* Read between two stages what others have made of the record.  What was there
 * behind the last one is still what the next one's changes are told from. */
static void
read_again(MigRecord *record)
{
    Reading reading;

    read_recorded(record, &reading);
    require_whole(&reading);
    mig_record_number(record);
    record->ready = mig_ok(record->mig) && reading.begun && !reading.foreign;
}

void
mig_record_locked(Mig *mig)
{
    const MigHostMethods *methods = mig->host->methods;
    MigRecord *record = mig->record;
    bool others = true;

    if (record == NULL || !mig_ok(mig) || !mig_records(mig))
        return;
    if (methods->changes_begin != NULL)
        (void) methods->changes_begin(mig->host, &others, mig->error);
    if (!record->ready)
        return;
    if (record->staged)
    {
        record->whole = record->whole || others;
        if (!is_as_left(record))
            read_again(record);
    }
    else
        record->ready = !others && is_as_left(record);
}

void
mig_record_abandon(Mig *mig)
{
    if (mig->record == NULL)
        return;
    mig->record->ready = false;
    mig->record->unsaved = false;
}

void
mig_record_mark(const Mig *mig, MigRecordMark *mark)
{
    memset(mark, 0, sizeof(*mark));
    if (mig->record == NULL)
        return;
    mark->recorded = mig->record->recorded;
    mark->unsaved = mig->record->unsaved;
}

void
mig_record_undo(Mig *mig, const MigRecordMark *mark)
{
    if (mig->record == NULL)
        return;
    mig->record->recorded = mark->recorded;
    mig->record->unsaved = mark->unsaved;
    mig->record->ready = false;
}

void
mig_record_staged(Mig *mig, bool staged)
{
    if (mig->record != NULL)
        mig->record->staged = staged;
}

void
mig_record_elsewhere(Mig *mig)
{
    if (mig->record != NULL)
        mig->record->whole = true;
}
