/* migrate_verify() and migrate_export_history() on damaged tables and heads,
 * and with little memory.  What people see is tested in the conformance suite.
 */

#include "fake_parts.h"

#include <stdio.h>

#include "mig_chain.h"
#include "mig_slice.h"
#include "mig_verify.h"

/* Rows of migrate_verify(), as text. */
typedef struct Rows
{
    char text[20000]; /* columns with '|' between and a line break behind */
    size_t count;
} Rows;

/* A MigEmit. */
static MigStatus
append_row(MigCall *call, const MigValue *columns, size_t count)
{
    Rows *rows = call->emit_context;
    size_t length = strlen(rows->text);

    assert_int_equal(count, 5);
    assert_int_equal(columns[0].type, MIG_TEXT);
    rows->count++;
    for (size_t i = 0; i < count; i++)
        length += (size_t) snprintf(
            rows->text + length, sizeof(rows->text) - length, "%.*s%s",
            (int) columns[i].bytes.length,
            columns[i].bytes.data == NULL ? "" : columns[i].bytes.data,
            i + 1 < count ? "|" : "\n");
    assert_true(length < sizeof(rows->text));
    return call->error->status;
}

/* Call migrate_verify(). */
static void
verify_head(FakeHost *fake, const char *head, Rows *rows)
{
    const char *texts[] = {head, NULL};

    memset(rows, 0, sizeof(*rows));
    (void) fake_call(fake, "migrate_verify", texts, append_row, rows);
}

/* Fail the test unless there is a row, or none where row is NULL.
 *
 * row  its beginning; "": any */
static void
expect_row(FakeHost *fake, const char *row)
{
    Rows rows;
    const char *found;

    verify_head(fake, NULL, &rows);
    fake_expect_ok(fake);
    if (row == NULL && rows.count > 0)
        fail_msg("expected no row, found %s", rows.text);
    if (row == NULL)
        return;
    found = strstr(rows.text, row);
    if (rows.count == 0 || found == NULL ||
        (found > rows.text && found[-1] != '\n'))
        fail_msg("expected a row \"%s...\", found \"%s\"", row, rows.text);
}

static void
call(FakeHost *fake, const char *name, const char *first, const char *second,
     const char *third)
{
    const char *texts[] = {first, second, third, NULL};

    (void) fake_call(fake, name, texts, NULL, NULL);
    fake_expect_ok(fake);
}

/* A history with something of everything. */
static void
prepare(FakeHost *fake)
{
    fake_record(fake);
    call(fake, "migrate_add", "1",
         "-- migrate:up\nmake table t - (a)\n-- migrate:down\nunmake table t\n"
         "-- migrate:verify\ntrue\n",
         NULL);
    call(fake, "migrate_add", "2", "make column t.a t integer",
         "unmake column t.a");
    call(fake, "migrate_apply", NULL, NULL, NULL);
    call(fake, "migrate_rollback", NULL, NULL, NULL);
    call(fake, "migrate_apply", NULL, NULL, NULL);
    call(fake, "migrate_add", "10", "c", "d");
    call(fake, "migrate_stamp", "10", NULL, NULL);
    call(fake, "migrate_config", "environment", "test", NULL);
}

/* Make another value of one. */
static void
damage(FakeHost *fake, MigValue *value)
{
    char text[8000];
    MigBytes changed = {text, value->bytes.length};

    if (value->type == MIG_INTEGER)
        value->integer++;
    else if (value->type == MIG_NULL || changed.length == 0)
        *value = mig_string(value->type == MIG_NULL ? "" : "x");
    else
    {
        assert_true(changed.length < sizeof(text));
        memcpy(text, value->bytes.data, changed.length);
        text[changed.length - 1] ^= 1;
        value->bytes = fake_keep(fake, changed);
    }
}

/* Damage each column of each row of a table in turn, from one column on. */
static void
damage_each(FakeHost *fake, FakeTable *table, size_t first, size_t columns,
            const char *kind)
{
    for (size_t i = 0; i < table->count; i++)
    {
        for (size_t column = first; column < columns; column++)
        {
            MigValue before = table->rows[i][column];

            damage(fake, &table->rows[i][column]);
            expect_row(fake, kind);
            table->rows[i][column] = before;
        }
    }
    expect_row(fake, NULL);
}

