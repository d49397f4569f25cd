#include "mig_source.h"

#include <stdlib.h>

#include "mig_listing.h"
#include "mig_version.h"

/* The folder of a path; empty at the top. */
static MigBytes
folder_of(MigBytes path)
{
    const char *slash =
        path.length == 0 ? NULL : memchr(path.data, '/', path.length);

    return mig_part(path, 0, slash == NULL ? 0 : (size_t) (slash - path.data));
}

/*
 * The migration that a file belongs to.  Files of one version stand together
 * in the order of names, so it is the newest one or a new one.
 */
static MigMigration *
find_or_add(Mig *mig, MigSource *source, MigBytes path, const MigFileName *name,
            MigBytes position)
{
    MigMigration *migration = NULL;
    MigMigration *migrations;
    unsigned role = 1U << name->role;

    if (source->count > 0)
        migration = &source->migrations[source->count - 1];
    if (migration != NULL && name->role != MIG_FILE_WHOLE &&
        (migration->roles & role) == 0 &&
        mig_bytes_equal(migration->version, name->version) &&
        mig_bytes_equal(folder_of(migration->file), folder_of(path)))
    {
        migration->roles |= role;
        return migration;
    }
    migrations =
        mig_array_reserve(mig->arena, source->migrations, source->count,
                          &source->capacity, sizeof(MigMigration), mig->error);
    if (migrations == NULL)
        return NULL;
    source->migrations = migrations;
    migration = &migrations[source->count++];
    memset(migration, 0, sizeof(*migration));
    migration->version = name->version;
    migration->name = name->name;
    migration->requires = mig_bytes("");
    migration->options = mig_bytes("");
    migration->repeatable = name->repeatable;
    migration->roles = role;
    migration->position = position;
    return migration;
}

/* Check a file's bytes, and find where its text begins. */
static void
examine(Mig *mig, MigFile *file)
{
    size_t bad = mig_utf8_check(file->text);
    long long line;

    file->start = mig_starts_with(file->text, "\xEF\xBB\xBF") ? 3 : 0;
    if (bad < file->text.length)
    {
        line = mig_count_lines(file->text, bad) + 1;
        if (file->text.data[bad] == '\0')
            (void) mig_fail(mig->error, MIG_INVALID,
                            "line %lld: a text must not hold a zero byte",
                            line);
        else
            (void) mig_fail(mig->error, MIG_INVALID,
                            "line %lld: byte 0x%02X is not valid UTF-8", line,
                            (unsigned char) file->text.data[bad]);
        mig_fail_hint(mig->error, "Save it as text, in UTF-8.");
    }
    mig_hash(mig->host, &file->text, 1, file->hash);
}

/*
 * Take a file's checksum into its migration's: that of the only file, or the
 * hash over those of all files in their order.
 */
static void
add_checksum(Mig *mig, MigMigration *migration, const MigFile *file)
{
    char hash[MIG_HASH_LENGTH + 1];
    MigBytes pieces[2];

    /* Without a mark or a CR the text is its own normal form. */
    if (file->start == 0 && file->text.length > 0 &&
        memchr(file->text.data, '\r', file->text.length) == NULL)
        memcpy(hash, file->hash, sizeof(hash));
    else
        mig_checksum(mig, file->text, hash);
    if (migration->checksum[0] == '\0')
    {
        memcpy(migration->checksum, hash, sizeof(hash));
        return;
    }
    pieces[0] = mig_bytes(migration->checksum);
    pieces[1] = mig_bytes(hash);
    mig_hash(mig->host, pieces, 2, hash);
    memcpy(migration->checksum, hash, sizeof(hash));
}

/* Forget pointers into a text that is about to be freed. */
static void
forget_texts(MigSection *section, const char *hash)
{
    for (size_t i = 0; i < section->count; i++)
    {
        if (strcmp(section->slices[i].hash, hash) == 0)
            section->slices[i].whole.data = NULL;
    }
}

