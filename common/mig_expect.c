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

/* Names in a detail. */
typedef struct Names
{
    MigText text;
    int64_t count;
} Names;

#define SHOWN 5 /* names of a kind that a detail has */

/* A MigDifferenceFunction: add a name; owners and the like do not count. */
static MigStatus
add_name(void *context, const MigDifference *difference, MigError *error)
{
    Names *names = context;
    MigObject object = {
        difference->kind, difference->object, {NULL, 0}, {NULL, 0}};

    if (!mig_object_is_structure(&object) || names->count++ >= SHOWN)
        return error->status;
    if (names->count > 1)
        mig_text_append_string(&names->text, ", ");
    mig_text_append(&names->text, difference->kind);
    mig_text_append_string(&names->text, " ");
    mig_text_append(&names->text, mig_cut(difference->object, 80));
    return error->status;
}

/* Append names behind what they are, with their count where it is more. */
static void
append_names(MigText *detail, const char *what, Names *names)
{
    MigBytes text = mig_text_bytes(&names->text);

    if (names->count == 0)
        return;
    mig_text_append_string(detail, what);
    mig_text_append(detail, text);
    if (names->count > SHOWN)
        mig_text_append_format(detail, " and %lld more",
                               (long long) (names->count - SHOWN));
    mig_text_append_string(detail, ".");
}

/* Say what can be the reason that a schema is not the expected one: what
 * differs from the record, and what the project's migrations have not made
 * here. */
static MigBytes
describe_others(Mig *mig, const MigRecorded *recorded)
{
    MigText detail = {mig->arena, mig->error, NULL, 0, 0};
    Names drifted = {{mig->arena, mig->error, NULL, 0, 0}, 0};
    Names others = {{mig->arena, mig->error, NULL, 0, 0}, 0};

    (void) mig_record_differences(mig, add_name, &drifted);
    (void) mig_record_others(mig, recorded, add_name, &others);
    append_names(&detail, " Differing from the record: ", &drifted);
    append_names(
        &detail,
        " Not made by migrations of this project here, and counted all the "
        "same: ",
        &others);
    return mig_text_bytes(&detail);
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
    others = describe_others(mig, recorded);
    (void) mig_fail(mig->error, MIG_STATE,
                    "the schema that it has led to is not the one that it "
                    "expects");
    mig_fail_detail(mig->error, "It is %s, and %.*s is expected.%.*s",
                    recorded->structure, (int) expected.length, expected.data,
                    (int) others.length, others.data);
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
    entry = mig_target_version(mig, &state, version);
    if (mig_ok(mig) && !entry->applied)
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
    MigObjectMap undone;   /* of what the way back has: likewise */
    MigObjectMap made;     /* what the way forward has made of them */
    MigObjectMap since;    /* which were something else when the way back began;
                              parts of nothing, as are the next */
    MigObjectMap alone;    /* which only the way back has changed */
    char canon[MIG_FINGERPRINT_SIZE];
    bool known;   /* the way forward was recorded */
    bool foreign; /* as another version of the server writes it */
    MigText text; /* what is not as it was, a line each */
    int64_t count;
} Back;

/* Take objects as they were before changes that are older than those taken. */
static void
take_before(const Back *back, MigObjectMap *map, const MigChanges *changes)
{
    for (size_t i = 0; i < changes->count && mig_ok(back->mig); i++)
    {
        const MigChange *change = &changes->items[i];
        MigObject object = {change->kind, change->identity, change->parent,
                            change->before};

        mig_object_map_take(map, &object, NULL, back->mig->error);
    }
}

/* Take objects as changes that are older than those taken have left them. */
static void
take_after(const Back *back, MigObjectMap *map, const MigChanges *changes)
{
    for (size_t i = 0; i < changes->count && mig_ok(back->mig); i++)
    {
        const MigChange *change = &changes->items[i];
        MigObject object = {change->kind, change->identity, change->parent,
                            change->after};

        if (mig_object_map_find(map, &object) == NULL)
            mig_object_map_take(map, &object, NULL, back->mig->error);
    }
}

/* A MigRowFunction: what the way forward, or an earlier transaction of the way
 * back, has changed; the newest first. */
static MigStatus
take_delta(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    Back *back = context;
    MigChanges changes = {&back->arena, NULL, 0, 0};
    MigBytes canon;

    (void) count;
    (void) error;
    mig_delta_read(back->mig, mig_copy(&back->arena, columns[1].bytes, error),
                   &canon, &changes);
    if (columns[2].integer != 0)
    {
        take_before(back, &back->undone, &changes);
        return back->mig->error->status;
    }
    back->known = true;
    back->foreign =
        back->foreign || !mig_bytes_equal(canon, mig_bytes(back->canon));
    take_after(back, &back->made, &changes);
    take_before(back, &back->expected, &changes);
    return back->mig->error->status;
}

