#include "mig_listing.h"

#include <stdlib.h>

#include "mig_version.h"

/* The names in one folder. */
typedef struct Names
{
    MigArena *arena;
    MigBytes *names;
    size_t count;
    size_t capacity;
} Names;

const char *
mig_join_path(Mig *mig, MigBytes directory, MigBytes path)
{
    return mig_format_string(
        mig->arena, mig->error, "%.*s%s%.*s", (int) directory.length,
        directory.data,
        mig_ends_with(directory, "/") || path.length == 0 ? "" : "/",
        (int) path.length, path.data);
}

static MigStatus
collect_name(void *context, const char *name, MigError *error)
{
    Names *found = context;
    MigBytes *names;

    if (name[0] == '.')
        return MIG_OK;
    names = mig_array_reserve(found->arena, found->names, found->count,
                              &found->capacity, sizeof(MigBytes), error);
    if (names == NULL)
        return error->status;
    found->names = names;
    names[found->count] = mig_copy(found->arena, mig_bytes(name), error);
    found->count++;
    return error->status;
}

static int
compare_names(const void *a, const void *b)
{
    return mig_position_compare(*(const MigBytes *) a, *(const MigBytes *) b);
}

/* Set an entry's version, as its tool has it, and its position. */
static void
identify(Mig *mig, MigListed *entry)
{
    if (entry->format->identify != NULL)
        entry->format->identify(mig, &entry->name, &entry->position);
    else if (entry->name.repeatable)
        entry->position = mig_repeatable_position(mig, entry->name.version);
    else
        entry->position = mig_version_position(mig, entry->name.version);
}

/* Fail for a name that the catalogue cannot hold. */
static void
require_plain_name(Mig *mig, MigBytes path)
{
    bool plain = mig_utf8_check(path) == path.length;

    for (size_t i = 0; i < path.length && plain; i++)
        plain = (unsigned char) path.data[i] >= ' ' && path.data[i] != 0x7F;
    if (!plain)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "the name of file \"%.*s\" holds a control character "
                        "or is not valid UTF-8",
                        (int) mig_utf8_check(path), path.data);
}

/* Whether a format takes a path for a migration. */
static bool
is_claimed(MigBytes path)
{
    MigFileName name;

    for (size_t i = 0; mig_formats[i] != NULL; i++)
    {
        if (mig_formats[i]->match(path, &name))
            return true;
    }
    return false;
}

/* Add a file to the listing once for each format that claims it. */
static void
add_file(Mig *mig, MigListing *listing, MigBytes path)
{
    bool claimed = false;

    for (size_t i = 0; mig_formats[i] != NULL; i++)
    {
        MigFileName name;
        MigListed *files;

        if (!mig_formats[i]->match(path, &name))
            continue;
        claimed = true;
        require_plain_name(mig, path);
        files = mig_array_reserve(mig->arena, listing->files, listing->count,
                                  &listing->capacity, sizeof(MigListed),
                                  mig->error);
        if (files == NULL)
            return;
        listing->files = files;
        files[listing->count].path = path;
        files[listing->count].format = mig_formats[i];
        files[listing->count].name = name;
        identify(mig, &files[listing->count]);
        listing->count++;
    }
    if (!claimed && mig_ends_with(path, ".sql"))
    {
        if (listing->passed_over++ == 0)
            listing->first_passed_over = path;
    }
}

/* Tell the user of files that were passed over and perhaps should not be. */
static void
tell_passed_over(Mig *mig, const MigListing *listing)
{
    const char *message;

    if (listing->passed_over == 0 || !mig_ok(mig))
        return;
    message = mig_format_string(
        mig->arena, mig->error,
        "%zu .sql file%s passed over, such as \"%.*s\": no version stands "
        "before the name",
        listing->passed_over, listing->passed_over == 1 ? " is" : "s are",
        (int) listing->first_passed_over.length,
        listing->first_passed_over.data);
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_NOTICE, message);
}

