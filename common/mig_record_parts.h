#ifndef MIG_RECORD_PARTS_H
#define MIG_RECORD_PARTS_H

/*
 * What the files of the recorded schema share.
 *
 *   mig_record.c          reading the record, beginning it, transactions
 *   mig_record_sound.c    whether it is what was written
 *   mig_record_foreign.c  what of one that another version has written differs
 *   mig_record_scope.c    what is recorded for a target, and what is not
 *   mig_record_write.c    writing it, whole or an object at a time
 *   mig_record_changes.c  what a step has changed; what events keep of that
 *   mig_record_rename.c   what of that was renamed
 *   mig_record_tell.c     what of the schema is another hand's
 *   mig_record_delta.c    what is kept of it for the way back
 */

#include "mig_record.h"
#include "mig_rename.h"

/* Listing of what differs from the record no more: it was changed by a
 * migration. */
#define MIG_RECORD_SETTLED UINT64_MAX

/* Whether an object is of those that a new database has as well. */
bool mig_record_is_furniture(const MigObject *object);

/* What differs of an object from the record, and no migration of this run has
 * changed since; or NULL. */
MigKnownObject *mig_record_find_drifted(const MigRecord *record,
                                        const MigObject *object);

/* Whether an object is there and not recorded. */
bool mig_record_lacks(const MigRecord *record, const MigObject *object);

/* Add or take away an object's part of a sum. */
void mig_record_sum(Mig *mig, MigFingerprint *sum, const MigObject *object,
                    bool add);

/* Write the row of an object as it is after a change, or remove it. */
void mig_record_write(Mig *mig, const MigChange *change);

/* Put a change into the record. */
void mig_record_change(MigRecord *record, const MigChange *change);

/* Note the numbers of what is there, if anything differs from the record. */
void mig_record_number(MigRecord *record);

/* What differs from the record, on its way to other names. */
typedef struct MigFollowing MigFollowing;

/*
 * Look what has become of what differs from the record; before the changes are
 * put into it.
 *
 * recorded  with the changes; what is returned lies in its memory
 *
 * Returns NULL when nothing was renamed.
 */
MigFollowing *mig_record_follow(MigRecord *record, MigRecorded *recorded);

/* Whether what a change is of, and no part, was made by a hand and is not
 * recorded now either.  Accepts NULL. */
bool mig_record_stays(const MigFollowing *following, const MigChange *change);

/* When the changes are in the record: put that in its place.  Accepts NULL. */
void mig_record_followed(MigFollowing *following);

/* Fail, since the header of the record cannot be read.  Returns the status. */
MigStatus mig_record_fail_malformed(MigError *error);

/* Fail with MIG_CORRUPT, where no header was found, when events say that a
 * schema was recorded. */
void mig_record_require_new(Mig *mig);

/* Fail with MIG_CORRUPT when the rows that were read do not have the sum that
 * is written in the header. */
void mig_record_require_sum(Mig *mig, const MigFingerprint *sum,
                            const MigFingerprint *written);

/* Begin a record of what is there, unless one is gone, which is an error; an
 * event says of how much. */
void mig_record_start(Mig *mig);

/* Of what differs from a record of another way of writing leave what was added
 * or removed as a whole, with its parts. */
void mig_record_pare(MigRecord *record);

/* Write the record anew, since the engine writes definitions otherwise now, but
 * for what mig_record_pare() leaves: that stays as it is recorded, or is not.
 * An event says so. */
void mig_record_rebase(Mig *mig);

/* Take objects that lie in schemas of other targets out of the record. */
void mig_record_give_up(Mig *mig, const MigChanges *left);

#endif
