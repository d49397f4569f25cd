#include "format_liquibase.h"

#include "mig_delimiter.h"
#include "mig_expression.h"
#include "mig_filter.h"
#include "mig_variable.h"

#define NAME_MAX_BYTES ((size_t) 200)

/* Record what is wrong with the mark of a changeset. */
static void
fail_mark(Mig *mig)
{
    (void) mig_fail(mig->error, MIG_INVALID,
                    "a changeset must be \"--changeset author:id\", without "
                    "blanks around the colon");
}

/*
 * Take the next name of "author:id": in double quotes, or up to an end.
 *
 * at    in/out
 * ends  bytes that end it
 *
 * Returns empty bytes when there is none.
 */
static MigBytes
take_name(MigBytes rest, size_t *at, const char *ends)
{
    size_t end = *at;
    const char *quote;
    MigBytes name;

    if (end < rest.length && rest.data[end] == '"')
    {
        quote = memchr(rest.data + end + 1, '"', rest.length - end - 1);
        if (quote != NULL)
        {
            name = mig_part(rest, end + 1, (size_t) (quote - rest.data));
            *at = end + 2 + name.length;
            return name;
        }
    }
    while (end < rest.length && strchr(ends, rest.data[end]) == NULL)
        end++;
    name = mig_part(rest, *at, end);
    *at = end;
    return name;
}

/* Take author and id; returns how many bytes they are. */
static size_t
take_identity(Mig *mig, MigBytes rest, MigLiquibaseChangeset *changeset)
{
    size_t at = 0;

    changeset->author = take_name(rest, &at, ":");
    if (at == rest.length || rest.data[at] != ':')
    {
        fail_mark(mig);
        return at;
    }
    at++;
    changeset->id = take_name(rest, &at, " \t");
    if (changeset->author.length == 0 || mig_trim(changeset->id).length == 0)
        fail_mark(mig);
    return at;
}

/* Where a mark's value is kept as it is. */
static MigBytes *
text_of(MigLiquibaseChangeset *changeset, MigBytes key)
{
    if (mig_liquibase_same(key, "contextfilter"))
        return &changeset->contexts;
    if (mig_liquibase_same(key, "context") && changeset->contexts.length == 0)
        return &changeset->contexts;
    if (mig_liquibase_same(key, "labels"))
        return &changeset->labels;
    if (mig_liquibase_same(key, "dbms"))
        return &changeset->dbms;
    if (mig_liquibase_same(key, "enddelimiter"))
        return &changeset->delimiter;
    if (mig_liquibase_same(key, "rollbackenddelimiter"))
        return &changeset->back_delimiter;
    return NULL;
}

/* Take a value that is true or false. */
static void
take_flag(MigLiquibaseChangeset *changeset, MigBytes key, MigBytes value)
{
    bool is_true = mig_liquibase_is_true(value);

    if (mig_liquibase_same(key, "splitstatements"))
        changeset->split = is_true;
    else if (mig_liquibase_same(key, "rollbacksplitstatements"))
        changeset->back_split = is_true;
    else if (mig_liquibase_same(key, "runonchange"))
        changeset->reruns_changed = is_true;
    else if (mig_liquibase_same(key, "runalways"))
        changeset->reruns_always = is_true;
    else if (mig_liquibase_same(key, "runintransaction"))
        changeset->alone = !is_true;
    else if (mig_liquibase_same(key, "failonerror"))
        changeset->tolerant = !is_true;
    else if (mig_liquibase_same(key, "ignore"))
        changeset->ignored = is_true;
}

/* Fail for a changeset that another program is to run. */
static void
require_own(Mig *mig, MigBytes program, const MigLiquibaseChangeset *changeset)
{
    if (program.length == 0 || mig_liquibase_same(program, "jdbc") ||
        changeset->ignored || !mig_filter_engine(mig, changeset->dbms))
        return;
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "a changeset that \"%.*s\" is to run cannot be run here",
                    (int) mig_cut(program, 80).length, program.data);
    mig_fail_hint(mig->error,
                  "Write it in SQL without runWith and runWithSpoolFile; or "
                  "mark it with ignore:true.");
}

