#include "pg_migrate.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type_d.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/*
 * Who else may write the extension's tables: rights that default privileges or
 * a GRANT ON ALL TABLES have given, and other owners.  Whoever may write them
 * decides what is run with the rights of whoever migrates.
 */

/* Rights to write a table, and those by which something can be put on it. */
#define WRITE_RIGHTS                                                           \
    (ACL_INSERT | ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE | ACL_REFERENCES |    \
     ACL_TRIGGER)

static const char *const tables[] = {
    "migrate_text",    "migrate_migration", "migrate_applied", "migrate_event",
    "migrate_setting", "migrate_object",    "migrate_delta",   "migrate_ddl",
};

/* The owner is the one that most of the tables have.  A remedy takes away all
 * of its kind, of whichever table. */
const char pg_rights_query[] =
    "WITH t AS (SELECT c.oid, c.relname, c.relowner, c.relacl, "
    "format('%I.%I', $1, c.relname) AS place "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1 AND c.relname IN ('migrate_text', "
    "'migrate_migration', 'migrate_applied', 'migrate_event', "
    "'migrate_setting', 'migrate_object', 'migrate_delta', 'migrate_ddl')), "
    "o AS (SELECT relowner FROM t GROUP BY relowner ORDER BY count(*) DESC, "
    "relowner = (SELECT extowner FROM pg_extension WHERE extname = 'migrate') "
    "DESC LIMIT 1), "
    "g AS (SELECT t.oid, a.grantee, a.privilege_type, a.is_grantable "
    "FROM t CROSS JOIN LATERAL aclexplode(t.relacl) a "
    "UNION ALL SELECT t.oid, a.grantee, a.privilege_type, a.is_grantable "
    "FROM t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 "
    "CROSS JOIN LATERAL aclexplode(c.attacl) a) "
    "SELECT a.relname::text, a.what, a.remedy, true FROM ("
    "SELECT 1 AS place, t.relname, format('role \"%s\" the owner''s rights', "
    "pg_get_userbyid(t.relowner)) AS what, format('ALTER TABLE %s OWNER TO "
    "%I', "
    "t.place, pg_get_userbyid(o.relowner)) AS remedy "
    "FROM t JOIN o ON o.relowner <> t.relowner "
    "UNION ALL SELECT 2, t.relname, format('%s %s', "
    "CASE g.grantee WHEN 0 THEN 'everybody' "
    "ELSE format('role \"%s\"', pg_get_userbyid(g.grantee)) END, r.list), "
    "format('REVOKE %s ON %s FROM %s%s', r.list, "
    "string_agg(t.place, ', ') OVER (PARTITION BY g.grantee, r.list, r.passed "
    "ORDER BY t.relname ROWS BETWEEN UNBOUNDED PRECEDING "
    "AND UNBOUNDED FOLLOWING), "
    "CASE g.grantee WHEN 0 THEN 'PUBLIC' "
    "ELSE format('%I', pg_get_userbyid(g.grantee)) END, "
    "CASE WHEN r.passed THEN ' CASCADE' ELSE '' END) "
    "FROM t JOIN (SELECT DISTINCT oid, grantee FROM g) g ON g.oid = t.oid "
    "CROSS JOIN LATERAL (SELECT string_agg(DISTINCT f.privilege_type, ', ' "
    "ORDER BY f.privilege_type) AS list, bool_or(f.is_grantable) AS passed "
    "FROM g f WHERE f.oid = g.oid AND f.grantee = g.grantee "
    "AND f.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', "
    "'REFERENCES', 'TRIGGER')) r "
    "WHERE r.list IS NOT NULL AND g.grantee <> t.relowner AND (g.grantee = 0 "
    "OR NOT pg_has_role(g.grantee, t.relowner, 'MEMBER'))) a "
    "ORDER BY a.place, a.relname, a.what";

/*
 * Of the extension's objects that came with the function $1, in one
 * transaction: column 3 takes away what default privileges have given, but for
 * functions not from everybody; $2: of tables, else of functions.  And gives
 * the tables' owner, who need not be the one who updates the extension, the
 * right to migrate.
 */
static const char came_query[] =
    "WITH m AS (SELECT d.classid, d.objid FROM pg_depend own "
    "JOIN pg_depend d ON d.refclassid = own.refclassid "
    "AND d.refobjid = own.refobjid AND d.deptype = 'e' AND d.xmin = own.xmin "
    "WHERE own.classid = 'pg_proc'::regclass AND own.objid = $1 "
    "AND own.deptype = 'e' AND d.objid <> $1), "
    "o AS (SELECT c.relowner FROM pg_class c JOIN pg_proc p "
    "ON p.pronamespace = c.relnamespace "
    "WHERE p.oid = $1 AND c.relname = 'migrate_migration') "
    "SELECT DISTINCT 1, NULL::text, format('REVOKE ALL ON TABLE %s FROM %s "
    "CASCADE', c.oid::regclass, CASE a.grantee WHEN 0 THEN 'PUBLIC' "
    "ELSE format('%I', pg_get_userbyid(a.grantee)) END) "
    "FROM m JOIN pg_class c ON c.oid = m.objid "
    "CROSS JOIN LATERAL aclexplode(c.relacl) a "
    "WHERE $2 AND m.classid = 'pg_class'::regclass "
    "AND a.grantee <> c.relowner "
    "UNION ALL SELECT DISTINCT 2, NULL, format('REVOKE ALL ON ROUTINE %s "
    "FROM %I CASCADE', p.oid::regprocedure, pg_get_userbyid(a.grantee)) "
    "FROM m JOIN pg_proc p ON p.oid = m.objid JOIN o ON true "
    "CROSS JOIN LATERAL aclexplode(p.proacl) a "
    "WHERE NOT $2 AND m.classid = 'pg_proc'::regclass "
    "AND a.grantee NOT IN (0, p.proowner, o.relowner) "
    "UNION ALL SELECT 3, NULL, format('GRANT EXECUTE ON ROUTINE %s TO %I "
    "WITH GRANT OPTION', p.oid::regprocedure, pg_get_userbyid(o.relowner)) "
    "FROM m JOIN pg_proc p ON p.oid = m.objid JOIN o ON true "
    "WHERE NOT $2 AND m.classid = 'pg_proc'::regclass "
    "AND NOT has_function_privilege('public', p.oid, 'EXECUTE') "
    "AND NOT has_function_privilege(o.relowner, p.oid, 'EXECUTE WITH GRANT "
    "OPTION') ORDER BY 1";

/* Whether a list of rights gives somebody else those to write. */
static bool
list_gives(int cache, HeapTuple row, AttrNumber column, Oid owner)
{
    bool is_null;
    Datum value = SysCacheGetAttr(cache, row, column, &is_null);
    Acl *list = is_null ? NULL : DatumGetAclP(value);
    bool gives = false;

    for (int i = 0; list != NULL && i < ACL_NUM(list); i++)
    {
        const AclItem *item = &ACL_DAT(list)[i];

        gives = gives || (item->ai_grantee != owner &&
                          (ACLITEM_GET_PRIVS(*item) & WRITE_RIGHTS) != 0);
    }
    return gives;
}

/* Whether a table, or a column of it, may be written by somebody else.  *owner
 * is that of the tables before this one; set with the first. */
static bool
table_gives(Oid table, Oid *owner)
{
    HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    const FormData_pg_class *form;
    bool gives;

    if (!HeapTupleIsValid(row))
        return false;
    form = (const FormData_pg_class *) GETSTRUCT(row);
    if (!OidIsValid(*owner))
        *owner = form->relowner;
    gives = form->relowner != *owner ||
            list_gives(RELOID, row, Anum_pg_class_relacl, form->relowner);
    for (AttrNumber i = 1; !gives && i <= form->relnatts; i++)
    {
        HeapTuple column =
            SearchSysCache2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(i));

        if (!HeapTupleIsValid(column))
            continue;
        gives = list_gives(ATTNUM, column, Anum_pg_attribute_attacl,
                           form->relowner);
        ReleaseSysCache(column);
    }
    ReleaseSysCache(row);
    return gives;
}

