#include "pg_destroy.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"

/*
 * Which queries change rows without choosing them, by the server's analysed
 * and rewritten tree: in it a name is already a column of some table, a rule is
 * what it does, and a view that can be changed is the table behind it.
 */

/* The kinds of marks; the number of each is below zero, see mark_kind(). */
static const struct
{
    CmdType command;
    bool inherited;
    const char *words;
} kinds[] = {
    {CMD_DELETE, true, "deletes every row of "},
    {CMD_DELETE, false, "deletes every row of "},
    {CMD_UPDATE, true, "updates every row of "},
    {CMD_UPDATE, false, "updates every row of "},
};

/* The place of a mark in that list; below zero for all other items. */
static int
mark_kind(const PlanInvalItem *item)
{
    int kind = -1 - item->cacheId;

    return kind < (int) lengthof(kinds) ? kind : -1;
}

/* The table that a query changes, as its range table has it. */
static const RangeTblEntry *
target_of(const Query *query)
{
    return rt_fetch(query->resultRelation, query->rtable);
}

/* ---- What is done through a view ---- */

/* Add the conditions that an AND holds together to a list of them. */
static List *
add_conditions(List *conditions, Node *condition)
{
    ListCell *cell;

    if (condition == NULL)
        return conditions;
    if (!is_andclause(condition))
        return lappend(conditions, condition);
    foreach (cell, ((BoolExpr *) condition)->args)
        conditions = add_conditions(conditions, lfirst(cell));
    return conditions;
}

/* Whether rules do something instead of a DELETE of a relation, or of what is
 * behind it when it is a view. */
static bool
is_ruled(Oid id)
{
    Relation relation = table_open(id, AccessShareLock);
    const RuleLock *rules = relation->rd_rules;
    bool ruled = false;
    const Query *shown;
    ListCell *cell;

    for (int i = 0; rules != NULL && i < rules->numLocks; i++)
        ruled = ruled || (rules->rules[i]->event == CMD_DELETE &&
                          rules->rules[i]->isInstead);
    if (!ruled && relation->rd_rel->relkind == RELKIND_VIEW)
    {
        shown = get_view_query(relation);
        foreach (cell, shown->jointree->fromlist)
        {
            const RangeTblRef *behind = lfirst(cell);

            ruled = ruled ||
                    (IsA(behind, RangeTblRef) &&
                     is_ruled(rt_fetch(behind->rtindex, shown->rtable)->relid));
        }
    }
    table_close(relation, NoLock);
    return ruled;
}

/* A DELETE of all that a view shows, as the server's parser would make it; by
 * its name it would be found only with a right to its schema. */
static Query *
delete_all(Oid view)
{
    Relation relation = table_open(view, AccessShareLock);
    ParseState *names = make_parsestate(NULL);
    RangeTblRef *target = makeNode(RangeTblRef);
    Query *query = makeNode(Query);

    (void) addRangeTableEntryForRelation(names, relation, AccessShareLock, NULL,
                                         true, false);
    table_close(relation, NoLock);
    target->rtindex = 1;
    query->commandType = CMD_DELETE;
    query->querySource = QSRC_ORIGINAL;
    query->canSetTag = true;
    query->resultRelation = target->rtindex;
    query->jointree = makeFromExpr(list_make1(target), NULL);
    compat_take_tables(query, names);
    return query;
}

/* What the server makes of it; NULL where it would refuse it, or do something
 * else. */
static const Query *
delete_through(Oid view)
{
    ListCell *cell;

    if ((relation_is_updatable(view, NIL, false, NULL) & (1 << CMD_DELETE)) ==
            0 ||
        is_ruled(view))
        return NULL;
    foreach (cell, QueryRewrite(delete_all(view)))
    {
        const Query *query = lfirst_node(Query, cell);

        if (query->querySource == QSRC_ORIGINAL)
            return query;
    }
    return NULL;
}

/*
 * Find what a query names as what it changes: a view, or the table itself.
 *
 * conditions  out: those of the view, as the query has them
 */
