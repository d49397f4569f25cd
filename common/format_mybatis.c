#include "mig_divide.h"
#include "mig_variable.h"
#include "mig_version.h"

/*
 * MyBatis Migrations: <id>_<description>.sql, at the top or in scripts/, where
 * the id is a number and blanks of the description are '_'.  A line
 *
 *     -- //@UNDO
 *
 * parts the way up from the way back; without it there is no way back.
 * Lines that start with "//" are comments.  "-- @DELIMITER |" says what ends a
 * statement from there on (its MigrationReader and ScriptRunner); other marks
 * there are none.  ${name} is replaced where name is set.  bootstrap.sql,
 * onabort.sql, hooks and environments are no migrations.
 */

#define DELIMITER_MAX 40 /* bytes */

/* The state of reading one file. */
typedef struct MybatisFile
{
    MigDivider divider;
    MigMigration *migration;
    MigBytes delimiter; /* absent: a semicolon */
    bool undo;
    bool slashes; /* the present slice has comments of "//" */
    bool text;    /* and something else than comments */
} MybatisFile;

/* Files that are no migrations, and why. */
static const struct
{
    const char *start; /* of the path */
    const char *note;
} others[] = {
    {"bootstrap.sql", "run by \"migrate bootstrap\", before all migrations"},
    {"onabort.sql", "run when a migration has failed"},
    {"hooks/", "a hook, which is not run"},
    {"environments/",
     "settings of an environment: migrate_config('var.name', ...) sets "
     "variables"},
    {"drivers/", "not one of the scripts"},
};

/* Take a version: digits, perhaps with a fraction. */
static bool
is_number(MigBytes text)
{
    size_t points = 0;
    size_t digits = 0;

    for (size_t i = 0; i < text.length; i++)
    {
        digits += text.data[i] >= '0' && text.data[i] <= '9';
        points += text.data[i] == '.';
    }
    return digits > 0 && points <= 1 && digits + points == text.length &&
           text.data[0] != '.';
}

static bool
mybatis_match(MigBytes path, MigFileName *name)
{
    MigBytes stem;
    MigBytes version;
    const char *bar;

    if (mig_starts_with(path, "scripts/"))
        path = mig_part(path, strlen("scripts/"), path.length);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    {
        if (!mig_starts_with(path, others[i].start))
            continue;
        name->role = MIG_FILE_NONE;
        name->note = others[i].note;
        return true;
    }
    if (!mig_is_sql_path(path) || memchr(path.data, '/', path.length) != NULL)
        return false;
    stem = mig_part(path, 0, path.length - strlen(".sql"));
    bar = memchr(stem.data, '_', stem.length);
    version = mig_part(stem, 0,
                       bar == NULL ? stem.length : (size_t) (bar - stem.data));
    if (!is_number(version))
        return false;
    name->version = version;
    name->name = bar == NULL ? mig_bytes("")
                             : mig_part(stem, version.length + 1, stem.length);
    name->role = MIG_FILE_WHOLE;
    return true;
}

static bool
mybatis_is_sign(MigBytes path)
{
    return mig_starts_with(path, "environments/") &&
           mig_ends_with(path, ".properties");
}

/* Ids are decimal numbers: 1.10 stands before 1.9. */
static void
mybatis_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    const char *point = memchr(name->version.data, '.', name->version.length);
    size_t whole = point == NULL ? name->version.length
                                 : (size_t) (point - name->version.data);
    size_t end = name->version.length;

    while (point != NULL && end > whole + 1 &&
           name->version.data[end - 1] == '0')
        end--;
    mig_text_append(
        &text, mig_version_position(mig, mig_part(name->version, 0, whole)));
    if (end > whole + 1)
        mig_text_append(&text, mig_part(name->version, whole, end));
    *position = mig_text_bytes(&text);
}

