#include "pg_destroy.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/*
 * Rows are looked for in the table itself: by a query, policies and rights
 * could hide them.
 */

#define COUNT_MOST 1000 /* rows that are counted */
#define NAMED_MOST 3    /* tables that are named */

/* What goes with an object by itself, or since it depends on it: each table
 * once, with its first column where not all of it goes. */
static const char *const reached_query =
    "WITH RECURSIVE gone (class, object, part) AS ("
    "SELECT $1, $2, 0 "
    "UNION SELECT d.classid, d.objid, d.objsubid "
    "FROM gone g JOIN pg_catalog.pg_depend d "
    "ON d.refclassid = g.class AND d.refobjid = g.object "
    "AND (g.part = 0 OR d.refobjsubid = g.part) "
    "WHERE d.deptype <> 'n' AND d.deptype <> 'x' "
    "OR d.deptype = 'n' AND $3) "
    "SELECT c.oid, a.attname FROM ("
    "SELECT g.object, pg_catalog.min(g.part) FROM gone g "
    "WHERE g.class = 'pg_catalog.pg_class'::pg_catalog.regclass "
    "GROUP BY g.object) t (object, part) "
    "JOIN pg_catalog.pg_class c ON c.oid = t.object "
    "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
    "AND a.attnum = t.part AND t.part > 0 "
    "WHERE c.relkind IN ('r', 'p') AND (NOT c.relispartition OR c.oid = $2) "
    "ORDER BY c.oid <> $2, c.relname, c.oid";

static const char *const owned_query =
    "SELECT c.oid, NULL::pg_catalog.name FROM pg_catalog.pg_class c "
    "WHERE c.relkind IN ('r', 'p') AND c.relowner = $1 "
    "AND NOT c.relispartition ORDER BY c.relname, c.oid";

/* Count the rows of one table, up to a limit; -1: cannot be told. */
static int64
count_in(const PgHost *host, Oid table, int64 limit)
{
    Relation relation;
    TableScanDesc scan;
    TupleTableSlot *slot;
    int64 rows = 0;

    /* Who only looks waits for nobody. */
    if (!host->unit.open && !ConditionalLockRelationOid(table, AccessShareLock))
        return -1;
    relation =
        try_relation_open(table, host->unit.open ? AccessShareLock : NoLock);
    if (relation == NULL)
        return 0;
    if (relation->rd_rel->relkind == RELKIND_RELATION)
    {
        slot = table_slot_create(relation, NULL);
        scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);
        while (rows < limit &&
               table_scan_getnextslot(scan, ForwardScanDirection, slot))
        {
            rows++;
            CHECK_FOR_INTERRUPTS();
        }
        table_endscan(scan);
        ExecDropSingleTupleTableSlot(slot);
    }
    else if (relation->rd_rel->relkind == RELKIND_FOREIGN_TABLE)
        rows = -1;
    relation_close(relation, AccessShareLock);
    return rows;
}

/*
 * Count the rows that a view shows; -1: cannot be told.  To look at a plan runs
 * nothing of what is in a view; a migration that is about to change all of its
 * rows does that anyway.
 */
static int64
count_in_view(const PgHost *host, Oid view)
{
    PgSubtransaction inner;
    MigError failure;
    volatile int64 rows = -1;

    if (!host->unit.open)
        return -1;
    memset(&failure, 0, sizeof(failure));
    pg_subtransaction_begin(&inner);
    PG_TRY();
    {
        const char *name = quote_qualified_identifier(
            get_namespace_name(get_rel_namespace(view)), get_rel_name(view));

        if (SPI_connect() == SPI_OK_CONNECT &&
            SPI_execute(
                psprintf("SELECT 1 FROM %s LIMIT %d", name, COUNT_MOST + 1),
                true, 0) == SPI_OK_SELECT)
            rows = (int64) SPI_processed;
        SPI_finish();
    }
    PG_CATCH();
    {
        (void) pg_catch((PgHost *) host, &failure);
    }
    PG_END_TRY();
    pg_subtransaction_undo(&inner);
    if (failure.engine_code == ERRCODE_QUERY_CANCELED)
        ReThrowError(host->cause);
    return rows;
}

