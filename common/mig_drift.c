#include "mig_drift.h"

#include "mig_objects.h"
#include "mig_plan.h"
#include "mig_record.h"
#include "mig_setting.h"
#include "mig_slice.h"
#include "mig_watch.h"
#include "mig_write.h"

#define SHOWN ((int64_t) 20) /* differences that a warning names, */
#define FOUND ((int64_t) 3)  /* and a finding */

/* What to do about drift that refuses a run. */
#define DRIFT_HINT                                                             \
    "SELECT * FROM migrate_drift() shows both texts.  Put it back; or take "   \
    "it "                                                                      \
    "as it is with migrate_accept(); or go on with "                           \
    "migrate_config('on_drift', 'warn')."

/* What is recorded, being read. */
typedef struct Recorded
{
    MigScope scope;
    MigObjects objects;
    MigBytes header; /* the fingerprint of the record, or absent */
} Recorded;

/* A MigRowFunction: an object as it is recorded. */
static MigStatus
take_recorded(void *context, const MigValue *columns, size_t count,
              MigError *error)
{
    Recorded *recorded = context;
    MigObject object = mig_record_object(columns);

    (void) count;
    if (mig_bytes_equal(object.kind, mig_bytes(MIG_RECORD_KIND)))
        recorded->header =
            mig_copy(recorded->objects.arena, object.definition, error);
    else if (!mig_record_left(&recorded->scope, &object))
        (void) mig_objects_add(&recorded->objects, &object, error);
    return error->status;
}

/* A difference under way to who asks for it, in the words of drift. */
typedef struct Telling
{
    MigDifferenceFunction emit;
    void *context;
    bool foreign; /* texts cannot be compared */
    int64_t count;
} Telling;

/* A MigDifferenceFunction. */
static MigStatus
tell(void *context, const MigDifference *difference, MigError *error)
{
    Telling *telling = context;
    MigDifference told = *difference;

    if (telling->foreign &&
        (strcmp(difference->change, MIG_DIFFERENCE_DIFFERS) == 0 ||
         !mig_record_outlasts(difference->kind)))
        return error->status;
    telling->count++;
    if (telling->emit == NULL)
        return error->status;
    if (strcmp(difference->change, MIG_DIFFERENCE_MISSING) == 0)
        told.change = MIG_DRIFT_REMOVED;
    else if (strcmp(difference->change, MIG_DIFFERENCE_EXTRA) == 0)
        told.change = MIG_DRIFT_ADDED;
    else
        told.change = MIG_DRIFT_CHANGED;
    return telling->emit(telling->context, &told, error);
}

/* Why there is no record to compare with, a constant; NULL where there is. */
static const char *
why_none(Mig *mig, const Recorded *recorded)
{
    MigFingerprint sum;
    MigBytes written;

    if (recorded->header.data == NULL)
        return mig_recorded_once(mig)
                   ? "the recorded schema is gone: no run begins until "
                     "migrate_accept() records what is there anew"
                   : "no schema is recorded yet: the next run records it, or "
                     "migrate_accept()";
    return mig_fingerprint_read(recorded->header, &written, &sum)
               ? NULL
               : "the fingerprint of the recorded schema is malformed: no run "
                 "begins until migrate_accept() records what is there anew";
}

/* Why texts cannot be compared with those of a record, in mig's arena; NULL
 * where they can, and on failure. */
static const char *
why_not_texts(Mig *mig, const Recorded *recorded)
{
    char canon[MIG_FINGERPRINT_SIZE];
    MigFingerprint sum;
    MigBytes written = {NULL, 0};

    mig->host->methods->canon(mig->host, canon, sizeof(canon));
    (void) mig_fingerprint_read(recorded->header, &written, &sum);
    if (mig_bytes_equal(written, mig_bytes(canon)))
        return NULL;
    return mig_format_string(
        mig->arena, mig->error,
        "the schema was recorded as %.*s writes it, and this is %s: until the "
        "next run records it anew, or migrate_accept(), only what was added or "
        "removed as a whole is told",
        (int) written.length, written.data, canon);
}

/* List what is there and not recorded; of what is recorded leave what is not
 * there.  Mostly that is nothing, and need not be sorted. */