/* Fail for a property where its value is needed when the file is read. */
static void
require_plain(Mig *mig, MigBytes value)
{
    MigBytes name;
    const char *dollar =
        value.length == 0 ? NULL : memchr(value.data, '$', value.length);
    size_t at = dollar == NULL ? value.length : (size_t) (dollar - value.data);

    if (mig_variable_mention(mig_part(value, at, value.length), &name) > 0)
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "property \"%.*s\" stands in a mark, where none is "
                        "replaced",
                        (int) name.length, name.data);
}

/* Take what follows author and id. */
static void
take_attributes(Mig *mig, MigBytes rest, MigLiquibaseChangeset *changeset)
{
    MigBytes program = {NULL, 0};
    MigBytes key;
    MigBytes value;
    MigBytes *text;
    size_t at = 0;

    while (mig_ok(mig) && mig_liquibase_attribute(rest, &at, &key, &value))
    {
        text = text_of(changeset, key);
        if (text != NULL)
            *text = value;
        else if (mig_liquibase_same(key, "logicalfilepath"))
        {
            require_plain(mig, value);
            if (value.length > 0)
                changeset->path = value;
        }
        else if (mig_liquibase_same(key, "runwith") ||
                 mig_liquibase_same(key, "runwithspoolfile"))
            program = value;
        else
            take_flag(changeset, key, value);
    }
    require_own(mig, program, changeset);
    require_plain(mig, changeset->contexts);
    require_plain(mig, changeset->labels);
    require_plain(mig, changeset->dbms);
    mig_expression_check(mig, changeset->contexts, "context");
}

void
mig_liquibase_begin(Mig *mig, MigBytes rest, int64_t line, MigBytes path,
                    MigLiquibaseChangeset *changeset)
{
    const MigText empty = {mig->arena, mig->error, NULL, 0, 0};
    size_t at;

    memset(changeset, 0, sizeof(*changeset));
    changeset->line = line;
    changeset->path = path;
    changeset->split = true;
    changeset->back_split = true;
    changeset->text = empty;
    changeset->plain = empty;
    changeset->back = empty;
    changeset->checks = empty;
    at = take_identity(mig, rest, changeset);
    require_plain(mig, changeset->author);
    require_plain(mig, changeset->id);
    take_attributes(mig, mig_part(rest, at, rest.length), changeset);
}

/* Append a part of a version, with what it cannot hold replaced. */
static void
append_part(MigText *version, MigBytes part)
{
    for (size_t i = 0; i < part.length; i++)
    {
        char byte = part.data[i];
        MigBytes one = {&byte, 1};

        if (byte == '\\')
            byte = '/';
        else if ((unsigned char) byte <= ' ' || byte == 0x7F ||
                 strchr("'\"`,", byte) != NULL ||
                 (version->length == 0 && strchr("+-", byte) != NULL))
            byte = '_';
        mig_text_append(version, one);
    }
}

/* A path without what Liquibase leaves out at its start. */
static MigBytes
normalize_path(MigBytes path)
{
    if (mig_starts_with(path, "classpath:"))
        path = mig_part(path, strlen("classpath:"), path.length);
    if (mig_starts_with(path, "/") || mig_starts_with(path, "\\"))
        path = mig_part(path, 1, path.length);
    if (mig_starts_with(path, "./"))
        path = mig_part(path, 2, path.length);
    return path;
}

MigBytes
mig_liquibase_version(Mig *mig, MigBytes path, MigBytes id, MigBytes author)
{
    MigText version = {mig->arena, mig->error, NULL, 0, 0};

    append_part(&version, normalize_path(path));
    append_part(&version, mig_bytes("::"));
    append_part(&version, id);
    append_part(&version, mig_bytes("::"));
    append_part(&version, author);
    return mig_text_bytes(&version);
}

