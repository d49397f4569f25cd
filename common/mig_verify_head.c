#include "mig_verify_parts.h"

#include <stdlib.h>

#include "mig_json.h"
#include "mig_setting.h"
#include "mig_version.h"

#define HEAD_HINT                                                              \
    "Somebody has taken events from the end of the history, or put another "   \
    "history in its place: compare it with the export, line by line."

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* The fields of a line of an export that matter here. */
typedef struct HeadLine
{
    MigBytes project;
    MigBytes target;
    MigBytes seq; /* digits */
    MigBytes hash;
} HeadLine;

/* Read the members of an object, of which those that are not known are passed
 * over. */
static void
read_members(Mig *mig, MigJson *json, HeadLine *line)
{
    const struct
    {
        const char *key;
        MigBytes *value;
        MigJsonKind kind;
    } members[] = {{"project", &line->project, MIG_JSON_STRING},
                   {"target", &line->target, MIG_JSON_STRING},
                   {"seq", &line->seq, MIG_JSON_NUMBER},
                   {"hash", &line->hash, MIG_JSON_STRING}};
    MigBytes key;

    while (mig_ok(mig) && mig_json_next(mig, json, &key) == MIG_JSON_KEY)
    {
        MigBytes value = {NULL, 0};
        MigJsonKind kind = MIG_JSON_END;
        size_t i = 0;

        while (i < 4 && !mig_bytes_equal(key, mig_bytes(members[i].key)))
            i++;
        if (i == 4)
        {
            mig_json_skip(mig, json);
            continue;
        }
        kind = mig_json_next(mig, json, &value);
        if (mig_ok(mig) && kind != members[i].kind)
            (void) mig_fail(mig->error, MIG_INVALID,
                            "\"%s\" is of another type", members[i].key);
        *members[i].value = value;
    }
}

/* Keep an event of a head. */
static void
keep_anchor(MigVerify *verify, const HeadLine *line)
{
    Mig *mig = verify->mig;
    MigAnchor *anchors;
    int64_t seq = 0;

    if (line->project.data == NULL || line->target.data == NULL ||
        line->hash.length != MIG_HASH_LENGTH ||
        !mig_parse_digits(line->seq, &seq) || seq < 1)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "it has no project, target, number and hash");
        return;
    }
    if (!mig_bytes_equal(line->project, mig->settings->project))
        return;
    anchors = mig_array_reserve(mig->arena, verify->anchors,
                                verify->anchor_count, &verify->anchor_capacity,
                                sizeof(MigAnchor), mig->error);
    if (anchors == NULL)
        return;
    verify->anchors = anchors;
    anchors += verify->anchor_count++;
    memset(anchors, 0, sizeof(*anchors));
    anchors->target = mig_copy(mig->arena, line->target, mig->error);
    anchors->hash = mig_copy(mig->arena, line->hash, mig->error);
    anchors->seq = seq;
}

/* Read one line of a head, which lives in an arena of its own meanwhile. */
static void
read_line(MigVerify *verify, MigBytes text)
{
    Mig *mig = verify->mig;
    MigArena *lasting = mig->arena;
    MigArena arena = {mig->host, NULL};
    MigJson json = {.text = text};
    HeadLine line;
    MigBytes value;

    memset(&line, 0, sizeof(line));
    mig->arena = &arena;
    if (mig_json_next(mig, &json, &value) == MIG_JSON_OBJECT)
        read_members(mig, &json, &line);
    if (mig_ok(mig))
        (void) mig_json_next(mig, &json, &value);
    mig->arena = lasting;
    if (mig_ok(mig))
        keep_anchor(verify, &line);
    mig_arena_release(&arena);
}

/* The order of anchors. */
static int
compare_anchors(const void *a, const void *b)
{
    const MigAnchor *first = a;
    const MigAnchor *second = b;
    int order = mig_position_compare(first->target, second->target);

    if (order == 0)
        order = (first->seq > second->seq) - (first->seq < second->seq);
    return order;
}

