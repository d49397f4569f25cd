#ifndef SQLITE_WHERE_H
#define SQLITE_WHERE_H

/*
 * Whether a statement's condition chooses rows, or takes them all.
 */

#include "sqlite_host.h"

/*
 * Whether a DELETE or an UPDATE has a condition that chooses rows, as far as
 * that can be told; outside of a unit, less is.
 *
 * begin  where its word is, behind a WITH
 * at     behind the name of its table
 * table  the last token of that name, and schema the first of two, or empty
 */
bool sqlite_chooses_rows(SqliteHost *host, MigBytes text, size_t begin,
                         size_t at, MigBytes schema, MigBytes table);

#endif
