#include "mig_expression.h"

#define DEPTH_MAX 100 /* of parentheses */

/* An expression being read. */
typedef struct Reader
{
    MigBytes text;
    size_t at;
    MigBytes names; /* that are given */
    bool none;      /* there are none */
    unsigned depth;
    bool bad; /* it is no expression */
} Reader;

/* Whether a name is among those that are given; these may have an "@". */
static bool
is_given(const Reader *reader, MigBytes name)
{
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(reader->names, &at, ",", &word))
    {
        word = mig_trim(word);
        if (mig_starts_with(word, "@"))
            word = mig_trim(mig_part(word, 1, word.length));
        if (mig_same_letters(word, name))
            return true;
    }
    return false;
}

static void
skip_blanks(Reader *reader)
{
    while (reader->at < reader->text.length &&
           strchr(" \t", reader->text.data[reader->at]) != NULL)
        reader->at++;
}

/* Take one byte, if it is the next. */
static bool
take_byte(Reader *reader, char byte)
{
    skip_blanks(reader);
    if (reader->at == reader->text.length ||
        reader->text.data[reader->at] != byte)
        return false;
    reader->at++;
    return true;
}

/* The next word, without taking it: up to a blank, a comma or a parenthesis. */
static MigBytes
next_word(Reader *reader)
{
    size_t end;

    skip_blanks(reader);
    end = reader->at;
    while (end < reader->text.length &&
           strchr(" \t,()", reader->text.data[end]) == NULL)
        end++;
    return mig_part(reader->text, reader->at, end);
}

/* Take a word, if it is the next. */
static bool
take_word(Reader *reader, const char *word)
{
    if (!mig_same_letters(next_word(reader), mig_bytes(word)))
        return false;
    reader->at += strlen(word);
    return true;
}

/* Whether an operator, or the end of what is read, comes next. */
static bool
at_operator(Reader *reader)
{
    MigBytes word = next_word(reader);

    return word.length == 0 || mig_same_letters(word, mig_bytes("and")) ||
           mig_same_letters(word, mig_bytes("or"));
}

/* Take a name: words up to an operator. */
static MigBytes
take_name(Reader *reader)
{
    size_t start;
    size_t end;

    skip_blanks(reader);
    start = end = reader->at;
    while (!at_operator(reader))
    {
        reader->at += next_word(reader).length;
        end = reader->at;
    }
    reader->bad = reader->bad || end == start;
    return mig_part(reader->text, start, end);
}

static bool read_any(Reader *reader);

/* One name, or what stands in parentheses. */
static bool
read_one(Reader *reader)
{
    bool required = take_byte(reader, '@');
    bool negated = false;
    bool holds;
    MigBytes name;

    while (take_byte(reader, '!') || take_word(reader, "not"))
        negated = !negated;
    required = take_byte(reader, '@') || required;
    if (take_byte(reader, '('))
    {
        if (++reader->depth > DEPTH_MAX)
        {
            reader->bad = true;
            return false;
        }
        holds = read_any(reader);
        reader->depth--;
        reader->bad = reader->bad || !take_byte(reader, ')');
        /* As in Liquibase: with no names a negation holds, too. */
        return negated ? reader->none || !holds : holds;
    }
    name = take_name(reader);
    if (!required && mig_same_letters(name, mig_bytes("nocontexts")))
        return reader->none != negated;
    if (!required && reader->none)
        return true;
    return is_given(reader, name) != negated;
}

/* What stands between "or"s. */
static bool
read_all(Reader *reader)
{
    bool holds = read_one(reader);

    while (!reader->bad && take_word(reader, "and"))
        holds = read_one(reader) && holds;
    return holds;
}

static bool
read_any(Reader *reader)
{
    bool holds = read_all(reader);

    while (!reader->bad && (take_byte(reader, ',') || take_word(reader, "or")))
    {
        /* A comma at the end is none. */
        skip_blanks(reader);
        if (reader->at == reader->text.length)
            break;
        holds = read_all(reader) || holds;
    }
    return holds;
}

/* Read a whole expression. */
static bool
read_whole(Reader *reader)
{
    bool holds = read_any(reader);

    skip_blanks(reader);
    reader->bad = reader->bad || reader->at < reader->text.length;
    return holds;
}

void
mig_expression_check(Mig *mig, MigBytes expression, const char *what)
{
    Reader reader = {mig_trim(expression), 0, {"", 0}, true, 0, false};

    if (!mig_ok(mig) || reader.text.length == 0)
        return;
    (void) read_whole(&reader);
    if (!reader.bad)
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "%s \"%.*s\" cannot be read as an expression", what,
                    (int) mig_cut(expression, 200).length, expression.data);
    mig_fail_hint(mig->error, "Write names with and, or, not and parentheses, "
                              "such as \"test and not (slow or big)\".");
}

/* Whether a name among those that are given has to be asked for. */
static bool
asks_for_itself(MigBytes names)
{
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(names, &at, ",", &word))
    {
        if (mig_starts_with(mig_trim(word), "@"))
            return true;
    }
    return false;
}

bool
mig_expression_holds(MigBytes expression, MigBytes names)
{
    Reader reader = {mig_trim(expression), 0, names, false, 0, false};
    MigBytes word;
    size_t at = 0;

    reader.none = !mig_next_word(names, &at, ", \t", &word);
    if (reader.text.length == 0)
        return !asks_for_itself(names);
    return read_whole(&reader) && !reader.bad;
}
