#include "mig_record_parts.h"

#include "mig_setting.h"
#include "mig_write.h"

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

/* Write an object into a record that is begun anew. */
static void
write_object(Mig *mig, const MigObject *object)
{
    MigChange change = {object->kind, object->identity, object->table,
                        mig_bytes(NULL), object->definition};

    mig_record_write(mig, &change);
    mig_record_sum(mig, &mig->record->recorded, object, true);
}

/* Write what is recorded and not there any more. */
static void
write_removed(Mig *mig)
{
    const MigObjectMap *drifted = &mig->record->drifted;

    for (size_t i = 0; i < drifted->bucket_count; i++)
    {
        for (const MigKnownObject *known = drifted->buckets[i];
             known != NULL && mig_ok(mig); known = known->next)
        {
            MigObject object = known->object;

            object.table = known->parent;
            if (object.definition.data != NULL)
                write_object(mig, &object);
        }
    }
}

/* Write what is there, but for what differs: that stays as it was recorded, or
 * was not.  Returns how many objects are recorded that are there. */
static size_t
write_anew(Mig *mig)
{
    MigRecord *record = mig->record;
    MigValue target = mig_text_value(mig->settings->target);
    const MigObjectMap *present = &record->present;
    size_t count = 0;

    mig_write(mig, MIG_SQL_OBJECT_CLEAR, &target, 1);
    memset(&record->recorded, 0, sizeof(record->recorded));
    for (size_t i = 0; i < present->bucket_count; i++)
    {
        for (const MigKnownObject *known = present->buckets[i];
             known != NULL && mig_ok(mig); known = known->next)
        {
            if (mig_record_find_drifted(record, &known->object) != NULL)
                continue;
            write_object(mig, &known->object);
            count++;
        }
    }
    write_removed(mig);
    record->unsaved = true;
    mig_record_save(mig);
    return count;
}

void
mig_record_whole(Mig *mig)
{
    MigRecord *record = mig->record;

    memset(&record->drifted, 0, sizeof(record->drifted));
    record->drifted.arena = &record->arena;
    (void) write_anew(mig);
}

/* Add an event that is about the record. */
static void
add_event(Mig *mig, const char *action, const char *detail)
{
    MigEvent event = {action, {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,     NULL,      NULL,      false};

    event.detail = mig_record_detail(mig, detail);
    (void) mig_event_add(mig, &event);
}

bool
mig_record_is_furniture(const MigObject *object)
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
                     !mig_record_is_furniture(&known->object);
    }
    return count;
}

void
mig_record_start(Mig *mig)
{
    MigRecord *record = mig->record;
    size_t made = count_made(&record->present);

    /* A new record would take for expected what another hand has changed. */
    mig_record_require_new(mig);
    if (!mig_ok(mig))
        return;
    mig_record_whole(mig);
    if (made > 0)
        add_event(mig, "record",
                  mig_format_string(&record->arena, mig->error,
                                    "%zu object%s, as %s found", made,
                                    made == 1 ? "" : "s",
                                    made == 1 ? "it was" : "they were"));
}

void
mig_record_rebase(Mig *mig)
{
    MigRecord *record = mig->record;
    char canon[MIG_FINGERPRINT_SIZE];
    size_t count;

    if (!mig_ok(mig))
        return;
    count = write_anew(mig);
    mig->host->methods->canon(mig->host, canon, sizeof(canon));
    add_event(mig, "rebase",
              mig_format_string(&record->arena, mig->error,
                                "%zu objects, as they are written by %s", count,
                                canon));
}

void
mig_record_give_up(Mig *mig, const MigChanges *left)
{
    MigRecord *record = mig->record;

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
