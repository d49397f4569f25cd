#include "mig_detect.h"

#include "mig_setting.h"

/* How much is read in search of a mark, before names decide. */
#define PROBE_FILES 64
#define PROBE_BYTES ((size_t) 4 << 20)

#define CANDIDATES_MAX 8 /* that an error names */

/* The candidates of a step of the search. */
typedef struct Candidates
{
    const MigFormat *formats[CANDIDATES_MAX];
    MigBytes paths[CANDIDATES_MAX]; /* of a file that speaks for each */
    size_t count;
} Candidates;

/* Note that a file speaks for a format. */
static void
note_candidate(Candidates *candidates, const MigFormat *format, MigBytes path)
{
    for (size_t i = 0; i < candidates->count; i++)
    {
        if (candidates->formats[i] == format)
            return;
    }
    if (candidates->count == CANDIDATES_MAX)
        return;
    candidates->formats[candidates->count] = format;
    candidates->paths[candidates->count++] = path;
}

/* Fail when several formats could be meant, naming them. */
static void
require_one(Mig *mig, const MigListing *listing, const Candidates *candidates)
{
    MigText list = {mig->arena, mig->error, NULL, 0, 0};
    size_t count = candidates->count;

    if (count < 2 || !mig_ok(mig))
        return;
    for (size_t i = 0; i < count; i++)
    {
        mig_text_append_string(&list, i == 0          ? ""
                                      : i + 1 < count ? ", "
                                                      : " and ");
        mig_text_append_string(&list, "\"");
        mig_text_append(&list, candidates->paths[i]);
        mig_text_append_format(&list, "\" (%s)", candidates->formats[i]->name);
    }
    if (!mig_ok(mig))
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "directory \"%.*s\" holds files of %s formats: %.*s",
                    (int) listing->directory.length, listing->directory.data,
                    count == 2 ? "two" : "several", (int) list.length,
                    list.data);
    mig_fail_hint(mig->error,
                  "migrate_config('format', '%s') reads all as that; or keep "
                  "the sets apart.",
                  candidates->formats[0]->name);
}

/* The first file that is a sign of a format, or NULL. */
static const MigListed *
find_sign(const MigListing *listing, const MigFormat *format)
{
    if (format->is_sign == NULL)
        return NULL;
    for (size_t i = 0; i < listing->count; i++)
    {
        if (format->is_sign(listing->files[i].path))
            return &listing->files[i];
    }
    return NULL;
}

/* Look for files that only one format's directories have. */
static void
find_signs(const MigListing *listing, Candidates *candidates)
{
    for (size_t i = 0; mig_formats[i] != NULL; i++)
    {
        const MigListed *sign = find_sign(listing, mig_formats[i]);

        if (sign != NULL)
            note_candidate(candidates, mig_formats[i], sign->path);
    }
}

/* Whether a format claims a path as a migration, or a part of one. */
static bool
claims(const MigFormat *format, MigBytes path)
{
    MigFileName name;

    memset(&name, 0, sizeof(name));
    return format->match(path, &name) && name.role != MIG_FILE_NONE;
}

/* The format that a line is a mark of, among those that claim the path. */
static const MigFormat *
format_of_line(MigBytes path, MigBytes line)
{
    for (size_t i = 0; mig_formats[i] != NULL; i++)
    {
        if (mig_formats[i]->is_mark != NULL && mig_formats[i]->is_mark(line) &&
            claims(mig_formats[i], path))
            return mig_formats[i];
    }
    return NULL;
}

const MigFormat *
mig_detect_mark(MigBytes path, MigBytes text, size_t start, int64_t *line)
{
    size_t at = start;
    MigBytes current;

    *line = 0;
    while (mig_next_line(text, &at, &current))
    {
        const MigFormat *format;

        ++*line;
        current = mig_trim(current);
        if (current.length == 0 ||
            (current.data[0] != '-' && current.data[0] != '/'))
            continue;
        format = format_of_line(path, current);
        if (format != NULL)
            return format;
    }
    return NULL;
}

/* Read files in order of names, and see whose marks they have. */
static void
find_marks(Mig *mig, MigListing *listing, Candidates *candidates)
{
    size_t files = 0;
    size_t bytes = 0;

    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigListed *entry = &listing->files[i];
        const MigFormat *format;
        int64_t line;
        MigBytes text;

        if (!mig_is_sql_path(entry->path) || entry->special ||
            mig_base_name(entry->path).data[0] == '.')
            continue;
        if (files++ == PROBE_FILES || bytes > PROBE_BYTES)
            return;
        text = mig_listing_text(mig, listing, entry);
        bytes += text.length;
        /* What is wrong with it is said when it is read. */
        if (mig->error->status == MIG_INVALID)
            mig_error_clear(mig->error);
        format =
            mig_ok(mig) ? mig_detect_mark(entry->path, text, 0, &line) : NULL;
        if (format != NULL)
            note_candidate(candidates, format, entry->path);
    }
}

