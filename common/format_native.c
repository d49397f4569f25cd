#include "mig_fingerprint.h"
#include "mig_format.h"
#include "mig_guard.h"
#include "mig_variable.h"
#include "mig_version.h"

/*
 * Our own format, which dbmate's files and plain numbered scripts are also:
 * <version>_<name>.sql, or R__<name>.sql for a repeatable one, divided by
 * comment lines that start with "-- migrate:".
 *
 *     -- migrate:requires 0003, 0005     only before the first section
 *     -- migrate:env production          only before the first section
 *     -- migrate:out-of-order            the same: may be applied below others
 *     -- migrate:deleted                 the file was deleted on purpose, and
 *                                        this stands in its place
 *     -- migrate:destructive             likewise; see mig_guard.h
 *     -- migrate:up transaction:false    starts a section; also "down" and
 *     -- migrate:down sqlite             "verify"; an engine's name makes it
 *                                        that engine's own
 *
 * A file without a section mark is one up section.  Several sections of a kind
 * run one after another, as dbmate does it.
 */

typedef enum SectionKind
{
    SECTION_UP,
    SECTION_DOWN,
    SECTION_VERIFY,
    SECTION_KINDS
} SectionKind;

static const char *const section_names[SECTION_KINDS] = {"up", "down",
                                                         "verify"};

/* The state of reading one file. */
typedef struct NativeFile
{
    Mig *mig;
    const MigFile *file;
    MigMigration *migration;
    int64_t line;             /* being read, from 1 */
    bool seen[SECTION_KINDS]; /* a section of that kind was met */
    bool own[SECTION_KINDS];  /* one for this engine alone was met */
    bool open;                /* inside a section */
    bool deleted;             /* says that it was deleted */
    SectionKind kind;         /* then: of this kind, */
    bool wanted;              /* for this engine, */
    size_t start;             /* starting here */
    size_t body;              /* end of the header lines */
    MigText requires;
    MigText environments;
    MigText expected; /* fingerprints, an option each */
    MigText options;
} NativeFile;

static bool
native_match(MigBytes path, MigFileName *name)
{
    MigBytes stem;
    size_t digits = 0;

    if (!mig_is_sql_path(path) || mig_format_golang.match(path, name) ||
        memchr(path.data, '/', path.length) != NULL)
        return false;
    stem = mig_part(path, 0, path.length - strlen(".sql"));
    name->role = MIG_FILE_WHOLE;
    name->repeatable = false;
    if (mig_repeatable_name(stem, name))
        return true;
    if (!mig_split_name(stem, name))
        return false;
    /* dbmate also writes 20200101-name.sql: the version is the digits. */
    while (digits < name->version.length && name->version.data[digits] >= '0' &&
           name->version.data[digits] <= '9')
        digits++;
    if (digits < name->version.length && name->version.data[digits] == '-')
    {
        name->name = mig_part(stem, digits + 1, stem.length);
        name->version = mig_part(stem, 0, digits);
    }
    return true;
}

static void
fail_line(NativeFile *state, const char *problem, MigBytes what)
{
    (void) mig_fail(state->mig->error, MIG_INVALID, "line %lld: %s \"%.*s\"",
                    (long long) state->line, problem,
                    (int) mig_cut(what, 200).length, what.data);
}

static MigSection *
section_of(MigMigration *migration, SectionKind kind)
{
    switch (kind)
    {
        case SECTION_UP:
            return &migration->up;
        case SECTION_DOWN:
            return &migration->down;
        case SECTION_VERIFY:
        case SECTION_KINDS:
            break;
    }
    return &migration->verify;
}

/* End the open section, if any, at an offset of the file. */
static void
section_close(NativeFile *state, size_t end)
{
    MigBytes text = mig_part(state->file->text, state->start, end);

    /* An empty way back is one; an empty check checks nothing. */
    if (state->open && state->wanted &&
        (state->kind != SECTION_VERIFY || !mig_is_blank(text)))
        mig_section_add(state->mig, section_of(state->migration, state->kind),
                        state->file, state->start, end);
    state->open = false;
}

