#include "pg_migrate.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_inherits.h"
#include "commands/trigger.h"
#include "nodes/makefuncs.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/reltrigger.h"
#include "utils/syscache.h"

/*
 * At the end of a migration its deferred constraints are checked, so that the
 * error names the right one, and so that the next can alter the tables.
 *
 * SET CONSTRAINTS ALL IMMEDIATE would do it, but it stays in force until the
 * transaction ends, also for constraints yet to be created: the next migration
 * would find all its deferred ones immediate.  So only those are set that may
 * have something pending, by name, and then set back to what they were
 * declared.  A hook on the executor gathers them, since what a function, a
 * trigger or a cascade writes to is seen nowhere else.
 */

static ExecutorFinish_hook_type previous_hook;
static PgDeferred *watching;

/* Note the deferrable constraints among a table's triggers. */
static void
note_triggers(const TriggerDesc *triggers)
{
    if (triggers == NULL)
        return;
    for (int i = 0; i < triggers->numtriggers; i++)
    {
        const Trigger *trigger = &triggers->triggers[i];
        MemoryContext before;

        if (!trigger->tgdeferrable || !OidIsValid(trigger->tgconstraint))
            continue;
        before = MemoryContextSwitchTo(watching->memory);
        watching->constraints = list_append_unique_oid(watching->constraints,
                                                       trigger->tgconstraint);
        MemoryContextSwitchTo(before);
    }
}

static void
note_relation(ResultRelInfo *relation)
{
    note_triggers(relation->ri_TrigDesc);
}

/* Called by the executor when a query has done its work. */
static void
deferred_executor_finish(QueryDesc *query)
{
    if (previous_hook != NULL)
        previous_hook(query);
    else
        standard_ExecutorFinish(query);
    if (watching != NULL)
        compat_each_result_relation(query->estate, note_relation);
}

void
pg_deferred_init(void)
{
    previous_hook = ExecutorFinish_hook;
    ExecutorFinish_hook = deferred_executor_finish;
}

PgDeferred *
pg_deferred_watch(PgDeferred *deferred)
{
    PgDeferred *before = watching;

    watching = deferred;
    return before;
}

void
pg_deferred_note_table(const RangeVar *table)
{
    Oid id;
    ListCell *cell;

    if (watching == NULL)
        return;
    id = RangeVarGetRelid(table, AccessShareLock, true);
    if (!OidIsValid(id))
        return;
    /* A partition may have constraints that the whole has not. */
    foreach (cell, find_all_inheritors(id, AccessShareLock, NULL))
    {
        Relation relation = table_open(lfirst_oid(cell), NoLock);

        note_triggers(relation->trigdesc);
        table_close(relation, NoLock);
    }
}

/* Whether all constraints of a name in a schema are deferrable. */
static bool
name_is_deferrable(Form_pg_constraint constraint)
{
    Relation catalog = table_open(ConstraintRelationId, AccessShareLock);
    bool deferrable = true;
    ScanKeyData key[2];
    SysScanDesc scan;
    HeapTuple tuple;

    ScanKeyInit(&key[0], Anum_pg_constraint_conname, BTEqualStrategyNumber,
                F_NAMEEQ, NameGetDatum(&constraint->conname));
    ScanKeyInit(&key[1], Anum_pg_constraint_connamespace, BTEqualStrategyNumber,
                F_OIDEQ, ObjectIdGetDatum(constraint->connamespace));
    scan = systable_beginscan(catalog, ConstraintNameNspIndexId, true, NULL, 2,
                              key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
        if (!((Form_pg_constraint) GETSTRUCT(tuple))->condeferrable)
            deferrable = false;
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return deferrable;
}

/* Add a constraint to those to be set immediate, and to those to be set back.
 * One that was dropped meanwhile is left out. */
static void
sort_constraint(Oid id, List **immediate, List **deferred)
{
    HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(id));
    Form_pg_constraint constraint;
    RangeVar *name;

    if (!HeapTupleIsValid(tuple))
        return;
    constraint = (Form_pg_constraint) GETSTRUCT(tuple);
    name = makeRangeVar(get_namespace_name(constraint->connamespace),
                        pstrdup(NameStr(constraint->conname)), -1);
    *immediate = lappend(*immediate, name);
    if (constraint->condeferred && name_is_deferrable(constraint))
        *deferred = lappend(*deferred, name);
    ReleaseSysCache(tuple);
}

/* SET CONSTRAINTS names DEFERRED or IMMEDIATE. */
static void
set_constraints(List *names, bool deferred)
{
    ConstraintsSetStmt *statement = makeNode(ConstraintsSetStmt);

    if (names == NIL)
        return;
    statement->constraints = names;
    statement->deferred = deferred;
    AfterTriggerSetState(statement);
}

void
pg_deferred_check(PgDeferred *deferred)
{
    List *to_immediate = NIL;
    List *to_deferred = NIL;
    ListCell *cell;

    foreach (cell, deferred->constraints)
        sort_constraint(lfirst_oid(cell), &to_immediate, &to_deferred);
    list_free(deferred->constraints);
    deferred->constraints = NIL;
    set_constraints(to_immediate, false);
    set_constraints(to_deferred, true);
}
