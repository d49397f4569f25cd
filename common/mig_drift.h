#ifndef MIG_DRIFT_H
#define MIG_DRIFT_H

/*
 * Drift: what of the schema differs from the record, by another hand than ours.
 */

#include "mig_api.h"
#include "mig_proof.h"

/* What has become of an object; constants. */
#define MIG_DRIFT_ADDED "added"
#define MIG_DRIFT_REMOVED "removed"
#define MIG_DRIFT_CHANGED "changed"

/*
 * Tell each difference; reads only.  Of a table that is added or removed its
 * parts are not told; a table whose columns alone differ is not told beside
 * them.
 *
 * emit     gets them, tables in order of their names; change is MIG_DRIFT_...;
 *          NULL: they are only counted
 * unknown  out: why there is none to tell, where nothing is recorded yet; or
 *          why only what was added or removed as a whole is told, where the
 *          engine writes definitions otherwise since; else NULL.  In mig's
 * arena
 *
 * Returns how many there are; 0 on failure.
 */
int64_t mig_drift_each(Mig *mig, MigDifferenceFunction emit, void *context,
                       const char **unknown);

/* Rows of migrate_drift().  Fails where the record is gone or malformed. */
void mig_drift(Mig *mig, MigCall *call);

/*
 * Put drift into the history, unless it is there already.  Fails where the
 * setting on_drift is "error".  Under the lock.
 *
 * warn  whether the user is told, too
 */
void mig_drift_tell(Mig *mig, bool warn);

/* Fail for drift where mig_drift_tell() would; no effect else. */
void mig_drift_refuse(Mig *mig);

/*
 * What migrate_preflight() says of drift; reads only.  Fails with MIG_CORRUPT
 * where the record is such that a run is refused, whatever on_drift is.
 *
 * resumes  whether an earlier call has left something half done, which a run
 *          goes on with whatever differs
 * finding  out: its texts are constants or in mig's arena
 */
void mig_drift_find(Mig *mig, bool resumes, MigFinding *finding);

/* Take what is there as the record.  Returns how many differences there were.
 */
int64_t mig_drift_accept(Mig *mig);

/*
 * A fingerprint as text, in mig's arena.
 *
 * version  of a migration: as it was recorded when it was applied, absent when
 *          it is not, or that is not known; absent: of what is there now
 *
 * Fails with MIG_UNKNOWN where there is no such migration.
 */
MigBytes mig_fingerprint_call(Mig *mig, MigBytes version);

#endif