/* Note in a migration's options that a text may mention variables. */
static void
note_variables(Mig *mig, MigMigration *migration, MigBytes text)
{
    MigText options = {mig->arena, mig->error, NULL, 0, 0};
    size_t at = 0;

    if (mig_option(migration->options, "variables").data != NULL)
        return;
    while (at < text.length)
    {
        const char *dollar = memchr(text.data + at, '$', text.length - at);

        if (dollar == NULL)
            return;
        at = (size_t) (dollar - text.data) + 1;
        if (at < text.length && text.data[at] == '{')
            break;
    }
    if (at >= text.length)
        return;
    mig_text_append(&options, migration->options);
    mig_text_append_string(&options, "variables:true\n");
    migration->options = mig_text_bytes(&options);
}

/* Divide a file, whose bytes are at hand, into its migration's sections. */
static void
divide(Mig *mig, MigSource *source, const MigListed *entry, MigFile *file)
{
    MigMigration *migration;

    (void) mig_version_check(entry->name.version, mig->error);
    if (!mig_ok(mig))
        return;
    migration =
        find_or_add(mig, source, file->path, &entry->name, entry->position);
    if (migration == NULL)
        return;
    migration->format = entry->format->name;
    if (migration->file.data == NULL || entry->name.role == MIG_FILE_UP)
    {
        migration->file = file->path;
        migration->name = entry->name.name;
    }
    add_checksum(mig, migration, file);
    entry->format->read(mig, file, &entry->name, migration);
    note_variables(mig, migration, file->text);
}

/*
 * Read one file.  Its bytes stay in memory, in the arena, only when the
 * catalogue lacks them.
 */
static void
read_entry(Mig *mig, MigSource *source, MigBytes directory,
           const MigListed *entry)
{
    MigFile file = {entry->path, {NULL, 0}, 0, ""};
    const char *path = mig_join_path(mig, directory, entry->path);
    MigBytes contents;
    bool known;

    if (path == NULL || mig->host->methods->read_file(
                            mig->host, path, &contents, mig->error) != MIG_OK)
        return;
    file.text = contents;
    examine(mig, &file);
    known = mig_ok(mig) && source->known != NULL &&
            source->known(source->known_context, entry->position, file.hash);
    if (!known)
        file.text = mig_copy(mig->arena, contents, mig->error);
    if (mig_ok(mig))
        divide(mig, source, entry, &file);
    if (known && source->count > 0)
    {
        MigMigration *newest = &source->migrations[source->count - 1];

        forget_texts(&newest->up, file.hash);
        forget_texts(&newest->down, file.hash);
        forget_texts(&newest->verify, file.hash);
    }
    (void) mig->host->methods->resize(mig->host, (void *) contents.data,
                                      contents.length + 1, 0);
    if (!mig_ok(mig) && mig->error->status != MIG_NOMEM)
    {
        mig_fail_prefix(mig->error, "\"%.*s\" ", (int) entry->path.length,
                        entry->path.data);
        mig_fail_detail(mig->error, "The file is %s.", path);
    }
}

static int
compare_migrations(const void *a, const void *b)
{
    return mig_position_compare(((const MigMigration *) a)->position,
                                ((const MigMigration *) b)->position);
}

/* Fail when two migrations have one version, or one has no way up. */
static void
check_versions(Mig *mig, const MigSource *source)
{
    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        const MigMigration *migration = &source->migrations[i];
        const MigMigration *next = migration + 1;

        if (migration->roles != 1U << MIG_FILE_WHOLE &&
            (migration->roles & 1U << MIG_FILE_UP) == 0)
            (void) mig_fail(mig->error, MIG_INVALID,
                            "\"%.*s\" line 1: version \"%.*s\" has no file "
                            "with its way up",
                            (int) migration->file.length, migration->file.data,
                            (int) migration->version.length,
                            migration->version.data);
        if (i + 1 < source->count && compare_migrations(migration, next) == 0)
            (void) mig_fail(mig->error, MIG_DUPLICATE,
                            "\"%.*s\" and \"%.*s\" line 1: both have version "
                            "\"%.*s\"",
                            (int) migration->file.length, migration->file.data,
                            (int) next->file.length, next->file.data,
                            (int) migration->version.length,
                            migration->version.data);
    }
}

