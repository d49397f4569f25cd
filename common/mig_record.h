#ifndef MIG_RECORD_H
#define MIG_RECORD_H

/*
 * The recorded schema.
 *
 * The table migrate_object has what is expected to be in the schema: what was
 * there when recording began, and what migrations have changed since.  A run
 * begins by comparing it with what is there.  What differs is drift; it stays
 * what it is until somebody accepts it.  Of each migration only what changed
 * while it ran goes into the record, so that a run never launders drift.
 *
 * One row, of kind "record", holds the fingerprint of all others.
 *
 * The record belongs to a target, and is shared by all projects of a database.
 * That of the empty target does not have the schemas that are targets
 * themselves.
 */

#include "mig_delta.h"
#include "mig_fingerprint.h"
#include "mig_proof.h"

#define MIG_RECORD_KIND "record" /* of the row with the fingerprint */

/* What a run knows of the schema. */
typedef struct MigRecord
{
    Mig *mig;
    MigArena arena;
    MigScope scope;           /* what is recorded */
    MigObjectMap present;     /* what is there */
    MigObjectMap drifted;     /* of what differs: as it is recorded, without a
                                 definition where it is not */
    MigObjectMap numbers;     /* of what is there, by kind and number: the
                                 identity; known where anything differs */
    MigFingerprint recorded;  /* sum of the record */
    MigFingerprint structure; /* of what is there, see
                                 mig_object_is_structure() */
    bool ready;               /* all of the above is known, */
    bool numbered;            /* and the numbers are */
    bool unsaved;             /* recorded has changed since it was written */
    bool staged;              /* several transactions are one migration's */
    bool whole;   /* the next changes are found by a whole listing */
    bool resumes; /* an earlier call has begun something: what that has left is
                     no reason to refuse the run */
    bool told;    /* the user knows of the drift */
    int64_t differs; /* objects that differed when the run began */
} MigRecord;

/* What a unit goes back to when it is undone. */
typedef struct MigRecordMark
{
    MigFingerprint recorded;
    bool unsaved;
} MigRecordMark;

/* What the schema became by a step; for its event. */
typedef struct MigRecorded
{
    MigChanges changes;
    MigArena arena;
    MigBytes delta; /* the changes as text, or absent */
    bool known;     /* nothing is recorded here otherwise */
    bool merged;    /* those of earlier events are in the changes now */
    bool kept;      /* the changes are going to be kept; then the event has the
                       hash of their text */
    char schema[MIG_FINGERPRINT_SIZE];    /* fingerprint of the record */
    char structure[MIG_FINGERPRINT_SIZE]; /* of the structure that is there */
} MigRecorded;

/* Let a run record what it does.  {record} must outlive it. */
void mig_record_open(Mig *mig, MigRecord *record);

/* Release what a record holds; mig records nothing any more. */
void mig_record_close(Mig *mig);

/*
 * Under the lock, before anything is run: know what is recorded and what is
 * there, begin the record where there is none, and tell drift.  No effect when
 * all is known.  Fails for drift where the setting on_drift says so.
 */
void mig_record_begin(Mig *mig);

/* Called by mig_write.c.  Look what a new lock leaves of the run's knowledge.
 */
void mig_record_locked(Mig *mig);

/* Write the fingerprint, before the lock is given back. */
void mig_record_save(Mig *mig);

/* All since the lock was taken is undone. */
void mig_record_abandon(Mig *mig);

/* Note what there is before a unit; and that the unit is undone. */
void mig_record_mark(const Mig *mig, MigRecordMark *mark);
void mig_record_undo(Mig *mig, const MigRecordMark *mark);

/*
 * From now on, or no longer, several transactions are one migration's; others'
 * changes between them are taken for its own.
 */
void mig_record_staged(Mig *mig, bool staged);

/* The next changes were made by a transaction that is not ours. */
void mig_record_elsewhere(Mig *mig);

/*
 * What has a name, and differs from the record, was changed by the migration
 * that runs, in an earlier call: the next changes are told from what is
 * recorded of it, and of its parts.
 *
 * identity  as of objects; kinds are not told apart
 */
void mig_record_reclaim(Mig *mig, MigBytes identity);

/*
 * In the open unit: find what has changed, and put it into the record.
 *
 * recorded  out: to be closed by mig_recorded_close()
 */
