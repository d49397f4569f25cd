#include "mig_divide.h"
#include "mig_version.h"

/*
 * sql-migrate: any *.sql; a file's name is its identity.  Lines that start with
 * "-- +migrate " are marks, in that case (its sqlparse/sqlparse.go):
 *
 *     -- +migrate Up notransaction     starts a section; several of a kind run
 *     -- +migrate Down                 one after another
 *     -- +migrate StatementBegin       up to StatementEnd is one statement,
 *     -- +migrate StatementEnd         which needs no semicolon
 *
 * What stands before the first section is passed over.  Order is by the number
 * that a name starts with, then by name; names without one come last
 * (Migration.Less).  The version is the name without ".sql", with '_' for
 * blanks.
 */

#define PREFIX "-- +migrate "

/* The state of reading one file. */
typedef struct SqlMigrateFile
{
    MigDivider divider;
    MigMigration *migration;
    bool statement; /* between StatementBegin and StatementEnd */
    int64_t begun;  /* line of StatementBegin */
    bool ended;     /* the last line with SQL ended a statement */
    bool divided;   /* a section was met */
} SqlMigrateFile;

/* How many digits a text starts with. */
static size_t
count_digits(MigBytes text)
{
    size_t digits = 0;

    while (digits < text.length && text.data[digits] >= '0' &&
           text.data[digits] <= '9')
        digits++;
    return digits;
}

static bool
sql_migrate_match(MigBytes path, MigFileName *name)
{
    size_t digits;

    if (!mig_is_sql_path(path) || memchr(path.data, '/', path.length) != NULL ||
        mig_format_golang.match(path, name))
        return false;
    memset(name, 0, sizeof(*name));
    name->version = mig_part(path, 0, path.length - strlen(".sql"));
    digits = count_digits(name->version);
    name->name = mig_part(name->version, digits, name->version.length);
    if (digits > 0 && name->name.length > 0 &&
        strchr("_- ", name->name.data[0]) != NULL)
        name->name = mig_part(name->name, 1, name->name.length);
    name->role = MIG_FILE_WHOLE;
    return true;
}

static bool
sql_migrate_is_mark(MigBytes line)
{
    return mig_starts_with(line, PREFIX) ||
           mig_bytes_equal(line, mig_bytes("-- +migrate"));
}

static void
sql_migrate_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    size_t digits = count_digits(name->version);

    name->version = mig_version_from_name(mig, name->version);
    if (digits > 0)
        mig_text_append(&text, mig_version_position(
                                   mig, mig_part(name->version, 0, digits)));
    else
        mig_text_append_string(&text, MIG_POSITION_VERSION);
    mig_text_append_string(&text, ":");
    mig_text_append(&text, name->version);
    *position = mig_text_bytes(&text);
}

/* Open a section at its mark. */
static void
read_section(SqlMigrateFile *file, MigSection *section, MigBytes options)
{
    MigDivider *divider = &file->divider;
    MigBytes word;
    size_t at = 0;

    if (file->statement)
        mig_divider_fail(divider,
                         "the statement that begins at line %lld has no "
                         "\"" PREFIX "StatementEnd\" before this mark",
                         (long long) file->begun);
    while (mig_ok(divider->mig) && mig_next_word(options, &at, " \t", &word))
    {
        if (!mig_bytes_equal(word, mig_bytes("notransaction")))
        {
            mig_divider_fail(divider, "unknown option \"%.*s\"",
                             (int) mig_cut(word, 80).length, word.data);
            mig_fail_hint(divider->mig->error, "Known is notransaction.");
        }
        else if (mig_option(file->migration->options, "transaction").data ==
                 NULL)
            mig_option_add(divider->mig, file->migration, "transaction",
                           mig_bytes("false"));
    }
    mig_divider_close(divider);
    mig_divider_open(divider, section);
    file->divided = true;
    file->ended = true;
}

/* Begin or end a statement at its mark. */
static void
read_statement(SqlMigrateFile *file, bool begin)
{
    MigDivider *divider = &file->divider;

    if (!file->divided)
        return;
    if (begin == file->statement)
        mig_divider_fail(divider, begin ? "a second \"" PREFIX
                                          "StatementBegin\" before StatementEnd"
                                        : "\"" PREFIX
                                          "StatementEnd\" ends no statement");
    if (!begin && !file->ended)
        mig_divider_split(divider);
    file->statement = begin;
    file->begun = divider->line;
}

/* Look at one line. */
static void
read_line(SqlMigrateFile *file)
{
    MigDivider *divider = &file->divider;
    MigBytes line = divider->text;
    MigBytes command = {"", 0};
    size_t at = strlen("-- +migrate");

    if (!sql_migrate_is_mark(line))
    {
        MigBytes trimmed = mig_trim(line);

        if (sql_migrate_is_mark(trimmed))
            mig_divider_fail(divider, "blanks stand before \"%.*s\"",
                             (int) mig_cut(trimmed, 200).length, trimmed.data);
        if (trimmed.length > 0 && !mig_starts_with(trimmed, "--"))
            file->ended = mig_line_ends_statement(trimmed);
        return;
    }
    (void) mig_next_word(line, &at, " \t", &command);
    if (mig_bytes_equal(command, mig_bytes("Up")))
        read_section(file, &file->migration->up,
                     mig_part(line, at, line.length));
    else if (mig_bytes_equal(command, mig_bytes("Down")))
        read_section(file, &file->migration->down,
                     mig_part(line, at, line.length));
    else if (mig_bytes_equal(command, mig_bytes("StatementBegin")))
        read_statement(file, true);
    else if (mig_bytes_equal(command, mig_bytes("StatementEnd")))
        read_statement(file, false);
    else
    {
        mig_divider_fail(divider, "unknown mark of sql-migrate: \"%.*s\"",
                         (int) mig_cut(line, 200).length, line.data);
        mig_fail_hint(divider->mig->error,
                      "Known are -- +migrate Up, Down, StatementBegin and "
                      "StatementEnd, in that case.");
    }
}

static void
sql_migrate_read(Mig *mig, const MigFile *text, const MigFileName *name,
                 MigMigration *migration)
{
    SqlMigrateFile file;

    (void) name;
    memset(&file, 0, sizeof(file));
    file.divider.mig = mig;
    file.divider.file = text;
    file.migration = migration;
    while (mig_divider_next(&file.divider))
        read_line(&file);
    if (!mig_ok(mig))
        return;
    if (file.statement)
        mig_divider_fail(&file.divider,
                         "the statement that begins at line %lld has no "
                         "\"" PREFIX "StatementEnd\"",
                         (long long) file.begun);
    else if (!file.divided)
        mig_divider_fail(&file.divider, "the file has neither \"" PREFIX
                                        "Up\" nor \"" PREFIX "Down\"");
    mig_divider_close(&file.divider);
}

const MigFormat mig_format_sql_migrate = {
    .name = "sql-migrate",
    .match = sql_migrate_match,
    .is_mark = sql_migrate_is_mark,
    .identify = sql_migrate_identify,
    .read = sql_migrate_read,
};
