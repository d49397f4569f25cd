#include "pg_objects.h"

#define TABLES "{relations;'r', 'p', 'f', 'v', 'm'} "

/* What is said of an index besides its definition. */
#define INDEX_STATE                                                            \
    "CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END || CASE "              \
    "WHEN x.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END || CASE "      \
    "WHEN x.indisclustered THEN ' CLUSTER' ELSE '' END "

/* Constraints whose triggers do not all do their work: c. */
#define CONSTRAINT_TRIGGERS                                                    \
    "c AS (SELECT tgconstraint FROM pg_trigger WHERE tgenabled <> 'O' "        \
    "AND tgisinternal AND tgconstraint <> 0 GROUP BY tgconstraint), "

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
    "ON x.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x') "           \
    "LEFT JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_inherits h "    \
    "ON h.inhrelid = x.indexrelid WHERE CASE WHEN k.contype = 't' "            \
    "THEN false WHEN k.contype = 'f' THEN k.conparentid = 0 "                  \
    "WHEN k.contype IN ('c', 'n') THEN k.conislocal ELSE true END"

/* Statistics targets of an index's columns: s. */
#define INDEX_STATISTICS                                                       \
    "s AS (SELECT a.attrelid, string_agg(format('%s %s', a.attnum, "           \
    "a.attstattarget), ', ' ORDER BY a.attnum) AS targets "                    \
    "FROM pg_attribute a JOIN pg_class ON pg_class.oid = a.attrelid "          \
    "AND relkind IN ('i', 'I') WHERE a.attstattarget >= 0 AND a.attnum > 0 "   \
    "GROUP BY a.attrelid), "

/* That of a constraint is told with it. */
#define INDEX_SELECT                                                           \
    "SELECT 'index' AS kind, r.schema, r.relation, n.prefix "                  \
    "|| quote_ident(i.relname) AS identity, r.identity AS root, CASE "         \
    "WHEN k.conindid IS NULL THEN pg_get_indexdef(i.oid, 0, true) "            \
    "|| coalesce(' PARTITION OF ' || h.inhparent::regclass::text, '') "        \
    "|| " INDEX_STATE "|| coalesce(' STATISTICS (' || s.targets || ')', '') "  \
    "|| coalesce(e.extensions, '') END AS definition, i.oid, 0 AS sub, "       \
    "i.reltablespace AS space FROM r JOIN pg_index x "                         \
    "ON x.indrelid = r.oid JOIN pg_class i ON i.oid = x.indexrelid JOIN n "    \
    "ON n.oid = i.relnamespace LEFT JOIN pg_constraint k "                     \
    "ON k.conindid = i.oid AND k.contype IN ('p', 'u', 'x') "                  \
    "LEFT JOIN pg_inherits h ON h.inhrelid = i.oid LEFT JOIN s "               \
    "ON s.attrelid = i.oid LEFT JOIN x e ON e.objid = i.oid"

/* Of those that a partition has from its parent only what differs. */
#define TRIGGER_SELECT                                                         \
    "{part;trigger;t.tgname} pg_get_triggerdef(t.oid, true) "                  \
    "|| {enabled;t.tgenabled} "                                                \
    "|| coalesce(x.extensions, '') AS definition, t.oid, 0 AS sub FROM r "     \
    "JOIN pg_trigger t ON t.tgrelid = r.oid LEFT JOIN pg_trigger p "           \
    "ON p.oid = t.tgparentid LEFT JOIN x ON x.objid = t.oid WHERE CASE "       \
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
     PG_NOTE_COMMENT},
    {"pg_class", "pg_class", TABLES INDEX_STATISTICS "{extensions;pg_class} ",
     INDEX_SELECT, PG_NOTE_COMMENT | PG_NOTE_TABLESPACE},
    {"pg_class", "pg_trigger", TABLES "{extensions;pg_trigger} ",
     TRIGGER_SELECT, PG_NOTE_COMMENT},
    {"pg_class", "pg_rewrite", TABLES, RULE_SELECT, PG_NOTE_COMMENT},
    {"pg_class", "pg_policy", TABLES, POLICY_SELECT, PG_NOTE_COMMENT},
    {NULL, NULL, NULL, NULL, 0}};
