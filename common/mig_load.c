#include <stdio.h>

#include "mig_load_parts.h"
#include "mig_setting.h"
#include "mig_write.h"

#define TEXT_SOURCE "migrate_add" /* label of what came as text */

/* Read what the catalogue has of the project, or of its one migration. */
static void
read_known(Load *load)
{
    mig_known_read(load->mig, load->only, &load->known);
    mig_load_read_texts(load);
}

/* Whether one line of a column of slices starts with a hash. */
static bool
mentions_hash(MigBytes column, const char *hash)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(column, &at, &line))
    {
        if (mig_starts_with(line, hash))
            return true;
    }
    return false;
}

/* A MigKnownText: whether the catalogue has a text, and its migration there
 * uses it. */
static bool
is_known_text(void *context, MigBytes position, const char *hash)
{
    Load *load = context;
    const MigKnownOne *known = mig_known_at(&load->known, position);

    return known != NULL && mig_load_has_text(load, hash) &&
           (mentions_hash(known->columns[MIG_KNOWN_UP], hash) ||
            mentions_hash(known->columns[MIG_KNOWN_DOWN], hash));
}

/* The columns that a migration of the source would have in the catalogue. */
static void
write_columns(Load *load, const MigMigration *migration, MigBytes *columns)
{
    Mig *mig = load->mig;

    columns[MIG_KNOWN_NAME] = migration->name;
    columns[MIG_KNOWN_FORMAT] = mig_bytes(migration->format);
    columns[MIG_KNOWN_SOURCE] = load->label;
    columns[MIG_KNOWN_FILE] = migration->file;
    columns[MIG_KNOWN_CHECKSUM] = mig_bytes(migration->checksum);
    columns[MIG_KNOWN_REQUIRES] = migration->requires;
    columns[MIG_KNOWN_OPTIONS] = migration->options;
    columns[MIG_KNOWN_UP] =
        mig_slices_write(mig, migration->up.slices, migration->up.count);
    if (columns[MIG_KNOWN_UP].data == NULL)
        columns[MIG_KNOWN_UP] = mig_bytes("");
    columns[MIG_KNOWN_DOWN] =
        mig_slices_write(mig, migration->down.slices, migration->down.count);
    columns[MIG_KNOWN_VERIFY] = mig_slices_write(mig, migration->verify.slices,
                                                 migration->verify.count);
}

bool
mig_load_same_content(const MigKnownOne *known, const MigMigration *migration)
{
    return mig_bytes_equal(known->columns[MIG_KNOWN_CHECKSUM],
                           mig_bytes(migration->checksum)) &&
           mig_bytes_equal(known->columns[MIG_KNOWN_REQUIRES],
                           migration->requires) &&
           mig_bytes_equal(known->columns[MIG_KNOWN_OPTIONS],
                           migration->options);
}

/*
 * Whether the caller, who has brought the same text, is to stand for it from
 * now on: he trusts himself, but not whoever brought it before.
 */
static bool
takes_over(const Load *load, const MigKnownOne *known)
{
    const MigHostMethods *methods = load->mig->host->methods;
    char author[MIG_AUTHOR_SIZE];
    MigBytes whom;

    if (methods->trusts == NULL ||
        methods->trusts(load->mig->host, known->author, &whom))
        return false;
    mig_author(load->mig, author);
    return methods->trusts(load->mig->host, mig_bytes(author), &whom);
}

/*
 * Whether the catalogue need not be touched for a migration.  Line ends do not
 * count: two checkouts of one release must not take turns in replacing each
 * other's text.
 */
static bool
same_migration(Load *load, const MigKnownOne *known,
               const MigMigration *migration)
{
    return known->present && mig_load_same_content(known, migration) &&
           !takes_over(load, known) &&
           mig_bytes_equal(known->position, migration->position) &&
           mig_bytes_equal(known->columns[MIG_KNOWN_NAME], migration->name) &&
           mig_bytes_equal(known->columns[MIG_KNOWN_FILE], migration->file) &&
           mig_bytes_equal(known->columns[MIG_KNOWN_SOURCE], load->label) &&
           mig_load_is_sound(load, known);
}

