#include "fake_parts.h"

#include "mig_addition.h"

MigStatus
fake_catalogue_find(MigHost *host, bool *exists, MigError *error)
{
    *exists = !((FakeHost *) host)->data.dropped;
    return error->status;
}

MigStatus
fake_catalogue_additions(MigHost *host, MigAdditionFunction addition,
                         void *context, MigError *error)
{
    static const MigAddition trigger = {.what = "trigger \"t\"",
                                        .table = "migrate_event",
                                        .remedy = "DROP TRIGGER t",
                                        .runs = true};

    if (((FakeHost *) host)->data.hooked && error->status == MIG_OK)
        (void) addition(context, &trigger, error);
    return error->status;
}

MigStatus
fake_catalogue_intact(MigHost *host, MigError *error)
{
    if (((FakeHost *) host)->data.dropped)
        (void) mig_fail(error, MIG_CORRUPT, "the catalogue's tables are gone");
    return fake_catalogue_additions(host, mig_addition_refuse, NULL, error);
}

MigStatus
fake_catalogue_create(MigHost *host, MigError *error)
{
    assert_true(((FakeHost *) host)->unit || ((FakeHost *) host)->locked);
    return error->status;
}

/* The row of a table whose first columns are a key, or NULL. */
MigValue *
fake_find(FakeTable *table, const MigValue *key, size_t count)
{
    for (size_t i = 0; i < table->count; i++)
    {
        size_t same = 0;

        while (same < count &&
               mig_bytes_equal(table->rows[i][same].bytes, key[same].bytes))
            same++;
        if (same == count)
            return table->rows[i];
    }
    return NULL;
}

/* Fill a row with copies of values. */
static void
row_fill(FakeHost *fake, MigValue *row, const MigValue *values, size_t count)
{
    assert_true(count <= FAKE_COLUMNS);
    for (size_t i = 0; i < count; i++)
    {
        row[i] = values[i];
        row[i].bytes = fake_keep(fake, values[i].bytes);
    }
}

MigValue *
fake_append(FakeHost *fake, FakeTable *table, const MigValue *values,
            size_t count)
{
    MigValue *row = table->rows[table->count++];

    assert_true(table->count <= FAKE_ROWS);
    row_fill(fake, row, values, count);
    return row;
}

void
fake_delete(FakeTable *table, const MigValue *row)
{
    if (row == NULL)
        return;
    for (size_t i = 0; i < table->count; i++)
    {
        if (table->rows[i] != row)
            continue;
        table->count--;
        memmove(table->rows[i], table->rows[i + 1],
                (table->count - i) * sizeof(table->rows[0]));
        return;
    }
}

void
fake_give(const FakeQuery *query, const MigValue *row, const char *letters)
{
    MigValue columns[FAKE_COLUMNS + 1];
    size_t count = strlen(letters);

    if (row == NULL || query->error->status != MIG_OK)
        return;
    for (size_t i = 0; i < count; i++)
        columns[i] = row[letters[i] - 'a'];
    (void) query->row(query->context, columns, count, query->error);
}

static void
event_last(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;
    const MigValue *newest = NULL;

    for (size_t i = 0; i < events->count; i++)
    {
        if (mig_bytes_equal(events->rows[i][0].bytes,
                            query->arguments[0].bytes))
            newest = events->rows[i];
    }
    fake_give(query, newest, "co");
}

static void
event_insert(const FakeQuery *query)
{
    (void) fake_append(query->fake, &query->fake->data.events, query->arguments,
                       query->count);
}

static void
event_list(const FakeQuery *query)
{
    for (size_t i = 0; i < query->fake->data.events.count; i++)
        fake_give(query, query->fake->data.events.rows[i], "cdefghijklm");
}

