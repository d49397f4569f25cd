#include "mig_divide.h"
#include "mig_variable.h"

/*
 * goose: <number>_<name>.sql, the number above 0.  Lines that start with "--"
 * and hold "+goose" are marks (its internal/sqlparser/parser.go):
 *
 *     -- +goose Up                 mandatory; before it only comments
 *     -- +goose Down               at most one
 *     -- +goose StatementBegin     up to StatementEnd is one statement, which
 *     -- +goose StatementEnd       needs no semicolon
 *     -- +goose NO TRANSACTION     anywhere; for both ways
 *     -- +goose ENVSUB ON, OFF     between them $NAME and ${NAME} are replaced
 *
 * Their case does not count.  Where statements end otherwise is the engine's
 * own affair, not that of lines that end with a semicolon.
 */

typedef enum GooseState
{
    GOOSE_START,
    GOOSE_UP,
    GOOSE_DOWN
} GooseState;

/* The state of reading one file. */
typedef struct GooseFile
{
    MigDivider divider;
    MigMigration *migration;
    GooseState state;
    bool statement;     /* between StatementBegin and StatementEnd */
    int64_t begun;      /* line of StatementBegin */
    bool ended;         /* the last line with SQL ended a statement */
    bool substitutes;   /* ENVSUB is on, */
    bool carries;       /* and was when the present slice began, */
    int64_t carry_line; /* behind this line */
} GooseFile;

/* Whether a file's last part is a given one. */
static bool
has_suffix(MigBytes path, const char *suffix)
{
    return mig_ends_with(path, suffix) && path.length > strlen(suffix);
}

static bool
goose_match(MigBytes path, MigFileName *name)
{
    bool go = has_suffix(path, ".go");
    const char *bar = memchr(path.data, '_', path.length);
    MigBytes version;
    int64_t number;

    if ((!go && !mig_is_sql_path(path)) || bar == NULL ||
        memchr(path.data, '/', path.length) != NULL)
        return false;
    version = mig_part(path, 0, (size_t) (bar - path.data));
    if (!mig_parse_digits(version, &number) || number == 0)
        return false;
    name->version = version;
    name->name = mig_part(path, name->version.length + 1,
                          path.length - (go ? strlen(".go") : strlen(".sql")));
    name->role = go ? MIG_FILE_FOREIGN : MIG_FILE_WHOLE;
    if (has_suffix(path, "_test.go"))
    {
        name->role = MIG_FILE_NONE;
        name->note = "a test in Go";
    }
    return true;
}

/* Whether a text holds a word somewhere. */
static bool
holds(MigBytes text, const char *word)
{
    size_t length = strlen(word);

    for (size_t at = 0; at + length <= text.length; at++)
    {
        if (memcmp(text.data + at, word, length) == 0)
            return true;
    }
    return false;
}

static bool
goose_is_mark(MigBytes line)
{
    return mig_starts_with(line, "--") &&
           mig_starts_with(mig_trim(mig_part(line, 2, line.length)), "+goose");
}

/* What stands behind "-- +goose"; absent bytes when the line is no such mark.
 */
static MigBytes
mark_of(MigBytes line)
{
    MigBytes absent = {NULL, 0};
    MigBytes rest = mig_trim(mig_part(line, 2, line.length));

    return mig_starts_with(rest, "+goose")
               ? mig_trim(mig_part(rest, strlen("+goose"), rest.length))
               : absent;
}

/* Note what holds where a slice begins. */
static void
begin_slice(GooseFile *file)
{
    file->ended = true;
    file->carries = file->substitutes;
    file->carry_line = file->divider.line;
}

static void
open_section(GooseFile *file, MigSection *section)
{
    mig_divider_open(&file->divider, section);
    begin_slice(file);
}

/*
 * Add a slice that began while ENVSUB was on: with the mark that says so, in
 * place of the line before it.
 */
static void
add_carried(GooseFile *file, MigBytes slice)
{
    MigDivider *divider = &file->divider;
    MigText text = {divider->mig->arena, divider->mig->error, NULL, 0, 0};

    mig_text_append_string(&text, "-- +goose ENVSUB ON\n");
    mig_text_append(&text, slice);
    mig_section_add_made(divider->mig, divider->section, divider->file,
                         mig_text_bytes(&text), file->carry_line);
}

/*
 * End the present slice before the current line.
 *
 * last  of its section, which is then closed
 */
static void
end_slice(GooseFile *file, bool last)
{
    MigDivider *divider = &file->divider;
    MigSection *section = divider->section;
    MigBytes slice;

    if (section == NULL)
        return;
    slice = mig_part(divider->file->text, divider->start, divider->begin);
    if (file->carries && !mig_is_blank(slice))
    {
        add_carried(file, slice);
        divider->start = divider->begin;
    }
    if (last)
        mig_divider_close(divider);
    else
        mig_divider_split(divider);
    begin_slice(file);
}

