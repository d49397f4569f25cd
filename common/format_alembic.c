#include <stdlib.h>

#include "mig_source.h"
#include "mig_variable.h"
#include "mig_version.h"

/*
 * Alembic, by what "alembic upgrade --sql" and "alembic downgrade --sql" print:
 * each step begins with a line such as
 *
 *     -- Running upgrade a1, b2 -> c3
 *     -- Running downgrade c3 -> a1, b2
 *
 * and becomes the way up, or the way back, of its revision; the revisions it
 * comes from are what it requires (alembic/runtime/migration.py, short_log).
 * The statements that keep alembic's own table are left out.  Both directions
 * may stand in one file, or in two.  Numbered files beside them are read as in
 * the native format, and come behind all revisions.
 */

#define UPGRADE "-- Running upgrade "
#define DOWNGRADE "-- Running downgrade "
#define ARROW " -> "

/* The step that a file is in. */
typedef struct Step
{
    bool open;
    bool up;
    MigBytes revision;
    MigBytes parents; /* with commas between */
    size_t start;     /* of its text in the file */
    int64_t line;     /* of that, from 1 */
    int64_t mark;     /* line of its mark */
} Step;

static bool
alembic_is_mark(MigBytes line)
{
    return mig_starts_with(line, UPGRADE) || mig_starts_with(line, DOWNGRADE);
}

/* What an alembic project has, and a folder of printed SQL has not. */
static bool
alembic_is_sign(MigBytes path)
{
    return mig_bytes_equal(mig_base_name(path), mig_bytes("script.py.mako"));
}

static bool
alembic_match(MigBytes path, MigFileName *name)
{
    if (mig_format_native.match(path, name))
        return true;
    name->role = MIG_FILE_WHOLE;
    if (mig_is_sql_path(path))
        return memchr(path.data, '/', path.length) == NULL;
    name->role = MIG_FILE_FOREIGN;
    return mig_ends_with(path, ".py") &&
           !mig_bytes_equal(mig_base_name(path), mig_bytes("env.py")) &&
           !mig_bytes_equal(mig_base_name(path), mig_bytes("__init__.py"));
}

/* Where a text stands in another; its length when it does not. */
static size_t
find_text(MigBytes text, const char *wanted)
{
    size_t length = strlen(wanted);

    for (size_t i = 0; i + length <= text.length; i++)
    {
        if (memcmp(text.data + i, wanted, length) == 0)
            return i;
    }
    return text.length;
}

/* Whether a line is a statement on the table of revisions, which nothing but
 * alembic writes: it has one column. */
static bool
is_bookkeeping(MigBytes line)
{
    if (mig_starts_with(line, "DROP TABLE alembic_version;"))
        return true;
    if (mig_starts_with(line, "INSERT INTO "))
        return find_text(line, " (version_num) VALUES (") < line.length;
    if (mig_starts_with(line, "UPDATE "))
        return find_text(line, " SET version_num=") < line.length;
    return mig_starts_with(line, "DELETE FROM ") &&
           find_text(line, ".version_num = ") < line.length;
}

/* Whether a line begins or ends the transaction that alembic prints around. */
static bool
is_bracket(MigBytes line)
{
    return mig_bytes_equal(line, mig_bytes("BEGIN;")) ||
           mig_bytes_equal(line, mig_bytes("COMMIT;"));
}

/* The length of a step's text without blank lines and brackets at its end. */
static size_t
body_length(MigBytes text)
{
    while (text.length > 0)
    {
        MigBytes trimmed = mig_trim(text);
        size_t start = trimmed.length;
        size_t lead = (size_t) (trimmed.data - text.data);

        while (start > 0 && trimmed.data[start - 1] != '\n')
            start--;
        if (!is_bracket(mig_trim(mig_part(trimmed, start, trimmed.length))))
            return lead + trimmed.length;
        text.length = lead + start;
    }
    return 0;
}

