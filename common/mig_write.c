#include "mig_write.h"

#include "mig_chain.h"
#include "mig_setting.h"

static MigStatus
copy_chain(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    MigChain *chain = context;
    MigBytes hash = columns[1].bytes;

    (void) count;
    if (hash.length != MIG_HASH_LENGTH)
        (void) mig_fail(error, MIG_CORRUPT,
                        "event %lld of the history has a malformed hash",
                        (long long) columns[0].integer);
    else if (columns[0].type != MIG_INTEGER || columns[0].integer < 1 ||
             columns[0].integer == INT64_MAX)
        (void) mig_fail(error, MIG_CORRUPT,
                        "the newest event of the history has no valid number");
    mig_fail_damaged(error);
    if (error->status != MIG_OK)
        return error->status;
    chain->seq = columns[0].integer;
    memcpy(chain->hash, hash.data, hash.length);
    chain->hash[hash.length] = '\0';
    return MIG_OK;
}

void
mig_author(Mig *mig, char author[MIG_AUTHOR_SIZE])
{
    const MigHostMethods *methods = mig->host->methods;
    char client[256];

    if (methods->author != NULL)
        methods->author(mig->host, author, MIG_AUTHOR_SIZE);
    else
        methods->caller(mig->host, author, MIG_AUTHOR_SIZE, client,
                        sizeof(client));
}

/* Whether a text has a control character, ASCII's or one of Latin-1's. */
static bool
has_control(MigBytes text)
{
    for (size_t i = 0; i < text.length; i++)
    {
        unsigned char byte = (unsigned char) text.data[i];

        if (byte < ' ' || byte == 0x7F ||
            (byte == 0xC2 && i + 1 < text.length &&
             (unsigned char) text.data[i + 1] < 0xA0))
            return true;
    }
    return false;
}

void
mig_reason_take(Mig *mig, MigBytes reason)
{
    const char *problem = NULL;

    if (!mig_ok(mig) || reason.data == NULL)
        return;
    if (mig_trim(reason).length == 0)
        problem = "must not be empty";
    else if (reason.length > MIG_REASON_MAX)
        problem = "must have at most 1000 bytes";
    else if (has_control(reason) || mig_utf8_check(reason) < reason.length)
        problem = "must be one line of text without control characters";
    if (problem != NULL)
        (void) mig_fail(mig->error, MIG_INVALID, "the reason %s", problem);
    else
        mig->reason = reason;
}

void
mig_require_alone(Mig *mig, const char *function)
{
    const MigHostMethods *methods = mig->host->methods;

    if (mig_ok(mig) && mig->host->session->running)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "a migration cannot call %s itself", function);
        mig_fail_hint(mig->error, "Take the call out of it.");
    }
    if (mig_ok(mig) && methods->require_alone != NULL)
        (void) methods->require_alone(mig->host, function, mig->error);
    mig_settings_require(mig, function);
}

void
mig_require_writable(Mig *mig, const char *function)
{
    mig_require_alone(mig, function);
    if (mig_ok(mig))
        (void) mig->host->methods->require_writable(mig->host, function,
                                                    mig->error);
}

void
mig_require_intact(Mig *mig)
{
    if (mig_ok(mig))
        (void) mig->host->methods->catalogue_intact(mig->host, mig->error);
}

/* A copy of arguments, and of what they point to, in the queue's memory. */
static MigValue *
copy_arguments(Mig *mig, const MigValue *arguments, size_t count)
{
    MigArena *arena = &mig->queue->arena;
    MigValue *copy =
        mig_alloc_array(arena, count, sizeof(MigValue), mig->error);

    for (size_t i = 0; i < count && copy != NULL && mig_ok(mig); i++)
    {
        copy[i] = arguments[i];
        copy[i].bytes = mig_copy(arena, arguments[i].bytes, mig->error);
    }
    return copy;
}

void
mig_write(Mig *mig, MigSql sql, const MigValue *arguments, size_t count)
{
    MigQueue *queue = mig->queue;
    MigQueued *items;

    if (!mig_ok(mig))
        return;
    if (queue == NULL)
    {
        (void) mig->host->methods->query(mig->host, sql, arguments, count, NULL,
                                         NULL, mig->error);
        return;
    }
    items = mig_array_reserve(&queue->arena, queue->items, queue->count,
                              &queue->capacity, sizeof(MigQueued), mig->error);
    if (items == NULL)
        return;
    queue->items = items;
    items[queue->count].sql = sql;
    items[queue->count].arguments = copy_arguments(mig, arguments, count);
    items[queue->count].count = count;
    queue->count++;
}

