#include "mig_digest.h"
#include "mig_listing.h"
#include "mig_variable.h"
#include "mig_version.h"

/*
 * graphile-migrate: committed/<number>[-<message>].sql, each with a header that
 * states its hash and that of the one before it:
 *
 *     --! Previous: sha1:...        or "-"
 *     --! Hash: sha1:...
 *     --! Message: ...              may be absent
 *     --! AllowInvalidHash          the text was edited on purpose
 *
 * Behind an empty line comes the body, whose first line may be
 * "--! no-transaction".  The source is the folder with "committed", the one
 * above it when that is "migrations", or "committed" itself.  Rules:
 * src/migration.ts, header.ts and migrationFilename.ts.
 */

#define COMMITTED "committed/"
#define MIGRATIONS "migrations/"

/* What a file's header says. */
typedef struct Header
{
    MigBytes previous; /* absent: there is no such line */
    MigBytes hash;     /* likewise */
    MigBytes message;  /* likewise */
    bool allow_invalid;
    size_t body; /* where the header ends */
} Header;

/* ---- Names ---- */

/* A path below the folder of the migrations. */
static MigBytes
inside(MigBytes path)
{
    return mig_starts_with(path, MIGRATIONS)
               ? mig_part(path, strlen(MIGRATIONS), path.length)
               : path;
}

/* Whether a byte may stand in the message of a file's name. */
static bool
is_message_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

/* Split "<number>[-<message>].sql" without folders. */
static bool
split_file(MigBytes base, MigFileName *name)
{
    size_t digits = 0;
    size_t end = base.length - strlen(".sql");

    if (!mig_ends_with(base, ".sql"))
        return false;
    while (digits < end && base.data[digits] >= '0' && base.data[digits] <= '9')
        digits++;
    if (digits == 0 || (digits < end && base.data[digits] != '-'))
        return false;
    for (size_t i = digits; i < end; i++)
    {
        if (!is_message_byte(base.data[i]))
            return false;
    }
    name->role = MIG_FILE_WHOLE;
    name->version = mig_part(base, 0, digits);
    name->name = digits < end ? mig_part(base, digits + 1, end) : mig_bytes("");
    return true;
}

/* Why a file beside the committed ones is no migration; NULL: who knows. */
static const char *
reason_of(MigBytes path)
{
    if (mig_bytes_equal(path, mig_bytes("current.sql")) ||
        mig_starts_with(path, "current/"))
        return "the migration that is being written, not committed yet";
    if (mig_starts_with(path, "fixtures/"))
        return "a fixture, which committed migrations have in them already";
    return NULL;
}

static bool
graphile_match(MigBytes path, MigFileName *name)
{
    MigBytes rest = inside(path);

    name->note = reason_of(rest);
    name->role = MIG_FILE_NONE;
    if (name->note != NULL)
        return mig_ends_with(path, ".sql");
    if (mig_starts_with(rest, COMMITTED))
        rest = mig_part(rest, strlen(COMMITTED), rest.length);
    else if (rest.length < path.length)
        return false;
    return split_file(rest, name);
}

static bool
graphile_is_sign(MigBytes path)
{
    MigFileName name;

    memset(&name, 0, sizeof(name));
    return mig_bytes_equal(path, mig_bytes(".gmrc")) ||
           mig_starts_with(path, ".gmrc.") ||
           (mig_starts_with(inside(path), COMMITTED) &&
            graphile_match(path, &name));
}

static bool
graphile_is_mark(MigBytes line)
{
    return mig_starts_with(line, "--! Previous: ");
}

/* Files run in the order of their numbers as texts. */
static void
graphile_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_string(&text, MIG_POSITION_VERSION);
    mig_text_append(&text, name->version);
    *position = mig_text_bytes(&text);
}

/* ---- Headers ---- */

/* Keep a header's value; fails when it stands there a second time. */
static void
keep_value(Mig *mig, MigBytes text, size_t at, MigBytes name, MigBytes value,
           MigBytes *kept)
{
    if (kept->data != NULL)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line %lld: \"--! %.*s\" stands there a second time",
                        (long long) mig_count_lines(text, at),
                        (int) name.length, name.data);
    *kept = value.data == NULL ? mig_bytes("") : value;
}