/* Whether an event tells what has become of a migration. */
static bool
is_run(const MigValue *event)
{
    return mig_bytes_equal(event[4].bytes, mig_bytes("apply")) ||
           mig_bytes_equal(event[4].bytes, mig_bytes("rollback")) ||
           mig_bytes_equal(event[4].bytes, mig_bytes("stamp")) ||
           mig_bytes_equal(event[4].bytes, mig_bytes("adopt")) ||
           mig_bytes_equal(event[4].bytes, mig_bytes("forget")) ||
           mig_bytes_equal(event[4].bytes, mig_bytes("unstamp"));
}

/* When each version was last undone: its newest event. */
static void
event_undone(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;

    for (size_t i = 0; i < events->count; i++)
    {
        const MigValue *row = events->rows[i];
        bool newest = mig_bytes_equal(row[4].bytes, mig_bytes("rollback")) ||
                      mig_bytes_equal(row[4].bytes, mig_bytes("unstamp"));

        for (size_t j = i + 1; j < events->count && newest; j++)
            newest = !mig_bytes_equal(events->rows[j][5].bytes, row[5].bytes) ||
                     events->rows[j][4].bytes.length != row[4].bytes.length;
        if (newest)
            fake_give(query, row, "fd");
    }
}

/* The newest baseline of which no event after it says that it has ended. */
static void
event_baseline(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;

    for (size_t i = events->count; i-- > 0;)
    {
        const MigValue *row = events->rows[i];
        bool ended = !mig_bytes_equal(row[4].bytes, mig_bytes("baseline"));

        for (size_t j = i + 1; j < events->count && !ended; j++)
            ended =
                mig_bytes_equal(events->rows[j][5].bytes, row[5].bytes) &&
                mig_bytes_equal(events->rows[j][4].bytes, mig_bytes("unstamp"));
        if (ended)
            continue;
        fake_give(query, row, "fc");
        return;
    }
}

/* Versions of one letter that were taken back behind a number, in order. */
static void
event_undone_since(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;

    for (const char *version = "0123456789"; *version != '\0'; version++)
    {
        bool found = false;

        for (size_t i = 0; i < events->count; i++)
        {
            const MigValue *row = events->rows[i];

            if (found || row[2].integer <= query->arguments[2].integer ||
                row[5].bytes.length != 1 || row[5].bytes.data[0] != *version ||
                (!mig_bytes_equal(row[4].bytes, mig_bytes("rollback")) &&
                 !mig_bytes_equal(row[4].bytes, mig_bytes("unstamp"))))
                continue;
            fake_give(query, row, "f");
            found = true;
        }
    }
}

/* The newest two of a project. */
static void
event_newest(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;
    int left = 2;

    for (size_t i = events->count; i > 0 && left > 0; i--)
    {
        if (!mig_bytes_equal(events->rows[i - 1][0].bytes,
                             query->arguments[0].bytes))
            continue;
        fake_give(query, events->rows[i - 1], "abcdefghijklmno");
        left--;
    }
}

/* max(at) gives a row in any case; at grows with the number. */
static void
backup_last(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;
    MigValue none = mig_null();
    const MigValue *newest = NULL;

    for (size_t i = 0; i < events->count; i++)
    {
        if (mig_bytes_equal(events->rows[i][4].bytes, mig_bytes("backup")))
            newest = events->rows[i];
    }
    fake_give(query, newest == NULL ? &none : newest + 3, "a");
}

/* Failed attempts that nothing of the same version has followed. */
static void
event_failed(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;

    for (size_t i = 0; i < events->count; i++)
    {
        bool followed = false;

        for (size_t j = i + 1; j < events->count; j++)
        {
            if (mig_bytes_equal(events->rows[i][5].bytes,
                                events->rows[j][5].bytes) &&
                (is_run(events->rows[j]) ||
                 mig_bytes_equal(events->rows[j][4].bytes,
                                 mig_bytes("acknowledge"))))
                followed = true;
        }
        if (!followed &&
            !mig_bytes_equal(events->rows[i][7].bytes, mig_bytes("ok")))
            fake_give(query, events->rows[i], "fmlhe");
    }
}

