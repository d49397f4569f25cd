#include "pg_script.h"

/*
 * What a script holds besides SQL, as psql reads it: behind a COPY ... FROM
 * STDIN, from the next line on, its data, which end at a line "\."; and psql's
 * own commands.  The data are cut out, the commands become blanks; all the rest
 * is parsed in one piece.
 */

#define FIRST_ROOM ((size_t) 8192) /* of a source, bytes */

/* How far the statement that is being walked through has got. */
typedef enum PgReading
{
    AT_START,
    IN_COPY,      /* COPY has been read, */
    BEHIND_FROM,  /* and then FROM outside of brackets, */
    BEHIND_STDIN, /* and then STDIN: data follow its semicolon */
    ELSEWHERE
} PgReading;

typedef struct Walk
{
    MemoryContext memory;
    PgSource *source;
    const char *start; /* of the script */
    const char *end;
    const char *taken; /* what is before it, is in the source or cut out */
    size_t capacity;   /* of source->text, bytes */
    size_t data_room;  /* of source->data */
    int depth;         /* of brackets */
    PgReading reading;
    bool behind_begin; /* the last word was BEGIN */
    bool atomic;       /* in BEGIN ATOMIC ... END: its semicolons end nothing
                          that a COPY could follow */
} Walk;

static bool
token_is(const PgToken *token, const char *word)
{
    size_t length = (size_t) (token->end - token->start);

    return strlen(word) == length &&
           pg_strncasecmp(token->start, word, length) == 0;
}

/*
 * Room for more bytes of the source, and a NUL.  It grows as it is needed: a
 * script may be little else than data.
 */
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

/* Where the statement stands behind its first word. */
static PgReading
first_word(Walk *walk, const PgToken *word)
{
    if (walk->atomic)
    {
        walk->atomic = !token_is(word, "end");
        return ELSEWHERE;
    }
    return token_is(word, "copy") ? IN_COPY : ELSEWHERE;
}

static void
note_word(Walk *walk, const PgToken *word)
{
    switch (walk->reading)
    {
        case AT_START:
            walk->reading = first_word(walk, word);
            break;
        case IN_COPY:
            if (walk->depth == 0 && token_is(word, "from"))
                walk->reading = BEHIND_FROM;
            break;
        case BEHIND_FROM: /* the server takes STDOUT for the same */
            walk->reading = token_is(word, "stdin") || token_is(word, "stdout")
                                ? BEHIND_STDIN
                                : ELSEWHERE;
            break;
        case BEHIND_STDIN:
            break;
        case ELSEWHERE:
            if (walk->behind_begin && token_is(word, "atomic"))
            {
                walk->atomic = true;
                walk->reading = AT_START;
            }
            break;
    }
}

/* Note a token; returns whether data of a COPY follow it. */
static bool
note_token(Walk *walk, const PgToken *token)
{
    char sign = '\0';
    bool data;

    if (token->kind == PG_TOKEN_SIGN)
        sign = token->start[0];
    if (token->backslash)
        walk->source->doubtful = (size_t) (token->end - walk->start);
    if (sign == ';' && walk->depth == 0)
    {
        data = walk->reading == BEHIND_STDIN;
        walk->reading = AT_START;
        return data;
    }
    if (token->kind == PG_TOKEN_WORD)
        note_word(walk, token);
    else if (walk->reading == AT_START || walk->reading == BEHIND_FROM)
        walk->reading = ELSEWHERE;
    walk->behind_begin =
        token->kind == PG_TOKEN_WORD && token_is(token, "begin");
    if (sign == '(')
        walk->depth++;
    else if (sign == ')' && walk->depth > 0)
        walk->depth--;
    return false;
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

/*
 * The line that begins behind the semicolon of a COPY and what may follow it,
 * a comment; NULL when the script ends there.  Records MIG_INVALID when
 * something else does: psql would run that behind the COPY.
 */
static const char *
next_line(const Walk *walk, const char **place, MigError *error)
{
    const char *end = memchr(*place, '\n', (size_t) (walk->end - *place));

    if (end == NULL)
        end = walk->end;
    while (*place < end && (**place == ' ' || **place == '\t' ||
                            **place == '\r' || **place == '\f'))
        (*place)++;
    if (*place < end && (end - *place < 2 || memcmp(*place, "--", 2) != 0))
    {
        mig_fail(error, MIG_INVALID,
                 "something stands behind COPY FROM STDIN on its line");
        mig_fail_hint(error, "Its data begin on the next line, and end at a "
                             "line \\. that holds nothing else.");
    }
    return end < walk->end ? end + 1 : NULL;
}

/* Whether a line ends at a place; behind is then the next one. */
static bool
line_ends(const char *place, const char *end, const char **behind)
{
    if (place < end && *place == '\r')
        place++;
    *behind = place < end ? place + 1 : end;
    return place == end || *place == '\n';
}

/*
 * Where data end: at a line "\.", or with the script, as for psql.
 *
 * behind  out, the line after that
 *
 * Returns whether there is such a line.
 */
static bool
find_end(const char *data, const char *end, const char **data_end,
         const char **behind)
{
    const char *place = data;

    while ((place = memchr(place, '\\', (size_t) (end - place))) != NULL)
    {
        *data_end = place++;
        if (place < end && *place == '.' &&
            (*data_end == data || (*data_end)[-1] == '\n') &&
            line_ends(place + 1, end, behind))
            return true;
    }
    *data_end = end;
    *behind = end;
    return false;
}

/* One more record of data that are cut out. */
static PgData *
add_data(Walk *walk)
{
    PgSource *source = walk->source;

    if (walk->data_room == source->data_count)
    {
        size_t size;

        walk->data_room = Max(16, walk->data_room * 2);
        size = sizeof(PgData) * walk->data_room;
        source->data = source->data == NULL
                           ? MemoryContextAllocHuge(walk->memory, size)
                           : repalloc_huge(source->data, size);
    }
    return &source->data[source->data_count++];
}

/*
 * Cut out the data of a COPY.  Without any, it is left as it is, to be refused.
 *
 * place  behind its semicolon
 *
 * Returns the place behind the data, or on failure what stands in the way.
 */
static const char *
cut_data(Walk *walk, const char *place, MigError *error)
{
    const char *line = next_line(walk, &place, error);
    const char *end;
    const char *behind;
    PgData *data;

    if (error->status != MIG_OK || line == NULL || line == walk->end)
        return place;
    take(walk, line);
    data = add_data(walk);
    data->ended = find_end(line, walk->end, &end, &behind);
    data->text.data = line;
    data->text.length = (size_t) (end - line);
    data->start = (size_t) (line - walk->start);
    data->at = walk->source->length;
    walk->taken = behind;
    data->cut = (size_t) (behind - walk->start) - data->at;
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
        else if (note_token(walk, &token))
            place = cut_data(walk, place, error);
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
    walk.memory = memory;
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
