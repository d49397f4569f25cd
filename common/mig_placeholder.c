#include "mig_placeholder.h"

#include "mig_format.h"
#include "mig_setting.h"

#define BUILT_IN "flyway:" /* what built-in names start with */
#define SECONDS_OF_DAY ((int64_t) 86400)

static char
lower_case(char byte)
{
    return (char) (byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

/* Whether two names are the same but for upper and lower case. */
static bool
same_name(MigBytes a, MigBytes b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
    {
        if (lower_case(a.data[i]) != lower_case(b.data[i]))
            return false;
    }
    return true;
}

/* The value of a variable of that name, however it is written there. */
static MigBytes
set_value(Mig *mig, MigArena *arena, MigBytes name, MigExpansion *expansion)
{
    MigBytes value = mig_variable_value(mig, arena, name, expansion);
    size_t prefix = strlen(MIG_VARIABLE_PREFIX);

    for (size_t i = 0; i < mig->settings->count && value.data == NULL; i++)
    {
        MigBytes setting = mig->settings->rows[i].name;

        if (!mig_starts_with(setting, MIG_VARIABLE_PREFIX))
            continue;
        setting = mig_part(setting, prefix, setting.length);
        if (same_name(setting, name))
            value = mig_variable_value(mig, arena, setting, expansion);
    }
    return value;
}

/* The time of day as Flyway writes it, but in UTC. */
static MigBytes
timestamp(Mig *mig, MigArena *arena)
{
    int64_t seconds = mig->host->methods->now(mig->host) / 1000000;
    int64_t days = seconds / SECONDS_OF_DAY;
    int64_t rest = seconds % SECONDS_OF_DAY;
    int64_t century;
    int64_t year;
    int64_t month;

    /* Days are counted from 1 March of the year 0, so that the day that leap
     * years have more is the last one. */
    days += 719468;
    century = days / 146097;
    days %= 146097;
    year = (days - days / 1460 + days / 36524 - days / 146096) / 365;
    days -= 365 * year + year / 4 - year / 100;
    month = (5 * days + 2) / 153;
    days -= (153 * month + 2) / 5;
    year += century * 400 + (month >= 10);
    month += month < 10 ? 3 : -9;
    return mig_bytes(mig_format_string(
        arena, mig->error, "%04lld-%02lld-%02lld %02lld:%02lld:%02lld",
        (long long) year, (long long) month, (long long) days + 1,
        (long long) (rest / 3600), (long long) (rest / 60 % 60),
        (long long) (rest % 60)));
}

/* What the engine knows of itself; absent where it has no such thing. */
static MigBytes
fact(Mig *mig, MigArena *arena, MigFact wanted)
{
    char text[256];
    MigBytes absent = {NULL, 0};

    if (!mig->host->methods->fact(mig->host, wanted, text, sizeof(text),
                                  mig->error) ||
        !mig_ok(mig))
        return absent;
    return mig_copy(arena, mig_bytes(text), mig->error);
}

/* The value of a built-in name behind "flyway:"; absent: there is none. */
static MigBytes
built_in(Mig *mig, MigArena *arena, MigBytes name,
         const MigExpansion *expansion)
{
    MigBytes absent = {NULL, 0};

    if (same_name(name, mig_bytes("defaultSchema")))
        return fact(mig, arena, MIG_FACT_SCHEMA);
    if (same_name(name, mig_bytes("database")))
        return fact(mig, arena, MIG_FACT_DATABASE);
    if (same_name(name, mig_bytes("user")))
    {
        MigBytes user = fact(mig, arena, MIG_FACT_USER);

        return user.data == NULL && mig_ok(mig) ? mig_bytes("") : user;
    }
    if (same_name(name, mig_bytes("timestamp")))
        return timestamp(mig, arena);
    if (same_name(name, mig_bytes("filename")) && expansion->file.data != NULL)
        return mig_base_name(expansion->file);
    if (same_name(name, mig_bytes("table")))
        return mig_bytes("flyway_schema_history");
    if (same_name(name, mig_bytes("environment")))
        return mig_setting(mig, "environment", NULL);
    return absent;
}

/* Fail for a placeholder without a value. */
static void
fail_unset(Mig *mig, MigBytes name)
{
    int shown = (int) mig_cut(name, 80).length;

    (void) mig_fail(mig->error, MIG_INVALID,
                    "no value is set for placeholder \"${%.*s}\"", shown,
                    name.data);
    mig_fail_hint(mig->error,
                  "Set it with migrate_config('var.%.*s', ...).  A file whose "
                  "text is to stay as it is has beside it one of the same "
                  "name and .conf, with the line "
                  "placeholderReplacement=false.",
                  shown, name.data);
}

MigBytes
mig_placeholder_value(Mig *mig, MigArena *arena, MigBytes text, size_t *length,
                      MigExpansion *expansion)
{
    MigBytes value = {NULL, 0};
    const char *end;
    MigBytes name;

    if (!mig_starts_with(text, "${"))
        return value;
    end = memchr(text.data, '}', text.length);
    if (end == NULL)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "a placeholder that begins with \"${\" has no "
                        "closing \"}\"");
        return value;
    }
    *length = (size_t) (end - text.data) + 1;
    name = mig_part(text, 2, *length - 1);
    if (name.length > strlen(BUILT_IN) &&
        same_name(mig_part(name, 0, strlen(BUILT_IN)), mig_bytes(BUILT_IN)))
        value =
            built_in(mig, arena, mig_part(name, strlen(BUILT_IN), name.length),
                     expansion);
    else
        value = set_value(mig, arena, name, expansion);
    if (value.data == NULL && mig_ok(mig))
        fail_unset(mig, name);
    return value;
}