static void
any_column_of_any_row(void **state)
{
    FakeHost *fake = *state;
    FakeData *data = &fake->data;

    prepare(fake);
    expect_row(fake, NULL);
    assert_int_equal(data->applied.count, 3);
    assert_int_equal(data->deltas.count, 2);
    damage_each(fake, &data->events, 0, MIG_EVENT_COLUMNS, "history|");
    damage_each(fake, &data->applied, 0, MIG_APPLIED_COLUMNS, "record|");
    damage_each(fake, &data->deltas, 1, 5, "record|");
    damage_each(fake, &data->texts, 0, 2, "text|");
    /* As drift, or as the record's own. */
    damage_each(fake, &data->objects, 1, 4, "");
    damage_each(fake, &data->objects, 5, 6, "");
    damage(fake, &data->objects.rows[0][4]);
    expect_row(fake, "drift|");
}

/* Take away each row of a table in turn. */
static void
remove_each(FakeHost *fake, FakeTable *table, const char *kind)
{
    static FakeTable before;

    before = *table;
    for (size_t i = 0; i < before.count; i++)
    {
        fake_delete(table, table->rows[i]);
        expect_row(fake, kind);
        *table = before;
    }
    expect_row(fake, NULL);
}

static void
any_row_taken_away(void **state)
{
    FakeHost *fake = *state;
    FakeData *data = &fake->data;

    prepare(fake);
    /* The last event is missed by what was exported alone. */
    data->events.count--;
    remove_each(fake, &data->applied, "record|");
    remove_each(fake, &data->deltas, "record|");
    remove_each(fake, &data->texts, "text|");
    remove_each(fake, &data->migrations, "record|");
    remove_each(fake, &data->objects, "schema|");
    while (data->events.count > 1)
    {
        MigValue *first = data->events.rows[0];

        fake_delete(&data->events, first);
        expect_row(fake, "history|");
    }
}

/* Turn the rows of a table round. */
static void
reverse(FakeTable *table)
{
    MigValue row[FAKE_COLUMNS];

    for (size_t i = 0; i < table->count / 2; i++)
    {
        MigValue *other = table->rows[table->count - 1 - i];

        memcpy(row, table->rows[i], sizeof(row));
        memcpy(table->rows[i], other, sizeof(row));
        memcpy(other, row, sizeof(row));
    }
}

/* No table need come in an order, but for the events' chain. */
static void
order_of_rows_is_no_matter(void **state)
{
    FakeHost *fake = *state;
    FakeData *data = &fake->data;

    prepare(fake);
    reverse(&data->applied);
    expect_row(fake, NULL);
    reverse(&data->migrations);
    reverse(&data->texts);
    reverse(&data->deltas);
    expect_row(fake, NULL);
    reverse(&data->texts);
    expect_row(fake, NULL);
    reverse(&data->applied);
    expect_row(fake, NULL);
    data->applied.rows[0][MIG_APPLIED_NAME] = mig_string("x");
    expect_row(fake, "record|1|migrate_applied|its row was edited since event");
}

/* What points to a text of one of these was sound. */
static void
sections_are_followed(void **state)
{
    FakeHost *fake = *state;
    MigValue *migration;
    MigValue *applied;
    MigValue up;

    prepare(fake);
    migration = fake->data.migrations.rows[1];
    applied = fake->data.applied.rows[1];
    assert_true(mig_bytes_equal(migration[1].bytes, mig_bytes("2")));
    up = migration[10];
    migration[10] = mig_string("no slice");
    expect_row(fake, "text|2|loaded up|is malformed|");
    applied[MIG_APPLIED_UP] = migration[10];
    expect_row(fake, "text|2|up|is malformed|");
    migration[10] = up;
    expect_row(fake, "text|2|up|is malformed|");
    applied[MIG_APPLIED_UP] = mig_string(
        "00000000000000000000000000000000000000000000000000000000000000ff:0:0:"
        "1:\n");
    /* An empty section needs no text; the record is another one all the same.
     */
    expect_row(fake, "record|2|");
    applied[MIG_APPLIED_UP] = up;
    migration[12] = mig_string(
        "00000000000000000000000000000000000000000000000000000000000000ff:0:1:"
        "1:\n");
    expect_row(fake, "text|2|loaded verify|points to a text that is not there");
    migration[12] = mig_null();
    expect_row(fake, NULL);
}

