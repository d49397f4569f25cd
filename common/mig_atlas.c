#include "mig_atlas.h"

#include <stdlib.h>

#include "mig_digest.h"

/* Rules: sql/migrate/dir.go and sql/sqltool/tool.go of Atlas. */

/* A line of atlas.sum, or what it should be. */
typedef struct SumLine
{
    MigBytes name;
    char hash[MIG_ATLAS_LENGTH + 1];
} SumLine;

typedef struct SumLines
{
    SumLine *lines;
    size_t count;
    size_t capacity;
} SumLines;

typedef struct AtlasCheck
{
    Mig *mig;
    MigListing *listing;
    MigArena arena; /* of one way to end lines */
    MigListed **files;
    size_t count;
    size_t capacity;
    char total[MIG_ATLAS_LENGTH + 1]; /* as atlas.sum has it */
    SumLines stated;
    SumLines actual; /* by the files; in arena */
} AtlasCheck;

/* ---- atlas.sum ---- */

static void
add_line(AtlasCheck *check, MigArena *arena, SumLines *lines, MigBytes name,
         const char *hash)
{
    SumLine *all =
        mig_array_reserve(arena, lines->lines, lines->count, &lines->capacity,
                          sizeof(SumLine), check->mig->error);

    if (all == NULL)
        return;
    lines->lines = all;
    all[lines->count].name = name;
    memcpy(all[lines->count].hash, hash, sizeof(all->hash));
    lines->count++;
}

/*
 * Read "[name ]h1:hash".
 *
 * name  out: may be empty
 *
 * Returns false for anything else.
 */
static bool
read_hash(MigBytes line, MigBytes *name, char hash[MIG_ATLAS_LENGTH + 1])
{
    static const char mark[] = "h1:";

    for (size_t at = 0; at + strlen(mark) < line.length; at++)
    {
        MigBytes rest = mig_part(line, at, line.length);

        if (!mig_starts_with(rest, mark))
            continue;
        if (rest.length != strlen(mark) + MIG_ATLAS_LENGTH)
            return false;
        *name = mig_trim(mig_part(line, 0, at));
        memcpy(hash, rest.data + strlen(mark), MIG_ATLAS_LENGTH);
        hash[MIG_ATLAS_LENGTH] = '\0';
        return true;
    }
    return false;
}

/* Read the line of a number, from 1. */
static void
read_line(AtlasCheck *check, MigBytes line, long long number)
{
    char hash[MIG_ATLAS_LENGTH + 1];
    MigBytes name;

    if (!read_hash(line, &name, hash) || (number == 1) != (name.length == 0))
        (void) mig_fail(check->mig->error, MIG_INVALID,
                        "line %lld: \"%.*s\" is no checksum", number,
                        (int) mig_cut(line, 200).length, line.data);
    else if (number == 1)
        memcpy(check->total, hash, sizeof(hash));
    else
        add_line(check, check->mig->arena, &check->stated, name, hash);
}

/* Read atlas.sum, whose first line is the sum of the others. */
static void
read_sum(AtlasCheck *check, MigBytes text)
{
    Mig *mig = check->mig;
    MigAtlasSum sum;
    char total[MIG_ATLAS_LENGTH + 1];
    long long number = 0;
    size_t at = 0;
    MigBytes line;

    while (mig_ok(mig) && mig_next_line(text, &at, &line))
        read_line(check, line, ++number);
    memset(&sum, 0, sizeof(sum));
    for (size_t i = 0; i < check->stated.count; i++)
        mig_atlas_line(mig->host, &sum, check->stated.lines[i].name,
                       mig_bytes(check->stated.lines[i].hash));
    mig_atlas_total(mig->host, &sum, total);
    if (strcmp(total, check->total) != 0)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line 1: the checksum is not that of the lines below");
    mig_fail_file(mig, check->listing, mig_bytes(MIG_ATLAS_SUM));
}

/* ---- Files ---- */