bool
pg_rights_given(Oid schema)
{
    Oid owner = InvalidOid;
    bool given = false;

    for (int i = 0; i < lengthof(tables) && !given; i++)
    {
        Oid table = get_relname_relid(tables[i], schema);

        given = OidIsValid(table) && table_gives(table, &owner);
    }
    return given;
}

/* The rows of a query, valid until SPI_finish(). */
static SPITupleTable *
find_remedies(const char *query, int count, Oid *types, Datum *values,
              uint64 *rows)
{
    if (SPI_execute_with_args(query, count, types, values, NULL, false, 0) !=
        SPI_OK_SELECT)
        elog(ERROR, "could not look at the extension's rights");
    *rows = SPI_processed;
    return SPI_tuptable;
}

/* What a row has in its third column. */
static char *
remedy_of(const SPITupleTable *found, uint64 at)
{
    return SPI_getvalue(found->vals[at], found->tupdesc, 3);
}

static void
run_remedy(const char *remedy)
{
    if (SPI_execute(remedy, false, 0) != SPI_OK_UTILITY)
        elog(ERROR, "could not take the extension's rights away");
}

static void
run_remedies(const char *query, int count, Oid *types, Datum *values)
{
    uint64 rows;
    SPITupleTable *found = find_remedies(query, count, types, values, &rows);

    for (uint64 i = 0; i < rows; i++)
        run_remedy(remedy_of(found, i));
}