/* What has happened to a version since it last came to an end, newest first. */
static void
event_progress(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;

    for (size_t i = events->count; i-- > 0;)
    {
        const MigValue *row = events->rows[i];

        if (!mig_bytes_equal(row[5].bytes, query->arguments[2].bytes) ||
            !is_run(row))
            continue;
        if (mig_bytes_equal(row[7].bytes, mig_bytes("ok")))
            return;
        if (mig_bytes_equal(row[4].bytes, query->arguments[3].bytes))
            fake_give(query, row, "hlm");
    }
}

/* Versions of which a part was begun since they last came to an end. */
static void
event_unfinished(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;

    for (size_t i = 0; i < events->count; i++)
    {
        const MigValue *row = events->rows[i];
        bool ended = !mig_bytes_equal(row[7].bytes, mig_bytes("started")) &&
                     !mig_bytes_equal(row[7].bytes, mig_bytes("done"));

        for (size_t j = i + 1; j < events->count; j++)
        {
            const MigValue *later = events->rows[j];

            ended = ended ||
                    (mig_bytes_equal(later[5].bytes, row[5].bytes) &&
                     is_run(later) &&
                     (mig_bytes_equal(later[7].bytes, mig_bytes("ok")) ||
                      (mig_bytes_equal(row[7].bytes, mig_bytes("started")) &&
                       mig_bytes_equal(later[7].bytes, mig_bytes("failed")))));
        }
        if (!ended)
            fake_give(query, row, "fe");
    }
}

/* The applied version of the highest position below a limit. */
static void
current(const FakeQuery *query)
{
    const FakeTable *applied = &query->fake->data.applied;
    const MigValue *highest = NULL;

    for (size_t i = 0; i < applied->count; i++)
    {
        const MigValue *row = applied->rows[i];

        if (strcmp(row[3].bytes.data, query->arguments[2].bytes.data) < 0 &&
            (highest == NULL ||
             strcmp(row[3].bytes.data, highest[3].bytes.data) > 0))
            highest = row;
    }
    fake_give(query, highest, "c");
}

static void
text_insert(const FakeQuery *query)
{
    if (fake_find(&query->fake->data.texts, query->arguments, 1) == NULL)
        (void) fake_append(query->fake, &query->fake->data.texts,
                           query->arguments, 2);
}

static void
text_slice(const FakeQuery *query)
{
    const MigValue *row =
        fake_find(&query->fake->data.texts, query->arguments, 1);
    MigBytes body;
    MigValue part;
    size_t start;
    size_t end;

    if (row == NULL)
        return;
    body = row[1].bytes;
    start = (size_t) query->arguments[1].integer - 1;
    if (start > body.length)
        start = body.length;
    end = start + (size_t) query->arguments[2].integer;
    part =
        mig_blob(mig_part(body, start, end < body.length ? end : body.length));
    fake_give(query, &part, "a");
}

static void
migration_list(const FakeQuery *query)
{
    for (size_t i = 0; i < query->fake->data.migrations.count; i++)
        fake_give(query, query->fake->data.migrations.rows[i],
                  "bcdefghijklmpo");
}

static void
migration_at(const FakeQuery *query)
{
    FakeTable *migrations = &query->fake->data.migrations;

    for (size_t i = 0; i < migrations->count; i++)
    {
        if (mig_bytes_equal(migrations->rows[i][2].bytes,
                            query->arguments[1].bytes))
            fake_give(query, migrations->rows[i], "bcdefghijklmpo");
    }
}

static int
compare_rows(const void *a, const void *b)
{
    MigBytes first = ((const MigValue *) a)[2].bytes;
    MigBytes second = ((const MigValue *) b)[2].bytes;
    size_t shared = first.length < second.length ? first.length : second.length;
    int order = memcmp(first.data, second.data, shared);

    if (order != 0)
        return order;
    return (first.length > second.length) - (first.length < second.length);
}

