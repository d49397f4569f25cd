#include "pg_migrate.h"

#include "access/parallel.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/guc.h"

/*
 * Looking by texts that others have written: in a subtransaction that can only
 * read, with the caller's rights, and undone whatever it has done to the
 * session.
 */

static void
setting_change(const char *name, const char *value, GucAction action)
{
    (void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, action,
                             true, 0, false);
}

MigStatus
pg_look_begin(MigHost *base, MigError *error)
{
    PgHost *host = (PgHost *) base;

    if (pg_is_doomed(host, error))
        return error->status;
    if (IsInParallelMode())
    {
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "the query around the call has parallel workers");
        mig_fail_hint(error, "Call it alone, or SET "
                             "max_parallel_workers_per_gather = 0.");
        return error->status;
    }
    pg_subtransaction_begin(&host->look);
    host->looks = true;
    host->unit.open = true;
    host->unit.guc_level = host->look.guc_level;
    if (pg_limits_set(host, error) == MIG_OK)
        setting_change("transaction_read_only", "on", GUC_ACTION_LOCAL);
    return error->status;
}

void
pg_look_end(MigHost *base)
{
    PgHost *host = (PgHost *) base;

    if (!host->looks)
        return;
    host->looks = false;
    host->unit.open = false;
    pg_limits_end(host);
    pg_subtransaction_undo(&host->look);
}

void
pg_look_judge(MigError *error)
{
    if (error->status == MIG_OK)
        return;
    if (error->engine_code == ERRCODE_READ_ONLY_SQL_TRANSACTION)
        error->status = MIG_READ_ONLY;
    else if (error->engine_code == ERRCODE_INSUFFICIENT_PRIVILEGE)
        error->status = MIG_DENIED;
}

/*
 * What is wrong with objects in the schema $1, or in all: kind, object,
 * problem, hint.  A constraint that is declared as not enforced (from 18 on)
 * cannot be validated.
 */
static const char faults_query[] =
    "WITH r AS (SELECT c.oid, c.relname, n.nspname, "
    "format('%I.%I', n.nspname, c.relname) AS identity "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
    "AND ($1 = '' OR n.nspname = $1)) "
    "SELECT 1 AS rank, 'index' AS kind, r.identity AS object, "
    "CASE WHEN indisready THEN 'is not valid: no query uses it' "
    "ELSE 'is not ready: rows are not entered' END, "
    "'REINDEX INDEX CONCURRENTLY ' || r.identity || "
    "' builds it again; or drop it.' "
    "FROM r JOIN pg_index ON indexrelid = r.oid "
    "WHERE NOT (indisvalid AND indisready) "
    "UNION ALL "
    "SELECT 2, 'constraint', r.identity || '.' || quote_ident(conname), "
    "'is not validated: older rows may not satisfy it', "
    "format('ALTER TABLE %s VALIDATE CONSTRAINT %I', r.identity, conname) "
    "FROM r JOIN pg_constraint k ON conrelid = r.oid "
    "WHERE NOT convalidated "
    "AND coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true' "
    "UNION ALL "
    "SELECT 3, 'trigger', r.identity || '.' || quote_ident(tgname), "
    "CASE WHEN tgisinternal "
    "THEN 'is disabled: a constraint is not enforced' "
    "ELSE 'is disabled' END, "
    "format('ALTER TABLE %s ENABLE TRIGGER %I', r.identity, tgname) "
    "FROM r JOIN pg_trigger ON tgrelid = r.oid WHERE tgenabled = 'D' "
    "ORDER BY 1, 3";

/* Hand on a row of faults_query. */
static MigStatus
give_fault(HeapTuple tuple, TupleDesc shape, MigFaultFunction fault,
           void *context, MigError *error)
{
    MigFault found;

    found.kind = SPI_getvalue(tuple, shape, 2);
    found.object = mig_bytes(SPI_getvalue(tuple, shape, 3));
    found.problem = SPI_getvalue(tuple, shape, 4);
    found.hint = SPI_getvalue(tuple, shape, 5);
    return fault(context, &found, error);
}

MigStatus
pg_list_faults(MigHost *base, MigFaultFunction fault, void *context,
               MigError *error)
{
    MigBytes target = base->limits.target;
    Oid types[] = {TEXTOID};
    Datum values[] = {PointerGetDatum(
        cstring_to_text_with_len(target.data, (int) target.length))};
    int level = NewGUCNestLevel();

    setting_change("search_path", "pg_catalog, pg_temp", GUC_ACTION_SAVE);
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    if (SPI_execute_with_args(faults_query, 1, types, values, NULL, true, 0) !=
        SPI_OK_SELECT)
        elog(ERROR, "could not look for faults");
    for (uint64 i = 0; i < SPI_processed && error->status == MIG_OK; i++)
        (void) give_fault(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, fault,
                          context, error);
    SPI_finish();
    AtEOXact_GUC(false, level);
    return error->status;
}
