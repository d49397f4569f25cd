#include "mig_verify_parts.h"

#include "mig_setting.h"

#define HOUR_US ((int64_t) 3600 * 1000000)
#define DAY_US (24 * HOUR_US)
#define ERA_DAYS ((int64_t) 146097) /* of 400 years */

/* An export under way. */
typedef struct Export
{
    Mig *mig;
    MigText lines;
    MigText heads;
    MigText head; /* of the present chain */
    MigBytes target;
    bool begun;
} Export;

static const char *const keys[MIG_EVENT_COLUMNS] = {
    "project", "target",        "seq",         "at",    "action", "version",
    "name",    "outcome",       "duration_us", "actor", "client", "checksum",
    "detail",  "previous_hash", "hash"};

/* Append a JSON string. */
static void
append_string(MigText *text, MigBytes bytes)
{
    size_t from = 0;

    bytes = mig_utf8_mend(text->arena, bytes, text->error);
    mig_text_append_string(text, "\"");
    for (size_t i = 0; i < bytes.length; i++)
    {
        unsigned char byte = (unsigned char) bytes.data[i];

        if (byte >= ' ' && byte != '"' && byte != '\\')
            continue;
        mig_text_append(text, mig_part(bytes, from, i));
        if (byte == '\n')
            mig_text_append_string(text, "\\n");
        else if (byte < ' ')
            mig_text_append_format(text, "\\u%04x", byte);
        else
            mig_text_append_format(text, "\\%c", byte);
        from = i + 1;
    }
    mig_text_append(text, mig_part(bytes, from, bytes.length));
    mig_text_append_string(text, "\"");
}

/* Days of a year of the Gregorian calendar. */
static int64_t
days_of_year(int64_t year)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return leap ? 366 : 365;
}

/* Append a date, given in days since 1970-01-01. */
static void
append_date(MigText *text, int64_t day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    int64_t era = day / ERA_DAYS - (day % ERA_DAYS < 0);
    int64_t year = 1970 + 400 * era;
    int month = 0;

    day -= era * ERA_DAYS;
    for (; day >= days_of_year(year); year++)
        day -= days_of_year(year);
    for (;; month++)
    {
        int length = lengths[month] + (month == 1 && days_of_year(year) == 366);

        if (day < length)
            break;
        day -= length;
    }
    mig_text_append_format(text, "%04lld-%02d-%02lld", (long long) year,
                           month + 1, (long long) day + 1);
}

/* Append a time, UTC, with microseconds. */
static void
append_time(MigText *text, int64_t at)
{
    int64_t day = at / DAY_US - (at % DAY_US < 0);
    int64_t rest = at - day * DAY_US;

    mig_text_append_string(text, "\"");
    append_date(text, day);
    mig_text_append_format(
        text, "T%02lld:%02lld:%02lld.%06lldZ\"", (long long) (rest / HOUR_US),
        (long long) (rest / 60000000 % 60), (long long) (rest / 1000000 % 60),
        (long long) (rest % 1000000));
}

/* Append a key and its value, and what stands before it. */
static void
append_member(MigText *text, const char *key, const MigValue *value)
{
    mig_text_append_format(
        text, "%s\"%s\":",
        text->length == 0 || text->data[text->length - 1] == '\n' ? "{" : ",",
        key);
    if (value->type == MIG_INTEGER)
        mig_text_append_format(text, "%lld", (long long) value->integer);
    else if (value->type == MIG_TEXT)
        append_string(text, value->bytes);
    else
        mig_text_append_string(text, "null");
}

/* Finish the chain whose newest event was the last. */
static void
end_chain(Export *out)
{
    mig_text_append(&out->heads, mig_text_bytes(&out->head));
    out->head.length = 0;
}

/* Remember an event as the newest of its chain. */
static void
write_head(Export *out, const MigValue *columns)
{
    static const MigEventColumn members[] = {
        MIG_EVENT_PROJECT, MIG_EVENT_TARGET, MIG_EVENT_SEQ, MIG_EVENT_HASH};

    out->head.length = 0;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        append_member(&out->head, keys[members[i]], &columns[members[i]]);
    mig_text_append_string(&out->head, ",\"head\":true}\n");
}

/* Take a row of MIG_SQL_EVENT_CHAIN. */
static MigStatus
take_event(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    Export *out = context;
    MigBytes target = columns[MIG_EVENT_TARGET].bytes;

    (void) count;
    if (out->begun && !mig_bytes_equal(target, out->target))
        end_chain(out);
    if (!out->begun || !mig_bytes_equal(target, out->target))
        out->target = mig_copy(out->mig->arena, target, error);
    out->begun = true;
    for (size_t i = 0; i < MIG_EVENT_COLUMNS; i++)
    {
        append_member(&out->lines, keys[i], &columns[i]);
        if (i == MIG_EVENT_AT && columns[i].type == MIG_INTEGER)
        {
            mig_text_append_string(&out->lines, ",\"time\":");
            append_time(&out->lines, columns[i].integer);
        }
    }
    mig_text_append_string(&out->lines, "}\n");
    write_head(out, columns);
    return error->status;
}

MigBytes
mig_export_history(Mig *mig)
{
    Export out = {mig,
                  {mig->arena, mig->error, NULL, 0, 0},
                  {mig->arena, mig->error, NULL, 0, 0},
                  {mig->arena, mig->error, NULL, 0, 0},
                  {NULL, 0},
                  false};
    MigValue arguments[1];

    if (mig_ok(mig) && mig->has_catalogue)
    {
        arguments[0] = mig_text_value(mig->settings->project);
        (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_CHAIN,
                                         arguments, 1, take_event, &out,
                                         mig->error);
    }
    end_chain(&out);
    mig_text_append(&out.lines, mig_text_bytes(&out.heads));
    /* The shells put a line break behind it. */
    return mig_trim(mig_text_bytes(&out.lines));
}