/*
 * Apply one word behind a section mark: an option or an engine's name.
 *
 * engine  in/out: the engine named so far, or absent
 */
static void
section_word(NativeFile *state, MigBytes word, MigBytes *engine)
{
    if (mig_bytes_equal(word, mig_bytes("sqlite")) ||
        mig_bytes_equal(word, mig_bytes("postgresql")))
        *engine = word;
    else if (mig_bytes_equal(word, mig_bytes("transaction:false")))
    {
        if (mig_option(mig_text_bytes(&state->options), "transaction").data ==
            NULL)
            mig_text_append_string(&state->options, "transaction:false\n");
    }
    else if (!mig_bytes_equal(word, mig_bytes("transaction:true")))
        fail_line(state, "unknown option", word);
}

/*
 * Begin a section.
 *
 * words  what stands behind its kind on the mark's line
 * start  of the text below the mark
 */
static void
section_begin(NativeFile *state, SectionKind kind, MigBytes words, size_t start)
{
    MigBytes engine = {NULL, 0};
    MigBytes word;
    size_t at = 0;

    while (mig_ok(state->mig) && mig_next_word(words, &at, " \t", &word))
        section_word(state, word, &engine);
    state->wanted = true;
    if (engine.data != NULL)
    {
        state->wanted = mig_bytes_equal(
            engine, mig_bytes(state->mig->host->methods->engine));
        /* The engine's own text replaces what was common so far. */
        if (state->wanted && !state->own[kind])
            section_of(state->migration, kind)->count = 0;
        state->own[kind] = state->own[kind] || state->wanted;
    }
    else if (state->own[kind])
        state->wanted = false;
    state->seen[kind] = true;
    state->open = true;
    state->kind = kind;
    state->start = start;
}

/* Append one version of a requires line, checked, on a line of its own. */
static void
add_requirement(NativeFile *state, MigBytes version)
{
    if (mig_starts_with(version, "R__"))
        (void) mig_fail(state->mig->error, MIG_INVALID,
                        "a repeatable migration cannot be required: it runs "
                        "behind all others");
    (void) mig_version_check(version, state->mig->error);
    if (!mig_ok(state->mig))
    {
        mig_fail_prefix(state->mig->error,
                        "line %lld: ", (long long) state->line);
        return;
    }
    mig_text_append(&state->requires, version);
    mig_text_append_string(&state->requires, "\n");
    if (state->migration->requires_line == 0)
        state->migration->requires_line = state->line;
}

/* Append an environment of an env line; several lines add up. */
static void
add_environment(NativeFile *state, MigBytes environment)
{
    if (state->environments.length > 0)
        mig_text_append_string(&state->environments, ", ");
    mig_text_append(&state->environments, environment);
}

/* Append the fingerprint of an expect line; there is one for each engine. */
static void
add_expected(NativeFile *state, MigBytes fingerprint)
{
    MigFingerprint sum;
    MigBytes canon;

    if (!mig_fingerprint_read(fingerprint, &canon, &sum))
    {
        fail_line(state, "not a fingerprint:", fingerprint);
        mig_fail_hint(state->mig->error,
                      "migrate_seal('<version>') returns the whole line.");
        return;
    }
    mig_text_append_string(&state->expected, "expect:");
    mig_text_append(&state->expected, fingerprint);
    mig_text_append_string(&state->expected, "\n");
}

/* Fail unless a header line stands before everything else. */
static void
require_header(NativeFile *state, MigBytes line)
{
    if (state->seen[SECTION_UP] || state->seen[SECTION_DOWN] ||
        state->seen[SECTION_VERIFY] || state->body != 0)
        fail_line(state,
                  "a header line must stand before the first statement:", line);
}

