#include "mig_rename_parts.h"

/* What was learned of names from a text: what a name became in each place; and
 * that it got, or lost, its old name as an alias, as columns in PostgreSQL's
 * views do. */
static const char *const places[] = {"own", "table", "other"};
#define MENTIONS "mentions" /* whether it has the name of a table */
#define GOT "got"
#define LOST "lost"

/* What is known of a name that stands in a place; NULL: nothing. */
static const MigKnownObject *
find_name(const MigRenames *renames, MigPlace place, MigBytes name)
{
    const MigKnownObject *known;

    if (place == MIG_PLACE_OWN)
        return NULL;
    known = mig_renames_look_up(&renames->names,
                                mig_bytes(place == MIG_PLACE_TABLE
                                              ? MIG_NAMES_TABLE
                                              : MIG_NAMES_COLUMN),
                                name);
    return known != NULL ? known
                         : mig_renames_look_up(&renames->names,
                                               mig_bytes(MIG_NAMES_NAME), name);
}

/* Note what a token was in the texts that are compared: replaced by another, or
 * not, which then is absent. */
static void
learn(MigRenames *renames, MigObjectMap *learned, const MigTokens *tokens,
      MigBytes now)
{
    MigPlace place = mig_token_place(tokens);
    MigObject entry = {
        mig_bytes(places[place]),
        mig_renames_plain(renames, &renames->scratch, tokens->current),
        {NULL, 0},
        now};

    if (now.data == NULL &&
        (find_name(renames, place, entry.identity) == NULL ||
         mig_renames_look_up(learned, entry.kind, entry.identity) != NULL))
        return;
    mig_object_map_take(learned, &entry, NULL, renames->error);
}

/* Whether a text goes on with AS and a name, which then is passed. */
static bool
pass_alias(MigTokens *tokens, MigBytes name)
{
    MigTokens ahead = *tokens;
    MigBytes token;

    if (!mig_next_token(&ahead, &token) ||
        !mig_same_letters(token, mig_bytes("as")) ||
        !mig_next_token(&ahead, &token) || !mig_bytes_equal(token, name))
        return false;
    *tokens = ahead;
    return true;
}

/* Note that a name was replaced, and what became of its alias. */
static void
learn_replaced(MigRenames *renames, MigObjectMap *learned, MigTokens *old,
               MigTokens *new, const MigBytes names[2])
{
    MigObject entry = {mig_bytes(GOT),
                       mig_renames_plain(renames, &renames->scratch, names[0]),
                       {NULL, 0},
                       {"", 0}};
    bool has;
    bool gets;

    learn(renames, learned, old, names[1]);
    has = pass_alias(old, names[1]);
    gets = pass_alias(new, names[0]);
    if (has && !gets)
        entry.kind = mig_bytes(LOST);
    if (has != gets)
        mig_object_map_take(learned, &entry, NULL, renames->error);
}

/* Compare two texts, token by token; false when something else differs than
 * names that were replaced. */
static bool
compare(MigRenames *renames, MigObjectMap *learned, MigBytes before,
        MigBytes now)
{
    MigTokens old = {.text = before};
    MigTokens new = {.text = now};
    MigBytes names[2];
    MigBytes none = {NULL, 0};

    while (mig_next_token(&old, &names[0]))
    {
        if (!mig_next_token(&new, &names[1]))
            return false;
        if (mig_bytes_equal(names[0], names[1]))
            learn(renames, learned, &old, none);
        else if (mig_renames_look_up(
                     &renames->names, mig_bytes(MIG_NAMES_PAIR),
                     mig_renames_pair(renames, names[0], names[1])) != NULL)
            learn_replaced(renames, learned, &old, &new, names);
        else
            return false;
    }
    return !mig_next_token(&new, &names[1]);
}

