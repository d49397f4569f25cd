#include "mig_listing.h"

#include <stdlib.h>

#include "mig_atlas.h"
#include "mig_detect.h"
#include "mig_setting.h"
#include "mig_version.h"

#define DEPTH_MAX 10                /* of folders */
#define FILES_MAX ((size_t) 100000) /* of a directory */

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

/*
 * Add a file to the listing.
 *
 * special  whether it is a device, a socket or a pipe
 */
static void
add_file(Mig *mig, MigListing *listing, MigBytes path, bool special)
{
    MigListed *files;

    if (listing->count == FILES_MAX)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "directory \"%.*s\" holds more than %zu files",
                        (int) listing->directory.length,
                        listing->directory.data, FILES_MAX);
        mig_fail_hint(mig->error, "Name the folder of the migrations alone.");
        return;
    }
    files =
        mig_array_reserve(mig->arena, listing->files, listing->count,
                          &listing->capacity, sizeof(MigListed), mig->error);
    if (files == NULL)
        return;
    listing->files = files;
    memset(&files[listing->count], 0, sizeof(MigListed));
    files[listing->count].special = special;
    files[listing->count++].path = path;
}

/* The depth of a folder; 0 at the top. */
static size_t
depth_of(MigBytes folder)
{
    size_t depth = folder.length > 0 ? 1 : 0;

    for (size_t i = 0; i < folder.length; i++)
        depth += folder.data[i] == '/';
    return depth;
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
        add_file(mig, listing, mig_bytes(relative), false);
    else if (kind == MIG_PATH_DIRECTORY && depth_of(folder) < DEPTH_MAX &&
             name.data[0] != '.')
        list_folder(mig, listing, mig_bytes(relative));
    else if (kind == MIG_PATH_MISSING && mig_is_sql_path(name) &&
             name.data[0] != '.')
        (void) mig_fail(mig->error, MIG_FILE,
                        "\"%s\" is a link to a file that does not exist",
                        relative);
    else if (kind == MIG_PATH_OTHER)
        add_file(mig, listing, mig_bytes(relative), true);
}

/* List a folder and the folders in it, in the order of names. */
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

size_t
mig_text_check(Mig *mig, MigBytes text)
{
    size_t bad = mig_utf8_check(text);
    long long line;

    if (bad < text.length)
    {
        line = mig_count_lines(text, bad) + 1;
        if (text.data[bad] == '\0')
            (void) mig_fail(mig->error, MIG_INVALID,
                            "line %lld: a text must not hold a zero byte",
                            line);
        else
            (void) mig_fail(mig->error, MIG_INVALID,
                            "line %lld: byte 0x%02X is not valid UTF-8", line,
                            (unsigned char) text.data[bad]);
        mig_fail_hint(mig->error, "Save it as text, in UTF-8.");
    }
    return mig_starts_with(text, "\xEF\xBB\xBF") ? 3 : 0;
}

void
mig_fail_file(Mig *mig, const MigListing *listing, MigBytes path)
{
    char detail[sizeof(mig->error->detail)];
    const char *full;

    if (mig_ok(mig) || mig->error->status == MIG_NOMEM)
        return;
    memcpy(detail, mig->error->detail, sizeof(detail));
    mig_fail_prefix(mig->error, "\"%.*s\" ", (int) path.length, path.data);
    full = mig_join_path(mig, listing->directory, path);
    if (full != NULL)
        mig_fail_detail(mig->error, "The file is %s.%s%s", full,
                        detail[0] != '\0' ? " " : "", detail);
}

static int
compare_paths(const void *a, const void *b)
{
    return mig_position_compare(((const MigListed *) a)->path,
                                ((const MigListed *) b)->path);
}

MigListed *
mig_listing_find(const MigListing *listing, MigBytes path)
{
    MigListed wanted = {.path = path};

    return listing->count == 0
               ? NULL
               : bsearch(&wanted, listing->files, listing->count,
                         sizeof(MigListed), compare_paths);
}