static void
list_differing(Mig *mig, Recorded *recorded, MigObjects *actual)
{
    MigObjectsMatch match;

    mig_objects_match_begin(&match, &recorded->objects, actual, mig->error);
    if (mig_ok(mig))
        (void) mig->host->methods->list_objects(
            mig->host, &recorded->scope, mig_objects_match, &match, mig->error);
    if (mig_ok(mig))
        mig_objects_match_end(&match);
}

/* Compare a record that was read with what is there. */
static int64_t
compare(Mig *mig, Recorded *recorded, Telling *telling)
{
    MigObjects actual = {recorded->objects.arena, NULL, 0, 0};

    list_differing(mig, recorded, &actual);
    if (mig_ok(mig))
        (void) mig_objects_compare(&recorded->objects, &actual, tell, telling,
                                   mig->error);
    return telling->count;
}

int64_t
mig_drift_each(Mig *mig, MigDifferenceFunction emit, void *context,
               const char **unknown)
{
    MigArena arena = {mig->host, NULL};
    Recorded recorded = {.objects = {&arena, NULL, 0, 0}};
    Telling telling = {.emit = emit, .context = context};
    MigValue target = mig_text_value(mig->settings->target);
    int64_t count = 0;

    *unknown = NULL;
    if (!mig_ok(mig) || !mig_records(mig))
        return 0;
    mig_record_scope(mig, &arena, &recorded.scope);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_OBJECT_LIST,
                                         &target, 1, take_recorded, &recorded,
                                         mig->error);
    if (mig_ok(mig))
        *unknown = why_none(mig, &recorded);
    if (mig_ok(mig) && *unknown == NULL)
    {
        *unknown = why_not_texts(mig, &recorded);
        telling.foreign = *unknown != NULL;
        count = compare(mig, &recorded, &telling);
    }
    mig_arena_release(&arena);
    return mig_ok(mig) ? count : 0;
}

/* Rows of migrate_drift() under way. */
typedef struct Rows
{
    MigCall *call;
    MigHands hands;
} Rows;

/* A MigDifferenceFunction: a row of migrate_drift(). */
static MigStatus
emit_row(void *context, const MigDifference *difference, MigError *error)
{
    const Rows *rows = context;
    const MigHand *hand = mig_hands_find(&rows->hands, difference);
    MigValue row[7];

    row[0] = mig_text_value(difference->kind);
    row[1] = mig_text_value(difference->object);
    row[2] = mig_string(difference->change);
    row[3] = mig_text_value(difference->expected);
    row[4] = mig_text_value(difference->actual);
    row[5] = hand == NULL ? mig_null() : mig_time(hand->at);
    row[6] = hand == NULL ? mig_null() : mig_text_value(hand->actor);
    (void) rows->call->emit(rows->call, row, 7);
    return error->status;
}

void
mig_drift(Mig *mig, MigCall *call)
{
    MigArena arena = {mig->host, NULL};
    Rows rows = {call, {&arena, NULL, 0, 0}};
    const char *unknown;

    mig_hands_read(mig, &rows.hands);
    (void) mig_drift_each(mig, emit_row, &rows, &unknown);
    /* No rows would say that all is as recorded. */
    if (unknown != NULL)
        mig_record_require_sound(mig);
    if (unknown != NULL && mig_ok(mig))
        mig->host->methods->notice(mig->host, MIG_NOTICE, unknown);
    mig_arena_release(&arena);
}

/* Differences as a text, and a hash over all of each. */
typedef struct Summary
{
    MigText text;
    int64_t most;      /* that the text names */
    const char *front; /* put in front of each in it */
    MigHost *host;
    int64_t count;
    char hash[MIG_HASH_LENGTH + 1];
} Summary;

/* Append a name, in one line: events have lines of other meaning. */
static void
append_name(MigText *text, MigBytes name)
{
    for (size_t i = 0; i < name.length; i++)
    {
        bool ends = name.data[i] == '\n' || name.data[i] == '\r';

        mig_text_append(text, ends ? mig_bytes(" ") : mig_part(name, i, i + 1));
    }
}