/* A step's text with alembic's own statements made blanks. */
static MigBytes
make_body(Mig *mig, MigBytes text)
{
    MigBytes body = mig_part(text, 0, body_length(text));
    char *copy = mig_alloc(mig->arena, body.length + 1, mig->error);
    MigBytes made = {copy, body.length};
    MigBytes line;
    size_t at = 0;

    if (copy == NULL)
        return mig_bytes("");
    memcpy(copy, body.data, body.length);
    while (mig_next_line(body, &at, &line))
    {
        if (is_bookkeeping(line))
            memset(copy + (line.data - body.data), ' ', line.length);
    }
    while (made.length > 0 && strchr(" \r\n", copy[made.length - 1]) != NULL)
        made.length--;
    return made;
}

/* What a step requires, a line break behind each. */
static MigBytes
make_requires(Mig *mig, MigBytes parents)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(parents, &at, ", ", &word))
    {
        mig_text_append(&text, word);
        mig_text_append_string(&text, "\n");
    }
    return mig_text_bytes(&text);
}

/* End a step: add it as a migration of one direction. */
static void
step_close(Mig *mig, const MigFile *file, const Step *step, size_t end,
           MigSource *source)
{
    MigFileName name = {.version = step->revision, .name = mig_bytes("")};
    MigMigration *migration;
    MigBytes body;

    if (!step->open || !mig_ok(mig))
        return;
    migration = mig_source_add(mig, source, &name, file, (MigBytes){NULL, 0});
    if (migration == NULL)
    {
        mig_fail_prefix(mig->error, "line %lld: ", (long long) step->mark);
        return;
    }
    body = make_body(mig, mig_part(file->text, step->start, end));
    migration->roles = 1U << (step->up ? MIG_FILE_UP : MIG_FILE_DOWN);
    mig_section_add_made(mig, step->up ? &migration->up : &migration->down,
                         file, body, step->line);
    if (!step->up)
        return;
    migration->requires = make_requires(mig, step->parents);
    migration->requires_line = step->mark;
}

/*
 * Begin a step.
 *
 * line   its mark
 * start  of the text below
 */
static void
step_begin(Mig *mig, MigBytes line, size_t start, int64_t number, Step *step)
{
    MigBytes rest;
    size_t arrow;

    step->up = mig_starts_with(line, UPGRADE);
    rest = mig_part(line, strlen(step->up ? UPGRADE : DOWNGRADE), line.length);
    arrow = find_text(rest, ARROW);
    if (arrow == rest.length)
    {
        (void) mig_fail(
            mig->error, MIG_INVALID, "line %lld: the mark has no \"->\": %.*s",
            (long long) number, (int) mig_cut(line, 200).length, line.data);
        return;
    }
    step->revision = mig_trim(mig_part(rest, 0, arrow));
    step->parents = step->revision;
    if (step->up)
        step->revision =
            mig_trim(mig_part(rest, arrow + strlen(ARROW), rest.length));
    step->open = true;
    step->start = start;
    step->line = number + 1;
    step->mark = number;
}

/*
 * Read a file without a step: a migration of our own format, as are added to
 * what was printed.
 */
static void
read_plain(Mig *mig, const MigFile *file, const MigFileName *name,
           MigSource *source)
{
    if (name->version.length == 0)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line 1: no step of Alembic begins in this file");
        mig_fail_hint(mig->error, "A migration beside what Alembic has printed "
                                  "is called <version>_<name>.sql.");
        return;
    }
    mig_source_add_native(mig, source, name, file);
}

static void
alembic_read_all(Mig *mig, const MigFile *file, const MigFileName *name,
                 MigSource *source)
{
    size_t at = file->start;
    size_t begin = at;
    int64_t number = 0;
    MigBytes line;
    Step step;

    memset(&step, 0, sizeof(step));
    while (mig_ok(mig) && mig_next_line(file->text, &at, &line))
    {
        number++;
        if (alembic_is_mark(line))
        {
            step_close(mig, file, &step, begin, source);
            step_begin(mig, line, at, number, &step);
        }
        begin = at;
    }
    step_close(mig, file, &step, file->text.length, source);
    if (mig_ok(mig) && !step.open)
        read_plain(mig, file, name, source);
}

