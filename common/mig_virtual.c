#include "mig_virtual.h"

#include <stdlib.h>

/* The directory or record that a host is asked for now. */
static MigVirtual *
virtual_of(const MigHost *host)
{
    return (MigVirtual *) (void *) host->methods;
}

MigVirtual *
mig_virtual_new(Mig *mig)
{
    MigVirtual *virtual = mig_alloc(mig->arena, sizeof(MigVirtual), mig->error);

    if (virtual == NULL)
        return NULL;
    virtual->mig = mig;
    virtual->beneath = mig->host->methods;
    virtual->methods = *mig->host->methods;
    virtual->root = mig_bytes(MIG_VIRTUAL_ROOT "/");
    return virtual;
}

void
mig_virtual_add(MigVirtual *virtual, MigBytes path, MigBytes text,
                const char *hash)
{
    Mig *mig = virtual->mig;
    MigVirtualFile *files = mig_array_reserve(
        mig->arena, virtual->files, virtual->count, &virtual->capacity,
        sizeof(MigVirtualFile), mig->error);
    MigVirtualFile *file;

    if (files == NULL)
        return;
    virtual->files = files;
    file = &files[virtual->count++];
    memset(file, 0, sizeof(*file));
    file->path = path;
    file->text = text;
    memcpy(file->hash, hash, strlen(hash));
}

void
mig_virtual_end(MigVirtual *virtual)
{
    if (virtual != NULL)
        virtual->mig->host->methods = virtual->beneath;
}

MigBytes
mig_virtual_path(Mig *mig, MigBytes name)
{
    MigText path = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_string(&path, MIG_VIRTUAL_ROOT);
    mig_text_append_string(&path, name.data == NULL ? "" : "/");
    mig_text_append(&path, name);
    return mig_text_bytes(&path);
}

/*
 * Settings that say how files are read are not this database's.  What is no SQL
 * was passed over where it was bundled, or there would be no bundle.
 */
static bool
virtual_session_setting(MigHost *host, const char *name, MigBytes *value)
{
    const MigVirtual *virtual = virtual_of(host);

    if (virtual->format.data != NULL && strcmp(name, "format") == 0)
        *value = virtual->format;
    else if (virtual->format.data != NULL && strcmp(name, "skip_foreign") == 0)
        *value = mig_bytes("on");
    else
        return virtual->beneath->session_setting(host, name, value);
    return true;
}

/* ---- Recording ------------------------------------------------------------
 */

/* After a failure, give back the contents of a file that was read. */
static void
give_back(MigHost *host, MigBytes *contents, const MigError *error)
{
    if (error->status == MIG_OK || contents->data == NULL)
        return;
    (void) host->methods->resize(host, (void *) contents->data,
                                 contents->length + 1, 0);
    memset(contents, 0, sizeof(*contents));
}

/* Read a file of the machine, and keep a copy. */
static MigStatus
record_read_file(MigHost *host, const char *path, MigBytes *contents,
                 MigError *error)
{
    MigVirtual *record = virtual_of(host);
    MigBytes full = mig_bytes(path);
    MigArena *arena = record->mig->arena;

    if (record->beneath->read_file(host, path, contents, error) != MIG_OK)
        return error->status;
    if (full.length > record->root.length &&
        memcmp(full.data, record->root.data, record->root.length) == 0)
    {
        full = mig_part(full, record->root.length, full.length);
        mig_virtual_add(record, mig_copy(arena, full, error),
                        mig_copy(arena, *contents, error), "");
    }
    else
    {
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "\"%s\" lies outside of the directory, which so cannot "
                        "be bundled",
                        path);
        mig_fail_hint(error, "Call migrate_bundle() with a folder that holds "
                             "both, or bring the file into the directory.");
    }
    give_back(host, contents, error);
    return error->status;
}

/* The directory of a path, with a '/' behind it. */
static MigBytes
root_of(Mig *mig, MigBytes path)
{
    MigText root = {mig->arena, mig->error, NULL, 0, 0};
    const char *name = mig_copy(mig->arena, path, mig->error).data;
    MigPathKind kind = MIG_PATH_DIRECTORY;

    /* mig_source_read() says what is wrong with an empty one. */
    if (name != NULL && path.length > 0 && mig_ok(mig))
        (void) mig->host->methods->path_kind(mig->host, name, &kind,
                                             mig->error);
    while (kind != MIG_PATH_DIRECTORY && path.length > 0 &&
           path.data[path.length - 1] != '/')
        path.length--;
    mig_text_append(&root, path.length == 0 ? mig_bytes(".") : path);
    if (!mig_ends_with(mig_text_bytes(&root), "/"))
        mig_text_append_string(&root, "/");
    return mig_text_bytes(&root);
}

