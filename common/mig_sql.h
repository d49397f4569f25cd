#ifndef MIG_SQL_H
#define MIG_SQL_H

/*
 * Every statement that the core runs on the catalogue's tables, in the SQL
 * that both engines share.
 *
 * Tables are written main.migrate_...; PostgreSQL's adapter puts the
 * extension's schema for "main.".  Parameters are $1, $2, ... and the adapters
 * learn their types from the signature.
 */

#include <stdint.h>

#include "mig_error.h"

typedef enum MigSql
{
    MIG_SQL_EVENT_LAST,
    MIG_SQL_EVENT_INSERT,
    MIG_SQL_EVENT_LIST,
    MIG_SQL_EVENT_CHAIN,
    MIG_SQL_EVENT_CHAINS,
    MIG_SQL_EVENT_NEWEST,
    MIG_SQL_EVENT_FAILED,
    MIG_SQL_EVENT_PROGRESS,
    MIG_SQL_EVENT_UNFINISHED,
    MIG_SQL_EVENT_UNDONE,
    MIG_SQL_EVENT_DRIFT,
    MIG_SQL_EVENT_RECORDED,
    MIG_SQL_EVENT_DETAIL,
    MIG_SQL_BASELINE,
    MIG_SQL_UNDONE_SINCE,
    MIG_SQL_BACKUP_LAST,
    MIG_SQL_TARGET_LIST,
    MIG_SQL_TEXT_INSERT,
    MIG_SQL_TEXT_SLICE,
    MIG_SQL_TEXT_LIST,
    MIG_SQL_TEXT_LENGTHS,
    MIG_SQL_MIGRATION_LIST,
    MIG_SQL_MIGRATION_AT,
    MIG_SQL_MIGRATION_UPSERT,
    MIG_SQL_MIGRATION_PRESENT,
    MIG_SQL_MIGRATION_OPTIONS,
    MIG_SQL_MIGRATION_DELETE,
    MIG_SQL_MIGRATION_SECTIONS,
    MIG_SQL_STATE_LIST,
    MIG_SQL_STATE_LOADED,
    MIG_SQL_STATE_PROBE,
    MIG_SQL_APPLIED_INSERT,
    MIG_SQL_APPLIED_DELETE,
    MIG_SQL_APPLIED_MOVE,
    MIG_SQL_APPLIED_ELSEWHERE,
    MIG_SQL_APPLIED_SECTIONS,
    MIG_SQL_APPLIED_LIST,
    MIG_SQL_CURRENT,
    MIG_SQL_SETTING_LIST,
    MIG_SQL_SETTING_SET,
    MIG_SQL_SETTING_DELETE,
    MIG_SQL_OBJECT_LIST,
    MIG_SQL_OBJECT_UPSERT,
    MIG_SQL_OBJECT_DELETE,
    MIG_SQL_OBJECT_CLEAR,
    MIG_SQL_OBJECT_RECORD,
    MIG_SQL_DELTA_LIST,
    MIG_SQL_DELTA_ALL,
    MIG_SQL_DELTA_OBJECTS,
    MIG_SQL_DELTA_INSERT,
    MIG_SQL_DELTA_DELETE,
    MIG_SQL_DELTA_REPLACE,
    MIG_SQL_DELTA_FORGET,
    MIG_SQL_RECORDED_TARGETS,
    MIG_SQL_DDL_LIST,
    MIG_SQL_DDL_HANDS,
    MIG_SQL_COUNT /* not a statement: how many there are */
} MigSql;

typedef struct MigSqlText
{
    const char *text;
    const char *signature; /* a letter for each parameter: t text, i integer
                              (int8), b bytes */
} MigSqlText;

/* The statement of a key; sql must be below MIG_SQL_COUNT. */
const MigSqlText *mig_sql(MigSql sql);

/*
 * Fail with MIG_CORRUPT when a statement that changes one row has not: somebody
 * has put a trigger or a rule on a table of the catalogue that swallows it.
 *
 * rows  how many the engine says were changed
 */
MigStatus mig_sql_check(MigSql sql, int64_t rows, MigError *error);

/* Say, of a failure with MIG_CORRUPT that is recorded, what can be done. */
void mig_fail_damaged(MigError *error);

#endif
