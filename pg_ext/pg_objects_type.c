#include "pg_objects.h"

#include "pg_compat_objects.h"

/* The types of a function's arguments: what it is known by. */
#define SIGNATURE                                                              \
    "quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) "          \
    "|| ')'"

/*
 * Behind the name, which is always written with its schema.  The lines of a
 * body end as the file's did.
 */
#define ROUTINE_SELECT                                                         \
    "SELECT CASE p.prokind WHEN 'p' THEN 'procedure' "                         \
    "ELSE 'function' END AS kind, n.schema, NULL::text AS relation, "          \
    "n.prefix || " SIGNATURE " AS identity, NULL::text AS root, "              \
    "replace(substr(rtrim(pg_get_functiondef(p.oid), E'\\n'), "                \
    "length('CREATE OR REPLACE ' || CASE p.prokind WHEN 'p' "                  \
    "THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || quote_ident(n.schema) "         \
    "|| '.' || quote_ident(p.proname)) + 1), E'\\r\\n', E'\\n') "              \
    "|| coalesce(x.extensions, '') AS definition, p.oid, 0 AS sub, "           \
    "p.proowner AS owner, p.proacl AS acl, 'f'::\"char\" AS acltype "          \
    "FROM pg_proc p JOIN n ON n.oid = p.pronamespace LEFT JOIN x "             \
    "ON x.objid = p.oid WHERE p.prokind <> 'a' AND p.oid >= " PG_FIRST_OID     \
    " {few;AND p.oid = ANY ($6)} "                                             \
    "AND {own;p.oid} "

/* The parts of a moving aggregate. */
#define MOVING                                                                 \
    "CASE WHEN a.aggmtransfn::oid = 0 THEN '' "                                \
    "ELSE {clause;MSFUNC;a.aggmtransfn} "                                      \
    "|| {clause;MINVFUNC;a.aggminvtransfn} || ' MSTYPE ' "                     \
    "|| format_type(a.aggmtranstype, NULL) || ' MSSPACE ' "                    \
    "|| format('%s', a.aggmtransspace) || {clause;MFINALFUNC;a.aggmfinalfn} "  \
    "|| CASE "                                                                 \
    "WHEN a.aggmfinalextra THEN ' MFINALFUNC_EXTRA' ELSE '' END "              \
    "|| ' MFINALFUNC_MODIFY ' || a.aggmfinalmodify::text "                     \
    "|| coalesce(' MINITCOND ' || quote_literal(a.aggminitval), '') END "

#define AGGREGATE_SELECT                                                       \
    "{named;aggregate;" SIGNATURE                                              \
    "} '(' || pg_get_function_arguments(p.oid) || ') KIND ' "                  \
    "|| a.aggkind::text || ' PARALLEL ' || p.proparallel::text "               \
    "|| {clause;SFUNC;a.aggtransfn} || ' STYPE ' "                             \
    "|| format_type(a.aggtranstype, NULL) || ' SSPACE ' "                      \
    "|| format('%s', a.aggtransspace) || {clause;FINALFUNC;a.aggfinalfn} || "  \
    "CASE "                                                                    \
    "WHEN a.aggfinalextra THEN ' FINALFUNC_EXTRA' ELSE '' END "                \
    "|| ' FINALFUNC_MODIFY ' || a.aggfinalmodify::text "                       \
    "|| {clause;COMBINEFUNC;a.aggcombinefn} "                                  \
    "|| {clause;SERIALFUNC;a.aggserialfn} "                                    \
    "|| {clause;DESERIALFUNC;a.aggdeserialfn} || coalesce(' INITCOND ' "       \
    "|| quote_literal(a.agginitval), '') || CASE a.aggsortop WHEN 0 "          \
    "THEN '' ELSE ' SORTOP ' || a.aggsortop::regoperator::text END || " MOVING \
    "AS definition, p.oid, 0 AS sub, p.proowner AS owner, p.proacl AS "        \
    "acl, 'f'::\"char\" AS acltype FROM pg_proc p JOIN n "                     \
    "ON n.oid = p.pronamespace JOIN pg_aggregate a ON a.aggfnoid = p.oid "     \
    "WHERE p.oid >= " PG_FIRST_OID " {few;AND p.oid = ANY ($6)} "              \
    "AND {own;p.oid} "