/* Forget what is queued. */
static void
queue_clear(Mig *mig)
{
    if (mig->queue == NULL)
        return;
    mig_arena_release(&mig->queue->arena);
    mig->queue->items = NULL;
    mig->queue->count = 0;
    mig->queue->capacity = 0;
}

void
mig_write_flush(Mig *mig)
{
    const MigQueue *queue = mig->queue;

    for (size_t i = 0; queue != NULL && i < queue->count && mig_ok(mig); i++)
        (void) mig->host->methods->query(
            mig->host, queue->items[i].sql, queue->items[i].arguments,
            queue->items[i].count, NULL, NULL, mig->error);
    if (mig_ok(mig))
        queue_clear(mig);
}

void
mig_lock(Mig *mig)
{
    /* What was put off and is lost leaves another record than is known. */
    if (mig->queue != NULL && mig->queue->count > 0)
        mig_record_abandon(mig);
    queue_clear(mig);
    mig->has_chain = false;
    if (mig_ok(mig))
        mig->locked = mig->host->methods->lock(
                          mig->host, mig_setting_ms(mig, "wait_timeout"),
                          mig->error) == MIG_OK;
    /* Before anything is written: what others have put there would run. */
    if (mig->has_catalogue)
        mig_require_intact(mig);
    mig_record_locked(mig);
}

void
mig_release(Mig *mig)
{
    mig_record_save(mig);
    mig_write_flush(mig);
    queue_clear(mig);
    mig->locked = false;
    mig->has_chain = false;
    if (mig_ok(mig))
        (void) mig->host->methods->release(
            mig->host, mig_setting_ms(mig, "lock_timeout"), mig->error);
}

void
mig_abandon(Mig *mig)
{
    queue_clear(mig);
    mig_record_abandon(mig);
    mig->locked = false;
    mig->has_chain = false;
    mig->host->methods->abandon(mig->host);
}

void
mig_unit_begin(Mig *mig, MigMark *mark)
{
    mark->queued = mig->queue == NULL ? 0 : mig->queue->count;
    mark->chain = mig->chain;
    mark->common = mig->common;
    mark->has_chain = mig->has_chain;
    mig_record_mark(mig, &mark->record);
    if (mig_ok(mig))
        (void) mig->host->methods->unit_begin(mig->host, mig->error);
}

void
mig_unit_undo(Mig *mig, const MigMark *mark)
{
    mig->host->methods->unit_undo(mig->host);
    if (mig->queue != NULL)
        mig->queue->count = mark->queued;
    mig->chain = mark->chain;
    mig->common = mark->common;
    mig->has_chain = mark->has_chain;
    mig_record_undo(mig, &mark->record);
}

/* Read the newest event of a target. */
static void
read_newest(Mig *mig, MigBytes target, MigChain *chain)
{
    MigValue arguments[2];

    chain->seq = 0;
    chain->hash[0] = '\0';
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(target);
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_LAST, arguments,
                                     2, copy_chain, chain, mig->error);
}

/* Whether migrations are about no schema in particular. */
static bool
is_common_target(const Mig *mig)
{
    return mig->settings->target.length == 0;
}

void
mig_chain_read(Mig *mig)
{
    if (mig->has_chain || !mig_ok(mig))
        return;
    read_newest(mig, mig->settings->target, &mig->chain);
    if (!is_common_target(mig))
        read_newest(mig, mig_bytes(""), &mig->common);
    mig->has_chain = mig_ok(mig) && mig->locked && mig->has_catalogue;
}

int64_t
mig_catalogue_number(const Mig *mig)
{
    return mig->chain.seq + (is_common_target(mig) ? 0 : mig->common.seq);
}

int64_t
mig_event_add(Mig *mig, const MigEvent *event)
{
    return mig_event_add_original(mig, event, NULL);
}

