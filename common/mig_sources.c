#include "mig_sources.h"

#include <stdlib.h>

#include "mig_hook.h"
#include "mig_source.h"
#include "mig_version.h"

#define COLUMNS 6

/* Whether a section has something of a file. */
static bool
is_from(const MigSection *section, MigBytes path)
{
    for (size_t i = 0; i < section->count; i++)
    {
        if (mig_bytes_equal(section->slices[i].file, path))
            return true;
    }
    return false;
}

/* The names of the sections of a migration that stand in a file. */
static MigBytes
sections_in(Mig *mig, const MigMigration *migration, MigBytes path)
{
    const MigSection *const sections[] = {&migration->up, &migration->down,
                                          &migration->verify};
    static const char *const names[] = {"up", "down", "verify"};
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        if (!is_from(sections[i], path))
            continue;
        if (text.length > 0)
            mig_text_append_string(&text, ", ");
        mig_text_append_string(&text, names[i]);
    }
    return mig_text_bytes(&text);
}

/* Why a file brings no migration, or what is wrong with it; NULL for one that
 * brings one. */
static const char *
note_of(const MigListed *entry)
{
    if (entry->name.note != NULL && entry->name.role != MIG_FILE_CONTROL)
        return entry->name.note;
    switch (entry->name.role)
    {
        case MIG_FILE_CONTROL:
            return "read for its list of migrations";
        case MIG_FILE_FOREIGN:
            return "no SQL: cannot be run here";
        case MIG_FILE_OPTIONS:
            return "settings of its migration";
        case MIG_FILE_WHOLE:
            return mig_hook_is_at(entry->position)
                       ? mig_hook_note(entry->position)
                       : NULL;
        case MIG_FILE_UP:
        case MIG_FILE_DOWN:
        case MIG_FILE_VERIFY:
        case MIG_FILE_NONE:
            break;
    }
    return NULL;
}

/* Emit a row of a file; migration may be NULL. */
static void
emit_file(Mig *mig, MigCall *call, const MigListing *listing,
          const MigListed *entry, const MigMigration *migration)
{
    const char *note = note_of(entry);
    MigValue row[COLUMNS];

    row[0] = mig_text_value(entry->path);
    row[1] = row[2] = row[3] = row[4] = mig_null();
    row[5] = note == NULL ? mig_null() : mig_string(note);
    if (entry->name.role != MIG_FILE_NONE && listing->format != NULL)
        row[1] = mig_string(listing->format->name);
    if (entry->name.version.length > 0)
        row[2] = mig_text_value(entry->name.version);
    if (migration != NULL)
    {
        row[2] = mig_text_value(migration->version);
        row[3] = mig_text_value(migration->name);
        row[4] = mig_text_value(sections_in(mig, migration, entry->path));
    }
    if (mig_ok(mig))
        (void) call->emit(call, row, COLUMNS);
}

/* A migration that has something of a file. */
typedef struct Found
{
    MigBytes path;
    size_t index; /* in the source */
} Found;

typedef struct FoundList
{
    Found *items;
    size_t count;
    size_t capacity;
} FoundList;

static int
compare_found(const void *a, const void *b)
{
    const Found *first = a;
    const Found *second = b;
    int order = mig_position_compare(first->path, second->path);

    return order != 0 ? order
                      : (first->index > second->index) -
                            (first->index < second->index);
}

/* Note that a migration has something of a file, unless that was the last to
 * be noted. */
static void
note_found(Mig *mig, FoundList *list, MigBytes path, size_t index)
{
    const Found *last = list->count == 0 ? NULL : &list->items[list->count - 1];
    Found *items;

    if (last != NULL && last->index == index &&
        mig_bytes_equal(last->path, path))
        return;
    items = mig_array_reserve(mig->arena, list->items, list->count,
                              &list->capacity, sizeof(Found), mig->error);
    if (items == NULL)
        return;
    list->items = items;
    items[list->count].path = path;
    items[list->count++].index = index;
}

/* Note the files of one section. */
static void
note_section(Mig *mig, FoundList *list, const MigSection *section, size_t index)
{
    for (size_t i = 0; i < section->count && mig_ok(mig); i++)
        note_found(mig, list, section->slices[i].file, index);
}

/* List which migrations have something of which file. */
static void
find_all(Mig *mig, const MigSource *source, FoundList *list)
{
    memset(list, 0, sizeof(*list));
    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        const MigMigration *migration = &source->migrations[i];

        note_found(mig, list, migration->file, i);
        note_section(mig, list, &migration->up, i);
        note_section(mig, list, &migration->down, i);
        note_section(mig, list, &migration->verify, i);
    }
    if (mig_ok(mig) && list->count > 1)
        qsort(list->items, list->count, sizeof(Found), compare_found);
}

/* Where a path begins in the list. */
static size_t
first_of(const FoundList *list, MigBytes path)
{
    size_t low = 0;
    size_t high = list->count;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (mig_position_compare(list->items[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Emit the rows of one file. */
static void
emit_rows(Mig *mig, MigCall *call, const MigSource *source,
          const FoundList *list, const MigListed *entry)
{
    size_t last = SIZE_MAX;

    for (size_t i = first_of(list, entry->path);
         i < list->count && mig_ok(mig) &&
         mig_bytes_equal(list->items[i].path, entry->path);
         i++)
    {
        if (list->items[i].index == last)
            continue;
        last = list->items[i].index;
        emit_file(mig, call, source->listing, entry, &source->migrations[last]);
    }
    if (last == SIZE_MAX)
        emit_file(mig, call, source->listing, entry, NULL);
}

void
mig_sources(Mig *mig, MigCall *call, MigBytes path)
{
    MigSource source;
    FoundList list;

    memset(&source, 0, sizeof(source));
    source.look = true;
    if (mig_ok(mig))
        mig_source_read(mig, path, &source);
    if (mig_ok(mig))
        find_all(mig, &source, &list);
    for (size_t i = 0; mig_ok(mig) && i < source.listing->count; i++)
        emit_rows(mig, call, &source, &list, &source.listing->files[i]);
}