MigBytes
mig_listing_text(Mig *mig, MigListing *listing, MigListed *entry)
{
    MigBytes absent = {NULL, 0};
    const char *path;
    MigBytes contents;
    size_t start;

    if (entry->text.data == NULL)
    {
        path = mig_join_path(mig, listing->directory, entry->path);
        if (path == NULL ||
            mig->host->methods->read_file(mig->host, path, &contents,
                                          mig->error) != MIG_OK)
        {
            mig_fail_file(mig, listing, entry->path);
            return absent;
        }
        entry->text = mig_copy(mig->arena, contents, mig->error);
        (void) mig->host->methods->resize(mig->host, (void *) contents.data,
                                          contents.length + 1, 0);
    }
    start = mig_ok(mig) ? mig_text_check(mig, entry->text) : 0;
    mig_fail_file(mig, listing, entry->path);
    return mig_ok(mig) ? mig_part(entry->text, start, entry->text.length)
                       : absent;
}

void
mig_listing_judge_sum(Mig *mig)
{
    char message[sizeof(mig->error->message)];

    if (mig->error->status != MIG_INVALID)
        return;
    if (!mig_setting_is(mig, "on_bad_sum", "warn"))
        return;
    memcpy(message, mig->error->message, sizeof(message));
    mig_error_clear(mig->error);
    mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

void
mig_listing_pass_over(MigListed *entry, const char *note)
{
    entry->name.role = MIG_FILE_NONE;
    entry->name.note = note;
}

/* Set an entry's version, as its tool has it, and its position. */
static void
identify(Mig *mig, const MigFormat *format, MigListed *entry)
{
    if (format->identify != NULL)
        format->identify(mig, &entry->name, &entry->position);
    else if (entry->name.repeatable)
        entry->position = mig_repeatable_position(mig, entry->name.version);
    else
        entry->position = mig_version_position(mig, entry->name.version);
}

/* Why a file that a format does not claim is passed over. */
static const char *
reason_of(const MigFormat *format, MigBytes path)
{
    if (mig_base_name(path).data[0] == '.')
        return "a hidden file";
    if (!mig_is_sql_path(path))
        return "no SQL file";
    return format == &mig_format_native &&
                   memchr(path.data, '/', path.length) == NULL
               ? "no version stands before the name"
               : "not named as this format's migrations are";
}

/* Say of one file what it is. */
static void
classify(Mig *mig, const MigFormat *format, MigListed *entry)
{
    if (mig_base_name(entry->path).data[0] == '.' ||
        !format->match(entry->path, &entry->name))
        mig_listing_pass_over(entry, reason_of(format, entry->path));
    if (entry->name.role == MIG_FILE_NONE)
        return;
    if (entry->special)
    {
        (void) mig_fail(mig->error, MIG_FILE,
                        "\"%.*s\" is neither a file nor a directory",
                        (int) entry->path.length, entry->path.data);
        return;
    }
    require_plain_name(mig, entry->path);
    if (mig_listed_is_read(entry) && entry->name.version.length > 0)
        identify(mig, format, entry);
}

static int
compare_listed(const void *a, const void *b)
{
    const MigListed *first = a;
    const MigListed *second = b;
    int order = mig_position_compare(first->position, second->position);

    return order != 0 ? order : mig_position_compare(first->path, second->path);
}

/* Fail when no file of the directory is a migration. */
static void
require_migrations(Mig *mig, const MigListing *listing)
{
    MigBytes path = listing->directory;

    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        if (mig_listed_is_read(&listing->files[i]) ||
            listing->files[i].name.role == MIG_FILE_FOREIGN)
            return;
    }
    if (!mig_ok(mig) || listing->single)
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "directory \"%.*s\" holds no migrations", (int) path.length,
                    path.data);
    mig_fail_hint(mig->error,
                  "A migration is a file <version>_<name>.sql, a pair "
                  "<number>_<name>.up.sql and .down.sql, or as another tool "
                  "names it; SELECT * FROM migrate_sources(directory) says "
                  "why each file is passed over.");
}

