#include "pg_objects.h"

#include "pg_compat_objects.h"

/* Versions of collations, which the operating system gives, are left out. */
#define COLLATION_SELECT                                                       \
    "{named;collation;quote_ident(o.collname)} 'PROVIDER ' "                   \
    "|| o.collprovider::text || coalesce(' LC_COLLATE ' "                      \
    "|| quote_literal(o.collcollate), '') || coalesce(' LC_CTYPE ' "           \
    "|| quote_literal(o.collctype), '') || " COMPAT_SQL_LOCALE                 \
    "|| CASE WHEN o.collisdeterministic THEN '' "                              \
    "ELSE ' NOT DETERMINISTIC' END AS definition, o.oid, 0 AS sub, "           \
    "o.collowner AS owner FROM pg_collation o JOIN n "                         \
    "ON n.oid = o.collnamespace WHERE o.oid >= " PG_FIRST_OID                  \
    " AND {own;o.oid} "

#define CONVERSION_SELECT                                                      \
    "{named;conversion;quote_ident(o.conname)} CASE WHEN o.condefault "        \
    "THEN 'DEFAULT ' ELSE '' END || 'FOR ' "                                   \
    "|| pg_encoding_to_char(o.conforencoding) || ' TO ' "                      \
    "|| pg_encoding_to_char(o.contoencoding) || ' FROM ' "                     \
    "|| {function;o.conproc} AS definition, o.oid, 0 AS sub, o.conowner "      \
    "AS owner FROM pg_conversion o JOIN n ON n.oid = o.connamespace "          \
    "WHERE o.oid >= " PG_FIRST_OID " AND {own;o.oid} "

/* Behind the name, which is always written with its schema. */
#define STATISTICS_SELECT                                                      \
    "{named;statistics;quote_ident(o.stxname)} "                               \
    "substr(pg_get_statisticsobjdef(o.oid), length('CREATE STATISTICS ' "      \
    "|| quote_ident(n.schema) || '.' || quote_ident(o.stxname)) + 2) "         \
    "|| CASE WHEN o.stxstattarget >= 0 THEN ' STATISTICS ' "                   \
    "|| format('%s', o.stxstattarget) "                                        \
    "ELSE '' END AS definition, o.oid, 0 AS sub, o.stxowner AS owner "         \
    "FROM pg_statistic_ext o JOIN n ON n.oid = o.stxnamespace "                \
    "WHERE {own;o.oid} "

#define PARSER_SELECT                                                          \
    "{named;text search parser;quote_ident(o.prsname)} 'START ' "              \
    "|| {function;o.prsstart} || {clause;GETTOKEN;o.prstoken} "                \
    "|| {clause;END;o.prsend} || {clause;LEXTYPES;o.prslextype} "              \
    "|| {clause;HEADLINE;o.prsheadline} AS definition, o.oid, 0 AS sub "       \
    "FROM pg_ts_parser o JOIN n ON n.oid = o.prsnamespace "                    \
    "WHERE o.oid >= " PG_FIRST_OID " AND {own;o.oid} "

#define TEMPLATE_SELECT                                                        \
    "{named;text search template;quote_ident(o.tmplname)} 'LEXIZE ' "          \
    "|| {function;o.tmpllexize} "                                              \
    "|| {clause;INIT;o.tmplinit} AS definition, o.oid, 0 AS sub "              \
    "FROM pg_ts_template o JOIN n ON n.oid = o.tmplnamespace "                 \
    "WHERE o.oid >= " PG_FIRST_OID " AND {own;o.oid} "

/* The server keeps options as text, in which it puts quotes around names when
 * quote_all_identifiers is on (serialize_deflist() of tsearchcmds.c). */
#define DICTIONARY_OPTIONS                                                     \
    "regexp_replace(o.dictinitoption, "                                        \
    "'(^|, )\"([a-z_][a-z0-9_]*)\" = ', '\\1\\2 = ', 'g')"

#define DICTIONARY_SELECT                                                      \
    "{named;text search dictionary;quote_ident(o.dictname)} 'TEMPLATE ' "      \
    "|| {prefix;pg_ts_template_is_visible(t.oid);s.nspname} "                  \
    "|| quote_ident(t.tmplname) || coalesce(' (' || " DICTIONARY_OPTIONS       \
    " || ')', '') AS definition, o.oid, 0 AS sub, o.dictowner AS owner "       \
    "FROM pg_ts_dict o JOIN n ON n.oid = o.dictnamespace "                     \
    "JOIN pg_ts_template t ON t.oid = o.dicttemplate JOIN pg_namespace s "     \
    "ON s.oid = t.tmplnamespace WHERE o.oid >= " PG_FIRST_OID                  \
    " AND {own;o.oid} "

