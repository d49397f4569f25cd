#include "mig_adopt_parts.h"

#include "mig_sum.h"

/*
 * The locks that other tools take while they work, so that none of them runs
 * while its history is read and recorded.  They are tried, not waited for: a
 * run of theirs may take hours.  Numbers: each tool's own source.
 */

static void
fail_running(Mig *mig, const MigHistory *history, const char *detail)
{
    (void) mig_fail(mig->error, MIG_LOCKED,
                    "\"%s\" is migrating this database: its lock is held",
                    history->tool->name);
    mig_fail_detail(mig->error, "%s", detail == NULL ? "" : detail);
    mig_fail_hint(mig->error, "Wait until it has finished, then call again.");
}

/*
 * The hash of a text as Java's String.hashCode(): over its UTF-16 code units,
 * modulo 2^32, signed.
 */
static int32_t
java_hash(MigBytes text)
{
    uint32_t hash = 0;

    for (size_t i = 0; i < text.length;)
    {
        unsigned char first = (unsigned char) text.data[i++];
        uint32_t point = first;
        int more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;

        if (more > 0)
            point = first & (0x3FU >> more);
        for (; more > 0 && i < text.length; more--)
            point = point << 6 | ((unsigned char) text.data[i++] & 0x3FU);
        if (point >= 0x10000)
        {
            hash = hash * 31 + (0xD800U + ((point - 0x10000) >> 10));
            point = 0xDC00U + ((point - 0x10000) & 0x3FF);
        }
        hash = hash * 31 + point;
    }
    return hash > INT32_MAX ? (int32_t) (hash - INT32_MAX - 1) + INT32_MIN
                            : (int32_t) hash;
}

/* Flyway's number: its name's letters, and the hash of the quoted table. */
static int64_t
flyway_number(Mig *mig, const MigHistory *history)
{
    const int64_t magic = INT64_C(0x466C79776179); /* "Flyway" */
    const char *table =
        mig_format_string(mig->arena, mig->error, "\"%s\".\"%s\"",
                          history->schema.data, history->table.data);

    return magic + java_hash(mig_bytes(table));
}

/* golang-migrate's number: schema, table and database with NULs between. */
static int64_t
golang_number(const MigHistory *history, MigBytes database)
{
    const MigBytes nul = {"", 1};
    uint32_t sum = mig_crc32(0, history->schema);

    sum = mig_crc32(sum, nul);
    sum = mig_crc32(sum, history->table);
    sum = mig_crc32(sum, nul);
    sum = mig_crc32(sum, database);
    return (int64_t) (uint32_t) (sum * (uint32_t) history->tool->lock_number);
}

/* The number of the lock that a history's tool takes. */
static int64_t
lock_number(Mig *mig, const MigHistory *history)
{
    MigBytes database = mig->host->methods->database_name(mig->host);
    int64_t number = history->tool->lock_number;

    if (history->tool->lock == MIG_LOCK_FLYWAY)
        return flyway_number(mig, history);
    if (history->tool->lock == MIG_LOCK_GOLANG)
        return golang_number(history, database);
    if (history->tool->lock == MIG_LOCK_DATABASE)
        return (int64_t) ((uint64_t) number * mig_crc32(0, database));
    return number;
}

static void
take_number(Mig *mig, const MigHistory *history)
{
    const MigHostMethods *methods = mig->host->methods;
    int64_t number;
    bool taken = true;

    if (methods->lock_number == NULL)
        return;
    number = lock_number(mig, history);
    if (mig_ok(mig) &&
        methods->lock_number(mig->host, number, &taken, mig->error) == MIG_OK &&
        !taken)
        fail_running(mig, history,
                     mig_format_string(mig->arena, mig->error,
                                       "Advisory lock %lld is another "
                                       "session's; pg_locks shows whose.",
                                       (long long) number));
}

static void
take_table(Mig *mig, const MigHistory *history, MigBytes name,
           MigTableLock lock)
{
    const MigHostMethods *methods = mig->host->methods;
    MigTable table;
    bool taken = true;

    memset(&table, 0, sizeof(table));
    table.schema = history->schema;
    table.name = name;
    if (methods->lock_table != NULL &&
        methods->lock_table(mig->host, &table, lock, &taken, mig->error) ==
            MIG_OK &&
        !taken)
        fail_running(mig, history,
                     mig_format_string(mig->arena, mig->error,
                                       "Another session works with table "
                                       "%s.%s.",
                                       table.schema.data, table.name.data));
}

/* Note a row that says that somebody holds the lock. */
static MigStatus
note_held(void *context, const MigValue *columns, size_t count, MigError *error)
{
    bool *held = context;

    (void) count;
    (void) error;
    *held =
        *held || columns[0].type == MIG_NULL || mig_other_is_true(&columns[0]);
    return MIG_OK;
}

/* See that no row holds the lock, and that none is written meanwhile. */
static void
take_row(Mig *mig, const MigHistory *history)
{
    MigTableRead read = {history->schema, history->lock_table,
                         &history->lock_column, 1, false};
    bool held = false;

    if (history->lock_table.data == NULL)
        return;
    take_table(mig, history, history->lock_table, MIG_TABLE_LOCK_WRITES);
    if (mig_ok(mig))
        (void) mig->host->methods->read_table(mig->host, &read, note_held,
                                              &held, mig->error);
    if (!mig_ok(mig) || !held)
        return;
    fail_running(mig, history,
                 mig_format_string(
                     mig->arena, mig->error, "A row of table %s.%s says so.",
                     history->schema.data, history->lock_table.data));
    mig_fail_hint(mig->error,
                  "Wait until it has finished.  Where it has died, release "
                  "the lock in the way that the tool has for that.");
}

void
mig_adopt_lock(Mig *mig, const MigHistory *history)
{
    if (!mig_ok(mig))
        return;
    switch (history->tool->lock)
    {
        case MIG_LOCK_NONE:
            return;
        case MIG_LOCK_NUMBER:
        case MIG_LOCK_FLYWAY:
        case MIG_LOCK_GOLANG:
        case MIG_LOCK_DATABASE:
            take_number(mig, history);
            return;
        case MIG_LOCK_SELF:
            take_table(mig, history, history->table, MIG_TABLE_LOCK_SELF);
            return;
        case MIG_LOCK_ALL:
            take_table(mig, history, history->table, MIG_TABLE_LOCK_ALL);
            return;
        case MIG_LOCK_ROW:
            take_row(mig, history);
    }
}
