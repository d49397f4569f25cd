#include "pg_migrate.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

/*
 * COPY ... FROM STDIN with the data that stand behind it in the script.  The
 * server's own way to it, DoCopy() in commands/copy.c, would ask the client for
 * them; so its steps are done here, up to BeginCopyFrom(), which takes a
 * function to read from.
 */

/* What that function reads, since nothing is handed to it.  A migration cannot
 * run another one, so there is never more than one. */
static struct
{
    const char *next;
    const char *end;
    CompatCopy copy; /* NULL before it has begun and when it is done */
} feed;

/* Give the server some of the data: at least one byte, or 0 at their end. */
static int
feed_read(void *buffer, int least, int most)
{
    size_t length = Min((size_t) most, (size_t) (feed.end - feed.next));

    memcpy(buffer, feed.next, length);
    feed.next += length;
    return (int) length;
}

static DefElem *
find_option(List *options, const char *name)
{
    ListCell *cell;

    foreach (cell, options)
        if (strcmp(lfirst_node(DefElem, cell)->defname, name) == 0)
            return lfirst_node(DefElem, cell);
    return NULL;
}

MigStatementKind
pg_copy_classify(const PgStatement *statement, const char **reason)
{
    const CopyStmt *copy = (const CopyStmt *) statement->raw->stmt;
    DefElem *format = find_option(copy->options, "format");

    *reason = NULL;
    if (format != NULL && format->arg != NULL &&
        strcmp(defGetString(format), "binary") == 0)
        *reason = "COPY FROM STDIN in binary format";
    else if (copy->whereClause != NULL && !COMPAT_COPY_WHERE)
        *reason = "COPY FROM STDIN with WHERE, before PostgreSQL 14,";
    return *reason == NULL ? MIG_ORDINARY : MIG_NOT_ALLOWED;
}

/* Fail for a condition on generated columns, which are not yet computed. */
static void
require_no_generated(Relation table, const Bitmapset *used)
{
    TupleDesc shape = RelationGetDescr(table);

    for (int i = 0; i < shape->natts; i++)
    {
        int whole = 0 - FirstLowInvalidHeapAttributeNumber;

        if (TupleDescAttr(shape, i)->attgenerated &&
            (bms_is_member(i + 1 + whole, used) || bms_is_member(whole, used)))
            ereport(ERROR,
                    (errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
                     errmsg("generated columns are not supported in COPY FROM "
                            "WHERE conditions"),
                     errdetail("Column \"%s\" is a generated column.",
                               NameStr(TupleDescAttr(shape, i)->attname))));
    }
}

/* The condition of a COPY as the executor wants it, or NULL. */
static Node *
analyze_where(ParseState *query, ParseNamespaceItem *item, Relation table,
              Node *where)
{
    Bitmapset *used = NULL;

    if (where == NULL)
        return NULL;
    addNSItemToQuery(query, item, false, true, true);
    where = transformExpr(query, where, EXPR_KIND_COPY_WHERE);
    where = coerce_to_boolean(query, where, "WHERE");
    assign_expr_collations(query, where);
    pull_varattnos(where, 1, &used);
    require_no_generated(table, used);
    where = eval_const_expressions(NULL, where);
    where = (Node *) canonicalize_qual((Expr *) where, false);
    return (Node *) make_ands_implicit((Expr *) where);
}

/* Check what DoCopy() checks before it reads. */
static void
require_rights(ParseState *query, Relation table, CompatRights *rights,
               List *names)
{
    ListCell *cell;

    foreach (cell, compat_copy_columns(table, names))
        rights->insertedCols = bms_add_member(
            rights->insertedCols,
            lfirst_int(cell) - FirstLowInvalidHeapAttributeNumber);
    compat_check_rights(query, rights);
    if (check_enable_rls(RelationGetRelid(table), InvalidOid, false) ==
        RLS_ENABLED)
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("COPY FROM not supported with row-level "
                               "security"),
                        errhint("Use INSERT statements instead.")));
    if (XactReadOnly && !table->rd_islocaltemp)
        PreventCommandIfReadOnly("COPY FROM");
}

