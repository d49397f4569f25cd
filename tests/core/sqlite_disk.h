#ifndef SQLITE_DISK_H
#define SQLITE_DISK_H

/*
 * A disk that fails: a VFS in front of the engine's own, named "disk".
 *
 * Faults.  The n-th operation of a kind fails with a code, alone or with all
 * of its kind that follow.
 *
 * Power cuts.  Beside the real files, the disk keeps what of each would be
 * left if the power were cut now: what was synced is there; what was written,
 * made, cut short or deleted since then may be there or not, each for itself,
 * and a write may have reached some of its sectors, or have spoilt them.  That
 * is written to another folder whenever the test asks, mostly after every
 * operation, while the calls go on.  A program that is cut off does not need
 * to be: nothing that it does afterwards would reach the disk.
 *
 * Included by one file of a program, so everything is static here.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum DiskOperation
{
    DISK_OPEN,
    DISK_DELETE,
    DISK_READ,
    DISK_WRITE,
    DISK_TRUNCATE,
    DISK_SYNC,
    DISK_LOCK,
    DISK_SHARE, /* memory shared by the users of a WAL, and its locks */
    DISK_LOOK,  /* sizes, existence, others' locks */
    DISK_OPERATIONS
} DiskOperation;

#define DISK_NAME "disk"
#define DISK_FILES 20 /* at once, at most */
#define DISK_SECTOR 512

/* A change that is not synced. */
typedef struct DiskChange
{
    enum
    {
        DISK_CHANGE_MADE,
        DISK_CHANGE_DELETED,
        DISK_CHANGE_CUT, /* to offset bytes */
        DISK_CHANGE_WRITTEN
    } kind;
    int64_t offset;
    int64_t length;
    unsigned char *data;
} DiskChange;

typedef struct DiskBytes
{
    unsigned char *data;
    int64_t length;
    bool exists;
} DiskBytes;

/* What the disk knows of a file. */
typedef struct DiskFile
{
    char path[400]; /* "": this place is free */
    DiskBytes synced;
    DiskChange *changes; /* since then, oldest first */
    size_t count;
    size_t room;
} DiskFile;

/* An open file. */
typedef struct DiskHandle
{
    sqlite3_file base;
    DiskFile *file; /* NULL: temporary, lost at a power cut anyway */
    bool made;      /* a journal or WAL that is not synced yet */
    sqlite3_file *real;
} DiskHandle;

static struct
{
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    int64_t counts[DISK_OPERATIONS]; /* since disk_start() */
    DiskOperation failing;
    int code;
    int64_t at; /* number of the operation that fails; 0: none */
    bool rest;  /* and all of its kind behind it */
    bool failed;
    bool remembers;             /* what a power cut would leave */
    void (*cut)(void *context); /* called behind each change; NULL: not */
    void *context;
    uint64_t random;
    DiskFile files[DISK_FILES];
} disk;

static void *
disk_memory(void *old, size_t size)
{
    void *memory = realloc(old, size);

    if (memory == NULL)
    {
        printf("Bail out! out of memory\n");
        exit(1);
    }
    return memory;
}

/* A number from 0 to limit - 1; which ones follow is set by disk.random. */
static uint64_t
disk_choose(uint64_t limit)
{
    disk.random ^= disk.random << 13;
    disk.random ^= disk.random >> 7;
    disk.random ^= disk.random << 17;
    return (disk.random >> 11) % limit;
}

/* ---- What a power cut leaves ---- */

static void
disk_resize(DiskBytes *bytes, int64_t length)
{
    if (length > bytes->length)
    {
        bytes->data = disk_memory(bytes->data, (size_t) length);
        memset(bytes->data + bytes->length, 0,
               (size_t) (length - bytes->length));
    }
    bytes->length = length;
}

/* Do what was written to a file, or to those of its sectors that it reached;
 * others may be spoilt.  Without torn, to all. */
static void
disk_apply_written(DiskBytes *bytes, const DiskChange *change, bool torn)
{
    int64_t end = change->offset + change->length;

    if (end > bytes->length)
        disk_resize(bytes, end);
    for (int64_t at = change->offset; at < end;)
    {
        int64_t next = (at / DISK_SECTOR + 1) * DISK_SECTOR;
        size_t length = (size_t) ((next < end ? next : end) - at);
        uint64_t fate = torn ? disk_choose(4) : 0;

        if (fate < 2)
            memcpy(bytes->data + at, change->data + (at - change->offset),
                   length);
        else if (fate == 2)
            memset(bytes->data + at, (int) disk_choose(256), length);
        at += (int64_t) length;
    }
}

