#include "pg_migrate.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type_d.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/*
 * Other tools' tables, read with the caller's rights.
 *
 * Whoever owns such a table may have made it for us to read.  So only plain
 * tables are, by columns that are stored, and their values are turned into ours
 * here: a query with a cast or an operator in it could call a function of his.
 */

#define BATCH 1000 /* rows of a listing that are held at once */

/*
 * All columns of all tables, those of a table together.  The last column says
 * whether the caller may read the table.
 */
static const char *const list_query =
    "SELECT c.oid, n.nspname, c.relname, a.attname, "
    "pg_catalog.has_schema_privilege(n.oid, 'USAGE') "
    "AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') "
    "FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
    "WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' "
    "AND NOT c.relhasrules AND NOT c.relispartition AND a.attnum > 0 AND NOT "
    "a.attisdropped "
    "AND a.attgenerated = '' "
    "AND n.nspname <> 'information_schema' "
    "AND pg_catalog.left(n.nspname, 3) <> 'pg_' "
    "AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d "
    "WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass "
    "AND d.objid = c.oid AND d.deptype = 'e' "
    "AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass "
    "AND d.refobjid = $1) "
    "ORDER BY c.oid, a.attnum";

/* A table whose columns are being gathered. */
typedef struct PgTableReader
{
    MigTableFunction function;
    void *context;
    Oid id;
    MigTable table;
    MigBytes columns[MaxTupleAttributeNumber];
    MemoryContext memory; /* of the names */
} PgTableReader;

/* Look names up where nobody can have put anything, until the level ends;
 * and rather fail than have rows hidden. */
