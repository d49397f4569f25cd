#include "mig_rename_parts.h"

/*
 * Names in which identities differ.
 */

/* A token in lower case, in the arena. */
static MigBytes
lowered(const MigRenames *renames, MigArena *arena, MigBytes token, char quote)
{
    char *copy = mig_alloc(arena, token.length + 1, renames->error);
    size_t length = 0;

    for (size_t i = 0; copy != NULL && i < token.length; i++)
    {
        copy[length++] = mig_lower(token.data[i]);
        /* A doubled quote: one. */
        if (quote != '\0' && token.data[i] == quote)
            i++;
    }
    token.data = copy;
    token.length = length;
    return token;
}

MigBytes
mig_renames_plain(const MigRenames *renames, MigArena *arena, MigBytes token)
{
    char quote = '\0';

    if (token.length > 1 && (token.data[0] == '"' || token.data[0] == '`'))
    {
        quote = token.data[0];
        token = mig_part(token, 1, token.length - 1);
    }
    return lowered(renames, arena, token, quote);
}

MigBytes
mig_renames_joined(MigRenames *renames, MigBytes first, MigBytes second)
{
    MigText text = {&renames->scratch, renames->error, NULL, 0, 0};

    mig_text_append(&text, first);
    mig_text_append_string(&text, "\n");
    mig_text_append(&text, second);
    return mig_text_bytes(&text);
}

MigBytes
mig_renames_pair(MigRenames *renames, MigBytes before, MigBytes now)
{
    return mig_renames_joined(
        renames, mig_renames_plain(renames, &renames->scratch, before),
        mig_renames_plain(renames, &renames->scratch, now));
}

MigKnownObject *
mig_renames_look_up(const MigObjectMap *map, MigBytes kind, MigBytes identity)
{
    MigObject key = {kind, identity, {NULL, 0}, {NULL, 0}};

    return mig_object_map_find(map, &key);
}

MigBytes
mig_renames_written(const MigRenames *renames, MigArena *arena,
                    MigBytes identity)
{
    MigText text = {arena, renames->error, NULL, 0, 0};
    size_t at = 0;

    while (at < identity.length && mig_is_letter(identity.data[at]))
        at++;
    if (at == identity.length)
        return identity;
    /* PostgreSQL's are written so already. */
    if (!arena->host->methods->folds_names)
        return identity;
    mig_text_append_string(&text, "\"");
    for (at = 0; at < identity.length; at++)
    {
        if (identity.data[at] == '"')
            mig_text_append_string(&text, "\"");
        mig_text_append(&text, mig_part(identity, at, at + 1));
    }
    mig_text_append_string(&text, "\"");
    return mig_text_bytes(&text);
}

static bool
is_column(MigBytes kind)
{
    return mig_bytes_equal(kind, mig_bytes("column"));
}

