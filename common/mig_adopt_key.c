#include "mig_adopt_parts.h"

#include <stdlib.h>

#include "format_liquibase.h"
#include "mig_migration.h"
#include "mig_slice.h"
#include "mig_version.h"

/*
 * Keys: what a row of a history and a migration of the catalogue have in
 * common, brought to one form on both sides.
 */

/* A number without the zeros before it; anything else as it is. */
static MigBytes
number_key(MigBytes text)
{
    size_t zeros = 0;

    for (size_t i = 0; i < text.length; i++)
    {
        if (text.data[i] < '0' || text.data[i] > '9')
            return text;
    }
    while (zeros + 1 < text.length && text.data[zeros] == '0')
        zeros++;
    return mig_part(text, zeros, text.length);
}

/*
 * A version as Flyway compares it (MigrationVersion.java): '_' is '.', each
 * part is a number, and parts of zero at the end do not count.
 */
static MigBytes
dotted_key(Mig *mig, MigBytes version)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    MigBytes part;
    size_t at = 0;
    size_t zeros = 0;

    while (mig_next_word(version, &at, "._", &part))
    {
        part = number_key(part);
        if (mig_bytes_equal(part, mig_bytes("0")))
        {
            zeros++;
            continue;
        }
        for (; zeros > 0; zeros--)
            mig_text_append_string(&text, text.length == 0 ? "0" : ".0");
        mig_text_append_string(&text, text.length == 0 ? "" : ".");
        mig_text_append(&text, part);
    }
    return text.length == 0 ? mig_bytes("0") : mig_text_bytes(&text);
}

/* Whether the part of a path behind its last '.' is the ending of a script. */
static bool
is_ending(MigBytes ending)
{
    static const char *const endings[] = {"sql", "js", "ts", "cjs", "mjs",
                                          "py",  "rb", "go", "exs"};

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
    {
        size_t at = 0;

        while (at < ending.length && endings[i][at] != '\0' &&
               (ending.data[at] | 0x20) == endings[i][at])
            at++;
        if (at == ending.length && endings[i][at] == '\0')
            return true;
    }
    return false;
}

/* A path without the ending of its file, and without ".up" before that. */
static MigBytes
without_ending(MigBytes path)
{
    size_t dot = path.length;

    while (dot > 0 && path.data[dot - 1] != '.' && path.data[dot - 1] != '/')
        dot--;
    if (dot > 0 && path.data[dot - 1] == '.' &&
        is_ending(mig_part(path, dot, path.length)))
        path = mig_part(path, 0, dot - 1);
    if (mig_ends_with(path, ".up"))
        path = mig_part(path, 0, path.length - 3);
    return path;
}

/* Where the last part of a path begins. */
static size_t
last_part(MigBytes path)
{
    size_t at = path.length;

    while (at > 0 && path.data[at - 1] != '/' && path.data[at - 1] != '\\')
        at--;
    return at;
}

/* A file's name without folder and endings; its folder's where the file has
 * the same name in all of them. */
static MigBytes
stem_key(MigBytes path)
{
    MigBytes name = mig_part(path, last_part(path), path.length);

    if (name.length < path.length &&
        (mig_bytes_equal(name, mig_bytes("migration.sql")) ||
         mig_bytes_equal(name, mig_bytes("up.sql"))))
    {
        path.length -= name.length + 1;
        return mig_part(path, last_part(path), path.length);
    }
    return without_ending(name);
}

/* "folder/file", or the file alone where there is no folder. */
static MigBytes
folder_key(MigBytes path)
{
    MigBytes folder = path;

    path = without_ending(path);
    folder.length = last_part(path);
    if (folder.length == 0)
        return path;
    folder.length--;
    return mig_part(path, last_part(folder), path.length);
}

/* Texts with something between them. */
static MigBytes
joined(Mig *mig, MigBytes a, const char *between, MigBytes b)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append(&text, a);
    mig_text_append_string(&text, between);
    mig_text_append(&text, b);
    return mig_text_bytes(&text);
}

/* A version without what a '#' begins: the number of a reworked change. */
static MigBytes
change_key(MigBytes version)
{
    const char *at =
        version.length == 0 ? NULL : memchr(version.data, '#', version.length);

    if (at != NULL)
        version.length = (size_t) (at - version.data);
    return version;
}

/* A changeset's version without the folders of its path, which ends at the
 * first "::". */
static MigBytes
without_folders(MigBytes version)
{
    size_t start = 0;

    for (size_t i = 0; i + 1 < version.length; i++)
    {
        if (version.data[i] == ':' && version.data[i + 1] == ':')
            break;
        if (version.data[i] == '/')
            start = i + 1;
    }
    return mig_part(version, start, version.length);
}

MigBytes
mig_row_key(Mig *mig, const MigOtherRow *row, MigOtherKey key)
{
    MigBytes text = row->texts[key.column];

    if (text.length == 0)
        text.data = NULL;
    if (text.data == NULL)
        return text;
    switch (key.kind)
    {
        case MIG_KEY_NUMBER:
        case MIG_KEY_COVERS:
            return number_key(without_ending(text));
        case MIG_KEY_DOTTED:
            return dotted_key(mig, text);
        case MIG_KEY_STEM:
        case MIG_KEY_TITLE:
            return stem_key(text);
        case MIG_KEY_FOLDER:
            return joined(mig, row->texts[MIG_OTHER_SECOND], "/", text);
        case MIG_KEY_CHANGESET:
            return mig_liquibase_version(mig, row->texts[MIG_OTHER_THIRD], text,
                                         row->texts[MIG_OTHER_SECOND]);
        case MIG_KEY_SET_FILE:
            return mig_liquibase_version(
                mig, mig_base_name(row->texts[MIG_OTHER_THIRD]), text,
                row->texts[MIG_OTHER_SECOND]);
        case MIG_KEY_VERSION:
        case MIG_KEY_NAME:
        case MIG_KEY_CHANGE:
        case MIG_KEY_WHEN:
        case MIG_KEY_TEXT:
        case MIG_KEY_NONE:
        case MIG_KEY_KINDS:
            break;
    }
    return text;
}