/* Find the format of the files, and say of each what it is. */
static void
classify_all(Mig *mig, MigListing *listing)
{
    const MigFormat *format;

    if (listing->count > 1)
        qsort(listing->files, listing->count, sizeof(MigListed), compare_paths);
    if (mig_ok(mig))
        mig_detect(mig, listing);
    format = listing->format == NULL ? &mig_format_native : listing->format;
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
        classify(mig, format, &listing->files[i]);
    if (mig_ok(mig) && format->arrange != NULL)
        format->arrange(mig, listing);
    if (mig_ok(mig))
        mig_atlas_check(mig, listing);
    if (mig_ok(mig) && listing->count > 1)
        qsort(listing->files, listing->count, sizeof(MigListed),
              compare_listed);
}

void
mig_listing_read(Mig *mig, MigBytes directory, MigListing *listing)
{
    memset(listing, 0, sizeof(*listing));
    listing->directory = directory;
    list_folder(mig, listing, mig_bytes(""));
    classify_all(mig, listing);
}

void
mig_listing_read_file(Mig *mig, MigBytes path, MigListing *listing)
{
    MigBytes base = mig_base_name(path);

    memset(listing, 0, sizeof(*listing));
    listing->single = true;
    listing->directory = base.length == path.length
                             ? mig_bytes(".")
                             : mig_part(path, 0, path.length - base.length);
    add_file(mig, listing, base, false);
    classify_all(mig, listing);
}

/* Tell the user of files that were passed over and perhaps should not be. */
static void
tell_passed_over(Mig *mig, const MigListing *listing)
{
    const MigListed *first = NULL;
    const char *message;
    size_t count = 0;

    for (size_t i = 0; i < listing->count; i++)
    {
        const MigListed *entry = &listing->files[i];

        if (entry->name.role != MIG_FILE_NONE ||
            !mig_is_sql_path(entry->path) ||
            mig_base_name(entry->path).data[0] == '.')
            continue;
        if (count++ == 0)
            first = entry;
    }
    if (count == 0 || listing->single)
        return;
    message = mig_format_string(
        mig->arena, mig->error,
        "%zu .sql file%s passed over, such as \"%.*s\": %s", count,
        count == 1 ? " is" : "s are", (int) first->path.length,
        first->path.data, first->name.note);
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_NOTICE, message);
}

/* Fail, or tell the user, when migrations are no SQL. */
static void
check_foreign(Mig *mig, const MigListing *listing)
{
    MigText names = {mig->arena, mig->error, NULL, 0, 0};
    const char *note = NULL;
    const char *message;
    size_t count = 0;

    for (size_t i = 0; i < listing->count; i++)
    {
        if (listing->files[i].name.role != MIG_FILE_FOREIGN || ++count > 5)
            continue;
        note = note == NULL ? listing->files[i].name.note : note;
        mig_text_append_string(&names, count == 1 ? "\"" : ", \"");
        mig_text_append(&names, listing->files[i].path);
        mig_text_append_string(&names, "\"");
    }
    if (count == 0 || !mig_ok(mig))
        return;
    message = mig_format_string(
        mig->arena, mig->error, "%zu migration%s no SQL: %.*s%s", count,
        count == 1 ? " is" : "s are", (int) names.length, names.data,
        count > 5 ? ", ..." : "");
    if (message == NULL)
        return;
    if (mig_setting_is(mig, "skip_foreign", "on"))
    {
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
        return;
    }
    (void) mig_fail(mig->error, MIG_UNSUPPORTED, "%s", message);
    if (note != NULL)
        mig_fail_detail(mig->error, "The first is %s.", note);
    mig_fail_hint(mig->error,
                  "%s  Or pass over them with "
                  "migrate_config('skip_foreign', 'on').",
                  listing->format->foreign_hint == NULL
                      ? "Programs cannot be run here: write them as SQL."
                      : listing->format->foreign_hint);
}

void
mig_listing_check(Mig *mig, const MigListing *listing)
{
    if (!mig_ok(mig))
        return;
    require_migrations(mig, listing);
    if (mig_ok(mig))
        tell_passed_over(mig, listing);
    check_foreign(mig, listing);
}