/* The labels of enumerations: e. */
#define LABELS                                                                 \
    "e AS (SELECT enumtypid, string_agg(quote_literal(enumlabel), ', ' "       \
    "ORDER BY enumsortorder) AS labels FROM pg_enum "                          \
    "WHERE true {few;AND enumtypid = ANY ($7)} GROUP BY enumtypid), "

/* The attributes of composite types: k; those are not listed with few. */
#define ATTRIBUTES                                                             \
    "k AS (SELECT a.attrelid, string_agg(quote_ident(a.attname) || ' ' "       \
    "|| format_type(a.atttypid, a.atttypmod) "                                 \
    "|| {collation;a.attcollation;y.typcollation} , ', ' "                     \
    "ORDER BY a.attnum) AS attributes FROM pg_class c JOIN pg_attribute a "    \
    "ON a.attrelid = c.oid JOIN pg_type y ON y.oid = a.atttypid "              \
    "WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped "           \
    "{few;AND false} "                                                         \
    "GROUP BY a.attrelid), "

#define BASE_TYPE                                                              \
    "CASE WHEN NOT t.typisdefined THEN 'SHELL' ELSE 'INTERNALLENGTH ' "        \
    "|| format('%s', t.typlen) || {clause;INPUT;t.typinput} "                  \
    "|| {clause;OUTPUT;t.typoutput} || {clause;RECEIVE;t.typreceive} "         \
    "|| {clause;SEND;t.typsend} || {clause;TYPMOD_IN;t.typmodin} "             \
    "|| {clause;TYPMOD_OUT;t.typmodout} || {clause;ANALYZE;t.typanalyze} "     \
    "|| " COMPAT_SQL_SUBSCRIPT                                                 \
    "|| CASE WHEN t.typbyval THEN ' PASSEDBYVALUE' ELSE '' END "               \
    "|| ' ALIGNMENT ' || t.typalign::text || ' STORAGE ' "                     \
    "|| t.typstorage::text || ' CATEGORY ' "                                   \
    "|| quote_literal(t.typcategory::text) || CASE WHEN t.typispreferred "     \
    "THEN ' PREFERRED' ELSE '' END || coalesce(' DEFAULT ' "                   \
    "|| quote_literal(t.typdefault), '') || CASE t.typelem WHEN 0 THEN '' "    \
    "ELSE ' ELEMENT ' || format_type(t.typelem, NULL) END "                    \
    "|| ' DELIMITER ' || quote_literal(t.typdelim::text) "                     \
    "|| CASE t.typcollation WHEN 0 THEN '' ELSE ' COLLATABLE' END END "

#define DOMAIN                                                                 \
    "format_type(t.typbasetype, t.typtypmod) "                                 \
    "|| {collation;t.typcollation;b.typcollation} || coalesce(' DEFAULT ' "    \
    "|| coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault), '') "         \
    "|| CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END "

/* The operator class is told where it is not the type's default one. */
#define RANGE                                                                  \
    "'SUBTYPE ' || format_type(g.rngsubtype, NULL) || CASE "                   \
    "WHEN o.opcdefault THEN '' ELSE ' SUBTYPE_OPCLASS ' || CASE "              \
    "WHEN pg_opclass_is_visible(o.oid) THEN '' "                               \
    "ELSE quote_ident(on_schema.nspname) || '.' END "                          \
    "|| quote_ident(o.opcname) END "                                           \
    "|| {collation;g.rngcollation;b.typcollation} "                            \
    "|| {clause;CANONICAL;g.rngcanonical} "                                    \
    "|| {clause;SUBTYPE_DIFF;g.rngsubdiff} || " COMPAT_SQL_MULTIRANGE

