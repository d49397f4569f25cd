#include "mig_expect.h"

#include "mig_objects.h"
#include "mig_plan.h"
#include "mig_setting.h"

#define EXPECT_KEY "expect:" /* of an option */

/* ---- Forward ------------------------------------------------------------- */

/*
 * The fingerprint that options expect of a way of writing; absent: none.
 *
 * others  out: one for another way of writing, or absent
 */
static MigBytes
find_expected(MigBytes options, MigBytes canon, MigBytes *others)
{
    MigBytes found = {NULL, 0};
    MigBytes line;
    size_t at = 0;

    *others = found;
    while (mig_next_line(options, &at, &line))
    {
        MigFingerprint sum;
        MigBytes written;
        MigBytes value = mig_starts_with(line, EXPECT_KEY)
                             ? mig_part(line, strlen(EXPECT_KEY), line.length)
                             : mig_bytes("");

        if (!mig_fingerprint_read(value, &written, &sum))
            continue;
        if (mig_bytes_equal(written, canon))
            found = value;
        else
            *others = value;
    }
    return found;
}

/* Tell that what a file expects cannot be looked at here. */
static void
tell_passed_over(Mig *mig, const MigStep *step, MigBytes others,
                 const char *reason)
{
    const char *message = mig_format_string(
        mig->arena, mig->error,
        "migration \"%.*s\": the expected fingerprint %.*s is passed over: %s",
        (int) step->entry->version.length, step->entry->version.data,
        (int) others.length, others.data, reason);

    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_NOTICE, message);
}

void
mig_expect_forward(Mig *mig, const MigStep *step, const MigRecorded *recorded)
{
    MigBytes version = step->entry->version;
    char canon[MIG_FINGERPRINT_SIZE];
    MigBytes expected;
    MigBytes others;

    if (!mig_ok(mig))
        return;
    mig->host->methods->canon(mig->host, canon, sizeof(canon));
    expected = find_expected(step->entry->options, mig_bytes(canon), &others);
    if (expected.data == NULL)
    {
        if (others.data != NULL)
            tell_passed_over(mig, step, others,
                             "this engine writes schemas otherwise");
        return;
    }
    if (!recorded->known)
    {
        tell_passed_over(mig, step, expected, "no schema is recorded here");
        return;
    }
    if (mig_bytes_equal(expected, mig_bytes(recorded->structure)))
        return;
    (void) mig_fail(mig->error, MIG_STATE,
                    "the schema that it has led to is not the one that it "
                    "expects");
    mig_fail_detail(mig->error, "It is %s, and %.*s is expected.",
                    recorded->structure, (int) expected.length, expected.data);
    mig_fail_hint(mig->error,
                  "What was there before is another schema than where the "
                  "line was made: SELECT * FROM migrate_drift() shows what "
                  "others have changed.  Or its text was changed since: then "
                  "take out the line \"-- migrate:expect\", apply it, and make "
                  "a new one with migrate_seal('%.*s').",
                  (int) version.length, version.data);
}

MigBytes
mig_seal(Mig *mig, MigBytes version)
{
    MigArena arena = {mig->host, NULL};
    MigBytes line = {NULL, 0};
    MigBytes fingerprint;
    MigState state;
    const MigEntry *entry;

    mig_state_read(mig, &arena, &state);
    entry = mig_state_find(mig, &state, version);
    if (mig_ok(mig) && entry == NULL)
    {
        (void) mig_fail(mig->error, MIG_UNKNOWN,
                        "there is no migration \"%.*s\"",
                        (int) mig_cut(version, 200).length, version.data);
        mig_fail_hint(mig->error, "SELECT * FROM migrate_status() lists them.");
    }
    else if (mig_ok(mig) && !entry->applied)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" is not applied: the schema that it "
                        "leads to is not known",
                        (int) entry->version.length, entry->version.data);
        mig_fail_hint(mig->error, "Apply it where all is as it should be, such "
                                  "as on an empty database, then call again.");
    }
    fingerprint = mig_ok(mig) && entry != NULL
                      ? mig_recorded_fingerprint(mig, entry->version, true)
                      : line;
    if (mig_ok(mig) && entry != NULL && fingerprint.data == NULL)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "no schema was recorded when migration \"%.*s\" was "
                        "applied",
                        (int) entry->version.length, entry->version.data);
        mig_fail_hint(mig->error, "Apply it on an empty database, and seal it "
                                  "there.");
    }
    if (mig_ok(mig))
        line = mig_bytes(
            mig_format_string(mig->arena, mig->error, "-- migrate:expect %.*s",
                              (int) fingerprint.length, fingerprint.data));
    mig_arena_release(&arena);
    return line;
}

/* ---- Back ---------------------------------------------------------------- */

/* A way back being looked at. */
typedef struct Back
{
    Mig *mig;
    MigArena arena;
    MigObjectMap expected; /* of what the way forward has changed: as it was
                              before, without a definition where it was not */
    char canon[MIG_FINGERPRINT_SIZE];
    bool known;   /* the way forward was recorded */
    bool foreign; /* as another version of the server writes it */
    MigText text; /* what is not as it was, a line each */
    int64_t count;
} Back;

/* The object of a change, with one of its definitions. */
static MigObject
object_of(const MigChange *change, MigBytes definition)
{
    MigObject object = {change->kind, change->identity, change->parent,
                        definition};

    return object;
}

