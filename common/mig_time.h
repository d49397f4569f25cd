#ifndef MIG_TIME_H
#define MIG_TIME_H

/*
 * Times as other tools write them.
 */

#include "mig_value.h"

/*
 * Read a time of any of these forms:
 *
 *   2024-01-31T12:00:00.123456Z, with a blank for the T, a zone as Z, +01,
 *   +0100 or +01:00, or none, which is UTC; what stands behind is passed over,
 *   as in Go's "2024-01-31 12:00:00 +0000 UTC"
 *   an integer: seconds, milliseconds, microseconds or nanoseconds since
 *   1970, told apart by their size, from 1973 on
 *   a float: the day of SQLite's julianday(), or such an integer
 *
 * microseconds  out: since 1970-01-01 UTC
 *
 * Returns false, leaving microseconds alone, for anything else.
 */
bool mig_time_read(const MigValue *value, int64_t *microseconds);

#endif
