#ifndef MIG_PLACEHOLDER_H
#define MIG_PLACEHOLDER_H

/*
 * Flyway's placeholders: ${name}, in upper or lower case alike, anywhere in a
 * text, comments included.  One that has no value is an error.
 */

#include "mig_variable.h"

/*
 * The value for the placeholder at the start of a text.
 *
 * text    starts with '$'
 * length  out: how many bytes it replaces
 *
 * Returns absent bytes where no placeholder stands.  Fails with MIG_INVALID
 * for one that is not closed or has no value.
 */
MigBytes mig_placeholder_value(Mig *mig, MigArena *arena, MigBytes text,
                               size_t *length, MigExpansion *expansion);

#endif
