#include "sqlite_backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Temporary files of copies that are not complete
 *
 * A process that was killed leaves its own behind.  The next copy into that
 * folder removes it: when there is no such process on this machine, and nobody
 * else, on another one, has locked the file as SQLite does.
 */

#define RANDOM_DIGITS 16 /* behind the number of the process */

/* The number of the process that made a temporary file; 0 for other files. */
static long
partial_process(const char *name)
{
    size_t length = strlen(name);
    const char *dot;
    char *end;
    long process;

    if (!mig_ends_with(mig_bytes(name), SQLITE_PARTIAL))
        return 0;
    length -= strlen(SQLITE_PARTIAL);
    if (length < RANDOM_DIGITS + 2 ||
        strspn(name + length - RANDOM_DIGITS, "0123456789abcdef") <
            RANDOM_DIGITS ||
        name[length - RANDOM_DIGITS - 1] != '-')
        return 0;
    dot = name + length - RANDOM_DIGITS - 1;
    while (dot > name && dot[-1] != '.')
        dot--;
    process = strtol(dot, &end, 10);
    return process > 1 && *end == '-' ? process : 0;
}

/* Whether nobody has locked a file, as far as that can be told. */
static bool
is_unlocked(const char *path)
{
    struct flock lock;
    int file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    bool unlocked;

    if (file < 0)
        return false;
    memset(&lock, 0, sizeof(lock));
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    unlocked = fcntl(file, F_SETLK, &lock) == 0;
    (void) close(file);
    return unlocked;
}

/* Remove a file that is beside another, with its name and an ending. */
static void
remove_ending(const char *path, const char *ending)
{
    char name[PATH_MAX]; /* memory may be what is lacking */

    if (strlen(path) + strlen(ending) >= sizeof(name))
        return;
    (void) snprintf(name, sizeof(name), "%s%s", path, ending);
    (void) unlink(name);
}

void
sqlite_partial_strip(const char *path)
{
    remove_ending(path, "-journal");
    remove_ending(path, "-wal");
    remove_ending(path, "-shm");
}

void
sqlite_partial_remove(const char *path)
{
    (void) unlink(path);
    sqlite_partial_strip(path);
}

/* Remove one that a process has left which is no more. */
static void
remove_left(Mig *mig, const char *folder, const char *name)
{
    long process = partial_process(name);
    MigPathKind kind = MIG_PATH_OTHER;
    char *path;

    if (process == 0 || kill((pid_t) process, 0) == 0 || errno != ESRCH)
        return;
    path = sqlite3_mprintf("%s%s", folder, name);
    if (path != NULL &&
        sqlite_path_kind(mig->host, path, &kind, mig->error) == MIG_OK &&
        kind == MIG_PATH_FILE && is_unlocked(path))
        sqlite_partial_remove(path);
    sqlite3_free(path);
}

void
sqlite_partial_remove_left(Mig *mig, const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;

    if (directory == NULL)
        return;
    while (mig_ok(mig) && (entry = readdir(directory)) != NULL)
        remove_left(mig, folder, entry->d_name);
    (void) closedir(directory);
}
