#include "mig_sql.h"

#include "mig_version.h"

/*
 * The columns of one migration's state: m is the migration as last loaded, a
 * its row in migrate_applied, if any.
 */
#define STATE_LOADED                                                           \
    "m.version, m.position, m.name, m.file, m.checksum, m.requires, "          \
    "m.options, m.present, m.down"
#define STATE_APPLIED                                                          \
    "a.checksum, a.ordinal, a.at, a.actor, a.duration_us, a.down"

#define STATE_TABLES                                                           \
    "FROM main.migrate_migration m LEFT JOIN main.migrate_applied a "          \
    "ON a.project = m.project AND a.target = $2 AND a.version = m.version "

/* The columns of a migration as it was last loaded. */
#define KNOWN_COLUMNS                                                          \
    "version, position, name, format, source, file, checksum, requires, "      \
    "options, up, down, verify, present, added_by "                            \
    "FROM main.migrate_migration "

/* All of an event, in the order of MigEventColumn. */
#define EVENT_COLUMNS                                                          \
    "project, target, seq, at, action, version, name, outcome, duration_us, "  \
    "actor, client, checksum, detail, previous_hash, hash "                    \
    "FROM main.migrate_event "

/* Events that tell what has become of a migration; not those of its text. */
#define RUN_ACTIONS                                                            \
    "('apply', 'rollback', 'stamp', 'unstamp', 'adopt', 'hook', 'forget')"

/* The same, and that a failed attempt counts no more; what was done before it
 * is not forgotten. */
#define KNOWN_ACTIONS                                                          \
    "('apply', 'rollback', 'stamp', 'unstamp', 'adopt', 'hook', 'forget', "    \
    "'acknowledge')"

/* Number of the newest event by which a version came to an end; what has a
 * higher one belongs to what is half done. */
#define LAST_RUN                                                               \
    "(SELECT coalesce(max(k.seq), 0) FROM main.migrate_event k "               \
    "WHERE k.project = $1 AND k.target = $2 AND k.version = $3 "               \
    "AND k.outcome = 'ok' AND k.action IN " RUN_ACTIONS ")"

