#include "sqlite_fleet.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What a folder's databases are called. */
static const char *const endings[] = {"*.db", "*.sqlite", "*.sqlite3"};

/* What SQLite puts beside a database's file. */
static const char *const besides[] = {"-journal", "-wal", "-shm"};

/*
 * Whether a file is one of those that SQLite puts beside another, which is
 * there.  A journal without its database is named, and fails.
 */
static bool
is_beside(const char *path, MigError *error)
{
    size_t length = strlen(path);
    bool beside = false;

    for (size_t i = 0; i < sizeof(besides) / sizeof(besides[0]); i++)
    {
        size_t ending = strlen(besides[i]);
        struct stat status;
        char *base;

        if (length <= ending || strcmp(path + length - ending, besides[i]) != 0)
            continue;
        base = sqlite3_mprintf("%.*s", (int) (length - ending), path);
        if (base == NULL)
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
        else
            beside = stat(base, &status) == 0;
        sqlite3_free(base);
    }
    return beside;
}

/* Make room for one more entry; returns it zeroed, or NULL. */
static SqliteFleetEntry *
list_reserve(SqliteFleetList *list, MigError *error)
{
    if (list->count == list->capacity)
    {
        size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        SqliteFleetEntry *entries = sqlite3_realloc64(
            list->entries, capacity * sizeof(SqliteFleetEntry));

        if (entries == NULL)
        {
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
            return NULL;
        }
        list->entries = entries;
        list->capacity = capacity;
    }
    memset(&list->entries[list->count], 0, sizeof(SqliteFleetEntry));
    return &list->entries[list->count];
}

/* Add a path that a pattern names, unless it is a folder's. */
static void
add_path(SqliteHost *host, const char *path, SqliteFleetList *list,
         MigError *error)
{
    SqliteFleetEntry *entry = list_reserve(list, error);
    MigPathKind kind = MIG_PATH_FILE;
    struct stat status;

    if (entry == NULL || is_beside(path, error))
        return;
    if (stat(path, &status) != 0)
        entry->problem = errno;
    else if (S_ISDIR(status.st_mode))
        return;
    else
    {
        entry->device = (uint64_t) status.st_dev;
        entry->inode = (uint64_t) status.st_ino;
        entry->is_other = !S_ISREG(status.st_mode);
        (void) sqlite_path_kind(&host->host, path, &kind, error);
        entry->is_open = kind == MIG_PATH_DATABASE;
    }
    entry->path = sqlite3_mprintf("%s", path);
    if (entry->path == NULL)
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    else if (error->status == MIG_OK)
        list->count++;
    else
        sqlite3_free(entry->path);
}

/*
 * Whether glob(3) is to give up at a folder: its databases must not be passed
 * over.  Where a link leads nowhere there are none.
 */
static int
stop_at_folder(const char *path, int reason)
{
    (void) path;
    return reason != ENOENT;
}

/* Add what a pattern of glob(3) names. */
static void
add_pattern(SqliteHost *host, const char *pattern, SqliteFleetList *list,
            MigError *error)
{
    glob_t found;
    int result;
    int reason;
    char text[200];

    memset(&found, 0, sizeof(found));
    /* Sorted later, byte by byte and not as the locale has it. */
    errno = 0;
    result = glob(pattern, GLOB_NOSORT, stop_at_folder, &found);
    reason = errno;
    if (result == GLOB_NOSPACE)
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    else if (result == GLOB_ABORTED)
    {
        (void) mig_fail(error, reason == EACCES ? MIG_DENIED : MIG_FILE,
                        "cannot read a folder that \"%s\" names: %s", pattern,
                        sqlite_system_text(reason, text, sizeof(text)));
        mig_fail_hint(error, "Nothing was done, so that no database is passed "
                             "over.");
    }
    for (size_t i = 0; i < found.gl_pathc && error->status == MIG_OK; i++)
        add_path(host, found.gl_pathv[i], list, error);
    globfree(&found);
}