MigVirtual *
mig_virtual_record(Mig *mig, MigBytes path, MigBytes format)
{
    MigVirtual *record = mig_virtual_new(mig);

    if (record == NULL)
        return NULL;
    record->root = root_of(mig, path);
    record->format = format;
    record->methods.session_setting = virtual_session_setting;
    record->methods.read_file = record_read_file;
    if (mig_ok(mig))
        mig->host->methods = &record->methods;
    return record;
}

/* ---- The directory --------------------------------------------------------
 */

static int
compare_files(const void *a, const void *b)
{
    MigBytes left = ((const MigVirtualFile *) a)->path;
    MigBytes right = ((const MigVirtualFile *) b)->path;
    size_t shared = left.length < right.length ? left.length : right.length;
    int order = shared == 0 ? 0 : memcmp(left.data, right.data, shared);

    if (order != 0)
        return order;
    return (left.length > right.length) - (left.length < right.length);
}

/* The first file whose path is not below another one. */
static size_t
lower_bound(const MigVirtual *virtual, MigBytes path)
{
    MigVirtualFile wanted = {.path = path};
    size_t low = 0;
    size_t high = virtual->count;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (compare_files(&virtual->files[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The file of a path, or NULL. */
static const MigVirtualFile *
find_file(const MigVirtual *virtual, MigBytes path)
{
    size_t at = lower_bound(virtual, path);

    return at < virtual->count && mig_bytes_equal(virtual->files[at].path, path)
               ? &virtual->files[at]
               : NULL;
}

/* Whether a path can be one of a file in a directory. */
static bool
is_file_path(MigBytes path)
{
    size_t start = 0;

    if (path.length == 0 || path.length > MIG_VIRTUAL_PATH_MAX ||
        mig_utf8_check(path) < path.length)
        return false;
    for (size_t i = 0; i <= path.length; i++)
    {
        MigBytes part = mig_part(path, start, i);

        if (i < path.length && path.data[i] != '/')
        {
            if ((unsigned char) path.data[i] < ' ' || path.data[i] == 0x7F)
                return false;
            continue;
        }
        if (part.length == 0 || mig_bytes_equal(part, mig_bytes(".")) ||
            mig_bytes_equal(part, mig_bytes("..")))
            return false;
        start = i + 1;
    }
    return true;
}

/* Whether a folder of a path is a file itself. */
static bool
is_in_file(const MigVirtual *virtual, MigBytes path)
{
    for (size_t i = 0; i < path.length; i++)
    {
        if (path.data[i] == '/' &&
            find_file(virtual, mig_part(path, 0, i)) != NULL)
            return true;
    }
    return false;
}

static void
fail_path(const MigVirtual *virtual, MigBytes path)
{
    (void) mig_fail(virtual->mig->error, MIG_INVALID,
                    "a bundle cannot hold a file \"%.*s\"",
                    (int) mig_cut(path, mig_utf8_check(path)).length,
                    path.data);
}

void
mig_virtual_sort(MigVirtual *virtual)
{
    const Mig *mig = virtual->mig;
    size_t kept = 0;

    for (size_t i = 0; i < virtual->count && mig_ok(mig); i++)
    {
        if (!is_file_path(virtual->files[i].path))
            fail_path(virtual, virtual->files[i].path);
    }
    if (!mig_ok(mig) || virtual->count == 0)
        return;
    qsort(virtual->files, virtual->count, sizeof(MigVirtualFile),
          compare_files);
    for (size_t i = 0; i < virtual->count; i++)
    {
        const MigVirtualFile *file = &virtual->files[i];
        const MigVirtualFile *last = kept == 0 ? NULL
                                               : &virtual->files[kept - 1];

        if (last == NULL || compare_files(last, file) != 0)
            virtual->files[kept++] = *file;
        else if (!mig_bytes_equal(last->text, file->text) ||
                 strcmp(last->hash, file->hash) != 0)
            (void) mig_fail(
                mig->error, MIG_INVALID, "the bundle holds two files \"%.*s\"",
                (int) mig_cut(file->path, 200).length, file->path.data);
    }
    virtual->count = kept;
    for (size_t i = 0; i < virtual->count && mig_ok(mig); i++)
    {
        if (is_in_file(virtual, virtual->files[i].path))
            fail_path(virtual, virtual->files[i].path);
    }
}

/* The part of a path below the directory, "" for the directory itself. */
static bool
relative_path(const MigVirtual *virtual, const char *path, MigBytes *relative)
{
    MigBytes full = mig_bytes(path);
    MigBytes root = virtual->root;

    *relative = mig_bytes("");
    if (mig_bytes_equal(full, mig_part(root, 0, root.length - 1)))
        return true;
    if (!mig_starts_with(full, MIG_VIRTUAL_ROOT "/"))
        return false;
    *relative = mig_part(full, root.length, full.length);
    while (mig_ends_with(*relative, "/"))
        relative->length--;
    return true;
}

/* A folder's path with a '/' behind it; "" for the directory itself. */
static MigBytes
folder_prefix(const MigVirtual *virtual, MigBytes relative)
{
    const Mig *mig = virtual->mig;
    MigText prefix = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append(&prefix, relative);
    if (relative.length > 0)
        mig_text_append_string(&prefix, "/");
    return mig_text_bytes(&prefix);
}

/* Whether a path begins with a folder's. */
static bool
is_below(MigBytes path, MigBytes prefix)
{
    return path.length >= prefix.length &&
           (prefix.length == 0 ||
            memcmp(path.data, prefix.data, prefix.length) == 0);
}

static MigStatus
virtual_path_kind(MigHost *host, const char *path, MigPathKind *kind,
                  MigError *error)
{
    const MigVirtual *virtual = virtual_of(host);
    MigBytes relative;
    MigBytes prefix;
    size_t at;

    *kind = MIG_PATH_MISSING;
    if (!relative_path(virtual, path, &relative))
        return MIG_OK;
    if (find_file(virtual, relative) != NULL)
    {
        *kind = MIG_PATH_FILE;
        return MIG_OK;
    }
    prefix = folder_prefix(virtual, relative);
    at = lower_bound(virtual, prefix);
    if (error->status == MIG_OK &&
        (prefix.length == 0 ||
         (at < virtual->count && is_below(virtual->files[at].path, prefix))))
        *kind = MIG_PATH_DIRECTORY;
    return error->status;
}

static MigStatus
virtual_list_directory(MigHost *host, const char *path, MigEntryFunction entry,
                       void *context, MigError *error)
{
    const MigVirtual *virtual = virtual_of(host);
    MigBytes last = {NULL, 0};
    MigBytes relative;
    MigBytes prefix;

    if (!relative_path(virtual, path, &relative))
        return mig_fail(error, MIG_FILE, "\"%s\" does not exist", path);
    prefix = folder_prefix(virtual, relative);
    for (size_t i = lower_bound(virtual, prefix);
         i < virtual->count && error->status == MIG_OK &&
         is_below(virtual->files[i].path, prefix);
         i++)
    {
        MigBytes file = virtual->files[i].path;
        MigBytes name = mig_part(file, prefix.length, file.length);
        const char *slash = memchr(name.data, '/', name.length);

        if (slash != NULL)
            name.length = (size_t) (slash - name.data);
        /* The files of a folder stand together. */
        if (last.data != NULL && mig_bytes_equal(name, last))
            continue;
        last = mig_copy(virtual->mig->arena, name, error);
        if (error->status == MIG_OK)
            (void) entry(context, last.data, error);
    }
    return error->status;
}

/* Where the bytes of a text of the catalogue go. */
typedef struct Contents
{
    MigHost *host;
    MigBytes bytes;
} Contents;

/* Copy bytes as read_file() hands them out. */
static MigStatus
copy_contents(Contents *contents, MigBytes bytes, MigError *error)
{
    char *memory = contents->host->methods->resize(contents->host, NULL, 0,
                                                   bytes.length + 1);

    if (memory == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    if (bytes.length > 0)
        memcpy(memory, bytes.data, bytes.length);
    memory[bytes.length] = '\0';
    contents->bytes.data = memory;
    contents->bytes.length = bytes.length;
    return MIG_OK;
}

static MigStatus
receive_text(void *context, const MigValue *columns, size_t count,
             MigError *error)
{
    (void) count;
    return copy_contents(context, columns[0].bytes, error);
}

static MigStatus
virtual_read_file(MigHost *host, const char *path, MigBytes *contents,
                  MigError *error)
{
    const MigVirtual *virtual = virtual_of(host);
    const MigVirtualFile *file = NULL;
    Contents copy = {host, {NULL, 0}};
    MigBytes relative;

    if (relative_path(virtual, path, &relative))
        file = find_file(virtual, relative);
    if (file == NULL)
        return mig_fail(error, MIG_FILE, "\"%s\" does not exist", path);
    if (file->text.data != NULL)
        (void) copy_contents(&copy, file->text, error);
    else if (virtual->mig->has_catalogue)
    {
        MigValue arguments[] = {mig_string(file->hash), mig_integer(1),
                                mig_integer(INT32_MAX)};

        (void) host->methods->query(host, MIG_SQL_TEXT_SLICE, arguments, 3,
                                    receive_text, &copy, error);
    }
    if (error->status == MIG_OK && copy.bytes.data == NULL)
    {
        (void) mig_fail(error, MIG_STATE, "has not come with the bundle");
        mig_fail_hint(error, "An earlier call of the bundle's script has "
                             "failed: run the whole script again.");
    }
    *contents = copy.bytes;
    give_back(host, contents, error);
    return error->status;
}

void
mig_virtual_begin(MigVirtual *virtual, const char *engine)
{
    virtual->methods.session_setting = virtual_session_setting;
    virtual->methods.path_kind = virtual_path_kind;
    virtual->methods.list_directory = virtual_list_directory;
    virtual->methods.read_file = virtual_read_file;
    if (engine != NULL)
        virtual->methods.engine = engine;
    virtual->mig->host->methods = &virtual->methods;
}