/* Fail when a version with another text belongs to another source. */
static void
require_own(const Load *load, const MigKnownOne *known,
            const MigMigration *migration)
{
    if (mig_bytes_equal(known->columns[MIG_KNOWN_SOURCE], load->label) ||
        mig_load_same_content(known, migration) || !known->present)
        return;
    (void) mig_fail(load->mig->error, MIG_DUPLICATE,
                    "version \"%.*s\" belongs to source \"%.*s\" already, "
                    "with another text",
                    (int) known->version.length, known->version.data,
                    (int) known->columns[MIG_KNOWN_SOURCE].length,
                    known->columns[MIG_KNOWN_SOURCE].data);
    mig_fail_hint(load->mig->error,
                  "Give it another version, or keep the sets apart with "
                  "migrate_config('project', ...).");
}

/* Fail when two migrations of the source are one of the catalogue: the first
 * by its version, the second by its position.  One would be lost. */
static void
require_only(const Load *load, const MigKnownOne *known,
             const MigMigration *migration)
{
    if (!known->met)
        return;
    (void) mig_fail(load->mig->error, MIG_DUPLICATE,
                    "\"%.*s\" and another file are both version \"%.*s\" that "
                    "is loaded already",
                    (int) migration->file.length, migration->file.data,
                    (int) known->version.length, known->version.data);
    mig_fail_detail(load->mig->error, "It was loaded from \"%.*s\".",
                    (int) known->columns[MIG_KNOWN_FILE].length,
                    known->columns[MIG_KNOWN_FILE].data);
    mig_fail_hint(load->mig->error, "Give the newer one a version of its own.");
}

bool
mig_load_has_vanished(const Load *load, const MigKnownOne *known)
{
    return load->source.is_directory && !load->adds_only && !known->met &&
           known->present &&
           mig_bytes_equal(known->columns[MIG_KNOWN_SOURCE], load->label);
}

/* Count what a load would change; nothing is written. */
static void
compare(Load *load)
{
    Mig *mig = load->mig;

    load->added = load->changed = load->returned = load->vanished = 0;
    for (size_t i = 0; i < load->source.count && mig_ok(mig); i++)
    {
        const MigMigration *migration = &load->source.migrations[i];
        MigKnownOne *known = mig_known_find(mig, &load->known, migration);

        if (known == NULL)
        {
            load->added++;
            continue;
        }
        require_only(load, known, migration);
        known->met = true;
        require_own(load, known, migration);
        if (!mig_load_same_content(known, migration))
            load->changed++;
        else if (!same_migration(load, known, migration))
            load->returned++;
    }
    for (size_t i = 0; i < load->known.count; i++)
    {
        if (mig_load_has_vanished(load, &load->known.items[i]))
            load->vanished++;
    }
    if (load->added > 0 && load->vanished > 0)
        mig_load_require_versions(load);
}

/*
 * Whether a text is one of the last that were written, of which it becomes the
 * newest.  A file of many migrations is named by each of them.
 */
static bool
was_written(Load *load, const char *hash)
{
    size_t size = sizeof(load->written[0]);
    size_t at = 0;
    bool found;

    while (at < LOAD_WRITTEN && strcmp(load->written[at], hash) != 0)
        at++;
    found = at < LOAD_WRITTEN;
    /* Those before it, or all but the oldest, move back by one. */
    memmove(load->written[1], load->written[0],
            (found ? at : LOAD_WRITTEN - 1) * size);
    memcpy(load->written[0], hash, size);
    return found;
}

/* Write the texts of a section that the catalogue lacks. */
static void
write_texts(Load *load, const MigSection *section)
{
    Mig *mig = load->mig;

    for (size_t i = 0; i < section->count && mig_ok(mig); i++)
    {
        const MigSlice *slice = &section->slices[i];
        MigValue arguments[2];

        if (slice->whole.data == NULL || was_written(load, slice->hash))
            continue;
        arguments[0] = mig_string(slice->hash);
        arguments[1] = mig_blob(slice->whole);
        (void) mig->host->methods->query(mig->host, MIG_SQL_TEXT_INSERT,
                                         arguments, 2, NULL, NULL, mig->error);
    }
}

