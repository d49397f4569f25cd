#include <stdlib.h>

#include "mig_bundle_parts.h"
#include "mig_escape.h"
#include "mig_setting.h"
#include "mig_source.h"
#include "mig_virtual.h"
#include "mig_write.h"

/* The engines that a bundle is for. */
#define ENGINES 2
static const char *const engines[ENGINES] = {"sqlite", "postgresql"};

/* The hashes of the texts that a catalogue would hold. */
typedef struct Hashes
{
    Mig *mig;
    const char **items; /* sorted, once all are there */
    size_t count;
    size_t capacity;
} Hashes;

/* A source as one engine reads it. */
typedef struct Reading
{
    const char *engine;
    MigSource source;
    MigVirtual *files; /* that were read */
    MigError refusal;  /* why it is not read, if so */
} Reading;

/* A bundle that is being written. */
typedef struct Writer
{
    Mig *mig;
    Reading readings[ENGINES]; /* that of the engine at hand first */
    const Reading *reading;    /* the first that was not refused */
    MigVirtual *files;         /* of all readings */
    MigBytes format;
    MigBytes name; /* of the only file, or absent for a directory */
    Hashes kept[ENGINES];
    MigText script;
    MigText details; /* of the last call */
    MigText inlined; /* texts that are kept nowhere */
} Writer;

/* A MigKnownText: no text need be held in memory. */
static bool
hold_nothing(void *context, MigBytes position, const char *hash)
{
    (void) context;
    (void) position;
    (void) hash;
    return true;
}

static int
compare_hashes(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static bool
hashes_hold(const Hashes *hashes, const char *hash)
{
    return hashes->count > 0 && bsearch(&hash, hashes->items, hashes->count,
                                        sizeof(char *), compare_hashes) != NULL;
}

static void
add_section(Hashes *hashes, const MigSection *section)
{
    for (size_t i = 0; i < section->count; i++)
    {
        const char **items = mig_array_reserve(
            hashes->mig->arena, hashes->items, hashes->count, &hashes->capacity,
            sizeof(char *), hashes->mig->error);

        if (items == NULL)
            return;
        hashes->items = items;
        items[hashes->count++] = section->slices[i].hash;
    }
}

/* Collect the hashes of a source's texts. */
static void
collect_hashes(Mig *mig, const MigSource *source, Hashes *hashes)
{
    memset(hashes, 0, sizeof(*hashes));
    hashes->mig = mig;
    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        add_section(hashes, &source->migrations[i].up);
        add_section(hashes, &source->migrations[i].down);
        add_section(hashes, &source->migrations[i].verify);
    }
    if (mig_ok(mig) && hashes->count > 0)
        qsort(hashes->items, hashes->count, sizeof(char *), compare_hashes);
}

/* A host's notice() that says nothing: the first reading has said it. */
static void
say_nothing(MigHost *host, MigNoticeLevel level, const char *message)
{
    (void) host;
    (void) level;
    (void) message;
}

/*
 * Read a source as one engine does, and keep the files that were read.
 *
 * format  absent: it is to be found out
 */
static void
record(Mig *mig, Reading *reading, MigBytes path, MigBytes format)
{
    bool speaks = strcmp(reading->engine, mig->host->methods->engine) == 0 &&
                  format.data == NULL;

    memset(&reading->source, 0, sizeof(reading->source));
    reading->source.known = hold_nothing;
    reading->files = mig_virtual_record(mig, path, format);
    if (!mig_ok(mig) || reading->files == NULL)
        return;
    reading->files->methods.engine = reading->engine;
    if (!speaks)
        reading->files->methods.notice = say_nothing;
    mig_source_read(mig, path, &reading->source);
    mig_virtual_end(reading->files);
}

/* Whether a failure is about what stands in the files. */
static bool
is_refusal(const MigError *error)
{
    return error->status == MIG_INVALID || error->status == MIG_UNSUPPORTED ||
           error->status == MIG_DUPLICATE;
}

/*
 * Read the source as one engine does.  Where its format was found out by
 * reading files, it is read again when that is known: then nothing is read but
 * what belongs to it.
 */