static void
read_header(Mig *mig, MigBytes text, Header *header)
{
    MigBytes allowed = {NULL, 0};
    MigBytes name;
    MigBytes value;

    memset(header, 0, sizeof(*header));
    while (mig_ok(mig) &&
           mig_graphile_header(text, &header->body, &name, &value))
    {
        MigBytes *kept = NULL;

        if (mig_bytes_equal(name, mig_bytes("Previous")))
            kept = &header->previous;
        else if (mig_bytes_equal(name, mig_bytes("Hash")))
            kept = &header->hash;
        else if (mig_bytes_equal(name, mig_bytes("Message")))
            kept = &header->message;
        else if (mig_bytes_equal(name, mig_bytes("AllowInvalidHash")))
            kept = &allowed;
        if (kept != NULL)
            keep_value(mig, text, header->body, name, value, kept);
    }
    header->allow_invalid = allowed.data != NULL;
}

/* Fail unless a header is whole, and an empty line stands behind it. */
static void
require_header(Mig *mig, MigBytes text, const Header *header)
{
    size_t at = header->body;
    MigBytes line = {"", 0};

    if (!mig_ok(mig))
        return;
    if (header->previous.length == 0 || header->hash.length == 0)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line 1: \"--! %s: ...\" is missing in the header",
                        header->previous.length == 0 ? "Previous" : "Hash");
        mig_fail_hint(mig->error,
                      "\"graphile-migrate commit\" writes it; a file that is "
                      "not committed yet belongs in \"current.sql\".");
        return;
    }
    (void) mig_next_line(text, &at, &line);
    if (line.length > 0)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line %lld: an empty line must stand between the "
                        "header and the body",
                        (long long) mig_count_lines(text, header->body) + 1);
}

/* ---- Hashes ---- */

/* The line of a header's value in a text. */
static long long
line_of(MigBytes text, MigBytes value)
{
    return (long long) mig_count_lines(text,
                                       (size_t) (value.data - text.data)) +
           1;
}

/*
 * Fail unless a migration follows the one before it.
 *
 * before  the hash that one states; absent: this is the first
 */
static void
check_chain(Mig *mig, MigBytes text, const Header *header, MigBytes before)
{
    bool first = mig_bytes_equal(header->previous, mig_bytes("-"));

    if (!mig_ok(mig) || (before.data == NULL && first) ||
        (before.data != NULL && mig_bytes_equal(before, header->previous)))
        return;
    if (before.data == NULL)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line %lld: this is the first migration, and follows "
                        "one with hash \"%.*s\"",
                        line_of(text, header->previous),
                        (int) mig_cut(header->previous, 100).length,
                        header->previous.data);
    else
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line %lld: the migration before this one has hash "
                        "\"%.*s\", not \"%.*s\"",
                        line_of(text, header->previous),
                        (int) mig_cut(before, 100).length, before.data,
                        (int) mig_cut(header->previous, 100).length,
                        header->previous.data);
    mig_fail_hint(mig->error,
                  "A migration is missing, too many, or two were committed at "
                  "once: \"graphile-migrate uncommit\" and commit the later "
                  "one anew.  migrate_config('on_bad_sum', 'warn') goes on.");
}

/* Whether a text has the hash that is stated, with some line ends. */
static bool
has_hash(Mig *mig, MigBytes text, const Header *header)
{
    MigBytes previous = header->previous;
    bool same = false;

    if (mig_bytes_equal(previous, mig_bytes("-")))
        previous.length = 0;
    for (MigLineEnds ends = MIG_LINES_AS_THEY_ARE;
         ends < MIG_LINES_COUNT && !same && mig_ok(mig); ends++)
    {
        MigArena arena = {mig->host, NULL};
        char hash[MIG_GRAPHILE_LENGTH + 1];
        MigBytes body = mig_line_ends(
            mig, &arena, mig_part(text, header->body, text.length), ends);

        if (mig_ok(mig))
            mig_graphile_hash(mig->host, previous, body, hash);
        same = mig_ok(mig) && mig_bytes_equal(header->hash, mig_bytes(hash));
        mig_arena_release(&arena);
    }
    return same;
}

