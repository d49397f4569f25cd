#include "mig_verify_parts.h"

#include "mig_record.h"
#include "mig_setting.h"
#include "mig_version.h"
#include "mig_write.h"

#define EDITED_HINT                                                            \
    "Compare the history with migrate_export_history() of a backup."

/* Where the walk along the chains is. */
typedef struct Walk
{
    MigVerify *verify;
    bool begun;
    bool own;         /* the present chain is one of the call's project */
    MigBytes project; /* of the present chain */
    MigBytes target;
    int64_t seq; /* of the event before; 0: none in this chain */
    char stored[MIG_HASH_LENGTH + 1];   /* its hash as it is written, */
    char computed[MIG_HASH_LENGTH + 1]; /* and as it should be */
    bool torn;     /* its hash is no text of the right length */
    bool recorded; /* verify->schemas ends with what this chain says */
} Walk;

MigBytes
mig_verify_event_name(Mig *mig, MigBytes target, int64_t seq)
{
    return mig_bytes(mig_format_string(
        mig->arena, mig->error, "event %lld%s%.*s", (long long) seq,
        target.length == 0 ? "" : " of ", (int) target.length,
        target.length == 0 ? "" : target.data));
}

/* The same in the present chain, which may be one of another project. */
static MigBytes
event_name(const Walk *walk, int64_t seq)
{
    Mig *mig = walk->verify->mig;
    MigBytes name = mig_verify_event_name(mig, walk->target, seq);

    if (walk->own || name.data == NULL)
        return name;
    return mig_bytes(mig_format_string(
        mig->arena, mig->error, "%s in project %.*s", name.data,
        (int) walk->project.length, walk->project.data));
}

/* Tell something of an event. */
static void
tell(const Walk *walk, const MigValue *columns, const char *problem)
{
    MigProblem finding = {.kind = "history", .problem = problem};

    finding.hint = EDITED_HINT;
    if (columns[MIG_EVENT_VERSION].type == MIG_TEXT)
        finding.version = columns[MIG_EVENT_VERSION].bytes;
    finding.object = event_name(walk, columns[MIG_EVENT_SEQ].integer);
    mig_verify_emit(walk->verify, &finding);
}

/* Begin another chain, when this event is its first. */
static void
enter_chain(Walk *walk, const MigValue *columns)
{
    Mig *mig = walk->verify->mig;
    MigBytes target = columns[MIG_EVENT_TARGET].bytes;

    MigBytes project = columns[MIG_EVENT_PROJECT].bytes;

    if (walk->begun && mig_bytes_equal(walk->target, target) &&
        mig_bytes_equal(walk->project, project))
        return;
    walk->begun = true;
    walk->own = mig_bytes_equal(project, mig->settings->project);
    walk->project = mig_copy(mig->arena, project, mig->error);
    walk->target = mig_copy(mig->arena, target, mig->error);
    walk->seq = 0;
    walk->recorded = false;
}

/* Tell of events that are not there before one. */
static void
tell_gap(const Walk *walk, const MigValue *columns)
{
    Mig *mig = walk->verify->mig;
    int64_t first = walk->seq + 1;
    int64_t last = columns[MIG_EVENT_SEQ].integer - 1;

    if (first == last)
        tell(walk, columns,
             mig_format_string(mig->arena, mig->error,
                               "event %lld, before it, is missing",
                               (long long) first));
    else
        tell(walk, columns,
             mig_format_string(mig->arena, mig->error,
                               "events %lld to %lld, before it, are missing",
                               (long long) first, (long long) last));
}

/* Whether an event holds the hash of the one before. */
static bool
is_linked(const Walk *walk, const MigValue *previous)
{
    if (walk->seq == 0)
        return previous->type == MIG_NULL;
    return previous->type == MIG_TEXT &&
           (mig_bytes_equal(previous->bytes, mig_bytes(walk->computed)) ||
            (!walk->torn &&
             mig_bytes_equal(previous->bytes, mig_bytes(walk->stored))));
}

/* Look at one event: its number, its hash, its link. */
static void
check_event(Walk *walk, const MigValue *columns)
{
    MigHost *host = walk->verify->mig->host;
    const MigValue *hash = &columns[MIG_EVENT_HASH];
    int64_t seq = columns[MIG_EVENT_SEQ].integer;
    char computed[MIG_HASH_LENGTH + 1] = "";
    bool typed = mig_event_is_typed(columns);
    bool gap = (uint64_t) seq != (uint64_t) walk->seq + 1;

    if (typed)
        mig_row_hash(host, columns, MIG_EVENT_HASH, computed);
    if (gap && seq > walk->seq)
        tell_gap(walk, columns);
    if (seq < 1 || !typed || hash->type != MIG_TEXT ||
        !mig_bytes_equal(hash->bytes, mig_bytes(computed)))
        tell(walk, columns, "was edited: its hash is not that of its columns");
    else if (!gap && !is_linked(walk, &columns[MIG_EVENT_PREVIOUS_HASH]))
        tell(walk, columns,
             "does not follow the event before it, whose hash is another: one "
             "of them was replaced or inserted");
    walk->torn =
        hash->type != MIG_TEXT || hash->bytes.length != MIG_HASH_LENGTH;
    if (!walk->torn)
        memcpy(walk->stored, hash->bytes.data, MIG_HASH_LENGTH);
    walk->stored[MIG_HASH_LENGTH] = '\0';
    memcpy(walk->computed, computed, sizeof(computed));
    if (seq > 0)
        walk->seq = seq;
}

