#include <stdlib.h>

#include "mig_bundle_parts.h"
#include "mig_escape.h"
#include "mig_setting.h"
#include "mig_source.h"
#include "mig_virtual.h"
#include "mig_write.h"

/* The engines that a bundle is for. */
static const char *const engines[] = {"sqlite", "postgresql"};

/* The hashes of the texts that a catalogue would hold. */
typedef struct Hashes
{
    Mig *mig;
    const char **items; /* sorted, once all are there */
    size_t count;
    size_t capacity;
} Hashes;

/* A bundle that is being written. */
typedef struct Writer
{
    Mig *mig;
    MigSource source; /* as this engine reads it */
    MigBytes format;  /* found in it */
    MigBytes name;    /* of the file, or absent for a directory */
    MigVirtual *files;
    Hashes kept[2]; /* by each of the engines */
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

/* Read the source as a format, and keep the files that were read. */
static void
record_source(Writer *writer, MigBytes path, MigBytes format)
{
    Mig *mig = writer->mig;

    memset(&writer->source, 0, sizeof(writer->source));
    writer->source.known = hold_nothing;
    writer->files = mig_virtual_record(mig, path, format);
    if (mig_ok(mig) && format.data != NULL)
        writer->files->methods.notice = say_nothing;
    if (mig_ok(mig))
        mig_source_read(mig, path, &writer->source);
    mig_virtual_end(writer->files);
    if (mig_ok(mig) && writer->source.format != NULL)
        writer->format = mig_bytes(writer->source.format->name);
}

/*
 * Read the source.  Where its format was found out by reading files, it is read
 * again when that is known: then nothing is read but what belongs to it.
 */
static void
read_source(Writer *writer, MigBytes path)
{
    Mig *mig = writer->mig;
    MigBytes unknown = {NULL, 0};

    record_source(writer, path, unknown);
    if (mig_ok(mig) && !writer->source.listing->certain)
        record_source(writer, path, writer->format);
    if (!mig_ok(mig))
        return;
    if (!writer->source.is_directory)
        writer->name = mig_base_name(path);
    mig_virtual_sort(writer->files);
    for (size_t i = 0; i < writer->files->count && mig_ok(mig); i++)
    {
        MigVirtualFile *file = &writer->files->files[i];

        mig_hash(mig->host, &file->text, 1, file->hash);
    }
}

/*
 * Read the files as another engine would.  Where it cannot, the user is told,
 * and the bundle is as good as it can be: the other engine will say so too.
 */
static void
read_elsewhere(Writer *writer, const char *engine, MigSource *source)
{
    Mig *mig = writer->mig;
    MigVirtual *files = mig_virtual_new(mig);
    const char *message;
    MigError refusal;

    memset(source, 0, sizeof(*source));
    source->known = hold_nothing;
    if (files == NULL || writer->files == NULL)
        return;
    files->files = writer->files->files;
    files->count = writer->files->count;
    files->format = writer->format;
    files->methods.notice = say_nothing;
    mig_virtual_begin(files, engine);
    mig_source_read(mig, mig_virtual_path(mig, writer->name), source);
    mig_virtual_end(files);
    if (mig_ok(mig) || mig->error->status == MIG_NOMEM)
        return;
    refusal = *mig->error;
    mig_error_clear(mig->error);
    message = mig_format_string(mig->arena, mig->error,
                                "%s would refuse these files: %s", engine,
                                refusal.message);
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
    *source = writer->source;
}

/* Find out which texts the catalogue of each engine would hold. */
static void
find_kept(Writer *writer)
{
    Mig *mig = writer->mig;

    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
    {
        MigSource other = writer->source;

        if (mig_ok(mig) && strcmp(engines[i], mig->host->methods->engine) != 0)
            read_elsewhere(writer, engines[i], &other);
        if (mig_ok(mig))
            collect_hashes(mig, &other, &writer->kept[i]);
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
                           writer->source.count, writer->files->count,
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
    if (mig_ok(mig))
        read_source(&writer, path);
    label = mig_setting(mig, "source", NULL);
    check_label(mig, label);
    if (mig_ok(mig))
        find_kept(&writer);
    if (!mig_ok(mig))
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
