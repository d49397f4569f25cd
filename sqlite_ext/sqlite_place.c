#include "sqlite_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mig_look.h"

/*
 * Where a copy is written
 *
 * First to a temporary file in the same folder: the name, the number of the
 * process, a random number and ".partial".  The name is given by link(2), which
 * never takes the place of another file.
 */
#define NUMBER_MAX 10000 /* of copies that have one name */
#define RACES_MAX 1000   /* lost to others who take the next one */

/* Values of the names in a pattern. */
typedef struct Values
{
    const char *db;
    const char *version;
    const char *time;
    bool glob; /* the pattern becomes one of fnmatch(3) */
} Values;

/* The file of the caller's database; "" in memory. */
static const char *
database_path(Mig *mig)
{
    return sqlite_main_file((SqliteHost *) mig->host);
}

/* The last part of a path. */
static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

const char *
sqlite_place_absolute(Mig *mig, MigBytes path)
{
    const char *database = database_path(mig);
    char *here;
    const char *whole;

    if (path.length == 0 || memchr(path.data, '\n', path.length) != NULL ||
        memchr(path.data, '\0', path.length) != NULL)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "a path cannot be empty, nor hold a line break");
        return NULL;
    }
    if (path.data[0] == '/')
        return mig_copy(mig->arena, path, mig->error).data;
    if (database[0] != '\0')
        return mig_format_string(mig->arena, mig->error, "%.*s%.*s",
                                 (int) (base_name(database) - database),
                                 database, (int) path.length, path.data);
    here = realpath(".", NULL);
    if (here == NULL)
    {
        (void) sqlite_fail_path(mig->error, "find", ".");
        return NULL;
    }
    whole = mig_format_string(mig->arena, mig->error, "%s/%.*s", here,
                              (int) path.length, path.data);
    free(here);
    return whole;
}

/* The database's name: its file's, without folder and ending. */
static const char *
database_name(Mig *mig)
{
    const char *name = base_name(database_path(mig));
    const char *dot = strrchr(name, '.');

    if (name[0] == '\0')
        return "memory";
    if (dot == NULL || dot == name)
        return name;
    return mig_format_string(mig->arena, mig->error, "%.*s", (int) (dot - name),
                             name);
}

/* The current version as a part of a file's name. */
static const char *
version_name(Mig *mig)
{
    MigBytes version = mig_look_current(mig);
    char *name;

    if (version.data == NULL || !mig_ok(mig))
        return "base";
    name = mig_alloc(mig->arena, version.length + 1, mig->error);
    if (name == NULL)
        return "base";
    memcpy(name, version.data, version.length);
    for (size_t i = 0; i < version.length; i++)
    {
        if (strchr("/\\*?[]\n", name[i]) != NULL)
            name[i] = '_';
    }
    return name;
}

/* The time as a part of a file's name. */
static const char *
time_name(Mig *mig)
{
    time_t seconds = (time_t) (mig->host->methods->now(mig->host) / 1000000);
    struct tm parts;
    char text[40];

    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &parts) == 0)
        return "0";
    return mig_copy(mig->arena, mig_bytes(text), mig->error).data;
}

/* Append a text, with what fnmatch(3) takes for a sign made plain. */
static void
append_plain(MigText *text, MigBytes part, bool glob)
{
    for (size_t i = 0; i < part.length; i++)
    {
        if (glob && strchr("\\*?[]", part.data[i]) != NULL)
            mig_text_append_string(text, "\\");
        mig_text_append(text, mig_part(part, i, i + 1));
    }
}

/* Append what a {name} at the start of a text stands for; returns its length,
 * or 0 when there is none. */
static size_t
append_value(MigText *text, MigBytes rest, const Values *values)
{
    if (mig_starts_with(rest, "{db}"))
    {
        append_plain(text, mig_bytes(values->db), values->glob);
        return strlen("{db}");
    }
    if (mig_starts_with(rest, "{version}"))
    {
        mig_text_append_string(text, values->glob ? "*" : values->version);
        return strlen("{version}");
    }
    if (mig_starts_with(rest, "{time}"))
    {
        mig_text_append_string(
            text, values->glob ? "[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T"
                                 "[0-9][0-9][0-9][0-9][0-9][0-9]Z"
                               : values->time);
        return strlen("{time}");
    }
    return 0;
}