static void list_folder(Mig *mig, MigListing *listing, MigBytes folder);

/* Take one name of a folder: a file to be claimed, or a folder to look into. */
static void
visit(Mig *mig, MigListing *listing, MigBytes folder, MigBytes name)
{
    const char *relative;
    const char *full;
    MigPathKind kind;

    relative = mig_format_string(
        mig->arena, mig->error, "%.*s%s%.*s", (int) folder.length, folder.data,
        folder.length > 0 ? "/" : "", (int) name.length, name.data);
    if (relative == NULL)
        return;
    full = mig_join_path(mig, listing->directory, mig_bytes(relative));
    if (full == NULL || mig->host->methods->path_kind(mig->host, full, &kind,
                                                      mig->error) != MIG_OK)
        return;
    if (kind == MIG_PATH_FILE)
        add_file(mig, listing, mig_bytes(relative));
    else if (kind == MIG_PATH_DIRECTORY && folder.length == 0)
        list_folder(mig, listing, mig_bytes(relative));
    else if (kind == MIG_PATH_MISSING && mig_ends_with(name, ".sql"))
        (void) mig_fail(mig->error, MIG_FILE,
                        "\"%s\" is a link to a file that does not exist",
                        relative);
    else if (kind == MIG_PATH_OTHER && is_claimed(mig_bytes(relative)))
        (void) mig_fail(mig->error, MIG_FILE,
                        "\"%s\" is neither a file nor a directory", relative);
}

/* List a folder, in the order of names; the top folder's folders as well. */
static void
list_folder(Mig *mig, MigListing *listing, MigBytes folder)
{
    Names found = {mig->arena, NULL, 0, 0};
    const char *path = mig_join_path(mig, listing->directory, folder);

    if (path == NULL ||
        mig->host->methods->list_directory(mig->host, path, collect_name,
                                           &found, mig->error) != MIG_OK)
        return;
    if (found.count > 0)
        qsort(found.names, found.count, sizeof(MigBytes), compare_names);
    for (size_t i = 0; i < found.count && mig_ok(mig); i++)
        visit(mig, listing, folder, found.names[i]);
}

/* Fail unless one format claims all the files, and there are some. */
static void
require_one_format(Mig *mig, const MigListing *listing)
{
    MigBytes path = listing->directory;
    const MigListed *first = listing->files;

    if (!mig_ok(mig))
        return;
    for (size_t i = 1; i < listing->count; i++)
    {
        const MigListed *file = &listing->files[i];

        if (file->format == first->format)
            continue;
        (void) mig_fail(mig->error, MIG_INVALID,
                        "directory \"%.*s\" holds files of two formats: "
                        "\"%.*s\" (%s) and \"%.*s\" (%s)",
                        (int) path.length, path.data, (int) first->path.length,
                        first->path.data, first->format->name,
                        (int) file->path.length, file->path.data,
                        file->format->name);
        return;
    }
    if (listing->count > 0)
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "directory \"%.*s\" holds no migrations", (int) path.length,
                    path.data);
    mig_fail_hint(mig->error,
                  "A migration is a file <version>_<name>.sql, a pair "
                  "<number>_<name>.up.sql and .down.sql, or a folder "
                  "<version>_<name> with up.sql.");
}

void
mig_listing_read(Mig *mig, MigBytes directory, MigListing *listing)
{
    memset(listing, 0, sizeof(*listing));
    listing->directory = directory;
    list_folder(mig, listing, mig_bytes(""));
    tell_passed_over(mig, listing);
    require_one_format(mig, listing);
}

void
mig_listing_read_file(Mig *mig, MigBytes path, MigListing *listing)
{
    size_t base = path.length;

    memset(listing, 0, sizeof(*listing));
    while (base > 0 && path.data[base - 1] != '/')
        base--;
    listing->directory = base == 0 ? mig_bytes(".") : mig_part(path, 0, base);
    add_file(mig, listing, mig_part(path, base, path.length));
}
