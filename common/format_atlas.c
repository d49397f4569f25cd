#include "mig_atlas.h"
#include "mig_digest.h"
#include "mig_version.h"

/*
 * Atlas: <version>_<name>.sql, run in the order of names, with directives in
 * comments:
 *
 *     -- atlas:delimiter \nGO        on the first line
 *     -- atlas:sum ignore            on the first line
 *     -- atlas:txmode none           these in the block of comments that the
 *     -- atlas:checkpoint            file begins with, and that an empty line
 *     -- atlas:nolint                ends
 *
 * Rules: sql/migrate/dir.go and lex.go, and txmodeFor() in cmdapi/migrate.go.
 * atlas.sum is checked by mig_atlas.c.
 */

/* ---- Names ---- */

/*
 * Whether a name is Flyway's, whose directories have an atlas.sum as well:
 * V1__name, U1.2__name, B1__name or R__name.
 */
static bool
is_flyway_name(MigBytes path)
{
    size_t at = 1;

    if (path.length == 0 || strchr("VUBR", path.data[0]) == NULL)
        return false;
    while (at < path.length && strchr("0123456789._", path.data[at]) != NULL)
        at++;
    return at > 2 && path.data[at - 1] == '_' && path.data[at - 2] == '_' &&
           (at > 3 || path.data[0] == 'R');
}

static bool
atlas_match(MigBytes path, MigFileName *name)
{
    MigFileName other;
    MigBytes stem;
    const char *bar;

    memset(&other, 0, sizeof(other));
    if (!mig_ends_with(path, ".sql") || path.length == strlen(".sql") ||
        memchr(path.data, '/', path.length) != NULL || is_flyway_name(path) ||
        mig_format_golang.match(path, &other))
        return false;
    stem = mig_part(path, 0, path.length - strlen(".sql"));
    bar = memchr(stem.data, '_', stem.length);
    name->role = MIG_FILE_WHOLE;
    name->unit = path;
    name->version = stem;
    name->name = mig_bytes("");
    if (bar == NULL)
        return true;
    name->version = mig_part(stem, 0, (size_t) (bar - stem.data));
    name->name = mig_part(stem, name->version.length + 1, stem.length);
    return name->version.length > 0;
}

static bool
atlas_is_hinted(const MigListing *listing)
{
    return mig_listing_find(listing, mig_bytes(MIG_ATLAS_SUM)) != NULL;
}

/* By the file's name, up to what stands behind the version. */
static void
atlas_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_string(&text, MIG_POSITION_VERSION);
    mig_text_append(&text, mig_part(name->unit, 0, name->version.length + 1));
    *position = mig_text_bytes(&text);
}

/* ---- Directives ---- */

/* What the directives of a file say. */
typedef struct AtlasFile
{
    bool in_transaction;
    bool checkpoint;
    bool ignored;
    MigBytes delimiter; /* as written; absent: ';' */
    size_t body;        /* behind the directive that sets the delimiter */
} AtlasFile;

/* Where the block of comments ends that a text begins with. */
static size_t
find_block_end(MigBytes text)
{
    size_t at = 0;
    size_t end = 0;
    MigBytes line;

    while (mig_next_line(text, &at, &line) &&
           (mig_starts_with(line, "--") || mig_starts_with(line, "#")))
        end = at;
    return end;
}

/* Fail for a directive that cannot be followed. */
static void
fail_directive(Mig *mig, MigBytes text, size_t at, const char *problem)
{
    (void) mig_fail(mig->error, MIG_UNSUPPORTED, "line %lld: %s",
                    (long long) mig_count_lines(text, at), problem);
}

/*
 * Take one directive of a file's block.
 *
 * at  behind its line
 */
static void
take_directive(Mig *mig, MigBytes text, size_t at, MigBytes line,
               AtlasFile *atlas)
{
    MigBytes name;
    MigBytes argument;

    if (!mig_atlas_directive(line, &name, &argument))
        return;
    if (mig_bytes_equal(name, mig_bytes("txtar")))
    {
        fail_directive(mig, text, at,
                       "\"atlas:txtar\" makes the file an archive of several, "
                       "which is not read");
        mig_fail_hint(mig->error,
                      "Keep its \"migration.sql\" as a file of its own; what "
                      "\"checks.sql\" asks for can stand in a section "
                      "\"-- migrate:verify\" of a native file.");
    }
    else if (mig_bytes_equal(name, mig_bytes("import")))
        fail_directive(mig, text, at,
                       "\"atlas:import\" brings in other files, which are not "
                       "read");
    else if (mig_bytes_equal(name, mig_bytes("checkpoint")))
        atlas->checkpoint = true;
    else if (!mig_bytes_equal(name, mig_bytes("txmode")))
        return;
    else if (mig_bytes_equal(argument, mig_bytes("none")))
        atlas->in_transaction = false;
    else if (!mig_bytes_equal(argument, mig_bytes("file")))
    {
        fail_directive(mig, text, at,
                       "\"atlas:txmode\" in a file must be \"none\" or "
                       "\"file\"");
        mig_fail_hint(mig->error, "Atlas refuses such a file, too.");
    }
}

