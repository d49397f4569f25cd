#ifndef MIG_DIFFERENCE_H
#define MIG_DIFFERENCE_H

/*
 * How the text of an applied migration differs from the one it has now.
 */

#include "mig_migration.h"
#include "mig_state.h"

typedef enum MigTextChange
{
    MIG_SAME_TEXT,        /* or not applied: there is nothing to compare */
    MIG_COMMENTS_CHANGED, /* only comments or layout do */
    MIG_TEXT_CHANGED
} MigTextChange;

/* An entry's applied text, and its text as last loaded.  What was found out is
 * kept for the length of the call. */
MigTextChange mig_entry_difference(Mig *mig, const MigEntry *entry);

/* An entry's applied text, and one that is offered from elsewhere. */
MigTextChange mig_entry_difference_to(Mig *mig, const MigEntry *entry,
                                      const MigMigration *offered);

#endif