/* A MigRowFunction: what the way forward has changed, the newest first. */
static MigStatus
take_delta(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    Back *back = context;
    MigChanges changes = {&back->arena, NULL, 0, 0};
    MigBytes canon;

    (void) count;
    (void) error;
    back->known = true;
    mig_delta_read(back->mig, mig_copy(&back->arena, columns[1].bytes, error),
                   &canon, &changes);
    back->foreign =
        back->foreign || !mig_bytes_equal(canon, mig_bytes(back->canon));
    for (size_t i = 0; i < changes.count && mig_ok(back->mig); i++)
    {
        MigObject object =
            object_of(&changes.items[i], changes.items[i].before);

        mig_object_map_take(&back->expected, &object, NULL, error);
    }
    return back->mig->error->status;
}

/* A MigDifferenceFunction: note an object that is not as it was. */
static MigStatus
note(void *context, const MigDifference *difference, MigError *error)
{
    Back *back = context;
    const char *problem = " is not as it was before";

    if (strcmp(difference->change, MIG_DIFFERENCE_EXTRA) == 0)
        problem = " is left behind";
    else if (strcmp(difference->change, MIG_DIFFERENCE_MISSING) == 0)
        problem = " is missing";
    if (back->count++ > 0)
        mig_text_append_string(&back->text, "\n");
    mig_text_append(&back->text, difference->kind);
    mig_text_append_string(&back->text, " ");
    mig_text_append(&back->text, mig_cut(difference->object, 200));
    mig_text_append_string(&back->text, problem);
    return error->status;
}

/* An object as it should be, and as it is. */
typedef struct Sides
{
    MigObjects expected;
    MigObjects actual;
} Sides;

/* Take an object's definitions, each where there is one. */
static void
take_sides(Back *back, Sides *sides, MigObject object, MigBytes expected,
           MigBytes actual)
{
    MigError *error = back->mig->error;

    object.definition = expected;
    if (expected.data != NULL)
        (void) mig_objects_add(&sides->expected, &object, error);
    object.definition =
        back->foreign && expected.data != NULL ? expected : actual;
    if (actual.data != NULL)
        (void) mig_objects_add(&sides->actual, &object, error);
}

/* What is there of an object, or absent. */
static MigBytes
find_present(const Back *back, const MigObject *object)
{
    const MigKnownObject *known =
        mig_object_map_find(&back->mig->record->present, object);
    MigBytes absent = {NULL, 0};

    return known == NULL ? absent : known->object.definition;
}

/* Whether what an object is a part of was not there before the way forward:
 * then its parts, by whom they are, go with it. */
static bool
was_absent(const Back *back, MigBytes parent)
{
    for (size_t i = 0; i < back->expected.bucket_count; i++)
    {
        for (const MigKnownObject *known = back->expected.buckets[i];
             known != NULL && parent.data != NULL; known = known->next)
        {
            if (known->object.table.data == NULL &&
                known->object.definition.data == NULL &&
                mig_bytes_equal(known->object.identity, parent))
                return true;
        }
    }
    return false;
}

/* Look at all that either way has changed. */
static void
compare_all(Back *back, const MigRecorded *recorded)
{
    Sides sides = {{&back->arena, NULL, 0, 0}, {&back->arena, NULL, 0, 0}};

    for (size_t i = 0; i < back->expected.bucket_count; i++)
    {
        for (const MigKnownObject *known = back->expected.buckets[i];
             known != NULL && mig_ok(back->mig); known = known->next)
            take_sides(back, &sides, known->object, known->object.definition,
                       find_present(back, &known->object));
    }
    for (size_t i = 0; i < recorded->changes.count && mig_ok(back->mig); i++)
    {
        const MigChange *change = &recorded->changes.items[i];
        MigObject object = object_of(change, change->before);

        if (mig_object_map_find(&back->expected, &object) == NULL &&
            !was_absent(back, change->parent))
            take_sides(back, &sides, object, change->before, change->after);
    }
    if (mig_ok(back->mig))
        (void) mig_objects_compare(&sides.expected, &sides.actual, note, back,
                                   back->mig->error);
}

/* Say what is not as it was. */
static void
tell_forgotten(Back *back, const MigStep *step)
{
    Mig *mig = back->mig;
    MigBytes version = step->entry->version;
    const char *message;

    if (mig_setting_is(mig, "on_forgotten", "error"))
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "its way back does not bring back the schema that was "
                        "before it");
        mig_fail_detail(mig->error, "%.*s", (int) back->text.length,
                        back->text.data);
        mig_fail_hint(mig->error,
                      "Add to its way back what it forgets; or go on with "
                      "migrate_config('on_forgotten', 'warn').");
        return;
    }
    message = mig_format_string(
        mig->arena, mig->error,
        "the way back of migration \"%.*s\" does not bring back the schema "
        "that was before it:\n%.*s",
        (int) version.length, version.data, (int) back->text.length,
        back->text.data);
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

const char *
mig_expect_back(Mig *mig, MigStep *step, const MigRecorded *recorded)
{
    Back back;
    MigValue arguments[3];
    const char *detail = NULL;

    if (!mig_ok(mig) || !recorded->known ||
        mig_setting_is(mig, "on_forgotten", "ignore"))
        return NULL;
    memset(&back, 0, sizeof(back));
    back.mig = mig;
    back.arena.host = mig->host;
    back.expected.arena = &back.arena;
    back.text.arena = &back.arena;
    back.text.error = mig->error;
    mig->host->methods->canon(mig->host, back.canon, sizeof(back.canon));
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_text_value(step->entry->version);
    (void) mig->host->methods->query(mig->host, MIG_SQL_DELTA_LIST, arguments,
                                     3, take_delta, &back, mig->error);
    if (mig_ok(mig) && back.known)
        compare_all(&back, recorded);
    if (mig_ok(mig) && back.count > 0)
    {
        detail = mig_format_string(&step->arena, mig->error, "%.*s",
                                   (int) back.text.length, back.text.data);
        tell_forgotten(&back, step);
    }
    mig_arena_release(&back.arena);
    return detail;
}
