#include "pg_migrate.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

/*
 * Statements on the extension's tables run with the rights of the tables'
 * owner, and with a search_path in which nobody can have put anything.  They
 * stay prepared as long as the backend lives.
 */

/* How many of the others than this are of every version. */
#define FIRST_TABLES 4

/* Table by whose owner the catalogue is known. */
#define OWNER_TABLE "migrate_migration"

/* What a statement may have at most. */
#define MAX_PARAMETERS 16

char *pg_trusted_roles;

/* Plans kept, and the schema that their text names. */
static struct
{
    char schema[NAMEDATALEN];
    SPIPlanPtr plans[MIG_SQL_COUNT];
} cache;

/* The rights and settings that a catalogue statement replaced. */
typedef struct PgRights
{
    Oid user;
    int security;
    int guc_level;
} PgRights;

/* Row of the owner's table in pg_class, or InvalidOid. */
static Oid
catalogue_table(const PgHost *host)
{
    Oid schema = get_namespace_oid(host->schema, true);

    return OidIsValid(schema) ? get_relname_relid(OWNER_TABLE, schema)
                              : InvalidOid;
}

/* Owner of the tables; raises an error when they are not there. */
static Oid
catalogue_owner(const PgHost *host)
{
    HeapTuple tuple =
        SearchSysCache1(RELOID, ObjectIdGetDatum(catalogue_table(host)));
    Oid owner;

    if (!HeapTupleIsValid(tuple))
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
                        errmsg("table \"%s.%s\" of the extension is missing",
                               host->schema, OWNER_TABLE)));
    owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
}

/* Whether the extension's schema has a table, or another relation. */
static bool
has_table(const PgHost *host, const char *name)
{
    return OidIsValid(
        get_relname_relid(name, get_namespace_oid(host->schema, true)));
}

MigStatus
pg_catalogue_find(MigHost *base, bool *exists, MigError *error)
{
    static const char *const others[] = {"migrate_text", "migrate_applied",
                                         "migrate_event", "migrate_setting",
                                         "migrate_delta"};
    const PgHost *host = (PgHost *) base;

    *exists = OidIsValid(catalogue_table(host));
    base->records = *exists && has_table(host, "migrate_object");
    base->watches = *exists && has_table(host, "migrate_ddl");
    if (!*exists)
    {
        mig_fail(error, MIG_CORRUPT, "the extension's tables are missing");
        mig_fail_hint(error, "Drop the extension and create it again.");
        return error->status;
    }
    for (int i = 0; i < lengthof(others); i++)
        if (!has_table(host, others[i]) && (i < FIRST_TABLES || base->records))
        {
            mig_fail(error, MIG_CORRUPT,
                     "the catalogue is damaged: table \"%s\" is missing",
                     others[i]);
            mig_fail_hint(error, "The tables named migrate_... belong to the "
                                 "extension: take it from a backup.");
        }
    return error->status;
}

MigStatus
pg_catalogue_create(MigHost *base, MigError *error)
{
    return MIG_OK; /* CREATE EXTENSION did */
}

/* Change a setting until the end of the present GUC level. */
static void
setting_change(const char *name, const char *value)
{
    (void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
                             GUC_ACTION_SAVE, true, 0, false);
}

/* Become the tables' owner.  Transaction abort puts everything back. */
static void
rights_enter(const PgHost *host, PgRights *rights)
{
    Oid owner = catalogue_owner(host);

    GetUserIdAndSecContext(&rights->user, &rights->security);
    SetUserIdAndSecContext(owner, rights->security |
                                      SECURITY_LOCAL_USERID_CHANGE |
                                      SECURITY_RESTRICTED_OPERATION);
    rights->guc_level = NewGUCNestLevel();
    setting_change("search_path", "pg_catalog, pg_temp");
}

static void
rights_leave(const PgRights *rights)
{
    AtEOXact_GUC(false, rights->guc_level);
    SetUserIdAndSecContext(rights->user, rights->security);
}

/*
 * The text of a key.  One that may be large is cut out of the row returned, by
 * row_slice(): the server would copy what substr() returns into that row.
 */
static const char *
key_text(MigSql sql)
{
    if (sql == MIG_SQL_TEXT_SLICE)
        return "SELECT body, $2, $3 FROM main.migrate_text WHERE hash = $1";
    return mig_sql(sql)->text;
}

