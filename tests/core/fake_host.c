#include "fake_parts.h"

#include <stdio.h>

#include "mig_nettle.h"
#include "mig_setting.h"

#define BLOCK_MAGIC ((size_t) 0x6D696772)

/* Before each block that the core is given. */
typedef union FakeBlock
{
    struct
    {
        size_t magic;
        size_t size;
    } head;
    long double aligned;
} FakeBlock;

/* Bytes that a table holds. */
typedef struct FakeKept
{
    struct FakeKept *older;
    char data[];
} FakeKept;

/* ---- Memory ---- */

/* Give a block back; its size must be the one it was made with. */
static void
block_free(FakeHost *fake, void *memory, size_t size)
{
    FakeBlock *block = memory;

    if (memory == NULL)
        return;
    block--;
    assert_true(block->head.magic == BLOCK_MAGIC);
    assert_true(block->head.size == size);
    block->head.magic = 0;
    free(block);
    fake->blocks--;
}

void *
fake_resize(MigHost *host, void *memory, size_t old_size, size_t new_size)
{
    FakeHost *fake = (FakeHost *) host;
    FakeBlock *block;

    if (new_size == 0)
    {
        block_free(fake, memory, old_size);
        return NULL;
    }
    fake->asked++;
    if (fake->refuse != 0 &&
        (fake->asked == fake->refuse ||
         (fake->refuse_rest && fake->asked > fake->refuse)))
    {
        fake->refused = true;
        return NULL;
    }
    block = malloc(sizeof(FakeBlock) + new_size);
    assert_non_null(block);
    block->head.magic = BLOCK_MAGIC;
    block->head.size = new_size;
    fake->blocks++;
    if (memory != NULL)
        memcpy(block + 1, memory, old_size < new_size ? old_size : new_size);
    block_free(fake, memory, old_size);
    return block + 1;
}

/* A copy of bytes that lives as long as the host. */
MigBytes
fake_keep(FakeHost *fake, MigBytes bytes)
{
    FakeKept *kept;

    if (bytes.data == NULL)
        return bytes;
    kept = malloc(sizeof(FakeKept) + bytes.length + 1);
    assert_non_null(kept);
    kept->older = fake->kept;
    fake->kept = kept;
    if (bytes.length > 0)
        memcpy(kept->data, bytes.data, bytes.length);
    kept->data[bytes.length] = '\0';
    bytes.data = kept->data;
    return bytes;
}

/* ---- Clocks and users ---- */

static int64_t
fake_now(MigHost *host)
{
    return ((FakeHost *) host)->now;
}

static int64_t
fake_ticks(MigHost *host)
{
    FakeHost *fake = (FakeHost *) host;

    fake->ticks += fake->tick;
    return fake->ticks;
}

static bool
fake_fact(MigHost *host, MigFact fact, char *text, size_t size, MigError *error)
{
    static const char *const facts[] = {[MIG_FACT_DATABASE] = "shop",
                                        [MIG_FACT_OWNER] = "olga",
                                        [MIG_FACT_SCHEMA] = "public",
                                        [MIG_FACT_USER] = ""};

    (void) host;
    (void) error;
    (void) snprintf(text, size, "%s", facts[fact]);
    return text[0] != '\0';
}

static void
fake_caller(MigHost *host, char *actor, size_t actor_size, char *client,
            size_t client_size)
{
    (void) host;
    (void) snprintf(actor, actor_size, "alice");
    (void) snprintf(client, client_size, "test on host");
}

static void
fake_digest(MigHost *host, MigAlgorithm algorithm, const MigBytes *pieces,
            size_t count, unsigned char *digest)
{
    (void) host;
    mig_nettle_digest(algorithm, pieces, count, digest);
}

static void
fake_digest_grow(MigHost *host, MigGrowing *growing, const MigBytes *pieces,
                 size_t count, unsigned char digest[MIG_SHA256_SIZE])
{
    (void) host;
    mig_nettle_grow(growing, pieces, count, digest);
}