/* The migration that a requirement names, or NULL. */
static MigMigration *
find_required(Mig *mig, const MigSource *source, MigBytes version)
{
    MigMigration wanted = {.position = mig_version_position(mig, version)};
    MigMigration *found;

    found = mig_ok(mig) ? bsearch(&wanted, source->migrations, source->count,
                                  sizeof(MigMigration), compare_migrations)
                        : NULL;
    return found != NULL && mig_version_equal(found->version, version) ? found
                                                                       : NULL;
}

/*
 * Follow requirements from one migration, depth first; those on the way are
 * marked 1, those that are known to lead to no circle 2.
 *
 * depth  guards the stack: a chain longer than any real one is refused
 */
static void
follow_requirements(Mig *mig, const MigSource *source, unsigned char *marks,
                    size_t at, unsigned depth)
{
    const MigMigration *migration = &source->migrations[at];
    MigBytes word;
    size_t offset = 0;

    marks[at] = 1;
    while (mig_ok(mig) &&
           mig_next_word(migration->requires, &offset, "\n", &word))
    {
        MigMigration *required = find_required(mig, source, word);
        size_t index;

        if (required == NULL)
            continue;
        index = (size_t) (required - source->migrations);
        if (marks[index] == 1 || depth > 10000)
        {
            (void) mig_fail(mig->error, MIG_INVALID,
                            "line %lld: requirements run in a circle: "
                            "\"%.*s\" requires \"%.*s\", which requires it "
                            "in turn",
                            (long long) migration->requires_line,
                            (int) migration->version.length,
                            migration->version.data, (int) word.length,
                            word.data);
            if (migration->file.length > 0)
                mig_fail_prefix(mig->error, "\"%.*s\" ",
                                (int) migration->file.length,
                                migration->file.data);
            return;
        }
        if (marks[index] == 0)
            follow_requirements(mig, source, marks, index, depth + 1);
    }
    marks[at] = 2;
}

/* Fail when requirements run in a circle. */
static void
check_requirements(Mig *mig, const MigSource *source)
{
    unsigned char *marks = mig_alloc(mig->arena, source->count, mig->error);

    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        if (marks[i] == 0 && source->migrations[i].requires.length > 0)
            follow_requirements(mig, source, marks, i, 0);
    }
}

/* Read the files of a directory. */
static void
read_directory(Mig *mig, MigBytes path, MigSource *source)
{
    MigListing listing;

    source->is_directory = true;
    mig_listing_read(mig, path, &listing);
    for (size_t i = 0; i < listing.count && mig_ok(mig); i++)
        read_entry(mig, source, path, &listing.files[i]);
}

/* Read a single file: the part of its path behind the last '/' names it. */
static void
read_single(Mig *mig, MigBytes path, MigSource *source)
{
    MigListing listing;

    mig_listing_read_file(mig, path, &listing);
    if (!mig_ok(mig))
        return;
    if (listing.count == 0)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" is no migration: its name must be "
                        "<version>_<name>.sql",
                        (int) path.length, path.data);
    else if (listing.files[0].name.role != MIG_FILE_WHOLE)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" is only one part of a migration",
                        (int) path.length, path.data);
        mig_fail_hint(mig->error, "Name the directory instead.");
    }
    else
        read_entry(mig, source, listing.directory, &listing.files[0]);
}

