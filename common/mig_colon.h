#ifndef MIG_COLON_H
#define MIG_COLON_H

/*
 * graphile-migrate's placeholders: ":NAME" in capitals, anywhere in a text.
 * :DATABASE_NAME and :DATABASE_OWNER are known; others are where a variable of
 * that name is set, and stay as they are elsewhere.
 */

#include "mig_variable.h"

/* Whether a text may mention one. */
bool mig_colon_mentions(MigBytes text);

/*
 * The value for the placeholder at the start of a text.
 *
 * text    starts with ':'
 * length  out: how many bytes it replaces
 *
 * Returns absent bytes where none stands, or one without a value.  Fails with
 * MIG_INVALID for a known one that has none here.
 */
MigBytes mig_colon_value(Mig *mig, MigArena *arena, MigBytes text,
                         size_t *length, MigExpansion *expansion);

#endif