static void
fake_notice(MigHost *host, MigNoticeLevel level, const char *message)
{
    FakeHost *fake = (FakeHost *) host;
    MigBytes text;

    assert_true(fake->notice_count < FAKE_NOTICES);
    text = fake_keep(fake, mig_bytes(message));
    assert_int_equal(mig_utf8_check(text), text.length);
    (void) level;
    fake->notices[fake->notice_count++] = (char *) text.data;
}

static bool
fake_session_setting(MigHost *host, const char *name, MigBytes *value)
{
    FakeHost *fake = (FakeHost *) host;

    if (fake->session_name == NULL || strcmp(name, fake->session_name) != 0)
        return false;
    *value = mig_bytes(fake->session_value);
    return true;
}

/* ---- Files ---- */

/* The file of a path, which may end in a '/', or NULL. */
static const FakeFile *
file_find(const FakeHost *fake, const char *path)
{
    size_t length = strlen(path);

    if (length > 1 && path[length - 1] == '/')
        length--;
    for (size_t i = 0; i < fake->file_count; i++)
    {
        const char *other = fake->files[i].path;

        if (strlen(other) == length && memcmp(other, path, length) == 0)
            return &fake->files[i];
    }
    return NULL;
}

static MigStatus
fake_path_kind(MigHost *host, const char *path, MigPathKind *kind,
               MigError *error)
{
    const FakeFile *file = file_find((FakeHost *) host, path);

    *kind = file == NULL ? MIG_PATH_MISSING : file->kind;
    return error->status;
}

static MigStatus
fake_list_directory(MigHost *host, const char *path, MigEntryFunction entry,
                    void *context, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;
    size_t length = strlen(path);

    if (length > 0 && path[length - 1] == '/')
        length--;
    if (file_find(fake, path) != NULL && file_find(fake, path)->unreadable)
        return mig_fail(error, MIG_DENIED, "cannot open directory \"%s\"",
                        path);
    /* Backwards, since the order is any. */
    for (size_t i = fake->file_count; i-- > 0 && error->status == MIG_OK;)
    {
        const char *other = fake->files[i].path;

        if (strncmp(other, path, length) == 0 && other[length] == '/' &&
            other[length + 1] != '\0' &&
            strchr(other + length + 1, '/') == NULL)
            (void) entry(context, other + length + 1, error);
    }
    return error->status;
}

