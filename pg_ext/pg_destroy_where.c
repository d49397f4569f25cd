#include "pg_destroy.h"

#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "utils/lsyscache.h"

/*
 * Whether a DELETE or an UPDATE has a condition that chooses rows.
 *
 * By the tree of the raw parser: a condition with a column in it does.  What
 * stands in a subquery can be a column of the subquery's own tables, and where
 * there is a USING or FROM of one of those; whose it is comes out when the
 * server analyses the statement, and so only once all that stands in front of
 * it has run.
 */

/* What is found in a condition. */
typedef struct Look
{
    bool column; /* outside of subqueries */
    bool inner;  /* in one */
    int depth;   /* of subqueries */
} Look;

/* Whether a reference to a column is a star, as in SELECT *. */
static bool
is_star(const ColumnRef *reference)
{
    return IsA(llast(reference->fields), A_Star);
}

/* A walker: look for columns. */
static bool
look_for_columns(Node *node, void *context)
{
    Look *look = context;
    bool found;

    if (node == NULL)
        return false;
    if (IsA(node, CurrentOfExpr))
    {
        look->column = true;
        return true;
    }
    if (IsA(node, ColumnRef))
    {
        if (look->depth == 0)
            look->column = true;
        else
            look->inner = look->inner || !is_star((ColumnRef *) node);
        return look->column;
    }
    if (!IsA(node, SubLink))
        return raw_expression_tree_walker(node, look_for_columns, look);
    if (look_for_columns(((SubLink *) node)->testexpr, look))
        return true;
    look->depth++;
    found = look_for_columns(((SubLink *) node)->subselect, look);
    look->depth--;
    return found;
}

/* What the DELETEs and UPDATEs of an analysed statement choose. */
typedef struct Choice
{
    Oid table;   /* whose are asked for; */
    bool found;  /* there is one, */
    bool missed; /* and one of them chooses no rows */
    bool other;  /* one of another table's chooses some */
} Choice;

/* Look at an analysed statement, and at those in its WITH. */
static void
look_at_choice(const Query *query, Choice *choice)
{
    ListCell *cell;

    if (query->commandType == CMD_DELETE || query->commandType == CMD_UPDATE)
    {
        Oid table;
        bool chooses = pg_query_chooses(query, &table);

        if (table == choice->table)
        {
            choice->found = true;
            choice->missed = choice->missed || !chooses;
        }
        else
            choice->other = choice->other || chooses;
    }
    foreach (cell, query->cteList)
    {
        const Node *inner = lfirst_node(CommonTableExpr, cell)->ctequery;

        if (IsA(inner, Query))
            look_at_choice((const Query *) inner, choice);
    }
}

/* Whether an error is none of the statement's: that may go well the next time.
 */
static bool
ends_all(int code)
{
    return code == ERRCODE_QUERY_CANCELED ||
           code == ERRCODE_LOCK_NOT_AVAILABLE ||
           code == ERRCODE_T_R_DEADLOCK_DETECTED ||
           code == ERRCODE_OUT_OF_MEMORY;
}

/*
 * Have the server analyse the statement, and look at the conditions of what it
 * does to a table; where a rule does something else instead, at those of that.
 * True also where it cannot, which comes out when the statement runs.
 */
static bool
chooses_by_analysis(const PgLoss *loss, const RangeVar *table)
{
    const PgStatement *parsed = loss->parsed;
    PgSubtransaction inner;
    MigError failure;
    volatile bool chooses = true;

    memset(&failure, 0, sizeof(failure));
    pg_subtransaction_begin(&inner);
    PG_TRY();
    {
        List *queries = compat_analyze(copyObject(parsed->raw), parsed->source);
        Choice choice = {pg_relation_of(loss->host, table), false, false,
                         false};
        bool hidden = queries == NIL;
        ListCell *cell;

        foreach (cell, queries)
        {
            const Query *query = lfirst_node(Query, cell);

            /* What an EXPLAIN and the like hold is analysed when they run. */
            hidden = hidden || query->commandType == CMD_UTILITY;
            look_at_choice(query, &choice);
        }
        chooses = hidden || (choice.found ? !choice.missed : choice.other);
    }
    PG_CATCH();
    {
        (void) pg_catch((PgHost *) loss->host, &failure);
    }
    PG_END_TRY();
    pg_subtransaction_undo(&inner);
    if (ends_all(failure.engine_code))
        ReThrowError(loss->host->cause);
    return chooses;
}

bool
pg_chooses_rows(const PgLoss *loss, const RangeVar *table,
                const Node *condition, const List *others)
{
    Look look = {false, false, 0};

    if (condition == NULL)
        return false;
    (void) look_for_columns((Node *) condition, &look);
    if (others == NIL && (look.column || !look.inner))
        return look.column;
    if (!look.column && !look.inner)
        return false;
    /* To look at a plan analyses nothing of it. */
    return !loss->host->unit.open || chooses_by_analysis(loss, table);
}

/* A table whose columns are looked for. */
typedef struct Own
{
    const char *name; /* as its statement calls it */
    Oid table;        /* InvalidOid: any name without a table's can be its */
} Own;

/* A walker: look for a column of a table. */
static bool
look_for_own(Node *node, void *context)
{
    const Own *own = context;
    const List *fields;
    const char *first;

    if (node == NULL)
        return false;
    if (!IsA(node, ColumnRef))
        return raw_expression_tree_walker(node, look_for_own, context);
    fields = ((const ColumnRef *) node)->fields;
    if (list_length(fields) > 1)
        return strcmp(strVal(list_nth(fields, list_length(fields) - 2)),
                      own->name) == 0;
    if (is_star((const ColumnRef *) node))
        return false;
    first = strVal(linitial(fields));
    return strcmp(first, own->name) == 0 || !OidIsValid(own->table) ||
           get_attnum(own->table, first) != InvalidAttrNumber;
}

bool
pg_has_own_column(const PgLoss *loss, const Node *expression,
                  const RangeVar *name)
{
    Own own;

    own.name = name->alias == NULL ? name->relname : name->alias->aliasname;
    /* Statements in front of it may still add columns. */
    own.table =
        loss->host->unit.open ? pg_relation_of(loss->host, name) : InvalidOid;
    return look_for_own((Node *) expression, &own);
}
