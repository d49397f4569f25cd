#include "fake_parts.h"

#include <stdio.h>

/* Other tools' tables, as a test describes them. */

#define COLUMNS 32

/* Take a list apart into words; returns how many there are. */
static size_t
split(const char *list, const char *separators, MigBytes *words)
{
    size_t at = 0;
    size_t count = 0;

    while (mig_next_word(mig_bytes(list), &at, separators, &words[count]))
        assert_true(++count < COLUMNS);
    return count;
}

MigStatus
fake_list_tables(MigHost *host, MigTableFunction table, void *context,
                 MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    for (size_t i = 0; i < fake->other_count && error->status == MIG_OK; i++)
    {
        const FakeOther *other = &fake->other_tables[i];
        MigBytes columns[COLUMNS];
        MigTable given;

        given.schema = mig_bytes(other->schema);
        given.name = mig_bytes(other->name);
        given.columns = columns;
        given.count = split(other->columns, " ", columns);
        given.readable = !other->unreadable;
        given.attached = other->attached;
        (void) table(context, &given, error);
    }
    return error->status;
}

/* The table of a name, which must be there. */
static const FakeOther *
find(const FakeHost *fake, MigBytes schema, MigBytes name)
{
    for (size_t i = 0; i < fake->other_count; i++)
    {
        if (mig_bytes_equal(mig_bytes(fake->other_tables[i].schema), schema) &&
            mig_bytes_equal(mig_bytes(fake->other_tables[i].name), name))
            return &fake->other_tables[i];
    }
    fail_msg("no such table: %.*s", (int) name.length, name.data);
    return NULL;
}

/* What a column of a row holds. */
static MigValue
value_of(MigBytes text)
{
    int64_t number;

    if (mig_bytes_equal(text, mig_bytes("~")))
        return mig_null();
    if (mig_parse_digits(text, &number))
        return mig_integer(number);
    return mig_text_value(text);
}

MigStatus
fake_read_table(MigHost *host, const MigTableRead *read, MigRowFunction row,
                void *context, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;
    const FakeOther *other = find(fake, read->schema, read->table);
    MigBytes names[COLUMNS];
    size_t count = split(other->columns, " ", names);

    assert_true(read->count <= MIG_READ_COLUMNS);
    for (size_t i = 0; other->rows[i] != NULL && error->status == MIG_OK; i++)
    {
        MigBytes texts[COLUMNS];
        MigValue values[MIG_READ_COLUMNS];

        assert_int_equal(split(other->rows[i], "|", texts), count);
        for (size_t j = 0; j < read->count; j++)
        {
            values[j] = mig_null();
            for (size_t k = 0; k < count; k++)
            {
                if (read->columns[j].data != NULL &&
                    mig_bytes_equal(names[k], read->columns[j]))
                    values[j] = value_of(texts[k]);
            }
        }
        (void) row(context, values, read->count, error);
    }
    return error->status;
}

MigStatus
fake_user_version(MigHost *host, int64_t *number, MigError *error)
{
    *number = ((FakeHost *) host)->user_version;
    return error->status;
}

MigStatus
fake_lock_number(MigHost *host, int64_t number, bool *taken, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    assert_true(fake->locked);
    *taken = number != fake->others_number;
    fake->taken_number = number;
    return error->status;
}

MigStatus
fake_lock_table(MigHost *host, const MigTable *table, MigTableLock lock,
                bool *taken, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    assert_true(fake->locked);
    (void) lock;
    *taken = !find(fake, table->schema, table->name)->locked;
    return error->status;
}

MigBytes
fake_database_name(MigHost *host)
{
    (void) host;
    return mig_bytes("shop");
}