static MigStatus
fake_read_file(MigHost *host, const char *path, MigBytes *contents,
               MigError *error)
{
    const FakeFile *file = file_find((FakeHost *) host, path);
    size_t length;
    char *data;

    if (file == NULL || file->unreadable)
        return mig_fail(error, MIG_DENIED, "cannot open \"%s\"", path);
    assert_int_equal(file->kind, MIG_PATH_FILE);
    length = file->length == 0 ? strlen(file->text) : file->length;
    data = fake_resize(host, NULL, 0, length + 1);
    if (data == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    memcpy(data, file->text, length);
    data[length] = '\0';
    contents->data = data;
    contents->length = length;
    return MIG_OK;
}

static const MigHostMethods methods = {
    .engine = "sqlite",
    .shares_commits = true,
    .resize = fake_resize,
    .now = fake_now,
    .ticks = fake_ticks,
    .caller = fake_caller,
    .fact = fake_fact,
    .digest = fake_digest,
    .digest_grow = fake_digest_grow,
    .notice = fake_notice,
    .session_setting = fake_session_setting,
    .catalogue_find = fake_catalogue_find,
    .catalogue_intact = fake_catalogue_intact,
    .catalogue_additions = fake_catalogue_additions,
    .catalogue_create = fake_catalogue_create,
    .query = fake_query,
    .require_writable = fake_require_writable,
    .trusts = fake_trusts,
    .commits = fake_commits,
    .lock = fake_lock,
    .release = fake_release,
    .abandon = fake_abandon,
    .unit_begin = fake_unit_begin,
    .unit_keep = fake_unit_keep,
    .unit_undo = fake_unit_undo,
    .transaction_end = fake_transaction_end,
    .outlives_failure = fake_outlives_failure,
    .script_open = fake_script_open,
    .script_rewind = fake_script_rewind,
    .script_next = fake_script_next,
    .script_close = fake_script_close,
    .script_tokens = fake_script_tokens,
    .surround = fake_surround,
    .surround_end = fake_surround_end,
    .run = fake_run,
    .check = fake_check,
    .table_exists = "{name}",
    .view_exists = "{schema}{name}",
    .canon = fake_canon,
    .list_objects = fake_list_objects,
    .scratch_open = fake_scratch_open,
    .scratch_run = fake_scratch_run,
    .scratch_list = fake_scratch_list,
    .scratch_close = fake_scratch_close,
    .list_tables = fake_list_tables,
    .read_table = fake_read_table,
    .user_version = fake_user_version,
    .lock_number = fake_lock_number,
    .lock_table = fake_lock_table,
    .database_name = fake_database_name,
    .path_kind = fake_path_kind,
    .list_directory = fake_list_directory,
    .read_file = fake_read_file,
};

/* ---- For tests ---- */

void
fake_procedure(FakeHost *fake)
{
    static MigHostMethods procedures;

    procedures = methods;
    procedures.shares_commits = false;
    procedures.parts_scripts = true;
    procedures.outside_apply = "CALL deploy()";
    procedures.run_outside = fake_run_outside;
    procedures.mark_outside = fake_mark_outside;
    procedures.resume_outside = fake_resume_outside;
    procedures.pause = fake_pause;
    procedures.blockers = fake_blockers;
    fake->host.methods = &procedures;
    fake->procedure = true;
}

void
fake_begin(FakeHost *fake)
{
    memset(fake, 0, sizeof(*fake));
    fake->host.methods = &methods;
    fake->host.session = &fake->session;
    fake->fail_query = MIG_SQL_COUNT;
    fake->now = INT64_C(1763712000123456); /* 2025-11-21 08:00:00.123456 */
    fake->tick = 100;
    fake->arena.host = &fake->host;
    fake->mig.host = &fake->host;
    fake->mig.arena = &fake->arena;
    fake->mig.error = &fake->error;
    fake->mig.has_catalogue = true;
}

void
fake_end(FakeHost *fake)
{
    mig_arena_release(&fake->arena);
    assert_int_equal(fake->blocks, 0);
    assert_false(fake->locked);
    assert_false(fake->unit);
    assert_false(fake->surrounded);
    assert_false(fake->session.running);
    assert_int_equal(fake->scratches, 0);
    while (fake->kept != NULL)
    {
        FakeKept *kept = fake->kept;

        fake->kept = kept->older;
        free(kept);
    }
}

int
fake_setup(void **state)
{
    *state = malloc(sizeof(FakeHost));
    assert_non_null(*state);
    fake_begin(*state);
    return 0;
}

int
fake_teardown(void **state)
{
    fake_end(*state);
    free(*state);
    return 0;
}

void
fake_next_call(FakeHost *fake)
{
    mig_arena_release(&fake->arena);
    mig_error_clear(&fake->error);
    fake->mig.settings = NULL;
    fake->mig.has_chain = false;
    fake->mig.verdicts = NULL;
}

void
fake_read_settings(FakeHost *fake)
{
    mig_settings_read(&fake->mig);
}

void
fake_set(FakeHost *fake, const char *name, const char *value)
{
    MigValue row[] = {mig_string(name), mig_string(value), mig_string("alice")};
    FakeTable *table = &fake->data.settings;

    fake_delete(table, fake_find(table, row, 1));
    (void) fake_append(fake, table, row, COUNT_OF(row));
}

void
fake_put(FakeHost *fake, MigSql sql, const MigValue *arguments, size_t count)
{
    fake->locked = true;
    (void) fake_query(&fake->host, sql, arguments, count, NULL, NULL,
                      &fake->error);
    fake->locked = false;
}

/* Whether a text holds another. */
static bool
holds(const char *text, const char *part)
{
    return part == NULL || strstr(text, part) != NULL;
}

void
fake_expect(const FakeHost *fake, MigStatus status, const char *message,
            const char *hint)
{
    const MigError *error = &fake->error;
    const char *texts[] = {error->message, error->detail, error->hint};

    if (error->status != status || !holds(error->message, message) ||
        !holds(error->hint, hint))
        fail_msg("expected status %d, \"%s\", \"%s\"\nfound status %d, "
                 "\"%s\", \"%s\"",
                 (int) status, message == NULL ? "" : message,
                 hint == NULL ? "" : hint, (int) error->status, error->message,
                 error->hint);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        MigBytes text = mig_bytes(texts[i]);

        if (mig_utf8_check(text) < text.length)
            fail_msg("not valid UTF-8: %s", texts[i]);
    }
}

