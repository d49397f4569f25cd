#ifndef MIG_WORK_PLACE_H
#define MIG_WORK_PLACE_H

/*
 * Where a statement of a work stands, for the message of its failure.
 */

#include "mig_work.h"

/* A statement and where it stands. */
typedef struct MigWorkPlace
{
    const MigWork *work;
    const MigPart *part;
    const MigStatement *statement; /* NULL: the part as a whole */
    int64_t number;                /* of the statement, from 1 */
    bool ahead;                    /* nothing was run yet */
} MigWorkPlace;

/* Whether a work is a hook, and no section of a migration. */
bool mig_work_is_hook(const MigWork *work);

/*
 * Put the place before the recorded failure, and the statement in its detail.
 * No effect where nothing has failed.
 *
 * offset  in the part's text, in bytes
 */
void mig_work_fail_at(Mig *mig, const MigWorkPlace *place, size_t offset);

#endif
