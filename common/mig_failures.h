#ifndef MIG_FAILURES_H
#define MIG_FAILURES_H

/*
 * Migrations whose newest event is not that they were done: they have failed,
 * or are not at their end.
 */

#include "mig_state.h"

typedef struct MigFailure
{
    MigBytes version;
    MigBytes detail;
    MigBytes checksum; /* of the text that failed */
    bool failed;       /* else a part of it is done or begun */
    bool begun;        /* it has failed, and a part of it is done */
    bool back;         /* on the way back */
} MigFailure;

typedef struct MigFailures
{
    MigArena *arena;
    MigFailure *rows;
    size_t count;
    size_t capacity;
} MigFailures;

/* Read those of mig's target into arena. */
void mig_failures_read(Mig *mig, MigArena *arena, MigFailures *failures);

/* What of an entry, with the text that it has now, has failed or is not at its
 * end; or NULL. */
const MigFailure *mig_failures_find(const MigFailures *failures,
                                    const MigEntry *entry);

/* The same for an entry's way back, whatever its text is now. */
const MigFailure *mig_failures_find_back(const MigFailures *failures,
                                         const MigEntry *entry);

/* What of an entry has failed with another text than it has now, a part of it
 * being done; or NULL. */
const MigFailure *mig_failures_find_older(const MigFailures *failures,
                                          const MigEntry *entry);

/* Whether a part of it is done, or begun. */
bool mig_failure_is_half_done(const MigFailure *failure);

/*
 * Whether there is a statement in no transaction of which it is not known what
 * it has left: it was begun, or has failed.
 *
 * forward  of migrations; else of their ways back
 */
bool mig_failures_unclear(Mig *mig, bool forward);

/* How far one has come that is half done, in words in mig's arena, as in "2 of
 * its 3 statements are done". */
const char *mig_failure_progress(Mig *mig, const MigFailure *failure);

/* The first line of what the history says of it. */
MigBytes mig_failure_line(const MigFailure *failure);

#endif
