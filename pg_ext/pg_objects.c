#include "pg_objects.h"

#include "access/htup_details.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

/*
 * The objects of the users' schemas
 *
 * Definitions are the server's own, of its pg_get_...() functions, or are put
 * together from the catalogs.  They are written with a search_path in which no
 * schema of the users is, so that every name is qualified, or only the one that
 * is wanted: its names are then not.  What belongs to an extension is that
 * extension's affair; so is what came with the server.
 */

/* What every query begins with: see pg_objects.h. */
const char pg_objects_schemas[] =
    "WITH n AS (SELECT oid, nspname::text AS schema, "
    "CASE $1 WHEN '' THEN quote_ident(nspname) || '.' ELSE '' END AS prefix "
    "FROM pg_namespace WHERE nspname !~ '^pg_' "
    "AND nspname <> 'information_schema' AND ($1 = '' OR nspname = $1)), ";

/* The objects, and what is told besides of those in the common table a. */
#define NOTE "kind || CASE identity WHEN '' THEN '' ELSE ' ' || identity END"
#define NOTE_ROOT "nullif(coalesce(root, identity), '')"
static const char objects[] =
    "SELECT kind, schema, relation, identity, root, definition FROM ";
static const char owners[] =
    " UNION ALL SELECT 'owner', schema, relation, " NOTE ", " NOTE_ROOT
    ", owner::regrole::text FROM a WHERE owner <> 0";
static const char privileges[] =
    " UNION ALL SELECT 'privileges', schema, relation, " NOTE ", " NOTE_ROOT
    ", x.given FROM (SELECT a.*, {privileges;a.acl;a.owner} AS given, "
    "{privileges;acldefault(a.acltype, a.owner);a.owner} AS usual "
    "FROM a WHERE acl IS NOT NULL) x WHERE x.given <> x.usual";
static const char spaces[] =
    " UNION ALL SELECT 'tablespace', schema, relation, " NOTE ", " NOTE_ROOT
    ", quote_ident(spcname) FROM a JOIN pg_tablespace s ON s.oid = space";
static const char comments[] =
    " UNION ALL SELECT 'comment', schema, relation, " NOTE ", " NOTE_ROOT
    ", description FROM a JOIN pg_description d ON d.objoid = a.oid "
    "AND d.objsubid = a.sub AND d.classoid = ";
static const char labels[] =
    " UNION ALL SELECT 'security label', schema, relation, provider || ' ON ' "
    "|| " NOTE ", " NOTE_ROOT ", label FROM a JOIN pg_seclabel d "
    "ON d.objoid = a.oid AND d.objsubid = a.sub "
    "AND d.classoid = ";

/* How often the queries are run when what they find goes away meanwhile. */
#define MAX_TRIES 20

/* Columns of the queries. */
enum
{
    KIND,
    SCHEMA,
    RELATION,
    IDENTITY,
    TABLE,
    DEFINITION,
    COLUMNS
};

/* Whether a row is of what is not to be listed. */
static bool
is_left_out(const PgObjectsListing *listing, const MigBytes *columns)
{
    const MigScope *scope = listing->scope;

    for (size_t i = 0; i < scope->except_count; i++)
    {
        const MigTableName *except = &scope->except[i];

        if (columns[SCHEMA].data != NULL &&
            mig_bytes_equal(except->schema, columns[SCHEMA]) &&
            (except->name.length == 0 ||
             (columns[RELATION].data != NULL &&
              mig_bytes_equal(except->name, columns[RELATION]))))
            return true;
    }
    return false;
}

/* The bytes of a text; borrowed where it is not compressed. */
static MigBytes
text_bytes(Datum datum)
{
    text *value = DatumGetTextPP(datum);
    MigBytes bytes;

    bytes.data = VARDATA_ANY(value);
    bytes.length = VARSIZE_ANY_EXHDR(value);
    return bytes;
}

/* Read the columns of a row, absent where they are NULL, in one go: each single
 * look at one passes over all before it. */
