#include "pg_migrate.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/reltrigger.h"
#include "utils/syscache.h"

#include "mig_addition.h"
#include "pg_objects.h"

/*
 * What others have put on the extension's tables, but for migrate_ddl: its rows
 * are written past all of that.
 */

/* The tables, and how many columns and indexes they come with. */
static const struct
{
    const char *name;
    int columns;
    int indexes;
} tables[] = {
    {"migrate_text", 2, 1},     {"migrate_migration", 16, 2},
    {"migrate_applied", 15, 1}, {"migrate_event", 15, 1},
    {"migrate_setting", 3, 1},  {"migrate_object", 6, 1},
    {"migrate_delta", 5, 1},
};

/* $1: the extension's schema.  A row for each: its table, what it is, what
 * takes it away, and whether it runs when the table is written; not a copy of
 * an index of its own, which REINDEX CONCURRENTLY makes. */
static const char additions_query[] =
    "WITH t AS (SELECT c.oid, c.relname, c.relrowsecurity, "
    "c.relforcerowsecurity, format('%I.%I', $1, c.relname) AS place "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1 AND c.relname IN ('migrate_text', "
    "'migrate_migration', 'migrate_applied', 'migrate_event', "
    "'migrate_setting', 'migrate_object', 'migrate_delta')), "
    "own (relname, columns) AS (VALUES "
    "('migrate_text', '{hash,body}'::text[]), "
    "('migrate_migration', '{project,version,position,name,format,source,file,"
    "checksum,requires,options,up,down,verify,present,added_at,added_by}'), "
    "('migrate_applied', '{project,target,version,position,name,file,checksum,"
    "up,down,verify,ordinal,at,actor,duration_us,added_by}'), "
    "('migrate_event', '{project,target,seq,at,action,version,name,outcome,"
    "duration_us,actor,client,checksum,detail,previous_hash,hash}'), "
    "('migrate_setting', '{name,value,set_by}'), "
    "('migrate_object', '{target,key,kind,identity,parent,definition}'), "
    "('migrate_delta', '{project,target,version,seq,objects}')) "
    "SELECT a.relname::text, a.what, a.remedy, a.runs FROM ("
    "SELECT 0 AS place, t.relname, format('column \"%s\"', c.attname) AS what, "
    "format('ALTER TABLE %s DROP COLUMN %I', t.place, c.attname) AS remedy, "
    "c.attnotnull OR c.atthasdef OR c.atttypid >= " PG_FIRST_OID " AS runs "
    "FROM t JOIN own ON own.relname = t.relname "
    "JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 "
    "AND NOT c.attisdropped AND c.attname <> ALL (own.columns) "
    "UNION ALL SELECT 1, t.relname, format('trigger \"%s\"', g.tgname), "
    "format('DROP TRIGGER %I ON %s', g.tgname, t.place), "
    "g.tgenabled <> 'D' FROM t JOIN pg_trigger g ON g.tgrelid = t.oid "
    "WHERE NOT g.tgisinternal "
    "UNION ALL SELECT 2, t.relname, format('rule \"%s\"', r.rulename), "
    "format('DROP RULE %I ON %s', r.rulename, t.place), r.ev_enabled <> 'D' "
    "FROM t JOIN pg_rewrite r ON r.ev_class = t.oid "
    "UNION ALL SELECT 3, t.relname, 'row level security', "
    "format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL "
    "SECURITY', t.place), t.relforcerowsecurity FROM t "
    "WHERE t.relrowsecurity OR t.relforcerowsecurity "
    "UNION ALL SELECT 4, t.relname, format('%s \"%s\"', "
    "CASE c.contype WHEN 'c' THEN 'check constraint' "
    "WHEN 'u' THEN 'unique constraint' WHEN 'x' THEN 'exclusion constraint' "
    "ELSE 'foreign key' END, c.conname), "
    "format('ALTER TABLE %s DROP CONSTRAINT %I', t.place, c.conname), true "
    "FROM t JOIN pg_constraint c ON c.conrelid = t.oid "
    "WHERE c.contype IN ('c', 'u', 'x', 'f') AND NOT (c.contype = 'u' "
    "AND t.relname = 'migrate_migration' "
    "AND c.conname = 'migrate_migration_project_position_key') "
    "UNION ALL SELECT 5, t.relname, format('foreign key \"%s\" of table "
    "\"%s\"', c.conname, r.relname), "
    "format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, r.relname, "
    "c.conname), true FROM t JOIN pg_constraint c ON c.confrelid = t.oid "
    "JOIN pg_class r ON r.oid = c.conrelid "
    "JOIN pg_namespace n ON n.oid = r.relnamespace "
    "WHERE c.contype = 'f' AND c.conrelid NOT IN (SELECT t.oid FROM t) "
    "UNION ALL SELECT 6, t.relname, format('%sindex \"%s\"', "
    "CASE WHEN i.indisunique THEN 'unique ' ELSE '' END, c.relname), "
    "format('DROP INDEX %I.%I', $1, c.relname), "
    "i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR (i.indisunique "
    "AND NOT EXISTS (SELECT 1 FROM pg_constraint k JOIN pg_index o "
    "ON o.indexrelid = k.conindid WHERE k.conrelid = i.indrelid "
    "AND k.contype IN ('p', 'u') AND o.indkey = i.indkey "
    "AND o.indclass = i.indclass AND o.indcollation = i.indcollation)) "
    "FROM t JOIN pg_index i ON i.indrelid = t.oid "
    "JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k "
    "WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid "
    "AND k.contype IN ('p', 'u', 'x')) "
    "UNION ALL SELECT 7, t.relname, format('a default for column \"%s\"', "
    "c.attname), format('ALTER TABLE %s ALTER %I DROP DEFAULT', t.place, "
    "c.attname), true FROM t JOIN pg_attrdef d ON d.adrelid = t.oid "
    "JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = d.adnum "
    "UNION ALL SELECT 8, t.relname, format('child table \"%s\"', c.relname), "
    "format('ALTER TABLE %I.%I NO INHERIT %s', n.nspname, c.relname, t.place), "
    "true FROM t JOIN pg_inherits i ON i.inhparent = t.oid "
    "JOIN pg_class c ON c.oid = i.inhrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "UNION ALL SELECT 9, t.relname, format('type \"%s\" of column \"%s\"', "
    "y.typname, c.attname), "
    "format('ALTER TABLE %1$s ALTER %2$I TYPE %3$s USING %2$I::%3$s', t.place, "
    "c.attname, CASE y.typbasetype WHEN 0 THEN 'text' "
    "ELSE format_type(y.typbasetype, y.typtypmod) END), true "
    "FROM t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 "
    "AND NOT c.attisdropped JOIN pg_type y ON y.oid = c.atttypid "
    "WHERE y.oid >= " PG_FIRST_OID ") a "
    "ORDER BY a.relname, a.place, a.what";

/* Whether a table has an index that it did not come with: one of another kind
 * can stand in the place of its own. */
static bool
has_index(Relation table, int indexes)
{
    List *list = RelationGetIndexList(table);
    bool found = list_length(list) != indexes;
    ListCell *cell;

    foreach (cell, list)
    {
        HeapTuple row =
            SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));

        found = found || !HeapTupleIsValid(row) ||
                !((Form_pg_index) GETSTRUCT(row))->indisunique ||
                !heap_attisnull(row, Anum_pg_index_indexprs, NULL) ||
                !heap_attisnull(row, Anum_pg_index_indpred, NULL);
        if (HeapTupleIsValid(row))
            ReleaseSysCache(row);
    }
    list_free(list);
    return found;
}

