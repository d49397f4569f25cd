#include "mig_chain.h"

#define NUMBER_SIZE ((size_t) 8) /* bytes of a packed number */

/* Write a number in eight bytes, the highest first. */
static MigBytes
pack_number(int64_t number, char *bytes)
{
    MigBytes packed = {bytes, NUMBER_SIZE};

    for (size_t i = 0; i < NUMBER_SIZE; i++)
        bytes[i] = (char) ((uint64_t) number >> (56 - 8 * i) & 0xFF);
    return packed;
}

/* What stands before a column's contents. */
static int64_t
column_mark(const MigValue *column)
{
    if (column->type == MIG_NULL)
        return -1;
    if (column->type == MIG_INTEGER)
        return 1;
    return (int64_t) column->bytes.length * 2;
}

void
mig_row_hash(MigHost *host, const MigValue *columns, size_t count,
             char hash[MIG_HASH_LENGTH + 1])
{
    char numbers[NUMBER_SIZE * MIG_ROW_MAX * 2];
    MigBytes pieces[2 * MIG_ROW_MAX];
    size_t used = 0;

    for (size_t i = 0; i < count && i < MIG_ROW_MAX; i++)
    {
        char *number = numbers + NUMBER_SIZE * 2 * i;

        pieces[used++] = pack_number(column_mark(&columns[i]), number);
        if (columns[i].type == MIG_INTEGER)
            pieces[used++] =
                pack_number(columns[i].integer, number + NUMBER_SIZE);
        else if (columns[i].type != MIG_NULL)
            pieces[used++] = columns[i].bytes;
    }
    mig_hash(host, pieces, used, hash);
}

void
mig_applied_hash(MigHost *host, const MigValue columns[MIG_APPLIED_COLUMNS],
                 char hash[MIG_HASH_LENGTH + 1])
{
    MigValue row[MIG_APPLIED_COLUMNS];
    size_t count = 0;

    for (size_t i = 0; i < MIG_APPLIED_COLUMNS; i++)
    {
        if (i != MIG_APPLIED_POSITION)
            row[count++] = columns[i];
    }
    mig_row_hash(host, row, count, hash);
}

#define RECORD_LENGTH (strlen(MIG_CHAIN_RECORD) + MIG_HASH_LENGTH)

/* Where the line of the row's hash begins in a detail; its length when there
 * is none.  The hash has a fixed length, so it is looked for from the end. */
static size_t
record_start(MigBytes detail)
{
    size_t start;

    if (detail.data == NULL || detail.length < RECORD_LENGTH)
        return detail.length;
    start = detail.length - RECORD_LENGTH;
    if ((start > 0 && detail.data[start - 1] != '\n') ||
        !mig_starts_with(mig_part(detail, start, detail.length),
                         MIG_CHAIN_RECORD))
        return detail.length;
    return start;
}

MigBytes
mig_chain_record(MigBytes detail)
{
    MigBytes absent = {NULL, 0};
    size_t start = record_start(detail);

    if (start == detail.length)
        return absent;
    return mig_part(detail, start + strlen(MIG_CHAIN_RECORD), detail.length);
}

MigBytes
mig_chain_remark(MigBytes detail)
{
    MigBytes absent = {NULL, 0};
    size_t start = record_start(detail);

    if (start == 0)
        return absent;
    if (start == detail.length)
        return detail;
    return mig_part(detail, 0, start - 1);
}