/* Values of other types than ours, which SQLite lets be written anywhere. */
static void
types_count(void **state)
{
    FakeHost *fake = *state;
    FakeTable *events = &fake->data.events;
    MigValue *applied;

    prepare(fake);
    for (size_t column = 0; column < MIG_EVENT_COLUMNS; column++)
    {
        MigValue before = events->rows[2][column];

        if (before.type == MIG_TEXT)
            events->rows[2][column].type = MIG_BYTES;
        else
            events->rows[2][column] = mig_float(0.5);
        expect_row(fake, "history|");
        events->rows[2][column] = before;
    }
    applied = fake->data.applied.rows[0];
    for (size_t column = 0; column < MIG_APPLIED_COLUMNS; column++)
    {
        MigValue before = applied[column];

        if (before.type == MIG_TEXT)
            applied[column].type = MIG_BYTES;
        else
            applied[column] = mig_float(0.5);
        expect_row(fake, "record|");
        applied[column] = before;
    }
    fake->data.migrations.rows[0][1].type = MIG_BYTES;
    expect_row(fake, "record|1|migrate_applied|is recorded as applied, and is");
    fake->data.migrations.rows[0][1].type = MIG_TEXT;
    fake->data.migrations.rows[0][2].type = MIG_BYTES;
    expect_row(fake, "record|1|migrate_applied|its row was edited: position");
    fake->data.migrations.rows[0][2].type = MIG_TEXT;
    expect_row(fake, NULL);
}

/* Whether a migration's file is missing is told of those that are applied in
 * the call's target. */
static void
standings_are_of_one_target(void **state)
{
    FakeHost *fake = *state;
    MigValue *target;
    Rows rows;

    prepare(fake);
    assert_true(mig_bytes_equal(fake->data.migrations.rows[0][1].bytes,
                                mig_bytes("1")));
    fake->data.migrations.rows[0][15] = mig_integer(0);
    expect_row(fake, "missing|1|");
    target = &fake->data.applied.rows[0][MIG_APPLIED_TARGET];
    *target = mig_string("other");
    verify_head(fake, NULL, &rows);
    assert_null(strstr(rows.text, "missing|"));
    *target = mig_blob(mig_bytes(""));
    verify_head(fake, NULL, &rows);
    assert_null(strstr(rows.text, "missing|"));
}

/* What cannot be read is told, and the rest is looked at. */
static void
query_that_fails_is_a_row(void **state)
{
    static const struct
    {
        MigSql sql;
        const char *row;
    } failing[] = {
        {MIG_SQL_EVENT_CHAINS, "history|||query "},
        {MIG_SQL_TEXT_LIST, "text|||query "},
        {MIG_SQL_APPLIED_LIST, "record|||query "},
        {MIG_SQL_DELTA_ALL, "record|||query "},
        {MIG_SQL_STATE_LOADED, "record|||query "},
        {MIG_SQL_OBJECT_LIST, "schema|||query "},
    };
    FakeHost *fake = *state;
    Rows rows;

    prepare(fake);
    for (size_t i = 0; i < COUNT_OF(failing); i++)
    {
        fake->fail_query = failing[i].sql;
        expect_row(fake, failing[i].row);
    }
    /* Texts that are not known are not said to be missing, and so on. */
    fake->fail_query = MIG_SQL_TEXT_LIST;
    verify_head(fake, NULL, &rows);
    assert_int_equal(rows.count, 1);
    fake->fail_query = MIG_SQL_STATE_LOADED;
    verify_head(fake, NULL, &rows);
    assert_int_equal(rows.count, 1);
    fake->data.texts.rows[0][1] = mig_blob(mig_bytes("x"));
    expect_row(fake, "text||");
}

/* A row is hashed as its form says, however long its texts are. */
static void
long_rows_are_hashed_whole(void **state)
{
    static const size_t lengths[] = {0,    1,    100,  700,  1000, 1015,
                                     1016, 1017, 1024, 1025, 4000};
    FakeHost *fake = *state;
    static char text[4000];
    MigValue row[MIG_ROW_MAX];

    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < COUNT_OF(lengths) * COUNT_OF(lengths); i++)
    {
        size_t first = lengths[i / COUNT_OF(lengths)];
        size_t second = lengths[i % COUNT_OF(lengths)];
        MigBytes form = {NULL, 0};
        char *bytes = malloc(MIG_ROW_MAX * (sizeof(text) + 16));
        size_t at = 0;
        char wanted[MIG_HASH_LENGTH + 1];
        char found[MIG_HASH_LENGTH + 1];

        assert_non_null(bytes);
        for (size_t column = 0; column < MIG_ROW_MAX; column++)
        {
            size_t length = column % 3 == 0 ? first : second;
            uint64_t mark = (uint64_t) length * 2;

            if (column % 5 == 4)
            {
                row[column] = mig_integer(1);
                mark = 1;
                length = 0;
            }
            else
            {
                row[column] = mig_text_value(mig_bytes(""));
                row[column].bytes.data = text;
                row[column].bytes.length = length;
            }
            for (size_t k = 0; k < 8; k++)
                bytes[at++] = (char) (mark >> (56 - 8 * k));
            memcpy(bytes + at, text, length);
            at += length;
            if (column % 5 == 4)
            {
                memcpy(bytes + at, "\0\0\0\0\0\0\0\1", 8);
                at += 8;
            }
        }
        form.data = bytes;
        form.length = at;
        mig_hash(&fake->host, &form, 1, wanted);
        mig_row_hash(&fake->host, row, MIG_ROW_MAX, found);
        free(bytes);
        assert_string_equal(found, wanted);
    }
}