static void
read_as(Mig *mig, Reading *reading, MigBytes path)
{
    MigBytes unknown = {NULL, 0};

    record(mig, reading, path, unknown);
    if (mig_ok(mig) && !reading->source.listing->certain &&
        reading->source.format != NULL)
        record(mig, reading, path, mig_bytes(reading->source.format->name));
    if (!is_refusal(mig->error))
        return;
    reading->refusal = *mig->error;
    mig_error_clear(mig->error);
}

/*
 * Read the source as each engine does, ours first.  Where only one can, the
 * user is told, and the bundle is for that one.
 */
static void
read_source(Writer *writer, MigBytes path)
{
    Mig *mig = writer->mig;
    size_t own = strcmp(mig->host->methods->engine, engines[1]) == 0 ? 1 : 0;

    for (size_t i = 0; i < ENGINES; i++)
        writer->readings[i].engine = engines[(own + i) % ENGINES];
    for (size_t i = 0; i < ENGINES && mig_ok(mig); i++)
    {
        Reading *reading = &writer->readings[i];

        read_as(mig, reading, path);
        if (writer->reading == NULL && reading->refusal.status == MIG_OK)
            writer->reading = reading;
    }
    if (mig_ok(mig) && writer->reading == NULL)
        *mig->error = writer->readings[0].refusal;
}

/* Tell of an engine that would refuse the files. */
static void
tell_refusals(Writer *writer)
{
    Mig *mig = writer->mig;

    for (size_t i = 0; i < ENGINES && mig_ok(mig); i++)
    {
        const Reading *reading = &writer->readings[i];
        const char *message;

        if (reading->refusal.status == MIG_OK)
            continue;
        message = mig_format_string(mig->arena, mig->error,
                                    "%s would refuse these files: %s",
                                    reading->engine, reading->refusal.message);
        if (message != NULL)
            mig->host->methods->notice(mig->host, MIG_WARNING, message);
    }
}

/* Bring together the files that were read. */
static void
collect_files(Writer *writer)
{
    Mig *mig = writer->mig;

    writer->files = mig_virtual_new(mig);
    for (size_t i = 0; i < ENGINES && mig_ok(mig); i++)
    {
        const MigVirtual *read = writer->readings[i].files;

        if (writer->readings[i].refusal.status != MIG_OK)
            continue;
        for (size_t j = 0; j < read->count && mig_ok(mig); j++)
            mig_virtual_add(writer->files, read->files[j].path,
                            read->files[j].text, "");
    }
    if (mig_ok(mig))
        mig_virtual_sort(writer->files);
    for (size_t i = 0; mig_ok(mig) && i < writer->files->count; i++)
    {
        MigVirtualFile *file = &writer->files->files[i];

        mig_hash(mig->host, &file->text, 1, file->hash);
    }
}

/* Find out all about the source. */
static void
examine_source(Writer *writer, MigBytes path)
{
    Mig *mig = writer->mig;

    read_source(writer, path);
    if (!mig_ok(mig) || writer->reading == NULL)
        return;
    tell_refusals(writer);
    if (writer->reading->source.format != NULL)
        writer->format = mig_bytes(writer->reading->source.format->name);
    if (!writer->reading->source.is_directory)
        writer->name = mig_base_name(path);
    collect_files(writer);
    /* Who refuses the files will hold nothing. */
    for (size_t i = 0; i < ENGINES && mig_ok(mig); i++)
    {
        const Reading *reading = &writer->readings[i];

        if (reading->refusal.status != MIG_OK)
            reading = writer->reading;
        collect_hashes(mig, &reading->source, &writer->kept[i]);
    }
}

/* Append one line of details: a key and a value. */
static void
add_detail(MigText *details, const char *key, MigBytes value)
{
    mig_text_append_string(details, key);
    mig_text_append_string(details, ":");
    mig_text_append(details, value);
    mig_text_append_string(details, "\n");
}

/* The line of details that names a file. */
static void
add_file_detail(MigText *details, const char *key, const MigVirtualFile *file)
{
    mig_text_append_string(details, key);
    mig_text_append_format(details, ":%s:", file->hash);
    if (strcmp(key, "inline") == 0)
        mig_text_append_format(details, "%zu:", file->text.length);
    mig_text_append(details, file->path);
    mig_text_append_string(details, "\n");
}