static const MigSqlText statements[MIG_SQL_COUNT] = {
    [MIG_SQL_EVENT_LAST] = {"SELECT seq, hash FROM main.migrate_event "
                            "WHERE project = $1 AND target = $2 "
                            "ORDER BY seq DESC LIMIT 1",
                            "tt"},
    [MIG_SQL_EVENT_INSERT] =
        {"INSERT INTO main.migrate_event (project, target, seq, at, action, "
         "version, name, outcome, duration_us, actor, client, checksum, "
         "detail, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, "
         "$8, $9, $10, $11, $12, $13, $14, $15)",
         "ttiittttitttttt"},
    [MIG_SQL_EVENT_LIST] =
        {"SELECT seq, at, action, version, name, outcome, duration_us, actor, "
         "client, checksum, detail FROM main.migrate_event "
         "WHERE project = $1 AND target = $2 ORDER BY seq",
         "tt"},
    [MIG_SQL_EVENT_CHAIN] = {"SELECT " EVENT_COLUMNS "WHERE project = $1 "
                             "ORDER BY target, seq",
                             "t"},
    [MIG_SQL_EVENT_CHAINS] = {"SELECT " EVENT_COLUMNS
                              "ORDER BY project, target, seq",
                              ""},
    [MIG_SQL_EVENT_NEWEST] = {"SELECT " EVENT_COLUMNS
                              "WHERE project = $1 AND target = $2 "
                              "ORDER BY seq DESC LIMIT 2",
                              "tt"},
    [MIG_SQL_EVENT_FAILED] =
        {"SELECT f.version, f.detail, f.checksum, f.outcome, f.action "
         "FROM main.migrate_event f "
         "WHERE f.project = $1 AND f.target = $2 AND f.outcome <> 'ok' "
         "AND NOT EXISTS (SELECT 1 FROM main.migrate_event n "
         "WHERE n.project = f.project AND n.target = f.target "
         "AND n.seq > f.seq AND n.version = f.version "
         "AND n.action IN " KNOWN_ACTIONS ")",
         "tt"},
    [MIG_SQL_EVENT_PROGRESS] =
        {"SELECT outcome, checksum, detail FROM main.migrate_event "
         "WHERE project = $1 AND target = $2 AND version = $3 "
         "AND action = $4 AND outcome <> 'ok' AND seq > " LAST_RUN
         " ORDER BY seq DESC",
         "tttt"},
    [MIG_SQL_EVENT_UNFINISHED] =
        {"SELECT DISTINCT f.version, f.action FROM main.migrate_event f "
         "WHERE f.project = $1 AND f.target = $2 "
         "AND (f.outcome = 'done' OR (f.outcome = 'started' "
         "AND NOT EXISTS (SELECT 1 FROM main.migrate_event l "
         "WHERE l.project = f.project AND l.target = f.target "
         "AND l.seq > f.seq AND l.version = f.version "
         "AND l.outcome = 'failed'))) "
         "AND NOT EXISTS (SELECT 1 FROM main.migrate_event n "
         "WHERE n.project = f.project AND n.target = f.target "
         "AND n.seq > f.seq AND n.version = f.version "
         "AND n.outcome = 'ok' AND n.action IN " RUN_ACTIONS ")",
         "tt"},
    [MIG_SQL_EVENT_UNDONE] =
        {"SELECT version, max(at) FROM main.migrate_event "
         "WHERE project = $1 AND target = $2 AND outcome = 'ok' "
         "AND action IN ('rollback', 'unstamp') GROUP BY version",
         "tt"},
    [MIG_SQL_EVENT_DRIFT] =
        {"SELECT action, checksum FROM main.migrate_event "
         "WHERE target = $1 "
         "AND action IN ('drift', 'accept', 'record', 'rebase') "
         "AND (action <> 'accept' OR version IS NULL) "
         "ORDER BY at DESC, seq DESC LIMIT 1",
         "t"},
    /* No LIKE: an application can replace it. */
    [MIG_SQL_EVENT_RECORDED] = {"SELECT detail FROM main.migrate_event "
                                "WHERE target = $1 AND outcome = 'ok' "
                                "AND detail IS NOT NULL",
                                "t"},
    [MIG_SQL_EVENT_DETAIL] =
        {"SELECT e.detail FROM main.migrate_applied a "
         "JOIN main.migrate_event e ON e.project = a.project "
         "AND e.target = a.target AND e.version = a.version "
         "WHERE a.project = $1 AND a.target = $2 AND a.version = $3 "
         "AND e.seq >= a.ordinal AND e.outcome = 'ok' AND e.action = 'apply' "
         "ORDER BY e.seq DESC LIMIT 1",
         "ttt"},
    [MIG_SQL_BASELINE] =
        {"SELECT b.version, b.seq FROM main.migrate_event b "
         "WHERE b.project = $1 AND b.target = $2 AND b.action = 'baseline' "
         "AND NOT EXISTS (SELECT 1 FROM main.migrate_event u "
         "WHERE u.project = b.project AND u.target = b.target "
         "AND u.seq > b.seq AND u.version = b.version "
         "AND u.action = 'unstamp') ORDER BY b.seq DESC LIMIT 1",
         "tt"},
    [MIG_SQL_UNDONE_SINCE] =
        {"SELECT DISTINCT version FROM main.migrate_event "
         "WHERE project = $1 AND target = $2 AND seq > $3 "
         "AND outcome = 'ok' AND action IN ('rollback', 'unstamp') "
         "AND version IS NOT NULL ORDER BY version",
         "tti"},
    [MIG_SQL_BACKUP_LAST] = {"SELECT max(at) FROM main.migrate_event "
                             "WHERE action = 'backup' AND outcome = 'ok'",
                             ""},
    [MIG_SQL_TARGET_LIST] =
        {"SELECT t.target, max(a.at), count(a.version) FROM "
         "(SELECT DISTINCT target FROM main.migrate_event WHERE project = $1) "
         "t "
         "LEFT JOIN main.migrate_applied a ON a.project = $1 "
         "AND a.target = t.target GROUP BY t.target ORDER BY t.target",
         "t"},
    [MIG_SQL_TEXT_INSERT] = {"INSERT INTO main.migrate_text (hash, body) "
                             "VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
                             "tb"},
    [MIG_SQL_TEXT_SLICE] =
        {"SELECT substr(body, CAST($2 AS integer), CAST($3 AS integer)) "
         "FROM main.migrate_text WHERE hash = $1",
         "tii"},
    [MIG_SQL_TEXT_LIST] = {"SELECT hash, body FROM main.migrate_text", ""},
    [MIG_SQL_TEXT_LENGTHS] = {"SELECT hash, length(body) "
                              "FROM main.migrate_text",
                              ""},
    [MIG_SQL_MIGRATION_LIST] = {"SELECT " KNOWN_COLUMNS
                                "WHERE project = $1 ORDER BY position",
                                "t"},
    [MIG_SQL_MIGRATION_AT] = {"SELECT " KNOWN_COLUMNS
                              "WHERE project = $1 AND position = $2",
                              "tt"},
    [MIG_SQL_MIGRATION_UPSERT] =
        {"INSERT INTO main.migrate_migration (project, version, position, "
         "name, format, source, file, checksum, requires, options, up, down, "
         "verify, present, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6, "
         "$7, $8, $9, $10, $11, $12, $13, 1, $14, $15) "
         "ON CONFLICT (project, version) DO UPDATE SET "
         "position = excluded.position, name = excluded.name, "
         "format = excluded.format, source = excluded.source, "
         "file = excluded.file, checksum = excluded.checksum, "
         "requires = excluded.requires, options = excluded.options, "
         "up = excluded.up, down = excluded.down, verify = excluded.verify, "
         "present = 1, added_at = excluded.added_at, "
         "added_by = excluded.added_by",
         "tttttttttttttit"},
    [MIG_SQL_MIGRATION_PRESENT] =
        {"UPDATE main.migrate_migration SET present = $3 "
         "WHERE project = $1 AND version = $2",
         "tti"},
    [MIG_SQL_MIGRATION_OPTIONS] =
        {"UPDATE main.migrate_migration SET options = $3 "
         "WHERE project = $1 AND version = $2",
         "ttt"},
    /* A foreign hand may have recorded it meanwhile, in the tables alone. */
    [MIG_SQL_MIGRATION_DELETE] =
        {"DELETE FROM main.migrate_migration WHERE project = $1 "
         "AND version = $2 AND present = 0 AND NOT EXISTS "
         "(SELECT 1 FROM main.migrate_applied a "
         "WHERE a.project = $1 AND a.version = $2)",
         "tt"},
    [MIG_SQL_MIGRATION_SECTIONS] =
        {"SELECT file, checksum, up, down, verify, name, added_by, format "
         "FROM main.migrate_migration WHERE project = $1 AND version = $2",
         "tt"},
    [MIG_SQL_STATE_LIST] = {"SELECT " STATE_LOADED ", " STATE_APPLIED
                            " " STATE_TABLES "WHERE m.project = $1",
                            "tt"},
    [MIG_SQL_STATE_LOADED] = {"SELECT " STATE_LOADED ", m.up, m.verify "
                              "FROM main.migrate_migration m "
                              "WHERE m.project = $1",
                              "t"},
    [MIG_SQL_STATE_PROBE] =
        {"SELECT 1 " STATE_TABLES "WHERE m.project = $1 "
         "AND m.position < '" MIG_POSITION_HOOK "' "
         "AND (a.version IS NULL "
         "OR (a.checksum <> m.checksum AND (m.position >= $3 "
         "OR m.options LIKE '%rerun:changed%')) "
         "OR m.options LIKE '%rerun:always%') LIMIT 1",
         "ttt"},
    [MIG_SQL_APPLIED_INSERT] =
        {"INSERT INTO main.migrate_applied (project, target, version, "
         "position, name, file, checksum, up, down, verify, ordinal, at, "
         "actor, duration_us, added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, "
         "$8, "
         "$9, $10, "
         "$11, $12, $13, $14, $15)",
         "ttttttttttiitit"},
    [MIG_SQL_APPLIED_DELETE] =
        {"DELETE FROM main.migrate_applied "
         "WHERE project = $1 AND target = $2 AND version = $3",
         "ttt"},
    [MIG_SQL_APPLIED_MOVE] = {"UPDATE main.migrate_applied SET position = $3 "
                              "WHERE project = $1 AND version = $2",
                              "ttt"},
    [MIG_SQL_APPLIED_ELSEWHERE] =
        {"SELECT DISTINCT version FROM main.migrate_applied "
         "WHERE project = $1 AND target <> $2",
         "tt"},
    [MIG_SQL_APPLIED_SECTIONS] =
        {"SELECT file, checksum, up, down, verify, name, added_by "
         "FROM main.migrate_applied "
         "WHERE project = $1 AND target = $2 AND version = $3",
         "ttt"},
    [MIG_SQL_APPLIED_LIST] =
        {"SELECT a.project, a.target, a.version, a.position, a.name, a.file, "
         "a.checksum, a.up, a.down, a.verify, a.ordinal, a.at, a.actor, "
         "a.duration_us, a.added_by FROM main.migrate_applied a "
         "WHERE a.project = $1 ORDER BY a.target, a.version",
         "t"},
    /* Repeatables have positions of their own that sort behind all others. */
    [MIG_SQL_CURRENT] = {"SELECT version, position FROM main.migrate_applied "
                         "WHERE project = $1 AND target = $2 "
                         "AND position < $3 ORDER BY position DESC LIMIT 1",
                         "ttt"},
    [MIG_SQL_SETTING_LIST] =
        {"SELECT name, value, set_by FROM main.migrate_setting ORDER BY name",
         ""},
    [MIG_SQL_SETTING_SET] =
        {"INSERT INTO main.migrate_setting (name, value, set_by) "
         "VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE "
         "SET value = excluded.value, set_by = excluded.set_by",
         "ttt"},
    [MIG_SQL_SETTING_DELETE] =
        {"DELETE FROM main.migrate_setting WHERE name = $1", "t"},
    [MIG_SQL_OBJECT_LIST] = {"SELECT kind, identity, parent, definition, key "
                             "FROM main.migrate_object WHERE target = $1",
                             "t"},
    [MIG_SQL_OBJECT_UPSERT] =
        {"INSERT INTO main.migrate_object (target, key, kind, identity, "
         "parent, definition) VALUES ($1, $2, $3, $4, $5, $6) "
         "ON CONFLICT (target, key) DO UPDATE SET parent = excluded.parent, "
         "definition = excluded.definition",
         "tttttt"},
    [MIG_SQL_OBJECT_DELETE] = {"DELETE FROM main.migrate_object "
                               "WHERE target = $1 AND key = $2",
                               "tt"},
    [MIG_SQL_OBJECT_CLEAR] =
        {"DELETE FROM main.migrate_object WHERE target = $1", "t"},
    [MIG_SQL_OBJECT_RECORD] = {"SELECT definition FROM main.migrate_object "
                               "WHERE target = $1 AND key = $2",
                               "tt"},
    [MIG_SQL_DELTA_LIST] =
        {"SELECT seq, objects, CASE WHEN seq > " LAST_RUN
         " THEN 1 ELSE 0 END FROM main.migrate_delta WHERE project = $1 "
         "AND target = $2 AND version = $3 ORDER BY seq DESC",
         "ttt"},
    [MIG_SQL_DELTA_ALL] = {"SELECT target, version, seq, objects "
                           "FROM main.migrate_delta WHERE project = $1",
                           "t"},
    [MIG_SQL_DELTA_OBJECTS] = {"SELECT objects FROM main.migrate_delta "
                               "WHERE project = $1 AND target = $2",
                               "tt"},
    [MIG_SQL_DELTA_INSERT] =
        {"INSERT INTO main.migrate_delta (project, target, version, seq, "
         "objects) VALUES ($1, $2, $3, $4, $5)",
         "tttit"},
    [MIG_SQL_DELTA_REPLACE] =
        {"DELETE FROM main.migrate_delta WHERE project = $1 "
         "AND target = $2 AND version = $3 AND seq = $4",
         "ttti"},
    [MIG_SQL_DELTA_FORGET] =
        {"DELETE FROM main.migrate_delta WHERE project = $1 "
         "AND target = $2 AND version = $3 AND seq > " LAST_RUN,
         "ttt"},
    [MIG_SQL_DELTA_DELETE] =
        {"DELETE FROM main.migrate_delta "
         "WHERE project = $1 AND target = $2 AND version = $3",
         "ttt"},
    /* A table of PostgreSQL's alone.  What is in the one schema that is asked
     * for is named without it. */
    [MIG_SQL_DDL_HANDS] =
        {"SELECT name, at, CASE WHEN role = actor THEN actor "
         "ELSE actor || ' as ' || role END FROM (SELECT name, at, actor, role, "
         "row_number() OVER (PARTITION BY name "
         "ORDER BY at DESC, transaction DESC, number DESC) AS place "
         "FROM (SELECT CASE WHEN object IS NULL THEN kind "
         "WHEN $1 = '' THEN object "
         "ELSE substr(object, length(quote_ident($1)) + 2) END AS name, "
         "at, transaction, number, actor, role FROM main.migrate_ddl "
         "WHERE ($1 = '' OR object IS NULL "
         "OR left(object, length(quote_ident($1)) + 1) = quote_ident($1) || "
         "'.')"
         " AND at > (SELECT coalesce(max(at), 0) FROM main.migrate_event "
         "WHERE target = $1 AND version IS NULL AND outcome = 'ok' "
         "AND action IN ('accept', 'record'))) AS d) AS r "
         "WHERE place = 1",
         "t"},
    [MIG_SQL_DDL_LIST] =
        {"SELECT at, actor, role, application, client, process, transaction, "
         "command, kind, object, outcome, statement FROM main.migrate_ddl "
         "ORDER BY at, transaction, number",
         ""},
    [MIG_SQL_RECORDED_TARGETS] =
        {"SELECT DISTINCT target FROM main.migrate_object "
         "WHERE target <> $1",
         "t"},
};