/* Handle a header line that is but a word; returns false when it is none. */
static bool
read_flag(NativeFile *state, MigBytes key, MigBytes words, MigBytes line)
{
    static const struct
    {
        const char *key;
        const char *option; /* NULL: it says that the file is deleted */
    } flags[] = {{"deleted", NULL},
                 {"out-of-order", MIG_ANY_ORDER},
                 {"destructive", "destructive"}};
    size_t flag = 0;

    while (flag < sizeof(flags) / sizeof(flags[0]) &&
           !mig_bytes_equal(key, mig_bytes(flags[flag].key)))
        flag++;
    if (flag == sizeof(flags) / sizeof(flags[0]))
        return false;
    require_header(state, line);
    if (mig_trim(words).length > 0)
        fail_line(state, "nothing may stand behind the mark in", line);
    if (flags[flag].option == NULL)
        state->deleted = true;
    else if (mig_option(mig_text_bytes(&state->options), flags[flag].option)
                 .data == NULL)
        mig_text_append_format(&state->options, "%s:true\n",
                               flags[flag].option);
    return true;
}

/* Handle a header line; returns false when the key is not one of a header. */
static bool
read_header(NativeFile *state, MigBytes key, MigBytes words, MigBytes line)
{
    static const struct
    {
        const char *key;
        void (*add)(NativeFile *state, MigBytes word);
    } headers[] = {{"requires", add_requirement},
                   {"env", add_environment},
                   {"expect", add_expected}};
    size_t header = 0;
    MigBytes word;
    size_t at = 0;
    size_t count = 0;

    if (read_flag(state, key, words, line))
        return true;
    while (header < sizeof(headers) / sizeof(headers[0]) &&
           !mig_bytes_equal(key, mig_bytes(headers[header].key)))
        header++;
    if (header == sizeof(headers) / sizeof(headers[0]))
        return false;
    require_header(state, line);
    while (mig_ok(state->mig) && mig_next_word(words, &at, ", \t", &word))
    {
        headers[header].add(state, word);
        count++;
    }
    if (count == 0)
        fail_line(state, "nothing is named by", line);
    return true;
}

/*
 * Handle a line that starts with "-- migrate:".
 *
 * mark   where the directive's key starts in line
 * begin  of the line in the file
 * end    behind the line
 */
static void
read_directive(NativeFile *state, MigBytes line, size_t mark, size_t begin,
               size_t end)
{
    MigBytes rest = mig_part(line, mark, line.length);
    MigBytes key = {"", 0};
    size_t at = 0;

    (void) mig_next_word(rest, &at, " \t", &key);
    if (read_header(state, key, mig_part(rest, at, rest.length), line))
        return;
    for (SectionKind kind = SECTION_UP; kind < SECTION_KINDS; kind++)
    {
        if (!mig_bytes_equal(key, mig_bytes(section_names[kind])))
            continue;
        if (!state->open && state->body != 0)
            fail_line(state, "there are statements before", line);
        section_close(state, begin);
        section_begin(state, kind, mig_part(rest, at, rest.length), end);
        return;
    }
    fail_line(state, "unknown directive", line);
    mig_fail_hint(state->mig->error,
                  "Known are migrate:up, down, verify, requires, env, "
                  "expect, out-of-order, destructive and deleted.");
}

