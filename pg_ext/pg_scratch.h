#ifndef PG_SCRATCH_H
#define PG_SCRATCH_H

/*
 * A scratch database, and the two background workers that it takes:
 *
 *     pg_scratch.c         the caller's side
 *     pg_scratch_keeper.c  the keeper: creates it and drops it
 *     pg_scratch_replay.c  connected to it: runs migrations, lists its objects
 *
 * No database can be created in a transaction, and nobody can drop the one that
 * he is connected to.  The keeper waits in the caller's database until the
 * caller says that all is done, or is gone: so the scratch database is dropped
 * whatever becomes of the call.  What is left when the server itself dies is
 * dropped by the next keeper.
 *
 * There is one scratch database for each database at a time, with a fixed name,
 * under a lock that the keeper holds.  It allows no connections: nobody else
 * can have put anything into it, and by that it is known as ours.
 *
 * They talk through queues in shared memory, one there and one back for each
 * worker.  A message begins with a letter.
 */

#include "pg_migrate.h"

#include "lib/stringinfo.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"

#define PG_SCRATCH_MAGIC 0x6D696773 /* "migs" */

/* Keys of the segment's parts. */
#define PG_SCRATCH_FIXED 1
#define PG_SCRATCH_SETTINGS 2
#define PG_SCRATCH_CREATE 3 /* the statement that creates it */
#define PG_SCRATCH_REQUESTS                                                    \
    4 /* one for each PgScratchWorker behind another                           \
       */
#define PG_SCRATCH_REPLIES 6
#define PG_SCRATCH_KEYS 7

typedef enum PgScratchWorker
{
    PG_SCRATCH_KEEPER,
    PG_SCRATCH_REPLAY
} PgScratchWorker;

typedef struct PgScratchFixed
{
    Oid database; /* the caller's */
    Oid scratch;  /* once it is there */
    PgWorkerUser user;
    Oid extension;
    int64_t wait_ms; /* for another's scratch database */
    int64_t lock_ms; /* MigLimits */
    int64_t statement_ms;
    char name[NAMEDATALEN];   /* of the scratch database */
    char target[NAMEDATALEN]; /* schema to be made in it, or empty */
} PgScratchFixed;

/* Requests.  The keeper ends at any. */
#define PG_REQUEST_RUN 'R'  /* a work */
#define PG_REQUEST_LIST 'L' /* a schema's objects */
#define PG_REQUEST_END 'X'

/* Replies, beside the server's own E and N. */
#define PG_REPLY_DONE 'o'
#define PG_REPLY_FAILED 'f' /* a MigError */
#define PG_REPLY_OBJECT 'r'

/* Append a text with its length; absent is kept apart from empty. */
void pg_scratch_put(StringInfo message, MigBytes bytes);

/* Take one from a message, which must outlive it. */
MigBytes pg_scratch_take(StringInfo message);

/* A worker's segment. */
typedef struct PgScratchSegment
{
    struct dsm_segment *segment;
    PgScratchFixed *fixed;
    char *settings;
    const char *create;
    shm_mq_handle *requests;
} PgScratchSegment;

/* In a worker: find the segment, and send what is reported to the caller.
 * Returns false when that one is gone. */
bool pg_scratch_attach(Datum argument, PgScratchWorker which,
                       PgScratchSegment *shared);

/* Tell the caller that a request is done. */
void pg_scratch_reply_done(void);

#endif
