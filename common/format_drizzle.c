#include "mig_json.h"
#include "mig_listing.h"
#include "mig_source.h"
#include "mig_version.h"

/*
 * Drizzle, in both layouts that drizzle-kit has made:
 *
 *     <tag>.sql, in the order in which meta/_journal.json names them
 *     <time>_<name>/migration.sql beside snapshot.json, in the order of names
 *
 * A line "--> statement-breakpoint" ends a statement, which then need not have
 * a ';' (drizzle-orm/src/migrator.ts of 0.45 and of 1.0).  The option "when" is
 * the time in milliseconds by which Drizzle's table knows a migration.
 */

#define JOURNAL "meta/_journal.json"
#define SCRIPT "/migration.sql"
#define BREAKPOINT "--> statement-breakpoint"
#define TIME_DIGITS 14 /* YYYYMMDDHHMMSS */

/* ---- Names ---- */

static bool
drizzle_match(MigBytes path, MigFileName *name)
{
    MigBytes stem = path;

    if (mig_bytes_equal(path, mig_bytes(JOURNAL)))
    {
        name->role = MIG_FILE_CONTROL;
        return true;
    }
    if (mig_ends_with(path, SCRIPT))
        stem.length -= strlen(SCRIPT);
    else if (mig_ends_with(path, ".sql"))
        stem.length -= strlen(".sql");
    else if (mig_ends_with(path, "snapshot.json"))
    {
        name->role = MIG_FILE_NONE;
        name->note = "a snapshot of the schema";
        return true;
    }
    else
        return false;
    if (stem.length == 0 || memchr(stem.data, '/', stem.length) != NULL)
        return false;
    name->role = MIG_FILE_WHOLE;
    name->unit = stem;
    name->version = stem;
    name->name = mig_bytes("");
    (void) mig_split_name(stem, name);
    return true;
}

static bool
drizzle_is_sign(MigBytes path)
{
    MigBytes base = mig_base_name(path);
    MigBytes folder = mig_part(path, 0, path.length - base.length);

    if (mig_bytes_equal(path, mig_bytes(JOURNAL)))
        return true;
    return mig_bytes_equal(base, mig_bytes("snapshot.json")) &&
           folder.length > TIME_DIGITS && folder.data[0] >= '0' &&
           folder.data[0] <= '9' &&
           memchr(folder.data, '/', folder.length) ==
               folder.data + folder.length - 1;
}

static void
drizzle_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_string(&text, MIG_POSITION_VERSION);
    mig_text_append(&text, name->unit);
    *position = mig_text_bytes(&text);
}

/* ---- The journal ---- */

/* One of its entries. */
typedef struct Entry
{
    MigBytes tag;
    MigBytes when; /* as written; absent: not given */
    size_t at;     /* in the journal's text, behind its tag */
} Entry;

typedef struct Journal
{
    Mig *mig;
    MigJson json;
    MigBytes dialect; /* absent: not given, or not yet met */
    void (*entry)(struct Journal *journal, const Entry *entry);
    MigListing *listing;
    MigSource *source;
    size_t place;   /* of the entry, from 0 */
    int64_t newest; /* time of the entries before it */
    size_t late;    /* how many entries are older than one before them */
    MigBytes first_late;
} Journal;

/* Fail at an offset of the journal. */
static void
fail_at(Journal *journal, size_t at, const char *problem, MigBytes what)
{
    (void) mig_fail(journal->mig->error, MIG_INVALID, "line %lld: \"%.*s\" %s",
                    (long long) mig_count_lines(journal->json.text, at) + 1,
                    (int) mig_cut(what, 200).length, what.data, problem);
}