static void
migration_upsert(const FakeQuery *query)
{
    FakeTable *table = &query->fake->data.migrations;
    MigValue *row = fake_find(table, query->arguments, 2);

    if (row == NULL)
        row = fake_append(query->fake, table, query->arguments, query->count);
    else
        row_fill(query->fake, row, query->arguments, query->count);
    row[15] = mig_integer(1);
    qsort(table->rows, table->count, sizeof(table->rows[0]), compare_rows);
}

static void
migration_present(const FakeQuery *query)
{
    MigValue *row =
        fake_find(&query->fake->data.migrations, query->arguments, 2);

    assert_non_null(row);
    row[15] = query->arguments[2];
}

static void
migration_options(const FakeQuery *query)
{
    MigValue *row =
        fake_find(&query->fake->data.migrations, query->arguments, 2);

    assert_non_null(row);
    row_fill(query->fake, &row[9], &query->arguments[2], 1);
}

static void
migration_delete(const FakeQuery *query)
{
    FakeTable *table = &query->fake->data.migrations;

    fake_delete(table, fake_find(table, query->arguments, 2));
}

static void
migration_sections(const FakeQuery *query)
{
    fake_give(query,
              fake_find(&query->fake->data.migrations, query->arguments, 2),
              "ghklmdoe");
}

/* The row of migrate_applied that belongs to one of migrate_migration. */
static const MigValue *
find_applied(const FakeQuery *query, const MigValue *migration)
{
    MigValue key[3];

    key[0] = query->arguments[0];
    key[1] = query->arguments[1];
    key[2] = migration[1];
    return fake_find(&query->fake->data.applied, key, 3);
}

/* A migration's columns, and those of its record. */
static void
state_list(const FakeQuery *query)
{
    static const char loaded[] = "bcdghijpl";
    static const char applied[] = "gklmni";

    for (size_t i = 0; i < query->fake->data.migrations.count; i++)
    {
        const MigValue *row = query->fake->data.migrations.rows[i];
        const MigValue *other = find_applied(query, row);
        MigValue columns[FAKE_COLUMNS + 1];
        size_t count = 0;

        for (const char *letter = loaded; *letter != '\0'; letter++)
            columns[count++] = row[*letter - 'a'];
        for (const char *letter = applied; *letter != '\0'; letter++)
            columns[count++] =
                other == NULL ? mig_null() : other[*letter - 'a'];
        fake_give(query, columns, "abcdefghijklmno");
    }
}

static void
state_loaded(const FakeQuery *query)
{
    for (size_t i = 0; i < query->fake->data.migrations.count; i++)
        fake_give(query, query->fake->data.migrations.rows[i], "bcdghijplkm");
}

static void
state_probe(const FakeQuery *query)
{
    for (size_t i = 0; i < query->fake->data.migrations.count; i++)
    {
        const MigValue *row = query->fake->data.migrations.rows[i];
        const MigValue *applied = find_applied(query, row);

        const char *options = row[9].bytes.data;

        if (applied != NULL && strstr(options, "rerun:always") == NULL &&
            (mig_bytes_equal(applied[6].bytes, row[7].bytes) ||
             strcmp(row[2].bytes.data, query->arguments[2].bytes.data) < 0))
            continue;
        fake_give(query, row, "a");
        return;
    }
}

static void
applied_insert(const FakeQuery *query)
{
    (void) fake_append(query->fake, &query->fake->data.applied,
                       query->arguments, query->count);
}

static void
applied_delete(const FakeQuery *query)
{
    FakeTable *table = &query->fake->data.applied;

    fake_delete(table, fake_find(table, query->arguments, 3));
}

static void
applied_sections(const FakeQuery *query)
{
    fake_give(query, fake_find(&query->fake->data.applied, query->arguments, 3),
              "fghijeo");
}

/* There is but one target. */
static void
applied_elsewhere(const FakeQuery *query)
{
    (void) query;
}

