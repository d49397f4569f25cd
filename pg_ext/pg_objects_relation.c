#include "pg_objects.h"

#include "pg_compat_objects.h"

/* In this option of a column newer minor releases keep its version, a
 * number that differs wherever the table is made (catalog/pg_attribute.h). */
#define VERSION_OPTION "pg_attver="

/* Whether a column has others. */
#define HAS_OPTIONS                                                            \
    "a.attoptions IS NOT NULL AND NOT (cardinality(a.attoptions) = 1 "         \
    "AND starts_with(a.attoptions[1], '" VERSION_OPTION "')) "

/* What is said of a relation besides its columns; t is its TOAST table. */
#define RELATION_OPTIONS                                                       \
    "CASE r.relpersistence WHEN 'u' THEN ' UNLOGGED' ELSE '' END "             \
    "|| {options;' WITH (';r.reloptions;')'} "

/* Parents of relations: p. */
#define PARENTS                                                                \
    "p AS (SELECT inhrelid, string_agg(inhparent::regclass::text, ', ' "       \
    "ORDER BY inhparent::regclass::text COLLATE \"C\") AS parents "            \
    "FROM pg_inherits WHERE true {few;AND inhrelid = ANY ($4)} GROUP BY "      \
    "inhrelid), "

/* The names of its columns in their order, which their index gives: to sort
 * those of all relations takes longer. */
#define COLUMN_NAMES                                                           \
    "(SELECT string_agg(quote_ident(attname), ', ') FROM "                     \
    "(SELECT attname FROM pg_attribute WHERE attrelid = r.oid "                \
    "AND attnum > 0 AND NOT attisdropped ORDER BY attnum) k)"

/* The options of sequences: q. */
#define SEQUENCES                                                              \
    "q AS "                                                                    \
    "(SELECT seqrelid, "                                                       \
    "format('AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s', "  \
    "format_type(seqtypid, NULL), seqstart, seqincrement, seqmin, seqmax, "    \
    "seqcache) || CASE WHEN seqcycle THEN ' CYCLE' ELSE '' END AS options "    \
    "FROM pg_sequence WHERE true {few;AND seqrelid = ANY ($4)}), "

#define TABLE_WITH "{relations;'r', 'p', 'f'} " PARENTS

/* Which columns they have, and in which order. */
#define TABLE_SELECT                                                           \
    "SELECT CASE r.relkind WHEN 'f' THEN 'foreign table' "                     \
    "ELSE 'table' END AS kind, r.schema, r.relation, r.identity, "             \
    "NULL::text AS root, '(' || coalesce(" COLUMN_NAMES ", '') || ')' "        \
    "|| " RELATION_OPTIONS "|| {options;' TOAST (';t.reloptions;')'} || CASE " \
    "WHEN a.amname <> 'heap' THEN ' USING ' || quote_ident(a.amname) "         \
    "ELSE '' END || CASE r.relkind WHEN 'p' THEN ' PARTITION BY ' "            \
    "|| coalesce(pg_get_partkeydef(r.oid), '') ELSE '' END || CASE "           \
    "WHEN p.parents IS NULL THEN '' WHEN r.relispartition "                    \
    "THEN ' PARTITION OF ' || p.parents || ' ' "                               \
    "|| coalesce(pg_get_expr(r.relpartbound, r.oid), '') "                     \
    "ELSE ' INHERITS (' || p.parents || ')' END || CASE r.reloftype "          \
    "WHEN 0 THEN '' ELSE ' OF ' || format_type(r.reloftype, NULL) END "        \
    "|| CASE WHEN r.relrowsecurity THEN ' ROW LEVEL SECURITY' ELSE '' END "    \
    "|| CASE WHEN r.relforcerowsecurity THEN ' FORCE ROW LEVEL SECURITY' "     \
    "ELSE '' END || CASE WHEN r.relkind = 'f' THEN '' ELSE "                   \
    "CASE r.relreplident WHEN 'n' THEN ' REPLICA IDENTITY NOTHING' "           \
    "WHEN 'f' THEN ' REPLICA IDENTITY FULL' WHEN 'i' "                         \
    "THEN ' REPLICA IDENTITY USING INDEX' ELSE '' END END "                    \
    "|| coalesce(' SERVER ' || quote_ident(s.srvname) "                        \
    "|| {foreign;f.ftoptions} , '') AS definition, r.oid, 0 AS sub, "          \
    "r.relowner AS owner, r.relacl AS acl, 'r'::\"char\" AS acltype, "         \
    "r.reltablespace AS space FROM r "                                         \
    "LEFT JOIN p ON p.inhrelid = r.oid LEFT JOIN pg_am a "                     \
    "ON a.oid = r.relam LEFT JOIN pg_class t ON t.oid = r.reltoastrelid "      \
    "AND t.reloptions IS NOT NULL LEFT JOIN pg_foreign_table f "               \
    "ON f.ftrelid = r.oid LEFT JOIN pg_foreign_server s "                      \
    "ON s.oid = f.ftserver"