/* The dictionaries for each kind of token, in the order in which they are
 * asked: d, and all of a configuration: k.  Only the parser itself could tell
 * what its tokens are called. */
#define MAPPINGS                                                               \
    "d AS "                                                                    \
    "(SELECT mapcfg, maptokentype, "                                           \
    "string_agg(mapdict::regdictionary::text, ', ' "                           \
    "ORDER BY mapseqno) AS names FROM pg_ts_config_map "                       \
    "WHERE mapcfg >= " PG_FIRST_OID " GROUP BY mapcfg, maptokentype), k AS "   \
    "(SELECT mapcfg, string_agg(format('%s: ', maptokentype) || names, '; ' "  \
    "ORDER BY maptokentype) AS mappings FROM d GROUP BY mapcfg), "

#define CONFIGURATION_SELECT                                                   \
    "{named;text search configuration;quote_ident(o.cfgname)} 'PARSER ' "      \
    "|| {prefix;pg_ts_parser_is_visible(p.oid);s.nspname} "                    \
    "|| quote_ident(p.prsname) || coalesce(' MAPPING (' || k.mappings "        \
    "|| ')', '') AS definition, o.oid, 0 AS sub, o.cfgowner AS owner "         \
    "FROM pg_ts_config o JOIN n ON n.oid = o.cfgnamespace "                    \
    "JOIN pg_ts_parser p ON p.oid = o.cfgparser JOIN pg_namespace s "          \
    "ON s.oid = p.prsnamespace LEFT JOIN k ON k.mapcfg = o.oid "               \
    "WHERE o.oid >= " PG_FIRST_OID " AND {own;o.oid} "

/* They are in no schema; those of a wanted schema's types are of it, too. */
#define CAST_SELECT                                                            \
    "SELECT 'cast' AS kind, NULL::text AS schema, NULL::text AS relation, "    \
    "'(' || format_type(o.castsource, NULL) || ' AS ' "                        \
    "|| format_type(o.casttarget, NULL) "                                      \
    "|| ')' AS identity, NULL::text AS root, CASE o.castmethod WHEN 'b' "      \
    "THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT' "                      \
    "ELSE 'WITH FUNCTION ' || {function;o.castfunc} END "                      \
    "|| CASE o.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' "           \
    "THEN ' AS IMPLICIT' ELSE '' END AS definition, o.oid, 0 AS sub "          \
    "FROM pg_cast o WHERE o.oid >= " PG_FIRST_OID                              \
    " AND ($1 = '' OR EXISTS (SELECT "                                         \
    "FROM pg_type t JOIN n ON n.oid = t.typnamespace "                         \
    "WHERE t.oid IN (o.castsource, o.casttarget))) AND {own;o.oid} "

#define TRANSFORM_SELECT                                                       \
    "SELECT 'transform' AS kind, NULL::text AS schema, NULL::text AS "         \
    "relation, 'FOR ' || format_type(o.trftype, NULL) || ' LANGUAGE ' "        \
    "|| quote_ident(l.lanname) AS identity, NULL::text AS root, "              \
    "substr({clause;FROM SQL WITH;o.trffromsql} "                              \
    "|| {clause;TO SQL WITH;o.trftosql} , 2) AS definition, o.oid, 0 AS "      \
    "sub FROM pg_transform o JOIN pg_language l ON l.oid = o.trflang "         \
    "WHERE ($1 = '' OR EXISTS (SELECT FROM pg_type t JOIN n "                  \
    "ON n.oid = t.typnamespace WHERE t.oid = o.trftype)) AND {own;o.oid} "

const PgObjectsQuery pg_objects_others[] = {
    {"pg_collation", "pg_collation", "", COLLATION_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_conversion", "pg_conversion", "", CONVERSION_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_statistic_ext", "pg_statistic_ext", "", STATISTICS_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_ts_parser", "pg_ts_parser", "", PARSER_SELECT, PG_NOTE_COMMENT, NULL},
    {"pg_ts_template", "pg_ts_template", "", TEMPLATE_SELECT, PG_NOTE_COMMENT,
     NULL},
    {"pg_ts_dict", "pg_ts_dict", "", DICTIONARY_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_ts_config", "pg_ts_config", MAPPINGS, CONFIGURATION_SELECT,
     PG_NOTE_COMMENT | PG_NOTE_OWNER, NULL},
    {"pg_cast", "pg_cast", "", CAST_SELECT, PG_NOTE_COMMENT, NULL},
    {"pg_transform", "pg_transform", "", TRANSFORM_SELECT, PG_NOTE_COMMENT,
     NULL},
    {NULL, NULL, NULL, NULL, 0, NULL}};
