#include "pg_migrate.h"

#include <sys/statvfs.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlog_internal.h"
#include "catalog/catalog.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

/*
 * What a run on PostgreSQL depends on: server, disks, other sessions, standbys
 * and backups.  Queries run with the caller's rights; what they may not see, or
 * what fails, is told as not checked.
 */

#define MEBIBYTE ((int64) 1024 * 1024)

/* $1 and $2 of the queries below: limits in milliseconds, 0 for none. */
enum
{
    LIMIT_TRANSACTION,
    LIMIT_LAG,
    LIMITS
};

/* A query for one finding: its state, detail and hint. */
typedef struct PgCheck
{
    const char *name;
    int limit; /* a run looks at it only where that is set; -1: never */
    const char *query;
} PgCheck;

static const PgCheck checks[] = {
    {"other transactions", LIMIT_TRANSACTION,
     "SELECT CASE WHEN $1 > 0 AND t.ms > $1 THEN 'error' "
     "WHEN NOT pg_has_role('pg_read_all_stats', 'USAGE') THEN 'not checked' "
     "WHEN t.ms > 300000 AND $1 = 0 THEN 'warning' ELSE 'ok' END, "
     "CASE WHEN NOT pg_has_role('pg_read_all_stats', 'USAGE') "
     "THEN 'only those of your own role can be seen; ' ELSE '' END || "
     "CASE WHEN t.who IS NULL THEN 'none is open in this database' "
     "ELSE format('the oldest is of %s, %s s old', t.who, "
     "round(t.ms / 1000)) END, "
     "CASE WHEN t.ms > greatest($1, 1) AND ($1 > 0 OR t.ms > 300000) "
     "THEN 'Locks that it holds may stop the run: see pg_stat_activity and "
     "pg_prepared_xacts.' END "
     "FROM (SELECT 1) one LEFT JOIN (SELECT u.who, u.ms FROM ("
     "SELECT format('process %s of %s (%s)', a.pid, a.usename, a.state) AS who,"
     " extract(epoch FROM clock_timestamp() - a.xact_start)::numeric * 1000 "
     "AS ms FROM pg_stat_activity a WHERE a.datname = current_database() "
     "AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend' "
     "AND a.xact_start IS NOT NULL UNION ALL "
     "SELECT format('prepared transaction \"%s\" of %s', p.gid, p.owner), "
     "extract(epoch FROM clock_timestamp() - p.prepared)::numeric * 1000 "
     "FROM pg_prepared_xacts p WHERE p.database = current_database()) u "
     "ORDER BY u.ms DESC LIMIT 1) t ON true"},
    {"replication lag", LIMIT_LAG,
     "SELECT CASE WHEN $2 > 0 AND r.ms > $2 THEN 'error' "
     "WHEN NOT pg_has_role('pg_read_all_stats', 'USAGE') THEN 'not checked' "
     "ELSE 'ok' END, "
     "CASE WHEN NOT pg_has_role('pg_read_all_stats', 'USAGE') "
     "THEN 'standbys cannot be seen by your role' "
     "WHEN r.name IS NULL THEN 'no standby is connected' "
     "ELSE format('%s is behind by %s ms and %s', r.name, "
     "round(coalesce(r.ms, 0)), pg_size_pretty(r.bytes)) END, "
     "CASE WHEN $2 > 0 AND r.ms > $2 THEN 'Wait until it has caught up, or set "
     "max_replication_lag to more.' END "
     "FROM (SELECT 1) one LEFT JOIN (SELECT s.application_name AS name, "
     "extract(epoch FROM s.replay_lag)::numeric * 1000 AS ms, "
     "CASE WHEN pg_is_in_recovery() THEN NULL ELSE "
     "pg_wal_lsn_diff(pg_current_wal_lsn(), s.replay_lsn)::bigint END AS bytes "
     "FROM pg_stat_replication s ORDER BY s.replay_lag DESC NULLS LAST LIMIT 1"
     ") r ON true"},
    {"replication slots", -1,
     "SELECT CASE WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END, "
     "CASE WHEN count(*) = 0 THEN 'none is without a reader' ELSE "
     "format('nobody reads %s: what a run writes is kept for it on disk', "
     "string_agg(slot_name, ', ' ORDER BY slot_name)) END, "
     "CASE WHEN count(*) > 0 THEN 'pg_drop_replication_slot() removes one that "
     "is not needed any more.' END "
     "FROM pg_replication_slots WHERE NOT active AND restart_lsn IS NOT NULL"},
    {"invalid indexes", -1,
     "SELECT CASE WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END, "
     "CASE WHEN count(*) = 0 THEN 'none' ELSE count(*) || ': ' || "
     "string_agg(n.indexrelid::regclass::text, ', ' "
     "ORDER BY n.indexrelid::regclass::text) END, "
     "CASE WHEN count(*) > 0 THEN 'Left by an index build that failed or still "
     "runs: drop them, or REINDEX.' END "
     "FROM pg_index n JOIN pg_class c ON c.oid = n.indexrelid "
     "WHERE NOT n.indisvalid AND c.relkind = 'i'"},
    {"data checksums", -1,
     "SELECT CASE WHEN checksum_failures > 0 THEN 'error' "
     "WHEN checksum_failures IS NULL THEN 'not checked' ELSE 'ok' END, "
     "CASE WHEN checksum_failures IS NULL THEN 'the cluster has none' "
     "ELSE checksum_failures || ' failures' END, "
     "CASE WHEN checksum_failures > 0 THEN 'Pages of this database are damaged:"
     " see the server''s log.  Do not migrate; restore a backup.' END "
     "FROM pg_stat_database WHERE datname = current_database()"},
    {"background workers", -1,
     "SELECT CASE WHEN current_setting('max_worker_processes')::int = 0 "
     "THEN 'warning' ELSE 'ok' END, "
     "'max_worker_processes is ' || current_setting('max_worker_processes'), "
     "CASE WHEN current_setting('max_worker_processes')::int = 0 THEN "
     "'What cannot be in a transaction runs in one; CALL migrate_deploy() "
     "cannot run it.' END"},
};