/* Whether there are names in the definitions of a kind. */
static bool
has_names(MigBytes kind)
{
    static const char *const kinds[] = {"comment", "security label", "owner",
                                        "privileges", "tablespace"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    {
        if (mig_bytes_equal(kind, mig_bytes(kinds[i])))
            return false;
    }
    return true;
}

bool
mig_renames_explain(MigRenames *renames, const MigObject *before, MigBytes now)
{
    MigObjectMap learned = {.arena = &renames->scratch};

    if (mig_bytes_equal(before->definition, now))
        return true;
    if (!has_names(before->kind))
        return false;
    mig_arena_release(&renames->scratch);
    return compare(renames, &learned, before->definition, now);
}

/* Whether a text has a token. */
static bool
has_token(MigBytes text, MigBytes wanted)
{
    MigTokens tokens = {.text = text};
    MigBytes token;

    while (mig_next_token(&tokens, &token))
    {
        if (mig_same_letters(token, wanted))
            return true;
    }
    return false;
}

/* The last name of an identity. */
static MigBytes
last_token(MigBytes identity)
{
    MigTokens tokens = {.text = identity};
    MigBytes last = identity;
    MigBytes token;

    while (mig_next_token(&tokens, &token))
        last = token;
    return last;
}

/* A text under way to its new names. */
typedef struct Writing
{
    MigRenames *renames;
    const MigObject *object;
    MigObjectMap learned;
    MigTokens tokens;
    MigText text;
} Writing;

/* What stands in the place of a name and its schema now; absent: the same. */
static MigBytes
full_replacement(Writing *writing, MigBytes token)
{
    MigTokens ahead = writing->tokens;
    MigBytes absent = {NULL, 0};
    MigBytes next;
    const MigKnownObject *known;

    if (!mig_next_token(&ahead, &next) ||
        !mig_bytes_equal(next, mig_bytes(".")) ||
        !mig_next_token(&ahead, &next))
        return absent;
    next.length += (size_t) (next.data - token.data);
    next.data = token.data;
    known = mig_renames_look_up(&writing->renames->names,
                                mig_bytes(MIG_NAMES_FULL), next);
    if (known == NULL || known->object.definition.data == NULL)
        return absent;
    writing->tokens = ahead;
    return known->object.definition;
}

/* Whether the text has the name of a table; it is read once for each. */
static bool
mentions(Writing *writing, MigBytes table, MigBytes name)
{
    MigObject entry = {mig_bytes(MENTIONS), table, {NULL, 0}, {NULL, 0}};
    const MigKnownObject *known =
        mig_renames_look_up(&writing->learned, entry.kind, table);

    if (known != NULL)
        return known->object.definition.data != NULL;
    if (has_token(writing->object->definition, name))
        entry.definition = mig_bytes("");
    mig_object_map_take(&writing->learned, &entry, NULL,
                        writing->renames->error);
    return entry.definition.data != NULL;
}

/* Whether the token is qualified with a name. */
static bool
is_qualified(const MigTokens *tokens, const char *name)
{
    return mig_bytes_equal(tokens->previous, mig_bytes(".")) &&
           mig_same_letters(tokens->before, mig_bytes(name));
}

/* Whether the token can mean a column of a table: that is qualified with it, or
 * is not and stands in a text that mentions it. */
static bool
can_mean(Writing *writing, MigBytes table)
{
    const MigTokens *tokens = &writing->tokens;
    MigBytes name = last_token(table);

    if (mig_bytes_equal(tokens->previous, mig_bytes(".")))
        return mig_same_letters(tokens->before, name);
    return mentions(writing, table, name);
}

/* What is known of the token as a column of the table that the object is, or is
 * a part of; NULL: nothing. */
static const MigKnownObject *
find_own(Writing *writing, MigBytes name)
{
    MigRenames *renames = writing->renames;
    const MigObject *object = writing->object;
    const MigTokens *tokens = &writing->tokens;
    MigBytes table = mig_renames_written(
        renames, &renames->scratch,
        object->table.data == NULL ? object->identity : object->table);

    /* In triggers and rules OLD and NEW are its rows. */
    if (mig_bytes_equal(tokens->previous, mig_bytes(".")) &&
        !is_qualified(tokens, "old") && !is_qualified(tokens, "new") &&
        !mig_same_letters(tokens->before, last_token(table)))
        return NULL;
    return mig_renames_look_up(&renames->names, mig_bytes(MIG_NAMES_OF),
                               mig_renames_joined(renames, table, name));
}

/* What stands in the place of a single name now; absent: itself. */
static MigBytes
replacement(Writing *writing, MigBytes name)
{
    MigRenames *renames = writing->renames;
    const MigTokens *tokens = &writing->tokens;
    MigPlace place = mig_token_place(tokens);
    MigObject entry = {mig_bytes(places[place]), name, {NULL, 0}, {NULL, 0}};
    const MigKnownObject *known =
        mig_renames_look_up(&writing->learned, entry.kind, name);

    if (known != NULL)
        return known->object.definition;
    if (tokens->literal)
        return entry.definition;
    if (place == MIG_PLACE_OTHER)
        known = find_own(writing, name);
    if (known != NULL)
        return known->object.definition;
    known = find_name(renames, place, name);
    if (known == NULL)
        return entry.definition;
    if (known->parent.data == NULL || can_mean(writing, known->parent))
        entry.definition = known->object.definition;
    return entry.definition;
}

/* Give a name its alias, or take it away, as it was learned. */
static void
write_alias(Writing *writing, MigBytes token, MigBytes name, MigBytes now)
{
    MigTokens ahead = writing->tokens;
    MigBytes next;

    if (!writing->tokens.listing || !mig_next_token(&ahead, &next))
        return;
    if (mig_renames_look_up(&writing->learned, mig_bytes(LOST), name) != NULL)
        (void) pass_alias(&writing->tokens, now);
    else if (mig_renames_look_up(&writing->learned, mig_bytes(GOT), name) !=
                 NULL &&
             (mig_bytes_equal(next, mig_bytes(",")) ||
              mig_same_letters(next, mig_bytes("from"))))
    {
        mig_text_append_string(&writing->text, " AS ");
        mig_text_append(&writing->text, token);
    }
}

/* Write what stands in the place of a token, if that is something else, behind
 * what was kept before it. */
static bool
write_token(Writing *writing, MigBytes token, MigBytes kept)
{
    MigRenames *renames = writing->renames;
    MigBytes name = mig_renames_plain(renames, &renames->scratch, token);
    MigBytes now;
    bool full;

    if (name.length == 0 || !(mig_is_letter(token.data[0]) || token.length > 1))
        return false;
    now = full_replacement(writing, token);
    full = now.data != NULL;
    if (!full)
        now = replacement(writing, name);
    if (now.data == NULL)
        return false;
    mig_text_append(&writing->text, kept);
    mig_text_append(&writing->text, now);
    if (!full)
        write_alias(writing, token, name, now);
    return true;
}

MigBytes
mig_renames_text(MigRenames *renames, const MigObject *object, MigBytes before,
                 MigBytes now)
{
    MigBytes definition = object->definition;
    Writing writing = {renames,
                       object,
                       {.arena = &renames->scratch},
                       {.text = definition},
                       {renames->arena, renames->error, NULL, 0, 0}};
    MigBytes token;
    size_t kept = 0;

    if (!has_names(object->kind))
        return definition;
    mig_arena_release(&renames->scratch);
    if (before.data != NULL && now.data != NULL)
        (void) compare(renames, &writing.learned, before, now);
    while (mig_next_token(&writing.tokens, &token))
    {
        size_t start = (size_t) (token.data - definition.data);

        if (write_token(&writing, token, mig_part(definition, kept, start)))
            kept = writing.tokens.at;
    }
    if (kept == 0)
        return definition;
    mig_text_append(&writing.text,
                    mig_part(definition, kept, definition.length));
    return mig_text_bytes(&writing.text);
}
