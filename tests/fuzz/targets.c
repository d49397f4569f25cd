#include "targets.h"

#include <stdio.h>
#include <stdlib.h>

#include "mig_ahead.h"
#include "mig_api.h"
#include "mig_bundle.h"
#include "mig_condition.h"
#include "mig_digest.h"
#include "mig_format.h"
#include "mig_json.h"
#include "mig_nettle.h"
#include "mig_load.h"
#include "mig_setting.h"
#include "mig_source.h"
#include "mig_sources.h"
#include "mig_variable.h"
#include "mig_version.h"
#include "mig_virtual.h"

/* An engine that has memory and digests, and a database without anything. */
typedef struct FuzzHost
{
    MigHost host; /* first: the core's view */
    MigSession session;
    const char *format; /* the setting, or NULL */
    size_t bytes;       /* of memory that was not given back */
} FuzzHost;

/* A reader of what strangers write; returns nothing but by mig's error. */
typedef void (*TargetRun)(FuzzHost *fuzz, Mig *mig, MigBytes input);

/* ---- The host -------------------------------------------------------------
 */

static void *
fuzz_resize(MigHost *host, void *memory, size_t old_size, size_t new_size)
{
    FuzzHost *fuzz = (FuzzHost *) host;

    fuzz->bytes += new_size - old_size;
    if (new_size == 0)
    {
        free(memory);
        return NULL;
    }
    memory = realloc(memory, new_size);
    if (memory == NULL)
        abort();
    return memory;
}

static int64_t
fuzz_now(MigHost *host)
{
    (void) host;
    return 1700000000000000;
}

static void
fuzz_caller(MigHost *host, char *actor, size_t actor_size, char *client,
            size_t client_size)
{
    (void) host;
    (void) snprintf(actor, actor_size, "alice");
    (void) snprintf(client, client_size, "here");
}

static void
fuzz_digest(MigHost *host, MigAlgorithm algorithm, const MigBytes *pieces,
            size_t count, unsigned char *digest)
{
    (void) host;
    mig_nettle_digest(algorithm, pieces, count, digest);
}

static void
fuzz_digest_grow(MigHost *host, MigGrowing *growing, const MigBytes *pieces,
                 size_t count, unsigned char digest[MIG_SHA256_SIZE])
{
    (void) host;
    mig_nettle_grow(growing, pieces, count, digest);
}

static bool
fuzz_fact(MigHost *host, MigFact fact, char *text, size_t size, MigError *error)
{
    (void) host;
    (void) error;
    (void) snprintf(text, size, "fact %d", (int) fact);
    return true;
}

static void
fuzz_notice(MigHost *host, MigNoticeLevel level, const char *message)
{
    (void) host;
    (void) level;
    if (mig_utf8_check(mig_bytes(message)) < strlen(message))
        abort();
}

static bool
fuzz_session_setting(MigHost *host, const char *name, MigBytes *value)
{
    const FuzzHost *fuzz = (FuzzHost *) host;

    if (fuzz->format == NULL || strcmp(name, "format") != 0)
        return false;
    *value = mig_bytes(fuzz->format);
    return true;
}

static MigStatus
fuzz_catalogue_find(MigHost *host, bool *exists, MigError *error)
{
    (void) host;
    *exists = false;
    return error->status;
}

static MigStatus
fuzz_succeed(MigHost *host, MigError *error)
{
    (void) host;
    return error->status;
}

static MigStatus
fuzz_query(MigHost *host, MigSql sql, const MigValue *arguments, size_t count,
           MigRowFunction row, void *context, MigError *error)
{
    (void) host;
    (void) sql;
    (void) row;
    (void) context;
    /* What reaches the tables is text. */
    for (size_t i = 0; i < count; i++)
    {
        if (arguments[i].type == MIG_TEXT &&
            mig_utf8_check(arguments[i].bytes) < arguments[i].bytes.length)
            abort();
    }
    return error->status;
}

static MigStatus
fuzz_require_writable(MigHost *host, const char *function, MigError *error)
{
    (void) host;
    (void) function;
    return error->status;
}

static MigStatus
fuzz_lock(MigHost *host, int64_t wait_ms, MigError *error)
{
    (void) host;
    (void) wait_ms;
    return error->status;
}

static bool
fuzz_commits(MigHost *host)
{
    (void) host;
    return true;
}

static void
fuzz_nothing(MigHost *host)
{
    (void) host;
}

