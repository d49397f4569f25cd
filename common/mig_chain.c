#include "mig_chain.h"

#include "mig_setting.h"

#define NUMBER_SIZE ((size_t) 8) /* bytes of a packed number */

#define NUMBERS_SIZE (NUMBER_SIZE * 2 * MIG_ROW_MAX) /* all that a row has */
#define SHORT_SIZE ((size_t) 1024) /* most rows' texts together, in bytes */

/*
 * What is to be hashed: pieces, of which short ones are put together, as it
 * takes longer to add many.
 */
typedef struct Packed
{
    char bytes[SHORT_SIZE + NUMBERS_SIZE];
    size_t used;
    MigBytes pieces[2 * MIG_ROW_MAX + 1];
    size_t count;
    bool open; /* the last piece ends where more bytes go */
} Packed;

/* Put bytes together with those before; there must be room for them. */
static void
pack_short(Packed *packed, const char *data, size_t length)
{
    char *place = packed->bytes + packed->used;

    if (length == 0)
        return;
    memcpy(place, data, length);
    packed->used += length;
    if (!packed->open)
        packed->pieces[packed->count++] = (MigBytes){place, 0};
    packed->pieces[packed->count - 1].length += length;
    packed->open = true;
}

/* Add a text; room for all numbers is left. */
static void
pack_text(Packed *packed, MigBytes text)
{
    if (packed->used + text.length <= SHORT_SIZE)
    {
        pack_short(packed, text.data, text.length);
        return;
    }
    packed->pieces[packed->count++] = text;
    packed->open = false;
}

/* Add a number in eight bytes, the highest first. */
static void
pack_number(Packed *packed, int64_t number)
{
    uint64_t bits = (uint64_t) number;
    /* Written out, compilers make one instruction of it. */
    const unsigned char bytes[NUMBER_SIZE] = {
        (unsigned char) (bits >> 56), (unsigned char) (bits >> 48),
        (unsigned char) (bits >> 40), (unsigned char) (bits >> 32),
        (unsigned char) (bits >> 24), (unsigned char) (bits >> 16),
        (unsigned char) (bits >> 8),  (unsigned char) bits};

    pack_short(packed, (const char *) bytes, NUMBER_SIZE);
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
    Packed packed;

    packed.used = 0;
    packed.count = 0;
    packed.open = false;
    for (size_t i = 0; i < count && i < MIG_ROW_MAX; i++)
    {
        pack_number(&packed, column_mark(&columns[i]));
        if (columns[i].type == MIG_INTEGER)
            pack_number(&packed, columns[i].integer);
        else if (columns[i].type != MIG_NULL)
            pack_text(&packed, columns[i].bytes);
    }
    mig_hash(host, packed.pieces, packed.count, hash);
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

bool
mig_event_is_typed(const MigValue columns[MIG_EVENT_COLUMNS])
{
    for (size_t i = 0; i < MIG_EVENT_COLUMNS; i++)
    {
        bool number =
            i == MIG_EVENT_SEQ || i == MIG_EVENT_AT || i == MIG_EVENT_DURATION;

        if (columns[i].type != MIG_NULL &&
            columns[i].type != (number ? MIG_INTEGER : MIG_TEXT))
            return false;
    }
    return true;
}

/* The two newest events of a chain, as they are read. */
typedef struct Ending
{
    Mig *mig;
    int64_t seq; /* of the newest; 0: none was read */
    bool well;
    bool followed;                      /* one before it was read */
    char previous[MIG_HASH_LENGTH + 1]; /* the hash that it should have */
} Ending;

/* Take the newest event. */
static void
take_newest(Ending *ending, const MigValue *columns)
{
    MigBytes previous = columns[MIG_EVENT_PREVIOUS_HASH].bytes;
    char hash[MIG_HASH_LENGTH + 1];

    ending->seq = columns[MIG_EVENT_SEQ].integer;
    ending->well = mig_event_is_typed(columns) && ending->seq > 0;
    if (!ending->well)
    {
        ending->seq = 1;
        return;
    }
    mig_row_hash(ending->mig->host, columns, MIG_EVENT_HASH, hash);
    ending->well =
        mig_bytes_equal(columns[MIG_EVENT_HASH].bytes, mig_bytes(hash));
    if (previous.length == MIG_HASH_LENGTH)
        memcpy(ending->previous, previous.data, MIG_HASH_LENGTH);
}

/* A MigRowFunction: take a row of MIG_SQL_EVENT_NEWEST. */
static MigStatus
take_event(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    Ending *ending = context;

    (void) count;
    if (ending->seq == 0)
        take_newest(ending, columns);
    else
    {
        ending->followed = true;
        ending->well = ending->well &&
                       columns[MIG_EVENT_SEQ].integer == ending->seq - 1 &&
                       mig_bytes_equal(columns[MIG_EVENT_HASH].bytes,
                                       mig_bytes(ending->previous));
    }
    return error->status;
}

bool
mig_chain_ends_well(Mig *mig, MigBytes target, int64_t *seq)
{
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(target)};
    Ending ending;

    memset(&ending, 0, sizeof(ending));
    ending.mig = mig;
    ending.well = true;
    if (mig_ok(mig) && mig->has_catalogue)
        (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_NEWEST,
                                         arguments, 2, take_event, &ending,
                                         mig->error);
    *seq = ending.seq;
    return ending.well && (ending.followed || ending.seq < 2);
}
