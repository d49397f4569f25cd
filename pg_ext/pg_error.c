#include "pg_migrate.h"

#include <errno.h>

#include "access/xact.h"

/* SQLSTATE for the core's failures; MIG_OK never reaches it. */
static int
error_sqlstate(MigStatus status)
{
    switch (status)
    {
        case MIG_OK:
            break;
        case MIG_INVALID:
            return ERRCODE_INVALID_PARAMETER_VALUE;
        case MIG_UNKNOWN:
            return ERRCODE_UNDEFINED_OBJECT;
        case MIG_DUPLICATE:
            return ERRCODE_DUPLICATE_OBJECT;
        case MIG_STATE:
            return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
        case MIG_UNSUPPORTED:
            return ERRCODE_FEATURE_NOT_SUPPORTED;
        case MIG_DENIED:
            return ERRCODE_INSUFFICIENT_PRIVILEGE;
        case MIG_READ_ONLY:
            return ERRCODE_READ_ONLY_SQL_TRANSACTION;
        case MIG_LOCKED:
            return ERRCODE_LOCK_NOT_AVAILABLE;
        case MIG_FILE:
            return ERRCODE_IO_ERROR;
        case MIG_ENGINE:
            return ERRCODE_EXTERNAL_ROUTINE_EXCEPTION;
        case MIG_INTERRUPTED:
            return ERRCODE_QUERY_CANCELED;
        case MIG_CORRUPT:
            return ERRCODE_DATA_CORRUPTED;
        case MIG_NOMEM:
            return ERRCODE_OUT_OF_MEMORY;
        case MIG_INTERNAL:
            break;
    }
    return ERRCODE_INTERNAL_ERROR;
}

/* Add a field of the server's own error to the one being raised. */
static int
error_field(int field, const char *value)
{
    return value == NULL ? 0 : err_generic_string(field, value);
}

/* Add to the error being raised what the core has no room for. */
static int
error_cause(const ErrorData *cause)
{
    if (cause == NULL)
        return 0;
    error_field(PG_DIAG_SCHEMA_NAME, cause->schema_name);
    error_field(PG_DIAG_TABLE_NAME, cause->table_name);
    error_field(PG_DIAG_COLUMN_NAME, cause->column_name);
    error_field(PG_DIAG_DATATYPE_NAME, cause->datatype_name);
    error_field(PG_DIAG_CONSTRAINT_NAME, cause->constraint_name);
    if (cause->context != NULL)
        errcontext("%s", cause->context);
    return 0;
}

void
pg_fail(const PgHost *host, const MigError *error)
{
    bool engine = error->engine_code != 0;

    ereport(
        ERROR,
        (errcode(engine ? error->engine_code : error_sqlstate(error->status)),
         errmsg_internal("%s", error->message),
         error->detail[0] ? errdetail_internal("%s", error->detail) : 0,
         error->hint[0] ? errhint("%s", error->hint) : 0,
         error_cause(engine ? host->cause : NULL)));
}

/* What kind of failure an error of the server is. */
static MigStatus
status_of(int code)
{
    switch (code)
    {
        case ERRCODE_QUERY_CANCELED:
            return MIG_INTERRUPTED;
        case ERRCODE_LOCK_NOT_AVAILABLE:
        case ERRCODE_T_R_DEADLOCK_DETECTED:
            return MIG_LOCKED;
        default:
            return MIG_ENGINE;
    }
}

/* What to do about an error of the server; NULL when nobody knows. */
static const char *
hint_of(const ErrorData *cause)
{
    if (cause->sqlerrcode == ERRCODE_UNSAFE_NEW_ENUM_VALUE_USAGE)
        return "New enum values must be committed before they can be used: "
               "CALL migrate_deploy() commits each migration, and after each "
               "BEGIN ... COMMIT pair inside one.";
    if (cause->sqlerrcode == ERRCODE_OUT_OF_MEMORY && cause->hint != NULL &&
        strstr(cause->hint, "max_locks_per_transaction") != NULL)
        return "So many tables were touched that there is no room for their "
               "locks.  CALL migrate_deploy() holds those of one migration at "
               "a time; or raise the server's setting "
               "max_locks_per_transaction.";
    if (cause->hint == NULL && XactReadOnly &&
        cause->sqlerrcode == ERRCODE_ACTIVE_SQL_TRANSACTION)
        return "A transaction that may only read, as that of a verify section, "
               "stays so: leave out what changes that.";
    if (cause->hint == NULL &&
        (cause->sqlerrcode == ERRCODE_ACTIVE_SQL_TRANSACTION ||
         cause->sqlerrcode == ERRCODE_INVALID_TRANSACTION_TERMINATION))
        return "Mark the migration with \"-- migrate:up transaction:false\": "
               "CALL migrate_deploy() then runs such a statement by itself.";
    if (cause->hint == NULL &&
        cause->sqlerrcode == ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION)
        return "A background worker connects as the session's user; before "
               "PostgreSQL 17 that must be a role that may log in.  Use SET "
               "ROLE instead of SET SESSION AUTHORIZATION.";
    return cause->hint;
}

MigStatus
pg_catch(PgHost *host, MigError *error)
{
    ErrorData *cause;

    MemoryContextSwitchTo(host->memory);
    cause = CopyErrorData();
    FlushErrorState();
    host->cause = cause;
    if (pg_statement_clock_rang() &&
        cause->sqlerrcode == ERRCODE_QUERY_CANCELED)
        mig_fail(error, MIG_ENGINE, PG_TIMEOUT_MESSAGE);
    else
        mig_fail(error, status_of(cause->sqlerrcode), "%s",
                 cause->message ? cause->message : "missing error text");
    error->engine_code = cause->sqlerrcode;
    if (cause->detail != NULL)
        mig_fail_detail(error, "%s", cause->detail);
    if (hint_of(cause) != NULL)
        mig_fail_hint(error, "%s", hint_of(cause));
    return error->status;
}

MigStatus
pg_file_error(MigError *error, const char *what, const char *path)
{
    int code = errno;

    mig_fail(error, MIG_FILE, "%s \"%s\": %s", what, path, strerror(code));
    if (code == ENOENT || code == ENOTDIR)
        error->engine_code = ERRCODE_UNDEFINED_FILE;
    else if (code == EACCES || code == EPERM)
        error->engine_code = ERRCODE_INSUFFICIENT_PRIVILEGE;
    return error->status;
}
