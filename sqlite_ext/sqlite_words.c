#include "sqlite_words.h"

#include <stdlib.h>

typedef enum Use
{
    USE_FREE,    /* can be a name ("%fallback ID" in src/parse.y) */
    USE_JOIN,    /* can be a name but before JOIN */
    USE_RESERVED /* is none, or something else, without quotes */
} Use;

typedef struct Word
{
    const char *text;
    Use use;
} Word;

#define LONGEST 17

/* Those of 3.53, in order (https://sqlite.org/lang_keywords.html). */
static const Word words[] = {
    {"abort", USE_FREE},
    {"action", USE_FREE},
    {"add", USE_RESERVED},
    {"after", USE_FREE},
    {"all", USE_RESERVED},
    {"alter", USE_RESERVED},
    {"always", USE_FREE},
    {"analyze", USE_FREE},
    {"and", USE_RESERVED},
    {"as", USE_RESERVED},
    {"asc", USE_FREE},
    {"attach", USE_FREE},
    {"autoincrement", USE_RESERVED},
    {"before", USE_FREE},
    {"begin", USE_FREE},
    {"between", USE_RESERVED},
    {"by", USE_FREE},
    {"cascade", USE_FREE},
    {"case", USE_RESERVED},
    {"cast", USE_FREE},
    {"check", USE_RESERVED},
    {"collate", USE_RESERVED},
    {"column", USE_FREE},
    {"commit", USE_RESERVED},
    {"conflict", USE_FREE},
    {"constraint", USE_RESERVED},
    {"create", USE_RESERVED},
    {"cross", USE_JOIN},
    {"current", USE_FREE},
    {"current_date", USE_RESERVED},
    {"current_time", USE_RESERVED},
    {"current_timestamp", USE_RESERVED},
    {"database", USE_FREE},
    {"default", USE_RESERVED},
    {"deferrable", USE_RESERVED},
    {"deferred", USE_FREE},
    {"delete", USE_RESERVED},
    {"desc", USE_FREE},
    {"detach", USE_FREE},
    {"distinct", USE_RESERVED},
    {"do", USE_FREE},
    {"drop", USE_RESERVED},
    {"each", USE_FREE},
    {"else", USE_RESERVED},
    {"end", USE_FREE},
    {"escape", USE_RESERVED},
    {"except", USE_RESERVED},
    {"exclude", USE_FREE},
    {"exclusive", USE_FREE},
    {"exists", USE_RESERVED},
    {"explain", USE_FREE},
    {"fail", USE_FREE},
    {"filter", USE_RESERVED},
    {"first", USE_FREE},
    {"following", USE_FREE},
    {"for", USE_FREE},
    {"foreign", USE_RESERVED},
    {"from", USE_RESERVED},
    {"full", USE_JOIN},
    {"generated", USE_FREE},
    {"glob", USE_FREE},
    {"group", USE_RESERVED},
    {"groups", USE_FREE},
    {"having", USE_RESERVED},
    {"if", USE_FREE},
    {"ignore", USE_FREE},
    {"immediate", USE_FREE},
    {"in", USE_RESERVED},
    {"index", USE_RESERVED},
    {"indexed", USE_RESERVED},
    {"initially", USE_FREE},
    {"inner", USE_JOIN},
    {"insert", USE_RESERVED},
    {"instead", USE_FREE},
    {"intersect", USE_RESERVED},
    {"into", USE_RESERVED},
    {"is", USE_RESERVED},
    {"isnull", USE_RESERVED},
    {"join", USE_RESERVED},
    {"key", USE_FREE},
    {"last", USE_FREE},
    {"left", USE_JOIN},
    {"like", USE_FREE},
    {"limit", USE_RESERVED},
    {"match", USE_FREE},
    {"materialized", USE_FREE},
    {"natural", USE_JOIN},
    {"no", USE_FREE},
    {"not", USE_RESERVED},
    {"nothing", USE_RESERVED},
    {"notnull", USE_RESERVED},
    {"null", USE_RESERVED},
    {"nulls", USE_FREE},
    {"of", USE_FREE},
    {"offset", USE_FREE},
    {"on", USE_RESERVED},
    {"or", USE_RESERVED},
    {"order", USE_RESERVED},
    {"others", USE_FREE},
    {"outer", USE_JOIN},
    {"over", USE_RESERVED},
    {"partition", USE_FREE},
    {"plan", USE_FREE},
    {"pragma", USE_FREE},
    {"preceding", USE_FREE},
    {"primary", USE_RESERVED},
    {"query", USE_FREE},
    {"raise", USE_FREE},
    {"range", USE_FREE},
    {"recursive", USE_FREE},
    {"references", USE_RESERVED},
    {"regexp", USE_FREE},
    {"reindex", USE_FREE},
    {"release", USE_FREE},
    {"rename", USE_FREE},
    {"replace", USE_FREE},
    {"restrict", USE_FREE},
    {"returning", USE_RESERVED},
    {"right", USE_JOIN},
    {"rollback", USE_FREE},
    {"row", USE_FREE},
    {"rows", USE_FREE},
    {"savepoint", USE_FREE},
    {"select", USE_RESERVED},
    {"set", USE_RESERVED},
    {"table", USE_RESERVED},
    {"temp", USE_FREE},
    {"temporary", USE_FREE},
    {"then", USE_RESERVED},
    {"ties", USE_FREE},
    {"to", USE_RESERVED},
    {"transaction", USE_RESERVED},
    {"trigger", USE_FREE},
    {"unbounded", USE_FREE},
    {"union", USE_RESERVED},
    {"unique", USE_RESERVED},
    {"update", USE_RESERVED},
    {"using", USE_RESERVED},
    {"vacuum", USE_FREE},
    {"values", USE_RESERVED},
    {"view", USE_FREE},
    {"virtual", USE_FREE},
    {"when", USE_RESERVED},
    {"where", USE_RESERVED},
    {"window", USE_RESERVED},
    {"with", USE_FREE},
    {"within", USE_RESERVED},
    {"without", USE_FREE},
};

/* For bsearch(): order of a word in lower case and one of the table. */
static int
compare(const void *key, const void *word)
{
    return strcmp(key, ((const Word *) word)->text);
}

/* The table's row of a word, or NULL. */
static const Word *
find(MigBytes word)
{
    char text[LONGEST + 1];

    if (word.length < 2 || word.length > LONGEST)
        return NULL;
    for (size_t i = 0; i < word.length; i++)
        text[i] = mig_lower(word.data[i]);
    text[word.length] = '\0';
    return bsearch(text, words, sizeof(words) / sizeof(words[0]),
                   sizeof(words[0]), compare);
}

bool
sqlite_word_is_key(MigBytes word)
{
    return find(word) != NULL;
}

bool
sqlite_word_is_reserved(MigBytes word, bool joins)
{
    const Word *found = find(word);

    return found != NULL &&
           (found->use == USE_RESERVED || (joins && found->use == USE_JOIN));
}
