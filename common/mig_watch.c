#include "mig_watch.h"

#include <stdlib.h>

#include "mig_text.h"

bool
mig_watch_is_here(MigBytes stored, MigBytes place, MigBytes *value)
{
    size_t length = 0;

    while (length < stored.length && stored.data[length] != ' ')
        length++;
    *value = mig_part(stored, 0, length);
    return length == stored.length ||
           mig_bytes_equal(mig_part(stored, length + 1, stored.length), place);
}

/*
 * Where this database is.
 *
 * place  out
 *
 * Returns it, or absent bytes where the engine does not tell.
 */
static MigBytes
present_place(const Mig *mig, char place[MIG_PLACE_SIZE])
{
    MigBytes absent = {NULL, 0};

    if (mig->host->methods->place == NULL)
        return absent;
    mig->host->methods->place(mig->host, place, MIG_PLACE_SIZE);
    return mig_bytes(place);
}

void
mig_watch_take(const Mig *mig, MigSettingRow *row)
{
    char place[MIG_PLACE_SIZE];

    row->elsewhere =
        !mig_watch_is_here(row->value, present_place(mig, place), &row->value);
    if (row->elsewhere)
        row->value = mig_bytes(MIG_WATCH_OFF);
}

const char *
mig_watch_origin(const Mig *mig, const char *origin)
{
    if (mig->host->methods->watching == NULL ||
        mig_setting_is(mig, MIG_WATCH, MIG_WATCH_OFF) ||
        mig->host->methods->watching(mig->host))
        return origin;
    return "database; but its event triggers are disabled";
}

MigBytes
mig_watch_change(Mig *mig, MigBytes value)
{
    bool enable =
        value.data != NULL && !mig_bytes_equal(value, mig_bytes(MIG_WATCH_OFF));
    MigText stored = {mig->arena, mig->error, NULL, 0, 0};
    char place[MIG_PLACE_SIZE];

    if (!mig_ok(mig))
        return value;
    if (mig->host->methods->watch != NULL)
        (void) mig->host->methods->watch(mig->host, enable, mig->error);
    else if (enable)
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "setting \"" MIG_WATCH "\" cannot be \"%.*s\" here",
                        (int) value.length, value.data);
        mig_fail_hint(mig->error,
                      "It takes event triggers, which only PostgreSQL has.");
    }
    if (value.data == NULL || present_place(mig, place).data == NULL)
        return value;
    mig_text_append_format(&stored, "%.*s %s", (int) value.length, value.data,
                           place);
    return mig_text_bytes(&stored);
}

static MigStatus
emit_hand(void *context, const MigValue *columns, size_t count, MigError *error)
{
    MigCall *call = context;
    MigValue row[MIG_MAX_TABLE_COLUMNS];

    (void) error;
    for (size_t i = 0; i < count && i < MIG_MAX_TABLE_COLUMNS; i++)
        row[i] = columns[i];
    row[0] = mig_time(columns[0].integer);
    return call->emit(call, row, count);
}

void
mig_watch_list(Mig *mig, MigCall *call)
{
    if (mig->has_catalogue && mig->host->watches)
        (void) mig->host->methods->query(mig->host, MIG_SQL_DDL_LIST, NULL, 0,
                                         emit_hand, call, mig->error);
}

/* ---- Hands -------------------------------------------------------------- */

/* Order of two texts, by their bytes. */
static int
compare_bytes(MigBytes a, MigBytes b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);

    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* For qsort(). */
static int
compare_hands(const void *a, const void *b)
{
    const MigHand *left = a;
    const MigHand *right = b;
    int order = compare_bytes(left->stem, right->stem);

    return order != 0 ? order : compare_bytes(left->object, right->object);
}

/*
 * What of an identity is spelled in one way alone: without the arguments of a
 * function or operator, which have names and modes or not, and without the
 * access method of an operator class.
 */