/* Row types and arrays come with what they are of. */
#define TYPE_SELECT                                                            \
    "SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' "       \
    "WHEN 'r' THEN 'range' "                                                   \
    "ELSE 'type' END AS kind, n.schema, NULL::text AS relation, n.prefix "     \
    "|| quote_ident(t.typname) AS identity, NULL::text AS root, "              \
    "CASE t.typtype WHEN 'e' THEN '(' || coalesce(e.labels, '') || ')' "       \
    "WHEN 'c' THEN '(' || coalesce(k.attributes, '') || ')' WHEN 'd' "         \
    "THEN " DOMAIN "WHEN 'r' THEN " RANGE "ELSE " BASE_TYPE                    \
    "END AS definition, t.oid, 0 AS sub, t.typowner AS owner, t.typacl AS "    \
    "acl, 'T'::\"char\" AS acltype FROM pg_type t JOIN n "                     \
    "ON n.oid = t.typnamespace LEFT JOIN e ON e.enumtypid = t.oid "            \
    "LEFT JOIN k ON k.attrelid = t.typrelid LEFT JOIN pg_class c "             \
    "ON c.oid = t.typrelid LEFT JOIN pg_range g ON g.rngtypid = t.oid "        \
    "LEFT JOIN pg_opclass o ON o.oid = g.rngsubopc "                           \
    "LEFT JOIN pg_namespace on_schema ON on_schema.oid = o.opcnamespace "      \
    "LEFT JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' "                  \
    "THEN t.typbasetype WHEN 'r' THEN g.rngsubtype END "                       \
    "LEFT JOIN pg_type i ON i.typarray = t.oid AND i.oid = t.typelem "         \
    "WHERE t.oid >= " PG_FIRST_OID " {few;AND t.oid = ANY ($7)} "              \
    "AND i.oid IS NULL "                                                       \
    "AND (t.typtype IN ('e', 'd', 'r', 'b', 'p') OR (t.typtype = 'c' "         \
    "AND c.relkind = 'c')) AND {own;t.oid} "

#define DOMAIN_CONSTRAINT_SELECT                                               \
    "SELECT 'constraint' AS kind, n.schema, NULL::text AS relation, "          \
    "n.prefix || quote_ident(t.typname) || '.' "                               \
    "|| quote_ident(k.conname) AS identity, n.prefix "                         \
    "|| quote_ident(t.typname) AS root, pg_get_constraintdef(k.oid) AS "       \
    "definition, k.oid, 0 AS sub FROM pg_constraint k JOIN pg_type t "         \
    "ON t.oid = k.contypid JOIN n ON n.oid = t.typnamespace "                  \
    "WHERE {own;t.oid} {few;AND t.oid = ANY ($7)} "

/* A shell, which another operator names before it is there, is told by that
 * one: pg_dump knows no other either. */
#define OPERATOR_SELECT                                                        \
    "{named;operator;o.oprname::text || '(' || CASE o.oprleft WHEN 0 "         \
    "THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', ' "               \
    "|| CASE o.oprright WHEN 0 THEN 'NONE' "                                   \
    "ELSE format_type(o.oprright, NULL) END || ')'} 'FUNCTION ' "              \
    "|| {function;o.oprcode} || CASE o.oprcom WHEN 0 THEN '' "                 \
    "ELSE ' COMMUTATOR ' || o.oprcom::regoperator::text END "                  \
    "|| CASE o.oprnegate WHEN 0 THEN '' ELSE ' NEGATOR ' "                     \
    "|| o.oprnegate::regoperator::text END || {clause;RESTRICT;o.oprrest} "    \
    "|| {clause;JOIN;o.oprjoin} || CASE WHEN o.oprcanhash THEN ' HASHES' "     \
    "ELSE '' END || CASE WHEN o.oprcanmerge THEN ' MERGES' "                   \
    "ELSE '' END AS definition, o.oid, 0 AS sub, o.oprowner AS owner "         \
    "FROM pg_operator o JOIN n ON n.oid = o.oprnamespace "                     \
    "WHERE o.oid >= " PG_FIRST_OID " AND o.oprcode::oid <> 0 AND {own;o.oid} "

