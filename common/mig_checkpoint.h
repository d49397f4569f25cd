#ifndef MIG_CHECKPOINT_H
#define MIG_CHECKPOINT_H

/*
 * Checkpoints: migrations that stand for all before them.
 *
 * Where nothing is applied, the highest checkpoint up to the target is run, and
 * all that is before it is passed over, for good.  Anywhere else checkpoints
 * are passed over.
 *
 * A format makes one by the option "checkpoint".  Its value is the version that
 * it comes up to, by which a target may name it as well; or "true".
 */

#include "mig_state.h"

/*
 * The checkpoint that a database was begun with; where nothing is applied, the
 * one that a run would begin with.  NULL: there is none.
 *
 * limit  index in the state behind the last entry that would run
 *
 * Fails with MIG_INVALID when a condition cannot be told.
 */
const MigEntry *mig_checkpoint_find(Mig *mig, const MigState *state,
                                    size_t limit);

/* Whether an entry is passed over because of a checkpoint (may be NULL), since
 * it is another one, or because of a baseline. */
bool mig_checkpoint_covers(const MigEntry *checkpoint, const MigEntry *entry);

/* Why an entry is passed over that mig_checkpoint_covers(); in mig's arena. */
const char *mig_checkpoint_reason(Mig *mig, const MigEntry *checkpoint,
                                  const MigEntry *entry);

/* Whether an entry is a checkpoint up to a version. */
bool mig_checkpoint_is_up_to(const MigEntry *entry, MigBytes version);

#endif