static void
disk_apply(DiskBytes *bytes, const DiskChange *change, bool torn)
{
    switch (change->kind)
    {
        case DISK_CHANGE_MADE:
            bytes->exists = true;
            return;
        case DISK_CHANGE_DELETED:
            bytes->exists = false;
            disk_resize(bytes, 0);
            return;
        case DISK_CHANGE_CUT:
            disk_resize(bytes, change->offset);
            return;
        case DISK_CHANGE_WRITTEN:
            break;
    }
    disk_apply_written(bytes, change, torn);
}

/* All changes of a file reach the disk. */
static void
disk_settle(DiskFile *file)
{
    for (size_t i = 0; i < file->count; i++)
    {
        disk_apply(&file->synced, &file->changes[i], false);
        free(file->changes[i].data);
    }
    file->count = 0;
}

/*
 * A folder is synced: what was deleted in it stays deleted.  The engine's VFS
 * does that when it first syncs a journal or a WAL that it has made.
 */
static void
disk_settle_folder(void)
{
    for (size_t i = 0; i < DISK_FILES; i++)
    {
        DiskFile *file = &disk.files[i];

        if (file->count > 0 &&
            file->changes[file->count - 1].kind == DISK_CHANGE_DELETED)
            disk_settle(file);
    }
}

/* The file of a path; NULL when nothing of it is to be remembered. */
static DiskFile *
disk_file(const char *path)
{
    DiskFile *free_place = NULL;

    if (!disk.remembers || path == NULL)
        return NULL;
    for (size_t i = 0; i < DISK_FILES; i++)
    {
        if (strcmp(disk.files[i].path, path) == 0)
            return &disk.files[i];
        if (free_place == NULL && disk.files[i].path[0] == '\0')
            free_place = &disk.files[i];
    }
    if (free_place == NULL)
    {
        printf("Bail out! more than %d files\n", DISK_FILES);
        exit(1);
    }
    (void) snprintf(free_place->path, sizeof(free_place->path), "%s", path);
    return free_place;
}

/* Remember a change, and let the power be cut behind it. */
static void
disk_change(DiskFile *file, DiskChange change, const void *data)
{
    if (file == NULL)
        return;
    if (file->count == file->room)
    {
        file->room = file->room * 2 + 16;
        file->changes =
            disk_memory(file->changes, file->room * sizeof(DiskChange));
    }
    if (change.length > 0)
    {
        change.data = disk_memory(NULL, (size_t) change.length);
        memcpy(change.data, data, (size_t) change.length);
    }
    file->changes[file->count++] = change;
    if (disk.cut != NULL)
        disk.cut(disk.context);
}

/* One of the states in which a power cut may leave a file; to be freed. */
static DiskBytes
disk_after_cut(const DiskFile *file)
{
    DiskBytes bytes = {NULL, 0, file->synced.exists};

    disk_resize(&bytes, file->synced.length);
    if (bytes.length > 0)
        memcpy(bytes.data, file->synced.data, (size_t) bytes.length);
    for (size_t i = 0; i < file->count; i++)
    {
        uint64_t fate = disk_choose(3);

        if (fate == 2 && file->changes[i].kind != DISK_CHANGE_WRITTEN)
            fate = 1;
        if (fate > 0)
            disk_apply(&bytes, &file->changes[i], fate == 2);
    }
    return bytes;
}

/*
 * Write what would be left of all files to another folder, under their own
 * names; what is there of an earlier cut must have been removed.
 *
 * Returns false when that fails.
 */
static bool
disk_write_cut(const char *folder)
{
    bool good = true;

    for (size_t i = 0; i < DISK_FILES && good; i++)
    {
        const char *name = strrchr(disk.files[i].path, '/');
        char path[500];
        DiskBytes bytes;
        FILE *file;

        if (name == NULL)
            continue;
        bytes = disk_after_cut(&disk.files[i]);
        (void) snprintf(path, sizeof(path), "%s%s", folder, name);
        file = bytes.exists ? fopen(path, "w") : NULL;
        good = file != NULL || !bytes.exists;
        if (file != NULL)
        {
            /* An empty file has no data at all. */
            good = bytes.length == 0 ||
                   fwrite(bytes.data, 1, (size_t) bytes.length, file) ==
                       (size_t) bytes.length;
            good = fclose(file) == 0 && good;
        }
        free(bytes.data);
    }
    return good;
}

