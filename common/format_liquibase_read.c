#include "format_liquibase.h"

#include "mig_precondition.h"

/* A file whose lines are being read. */
typedef struct Reader
{
    Mig *mig;
    const MigFile *file;
    MigSource *source;
    MigLiquibaseState *state;
    MigBytes path; /* by which its changesets are known */
    bool has_path; /* the header has said so */
    bool headed;   /* the header was read */
    int64_t line;  /* being read, from 1 */
    size_t start;  /* of it in the file, in bytes */
    size_t at;     /* behind it */
    bool open;     /* a changeset is being read: */
    MigLiquibaseChangeset changeset;
    int64_t gaps;   /* lines since the last statement's that are none */
    int64_t blanks; /* blank ones since then */
    bool warned;    /* of what stands before the first changeset */
} Reader;

/* The next line, without its end. */
static bool
next_line(Reader *reader, MigBytes *line)
{
    reader->start = reader->at;
    if (!mig_next_line(reader->file->text, &reader->at, line))
        return false;
    reader->line++;
    return true;
}

/* Append line breaks. */
static void
append_breaks(MigText *text, int64_t count)
{
    while (count-- > 0)
        mig_text_append_string(text, "\n");
}

/* Tell of what Liquibase passes over without a word. */
static void
warn_lost(Reader *reader)
{
    const char *message;

    if (reader->warned)
        return;
    reader->warned = true;
    message = mig_format_string(
        reader->mig->arena, reader->mig->error,
        "\"%.*s\" line %lld: what stands before the first changeset is passed "
        "over",
        (int) reader->file->path.length, reader->file->path.data,
        (long long) reader->line);
    if (message != NULL)
        reader->mig->host->methods->notice(reader->mig->host, MIG_WARNING,
                                           message);
}

/* Take a line that is no mark. */
static void
take_text(Reader *reader, MigBytes line)
{
    MigLiquibaseChangeset *changeset = &reader->changeset;
    MigBytes before =
        mig_part(reader->file->text, changeset->first, changeset->last);
    bool begun = changeset->last > 0;

    if (!reader->open)
    {
        if (!mig_is_blank(line) && !mig_starts_with(mig_trim(line), "--"))
            warn_lost(reader);
        return;
    }
    if (mig_is_blank(line))
    {
        reader->blanks++;
        return;
    }
    if (!begun)
    {
        changeset->first = reader->start;
        changeset->first_line = reader->line;
    }
    else if (reader->gaps > 0 && !changeset->made)
    {
        changeset->made = true;
        mig_text_append(&changeset->text, before);
        mig_text_append(&changeset->plain, before);
    }
    if (changeset->made)
    {
        append_breaks(&changeset->text, reader->line - changeset->last_line);
        mig_text_append(&changeset->text, line);
        append_breaks(&changeset->plain, 1 + reader->blanks);
        mig_text_append(&changeset->plain, line);
    }
    changeset->last = reader->start + line.length;
    changeset->last_line = reader->line;
    reader->gaps = 0;
    reader->blanks = 0;
}

/* Take a line of the way back, with blanks for what stands before it. */
static void
take_back(Reader *reader, MigBytes line, MigBytes rest)
{
    MigLiquibaseChangeset *changeset = &reader->changeset;
    MigText *back = &changeset->back;

    if (!reader->open)
        return;
    if (changeset->back_line == 0)
        changeset->back_line = changeset->back_newest = reader->line;
    append_breaks(back, reader->line - changeset->back_newest);
    changeset->back_newest = reader->line;
    for (const char *byte = line.data; byte < rest.data && rest.length > 0;
         byte++)
        mig_text_append_string(back, *byte == '\t' ? "\t" : " ");
    mig_text_append(back, rest);
}

/* Take the lines of a comment that holds a way back. */
static void
take_block(Reader *reader)
{
    int64_t began = reader->line;
    MigBytes line;

    reader->gaps++;
    while (next_line(reader, &line))
    {
        MigBytes trimmed = mig_trim(line);
        bool ends = mig_ends_with(trimmed, "*/");
        size_t length = (size_t) (trimmed.data - line.data) + trimmed.length;

        reader->gaps++;
        line = mig_part(line, 0, ends ? length - 2 : line.length);
        take_back(reader, line, line);
        if (ends)
            return;
    }
    reader->line = began;
    (void) mig_fail(reader->mig->error, MIG_INVALID,
                    "the comment with a rollback is not closed by a line that "
                    "ends with */");
}

/* Pass over the lines that a mark says. */
static void
take_ignored(Reader *reader, MigBytes rest)
{
    int64_t began = reader->line;
    int64_t count = INT64_MAX;
    MigBytes line;

    rest = mig_trim(rest);
    reader->gaps++;
    if (!mig_bytes_equal(rest, mig_bytes("start")) &&
        !mig_parse_digits(rest, &count))
    {
        (void) mig_fail(reader->mig->error, MIG_INVALID,
                        "lines to be passed over are marked by "
                        "\"--ignoreLines:start\" and \"--ignoreLines:end\", or "
                        "by their number");
        return;
    }
    while (count-- > 0 && next_line(reader, &line))
    {
        reader->gaps++;
        if (mig_bytes_equal(rest, mig_bytes("start")) &&
            mig_liquibase_mark(line, &line) == MIG_LIQUIBASE_IGNORE &&
            mig_bytes_equal(mig_trim(line), mig_bytes("end")))
            return;
    }
    if (!mig_bytes_equal(rest, mig_bytes("start")))
        return;
    reader->line = began;
    (void) mig_fail(reader->mig->error, MIG_INVALID,
                    "\"--ignoreLines:start\" has no \"--ignoreLines:end\"");
}

