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

/* Other targets, whose schemas are left out. */
typedef struct Targets
{
    MigArena *arena;
    MigTableName *items;
    size_t count;
    size_t capacity;
} Targets;

static MigStatus
take_target(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    Targets *targets = context;
    MigTableName *items =
        mig_array_reserve(targets->arena, targets->items, targets->count,
                          &targets->capacity, sizeof(MigTableName), error);

    (void) count;
    if (items == NULL)
        return error->status;
    targets->items = items;
    memset(&items[targets->count], 0, sizeof(MigTableName));
    items[targets->count].schema =
        mig_copy(targets->arena, columns[0].bytes, error);
    if (columns[0].bytes.length > 0)
        targets->count++;
    return error->status;
}

void
mig_record_scope(Mig *mig, MigArena *arena, MigScope *scope)
{
    Targets targets = {arena, NULL, 0, 0};
    MigValue target = mig_text_value(mig->settings->target);

    memset(scope, 0, sizeof(*scope));
    scope->schema = mig->settings->target;
    if (!mig_ok(mig) || scope->schema.length > 0)
        return;
    (void) mig->host->methods->query(mig->host, MIG_SQL_RECORDED_TARGETS,
                                     &target, 1, take_target, &targets,
                                     mig->error);
    scope->except = targets.items;
    scope->except_count = targets.count;
}

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
        return mig_fail(error, MIG_CORRUPT,
                        "the fingerprint of the recorded schema is malformed");
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

/* The rest of a name behind a schema's, quoted or not; absent when it begins
 * otherwise. */
static MigBytes
behind_schema(MigBytes name, MigBytes schema)
{
    MigBytes absent = {NULL, 0};
    size_t quote = name.length > 0 && name.data[0] == '"' ? 1 : 0;
    size_t at = quote;

    for (size_t i = 0; i < schema.length; i++, at++)
    {
        if (at >= name.length || name.data[at] != schema.data[i])
            return absent;
        /* Quotes in a quoted name stand there twice. */
        at += quote == 1 && schema.data[i] == '"';
    }
    if (quote == 1 && (at >= name.length || name.data[at++] != '"'))
        return absent;
    return mig_part(name, at, name.length);
}

/* Whether an object is a schema, or a part of one; and not of an extension,
 * say, of the same name. */
static bool
is_schema(const MigObject *object)
{
    return mig_bytes_equal(object->kind, mig_bytes("schema")) ||
           (object->table.data != NULL &&
            mig_starts_with(object->identity, "schema "));
}

/* What a schema's name is looked for in: that of what an object is a part of,
 * or its own; of default privileges the schema that they are for. */
static MigBytes
place_of(const MigObject *object, bool defaults)
{
    static const char mark[] = " IN SCHEMA ";
    MigBytes name =
        object->table.data == NULL ? object->identity : object->table;

    for (size_t at = 0; at < name.length && defaults; at++)
    {
        MigBytes rest = mig_part(name, at, name.length);

        if (mig_starts_with(rest, mark))
            return mig_part(rest, strlen(mark), rest.length);
    }
    return name;
}