static void
setting_list(const FakeQuery *query)
{
    for (size_t i = 0; i < query->fake->data.settings.count; i++)
        fake_give(query, query->fake->data.settings.rows[i], "abc");
}

static void
setting_set(const FakeQuery *query)
{
    FakeTable *table = &query->fake->data.settings;

    fake_delete(table, fake_find(table, query->arguments, 1));
    (void) fake_append(query->fake, table, query->arguments, 3);
}

static void
setting_delete(const FakeQuery *query)
{
    FakeTable *table = &query->fake->data.settings;

    fake_delete(table, fake_find(table, query->arguments, 1));
}

static const struct
{
    MigSql sql;
    bool writes;
    void (*answer)(const FakeQuery *query);
} answers[] = {
    {MIG_SQL_EVENT_LAST, false, event_last},
    {MIG_SQL_EVENT_INSERT, true, event_insert},
    {MIG_SQL_EVENT_LIST, false, event_list},
    {MIG_SQL_EVENT_FAILED, false, event_failed},
    {MIG_SQL_EVENT_NEWEST, false, event_newest},
    {MIG_SQL_BACKUP_LAST, false, backup_last},
    {MIG_SQL_EVENT_PROGRESS, false, event_progress},
    {MIG_SQL_EVENT_UNFINISHED, false, event_unfinished},
    {MIG_SQL_EVENT_UNDONE, false, event_undone},
    {MIG_SQL_BASELINE, false, event_baseline},
    {MIG_SQL_UNDONE_SINCE, false, event_undone_since},
    {MIG_SQL_CURRENT, false, current},
    {MIG_SQL_TEXT_INSERT, true, text_insert},
    {MIG_SQL_TEXT_SLICE, false, text_slice},
    {MIG_SQL_MIGRATION_LIST, false, migration_list},
    {MIG_SQL_MIGRATION_AT, false, migration_at},
    {MIG_SQL_MIGRATION_UPSERT, true, migration_upsert},
    {MIG_SQL_MIGRATION_PRESENT, true, migration_present},
    {MIG_SQL_MIGRATION_OPTIONS, true, migration_options},
    {MIG_SQL_MIGRATION_DELETE, true, migration_delete},
    {MIG_SQL_MIGRATION_SECTIONS, false, migration_sections},
    {MIG_SQL_STATE_LIST, false, state_list},
    {MIG_SQL_STATE_LOADED, false, state_loaded},
    {MIG_SQL_STATE_PROBE, false, state_probe},
    {MIG_SQL_APPLIED_INSERT, true, applied_insert},
    {MIG_SQL_APPLIED_DELETE, true, applied_delete},
    {MIG_SQL_APPLIED_ELSEWHERE, false, applied_elsewhere},
    {MIG_SQL_APPLIED_SECTIONS, false, applied_sections},
    {MIG_SQL_SETTING_LIST, false, setting_list},
    {MIG_SQL_SETTING_SET, true, setting_set},
    {MIG_SQL_SETTING_DELETE, true, setting_delete},
};

MigStatus
fake_query(MigHost *host, MigSql sql, const MigValue *arguments, size_t count,
           MigRowFunction row, void *context, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;
    FakeQuery query = {fake, arguments, count, row, context, error};

    assert_int_equal(error->status, MIG_OK);
    assert_int_equal(count, strlen(mig_sql(sql)->signature));
    if (sql == fake->fail_query)
        return mig_fail(error, MIG_ENGINE, "query %d fails", (int) sql);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
    {
        if (answers[i].sql != sql)
            continue;
        assert_true(!answers[i].writes || fake->locked);
        answers[i].answer(&query);
        return error->status;
    }
    if (fake_record_answer(&query, sql) || fake_verify_answer(&query, sql))
        return error->status;
    fail_msg("the fake host has no answer to query %d", (int) sql);
    return MIG_INTERNAL;
}