/* Forget all files. */
static void
disk_forget(void)
{
    for (size_t i = 0; i < DISK_FILES; i++)
    {
        disk_settle(&disk.files[i]);
        free(disk.files[i].synced.data);
        free(disk.files[i].changes);
        memset(&disk.files[i], 0, sizeof(disk.files[i]));
    }
}

/* ---- The methods ---- */

/* Whether an operation has to fail now. */
static bool
disk_fails(DiskOperation operation)
{
    int64_t number = ++disk.counts[operation];

    if (disk.at == 0 || operation != disk.failing || number < disk.at ||
        (number > disk.at && !disk.rest))
        return false;
    disk.failed = true;
    return true;
}

static DiskHandle *
disk_handle(sqlite3_file *file)
{
    return (DiskHandle *) file;
}

static sqlite3_file *
disk_real(sqlite3_file *file)
{
    return disk_handle(file)->real;
}

static int
disk_close(sqlite3_file *file)
{
    return disk_real(file)->pMethods->xClose(disk_real(file));
}

static int
disk_read(sqlite3_file *file, void *data, int length, sqlite3_int64 offset)
{
    if (disk_fails(DISK_READ))
        return disk.code;
    return disk_real(file)->pMethods->xRead(disk_real(file), data, length,
                                            offset);
}

static int
disk_write(sqlite3_file *file, const void *data, int length,
           sqlite3_int64 offset)
{
    DiskChange change = {DISK_CHANGE_WRITTEN, offset, length, NULL};
    int code;

    if (disk_fails(DISK_WRITE))
        return disk.code;
    code = disk_real(file)->pMethods->xWrite(disk_real(file), data, length,
                                             offset);
    if (code == SQLITE_OK)
        disk_change(disk_handle(file)->file, change, data);
    return code;
}

static int
disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    DiskChange change = {DISK_CHANGE_CUT, size, 0, NULL};
    int code;

    if (disk_fails(DISK_TRUNCATE))
        return disk.code;
    code = disk_real(file)->pMethods->xTruncate(disk_real(file), size);
    if (code == SQLITE_OK)
        disk_change(disk_handle(file)->file, change, NULL);
    return code;
}

static int
disk_sync(sqlite3_file *file, int flags)
{
    int code;

    if (disk_fails(DISK_SYNC))
        return disk.code;
    code = disk_real(file)->pMethods->xSync(disk_real(file), flags);
    if (code != SQLITE_OK || disk_handle(file)->file == NULL)
        return code;
    disk_settle(disk_handle(file)->file);
    if (disk_handle(file)->made)
        disk_settle_folder();
    disk_handle(file)->made = false;
    if (disk.cut != NULL)
        disk.cut(disk.context);
    return code;
}

static int
disk_size(sqlite3_file *file, sqlite3_int64 *size)
{
    if (disk_fails(DISK_LOOK))
        return disk.code;
    return disk_real(file)->pMethods->xFileSize(disk_real(file), size);
}

static int
disk_lock(sqlite3_file *file, int level)
{
    if (disk_fails(DISK_LOCK))
        return disk.code;
    return disk_real(file)->pMethods->xLock(disk_real(file), level);
}

static int
disk_unlock(sqlite3_file *file, int level)
{
    return disk_real(file)->pMethods->xUnlock(disk_real(file), level);
}

static int
disk_reserved(sqlite3_file *file, int *reserved)
{
    if (disk_fails(DISK_LOOK))
        return disk.code;
    return disk_real(file)->pMethods->xCheckReservedLock(disk_real(file),
                                                         reserved);
}

static int
disk_control(sqlite3_file *file, int operation, void *argument)
{
    return disk_real(file)->pMethods->xFileControl(disk_real(file), operation,
                                                   argument);
}

static int
disk_sector(sqlite3_file *file)
{
    (void) file;
    return DISK_SECTOR;
}

/* Nothing is promised of what a write does to its neighbours. */
static int
disk_characteristics(sqlite3_file *file)
{
    (void) file;
    return 0;
}

