#include "pg_script.h"

#include "mb/pg_wchar.h"

/*
 * Scripts are written for psql, whose commands begin with a backslash and go on
 * to the end of the line.  Those that only print, or say how psql prints, would
 * change nothing in the database, and are passed over.  What cannot be done
 * here is refused, with what to do instead.
 */

/* A command that is refused. */
typedef struct Refused
{
    const char *name;
    const char *advice; /* what to do instead */
} Refused;

/* Commands that print, or say how psql prints. */
static const char *const printing[] = {
    "echo",      "qecho",      "warn", "restrict", "unrestrict", "timing",
    "pset",      "a",          "C",    "f",        "H",          "html",
    "t",         "T",          "x",    "p",        "print",      "conninfo",
    "copyright", "errverbose", "h",    "help",     "?",
};

/* The same, which may have "S", "+" and "x" behind their names. */
static const char *const describing[] = {
    "d",       "da", "dA",   "dAc", "dAf", "dAo", "dAp",  "db",  "dc",
    "dC",      "dd", "dD",   "ddp", "dE",  "des", "det",  "deu", "dew",
    "df",      "dF", "dFd",  "dFp", "dFt", "dg",  "di",   "dl",  "dL",
    "dm",      "dn", "do",   "dO",  "dp",  "dP",  "drds", "drg", "dRp",
    "dRs",     "ds", "dt",   "dT",  "du",  "dv",  "dx",   "dX",  "dy",
    "dconfig", "l",  "list", "sf",  "sv",  "z",
};

#define ADVICE_FILE                                                            \
    "Put that file's text into the directory, as a migration of its own."
#define ADVICE_VARIABLE                                                        \
    "Write ${name} where the value shall stand, and set it with "              \
    "migrate_config('var.name', ...)."
#define ADVICE_CONNECT                                                         \
    "A migration runs in one database, with the rights of whoever calls; "     \
    "SET ROLE gives it another role up to its end."
#define ADVICE_COPY                                                            \
    "Write COPY ... FROM stdin with the data below it, or COPY ... FROM a "    \
    "file of the server."
#define ADVICE_SEMICOLON "End the statement with a semicolon."
#define ADVICE_RESULT                                                          \
    "Write a DO block: its EXECUTE runs what a query has returned, and its "   \
    "variables keep values."
#define ADVICE_IF                                                              \
    "Sections and headers of a migration's file say for which engine and "     \
    "environment it is; what the database decides belongs into a DO block."
#define ADVICE_CLIENT                                                          \
    "The server runs a migration: there is no shell, no terminal and no file " \
    "of the client."
#define ADVICE_QUIT                                                            \
    "Remove what stands behind it, which psql would not run either."
#define ADVICE_PASSWORD "Write ALTER ROLE ... PASSWORD."
#define ADVICE_LARGE_OBJECT                                                    \
    "Use the server's functions for large objects, such as lo_from_bytea()."
#define ADVICE_DATA_END                                                        \
    "It ends the data of COPY ... FROM stdin, and there are none here."
#define ADVICE_ENCODING "Save the text in UTF-8; it is read as that."
#define ADVICE_UNKNOWN                                                         \
    "Only those that print, or set how psql prints, are passed over."

static const Refused refused[] = {
    {"i", ADVICE_FILE},
    {"ir", ADVICE_FILE},
    {"include", ADVICE_FILE},
    {"include_relative", ADVICE_FILE},
    {"set", ADVICE_VARIABLE},
    {"unset", ADVICE_VARIABLE},
    {"prompt", ADVICE_VARIABLE},
    {"getenv", ADVICE_VARIABLE},
    {"c", ADVICE_CONNECT},
    {"connect", ADVICE_CONNECT},
    {"copy", ADVICE_COPY},
    {"g", ADVICE_SEMICOLON},
    {"gx", ADVICE_SEMICOLON},
    {";", ADVICE_SEMICOLON},
    {"gexec", ADVICE_RESULT},
    {"gset", ADVICE_RESULT},
    {"if", ADVICE_IF},
    {"elif", ADVICE_IF},
    {"else", ADVICE_IF},
    {"endif", ADVICE_IF},
    {"!", ADVICE_CLIENT},
    {"cd", ADVICE_CLIENT},
    {"e", ADVICE_CLIENT},
    {"edit", ADVICE_CLIENT},
    {"o", ADVICE_CLIENT},
    {"out", ADVICE_CLIENT},
    {"s", ADVICE_CLIENT},
    {"setenv", ADVICE_CLIENT},
    {"w", ADVICE_CLIENT},
    {"write", ADVICE_CLIENT},
    {"q", ADVICE_QUIT},
    {"quit", ADVICE_QUIT},
    {"password", ADVICE_PASSWORD},
    {"lo_import", ADVICE_LARGE_OBJECT},
    {"lo_export", ADVICE_LARGE_OBJECT},
    {"lo_unlink", ADVICE_LARGE_OBJECT},
    {".", ADVICE_DATA_END},
    {"encoding", ADVICE_ENCODING},
};

