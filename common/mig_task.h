#ifndef MIG_TASK_H
#define MIG_TASK_H

/*
 * A task: what one unit does.  It is one step, or the two of a redo, of which
 * both are done or neither.
 */

#include "mig_hook.h"
#include "mig_step.h"
#include "mig_write.h"

typedef enum MigTaskKind
{
    MIG_TASK_APPLY,
    MIG_TASK_ROLLBACK,
    MIG_TASK_REDO
} MigTaskKind;

typedef struct MigTask
{
    const MigEntry *entry;
    MigEntry undone; /* of a redo: the entry between its steps */
    MigStep steps[2];
    size_t count;
    size_t at;   /* the step that is being run, or that failed */
    bool around; /* has statements that must be in force around its
                    transaction */
} MigTask;

/*
 * Fetch a task's steps and take them apart; nothing is run.  It must be closed,
 * whatever happens, and must not be moved.
 *
 * Fails, naming the place, for what the engine sees at once, and for a text
 * that the caller must not run.
 */
void mig_task_open(Mig *mig, MigTaskKind kind, const MigEntry *entry,
                   MigTask *task);

/* Let hooks run with an open task that is no hook; they must stay open. */
void mig_task_hook(MigTask *task, MigHooks *hooks);

/* Release what a task holds.  May be repeated. */
void mig_task_close(Mig *mig, MigTask *task);

/* How many bytes of statements an open task holds. */
size_t mig_task_size(const MigTask *task);

/* Fail, naming the place, when a statement cannot run as part of this call. */
void mig_task_require_runnable(Mig *mig, MigTask *task);

/* Put in force what must be in force around a task; no lock is held. */
void mig_task_surround(Mig *mig, MigTask *task);

/*
 * Run a task in a unit of its own, with its records and events; on failure the
 * unit is undone.
 */
void mig_task_run(Mig *mig, MigTask *task);

/* Only the records and events of a task that has run. */
void mig_task_record(Mig *mig, MigTask *task);

/* Add the event of the attempt that failed. */
void mig_task_record_failure(Mig *mig, const MigTask *task,
                             const MigError *failure);

/* What a unit does; it stops at the first failure. */
typedef void (*MigUnitFunction)(Mig *mig, void *context);

/*
 * Do something in a unit of its own, as a part of a migration; on failure the
 * unit is undone.
 */
void mig_unit_run(Mig *mig, const MigEntry *entry, MigUnitFunction function,
                  void *context);

#endif
