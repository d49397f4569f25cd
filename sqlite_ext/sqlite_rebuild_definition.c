#include "sqlite_rebuild.h"
#include "sqlite_token.h"

/*
 * The parts of a CREATE TABLE
 *
 * Only as much is read as the engine does not tell about a table that it has
 * made: where the columns' definitions lie, the expressions of CHECK
 * constraints and generated columns, the DEFAULT clauses, the options at the
 * end.  Each of the words that lead there is reserved, so that out of quotes
 * and of inner parentheses it is no name.  Whether the whole is valid is left
 * to the engine.
 */

/* A place in a text. */
typedef struct Reader
{
    MigBytes text;
    size_t at;      /* behind the token */
    size_t ended;   /* behind the one before it */
    MigBytes token; /* empty at the end */
    bool is_word;   /* and stands in no quotes */
} Reader;

static void
read_next(Reader *reader)
{
    reader->ended = reader->at;
    reader->is_word =
        sqlite_next_word(reader->text, &reader->at, &reader->token);
}

static Reader
read_first(MigBytes text)
{
    Reader reader = {text, 0, 0, {"", 0}, false};

    read_next(&reader);
    return reader;
}

/* Where the token starts. */
static size_t
token_start(const Reader *reader)
{
    return reader->at - reader->token.length;
}

/* The text from a place up to the token before this one; empty when none lies
 * between. */
static MigBytes
text_since(const Reader *reader, size_t start)
{
    return mig_part(reader->text, start,
                    reader->ended < start ? start : reader->ended);
}

/* Whether the token is a word that stands in no quotes. */
static bool
at_word(const Reader *reader, const char *word)
{
    return reader->is_word && rebuild_is(reader->token, word);
}

static bool
at_sign(const Reader *reader, char sign)
{
    return reader->token.length == 1 && reader->token.data[0] == sign;
}

/* From an opening parenthesis to the closing one that belongs to it, or to the
 * end; the reader is then behind it. */
static void
skip_parentheses(Reader *reader)
{
    int depth = 0;

    do
    {
        if (at_sign(reader, '('))
            depth++;
        else if (at_sign(reader, ')'))
            depth--;
        read_next(reader);
    } while (depth > 0 && reader->token.length > 0);
}

MigBytes
rebuild_unquote(Rebuild *rebuild, MigBytes token)
{
    char close;
    char *name;
    MigBytes bytes = {NULL, 0};

    if (token.length < 2 || strchr("\"'`[", token.data[0]) == NULL)
        return token;
    close = token.data[token.length - 1];
    token = mig_part(token, 1, token.length - 1);
    name = mig_alloc(rebuild->arena, token.length + 1, rebuild->error);
    if (name == NULL)
        return bytes;
    bytes.data = name;
    for (size_t i = 0; i < token.length; i++)
    {
        name[bytes.length++] = token.data[i];
        if (token.data[i] == close && i + 1 < token.length)
            i++;
    }
    return bytes;
}

bool
rebuild_same_tokens(MigBytes a, MigBytes b)
{
    Reader left = read_first(a);
    Reader right = read_first(b);

    while (left.token.length > 0 && left.is_word == right.is_word &&
           (left.is_word ? rebuild_same(left.token, right.token)
                         : mig_bytes_equal(left.token, right.token)))
    {
        read_next(&left);
        read_next(&right);
    }
    return left.token.length == 0 && right.token.length == 0;
}

bool
rebuild_next_qualifier(Rebuild *rebuild, MigBytes sql, size_t *start,
                       size_t *end)
{
    Reader reader = {sql, *end, *end, {"", 0}, false};

    for (read_next(&reader); reader.token.length > 0;)
    {
        *start = token_start(&reader);
        if (!rebuild_same(rebuild_unquote(rebuild, reader.token),
                          rebuild->name))
        {
            read_next(&reader);
            continue;
        }
        read_next(&reader);
        *end = reader.at;
        if (at_sign(&reader, '.'))
            return true;
    }
    return false;
}

