#ifndef MIG_STEP_H
#define MIG_STEP_H

/*
 * One step: a single migration applied or undone inside an open unit, with its
 * record and its event.
 */

#include "mig_precondition.h"
#include "mig_state.h"
#include "mig_work.h"

typedef enum MigDirection
{
    MIG_FORWARD,
    MIG_BACKWARD
} MigDirection;

/* A step made ready: everything fetched and taken apart, nothing run. */
typedef struct MigStep
{
    MigDirection direction;
    const MigEntry *entry;
    MigBytes file; /* of the migration, or absent */
    MigBytes name;
    const char *checksum;
    MigBytes authors; /* who answers for its texts, a line each */
    MigBytes up;      /* as the catalogue has them */
    MigBytes down;
    MigBytes verify;
    MigBytes askers; /* who has set the variables in its preconditions */
    MigWork work;
    MigWork check;
    MigArena arena;
    struct MigHooks *hooks; /* that run with it, or NULL */
    bool last;              /* of its unit */
    bool redone;            /* its way back has run in the same unit */
    MigVerdict verdict;     /* out: what its preconditions let become of it */
    int64_t duration_us;    /* out: of the statements */
    MigBytes remark;        /* out: for its event, or absent */
    const struct MigOrigin *origin; /* of one that another tool has run, or
                                       NULL */
} MigStep;

/*
 * Fetch a step's texts without taking them apart: enough to record it.  It
 * must be closed, whatever happens.
 */
void mig_step_fetch(Mig *mig, MigDirection direction, const MigEntry *entry,
                    MigStep *step);

/*
 * Fetch a step and take it apart.  It must be closed, whatever happens; on
 * failure mig->error names the place.
 */
void mig_step_open(Mig *mig, MigDirection direction, const MigEntry *entry,
                   MigStep *step);

/*
 * Fail with MIG_DENIED when a fetched step's text comes from somebody whose
 * texts the caller must not run or have recorded under his own name.
 */
void mig_step_require_trust(Mig *mig, const MigStep *step);

/* How many bytes of statements an open step holds. */
size_t mig_step_size(const MigStep *step);

/* Release what a step holds.  May be repeated. */
void mig_step_close(Mig *mig, MigStep *step);

/*
 * Ask a step's preconditions inside the open unit.
 *
 * Returns whether its statements are to be run; otherwise it is passed over,
 * or recorded without them, or mig has failed.
 */
bool mig_step_ask(Mig *mig, MigStep *step);

/*
 * Run a step inside the open unit: its statements, its verify section, its
 * record and its event.  The session must be marked as running.
 */
void mig_step_run(Mig *mig, MigStep *step);

/*
 * Look what is to be remembered of the open unit, which has done a part of the
 * step: a warning says it, and the step's event will.
 */
void mig_step_remark(Mig *mig, MigStep *step);

/* What follows a step's statements: its verify section, record and event. */
void mig_step_conclude(Mig *mig, MigStep *step);

/* Warn of a way back that undoes nothing. */
void mig_step_warn(Mig *mig, const MigStep *step);

/* What a step's events are called: "apply" or "rollback". */
const char *mig_step_action(const MigStep *step);

/*
 * Only the record and the event, as migrate_stamp() wants them.
 *
 * action  for the event; NULL: that of running the step
 */
void mig_step_record(Mig *mig, MigStep *step, const char *action);

/*
 * Put the texts of a fetched step in the place of those that its migration was
 * applied with.  When, by whom and in which order it was stays as it is.
 *
 * detail  of the event that is to be added for it
 *
 * Returns the detail with the hash of the record.
 */
const char *mig_step_replace_record(Mig *mig, MigStep *step,
                                    const char *detail);

/* Add the event of an attempt that failed. */
void mig_step_record_failure(Mig *mig, const MigStep *step,
                             const MigError *failure);

#endif