/* Fail for a path that is neither a file nor a directory. */
static void
fail_path(Mig *mig, MigBytes path, MigPathKind kind)
{
    switch (kind)
    {
        case MIG_PATH_FILE:
        case MIG_PATH_DIRECTORY:
            return;
        case MIG_PATH_MISSING:
            (void) mig_fail(mig->error, MIG_FILE, "\"%.*s\" does not exist",
                            (int) path.length, path.data);
            return;
        case MIG_PATH_DATABASE:
            (void) mig_fail(mig->error, MIG_INVALID,
                            "\"%.*s\" is the open database itself",
                            (int) path.length, path.data);
            return;
        case MIG_PATH_OTHER:
            (void) mig_fail(mig->error, MIG_INVALID,
                            "\"%.*s\" is neither a file nor a directory",
                            (int) path.length, path.data);
    }
}

void
mig_source_read(Mig *mig, MigBytes path, MigSource *source)
{
    const char *name = mig_copy(mig->arena, path, mig->error).data;
    MigPathKind kind;

    if (path.length == 0)
        (void) mig_fail(mig->error, MIG_INVALID, "source must not be empty");
    else if (memchr(path.data, '\0', path.length) != NULL)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "source must not hold a zero byte");
    if (!mig_ok(mig) || name == NULL ||
        mig->host->methods->path_kind(mig->host, name, &kind, mig->error) !=
            MIG_OK)
        return;
    fail_path(mig, path, kind);
    if (!mig_ok(mig))
        return;
    if (kind == MIG_PATH_DIRECTORY)
        read_directory(mig, path, source);
    else
        read_single(mig, path, source);
    if (mig_ok(mig) && source->count > 1)
        qsort(source->migrations, source->count, sizeof(MigMigration),
              compare_migrations);
    check_versions(mig, source);
    check_requirements(mig, source);
}

static bool
has_control_character(MigBytes text)
{
    for (size_t i = 0; i < text.length; i++)
    {
        if ((unsigned char) text.data[i] < ' ' || text.data[i] == 0x7F)
            return true;
    }
    return false;
}

void
mig_source_from_text(Mig *mig, MigBytes version, MigBytes up, MigBytes down,
                     MigBytes name, MigSource *source)
{
    MigFileName parts = {version, name.data == NULL ? mig_bytes("") : name,
                         MIG_FILE_WHOLE, false};
    MigFile file = {{"", 0}, up, 0, ""};
    MigMigration *migration;

    if (mig_version_check(version, mig->error) != MIG_OK)
        return;
    if (name.data != NULL && mig_utf8_check(name) < name.length)
    {
        (void) mig_fail(mig->error, MIG_INVALID, "a name must be valid UTF-8");
        return;
    }
    if (name.data != NULL && has_control_character(name))
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "a name must not hold a line break or another control "
                        "character");
        return;
    }
    if (mig_repeatable_name(version, &parts) && name.data != NULL)
        parts.name = name;
    migration =
        find_or_add(mig, source, mig_bytes(""), &parts,
                    parts.repeatable ? mig_repeatable_position(mig, version)
                                     : mig_version_position(mig, version));
    if (migration == NULL)
        return;
    migration->format = mig_format_native.name;
    examine(mig, &file);
    if (mig_ok(mig))
        mig_format_native.read(mig, &file, &parts, migration);
    note_variables(mig, migration, up);
    add_checksum(mig, migration, &file);
    if (mig_ok(mig) && down.data != NULL)
    {
        MigFile back = {{"", 0}, down, 0, ""};

        if (parts.repeatable)
            (void) mig_fail(mig->error, MIG_INVALID,
                            "a repeatable migration has no way back");
        if (migration->down.count > 0)
            (void) mig_fail(mig->error, MIG_INVALID,
                            "the way back is given twice: in the text, by "
                            "\"-- migrate:down\", and as an argument");
        examine(mig, &back);
        if (mig_ok(mig))
            mig_section_add(mig, &migration->down, &back, back.start,
                            back.text.length);
        note_variables(mig, migration, down);
        add_checksum(mig, migration, &back);
    }
    check_requirements(mig, source);
}
