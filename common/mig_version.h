#ifndef MIG_VERSION_H
#define MIG_VERSION_H

/*
 * Versions: which texts are one, and how they are ordered.
 *
 * Order is natural: runs of digits compare as numbers, all else byte by byte,
 * so 2 < 10 and 1.9 < 1.10, and 1 = 01.  It is kept as a position: a text whose
 * byte order is that order, so that the engines can sort and index it.
 */

#include "mig.h"

#define MIG_VERSION_MAX 200 /* bytes of a version */

/* Bytes of a position, without NUL: each digit may become five. */
#define MIG_POSITION_MAX 1100

/* What positions start with: repeatable migrations stand behind all others,
 * and behind them what is no migration, but runs with some (mig_hook.h). */
#define MIG_POSITION_VERSION "1"
#define MIG_POSITION_REPEATABLE "2"
#define MIG_POSITION_HOOK "3"

/*
 * Check that a text can be a version: 1 .. MIG_VERSION_MAX bytes of UTF-8
 * without white space, control characters, commas, '\' and quotes; not "head"
 * or "base"; not starting with '+' or '-', which targets use.
 *
 * Fails with MIG_INVALID; the message says why.
 */
MigStatus mig_version_check(MigBytes version, MigError *error);

/*
 * A version made of a file's name that is its identity: with '_' for blanks,
 * which a version must not hold.  In mig's arena.
 */
MigBytes mig_version_from_name(Mig *mig, MigBytes name);

/*
 * The position of a version that passed mig_version_check().
 *
 * Returns it, in mig's arena; empty on failure.
 */
MigBytes mig_version_position(Mig *mig, MigBytes version);

/* The position of a repeatable migration of a name: after all versions. */
MigBytes mig_repeatable_position(Mig *mig, MigBytes name);

/*
 * The position of a migration that stands at a place in its tool's own list.
 * It ends with the version, so that places can be exchanged one by one.
 *
 * place  from 0 on; below 10^8
 */
MigBytes mig_sequence_position(Mig *mig, size_t place, MigBytes version);

/* Whether two versions are the same number: equal in natural order. */
bool mig_version_equal(MigBytes a, MigBytes b);

/* Order of two positions as memcmp gives it: below, at or above 0. */
int mig_position_compare(MigBytes a, MigBytes b);

#endif