static int
disk_share_map(sqlite3_file *file, int page, int size, int extend,
               void volatile **memory)
{
    if (disk_fails(DISK_SHARE))
        return disk.code;
    return disk_real(file)->pMethods->xShmMap(disk_real(file), page, size,
                                              extend, memory);
}

static int
disk_share_lock(sqlite3_file *file, int offset, int count, int flags)
{
    if ((flags & SQLITE_SHM_LOCK) && disk_fails(DISK_SHARE))
        return disk.code;
    return disk_real(file)->pMethods->xShmLock(disk_real(file), offset, count,
                                               flags);
}

static void
disk_share_barrier(sqlite3_file *file)
{
    disk_real(file)->pMethods->xShmBarrier(disk_real(file));
}

static int
disk_share_unmap(sqlite3_file *file, int delete)
{
    return disk_real(file)->pMethods->xShmUnmap(disk_real(file), delete);
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_characteristics,
    .xShmMap = disk_share_map,
    .xShmLock = disk_share_lock,
    .xShmBarrier = disk_share_barrier,
    .xShmUnmap = disk_share_unmap,
};

static int
disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
          int *out_flags)
{
    DiskHandle *handle = disk_handle(file);
    DiskChange change = {DISK_CHANGE_MADE, 0, 0, NULL};
    int exists = 1;
    int code;

    (void) vfs;
    memset(handle, 0, sizeof(*handle));
    handle->real = (sqlite3_file *) (handle + 1);
    if (disk_fails(DISK_OPEN))
        return disk.code;
    if (path != NULL)
        (void) disk.real->xAccess(disk.real, path, SQLITE_ACCESS_EXISTS,
                                  &exists);
    code = disk.real->xOpen(disk.real, path, handle->real, flags, out_flags);
    /* What could not be opened may have to be closed all the same. */
    handle->base.pMethods =
        handle->real->pMethods == NULL ? NULL : &disk_methods;
    if (code != SQLITE_OK || (flags & SQLITE_OPEN_DELETEONCLOSE))
        return code;
    handle->file = disk_file(path);
    if (handle->file == NULL || exists)
        return code;
    handle->made = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    /* A folder's changes are kept in order: one of this name is gone. */
    if (handle->file->count > 0 || handle->file->synced.exists)
    {
        DiskChange gone = {DISK_CHANGE_DELETED, 0, 0, NULL};

        disk_settle(handle->file);
        disk_apply(&handle->file->synced, &gone, false);
    }
    disk_change(handle->file, change, NULL);
    return code;
}

static int
disk_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    DiskChange change = {DISK_CHANGE_DELETED, 0, 0, NULL};
    DiskFile *file;
    int code;

    (void) vfs;
    if (disk_fails(DISK_DELETE))
        return disk.code;
    code = disk.real->xDelete(disk.real, path, sync);
    file = disk_file(path);
    if (code != SQLITE_OK || file == NULL)
        return code;
    disk_change(file, change, NULL);
    if (sync)
    {
        disk_settle(file);
        if (disk.cut != NULL)
            disk.cut(disk.context);
    }
    return code;
}

static int
disk_access(sqlite3_vfs *vfs, const char *path, int flags, int *result)
{
    (void) vfs;
    if (disk_fails(DISK_LOOK))
        return disk.code;
    return disk.real->xAccess(disk.real, path, flags, result);
}

/* Put the disk in front of the usual VFS; it is asked for by name. */
static bool
disk_install(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    if (disk.real == NULL)
        return false;
    /* What is not replaced is the real one's own: it never looks at which VFS
     * it is called by, but for pAppData, which is copied with the rest. */
    disk.vfs = *disk.real;
    disk.vfs.pNext = NULL;
    disk.vfs.zName = DISK_NAME;
    disk.vfs.szOsFile = (int) sizeof(DiskHandle) + disk.real->szOsFile;
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    disk.vfs.xAccess = disk_access;
    return sqlite3_vfs_register(&disk.vfs, 0) == SQLITE_OK;
}

/* Count from now; at: which operation of a kind fails, 0: none. */
static void
disk_start(DiskOperation failing, int code, int64_t at, bool rest)
{
    memset(disk.counts, 0, sizeof(disk.counts));
    disk.failing = failing;
    disk.code = code;
    disk.at = at;
    disk.rest = rest;
    disk.failed = false;
}

/* Let nothing fail any more. */
static void
disk_stop(void)
{
    disk.at = 0;
}

#endif