/* Write one migration and its texts. */
static void
write_migration(Load *load, MigMigration *migration, const char *author)
{
    Mig *mig = load->mig;
    MigBytes columns[10];
    MigValue arguments[15];

    write_texts(load, &migration->up);
    write_texts(load, &migration->down);
    write_texts(load, &migration->verify);
    write_columns(load, migration, columns);
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(migration->version);
    arguments[2] = mig_text_value(migration->position);
    for (size_t i = 0; i < 10; i++)
        arguments[i + 3] = mig_text_value(columns[i]);
    arguments[13] = mig_integer(mig->host->methods->now(mig->host));
    arguments[14] = mig_string(author);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_MIGRATION_UPSERT,
                                         arguments, 15, NULL, NULL, mig->error);
}

/* Move what is applied of a migration to its new place, too. */
static void
write_move(Mig *mig, const MigMigration *migration)
{
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(migration->version),
                            mig_text_value(migration->position)};

    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_APPLIED_MOVE,
                                         arguments, 3, NULL, NULL, mig->error);
}

/* Mark a migration as absent from its source, and say so in the history. */
static void
write_absent(Mig *mig, const MigKnownOne *known)
{
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(known->version), mig_integer(0)};
    MigEvent event = {"absent",
                      known->version,
                      known->columns[MIG_KNOWN_NAME],
                      MIG_OUTCOME_OK,
                      -1,
                      NULL,
                      NULL,
                      true};

    (void) mig->host->methods->query(mig->host, MIG_SQL_MIGRATION_PRESENT,
                                     arguments, 3, NULL, NULL, mig->error);
    event.detail = "not in its directory any more; kept";
    (void) mig_event_add(mig, &event);
}

/* Write all that compare() found. */
static void
write_changes(Load *load)
{
    Mig *mig = load->mig;
    char author[MIG_AUTHOR_SIZE];

    mig_author(mig, author);
    for (size_t i = 0; i < load->source.count && mig_ok(mig); i++)
    {
        MigMigration *migration = &load->source.migrations[i];
        const MigKnownOne *known = mig_known_find(mig, &load->known, migration);

        if (known != NULL)
            migration->version = known->version;
        if (known == NULL || !same_migration(load, known, migration))
            write_migration(load, migration, author);
        if (known != NULL &&
            !mig_bytes_equal(known->position, migration->position))
            write_move(mig, migration);
    }
    for (size_t i = 0; i < load->known.count && mig_ok(mig); i++)
    {
        const MigKnownOne *known = &load->known.items[i];

        if (mig_load_has_vanished(load, known))
            write_absent(mig, known);
    }
}

/* The history's row of a load. */
static void
write_event(Load *load)
{
    const MigMigration *first = &load->source.migrations[0];
    MigEvent event = {"load", {NULL, 0}, load->label, MIG_OUTCOME_OK,
                      -1,     NULL,      NULL,        true};
    char detail[200];

    (void) snprintf(detail, sizeof(detail),
                    "%lld new, %lld changed, %lld moved or back, %lld absent",
                    (long long) load->added, (long long) load->changed,
                    (long long) load->returned, (long long) load->vanished);
    event.detail = detail;
    if (!load->source.is_directory && load->source.count == 1)
    {
        event.action = mig_bytes_equal(load->label, mig_bytes(TEXT_SOURCE))
                           ? "add"
                           : "load";
        event.version = first->version;
        event.name = first->name;
        event.checksum = first->checksum;
    }
    (void) mig_event_add(load->mig, &event);
}

static bool
has_changes(const Load *load)
{
    return load->added + load->changed + load->returned + load->vanished > 0;
}

/* Compare under the lock, since others may have loaded meanwhile, and write. */
static int64_t
bring_in(Load *load, const char *function)
{
    Mig *mig = load->mig;
    bool older = false;
    MigMark mark;

    compare(load);
    if (!mig_ok(mig) || !has_changes(load))
        return 0;
    mig_write_begin(mig, function, &mark);
    mig_chain_read(mig);
    if (mig_ok(mig) && mig_catalogue_number(mig) != load->known.seq)
    {
        read_known(load);
        if (mig_ok(mig))
            older = mig_load_is_older(load);
        compare(load);
    }
    if (mig_ok(mig) && !older && has_changes(load))
    {
        write_changes(load);
        write_event(load);
    }
    mig_write_end(mig, &mark);
    return older ? -1 : load->added + load->changed;
}