/* Append the expression at the reader to the CHECK constraints. */
static void
keep_check(Rebuild *rebuild, RebuildDefinition *definition, MigBytes check)
{
    MigBytes *larger =
        mig_alloc_array(rebuild->arena, definition->check_count + 1,
                        sizeof(MigBytes), rebuild->error);

    if (larger == NULL)
        return;
    if (definition->check_count > 0)
        memcpy(larger, definition->checks,
               definition->check_count * sizeof(MigBytes));
    larger[definition->check_count++] = check;
    definition->checks = larger;
}

/* Keep the name of a constraint, at the reader, in the part that is read. */
static void
keep_constraint(Rebuild *rebuild, RebuildDefinition *definition, MigBytes name)
{
    RebuildConstraint *constraints = mig_array_reserve(
        rebuild->arena, definition->constraints, definition->constraint_count,
        &definition->constraint_capacity, sizeof(RebuildConstraint),
        rebuild->error);

    if (constraints == NULL)
        return;
    definition->constraints = constraints;
    constraints += definition->constraint_count++;
    constraints->name_token = name;
    constraints->part = definition->part_count;
}

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The end of the number or blob literal that starts at a token: the token scan
 * parts 1.5e-3, and x from its string. */
static size_t
literal_end(MigBytes text, size_t start)
{
    size_t at = start;

    if (at + 1 < text.length &&
        (text.data[at] == 'x' || text.data[at] == 'X') &&
        text.data[at + 1] == '\'')
    {
        const char *end =
            memchr(text.data + at + 2, '\'', text.length - at - 2);

        return end == NULL ? text.length : (size_t) (end - text.data) + 1;
    }
    while (at < text.length &&
           (is_digit(text.data[at]) || strchr(".eExX_", text.data[at]) ||
            (at > start && strchr("+-", text.data[at]) &&
             strchr("eE", text.data[at - 1])) ||
            strchr("abcdfABCDF", text.data[at])))
        at++;
    return at;
}

/* The DEFAULT clause at the reader, which is then behind it. */
static MigBytes
read_default(Reader *reader)
{
    size_t start = token_start(reader);
    size_t end;

    read_next(reader);
    if (at_sign(reader, '('))
    {
        skip_parentheses(reader);
        return text_since(reader, start);
    }
    if (at_sign(reader, '+') || at_sign(reader, '-'))
        read_next(reader);
    if (reader->token.length > 0 &&
        (is_digit(reader->token.data[0]) || reader->token.data[0] == '.' ||
         (reader->token.length == 1 && strchr("xX", reader->token.data[0]))))
    {
        end = literal_end(reader->text, token_start(reader));
        if (end > reader->at)
            reader->at = end;
    }
    read_next(reader);
    return text_since(reader, start);
}

/* Whether a part is a constraint of the table, not a column. */
static bool
is_table_constraint(const Reader *first)
{
    return at_word(first, "constraint") || at_word(first, "primary") ||
           at_word(first, "unique") || at_word(first, "check") ||
           at_word(first, "foreign");
}

/* Read one part between the outer parentheses. */
static void
read_part(Rebuild *rebuild, RebuildDefinition *definition, RebuildPart *part)
{
    Reader reader = read_first(part->text);
    bool behind_set = false; /* ON DELETE SET DEFAULT */
    size_t start;

    part->is_column = !is_table_constraint(&reader);
    if (part->is_column)
    {
        part->name_token = reader.token;
        part->name = rebuild_unquote(rebuild, reader.token);
        read_next(&reader);
    }
    while (reader.token.length > 0)
    {
        bool is_check = at_word(&reader, "check");
        bool is_generated = at_word(&reader, "as");

        if (at_word(&reader, "default") && part->is_column && !behind_set)
        {
            part->default_text = read_default(&reader);
            continue;
        }
        if (at_word(&reader, "constraint"))
        {
            read_next(&reader);
            keep_constraint(rebuild, definition, reader.token);
        }
        if (at_sign(&reader, '('))
        {
            skip_parentheses(&reader);
            continue;
        }
        behind_set = at_word(&reader, "set");
        read_next(&reader);
        if (!(is_check || is_generated) || !at_sign(&reader, '('))
            continue;
        start = token_start(&reader);
        skip_parentheses(&reader);
        if (is_check)
            keep_check(rebuild, definition, text_since(&reader, start));
        else
            part->generated = text_since(&reader, start);
    }
}