/* Read the rest of an object that is an entry. */
static void
read_entry(Journal *journal)
{
    Entry entry = {{NULL, 0}, {NULL, 0}, 0};
    MigBytes key;
    MigBytes value;

    while (mig_json_next(journal->mig, &journal->json, &key) == MIG_JSON_KEY)
    {
        bool is_tag = mig_bytes_equal(key, mig_bytes("tag"));
        MigJsonKind kind;

        if (!is_tag && !mig_bytes_equal(key, mig_bytes("when")))
        {
            mig_json_skip(journal->mig, &journal->json);
            continue;
        }
        kind = mig_json_next(journal->mig, &journal->json, &value);
        if (kind != (is_tag ? MIG_JSON_STRING : MIG_JSON_NUMBER))
            fail_at(journal, journal->json.at,
                    is_tag ? "is no text" : "is no number", key);
        else if (is_tag)
        {
            entry.tag = value;
            entry.at = journal->json.at;
        }
        else
            entry.when = value;
    }
    if (mig_ok(journal->mig) && entry.tag.data == NULL)
        fail_at(journal, journal->json.at, "is missing in an entry",
                mig_bytes("tag"));
    if (mig_ok(journal->mig))
        journal->entry(journal, &entry);
    journal->place++;
}

/* Read the array of entries. */
static void
read_entries(Journal *journal)
{
    MigBytes value;
    MigJsonKind kind = mig_json_next(journal->mig, &journal->json, &value);

    if (kind != MIG_JSON_ARRAY)
    {
        fail_at(journal, journal->json.at, "is no array", mig_bytes("entries"));
        return;
    }
    for (;;)
    {
        kind = mig_json_next(journal->mig, &journal->json, &value);
        if (kind == MIG_JSON_ARRAY_END || !mig_ok(journal->mig))
            return;
        if (kind == MIG_JSON_OBJECT)
            read_entry(journal);
        else
            fail_at(journal, journal->json.at, "holds what is no entry",
                    mig_bytes("entries"));
    }
}

/* Read the whole of a journal, handing each entry to journal->entry(). */
static void
read_journal(Journal *journal, MigBytes text)
{
    Mig *mig = journal->mig;
    MigBytes key;
    MigBytes value;

    journal->json.text = text;
    if (mig_json_next(mig, &journal->json, &value) != MIG_JSON_OBJECT &&
        mig_ok(mig))
        fail_at(journal, journal->json.at, "is no journal of Drizzle's",
                mig_bytes(JOURNAL));
    while (mig_json_next(mig, &journal->json, &key) == MIG_JSON_KEY)
    {
        if (mig_bytes_equal(key, mig_bytes("entries")))
            read_entries(journal);
        else if (!mig_bytes_equal(key, mig_bytes("dialect")))
            mig_json_skip(mig, &journal->json);
        else if (mig_json_next(mig, &journal->json, &value) == MIG_JSON_STRING)
            journal->dialect = value;
    }
    (void) mig_json_next(mig, &journal->json, &value);
    mig_fail_file(mig, journal->listing, mig_bytes(JOURNAL));
}

/* Fail when the journal says that its files are for another database. */
static void
require_dialect(const Journal *journal)
{
    static const struct
    {
        const char *dialect;
        const char *engine;
    } dialects[] = {{"postgresql", "postgresql"},
                    {"pg", "postgresql"},
                    {"sqlite", "sqlite"},
                    {"turso", "sqlite"}};
    const char *engine = journal->mig->host->methods->engine;

    if (journal->dialect.data == NULL || !mig_ok(journal->mig))
        return;
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
    {
        if (strcmp(dialects[i].engine, engine) == 0 &&
            mig_bytes_equal(journal->dialect, mig_bytes(dialects[i].dialect)))
            return;
    }
    (void) mig_fail(journal->mig->error, MIG_UNSUPPORTED,
                    "\"" JOURNAL "\" says that these migrations are for "
                    "%.*s, not for %s",
                    (int) mig_cut(journal->dialect, 100).length,
                    journal->dialect.data, engine);
    mig_fail_hint(journal->mig->error,
                  "Load them into a database of that kind; or, when their SQL "
                  "is for this one, correct \"dialect\" there.");
}

/* ---- Order ---- */

/* Note when an entry is older than one before it. */
static void
note_time(Journal *journal, const Entry *entry)
{
    int64_t when;

    if (!mig_parse_digits(entry->when, &when))
        return;
    if (when > journal->newest)
        journal->newest = when;
    else if (journal->late++ == 0)
        journal->first_late = entry->tag;
}