/* Open the way up or back at a mark, where that may stand. */
static void
read_direction(GooseFile *file, GooseState wanted)
{
    MigDivider *divider = &file->divider;

    if (file->statement)
        mig_divider_fail(divider,
                         "the statement that begins at line %lld has no "
                         "\"-- +goose StatementEnd\" before this mark",
                         (long long) file->begun);
    else if (wanted == GOOSE_UP && file->state != GOOSE_START)
        mig_divider_fail(divider, "a second \"-- +goose Up\"");
    else if (wanted == GOOSE_DOWN && file->state == GOOSE_START)
        mig_divider_fail(divider, "\"-- +goose Down\" stands before "
                                  "\"-- +goose Up\"");
    else if (wanted == GOOSE_DOWN && file->state == GOOSE_DOWN)
        mig_divider_fail(divider, "a second \"-- +goose Down\"");
    end_slice(file, true);
    file->state = wanted;
    open_section(file, wanted == GOOSE_UP ? &file->migration->up
                                          : &file->migration->down);
}

/* Begin or end a statement at a mark. */
static void
read_statement(GooseFile *file, bool begin)
{
    MigDivider *divider = &file->divider;

    if (file->state == GOOSE_START)
        mig_divider_fail(divider, "a statement is marked before "
                                  "\"-- +goose Up\"");
    else if (begin && file->statement)
        mig_divider_fail(divider,
                         "the statement that begins at line %lld has no "
                         "\"-- +goose StatementEnd\" before this one",
                         (long long) file->begun);
    else if (!begin && !file->statement)
        mig_divider_fail(divider, "\"-- +goose StatementEnd\" ends no "
                                  "statement: there is no StatementBegin");
    if (!begin && !file->ended)
        end_slice(file, false);
    file->statement = begin;
    file->begun = divider->line;
}

/* Handle a line that is a mark. */
static void
read_mark(GooseFile *file)
{
    MigDivider *divider = &file->divider;
    MigBytes line = divider->text;
    MigBytes mark = mark_of(mig_trim(line));

    if (line.data[0] == ' ' || line.data[0] == '\t')
        mig_divider_fail(divider, "blanks stand before \"%.*s\"",
                         (int) mig_cut(mig_trim(line), 200).length,
                         mig_trim(line).data);
    else if (mig_same_letters(mark, mig_bytes("UP")))
        read_direction(file, GOOSE_UP);
    else if (mig_same_letters(mark, mig_bytes("DOWN")))
        read_direction(file, GOOSE_DOWN);
    else if (mig_same_letters(mark, mig_bytes("STATEMENTBEGIN")))
        read_statement(file, true);
    else if (mig_same_letters(mark, mig_bytes("STATEMENTEND")))
        read_statement(file, false);
    else if (mig_same_letters(mark, mig_bytes("NO TRANSACTION")))
    {
        if (mig_option(file->migration->options, "transaction").data == NULL)
            mig_option_add(divider->mig, file->migration, "transaction",
                           mig_bytes("false"));
    }
    else if (mig_same_letters(mark, mig_bytes("ENVSUB ON")) ||
             mig_same_letters(mark, mig_bytes("ENVSUB OFF")))
        file->substitutes = mig_same_letters(mark, mig_bytes("ENVSUB ON"));
    else
    {
        mig_divider_fail(divider, "unknown mark of goose: \"%.*s\"",
                         (int) mig_cut(line, 200).length, line.data);
        mig_fail_hint(divider->mig->error,
                      "Known are -- +goose Up, Down, StatementBegin, "
                      "StatementEnd, NO TRANSACTION, ENVSUB ON and ENVSUB "
                      "OFF.");
    }
}

/* Look at one line. */
static void
read_line(GooseFile *file)
{
    MigBytes trimmed = mig_trim(file->divider.text);

    if (mig_starts_with(trimmed, "--") && holds(trimmed, "+goose"))
        read_mark(file);
    else if (trimmed.length == 0 || mig_starts_with(trimmed, "--"))
        return;
    else if (file->state == GOOSE_START)
        mig_divider_fail(&file->divider, "there are statements before "
                                         "\"-- +goose Up\"");
    else
        file->ended = mig_line_ends_statement(trimmed);
}

static void
goose_read(Mig *mig, const MigFile *text, const MigFileName *name,
           MigMigration *migration)
{
    GooseFile file;

    (void) name;
    memset(&file, 0, sizeof(file));
    file.divider.mig = mig;
    file.divider.file = text;
    file.migration = migration;
    while (mig_divider_next(&file.divider))
        read_line(&file);
    if (!mig_ok(mig))
        return;
    if (file.state == GOOSE_START)
        mig_divider_fail(&file.divider, "the file has no \"-- +goose Up\"");
    else if (file.statement)
        mig_divider_fail(&file.divider,
                         "the statement that begins at line %lld has no "
                         "\"-- +goose StatementEnd\"",
                         (long long) file.begun);
    end_slice(&file, true);
}

const MigFormat mig_format_goose = {
    .name = "goose",
    .variables = MIG_VARIABLES_ENVSUB,
    .match = goose_match,
    .is_mark = goose_is_mark,
    .read = goose_read,
};