/* ---- Exports ---- */

/* The history as text; the caller frees it. */
static char *export(FakeHost *fake)
{
    MigBytes text;
    char *copy;

    fake_next_call(fake);
    fake_read_settings(fake);
    text = mig_export_history(&fake->mig);
    fake_expect_ok(fake);
    copy = malloc(text.length + 1);
    assert_non_null(copy);
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return copy;
}

/* Fail the test unless a head is told of like this; NULL: not at all. */
static void
expect_head(FakeHost *fake, const char *head, const char *row)
{
    Rows rows;

    verify_head(fake, head, &rows);
    fake_expect_ok(fake);
    if (row == NULL ? rows.count > 0
                    : strncmp(rows.text, row, strlen(row)) != 0)
        fail_msg("expected \"%s\", found \"%s\"", row == NULL ? "" : row,
                 rows.text);
}

static void
head_finds_a_cut_tail(void **state)
{
    FakeHost *fake = *state;
    FakeTable *events = &fake->data.events;
    size_t count;
    char row[200];
    char *head;
    char *last;

    prepare(fake);
    head = export(fake);
    last = strrchr(head, '\n') + 1;
    count = events->count;
    expect_head(fake, head, NULL);
    expect_head(fake, last, NULL);
    events->count = count - 1;
    (void) snprintf(row, sizeof(row),
                    "history||event %zu|is in the head and not in the history|",
                    count);
    expect_head(fake, last, row);
    events->count = count - 2;
    (void) snprintf(row, sizeof(row),
                    "history||event %zu|is in the head and not in the history; "
                    "so are those up to event %zu|",
                    count - 1, count);
    expect_head(fake, head, row);
    /* It goes on as another history. */
    events->count = count - 1;
    call(fake, "migrate_config", "environment", "other", NULL);
    (void) snprintf(row, sizeof(row),
                    "history||event %zu|is another one than the head has|",
                    count);
    expect_head(fake, last, row);
    free(head);
}

static void
head_that_is_none(void **state)
{
    static const char *const heads[] = {
        " \n ",
        "x",
        "[]",
        "{}",
        "{\"project\":\"default\"}",
        "{\"project\":\"default\",\"target\":\"\",\"seq\":\"1\",\"hash\":"
        "\"x\"}",
        "{\"project\":\"default\",\"target\":\"\",\"seq\":1,\"hash\":\"x\"}",
        "{\"project\":\"default\",\"target\":\"\",\"seq\":0,\"hash\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
        "{\"project\":\"default\",\"target\":\"\",\"seq\":99999999999999999999,"
        "\"hash\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
        "{\"project\":\"other\",\"target\":\"\",\"seq\":1,\"hash\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
        "\xFF",
    };
    FakeHost *fake = *state;
    char cut[400];
    char *head;
    Rows rows;

    prepare(fake);
    for (size_t i = 0; i < COUNT_OF(heads); i++)
    {
        verify_head(fake, heads[i], &rows);
        fake_expect(fake, MIG_INVALID, "head", "migrate_export_history()");
        assert_int_equal(rows.count, 0);
    }
    /* Cut anywhere, the first line is an event or an error, and never agrees
     * with what is not there. */
    head = export(fake);
    fake->data.events.count = 0;
    for (size_t length = 1; length < strcspn(head, "\n"); length++)
    {
        (void) snprintf(cut, sizeof(cut), "%.*s", (int) length, head);
        verify_head(fake, cut, &rows);
        assert_true(fake->error.status == MIG_INVALID || rows.count > 0);
    }
    free(head);
}

/* Fail the test unless an export has a text. */
static void
expect_exported(FakeHost *fake, const char *text)
{
    char *found = export(fake);

    if (strstr(found, text) == NULL)
        fail_msg("expected %s in %s", text, found);
    free(found);
}