/* Whether a text is one of the words between blanks. */
static bool
is_one_of(MigBytes text, const char *words)
{
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(mig_bytes(words), &at, " ", &word))
    {
        if (mig_bytes_equal(word, text))
            return true;
    }
    return false;
}

/* Keep an event that makes a record, or takes it away. */
static void
keep_event(Walk *walk, const MigValue *columns)
{
    MigVerify *verify = walk->verify;
    Mig *mig = verify->mig;
    MigBytes action = columns[MIG_EVENT_ACTION].bytes;
    MigBytes record = mig_chain_record(columns[MIG_EVENT_DETAIL].bytes);
    bool applies =
        record.data != NULL || is_one_of(action, "apply stamp adopt");
    MigVerifyEvent *event;

    if (columns[MIG_EVENT_VERSION].type != MIG_TEXT ||
        !mig_bytes_equal(columns[MIG_EVENT_OUTCOME].bytes,
                         mig_bytes(MIG_OUTCOME_OK)) ||
        (!applies && !is_one_of(action, "rollback unstamp")))
        return;
    event =
        mig_array_reserve(mig->arena, verify->events, verify->event_count,
                          &verify->event_capacity, sizeof(*event), mig->error);
    if (event == NULL)
        return;
    verify->events = event;
    event += verify->event_count++;
    memset(event, 0, sizeof(*event));
    event->target = walk->target;
    event->version =
        mig_copy(mig->arena, columns[MIG_EVENT_VERSION].bytes, mig->error);
    event->name =
        mig_copy(mig->arena, columns[MIG_EVENT_NAME].bytes, mig->error);
    event->checksum =
        mig_copy(mig->arena, columns[MIG_EVENT_CHECKSUM].bytes, mig->error);
    event->actor =
        mig_copy(mig->arena, columns[MIG_EVENT_ACTOR].bytes, mig->error);
    event->record = mig_copy(mig->arena, record, mig->error);
    event->delta = mig_copy(mig->arena,
                            mig_recorded_delta(columns[MIG_EVENT_DETAIL].bytes),
                            mig->error);
    event->seq = columns[MIG_EVENT_SEQ].integer;
    event->duration_us = columns[MIG_EVENT_DURATION].type == MIG_INTEGER
                             ? columns[MIG_EVENT_DURATION].integer
                             : -1;
    event->applies = applies;
}

/*
 * Keep what an event of the call's target says that the recorded schema is.
 * All projects share that.  Behind what a migration in several transactions has
 * done so far it is not known.
 */
static void
keep_schema(Walk *walk, const MigValue *columns)
{
    MigVerify *verify = walk->verify;
    Mig *mig = verify->mig;
    MigBytes outcome = columns[MIG_EVENT_OUTCOME].bytes;
    MigBytes *schemas = verify->schemas;
    MigBytes schema = {NULL, 0};
    MigBytes structure;

    if (!mig_bytes_equal(walk->target, mig->settings->target) || !mig_ok(mig))
        return;
    if (mig_bytes_equal(outcome, mig_bytes(MIG_OUTCOME_OK)))
        (void) mig_recorded_rest(columns[MIG_EVENT_DETAIL].bytes, &schema,
                                 &structure);
    if (schema.data == NULL &&
        !mig_bytes_equal(outcome, mig_bytes(MIG_OUTCOME_DONE)) &&
        !mig_bytes_equal(outcome, mig_bytes(MIG_OUTCOME_STARTED)))
        return;
    schemas = mig_array_reserve(mig->arena, schemas, verify->schema_count,
                                &verify->schema_capacity, sizeof(MigBytes),
                                mig->error);
    if (schemas == NULL)
        return;
    verify->schemas = schemas;
    verify->schema_count += !walk->recorded;
    walk->recorded = true;
    schemas[verify->schema_count - 1] =
        mig_copy(mig->arena, schema, mig->error);
}

/* Take a row of MIG_SQL_EVENT_CHAINS. */
static MigStatus
take_event(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    Walk *walk = context;

    (void) count;
    enter_chain(walk, columns);
    check_event(walk, columns);
    keep_schema(walk, columns);
    if (walk->own && !mig_bytes_equal(columns[MIG_EVENT_OUTCOME].bytes,
                                      mig_bytes(MIG_OUTCOME_OK)))
        walk->verify->all_well = false;
    if (walk->own)
    {
        keep_event(walk, columns);
        mig_verify_meet(walk->verify, columns);
    }
    return error->status;
}

/* The order of verify->events. */
static int
compare_events(const void *a, const void *b)
{
    const MigVerifyEvent *first = a;
    const MigVerifyEvent *second = b;
    int order = mig_position_compare(first->target, second->target);

    if (order == 0)
        order = mig_position_compare(first->version, second->version);
    if (order == 0)
        order = (first->seq > second->seq) - (first->seq < second->seq);
    return order;
}

void
mig_verify_history(MigVerify *verify)
{
    Mig *mig = verify->mig;
    Walk walk;

    memset(&walk, 0, sizeof(walk));
    walk.verify = verify;
    verify->all_well = true;
    if (mig_ok(mig) && mig->has_catalogue)
        (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_CHAINS, NULL,
                                         0, take_event, &walk, mig->error);
    verify->all_well = verify->all_well && mig_ok(mig);
    if (mig_ok(mig))
        mig_array_sort(verify->events, verify->event_count,
                       sizeof(MigVerifyEvent), compare_events);
    mig_verify_head(verify);
}