/* An inspection as it goes on. */
typedef struct Inspection
{
    PgHost *host;
    const MigInspection *asked;
    MigFindingFunction finding;
    void *context;
    MigError *error;
} Inspection;

/* Tell of one thing. */
static void
tell(const Inspection *inspection, const char *name, const char *state,
     const char *detail, const char *hint)
{
    MigFinding finding = {name, state, detail, hint};

    if (inspection->error->status == MIG_OK)
        (void) inspection->finding(inspection->context, &finding,
                                   inspection->error);
}

/* Look names up where nobody can have put anything, until the level ends. */
static int
settings_enter(void)
{
    int level = NewGUCNestLevel();

    (void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
                             PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    return level;
}

#define COLUMNS_MOST 3

/* Run a query that gives one row of texts, which are kept in memory. */
static void
query_row(const char *query, const int64 *numbers, int count, char **columns,
          MemoryContext memory)
{
    Oid types[LIMITS] = {INT8OID, INT8OID};
    Datum values[LIMITS];
    int level = settings_enter();

    for (int i = 0; i < count; i++)
        values[i] = Int64GetDatum(numbers[i]);
    PushActiveSnapshot(GetTransactionSnapshot());
    if (SPI_connect() != SPI_OK_CONNECT ||
        SPI_execute_with_args(query, count, types, values, NULL, true, 1) !=
            SPI_OK_SELECT ||
        SPI_processed != 1)
        elog(ERROR, "the server's statistics have no answer");
    for (int i = 0; i < COLUMNS_MOST && i < SPI_tuptable->tupdesc->natts; i++)
    {
        char *value =
            SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1);

        columns[i] = value == NULL ? NULL : MemoryContextStrdup(memory, value);
    }
    SPI_finish();
    PopActiveSnapshot();
    AtEOXact_GUC(false, level);
}

/*
 * The same, failing softly, except within a parallel query, where no
 * subtransaction can be.
 *
 * Returns whether there is an answer; columns[0] is else the server's message.
 */
static bool
try_row(PgHost *host, const char *query, const int64 *numbers, int count,
        char **columns)
{
    PgSubtransaction inner;
    MigError failure;

    if (IsInParallelMode())
    {
        query_row(query, numbers, count, columns, host->memory);
        return true;
    }
    memset(&failure, 0, sizeof(failure));
    pg_subtransaction_begin(&inner);
    PG_TRY();
    {
        pg_error_context_none();
        query_row(query, numbers, count, columns, host->memory);
    }
    PG_CATCH();
    {
        (void) pg_catch(host, &failure);
    }
    PG_END_TRY();
    pg_subtransaction_undo(&inner);
    if (failure.status != MIG_OK)
        columns[0] = MemoryContextStrdup(host->memory, failure.message);
    CHECK_FOR_INTERRUPTS();
    return failure.status == MIG_OK;
}

/* The room that the disk of a path has; -1 when it does not say. */
static int64
free_bytes(const char *path)
{
    struct statvfs disk;

    return statvfs(path, &disk) == 0
               ? (int64) disk.f_bavail * (int64) disk.f_frsize
               : -1;
}