void mig_record_changes(Mig *mig, MigRecorded *recorded);

/*
 * Tell what is known to differ from the record, in order of names; as
 * mig_objects_compare() does.  Returns how many differences there are.
 */
int64_t mig_record_differences(Mig *mig, MigDifferenceFunction emit,
                               void *context);

/*
 * Tell which objects, parts not counted, are recorded, and no migration of the
 * project has made: as a difference that is extra.
 *
 * recorded  what the migration that runs has changed
 *
 * Returns how many there are.
 */
int64_t mig_record_others(Mig *mig, const MigRecorded *recorded,
                          MigDifferenceFunction emit, void *context);

/* The detail of an event that is about the record: with its fingerprint as the
 * last line; in the memory of mig's record. */
const char *mig_record_detail(Mig *mig, const char *detail);

/* An event's detail with what was recorded, which then is its last lines; in
 * recorded's memory. */
const char *mig_recorded_detail(Mig *mig, MigRecorded *recorded,
                                const char *detail);

/*
 * What an event's detail says besides; absent: nothing.
 *
 * schema     out: fingerprint of the record, or absent
 * structure  out: fingerprint of the structure that was there, or absent
 */
MigBytes mig_recorded_rest(MigBytes detail, MigBytes *schema,
                           MigBytes *structure);

/* In place of a hash: what was kept before has come to nothing. */
#define MIG_RECORDED_NONE "none"

/* The hash of the changes that were kept with an event, from its detail; absent
 * where it has kept none. */
MigBytes mig_recorded_delta(MigBytes detail);

/* Whether an event of mig's target says that a schema was recorded: a record
 * without its header then is no new one, but somebody has deleted that. */
bool mig_recorded_once(Mig *mig);

/* Keep the changes of a migration by which the event of a number is. */
void mig_recorded_keep(Mig *mig, MigRecorded *recorded, MigBytes version,
                       int64_t seq);

/* Before that, for one that was applied before: what is kept of that already
 * becomes one with the changes, so that what runs every day leaves one row. */
void mig_recorded_merge(Mig *mig, MigRecorded *recorded, MigBytes version);

/* Forget the changes of what is half done of a migration. */
void mig_recorded_forget(Mig *mig, MigBytes version);

void mig_recorded_close(MigRecorded *recorded);

/* The scope of what is recorded for mig's target; names lie in the arena. */
void mig_record_scope(Mig *mig, MigArena *arena, MigScope *scope);

/* The object of a row of MIG_SQL_OBJECT_LIST. */
MigObject mig_record_object(const MigValue *columns);

/*
 * Whether an object that is recorded lies in a schema that the scope leaves out
 * since: one that has become a target of its own.  Then that one's record has
 * it.
 */
bool mig_record_left(const MigScope *scope, const MigObject *object);

/* Whether objects of a kind are known by their names in a record of another way
 * of writing, whose texts cannot be compared. */
bool mig_record_outlasts(MigBytes kind);

/* The key of an object's row. */
void mig_object_key(MigHost *host, MigBytes kind, MigBytes identity,
                    char key[65]);

/*
 * The fingerprint that was recorded with an applied migration, in mig's arena;
 * absent when there is none.
 *
 * structure  whether that of the structure that was there is wanted
 */
MigBytes mig_recorded_fingerprint(Mig *mig, MigBytes version, bool structure);

/* Whether this catalogue, and this engine, can record schemas. */
bool mig_records(const Mig *mig);

/*
 * Read what is recorded and what is there into mig's record.
 *
 * write  whether a record is begun where there is none, and written anew where
 *        the engine writes definitions otherwise now; needs the lock
 *
 * Returns whether there is one that can be compared with what is there.  Fails
 * with MIG_CORRUPT when the record does not have its own fingerprint; and when
 * there is none to write on, though the history knows of one.
 */
bool mig_record_load(Mig *mig, bool write);

/* Fail with MIG_CORRUPT where mig_record_load() would, or where a run would
 * begin a record in place of one that is gone.  Reads the record alone. */
void mig_record_require_sound(Mig *mig);

/* Write all that is there as the record; mig_record_load() has read it. */
void mig_record_whole(Mig *mig);

#endif