/* Whether there are more columns than a table came with, or one is of a type
 * that others have made: a value is brought to it by a cast's function, and by
 * what a domain checks. */
static bool
has_columns(TupleDesc shape, int columns)
{
    int count = 0;

    for (int i = 0; i < shape->natts; i++)
    {
        if (TupleDescAttr(shape, i)->attisdropped)
            continue;
        if (TupleDescAttr(shape, i)->atttypid >= FirstNormalObjectId)
            return true;
        count++;
    }
    return count > columns;
}

/* Whether anything may be on a table that it did not come with. */
static bool
has_additions(Relation table, int columns, int indexes)
{
    const TupleConstr *constraints = RelationGetDescr(table)->constr;

    return has_index(table, indexes) ||
           has_columns(RelationGetDescr(table), columns) ||
           table->rd_rules != NULL || table->trigdesc != NULL ||
           table->rd_rel->relrowsecurity || table->rd_rel->relhassubclass ||
           table->rd_rel->relforcerowsecurity ||
           (constraints != NULL &&
            (constraints->num_check > 0 || constraints->num_defval > 0));
}

/* Look at the tables one by one, as the server has them at hand. */
static bool
find_additions(const PgHost *host, Oid schema, MigError *error)
{
    bool found = false;

    for (int i = 0; i < lengthof(tables) && error->status == MIG_OK; i++)
    {
        Oid id = OidIsValid(schema) ? get_relname_relid(tables[i].name, schema)
                                    : InvalidOid;
        Relation table =
            OidIsValid(id) ? try_relation_open(id, AccessShareLock) : NULL;

        /* The last two came with a later version. */
        if (table == NULL && !host->base.records && i >= 5)
            continue;
        if (table == NULL)
        {
            (void) mig_fail(error, MIG_CORRUPT,
                            "the extension's tables are missing");
            mig_fail_damaged(error);
            continue;
        }
        found =
            found || has_additions(table, tables[i].columns, tables[i].indexes);
        relation_close(table, NoLock);
    }
    return found;
}

