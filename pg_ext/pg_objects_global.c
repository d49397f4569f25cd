#include "pg_objects.h"

#include "pg_compat_objects.h"

/*
 * A schema that is the only one wanted is not told itself.  That of the
 * extension is the extension's, unless others use it, too.
 */
#define SCHEMA_SELECT                                                          \
    "SELECT 'schema' AS kind, n.schema, NULL::text AS relation, CASE $1 "      \
    "WHEN '' THEN quote_ident(n.schema) "                                      \
    "ELSE '' END AS identity, NULL::text AS root, CASE $1 WHEN '' "            \
    "THEN '' END AS definition, s.oid, 0 AS sub, s.nspowner AS owner, "        \
    "s.nspacl AS acl, 'n'::\"char\" AS acltype FROM pg_namespace s JOIN n "    \
    "ON n.oid = s.oid WHERE (n.schema <> $2 OR n.schema = 'public') "          \
    "AND {own;s.oid} "

#define EXTENSION_SELECT                                                       \
    "{global;extension;o.extname} 'SCHEMA ' "                                  \
    "|| quote_ident(s.nspname) AS definition, o.oid, 0 AS sub, o.extowner "    \
    "AS owner FROM pg_extension o JOIN pg_namespace s "                        \
    "ON s.oid = o.extnamespace WHERE $1 = '' AND o.oid <> $3"

#define VERSION_SELECT                                                         \
    "SELECT 'extension version' AS kind, NULL::text AS schema, NULL::text "    \
    "AS relation, 'extension ' "                                               \
    "|| quote_ident(extname) AS identity, quote_ident(extname) AS root, "      \
    "extversion AS definition FROM pg_extension WHERE $1 = '' "                \
    "AND oid <> $3"

#define LANGUAGE_SELECT                                                        \
    "{global;language;o.lanname} CASE WHEN o.lanpltrusted THEN 'TRUSTED' "     \
    "ELSE 'UNTRUSTED' END || {clause;HANDLER;o.lanplcallfoid} "                \
    "|| {clause;INLINE;o.laninline} "                                          \
    "|| {clause;VALIDATOR;o.lanvalidator} AS definition, o.oid, 0 AS sub, "    \
    "o.lanowner AS owner, o.lanacl AS acl, 'l'::\"char\" AS acltype "          \
    "FROM pg_language o {where_global;o.oid} "

#define METHOD_SELECT                                                          \
    "{global;access method;o.amname} 'TYPE ' || CASE o.amtype WHEN 'i' "       \
    "THEN 'INDEX' ELSE 'TABLE' END "                                           \
    "|| {clause;HANDLER;o.amhandler} AS definition, o.oid, 0 AS sub "          \
    "FROM pg_am o {where_global;o.oid} "

/* Those that call what belongs to this extension are its own. */
#define EVENT_TRIGGER_SELECT                                                   \
    "{global;event trigger;o.evtname} 'ON ' || o.evtevent::text "              \
    "|| coalesce(' WHEN TAG IN (' "                                            \
    "|| (SELECT string_agg(quote_literal(v), ', ' "                            \
    "ORDER BY v COLLATE \"C\") FROM unnest(o.evttags) v) || ')', '') "         \
    "|| {clause;EXECUTE FUNCTION;o.evtfoid} "                                  \
    "|| {enabled;o.evtenabled} AS definition, o.oid, 0 AS sub, o.evtowner "    \
    "AS owner FROM pg_event_trigger o {where_global;o.oid} AND NOT EXISTS "    \
    "(SELECT FROM pg_depend d "                                                \
    "WHERE d.classid = 'pg_catalog.pg_proc'::regclass "                        \
    "AND d.objid = o.evtfoid AND d.deptype = 'e' "                             \
    "AND d.refclassid = 'pg_catalog.pg_extension'::regclass "                  \
    "AND d.refobjid = $3)"

#define WRAPPER_SELECT                                                         \
    "{global;foreign-data wrapper;o.fdwname} "                                 \
    "substr({clause;HANDLER;o.fdwhandler} "                                    \
    "|| {clause;VALIDATOR;o.fdwvalidator} "                                    \
    "|| {foreign;o.fdwoptions} , 2) AS definition, o.oid, 0 AS sub, "          \
    "o.fdwowner AS owner, o.fdwacl AS acl, 'F'::\"char\" AS acltype "          \
    "FROM pg_foreign_data_wrapper o {where_global;o.oid} "

