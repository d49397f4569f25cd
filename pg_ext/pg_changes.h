#ifndef PG_CHANGES_H
#define PG_CHANGES_H

#include "pg_migrate.h"

#include "nodes/pg_list.h"

/*
 * What this transaction has changed of the schema:
 *
 *     pg_changes.c      whether anything has changed
 *     pg_touched.c      which relations, functions and types, told by the rows
 *                       of the catalogs; pg_touched_object.c
 *     pg_objects_few.c  what is to be listed then
 */

/* How many rows of a catalog were written. */
typedef struct PgWrites
{
    int64 inserted;
    int64 updated;
    int64 deleted;
} PgWrites;

/* The name of a relation that was dropped, or changed, or of a type. */
typedef struct PgTouchedName
{
    const char *schema;
    const char *name;
} PgTouchedName;

/* A function, which may have been dropped. */
typedef struct PgTouchedRoutine
{
    const char *schema;
    const char *name;
    oidvector *arguments; /* types that are all there */
} PgTouchedRoutine;

/* What was written to; all in the memory context of the one who asked.  Oids
 * are also of what is there no longer. */
typedef struct PgTouched
{
    List *relations;     /* Oids */
    List *names;         /* PgTouchedName, of relations that were replaced */
    List *routines;      /* Oids */
    List *routine_names; /* PgTouchedRoutine, one for each */
    List *types;         /* Oids of enums and domains */
    List *type_names;    /* PgTouchedName, one for each */
} PgTouched;

/* Note whether the server counts what the statement to come writes. */
void pg_changes_note(void);

/* From now on note which relations something is said of. */
void pg_touched_begin(void);

/*
 * Find the relations that rows were written for since pg_touched_begin().
 *
 * since     first command of this transaction that counts
 * catalogs  oids of all catalogs, {count}
 * writes    how many rows of each were written since then
 * touched   out
 *
 * Returns false when that cannot be told for sure: something else has changed,
 * or something that the texts of other objects depend on.
 */
bool pg_touched_find(CommandId since, const Oid *catalogs,
                     const PgWrites *writes, int count, PgTouched *touched);

/* Who is told what is listed. */
typedef struct PgListing
{
    MigRootFunction root; /* not of a list of all */
    MigObjectFunction object;
    void *context;
} PgListing;

/*
 * List the objects that were touched, with what they are parts of, and the
 * views and policies that show their columns.
 *
 * all  out: the list of all is needed; nothing has been told
 */
MigStatus pg_list_few(PgHost *host, const MigScope *scope,
                      const PgTouched *touched, bool *all,
                      const PgListing *listing, MigError *error);

#endif