/* Put the file of an entry at its place. */
static void
place_file(Journal *journal, const Entry *entry)
{
    Mig *mig = journal->mig;
    const char *path =
        mig_format_string(mig->arena, mig->error, "%.*s.sql",
                          (int) entry->tag.length, entry->tag.data);
    MigListed *file = path == NULL
                          ? NULL
                          : mig_listing_find(journal->listing, mig_bytes(path));

    if (!mig_ok(mig))
        return;
    if (file == NULL || file->name.role != MIG_FILE_WHOLE)
    {
        fail_at(journal, entry->at, "is named, but has no .sql file",
                entry->tag);
        mig_fail_hint(mig->error, "Restore the file; or take the entry out, "
                                  "when the migration was given up.");
        return;
    }
    if (file->sequence)
    {
        fail_at(journal, entry->at, "is named a second time", entry->tag);
        mig_fail_hint(mig->error, "Take one of the two entries out.");
        return;
    }
    file->sequence = true;
    file->position =
        mig_sequence_position(mig, journal->place, file->name.version);
    note_time(journal, entry);
}

/* Give a file the whole of its name as version. */
static void
take_whole_name(Mig *mig, MigListed *entry)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    size_t length = entry->name.version.length;

    /* The position of a place in the journal ends with the version. */
    if (entry->sequence)
    {
        mig_text_append(&text, mig_part(entry->position, 0,
                                        entry->position.length - length));
        mig_text_append(&text, entry->name.unit);
        entry->position = mig_text_bytes(&text);
    }
    entry->name.version = entry->name.unit;
}

/*
 * Tell files of one number apart: to Drizzle the name is the identity.  The
 * first of the journal keeps the number: those that come later are behind it.
 * Without a journal none does; one that was there before the others came is
 * known by its position.
 */
static void
tell_apart(Mig *mig, MigListing *listing)
{
    MigListed *keeper = NULL;
    MigBytes version = {NULL, 0};

    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigListed *entry = &listing->files[i];
        MigListed *other = entry;

        if (entry->name.role != MIG_FILE_WHOLE)
            continue;
        if (version.length == 0 ||
            !mig_bytes_equal(version, entry->name.version))
        {
            version = entry->name.version;
            keeper = entry;
            continue;
        }
        if (!entry->sequence && keeper->name.version.length == version.length)
            take_whole_name(mig, keeper);
        else if (entry->sequence &&
                 mig_position_compare(entry->position, keeper->position) < 0)
        {
            other = keeper;
            keeper = entry;
        }
        take_whole_name(mig, other);
    }
}