static MigBytes
stem_of(MigBytes object)
{
    static const char *const ends[] = {"(", " USING "};
    size_t shortest = object.length;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
    {
        size_t length = strlen(ends[i]);

        for (size_t at = 0; at + length <= shortest; at++)
        {
            if (memcmp(object.data + at, ends[i], length) == 0)
                shortest = at;
        }
    }
    return mig_part(object, 0, shortest);
}

static MigStatus
collect_hand(void *context, const MigValue *columns, size_t count,
             MigError *error)
{
    MigHands *hands = context;
    MigHand *items =
        mig_array_reserve(hands->arena, hands->items, hands->count,
                          &hands->capacity, sizeof(MigHand), error);
    MigHand *hand;

    (void) count;
    if (items == NULL)
        return error->status;
    hands->items = items;
    hand = &items[hands->count];
    hand->object = mig_copy(hands->arena, columns[0].bytes, error);
    hand->at = columns[1].integer;
    hand->actor = mig_copy(hands->arena, columns[2].bytes, error);
    if (error->status != MIG_OK)
        return error->status;
    hand->stem = stem_of(hand->object);
    hands->count++;
    return MIG_OK;
}

void
mig_hands_read(Mig *mig, MigHands *hands)
{
    MigValue target = mig_text_value(mig->settings->target);

    if (!mig_ok(mig) || !mig->has_catalogue || !mig->host->watches)
        return;
    (void) mig->host->methods->query(mig->host, MIG_SQL_DDL_HANDS, &target, 1,
                                     collect_hand, hands, mig->error);
    if (hands->count > 1)
        qsort(hands->items, hands->count, sizeof(MigHand), compare_hands);
}

/* The first hand whose stem is not below one. */
static size_t
first_of(const MigHands *hands, MigBytes stem)
{
    size_t low = 0;
    size_t high = hands->count;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (compare_bytes(hands->items[middle].stem, stem) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The newer of two, each of which may be NULL. */
static const MigHand *
newer(const MigHand *a, const MigHand *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    return a->at > b->at ? a : b;
}

/* The hand on an object, or on one that differs from it in its arguments. */
static const MigHand *
find_object(const MigHands *hands, MigBytes object)
{
    MigBytes stem = stem_of(object);
    const MigHand *found = NULL;

    if (object.data == NULL)
        return NULL;
    for (size_t i = first_of(hands, stem);
         i < hands->count && mig_bytes_equal(hands->items[i].stem, stem); i++)
    {
        if (mig_bytes_equal(hands->items[i].object, object))
            return &hands->items[i];
        found = newer(found, &hands->items[i]);
    }
    return found;
}

/* Whether objects of a kind are notes about another one, whose kind and
 * identity are their own's end. */
static bool
is_note(MigBytes kind)
{
    static const char *const kinds[] = {"comment", "owner", "privileges",
                                        "security label", "tablespace"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    {
        if (mig_bytes_equal(kind, mig_bytes(kinds[i])))
            return true;
    }
    return false;
}

#define NOTE_WORDS                                                             \
    6 /* at most, before the identity: "p ON foreign table t"                  \
       */

/* The hand on the object of a note. */
static const MigHand *
find_noted(const MigHands *hands, MigBytes note)
{
    const MigHand *found = NULL;
    size_t at = 0;

    for (int words = 0; words < NOTE_WORDS && found == NULL; words++)
    {
        while (at < note.length && note.data[at] != ' ')
            at++;
        if (at == note.length)
            return NULL;
        found = find_object(hands, mig_part(note, ++at, note.length));
    }
    return found;
}

const MigHand *
mig_hands_find(const MigHands *hands, const MigDifference *difference)
{
    const MigHand *own = find_object(hands, difference->object);
    const MigHand *whole = find_object(hands, difference->table);

    /* A column is made and changed by commands about its table. */
    if (mig_bytes_equal(difference->kind, mig_bytes("column")))
        return newer(own, whole);
    if (own == NULL && is_note(difference->kind))
        own = find_noted(hands, difference->object);
    if (own == NULL)
        own = whole;
    return own != NULL ? own : find_object(hands, difference->kind);
}
