#include "mig_record.h"

#include "mig_chain.h"
#include "mig_chain.h"
#include "mig_drift.h"
#include "mig_setting.h"
#include "mig_slice.h"
#include "mig_write.h"

#define SCHEMA_LINE "schema: " /* of an event's detail */
#define STRUCTURE_LINE "structure: "

/* Of what differs from the record no more: it was changed by a migration. */
#define SETTLED UINT64_MAX

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

/* Add or take away an object's part of a sum. */
static void
sum_change(Mig *mig, MigFingerprint *sum, const MigObject *object, bool add)
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
        sum_change(record->mig, &record->structure, object, true);
    return error->status;
}

/* A record being read. */
typedef struct Reading
{
    MigRecord *record;
    MigFingerprint sum;
    bool begun;   /* there is one, */
    bool foreign; /* of another way of writing */
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

/* A MigRowFunction: an object as it is recorded. */
static MigStatus
take_recorded(void *context, const MigValue *columns, size_t count,
              MigError *error)
{
    Reading *reading = context;
    MigRecord *record = reading->record;
    MigObject object = {columns[0].bytes, columns[1].bytes, columns[2].bytes,
                        columns[3].bytes};
    MigKnownObject *known;

    (void) count;
    if (columns[2].type == MIG_NULL)
        object.table.data = NULL;
    if (mig_bytes_equal(object.kind, mig_bytes(MIG_RECORD_KIND)))
        return take_header(reading, object.definition, error);
    sum_change(record->mig, &reading->sum, &object, true);
    known = mig_object_map_find(&record->present, &object);
    if (known != NULL &&
        mig_bytes_equal(known->object.definition, object.definition))
        known->listing = record->present.listing;
    else
        mig_object_map_take(&record->drifted, &object, NULL, error);
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
                mig_object_map_take(&record->drifted, &object, NULL, error);
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

/* Write the row of an object, or remove it. */
static void
write_object(Mig *mig, const MigChange *change)
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
    write_object(mig, &header);
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

            write_object(mig, &change);
            sum_change(mig, &record->recorded, &known->object, true);
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
    if (mig_record_load(mig, true) && mig_ok(mig) &&
        record->drifted.count > 0 && !record->told)
    {
        record->told = true;
        mig_drift_tell(mig);
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

/* ---- Changes ------------------------------------------------------------- */

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

/* Put a change into the record. */
static void
record_change(MigRecord *record, const MigChange *change)
{
    Mig *mig = record->mig;
    MigBytes expected = change->before;
    MigKnownObject *drifted;
    MigObject object;
    bool structure;

    (void) with_definition(change, change->before, &object);
    structure = mig_object_is_structure(&object);
    drifted = mig_object_map_find(&record->drifted, &object);
    if (drifted != NULL && drifted->listing != SETTLED)
    {
        expected = drifted->object.definition;
        drifted->listing = SETTLED;
    }
    if (with_definition(change, expected, &object))
        sum_change(mig, &record->recorded, &object, false);
    if (with_definition(change, change->before, &object) && structure)
        sum_change(mig, &record->structure, &object, false);
    if (with_definition(change, change->after, &object))
    {
        sum_change(mig, &record->recorded, &object, true);
        if (structure)
            sum_change(mig, &record->structure, &object, true);
    }
    write_object(mig, change);
    record->unsaved = true;
}

/* Put all changes into the record: first what is gone, since the same object
 * can now be a part of another, as an index of a table that was renamed. */
static void
record_all(MigRecord *record, const MigChanges *changes)
{
    for (size_t i = 0; i < changes->count && mig_ok(record->mig); i++)
    {
        if (changes->items[i].after.data == NULL)
            record_change(record, &changes->items[i]);
    }
    for (size_t i = 0; i < changes->count && mig_ok(record->mig); i++)
    {
        if (changes->items[i].after.data != NULL)
            record_change(record, &changes->items[i]);
    }
}

void
mig_record_changes(Mig *mig, MigRecorded *recorded)
{
    MigRecord *record = mig->record;
    Finding finding = {record, recorded, NULL, 0, 0};

    memset(recorded, 0, sizeof(*recorded));
    recorded->arena.host = mig->host;
    recorded->changes.arena = &recorded->arena;
    if (record == NULL || !record->ready || !mig_ok(mig))
        return;
    find_changes(&finding);
    record_all(record, &recorded->changes);
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
mig_recorded_keep(Mig *mig, MigRecorded *recorded, MigBytes version,
                  int64_t seq)
{
    MigValue arguments[5];

    if (!recorded->known || recorded->changes.count == 0 || !mig_ok(mig))
        return;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_text_value(version);
    arguments[3] = mig_integer(seq);
    arguments[4] = mig_text_value(
        mig_delta_write(mig, &recorded->arena, &recorded->changes));
    mig_write(mig, MIG_SQL_DELTA_INSERT, arguments, 5);
}

void
mig_recorded_close(MigRecorded *recorded)
{
    if (recorded->arena.host == NULL)
        return;
    mig_arena_release(&recorded->arena);
}
