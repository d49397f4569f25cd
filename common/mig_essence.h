#ifndef MIG_ESSENCE_H
#define MIG_ESSENCE_H

/*
 * The essence of a migration: all of it that counts when it runs.  That is what
 * its sections say in tokens of the engine, and what its header asks for; not
 * its comments and its layout.
 */

#include "mig_migration.h"

/*
 * Whether two migrations differ in comments and layout at most.  What cannot be
 * told counts as different: a text that is missing, or that the engine cannot
 * take apart.
 *
 * The slices of either hold their text, or it is fetched from the catalogue.
 */
bool mig_essence_equal(Mig *mig, const MigMigration *one,
                       const MigMigration *other);

#endif
