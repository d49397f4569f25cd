#include "mig_watch.h"

#include "mig_text.h"

bool
mig_watch_is_here(MigBytes stored, MigBytes place, MigBytes *value)
{
    size_t length = 0;

    while (length < stored.length && stored.data[length] != ' ')
        length++;
    *value = mig_part(stored, 0, length);
    return length == stored.length ||
           mig_bytes_equal(mig_part(stored, length + 1, stored.length), place);
}

/*
 * Where this database is.
 *
 * place  out
 *
 * Returns it, or absent bytes where the engine does not tell.
 */
static MigBytes
present_place(const Mig *mig, char place[MIG_PLACE_SIZE])
{
    MigBytes absent = {NULL, 0};

    if (mig->host->methods->place == NULL)
        return absent;
    mig->host->methods->place(mig->host, place, MIG_PLACE_SIZE);
    return mig_bytes(place);
}

void
mig_watch_take(const Mig *mig, MigSettingRow *row)
{
    char place[MIG_PLACE_SIZE];

    row->elsewhere =
        !mig_watch_is_here(row->value, present_place(mig, place), &row->value);
    if (row->elsewhere)
        row->value = mig_bytes(MIG_WATCH_OFF);
}

MigBytes
mig_watch_change(Mig *mig, MigBytes value)
{
    bool enable =
        value.data != NULL && !mig_bytes_equal(value, mig_bytes(MIG_WATCH_OFF));
    MigText stored = {mig->arena, mig->error, NULL, 0, 0};
    char place[MIG_PLACE_SIZE];

    if (!mig_ok(mig))
        return value;
    if (mig->host->methods->watch != NULL)
        (void) mig->host->methods->watch(mig->host, enable, mig->error);
    else if (enable)
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "setting \"" MIG_WATCH "\" cannot be \"%.*s\" here",
                        (int) value.length, value.data);
        mig_fail_hint(mig->error,
                      "It takes event triggers, which only PostgreSQL has.");
    }
    if (value.data == NULL || present_place(mig, place).data == NULL)
        return value;
    mig_text_append_format(&stored, "%.*s %s", (int) value.length, value.data,
                           place);
    return mig_text_bytes(&stored);
}

static MigStatus
emit_hand(void *context, const MigValue *columns, size_t count, MigError *error)
{
    MigCall *call = context;
    MigValue row[MIG_MAX_TABLE_COLUMNS];

    (void) error;
    for (size_t i = 0; i < count && i < MIG_MAX_TABLE_COLUMNS; i++)
        row[i] = columns[i];
    row[0] = mig_time(columns[0].integer);
    return call->emit(call, row, count);
}

void
mig_watch_list(Mig *mig, MigCall *call)
{
    MigValue since = mig_integer(0);

    if (mig->has_catalogue && mig->host->records &&
        mig->host->methods->watch != NULL)
        (void) mig->host->methods->query(mig->host, MIG_SQL_DDL_LIST, &since, 1,
                                         emit_hand, call, mig->error);
}