/* The same with the tables that inherit from it; COUNT_MOST + 1 for more. */
static int64
count_rows(const PgHost *host, Oid table, bool inherited)
{
    List *tables;
    int64 rows = 0;
    ListCell *cell;

    if (get_rel_relkind(table) == RELKIND_VIEW)
        return count_in_view(host, table);
    tables = inherited ? find_all_inheritors(table, NoLock, NULL)
                       : list_make1_oid(table);
    foreach (cell, tables)
    {
        int64 more = rows > COUNT_MOST ? 0
                                       : count_in(host, lfirst_oid(cell),
                                                  COUNT_MOST + 1 - rows);

        if (more < 0)
            return -1;
        rows += more;
    }
    return rows;
}

/* A table's name, with its schema where it is not found without. */
static const char *
table_name(Oid table)
{
    const char *name = get_rel_name(table);

    if (RelationIsVisible(table))
        return name;
    return psprintf("%s.%s", get_namespace_name(get_rel_namespace(table)),
                    name);
}

/* The number of rows in words. */
static const char *
rows_text(int64 rows)
{
    if (rows < 0)
        return "rows not counted";
    if (rows > COUNT_MOST)
        return psprintf("more than %d rows", COUNT_MOST);
    return psprintf("%lld row%s", (long long) rows, rows == 1 ? "" : "s");
}

void
pg_loss_add(PgLoss *loss, const char *words, Oid table, const char *column,
            const char *behind, bool inherited)
{
    int64 rows;

    if (!OidIsValid(table) || get_rel_persistence(table) == RELPERSISTENCE_TEMP)
        return;
    rows = count_rows(loss->host, table, inherited);
    if (rows == 0)
        return;
    loss->certain = loss->certain || rows > 0;
    if (loss->named == NAMED_MOST)
    {
        loss->more++;
        return;
    }
    appendStringInfoString(&loss->text, loss->named++ == 0 ? words : ", ");
    if (column != NULL)
        appendStringInfo(&loss->text, "column \"%s\" of ", column);
    appendStringInfo(&loss->text, "%s \"%s\"%s (%s)",
                     get_rel_relkind(table) == RELKIND_VIEW ? "view" : "table",
                     table_name(table), behind == NULL ? "" : behind,
                     rows_text(rows));
}

/* A table that a query has found. */
typedef struct Found
{
    Oid table;
    const char *column; /* or NULL */
} Found;

/* Run a query for tables; returns a list of Found in the caller's memory. */
static List *
find_tables(const char *query, int count, Oid *types, Datum *values)
{
    MemoryContext memory = CurrentMemoryContext;
    List *found = NIL;
    int level = NewGUCNestLevel();

    (void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
                             PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    if (SPI_connect() != SPI_OK_CONNECT ||
        SPI_execute_with_args(query, count, types, values, NULL, true, 0) !=
            SPI_OK_SELECT)
        elog(ERROR, "could not look for what a statement drops");
    for (uint64 i = 0; i < SPI_processed; i++)
    {
        HeapTuple tuple = SPI_tuptable->vals[i];
        TupleDesc shape = SPI_tuptable->tupdesc;
        MemoryContext before;
        bool is_null;
        Oid table = DatumGetObjectId(SPI_getbinval(tuple, shape, 1, &is_null));
        const char *column = SPI_getvalue(tuple, shape, 2);
        Found *one;

        before = MemoryContextSwitchTo(memory);
        one = palloc(sizeof(Found));
        one->table = table;
        one->column = column == NULL ? NULL : pstrdup(column);
        found = lappend(found, one);
        MemoryContextSwitchTo(before);
    }
    SPI_finish();
    AtEOXact_GUC(false, level);
    return found;
}

/* Add tables that were found. */
static void
add_found(PgLoss *loss, const char *words, const List *found)
{
    ListCell *cell;

    foreach (cell, found)
    {
        const Found *one = lfirst(cell);

        pg_loss_add(loss, words, one->table, one->column, NULL, true);
    }
}

void
pg_loss_add_reached(PgLoss *loss, const char *words, PgReach reach)
{
    Oid types[] = {OIDOID, OIDOID, BOOLOID};
    Datum values[] = {ObjectIdGetDatum(reach.class),
                      ObjectIdGetDatum(reach.object),
                      BoolGetDatum(reach.cascade)};

    if (OidIsValid(reach.object))
        add_found(loss, words, find_tables(reached_query, 3, types, values));
}

void
pg_loss_add_owned(PgLoss *loss, const char *words, Oid role)
{
    Oid types[] = {OIDOID};
    Datum values[] = {ObjectIdGetDatum(role)};

    if (OidIsValid(role))
        add_found(loss, words, find_tables(owned_query, 1, types, values));
}
