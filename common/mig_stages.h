#ifndef MIG_STAGES_H
#define MIG_STAGES_H

/*
 * The stages of a step that takes several transactions: each of these, or one
 * statement that cannot be in any, is a stage.
 */

#include "mig_step.h"

/* One stage. */
typedef struct MigStage
{
    int64_t first; /* numbers of its statements, from 1 */
    int64_t last;
    int64_t line;  /* of the first, in the file */
    bool outside;  /* its one statement cannot be in a transaction */
    char hash[65]; /* of the section's text up to the last, NUL-ended */
} MigStage;

typedef struct MigStages
{
    MigStage *items;
    size_t count;
    size_t capacity;
    int64_t statements; /* in the whole section */
} MigStages;

/*
 * Take an open step apart.
 *
 * arena   what stages holds lies there
 * hashes  whether each stage gets its hash, to be compared with the history
 * stages  out
 */
void mig_stages_read(Mig *mig, MigArena *arena, const MigStep *step,
                     bool hashes, MigStages *stages);

/* Whether a script's own BEGIN and COMMIT make stages. */
bool mig_stages_part_scripts(const Mig *mig);

#endif
