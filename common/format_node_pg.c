#include "mig_format.h"
#include "mig_version.h"

/*
 * node-pg-migrate: <number>_<name>.sql beside programs (.js, .ts and others);
 * a file's name without its end is its identity.  Comments like
 *
 *     -- Up Migration
 *     -- Down Migration
 *
 * begin the two ways, in either order (its src/sqlMigration.ts); what stands
 * before the first is passed over.  Without both all is the way up.  Order is
 * by the number, where 17 digits are a time in UTC and stand for its
 * milliseconds, and then by name (src/utils/fileNameUtils.ts).
 */

#define UTC_DIGITS 17

static const char *const programs[] = {".js",  ".ts",  ".cjs", ".mjs",
                                       ".cts", ".mts", NULL};

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

/* Length of a path's end when it is SQL or a program, else 0. */
static size_t
end_length(MigBytes path)
{
    if (mig_is_sql_path(path))
        return strlen(".sql");
    for (size_t i = 0; programs[i] != NULL; i++)
    {
        if (mig_ends_with(path, programs[i]))
            return strlen(programs[i]);
    }
    return 0;
}

static bool
node_pg_match(MigBytes path, MigFileName *name)
{
    size_t end = end_length(path);
    MigBytes stem = mig_part(path, 0, path.length - end);
    size_t digits = count_digits(path);

    if (end == 0 || digits == 0 || mig_ends_with(stem, ".up") ||
        mig_ends_with(stem, ".down") || mig_ends_with(stem, ".d") ||
        memchr(path.data, '/', path.length) != NULL)
        return false;
    name->version = stem;
    name->name = mig_part(stem, digits, stem.length);
    if (name->name.length > 0 && strchr("_- ", name->name.data[0]) != NULL)
        name->name = mig_part(name->name, 1, name->name.length);
    name->role = mig_is_sql_path(path) ? MIG_FILE_WHOLE : MIG_FILE_FOREIGN;
    return true;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
    static const int before[] = {0,   31,  59,  90,  120, 151,
                                 181, 212, 243, 273, 304, 334};
    int64_t past = year - (month <= 2);
    int64_t leaps = past / 4 - past / 100 + past / 400;

    return (year - 1970) * 365 + before[month - 1] + day - 1 + leaps -
           (1969 / 4 - 1969 / 100 + 1969 / 400);
}

/* The number of some digits of a text. */
static int64_t
number_at(MigBytes text, size_t start, size_t length)
{
    int64_t number = 0;

    (void) mig_parse_digits(mig_part(text, start, start + length), &number);
    return number;
}

/*
 * Milliseconds of yyyyMMddHHmmssSSS in UTC since 1970; -1 when that is no
 * time.
 */
static int64_t
milliseconds_of(MigBytes digits)
{
    int64_t year = number_at(digits, 0, 4);
    int64_t month = number_at(digits, 4, 2);
    int64_t day = number_at(digits, 6, 2);
    int64_t hour = number_at(digits, 8, 2);
    int64_t minute = number_at(digits, 10, 2);
    int64_t second = number_at(digits, 12, 2);

    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 ||
        hour > 23 || minute > 59 || second > 59)
        return -1;
    return (((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 +
            second) *
               1000 +
           number_at(digits, 14, 3);
}

static void
node_pg_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    size_t digits = count_digits(name->version);
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    int64_t time;

    name->version = mig_version_from_name(mig, name->version);
    if (digits != UTC_DIGITS)
    {
        *position = mig_version_position(mig, name->version);
        return;
    }
    time = milliseconds_of(name->version);
    if (time < 0)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "the 17 digits before the name of \"%.*s\" are no time",
                        (int) name->version.length, name->version.data);
    mig_text_append_format(&text, "%lld", (long long) time);
    mig_text_append(&text,
                    mig_part(name->version, digits, name->version.length));
    *position = mig_version_position(mig, mig_text_bytes(&text));
}

/*
 * The rest of a line behind a mark: "--", blanks and dashes, "up" or "down",
 * blanks, "migration", in any case.  Absent bytes when it is none.
 */
static MigBytes
behind_mark(MigBytes line, const char *direction)
{
    MigBytes absent = {NULL, 0};
    MigBytes word;
    size_t at;
    size_t length = strlen("migration");

    line = mig_trim(line);
    if (!mig_starts_with(line, "--"))
        return absent;
    for (at = 2; at < line.length && strchr("- \t", line.data[at]) != NULL;)
        at++;
    if (!mig_next_word(line, &at, " \t", &word) ||
        !mig_same_letters(word, mig_bytes(direction)))
        return absent;
    while (at < line.length && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    if (!mig_same_letters(
            mig_part(line, at,
                     at + length <= line.length ? at + length : line.length),
            mig_bytes("migration")))
        return absent;
    return mig_part(line, at + length, line.length);
}

/* Whether nothing but signs stands behind a mark: so it is no sentence. */
static bool
is_bare(MigBytes rest)
{
    if (rest.data == NULL)
        return false;
    for (size_t i = 0; i < rest.length; i++)
    {
        if (strchr("- \t.:=*#", rest.data[i]) == NULL)
            return false;
    }
    return true;
}

static bool
node_pg_is_mark(MigBytes line)
{
    return is_bare(behind_mark(line, "up")) ||
           is_bare(behind_mark(line, "down"));
}

/* Where the first mark of each direction stands; the text's length for none. */
static void
find_marks(const MigFile *file, size_t *up, size_t *down)
{
    size_t at = file->start;
    size_t begin = at;
    MigBytes line;

    *up = *down = file->text.length;
    while (mig_next_line(file->text, &at, &line))
    {
        if (*up == file->text.length && behind_mark(line, "up").data != NULL)
            *up = begin;
        if (*down == file->text.length &&
            behind_mark(line, "down").data != NULL)
            *down = begin;
        begin = at;
    }
}

static void
node_pg_read(Mig *mig, const MigFile *file, const MigFileName *name,
             MigMigration *migration)
{
    size_t length = file->text.length;
    size_t up;
    size_t down;

    (void) name;
    find_marks(file, &up, &down);
    if (up == length && down < length)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line %lld: there is a \"Down Migration\" and no \"Up "
                        "Migration\"",
                        (long long) mig_count_lines(file->text, down) + 1);
        mig_fail_hint(mig->error, "node-pg-migrate takes the whole file for "
                                  "the way up then, the way back too; put "
                                  "\"-- Up Migration\" before what goes up.");
        return;
    }
    if (up == length)
        up = file->start;
    mig_section_add(mig, &migration->up, file, up, down < up ? length : down);
    if (down < length)
        mig_section_add(mig, &migration->down, file, down,
                        up < down ? length : up);
}

const MigFormat mig_format_node_pg = {
    .name = "node-pg-migrate",
    .match = node_pg_match,
    .is_mark = node_pg_is_mark,
    .identify = node_pg_identify,
    .read = node_pg_read,
};