/* Read the directives of a file; text begins behind a byte order mark. */
static void
read_directives(Mig *mig, MigBytes text, AtlasFile *atlas)
{
    size_t end = find_block_end(text);
    size_t at = end;
    bool apart;
    MigBytes line = {"", 0};
    MigBytes name;
    MigBytes argument;

    memset(atlas, 0, sizeof(*atlas));
    atlas->in_transaction = true;
    /* An empty line, or the end, takes the block from the first statement. */
    apart = !mig_next_line(text, &at, &line) || mig_trim(line).length == 0;
    at = 0;
    while (apart && at < end && mig_ok(mig) && mig_next_line(text, &at, &line))
        take_directive(mig, text, at, mig_trim(line), atlas);
    at = 0;
    if (!mig_next_line(text, &at, &line) ||
        !mig_atlas_directive(line, &name, &argument))
        return;
    if (mig_bytes_equal(name, mig_bytes("sum")))
        atlas->ignored = mig_bytes_equal(argument, mig_bytes("ignore"));
    if (mig_bytes_equal(name, mig_bytes("delimiter")) &&
        mig_starts_with(line, "-- atlas:"))
    {
        atlas->delimiter = argument;
        atlas->body = at;
        if (argument.length == 0)
            fail_directive(mig, text, at, "\"atlas:delimiter\" names none");
    }
}

static void
atlas_arrange(Mig *mig, MigListing *listing)
{
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigListed *entry = &listing->files[i];
        MigBytes text;
        AtlasFile atlas;

        if (entry->name.role != MIG_FILE_WHOLE)
            continue;
        text = mig_listing_text(mig, listing, entry);
        if (!mig_ok(mig))
            return;
        read_directives(mig, text, &atlas);
        mig_fail_file(mig, listing, entry->path);
        if (atlas.ignored)
            mig_listing_pass_over(entry, "\"atlas:sum ignore\" stands in it");
    }
}

/* ---- Statements ---- */

/* Where a text is being looked through for a delimiter. */
typedef struct Scan
{
    MigBytes text;
    MigBytes delimiter; /* with its escapes resolved */
    size_t at;
    size_t depth; /* of parentheses */
} Scan;

/* The part of a scan's text that is still to come. */
static MigBytes
rest_of(const Scan *scan)
{
    return mig_part(scan->text, scan->at, scan->text.length);
}

/*
 * How long the delimiter is where the scan stands, 0 when it is not there.  CR
 * LF counts as the line break that it may ask for.
 */
static size_t
delimiter_length(const Scan *scan)
{
    MigBytes rest = rest_of(scan);
    size_t at = 0;

    for (size_t i = 0; i < scan->delimiter.length; i++)
    {
        if (scan->delimiter.data[i] == '\n' && at + 1 < rest.length &&
            rest.data[at] == '\r' && rest.data[at + 1] == '\n')
            at++;
        if (at >= rest.length || rest.data[at] != scan->delimiter.data[i])
            return 0;
        at++;
    }
    return at;
}

/* Move behind the next place of a text that ends something, or to the end. */
static void
skip_behind(Scan *scan, MigBytes ending)
{
    while (scan->at < scan->text.length)
    {
        MigBytes rest = rest_of(scan);
        const char *found = memchr(rest.data, ending.data[0], rest.length);

        if (found == NULL)
            break;
        scan->at += (size_t) (found - rest.data);
        rest = rest_of(scan);
        if (rest.length >= ending.length &&
            memcmp(rest.data, ending.data, ending.length) == 0)
        {
            scan->at += ending.length;
            return;
        }
        scan->at++;
    }
    scan->at = scan->text.length;
}

/* How long a tag of PostgreSQL's dollar quoting is, "$tag$"; 0: none is there.
 */