static int
settings_enter(void)
{
    int level = NewGUCNestLevel();

    (void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
                             PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    (void) set_config_option("row_security", "off", PGC_USERSET, PGC_S_SESSION,
                             GUC_ACTION_SAVE, true, 0, false);
    return level;
}

/* Give the table that is complete to the core, and forget it. */
static MigStatus
table_give(PgTableReader *reader, MigError *error)
{
    MigStatus status = MIG_OK;

    if (OidIsValid(reader->id))
        status = reader->function(reader->context, &reader->table, error);
    reader->id = InvalidOid;
    reader->table.count = 0;
    MemoryContextReset(reader->memory);
    return status;
}

/* A copy of a column of type name. */
static MigBytes
copy_name(HeapTuple tuple, TupleDesc shape, int column)
{
    bool is_null;
    Datum name = SPI_getbinval(tuple, shape, column, &is_null);

    return mig_bytes(pstrdup(NameStr(*DatumGetName(name))));
}

/* Take one row of the listing. */
static MigStatus
table_add_row(PgTableReader *reader, HeapTuple tuple, TupleDesc shape,
              MigError *error)
{
    bool is_null;
    Oid id = DatumGetObjectId(SPI_getbinval(tuple, shape, 1, &is_null));
    MemoryContext before;

    if (id != reader->id && table_give(reader, error) != MIG_OK)
        return error->status;
    before = MemoryContextSwitchTo(reader->memory);
    if (id != reader->id)
    {
        reader->id = id;
        reader->table.schema = copy_name(tuple, shape, 2);
        reader->table.name = copy_name(tuple, shape, 3);
        reader->table.readable =
            DatumGetBool(SPI_getbinval(tuple, shape, 5, &is_null));
    }
    if (reader->table.count < lengthof(reader->columns))
        reader->columns[reader->table.count++] = copy_name(tuple, shape, 4);
    MemoryContextSwitchTo(before);
    return MIG_OK;
}

/* Run the listing, a part at a time; needs SPI_connect. */
static MigStatus
list_execute(PgHost *host, PgTableReader *reader, MigError *error)
{
    Oid types[] = {OIDOID};
    Datum values[] = {ObjectIdGetDatum(host->extension)};
    int level = settings_enter();
    Portal portal = SPI_cursor_open_with_args(NULL, list_query, 1, types,
                                              values, NULL, true, 0);
    MigStatus status = MIG_OK;

    do
    {
        SPI_cursor_fetch(portal, true, BATCH);
        for (uint64 i = 0; i < SPI_processed && status == MIG_OK; i++)
            status = table_add_row(reader, SPI_tuptable->vals[i],
                                   SPI_tuptable->tupdesc, error);
        SPI_freetuptable(SPI_tuptable);
    } while (SPI_processed > 0 && status == MIG_OK);
    SPI_cursor_close(portal);
    AtEOXact_GUC(false, level);
    return status == MIG_OK ? table_give(reader, error) : status;
}

/* What is done with the server's SQL interface; its errors pass through. */
typedef MigStatus (*PgOtherFunction)(PgHost *host, void *context,
                                     MigError *error);

/*
 * Do something with a fresh snapshot, so that what others have committed while
 * we waited for our lock is seen.  In a unit an error becomes the core's, which
 * says what it was about.
 */
static MigStatus
with_snapshot(PgHost *host, PgOtherFunction function, void *context,
              MigError *error)
{
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    PushActiveSnapshot(GetTransactionSnapshot());
    (void) function(host, context, error);
    PopActiveSnapshot();
    SPI_finish();
    return error->status;
}

static MigStatus
look(MigHost *base, PgOtherFunction function, void *context, MigError *error)
{
    PgHost *host = (PgHost *) base;

    if (pg_is_doomed(host, error))
        return error->status;
    pg_deploy_snapshot(host);
    if (!host->unit.open)
        return with_snapshot(host, function, context, error);
    PG_TRY();
    {
        pg_error_context_none();
        (void) with_snapshot(host, function, context, error);
    }
    PG_CATCH();
    {
        AtEOXact_GUC(false, host->unit.guc_level + 1);
        (void) pg_catch(host, error);
        pg_unit_fail(host);
    }
    PG_END_TRY();
    return error->status;
}

static MigStatus
do_list(PgHost *host, void *context, MigError *error)
{
    return list_execute(host, context, error);
}

MigStatus
pg_list_tables(MigHost *base, MigTableFunction table, void *context,
               MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgTableReader *reader =
        MemoryContextAllocZero(host->memory, sizeof(PgTableReader));

    reader->function = table;
    reader->context = context;
    reader->table.columns = reader->columns;
    reader->memory =
        AllocSetContextCreate(host->memory, "migrate table", PG_CONTEXT_SIZES);
    (void) look(base, do_list, reader, error);
    MemoryContextDelete(reader->memory);
    pfree(reader);
    return error->status;
}

/* A table that is being read. */
typedef struct PgRead
{
    const MigTableRead *read;
    MigRowFunction row;
    void *context;
} PgRead;

/* A name as it is written in SQL. */
static const char *
quoted(MigBytes name)
{
    return quote_identifier(pnstrdup(name.data, name.length));
}

/* The query for what is to be read: nothing in it can be called. */
static const char *
read_query(const MigTableRead *read)
{
    StringInfoData sql;

    initStringInfo(&sql);
    for (size_t i = 0; i < read->count; i++)
    {
        appendStringInfoString(&sql, i == 0 ? "SELECT " : ", ");
        if (read->columns[i].data == NULL)
            appendStringInfoString(&sql, "NULL");
        else
            appendStringInfo(&sql, "h.%s", quoted(read->columns[i]));
    }
    appendStringInfo(&sql, " FROM %s.%s AS h", quoted(read->schema),
                     quoted(read->table));
    return sql.data;
}

/* A value of any type: as ours where there is one, else as text. */
static MigValue
other_value(Datum datum, Oid type, bool utc)
{
    Oid output;
    bool is_varlena;

    switch (type)
    {
        case BOOLOID:
        case INT2OID:
        case INT4OID:
        case INT8OID:
        case FLOAT8OID:
        case BYTEAOID:
        case TEXTOID:
        case VARCHAROID:
            return pg_value_from_datum(datum, type);
        case TIMESTAMPOID:
            if (TIMESTAMP_NOT_FINITE(DatumGetTimestamp(datum)))
                return mig_null();
            if (!utc)
                datum = DirectFunctionCall1(timestamp_timestamptz, datum);
            return pg_value_from_datum(datum, TIMESTAMPTZOID);
        case TIMESTAMPTZOID:
            if (TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(datum)))
                return mig_null();
            return pg_value_from_datum(datum, type);
        default:
            getTypeOutputInfo(type, &output, &is_varlena);
            return mig_string(OidOutputFunctionCall(output, datum));
    }
}

/* Give one row to the core. */
static MigStatus
row_give(const PgRead *read, HeapTuple tuple, TupleDesc shape, MigError *error)
{
    MigValue columns[MIG_READ_COLUMNS];

    for (int i = 0; i < shape->natts; i++)
    {
        bool is_null;
        Datum datum = SPI_getbinval(tuple, shape, i + 1, &is_null);

        columns[i] = is_null ? mig_null()
                             : other_value(datum, SPI_gettypeid(shape, i + 1),
                                           read->read->utc);
    }
    return read->row(read->context, columns, (size_t) shape->natts, error);
}