/* Whether a row's remedy was that of one before it. */
static bool
is_done(const SPITupleTable *found, uint64 at)
{
    for (uint64 i = 0; i < at; i++)
        if (strcmp(remedy_of(found, i), remedy_of(found, at)) == 0)
            return true;
    return false;
}

char *
pg_rights_take(const char *schema)
{
    Oid types[] = {TEXTOID};
    Datum values[] = {CStringGetTextDatum(schema)};
    StringInfoData taken;
    SPITupleTable *found;
    uint64 rows;

    initStringInfo(&taken);
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    found = find_remedies(pg_rights_query, 1, types, values, &rows);
    for (uint64 i = 0; i < rows; i++)
    {
        const char *remedy = remedy_of(found, i);

        /* Who owns a table is not ours to say. */
        if (strncmp(remedy, "REVOKE ", strlen("REVOKE ")) != 0 ||
            is_done(found, i))
            continue;
        run_remedy(remedy);
        appendStringInfo(&taken, "%s%s", taken.len == 0 ? "" : "; ",
                         SPI_getvalue(found->vals[i], found->tupdesc, 2));
    }
    SPI_finish();
    return taken.len > 0 ? taken.data : NULL;
}

void
pg_rights_close(Oid function)
{
    char *schema = get_namespace_name(get_func_namespace(function));
    Oid place_types[] = {TEXTOID};
    Datum place[] = {CStringGetTextDatum(schema)};
    Oid came_types[] = {OIDOID, BOOLOID};
    Datum came_tables[] = {ObjectIdGetDatum(function), BoolGetDatum(true)};
    Datum came_functions[] = {ObjectIdGetDatum(function), BoolGetDatum(false)};
    int level = NewGUCNestLevel();
    bool was_creating = creating_extension;

    (void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
                             PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    /* What is left of a table's rights was given on purpose: none of it may be
     * noted as the extension's own, which a dump would leave out. */
    creating_extension = false;
    PG_TRY();
    {
        run_remedies(pg_rights_query, 1, place_types, place);
        run_remedies(came_query, 2, came_types, came_tables);
    }
    PG_FINALLY();
    {
        creating_extension = was_creating;
    }
    PG_END_TRY();
    run_remedies(came_query, 2, came_types, came_functions);
    SPI_finish();
    AtEOXact_GUC(false, level);
}
