#ifndef MIG_PLAN_H
#define MIG_PLAN_H

/*
 * Targets, and the steps that lead there.
 */

#include "mig_state.h"

typedef enum MigTargetKind
{
    MIG_TARGET_HEAD,    /* everything */
    MIG_TARGET_BASE,    /* nothing */
    MIG_TARGET_FORWARD, /* +N */
    MIG_TARGET_BACK,    /* -N */
    MIG_TARGET_VERSION
} MigTargetKind;

typedef struct MigTarget
{
    MigTargetKind kind;
    int64_t steps;         /* FORWARD, BACK */
    const MigEntry *entry; /* VERSION: in the state */
    MigBytes text;         /* as it was given */
    MigBytes passed; /* position up to which a run has come that plans anew;
                        absent: it begins */
} MigTarget;

/* Steps of one direction, in the order in which they run. */
typedef struct MigPlan
{
    const MigEntry **steps; /* in the state */
    size_t count;
} MigPlan;

/*
 * Read a target.
 *
 * text    head, base, +N, -N, @tag where the format has tags, or a version:
 *         exactly, else numerically equal
 * prefix  whether an unambiguous beginning of a version will do
 *
 * Fails with MIG_INVALID or MIG_UNKNOWN; the hint names what is near.
 */
void mig_target_read(Mig *mig, const MigState *state, MigBytes text,
                     bool prefix, MigTarget *target);

/* The entry of a version, exactly or numerically equal, or of a tag.  NULL
 * after failing with MIG_UNKNOWN, or where mig has failed before. */
const MigEntry *mig_target_version(Mig *mig, const MigState *state,
                                   MigBytes version);

/*
 * The migrations that lead up to a target, in run order, each behind those it
 * requires; what a checkpoint stands for is left out (mig_checkpoint.h).
 * Repeatables come behind all versions, so a target that names a version leaves
 * them out.
 *
 * Fails with MIG_STATE where a setting or a requirement forbids it.
 */
void mig_plan_apply(Mig *mig, MigArena *arena, const MigState *state,
                    const MigTarget *target, MigPlan *plan);

/* Fail with MIG_STATE, or warn, as the settings say, for applied migrations
 * whose text has changed since, or whose file has gone. */
void mig_plan_check(Mig *mig, const MigState *state);

/*
 * The migrations to be undone to come back to a target, in reverse order of
 * application.  Fails with MIG_STATE when one has no way back.
 */
void mig_plan_rollback(Mig *mig, MigArena *arena, const MigState *state,
                       const MigTarget *target, MigPlan *plan);

/*
 * The migration that was applied last, repeatables left out.  Fails with
 * MIG_STATE when there is none, or when it cannot be undone and applied again.
 */
void mig_plan_redo(Mig *mig, MigArena *arena, const MigState *state,
                   MigPlan *plan);

/*
 * The migrations whose record changes when a database is declared to be at a
 * target.  Repeatables count for head and base alone.
 *
 * back     out: those behind it that are recorded, the last first
 * forward  out: those up to it that are not, each behind what it requires
 */
void mig_plan_stamp(Mig *mig, MigArena *arena, const MigState *state,
                    const MigTarget *target, MigPlan *back, MigPlan *forward);

#endif