#define CLASS_SELECT                                                           \
    "{named;operator class;quote_ident(o.opcname) || ' USING ' "               \
    "|| quote_ident(a.amname)} 'FOR TYPE ' "                                   \
    "|| format_type(o.opcintype, NULL) || CASE WHEN o.opcdefault "             \
    "THEN ' DEFAULT' ELSE '' END || ' FAMILY ' || CASE "                       \
    "WHEN pg_opfamily_is_visible(f.oid) THEN '' "                              \
    "ELSE quote_ident(s.nspname) || '.' END || quote_ident(f.opfname) "        \
    "|| CASE o.opckeytype WHEN 0 THEN '' ELSE ' STORAGE ' "                    \
    "|| format_type(o.opckeytype, NULL) END AS definition, o.oid, 0 AS "       \
    "sub, o.opcowner AS owner FROM pg_opclass o JOIN n "                       \
    "ON n.oid = o.opcnamespace JOIN pg_am a ON a.oid = o.opcmethod "           \
    "JOIN pg_opfamily f ON f.oid = o.opcfamily JOIN pg_namespace s "           \
    "ON s.oid = f.opfnamespace WHERE o.oid >= " PG_FIRST_OID                   \
    " AND {own;o.oid} "

/* The operators and functions of families, also those of their classes. */
#define FAMILY_MEMBERS                                                         \
    "h AS (SELECT family, string_agg(member, ', ' "                            \
    "ORDER BY member COLLATE \"C\") AS members FROM "                          \
    "(SELECT amopfamily AS family, format('OPERATOR %s ', amopstrategy) "      \
    "|| amopopr::regoperator::text || CASE amopsortfamily WHEN 0 THEN '' "     \
    "ELSE ' FOR ORDER BY ' || (SELECT CASE "                                   \
    "WHEN pg_opfamily_is_visible(f.oid) THEN '' "                              \
    "ELSE quote_ident(s.nspname) || '.' END || quote_ident(f.opfname) "        \
    "FROM pg_opfamily f JOIN pg_namespace s ON s.oid = f.opfnamespace "        \
    "WHERE f.oid = amopsortfamily) END AS member FROM pg_amop "                \
    "WHERE amopfamily >= " PG_FIRST_OID " UNION ALL SELECT amprocfamily, "     \
    "format('FUNCTION %s (', amprocnum) || format_type(amproclefttype, NULL) " \
    "|| ', ' "                                                                 \
    "|| format_type(amprocrighttype, NULL) || ') ' || {function;amproc} "      \
    "FROM pg_amproc WHERE amprocfamily >= 16384) i GROUP BY family), "

#define FAMILY_SELECT                                                          \
    "{named;operator family;quote_ident(f.opfname) || ' USING ' "              \
    "|| quote_ident(a.amname)} coalesce(h.members, '') AS definition, "        \
    "f.oid, 0 AS sub, f.opfowner AS owner FROM pg_opfamily f JOIN n "          \
    "ON n.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod "           \
    "LEFT JOIN h ON h.family = f.oid WHERE f.oid >= " PG_FIRST_OID             \
    " AND {own;f.oid} "

const PgObjectsQuery pg_objects_types[] = {
    {"pg_proc", "pg_proc", "{extensions;pg_proc} ", ROUTINE_SELECT, PG_NOTE_ALL,
     "pg_proc WHERE prokind <> 'a' AND oid >= " PG_FIRST_OID
     " AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype IN "
     "('e', 'i') AND classid = 'pg_catalog.pg_proc'::regclass)"},
    {"pg_proc", "pg_proc", "", AGGREGATE_SELECT, PG_NOTE_ALL,
     "pg_proc WHERE prokind = 'a' AND oid >= " PG_FIRST_OID},
    {"pg_type", "pg_type", LABELS ATTRIBUTES, TYPE_SELECT, PG_NOTE_ALL,
     "pg_type WHERE oid >= " PG_FIRST_OID " AND (typtype IN ('e', 'd', 'r', "
     "'p') OR (typtype = 'b' AND oid NOT IN (SELECT typarray FROM pg_type)) "
     "OR (typtype = 'c' AND typrelid IN (SELECT oid FROM pg_class WHERE "
     "relkind = 'c')))"},
    {"pg_type", "pg_constraint", "", DOMAIN_CONSTRAINT_SELECT, PG_NOTE_COMMENT,
     "pg_constraint WHERE contypid >= " PG_FIRST_OID},
    {"pg_operator", "pg_operator", "", OPERATOR_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_opclass", "pg_opclass", "", CLASS_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_opfamily", "pg_opfamily", FAMILY_MEMBERS, FAMILY_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {NULL, NULL, NULL, NULL, 0, NULL}};