/* Put values for the names in a pattern. */
static const char *
expand(Mig *mig, MigBytes pattern, const Values *values)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    size_t at = 0;

    while (at < pattern.length && mig_ok(mig))
    {
        MigBytes rest = mig_part(pattern, at, pattern.length);
        size_t length = append_value(&text, rest, values);

        if (length == 0 && (rest.data[0] == '{' || rest.data[0] == '}'))
        {
            (void) mig_fail(mig->error, MIG_INVALID,
                            "the path \"%.*s\" has a name in braces that is "
                            "not known",
                            (int) mig_cut(pattern, 500).length, pattern.data);
            mig_fail_hint(mig->error, "Known are {db}, {version} and {time}.");
        }
        if (length == 0)
        {
            append_plain(&text, mig_part(rest, 0, 1), values->glob);
            length = 1;
        }
        at += length;
    }
    return mig_text_bytes(&text).data;
}

/* Whether a name is one that SQLite gives to a file beside a database. */
static bool
is_companion(const char *name)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal",
                                          SQLITE_PARTIAL};

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
    {
        if (mig_ends_with(mig_bytes(name), endings[i]))
            return true;
    }
    return false;
}

/* A path with a number before its ending. */
static const char *
numbered_path(Mig *mig, const char *folder, const char *name, const char *text)
{
    const char *dot = strrchr(name, '.');
    int length =
        dot == NULL || dot == name ? (int) strlen(name) : (int) (dot - name);

    return mig_format_string(mig->arena, mig->error, "%s%.*s-%s%s", folder,
                             length, name, text, name + length);
}

/* Fail where SQLite would take a file for the journal of a new one. */
static void
require_no_journal(Mig *mig, const char *path)
{
    static const char *const endings[] = {"-wal", "-journal"};
    struct stat status;

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && mig_ok(mig);
         i++)
    {
        const char *beside =
            mig_format_string(mig->arena, mig->error, "%s%s", path, endings[i]);

        if (beside == NULL || lstat(beside, &status) != 0)
            continue;
        (void) mig_fail(mig->error, MIG_FILE,
                        "\"%s\" is in the way: SQLite would take it for a part "
                        "of the copy",
                        beside);
        mig_fail_hint(mig->error, "It is left of another database of that "
                                  "name.  Choose another name, or remove it.");
    }
}

/* Fail where there can be no folder, or no file of that name in it. */
static void
require_place(Mig *mig, const SqlitePlace *place)
{
    struct stat status;

    if (place->name[0] == '\0' || strcmp(place->name, ".") == 0 ||
        strcmp(place->name, "..") == 0)
        (void) mig_fail(mig->error, MIG_INVALID, "\"%s\" names no file",
                        place->path);
    else if (is_companion(place->name))
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%s\" is a name of a file that SQLite keeps beside a "
                        "database",
                        place->path);
    else if (stat(place->folder, &status) != 0)
    {
        bool missing = errno == ENOENT;

        (void) sqlite_fail_path(mig->error, "write into", place->folder);
        if (missing)
            mig_fail_hint(mig->error, "Make the folder first; this does not.");
    }
    else if (!S_ISDIR(status.st_mode))
        (void) mig_fail(mig->error, MIG_FILE, "\"%s\" is no folder",
                        place->folder);
}

/* Fail for a path that names something already, or may not be given a file. */
static void
require_free(Mig *mig, const char *path)
{
    struct stat status;

    if (lstat(path, &status) == 0)
        (void) mig_fail(mig->error, MIG_DUPLICATE, "\"%s\" exists already",
                        path);
    require_no_journal(mig, path);
}

MigStatus
sqlite_place_find(Mig *mig, MigBytes pattern, SqlitePlace *place)
{
    Values values = {database_name(mig), version_name(mig), time_name(mig),
                     false};
    const char *path;
    const char *glob;

    memset(place, 0, sizeof(*place));
    if (!mig_ok(mig))
        return mig->error->status;
    path = expand(mig, pattern, &values);
    values.glob = true;
    glob = expand(mig, pattern, &values);
    if (!mig_ok(mig))
        return mig->error->status;
    place->path =
        sqlite_place_absolute(mig, mig_bytes(path == NULL ? "" : path));
    if (!mig_ok(mig))
        return mig->error->status;
    place->name = base_name(place->path);
    place->folder =
        mig_format_string(mig->arena, mig->error, "%.*s",
                          (int) (place->name - place->path), place->path);
    place->glob = base_name(glob);
    place->glob_again = numbered_path(mig, "", place->glob, "[0-9]*");
    if (mig_ok(mig))
        require_place(mig, place);
    return mig->error->status;
}

bool
sqlite_place_matches(const SqlitePlace *place, const char *path)
{
    const char *name = base_name(path);
    size_t length = (size_t) (name - path);

    return strlen(place->folder) == length &&
           memcmp(path, place->folder, length) == 0 &&
           (fnmatch(place->glob, name, 0) == 0 ||
            fnmatch(place->glob_again, name, 0) == 0);
}

