#include "sqlite_host.h"
#include "sqlite_token.h"

/*
 * Commands of the sqlite3 shell: a line that begins with a dot where a
 * statement could begin.  Those that only display, or say how the shell
 * displays, are passed over; so is a line that begins with "#", the shell's
 * comment.  The others are refused, with what to do instead.
 */

/* A command that is refused. */
typedef struct Refused
{
    const char *name;
    const char *advice;
} Refused;

#define ADVICE_FILE                                                            \
    "Put that file's text into the directory, as a migration of its own."
#define ADVICE_DATA                                                            \
    "Write the rows as INSERT statements; the shell makes them with "          \
    "\".mode insert\" or \".dump\"."
#define ADVICE_EXTENSION                                                       \
    "Load the extension before the migrations are run: a migration cannot."
#define ADVICE_COPY                                                            \
    "Call it beside the migrations; VACUUM INTO can stand in one."
#define ADVICE_ATTACH                                                          \
    "A migration is about one database; ATTACH opens another beside it."
#define ADVICE_CLIENT                                                          \
    "The database runs a migration: there is no shell and no terminal."
#define ADVICE_QUIT                                                            \
    "Remove what stands behind it, which the shell would not run either."
#define ADVICE_PARAMETER                                                       \
    "Write ${name} where the value shall stand, and set it with "              \
    "migrate_config('var.name', ...)."
#define ADVICE_CONNECTION                                                      \
    "It changes the connection, which is the application's."
#define ADVICE_UNKNOWN                                                         \
    "Only those that concern what is displayed are passed over."

static const char *const displaying[] = {
    "print",      "echo",      "headers", "header",  "mode",      "timer",
    "bail",       "width",     "changes", "stats",   "nullvalue", "separator",
    "explain",    "eqp",       "show",    "help",    "version",   "schema",
    "fullschema", "tables",    "indexes", "indices", "databases", "dbinfo",
    "prompt",     "scanstats", "crlf",    "crnl",    "progress",  "vfsinfo",
    "vfslist",    "vfsname",   "lint",    "sha3sum", NULL};

static const Refused refused[] = {
    {"read", ADVICE_FILE},           {"import", ADVICE_DATA},
    {"load", ADVICE_EXTENSION},      {"backup", ADVICE_COPY},
    {"save", ADVICE_COPY},           {"restore", ADVICE_COPY},
    {"clone", ADVICE_COPY},          {"dump", ADVICE_COPY},
    {"recover", ADVICE_COPY},        {"open", ADVICE_ATTACH},
    {"connection", ADVICE_ATTACH},   {"shell", ADVICE_CLIENT},
    {"system", ADVICE_CLIENT},       {"cd", ADVICE_CLIENT},
    {"output", ADVICE_CLIENT},       {"once", ADVICE_CLIENT},
    {"excel", ADVICE_CLIENT},        {"www", ADVICE_CLIENT},
    {"log", ADVICE_CLIENT},          {"quit", ADVICE_QUIT},
    {"exit", ADVICE_QUIT},           {"parameter", ADVICE_PARAMETER},
    {"dbconfig", ADVICE_CONNECTION}, {"limit", ADVICE_CONNECTION},
    {"timeout", ADVICE_CONNECTION},  {"auth", ADVICE_CONNECTION},
    {NULL, ADVICE_UNKNOWN},
};

static bool
is_name(MigBytes word, const char *name)
{
    return word.length == strlen(name) &&
           memcmp(word.data, name, word.length) == 0;
}

/* The name of a command, behind its dot. */
static MigBytes
command_name(MigBytes line)
{
    size_t end = 1;

    while (end < line.length && strchr(" \t\r\n;", line.data[end]) == NULL)
        end++;
    return mig_part(line, 1, end);
}

/* Whether a command changes nothing; one that ends the script does not when
 * nothing is behind it. */
static bool
is_harmless(MigBytes name, MigBytes rest)
{
    if (is_name(name, "quit") || is_name(name, "exit"))
        return sqlite_is_blank(rest);
    for (size_t i = 0; displaying[i] != NULL; i++)
    {
        if (is_name(name, displaying[i]))
            return true;
    }
    return false;
}

bool
sqlite_is_shell_line(MigBytes text, size_t offset)
{
    return (text.data[offset] == '.' || text.data[offset] == '#') &&
           (offset == 0 || text.data[offset - 1] == '\n');
}

MigStatus
sqlite_shell_pass(MigBytes text, size_t *offset, MigError *error)
{
    MigBytes rest = mig_part(text, *offset, text.length);
    const char *newline = memchr(rest.data, '\n', rest.length);
    size_t length =
        newline == NULL ? rest.length : (size_t) (newline - rest.data) + 1;
    MigBytes name = command_name(mig_part(rest, 0, length));
    const Refused *advice = refused;

    if (rest.data[0] == '#' ||
        is_harmless(name, mig_part(rest, length, rest.length)))
    {
        *offset += length;
        return MIG_OK;
    }
    while (advice->name != NULL && !is_name(name, advice->name))
        advice++;
    (void) mig_fail(error, MIG_UNSUPPORTED,
                    "the sqlite3 shell's command .%.*s cannot stand in a "
                    "migration",
                    (int) mig_cut(name, 64).length, name.data);
    mig_fail_hint(error, "%s", advice->advice);
    return error->status;
}