/* What a changeset is called: its comment, or its id. */
static MigBytes
name_of(Mig *mig, const MigLiquibaseChangeset *changeset)
{
    MigBytes name =
        changeset->comment.length > 0 ? changeset->comment : changeset->id;
    char *copy;

    name = mig_copy(mig->arena, mig_cut(mig_trim(name), NAME_MAX_BYTES),
                    mig->error);
    copy = (char *) name.data;
    for (size_t i = 0; i < name.length; i++)
    {
        if ((unsigned char) copy[i] < ' ' || copy[i] == 0x7F)
            copy[i] = ' ';
    }
    return name;
}

/* Append an option unless its value is empty. */
static void
append_option(MigText *options, const char *key, MigBytes value)
{
    if (value.length == 0)
        return;
    mig_text_append_string(options, key);
    mig_text_append_string(options, ":");
    mig_text_append(options, value);
    mig_text_append_string(options, "\n");
}

/* Append an option that is there or not. */
static void
append_flag(MigText *options, bool is_set, const char *key, const char *value)
{
    if (is_set)
        append_option(options, key, mig_bytes(value));
}

/* Add the statements; returns them. */
static MigBytes
add_up(Mig *mig, const MigFile *file, MigLiquibaseChangeset *changeset,
       MigMigration *migration)
{
    MigBytes text = changeset->made ? mig_text_bytes(&changeset->text)
                                    : mig_part(file->text, changeset->first,
                                               changeset->last);
    MigBytes up = changeset->split
                      ? mig_delimiter_replace(mig, text, changeset->delimiter)
                      : text;

    if (changeset->made || up.data != text.data)
        mig_section_add_made(mig, &migration->up, file, up,
                             changeset->first_line);
    else
        mig_section_add(mig, &migration->up, file, changeset->first,
                        changeset->last);
    mig_migration_checksum(mig, migration,
                           changeset->made ? mig_text_bytes(&changeset->plain)
                                           : text);
    return up;
}

/* Whether a way back names a changeset whose statements it is. */
static bool
is_reference(MigBytes back)
{
    MigBytes key;
    MigBytes value;
    size_t at = 0;

    back = mig_trim(back);
    if (memchr(back.data, '\n', back.length) != NULL)
        return false;
    while (mig_liquibase_attribute(back, &at, &key, &value))
    {
        if (mig_liquibase_same(key, "changesetid"))
            return true;
    }
    return false;
}

/* Note that a way back is another changeset's statements. */
static void
add_reference(Mig *mig, const MigFile *file, MigSource *source,
              const MigLiquibaseChangeset *changeset)
{
    MigLiquibaseState *state = source->state;
    MigLiquibaseReference *references = mig_array_reserve(
        mig->arena, state->references, state->count, &state->capacity,
        sizeof(MigLiquibaseReference), mig->error);
    MigBytes back = mig_trim(mig_text_bytes(&changeset->back));
    MigBytes path = file->path;
    MigBytes id = {NULL, 0};
    MigBytes author = {NULL, 0};
    MigBytes key;
    MigBytes value;
    size_t at = 0;

    if (references == NULL)
        return;
    state->references = references;
    while (mig_liquibase_attribute(back, &at, &key, &value))
    {
        if (mig_liquibase_same(key, "changesetid"))
            id = value;
        else if (mig_liquibase_same(key, "changesetauthor"))
            author = value;
        else if (mig_liquibase_same(key, "changesetpath"))
            path = value;
    }
    if (id.length == 0 || author.length == 0)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line %lld: a rollback by another changeset needs its "
                        "changeSetId and changeSetAuthor",
                        (long long) changeset->back_line);
        return;
    }
    /* Without a path it is of this file, by the name that this one has. */
    if (path.data == file->path.data)
        path = changeset->path;
    references[state->count].index = source->count - 1;
    references[state->count].version =
        mig_liquibase_version(mig, path, id, author);
    references[state->count++].line = changeset->back_line;
}

/* Whether a way back says that there is nothing to undo. */
static bool
is_not_required(MigBytes back)
{
    static const char *const words[] = {"not required", "empty"};

    back = mig_trim(back);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        if (back.length >= strlen(words[i]) &&
            mig_liquibase_same(mig_part(back, 0, strlen(words[i])), words[i]) &&
            memchr(back.data, '\n', back.length) == NULL)
            return true;
    }
    return false;
}

