#include "mig_difference.h"

#include "mig_essence.h"
#include "mig_setting.h"
#include "mig_source.h"
#include "mig_version.h"

/*
 * Both texts are read again from their files, which the catalogue keeps: the
 * record of what was applied has its sections, but not what its header asked
 * for.  The checksum tells whether all files were found.
 */

#define FILES_MAX 4 /* of one migration: no format has more */

/* A migration in the catalogue, and the files that it was read from. */
typedef struct Side
{
    MigArena *arena;
    MigBytes format; /* as loaded; the record has none */
    MigBytes checksum;
    MigBytes up;
    MigBytes down;
    MigBytes verify;
    MigFile files[FILES_MAX]; /* in the order in which they were read */
    size_t file_count;
} Side;

/* Take a row of MIG_SQL_APPLIED_SECTIONS or MIG_SQL_MIGRATION_SECTIONS. */
static MigStatus
collect_side(void *context, const MigValue *columns, size_t count,
             MigError *error)
{
    Side *side = context;

    if (count > 7)
        side->format = mig_copy(side->arena, columns[7].bytes, error);
    side->checksum = mig_copy(side->arena, columns[1].bytes, error);
    side->up = mig_copy(side->arena, columns[2].bytes, error);
    side->down = mig_copy(side->arena, columns[3].bytes, error);
    side->verify = mig_copy(side->arena, columns[4].bytes, error);
    return error->status;
}

/*
 * Note the file that a slice lies in.  A second text under one path is no file:
 * it is a way back in which variables were put.
 */
static void
note_file(Side *side, const MigSlice *slice)
{
    size_t at = side->file_count;

    for (size_t i = 0; i < side->file_count; i++)
    {
        const MigFile *file = &side->files[i];

        if (mig_bytes_equal(file->path, slice->file) &&
            (file->path.length > 0 || strcmp(file->hash, slice->hash) == 0))
            return;
    }
    if (side->file_count == FILES_MAX)
        return;
    /* A directory is read in the order of names. */
    for (; at > 0 &&
           mig_position_compare(side->files[at - 1].path, slice->file) > 0;
         at--)
        side->files[at] = side->files[at - 1];
    memset(&side->files[at], 0, sizeof(MigFile));
    side->files[at].path = slice->file;
    memcpy(side->files[at].hash, slice->hash, sizeof(slice->hash));
    side->file_count++;
}

/* Find the files that a migration was read from, with their texts. */
static void
fetch_files(Mig *mig, Side *side)
{
    MigBytes columns[] = {side->up, side->down, side->verify};
    MigSlice *slices;

    for (size_t i = 0; i < 3; i++)
    {
        size_t count = mig_slices_read(mig, mig->arena, columns[i], &slices);

        for (size_t j = 0; j < count && mig_ok(mig); j++)
            note_file(side, &slices[j]);
    }
    for (size_t i = 0; i < side->file_count && mig_ok(mig); i++)
        side->files[i].text =
            mig_text_fetch(mig, mig->arena, side->files[i].hash);
}

/* The migration of a version in a source; the only one is that, too. */
static MigMigration *
find_version(const MigSource *source, MigBytes version)
{
    for (size_t i = 0; i < source->count; i++)
    {
        if (source->count == 1 ||
            mig_bytes_equal(source->migrations[i].version, version))
            return &source->migrations[i];
    }
    return NULL;
}

/* Whether slices are those of a column. */
static bool
is_column(Mig *mig, const MigSection *section, MigBytes column)
{
    return mig_bytes_equal(
        mig_slices_write(mig, section->slices, section->count), column);
}

/*
 * Read a migration again from its files.
 *
 * side  with the columns that the catalogue has of it
 *
 * Returns it, in mig's arena; NULL when that is not exactly what was loaded
 * then, or cannot be told.  The way back is not looked at: variables may have
 * been put in it.
 */
static const MigMigration *
read_again(Mig *mig, const MigEntry *entry, Side *side)
{
    MigBytes absent = {NULL, 0};
    const MigMigration *migration;
    MigSource source;

    memset(&source, 0, sizeof(source));
    fetch_files(mig, side);
    if (!mig_ok(mig) || side->file_count == 0)
        return NULL;
    if (side->files[0].path.length > 0)
        mig_source_from_files(mig, side->format, side->files, side->file_count,
                              &source);
    else
        mig_source_from_text(mig, entry->version, side->files[0].text,
                             side->file_count > 1 ? side->files[1].text
                                                  : absent,
                             absent, &source);
    migration = mig_ok(mig) ? find_version(&source, entry->version) : NULL;
    if (migration == NULL ||
        !mig_bytes_equal(mig_bytes(migration->checksum), side->checksum) ||
        !is_column(mig, &migration->up, side->up) ||
        !is_column(mig, &migration->verify, side->verify))
        return NULL;
    return migration;
}

/* Fetch what the catalogue has of an entry, as applied and as loaded. */
static void
fetch_sides(Mig *mig, const MigEntry *entry, Side *applied, Side *loaded)
{
    const MigHostMethods *methods = mig->host->methods;
    MigValue record[] = {mig_text_value(mig->settings->project),
                         mig_text_value(mig->settings->target),
                         mig_text_value(entry->version)};
    MigValue row[] = {record[0], record[2]};

    memset(applied, 0, sizeof(*applied));
    memset(loaded, 0, sizeof(*loaded));
    applied->arena = loaded->arena = mig->arena;
    if (mig_ok(mig))
        (void) methods->query(mig->host, MIG_SQL_APPLIED_SECTIONS, record, 3,
                              collect_side, applied, mig->error);
    if (mig_ok(mig))
        (void) methods->query(mig->host, MIG_SQL_MIGRATION_SECTIONS, row, 2,
                              collect_side, loaded, mig->error);
    applied->format = loaded->format;
}

