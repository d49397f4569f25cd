#ifndef PG_OBJECTS_H
#define PG_OBJECTS_H

#include "pg_migrate.h"

#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"

/*
 * The queries behind the list of a database's objects:
 *
 *     pg_objects.c           puts them together and runs them
 *     pg_objects_relation.c  tables, views, sequences
 *     pg_objects_part.c      what belongs to a table
 *     pg_objects_type.c      types, functions, and what is made of them
 *     pg_objects_other.c     what else is in a schema
 *     pg_objects_global.c    what is in no schema
 *     pg_objects_text.c      pieces that several of them have
 *     pg_objects_few.c       lists of some relations, functions and types only
 *     pg_objects_plan.c      the plans of the queries
 *     pg_objects_number.c    oids alone
 *     pg_objects_name.c      names that are qualified although they need not be
 *     pg_objects_settle.c    expressions as they are behind a dump
 *
 * Each selects from one catalog, and may use these common tables and parameters
 * of the query around it:
 *
 *     n   the schemas: oid, schema (name), prefix (for a name in it)
 *     m   objid of what extensions own, or what comes with another object
 *         (but for relations), of the catalog {members}
 *     $1  the only schema that is wanted, or empty
 *     $2  schema that the extension is in
 *     $3  oid of the extension
 *
 * and gives these columns, text but where said:
 *
 *     kind, identity, root, definition   of a MigObject; no definition: the
 *                       object is told elsewhere, or is just being dropped
 *     schema, relation  what MigScope.except is held against, or NULL
 *     oid, sub          (oid, int) in the catalogs of comments and labels
 *     owner             (oid) of a role
 *     acl, acltype      (aclitem[], "char") as acldefault() takes them
 *     space             (oid) of a tablespace, 0 for the default one
 *
 * Those behind the first line are needed only where {notes} asks for them.  A
 * name of a text type is cast: UNION would take another one for all.
 *
 * Every list in a definition that has no order of its own is sorted by bytes.
 */

/* What is told besides the object: one object of its own each. */
#define PG_NOTE_COMMENT 1u /* and security labels */
#define PG_NOTE_OWNER 2u
#define PG_NOTE_PRIVILEGES 4u
#define PG_NOTE_TABLESPACE 8u
#define PG_NOTE_NUMBER 16u /* nothing, but oid and sub are given */
#define PG_NOTE_ALL (PG_NOTE_COMMENT | PG_NOTE_OWNER | PG_NOTE_PRIVILEGES)

/* The first oid that is not given out when a cluster is made
 * (access/transam.h), for a query: what is below came with the server. */
#define PG_FIRST_OID "16384"

typedef struct PgObjectsQuery
{
    const char *members; /* catalog that {m} is about */
    const char *catalog; /* that {oid} is of */
    const char *with;    /* more common tables, a comma behind each */
    const char *select;
    unsigned notes; /* PG_NOTE_... */
    /* Rows without which there is nothing to list, as behind FROM; NULL: those
     * of {catalog} that did not come with the server. */
    const char *rows;
} PgObjectsQuery;

/* Each ended by one without select. */
extern const PgObjectsQuery pg_objects_relations[];
extern const PgObjectsQuery pg_objects_parts[];
extern const PgObjectsQuery pg_objects_types[];
extern const PgObjectsQuery pg_objects_others[];
extern const PgObjectsQuery pg_objects_globals[];

/* What a query is to list: all objects, or those of some relations, functions
 * and types, whose oids are then $4, $6 and $7. */
typedef enum PgObjectsExtent
{
    PG_OBJECTS_ALL,
    PG_OBJECTS_FEW
} PgObjectsExtent;

/*
 * Append a part of a query.  {name;first;second;third} in it stands for one of
 * the pieces in pg_objects_text.c, with up to three texts put into it, and
 * {few;condition} for the condition where few are to be listed.
 */
void pg_objects_append(StringInfo query, const char *part,
                       PgObjectsExtent extent);

/* A query that says whether something in the schema $1 is hidden by something
 * in pg_catalog. */
extern const char pg_objects_hidden[];

/*
 * Take a schema's name, but not the dot, away from the names in a piece of SQL.
 *
 * schema  as it is written there
 *
 * Returns the piece itself, or a copy in the current memory context.
 */
MigBytes pg_objects_unqualify(PgHost *host, MigBytes sql, const char *schema,
                              MigError *error);

/*
 * Write the expressions in a piece of SQL, which the server has written, as it
 * writes them once it has read that.
 *
 * Returns the piece itself, or a copy in the current memory context.
 */
MigBytes pg_objects_settle(PgHost *host, MigBytes sql, MigError *error);

/* What every query begins with. */
extern const char pg_objects_schemas[];

/* ---- Running them -------------------------------------------------------- */

/* A listing under way. */
typedef struct PgObjectsListing
{
    PgHost *host;
    const MigScope *scope;
    MigObjectFunction object;
    void *context;
    MigError *error;
    void (*run)(struct PgObjectsListing *listing); /* the queries */
    /* What is told before the objects; may be NULL. */
    void (*deliver)(struct PgObjectsListing *listing);
    List *tables;        /* of SPITupleTable: what the queries gave */
    const char *schema;  /* the only one wanted, as it is written in SQL */
    bool hides;          /* something in it is hidden by pg_catalog */
    ArrayType *few;      /* $4: oids of relations, or NULL */
    ArrayType *names;    /* $5: names, or NULL */
    ArrayType *routines; /* $6: oids of functions, or NULL */
    ArrayType *types;    /* $7: oids of types, or NULL */
} PgObjectsListing;

/* How many numbers of plans pg_objects_few.c has for itself, from 0 on. */
#define PG_OBJECTS_FEW_PLANS 24

/* From where on pg_objects_number.c has them. */
#define PG_OBJECTS_NUMBER_PLANS 100

/* Run listing->run on one snapshot, again if need be, and deliver. */
MigStatus pg_objects_list(PgObjectsListing *listing);

/* Change a setting until the end of the list. */
void pg_objects_setting(const char *name, const char *value);

/* Whether there is a plan of a number. */
bool pg_objects_is_planned(int number);

/* The plan of a number, made from the text of its query on first use. */
SPIPlanPtr pg_objects_plan(int number, const char *query);

/*
 * Forget the plans once the catalogs have become more than twice as large: what
 * was right for small ones, to read them whole, would take the longer the more
 * migrations one call applies.
 */
void pg_objects_plans_refresh(void);

/* Append what a query begins with: its common tables. */
void pg_objects_compose_tables(StringInfo composed, const PgObjectsQuery *query,
                               PgObjectsExtent extent);

/* Put a query together; palloc'd. */
char *pg_objects_compose(const PgObjectsQuery *query, PgObjectsExtent extent);

/*
 * Run a query and return its rows.
 *
 * number  of its plan
 * query   its text, always the same for a number; not needed again
 */
SPITupleTable *pg_objects_query(const PgObjectsListing *listing, int number,
                                const char *query);

/* Run one of the lists of objects, and keep its rows for later. */
void pg_objects_run(PgObjectsListing *listing, int number,
                    const PgObjectsQuery *query, PgObjectsExtent extent);

/* Whether something in the wanted schema, if any, is hidden by pg_catalog. */
bool pg_objects_hides(const PgObjectsListing *listing);

#endif
