#include "pg_objects.h"

#include "pg_compat_objects.h"

#define TABLES "{relations;'r', 'p', 'f', 'v', 'm'} "

/* What is said of an index besides its definition. */
#define INDEX_STATE                                                            \
    "CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END || CASE "              \
    "WHEN x.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END || CASE "      \
    "WHEN x.indisclustered THEN ' CLUSTER' ELSE '' END "

/* Constraints whose triggers do not all do their work: c. */
#define CONSTRAINT_TRIGGERS                                                    \
    "c AS (SELECT tgconstraint FROM pg_trigger WHERE tgenabled <> 'O' "        \
    "AND tgisinternal AND tgconstraint <> 0 {few;AND tgconstraint IN (SELECT " \
    "oid FROM pg_constraint WHERE conrelid = ANY ($4))} "                      \
    "GROUP BY tgconstraint), "

/*
 * What a table has only from its parents is told with those.  The names of the
 * foreign keys that the server makes for partitions depend on the order in
 * which these came, and whether an inherited CHECK is known to hold depends on
 * whether it was there before the child.  Constraint triggers are triggers.
 */
#define INDEX_OPTIONS "{options;' WITH (';i.reloptions;')'} "
#define CONSTRAINT_SELECT                                                      \
    "{part;constraint;k.conname} pg_get_constraintdef(k.oid) || CASE "         \
    "WHEN k.conislocal AND k.coninhcount > 0 THEN ' LOCAL' ELSE '' END "       \
    "|| CASE WHEN c.tgconstraint IS NULL THEN '' "                             \
    "ELSE ' TRIGGERS DISABLED' END || CASE WHEN x.indexrelid IS NULL "         \
    "THEN '' ELSE " INDEX_STATE "|| " INDEX_OPTIONS                            \
    "|| coalesce(' PARTITION OF ' "                                            \
    "|| h.inhparent::regclass::text, '') END AS definition, k.oid, 0 AS "      \
    "sub FROM r JOIN pg_constraint k ON k.conrelid = r.oid LEFT JOIN c "       \
    "ON c.tgconstraint = k.oid LEFT JOIN pg_index x "                          \
    "ON x.indexrelid = CASE WHEN k.contype IN ('p', 'u', 'x') "                \
    "THEN k.conindid END "                                                     \
    "LEFT JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_inherits h "    \
    "ON h.inhrelid = x.indexrelid WHERE CASE WHEN k.contype = 't' "            \
    "THEN false WHEN k.contype = 'f' THEN k.conparentid = 0 "                  \
    "WHEN k.contype IN ('c', 'n') THEN k.conislocal ELSE true END"

/* Statistics targets of an index's columns, and whether one has options: s.
 * Nearly none has, but columns of tables can have options that are not told:
 * to look at those of all relations takes longer. */
#define INDEX_COLUMNS                                                          \
    "LATERAL (SELECT string_agg(format('%s %s', attnum, attstattarget), "      \
    "', ' ORDER BY attnum) FILTER (WHERE attstattarget >= 0) AS targets, "     \
    "bool_or(attoptions IS NOT NULL) AS options FROM pg_attribute "            \
    "WHERE attrelid = i.oid AND attnum > 0 AND (attstattarget >= 0 "           \
    "OR attoptions IS NOT NULL)) s ON true "

/*
 * The columns of the indexes that are nothing but some columns in the usual
 * order: y.  For each index the server's function reads all default operator
 * classes and the whole table, which takes longer than all else; of these
 * indexes it writes the columns' names alone (get_opclass_name() in
 * utils/adt/ruleutils.c, GetDefaultOpClass() in commands/indexcmds.c): the
 * class is the default one of the type itself, which is no domain, or the one
 * of text that is taken for varchar as long as there are but the server's own
 * classes (type 25, 1043, method 403: btree).
 */
#define DEFAULT_CLASS                                                          \
    "((k.class, a.atttypid) IN (SELECT o.oid, o.opcintype FROM pg_opclass o "  \
    "JOIN pg_type t ON t.oid = o.opcintype "                                   \
    "WHERE o.opcdefault AND t.typtype <> 'd') "                                \
    "OR (a.atttypid = 1043 AND k.class IN (SELECT oid FROM pg_opclass "        \
    "WHERE opcdefault AND opcintype = 25 AND opcmethod = 403) "                \
    "AND NOT EXISTS (SELECT FROM pg_opclass WHERE oid >= " PG_FIRST_OID        \
    " AND opcdefault AND opcmethod = 403)))"

#define INDEX_PLAIN                                                            \
    "y AS (SELECT u.indexrelid, string_agg(u.name, ', ') AS names FROM "       \
    "(SELECT k.indexrelid, k.indnatts, quote_ident(a.attname) AS name, "       \
    "k.class_collation IN (0, a.attcollation) AND " DEFAULT_CLASS              \
    " AS plain FROM "                                                          \
    "(SELECT indexrelid, indrelid, indnatts, "                                 \
    "generate_series(1, indnatts) AS position, "                               \
    "unnest(indkey::int2[]) AS key, unnest(indclass::oid[]) AS class, "        \
    "unnest(indcollation::oid[]) AS class_collation FROM pg_index "            \
    "WHERE indrelid >= " PG_FIRST_OID " {few;AND indrelid = ANY ($4)} "        \
    "AND NOT indisprimary AND indexprs IS NULL AND indpred IS NULL AND "       \
    "indnatts = indnkeyatts "                                                  \
    "AND " COMPAT_SQL_NULLS_DISTINCT "AND 0 = ALL (indoption::int2[])) k "     \
    "JOIN pg_attribute a ON a.attrelid = k.indrelid AND a.attnum = k.key "     \
    "ORDER BY k.indexrelid, k.position) u GROUP BY u.indexrelid "              \
    "HAVING bool_and(u.plain) AND count(*) = min(u.indnatts)), "