/* Add the way back; returns it. */
static MigBytes
add_down(Mig *mig, const MigFile *file, MigSource *source,
         MigLiquibaseChangeset *changeset, MigText *options)
{
    MigBytes back = mig_text_bytes(&changeset->back);
    MigMigration *migration = &source->migrations[source->count - 1];
    char hash[MIG_HASH_LENGTH + 1];

    if (mig_is_blank(back))
        return mig_bytes("");
    if (is_reference(back))
    {
        add_reference(mig, file, source, changeset);
        return mig_bytes("");
    }
    if (is_not_required(back))
        back = mig_bytes("-- not required\n");
    else if (changeset->back_split)
        back = mig_delimiter_replace(mig, back, changeset->back_delimiter);
    mig_section_add_made(mig, &migration->down, file, back,
                         changeset->back_line);
    mig_hash(mig->host, &back, 1, hash);
    append_option(options, "rollback",
                  (MigBytes){hash, MIG_LIQUIBASE_BACK_HASH});
    return back;
}

/* Append what the mark says. */
static void
append_options(MigText *options, const MigLiquibaseChangeset *changeset)
{
    append_option(options, "contexts", mig_trim(changeset->contexts));
    append_option(options, "labels", mig_trim(changeset->labels));
    append_option(options, "dbms", changeset->dbms);
    append_flag(options, changeset->ignored, "ignore", "true");
    append_flag(options, changeset->reruns_always, "rerun", "always");
    append_flag(options, changeset->reruns_changed && !changeset->reruns_always,
                "rerun", "changed");
    append_flag(options, changeset->alone, "transaction", "false");
    append_flag(options, changeset->tolerant, "failure", "tolerated");
    append_flag(options, changeset->accepts, "changes", "accepted");
    if (changeset->split)
        append_option(options, "delimiter", changeset->delimiter);
    else
        append_option(options, "delimiter", mig_bytes("none"));
    mig_text_append(options, mig_text_bytes(&changeset->checks));
}

/* Put the line of a changeset before the recorded failure. */
static void
fail_line(Mig *mig, const MigLiquibaseChangeset *changeset)
{
    if (!mig_ok(mig) &&
        !mig_starts_with(mig_bytes(mig->error->message), "line "))
        mig_fail_prefix(mig->error, "line %lld: ", (long long) changeset->line);
}

void
mig_liquibase_end(Mig *mig, const MigFile *file, MigSource *source,
                  MigLiquibaseChangeset *changeset)
{
    const MigLiquibaseState *state = source->state;
    MigText options = {mig->arena, mig->error, NULL, 0, 0};
    MigMigration *migration;
    MigFileName name;
    MigBytes texts[3];

    memset(&name, 0, sizeof(name));
    if (mig_ok(mig) && changeset->last == 0)
        (void) mig_fail(
            mig->error, MIG_INVALID, "changeset \"%.*s:%.*s\" holds no SQL",
            (int) mig_cut(changeset->author, 80).length, changeset->author.data,
            (int) mig_cut(changeset->id, 80).length, changeset->id.data);
    name.version = mig_liquibase_version(mig, changeset->path, changeset->id,
                                         changeset->author);
    name.name = name_of(mig, changeset);
    migration = mig_source_add(mig, source, &name, file, (MigBytes){NULL, 0});
    if (migration != NULL)
    {
        append_options(&options, changeset);
        texts[0] = add_up(mig, file, changeset, migration);
        texts[1] = add_down(mig, file, source, changeset, &options);
        texts[2] = mig_text_bytes(&changeset->checks);
        for (size_t i = 0; i < 3 && mig_ok(mig); i++)
        {
            if (mig_variables_in(MIG_VARIABLES_LIQUIBASE, texts[i]) &&
                mig_option(mig_text_bytes(&options), "variables").data == NULL)
                append_option(&options, "variables",
                              mig_bytes(MIG_VARIABLES_LIQUIBASE));
            mig_liquibase_property_note(state->properties, texts[i], file->path,
                                        source->count, &options);
        }
        migration->options = mig_text_bytes(&options);
    }
    fail_line(mig, changeset);
}