/* Which names those of a kind are among. */
static const char *
names_of(MigBytes kind)
{
    static const char *const kinds[] = {"table", "foreign table", "view",
                                        "materialized view"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    {
        if (mig_bytes_equal(kind, mig_bytes(kinds[i])))
            return MIG_NAMES_TABLE;
    }
    return is_column(kind) ? MIG_NAMES_COLUMN : MIG_NAMES_NAME;
}

/* Whether no other object is written with the names of a kind. */
static bool
is_unmentioned(MigBytes kind)
{
    static const char *const kinds[] = {"constraint", "index", "trigger",
                                        "rule", "policy"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    {
        if (mig_bytes_equal(kind, mig_bytes(kinds[i])))
            return true;
    }
    return false;
}

/*
 * Note that one name stands in the place of another.
 *
 * among  MIG_NAMES_TABLE, MIG_NAMES_COLUMN or MIG_NAMES_NAME
 * owner  the table whose column it is; else absent
 */
static void
add_name(MigRenames *renames, const char *among, const MigBytes names[2],
         MigBytes owner)
{
    MigObject entry = {mig_bytes(among),
                       mig_renames_plain(renames, &renames->scratch, names[0]),
                       {NULL, 0},
                       names[1]};
    const MigBytes absent = {NULL, 0};
    MigKnownObject *known;

    if (renames->arena->host->methods->folds_names)
        entry.definition = lowered(renames, &renames->scratch, names[1], '\0');
    known = mig_renames_look_up(&renames->names, entry.kind, entry.identity);
    if (known != NULL &&
        mig_bytes_equal(known->object.definition, entry.definition))
        return;
    if (known != NULL)
        entry.definition = absent;
    mig_object_map_take(&renames->names, &entry, NULL, renames->error);
    known = mig_renames_look_up(&renames->names, entry.kind, entry.identity);
    if (known != NULL)
        known->parent = owner;
}

/* Note that of a column, under its table. */
static void
add_column(MigRenames *renames, const MigBytes names[2], MigBytes owner)
{
    MigObject entry = {
        mig_bytes(MIG_NAMES_OF),
        mig_renames_joined(
            renames, owner,
            mig_renames_plain(renames, &renames->scratch, names[0])),
        {NULL, 0},
        names[1]};

    if (renames->arena->host->methods->folds_names)
        entry.definition = lowered(renames, &renames->scratch, names[1], '\0');
    mig_object_map_take(&renames->names, &entry, NULL, renames->error);
}

/* Note under which name, and in which schema, something is mentioned. */
static void
add_full(MigRenames *renames, MigBytes before, MigBytes now)
{
    const char *open = memchr(before.data, '(', before.length);
    MigObject entry = {mig_bytes(MIG_NAMES_FULL), before, {NULL, 0}, now};
    const MigBytes absent = {NULL, 0};
    const MigKnownObject *known;

    /* A function is mentioned with other arguments, or none. */
    if (open != NULL)
        entry.identity.length = (size_t) (open - before.data);
    open = memchr(now.data, '(', now.length);
    if (open != NULL)
        entry.definition.length = (size_t) (open - now.data);
    known = mig_renames_look_up(&renames->names, entry.kind, entry.identity);
    if (known != NULL &&
        !mig_bytes_equal(known->object.definition, entry.definition))
        entry.definition = absent;
    mig_object_map_take(&renames->names, &entry, NULL, renames->error);
}

/* Note that a token stands in the place of another.  It may be the name of a
 * column, of which no other object need have the table's. */
static void
add_pair(MigRenames *renames, MigBytes before, MigBytes now)
{
    MigObject pair = {mig_bytes(MIG_NAMES_PAIR), {NULL, 0}, {NULL, 0}, {"", 0}};

    mig_arena_release(&renames->scratch);
    pair.identity = mig_renames_pair(renames, before, now);
    mig_object_map_take(&renames->names, &pair, NULL, renames->error);
}

void
mig_renames_add_names(MigRenames *renames, MigBytes kind, MigBytes before,
                      MigBytes now)
{
    bool column = is_column(kind);
    MigTokens old = {
        .text = column ? before
                       : mig_renames_written(renames, renames->arena, before)};
    MigTokens new = {
        .text =
            column ? now : mig_renames_written(renames, renames->arena, now)};
    MigBytes names[2];
    bool part = column || is_unmentioned(kind);

    if (!part)
        add_full(renames, before, now);
    while (mig_next_token(&old, &names[0]) && mig_next_token(&new, &names[1]))
    {
        bool last = old.at == old.text.length;
        MigBytes owner = {NULL, 0};

        /* Of the names before a part's own what has them tells. */
        if (mig_bytes_equal(names[0], names[1]) || (part && !last))
            continue;
        add_pair(renames, names[0], names[1]);
        if (is_column(kind))
        {
            owner = mig_part(before, 0, before.length - names[0].length - 1);
            add_column(renames, names, owner);
        }
        if (!is_unmentioned(kind))
            add_name(renames, last ? names_of(kind) : MIG_NAMES_NAME, names,
                     owner);
    }
}