#define COLUMN_WITH                                                            \
    "{relations;'r', 'p', 'f', 'v', 'm'} " SEQUENCES "{sequence_owners;'i'} "

#define COLUMN_IDENTITY "r.identity || '.' || quote_ident(a.attname)"

/* How a column differs from others of its type. */
#define COLUMN_STORAGE                                                         \
    "CASE WHEN a.attstorage = t.typstorage THEN '' ELSE CASE a.attstorage "    \
    "WHEN 'p' THEN ' STORAGE PLAIN' WHEN 'e' THEN ' STORAGE EXTERNAL' "        \
    "WHEN 'm' THEN ' STORAGE MAIN' ELSE ' STORAGE EXTENDED' END END "          \
    "|| " COMPAT_SQL_COMPRESSION                                               \
    "|| CASE WHEN a.attstattarget >= 0 THEN ' STATISTICS ' "                   \
    "|| format('%s', a.attstattarget) ELSE '' END || CASE WHEN " HAS_OPTIONS   \
    "THEN ' WITH (' || (SELECT string_agg(v, ', ' "                            \
    "ORDER BY v COLLATE \"C\") FROM unnest(a.attoptions) v "                   \
    "WHERE NOT starts_with(v, '" VERSION_OPTION "')) || ')' ELSE '' END "      \
    "|| {foreign;a.attfdwoptions} "

/* Of a view only those of which its query does not say all. */
#define COLUMN_SELECT                                                          \
    "SELECT 'column' AS kind, r.schema, r.relation, " COLUMN_IDENTITY          \
    " AS identity, r.identity AS root, format_type(a.atttypid, "               \
    "a.atttypmod) || CASE WHEN a.attcollation NOT IN (t.typcollation, 0) "     \
    "THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END "      \
    "|| CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || CASE "          \
    "WHEN d.adbin IS NULL THEN '' ELSE coalesce(CASE a.attgenerated "          \
    "WHEN '' THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) WHEN 's' "    \
    "THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) "        \
    "|| ') STORED' ELSE ' GENERATED ALWAYS AS (' "                             \
    "|| pg_get_expr(d.adbin, d.adrelid) || ') VIRTUAL' END, '') END "          \
    "|| CASE WHEN a.attidentity = '' THEN '' ELSE CASE a.attidentity "         \
    "WHEN 'a' THEN ' GENERATED ALWAYS' ELSE ' GENERATED BY DEFAULT' END "      \
    "|| ' AS IDENTITY' || coalesce(' (SEQUENCE ' "                             \
    "|| o.objid::regclass::text || ' ' || q.options || ')', '') END "          \
    "|| " COLUMN_STORAGE                                                       \
    "|| CASE WHEN a.attislocal AND a.attinhcount > 0 THEN ' LOCAL' "           \
    "ELSE '' END AS definition, r.oid, a.attnum::int AS sub "                  \
    "FROM r JOIN pg_attribute a "                                              \
    "ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped "           \
    "JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d "             \
    "ON d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN o "            \
    "ON o.refobjid = a.attrelid AND o.refobjsubid = a.attnum LEFT JOIN q "     \
    "ON q.seqrelid = o.objid WHERE r.relkind IN ('r', 'p', 'f') "              \
    "OR a.attstorage <> t.typstorage OR a.attstattarget >= 0 OR " HAS_OPTIONS  \
    "OR d.adbin IS NOT NULL OR " COMPAT_SQL_COMPRESSION " <> ''"