/* Append a part, given by the places where it starts and ends. */
static void
keep_part(Rebuild *rebuild, RebuildDefinition *definition, size_t *capacity,
          MigBytes text)
{
    RebuildPart *parts = mig_array_reserve(rebuild->arena, definition->parts,
                                           definition->part_count, capacity,
                                           sizeof(RebuildPart), rebuild->error);

    if (parts == NULL)
        return;
    definition->parts = parts;
    memset(&parts[definition->part_count], 0, sizeof(RebuildPart));
    parts[definition->part_count].text = text;
    read_part(rebuild, definition, &parts[definition->part_count]);
    definition->part_count++;
}

/* Read what lies between the outer parentheses, the first of which the reader
 * is at; it is then behind the last. */
static void
read_body(Rebuild *rebuild, Reader *reader, RebuildDefinition *definition)
{
    size_t capacity = 0;
    size_t start;

    read_next(reader);
    start = token_start(reader);
    while (reader->token.length > 0 && !at_sign(reader, ')'))
    {
        if (at_sign(reader, ','))
        {
            keep_part(rebuild, definition, &capacity,
                      text_since(reader, start));
            read_next(reader);
            start = token_start(reader);
        }
        else if (at_sign(reader, '('))
            skip_parentheses(reader);
        else
            read_next(reader);
    }
    keep_part(rebuild, definition, &capacity, text_since(reader, start));
    if (reader->token.length == 0)
        (void) mig_fail(rebuild->error, MIG_INVALID,
                        "the definition ends before its last parenthesis");
    read_next(reader);
}

/* Read the options behind the parentheses. */
static void
read_options(Rebuild *rebuild, Reader *reader, RebuildDefinition *definition)
{
    while (reader->token.length > 0 && !at_sign(reader, ';'))
    {
        if (at_word(reader, "rowid"))
            definition->without_rowid = true;
        else if (at_word(reader, "strict"))
            definition->strict = true;
        read_next(reader);
    }
    if (!sqlite_is_blank(
            mig_part(reader->text, token_start(reader), reader->text.length)))
        (void) mig_fail(rebuild->error, MIG_INVALID,
                        "something stands behind the definition of the table");
}

/* Read the words up to the table's name, which is kept. */
static void
read_head(Rebuild *rebuild, Reader *reader, RebuildDefinition *definition)
{
    read_next(reader);
    if (!at_word(reader, "table"))
    {
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "the definition must be one of an ordinary table, not "
                        "CREATE %.*s",
                        (int) reader->token.length, reader->token.data);
        return;
    }
    read_next(reader);
    if (at_word(reader, "if"))
    {
        read_next(reader); /* NOT */
        read_next(reader); /* EXISTS */
        read_next(reader);
    }
    definition->name_token = reader->token;
    read_next(reader);
    if (!at_sign(reader, '.'))
        return;
    if (!rebuild_is(rebuild_unquote(rebuild, definition->name_token), "main"))
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "the definition names another database than main");
    read_next(reader);
    definition->name_token = reader->token;
    read_next(reader);
}

void
rebuild_definition_read(Rebuild *rebuild, MigBytes text,
                        RebuildDefinition *definition)
{
    Reader reader = read_first(text);
    size_t start;

    memset(definition, 0, sizeof(*definition));
    definition->name_token = mig_bytes("");
    if (rebuild->error->status != MIG_OK)
        return;
    if (at_word(&reader, "create"))
        read_head(rebuild, &reader, definition);
    if (rebuild->error->status != MIG_OK)
        return;
    if (!at_sign(&reader, '('))
    {
        (void) mig_fail(rebuild->error, MIG_INVALID,
                        "the definition of a table is its columns in "
                        "parentheses, or a whole CREATE TABLE");
        if (at_word(&reader, "as"))
            mig_fail_detail(rebuild->error,
                            "CREATE TABLE ... AS is none: it names no types.");
        return;
    }
    start = definition->name_token.length == 0
                ? token_start(&reader)
                : (size_t) (definition->name_token.data - text.data) +
                      definition->name_token.length;
    read_body(rebuild, &reader, definition);
    read_options(rebuild, &reader, definition);
    definition->behind = text_since(&reader, start);
}