/* Fail when a text was edited since it was committed. */
static void
check_hash(Mig *mig, MigBytes text, const Header *header)
{
    if (!mig_ok(mig) || header->allow_invalid || has_hash(mig, text, header))
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "line %lld: the hash is not that of the text below",
                    line_of(text, header->hash));
    mig_fail_hint(mig->error,
                  "Put back the text that was committed; or, when the edit is "
                  "meant, add a line \"--! AllowInvalidHash\" to the header.  "
                  "migrate_config('on_bad_sum', 'warn') goes on without it.");
}

/* Whether a path lies in the folder of committed migrations. */
static bool
is_committed(MigBytes path)
{
    return mig_starts_with(inside(path), COMMITTED);
}

/* Where there is a folder of committed migrations, what is beside it is not. */
static void
leave_out_beside(MigListing *listing)
{
    bool folder = false;

    for (size_t i = 0; i < listing->count; i++)
        folder = folder || is_committed(listing->files[i].path);
    for (size_t i = 0; folder && i < listing->count; i++)
    {
        MigListed *entry = &listing->files[i];

        if (entry->name.role == MIG_FILE_WHOLE && !is_committed(entry->path))
            mig_listing_pass_over(entry, "not in the folder committed/");
    }
}

static void
graphile_arrange(Mig *mig, MigListing *listing)
{
    MigBytes before = {NULL, 0};

    leave_out_beside(listing);
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigListed *entry = &listing->files[i];
        Header header;
        MigBytes text;

        if (entry->name.role != MIG_FILE_WHOLE)
            continue;
        text = mig_listing_text(mig, listing, entry);
        if (!mig_ok(mig))
            return;
        read_header(mig, text, &header);
        require_header(mig, text, &header);
        mig_fail_file(mig, listing, entry->path);
        if (!mig_ok(mig))
            return;
        if (!listing->single)
            check_chain(mig, text, &header, before);
        check_hash(mig, text, &header);
        mig_fail_file(mig, listing, entry->path);
        mig_listing_judge_sum(mig);
        before = header.hash;
    }
}

/* ---- Texts ---- */

/* Whether the first line of a body says that it runs outside of a transaction.
 */
static bool
is_without_transaction(MigBytes body)
{
    static const char mark[] = "no-transaction";
    size_t at = 0;
    MigBytes line;

    body = mig_trim(body);
    if (!mig_next_line(body, &at, &line) || !mig_starts_with(line, "--!"))
        return false;
    line = mig_trim(mig_part(line, 3, line.length));
    if (!mig_starts_with(line, mark))
        return false;
    line = mig_part(line, strlen(mark), line.length);
    return line.length == 0 || line.data[0] == '-' ||
           !is_message_byte(line.data[0]);
}

static void
graphile_read(Mig *mig, const MigFile *file, const MigFileName *name,
              MigMigration *migration)
{
    MigBytes text = mig_part(file->text, file->start, file->text.length);
    Header header;

    (void) name;
    read_header(mig, text, &header);
    if (!mig_ok(mig))
        return;
    if (header.message.length > 0)
        migration->name = mig_copy(mig->arena, header.message, mig->error);
    if (is_without_transaction(mig_part(text, header.body, text.length)))
        mig_option_add(mig, migration, "transaction", mig_bytes("false"));
    mig_section_add(mig, &migration->up, file, file->start + header.body,
                    file->text.length);
}

const MigFormat mig_format_graphile = {
    .name = "graphile-migrate",
    .order = MIG_ORDER_STRICT,
    .variables = MIG_VARIABLES_GRAPHILE,
    .match = graphile_match,
    .is_sign = graphile_is_sign,
    .is_mark = graphile_is_mark,
    .identify = graphile_identify,
    .arrange = graphile_arrange,
    .read = graphile_read,
};
