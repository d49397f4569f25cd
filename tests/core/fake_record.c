#include "fake_parts.h"

/* What is recorded of a schema, and what is there. */

void
fake_record(FakeHost *fake)
{
    fake->host.records = true;
}

/* ---- What is there ---- */

bool
fake_record_run(FakeHost *fake, MigBytes text)
{
    FakeTable *schema = &fake->data.schema;
    MigValue values[4];
    MigBytes word;
    MigBytes verb;
    size_t count = 0;
    size_t at = 0;

    if (!mig_next_word(text, &at, " ", &verb) ||
        !(mig_bytes_equal(verb, mig_bytes("make")) ||
          mig_bytes_equal(verb, mig_bytes("unmake"))))
        return false;
    while (count < COUNT_OF(values) && mig_next_word(text, &at, " ", &word))
        values[count++] = mig_text_value(word);
    assert_true(count >= 2);
    fake_delete(schema, fake_find(schema, values, 2));
    if (mig_bytes_equal(verb, mig_bytes("unmake")))
        return true;
    assert_int_equal(count, 4);
    if (mig_bytes_equal(values[2].bytes, mig_bytes("-")))
        values[2] = mig_null();
    (void) fake_append(fake, schema, values, 4);
    return true;
}

MigStatus
fake_record_list(FakeHost *fake, MigObjectFunction object, void *context,
                 MigError *error)
{
    FakeTable *schema = &fake->data.schema;

    for (size_t i = 0; i < schema->count && error->status == MIG_OK; i++)
    {
        const MigValue *row = schema->rows[i];
        MigObject found = {row[0].bytes, row[1].bytes, row[2].bytes,
                           row[3].bytes};

        if (row[2].type == MIG_NULL)
            found.table.data = NULL;
        (void) object(context, &found, error);
    }
    return error->status;
}

/* ---- What is recorded ---- */

static void
object_list(const FakeQuery *query)
{
    for (size_t i = 0; i < query->fake->data.objects.count; i++)
        fake_give(query, query->fake->data.objects.rows[i], "cdefb");
}

static void
object_delete(const FakeQuery *query)
{
    FakeTable *table = &query->fake->data.objects;

    fake_delete(table, fake_find(table, query->arguments, 2));
}

static void
object_upsert(const FakeQuery *query)
{
    object_delete(query);
    (void) fake_append(query->fake, &query->fake->data.objects,
                       query->arguments, query->count);
}

static void
object_clear(const FakeQuery *query)
{
    query->fake->data.objects.count = 0;
}

static void
object_record(const FakeQuery *query)
{
    fake_give(query, fake_find(&query->fake->data.objects, query->arguments, 2),
              "f");
}

/* There is but one target. */
static void
recorded_targets(const FakeQuery *query)
{
    (void) query;
}

/* Number of the newest event by which a version came to an end. */
static int64_t
last_run(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;
    int64_t last = 0;

    for (size_t i = 0; i < events->count; i++)
    {
        const MigValue *row = events->rows[i];

        if (mig_bytes_equal(row[5].bytes, query->arguments[2].bytes) &&
            mig_bytes_equal(row[7].bytes, mig_bytes("ok")) &&
            !mig_bytes_equal(row[4].bytes, mig_bytes("add")))
            last = row[2].integer;
    }
    return last;
}

static void
delta_list(const FakeQuery *query)
{
    FakeTable *deltas = &query->fake->data.deltas;

    for (size_t i = deltas->count; i-- > 0;)
    {
        MigValue *row = deltas->rows[i];

        if (!mig_bytes_equal(row[2].bytes, query->arguments[2].bytes))
            continue;
        row[5] = mig_integer(row[3].integer > last_run(query));
        fake_give(query, row, "def");
    }
}

static void
delta_objects(const FakeQuery *query)
{
    for (size_t i = 0; i < query->fake->data.deltas.count; i++)
        fake_give(query, query->fake->data.deltas.rows[i], "e");
}

static void
delta_insert(const FakeQuery *query)
{
    (void) fake_append(query->fake, &query->fake->data.deltas, query->arguments,
                       query->count);
}

static void
delta_delete(const FakeQuery *query)
{
    FakeTable *deltas = &query->fake->data.deltas;
    MigValue *row = fake_find(deltas, query->arguments, 3);

    while (row != NULL)
    {
        fake_delete(deltas, row);
        row = fake_find(deltas, query->arguments, 3);
    }
}

static void
event_drift(const FakeQuery *query)
{
    static const char *const actions[] = {"drift", "accept", "record",
                                          "rebase"};
    const FakeTable *events = &query->fake->data.events;

    for (size_t i = events->count; i-- > 0;)
    {
        for (size_t j = 0; j < COUNT_OF(actions); j++)
        {
            if (!mig_bytes_equal(events->rows[i][4].bytes,
                                 mig_bytes(actions[j])))
                continue;
            fake_give(query, events->rows[i], "el");
            return;
        }
    }
}

static void
event_recorded(const FakeQuery *query)
{
    const FakeTable *events = &query->fake->data.events;

    for (size_t i = 0; i < events->count; i++)
    {
        const MigValue *row = events->rows[i];

        if (mig_bytes_equal(row[7].bytes, mig_bytes("ok")) &&
            row[12].type != MIG_NULL)
            fake_give(query, row, "m");
    }
}

static const struct
{
    MigSql sql;
    void (*answer)(const FakeQuery *query);
} answers[] = {
    {MIG_SQL_OBJECT_LIST, object_list},
    {MIG_SQL_OBJECT_UPSERT, object_upsert},
    {MIG_SQL_OBJECT_DELETE, object_delete},
    {MIG_SQL_OBJECT_CLEAR, object_clear},
    {MIG_SQL_OBJECT_RECORD, object_record},
    {MIG_SQL_RECORDED_TARGETS, recorded_targets},
    {MIG_SQL_DELTA_LIST, delta_list},
    {MIG_SQL_DELTA_OBJECTS, delta_objects},
    {MIG_SQL_DELTA_INSERT, delta_insert},
    {MIG_SQL_DELTA_DELETE, delta_delete},
    {MIG_SQL_EVENT_DRIFT, event_drift},
    {MIG_SQL_EVENT_RECORDED, event_recorded},
};

bool
fake_record_answer(const FakeQuery *query, MigSql sql)
{
    for (size_t i = 0; i < COUNT_OF(answers); i++)
    {
        if (answers[i].sql != sql)
            continue;
        answers[i].answer(query);
        return true;
    }
    return false;
}
