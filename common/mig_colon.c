#include "mig_colon.h"

/* Whether a byte is one of a word, as JavaScript's \b has it. */
static bool
is_word_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

/*
 * The name behind the ':' at the start of a text: the whole word, in capitals,
 * as settings.ts of graphile-migrate has it.  Absent: there is none.
 */
static MigBytes
name_at(MigBytes text)
{
    MigBytes absent = {NULL, 0};
    size_t end = 1;

    if (text.length < 3 || text.data[1] < 'A' || text.data[1] > 'Z')
        return absent;
    while (end < text.length && is_word_byte(text.data[end]))
    {
        if (text.data[end] >= 'a' && text.data[end] <= 'z')
            return absent;
        end++;
    }
    return end < 3 ? absent : mig_part(text, 1, end);
}

bool
mig_colon_mentions(MigBytes text)
{
    size_t at = 0;

    while (at < text.length)
    {
        const char *colon = memchr(text.data + at, ':', text.length - at);

        if (colon == NULL)
            return false;
        at = (size_t) (colon - text.data);
        if (name_at(mig_part(text, at, text.length)).data != NULL)
            return true;
        at++;
    }
    return false;
}

/*
 * Fail unless a name can stand in a statement as it is.  It is put in without
 * quotes, as graphile-migrate does it, and is not chosen by whoever wrote the
 * text.
 */
static void
require_plain(Mig *mig, MigBytes value, MigBytes name, const char *query)
{
    bool plain = value.length > 0;

    for (size_t i = 0; i < value.length && plain; i++)
        plain = is_word_byte(value.data[i]) || value.data[i] == '-' ||
                value.data[i] == '.';
    if (plain)
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    value.length == 0
                        ? "placeholder \":%.*s\" has no value here"
                        : "placeholder \":%.*s\" has a value that holds "
                          "other characters than letters, digits, _, - and .",
                    (int) name.length, name.data);
    mig_fail_hint(mig->error,
                  "Set it with SELECT migrate_config('var.%.*s', %s).",
                  (int) name.length, name.data, query);
}

/* What the engine knows for a placeholder; absent: it is none that it knows. */
static MigBytes
known_value(Mig *mig, MigArena *arena, MigBytes name)
{
    static const struct
    {
        const char *name;
        MigFact fact;
        const char *query; /* that shows it on PostgreSQL */
    } known[] = {{"DATABASE_NAME", MIG_FACT_DATABASE, "current_database()"},
                 {"DATABASE_OWNER", MIG_FACT_OWNER,
                  "(SELECT pg_get_userbyid(datdba) FROM pg_database WHERE "
                  "datname = current_database())"}};
    MigBytes value = {NULL, 0};
    char text[256] = "";

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    {
        if (!mig_bytes_equal(name, mig_bytes(known[i].name)))
            continue;
        (void) mig->host->methods->fact(mig->host, known[i].fact, text,
                                        sizeof(text), mig->error);
        require_plain(mig, mig_bytes(text), name, known[i].query);
        if (mig_ok(mig))
            value = mig_copy(arena, mig_bytes(text), mig->error);
    }
    return value;
}

MigBytes
mig_colon_value(Mig *mig, MigArena *arena, MigBytes text, size_t *length,
                MigExpansion *expansion)
{
    MigBytes name = name_at(text);
    MigBytes value = {NULL, 0};

    if (name.data == NULL)
        return value;
    value = mig_variable_value(mig, arena, name, expansion);
    if (value.data == NULL && mig_ok(mig))
        value = known_value(mig, arena, name);
    *length = name.length + 1;
    return value;
}
