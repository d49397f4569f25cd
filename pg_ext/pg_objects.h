#ifndef PG_OBJECTS_H
#define PG_OBJECTS_H

#include "pg_migrate.h"

#include "lib/stringinfo.h"

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
 *     pg_objects_name.c      names that are qualified although they need not be
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
} PgObjectsQuery;

/* Each ended by one without select. */
extern const PgObjectsQuery pg_objects_relations[];
extern const PgObjectsQuery pg_objects_parts[];
extern const PgObjectsQuery pg_objects_types[];
extern const PgObjectsQuery pg_objects_others[];
extern const PgObjectsQuery pg_objects_globals[];

/*
 * Append a part of a query.  {name;first;second;third} in it stands for one of
 * the pieces in pg_objects_text.c, with up to three texts put into it.
 */
void pg_objects_append(StringInfo query, const char *part);

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

#endif