static Oid
find_named(const Query *query, List **conditions)
{
    const RangeTblEntry *target = target_of(query);
    ListCell *cell;

    *conditions = NIL;
    foreach (cell, query->rtable)
    {
        const RangeTblEntry *entry = lfirst_node(RangeTblEntry, cell);
        const Query *whole;

        if (entry->rtekind != RTE_RELATION || entry->relkind != RELKIND_VIEW ||
            entry == target)
            continue;
        whole = delete_through(entry->relid);
        if (whole == NULL || target_of(whole)->relid != target->relid)
            continue;
        ChangeVarNodes(whole->jointree->quals, whole->resultRelation,
                       query->resultRelation, 0);
        *conditions = add_conditions(NIL, whole->jointree->quals);
        return entry->relid;
    }
    return target->relid;
}

/* ---- Conditions ---- */

/* The range table's number that columns of the changed table have. */
static int
own_number(const Query *query)
{
    const RangeTblEntry *target = target_of(query);
    int number = 0;
    ListCell *cell;

    /* What a trigger does in its place is done with the rows of the view, which
     * has become a subquery. */
    foreach (cell, target->relkind == RELKIND_VIEW ? query->rtable : NIL)
    {
        const RangeTblEntry *entry = lfirst_node(RangeTblEntry, cell);

        number++;
        if (entry->rtekind == RTE_SUBQUERY && equal(entry->eref, target->eref))
            return number;
    }
    return query->resultRelation;
}

bool
pg_query_chooses(const Query *query, Oid *table)
{
    List *others;
    int own = own_number(query);
    ListCell *cell;

    *table = find_named(query, &others);
    foreach (cell, add_conditions(NIL, query->jointree->quals))
    {
        Node *condition = lfirst(cell);

        /* Once each: the statement can say the same. */
        if (list_member(others, condition))
            others = list_delete(others, condition);
        else if (bms_is_member(own, compat_varnos(condition)))
            return true;
    }
    return false;
}

/* ---- Marks ---- */

/* Add a mark for a query that changes all of a table. */
static List *
add_mark(List *marks, const Query *query, CmdType command, Oid table)
{
    PlanInvalItem *mark = makeNode(PlanInvalItem);
    bool inherited = target_of(query)->inh;

    for (int i = 0; i < lengthof(kinds); i++)
    {
        if (kinds[i].command == command && kinds[i].inherited == inherited)
            mark->cacheId = -1 - i;
    }
    mark->hashValue = table;
    return lappend(marks, mark);
}

/* Add marks for the actions of a MERGE; see look_at_merge(). */
static List *
add_merge(List *marks, const Query *query, const CompatMergeQuery *merge)
{
    bool chosen = bms_is_member(merge->target, compat_varnos(merge->condition));
    List *others;
    Oid table = find_named(query, &others);
    ListCell *cell;

    foreach (cell, merge->actions)
    {
        Node *condition;
        CmdType command = compat_merge_action(lfirst(cell), &condition);

        if (command != CMD_INSERT)
            chosen = chosen ||
                     bms_is_member(merge->target, compat_varnos(condition));
        if (!chosen && (command == CMD_DELETE || command == CMD_UPDATE))
            marks = add_mark(marks, query, command, table);
    }
    return marks;
}

List *
pg_query_marks(const Query *query)
{
    CompatMergeQuery merge = compat_merge_query(query);
    List *marks = NIL;
    ListCell *cell;
    Oid table;

    foreach (cell, query->cteList)
    {
        const Node *inner = lfirst_node(CommonTableExpr, cell)->ctequery;

        if (IsA(inner, Query))
            marks = list_concat(marks, pg_query_marks((const Query *) inner));
    }
    if (merge.is_one)
        return add_merge(marks, query, &merge);
    if ((query->commandType == CMD_DELETE ||
         query->commandType == CMD_UPDATE) &&
        !pg_query_chooses(query, &table))
        marks = add_mark(marks, query, query->commandType, table);
    return marks;
}

bool
pg_is_marked(const PlannedStmt *plan)
{
    ListCell *cell;

    foreach (cell, plan->invalItems)
    {
        if (mark_kind(lfirst_node(PlanInvalItem, cell)) >= 0)
            return true;
    }
    return false;
}

void
pg_loss_add_marked(PgLoss *loss, const PlannedStmt *plan)
{
    ListCell *cell;

    foreach (cell, plan->invalItems)
    {
        const PlanInvalItem *item = lfirst_node(PlanInvalItem, cell);
        int kind = mark_kind(item);

        if (kind >= 0)
            pg_loss_add(loss, kinds[kind].words, item->hashValue, NULL, NULL,
                        kinds[kind].inherited);
    }
}