static void
columns_read(HeapTuple tuple, TupleDesc shape, MigBytes columns[COLUMNS])
{
    const MigBytes absent = {NULL, 0};
    Datum values[COLUMNS];
    bool nulls[COLUMNS];

    heap_deform_tuple(tuple, shape, values, nulls);
    for (int i = 0; i < COLUMNS; i++)
        columns[i] = nulls[i] ? absent : text_bytes(values[i]);
}

/* The same for a name, from {open} in it on, if there is any. */
static MigBytes
identity_unqualify(PgObjectsListing *listing, MigBytes name, const char *open)
{
    StringInfoData copy;
    MigBytes rest;
    MigBytes result = name;

    if (open == NULL)
        return name;
    rest.data = open;
    rest.length = (size_t) (name.data + name.length - open);
    rest = pg_objects_unqualify(listing->host, rest, listing->schema,
                                listing->error);
    initStringInfo(&copy);
    appendBinaryStringInfo(&copy, name.data, (int) (open - name.data));
    appendBinaryStringInfo(&copy, rest.data, (int) rest.length);
    result.data = copy.data;
    result.length = (size_t) copy.len;
    return result;
}

/* Whether a definition is no SQL, but what a user has written down. */
static bool
is_prose(const MigObject *object)
{
    return mig_bytes_equal(object->kind, mig_bytes("comment")) ||
           mig_bytes_equal(object->kind, mig_bytes("security label"));
}

/* Write an object as if nothing were hidden.  The first part of an identity is
 * of our making: what stands in parentheses is the server's. */
static void
object_unqualify(PgObjectsListing *listing, MigObject *object)
{
    const char *open =
        memchr(object->identity.data, '(', object->identity.length);

    if (!is_prose(object))
        object->definition = pg_objects_unqualify(
            listing->host, object->definition, listing->schema, listing->error);
    if (open != NULL)
        object->identity = identity_unqualify(listing, object->identity, open);
    if (open != NULL && object->table.length > 0)
        object->table = identity_unqualify(
            listing, object->table,
            memchr(object->table.data, '(', object->table.length));
}

/* Hand on one row. */
static MigStatus
row_deliver(PgObjectsListing *listing, HeapTuple tuple, TupleDesc shape)
{
    MigBytes columns[COLUMNS];
    MigObject object;

    columns_read(tuple, shape, columns);
    if (columns[DEFINITION].data == NULL || is_left_out(listing, columns))
        return MIG_OK;
    object.kind = columns[KIND];
    object.identity = columns[IDENTITY];
    object.table = columns[TABLE];
    object.definition = columns[DEFINITION];
    if (!is_prose(&object))
        object.definition =
            pg_objects_settle(listing->host, object.definition, listing->error);
    if (listing->hides)
        object_unqualify(listing, &object);
    return listing->object(listing->context, &object, listing->error);
}

/* Whether all columns of a query are text, as they are read. */
static bool
is_text(TupleDesc shape)
{
    if (shape->natts != COLUMNS)
        return false;
    for (int i = 0; i < COLUMNS; i++)
        if (TupleDescAttr(shape, i)->atttypid != TEXTOID)
            return false;
    return true;
}

