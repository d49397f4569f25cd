#ifndef MIG_ENVSUB_H
#define MIG_ENVSUB_H

/*
 * Variables as goose has them between its marks ENVSUB ON and ENVSUB OFF, by
 * the rules of a shell (mfridman/interpolate): $NAME, ${NAME}, ${NAME:-text},
 * ${NAME-text}, ${NAME:offset:length}, ${NAME?message}; \$ and $$ are a dollar
 * sign.  Values are those of the settings var.NAME, never the environment of
 * the server.
 */

#include "mig_variable.h"

/* Whether a text may mention variables so. */
bool mig_envsub_in(MigBytes text);

/*
 * Put values in the lines behind a mark ENVSUB ON, up to ENVSUB OFF.
 *
 * Fails with MIG_INVALID for what the rules do not allow, and for a variable
 * that is not set and has no text in its place.
 */
MigBytes mig_envsub_expand(Mig *mig, MigArena *arena, MigBytes text,
                           MigExpansion *expansion);

#endif