/* Add the databases of a folder, whatever its name holds. */
static void
add_folder(SqliteHost *host, const char *folder, SqliteFleetList *list,
           MigError *error)
{
    size_t length = strlen(folder);
    char *pattern = sqlite3_malloc64(2 * length + 16);
    size_t at = 0;

    if (pattern == NULL)
    {
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
        return;
    }
    for (size_t i = 0; i < length; i++)
    {
        if (strchr("*?[]\\", folder[i]) != NULL)
            pattern[at++] = '\\';
        pattern[at++] = folder[i];
    }
    if (folder[length - 1] != '/')
        pattern[at++] = '/';
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
    {
        memcpy(pattern + at, endings[i], strlen(endings[i]) + 1);
        if (error->status == MIG_OK)
            add_pattern(host, pattern, list, error);
    }
    sqlite3_free(pattern);
}

/* By file, and within one by path. */
static int
compare_files(const void *a, const void *b)
{
    const SqliteFleetEntry *left = a;
    const SqliteFleetEntry *right = b;

    if (left->device != right->device)
        return left->device < right->device ? -1 : 1;
    if (left->inode != right->inode)
        return left->inode < right->inode ? -1 : 1;
    return strcmp(left->path, right->path);
}

static int
compare_paths(const void *a, const void *b)
{
    return strcmp(((const SqliteFleetEntry *) a)->path,
                  ((const SqliteFleetEntry *) b)->path);
}

/* Whether two names are one behind symbolic links, which SQLite follows. */
static bool
is_same_place(const char *one, const char *other)
{
    char *left = realpath(one, NULL);
    char *right = realpath(other, NULL);
    bool same = left != NULL && right != NULL && strcmp(left, right) == 0;

    free(left);
    free(right);
    return same;
}

/* Keep the first name of each file, and put all in order. */
static void
sort(SqliteFleetList *list)
{
    size_t kept = 0;

    if (list->count == 0)
        return;
    qsort(list->entries, list->count, sizeof(SqliteFleetEntry), compare_files);
    for (size_t i = 1; i < list->count; i++)
    {
        SqliteFleetEntry *last = &list->entries[kept];
        SqliteFleetEntry *entry = &list->entries[i];

        if (entry->problem == 0 && entry->device == last->device &&
            entry->inode == last->inode)
        {
            if (!is_same_place(last->path, entry->path))
                last->is_twice = true;
            sqlite3_free(entry->path);
        }
        else
            list->entries[++kept] = *entry;
    }
    list->count = kept + 1;
    qsort(list->entries, list->count, sizeof(SqliteFleetEntry), compare_paths);
}

/* Fail for a pattern that names no file. */
static void
fail_empty(const char *pattern, bool is_folder, MigError *error)
{
    if (is_folder)
    {
        (void) mig_fail(error, MIG_UNKNOWN, "folder \"%s\" holds no databases",
                        pattern);
        mig_fail_hint(error, "Looked for are *.db, *.sqlite and *.sqlite3; for "
                             "other names write a pattern, such as "
                             "'folder/*.dat' or 'tenants/*/data.db'.");
        return;
    }
    (void) mig_fail(error, MIG_UNKNOWN, "no file matches \"%s\"", pattern);
    mig_fail_hint(error, "It is a path, from the working directory or from /, "
                         "in which *, ? and [] stand for other characters; "
                         "folders alone do not count.");
}

MigStatus
sqlite_fleet_list(SqliteHost *host, MigBytes pattern, SqliteFleetList *list,
                  MigError *error)
{
    char *path = sqlite3_mprintf("%.*s", (int) pattern.length, pattern.data);
    struct stat status;
    bool is_folder;

    if (path == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    if (pattern.length == 0)
        (void) mig_fail(error, MIG_INVALID, "glob must not be empty");
    else if (memchr(pattern.data, '\0', pattern.length) != NULL)
        (void) mig_fail(error, MIG_INVALID, "glob must not hold a zero byte");
    if (error->status == MIG_OK)
    {
        bool is_there = stat(path, &status) == 0;

        is_folder = is_there && S_ISDIR(status.st_mode);
        if (is_folder)
            add_folder(host, path, list, error);
        else if (is_there)
            add_path(host, path, list, error);
        else
            add_pattern(host, path, list, error);
        if (list->count == 0 && error->status == MIG_OK)
            fail_empty(path, is_folder, error);
        sort(list);
    }
    sqlite3_free(path);
    return error->status;
}

void
sqlite_fleet_list_free(SqliteFleetList *list)
{
    for (size_t i = 0; i < list->count; i++)
        sqlite3_free(list->entries[i].path);
    sqlite3_free(list->entries);
    memset(list, 0, sizeof(*list));
}