/* A migration and where it stands in the source. */
typedef struct Found
{
    MigMigration *migration;
    size_t index;
} Found;

/* By version; a way up before a way back. */
static int
compare_found(const void *a, const void *b)
{
    const Found *first = a;
    const Found *second = b;
    int order = mig_position_compare(first->migration->version,
                                     second->migration->version);

    if (order == 0)
        order = (first->migration->up.count < second->migration->up.count) -
                (first->migration->up.count > second->migration->up.count);
    return order != 0 ? order
                      : (first->index > second->index) -
                            (first->index < second->index);
}

/* Give a way back to the way up before it, or fail. */
static void
join(Mig *mig, MigMigration *up, MigMigration *back)
{
    bool same = up != NULL && mig_bytes_equal(up->version, back->version);

    if (same && up->down.count == 0 && back->up.count == 0)
    {
        up->down = back->down;
        up->roles |= back->roles;
        back->roles = 0;
        return;
    }
    if (back->up.count == 0 && !same)
        (void) mig_fail(
            mig->error, MIG_INVALID,
            "\"%.*s\" line 1: revision \"%.*s\" has a way back, and "
            "no way up",
            (int) back->file.length, back->file.data,
            (int) back->version.length, back->version.data);
    else
        (void) mig_fail(mig->error, MIG_DUPLICATE,
                        "\"%.*s\" and \"%.*s\" line 1: both have revision "
                        "\"%.*s\"",
                        (int) up->file.length, up->file.data,
                        (int) back->file.length, back->file.data,
                        (int) back->version.length, back->version.data);
    mig_fail_hint(mig->error,
                  "Print each once: alembic upgrade --sql base:heads, and "
                  "alembic downgrade --sql head:base.");
}

/* Bring the two directions of each revision together. */
static void
alembic_finish(Mig *mig, MigSource *source)
{
    Found *found =
        mig_alloc_array(mig->arena, source->count, sizeof(Found), mig->error);
    MigMigration *up = NULL;
    size_t kept = 0;

    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        found[i].migration = &source->migrations[i];
        found[i].index = i;
    }
    if (mig_ok(mig) && source->count > 1)
        qsort(found, source->count, sizeof(Found), compare_found);
    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        MigMigration *migration = found[i].migration;

        if (migration->up.count == 0 ||
            (up != NULL && mig_bytes_equal(up->version, migration->version)))
            join(mig, up, migration);
        else
            up = migration;
    }
    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        MigMigration *migration = &source->migrations[i];

        if (migration->roles == 0)
            continue;
        if (!migration->sequence)
        {
            source->migrations[kept++] = *migration;
            continue;
        }
        mig_migration_checksum(mig, migration, migration->up.slices[0].whole);
        if (migration->down.count > 0)
            mig_migration_checksum(mig, migration,
                                   migration->down.slices[0].whole);
        migration->roles = 1U << MIG_FILE_WHOLE;
        migration->position =
            mig_sequence_position(mig, kept, migration->version);
        source->migrations[kept++] = *migration;
    }
    if (mig_ok(mig))
        source->count = kept;
}

const MigFormat mig_format_alembic = {
    .name = "alembic",
    .order = MIG_ORDER_FREE,
    .variables = MIG_VARIABLES_NATIVE,
    .foreign_hint =
        "Print their SQL into a folder of its own, and load that: alembic "
        "upgrade --sql base:heads > up.sql; alembic downgrade --sql head:base "
        "> down.sql.",
    .takes_native = true,
    .match = alembic_match,
    .is_sign = alembic_is_sign,
    .is_mark = alembic_is_mark,
    .read_all = alembic_read_all,
    .finish = alembic_finish,
};
