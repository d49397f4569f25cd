#ifndef MIG_WATCH_H
#define MIG_WATCH_H

/*
 * The setting "watch", and what the engine has recorded of other hands, where
 * it can: what changed the schema without being a migration.
 *
 * The setting holds in the database where it was made.  So its row has that
 * database's place behind the value, and a copy starts with the default.
 */

#include "mig_api.h"
#include "mig_proof.h"
#include "mig_setting.h"

#define MIG_WATCH "watch"

/*
 * Part what is stored of the setting.
 *
 * stored  the value; where the engine has places, with a blank and one
 * place   of this database, or absent
 * value   out, in any case
 *
 * Returns whether it holds in this database.
 */
bool mig_watch_is_here(MigBytes stored, MigBytes place, MigBytes *value);

/* Make of the setting's row, as it is stored, what holds here. */
void mig_watch_take(const Mig *mig, MigSettingRow *row);

/* Where the setting comes from, as mig_setting() says; and whether the engine
 * has been kept from doing what it says. */
const char *mig_watch_origin(const Mig *mig, const char *origin);

/*
 * Make the engine do what a new value asks for.  Called while the settings are
 * written.
 *
 * value  valid, or absent for the default
 *
 * Returns what is to be stored.
 */
MigBytes mig_watch_change(Mig *mig, MigBytes value);

/* Who has touched an object last, without a migration. */
typedef struct MigHand
{
    MigBytes object; /* its identity; or a kind, where that is all one knows */
    MigBytes stem;   /* the same without arguments */
    int64_t at;      /* microseconds since 1970-01-01 UTC */
    MigBytes actor;
} MigHand;

typedef struct MigHands
{
    MigArena *arena; /* for all of this */
    MigHand *items;  /* by stem, then object; one for each object */
    size_t count;
    size_t capacity;
} MigHands;

/*
 * Read what has been recorded of the target's objects since what is there was
 * last taken as it is; nothing where the engine records nothing.
 *
 * hands  arena is set, the rest zeroed
 */
void mig_hands_read(Mig *mig, MigHands *hands);

/*
 * Whose hand a difference is.  An object that is a part of another one may have
 * been changed by a command about that.  Returns NULL when nobody knows.
 */
const MigHand *mig_hands_find(const MigHands *hands,
                              const MigDifference *difference);

/* migrate_foreign_ddl(); see the manual. */
void mig_watch_list(Mig *mig, MigCall *call);

#endif
