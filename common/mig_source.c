#include "mig_source.h"

#include <stdlib.h>

#include "mig_detect.h"
#include "mig_guard.h"
#include "mig_requires.h"
#include "mig_variable.h"
#include "mig_version.h"

/* Append a migration that is still to be filled; NULL on failure. */
static MigMigration *
append(Mig *mig, MigSource *source, const MigFileName *name, MigBytes position)
{
    MigMigration *migrations =
        mig_array_reserve(mig->arena, source->migrations, source->count,
                          &source->capacity, sizeof(MigMigration), mig->error);
    MigMigration *migration;

    if (migrations == NULL)
        return NULL;
    source->migrations = migrations;
    migration = &migrations[source->count++];
    memset(migration, 0, sizeof(*migration));
    migration->version = name->version;
    migration->name = name->name;
    migration->requires =
        name->requires.data == NULL ? mig_bytes("") : name->requires;
    migration->options =
        name->options.data == NULL ? mig_bytes("") : name->options;
    migration->repeatable = name->repeatable;
    migration->unit = name->unit;
    migration->position = position;
    return migration;
}

/*
 * The migration that a file belongs to.  Files of one version stand together
 * in the listing, so it is the newest one or a new one.
 */
static MigMigration *
find_or_add(Mig *mig, MigSource *source, const MigFileName *name,
            MigBytes position)
{
    MigMigration *migration = NULL;
    unsigned role = 1U << name->role;

    if (source->count > 0)
        migration = &source->migrations[source->count - 1];
    if (migration == NULL || name->role == MIG_FILE_WHOLE ||
        (migration->roles & role) != 0 ||
        !mig_bytes_equal(migration->version, name->version) ||
        !mig_bytes_equal(migration->unit, name->unit))
        migration = append(mig, source, name, position);
    if (migration != NULL)
        migration->roles |= role;
    return migration;
}

MigMigration *
mig_source_add(Mig *mig, MigSource *source, const MigFileName *name,
               const MigFile *file, MigBytes position)
{
    MigMigration *migration;

    if (!mig_ok(mig) || mig_version_check(name->version, mig->error) != MIG_OK)
        return NULL;
    if (position.data == NULL)
        position = mig_sequence_position(mig, source->count, name->version);
    migration = append(mig, source, name, position);
    if (migration == NULL)
        return NULL;
    migration->sequence = true;
    migration->roles = 1U << MIG_FILE_WHOLE;
    migration->format = source->format->name;
    migration->file = file->path;
    return migration;
}

/* Check a file's bytes, and find where its text begins. */
static void
examine(Mig *mig, MigFile *file)
{
    file->start = mig_text_check(mig, file->text);
    mig_hash(mig->host, &file->text, 1, file->hash);
}

/* Take a file's checksum into its migration's. */
static void
add_checksum(Mig *mig, MigMigration *migration, const MigFile *file)
{
    /* Without a mark or a CR the text is its own normal form. */
    if (migration->checksum[0] == '\0' && file->start == 0 &&
        file->text.length > 0 &&
        memchr(file->text.data, '\r', file->text.length) == NULL)
        memcpy(migration->checksum, file->hash, sizeof(file->hash));
    else
        mig_migration_checksum(mig, migration, file->text);
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
note_variables(Mig *mig, const MigFormat *format, MigMigration *migration,
               MigBytes text)
{
    if (format->variables != NULL &&
        mig_variables_in(format->variables, text) &&
        mig_option(migration->options, "variables").data == NULL)
        mig_option_add(mig, migration, "variables",
                       mig_bytes(format->variables));
}

/* Note in a migration's options that a file of it says it destroys rows. */
static void
note_destructive(Mig *mig, MigMigration *migration, const MigFile *file)
{
    if (mig_option(migration->options, "destructive").data == NULL &&
        mig_guard_is_destructive(
            mig_part(file->text, file->start, file->text.length)))
        mig_option_add(mig, migration, "destructive", mig_bytes("yes"));
}

/*
 * The same for all migrations of one file.
 *
 * first  of the source, that this file may have added; where it added none, it
 *        belongs to one that a list of migrations has added
 */
static void
note_destructive_all(Mig *mig, MigSource *source, const MigFile *file,
                     size_t first)
{
    if (!mig_ok(mig) || !mig_guard_is_destructive(mig_part(
                            file->text, file->start, file->text.length)))
        return;
    for (size_t i = first == source->count ? 0 : first; i < source->count; i++)
    {
        if (mig_bytes_equal(source->migrations[i].file, file->path))
            note_destructive(mig, &source->migrations[i], file);
    }
}

void
mig_source_add_native(Mig *mig, MigSource *source, const MigFileName *name,
                      const MigFile *file)
{
    MigMigration *migration = mig_source_add(
        mig, source, name, file,
        name->repeatable ? mig_repeatable_position(mig, name->version)
                         : mig_version_position(mig, name->version));

    if (migration == NULL)
        return;
    migration->sequence = false;
    mig_migration_checksum(mig, migration, file->text);
    mig_format_native.read(mig, file, name, migration);
    note_variables(mig, &mig_format_native, migration, file->text);
}

/* Note what the format says of all its migrations. */
static void
note_order(Mig *mig, const MigFormat *format, MigMigration *migration)
{
    if (format->order == MIG_ORDER_FREE && !migration->repeatable)
        mig_option_add(mig, migration, "order", mig_bytes("free"));
}

/* Fail for a mark of another format, which would be passed over silently. */
static void
refuse_foreign_mark(Mig *mig, const MigFormat *format, const MigFile *file)
{
    MigBytes path =
        file->path.length > 0 ? file->path : mig_bytes("0_given.sql");
    int64_t line;
    const MigFormat *other =
        mig_detect_mark(path, file->text, file->start, &line);

    if (other == NULL || other == format ||
        (other == &mig_format_native && format->takes_native))
        return;
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "line %lld: a mark of %s, but this is read as %s",
                    (long long) line, other->name, format->name);
    mig_fail_hint(mig->error,
                  "Keep files of two formats apart; or say which it is with "
                  "migrate_config('format', '%s').",
                  other->name);
}

