#ifndef SQLITE_SCRATCH_H
#define SQLITE_SCRATCH_H

/*
 * Databases on which migrations are tried:
 *
 *   sqlite_scratch.c   an empty database in memory
 *   sqlite_beside.c    connections that are like the caller's, and fenced in
 */

#include "sqlite_beside.h"
#include "sqlite_schema.h"

/* ---- sqlite_beside.c ---- */

/* Give a connection of ours all of the caller's that a migration may depend on:
 * its switches, PRAGMAs and limits. */
void sqlite_beside_resemble(Mig *mig, SqliteBeside *beside);

/* Keeps a connection of ours away from all files but its own. */
typedef struct SqliteFence
{
    char refused[304]; /* beginning of the name of one that it wanted to attach;
                          or empty */
} SqliteFence;

/* Put it up; it must outlive the connection. */
void sqlite_fence(SqliteBeside *beside, SqliteFence *fence);

/* ---- sqlite_scratch.c ---- */
MigStatus sqlite_scratch_open(Mig *mig, MigScratch **scratch);
MigStatus sqlite_scratch_run(Mig *mig, MigScratch *scratch,
                             struct MigWork *work, bool each);
MigStatus sqlite_scratch_list(Mig *mig, MigScratch *scratch,
                              const MigScope *scope, MigObjectFunction object,
                              void *context);
void sqlite_scratch_close(Mig *mig, MigScratch *scratch);

#endif