/* The same text as the server's, which qualifies the table's name where it is
 * hidden. */
#define INDEX_DEFINITION                                                       \
    "CASE WHEN y.names IS NULL OR s.options OR i.reloptions IS NOT NULL "      \
    "OR i.relkind <> 'i' THEN pg_get_indexdef(i.oid, 0, true) ELSE 'CREATE ' " \
    "|| CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' "       \
    "|| quote_ident(i.relname) || ' ON ' || CASE $1 WHEN '' THEN r.identity "  \
    "ELSE r.oid::regclass::text END || ' USING ' || quote_ident(am.amname) "   \
    "|| ' (' || y.names || ')' END "

/* That of a constraint is told with it. */
#define INDEX_SELECT                                                           \
    "SELECT 'index' AS kind, r.schema, r.relation, n.prefix "                  \
    "|| quote_ident(i.relname) AS identity, r.identity AS root, CASE "         \
    "WHEN i.oid NOT IN (SELECT conindid FROM pg_constraint "                   \
    "WHERE contype IN ('p', 'u', 'x') {few;AND conrelid = ANY ($4)}) "         \
    "THEN " INDEX_DEFINITION                                                   \
    "|| coalesce(' PARTITION OF ' || h.inhparent::regclass::text, '') "        \
    "|| " INDEX_STATE "|| coalesce(' STATISTICS (' || s.targets || ')', '') "  \
    "|| coalesce(e.extensions, '') END AS definition, i.oid, 0 AS sub, "       \
    "i.reltablespace AS space FROM r JOIN pg_index x "                         \
    "ON x.indrelid = r.oid JOIN pg_class i ON i.oid = x.indexrelid JOIN n "    \
    "ON n.oid = i.relnamespace JOIN pg_am am ON am.oid = i.relam "             \
    "LEFT JOIN pg_inherits h ON h.inhrelid = i.oid "                           \
    "LEFT JOIN " INDEX_COLUMNS "LEFT JOIN y ON y.indexrelid = i.oid "          \
    "LEFT JOIN x e ON e.objid = i.oid"

/* Of those that a partition has from its parent only what differs. */
#define TRIGGER_SELECT                                                         \
    "{part;trigger;t.tgname} pg_get_triggerdef(t.oid, true) "                  \
    "|| {enabled;t.tgenabled} "                                                \
    "|| coalesce(x.extensions, '') AS definition, t.oid, 0 AS sub FROM r "     \
    "JOIN pg_trigger t ON t.tgrelid = r.oid LEFT JOIN pg_trigger p "           \
    "ON p.oid = t.tgparentid LEFT JOIN x ON x.objid = t.oid WHERE (NOT "       \
    "t.tgisinternal OR t.tgparentid <> 0) AND CASE "                           \
    "WHEN p.oid IS NULL THEN NOT t.tgisinternal ELSE NOT p.tgisinternal "      \
    "AND p.tgenabled <> t.tgenabled END"

#define RULE_SELECT                                                            \
    "{part;rule;w.rulename} pg_get_ruledef(w.oid, true) "                      \
    "|| {enabled;w.ev_enabled} AS definition, w.oid, 0 AS sub FROM r "         \
    "JOIN pg_rewrite w ON w.ev_class = r.oid "                                 \
    "WHERE w.rulename <> '_RETURN'"

#define POLICY_SELECT                                                          \
    "{part;policy;p.polname} CASE WHEN p.polpermissive THEN 'PERMISSIVE' "     \
    "ELSE 'RESTRICTIVE' END || ' FOR ' || CASE p.polcmd WHEN 'r' "             \
    "THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' "    \
    "THEN 'DELETE' ELSE 'ALL' END || ' TO ' "                                  \
    "|| (SELECT string_agg(name, ', ' ORDER BY name COLLATE \"C\") FROM "      \
    "(SELECT CASE role WHEN 0 THEN 'PUBLIC' "                                  \
    "ELSE role::regrole::text END AS name "                                    \
    "FROM unnest(p.polroles) role) q) || coalesce(' USING (' "                 \
    "|| pg_get_expr(p.polqual, p.polrelid) || ')', '') "                       \
    "|| coalesce(' WITH CHECK (' "                                             \
    "|| pg_get_expr(p.polwithcheck, p.polrelid) "                              \
    "|| ')', '') AS definition, p.oid, 0 AS sub FROM r JOIN pg_policy p "      \
    "ON p.polrelid = r.oid"

const PgObjectsQuery pg_objects_parts[] = {
    {"pg_class", "pg_constraint", TABLES CONSTRAINT_TRIGGERS, CONSTRAINT_SELECT,
     PG_NOTE_COMMENT, NULL},
    {"pg_class", "pg_class", TABLES INDEX_PLAIN "{extensions;pg_class} ",
     INDEX_SELECT, PG_NOTE_COMMENT | PG_NOTE_TABLESPACE, NULL},
    {"pg_class", "pg_trigger", TABLES "{extensions;pg_trigger} ",
     TRIGGER_SELECT, PG_NOTE_COMMENT,
     "pg_trigger WHERE NOT tgisinternal OR tgparentid <> 0"},
    {"pg_class", "pg_rewrite", TABLES, RULE_SELECT, PG_NOTE_COMMENT,
     "pg_rewrite WHERE rulename <> '_RETURN' AND oid >= " PG_FIRST_OID},
    {"pg_class", "pg_policy", TABLES, POLICY_SELECT, PG_NOTE_COMMENT, NULL},
    {NULL, NULL, NULL, NULL, 0, NULL}};