/* Divide a file that holds (a part of) one migration. */
static void
divide(Mig *mig, MigSource *source, const MigListed *entry, MigFile *file)
{
    const MigFormat *format = source->format;
    MigMigration *migration;

    (void) mig_version_check(entry->name.version, mig->error);
    if (!mig_ok(mig))
        return;
    migration = find_or_add(mig, source, &entry->name, entry->position);
    if (migration == NULL)
        return;
    migration->format = format->name;
    migration->sequence = entry->sequence;
    if (migration->file.data == NULL || entry->name.role == MIG_FILE_UP)
    {
        migration->file = file->path;
        migration->name = entry->name.name;
    }
    add_checksum(mig, migration, file);
    format->read(mig, file, &entry->name, migration);
    note_variables(mig, format, migration, file->text);
    note_destructive(mig, migration, file);
}

/* Have a file read that may hold several migrations. */
static void
read_all(Mig *mig, MigSource *source, const MigListed *entry, MigFile *file)
{
    size_t first = source->count;

    source->format->read_all(mig, file, &entry->name, source);
    note_destructive_all(mig, source, file, first);
}

/*
 * The bytes of a file of the listing.
 *
 * known  whether the catalogue has them: then they are not kept
 * lent   out: what is to be given back to the host, or absent
 */
static void
fetch_file(Mig *mig, const MigSource *source, const MigListed *entry,
           MigFile *file, MigBytes *lent)
{
    const MigListing *listing = source->listing;
    const char *path = mig_join_path(mig, listing->directory, entry->path);

    memset(lent, 0, sizeof(*lent));
    file->text = entry->text;
    if (entry->text.data == NULL && path != NULL &&
        mig->host->methods->read_file(mig->host, path, lent, mig->error) ==
            MIG_OK)
        file->text = *lent;
    if (mig_ok(mig))
        examine(mig, file);
    if (mig_ok(mig) && !listing->certain)
        refuse_foreign_mark(mig, source->format, file);
}

/*
 * Read one file.  Its bytes stay in memory, in the arena, only when the
 * catalogue lacks them, or when versions and names may lie in them.
 */
