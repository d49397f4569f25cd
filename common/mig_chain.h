#ifndef MIG_CHAIN_H
#define MIG_CHAIN_H

/*
 * The hashes that hold the history together.
 *
 * An event's hash covers all its other columns, the hash of the event before
 * among them.  The row that says that a migration is applied is covered, too:
 * the event that made it has the row's hash in its detail, as a line of its
 * own.
 */

#include "mig.h"
#include "mig_slice.h"

#define MIG_ROW_MAX 16 /* columns of a row, at most */

/* Columns of migrate_event in the order in which they are hashed, and are
 * given to MIG_SQL_EVENT_INSERT. */
typedef enum MigEventColumn
{
    MIG_EVENT_PROJECT,
    MIG_EVENT_TARGET,
    MIG_EVENT_SEQ,
    MIG_EVENT_AT,
    MIG_EVENT_ACTION,
    MIG_EVENT_VERSION,
    MIG_EVENT_NAME,
    MIG_EVENT_OUTCOME,
    MIG_EVENT_DURATION,
    MIG_EVENT_ACTOR,
    MIG_EVENT_CLIENT,
    MIG_EVENT_CHECKSUM,
    MIG_EVENT_DETAIL,
    MIG_EVENT_PREVIOUS_HASH,
    MIG_EVENT_HASH, /* the only one that its hash does not cover */
    MIG_EVENT_COLUMNS
} MigEventColumn;

/* The same of migrate_applied and MIG_SQL_APPLIED_INSERT. */
typedef enum MigAppliedColumn
{
    MIG_APPLIED_PROJECT,
    MIG_APPLIED_TARGET,
    MIG_APPLIED_VERSION,
    MIG_APPLIED_POSITION,
    MIG_APPLIED_NAME,
    MIG_APPLIED_FILE,
    MIG_APPLIED_CHECKSUM,
    MIG_APPLIED_UP,
    MIG_APPLIED_DOWN,
    MIG_APPLIED_VERIFY,
    MIG_APPLIED_ORDINAL,
    MIG_APPLIED_AT,
    MIG_APPLIED_ACTOR,
    MIG_APPLIED_DURATION,
    MIG_APPLIED_ADDED_BY,
    MIG_APPLIED_COLUMNS
} MigAppliedColumn;

/* What a row's hash stands behind in the detail of its event. */
#define MIG_CHAIN_RECORD "record: "

/*
 * Hash a row.  What is hashed is each column in order: NULL as -1, a number as
 * 1 and itself, a text as its length in bytes, times two, and its bytes; every
 * number in eight bytes, the highest first.  So it depends on no engine's way
 * of printing anything.
 *
 * count  of columns, at most MIG_ROW_MAX; each NULL, a number or a text
 * hash   out: in hexadecimal, NUL-ended
 */
void mig_row_hash(MigHost *host, const MigValue *columns, size_t count,
                  char hash[MIG_HASH_LENGTH + 1]);

/*
 * Hash a row of migrate_applied: all of it but the position, which changes when
 * files are put in another order.
 */
void mig_applied_hash(MigHost *host,
                      const MigValue columns[MIG_APPLIED_COLUMNS],
                      char hash[MIG_HASH_LENGTH + 1]);

/* Whether every column of an event holds what it can have there. */
bool mig_event_is_typed(const MigValue columns[MIG_EVENT_COLUMNS]);

/*
 * Whether the newest event of a chain is as it was written and follows the one
 * before it; whether the rest is so, migrate_verify() tells.
 *
 * target  whose chain of the call's project
 * seq     out: its number; 0: there is none
 */
bool mig_chain_ends_well(Mig *mig, MigBytes target, int64_t *seq);

/* The hash of the row that an event has made, from its detail; absent where
 * there is none. */
MigBytes mig_chain_record(MigBytes detail);

/* The detail without that line, for people; absent when nothing else is there.
 * It is the last one. */
MigBytes mig_chain_remark(MigBytes detail);

#endif
