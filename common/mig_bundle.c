#include "mig_bundle_parts.h"
#include "mig_escape.h"
#include "mig_format.h"
#include "mig_load.h"
#include "mig_setting.h"
#include "mig_virtual.h"
#include "mig_write.h"

/* The details of one call, and what they are about. */
typedef struct Reader
{
    Mig *mig;
    MigBytes texts; /* of up, one after another */
    size_t at;      /* in it: how far they are taken */
    MigBytes layout;
    MigBytes label;
    MigBytes format;
    MigBytes name; /* of the only file, or absent */
    MigVirtual *files;
} Reader;

/* Fail for what migrate_bundle() has not written so. */
static void
fail_malformed(Mig *mig, const char *what)
{
    (void) mig_fail(mig->error, MIG_INVALID, "malformed call of a bundle: %s",
                    what);
    mig_fail_hint(mig->error, "Run the script as migrate_bundle() has written "
                              "it.");
}

/* Cut a value at its first ':', which must be there; returns what is before. */
static MigBytes
cut_field(Mig *mig, MigBytes *value)
{
    const char *colon =
        value->length == 0 ? NULL : memchr(value->data, ':', value->length);
    MigBytes field = *value;

    if (colon == NULL)
    {
        fail_malformed(mig, "a file's line is cut off");
        return field;
    }
    field.length = (size_t) (colon - value->data);
    *value = mig_part(*value, field.length + 1, value->length);
    return field;
}

/* Read the SHA-256 at the start of a value. */
static void
read_hash(Mig *mig, MigBytes *value, char hash[MIG_HASH_LENGTH + 1])
{
    MigBytes field = cut_field(mig, value);

    hash[0] = '\0';
    if (!mig_ok(mig))
        return;
    for (size_t i = 0; i < field.length; i++)
    {
        if (field.length != MIG_HASH_LENGTH || field.data[i] == '\0' ||
            strchr("0123456789abcdef", field.data[i]) == NULL)
        {
            fail_malformed(mig, "a hash is none");
            return;
        }
    }
    if (field.length != MIG_HASH_LENGTH)
    {
        fail_malformed(mig, "a hash is none");
        return;
    }
    memcpy(hash, field.data, MIG_HASH_LENGTH);
    hash[MIG_HASH_LENGTH] = '\0';
}

/* Fail unless a text is the one that was bundled. */
static void
check_text(Mig *mig, MigBytes text, const char *hash, MigBytes path)
{
    char computed[MIG_HASH_LENGTH + 1];

    if (!mig_ok(mig))
        return;
    mig_hash(mig->host, &text, 1, computed);
    if (strcmp(computed, hash) == 0)
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "the text of file \"%.*s\" is not the one that was bundled",
                    (int) mig_cut(path, 200).length, path.data);
    mig_fail_hint(mig->error, "The script was edited, or sent in another "
                              "encoding than UTF-8.");
}

static void
read_text_line(Reader *reader, MigBytes value)
{
    char hash[MIG_HASH_LENGTH + 1];
    MigBytes absent = {NULL, 0};

    read_hash(reader->mig, &value, hash);
    if (mig_ok(reader->mig))
        mig_virtual_add(reader->files, value, absent, hash);
}

static void
read_inline_line(Reader *reader, MigBytes value)
{
    Mig *mig = reader->mig;
    char hash[MIG_HASH_LENGTH + 1];
    MigBytes text;
    int64_t length = 0;

    read_hash(mig, &value, hash);
    if (!mig_ok(mig))
        return;
    if (!mig_parse_digits(cut_field(mig, &value), &length) ||
        (uint64_t) length > reader->texts.length - reader->at)
    {
        fail_malformed(mig, "a length is wrong");
        return;
    }
    text = mig_part(reader->texts, reader->at, reader->at + (size_t) length);
    reader->at += (size_t) length;
    check_text(mig, text, hash, value);
    if (mig_ok(mig))
        mig_virtual_add(reader->files, value, text, hash);
}

