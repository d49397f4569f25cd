#include "mig_adopt_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "mig_time.h"

#define NAME_MAX_BYTES ((size_t) 200) /* of what is shown or recorded */

/* Where a history's rows go. */
typedef struct Reader
{
    Mig *mig;
    MigHistory *history;
} Reader;

/* A value as text: what names a migration is a number in some tables. */
static MigBytes
text_of(MigArena *arena, const MigValue *value, MigError *error)
{
    MigBytes absent = {NULL, 0};

    switch (value->type)
    {
        case MIG_TEXT:
        case MIG_BYTES:
            return mig_copy(arena, value->bytes, error);
        case MIG_INTEGER:
        case MIG_BOOLEAN:
        case MIG_TIME:
            return mig_bytes(mig_format_string(arena, error, "%lld",
                                               (long long) value->integer));
        case MIG_FLOAT:
            return mig_bytes(
                mig_format_string(arena, error, "%.0f", value->real));
        case MIG_NULL:
            break;
    }
    return absent;
}

/* The beginning of a text that can be shown and recorded: others wrote it. */
static MigBytes
presentable(MigBytes text)
{
    if (text.data == NULL)
        return text;
    return mig_cut(mig_part(text, 0, mig_utf8_check(text)), NAME_MAX_BYTES);
}

/* What users know a row by. */
static MigBytes
label_of(Mig *mig, const MigHistory *history, const MigOtherRow *row)
{
    MigKeyKind kind = history->tool->keys[0].kind;
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    const MigBytes *texts = row->texts;

    if (kind == MIG_KEY_CHANGESET)
    {
        mig_text_append(&text, texts[MIG_OTHER_THIRD]);
        mig_text_append_string(&text, "::");
        mig_text_append(&text, texts[MIG_OTHER_KEY]);
        mig_text_append_string(&text, "::");
        mig_text_append(&text, texts[MIG_OTHER_SECOND]);
        return presentable(mig_text_bytes(&text));
    }
    if (kind == MIG_KEY_FOLDER)
    {
        mig_text_append(&text, texts[MIG_OTHER_SECOND]);
        mig_text_append_string(&text, ".");
        mig_text_append(&text, texts[MIG_OTHER_KEY]);
        return presentable(mig_text_bytes(&text));
    }
    if (texts[MIG_OTHER_KEY].length > 0)
        return presentable(texts[MIG_OTHER_KEY]);
    if (texts[MIG_OTHER_THIRD].length > 0)
        return presentable(texts[MIG_OTHER_THIRD]);
    return presentable(texts[MIG_OTHER_SECOND]);
}

/* A number or a time that grows with the rows; 0 where there is none. */
static int64_t
order_of(const MigValue *value)
{
    int64_t order = 0;

    if (value->type == MIG_INTEGER || value->type == MIG_TIME)
        return value->integer;
    if (!mig_parse_digits(value->bytes, &order))
        (void) mig_time_read(value, &order);
    return order;
}

/* How long a migration took, in microseconds; 0 when that is not known. */
static int64_t
duration_of(const MigOtherTool *tool, const MigValue *value)
{
    int64_t unit = tool->duration_ns;

    if (value->type != MIG_INTEGER || value->integer <= 0 || unit == 0 ||
        value->integer > INT64_MAX / unit)
        return 0;
    return value->integer * unit / 1000;
}

/* Make sense of the columns of a row. */
static void
interpret(Mig *mig, const MigHistory *history, MigOtherRow *row)
{
    const MigOtherTool *tool = history->tool;
    const MigValue *columns = row->columns;

    for (size_t i = 0; i <= MIG_OTHER_THIRD; i++)
        row->texts[i] = text_of(mig->arena, &columns[i], mig->error);
    row->label = label_of(mig, history, row);
    row->at = MIG_OTHER_NO_TIME;
    (void) mig_time_read(&columns[MIG_OTHER_AT], &row->at);
    if (columns[MIG_OTHER_BY].type == MIG_TEXT &&
        columns[MIG_OTHER_BY].bytes.length > 0)
        row->by = presentable(columns[MIG_OTHER_BY].bytes);
    row->duration_us = duration_of(tool, &columns[MIG_OTHER_DURATION]);
    row->order = order_of(&columns[MIG_OTHER_ORDER]);
    if (tool->columns[MIG_OTHER_ORDER] == NULL && row->at != MIG_OTHER_NO_TIME)
        row->order = row->at;
    if (tool->judge != NULL && mig_ok(mig))
        tool->judge(row);
}

static MigStatus
collect_row(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    Reader *reader = context;
    MigHistory *history = reader->history;
    MigArena *arena = reader->mig->arena;
    MigOtherRow *row;

    row = mig_array_reserve(arena, history->rows, history->count,
                            &history->capacity, sizeof(MigOtherRow), error);
    if (row == NULL)
        return error->status;
    history->rows = row;
    row += history->count;
    memset(row, 0, sizeof(*row));
    row->number = history->count++;
    for (size_t i = 0; i < count; i++)
    {
        row->columns[i] = columns[i];
        row->columns[i].bytes = mig_copy(arena, columns[i].bytes, error);
    }
    interpret(reader->mig, history, row);
    return error->status;
}

static int
compare_rows(const void *a, const void *b)
{
    const MigOtherRow *one = a;
    const MigOtherRow *other = b;

    if (one->order != other->order)
        return one->order < other->order ? -1 : 1;
    return (one->number > other->number) - (one->number < other->number);
}

/* Fail for a table that the caller may not read. */
static void
require_readable(Mig *mig, const MigHistory *history)
{
    const char *place;

    if (!mig_ok(mig) || history->readable)
        return;
    place = mig_history_place(mig, history);
    (void) mig_fail(mig->error, MIG_DENIED,
                    "the history of \"%s\" in table %s cannot be read by you",
                    history->tool->name, place);
    mig_fail_hint(mig->error, "GRANT SELECT on that table, and USAGE on its "
                              "schema, to the role that adopts.");
}

void
mig_adopt_read(Mig *mig, MigHistory *history)
{
    Reader reader = {mig, history};
    MigTableRead read = {history->schema, history->table, history->columns,
                         MIG_OTHER_COLUMNS, history->tool->utc};
    MigValue number[MIG_OTHER_COLUMNS];

    require_readable(mig, history);
    history->count = 0;
    if (!mig_ok(mig))
        return;
    if (history->tool->rule == MIG_RULE_NUMBER)
    {
        memset(number, 0, sizeof(number));
        number[MIG_OTHER_KEY].type = MIG_INTEGER;
        (void) mig->host->methods->user_version(
            mig->host, &number[MIG_OTHER_KEY].integer, mig->error);
        if (mig_ok(mig))
            (void) collect_row(&reader, number, MIG_OTHER_COLUMNS, mig->error);
    }
    else
        (void) mig->host->methods->read_table(mig->host, &read, collect_row,
                                              &reader, mig->error);
    if (mig_ok(mig) && history->count > 1)
        qsort(history->rows, history->count, sizeof(MigOtherRow), compare_rows);
}