/* A MigDifferenceFunction. */
static MigStatus
summarise(void *context, const MigDifference *difference, MigError *error)
{
    Summary *summary = context;
    MigBytes pieces[5];

    pieces[0] = mig_bytes(summary->hash);
    pieces[1] = difference->kind;
    pieces[2] = difference->object;
    pieces[3] = mig_bytes(difference->change);
    pieces[4] = difference->actual;
    mig_hash(summary->host, pieces, 5, summary->hash);
    if (summary->count++ >= summary->most)
        return error->status;
    mig_text_append_string(&summary->text, summary->front);
    mig_text_append(&summary->text, difference->kind);
    mig_text_append_string(&summary->text, " ");
    append_name(&summary->text, mig_cut(difference->object, 200));
    mig_text_append_string(&summary->text, " ");
    mig_text_append_string(&summary->text, difference->change);
    return error->status;
}

/* A MigRowFunction: what the newest event about drift was. */
static MigStatus
take_newest(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    Summary *known = context;

    (void) count;
    (void) error;
    if (mig_bytes_equal(columns[0].bytes, mig_bytes("drift")) &&
        columns[1].bytes.length == MIG_HASH_LENGTH)
        memcpy(known->hash, columns[1].bytes.data, MIG_HASH_LENGTH);
    return MIG_OK;
}

/* Put drift into the history, unless that was done already. */
static void
note(Mig *mig, const Summary *summary, const char *detail)
{
    MigValue target = mig_text_value(mig->settings->target);
    MigEvent event = {"drift", {NULL, 0},     {NULL, 0}, MIG_OUTCOME_OK,
                      -1,      summary->hash, detail,    false};
    Summary known;

    memset(&known, 0, sizeof(known));
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_DRIFT,
                                         &target, 1, take_newest, &known,
                                         mig->error);
    if (mig_ok(mig) && strcmp(known.hash, summary->hash) != 0)
        (void) mig_event_add(mig, &event);
}

/* Summarise what differs; as mig_drift_each(). */
static void
summarise_all(Mig *mig, int64_t most, const char *front, Summary *summary,
              const char **unknown)
{
    memset(summary, 0, sizeof(*summary));
    summary->text.arena = mig->arena;
    summary->text.error = mig->error;
    summary->host = mig->host;
    summary->most = most;
    summary->front = front;
    (void) mig_drift_each(mig, summarise, summary, unknown);
}

/* Say of how many objects a message is, and which. */
static const char *
describe(Mig *mig, const Summary *summary)
{
    return mig_format_string(
        mig->arena, mig->error,
        "%lld object%s the recorded schema: somebody else has changed it%s%s%s",
        (long long) summary->count,
        summary->count == 1 ? " differs from" : "s differ from",
        summary->text.data == NULL ? "" : summary->text.data,
        summary->count > summary->most ? summary->front : "",
        summary->count > summary->most ? "..." : "");
}

/* Whether drift refuses the run. */
static bool
refuses(const Mig *mig)
{
    return mig_setting_is(mig, "on_drift", "error") && !mig->record->resumes;
}

void
mig_drift_refuse(Mig *mig)
{
    if (mig_ok(mig) && refuses(mig))
        mig_drift_tell(mig, false);
}

