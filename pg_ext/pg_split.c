#include "pg_script.h"

/*
 * What a script holds besides SQL: psql's own commands.  They become blanks;
 * all the rest is parsed in one piece.
 */

#define FIRST_ROOM ((size_t) 8192) /* of a source, bytes */

typedef struct Walk
{
    PgSource *source;
    const char *start; /* of the script */
    const char *end;
    const char *taken; /* what is before it, is in the source */
    size_t capacity;   /* of source->text, bytes */
} Walk;

/* Room for more bytes of the source, and a NUL. */
static char *
reserve(Walk *walk, size_t length)
{
    PgSource *source = walk->source;
    size_t needed = source->length + length + 1;
    char *room;

    if (needed > walk->capacity)
    {
        walk->capacity = Max(needed, walk->capacity * 2);
        walk->capacity =
            Min(walk->capacity, (size_t) (walk->end - walk->start) + 1);
        source->text = repalloc_huge(source->text, walk->capacity);
    }
    room = source->text + source->length;
    source->length += length;
    return room;
}

/* Take the script's text into the source up to a place. */
static void
take(Walk *walk, const char *place)
{
    size_t length = (size_t) (place - walk->taken);

    if (length > 0)
        memcpy(reserve(walk, length), walk->taken, length);
    walk->taken = place;
}

/* Turn a command of psql into blanks; returns the place behind it. */
static const char *
pass_command(Walk *walk, const char *place, MigError *error)
{
    const char *behind = pg_psql_pass(place, walk->end, error);
    size_t length;

    if (behind == NULL)
        return place;
    take(walk, place);
    length = (size_t) (behind - place);
    memset(reserve(walk, length), ' ', length);
    walk->taken = behind;
    return behind;
}

/* Go through the script; returns the place it got to. */
static const char *
walk_script(Walk *walk, MigError *error)
{
    const char *place = walk->start;
    PgToken token;

    do
    {
        pg_next_token(place, walk->end, &token);
        place = token.end;
        if (token.kind == PG_TOKEN_SIGN && token.start[0] == '\\')
            place = pass_command(walk, token.start, error);
    } while (token.kind != PG_TOKEN_END && error->status == MIG_OK);
    return place;
}

MigStatus
pg_split(MemoryContext memory, MigBytes script, PgSource *source,
         size_t *offset, MigError *error)
{
    Walk walk = {0};
    const char *place;

    memset(source, 0, sizeof(*source));
    walk.capacity = Min(script.length + 1, FIRST_ROOM);
    source->text = MemoryContextAlloc(memory, walk.capacity);
    walk.source = source;
    walk.start = script.data;
    walk.end = script.data + script.length;
    walk.taken = walk.start;
    place = walk_script(&walk, error);
    take(&walk, place);
    source->text[source->length] = '\0';
    *offset = (size_t) (place - walk.start);
    return error->status;
}
