#ifndef MIG_RECORD_PARTS_H
#define MIG_RECORD_PARTS_H

/*
 * What the files of the recorded schema share.
 *
 *   mig_record.c          reading the record, beginning it, transactions
 *   mig_record_changes.c  what a step has changed; what events keep of that
 */

#include "mig_record.h"

/* Add or take away an object's part of a sum. */
void mig_record_sum(Mig *mig, MigFingerprint *sum, const MigObject *object,
                    bool add);

/* Write the row of an object as it is after a change, or remove it. */
void mig_record_write(Mig *mig, const MigChange *change);

#endif
