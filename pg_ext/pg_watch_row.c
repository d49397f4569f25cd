#include "pg_watch.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_type_d.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

/*
 * Rows are put into the table as the server puts them into its own: without an
 * INSERT there are no rights to lack, no triggers, rules, policies, defaults or
 * constraints to run, and no sequence to be at its end.  What could fail, a
 * table of another form, is looked at before.
 */

#define TABLE "migrate_ddl"

/* Of a statement's text, in bytes. */
#define STATEMENT_MAX 2000

/* Stands for the text of a statement that may hold a secret. */
#define LEFT_OUT "(left out: there may be a password in it)"

/* Columns of the table. */
enum
{
    AT,
    NUMBER,
    TRANSACTION,
    ACTOR,
    ROLE,
    APPLICATION,
    CLIENT,
    PROCESS,
    COMMAND,
    KIND,
    SCHEMA,
    OBJECT,
    OUTCOME,
    STATEMENT,
    COLUMNS
};

static const Oid types[COLUMNS] = {INT8OID, INT8OID, INT8OID, TEXTOID, TEXTOID,
                                   TEXTOID, TEXTOID, INT8OID, TEXTOID, TEXTOID,
                                   TEXTOID, TEXTOID, TEXTOID, TEXTOID};

/* A row to be. */
typedef struct Row
{
    Datum values[COLUMNS];
    bool nulls[COLUMNS];
} Row;

/* Whether a table is as it was made, as far as a row depends on that. */
static bool
is_as_made(Relation table)
{
    TupleDesc shape = RelationGetDescr(table);

    if (table->rd_rel->relkind != RELKIND_RELATION ||
        table->rd_rel->relam != HEAP_TABLE_AM_OID ||
        table->rd_rel->relpersistence != RELPERSISTENCE_PERMANENT ||
        shape->natts != COLUMNS || RelationGetIndexList(table) != NIL)
        return false;
    for (int i = 0; i < COLUMNS; i++)
        if (TupleDescAttr(shape, i)->attisdropped ||
            TupleDescAttr(shape, i)->atttypid != types[i])
            return false;
    return true;
}

/* Open the table; NULL when nothing can be written to it. */
static Relation
table_find(Oid schema)
{
    Oid id = get_relname_relid(TABLE, schema);
    Relation table =
        OidIsValid(id) ? try_relation_open(id, RowExclusiveLock) : NULL;

    if (table == NULL || is_as_made(table))
        return table;
    relation_close(table, RowExclusiveLock);
    return NULL;
}

/* Set a column; NULL for NULL. */
static void
row_set_text(Row *row, int column, const char *value)
{
    row->nulls[column] = value == NULL;
    row->values[column] =
        value == NULL ? (Datum) 0 : CStringGetTextDatum(value);
}

static void
row_set_number(Row *row, int column, int64 value)
{
    row->nulls[column] = false;
    row->values[column] = Int64GetDatum(value);
}

/* The client's address and port. */
static const char *
client_place(void)
{
    const char *address = pg_client_address();
    LOCAL_FCINFO(fcinfo, 0);
    Datum port;

    InitFunctionCallInfoData(*fcinfo, NULL, 0, InvalidOid, NULL, NULL);
    port = inet_client_port(fcinfo);
    if (fcinfo->isnull)
        return address;
    return psprintf(strchr(address, ':') == NULL ? "%s:%d" : "[%s]:%d", address,
                    DatumGetInt32(port));
}

/* Whether a text has a word in it, in letters of any case. */
static bool
mentions(const char *statement, const char *word)
{
    size_t length = strlen(word);

    for (; *statement != '\0'; statement++)
        if (pg_strncasecmp(statement, word, length) == 0)
            return true;
    return false;
}

/* What the client has sent, cut to a sensible length. */
static const char *
client_statement(void)
{
    const char *statement = debug_query_string;
    int length;

    if (statement == NULL)
        return NULL;
    if (mentions(statement, "password"))
        return LEFT_OUT;
    length = (int) strnlen(statement, STATEMENT_MAX + 1);
    if (length <= STATEMENT_MAX)
        return statement;
    length = pg_mbcliplen(statement, length, STATEMENT_MAX);
    return psprintf("%.*s ...", length, statement);
}

/* What all rows of one event have in common. */
static void
row_begin(Row *row, const char *outcome)
{
    memset(row, 0, sizeof(*row));
    row_set_number(row, AT, GetCurrentTimestamp() + PG_EPOCH_SHIFT);
    row_set_number(row, TRANSACTION,
                   (int64) U64FromFullTransactionId(GetTopFullTransactionId()));
    row_set_text(row, ACTOR,
                 GetUserNameFromId(GetAuthenticatedUserId(), false));
    row_set_text(row, ROLE, GetUserNameFromId(GetUserId(), false));
    row_set_text(row, APPLICATION,
                 application_name == NULL ? "" : application_name);
    row_set_text(row, CLIENT, client_place());
    row_set_number(row, PROCESS, MyProcPid);
    row_set_text(row, OUTCOME, outcome);
    row_set_text(row, STATEMENT, client_statement());
}

void
pg_watch_write(Oid schema, List *touched, const char *outcome)
{
    Relation table = table_find(schema);
    ListCell *cell;
    int64 number = 0;
    Row row;

    if (table == NULL)
    {
        ereport(WARNING,
                (errmsg("a change of the schema was not recorded: the table "
                        "\"%s\" is not as the extension \"migrate\" made it",
                        TABLE),
                 errhint("Undo what was done to that table, or set watch to "
                         "off.")));
        return;
    }
    row_begin(&row, outcome);
    foreach (cell, touched)
    {
        const PgTouched *found = lfirst(cell);
        HeapTuple tuple;

        row_set_number(&row, NUMBER, ++number);
        row_set_text(&row, COMMAND, found->command);
        row_set_text(&row, KIND, found->kind);
        row_set_text(&row, SCHEMA, found->schema);
        row_set_text(&row, OBJECT, found->identity);
        tuple = heap_form_tuple(RelationGetDescr(table), row.values, row.nulls);
        simple_heap_insert(table, tuple);
        heap_freetuple(tuple);
    }
    relation_close(table, NoLock);
}