MigStatus
pg_catalogue_intact(MigHost *base, MigError *error)
{
    PgHost *host = (PgHost *) base;
    Oid schema;
    bool found;

    /* What this command has done counts; beside parallel workers it may not
     * have done anything, and none may begin. */
    if (!IsInParallelMode())
        CommandCounterIncrement();
    schema = get_namespace_oid(host->schema, true);
    found = find_additions(host, schema, error);
    found = found || pg_rights_given(schema);
    if (found && error->status == MIG_OK)
        (void) pg_catalogue_additions(base, mig_addition_refuse, NULL, error);
    return error->status;
}

/* Hand on the rows of a query; $1 is the extension's schema. */
static void
give_additions(const char *query, bool is_right, Datum schema,
               MigAdditionFunction addition, void *context, MigError *error)
{
    Oid types[] = {TEXTOID};
    SPITupleTable *rows;
    uint64 count;

    /* What this very transaction has put there counts as well. */
    if (SPI_execute_with_args(query, 1, types, &schema, NULL,
                              IsInParallelMode(), 0) != SPI_OK_SELECT)
        elog(ERROR, "could not look at the extension's tables");
    rows = SPI_tuptable;
    count = SPI_processed;
    for (uint64 i = 0; i < count && error->status == MIG_OK; i++)
    {
        HeapTuple row = rows->vals[i];
        TupleDesc shape = rows->tupdesc;
        bool is_null;
        MigAddition found = {
            .table = SPI_getvalue(row, shape, 1),
            .what = SPI_getvalue(row, shape, 2),
            .remedy = SPI_getvalue(row, shape, 3),
            .runs = DatumGetBool(SPI_getbinval(row, shape, 4, &is_null)),
            .is_right = is_right,
        };

        (void) addition(context, &found, error);
    }
}

MigStatus
pg_catalogue_additions(MigHost *base, MigAdditionFunction addition,
                       void *context, MigError *error)
{
    PgHost *host = (PgHost *) base;
    Datum schema = CStringGetTextDatum(host->schema);
    int level = NewGUCNestLevel();

    (void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
                             PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    give_additions(additions_query, false, schema, addition, context, error);
    if (error->status == MIG_OK)
        give_additions(pg_rights_query, true, schema, addition, context, error);
    SPI_finish();
    AtEOXact_GUC(false, level);
    return error->status;
}