bool
mig_record_left(const MigScope *scope, const MigObject *object)
{
    bool defaults =
        mig_bytes_equal(object->kind, mig_bytes("default privileges"));
    MigBytes place = place_of(object, defaults);

    for (size_t i = 0; i < scope->except_count; i++)
    {
        MigBytes rest = behind_schema(place, scope->except[i].schema);

        if (scope->except[i].name.length > 0 || rest.data == NULL)
            continue;
        if (rest.length > 0 ? rest.data[0] == (defaults ? ' ' : '.')
                            : is_schema(object))
            return true;
    }
    return false;
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

/* Note an object that differs, as it is recorded.  What it is a part of does
 * not count: another hand may have changed that, and its row has no other key.
 */
static void
take_drifted(MigRecord *record, MigObject object, MigError *error)
{
    object.table.data = NULL;
    object.table.length = 0;
    if (mig_object_map_find(&record->drifted, &object) == NULL)
        mig_object_map_take(&record->drifted, &object, NULL, error);
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

/* Read what is there, and what is recorded. */
static void
load(MigRecord *record, Reading *reading)
{
    Mig *mig = record->mig;
    MigValue target = mig_text_value(mig->settings->target);

    mig_arena_release(&record->arena);
    memset(&record->present, 0, sizeof(record->present));
    memset(&record->drifted, 0, sizeof(record->drifted));
    memset(&record->structure, 0, sizeof(record->structure));
    memset(&record->recorded, 0, sizeof(record->recorded));
    memset(reading, 0, sizeof(*reading));
    reading->record = record;
    reading->left.arena = &record->arena;
    record->present.arena = &record->arena;
    record->drifted.arena = &record->arena;
    mig_record_scope(mig, &record->arena, &record->scope);
    mig_object_map_begin(&record->present);
    if (mig_ok(mig))
        (void) mig->host->methods->list_objects(
            mig->host, &record->scope, take_present, record, mig->error);
    mig_object_map_begin(&record->present);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_OBJECT_LIST,
                                         &target, 1, take_recorded, reading,
                                         mig->error);
    if (mig_ok(mig))
        note_extra(record, mig->error);
}

/* ---- Writing it ---------------------------------------------------------- */

void
mig_record_write(Mig *mig, const MigChange *change)
{
    char key[65];
    MigValue arguments[6];

    mig_object_key(mig->host, change->kind, change->identity, key);
    arguments[0] = mig_text_value(mig->settings->target);
    arguments[1] = mig_string(key);
    arguments[2] = mig_text_value(change->kind);
    arguments[3] = mig_text_value(change->identity);
    arguments[4] = mig_text_value(change->parent);
    arguments[5] = mig_text_value(change->after);
    if (change->after.data == NULL)
        mig_write(mig, MIG_SQL_OBJECT_DELETE, arguments, 2);
    else
        mig_write(mig, MIG_SQL_OBJECT_UPSERT, arguments, 6);
}

void
mig_record_save(Mig *mig)
{
    char text[MIG_FINGERPRINT_SIZE];
    MigChange header = {.kind = mig_bytes(MIG_RECORD_KIND),
                        .identity = mig_bytes("")};

    if (mig->record == NULL || !mig->record->unsaved || !mig_ok(mig))
        return;
    mig_fingerprint_text(mig->host, &mig->record->recorded, text);
    header.after = mig_bytes(text);
    mig_record_write(mig, &header);
    mig->record->unsaved = false;
}

/* Write all that is there as the record. */
static void
write_whole(MigRecord *record)
{
    Mig *mig = record->mig;
    MigValue target = mig_text_value(mig->settings->target);
    const MigObjectMap *present = &record->present;

    mig_write(mig, MIG_SQL_OBJECT_CLEAR, &target, 1);
    memset(&record->recorded, 0, sizeof(record->recorded));
    for (size_t i = 0; i < present->bucket_count; i++)
    {
        for (const MigKnownObject *known = present->buckets[i];
             known != NULL && mig_ok(mig); known = known->next)
        {
            MigChange change = {known->object.kind, known->object.identity,
                                known->object.table, mig_bytes(NULL),
                                known->object.definition};

            mig_record_write(mig, &change);
            mig_record_sum(mig, &record->recorded, &known->object, true);
        }
    }
    memset(&record->drifted, 0, sizeof(record->drifted));
    record->drifted.arena = &record->arena;
    record->unsaved = true;
    mig_record_save(mig);
}

/* Add an event that is about the record. */
static void
add_event(Mig *mig, const char *action, const char *detail)
{
    MigEvent event = {action, {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,     NULL,      detail,    false};

    (void) mig_event_add(mig, &event);
}

/* Whether an object is of those that a new database has as well. */
static bool
is_furniture(const MigObject *object)
{
    static const char *const kinds[] = {"schema", "extension", "comment"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    {
        if (mig_bytes_equal(object->kind, mig_bytes(kinds[i])))
            return true;
    }
    return !mig_object_is_structure(object);
}

/* How many objects are there that somebody has made, parts not counted. */
static size_t
count_made(const MigObjectMap *present)
{
    size_t count = 0;

    for (size_t i = 0; i < present->bucket_count; i++)
    {
        for (const MigKnownObject *known = present->buckets[i]; known != NULL;
             known = known->next)
            count += known->object.table.data == NULL &&
                     !is_furniture(&known->object);
    }
    return count;
}

/* Begin a record. */
static void
start(MigRecord *record)
{
    Mig *mig = record->mig;
    size_t made = count_made(&record->present);

    write_whole(record);
    if (made > 0)
        add_event(mig, "record",
                  mig_format_string(&record->arena, mig->error,
                                    "%zu object%s, as %s found", made,
                                    made == 1 ? "" : "s",
                                    made == 1 ? "it was" : "they were"));
}

/* Write the record anew, since the engine writes definitions otherwise now. */
static void
rebase(MigRecord *record)
{
    char canon[MIG_FINGERPRINT_SIZE];

    record->mig->host->methods->canon(record->mig->host, canon, sizeof(canon));
    write_whole(record);
    add_event(record->mig, "rebase",
              mig_format_string(&record->arena, record->mig->error,
                                "%zu objects, as they are written by %s",
                                record->present.count, canon));
}

/* Take out of the record what lies in schemas that have become targets. */
static void
give_up_left(MigRecord *record, const MigChanges *left)
{
    Mig *mig = record->mig;

    for (size_t i = 0; i < left->count && mig_ok(mig); i++)
    {
        const MigChange *change = &left->items[i];
        MigObject object = {change->kind, change->identity, change->parent,
                            change->before};

        mig_record_sum(mig, &record->recorded, &object, false);
        mig_record_write(mig, change);
        record->unsaved = true;
    }
    mig_record_save(mig);
}

bool
mig_record_load(Mig *mig, bool write)
{
    MigRecord *record = mig->record;
    Reading reading;

    mig_write_flush(mig);
    load(record, &reading);
    if (!mig_ok(mig))
        return false;
    if (write && !reading.begun)
        start(record);
    else if (write && reading.foreign)
        rebase(record);
    else if (reading.begun && !reading.foreign &&
             memcmp(&reading.sum, &record->recorded, sizeof(reading.sum)) != 0)
    {
        (void) mig_fail(mig->error, MIG_CORRUPT,
                        "the recorded schema is not what was written");
        mig_fail_detail(mig->error, "The rows of migrate_object do not have "
                                    "the fingerprint recorded with them.");
        mig_fail_hint(mig->error, "SELECT * FROM migrate_drift() shows it; "
                                  "migrate_accept() records the schema anew.");
    }
    if (write && reading.begun && !reading.foreign)
        give_up_left(record, &reading.left);
    record->ready = mig_ok(mig);
    return reading.begun && !reading.foreign;
}

void
mig_record_whole(Mig *mig)
{
    write_whole(mig->record);
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
        mig_drift_tell(mig, !record->told);
        record->told = true;
    }
    /* Migrations may look at the history. */
    mig_write_flush(mig);
}

/* ---- Transactions -------------------------------------------------------- */

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
    if (!others)
        return;
    if (record->staged)
        record->whole = true;
    else
        record->ready = false;
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