/* Fill in when an event was, and by whom, where that is not now and here. */
static void
set_origin(const MigOrigin *origin, MigValue *at, MigValue *actor,
           MigValue *client)
{
    if (origin == NULL)
        return;
    *at = mig_integer(origin->at);
    *client = mig_string(origin->client);
    if (origin->actor.data != NULL)
        *actor = mig_text_value(origin->actor);
}

/* An event's detail with the caller's reason, if any, in a line of its own;
 * parts of a migration in several transactions are read by the next call. */
static MigValue
detail_with_reason(Mig *mig, MigArena *arena, const MigEvent *event)
{
    MigText text = {arena, mig->error, NULL, 0, 0};
    MigBytes detail = mig_bytes(event->detail);
    MigBytes schema;
    MigBytes structure;
    MigBytes rest;

    if (mig->reason.data == NULL ||
        strcmp(event->outcome, MIG_OUTCOME_STARTED) == 0 ||
        strcmp(event->outcome, MIG_OUTCOME_DONE) == 0)
        return mig_string(event->detail);
    /* What was recorded of the schema is to be the last lines. */
    rest = mig_recorded_rest(detail, &schema, &structure);
    mig_text_append(&text, rest);
    if (rest.length > 0)
        mig_text_append_string(&text, "\n");
    mig_text_append_string(&text, "reason: ");
    mig_text_append(&text, mig->reason);
    if (rest.length == 0 && detail.length > 0)
        mig_text_append_string(&text, "\n");
    mig_text_append(&text, mig_part(detail, rest.length, detail.length));
    return mig_text_value(mig_text_bytes(&text));
}

int64_t
mig_event_add_original(Mig *mig, const MigEvent *event, const MigOrigin *origin)
{
    MigArena arena = {mig->host, NULL};
    char hash[MIG_HASH_LENGTH + 1];
    char actor[256];
    char client[256];
    MigValue columns[MIG_EVENT_COLUMNS];
    bool common = event->common && !is_common_target(mig);
    MigChain *chain = common ? &mig->common : &mig->chain;

    mig_chain_read(mig);
    if (!mig_ok(mig))
        return 0;
    mig->host->methods->caller(mig->host, actor, sizeof(actor), client,
                               sizeof(client));
    columns[0] = mig_text_value(mig->settings->project);
    columns[1] = mig_text_value(common ? mig_bytes("") : mig->settings->target);
    columns[2] = mig_integer(chain->seq + 1);
    columns[3] = mig_integer(mig->host->methods->now(mig->host));
    columns[4] = mig_string(event->action);
    columns[5] = mig_text_value(event->version);
    columns[6] = mig_text_value(event->name);
    columns[7] = mig_string(event->outcome);
    columns[8] =
        event->duration_us < 0 ? mig_null() : mig_integer(event->duration_us);
    columns[9] = mig_string(actor);
    columns[10] = mig_string(client);
    columns[11] = mig_string(event->checksum);
    columns[12] = detail_with_reason(mig, &arena, event);
    columns[13] = chain->seq == 0 ? mig_null() : mig_string(chain->hash);
    set_origin(origin, &columns[3], &columns[9], &columns[10]);
    mig_row_hash(mig->host, columns, MIG_EVENT_HASH, hash);
    columns[MIG_EVENT_HASH] = mig_string(hash);
    mig_write(mig, MIG_SQL_EVENT_INSERT, columns, MIG_EVENT_COLUMNS);
    mig_arena_release(&arena);
    if (!mig_ok(mig))
        return 0;
    /* Events are only added under the lock, so this is the newest until then.
     */
    chain->seq++;
    memcpy(chain->hash, hash, sizeof(hash));
    return chain->seq;
}

void
mig_write_begin(Mig *mig, const char *function, MigMark *mark)
{
    mig_require_writable(mig, function);
    mig_lock(mig);
    /* What is written here lies in no schema that may be missing. */
    mig->host->limits.target = mig_bytes("");
    mig_unit_begin(mig, mark);
    if (mig_ok(mig) &&
        mig->host->methods->catalogue_create(mig->host, mig->error) == MIG_OK)
        mig->has_catalogue = true;
}

void
mig_write_end(Mig *mig, const MigMark *mark)
{
    if (mig_ok(mig))
        (void) mig->host->methods->unit_keep(mig->host, mig->error);
    mig_release(mig);
    if (mig_ok(mig))
        return;
    mig_unit_undo(mig, mark);
    mig_abandon(mig);
}