/* The keys of details, where a value goes, or what is done with it. */
static void
read_line(Reader *reader, MigBytes key, MigBytes value)
{
    const struct
    {
        const char *key;
        MigBytes *value;
        void (*read)(Reader *reader, MigBytes value);
    } keys[] = {
        {"bundle", &reader->layout, NULL}, {"source", &reader->label, NULL},
        {"format", &reader->format, NULL}, {"file", &reader->name, NULL},
        {"text", NULL, read_text_line},    {"inline", NULL, read_inline_line},
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
    {
        if (!mig_bytes_equal(key, mig_bytes(keys[i].key)))
            continue;
        if (keys[i].read != NULL)
            keys[i].read(reader, value);
        else if (keys[i].value->data != NULL)
            fail_malformed(reader->mig, "a line is there twice");
        else
            *keys[i].value = value;
        return;
    }
    fail_malformed(reader->mig, "its details hold something unknown");
}

/* Fail unless the layout is the one we know. */
static void
check_layout(Reader *reader)
{
    MigBytes layout = reader->layout;
    int64_t number;

    if (!mig_ok(reader->mig) ||
        mig_bytes_equal(layout, mig_bytes(MIG_BUNDLE_LAYOUT)))
        return;
    if (layout.data == NULL || !mig_parse_digits(layout, &number))
    {
        fail_malformed(reader->mig,
                       "its details do not begin with \"bundle:\"");
        return;
    }
    (void) mig_fail(reader->mig->error, MIG_UNSUPPORTED,
                    "the bundle was written by another version of migrate");
    mig_fail_hint(
        reader->mig->error,
        "Its layout is %lld; this version reads layout " MIG_BUNDLE_LAYOUT ".",
        (long long) number);
}

/* Read the details of a call, which name files. */
static void
read_details(Reader *reader, MigBytes details)
{
    Mig *mig = reader->mig;
    MigBytes line;
    size_t at = 0;

    while (mig_ok(mig) && mig_next_line(details, &at, &line))
    {
        const char *colon =
            line.length == 0 ? NULL : memchr(line.data, ':', line.length);
        size_t length = colon == NULL ? 0 : (size_t) (colon - line.data);

        if (colon == NULL)
            fail_malformed(mig, "a line of its details has no \":\"");
        else
            read_line(reader, mig_part(line, 0, length),
                      mig_part(line, length + 1, line.length));
        /* Before anything of a layout that is not ours is misread. */
        check_layout(reader);
    }
    check_layout(reader);
}

/* Put a text into the catalogue, unless it is there. */
static void
keep_text(Mig *mig, const char *hash, MigBytes text)
{
    MigValue arguments[] = {mig_string(hash), mig_blob(text)};
    MigMark mark;

    if (!mig_ok(mig) || mig_text_is_kept(mig, hash))
        return;
    mig_write_begin(mig, "migrate_add", &mark);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_TEXT_INSERT,
                                         arguments, 2, NULL, NULL, mig->error);
    mig_write_end(mig, &mark);
}

/* The call of one text. */
static void
add_text(Reader *reader)
{
    Mig *mig = reader->mig;
    const MigVirtualFile *file = reader->files->files;

    if (reader->files->count != 1 || file->text.data != NULL ||
        reader->label.data != NULL)
    {
        fail_malformed(mig, "it is about one text");
        return;
    }
    check_text(mig, reader->texts, file->hash, file->path);
    if (mig_ok(mig) && mig_utf8_check(reader->texts) < reader->texts.length)
        fail_malformed(mig, "the text is not valid UTF-8");
    keep_text(mig, file->hash, reader->texts);
}

/* The last call: load the files as a directory. */
static int64_t
load_files(Reader *reader)
{
    Mig *mig = reader->mig;
    MigBytes label = reader->label;
    int64_t count = 0;

    if (label.length == 0 || label.length > MIG_PROJECT_MAX ||
        mig_utf8_check(label) < label.length)
        fail_malformed(mig, "its source has no label");
    if (mig_ok(mig) && mig_format_find(reader->format) == NULL)
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "the bundle is of format \"%.*s\", which is not known "
                        "here",
                        (int) mig_cut(reader->format, 200).length,
                        reader->format.data);
        mig_fail_hint(mig->error, "Install the release of migrate that has "
                                  "written it.");
    }
    if (reader->at != reader->texts.length)
        fail_malformed(mig, "there is more text than its files have");
    if (mig_ok(mig))
        mig_virtual_sort(reader->files);
    if (!mig_ok(mig))
        return 0;
    reader->files->format = reader->format;
    mig_virtual_begin(reader->files, NULL);
    count = mig_load_files(mig, label, mig_virtual_path(mig, reader->name));
    mig_virtual_end(reader->files);
    /* An older release's changes nothing. */
    return count < 0 ? 0 : count;
}

int64_t
mig_bundle_add(Mig *mig, MigBytes version, MigBytes up, MigBytes details)
{
    bool is_last = mig_bytes_equal(version, mig_bytes(MIG_BUNDLE_LAST));
    Reader reader;

    memset(&reader, 0, sizeof(reader));
    reader.mig = mig;
    reader.files = mig_virtual_new(mig);
    if (reader.files == NULL)
        return 0;
    if (!is_last && !mig_bytes_equal(version, mig_bytes(MIG_BUNDLE_TEXT)))
        fail_malformed(mig, "its version is \"text\" or \"bundle\"");
    reader.texts = mig_escape_read(mig, up);
    details = mig_escape_read(mig, details);
    if (mig_ok(mig) && mig_utf8_check(details) < details.length)
        fail_malformed(mig, "its details are not valid UTF-8");
    if (mig_ok(mig))
        read_details(&reader, details);
    if (!mig_ok(mig))
        return 0;
    if (is_last)
        return load_files(&reader);
    add_text(&reader);
    return 0;
}
