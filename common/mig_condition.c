#include "mig_condition.h"

#include "mig_variable.h"

#define DEPTH_MAX 50 /* of parentheses in each other */

/* A condition being read. */
typedef struct Reader
{
    Mig *mig;
    MigBytes text;
    size_t at;
    unsigned depth;
    bool evaluate; /* else only its form is checked */
} Reader;

static bool read_any(Reader *reader);

static void
skip_blanks(Reader *reader)
{
    while (reader->at < reader->text.length &&
           strchr(" \t", reader->text.data[reader->at]) != NULL)
        reader->at++;
}

/* Whether a sign stands here. */
static bool
is_at(const Reader *reader, const char *sign)
{
    return mig_starts_with(
        mig_part(reader->text, reader->at, reader->text.length), sign);
}

/* Pass over a sign, if it stands here. */
static bool
take(Reader *reader, const char *sign)
{
    skip_blanks(reader);
    if (!is_at(reader, sign))
        return false;
    reader->at += strlen(sign);
    return true;
}

/* Fail for what stands here. */
static void
fail_here(Reader *reader, const char *expected)
{
    MigBytes rest = mig_part(reader->text, reader->at, reader->text.length);

    (void) mig_fail(reader->mig->error, MIG_INVALID,
                    "condition \"%.*s\" is malformed: %s expected at \"%.*s\"",
                    (int) mig_cut(reader->text, 200).length, reader->text.data,
                    expected, (int) mig_cut(rest, 80).length, rest.data);
    mig_fail_hint(reader->mig->error,
                  "It is true, false, A==B or A!=B, joined by &&, || and "
                  "parentheses.");
}

/* Read a text up to the next sign, with the values of its placeholders. */
static MigBytes
read_operand(Reader *reader)
{
    Mig *mig = reader->mig;
    MigExpansion expansion = {.style = mig_bytes(MIG_VARIABLES_FLYWAY)};
    size_t start;
    MigBytes operand;

    skip_blanks(reader);
    start = reader->at;
    while (reader->at < reader->text.length && !is_at(reader, "==") &&
           !is_at(reader, "!=") && !is_at(reader, "&&") &&
           !is_at(reader, "||") && !is_at(reader, "(") && !is_at(reader, ")"))
        reader->at++;
    operand = mig_trim(mig_part(reader->text, start, reader->at));
    return reader->evaluate
               ? mig_trim(mig_expand(mig, mig->arena, operand, &expansion))
               : operand;
}

/* Whether a text is a word, in upper or lower case. */
static bool
is_word(MigBytes text, const char *word)
{
    if (text.length != strlen(word))
        return false;
    for (size_t i = 0; i < text.length; i++)
    {
        if ((text.data[i] | 0x20) != word[i])
            return false;
    }
    return true;
}

/* Read a comparison, true or false. */
static bool
read_comparison(Reader *reader)
{
    MigBytes left = read_operand(reader);

    if (take(reader, "=="))
        return mig_bytes_equal(left, read_operand(reader));
    if (take(reader, "!="))
        return !mig_bytes_equal(left, read_operand(reader));
    if (is_word(left, "true"))
        return true;
    if (!is_word(left, "false") && (reader->evaluate || left.length == 0))
        fail_here(reader, "a comparison, true or false");
    return false;
}

/* Read a comparison, or a condition in parentheses. */
static bool
read_one(Reader *reader)
{
    bool holds;

    if (!take(reader, "("))
        return read_comparison(reader);
    if (++reader->depth > DEPTH_MAX)
    {
        fail_here(reader, "fewer parentheses");
        return false;
    }
    holds = read_any(reader);
    reader->depth--;
    if (mig_ok(reader->mig) && !take(reader, ")"))
        fail_here(reader, "\")\"");
    return holds;
}

/* Read what is joined by &&. */
static bool
read_all(Reader *reader)
{
    bool holds = read_one(reader);

    while (mig_ok(reader->mig) && take(reader, "&&"))
        holds = read_one(reader) && holds;
    return holds;
}

/* Read what is joined by ||. */
static bool
read_any(Reader *reader)
{
    bool holds = read_all(reader);

    while (mig_ok(reader->mig) && take(reader, "||"))
        holds = read_all(reader) || holds;
    return holds;
}

/* Read a condition to its end. */
static bool
read_condition(Mig *mig, MigBytes condition, bool evaluate)
{
    Reader reader = {mig, condition, 0, 0, evaluate};
    bool holds = read_any(&reader);

    skip_blanks(&reader);
    if (mig_ok(mig) && reader.at < condition.length)
        fail_here(&reader, "&& or ||");
    return holds && mig_ok(mig);
}

void
mig_condition_check(Mig *mig, MigBytes condition)
{
    (void) read_condition(mig, condition, false);
}

bool
mig_condition_holds(Mig *mig, MigBytes condition)
{
    return mig_ok(mig) && read_condition(mig, condition, true);
}