static const MigHostMethods methods = {
    .engine = "postgresql",
    .resize = fuzz_resize,
    .now = fuzz_now,
    .ticks = fuzz_now,
    .caller = fuzz_caller,
    .digest = fuzz_digest,
    .digest_grow = fuzz_digest_grow,
    .fact = fuzz_fact,
    .notice = fuzz_notice,
    .session_setting = fuzz_session_setting,
    .catalogue_find = fuzz_catalogue_find,
    .catalogue_intact = fuzz_succeed,
    .catalogue_create = fuzz_succeed,
    .query = fuzz_query,
    .require_writable = fuzz_require_writable,
    .commits = fuzz_commits,
    .lock = fuzz_lock,
    .release = fuzz_lock,
    .abandon = fuzz_nothing,
    .unit_begin = fuzz_succeed,
    .unit_keep = fuzz_succeed,
    .unit_undo = fuzz_nothing,
};

/* ---- Promises -------------------------------------------------------------
 */

/* Abort unless a promise of the core holds. */
static void
promise(bool holds, const char *what)
{
    if (holds)
        return;
    (void) fprintf(stderr, "broken promise: %s\n", what);
    abort();
}

/* Whether a text is one line, such as a column holds. */
static bool
is_line(MigBytes text)
{
    return mig_utf8_check(text) == text.length &&
           (text.length == 0 || memchr(text.data, '\n', text.length) == NULL);
}

static void
check_section(Mig *mig, const MigSection *section)
{
    MigBytes column = mig_slices_write(mig, section->slices, section->count);
    MigSlice *read;

    for (size_t i = 0; i < section->count; i++)
    {
        const MigSlice *slice = &section->slices[i];
        char hash[MIG_HASH_LENGTH + 1];

        promise(slice->whole.data != NULL, "a slice has its text");
        promise(slice->offset <= slice->whole.length &&
                    slice->length <= slice->whole.length - slice->offset,
                "a slice lies in its text");
        promise(slice->line >= 1, "lines count from 1");
        mig_hash(mig->host, &slice->whole, 1, hash);
        promise(strcmp(hash, slice->hash) == 0, "a text has its hash");
        promise(is_line(slice->file), "a path is one line");
    }
    promise(mig_slices_read(mig, mig->arena, column, &read) == section->count &&
                mig_ok(mig),
            "a column of slices can be read");
}

static void
check_migration(Mig *mig, const MigMigration *migration)
{
    promise(mig_version_check(migration->version, mig->error) == MIG_OK,
            "a version is one");
    promise(migration->position.length > 0 && is_line(migration->position),
            "a position is a line");
    promise(is_line(migration->name), "a name is a line");
    promise(mig_format_find(mig_bytes(migration->format)) != NULL,
            "a format has a name");
    promise(strlen(migration->checksum) == MIG_HASH_LENGTH,
            "a migration has a checksum");
    promise(migration->requires.length == 0 ||
                mig_ends_with(migration->requires, "\n"),
            "requirements are lines");
    promise(migration->options.length == 0 ||
                mig_ends_with(migration->options, "\n"),
            "options are lines");
    promise(mig_utf8_check(migration->requires) == migration->requires.length &&
                mig_utf8_check(migration->options) == migration->options.length,
            "columns are text");
    check_section(mig, &migration->up);
    check_section(mig, &migration->down);
    check_section(mig, &migration->verify);
}

static void
check_source(Mig *mig, const MigSource *source)
{
    for (size_t i = 0; i < source->count; i++)
    {
        check_migration(mig, &source->migrations[i]);
        promise(i == 0 ||
                    mig_position_compare(source->migrations[i - 1].position,
                                         source->migrations[i].position) < 0,
                "migrations are in order");
    }
}

/* ---- Targets --------------------------------------------------------------
 */

#define FILE_MARK "#### "

/* Bytes that end with their memory, so that reading on is noticed. */
static MigBytes
own(Mig *mig, MigBytes bytes)
{
    char *memory = mig_alloc(mig->arena, bytes.length + 1, mig->error);
    MigBytes copy = {memory, bytes.length};

    if (bytes.length > 0 && memory != NULL)
        memcpy(memory, bytes.data, bytes.length);
    return copy;
}

