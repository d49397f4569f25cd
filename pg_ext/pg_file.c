#include "pg_migrate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/acl.h"
#include "utils/varlena.h"

/* What is read at once, in bytes: so often a cancel is looked for. */
#define READ_SIZE ((size_t) 1024 * 1024)

/* A script must fit into one value of the database. */
#define MAX_FILE_SIZE (MaxAllocSize - 1024)

char *pg_directories;

/* Whether a path, free of links, lies in a folder, free of links too. */
static bool
path_is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    if (length > 0 && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

/*
 * Resolve links in the part of a path that exists, so that what does not
 * exist has a place too.
 *
 * resolved  out, PATH_MAX bytes; the existing part alone
 *
 * Returns false when the rest would lead elsewhere by "..".
 */
static bool
path_resolve(const char *path, char *resolved)
{
    char *part = pstrdup(path);

    while (realpath(part, resolved) == NULL)
    {
        char *slash = strrchr(part, '/');

        if (slash == NULL || (errno != ENOENT && errno != ENOTDIR) ||
            strcmp(slash, "/..") == 0)
            return false;
        if (slash == part)
            return strlcpy(resolved, "/", PATH_MAX) > 0;
        *slash = '\0';
    }
    return true;
}

/* Whether the superuser's list has a folder that a path lies in. */
static bool
path_is_listed(const char *path)
{
    char resolved[PATH_MAX];
    char folder[PATH_MAX];
    List *folders;
    ListCell *cell;

    if (pg_directories == NULL || pg_directories[0] == '\0' ||
        !path_resolve(path, resolved))
        return false;
    if (!SplitDirectoriesString(pstrdup(pg_directories), ',', &folders))
        return false;
    foreach (cell, folders)
    {
        const char *name = lfirst(cell);

        if (is_absolute_path(name) && realpath(name, folder) != NULL &&
            path_is_below(resolved, folder))
            return true;
    }
    return false;
}

/* Fail unless the caller may see a file of the server. */
static MigStatus
require_path(const PgHost *host, const char *path, MigError *error)
{
    if (!is_absolute_path(path))
    {
        mig_fail(error, MIG_INVALID, "path \"%s\" is not absolute", path);
        mig_fail_hint(error, "A relative path would be relative to the "
                             "server's data directory.");
    }
    else if (!has_privs_of_role(host->caller, ROLE_PG_READ_SERVER_FILES) &&
             !path_is_listed(path))
    {
        mig_fail(error, MIG_DENIED, "permission denied to read \"%s\"", path);
        mig_fail_detail(error, "Only members of pg_read_server_files may read "
                               "any file of the server.");
        mig_fail_hint(error, "A superuser can add its folder to the setting "
                             "\"migrate.directories\".");
    }
    return error->status;
}

/* The kind of what stat() has found. */
static MigPathKind
kind_of_mode(mode_t mode)
{
    if (S_ISREG(mode))
        return MIG_PATH_FILE;
    return S_ISDIR(mode) ? MIG_PATH_DIRECTORY : MIG_PATH_OTHER;
}

MigStatus
pg_path_kind(MigHost *base, const char *path, MigPathKind *kind,
             MigError *error)
{
    struct stat found;

    if (require_path((PgHost *) base, path, error) != MIG_OK)
        return error->status;
    if (stat(path, &found) == 0)
        *kind = kind_of_mode(found.st_mode);
    else if (errno == ENOENT || errno == ENOTDIR)
        *kind = MIG_PATH_MISSING;
    else
        return pg_file_error(error, "could not look at", path);
    return MIG_OK;
}

MigStatus
pg_directory_list(MigHost *base, const char *path, MigEntryFunction entry,
                  void *context, MigError *error)
{
    DIR *directory;
    struct dirent *found;
    MigStatus status = MIG_OK;

    if (require_path((PgHost *) base, path, error) != MIG_OK)
        return error->status;
    directory = AllocateDir(path);
    if (directory == NULL)
        return pg_file_error(error, "could not open directory", path);
    while (status == MIG_OK && (found = ReadDir(directory, path)) != NULL)
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
            status = entry(context, found->d_name, error);
    FreeDir(directory);
    return status;
}

/* Make a buffer hold exactly so many bytes and a NUL. */
static MigStatus
buffer_resize(PgHost *host, char **buffer, size_t *capacity, size_t length,
              MigError *error)
{
    char *resized =
        host->base.methods->resize(&host->base, *buffer, *capacity, length + 1);

    if (resized == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    *buffer = resized;
    *capacity = length + 1;
    return MIG_OK;
}

/* Read an open file from where it stands to its end. */
static MigStatus
read_to_end(PgHost *host, FILE *file, const char *path, size_t expected,
            MigBytes *contents, MigError *error)
{
    char *buffer = NULL;
    size_t capacity = 0;
    size_t length = 0;
    size_t count;

    if (buffer_resize(host, &buffer, &capacity, expected, error) != MIG_OK)
        return error->status;
    do
    {
        CHECK_FOR_INTERRUPTS();
        /* A byte is always left, to find out that the file has grown. */
        count =
            fread(buffer + length, 1, Min(READ_SIZE, capacity - length), file);
        length += count;
        if (length > MAX_FILE_SIZE)
            return mig_fail(error, MIG_INVALID,
                            "file \"%s\" is larger than 1 GB", path);
        if (length == capacity && buffer_resize(host, &buffer, &capacity,
                                                length * 2, error) != MIG_OK)
            return error->status;
    } while (count > 0);
    if (ferror(file))
        return pg_file_error(error, "could not read file", path);
    if (capacity != length + 1 &&
        buffer_resize(host, &buffer, &capacity, length, error) != MIG_OK)
        return error->status;
    buffer[length] = '\0';
    contents->data = buffer;
    contents->length = length;
    return MIG_OK;
}

MigStatus
pg_file_read(MigHost *base, const char *path, MigBytes *contents,
             MigError *error)
{
    struct stat found;
    MigStatus status;
    FILE *file;

    if (require_path((PgHost *) base, path, error) != MIG_OK)
        return error->status;
    if (stat(path, &found) != 0)
        return pg_file_error(error, "could not look at", path);
    if (!S_ISREG(found.st_mode))
        return mig_fail(error, MIG_INVALID, "\"%s\" is not a regular file",
                        path);
    if ((uint64) found.st_size > MAX_FILE_SIZE)
        return mig_fail(error, MIG_INVALID, "file \"%s\" is larger than 1 GB",
                        path);
    file = AllocateFile(path, PG_BINARY_R);
    if (file == NULL)
        return pg_file_error(error, "could not open file", path);
    status = read_to_end((PgHost *) base, file, path, (size_t) found.st_size,
                         contents, error);
    FreeFile(file);
    return status;
}