/* A script is in the database's encoding, whatever the client's is. */
static List *
with_encoding(List *options)
{
    const char *name = GetDatabaseEncodingName();

    if (find_option(options, "encoding") != NULL)
        return options;
    return lappend(list_copy(options),
                   makeDefElem(pstrdup("encoding"),
                               (Node *) makeString(pstrdup(name)), -1));
}

/* Copy the data into a table that is open. */
static void
copy_into(ParseState *query, Relation table, const CopyStmt *copy)
{
    ParseNamespaceItem *item = addRangeTableEntryForRelation(
        query, table, RowExclusiveLock, NULL, false, false);
    CompatRights *rights = compat_rights(item);
    Node *where;

    rights->requiredPerms = ACL_INSERT;
    where = analyze_where(query, item, table, copy->whereClause);
    require_rights(query, table, rights, copy->attlist);
    feed.copy = compat_copy_begin(query, table, where, feed_read, copy->attlist,
                                  with_encoding(copy->options));
    (void) CopyFrom(feed.copy);
    EndCopyFrom(feed.copy);
    feed.copy = NULL;
}

void
pg_copy_run(const PgStatement *statement)
{
    const CopyStmt *copy = (const CopyStmt *) statement->raw->stmt;
    ParseState *query = make_parsestate(NULL);
    Relation table;

    feed.next = statement->data->text.data;
    feed.end = feed.next + statement->data->text.length;
    feed.copy = NULL;
    query->p_sourcetext = statement->source;
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    table = table_openrv(copy->relation, RowExclusiveLock);
    copy_into(query, table, copy);
    table_close(table, NoLock);
    PopActiveSnapshot();
    free_parsestate(query);
}

/* Whether the server counts a line at a byte of a quoted value: it looks for a
 * carriage return until it has seen how lines end. */
static bool
counts_in_quotes(char c, bool by_newline)
{
    return c == (by_newline ? '\n' : '\r');
}

/*
 * Where a line of the data begins, counted as the server does; their length
 * when there is no such line.
 *
 * quote  of CSV; NUL: text, in which a backslash takes the meaning away from
 *        a new line, too
 */
static size_t
find_line(MigBytes data, uint64 line, char quote)
{
    bool quoted = false;
    bool by_newline = false;
    size_t at = 0;

    while (line > 1 && at < data.length)
    {
        char c = data.data[at++];

        if (c == '\\' && quote == '\0')
            at++;
        else if (c == quote)
            quoted = !quoted;
        else if (quoted ? counts_in_quotes(c, by_newline) : c == '\n')
            line--;
        if (c == '\n' && !quoted)
            by_newline = at < 2 || data.data[at - 2] != '\r';
    }
    return Min(at, data.length);
}

/* Whether a line ends as a statement does. */
static bool
ends_as_statement(MigBytes data, size_t at)
{
    const char *line = data.data + at;
    const char *end = memchr(line, '\n', data.length - at);

    if (end == NULL)
        end = data.data + data.length;
    if (end > line && end[-1] == '\r')
        end--;
    return end > line && end[-1] == ';';
}

/* Tell somebody whose data look as if a statement stood in them where they end.
 *
 * at  where the row that failed begins in them */
static void
hint_end(const PgData *data, size_t at, MigError *error)
{
    if (error->hint[0] != '\0')
        return;
    if (!data->ended)
        mig_fail_hint(error, "No line \\. ends the data of this COPY: they go "
                             "on to the end of the text.");
    else if (error->engine_code == ERRCODE_BAD_COPY_FILE_FORMAT ||
             ends_as_statement(data->text, at))
        mig_fail_hint(error, "The data of a COPY go on to a line \\. that "
                             "holds nothing else.");
}

size_t
pg_copy_failed_row(const PgStatement *statement, MigError *error)
{
    const PgData *data = statement->data;
    uint64 line;
    char quote;
    size_t at;

    if (feed.copy == NULL)
        return 0;
    line = compat_copy_line(feed.copy, &quote);
    at = line == 0 ? data->text.length : find_line(data->text, line, quote);
    feed.copy = NULL;
    hint_end(data, at, error);
    return at == data->text.length ? 0 : data->start + at;
}