/* The statement with the extension's schema for "main.". */
static char *
statement_text(const PgHost *host, MigSql sql)
{
    static const char mark[] = "main.migrate_";
    const char *schema = quote_identifier(host->schema);
    const char *rest = key_text(sql);
    const char *found;
    StringInfoData expanded;

    initStringInfo(&expanded);
    while ((found = strstr(rest, mark)) != NULL)
    {
        appendBinaryStringInfo(&expanded, rest, (int) (found - rest));
        appendStringInfo(&expanded, "%s.migrate_", schema);
        rest = found + strlen(mark);
    }
    appendStringInfoString(&expanded, rest);
    return expanded.data;
}

/* Type of a parameter, from its letter in the signature. */
static Oid
parameter_type(char letter)
{
    switch (letter)
    {
        case 't':
            return TEXTOID;
        case 'i':
            return INT8OID;
        case 'b':
            return BYTEAOID;
        default:
            elog(ERROR, "unknown parameter type \"%c\"", letter);
    }
    return InvalidOid; /* not reached */
}

/*
 * Whether a statement reads whole tables.  Such are planned anew each time:
 * what suits tables of ten rows is ruinous for ten thousand.  The others find
 * their rows by key, for which one plan is always right.
 */
static bool
is_listing(MigSql sql)
{
    switch (sql)
    {
        case MIG_SQL_EVENT_LIST:
        case MIG_SQL_EVENT_CHAIN:
        case MIG_SQL_EVENT_CHAINS:
        case MIG_SQL_EVENT_FAILED:
        case MIG_SQL_EVENT_PROGRESS:
        case MIG_SQL_EVENT_UNFINISHED:
        case MIG_SQL_EVENT_UNDONE:
        case MIG_SQL_EVENT_RECORDED:
        case MIG_SQL_TEXT_LIST:
        case MIG_SQL_TEXT_LENGTHS:
        case MIG_SQL_APPLIED_LIST:
        case MIG_SQL_MIGRATION_LIST:
        case MIG_SQL_STATE_LIST:
        case MIG_SQL_STATE_LOADED:
        case MIG_SQL_STATE_PROBE:
        case MIG_SQL_SETTING_LIST:
        case MIG_SQL_OBJECT_LIST:
        case MIG_SQL_DELTA_ALL:
        case MIG_SQL_RECORDED_TARGETS:
        case MIG_SQL_DDL_LIST:
        case MIG_SQL_DDL_HANDS:
            return true;
        default:
            return false;
    }
}

/* Forget the plan of a key. */
static void
cache_forget(MigSql sql)
{
    SPIPlanPtr plan = cache.plans[sql];

    cache.plans[sql] = NULL;
    if (plan != NULL)
        SPI_freeplan(plan);
}

/* Forget plans whose text names another schema. */
static void
cache_match_schema(const PgHost *host)
{
    if (strcmp(cache.schema, host->schema) == 0)
        return;
    for (int i = 0; i < MIG_SQL_COUNT; i++)
        cache_forget((MigSql) i);
    strlcpy(cache.schema, host->schema, sizeof(cache.schema));
}

/* The prepared statement of a key, made on first use. */
static SPIPlanPtr
cache_plan(const PgHost *host, MigSql sql)
{
    const char *signature = mig_sql(sql)->signature;
    Oid types[MAX_PARAMETERS];
    int count = (int) strlen(signature);

    cache_match_schema(host);
    if (cache.plans[sql] == NULL)
    {
        SPIPlanPtr plan;

        Assert(count <= MAX_PARAMETERS);
        for (int i = 0; i < count; i++)
            types[i] = parameter_type(signature[i]);
        plan = SPI_prepare_cursor(statement_text(host, sql), count, types,
                                  is_listing(sql) ? CURSOR_OPT_CUSTOM_PLAN
                                                  : CURSOR_OPT_GENERIC_PLAN);
        if (plan == NULL || SPI_keepplan(plan) != 0)
            elog(ERROR, "could not prepare a catalogue statement: %s",
                 SPI_result_code_string(SPI_result));
        cache.plans[sql] = plan;
    }
    return cache.plans[sql];
}

