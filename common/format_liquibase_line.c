#include "format_liquibase.h"

/* How a word's end is told. */
typedef enum WordEnd
{
    END_ANY,   /* whatever follows */
    END_BLANK, /* a blank, or the end of the line */
    END_COLON  /* a colon or a blank, or the end of the line */
} WordEnd;

typedef struct Word
{
    const char *word;
    WordEnd end;
    MigLiquibaseMark mark;
    bool single; /* with one dash before it, it is a mistake */
} Word;

/* Longer words stand before those that they begin with. */
static const Word words[] = {
    {"changeset", END_ANY, MIG_LIQUIBASE_CHANGESET, true},
    {"rollbacksqlfile", END_BLANK, MIG_LIQUIBASE_PAID, false},
    {"rollback", END_BLANK, MIG_LIQUIBASE_ROLLBACK, true},
    {"preconditions", END_BLANK, MIG_LIQUIBASE_PRECONDITIONS, true},
    {"precondition-", END_ANY, MIG_LIQUIBASE_PRECONDITION, true},
    {"comment", END_COLON, MIG_LIQUIBASE_COMMENT, true},
    {"validchecksum", END_COLON, MIG_LIQUIBASE_CHECKSUM, true},
    {"property", END_BLANK, MIG_LIQUIBASE_PROPERTY, true},
    {"ignorelines:", END_ANY, MIG_LIQUIBASE_IGNORE, true},
    {"ignore:", END_ANY, MIG_LIQUIBASE_MISTAKE, false},
    {"tagdatabase:", END_ANY, MIG_LIQUIBASE_PAID, false},
    {"includeall", END_BLANK, MIG_LIQUIBASE_PAID, false},
};

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Length of a word at the start of a text, in any case; 0: another stands
 * there. */
static size_t
word_length(MigBytes text, const char *word)
{
    size_t length = strlen(word);

    if (text.length < length)
        return 0;
    for (size_t i = 0; i < length; i++)
    {
        if (mig_lower(text.data[i]) != word[i])
            return 0;
    }
    return length;
}

bool
mig_liquibase_same(MigBytes text, const char *word)
{
    return mig_same_letters(text, mig_bytes(word));
}

bool
mig_liquibase_is_true(MigBytes value)
{
    return mig_liquibase_same(value, "true");
}

/* A text without the blanks at its start. */
static MigBytes
cut_blanks(MigBytes text)
{
    size_t at = 0;

    while (at < text.length && is_blank(text.data[at]))
        at++;
    return mig_part(text, at, text.length);
}

/* Whether a word ends here as it has to. */
static bool
ends_word(MigBytes behind, WordEnd end)
{
    if (end == END_ANY || behind.length == 0)
        return true;
    return is_blank(behind.data[0]) ||
           (end == END_COLON && behind.data[0] == ':');
}

/* Whether a text is "liquibase" and another word. */
static bool
is_liquibase(MigBytes text, const char *second)
{
    size_t length = word_length(text, "liquibase");

    text = cut_blanks(mig_part(text, length, text.length));
    return length > 0 && word_length(text, second) > 0;
}

/* What stands behind the dashes. */
static MigLiquibaseMark
find_word(MigBytes text, bool single, MigBytes *rest)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        size_t length = word_length(text, words[i].word);

        *rest = mig_part(text, length, text.length);
        if (length == 0 || !ends_word(*rest, words[i].end))
            continue;
        if (words[i].end == END_COLON && rest->length > 0 &&
            rest->data[0] == ':')
            *rest = mig_part(*rest, 1, rest->length);
        *rest = cut_blanks(*rest);
        if (!single)
            return words[i].mark;
        return words[i].single ? MIG_LIQUIBASE_MISTAKE : MIG_LIQUIBASE_TEXT;
    }
    return MIG_LIQUIBASE_TEXT;
}

/* Whether "include" with a file follows, which is for those who have paid. */
static bool
is_include(MigBytes text)
{
    size_t length = word_length(text, "include");
    MigBytes rest = cut_blanks(mig_part(text, length, text.length));

    return length > 0 && word_length(rest, "file:") > 0;
}

/* Whether a line begins a comment with a way back, and holds no more. */
static bool
is_block(MigBytes line)
{
    MigBytes text = cut_blanks(mig_part(line, 2, line.length));
    size_t length = word_length(text, "liquibase");

    if (!mig_starts_with(line, "/*") || length == 0)
        return false;
    text = mig_trim(mig_part(text, length, text.length));
    return mig_liquibase_same(text, "rollback");
}

MigLiquibaseMark
mig_liquibase_mark(MigBytes line, MigBytes *rest)
{
    bool single;

    line = mig_trim(line);
    *rest = mig_bytes("");
    if (line.length < 2)
        return MIG_LIQUIBASE_TEXT;
    if (is_block(line))
        return MIG_LIQUIBASE_BLOCK;
    if (line.data[0] != '-')
        return MIG_LIQUIBASE_TEXT;
    single = line.data[1] != '-';
    line = cut_blanks(mig_part(line, single ? 1 : 2, line.length));
    if (!single && is_liquibase(line, "formatted"))
    {
        *rest = line;
        return MIG_LIQUIBASE_HEADER;
    }
    if (!single && is_include(line))
        return MIG_LIQUIBASE_PAID;
    return find_word(line, single, rest);
}

/* Where a value that begins at an offset ends; its quotes are cut. */
static size_t
read_value(MigBytes line, size_t at, MigBytes *value)
{
    const char *quote;
    size_t end = at;

    if (at < line.length && line.data[at] == '"')
    {
        quote = memchr(line.data + at + 1, '"', line.length - at - 1);
        if (quote != NULL)
        {
            end = (size_t) (quote - line.data);
            *value = mig_part(line, at + 1, end);
            return end + 1;
        }
    }
    while (end < line.length && !is_blank(line.data[end]))
        end++;
    *value = mig_part(line, at, end);
    return end;
}

bool
mig_liquibase_attribute(MigBytes line, size_t *at, MigBytes *key,
                        MigBytes *value)
{
    while (*at < line.length)
    {
        size_t end;

        while (*at < line.length && is_blank(line.data[*at]))
            ++*at;
        end = *at;
        while (end < line.length && !is_blank(line.data[end]) &&
               line.data[end] != ':')
            end++;
        *key = mig_part(line, *at, end);
        *at = end;
        if (end < line.length && line.data[end] == ':')
        {
            *at = read_value(line, end + 1, value);
            return true;
        }
    }
    return false;
}