/* Tell the user of entries that Drizzle itself may never run. */
static void
tell_late(const Journal *journal)
{
    Mig *mig = journal->mig;
    const char *message;

    if (journal->late == 0 || !mig_ok(mig))
        return;
    message = mig_format_string(
        mig->arena, mig->error,
        "%zu of the entries of " JOURNAL ", such as \"%.*s\", %s no later time "
        "than one above: Drizzle passes over such a migration where that one "
        "is applied; here it runs at its place",
        journal->late, (int) mig_cut(journal->first_late, 200).length,
        journal->first_late.data, journal->late == 1 ? "has" : "have");
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

/* Pass over what is of the other layout, or in no journal. */
static void
pass_over_others(MigListing *listing, bool has_journal)
{
    for (size_t i = 0; i < listing->count; i++)
    {
        MigListed *entry = &listing->files[i];

        if (entry->name.role != MIG_FILE_WHOLE)
            continue;
        if (has_journal && !entry->sequence)
            mig_listing_pass_over(entry, "not named in " JOURNAL);
        else if (!has_journal && !listing->single &&
                 !mig_ends_with(entry->path, SCRIPT))
            mig_listing_pass_over(entry,
                                  "there is no " JOURNAL " that names it");
    }
}

static void
drizzle_arrange(Mig *mig, MigListing *listing)
{
    MigListed *entry = mig_listing_find(listing, mig_bytes(JOURNAL));
    Journal journal = {.mig = mig, .entry = place_file, .listing = listing};

    if (entry != NULL)
    {
        read_journal(&journal, mig_listing_text(mig, listing, entry));
        require_dialect(&journal);
        tell_late(&journal);
    }
    if (mig_ok(mig))
        pass_over_others(listing, entry != NULL);
    tell_apart(mig, listing);
}

/* ---- Texts ---- */

/* Where the next breakpoint begins; end when there is none. */
static size_t
find_breakpoint(MigBytes text, size_t at)
{
    while (at < text.length)
    {
        const char *dash = memchr(text.data + at, '-', text.length - at);

        if (dash == NULL)
            break;
        at = (size_t) (dash - text.data);
        if (mig_starts_with(mig_part(text, at, text.length), BREAKPOINT))
            return at;
        at++;
    }
    return text.length;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
    /* Years begin in March here, so that a leap day is their last. */
    int64_t years = month > 2 ? year : year - 1;
    int64_t months = (month + 9) % 12;

    return 365 * years + years / 4 - years / 100 + years / 400 +
           (153 * months + 2) / 5 + day - 719469;
}

/* Add the time that a folder's name begins with, unless it begins otherwise. */
static void
add_folder_time(Mig *mig, MigMigration *migration, MigBytes folder)
{
    static const size_t ends[] = {4, 6, 8, 10, 12, 14};
    int64_t parts[6];
    size_t start = 0;
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    for (size_t i = 0; i < 6; i++)
    {
        if (folder.length < ends[i] ||
            !mig_parse_digits(mig_part(folder, start, ends[i]), &parts[i]))
            return;
        start = ends[i];
    }
    mig_text_append_format(
        &text, "%lld",
        (long long) (((days_of(parts[0], parts[1], parts[2]) * 24 + parts[3]) *
                          60 +
                      parts[4]) *
                         60 +
                     parts[5]) *
            1000);
    mig_option_add(mig, migration, "when", mig_text_bytes(&text));
}

static void
drizzle_read(Mig *mig, const MigFile *file, const MigFileName *name,
             MigMigration *migration)
{
    size_t at = file->start;

    while (mig_ok(mig) && at < file->text.length)
    {
        size_t end = find_breakpoint(file->text, at);
        size_t next = end == file->text.length ? end : end + strlen(BREAKPOINT);

        /* The mark is a comment at the end of what it ends. */
        if (!mig_is_blank(mig_part(file->text, at, end)))
            mig_section_add(mig, &migration->up, file, at, next);
        at = next;
    }
    if (migration->up.count == 0)
        mig_read_direction(mig, file, name, migration);
    if (mig_ends_with(file->path, SCRIPT))
    {
        mig_option_add(mig, migration, "order", mig_bytes("free"));
        add_folder_time(mig, migration, name->unit);
    }
}

/* Add the time of an entry to its migration: both are in one order. */
static void
add_time(Journal *journal, const Entry *entry)
{
    int64_t when;

    if (journal->place < journal->source->count &&
        mig_parse_digits(entry->when, &when))
        mig_option_add(journal->mig,
                       &journal->source->migrations[journal->place], "when",
                       entry->when);
}

static void
drizzle_finish(Mig *mig, MigSource *source)
{
    Journal journal = {.mig = mig,
                       .entry = add_time,
                       .listing = source->listing,
                       .source = source};

    for (size_t i = 0; i < source->listing->count; i++)
    {
        MigListed *entry = &source->listing->files[i];

        if (mig_bytes_equal(entry->path, mig_bytes(JOURNAL)))
            read_journal(&journal,
                         mig_listing_text(mig, source->listing, entry));
    }
}

const MigFormat mig_format_drizzle = {
    .name = "drizzle",
    .order = MIG_ORDER_STRICT,
    .match = drizzle_match,
    .is_sign = drizzle_is_sign,
    .identify = drizzle_identify,
    .arrange = drizzle_arrange,
    .read = drizzle_read,
    .finish = drizzle_finish,
};