static void
exports_are_json(void **state)
{
    static const struct
    {
        int64_t at;
        const char *text;
    } times[] = {
        {0, "\"at\":0,\"time\":\"1970-01-01T00:00:00.000000Z\","},
        {-1, "\"time\":\"1969-12-31T23:59:59.999999Z\","},
        {INT64_C(951782400000000), "\"time\":\"2000-02-29T00:00:00.000000Z\","},
        {INT64_C(4107542400000001),
         "\"time\":\"2100-03-01T00:00:00.000001Z\","},
        {INT64_MAX, "\"time\":\"294247-01-10T04:00:54.775807Z\","},
    };
    FakeHost *fake = *state;
    MigValue *event;

    prepare(fake);
    event = fake->data.events.rows[0];
    for (size_t i = 0; i < COUNT_OF(times); i++)
    {
        event[MIG_EVENT_AT] = mig_integer(times[i].at);
        expect_exported(fake, times[i].text);
    }
    event[MIG_EVENT_AT] = mig_float(0.5);
    expect_exported(fake, "\"at\":null,\"action\"");
    event[MIG_EVENT_DETAIL] = mig_string("a \"b\" \\ \n\t\x01 \xC3\xA9");
    expect_exported(fake, "\"a \\\"b\\\" \\\\ \\n\\u0009\\u0001 \xC3\xA9\"");
    event[MIG_EVENT_DETAIL] = mig_string("\xFF.");
    expect_exported(fake, "\"detail\":\"\xEF\xBF\xBD.\"");
    fake->data.events.count = 0;
    expect_exported(fake, "");
}

/* ---- Little memory ---- */

/* Damage something of everything. */
static void
prepare_damage(FakeHost *fake)
{
    FakeData *data = &fake->data;

    prepare(fake);
    data->hooked = true;
    fake_set(fake, "on_changed", "maybe");
    data->events.rows[1][MIG_EVENT_DETAIL] = mig_string("\xFF");
    data->applied.rows[0][MIG_APPLIED_NAME] = mig_string("x");
    data->texts.rows[0][1] = mig_blob(mig_bytes("x"));
    data->migrations.rows[1][10] = mig_string("x");
    data->migrations.rows[2][7] = mig_string("x");
    data->deltas.count--;
    data->objects.count--;
    assert_true(fake_record_run(fake, mig_bytes("make table more - x")));
}

static void
look(FakeHost *fake)
{
    Rows rows;

    verify_head(fake, NULL, &rows);
}

static void
look_with_a_head(FakeHost *fake)
{
    Rows rows;

    verify_head(
        fake,
        "{\"project\":\"default\",\"target\":\"\",\"seq\":99,\"hash\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"
        "\n"
        "{\"project\":\"default\",\"target\":\"\",\"seq\":2,\"x\\u0041\":[1],"
        "\"hash\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
        &rows);
}

static void
export_all(FakeHost *fake)
{
    const char *texts[] = {NULL};

    (void) fake_call(fake, "migrate_export_history", texts, NULL, NULL);
}

/* A text and a row are lost; adding the migrations brings them back. */
static void
prepare_lost(FakeHost *fake)
{
    prepare(fake);
    fake->data.texts.count = 0;
    fake->data.migrations.rows[1][11] = mig_string("x");
}

static void
mend(FakeHost *fake)
{
    const char *texts[] = {"2", "make column t.a t integer",
                           "unmake column t.a", NULL};

    (void) fake_call(fake, "migrate_add", texts, NULL, NULL);
}

static void
lost_texts_come_back(void **state)
{
    FakeHost *fake = *state;

    prepare_lost(fake);
    expect_row(fake, "text|2|");
    mend(fake);
    fake_expect_ok(fake);
    assert_int_equal(fake->data.texts.count, 2);
    expect_row(fake, "text|10|");
    call(fake, "migrate_add", "10", "c", "d");
    call(fake, "migrate_add", "1",
         "-- migrate:up\nmake table t - (a)\n-- migrate:down\nunmake table t\n"
         "-- migrate:verify\ntrue\n",
         NULL);
    expect_row(fake, NULL);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare, look);
    fake_refuse_each(prepare_damage, look);
    fake_refuse_each(prepare_damage, look_with_a_head);
    fake_refuse_each(prepare_damage, export_all);
    fake_refuse_each(prepare_lost, mend);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(any_column_of_any_row),
        fake_test(any_row_taken_away),
        fake_test(order_of_rows_is_no_matter),
        fake_test(sections_are_followed),
        fake_test(types_count),
        fake_test(standings_are_of_one_target),
        fake_test(query_that_fails_is_a_row),
        fake_test(long_rows_are_hashed_whole),
        fake_test(head_finds_a_cut_tail),
        fake_test(head_that_is_none),
        fake_test(exports_are_json),
        fake_test(lost_texts_come_back),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
