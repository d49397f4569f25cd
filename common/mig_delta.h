#ifndef MIG_DELTA_H
#define MIG_DELTA_H

/*
 * A delta: what a migration has changed of the schema, as it is kept.
 *
 * Its first line says how definitions are written, as in "sqlite/1".  Then
 * comes each change: kind, identity, parent, definition before and after; each
 * of these as its length in bytes, a colon and itself, or "-" where it is
 * absent; a line break ends the change.
 */

#include "mig_object_map.h"

/* The text of changes, in the arena. */
MigBytes mig_delta_write(Mig *mig, MigArena *arena, const MigChanges *changes);

/*
 * Read one.
 *
 * text     must outlive the changes
 * canon    out: how definitions are written in it
 * changes  out: gets each change
 *
 * Fails with MIG_CORRUPT for what is none.
 */
void mig_delta_read(Mig *mig, MigBytes text, MigBytes *canon,
                    MigChanges *changes);

#endif
