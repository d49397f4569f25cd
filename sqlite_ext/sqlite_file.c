#include "sqlite_host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Files
 *
 * A file that belongs to a database of this connection is never opened:
 * closing it would release the locks that this process holds on the database
 * (fcntl(2): POSIX record locks), and another writer could come in.  So what a
 * path names is decided by stat(2), and only regular files are opened.
 */

#define FILE_LIMIT ((off_t) 1000000000) /* bytes: SQLite's limit of a text */

/* What identifies a file, whatever its name. */
struct SqliteFile
{
    dev_t device;
    ino_t inode;
};

const char *
sqlite_system_text(int reason, char *text, size_t size)
{
    /* Unlike strerror(), it keeps no text that threads would share. */
    if (strerror_r(reason, text, size) != 0)
        (void) snprintf(text, size, "error %d", reason);
    return text;
}

MigStatus
sqlite_fail_path(MigError *error, const char *what, const char *path)
{
    int reason = errno;
    char text[200];

    return mig_fail(error, reason == EACCES ? MIG_DENIED : MIG_FILE,
                    "cannot %s \"%s\": %s", what, path,
                    sqlite_system_text(reason, text, sizeof(text)));
}

/* Add a file to those that are never opened, if it exists. */
static MigStatus
add_database(SqliteHost *host, const char *path, MigError *error)
{
    struct stat status;
    struct SqliteFile *files;

    if (stat(path, &status) != 0)
        return MIG_OK;
    files = sqlite3_realloc64(host->databases,
                              (host->database_count + 1) * sizeof(*files));
    if (files == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    host->databases = files;
    files[host->database_count].device = status.st_dev;
    files[host->database_count].inode = status.st_ino;
    host->database_count++;
    return MIG_OK;
}

/* Add a database's file, and the files beside it. */
static MigStatus
add_database_files(SqliteHost *host, const char *path, MigError *error)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
    {
        char *name = sqlite3_mprintf("%s%s", path, endings[i]);

        if (name == NULL)
            return mig_fail(error, MIG_NOMEM, "out of memory");
        (void) add_database(host, name, error);
        sqlite3_free(name);
    }
    return error->status;
}

/* Add the files of a connection's databases. */
static MigStatus
add_connection(SqliteHost *host, sqlite3 *db, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    for (; code == SQLITE_ROW && error->status == MIG_OK;
         code = sqlite3_step(statement))
    {
        const char *path = (const char *) sqlite3_column_text(statement, 2);

        if (path != NULL && path[0] != '\0')
            (void) add_database_files(host, path, error);
    }
    /* A list that breaks off would let us open what is left out. */
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail_of(db, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

/* Find out which files belong to this connection's databases, or to those of
 * the ones on whose behalf it works. */
static MigStatus
know_databases(SqliteHost *host, MigError *error)
{
    const SqliteConnection *connection = host->connection;

    if (host->databases_known)
        return MIG_OK;
    for (; connection != NULL && error->status == MIG_OK;
         connection = connection->caller)
        (void) add_connection(host, connection->db, error);
    host->databases_known = error->status == MIG_OK;
    return error->status;
}

static bool
is_database(const SqliteHost *host, const struct stat *status)
{
    for (size_t i = 0; i < host->database_count; i++)
    {
        if (host->databases[i].device == status->st_dev &&
            host->databases[i].inode == status->st_ino)
            return true;
    }
    return false;
}

MigStatus
sqlite_path_kind(MigHost *base, const char *path, MigPathKind *kind,
                 MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    struct stat status;

    if (know_databases(host, error) != MIG_OK)
        return error->status;
    if (stat(path, &status) != 0)
    {
        if (errno != ENOENT && errno != ENOTDIR)
            return sqlite_fail_path(error, "look at", path);
        *kind = MIG_PATH_MISSING;
    }
    else if (is_database(host, &status))
        *kind = MIG_PATH_DATABASE;
    else if (S_ISDIR(status.st_mode))
        *kind = MIG_PATH_DIRECTORY;
    else
        *kind = S_ISREG(status.st_mode) ? MIG_PATH_FILE : MIG_PATH_OTHER;
    return MIG_OK;
}

MigStatus
sqlite_list_directory(MigHost *base, const char *path, MigEntryFunction entry,
                      void *context, MigError *error)
{
    DIR *directory = opendir(path);
    struct dirent *found;

    (void) base;
    if (directory == NULL)
        return sqlite_fail_path(error, "open directory", path);
    errno = 0;
    while (error->status == MIG_OK && (found = readdir(directory)) != NULL)
    {
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
            (void) entry(context, found->d_name, error);
        errno = 0;
    }
    if (errno != 0)
        (void) sqlite_fail_path(error, "read directory", path);
    (void) closedir(directory);
    return error->status;
}

/*
 * Read all of an open file.
 *
 * size  that it had; room for one byte more tells whether it grows
 */
static MigStatus
read_all(int file, size_t size, const char *path, MigBytes *contents,
         MigError *error)
{
    char *data = sqlite3_malloc64(size + 1);
    size_t length = 0;
    ssize_t got = 1;

    if (data == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    while (got != 0 && length <= size)
    {
        got = read(file, data + length, size + 1 - length);
        if (got > 0)
            length += (size_t) got;
        else if (got < 0 && errno != EINTR)
            break;
    }
    if (got < 0)
        (void) sqlite_fail_path(error, "read", path);
    else if (length > size)
        (void) mig_fail(error, MIG_FILE, "\"%s\" grows while it is read", path);
    if (error->status != MIG_OK)
    {
        sqlite3_free(data);
        return error->status;
    }
    data[length] = '\0';
    contents->data = data;
    contents->length = length;
    return MIG_OK;
}

MigStatus
sqlite_read_file(MigHost *base, const char *path, MigBytes *contents,
                 MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    struct stat status;
    int file;

    if (know_databases(host, error) != MIG_OK)
        return error->status;
    if (stat(path, &status) != 0)
        return sqlite_fail_path(error, "read", path);
    if (!S_ISREG(status.st_mode) || is_database(host, &status))
        return mig_fail(error, MIG_FILE, "\"%s\" is no regular file", path);
    if (status.st_size > FILE_LIMIT)
        return mig_fail(error, MIG_FILE, "\"%s\" is larger than 1 GB", path);
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return sqlite_fail_path(error, "open", path);
    (void) read_all(file, (size_t) status.st_size, path, contents, error);
    (void) close(file);
    return error->status;
}

bool
sqlite_is_moved(SqliteHost *host)
{
    int moved = 0;

    (void) sqlite3_file_control(host->db, "main", SQLITE_FCNTL_HAS_MOVED,
                                &moved);
    return moved != 0;
}