/* Keep an assignment. */
static void
keep_assignment(Rebuild *rebuild, const RebuildAssignment *assignment)
{
    size_t count = rebuild->assignment_count;
    RebuildAssignment *larger = mig_alloc_array(
        rebuild->arena, count + 1, sizeof(RebuildAssignment), rebuild->error);

    for (size_t i = 0; i < count; i++)
    {
        if (rebuild_same(rebuild->assignments[i].name, assignment->name))
            (void) mig_fail(rebuild->error, MIG_DUPLICATE,
                            "the mapping gives column \"%.*s\" twice",
                            (int) assignment->name.length,
                            assignment->name.data);
    }
    if (larger == NULL)
        return;
    if (count > 0)
        memcpy(larger, rebuild->assignments, count * sizeof(RebuildAssignment));
    larger[count] = *assignment;
    rebuild->assignments = larger;
    rebuild->assignment_count++;
}

/* Whether a token can be a name: a word that is no number, or in quotes. */
static bool
is_name(const Reader *reader)
{
    if (reader->token.length == 0)
        return false;
    return reader->is_word ? !is_digit(reader->token.data[0])
                           : strchr("\"`[", reader->token.data[0]) != NULL;
}

/* Whether an expression holds a query, "x IN name" included. */
static bool
holds_query(MigBytes expression)
{
    Reader reader = read_first(expression);

    while (reader.token.length > 0)
    {
        bool is_in = at_word(&reader, "in");

        if (at_word(&reader, "select") || at_word(&reader, "values"))
            return true;
        read_next(&reader);
        if (is_in && !at_sign(&reader, '('))
            return true;
    }
    return false;
}

/* Fail for a parameter: nobody binds it, and it would be NULL in each row. */
static void
refuse_parameters(Rebuild *rebuild, MigBytes expression)
{
    Reader reader = read_first(expression);

    while (reader.token.length > 0)
    {
        if (strchr("?:@#$", reader.token.data[0]) != NULL)
        {
            (void) mig_fail(rebuild->error, MIG_INVALID,
                            "the mapping holds parameter %.*s, which has no "
                            "value here",
                            (int) reader.token.length, reader.token.data);
            return;
        }
        read_next(&reader);
    }
}

/* Read one "new = expression"; the reader is then behind it. */
static void
read_assignment(Rebuild *rebuild, Reader *reader)
{
    RebuildAssignment assignment;
    size_t start;
    size_t tokens = 0;
    bool name = false;

    memset(&assignment, 0, sizeof(assignment));
    name = is_name(reader);
    assignment.name = rebuild_unquote(rebuild, reader->token);
    read_next(reader);
    if (!name || !at_sign(reader, '='))
    {
        (void) mig_fail(rebuild->error, MIG_INVALID,
                        "the mapping is a list of new = expression, as behind "
                        "UPDATE ... SET");
        return;
    }
    read_next(reader);
    start = token_start(reader);
    if (is_name(reader))
        assignment.source = rebuild_unquote(rebuild, reader->token);
    while (reader->token.length > 0 && !at_sign(reader, ',') &&
           !at_sign(reader, ';'))
    {
        tokens++;
        if (at_sign(reader, '('))
            skip_parentheses(reader);
        else
            read_next(reader);
    }
    if (tokens != 1)
        assignment.source.data = NULL;
    assignment.expression = text_since(reader, start);
    refuse_parameters(rebuild, assignment.expression);
    assignment.queries = holds_query(assignment.expression);
    if (tokens == 0)
        (void) mig_fail(rebuild->error, MIG_INVALID,
                        "the mapping gives column \"%.*s\" no expression",
                        (int) assignment.name.length, assignment.name.data);
    keep_assignment(rebuild, &assignment);
}

void
rebuild_mapping_read(Rebuild *rebuild, MigBytes text)
{
    Reader reader;

    if (rebuild->error->status != MIG_OK || text.data == NULL)
        return;
    reader = read_first(text);
    while (reader.token.length > 0 && rebuild->error->status == MIG_OK)
    {
        read_assignment(rebuild, &reader);
        if (at_sign(&reader, ','))
            read_next(&reader);
        else if (reader.token.length > 0)
            (void) mig_fail(rebuild->error, MIG_INVALID,
                            "something stands behind the mapping");
    }
}
