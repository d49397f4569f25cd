#ifndef PG_TOUCHED_H
#define PG_TOUCHED_H

#include "pg_changes.h"

#include "access/htup.h"
#include "catalog/objectaddress.h"
#include "utils/hsearch.h"

/*
 * The search of pg_touched.c, for its other file:
 *
 *     pg_touched.c         the rows of the catalogs that are about a thing
 *     pg_touched_object.c  functions, types and comments: the things of which
 *                          nothing is said
 */

/* Something that rows of catalogs are about. */
typedef struct PgThing
{
    ObjectAddress address; /* must be first; objectSubId is 0 */
    bool named;            /* name and schema are those of one version */
    NameData name;
    Oid schema;
    bool touched;      /* a row about it was written */
    HeapTuple version; /* of a function, enum or domain, or NULL */
} PgThing;

/* A search under way. */
typedef struct PgSearch
{
    CommandId since;
    const Oid *catalogs;
    const PgWrites *writes;
    PgWrites *found; /* of each catalog; none are counted as updated */
    int count;
    HTAB *things;
    List *queue;       /* PgThings, */
    int read;          /* and how many of them were looked at */
    AttrNumber attnum; /* of the last column, */
    NameData column;   /* and its name */
    PgTouched *touched;
    bool lost; /* it cannot be told */
} PgSearch;

/* The number of a catalog; -1 where there is none. */
int pg_search_catalog(const PgSearch *search, Oid catalog);

/* Whether rows of a catalog were written. */
bool pg_search_is_written(const PgSearch *search, Oid catalog);

/* Whether the rows found in the catalog of a number are all that were written.
 */
bool pg_search_is_complete(const PgSearch *search, int i);

/* Look at a thing later, unless that was done before; returns it. */
PgThing *pg_search_add(PgSearch *search, Oid class, Oid oid);

/* Note the name of a version; that of another one must be the same. */
void pg_search_name(PgSearch *search, PgThing *thing, const NameData *name,
                    Oid schema);

/* Note a relation that something was written for; InvalidOid for none. */
void pg_search_touch(PgSearch *search, Oid relation);

/* Whether this transaction has made a version of a row, */
bool pg_search_is_inserted(const PgSearch *search, HeapTupleHeader row);

/* and whether it has replaced or deleted one. */
bool pg_search_is_deleted(const PgSearch *search, HeapTupleHeader row);

/* ---- pg_touched_object.c ------------------------------------------------- */

/* Add the functions and types that rows were written for which were not found
 * by what is known. */
void pg_search_objects(PgSearch *search);

/* Look at one version of a function, */
void pg_search_routine(PgSearch *search, PgThing *thing, HeapTuple row);

/* of a type, */
void pg_search_type(PgSearch *search, PgThing *thing, HeapTuple row);

/* or of a label of a type. */
void pg_search_label(PgSearch *search, const PgThing *thing, bool deleted);

/* Look at the comments that were written, and tell what was touched. */
void pg_search_end(PgSearch *search);

#endif