static size_t
tag_length(MigBytes rest)
{
    size_t at = 1;

    while (at < rest.length &&
           ((unsigned char) rest.data[at] >= 0x80 || rest.data[at] == '_' ||
            (rest.data[at] >= 'A' && rest.data[at] <= 'Z') ||
            (rest.data[at] >= 'a' && rest.data[at] <= 'z') ||
            (at > 1 && rest.data[at] >= '0' && rest.data[at] <= '9')))
        at++;
    return at < rest.length && rest.data[at] == '$' ? at + 1 : 0;
}

/* Move over one byte, or what it begins: a string, a name or a comment. */
static void
step(Scan *scan)
{
    MigBytes rest = rest_of(scan);
    MigBytes quote = mig_part(rest, 0, 1);
    size_t length;

    scan->at++;
    switch (rest.data[0])
    {
        case '(':
            scan->depth++;
            return;
        case ')':
            scan->depth -= scan->depth > 0;
            return;
        case '\'':
        case '"':
        case '`':
            skip_behind(scan, quote);
            return;
        case '$':
            length = tag_length(rest);
            scan->at += length == 0 ? 0 : length - 1;
            if (length > 0)
                skip_behind(scan, mig_part(rest, 0, length));
            return;
        case '-':
            if (mig_starts_with(rest, "--"))
                skip_behind(scan, mig_bytes("\n"));
            return;
        case '/':
            if (mig_starts_with(rest, "/*"))
                skip_behind(scan, mig_bytes("*/"));
            return;
        default:
            return;
    }
}

/* A delimiter as it is written, with \n, \r and \t resolved. */
static MigBytes
resolve(Mig *mig, MigBytes written)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    for (size_t i = 0; i < written.length; i++)
    {
        static const char letters[] = "nrt";
        static const char meanings[] = "\n\r\t";
        MigBytes byte = mig_part(written, i, i + 1);
        const char *found = written.data[i] == '\\' && i + 1 < written.length
                                ? strchr(letters, written.data[i + 1])
                                : NULL;

        if (found != NULL && *found != '\0')
        {
            byte.data = &meanings[found - letters];
            i++;
        }
        mig_text_append(&text, byte);
    }
    return mig_text_bytes(&text);
}

/* Take a file apart at its delimiter, which stands in no statement. */
static void
add_statements(Mig *mig, const MigFile *file, const AtlasFile *atlas,
               MigMigration *migration)
{
    Scan scan = {file->text, resolve(mig, atlas->delimiter),
                 file->start + atlas->body, 0};
    size_t start = scan.at;

    while (mig_ok(mig))
    {
        size_t length = scan.depth == 0 ? delimiter_length(&scan) : 0;
        bool ended = scan.at >= scan.text.length;

        if (length == 0 && !ended)
        {
            step(&scan);
            continue;
        }
        if (!mig_is_blank(mig_part(file->text, start, scan.at)))
            mig_section_add(mig, &migration->up, file, start, scan.at);
        if (ended)
            return;
        scan.at += length;
        start = scan.at;
    }
}

static void
atlas_read(Mig *mig, const MigFile *file, const MigFileName *name,
           MigMigration *migration)
{
    AtlasFile atlas;

    read_directives(mig, mig_part(file->text, file->start, file->text.length),
                    &atlas);
    if (!atlas.in_transaction)
        mig_option_add(mig, migration, "transaction", mig_bytes("false"));
    /* Pending() in sql/migrate/migrate.go: with no revision it begins at the
     * last checkpoint, otherwise it leaves all of them out. */
    if (atlas.checkpoint)
        mig_option_add(mig, migration, "checkpoint", mig_bytes("true"));
    if (atlas.delimiter.data != NULL)
        add_statements(mig, file, &atlas, migration);
    if (migration->up.count == 0)
        mig_read_direction(mig, file, name, migration);
}

/*
 * Only Atlas' own directories have checkpoints (migrate.CheckpointDir).  Other
 * directives stand in other tools' files, too.
 */
static bool
atlas_is_mark(MigBytes line)
{
    MigBytes name;
    MigBytes argument;

    return mig_atlas_directive(line, &name, &argument) &&
           mig_bytes_equal(name, mig_bytes("checkpoint"));
}

const MigFormat mig_format_atlas = {
    .name = "atlas",
    .order = MIG_ORDER_STRICT,
    .match = atlas_match,
    .is_hinted = atlas_is_hinted,
    .is_mark = atlas_is_mark,
    .identify = atlas_identify,
    .arrange = atlas_arrange,
    .read = atlas_read,
};