/* Hand on the rows of a query. */
static void
table_deliver(PgObjectsListing *listing, const SPITupleTable *table)
{
    MemoryContext memory = AllocSetContextCreate(
        CurrentMemoryContext, "migrate object", PG_CONTEXT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(memory);

    if (!is_text(table->tupdesc))
        elog(ERROR, "a list of objects has other columns than six of text");
    for (uint64 i = 0; listing->error->status == MIG_OK && i < table->numvals;
         i++)
    {
        (void) row_deliver(listing, table->vals[i], table->tupdesc);
        MemoryContextReset(memory);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
}

void
pg_objects_compose_tables(StringInfo composed, const PgObjectsQuery *query,
                          PgObjectsExtent extent)
{
    appendStringInfoString(composed, pg_objects_schemas);
    appendStringInfo(composed,
                     "m AS (SELECT objid FROM pg_depend WHERE deptype IN (%s) "
                     "AND classid = 'pg_catalog.%s'::regclass ",
                     strcmp(query->members, "pg_class") == 0
                         ? "'e') AND refclassid IN "
                           "('pg_catalog.pg_extension'::regclass"
                         : "'e', 'i'",
                     query->members);
    if (extent == PG_OBJECTS_ALL)
        appendStringInfoString(composed, "AND objid >= " PG_FIRST_OID);
    pg_objects_append(composed,
                      strcmp(query->members, "pg_proc") == 0
                          ? "{few; AND objid = ANY ($6)}), "
                      : strcmp(query->members, "pg_type") == 0
                          ? "{few; AND objid = ANY ($7)}), "
                          : "{few; AND objid = ANY ($4)}), ",
                      extent);
    pg_objects_append(composed, query->with, extent);
}

char *
pg_objects_compose(const PgObjectsQuery *query, PgObjectsExtent extent)
{
    bool once = (query->notes & ~PG_NOTE_NUMBER) == 0;
    StringInfoData composed;

    initStringInfo(&composed);
    pg_objects_compose_tables(&composed, query, extent);
    /* What is needed but once is not kept; a condition would then be worked out
     * beside the row. */
    appendStringInfo(&composed, "a AS %s (", once ? "" : "MATERIALIZED");
    pg_objects_append(&composed, query->select, extent);
    appendStringInfo(&composed, ") %sa%s", objects,
                     once ? "" : " WHERE definition IS NOT NULL");
    if (query->notes & PG_NOTE_OWNER)
        appendStringInfoString(&composed, owners);
    if (query->notes & PG_NOTE_PRIVILEGES)
        pg_objects_append(&composed, privileges, extent);
    if (query->notes & PG_NOTE_TABLESPACE)
        appendStringInfoString(&composed, spaces);
    if (query->notes & PG_NOTE_COMMENT)
    {
        appendStringInfo(&composed,
                         "%s'pg_catalog.%s'::regclass%s"
                         "'pg_catalog.%s'::regclass",
                         comments, query->catalog, labels, query->catalog);
    }
    return composed.data;
}

/* Numbers of plans; those of pg_objects_few.c are in front, and those of the
 * lists follow. */
enum
{
    PLAN_HIDDEN = PG_OBJECTS_FEW_PLANS,
    PLAN_NEEDED,
    PLAN_FIRST
};

SPITupleTable *
pg_objects_query(const PgObjectsListing *listing, int number, const char *query)
{
    MigBytes schema = listing->scope->schema;
    Datum values[] = {
        PointerGetDatum(cstring_to_text_with_len(
            schema.length > 0 ? schema.data : "", (int) schema.length)),
        CStringGetTextDatum(
            listing->host->schema == NULL ? "" : listing->host->schema),
        ObjectIdGetDatum(listing->host->extension),
        PointerGetDatum(listing->few),
        PointerGetDatum(listing->names),
        PointerGetDatum(listing->routines),
        PointerGetDatum(listing->types)};
    const char nulls[] = {' ',
                          ' ',
                          ' ',
                          listing->few == NULL ? 'n' : ' ',
                          listing->names == NULL ? 'n' : ' ',
                          listing->routines == NULL ? 'n' : ' ',
                          listing->types == NULL ? 'n' : ' ',
                          '\0'};
    int rc = SPI_execute_plan(pg_objects_plan(number, query), values, nulls,
                              true, 0);

    if (rc != SPI_OK_SELECT)
        elog(ERROR, "could not list objects: %s", SPI_result_code_string(rc));
    return SPI_tuptable;
}

bool
pg_objects_hides(const PgObjectsListing *listing)
{
    SPITupleTable *table;
    bool is_null;

    if (listing->scope->schema.length == 0)
        return false;
    table = pg_objects_query(listing, PLAN_HIDDEN, pg_objects_hidden);
    return table->numvals > 0 &&
           DatumGetBool(
               SPI_getbinval(table->vals[0], table->tupdesc, 1, &is_null));
}

void
pg_objects_run(PgObjectsListing *listing, int number,
               const PgObjectsQuery *query, PgObjectsExtent extent)
{
    char *sql = pg_objects_is_planned(number)
                    ? NULL
                    : pg_objects_compose(query, extent);

    listing->tables =
        lappend(listing->tables, pg_objects_query(listing, number, sql));
}

/* All queries, in the order in which they are run. */
static const PgObjectsQuery *const queries[] = {
    pg_objects_globals, pg_objects_types, pg_objects_others,
    pg_objects_relations, pg_objects_parts};

/*
 * Settings that change how something is written, or how long that takes.  In
 * other zones, locales or forms constants in expressions would be others.
 */
static const char *const settings[][2] = {
    {"quote_all_identifiers", "off"},
    {"standard_conforming_strings", "on"},
    {"IntervalStyle", "postgres"},
    {"DateStyle", "ISO, MDY"},
    {"TimeZone", "UTC"},
    {"extra_float_digits", "1"},
    {"bytea_output", "hex"},
    {"xmlbinary", "base64"},
    {"lc_monetary", "C"},
    {"jit", "off"},
    {"max_parallel_workers_per_gather", "0"}};

void
pg_objects_setting(const char *name, const char *value)
{
    (void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
                             GUC_ACTION_SAVE, true, 0, false);
}

/* Change those that matter; pg_catalog comes first, so that no function or
 * operator of the users' is taken for the server's. */
static void
settings_change(const MigScope *scope)
{
    StringInfoData path;

    initStringInfo(&path);
    appendStringInfoString(&path, "pg_catalog, ");
    if (scope->schema.length > 0)
        appendStringInfo(&path, "%s, ",
                         quote_identifier(pnstrdup(scope->schema.data,
                                                   scope->schema.length)));
    appendStringInfoString(&path, "pg_temp");
    pg_objects_setting("search_path", path.data);
    for (size_t i = 0; i < lengthof(settings); i++)
        pg_objects_setting(settings[i][0], settings[i][1]);
}

void
pg_canon(MigHost *base, char *canon, size_t size)
{
    snprintf(canon, size, "pg%d/1", PG_VERSION_NUM / 10000);
}

/*
 * Whether a query is about a catalog in which there can be nothing but what
 * came with the server.  What has always come with it can be owned by others,
 * or have been made anew.
 */
static bool
may_be_empty(const PgObjectsQuery *query)
{
    return strcmp(query->catalog, "pg_class") != 0 &&
           strcmp(query->catalog, "pg_namespace") != 0 &&
           strcmp(query->catalog, "pg_extension") != 0;
}

/* Whether there is such a row. */
#define NEEDED                                                                 \
    " || CASE WHEN EXISTS (SELECT FROM pg_catalog.%s%s) THEN '1' ELSE '0' END"

/*
 * Say for each query, in their order, whether there is anything for it: '1' or
 * '0'.  Planning all of them takes longer than a small schema's list.
 */
static const char *
queries_needed(const PgObjectsListing *listing)
{
    StringInfoData query;
    SPITupleTable *table;

    initStringInfo(&query);
    appendStringInfoString(&query, "SELECT ''");
    for (size_t i = 0; i < lengthof(queries); i++)
        for (const PgObjectsQuery *each = queries[i]; each->select != NULL;
             each++)
        {
            if (each->rows != NULL)
                appendStringInfo(&query, NEEDED, each->rows, "");
            else if (may_be_empty(each))
                appendStringInfo(&query, NEEDED, each->catalog,
                                 " WHERE oid >= " PG_FIRST_OID);
            else
                appendStringInfoString(&query, " || '1'");
        }
    table = pg_objects_query(listing, PLAN_NEEDED, query.data);
    return SPI_getvalue(table->vals[0], table->tupdesc, 1);
}

/* Run all queries. */
static void
all_run(PgObjectsListing *listing)
{
    const char *needed = queries_needed(listing);
    int number = PLAN_FIRST;

    for (size_t i = 0; i < lengthof(queries); i++)
        for (const PgObjectsQuery *query = queries[i]; query->select != NULL;
             query++, number++)
            if (*needed++ == '1')
                pg_objects_run(listing, number, query, PG_OBJECTS_ALL);
    listing->hides = pg_objects_hides(listing);
    listing->host->hides = listing->hides;
    elog(DEBUG1, "all objects are listed");
}

/*
 * Run the queries, on one snapshot.
 *
 * As a superuser, so that the list is the same whoever asks for it: a schema
 * that the caller may not use would not count in the path.  Nothing that others
 * have written is run: pg_catalog comes first, and what writes a constant of a
 * type that others have made is code in C.
 */
static void
queries_run(PgObjectsListing *listing)
{
    Oid user;
    int security;

    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID,
                           security | SECURITY_LOCAL_USERID_CHANGE |
                               SECURITY_RESTRICTED_OPERATION);
    /* What the server's functions write is of now, whatever the snapshot. */
    PushActiveSnapshot(IsInParallelMode() ? GetActiveSnapshot()
                                          : GetLatestSnapshot());
    listing->run(listing);
    PopActiveSnapshot();
    SetUserIdAndSecContext(user, security);
}

/* Whether an error can come of what has been dropped since the snapshot. */
static bool
may_pass(int code)
{
    return code == ERRCODE_INTERNAL_ERROR || code == ERRCODE_UNDEFINED_TABLE ||
           code == ERRCODE_UNDEFINED_COLUMN ||
           code == ERRCODE_UNDEFINED_FUNCTION ||
           code == ERRCODE_UNDEFINED_OBJECT || code == ERRCODE_UNDEFINED_SCHEMA;
}

/* Run them in a subtransaction. */
static MigStatus
queries_try(PgObjectsListing *listing)
{
    PgSubtransaction inner;

    listing->tables = NIL;
    pg_subtransaction_begin(&inner);
    PG_TRY();
    {
        pg_error_context_none();
        queries_run(listing);
    }
    PG_CATCH();
    {
        (void) pg_catch(listing->host, listing->error);
    }
    PG_END_TRY();
    if (listing->error->status == MIG_OK)
        pg_subtransaction_keep(&inner);
    else
        pg_subtransaction_undo(&inner);
    return listing->error->status;
}

/*
 * Run them, once more when an object went away between being found and being
 * described: the server's functions then fail.  Where no subtransaction can be,
 * there is but one try.
 */
static MigStatus
queries_repeat(PgObjectsListing *listing)
{
    if (IsInParallelMode())
    {
        queries_run(listing);
        return MIG_OK;
    }
    for (int tries = 1; queries_try(listing) != MIG_OK; tries++)
    {
        if (tries == MAX_TRIES || !may_pass(listing->error->engine_code))
            break;
        mig_error_clear(listing->error);
        listing->host->cause = NULL;
    }
    return listing->error->status;
}

MigStatus
pg_objects_list(PgObjectsListing *listing)
{
    const MigScope *scope = listing->scope;
    ListCell *cell;
    int level;

    pg_deploy_snapshot(listing->host);
    level = NewGUCNestLevel();
    settings_change(scope);
    if (scope->schema.length > 0)
        listing->schema = quote_identifier(
            pnstrdup(scope->schema.data, scope->schema.length));
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    pg_objects_plans_refresh();
    (void) queries_repeat(listing);
    AtEOXact_GUC(false, level);
    if (listing->deliver != NULL && listing->error->status == MIG_OK)
        listing->deliver(listing);
    foreach (cell, listing->tables)
        if (listing->error->status == MIG_OK)
            table_deliver(listing, lfirst(cell));
    SPI_finish();
    return listing->error->status;
}

MigStatus
pg_list_objects(MigHost *base, const MigScope *scope, MigObjectFunction object,
                void *context, MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgObjectsListing listing = {.host = host,
                                .scope = scope,
                                .object = object,
                                .context = context,
                                .error = error,
                                .run = all_run};

    if (pg_is_doomed(host, error))
        return error->status;
    return pg_objects_list(&listing);
}