/* Whether a path has a suffix and stands in no folder. */
static bool
is_at_top(MigBytes path, const char *suffix)
{
    return memchr(path.data, '/', path.length) == NULL &&
           mig_ends_with(path, suffix);
}

/* Add a file to those that are summed. */
static void
add_file(AtlasCheck *check, MigListed *entry)
{
    MigListed **files = mig_array_reserve(
        check->mig->arena, check->files, check->count, &check->capacity,
        sizeof(MigListed *), check->mig->error);

    if (files == NULL)
        return;
    check->files = files;
    files[check->count++] = entry;
    (void) mig_listing_text(check->mig, check->listing, entry);
}

static bool
is_flyway(const MigListing *listing)
{
    return strcmp(listing->format->name, "flyway") == 0;
}

/* In the order of the listing. */
static int
compare_pointers(const void *a, const void *b)
{
    const MigListed *first = *(MigListed *const *) a;
    const MigListed *second = *(MigListed *const *) b;

    return first < second ? -1 : first > second;
}

/*
 * Find the files that Atlas sums, in its order: by name; of golang-migrate the
 * ways up alone.  Flyway's stand in folders, and by version: as atlas.sum lists
 * them, and then those that it should have.
 */
static void
find_files(AtlasCheck *check)
{
    MigListing *listing = check->listing;
    bool flyway = is_flyway(listing);
    const char *suffix = strcmp(listing->format->name, "golang-migrate") == 0
                             ? ".up.sql"
                             : ".sql";

    for (size_t i = 0; flyway && i < check->stated.count; i++)
    {
        MigListed *entry =
            mig_listing_find(listing, check->stated.lines[i].name);

        if (entry != NULL && mig_ok(check->mig))
            add_file(check, entry);
    }
    for (size_t i = 0; !flyway && i < listing->count; i++)
    {
        if (is_at_top(listing->files[i].path, suffix) &&
            !listing->files[i].special && mig_ok(check->mig))
            add_file(check, &listing->files[i]);
    }
}

/* Sum the files, with their line ends changed; returns the total's hash. */
static void
sum_files(AtlasCheck *check, MigLineEnds ends, char total[MIG_ATLAS_LENGTH + 1])
{
    Mig *mig = check->mig;
    MigAtlasSum sum;

    mig_arena_release(&check->arena);
    memset(&check->actual, 0, sizeof(check->actual));
    memset(&sum, 0, sizeof(sum));
    for (size_t i = 0; i < check->count && mig_ok(mig); i++)
    {
        MigArena arena = {mig->host, NULL};
        const MigListed *file = check->files[i];
        MigBytes text = mig_line_ends(mig, &arena, file->text, ends);
        char hash[MIG_ATLAS_LENGTH + 1];

        if (mig_ok(mig) &&
            mig_atlas_add(mig->host, &sum, file->path, text, hash))
            add_line(check, &check->arena, &check->actual, file->path, hash);
        mig_arena_release(&arena);
    }
    mig_atlas_total(mig->host, &sum, total);
}

/* Whether the files have the sum of atlas.sum, with some line ends. */
static bool
fits(AtlasCheck *check)
{
    char total[MIG_ATLAS_LENGTH + 1];

    for (MigLineEnds ends = MIG_LINES_AS_THEY_ARE; ends < MIG_LINES_COUNT;
         ends++)
    {
        sum_files(check, ends, total);
        if (!mig_ok(check->mig) || strcmp(total, check->total) == 0)
            return true;
    }
    sum_files(check, MIG_LINES_AS_THEY_ARE, total);
    return false;
}

/* ---- What does not fit ---- */

/* The index of a name among lines; count when it is not there. */
static size_t
find_name(const SumLines *lines, MigBytes name)
{
    size_t i = 0;

    while (i < lines->count && !mig_bytes_equal(lines->lines[i].name, name))
        i++;
    return i;
}

