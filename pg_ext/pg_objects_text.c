#include "pg_objects.h"

/* Not in the table below: what stands behind it is for a list of few. */
#define FEW "few"

/*
 * The pieces: %1 to %3 are what stands behind the name.  An array of options or
 * rights is a list without an order of its own, so it is sorted.
 */
static const struct
{
    const char *name;
    const char *text;
} pieces[] = {
    /* Whether something (oid) belongs to nothing that is told itself. */
    {"own", "%1 NOT IN (SELECT objid FROM m)"},
    /* The relations of some kinds, as a common table r. */
    {"relations", "r AS (SELECT c.*, n.schema, c.relname::text AS relation, "
                  "n.prefix || quote_ident(c.relname) AS identity "
                  "FROM pg_class c JOIN n ON n.oid = c.relnamespace "
                  "WHERE c.relkind IN (%1) {few;AND c.oid = ANY ($4)} "
                  "AND c.oid NOT IN (SELECT objid FROM m)), "},
    /* The columns that sequences depend on in some ways, as a common table. */
    {"sequence_owners",
     "o AS (SELECT d.objid, d.refobjid, d.refobjsubid, d.deptype "
     "FROM pg_depend d JOIN pg_sequence ON seqrelid = d.objid "
     "WHERE d.classid = 'pg_catalog.pg_class'::regclass "
     "AND d.refclassid = 'pg_catalog.pg_class'::regclass "
     "AND d.refobjsubid > 0 AND d.deptype IN (%1) {few;AND d.objid = ANY "
     "($4)}), "},
    /* What a catalog's objects depend on by ALTER ... DEPENDS ON EXTENSION, as
     * a common table x. */
    {"extensions",
     "x AS (SELECT d.objid, string_agg(' DEPENDS ON EXTENSION ' "
     "|| quote_ident(e.extname), '' ORDER BY e.extname) AS extensions "
     "FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid "
     "WHERE d.classid = 'pg_catalog.%1'::regclass "
     "AND d.refclassid = 'pg_catalog.pg_extension'::regclass "
     "AND d.deptype = 'x' GROUP BY d.objid), "},
    /* The first columns of an object in a schema: its kind and name, */
    {"named", "SELECT '%1'::text AS kind, n.schema, NULL::text AS relation, "
              "n.prefix || %2 AS identity, NULL::text AS root,"},
    /* of a part of a table, */
    {"part",
     "SELECT '%1' AS kind, r.schema, r.relation, "
     "r.identity || '.' || quote_ident(%2) AS identity, r.identity AS root,"},
    /* and of what is in no schema, and so in no wanted one. */
    {"global",
     "SELECT '%1' AS kind, NULL::text AS schema, NULL::text AS relation, "
     "quote_ident(%2) AS identity, NULL::text AS root,"},
    {"where_global", "WHERE $1 = '' AND %1 >= " PG_FIRST_OID
                     " AND %1 NOT IN (SELECT objid FROM m)"},
    /* Options (text[]) with something before and behind; '' for none. */
    {"options",
     "CASE WHEN %2 IS NULL THEN '' "
     "ELSE %1 || (SELECT string_agg(v, ', ' ORDER BY v COLLATE \"C\") "
     "FROM unnest(%2) v) || %3 END"},
    /* Those of foreign data, some of which may be secrets. */
    {"foreign",
     "CASE WHEN %1 IS NULL THEN '' "
     "ELSE ' OPTIONS (' || (SELECT string_agg(regexp_replace(v, "
     "'^([^=]*(password|passwd|secret|token)[^=]*)=.*$', '\\1=***', 'i'), "
     "', ' ORDER BY v COLLATE \"C\") FROM unnest(%1) v) || ')' END"},
    /* A function (oid) with the types of its arguments. */
    {"function", "(%1)::oid::regprocedure::text"},
    /* A word and a function, left out where there is none. */
    {"clause", "CASE WHEN (%2)::oid = 0 THEN '' ELSE ' %1 ' "
               "|| (%2)::oid::regprocedure::text END"},
    /* The schema in front of a name unless it is visible. */
    {"prefix", "CASE WHEN %1 THEN '' ELSE quote_ident(%2) || '.' END"},
    /* A collation (oid), unless it is the usual one. */
    {"collation", "CASE WHEN %1 IN (0, %2) THEN '' "
                  "ELSE ' COLLATE ' || %1::regcollation::text END"},
    /* How a trigger or rule is enabled, unless as usual. */
    {"enabled", "CASE %1 WHEN 'O' THEN '' WHEN 'D' THEN ' DISABLED' "
                "WHEN 'R' THEN ' ENABLED REPLICA' ELSE ' ENABLED ALWAYS' END"},
    /* Rights (aclitem[]): all that somebody has got from somebody together;
     * the owner (oid) is called that, whoever it is. */
    {"privileges",
     "(SELECT coalesce(string_agg(l.line, '; ' ORDER BY l.line "
     "COLLATE \"C\"), '') FROM (SELECT CASE e.grantee WHEN 0 THEN 'PUBLIC' "
     "WHEN %2 THEN 'OWNER' ELSE e.grantee::regrole::text END "
     "|| CASE e.grantor WHEN %2 THEN '' "
     "ELSE ' BY ' || e.grantor::regrole::text END || ': ' "
     "|| string_agg(e.privilege_type || CASE WHEN e.is_grantable "
     "THEN ' WITH GRANT OPTION' ELSE '' END, ', ' "
     "ORDER BY e.privilege_type COLLATE \"C\") AS line "
     "FROM aclexplode(%1) e GROUP BY e.grantee, e.grantor) l)"}};