/* Move behind blanks and tabs. */
static size_t
skip_blanks(MigBytes line, size_t at)
{
    while (at < line.length && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    return at;
}

/* Whether two slashes stand at an offset. */
static bool
has_slashes(MigBytes line, size_t at)
{
    return mig_starts_with(mig_part(line, at, line.length), "//");
}

/* Whether a line parts the way up from the way back. */
static bool
mybatis_is_mark(MigBytes line)
{
    size_t at = skip_blanks(line, 0);
    MigBytes rest = mig_part(line, at, line.length);

    if (!mig_starts_with(rest, "--") && !mig_starts_with(rest, "//"))
        return false;
    at = skip_blanks(line, at + 2);
    if (!has_slashes(line, at))
        return false;
    at = skip_blanks(line, at + 2);
    return mig_starts_with(mig_part(line, at, line.length), "@UNDO");
}

/* The delimiter that a comment sets, or absent bytes. */
static MigBytes
delimiter_of(MigBytes line)
{
    MigBytes absent = {NULL, 0};
    MigBytes word;
    size_t at = skip_blanks(line, 2);

    if (has_slashes(line, at))
        at = skip_blanks(line, at + 2);
    if (!mig_next_word(line, &at, " \t\r", &word) ||
        !mig_same_letters(word, mig_bytes("@DELIMITER")) ||
        !mig_next_word(line, &at, " \t\r", &word))
        return absent;
    return word;
}

/*
 * Add a slice with comments of "//": with "--" in their place, which is as
 * long.
 */
static void
add_with_comments(MybatisFile *file, MigBytes slice)
{
    MigDivider *divider = &file->divider;
    Mig *mig = divider->mig;
    char *copy = mig_alloc(mig->arena, slice.length + 1, mig->error);
    MigBytes made = {copy, slice.length};
    size_t at = 0;
    size_t begin = 0;
    MigBytes line;

    if (copy == NULL)
        return;
    memcpy(copy, slice.data, slice.length);
    while (mig_next_line(slice, &at, &line))
    {
        size_t blanks = skip_blanks(line, 0);

        if (has_slashes(line, blanks))
            copy[begin + blanks] = copy[begin + blanks + 1] = '-';
        begin = at;
    }
    mig_section_add_made(mig, divider->section, divider->file, made,
                         divider->start_line);
}

/* End the present slice at an offset, and begin the next behind the line. */
static void
end_slice(MybatisFile *file, size_t end)
{
    MigDivider *divider = &file->divider;

    if (file->slashes && file->text)
        add_with_comments(file,
                          mig_part(divider->file->text, divider->start, end));
    if (file->slashes)
        divider->start = end;
    mig_divider_split_at(divider, end);
    file->slashes = false;
    file->text = false;
}

/* Where a delimiter stands last in a line; the line's length for nowhere. */
static size_t
find_last(MigBytes line, MigBytes delimiter)
{
    for (size_t at = line.length + 1 - delimiter.length;
         delimiter.length <= line.length && at-- > 0;)
    {
        if (memcmp(line.data + at, delimiter.data, delimiter.length) == 0)
            return at;
    }
    return line.length;
}

/* Take the delimiter that a comment sets; what stands before is a script of its
 * own. */
static void
read_delimiter(MybatisFile *file, MigBytes delimiter)
{
    end_slice(file, file->divider.begin);
    file->delimiter = delimiter;
    if (mig_bytes_equal(delimiter, mig_bytes(";")))
        file->delimiter.data = NULL;
    else if (delimiter.length > DELIMITER_MAX)
        mig_divider_fail(&file->divider,
                         "the delimiter is longer than %d bytes",
                         DELIMITER_MAX);
}

/* Look at one line. */
static void
read_line(MybatisFile *file)
{
    MigDivider *divider = &file->divider;
    MigBytes line = divider->text;
    size_t blanks = skip_blanks(line, 0);
    MigBytes rest = mig_part(line, blanks, line.length);
    size_t last;

    if (!file->undo && mybatis_is_mark(line))
    {
        end_slice(file, divider->begin);
        mig_divider_close(divider);
        mig_divider_open(divider, &file->migration->down);
        file->undo = true;
        file->delimiter.data = NULL;
    }
    else if (mig_starts_with(rest, "--") || mig_starts_with(rest, "//"))
    {
        MigBytes delimiter = delimiter_of(rest);

        file->slashes = file->slashes || mig_starts_with(rest, "//");
        if (delimiter.data != NULL)
            read_delimiter(file, delimiter);
    }
    else
    {
        file->text = file->text || rest.length > 0;
        if (file->delimiter.data == NULL)
            return;
        last = find_last(line, file->delimiter);
        if (last < line.length)
            end_slice(file, divider->begin + last);
    }
}

static void
mybatis_read(Mig *mig, const MigFile *text, const MigFileName *name,
             MigMigration *migration)
{
    MybatisFile file;

    (void) name;
    memset(&file, 0, sizeof(file));
    file.divider.mig = mig;
    file.divider.file = text;
    file.migration = migration;
    mig_divider_open(&file.divider, &migration->up);
    while (mig_divider_next(&file.divider))
        read_line(&file);
    if (!mig_ok(mig))
        return;
    if (file.delimiter.data != NULL && file.text)
    {
        mig_divider_fail(&file.divider,
                         "the last statement does not end with the delimiter "
                         "\"%.*s\"",
                         (int) file.delimiter.length, file.delimiter.data);
        return;
    }
    end_slice(&file, file.divider.begin);
    mig_divider_close(&file.divider);
}

const MigFormat mig_format_mybatis = {
    .name = "mybatis",
    .variables = MIG_VARIABLES_NATIVE,
    .match = mybatis_match,
    .is_sign = mybatis_is_sign,
    .is_mark = mybatis_is_mark,
    .identify = mybatis_identify,
    .read = mybatis_read,
};
