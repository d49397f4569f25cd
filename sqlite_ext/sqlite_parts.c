#include "sqlite_parts.h"
#include "sqlite_token.h"

/* Reading under way. */
typedef struct Parting
{
    MigArena *arena;
    MigError *error;
    SqliteParts *parts;
    MigBytes sql;
    size_t at; /* behind the token */
    SqliteToken kind;
    MigBytes token;
    size_t start;    /* of the part, or SIZE_MAX before its first token */
    size_t end;      /* behind the last token of it */
    MigBytes first;  /* that token, */
    bool constraint; /* and whether it begins a constraint */
    int constrained; /* 1 behind CONSTRAINT, 2 behind the name that follows */
} Parting;

static void
advance(Parting *parting)
{
    parting->kind =
        sqlite_next_token(parting->sql, &parting->at, &parting->token);
}

static bool
at_word(const Parting *parting, const char *word)
{
    /* Most are not, and the first letter tells. */
    return parting->kind == TOKEN_WORD &&
           (parting->token.data[0] | 0x20) == *word &&
           sqlite_is_word(parting->token, word);
}

static bool
at_sign(const Parting *parting, char sign)
{
    return parting->token.length == 1 && parting->token.data[0] == sign;
}

/* Whether the token is a word that only a constraint of a table begins with. */
static bool
at_constraint(const Parting *parting)
{
    return at_word(parting, "constraint") || at_word(parting, "primary") ||
           at_word(parting, "unique") || at_word(parting, "check") ||
           at_word(parting, "foreign");
}

/* Keep the part that was read, if there is one. */
static void
keep_part(Parting *parting)
{
    SqliteParts *parts = parting->parts;
    SqlitePart *items;

    if (parting->start == SIZE_MAX)
        return;
    items = mig_array_reserve(parting->arena, parts->items, parts->count,
                              &parts->capacity, sizeof(*items), parting->error);
    if (items == NULL)
        return;
    parts->items = items;
    items[parts->count].text =
        mig_part(parting->sql, parting->start, parting->end);
    items[parts->count].name =
        parting->constraint ? mig_bytes(NULL) : parting->first;
    parts->count++;
    parting->start = SIZE_MAX;
}

/* Take a token of a part, outside of all parentheses of its own. */
static void
take_token(Parting *parting)
{
    bool begins = at_constraint(parting);

    /* CONSTRAINT and a name go with what follows, if that is another word. */
    if (parting->start != SIZE_MAX && parting->constraint && begins &&
        parting->constrained != 1 &&
        (parting->constrained != 2 || at_word(parting, "constraint")))
        keep_part(parting);
    if (parting->start == SIZE_MAX)
    {
        parting->start = parting->at - parting->token.length;
        parting->first = parting->token;
        parting->constraint = begins;
        parting->constrained = 0;
    }
    if (parting->constrained == 1)
        parting->constrained = 2;
    else if (parting->constraint && at_word(parting, "constraint"))
        parting->constrained = 1;
    else
        parting->constrained = 0;
}

/* Read what lies between the outer parentheses; false when they do not close.
 */
static bool
read_body(Parting *parting)
{
    int depth = 1;

    for (advance(parting); parting->token.length > 0; advance(parting))
    {
        if (depth == 1 && at_sign(parting, ','))
        {
            keep_part(parting);
            continue;
        }
        depth -= at_sign(parting, ')') ? 1 : 0;
        if (depth == 0)
        {
            keep_part(parting);
            return true;
        }
        if (depth == 1)
            take_token(parting);
        depth += at_sign(parting, '(') ? 1 : 0;
        parting->end = parting->at;
    }
    return false;
}

/* Read the options behind the parentheses; false when there is anything else.
 */
static bool
read_options(Parting *parting)
{
    for (advance(parting); parting->token.length > 0; advance(parting))
    {
        if (at_word(parting, "rowid"))
            parting->parts->without_rowid = true;
        else if (at_word(parting, "strict"))
            parting->parts->strict = true;
        else if (!at_word(parting, "without") && !at_sign(parting, ','))
            return false;
    }
    return true;
}

bool
sqlite_parts_read(MigArena *arena, MigBytes sql, SqliteParts *parts,
                  MigError *error)
{
    Parting parting;

    memset(parts, 0, sizeof(*parts));
    memset(&parting, 0, sizeof(parting));
    parting.arena = arena;
    parting.error = error;
    parting.parts = parts;
    parting.sql = sql;
    parting.start = SIZE_MAX;
    advance(&parting);
    if (!at_word(&parting, "create"))
        return false;
    advance(&parting);
    if (!at_word(&parting, "table"))
        return false;
    advance(&parting); /* the name */
    advance(&parting);
    return at_sign(&parting, '(') && read_body(&parting) &&
           read_options(&parting) && error->status == MIG_OK;
}