/*
 * Variables that tell psql how to read, print and stop.  With or without them
 * a migration is one transaction, and ends at its first error.
 */
static const char *const steering[] = {
    "AUTOCOMMIT",
    "COMP_KEYWORD_CASE",
    "ECHO",
    "ECHO_HIDDEN",
    "FETCH_COUNT",
    "HIDE_TABLEAM",
    "HIDE_TOAST_COMPRESSION",
    "HISTCONTROL",
    "HISTFILE",
    "HISTSIZE",
    "IGNOREEOF",
    "ON_ERROR_ROLLBACK",
    "ON_ERROR_STOP",
    "PROMPT1",
    "PROMPT2",
    "PROMPT3",
    "QUIET",
    "SHOW_ALL_RESULTS",
    "SHOW_CONTEXT",
    "VERBOSITY",
    "WATCH_INTERVAL",
};

static bool
is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What is not blank from a place on, up to the next blank or backslash. */
static MigBytes
next_word(const char *place, const char *end)
{
    MigBytes word;

    while (place < end && is_blank(*place))
        place++;
    word.data = place;
    while (place < end && !is_blank(*place) && *place != '\\')
        place++;
    word.length = (size_t) (place - word.data);
    return word;
}

/* Behind the closing quote of an argument. */
static const char *
skip_quoted(const char *place, const char *end)
{
    char quote = *place++;

    while (place < end && *place != quote)
        place += *place == '\\' && quote == '\'' && end - place >= 2 ? 2 : 1;
    return place < end ? place + 1 : end;
}

/*
 * Behind a command's arguments: they end with the line, or at a backslash.
 * Behind "\\", which only ends them, statements may go on.
 */
static const char *
skip_arguments(const char *place, const char *end)
{
    while (place < end && *place != '\\')
    {
        if (*place == '\'' || *place == '"' || *place == '`')
            place = skip_quoted(place, end);
        else
            place++;
    }
    return end - place >= 2 && place[1] == '\\' ? place + 2 : place;
}

static bool
word_is(MigBytes word, const char *name)
{
    return mig_bytes_equal(word, mig_bytes(name));
}

static bool
is_one_of(MigBytes word, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (word_is(word, names[i]))
            return true;
    return false;
}

/* Whether a command describes something. */
static bool
is_describing(MigBytes name)
{
    while (!is_one_of(name, describing, lengthof(describing)))
    {
        if (name.length == 0 ||
            strchr("S+x", name.data[name.length - 1]) == NULL)
            return false;
        name.length--;
    }
    return true;
}

static const char *
find_advice(MigBytes name)
{
    for (size_t i = 0; i < lengthof(refused); i++)
        if (word_is(name, refused[i].name))
            return refused[i].advice;
    return ADVICE_UNKNOWN;
}

static bool
is_utf8(MigBytes encoding)
{
    char name[32];

    snprintf(name, sizeof(name), "%.*s",
             (int) Min(encoding.length, sizeof(name)), encoding.data);
    return pg_char_to_encoding(name) == PG_UTF8;
}

/*
 * Whether a command changes nothing.
 *
 * place  behind its name
 * end    of the script
 */
static bool
is_harmless(MigBytes name, const char *place, const char *line_end,
            const char *end)
{
    MigBytes argument = next_word(place, line_end);

    if (word_is(name, "set") || word_is(name, "unset"))
        return argument.length == 0 ||
               is_one_of(argument, steering, lengthof(steering));
    if (word_is(name, "encoding"))
        return argument.length == 0 || is_utf8(argument);
    if (word_is(name, "q") || word_is(name, "quit"))
        return pg_skip_blank(place, end) == end;
    return is_one_of(name, printing, lengthof(printing)) || is_describing(name);
}

const char *
pg_psql_pass(const char *place, const char *end, MigError *error)
{
    const char *line_end = memchr(place, '\n', (size_t) (end - place));
    MigBytes name;

    if (line_end == NULL)
        line_end = end;
    name.data = place + 1;
    name.length = 0;
    if (name.data < line_end && !is_blank(*name.data))
        name = next_word(name.data, line_end);
    place = name.data + name.length;
    if (is_harmless(name, place, line_end, end))
        return skip_arguments(place, line_end);
    (void) mig_fail(error, MIG_UNSUPPORTED,
                    "psql's command \\%.*s cannot stand in a migration",
                    pg_mbcliplen(name.data, (int) name.length, 64), name.data);
    mig_fail_hint(error, "%s", find_advice(name));
    return NULL;
}