#define HOOKED_HINT                                                            \
    "Remove the triggers and rules that somebody has put on its tables."

/* Statements that change exactly one row. */
static const bool changes_row[MIG_SQL_COUNT] = {
    [MIG_SQL_EVENT_INSERT] = true,      [MIG_SQL_MIGRATION_UPSERT] = true,
    [MIG_SQL_MIGRATION_PRESENT] = true, [MIG_SQL_APPLIED_INSERT] = true,
    [MIG_SQL_MIGRATION_OPTIONS] = true, [MIG_SQL_MIGRATION_DELETE] = true,
    [MIG_SQL_APPLIED_DELETE] = true,    [MIG_SQL_SETTING_SET] = true,
    [MIG_SQL_OBJECT_UPSERT] = true,     [MIG_SQL_DELTA_INSERT] = true,
};

const MigSqlText *
mig_sql(MigSql sql)
{
    return &statements[sql];
}

MigStatus
mig_sql_check(MigSql sql, int64_t rows, MigError *error)
{
    if (!changes_row[sql] || rows == 1)
        return MIG_OK;
    (void) mig_fail(error, MIG_CORRUPT,
                    "a change of the catalogue had no effect");
    mig_fail_detail(error, "%s", statements[sql].text);
    mig_fail_hint(error, HOOKED_HINT);
    return error->status;
}

void
mig_fail_damaged(MigError *error)
{
    if (error->status == MIG_CORRUPT)
        mig_fail_hint(error,
                      "SELECT * FROM migrate_verify() lists what is damaged.  "
                      "Take the tables that are named migrate_... from a "
                      "backup.");
}