/* The SHA-256 of the file that a migration's way up is cut from. */
static MigBytes
text_key(const MigKeyIndex *index, const MigEntry *entry)
{
    const MigKnownOne *one = mig_known_at(&index->known, entry->position);
    MigBytes up = {NULL, 0};

    if (one != NULL)
        up = one->columns[MIG_KNOWN_UP];
    return up.length < MIG_HASH_LENGTH ? mig_bytes(NULL)
                                       : mig_part(up, 0, MIG_HASH_LENGTH);
}

MigBytes
mig_entry_key(Mig *mig, const MigKeyIndex *index, MigKeyKind kind,
              const MigEntry *entry)
{
    bool versioned = !entry->repeatable;
    MigBytes absent = {NULL, 0};

    switch (kind)
    {
        case MIG_KEY_VERSION:
        case MIG_KEY_CHANGESET:
            return entry->version;
        case MIG_KEY_SET_FILE:
            return without_folders(entry->version);
        case MIG_KEY_NUMBER:
            return versioned ? number_key(entry->version) : absent;
        case MIG_KEY_DOTTED:
            return versioned ? dotted_key(mig, entry->version) : absent;
        case MIG_KEY_STEM:
            return entry->file.data != NULL ? stem_key(entry->file) : absent;
        case MIG_KEY_TITLE:
            return entry->name.length == 0 || !versioned
                       ? entry->version
                       : joined(mig, entry->version, "_", entry->name);
        case MIG_KEY_NAME:
            return entry->name;
        case MIG_KEY_FOLDER:
            return entry->file.data != NULL ? folder_key(entry->file) : absent;
        case MIG_KEY_CHANGE:
            return change_key(entry->version);
        case MIG_KEY_WHEN:
            return mig_option(entry->options, "when");
        case MIG_KEY_TEXT:
            return text_key(index, entry);
        case MIG_KEY_COVERS: /* an entry has many */
        case MIG_KEY_NONE:
        case MIG_KEY_KINDS:
            break;
    }
    return absent;
}

static int
compare_bytes(MigBytes a, MigBytes b)
{
    return mig_position_compare(a, b);
}

/* By key; those of one key in run order. */
static int
compare_keyed(const void *a, const void *b)
{
    const MigKeyed *one = a;
    const MigKeyed *other = b;
    int order = compare_bytes(one->key, other->key);

    if (order != 0)
        return order;
    return (one->entry > other->entry) - (one->entry < other->entry);
}

/* A list of keys that grows. */
typedef struct KeyList
{
    MigKeyed *items;
    size_t count;
    size_t capacity;
} KeyList;

static void
add_key(Mig *mig, KeyList *list, MigBytes key, const MigEntry *entry)
{
    MigKeyed *items;

    if (key.length == 0 || !mig_ok(mig))
        return;
    items = mig_array_reserve(mig->arena, list->items, list->count,
                              &list->capacity, sizeof(MigKeyed), mig->error);
    if (items == NULL)
        return;
    list->items = items;
    items[list->count].key = key;
    items[list->count++].entry = entry;
}

/* Add all keys of one kind that a migration has. */
static void
add_keys(Mig *mig, const MigKeyIndex *index, MigKeyKind kind, KeyList *list,
         const MigEntry *entry)
{
    MigBytes covered = {NULL, 0};
    MigBytes version;
    size_t at = 0;

    if (kind == MIG_KEY_COVERS)
        covered = mig_option(entry->options, "covers");
    else
        add_key(mig, list, mig_entry_key(mig, index, kind, entry), entry);
    while (mig_next_word(covered, &at, " ", &version))
        add_key(mig, list, number_key(version), entry);
}

/* Make the list of one kind of key. */
static void
make_list(Mig *mig, MigKeyIndex *index, MigKeyKind kind)
{
    const MigState *state = index->state;
    KeyList list = {NULL, 0, 0};

    if (kind == MIG_KEY_TEXT && index->known.items == NULL)
    {
        MigBytes all = {NULL, 0};

        mig_known_read(mig, all, &index->known);
    }
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
        add_keys(mig, index, kind, &list, &state->entries[i]);
    if (!mig_ok(mig))
        return;
    if (list.count > 1)
        qsort(list.items, list.count, sizeof(MigKeyed), compare_keyed);
    index->items[kind] = list.items;
    index->counts[kind] = list.count;
    index->made[kind] = true;
}

size_t
mig_key_find(Mig *mig, MigKeyIndex *index, MigKeyKind kind, MigBytes key,
             const MigKeyed **first)
{
    const MigKeyed *items;
    size_t low = 0;
    size_t high;
    size_t count = 0;

    if (key.length == 0 || !mig_ok(mig))
        return 0;
    if (!index->made[kind])
        make_list(mig, index, kind);
    items = index->items[kind];
    high = index->counts[kind];
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (compare_bytes(items[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + count < index->counts[kind] &&
           mig_bytes_equal(items[low + count].key, key))
        count++;
    if (count > 0)
        *first = &items[low];
    return count;
}

int
mig_key_compare(Mig *mig, MigBytes a, MigBytes b)
{
    MigBytes one = mig_version_position(mig, a);
    MigBytes other = mig_version_position(mig, b);

    return mig_position_compare(one, other);
}