/* Say which file is the first that does not fit, as Atlas' Validate() does. */
static void
fail_sum(AtlasCheck *check)
{
    const SumLines *stated = &check->stated;
    const SumLines *actual = &check->actual;
    MigError *error = check->mig->error;
    size_t i = 0;
    long long line;

    while (i < stated->count && i < actual->count &&
           mig_bytes_equal(stated->lines[i].name, actual->lines[i].name) &&
           strcmp(stated->lines[i].hash, actual->lines[i].hash) == 0)
        i++;
    line = (long long) i + 2;
    if (i < stated->count &&
        find_name(actual, stated->lines[i].name) == actual->count)
        (void) mig_fail(
            error, MIG_INVALID, "line %lld: there is no file \"%.*s\"", line,
            (int) stated->lines[i].name.length, stated->lines[i].name.data);
    else if (i < actual->count && i < stated->count &&
             mig_bytes_equal(stated->lines[i].name, actual->lines[i].name))
        (void) mig_fail(error, MIG_INVALID,
                        "line %lld: file \"%.*s\" has been edited", line,
                        (int) stated->lines[i].name.length,
                        stated->lines[i].name.data);
    else if (i < actual->count)
        (void) mig_fail(
            error, MIG_INVALID, "line %lld: file \"%.*s\" is not listed", line,
            (int) actual->lines[i].name.length, actual->lines[i].name.data);
    mig_fail_file(check->mig, check->listing, mig_bytes(MIG_ATLAS_SUM));
}

/* Fail when a file of Flyway's is not among those that were summed. */
static void
require_listed(AtlasCheck *check)
{
    MigListing *listing = check->listing;
    size_t next = 0;

    if (!is_flyway(listing))
        return;
    /* Atlas leaves out what stands before a baseline. */
    for (size_t i = 0; i < listing->count; i++)
    {
        if (mig_base_name(listing->files[i].path).data[0] == 'B')
            return;
    }
    if (check->count > 1)
        qsort(check->files, check->count, sizeof(MigListed *),
              compare_pointers);
    for (size_t i = 0; i < listing->count; i++)
    {
        const MigListed *entry = &listing->files[i];

        if (next < check->count && check->files[next] == entry)
            next++;
        else if (mig_listed_is_read(entry) &&
                 entry->name.role != MIG_FILE_DOWN &&
                 mig_ends_with(entry->path, ".sql"))
        {
            (void) mig_fail(check->mig->error, MIG_INVALID,
                            "line %zu: file \"%.*s\" is not listed",
                            check->stated.count + 2, (int) entry->path.length,
                            entry->path.data);
            mig_fail_file(check->mig, listing, mig_bytes(MIG_ATLAS_SUM));
            return;
        }
    }
}

/* Make what was found a warning where that is wanted; else say what to do. */
static void
judge(Mig *mig)
{
    mig_fail_hint(mig->error,
                  "Find out what has changed; \"atlas migrate hash\" writes "
                  "the checksums anew.  migrate_config('on_bad_sum', 'warn') "
                  "goes on without them.");
    mig_listing_judge_sum(mig);
}

void
mig_atlas_check(Mig *mig, MigListing *listing)
{
    AtlasCheck check = {
        .mig = mig, .listing = listing, .arena = {mig->host, NULL}};
    MigListed *entry = mig_listing_find(listing, mig_bytes(MIG_ATLAS_SUM));
    MigBytes text;

    if (entry == NULL || listing->format == NULL)
        return;
    entry->name.role = MIG_FILE_CONTROL;
    text = mig_listing_text(mig, listing, entry);
    if (!mig_ok(mig))
        return;
    read_sum(&check, text);
    if (!mig_ok(mig))
    {
        judge(mig);
        return;
    }
    find_files(&check);
    if (!mig_ok(mig))
        return;
    if (!fits(&check))
        fail_sum(&check);
    require_listed(&check);
    mig_arena_release(&check.arena);
    judge(mig);
}
