#include "mig_ahead.h"

#include "mig_text.h"

/*
 * A text is taken apart into words once, and each is looked up among the moved
 * names, so that the time grows with the text alone.  A word in a comment or a
 * string counts: that leads to a later look, not to none.
 *
 * Of a name that holds other signs, as in "a b", the first word stands for it:
 * wherever the name is written, that is a word of the text.
 */

/* Bytes of a word that count: an engine may know a longer one by its
 * beginning alone, PostgreSQL by 63 bytes. */
#define WORD_MAX 56

/* A word as it is looked up: in small letters, and cut. */
typedef struct Word
{
    char letters[WORD_MAX];
    size_t length; /* 0: there is none */
} Word;

void
mig_ahead_enter(MigAhead *ahead)
{
    ahead->session = false;
}

/* Whether a byte can be a part of a name without quotes. */
static bool
is_name_byte(char byte)
{
    return byte == '_' || byte == '$' || (byte >= '0' && byte <= '9') ||
           (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (unsigned char) byte >= 0x80;
}

/* Read the next word of a text; at is moved behind it. */
static Word
read_word(MigBytes text, size_t *at)
{
    Word word;

    word.length = 0;
    while (*at < text.length && !is_name_byte(text.data[*at]))
        (*at)++;
    while (*at < text.length && is_name_byte(text.data[*at]))
    {
        if (word.length < WORD_MAX)
            word.letters[word.length++] = mig_lower(text.data[*at]);
        (*at)++;
    }
    return word;
}

/* The letters of a word, which must outlive what is returned. */
static MigBytes
letters_of(const Word *word)
{
    MigBytes letters = {word->letters, word->length};

    return letters;
}

bool
mig_ahead_doubts(const MigAhead *ahead, const MigStatement *statement)
{
    bool doubts = ahead->all || ahead->session;
    size_t at = 0;
    Word word;

    while (!doubts && ahead->moved.count > 0 &&
           (word = read_word(statement->text, &at)).length > 0)
        doubts = mig_object_map_next_root(&ahead->moved, letters_of(&word),
                                          NULL) != NULL;
    return doubts;
}

/* Add a name to those that have another meaning. */
static void
add_name(Mig *mig, MigAhead *ahead, MigBytes name)
{
    MigObject moved = {.kind = mig_bytes("name")};
    size_t at = 0;
    Word word = read_word(name, &at);

    moved.identity = letters_of(&word);
    if (word.length > 0)
        mig_object_map_take(&ahead->moved, &moved, NULL, mig->error);
    else if (name.length > 0)
        ahead->all = true;
}

void
mig_ahead_pass(Mig *mig, MigAhead *ahead, const MigStatement *statement)
{
    ahead->session = ahead->session || statement->renames;
    ahead->moved.arena = mig->arena;
    for (size_t i = 0; i < statement->moved_count && mig_ok(mig); i++)
    {
        MigBytes name = statement->moved[i];

        if (!statement->makes || mig->host->methods->leads(mig->host, name))
            add_name(mig, ahead, name);
    }
}