/* Offset behind "-- migrate:" in a line, blanks allowed; 0 if it is none. */
static size_t
directive_offset(MigBytes line)
{
    size_t at = 2;

    if (!mig_starts_with(line, "--"))
        return 0;
    while (at < line.length && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    line = mig_part(line, at, line.length);
    return mig_starts_with(line, "migrate:") ? at + strlen("migrate:") : 0;
}

/* Refuse what looks like a mark but would be passed over silently. */
static void
refuse_misread_marks(NativeFile *state, MigBytes line)
{
    MigBytes trimmed = mig_trim(line);

    if (trimmed.data != line.data && directive_offset(trimmed) != 0)
        fail_line(state, "blanks stand before", trimmed);
}

/* Look at one line; begin and end are its place in the file. */
static void
read_line(NativeFile *state, MigBytes line, size_t begin, size_t end)
{
    size_t mark = directive_offset(line);

    if (mark != 0)
        read_directive(state, line, mark, begin, end);
    else if (line.length > 0 && memchr(line.data, '-', line.length) != NULL)
        refuse_misread_marks(state, line);
    if (mark == 0 && !state->open && state->body == 0 && !mig_is_blank(line) &&
        !mig_starts_with(mig_trim(line), "--"))
        state->body = begin + 1;
}

/* What is wrong with the file as a whole. */
static void
check_sections(NativeFile *state)
{
    MigBytes text = mig_part(state->file->text, state->file->start,
                             state->file->text.length);

    if (!mig_ok(state->mig))
        return;
    if (mig_is_blank(text))
    {
        (void) mig_fail(state->mig->error, MIG_INVALID,
                        "line 1: the file is empty");
        mig_fail_hint(state->mig->error,
                      "A migration that does nothing says so with a line "
                      "\"-- migrate:up\".");
    }
    else if (state->deleted &&
             (state->seen[SECTION_UP] || state->seen[SECTION_DOWN] ||
              state->seen[SECTION_VERIFY] || state->body != 0))
    {
        (void) mig_fail(state->mig->error, MIG_INVALID,
                        "line %lld: a file with \"-- migrate:deleted\" holds "
                        "nothing else but comments",
                        (long long) state->line);
        mig_fail_hint(state->mig->error,
                      "The catalogue keeps the text that was applied, and its "
                      "way back.");
    }
    else if (!state->seen[SECTION_UP] &&
             (state->seen[SECTION_DOWN] || state->seen[SECTION_VERIFY]))
    {
        (void) mig_fail(state->mig->error, MIG_INVALID,
                        "line %lld: the file has no \"-- migrate:up\" section",
                        (long long) state->line);
    }
    else if (state->migration->repeatable && state->seen[SECTION_DOWN])
        (void) mig_fail(state->mig->error, MIG_INVALID,
                        "line %lld: a repeatable migration has no way back",
                        (long long) state->line);
}

static void
native_read(Mig *mig, const MigFile *file, const MigFileName *name,
            MigMigration *migration)
{
    MigText empty = {mig->arena, mig->error, NULL, 0, 0};
    NativeFile state;
    size_t at = file->start;
    size_t begin = at;
    MigBytes line;

    (void) name;
    memset(&state, 0, sizeof(state));
    state.mig = mig;
    state.file = file;
    state.migration = migration;
    state.requires = empty;
    state.environments = empty;
    state.options = empty;
    state.expected = empty;
    while (mig_ok(mig) && mig_next_line(file->text, &at, &line))
    {
        state.line++;
        read_line(&state, line, begin, at);
        begin = at;
    }
    check_sections(&state);
    if (!mig_ok(mig))
        return;
    if (state.deleted)
        mig_text_append_string(&state.options, MIG_DELETED ":true\n");
    else if (!state.seen[SECTION_UP])
    {
        state.open = true;
        state.kind = SECTION_UP;
        state.wanted = true;
        state.start = file->start;
    }
    section_close(&state, file->text.length);
    if (state.environments.length > 0)
    {
        mig_text_append_string(&state.options, "env:");
        mig_text_append(&state.options, mig_text_bytes(&state.environments));
        mig_text_append_string(&state.options, "\n");
    }
    mig_text_append(&state.options, mig_text_bytes(&state.expected));
    migration->requires = mig_text_bytes(&state.requires);
    migration->options = mig_text_bytes(&state.options);
}

/* Whether a line is one of our marks, which dbmate's are too; one of them may
 * stand in the files of every format. */
static bool
native_is_mark(MigBytes line)
{
    return directive_offset(line) != 0 && !mig_guard_is_mark(line);
}

const MigFormat mig_format_native = {
    .name = "native",
    .variables = MIG_VARIABLES_NATIVE,
    .by_name = true,
    .match = native_match,
    .is_mark = native_is_mark,
    .read = native_read,
};
