#include "fake_parts.h"

/* What migrate_verify() and migrate_export_history() read: whole tables. */

/* Give all rows of a table. */
static void
give_all(const FakeQuery *query, const FakeTable *table, const char *letters)
{
    for (size_t i = 0; i < table->count; i++)
        fake_give(query, table->rows[i], letters);
}

/* There is one project at a time, and one target. */
static void
event_chains(const FakeQuery *query)
{
    give_all(query, &query->fake->data.events, "abcdefghijklmno");
}

static void
text_list(const FakeQuery *query)
{
    give_all(query, &query->fake->data.texts, "ab");
}

static void
text_lengths(const FakeQuery *query)
{
    const FakeTable *texts = &query->fake->data.texts;

    for (size_t i = 0; i < texts->count; i++)
    {
        MigValue row[2];

        row[0] = texts->rows[i][0];
        row[1] = mig_integer((int64_t) texts->rows[i][1].bytes.length);
        fake_give(query, row, "ab");
    }
}

static void
applied_list(const FakeQuery *query)
{
    give_all(query, &query->fake->data.applied, "abcdefghijklmno");
}

static void
delta_all(const FakeQuery *query)
{
    give_all(query, &query->fake->data.deltas, "bcde");
}

static const struct
{
    MigSql sql;
    void (*answer)(const FakeQuery *query);
} answers[] = {
    {MIG_SQL_EVENT_CHAIN, event_chains},  {MIG_SQL_EVENT_CHAINS, event_chains},
    {MIG_SQL_TEXT_LIST, text_list},       {MIG_SQL_TEXT_LENGTHS, text_lengths},
    {MIG_SQL_APPLIED_LIST, applied_list}, {MIG_SQL_DELTA_ALL, delta_all},
};

bool
fake_verify_answer(const FakeQuery *query, MigSql sql)
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