/* The next part of an input: up to a line that begins with a mark. */
static bool
next_part(MigBytes input, size_t *at, MigBytes *title, MigBytes *text)
{
    size_t mark = strlen(FILE_MARK);
    size_t start;
    size_t end;
    MigBytes line;

    if (!mig_next_line(input, at, &line))
        return false;
    *title = line;
    if (mig_starts_with(line, FILE_MARK))
        *title = mig_part(line, mark, line.length);
    start = end = *at;
    while (end < input.length &&
           !mig_starts_with(mig_part(input, end, input.length), FILE_MARK))
    {
        const char *found = memchr(input.data + end, '\n', input.length - end);

        end = found == NULL ? input.length : (size_t) (found - input.data) + 1;
    }
    *at = end;
    /* The line break before a mark belongs to the mark. */
    if (end < input.length && end > start)
        end--;
    *text = mig_part(input, start, end);
    return true;
}

/* Make a directory of an input; NULL when there can be none like that. */
static MigVirtual *
make_directory(Mig *mig, MigBytes input)
{
    MigVirtual *files = mig_virtual_new(mig);
    MigBytes path;
    MigBytes text;
    size_t at = 0;

    while (next_part(input, &at, &path, &text))
        mig_virtual_add(files, own(mig, path), own(mig, text), "");
    mig_virtual_sort(files);
    return mig_ok(mig) ? files : NULL;
}

static MigStatus
drop_row(MigCall *call, const MigValue *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        promise(columns[i].type != MIG_TEXT ||
                    mig_utf8_check(columns[i].bytes) == columns[i].bytes.length,
                "rows are text");
    return call->error->status;
}

/* Read a directory, and list it as migrate_sources() does. */
static void
run_directory(FuzzHost *fuzz, Mig *mig, MigBytes input)
{
    MigVirtual *files = make_directory(mig, input);
    MigCall call;
    MigSource source;

    (void) fuzz;
    if (files == NULL)
        return;
    memset(&call, 0, sizeof(call));
    call.host = mig->host;
    call.error = mig->error;
    call.emit = drop_row;
    mig_virtual_begin(files, NULL);
    mig_sources(mig, &call, mig_bytes(MIG_VIRTUAL_ROOT));
    mig_error_clear(mig->error);
    memset(&source, 0, sizeof(source));
    mig_source_read(mig, mig_bytes(MIG_VIRTUAL_ROOT), &source);
    mig_virtual_end(files);
    if (mig_ok(mig))
        check_source(mig, &source);
}

/* A call of a bundle: its version, "#### " and up, "#### " and details. */
static void
run_bundle(FuzzHost *fuzz, Mig *mig, MigBytes input)
{
    MigBytes version = {"", 0};
    MigBytes parts[3] = {{"", 0}, {"", 0}, {"", 0}};
    size_t at = 0;

    (void) fuzz;
    for (size_t i = 0; i < 3; i++)
    {
        MigBytes title;

        if (!next_part(input, &at, &title, &parts[i]))
            break;
        if (i == 0)
            version = title;
    }
    (void) mig_bundle_add(mig, own(mig, version), own(mig, parts[1]),
                          own(mig, parts[2]));
}

static void
run_json(FuzzHost *fuzz, Mig *mig, MigBytes input)
{
    MigJson json;
    MigBytes value;
    MigJsonKind kind;

    (void) fuzz;
    memset(&json, 0, sizeof(json));
    json.text = own(mig, input);
    if (mig_utf8_check(json.text) < json.text.length)
        return;
    do
    {
        kind = mig_json_next(mig, &json, &value);
        promise(value.data == NULL || mig_utf8_check(value) == value.length ||
                    memchr(value.data, '\0', value.length) != NULL,
                "JSON's texts are text");
    } while (kind != MIG_JSON_END);
}

static void
run_condition(FuzzHost *fuzz, Mig *mig, MigBytes input)
{
    (void) fuzz;
    input = own(mig, input);
    mig_condition_check(mig, input);
    mig_error_clear(mig->error);
    (void) mig_condition_holds(mig, input);
}

/* A text in every style of variables. */
static void
run_variables(FuzzHost *fuzz, Mig *mig, MigBytes input)
{
    static const char *const styles[] = {"true", "flyway"};

    (void) fuzz;
    input = own(mig, input);
    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
    {
        MigExpansion expansion;

        mig_error_clear(mig->error);
        memset(&expansion, 0, sizeof(expansion));
        expansion.style = mig_bytes(styles[i]);
        expansion.file = mig_bytes("file.sql");
        (void) mig_variables_in(styles[i], input);
        (void) mig_expand(mig, mig->arena, input, &expansion);
        promise(mig_ok(mig) || expansion.offset <= input.length,
                "an error lies in the text");
    }
}

