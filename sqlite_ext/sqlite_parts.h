#ifndef SQLITE_PARTS_H
#define SQLITE_PARTS_H

/*
 * The parts of a CREATE TABLE, in one pass over its tokens.
 */

#include "sqlite_host.h"

typedef struct SqlitePart
{
    MigBytes text;
    MigBytes name; /* of a column, as written; absent: a constraint */
} SqlitePart;

typedef struct SqliteParts
{
    SqlitePart *items; /* in the arena */
    size_t count;
    size_t capacity;
    bool without_rowid;
    bool strict;
} SqliteParts;

/*
 * Take a CREATE TABLE apart.
 *
 * parts  out: columns and constraints; a text with several constraints, which
 *        need no comma between them, gives several
 *
 * Returns false for what is none, such as a virtual table, or when memory is
 * short, which error then says.
 */
bool sqlite_parts_read(MigArena *arena, MigBytes sql, SqliteParts *parts,
                       MigError *error);

#endif
