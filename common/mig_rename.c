#include "mig_rename_parts.h"

void
mig_renames_open(MigRenames *renames, MigArena *arena, MigError *error)
{
    memset(renames, 0, sizeof(*renames));
    renames->arena = arena;
    renames->error = error;
    renames->scratch.host = arena->host;
    renames->objects.arena = arena;
    renames->arrived.arena = arena;
    renames->names.arena = arena;
}

void
mig_renames_close(MigRenames *renames)
{
    mig_arena_release(&renames->scratch);
}

bool
mig_renames_any(const MigRenames *renames)
{
    return renames->objects.count > 0;
}

/* ---- What was renamed ---------------------------------------------------- */

/* An identity as a note has it. */
static MigBytes
note_of(const MigRenames *renames, MigBytes kind, MigBytes identity)
{
    MigText text = {renames->arena, renames->error, NULL, 0, 0};

    mig_text_append(&text, kind);
    mig_text_append_string(&text, " ");
    mig_text_append(&text, identity);
    return mig_text_bytes(&text);
}

void
mig_renames_add(MigRenames *renames, MigBytes kind, MigBytes before,
                MigBytes now)
{
    MigObject object = {kind, before, {NULL, 0}, now};
    MigObject note = {mig_bytes(""),
                      note_of(renames, kind, before),
                      {NULL, 0},
                      note_of(renames, kind, now)};
    MigObject arrived = {kind, now, {NULL, 0}, before};

    mig_object_map_take(&renames->objects, &object, NULL, renames->error);
    mig_object_map_take(&renames->objects, &note, NULL, renames->error);
    mig_object_map_take(&renames->arrived, &arrived, NULL, renames->error);
    mig_renames_add_names(renames, kind, before, now);
}

bool
mig_renames_arrived(const MigRenames *renames, const MigObject *object)
{
    return mig_renames_look_up(&renames->arrived, object->kind,
                               object->identity) != NULL ||
           (object->table.data != NULL &&
            mig_object_map_next_root(&renames->arrived, object->table, NULL) !=
                NULL);
}

MigBytes
mig_renames_find(const MigRenames *renames, MigBytes kind, MigBytes identity)
{
    const MigKnownObject *known =
        mig_renames_look_up(&renames->objects, kind, identity);
    MigBytes absent = {NULL, 0};

    return known == NULL ? absent : known->object.definition;
}

/* ---- Identities ---------------------------------------------------------- */

/* A text with another beginning. */
static MigBytes
with_beginning(const MigRenames *renames, MigBytes beginning, MigBytes rest)
{
    MigText text = {renames->arena, renames->error, NULL, 0, 0};

    mig_text_append(&text, beginning);
    mig_text_append(&text, rest);
    return mig_text_bytes(&text);
}

/* The schema in front of an identity; absent when there is none. */
static MigBytes
schema_of(MigBytes identity)
{
    MigBytes absent = {NULL, 0};
    MigTokens tokens = {.text = identity};
    MigBytes schema;

    if (!mig_next_token(&tokens, &schema) || tokens.at == identity.length ||
        identity.data[tokens.at] != '.')
        return absent;
    return schema;
}

/*
 * The schema that an object is in now; absent when that is the same.
 *
 * table   what it is a part of is called so now; absent: of nothing
 * length  out: of the name that the schema had, in bytes
 */
static MigBytes
schema_now(const MigRenames *renames, const MigObject *object, MigBytes table,
           size_t *length)
{
    MigBytes schema = {NULL, 0};

    /* SQLite's names may have dots in them. */
    if (!renames->arena->host->methods->folds_names)
        schema = schema_of(object->identity);
    *length = schema.length;
    if (schema.data != NULL && table.data != NULL &&
        mig_bytes_equal(schema, schema_of(object->table)))
        return schema_of(table);
    if (schema.data != NULL)
        schema = mig_renames_find(renames, mig_bytes("schema"), schema);
    return schema;
}

MigBytes
mig_renames_root(const MigRenames *renames, MigBytes identity)
{
    const MigKnownObject *known =
        mig_object_map_next_root(&renames->objects, identity, NULL);
    MigObject root = {mig_bytes(""), identity, {NULL, 0}, {NULL, 0}};
    MigBytes schema;
    size_t length;

    if (known != NULL)
        return known->object.definition;
    schema = schema_now(renames, &root, root.table, &length);
    if (schema.data == NULL)
        return identity;
    return with_beginning(renames, schema,
                          mig_part(identity, length, identity.length));
}

/*
 * Where the name of what an object is a part of stands in its identity: at its
 * beginning, or behind what a note is of.
 *
 * Returns the offset behind it; 0 when it does not stand there.
 */
static size_t
behind_table(const MigRenames *renames, const MigObject *object, size_t *start)
{
    MigBytes identity = object->identity;
    MigBytes table =
        mig_renames_written(renames, renames->arena, object->table);

    if (table.length == 0)
        return 0;
    for (size_t at = 0; at + table.length <= identity.length; at++)
    {
        size_t end = at + table.length;

        if ((at == 0 ? end < identity.length : identity.data[at - 1] == ' ') &&
            (end == identity.length || identity.data[end] == '.') &&
            memcmp(identity.data + at, table.data, table.length) == 0)
        {
            *start = at;
            return end;
        }
    }
    return 0;
}

/* The identity of a part, of what has a name now. */
static MigBytes
identity_of_part(MigRenames *renames, const MigObject *object, MigBytes table)
{
    MigText text = {renames->arena, renames->error, NULL, 0, 0};
    MigBytes absent = {NULL, 0};
    MigObject key = *object;
    size_t start = 0;
    size_t end = behind_table(renames, object, &start);
    MigBytes rest = mig_part(object->identity, end, object->identity.length);

    mig_text_append(&text, mig_part(object->identity, 0, start));
    mig_text_append(&text, mig_renames_written(renames, renames->arena, table));
    /* What has no name is known by what it says. */
    if (rest.length > 0 && memchr(rest.data, '(', rest.length) != NULL)
    {
        key.definition = rest;
        rest = mig_renames_text(renames, &key, absent, absent);
    }
    mig_text_append(&text, rest);
    return mig_text_bytes(&text);
}

MigBytes
mig_renames_identity(MigRenames *renames, const MigObject *object)
{
    MigBytes found = mig_renames_find(renames, object->kind, object->identity);
    MigBytes table = object->table;
    size_t start = 0;
    size_t length;

    if (found.data == NULL)
        found = mig_renames_find(renames, mig_bytes(""), object->identity);
    if (found.data != NULL)
        return found;
    if (table.data != NULL)
        table = mig_renames_root(renames, table);
    if (table.data != NULL && behind_table(renames, object, &start) > 0)
        return identity_of_part(renames, object, table);
    found = schema_now(renames, object, table, &length);
    if (found.data == NULL)
        return object->identity;
    return with_beginning(
        renames, found,
        mig_part(object->identity, length, object->identity.length));
}
