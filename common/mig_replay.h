#ifndef MIG_REPLAY_H
#define MIG_REPLAY_H

/*
 * Running a section again where nothing of it is recorded: in a scratch
 * database, which has no catalogue.
 */

#include "mig_work.h"

/*
 * Take a work apart and run it, in as many transactions as migrate_deploy()
 * would.
 *
 * mig   of the scratch database; its settings are not used
 * work  as mig_work_fetch() has left it; closed
 * each  whether every statement is a transaction of its own
 */
void mig_replay(Mig *mig, MigWork *work, bool each);

#endif