/* Look how much room is left where the database and the WAL lie. */
static void
look_at_disk(const Inspection *inspection)
{
    int64 wanted = inspection->asked->free_bytes;
    int64 data =
        free_bytes(GetDatabasePath(MyDatabaseId, MyDatabaseTableSpace));
    int64 wal = free_bytes(XLOGDIR);
    int64 least = wal >= 0 && (data < 0 || wal < data) ? wal : data;
    bool short_of = least < wanted;

    if (least < 0 || wanted == 0)
    {
        if (inspection->asked->thorough)
            tell(inspection, "free disk space", MIG_FINDING_UNKNOWN,
                 wanted == 0 ? "min_free_disk is 0"
                             : "the file system does not say",
                 NULL);
        return;
    }
    tell(inspection, "free disk space",
         short_of ? MIG_FINDING_ERROR : MIG_FINDING_OK,
         psprintf("%lld MiB are free for the database and %lld MiB for the "
                  "WAL, %lld MiB are asked for",
                  (long long) (data / MEBIBYTE), (long long) (wal / MEBIBYTE),
                  (long long) (wanted / MEBIBYTE)),
         short_of ? "Make room, or set min_free_disk to less; it is in MiB."
                  : NULL);
}

/* Look whether the database can be written at all. */
static void
look_at_writing(const Inspection *inspection)
{
    if (RecoveryInProgress())
        tell(inspection, "writable", MIG_FINDING_ERROR,
             "this server is a standby", "Connect to the primary.");
    else if (DefaultXactReadOnly)
        tell(inspection, "writable", MIG_FINDING_ERROR,
             "default_transaction_read_only is on",
             "SET default_transaction_read_only = off, where that is meant.");
    else
        tell(inspection, "writable", MIG_FINDING_OK,
             "the database can be written", NULL);
}

MigStatus
pg_inspect(MigHost *base, const MigInspection *asked,
           MigFindingFunction finding, void *context, MigError *error)
{
    PgHost *host = (PgHost *) base;
    Inspection inspection = {host, asked, finding, context, error};
    int64 limits[LIMITS] = {asked->transaction_ms, asked->lag_ms};

    if (pg_is_doomed(host, error))
        return error->status;
    if (asked->thorough)
        look_at_writing(&inspection);
    look_at_disk(&inspection);
    for (int i = 0; i < lengthof(checks) && error->status == MIG_OK; i++)
    {
        char *columns[COLUMNS_MOST] = {NULL, NULL, NULL};

        if (!asked->thorough &&
            (checks[i].limit < 0 || limits[checks[i].limit] == 0))
            continue;
        if (try_row(host, checks[i].query, limits, LIMITS, columns))
            tell(&inspection, checks[i].name, columns[0], columns[1],
                 columns[2]);
        else
            tell(&inspection, checks[i].name, MIG_FINDING_UNKNOWN, columns[0],
                 NULL);
    }
    return error->status;
}

/*
 * Archiving that goes on: since the given time, and not failing since.  Of base
 * backups a server keeps no record once they are done.
 */
static const char *const archived_query =
    "SELECT CASE WHEN s.mode = 'off' THEN 'n' "
    "WHEN a.last_failed_time > coalesce(a.last_archived_time, '-infinity') "
    "THEN 'n' WHEN a.last_archived_time >= to_timestamp($1 / 1000000.0) "
    "THEN 'y' ELSE 'n' END, "
    "CASE WHEN s.mode = 'off' THEN 'WAL is not archived' "
    "WHEN a.last_failed_time > coalesce(a.last_archived_time, '-infinity') "
    "THEN 'archiving of WAL has been failing' "
    "WHEN a.last_archived_time IS NULL THEN 'no WAL has been archived yet' "
    "ELSE format('WAL was last archived %s min ago', round(extract(epoch FROM "
    "clock_timestamp() - a.last_archived_time)::numeric / 60)) END "
    "FROM pg_stat_archiver a, "
    "(SELECT current_setting('archive_mode') AS mode) s";

bool
pg_backed_up(MigHost *base, int64_t since, char *words, size_t size)
{
    char *columns[COLUMNS_MOST] = {NULL, NULL, NULL};
    int64 number = since;
    bool answered =
        try_row((PgHost *) base, archived_query, &number, 1, columns) &&
        columns[0] != NULL && columns[1] != NULL;

    if (!answered || columns[0] == NULL || columns[1] == NULL)
    {
        (void) snprintf(words, size, "WAL archiving is unknown: %s",
                        answered ? "the server does not say" : columns[0]);
        return false;
    }
    strlcpy(words, columns[1], size);
    return columns[0][0] == 'y';
}

bool
pg_restore_point(MigHost *base, MigBytes label, char *words, size_t size)
{
    PgHost *host = (PgHost *) base;
    char name[MAXFNAMELEN];
    int length;
    XLogRecPtr place;

    if (RecoveryInProgress() || !XLogIsNeeded() ||
        !compat_may_execute(F_PG_CREATE_RESTORE_POINT, host->caller))
        return false;
    length = pg_mbcliplen(label.data, (int) label.length, MAXFNAMELEN - 1);
    memcpy(name, label.data, (size_t) length);
    name[length] = '\0';
    place = XLogRestorePoint(name);
    snprintf(words, size, "\"%s\" at %X/%X", name, (uint32) (place >> 32),
             (uint32) place);
    return true;
}