/* How many files a format claims; path is the first. */
static size_t
count_claimed(const MigFormat *format, const MigListing *listing,
              MigBytes *path)
{
    size_t count = 0;

    for (size_t i = 0; i < listing->count; i++)
    {
        if (!claims(format, listing->files[i].path))
            continue;
        if (count++ == 0)
            *path = listing->files[i].path;
    }
    return count;
}

/* Whether every file that one format claims is also claimed by another. */
static bool
covers(const MigFormat *format, const MigFormat *other,
       const MigListing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
    {
        if (claims(other, listing->files[i].path) &&
            !claims(format, listing->files[i].path))
            return false;
    }
    return true;
}

/* Whether a candidate claims all that a format claims. */
static bool
is_covered(const Candidates *candidates, const MigFormat *format,
           const MigListing *listing)
{
    for (size_t i = 0; i < candidates->count; i++)
    {
        if (covers(candidates->formats[i], format, listing))
            return true;
    }
    return false;
}

/* Drop the candidates of which a format claims all and more. */
static void
drop_covered(Candidates *candidates, const MigFormat *format,
             const MigListing *listing)
{
    size_t kept = 0;

    for (size_t i = 0; i < candidates->count; i++)
    {
        if (covers(format, candidates->formats[i], listing))
            continue;
        candidates->formats[kept] = candidates->formats[i];
        candidates->paths[kept++] = candidates->paths[i];
    }
    candidates->count = kept;
}

/* Drop the native format where another reads its files too. */
static void
drop_taken(Candidates *candidates)
{
    bool taken = false;
    size_t kept = 0;

    for (size_t i = 0; i < candidates->count; i++)
        taken = taken || candidates->formats[i]->takes_native;
    for (size_t i = 0; i < candidates->count; i++)
    {
        if (taken && candidates->formats[i] == &mig_format_native)
            continue;
        candidates->formats[kept] = candidates->formats[i];
        candidates->paths[kept++] = candidates->paths[i];
    }
    candidates->count = kept;
}

/*
 * Find the formats whose names the files have.
 *
 * hinted  whether to look at those that something else speaks for, or at the
 *         others
 */
static void
find_names(const MigListing *listing, Candidates *candidates, bool hinted)
{
    for (size_t i = 0; mig_formats[i] != NULL; i++)
    {
        const MigFormat *format = mig_formats[i];
        MigBytes path = {NULL, 0};

        if ((format->is_hinted != NULL && format->is_hinted(listing)) !=
                hinted ||
            !(hinted || format->by_name) ||
            count_claimed(format, listing, &path) == 0)
            continue;
        if (is_covered(candidates, format, listing))
            continue;
        drop_covered(candidates, format, listing);
        note_candidate(candidates, format, path);
    }
}

/* The first file that is one direction to a format, and nothing to another;
 * NULL when there is none. */
static const MigListed *
find_direction(const MigListing *listing, const MigFormat *format,
               const MigFormat *other)
{
    for (size_t i = 0; i < listing->count; i++)
    {
        MigFileName name;

        memset(&name, 0, sizeof(name));
        if (format->match(listing->files[i].path, &name) &&
            (name.role == MIG_FILE_UP || name.role == MIG_FILE_DOWN) &&
            !claims(other, listing->files[i].path))
            return &listing->files[i];
    }
    return NULL;
}

/*
 * Where a mark has told a format: note those whose names tell files with a
 * direction, which this one would silently pass over.
 */
static void
find_unclaimed(const MigListing *listing, Candidates *candidates)
{
    for (size_t i = 0; mig_formats[i] != NULL; i++)
    {
        const MigListed *file = mig_formats[i]->by_name
                                    ? find_direction(listing, mig_formats[i],
                                                     candidates->formats[0])
                                    : NULL;

        if (file != NULL)
            note_candidate(candidates, mig_formats[i], file->path);
    }
}

void
mig_detect(Mig *mig, MigListing *listing)
{
    Candidates candidates;
    MigBytes wanted = mig_setting(mig, "format", NULL);

    memset(&candidates, 0, sizeof(candidates));
    listing->certain = true;
    listing->format = mig_format_find(wanted);
    if (listing->format != NULL)
        return;
    find_signs(listing, &candidates);
    listing->certain = candidates.count > 0;
    if (candidates.count == 0)
    {
        find_marks(mig, listing, &candidates);
        if (candidates.count == 1)
            find_unclaimed(listing, &candidates);
    }
    drop_taken(&candidates);
    if (candidates.count == 0 && mig_ok(mig))
    {
        find_names(listing, &candidates, true);
        find_names(listing, &candidates, false);
    }
    require_one(mig, listing, &candidates);
    if (mig_ok(mig) && candidates.count > 0)
        listing->format = candidates.formats[0];
}