/* Take a mark of the header; only the first one counts. */
static void
take_header(Reader *reader, MigBytes rest)
{
    MigBytes key;
    MigBytes value;
    size_t at = 0;

    reader->gaps++;
    while (!reader->has_path &&
           mig_liquibase_attribute(rest, &at, &key, &value))
    {
        if (!mig_liquibase_same(key, "logicalfilepath") || value.length == 0)
            continue;
        reader->path = value;
        reader->has_path = true;
    }
    reader->headed = true;
}

/* End the changeset that is open. */
static void
end_changeset(Reader *reader)
{
    if (reader->open && mig_ok(reader->mig))
        mig_liquibase_end(reader->mig, reader->file, reader->source,
                          &reader->changeset);
    reader->open = false;
    reader->gaps = 0;
    reader->blanks = 0;
}

/* Begin another changeset. */
static void
begin_changeset(Reader *reader, MigBytes rest)
{
    end_changeset(reader);
    if (!mig_ok(reader->mig))
        return;
    mig_liquibase_begin(reader->mig, rest, reader->line, reader->path,
                        &reader->changeset);
    reader->open = true;
}

/* Take a mark inside of a changeset. */
static void
take_inner(Reader *reader, MigLiquibaseMark mark, MigBytes line, MigBytes rest)
{
    MigLiquibaseChangeset *changeset = &reader->changeset;
    int64_t number = reader->line - changeset->line;

    reader->gaps++;
    if (!reader->open)
        return;
    if (mark == MIG_LIQUIBASE_COMMENT)
        changeset->comment = rest;
    else if (mark == MIG_LIQUIBASE_CHECKSUM)
        changeset->accepts = true;
    else if (mark == MIG_LIQUIBASE_ROLLBACK)
        take_back(reader, line, rest);
    else if (mark == MIG_LIQUIBASE_PRECONDITIONS)
        mig_precondition_rules(reader->mig, rest, &changeset->checks);
    else
        mig_precondition_add(reader->mig, rest, number, &changeset->checks);
}

/* Take one line. */
static void
take_line(Reader *reader, MigBytes line)
{
    MigError *error = reader->mig->error;
    MigBytes rest;
    MigLiquibaseMark mark = mig_liquibase_mark(line, &rest);

    switch (mark)
    {
        case MIG_LIQUIBASE_TEXT:
            take_text(reader, line);
            break;
        case MIG_LIQUIBASE_HEADER:
            take_header(reader, rest);
            break;
        case MIG_LIQUIBASE_CHANGESET:
            begin_changeset(reader, rest);
            break;
        case MIG_LIQUIBASE_BLOCK:
            take_block(reader);
            break;
        case MIG_LIQUIBASE_PROPERTY:
            reader->gaps++;
            mig_liquibase_property_add(reader->mig, reader->state->properties,
                                       rest, reader->file->path);
            break;
        case MIG_LIQUIBASE_IGNORE:
            take_ignored(reader, rest);
            break;
        case MIG_LIQUIBASE_PAID:
            (void) mig_fail(error, MIG_UNSUPPORTED,
                            "a mark of Liquibase's paid edition: \"%.*s\"",
                            (int) mig_cut(mig_trim(line), 80).length,
                            mig_trim(line).data);
            break;
        case MIG_LIQUIBASE_MISTAKE:
            (void) mig_fail(error, MIG_INVALID,
                            "\"%.*s\" looks like a mark of Liquibase's and is "
                            "none",
                            (int) mig_cut(mig_trim(line), 80).length,
                            mig_trim(line).data);
            mig_fail_hint(error, "Marks begin with two dashes, such as "
                                 "--changeset and --rollback.");
            break;
        case MIG_LIQUIBASE_COMMENT:
        case MIG_LIQUIBASE_ROLLBACK:
        case MIG_LIQUIBASE_PRECONDITIONS:
        case MIG_LIQUIBASE_PRECONDITION:
        case MIG_LIQUIBASE_CHECKSUM:
            take_inner(reader, mark, line, rest);
            break;
    }
}

void
mig_liquibase_read(Mig *mig, const MigFile *file, MigSource *source)
{
    Reader reader;
    MigBytes line;

    memset(&reader, 0, sizeof(reader));
    reader.mig = mig;
    reader.file = file;
    reader.source = source;
    reader.state = source->state;
    reader.path = file->path;
    reader.at = file->start;
    while (mig_ok(mig) && next_line(&reader, &line))
    {
        take_line(&reader, line);
        if (!mig_ok(mig) &&
            !mig_starts_with(mig_bytes(mig->error->message), "line "))
            mig_fail_prefix(mig->error, "line %lld: ", (long long) reader.line);
    }
    end_changeset(&reader);
}