MigStatus
sqlite_place_begin(Mig *mig, SqlitePlace *place, bool numbered)
{
    uint64_t number;
    const char *path;
    int file;

    /* Found out now, not after the copy is made. */
    if (!numbered)
        require_free(mig, place->path);
    if (!mig_ok(mig))
        return mig->error->status;
    sqlite_partial_remove_left(mig, place->folder);
    sqlite3_randomness((int) sizeof(number), &number);
    path = mig_format_string(mig->arena, mig->error,
                             "%s.%ld-%016llx" SQLITE_PARTIAL, place->path,
                             (long) getpid(), (unsigned long long) number);
    if (path == NULL || !mig_ok(mig))
        return mig->error->status;
    file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC,
                database_path(mig)[0] == '\0' ? 0666 : 0600);
    if (file < 0)
    {
        (void) sqlite_fail_path(mig->error, "write into", place->folder);
        mig_fail_hint(mig->error, "Nothing was changed.");
        return mig->error->status;
    }
    (void) close(file);
    place->temporary = path;
    return MIG_OK;
}

/*
 * Give a file the rights that the database's has: nobody else may read the copy
 * than may read it.  One of a database in memory has those of a new file.
 */
static int
copy_rights(Mig *mig, int file)
{
    struct stat status;
    struct stat own;

    if (database_path(mig)[0] == '\0')
        return 0;
    /* One that was deleted under an open connection can still be saved. */
    if (stat(database_path(mig), &status) != 0)
        return errno == ENOENT ? 0 : -1;
    if (fstat(file, &own) != 0)
        return -1;
    if ((status.st_uid != own.st_uid || status.st_gid != own.st_gid) &&
        fchown(file, status.st_uid, status.st_gid) != 0)
        /* Its group then may not be ours to give: only its owner reads it. */
        return fchmod(file, status.st_mode & 0700);
    return fchmod(file, status.st_mode & 0777);
}

/* Write all of a file, or a folder, to the disk. */
static MigStatus
sync_path(Mig *mig, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0 || fsync(file) != 0)
        (void) sqlite_fail_path(mig->error, "write to the disk", path);
    if (file >= 0)
        (void) close(file);
    return mig->error->status;
}

/* Give the temporary file another name; returns 0 or errno. */
static int
rename_new(const char *from, const char *to)
{
    struct stat status;

    if (link(from, to) == 0)
        return unlink(from) == 0 ? 0 : errno;
    if (errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP &&
        errno != EMLINK)
        return errno;
    /* A file system without links. */
    if (lstat(to, &status) == 0)
        return EEXIST;
    return rename(from, to) == 0 ? 0 : errno;
}

/* Bring the temporary file to the disk with its rights. */
static void
complete(Mig *mig, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (file < 0 || copy_rights(mig, file) != 0 || fsync(file) != 0)
        (void) sqlite_fail_path(mig->error, "complete", path);
    if (file >= 0)
        (void) close(file);
}

/*
 * The first path for a copy that names nothing yet: that of its place, or with
 * a number.
 *
 * Returns NULL after a failure.
 */
static const char *
free_path(Mig *mig, const SqlitePlace *place, bool numbered)
{
    const char *path = place->path;
    struct stat status;

    for (int i = 2; numbered && i <= NUMBER_MAX && path != NULL &&
                    lstat(path, &status) == 0;
         i++)
    {
        char number[12];

        (void) snprintf(number, sizeof(number), "%d", i);
        path = numbered_path(mig, place->folder, place->name, number);
    }
    if (path != NULL && mig_ok(mig) && numbered)
        require_no_journal(mig, path);
    else if (path != NULL && mig_ok(mig))
        require_free(mig, path);
    return mig_ok(mig) ? path : NULL;
}

MigStatus
sqlite_place_publish(Mig *mig, SqlitePlace *place, bool numbered)
{
    const char *path = NULL;
    int reason = EEXIST;

    if (mig_ok(mig))
        complete(mig, place->temporary);
    /* Somebody else may take the name that is free: then it is the next. */
    for (int i = 0; i < RACES_MAX && reason == EEXIST && mig_ok(mig); i++)
    {
        path = free_path(mig, place, numbered);
        if (path != NULL)
            reason = rename_new(place->temporary, path);
    }
    if (!mig_ok(mig))
        return mig->error->status;
    errno = reason;
    if (reason != 0)
        return sqlite_fail_path(mig->error, "write", path);
    place->temporary = NULL;
    place->path = path;
    if (sync_path(mig, place->folder) != MIG_OK)
        (void) unlink(path); /* it is no backup that can be relied on */
    return mig->error->status;
}

void
sqlite_place_close(const SqlitePlace *place)
{
    sqlite_partial_strip(place->temporary);
}

void
sqlite_place_abandon(SqlitePlace *place)
{
    if (place->temporary != NULL)
        sqlite_partial_remove(place->temporary);
    place->temporary = NULL;
}
