#ifndef MIG_ADOPT_H
#define MIG_ADOPT_H

/*
 * Taking over the history that another tool has kept in this database.
 */

#include "mig.h"
#include "mig_api.h"

/*
 * Record as applied what another tool's history says is, with its times and
 * authors.  All or nothing; the other tool's tables are only read.
 *
 * tool  its name; absent: the only one whose history is found
 *
 * Returns how many migrations were recorded.  Fails with MIG_UNKNOWN where no
 * history is found, MIG_STATE where one cannot be taken over as it is, and
 * MIG_LOCKED while that tool is running.
 */
int64_t mig_adopt(Mig *mig, MigBytes tool);

/*
 * Emit a row for everything that migrate_adopt() would look at: the history's
 * rows with what they match, and the migrations that none matches.  Reads
 * only.
 */
void mig_adopt_report(Mig *mig, MigCall *call, MigBytes tool);

#endif