#define SERVER_SELECT                                                          \
    "{global;server;o.srvname} 'FOREIGN DATA WRAPPER ' "                       \
    "|| quote_ident(w.fdwname) || coalesce(' TYPE ' "                          \
    "|| quote_literal(o.srvtype), '') || coalesce(' VERSION ' "                \
    "|| quote_literal(o.srvversion), '') "                                     \
    "|| {foreign;o.srvoptions} AS definition, o.oid, 0 AS sub, o.srvowner "    \
    "AS owner, o.srvacl AS acl, 'S'::\"char\" AS acltype "                     \
    "FROM pg_foreign_server o JOIN pg_foreign_data_wrapper w "                 \
    "ON w.oid = o.srvfdw {where_global;o.oid} "

#define PUBLICATION_SELECT                                                     \
    "{global;publication;o.pubname} CASE WHEN o.puballtables "                 \
    "THEN 'FOR ALL TABLES ' ELSE '' END || 'PUBLISH' || CASE "                 \
    "WHEN o.pubinsert THEN ' INSERT' ELSE '' END || CASE WHEN o.pubupdate "    \
    "THEN ' UPDATE' ELSE '' END || CASE WHEN o.pubdelete THEN ' DELETE' "      \
    "ELSE '' END || CASE WHEN o.pubtruncate THEN ' TRUNCATE' ELSE '' END "     \
    "|| CASE WHEN o.pubviaroot THEN ' VIA PARTITION ROOT' ELSE '' END "        \
    "|| " COMPAT_SQL_PUBLICATION                                               \
    "AS definition, o.oid, 0 AS sub, o.pubowner AS owner "                     \
    "FROM pg_publication o {where_global;o.oid} "

#define PUBLISHED_TABLE_SELECT                                                 \
    "SELECT 'publication table' AS kind, NULL::text AS schema, NULL::text "    \
    "AS relation, quote_ident(p.pubname) || ': ' "                             \
    "|| o.prrelid::regclass::text AS identity, quote_ident(p.pubname) AS "     \
    "root, " COMPAT_SQL_PUBLISHED                                              \
    "AS definition, o.oid, 0 AS sub FROM pg_publication_rel o JOIN "           \
    "pg_publication p "                                                        \
    "ON p.oid = o.prpubid WHERE $1 = ''"

#define DEFAULT_PRIVILEGES_SELECT                                              \
    "SELECT 'default privileges' AS kind, n.schema, NULL::text AS "            \
    "relation, 'FOR ROLE ' || o.defaclrole::regrole::text || CASE "            \
    "WHEN n.schema IS NULL OR $1 <> '' THEN '' ELSE ' IN SCHEMA ' "            \
    "|| quote_ident(n.schema) END || ' ON ' || CASE o.defaclobjtype "          \
    "WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' "               \
    "THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' "          \
    "ELSE 'LARGE OBJECTS' END AS identity, NULL::text AS root, "               \
    "nullif({privileges;o.defaclacl;o.defaclrole} , CASE "                     \
    "WHEN n.schema IS NULL "                                                   \
    "THEN {privileges;acldefault(CASE o.defaclobjtype WHEN 'S' THEN 's' "      \
    "ELSE o.defaclobjtype END, o.defaclrole);o.defaclrole} "                   \
    "ELSE '' END) AS definition, o.oid, 0 AS sub "                             \
    "FROM pg_default_acl o LEFT JOIN n "                                       \
    "ON n.oid = o.defaclnamespace WHERE n.oid IS NOT NULL "                    \
    "OR (o.defaclnamespace = 0 AND $1 = '')"

const PgObjectsQuery pg_objects_globals[] = {
    {"pg_namespace", "pg_namespace", "", SCHEMA_SELECT, PG_NOTE_ALL, NULL},
    {"pg_extension", "pg_extension", "", EXTENSION_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_extension", "pg_extension", "", VERSION_SELECT, 0, NULL},
    {"pg_language", "pg_language", "", LANGUAGE_SELECT, PG_NOTE_ALL, NULL},
    {"pg_am", "pg_am", "", METHOD_SELECT, PG_NOTE_COMMENT, NULL},
    {"pg_event_trigger", "pg_event_trigger", "", EVENT_TRIGGER_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_foreign_data_wrapper", "pg_foreign_data_wrapper", "", WRAPPER_SELECT,
     PG_NOTE_ALL, NULL},
    {"pg_foreign_server", "pg_foreign_server", "", SERVER_SELECT, PG_NOTE_ALL,
     NULL},
    {"pg_publication", "pg_publication", "", PUBLICATION_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_publication", "pg_publication_rel", "", PUBLISHED_TABLE_SELECT,
     PG_NOTE_NUMBER, NULL},
    COMPAT_SQL_PUBLISHED_SCHEMAS{"pg_default_acl", "pg_default_acl", "",
                                 DEFAULT_PRIVILEGES_SELECT, PG_NOTE_NUMBER,
                                 NULL},
    {NULL, NULL, NULL, NULL, 0, NULL}};