/* Find a piece by its name. */
static const char *
piece_find(const char *name, size_t length)
{
    for (size_t i = 0; i < lengthof(pieces); i++)
        if (strlen(pieces[i].name) == length &&
            memcmp(pieces[i].name, name, length) == 0)
            return pieces[i].text;
    elog(ERROR, "no piece of a query is called \"%.*s\"", (int) length, name);
    return NULL;
}

/* Append the text that is put into a piece as its n-th one, from 1. */
static void
append_argument(StringInfo query, const char *piece, const char *end, int n)
{
    const char *from = piece;
    const char *to;

    for (; n > 0 && from != NULL; n--)
    {
        from = memchr(from, ';', (size_t) (end - from));
        if (from != NULL)
            from++;
    }
    if (from == NULL)
        elog(ERROR, "a piece of a query lacks text");
    to = memchr(from, ';', (size_t) (end - from));
    appendBinaryStringInfo(query, from, (int) ((to == NULL ? end : to) - from));
}

/* Append a piece; {piece} is what stands between the braces. */
static void
append_piece(StringInfo query, const char *piece, const char *end,
             PgObjectsExtent extent)
{
    const char *name_end = memchr(piece, ';', (size_t) (end - piece));
    size_t length = (size_t) ((name_end == NULL ? end : name_end) - piece);
    StringInfoData expanded;

    if (length == strlen(FEW) && memcmp(piece, FEW, length) == 0)
    {
        if (extent == PG_OBJECTS_FEW)
            append_argument(query, piece, end, 1);
        return;
    }
    initStringInfo(&expanded);
    for (const char *at = piece_find(piece, length); *at != '\0'; at++)
    {
        if (at[0] == '%' && at[1] >= '1' && at[1] <= '3')
            append_argument(&expanded, piece, end, *++at - '0');
        else
            appendStringInfoChar(&expanded, *at);
    }
    pg_objects_append(query, expanded.data, extent);
}

void
pg_objects_append(StringInfo query, const char *part, PgObjectsExtent extent)
{
    for (;;)
    {
        const char *open = strchr(part, '{');
        const char *end = open == NULL ? NULL : strchr(open, '}');

        if (end == NULL)
            break;
        appendBinaryStringInfo(query, part, (int) (open - part));
        append_piece(query, open + 1, end, extent);
        part = end + 1;
    }
    appendStringInfoString(query, part);
}