int64_t
fake_call(FakeHost *fake, const char *name, const char *const *texts,
          MigEmit emit, void *context)
{
    MigValue arguments[MIG_MAX_ARGUMENTS];
    MigCall call;
    int64_t result;

    memset(&call, 0, sizeof(call));
    mig_error_clear(&fake->error);
    call.host = &fake->host;
    call.error = &fake->error;
    call.arguments = arguments;
    call.emit = emit;
    call.emit_context = context;
    for (; texts[call.argument_count] != NULL; call.argument_count++)
    {
        assert_true(call.argument_count < MIG_MAX_ARGUMENTS);
        arguments[call.argument_count] = mig_string(texts[call.argument_count]);
    }
    (void) mig_call(mig_api_find(name), &call);
    result = call.result.integer;
    mig_call_end(&call);
    return fake->error.status == MIG_OK ? result : -1;
}

void
fake_expect_ok(const FakeHost *fake)
{
    fake_expect(fake, MIG_OK, NULL, NULL);
}

void
fake_expect_notice(const FakeHost *fake, const char *text)
{
    for (size_t i = 0; i < fake->notice_count; i++)
    {
        if (holds(fake->notices[i], text))
            return;
    }
    fail_msg("no notice \"%s\" among %zu", text, fake->notice_count);
}

void
fake_expect_bytes(MigBytes bytes, const char *text)
{
    if (!mig_bytes_equal(bytes, mig_bytes(text)))
        fail_msg("expected \"%s\", found \"%.*s\"", text, (int) bytes.length,
                 bytes.data);
}

/* Make one attempt with part of the arena's first block used up. */
static bool
attempt_once(FakeHost *fake, FakeAttempt attempt, size_t used, size_t refuse)
{
    size_t written = fake->data.events.count;

    mig_arena_release(&fake->arena);
    if (used > 0)
        assert_non_null(mig_alloc(&fake->arena, used, &fake->error));
    fake->asked = 0;
    fake->refused = false;
    fake->refuse = refuse;
    attempt(fake);
    fake->refuse = 0;
    if (!fake->refused)
    {
        fake_expect_ok(fake);
        return true;
    }
    fake_expect(fake, MIG_NOMEM, "out of memory", NULL);
    assert_int_equal(fake->data.events.count, written);
    return false;
}

/* Refuse each allocation in turn until none is; rest: and all behind it. */
static void
attempt_each(FakeHost *fake, FakeAttempt prepare, FakeAttempt attempt,
             size_t used, bool rest)
{
    bool in_peace = false;

    for (size_t refuse = 1; !in_peace; refuse++)
    {
        fake_begin(fake);
        if (prepare != NULL)
            prepare(fake);
        fake->refuse_rest = rest;
        in_peace = attempt_once(fake, attempt, used, refuse);
        fake_end(fake);
    }
}

void
fake_refuse_each(FakeAttempt prepare, FakeAttempt attempt)
{
    const size_t block = 8192; /* bytes, as mig_memory.c makes them */
    const size_t step = 96;
    FakeHost *fake = malloc(sizeof(FakeHost));

    assert_non_null(fake);
    for (size_t used = 0; used <= block; used += step)
    {
        attempt_each(fake, prepare, attempt, used, false);
        attempt_each(fake, prepare, attempt, used, true);
    }
    free(fake);
}
