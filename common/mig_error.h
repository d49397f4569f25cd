#ifndef MIG_ERROR_H
#define MIG_ERROR_H

/*
 * The record in which every failure of the core travels to its caller.
 *
 * It has a fixed size, so that reporting needs no memory and cannot fail.  The
 * first failure is kept: a later one does not overwrite its cause.
 */

#include <stdbool.h>

#if defined(__GNUC__)
#define MIG_PRINTF(format_at, first_at)                                        \
    __attribute__((__format__(__printf__, format_at, first_at)))
#else
#define MIG_PRINTF(format_at, first_at)
#endif

/* What kind of failure it is; adapters turn it into their engine's code. */
typedef enum MigStatus
{
    MIG_OK = 0,
    MIG_INVALID,     /* an argument or a file is malformed */
    MIG_UNKNOWN,     /* something named by the user does not exist */
    MIG_DUPLICATE,   /* two things claim one name */
    MIG_STATE,       /* not possible in the state the database is in */
    MIG_UNSUPPORTED, /* this engine, or this way of calling, cannot do it */
    MIG_DENIED,      /* the caller lacks the right */
    MIG_READ_ONLY,   /* the database cannot be written */
    MIG_LOCKED,      /* others held a lock for longer than allowed */
    MIG_FILE,        /* the operating system refused a file or directory */
    MIG_ENGINE,      /* the engine failed; engine_code holds its own code */
    MIG_INTERRUPTED, /* the user cancelled; engine_code as above */
    MIG_CORRUPT,     /* the catalogue's tables are not as we left them */
    MIG_NOMEM,       /* out of memory */
    MIG_INTERNAL     /* a mistake of ours */
} MigStatus;

typedef struct MigError
{
    MigStatus status;
    int engine_code;    /* SQLSTATE as PostgreSQL packs it, or SQLite's extended
                           result code; 0 when the engine had no part in it */
    char message[1024]; /* what is wrong, one line, no full stop */
    char detail[1536];  /* where; may be empty */
    char hint[768];     /* what to do; may be empty */
} MigError;

/*
 * Record a failure, unless one is recorded already.
 *
 * error   in/out
 * status  anything but MIG_OK
 * format  as for printf; a text too long is cut at a character's boundary
 *
 * Returns the status that error now holds.
 */
MigStatus mig_fail(MigError *error, MigStatus status, const char *format, ...)
    MIG_PRINTF(3, 4);

/* Set, or replace, where the failure lies.  No effect when there is none. */
void mig_fail_detail(MigError *error, const char *format, ...) MIG_PRINTF(2, 3);

/* Set, or replace, what the user can do.  No effect when there is none. */
void mig_fail_hint(MigError *error, const char *format, ...) MIG_PRINTF(2, 3);

/*
 * Put words before the message of a recorded failure, as in
 * "migration "0003" failed at line 7: no such table: t".
 */
void mig_fail_prefix(MigError *error, const char *format, ...) MIG_PRINTF(2, 3);

/* Whether a failure ends the call whatever was asked, while others only tell
 * that something is not so, or could not be found out. */
bool mig_error_ends_call(const MigError *error);

/* Forget a failure, so that the record can be used again. */
void mig_error_clear(MigError *error);

#endif