/*
 * Forget a failure that only says that a text cannot be read, or is not there:
 * then it counts as changed.
 */
static void
forgive(Mig *mig)
{
    switch (mig->error->status)
    {
        case MIG_INVALID:
        case MIG_UNKNOWN:
        case MIG_DUPLICATE:
        case MIG_UNSUPPORTED:
        case MIG_CORRUPT:
            mig_error_clear(mig->error);
            return;
        case MIG_OK:
        case MIG_STATE:
        case MIG_DENIED:
        case MIG_READ_ONLY:
        case MIG_LOCKED:
        case MIG_FILE:
        case MIG_ENGINE:
        case MIG_INTERRUPTED:
        case MIG_NOMEM:
        case MIG_INTERNAL:
            break;
    }
}

/* Compare an entry's applied text with another, or with its loaded one. */
static MigTextChange
compare_texts(Mig *mig, const MigEntry *entry, const MigMigration *offered)
{
    MigArena arena = {mig->host, NULL};
    Mig inner = *mig; /* whatever is read lives as long as this comparison */
    Side side;
    Side other;
    const MigMigration *applied;
    bool equal;

    inner.arena = &arena;
    fetch_sides(&inner, entry, &side, &other);
    applied = read_again(&inner, entry, &side);
    if (applied != NULL && offered == NULL)
        offered = read_again(&inner, entry, &other);
    equal = applied != NULL && offered != NULL &&
            mig_essence_equal(&inner, applied, offered);
    forgive(mig);
    mig_arena_release(&arena);
    return equal ? MIG_COMMENTS_CHANGED : MIG_TEXT_CHANGED;
}

/* A comparison that was made. */
typedef struct Verdict
{
    MigBytes version;
    MigBytes applied;
    MigBytes loaded;
    MigTextChange difference;
} Verdict;

/* Verdicts of a call, found by their texts. */
struct MigVerdicts
{
    Verdict *slots; /* without a version: free */
    size_t size;    /* a power of two, at least twice the count */
    size_t count;
};

#define FIRST_SIZE 16

/* The slot that an entry's verdict is in, or is to be put in. */
static Verdict *
find_slot(const struct MigVerdicts *verdicts, const Verdict *key)
{
    size_t hash = 5381;
    size_t at;

    /* Checksums are as good as random; the rest is for equal texts. */
    for (size_t i = 0; i < key->loaded.length; i++)
        hash = hash * 33 + (unsigned char) key->loaded.data[i];
    for (size_t i = 0; i < key->version.length; i++)
        hash = hash * 33 + (unsigned char) key->version.data[i];
    for (at = hash & (verdicts->size - 1);
         verdicts->slots[at].version.data != NULL;
         at = (at + 1) & (verdicts->size - 1))
    {
        const Verdict *slot = &verdicts->slots[at];

        if (mig_bytes_equal(slot->version, key->version) &&
            mig_bytes_equal(slot->applied, key->applied) &&
            mig_bytes_equal(slot->loaded, key->loaded))
            break;
    }
    return &verdicts->slots[at];
}

/* Make room for one more verdict. */
static void
reserve_slot(Mig *mig, struct MigVerdicts *verdicts)
{
    struct MigVerdicts larger = {NULL, 0, verdicts->count};

    if (2 * (verdicts->count + 1) <= verdicts->size)
        return;
    larger.size = verdicts->size == 0 ? FIRST_SIZE : verdicts->size * 2;
    larger.slots =
        mig_alloc_array(mig->arena, larger.size, sizeof(Verdict), mig->error);
    if (larger.slots == NULL)
        return;
    for (size_t i = 0; i < verdicts->size; i++)
    {
        if (verdicts->slots[i].version.data != NULL)
            *find_slot(&larger, &verdicts->slots[i]) = verdicts->slots[i];
    }
    *verdicts = larger;
}

MigTextChange
mig_entry_difference(Mig *mig, const MigEntry *entry)
{
    Verdict key = {entry->version, entry->applied_checksum, entry->checksum,
                   MIG_TEXT_CHANGED};
    Verdict *slot;

    if (!entry->applied ||
        mig_bytes_equal(entry->checksum, entry->applied_checksum))
        return MIG_SAME_TEXT;
    if (mig_ok(mig) && mig->verdicts == NULL)
        mig->verdicts =
            mig_alloc(mig->arena, sizeof(struct MigVerdicts), mig->error);
    if (mig_ok(mig))
        reserve_slot(mig, mig->verdicts);
    if (!mig_ok(mig))
        return MIG_TEXT_CHANGED;
    slot = find_slot(mig->verdicts, &key);
    if (slot->version.data != NULL)
        return slot->difference;
    key.version = mig_copy(mig->arena, key.version, mig->error);
    key.applied = mig_copy(mig->arena, key.applied, mig->error);
    key.loaded = mig_copy(mig->arena, key.loaded, mig->error);
    if (mig_ok(mig))
        key.difference = compare_texts(mig, entry, NULL);
    if (mig_ok(mig))
    {
        *slot = key;
        mig->verdicts->count++;
    }
    return key.difference;
}

MigTextChange
mig_entry_difference_to(Mig *mig, const MigEntry *entry,
                        const MigMigration *offered)
{
    MigBytes checksum = mig_bytes(offered->checksum);

    if (!entry->applied || mig_bytes_equal(entry->applied_checksum, checksum))
        return MIG_SAME_TEXT;
    return mig_bytes_equal(entry->checksum, checksum)
               ? mig_entry_difference(mig, entry)
               : compare_texts(mig, entry, offered);
}