/* Execute a catalogue statement as the tables' owner; needs SPI_connect. */
static MigStatus
statement_execute(const PgHost *host, MigSql sql, const MigValue *arguments,
                  size_t count, MigError *error)
{
    const char *signature = mig_sql(sql)->signature;
    Datum values[MAX_PARAMETERS];
    char nulls[MAX_PARAMETERS];
    PgRights rights;
    int rc;

    if (count != strlen(signature))
        elog(ERROR, "catalogue statement %d got %zu arguments", (int) sql,
             count);
    for (size_t i = 0; i < count; i++)
    {
        bool is_null;

        values[i] = pg_value_to_datum(&arguments[i],
                                      parameter_type(signature[i]), &is_null);
        nulls[i] = is_null ? 'n' : ' ';
    }
    rights_enter(host, &rights);
    /* Before the tables' first ANALYZE the planner expects a few rows. */
    if (is_listing(sql))
        setting_change("enable_nestloop", "off");
    /* While others work for the query that calls us, no command may begin. */
    rc = SPI_execute_plan(cache_plan(host, sql), values, nulls,
                          IsInParallelMode(), 0);
    rights_leave(&rights);
    if (rc < 0)
        elog(ERROR, "could not execute a catalogue statement: %s",
             SPI_result_code_string(rc));
    /* A rule that replaces it by nothing leaves a plan that knows no table,
     * and so would stay when the rule goes. */
    if (mig_sql_check(sql, (int64_t) SPI_processed, error) != MIG_OK)
        cache_forget(sql);
    return error->status;
}

/* Give a row of MIG_SQL_TEXT_SLICE to the core: its text, from where on, and
 * how many bytes. */
static MigStatus
row_slice(HeapTuple tuple, TupleDesc shape, MigRowFunction row, void *context,
          MigError *error)
{
    bool is_null;
    Datum body = SPI_getbinval(tuple, shape, 1, &is_null);
    int64 from = DatumGetInt64(SPI_getbinval(tuple, shape, 2, &is_null));
    int64 length = DatumGetInt64(SPI_getbinval(tuple, shape, 3, &is_null));
    struct varlena *slice =
        PG_DETOAST_DATUM_SLICE(body, (int32) (from - 1), (int32) length);
    MigValue value =
        pg_value_from_datum(PointerGetDatum(slice), SPI_gettypeid(shape, 1));

    return row(context, &value, 1, error);
}

/* Give one row to the core. */
static MigStatus
row_deliver(HeapTuple tuple, TupleDesc shape, MigRowFunction row, void *context,
            MigError *error)
{
    size_t count = (size_t) shape->natts;
    MigValue *columns = palloc(sizeof(MigValue) * count);
    Datum *values = palloc(sizeof(Datum) * count);
    bool *nulls = palloc(sizeof(bool) * count);

    /* In one go: each single look at a column passes over all before it. */
    heap_deform_tuple(tuple, shape, values, nulls);
    for (size_t i = 0; i < count; i++)
    {
        columns[i] =
            nulls[i] ? mig_null()
                     : pg_value_from_datum(values[i],
                                           TupleDescAttr(shape, i)->atttypid);
    }
    return row(context, columns, count, error);
}

/*
 * Give all rows of the statement just executed to the core.  row() may run
 * other statements: they nest, and leave this result alone.
 */
