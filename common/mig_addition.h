#ifndef MIG_ADDITION_H
#define MIG_ADDITION_H

/*
 * What others have put on the catalogue's tables: triggers, rules, indexes,
 * constraints; and rights to write them.  What runs when the tables are written
 * could change what is recorded, or do anything else with the rights of whoever
 * migrates, and so could a text that somebody has written into them; so nothing
 * is written while it is there.  What also runs when they are read, as computed
 * columns do, keeps them from being read: to look at a file runs nothing of it.
 */

#include "mig_host_types.h"

/* Record that an addition stands in the way, with MIG_CORRUPT. */
MigStatus mig_fail_addition(const MigAddition *addition, MigError *error);

/* A MigAdditionFunction: fail for an addition that runs; context is unused. */
MigStatus mig_addition_refuse(void *context, const MigAddition *addition,
                              MigError *error);

/* What somebody has done: "put" or "given". */
const char *mig_addition_deed(const MigAddition *addition);

/* What to do about it; the remedy comes behind it. */
const char *mig_addition_advice(const MigAddition *addition);

#endif