void
mig_drift_tell(Mig *mig, bool warn)
{
    Summary summary;
    const char *message;
    const char *unknown;

    summarise_all(mig, SHOWN, "\n", &summary, &unknown);
    if (summary.count == 0 || !mig_ok(mig) ||
        mig_setting_is(mig, "on_drift", "ignore"))
        return;
    mig->record->differs = summary.count;
    message = describe(mig, &summary);
    if (refuses(mig))
    {
        (void) mig_fail(mig->error, MIG_STATE, "%s",
                        message == NULL ? "" : message);
        mig_fail_hint(mig->error, "%s", DRIFT_HINT);
        return;
    }
    note(mig, &summary,
         summary.text.data == NULL ? NULL : summary.text.data + 1);
    if (message != NULL && mig_ok(mig) && warn)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

void
mig_drift_find(Mig *mig, bool resumes, MigFinding *finding)
{
    Summary summary;
    const char *unknown;

    finding->name = "drift";
    finding->state = MIG_FINDING_UNKNOWN;
    finding->detail = "the setting on_drift is \"ignore\"";
    finding->hint = NULL;
    mig_record_require_sound(mig);
    if (!mig_ok(mig) || mig_setting_is(mig, "on_drift", "ignore"))
        return;
    summarise_all(mig, FOUND, "; ", &summary, &unknown);
    finding->state = MIG_FINDING_OK;
    finding->detail =
        unknown == NULL ? "the schema is as it is recorded" : unknown;
    if (!mig_ok(mig) || summary.count == 0)
        return;
    finding->detail = describe(mig, &summary);
    if (unknown != NULL && mig_ok(mig))
        finding->detail = mig_format_string(mig->arena, mig->error, "%s; %s",
                                            finding->detail, unknown);
    finding->hint = DRIFT_HINT;
    finding->state = mig_setting_is(mig, "on_drift", "error") && !resumes
                         ? MIG_FINDING_ERROR
                         : MIG_FINDING_WARNING;
}

/* Summarise what is to be accepted.  What is malformed is what is to be written
 * anew. */
static void
summarise_accepted(Mig *mig, Summary *summary)
{
    const char *unknown;

    summarise_all(mig, SHOWN, "\n", summary, &unknown);
    if (mig_ok(mig))
        (void) mig_record_load(mig, false);
    if (mig->error->status == MIG_CORRUPT)
        mig_error_clear(mig->error);
}

/* Add the event that says what was accepted. */
static void
note_accepted(Mig *mig, const Summary *summary)
{
    MigEvent event = {"accept", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,       NULL,      NULL,      false};

    event.detail = mig_record_detail(
        mig, mig_format_string(
                 mig->arena, mig->error, "%lld difference%s accepted%s%s",
                 (long long) summary->count, summary->count == 1 ? "" : "s",
                 summary->text.data == NULL ? "" : summary->text.data,
                 summary->count > summary->most ? "\n..." : ""));
    (void) mig_event_add(mig, &event);
}

int64_t
mig_drift_accept(Mig *mig)
{
    MigRecord record;
    MigMark mark;
    MigBytes target = mig->settings->target;
    Summary summary;

    memset(&summary, 0, sizeof(summary));
    mig_record_open(mig, &record);
    mig_write_begin(mig, "migrate_accept", &mark);
    mig->host->limits.target = target;
    if (mig_ok(mig) && !mig_records(mig))
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "this catalogue has no table for schemas");
        mig_fail_hint(mig->error, "ALTER EXTENSION migrate UPDATE adds it.");
    }
    if (mig_ok(mig))
        summarise_accepted(mig, &summary);
    if (mig_ok(mig))
    {
        mig_record_whole(mig);
        note_accepted(mig, &summary);
    }
    mig_write_end(mig, &mark);
    mig_record_close(mig);
    return mig_ok(mig) ? summary.count : 0;
}

/* ---- Fingerprints -------------------------------------------------------- */

/* A MigObjectFunction: add an object to a sum. */
typedef struct Sum
{
    Mig *mig;
    MigFingerprint sum;
} Sum;

static MigStatus
add_object(void *context, const MigObject *object, MigError *error)
{
    Sum *sum = context;
    MigFingerprint part;

    mig_fingerprint_of(sum->mig->host, object, &part);
    mig_fingerprint_add(&sum->sum, &part);
    return error->status;
}

/* That of an applied migration. */
static MigBytes
fingerprint_of_version(Mig *mig, MigBytes version)
{
    MigArena arena = {mig->host, NULL};
    MigBytes found = {NULL, 0};
    const MigEntry *entry;
    MigState state;

    mig_state_read(mig, &arena, &state);
    entry = mig_target_version(mig, &state, version);
    if (entry != NULL)
        found = mig_recorded_fingerprint(mig, entry->version, false);
    mig_arena_release(&arena);
    return found;
}

MigBytes
mig_fingerprint_call(Mig *mig, MigBytes version)
{
    MigArena arena = {mig->host, NULL};
    MigBytes absent = {NULL, 0};
    char text[MIG_FINGERPRINT_SIZE];
    MigScope scope;
    Sum sum;

    if (version.data != NULL)
        return fingerprint_of_version(mig, version);
    memset(&sum, 0, sizeof(sum));
    memset(&scope, 0, sizeof(scope));
    sum.mig = mig;
    scope.schema = mig->settings->target;
    if (mig_ok(mig) && mig_records(mig))
        mig_record_scope(mig, &arena, &scope);
    if (mig_ok(mig))
        (void) mig->host->methods->list_objects(mig->host, &scope, add_object,
                                                &sum, mig->error);
    mig_arena_release(&arena);
    if (!mig_ok(mig))
        return absent;
    mig_fingerprint_text(mig->host, &sum.sum, text);
    return mig_copy(mig->arena, mig_bytes(text), mig->error);
}
