#include "sqlite_host.h"
#include "sqlite_token.h"

/*
 * Tokens are those of SQLite's tokenizer (src/tokenize.c): strings in '', names
 * in "" `` and [], parameters such as $a(b), comments from -- and in
 * slash-star, which do not nest; a byte order mark is white space.
 */

static bool
is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' ||
           (unsigned char) byte >= 0x80;
}

/* Length of a quoted token; a doubled closing quote stands for itself. */
static size_t
quoted_length(MigBytes text, char close)
{
    size_t at = 1;

    while (at < text.length)
    {
        const char *found = memchr(text.data + at, close, text.length - at);

        if (found == NULL)
            return text.length;
        at = (size_t) (found - text.data) + 1;
        if (close == ']' || at >= text.length || text.data[at] != close)
            return at;
        at++;
    }
    return at;
}

/* Length of the comment at the start of a text, or 0. */
static size_t
comment_length(MigBytes text)
{
    size_t at = 2;

    if (mig_starts_with(text, "--"))
    {
        const char *end = memchr(text.data, '\n', text.length);

        return end == NULL ? text.length : (size_t) (end - text.data) + 1;
    }
    if (!mig_starts_with(text, "/*"))
        return 0;
    while (at + 1 < text.length &&
           (text.data[at] != '*' || text.data[at + 1] != '/'))
        at++;
    return at + 2 < text.length ? at + 2 : text.length;
}

static bool
is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Length of the run of white space, or of word bytes, that a text starts with.
 */
static size_t
run_length(MigBytes text, bool (*belongs)(char))
{
    size_t length = 1;

    while (length < text.length && belongs(text.data[length]))
        length++;
    return length;
}

/*
 * Length of the parameter at the start of a text: :a, @a, #a or $a, in which
 * :: may stand and which may end with parentheses around anything.
 */
static size_t
parameter_length(MigBytes text)
{
    size_t at = 1;

    while (at < text.length)
    {
        if (text.data[at] == '(' && at > 1)
        {
            while (at < text.length && !is_space(text.data[at]) &&
                   text.data[at] != ')')
                at++;
            return at < text.length && text.data[at] == ')' ? at + 1 : at;
        }
        if (mig_starts_with(mig_part(text, at, text.length), "::"))
            at++;
        else if (!is_word_byte(text.data[at]))
            break;
        at++;
    }
    return at;
}

SqliteToken
sqlite_read_token(MigBytes text, size_t *length)
{
    *length = text.length == 0 ? 0 : 1;
    if (text.length == 0)
        return TOKEN_END;
    switch (text.data[0])
    {
        case ';':
            return TOKEN_SEMICOLON;
        case '-':
        case '/':
            *length = comment_length(text);
            if (*length > 0)
                return TOKEN_SPACE;
            *length = 1;
            return TOKEN_OTHER;
        case '\'':
        case '"':
        case '`':
            *length = quoted_length(text, text.data[0]);
            return TOKEN_OTHER;
        case '[':
            *length = quoted_length(text, ']');
            return TOKEN_OTHER;
        case '$':
        case '@':
        case '#':
        case ':':
            *length = parameter_length(text);
            return TOKEN_OTHER;
        default:
            break;
    }
    if (text.data[0] == '\xEF' && mig_starts_with(text, "\xEF\xBB\xBF"))
    {
        *length = 3;
        return TOKEN_SPACE;
    }
    if (is_space(text.data[0]))
    {
        *length = run_length(text, is_space);
        return TOKEN_SPACE;
    }
    if (!is_word_byte(text.data[0]))
        return TOKEN_OTHER;
    *length = run_length(text, is_word_byte);
    return TOKEN_WORD;
}

bool
sqlite_is_word(MigBytes word, const char *expected)
{
    return word.length == strlen(expected) &&
           sqlite3_strnicmp(word.data, expected, (int) word.length) == 0;
}

bool
sqlite_is_blank(MigBytes text)
{
    size_t at = 0;
    size_t length;
    SqliteToken kind;

    do
    {
        kind = sqlite_read_token(mig_part(text, at, text.length), &length);
        at += length;
    } while (kind == TOKEN_SPACE || kind == TOKEN_SEMICOLON);
    return kind == TOKEN_END;
}

bool
sqlite_next_word(MigBytes text, size_t *offset, MigBytes *word)
{
    SqliteToken kind;
    size_t length;

    do
    {
        kind = sqlite_read_token(mig_part(text, *offset, text.length), &length);
        *word = mig_part(text, *offset, *offset + length);
        *offset += length;
    } while (kind == TOKEN_SPACE);
    return kind == TOKEN_WORD;
}

MigBytes
sqlite_next_name(MigBytes text, size_t *offset)
{
    MigBytes word;

    (void) sqlite_next_word(text, offset, &word);
    if (word.length >= 2 && strchr("\"'`[", word.data[0]) != NULL)
        word = mig_part(word, 1, word.length - 1);
    return word;
}

char *
sqlite_unquote(MigBytes token)
{
    char *name = sqlite3_malloc64(token.length + 1);
    bool quoted = token.length >= 2 && strchr("\"'`[", token.data[0]) != NULL;
    size_t length = 0;
    size_t at = quoted ? 1 : 0;
    size_t end = quoted ? token.length - 1 : token.length;

    if (name == NULL)
        return NULL;
    while (at < end)
    {
        if (quoted && token.data[at] == token.data[0] && at + 1 < end)
            at++;
        name[length++] = token.data[at++];
    }
    name[length] = '\0';
    return name;
}