/* Read a directory or a file, and bring it in. */
static int64_t
load_source(Load *load, const char *function, MigBytes path)
{
    Mig *mig = load->mig;

    load->source.known = is_known_text;
    load->source.known_context = load;
    read_known(load);
    if (mig_ok(mig))
        mig_source_read(mig, path, &load->source);
    if (!mig_ok(mig))
        return 0;
    if (mig_load_is_older(load))
        return -1;
    return bring_in(load, function);
}

/* Load a directory or a file for an SQL function. */
static int64_t
load_path(Mig *mig, const char *function, bool on_purpose, MigBytes path)
{
    Load load;

    /* Before the first look at a path: a hostile CHECK may be calling. */
    mig_require_alone(mig, function);
    memset(&load, 0, sizeof(load));
    load.mig = mig;
    load.label = mig_setting(mig, "source", NULL);
    load.on_purpose = on_purpose;
    /* An application that starts need not look for damage each time. */
    load.mends = on_purpose;
    return load_source(&load, function, path);
}

int64_t
mig_load_files(Mig *mig, MigBytes label, MigBytes path)
{
    Load load;

    memset(&load, 0, sizeof(load));
    load.mig = mig;
    load.label = label;
    load.on_purpose = true;
    load.mends = true;
    load.adds_only = true;
    return load_source(&load, "migrate_add", path);
}

int64_t
mig_load(Mig *mig, MigBytes path)
{
    return load_path(mig, "migrate_load", true, path);
}

int64_t
mig_load_at_start(Mig *mig, MigBytes path)
{
    return load_path(mig, "migrate_up", false, path);
}

int64_t
mig_load_text(Mig *mig, MigBytes version, MigBytes up, MigBytes down,
              MigBytes name)
{
    Load load;

    memset(&load, 0, sizeof(load));
    load.mig = mig;
    load.label = mig_bytes(TEXT_SOURCE);
    load.mends = true;
    if (mig_ok(mig))
        mig_source_from_text(mig, version, up, down, name, &load.source);
    /* However many there are, one is looked at: whole releases are added so. */
    if (mig_ok(mig))
        load.only = load.source.migrations[0].position;
    read_known(&load);
    /* Whoever adds something is no older release. */
    mig->host->session->older_release = false;
    return mig_ok(mig) ? bring_in(&load, "migrate_add") : 0;
}

/*
 * Begin to load a set.  What came by migrate_add() was never a directory's;
 * all else is looked at as one, since nobody knows any more.
 */
static void
begin_set(Load *load, Mig *mig, const MigSet *set)
{
    size_t size = set->count * sizeof(MigMigration);

    memset(load, 0, sizeof(*load));
    load->mig = mig;
    load->label = set->label;
    load->set = set;
    load->source.is_directory =
        !mig_bytes_equal(set->label, mig_bytes(TEXT_SOURCE));
    /* A copy: versions are put in as the catalogue writes them. */
    load->source.migrations = mig_alloc(mig->arena, size, mig->error);
    if (load->source.migrations == NULL)
        return;
    if (set->count > 0)
        memcpy(load->source.migrations, set->migrations, size);
    load->source.count = set->count;
    read_known(load);
}

int64_t
mig_load_set(Mig *mig, const char *function, const MigSet *set)
{
    Load load;

    begin_set(&load, mig, set);
    if (!mig_ok(mig) || set->count == 0)
        return 0;
    return mig_load_is_older(&load) ? -1 : bring_in(&load, function);
}

MigSetState
mig_load_compare(Mig *mig, const MigSet *set)
{
    Load load;

    begin_set(&load, mig, set);
    if (!mig_ok(mig) || set->count == 0)
        return MIG_SET_THERE;
    if (mig_load_find_newer(&load) != NULL)
        return MIG_SET_OLDER;
    compare(&load);
    /* A conflict is for the one who loads. */
    if (mig->error->status == MIG_DUPLICATE)
    {
        mig_error_clear(mig->error);
        return MIG_SET_DIFFERS;
    }
    return has_changes(&load) ? MIG_SET_DIFFERS : MIG_SET_THERE;
}