/* A text under every tool's checksum; its first line is what was recorded. */
static void
run_digest(FuzzHost *fuzz, Mig *mig, MigBytes input)
{
    static const char *const tools[] = {
        "atlas",    "drizzle", "flyway", "graphile-migrate", "prisma", "sqitch",
        "refinery", "sqlx",    "yoyo"};
    MigBytes line = {"", 0};
    size_t at = 0;

    (void) fuzz;
    (void) mig_next_line(input, &at, &line);
    for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
    {
        MigDigestFile file = {
            mig_bytes("1_a.sql"), mig_bytes("1"), mig_bytes("a"),
            own(mig, mig_part(input, at, input.length)), false};
        MigValue recorded = mig_text_value(own(mig, line));

        (void) mig_digest_compare(mig, mig_digest_open(mig, tools[i]), &file,
                                  &recorded);
        promise(mig_ok(mig), "a checksum is no error");
    }
}

/* Lines as statements, each of which moves itself and a name of its own. */
static void
run_ahead(FuzzHost *fuzz, Mig *mig, MigBytes input)
{
    MigBytes line;
    MigAhead ahead;
    size_t at = 0;
    int count = 0;

    (void) fuzz;
    memset(&ahead, 0, sizeof(ahead));
    while (mig_next_line(input, &at, &line))
    {
        char name[20];
        MigBytes moved[] = {
            {name, (size_t) snprintf(name, sizeof(name), "n%d", count++)},
            line};
        MigStatement statement = {
            .text = line, .moved = moved, .moved_count = 2};

        (void) mig_ahead_doubts(&ahead, &statement);
        mig_ahead_pass(mig, &ahead, &statement);
        promise(mig_trim(line).length == 0 ||
                    mig_ahead_doubts(&ahead, &statement),
                "a name is found in itself");
    }
}

static const struct
{
    const char *name;
    TargetRun run;
    bool any_bytes; /* else UTF-8 */
} others[] = {
    {"detect", run_directory, true},     {"bundle", run_bundle, true},
    {"json", run_json, false},           {"condition", run_condition, false},
    {"variables", run_variables, false}, {"digest", run_digest, false},
    {"ahead", run_ahead, true},
};

#define OTHERS (sizeof(others) / sizeof(others[0]))

/* ---- For those who run them -----------------------------------------------
 */

static size_t
format_count(void)
{
    size_t count = 0;

    while (mig_formats[count] != NULL)
        count++;
    return count;
}

size_t
target_count(void)
{
    return OTHERS + format_count();
}

const char *
target_name(size_t index)
{
    return index < OTHERS ? others[index].name
                          : mig_formats[index - OTHERS]->name;
}

size_t
target_find(const char *name)
{
    size_t index = 0;

    while (index < target_count() && strcmp(target_name(index), name) != 0)
        index++;
    return index;
}

int
target_run(size_t index, const char *data, size_t size)
{
    MigBytes input = {data, size};
    FuzzHost fuzz;
    MigArena arena = {&fuzz.host, NULL};
    MigError error;
    Mig mig;

    memset(&fuzz, 0, sizeof(fuzz));
    memset(&error, 0, sizeof(error));
    memset(&mig, 0, sizeof(mig));
    fuzz.host.methods = &methods;
    fuzz.host.session = &fuzz.session;
    fuzz.format = index < OTHERS ? NULL : target_name(index);
    mig.host = &fuzz.host;
    mig.arena = &arena;
    mig.error = &error;
    mig_settings_read(&mig);
    /* Only of files and escapes a reader must expect other bytes. */
    if (index < OTHERS && !others[index].any_bytes &&
        mig_utf8_check(input) < size)
    {
        mig_arena_release(&arena);
        return 0;
    }
    if (index < OTHERS)
        others[index].run(&fuzz, &mig, input);
    else
        run_directory(&fuzz, &mig, input);
    promise(error.status != MIG_INTERNAL && error.status != MIG_NOMEM,
            "input is no mistake of ours");
    promise(mig_utf8_check(mig_bytes(error.message)) == strlen(error.message),
            error.message);
    mig_arena_release(&arena);
    promise(fuzz.bytes == 0, "memory is given back");
    promise(fuzz.host.methods == &methods, "the host is as it was");
    return error.status == MIG_OK;
}