static void
read_entry(Mig *mig, MigSource *source, const MigListed *entry)
{
    MigFile file = {entry->path, {NULL, 0}, 0, ""};
    MigBytes lent;
    bool known;

    fetch_file(mig, source, entry, &file, &lent);
    known = mig_ok(mig) && source->known != NULL &&
            source->format->read_all == NULL && entry->position.length > 0 &&
            source->known(source->known_context, entry->position, file.hash);
    if (!known && lent.data != NULL && mig_ok(mig))
        file.text = mig_copy(mig->arena, lent, mig->error);
    if (mig_ok(mig) && source->format->read_all != NULL)
        read_all(mig, source, entry, &file);
    else if (mig_ok(mig))
        divide(mig, source, entry, &file);
    if (known && source->count > 0)
    {
        MigMigration *newest = &source->migrations[source->count - 1];

        forget_texts(&newest->up, file.hash);
        forget_texts(&newest->down, file.hash);
        forget_texts(&newest->verify, file.hash);
    }
    if (lent.data != NULL)
        (void) mig->host->methods->resize(mig->host, (void *) lent.data,
                                          lent.length + 1, 0);
    mig_fail_file(mig, source->listing, entry->path);
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

/* Where files are only looked at, what is wrong with one is said of it. */
static void
note_failure(Mig *mig, const MigSource *source, MigListed *entry)
{
    char message[sizeof(mig->error->message)];

    if (mig_ok(mig) || !source->look || mig->error->status == MIG_NOMEM)
        return;
    memcpy(message, mig->error->message, sizeof(message));
    mig_error_clear(mig->error);
    entry->name.note =
        mig_copy(mig->arena, mig_bytes(message), mig->error).data;
}

/* Read the files of a listing. */
static void
read_listing(Mig *mig, MigSource *source)
{
    MigListing *listing = source->listing;

    if (!source->look)
        mig_listing_check(mig, listing);
    source->format = listing->format;
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        if (mig_listed_is_read(&listing->files[i]))
            read_entry(mig, source, &listing->files[i]);
        note_failure(mig, source, &listing->files[i]);
    }
    if (!mig_ok(mig) || source->format == NULL)
        return;
    if (source->format->finish != NULL)
        source->format->finish(mig, source);
    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
        note_order(mig, source->format, &source->migrations[i]);
}

/* Fail for a single file that is no migration, or only a part of one. */
static void
require_whole(Mig *mig, MigBytes path, const MigListing *listing)
{
    const MigListed *entry = &listing->files[0];

    if (!mig_ok(mig))
        return;
    if (listing->format == NULL || entry->name.role == MIG_FILE_NONE ||
        entry->name.role == MIG_FILE_CONTROL)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" is no migration: its name must be "
                        "<version>_<name>.sql",
                        (int) path.length, path.data);
    else if (entry->name.role != MIG_FILE_WHOLE &&
             entry->name.role != MIG_FILE_FOREIGN)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" is only one part of a migration",
                        (int) path.length, path.data);
        mig_fail_hint(mig->error, "Name the directory instead.");
    }
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
    source->listing = mig_alloc(mig->arena, sizeof(MigListing), mig->error);
    if (source->listing == NULL)
        return;
    source->is_directory = kind == MIG_PATH_DIRECTORY;
    if (source->is_directory)
        mig_listing_read(mig, path, source->listing);
    else
    {
        mig_listing_read_file(mig, path, source->listing);
        if (!source->look)
            require_whole(mig, path, source->listing);
    }
    if (mig_ok(mig))
        read_listing(mig, source);
    if (mig_ok(mig) && source->count > 1)
        qsort(source->migrations, source->count, sizeof(MigMigration),
              compare_migrations);
    if (source->look)
        return;
    check_versions(mig, source);
    mig_requires_check(mig, source);
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
    MigFileName parts = {.version = version,
                         .name = name.data == NULL ? mig_bytes("") : name};
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
        find_or_add(mig, source, &parts,
                    parts.repeatable ? mig_repeatable_position(mig, version)
                                     : mig_version_position(mig, version));
    if (migration == NULL)
        return;
    migration->format = mig_format_native.name;
    examine(mig, &file);
    if (mig_ok(mig))
        refuse_foreign_mark(mig, &mig_format_native, &file);
    if (mig_ok(mig))
        mig_format_native.read(mig, &file, &parts, migration);
    note_variables(mig, &mig_format_native, migration, up);
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
        note_variables(mig, &mig_format_native, migration, down);
        add_checksum(mig, migration, &back);
    }
    mig_requires_check(mig, source);
}

void
mig_source_from_files(Mig *mig, MigBytes format, const MigFile *files,
                      size_t count, MigSource *source)
{
    source->format = mig_format_find(format);
    for (size_t i = 0; i < count && mig_ok(mig); i++)
    {
        MigFile file = files[i];
        MigListed entry;

        memset(&entry, 0, sizeof(entry));
        entry.path = file.path;
        if (source->format == NULL ||
            !source->format->match(file.path, &entry.name))
        {
            (void) mig_fail(mig->error, MIG_INVALID,
                            "\"%.*s\" is no file of format %.*s",
                            (int) file.path.length, file.path.data,
                            (int) format.length, format.data);
            return;
        }
        if (source->format->identify != NULL)
            source->format->identify(mig, &entry.name, &entry.position);
        examine(mig, &file);
        if (mig_ok(mig) && source->format->read_all != NULL)
            read_all(mig, source, &entry, &file);
        else if (mig_ok(mig))
            divide(mig, source, &entry, &file);
    }
}