/* Write one call. */
static void
write_call(MigText *script, const char *version, MigBytes up, MigBytes details)
{
    mig_text_append_format(script, "SELECT migrate_add('%s', ", version);
    mig_escape_append_literal(script, up);
    mig_text_append_string(script, ", NULL, NULL,\n");
    mig_escape_append_literal(script, details);
    mig_text_append_string(script, ");\n\n");
}

/* Write the call of a text, or put it off to the last one. */
static void
write_file(Writer *writer, const MigVirtualFile *file)
{
    Mig *mig = writer->mig;
    MigArena *lasting = mig->arena;
    MigArena arena = {mig->host, NULL};
    MigText details = {&arena, mig->error, NULL, 0, 0};

    if (!hashes_hold(&writer->kept[0], file->hash) ||
        !hashes_hold(&writer->kept[1], file->hash))
    {
        mig_text_append(&writer->inlined, file->text);
        add_file_detail(&writer->details, "inline", file);
        return;
    }
    mig->arena = &arena;
    add_detail(&details, "bundle", mig_bytes(MIG_BUNDLE_LAYOUT));
    add_file_detail(&details, "text", file);
    mig_text_append_string(&writer->script, "-- ");
    mig_escape_append(&writer->script, file->path);
    mig_text_append_string(&writer->script, "\n");
    write_call(&writer->script, MIG_BUNDLE_TEXT, file->text,
               mig_text_bytes(&details));
    add_file_detail(&writer->details, "text", file);
    mig->arena = lasting;
    mig_arena_release(&arena);
}

/* Fail for a label that is more than a line of details can hold. */
static void
check_label(Mig *mig, MigBytes label)
{
    if (memchr(label.data, '\n', label.length) == NULL &&
        memchr(label.data, '\r', label.length) == NULL)
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "setting \"source\" holds a line break, which no bundle "
                    "can carry");
}

/* What a reader of the script is told first. */
static void
write_head(Writer *writer, MigBytes label)
{
    MigText *script = &writer->script;
    mig_text_append_string(
        script, "-- Written by migrate_bundle() of migrate " MIG_VERSION
                "; psql and the sqlite3 shell "
                "run it.\n-- ");
    mig_text_append_format(script,
                           "%zu migrations in %zu files, format %s, "
                           "source ",
                           writer->reading->source.count, writer->files->count,
                           writer->format.data);
    mig_escape_append(script, label);
    mig_text_append_string(
        script, "\n-- In quotes, ~ and two digits stand for a byte.  It may be "
                "run again.\n\nBEGIN;\n\n");
    add_detail(&writer->details, "bundle", mig_bytes(MIG_BUNDLE_LAYOUT));
    add_detail(&writer->details, "source", label);
    add_detail(&writer->details, "format", writer->format);
    if (writer->name.data != NULL)
        add_detail(&writer->details, "file", writer->name);
}

MigBytes
mig_bundle_write(Mig *mig, MigBytes path)
{
    MigText empty = {mig->arena, mig->error, NULL, 0, 0};
    MigBytes nothing = {NULL, 0};
    MigBytes label;
    Writer writer;

    memset(&writer, 0, sizeof(writer));
    writer.mig = mig;
    writer.script = writer.details = writer.inlined = empty;
    writer.format = mig_bytes("");
    /* Before the first look at a path: a hostile CHECK may be calling. */
    mig_require_alone(mig, "migrate_bundle");
    label = mig_setting(mig, "source", NULL);
    check_label(mig, label);
    if (mig_ok(mig))
        examine_source(&writer, path);
    if (!mig_ok(mig) || writer.files == NULL)
        return nothing;
    write_head(&writer, label);
    for (size_t i = 0; i < writer.files->count && mig_ok(mig); i++)
        write_file(&writer, &writer.files->files[i]);
    mig_text_append_string(&writer.script, "-- how many are new or changed\n");
    write_call(&writer.script, MIG_BUNDLE_LAST, mig_text_bytes(&writer.inlined),
               mig_text_bytes(&writer.details));
    mig_text_append_string(
        &writer.script, "COMMIT;\n\nSELECT state, count(*) AS migrations FROM "
                        "migrate_status()\nGROUP BY state ORDER BY state;\n");
    return mig_text_bytes(&writer.script);
}