static MigStatus
rows_deliver(MigSql sql, MigRowFunction row, void *context, MigError *error)
{
    SPITupleTable *table = SPI_tuptable;
    uint64 count = SPI_processed;
    MigStatus status = MIG_OK;
    MemoryContext memory;
    MemoryContext before;

    if (table == NULL)
        return MIG_OK;
    memory = AllocSetContextCreate(CurrentMemoryContext, "migrate row",
                                   PG_CONTEXT_SIZES);
    before = MemoryContextSwitchTo(memory);
    for (uint64 i = 0; status == MIG_OK && i < count; i++)
    {
        status =
            sql == MIG_SQL_TEXT_SLICE
                ? row_slice(table->vals[i], table->tupdesc, row, context, error)
                : row_deliver(table->vals[i], table->tupdesc, row, context,
                              error);
        MemoryContextReset(memory);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
    return status;
}

/* Run a statement and deliver its rows; the server's errors pass through. */
static MigStatus
query_execute(const PgHost *host, MigSql sql, const MigValue *arguments,
              size_t count, MigRowFunction row, void *context, MigError *error)
{
    MigStatus status;

    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    status = statement_execute(host, sql, arguments, count, error);
    if (status == MIG_OK && row != NULL)
        status = rows_deliver(sql, row, context, error);
    SPI_finish();
    return status;
}

/* Take the server's error that PG_CATCH has caught in a unit, which is undone.
 */
static void
catch_in_unit(PgHost *host, const PgRights *rights, MigError *error)
{
    AtEOXact_GUC(false, host->unit.guc_level + 1);
    SetUserIdAndSecContext(rights->user, rights->security);
    (void) pg_catch(host, error);
    pg_unit_fail(host);
}

MigStatus
pg_query(MigHost *base, MigSql sql, const MigValue *arguments, size_t count,
         MigRowFunction row, void *context, MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgRights rights;

    if (pg_is_doomed(host, error))
        return error->status;
    pg_deploy_snapshot(host);
    if (!host->unit.open)
        return query_execute(host, sql, arguments, count, row, context, error);
    /* The core names the migration that stands in the way of its record. */
    GetUserIdAndSecContext(&rights.user, &rights.security);
    PG_TRY();
    {
        pg_error_context_none();
        (void) query_execute(host, sql, arguments, count, row, context, error);
    }
    PG_CATCH();
    {
        catch_in_unit(host, &rights, error);
    }
    PG_END_TRY();
    return error->status;
}

MigStatus
pg_unit_remark(MigHost *base, MigBytes *remark, MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgRights rights;
    PgRights entered;

    GetUserIdAndSecContext(&rights.user, &rights.security);
    PG_TRY();
    {
        pg_error_context_none();
        CommandCounterIncrement();
        if (pg_rights_given(get_namespace_oid(host->schema, true)))
        {
            char *taken;

            rights_enter(host, &entered);
            taken = pg_rights_take(host->schema);
            rights_leave(&entered);
            if (taken != NULL)
                *remark = mig_bytes(psprintf(
                    "rights to write the extension's tables, which only their "
                    "owner may have, are taken away again: %s",
                    taken));
        }
    }
    PG_CATCH();
    {
        catch_in_unit(host, &rights, error);
    }
    PG_END_TRY();
    return error->status;
}

/* Whether a role is a superuser, or can become one by SET ROLE. */
static bool
reaches_superuser(Oid role)
{
    Relation roles;
    SysScanDesc scan;
    HeapTuple tuple;
    bool reaches = superuser_arg(role);

    if (reaches)
        return true;
    roles = table_open(AuthIdRelationId, AccessShareLock);
    scan = systable_beginscan(roles, InvalidOid, false, NULL, 0, NULL);
    while (!reaches && HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        Form_pg_authid form = (Form_pg_authid) GETSTRUCT(tuple);

        reaches = form->rolsuper && is_member_of_role_nosuper(role, form->oid);
    }
    systable_endscan(scan);
    table_close(roles, AccessShareLock);
    return reaches;
}

/*
 * Whether what runs in this call could get a superuser's rights: by those of
 * the caller, or by RESET ROLE and RESET SESSION AUTHORIZATION, which only a
 * SECURITY DEFINER function around the call forbids.
 */
static bool
has_much_to_lose(const PgHost *host)
{
    return reaches_superuser(host->caller) ||
           (!host->definer && (reaches_superuser(GetSessionUserId()) ||
                               reaches_superuser(GetAuthenticatedUserId())));
}

/* Whether a role is a superuser, or is named as being as good as one. */
static bool
is_trusted(const char *name)
{
    Oid role = get_role_oid(name, true);
    List *trusted = NIL;
    ListCell *cell;

    if (OidIsValid(role) && superuser_arg(role))
        return true;
    if (!SplitIdentifierString(pstrdup(pg_trusted_roles), ',', &trusted))
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("setting \"migrate.trusted_roles\" is no list "
                               "of names")));
    foreach (cell, trusted)
        if (strcmp(lfirst(cell), name) == 0)
            return true;
    return false;
}

bool
pg_trusts(MigHost *base, MigBytes author, MigBytes *whom)
{
    PgHost *host = (PgHost *) base;
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    const char *name =
        pnstrdup(author.data == NULL ? "" : author.data, author.length);
    const char *owner = GetUserNameFromId(catalogue_owner(host), false);
    bool trusts = true;

    if (!host->trust_known)
        host->trusts_all = !has_much_to_lose(host);
    host->trust_known = true;
    if (!host->trusts_all)
    {
        /* Whoever owns the tables can write any name into them. */
        *whom = mig_bytes(is_trusted(owner) ? name : owner);
        trusts = is_trusted(owner) && is_trusted(name);
    }
    MemoryContextSwitchTo(before);
    return trusts;
}