/*
 * Hold the table as it is, until the transaction ends, and see that it is still
 * one that only gives what is stored in it.
 */
static void
require_plain(const MigTableRead *read)
{
    RangeVar *name =
        makeRangeVar(pnstrdup(read->schema.data, read->schema.length),
                     pnstrdup(read->table.data, read->table.length), -1);
    Relation table = table_openrv(name, AccessShareLock);
    char kind = table->rd_rel->relkind;

    if ((kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) ||
        table->rd_rules != NULL)
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                        errmsg("\"%s.%s\" is not a plain table any more",
                               name->schemaname, name->relname)));
    table_close(table, NoLock);
}

static MigStatus
do_read(PgHost *host, void *context, MigError *error)
{
    const PgRead *read = context;
    int level = settings_enter();
    MemoryContext memory = AllocSetContextCreate(
        CurrentMemoryContext, "migrate other row", PG_CONTEXT_SIZES);
    MemoryContext before;
    int rc;

    require_plain(read->read);
    rc = SPI_execute(read_query(read->read), true, 0);
    if (rc != SPI_OK_SELECT)
        elog(ERROR, "could not read a table: %s", SPI_result_code_string(rc));
    AtEOXact_GUC(false, level);
    before = MemoryContextSwitchTo(memory);
    for (uint64 i = 0; i < SPI_processed && error->status == MIG_OK; i++)
    {
        (void) row_give(read, SPI_tuptable->vals[i], SPI_tuptable->tupdesc,
                        error);
        MemoryContextReset(memory);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
    return error->status;
}

MigStatus
pg_read_table(MigHost *base, const MigTableRead *read, MigRowFunction row,
              void *context, MigError *error)
{
    PgRead given = {read, row, context};

    if (read->count > MIG_READ_COLUMNS)
        return mig_fail(error, MIG_INTERNAL, "too many columns are to be read");
    return look(base, do_read, &given, error);
}

MigStatus
pg_lock_number(MigHost *base, int64_t number, bool *taken, MigError *error)
{
    if (pg_is_doomed((PgHost *) base, error))
        return error->status;
    *taken = DatumGetBool(DirectFunctionCall1(pg_try_advisory_xact_lock_int8,
                                              Int64GetDatum(number)));
    return MIG_OK;
}

/* The server's mode for a lock on a table. */
static LOCKMODE
lock_mode(MigTableLock lock)
{
    switch (lock)
    {
        case MIG_TABLE_LOCK_WRITES:
            return ShareLock;
        case MIG_TABLE_LOCK_SELF:
            return ShareUpdateExclusiveLock;
        case MIG_TABLE_LOCK_ALL:
            break;
    }
    return ExclusiveLock;
}

/* What LOCK TABLE asks for, on servers of all versions. */
#define LOCK_RIGHTS (ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE)

MigStatus
pg_lock_table(MigHost *base, const MigTable *table, MigTableLock lock,
              bool *taken, MigError *error)
{
    char *schema = pnstrdup(table->schema.data, table->schema.length);
    char *name = pnstrdup(table->name.data, table->name.length);
    Oid namespace = get_namespace_oid(schema, true);
    Oid id =
        OidIsValid(namespace) ? get_relname_relid(name, namespace) : InvalidOid;

    if (pg_is_doomed((PgHost *) base, error))
        return error->status;
    if (!OidIsValid(id))
        return mig_fail(error, MIG_UNKNOWN, "table \"%s.%s\" is gone", schema,
                        name);
    if (pg_class_aclcheck(id, GetUserId(), LOCK_RIGHTS) != ACLCHECK_OK)
    {
        mig_fail(error, MIG_DENIED, "table \"%s.%s\" cannot be locked by you",
                 schema, name);
        mig_fail_hint(error,
                      "That its tool does not run meanwhile is seen to by a "
                      "lock on that table: GRANT UPDATE on it, or let its "
                      "owner adopt.");
        return error->status;
    }
    *taken = ConditionalLockRelationOid(id, lock_mode(lock));
    return MIG_OK;
}

MigBytes
pg_database_name(MigHost *base)
{
    MemoryContext before = MemoryContextSwitchTo(((PgHost *) base)->memory);
    MigBytes name = mig_bytes(get_database_name(MyDatabaseId));

    MemoryContextSwitchTo(before);
    return name;
}
