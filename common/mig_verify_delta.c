#include "mig_verify_parts.h"

#include "mig_record.h"
#include "mig_setting.h"

#define DELTA_HINT                                                             \
    "Take its row from a backup; or migrate_stamp() to the version before "    \
    "it, "                                                                     \
    "or 'base', and back: then its way back is not held against what it has "  \
    "changed."

/* Tell something of what a migration has changed of the schema. */
static void
tell(MigVerify *verify, const MigVerifyEvent *event, const char *problem)
{
    MigProblem finding = {.kind = "record",
                          .version = event->version,
                          .object = mig_bytes("migrate_delta"),
                          .problem = problem,
                          .hint = DELTA_HINT};

    mig_verify_emit(verify, &finding);
}

/* The event of a number, of one migration in one target; NULL: none. */
static MigVerifyEvent *
find_event(MigVerify *verify, const MigValue *columns)
{
    MigVerifyEvent *last =
        mig_verify_last_event(verify, columns[0].bytes, columns[1].bytes);
    MigVerifyEvent *event = last;

    for (; event != NULL && event >= verify->events &&
           mig_bytes_equal(event->version, last->version) &&
           mig_bytes_equal(event->target, last->target);
         event--)
    {
        if (event->seq == columns[2].integer)
            return event;
    }
    return NULL;
}

/* Take a row of MIG_SQL_DELTA_ALL. */
static MigStatus
take_delta(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    MigVerify *verify = context;
    MigVerifyEvent *event = find_event(verify, columns);
    char hash[MIG_HASH_LENGTH + 1];

    (void) count;
    /* A part of a migration in several transactions has no such event. */
    if (event == NULL || event->delta.data == NULL)
        return error->status;
    event->kept = true;
    mig_hash(verify->mig->host, &columns[3].bytes, 1, hash);
    if (columns[3].type != MIG_TEXT ||
        !mig_bytes_equal(event->delta, mig_bytes(hash)))
        tell(verify, event,
             "what it has changed of the schema was edited: it does not have "
             "the hash that its event has");
    return error->status;
}

/* Tell of rows that are gone, of what is applied now: each migration's newest
 * event that has kept something has kept all. */
static void
tell_missing(MigVerify *verify)
{
    const MigVerifyEvent *next = NULL;
    bool over = false; /* its newest was met, or it was taken back since */

    for (size_t i = verify->event_count; i-- > 0;)
    {
        const MigVerifyEvent *event = &verify->events[i];

        if (next == NULL || !mig_bytes_equal(event->version, next->version) ||
            !mig_bytes_equal(event->target, next->target))
            over = false;
        over = over || !event->applies;
        if (!over && event->delta.data != NULL && !event->kept &&
            !mig_bytes_equal(event->delta, mig_bytes(MIG_RECORDED_NONE)))
            tell(verify, event,
                 mig_format_string(verify->mig->arena, verify->mig->error,
                                   "what it has changed of the schema, as "
                                   "event %lld says, is not there",
                                   (long long) event->seq));
        over = over || event->delta.data != NULL;
        next = event;
    }
}

void
mig_verify_deltas(MigVerify *verify)
{
    Mig *mig = verify->mig;
    MigValue project;

    if (!mig_ok(mig) || !mig_records(mig))
        return;
    project = mig_text_value(mig->settings->project);
    (void) mig->host->methods->query(mig->host, MIG_SQL_DELTA_ALL, &project, 1,
                                     take_delta, verify, mig->error);
    if (mig_ok(mig))
        tell_missing(verify);
}