/* What is said of columns besides; also of those of views and types. */
#define COLUMN_NOTES                                                           \
    "SELECT 'column' AS kind, r.schema, r.relation, " COLUMN_IDENTITY          \
    " AS identity, r.identity AS root, NULL::text AS definition, r.oid, "      \
    "a.attnum::int AS sub, r.relowner AS owner, a.attacl AS acl, "             \
    "'c'::\"char\" AS acltype FROM r JOIN pg_attribute a "                     \
    "ON a.attrelid = r.oid AND NOT a.attisdropped "                            \
    "WHERE (a.attrelid, a.attnum) IN "                                         \
    "(SELECT attrelid, attnum FROM pg_attribute WHERE attacl IS NOT NULL"      \
    " {few;AND attrelid = ANY ($4)} UNION ALL "                                \
    "SELECT objoid, objsubid FROM pg_description WHERE objsubid <> 0"          \
    " {few;AND objoid = ANY ($4)} "                                            \
    "AND classoid = 'pg_catalog.pg_class'::regclass UNION ALL "                \
    "SELECT objoid, objsubid FROM pg_seclabel WHERE objsubid <> 0"             \
    " {few;AND objoid = ANY ($4)} "                                            \
    "AND classoid = 'pg_catalog.pg_class'::regclass)"

#define VIEW_SELECT                                                            \
    "SELECT CASE r.relkind WHEN 'v' THEN 'view' "                              \
    "ELSE 'materialized view' END AS kind, r.schema, r.relation, "             \
    "r.identity, NULL::text AS root, pg_get_viewdef(r.oid) "                   \
    "|| " RELATION_OPTIONS "|| CASE WHEN a.amname <> 'heap' THEN ' USING ' "   \
    "|| quote_ident(a.amname) ELSE '' END "                                    \
    "|| coalesce(x.extensions, '') AS definition, r.oid, 0 AS sub, "           \
    "r.relowner AS owner, r.relacl AS acl, 'r'::\"char\" AS acltype, "         \
    "r.reltablespace AS space FROM r LEFT JOIN pg_am a ON a.oid = r.relam "    \
    "LEFT JOIN x ON x.objid = r.oid"

/* One that belongs to a column is a part of its table; that of an identity is
 * told with its column. */
#define SEQUENCE_SELECT                                                        \
    "SELECT 'sequence' AS kind, coalesce(t.schema, r.schema) AS schema, "      \
    "coalesce(t.relation, r.relation) AS relation, r.identity, t.identity "    \
    "AS root, CASE WHEN o.deptype = 'i' THEN NULL ELSE q.options "             \
    "|| CASE r.relpersistence WHEN 'u' THEN ' UNLOGGED' ELSE '' END "          \
    "|| coalesce(' OWNED BY ' || t.identity || '.' "                           \
    "|| quote_ident(a.attname), '') END AS definition, r.oid, 0 AS sub, "      \
    "CASE WHEN o.objid IS NULL THEN r.relowner "                               \
    "ELSE 0 END AS owner, r.relacl AS acl, 's'::\"char\" AS acltype "          \
    "FROM r JOIN q ON q.seqrelid = r.oid AND r.relkind = 'S' LEFT JOIN o "     \
    "ON o.objid = r.oid LEFT JOIN r t ON t.oid = o.refobjid "                  \
    "LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid "                     \
    "AND a.attnum = o.refobjsubid"

const PgObjectsQuery pg_objects_relations[] = {
    {"pg_class", "pg_class", TABLE_WITH, TABLE_SELECT,
     PG_NOTE_ALL | PG_NOTE_TABLESPACE, NULL},
    {"pg_class", "pg_class", COLUMN_WITH, COLUMN_SELECT, PG_NOTE_NUMBER, NULL},
    {"pg_class", "pg_class", "{relations;'r', 'p', 'f', 'v', 'm', 'c'} ",
     COLUMN_NOTES, PG_NOTE_COMMENT | PG_NOTE_PRIVILEGES, NULL},
    {"pg_class", "pg_class",
     "{relations;'v', 'm'} "
     "{extensions;pg_class} ",
     VIEW_SELECT, PG_NOTE_ALL | PG_NOTE_TABLESPACE,
     "pg_class WHERE relkind IN ('v', 'm') AND relnamespace NOT IN "
     "(SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' "
     "OR nspname = 'information_schema')"},
    {"pg_class", "pg_class",
     "{relations;'S', 'r', 'p', 'f'} " SEQUENCES "{sequence_owners;'a', 'i'} ",
     SEQUENCE_SELECT, PG_NOTE_ALL, "pg_sequence"},
    {NULL, NULL, NULL, NULL, 0, NULL}};