/* A MigDifferenceFunction: note an object that is not as it was. */
static MigStatus
note(void *context, const MigDifference *difference, MigError *error)
{
    Back *back = context;
    const char *problem = " is not as it was before";
    MigObject object = {
        difference->kind, difference->object, {NULL, 0}, {NULL, 0}};

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
    /* Else whoever reads it would look for the fault in this way back. */
    if (mig_object_map_find(&back->alone, &object) != NULL)
        mig_text_append_string(&back->text,
                               "; the way forward had not changed it");
    else if (mig_object_map_find(&back->since, &object) != NULL)
        mig_text_append_string(&back->text, "; it had been changed since");
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

/* Note that an object is one of some, whatever it is a part of. */
static void
mark(const Back *back, MigObjectMap *map, const MigObject *object)
{
    MigObject marked = {
        object->kind, object->identity, {NULL, 0}, object->definition};

    mig_object_map_take(map, &marked, NULL, back->mig->error);
}

/* Whether an object was something else when the way back began than what the
 * way forward has made of it. */
static bool
is_changed_since(const Back *back, const MigObject *object)
{
    const MigKnownObject *made = mig_object_map_find(&back->made, object);
    const MigKnownObject *begun = mig_object_map_find(&back->undone, object);
    MigBytes before =
        begun != NULL ? begun->object.definition : find_present(back, object);

    if (made == NULL || back->foreign)
        return false;
    if (made->object.definition.data == NULL || before.data == NULL)
        return made->object.definition.data != before.data;
    return !mig_bytes_equal(made->object.definition, before);
}

/* Whether what an object is a part of was not there before the way forward:
 * then its parts, by whom they are, go with it. */
static bool
was_absent(const Back *back, MigBytes parent)
{
    const MigKnownObject *known = NULL;

    if (parent.data == NULL)
        return false;
    do
        known = mig_object_map_next_root(&back->expected, parent, known);
    while (known != NULL && known->object.definition.data != NULL);
    return known != NULL;
}

/* Look at all that either way has changed. */
static void
compare_all(Back *back)
{
    Sides sides = {{&back->arena, NULL, 0, 0}, {&back->arena, NULL, 0, 0}};

    for (size_t i = 0; i < back->expected.bucket_count; i++)
    {
        for (const MigKnownObject *known = back->expected.buckets[i];
             known != NULL && mig_ok(back->mig); known = known->next)
        {
            take_sides(back, &sides, known->object, known->object.definition,
                       find_present(back, &known->object));
            if (is_changed_since(back, &known->object))
                mark(back, &back->since, &known->object);
        }
    }
    for (size_t i = 0; i < back->undone.bucket_count; i++)
    {
        for (const MigKnownObject *known = back->undone.buckets[i];
             known != NULL && mig_ok(back->mig); known = known->next)
        {
            if (mig_object_map_find(&back->expected, &known->object) != NULL ||
                was_absent(back, known->object.table))
                continue;
            take_sides(back, &sides, known->object, known->object.definition,
                       find_present(back, &known->object));
            mark(back, &back->alone, &known->object);
        }
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

/* Whether the way forward was recorded and has changed nothing: then there is
 * no delta of it, and all that its way back changes is the way back's own. */
static bool
has_changed_nothing(Mig *mig, const MigStep *step)
{
    return mig_recorded_fingerprint(mig, step->entry->version, true).data !=
           NULL;
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
    back.undone.arena = &back.arena;
    back.made.arena = &back.arena;
    back.since.arena = &back.arena;
    back.alone.arena = &back.arena;
    back.text.arena = &back.arena;
    back.text.error = mig->error;
    mig->host->methods->canon(mig->host, back.canon, sizeof(back.canon));
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_text_value(step->entry->version);
    take_before(&back, &back.undone, &recorded->changes);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_DELTA_LIST,
                                         arguments, 3, take_delta, &back,
                                         mig->error);
    if (mig_ok(mig) && !back.known && back.undone.bucket_count > 0)
        back.known = has_changed_nothing(mig, step);
    if (mig_ok(mig) && back.known)
        compare_all(&back);
    if (mig_ok(mig) && back.count > 0)
    {
        detail = mig_format_string(&step->arena, mig->error, "%.*s",
                                   (int) back.text.length, back.text.data);
        tell_forgotten(&back, step);
    }
    mig_arena_release(&back.arena);
    return detail;
}