/* Leave each event out but once; an export has the newest twice. */
static void
drop_doubles(MigVerify *verify)
{
    MigAnchor *anchors = verify->anchors;
    size_t kept = 0;

    for (size_t i = 0; i < verify->anchor_count; i++)
    {
        if (kept > 0 && compare_anchors(&anchors[kept - 1], &anchors[i]) == 0 &&
            mig_bytes_equal(anchors[kept - 1].hash, anchors[i].hash))
            continue;
        anchors[kept++] = anchors[i];
    }
    verify->anchor_count = kept;
}

void
mig_verify_read_head(MigVerify *verify, MigBytes head)
{
    Mig *mig = verify->mig;
    MigBytes line;
    size_t at = 0;
    int64_t number = 0;

    if (head.data == NULL || !mig_ok(mig))
        return;
    if (mig_utf8_check(head) < head.length)
        (void) mig_fail(mig->error, MIG_INVALID, "head is no UTF-8 text");
    if (mig_trim(head).length == 0)
        (void) mig_fail(mig->error, MIG_INVALID, "head is empty");
    while (mig_ok(mig) && mig_next_line(head, &at, &line))
    {
        number++;
        /* Editors put it before a text; files put together have it inside. */
        if (mig_starts_with(line, BYTE_ORDER_MARK))
            line = mig_part(line, strlen(BYTE_ORDER_MARK), line.length);
        if (mig_trim(line).length > 0)
            read_line(verify, mig_trim(line));
        mig_fail_prefix(mig->error, "line %lld of head is no exported event: ",
                        (long long) number);
    }
    if (mig_ok(mig) && verify->anchor_count == 0)
        (void) mig_fail(
            mig->error, MIG_INVALID, "head has no event of project \"%.*s\"",
            (int) mig->settings->project.length, mig->settings->project.data);
    if (!mig_ok(mig))
    {
        mig_fail_hint(mig->error, "head is what migrate_export_history() has "
                                  "returned, or the last lines of it.");
        return;
    }
    qsort(verify->anchors, verify->anchor_count, sizeof(MigAnchor),
          compare_anchors);
    drop_doubles(verify);
}

void
mig_verify_meet(MigVerify *verify, const MigValue *columns)
{
    MigAnchor key = {.target = columns[MIG_EVENT_TARGET].bytes,
                     .seq = columns[MIG_EVENT_SEQ].integer};
    size_t low = 0;
    size_t high = verify->anchor_count;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (compare_anchors(&verify->anchors[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < verify->anchor_count &&
           compare_anchors(&verify->anchors[low], &key) == 0;
         low++)
    {
        verify->anchors[low].met = true;
        verify->anchors[low].differs = !mig_bytes_equal(
            verify->anchors[low].hash, columns[MIG_EVENT_HASH].bytes);
    }
}

/* Tell of a run of anchors with the same fate. */
static void
tell_run(MigVerify *verify, const MigAnchor *first, const MigAnchor *last)
{
    Mig *mig = verify->mig;
    const char *fate = first->met ? "another one than the head has"
                                  : "in the head and not in the history";
    MigProblem finding = {.kind = "history", .hint = HEAD_HINT};

    finding.object = mig_verify_event_name(mig, first->target, first->seq);
    if (first == last)
        finding.problem =
            mig_format_string(mig->arena, mig->error, "is %s", fate);
    else
        finding.problem = mig_format_string(
            mig->arena, mig->error, "is %s; so are those up to event %lld",
            fate, (long long) last->seq);
    mig_verify_emit(verify, &finding);
}

void
mig_verify_head(MigVerify *verify)
{
    MigAnchor *anchors = verify->anchors;
    size_t i = 0;

    while (mig_ok(verify->mig) && i < verify->anchor_count)
    {
        size_t first = i++;

        while (i < verify->anchor_count &&
               anchors[i].met == anchors[first].met &&
               anchors[i].differs == anchors[first].differs &&
               mig_bytes_equal(anchors[i].target, anchors[first].target))
            i++;
        if (!anchors[first].met || anchors[first].differs)
            tell_run(verify, &anchors[first], &anchors[i - 1]);
    }
}
