#ifndef SQLITE_WHERE_H
#define SQLITE_WHERE_H

/*
 * Whether a statement's condition chooses rows, or takes them all.
 */

#include "sqlite_destroy.h"

/*
 * Whether a DELETE or an UPDATE has a condition that chooses rows, as far as
 * that can be told; outside of a unit, less is.
 *
 * begin  where its word is, behind a WITH
 * at     behind the name of its table
 * found  which table that is, and where the statement stands
 */
bool sqlite_chooses_rows(SqliteHost *host, MigBytes text, size_t begin,
                         size_t at, const SqliteDestruction *found);

#endif
