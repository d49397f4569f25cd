#include <stdlib.h>

#include "mig_listing.h"
#include "mig_version.h"

/*
 * tern: <number>_<name>.sql, numbered 1, 2, 3 without a gap (its
 * migrate/migrate.go).  The text up to
 *
 *     ---- create above / drop below ----
 *
 * is the way up, the rest the way back; without it, or with nothing below it,
 * there is no way back.  A line "---- tern: disable-tx ----" in either says
 * that it runs in no transaction.  Files in folders are for its templates,
 * which are Go's text/template: where a text holds one, it cannot be read here.
 */

#define DIVIDER "---- create above / drop below ----"
#define DISABLE "---- tern: disable-tx ----"

static bool
tern_match(MigBytes path, MigFileName *name)
{
    const char *slash = memchr(path.data, '/', path.length);
    const char *bar = memchr(path.data, '_', path.length);
    MigBytes version;
    int64_t number;

    if (!mig_is_sql_path(path))
        return false;
    if (slash != NULL)
    {
        name->role = MIG_FILE_NONE;
        name->note = "only for tern's templates";
        return true;
    }
    version = mig_part(path, 0, bar == NULL ? 0 : (size_t) (bar - path.data));
    if (!mig_parse_digits(version, &number) || number == 0 ||
        path.length <= version.length + strlen("_.sql"))
        return false;
    name->role = MIG_FILE_WHOLE;
    name->version = version;
    name->name =
        mig_part(path, version.length + 1, path.length - strlen(".sql"));
    return true;
}

static bool
tern_is_sign(MigBytes path)
{
    return mig_bytes_equal(path, mig_bytes("tern.conf"));
}

static bool
tern_is_mark(MigBytes line)
{
    return mig_bytes_equal(line, mig_bytes(DIVIDER)) ||
           mig_bytes_equal(line, mig_bytes(DISABLE));
}

static int
compare_numbers(const void *a, const void *b)
{
    return mig_position_compare(((const MigListed *) a)->position,
                                ((const MigListed *) b)->position);
}

/* Fail where the numbers are not 1, 2, 3 ... */
static void
tern_arrange(Mig *mig, MigListing *listing)
{
    MigListed *files = mig_alloc_array(mig->arena, listing->count,
                                       sizeof(MigListed), mig->error);
    size_t count = 0;

    if (!mig_ok(mig) || listing->single)
        return;
    for (size_t i = 0; i < listing->count; i++)
    {
        if (listing->files[i].name.role == MIG_FILE_WHOLE)
            files[count++] = listing->files[i];
    }
    if (count > 1)
        qsort(files, count, sizeof(MigListed), compare_numbers);
    for (size_t i = 0; i < count && mig_ok(mig); i++)
    {
        int64_t number = 0;

        (void) mig_parse_digits(files[i].name.version, &number);
        if (number == (int64_t) i)
            return; /* twice the same, which the source names */
        if (number == (int64_t) i + 1)
            continue;
        (void) mig_fail(mig->error, MIG_INVALID,
                        "tern's migration %zu is missing: \"%.*s\" has the "
                        "next number",
                        i + 1, (int) files[i].path.length, files[i].path.data);
        mig_fail_hint(mig->error, "tern numbers its migrations 1, 2, 3 without "
                                  "a gap, and refuses such a directory too.");
    }
}

/* Where two bytes stand in a text, the same one twice; its length for nowhere.
 */
static size_t
find_twice(MigBytes text, size_t at, char byte)
{
    while (at + 1 < text.length)
    {
        const char *found = memchr(text.data + at, byte, text.length - at - 1);

        if (found == NULL)
            break;
        at = (size_t) (found - text.data);
        if (text.data[at + 1] == byte)
            return at;
        at++;
    }
    return text.length;
}

/* Fail where a text holds one of Go's templates. */
static void
refuse_templates(Mig *mig, const MigFile *file)
{
    size_t at = find_twice(file->text, file->start, '{');
    MigBytes found;
    MigBytes line;
    size_t none = 0;

    if (at == file->text.length)
        return;
    found = mig_part(file->text, at, file->text.length);
    (void) mig_next_line(found, &none, &line);
    at = find_twice(line, 0, '}');
    if (at < line.length)
        line.length = at + 2;
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "line %lld: \"%.*s\" is a template of Go's, which is not "
                    "evaluated here",
                    (long long) mig_count_lines(file->text, file->text.length -
                                                                found.length) +
                        1,
                    (int) mig_cut(line, 80).length, line.data);
    mig_fail_hint(mig->error, "Put in its place what it stands for.");
}

/* Where the line that divides a file stands in it; its length for nowhere. */
static size_t
find_divider(const MigFile *file)
{
    size_t length = strlen(DIVIDER);
    size_t at = file->start;

    while (at + length <= file->text.length)
    {
        const char *dash = memchr(file->text.data + at, '-',
                                  file->text.length - at - length + 1);

        if (dash == NULL)
            break;
        at = (size_t) (dash - file->text.data);
        if (memcmp(dash, DIVIDER, length) == 0)
            return at;
        at++;
    }
    return file->text.length;
}

/* Whether a text has a line that is neither blank nor a comment. */
static bool
holds_sql(MigBytes text)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(text, &at, &line))
    {
        line = mig_trim(line);
        if (line.length > 0 && !mig_starts_with(line, "--"))
            return true;
    }
    return false;
}

/* Whether a text has the line that asks for no transaction. */
static bool
is_without_transaction(MigBytes text)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(text, &at, &line))
    {
        if (mig_bytes_equal(line, mig_bytes(DISABLE)))
            return true;
    }
    return false;
}

static void
tern_read(Mig *mig, const MigFile *file, const MigFileName *name,
          MigMigration *migration)
{
    size_t end = find_divider(file);
    size_t below = end + strlen(DIVIDER);
    size_t length = file->text.length;

    (void) name;
    refuse_templates(mig, file);
    if (mig_ok(mig) && !holds_sql(mig_part(file->text, file->start, end)))
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line 1: there is no statement above \"" DIVIDER "\"");
        mig_fail_hint(mig->error, "tern refuses such a migration too; write "
                                  "SELECT 1 for one that does nothing.");
    }
    mig_section_add(mig, &migration->up, file, file->start, end);
    if (below < length && !mig_is_blank(mig_part(file->text, below, length)))
        mig_section_add(mig, &migration->down, file, below, length);
    if (is_without_transaction(file->text))
        mig_option_add(mig, migration, "transaction", mig_bytes("false"));
}

const MigFormat mig_format_tern = {
    .name = "tern",
    .match = tern_match,
    .is_sign = tern_is_sign,
    .is_mark = tern_is_mark,
    .arrange = tern_arrange,
    .read = tern_read,
};
