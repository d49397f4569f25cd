#ifndef PG_COMPAT_OBJECTS_H
#define PG_COMPAT_OBJECTS_H

/*
 * What differs between versions of PostgreSQL in the queries that list objects:
 * pieces of them, see pg_objects.h.
 */

/* How a column (a) is compressed, where that is told. */
#if PG_VERSION_NUM >= 140000
#define COMPAT_SQL_COMPRESSION                                                 \
    "CASE a.attcompression WHEN 'p' THEN ' COMPRESSION pglz' "                 \
    "WHEN 'l' THEN ' COMPRESSION lz4' ELSE '' END "
#else
#define COMPAT_SQL_COMPRESSION "'' "
#endif

/* How the elements of a type (t) are found; the multirange of a range (g). */
#if PG_VERSION_NUM >= 140000
#define COMPAT_SQL_SUBSCRIPT                                                   \
    "CASE WHEN t.typsubscript::oid = 0 THEN '' "                               \
    "ELSE ' SUBSCRIPT ' || t.typsubscript::oid::regprocedure::text END "
#define COMPAT_SQL_MULTIRANGE                                                  \
    "' MULTIRANGE_TYPE_NAME ' || format_type(g.rngmultitypid, NULL) "
#else
#define COMPAT_SQL_SUBSCRIPT "'' "
#define COMPAT_SQL_MULTIRANGE "'' "
#endif

/* Whether an index (pg_index) lets NULLs be as often as one likes. */
#if PG_VERSION_NUM >= 150000
#define COMPAT_SQL_NULLS_DISTINCT "NOT indnullsnotdistinct "
#else
#define COMPAT_SQL_NULLS_DISTINCT "true "
#endif

/* The locale of a collation (o), and its rules. */
#if PG_VERSION_NUM >= 170000
#define COMPAT_SQL_LOCALE                                                      \
    "coalesce(' LOCALE ' || quote_literal(o.colllocale), '') "                 \
    "|| coalesce(' RULES ' || quote_literal(o.collicurules), '') "
#elif PG_VERSION_NUM >= 160000
#define COMPAT_SQL_LOCALE                                                      \
    "coalesce(' LOCALE ' || quote_literal(o.colliculocale), '') "              \
    "|| coalesce(' RULES ' || quote_literal(o.collicurules), '') "
#elif PG_VERSION_NUM >= 150000
#define COMPAT_SQL_LOCALE                                                      \
    "coalesce(' LOCALE ' || quote_literal(o.colliculocale), '') "
#else
#define COMPAT_SQL_LOCALE "'' "
#endif

/* What else a publication (o) sends. */
#if PG_VERSION_NUM >= 180000
#define COMPAT_SQL_PUBLICATION                                                 \
    "CASE o.pubgencols WHEN 's' THEN ' STORED GENERATED COLUMNS' ELSE '' END "
#else
#define COMPAT_SQL_PUBLICATION "'' "
#endif

/* Columns and rows of a published table (o), and published schemas. */
#if PG_VERSION_NUM >= 150000
#define COMPAT_SQL_PUBLISHED                                                   \
    "coalesce('(' || (SELECT string_agg(quote_ident(a.attname), ', ' "         \
    "ORDER BY a.attnum) FROM pg_attribute a "                                  \
    "WHERE a.attrelid = o.prrelid AND a.attnum = ANY (o.prattrs)) || ')', "    \
    "'') "                                                                     \
    "|| coalesce(' WHERE (' || pg_get_expr(o.prqual, o.prrelid) || ')', '') "
#define COMPAT_SQL_PUBLISHED_SCHEMAS                                           \
    {"pg_publication",                                                         \
     "pg_publication_namespace",                                               \
     "",                                                                       \
     "SELECT 'publication schema' AS kind, NULL::text AS schema, "             \
     "NULL::text AS relation, quote_ident(p.pubname) || ': ' "                 \
     "|| o.pnnspid::regnamespace::text AS identity, "                          \
     "quote_ident(p.pubname) AS root, '' AS definition "                       \
     "FROM pg_publication_namespace o "                                        \
     "JOIN pg_publication p ON p.oid = o.pnpubid WHERE $1 = ''",               \
     0,                                                                        \
     NULL},
#else
#define COMPAT_SQL_PUBLISHED "'' "
#define COMPAT_SQL_PUBLISHED_SCHEMAS
#endif

#endif
