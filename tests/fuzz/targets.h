#ifndef TARGETS_H
#define TARGETS_H

/*
 * What is fuzzed: everything that reads what strangers have written.  Shared by
 * the fuzzer (fuzz.c) and by the measurement of growth (growth.c).
 *
 * A directory is one text: each file begins with a line "#### path".  Other
 * targets have inputs of their own; see targets.c.
 */

#include <stddef.h>

/* How many targets there are, and the name of each: that of a format, for its
 * directories; "detect", for any directory; or of another reader. */
size_t target_count(void);
const char *target_name(size_t index);

/* The index of a name; target_count() when there is none. */
size_t target_find(const char *name);

/*
 * Let a target read an input.  Aborts when what comes of it breaks a promise of
 * the core, or memory is not given back.
 *
 * Returns whether the input was accepted.
 */
int target_run(size_t index, const char *data, size_t size);

#endif
