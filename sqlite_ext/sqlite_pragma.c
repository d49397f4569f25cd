#include "sqlite_host.h"
#include "sqlite_token.h"

#include <stdio.h>

/*
 * PRAGMAs in scripts
 *
 * A migration starts from the connection's own state and leaves it behind as
 * it was.  Those in this table change it, and are refused where they cannot be
 * put back; all others belong to the database, or only read.  Those marked
 * around have no effect, or are refused, inside a transaction: they are in
 * force from before the migration's transaction until after it, whatever the
 * order in the script, and the first value given counts.
 */
static const struct
{
    const char *name;
    bool around;
    bool restore;
    const char *refused; /* what to call it, when it cannot be put back */
} pragmas[] = {
    {"foreign_keys", true, true, NULL}, /* row KEYS */
    {"synchronous", true, true, NULL},
    {"temp_store", true, true, NULL},
    {"journal_mode", true, false, NULL}, /* row JOURNAL */
    {"analysis_limit", false, true, NULL},
    {"automatic_index", false, true, NULL},
    {"cache_size", false, true, NULL},
    {"cache_spill", false, true, NULL},
    {"cell_size_check", false, true, NULL},
    {"checkpoint_fullfsync", false, true, NULL},
    {"count_changes", false, true, NULL},
    {"defer_foreign_keys", false, true, NULL},
    {"empty_result_callbacks", false, true, NULL},
    {"full_column_names", false, true, NULL},
    {"fullfsync", false, true, NULL},
    {"ignore_check_constraints", false, true, NULL},
    {"journal_size_limit", false, true, NULL},
    {"legacy_alter_table", false, true, NULL},
    {"mmap_size", false, true, NULL},
    {"query_only", false, true, NULL},
    {"read_uncommitted", false, true, NULL},
    {"recursive_triggers", false, true, NULL},
    {"reverse_unordered_selects", false, true, NULL},
    {"secure_delete", false, true, NULL}, /* row SECURE */
    {"short_column_names", false, true, NULL},
    {"trusted_schema", false, true, NULL},
    {"wal_autocheckpoint", false, true, NULL},
    {"writable_schema", false, true, NULL}, /* row WRITABLE */
    {"busy_timeout", false, false, NULL},   /* row BUSY: passed over */
    {"case_sensitive_like", false, false, "PRAGMA case_sensitive_like"},
    {"hard_heap_limit", false, false, "PRAGMA hard_heap_limit"},
    {"locking_mode", false, false, "PRAGMA locking_mode"},
    {"max_page_count", false, false, "PRAGMA max_page_count"},
    {"soft_heap_limit", false, false, "PRAGMA soft_heap_limit"},
    {"threads", false, false, "PRAGMA threads"},
    {"auto_vacuum", false, false, NULL}, /* row VACUUM_FIRST */
    {"page_size", false, false, NULL},
};
#define PRAGMA_COUNT ((int) (sizeof(pragmas) / sizeof(pragmas[0])))
#define KEYS 0          /* row of foreign_keys */
#define JOURNAL 3       /* row of journal_mode */
#define BUSY 28         /* row of busy_timeout */
#define WRITABLE 27     /* row of writable_schema */
#define SECURE 23       /* row of secure_delete */
#define VACUUM_FIRST 35 /* rows from here on count with the next VACUUM */

/*
 * The row of what a PRAGMA statement sets; -1 for none, or when it reads.
 *
 * schema  out: the database it names; empty when it names none
 * value   out
 */
static int
pragma_row(MigBytes text, MigBytes *schema, MigBytes *value)
{
    size_t at = 0;
    MigBytes name;
    MigBytes sign;

    *schema = mig_bytes("");

    (void) sqlite_next_name(text, &at); /* PRAGMA */
    name = sqlite_next_name(text, &at);
    (void) sqlite_next_word(text, &at, &sign);
    if (mig_bytes_equal(sign, mig_bytes(".")))
    {
        *schema = name;
        name = sqlite_next_name(text, &at);
        (void) sqlite_next_word(text, &at, &sign);
    }
    if (sign.length == 0 || strchr("=(", sign.data[0]) == NULL)
        return -1;
    *value = sqlite_next_name(text, &at);
    if (mig_bytes_equal(*value, mig_bytes("+")))
        *value = sqlite_next_name(text, &at);
    for (int i = 0; i < PRAGMA_COUNT; i++)
    {
        if (name.length == strlen(pragmas[i].name) &&
            sqlite3_strnicmp(name.data, pragmas[i].name, (int) name.length) ==
                0)
            return i;
    }
    return -1;
}

/* Whether a word is one of a list that ends with NULL, in either case. */
static bool
is_one_of(MigBytes word, const char *const *words)
{
    for (; *words != NULL; words++)
    {
        if (word.length == strlen(*words) &&
            sqlite3_strnicmp(word.data, *words, (int) word.length) == 0)
            return true;
    }
    return false;
}

MigStatementKind
sqlite_pragma_kind(MigBytes text, const char **reason)
{
    /* SQLite takes any beginning of a mode's name: "of" is off. */
    static const char *const safe[] = {"delete", "truncate", "persist", "wal",
                                       NULL};
    static const char *const schemas[] = {"", "main", NULL};
    MigBytes schema;
    MigBytes value;
    int row = pragma_row(text, &schema, &value);

    if (row < 0)
        return MIG_ORDINARY;
    if (row == BUSY)
    {
        *reason = "passed over: it is the connection's";
        return MIG_BRACKET;
    }
    *reason = pragmas[row].refused;
    if (row == JOURNAL && !is_one_of(value, safe))
        *reason = "PRAGMA journal_mode other than delete, truncate, persist or "
                  "wal";
    if (!is_one_of(schema, schemas))
        *reason = "a PRAGMA of another database";
    if (*reason != NULL)
        return MIG_NOT_ALLOWED;
    return pragmas[row].around ? MIG_AROUND : MIG_ORDINARY;
}

bool
sqlite_pragma_writes_schema(const SqliteHost *host)
{
    return host->changed[WRITABLE];
}

bool
sqlite_pragma_is_session(MigBytes text)
{
    MigBytes schema;
    MigBytes value;
    int row = pragma_row(text, &schema, &value);

    return row >= 0 && !pragmas[row].around &&
           (pragmas[row].restore || row >= VACUUM_FIRST);
}

bool
sqlite_pragma_is_journal(MigBytes text)
{
    MigBytes schema;
    MigBytes value;

    return pragma_row(text, &schema, &value) == JOURNAL;
}

/* Run a query for one integer; returns 0 and records a failure otherwise. */
static int64_t
read_integer(SqliteHost *host, const char *sql, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = 0;
    int code;

    code = sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    if (code == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    else if (code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return value;
}

bool
sqlite_pragma_is_for_vacuum(SqliteHost *host, MigBytes text, MigError *error)
{
    static const char *const none[] = {"none", "0", NULL};
    MigBytes schema;
    MigBytes value;
    int row = pragma_row(text, &schema, &value);

    if (row < VACUUM_FIRST)
        return false;
    /* Full and incremental can be exchanged at any time. */
    return strcmp(pragmas[row].name, "auto_vacuum") != 0 ||
           is_one_of(value, none) ||
           read_integer(host, "PRAGMA main.auto_vacuum", error) == 0;
}

/* Remember the value that a row's pragma has now. */
static MigStatus
remember_row(SqliteHost *host, int row, MigError *error)
{
    char sql[80];

    if (row < 0 || !pragmas[row].restore || host->changed[row])
        return MIG_OK;
    (void) snprintf(sql, sizeof(sql), "PRAGMA main.%s", pragmas[row].name);
    host->before[row] = read_integer(host, sql, error);
    host->changed[row] = error->status == MIG_OK;
    return error->status;
}

MigStatus
sqlite_pragma_remember(SqliteHost *host, MigBytes text, MigError *error)
{
    MigBytes schema;
    MigBytes value;

    return remember_row(host, pragma_row(text, &schema, &value), error);
}

/* What sets a row's pragma without any memory, or 0. */
static int
config_of(int row)
{
    static const struct
    {
        const char *name;
        int operation;
    } configs[] = {
        {"foreign_keys", SQLITE_DBCONFIG_ENABLE_FKEY},
        {"legacy_alter_table", SQLITE_DBCONFIG_LEGACY_ALTER_TABLE},
        {"trusted_schema", SQLITE_DBCONFIG_TRUSTED_SCHEMA},
        {"writable_schema", SQLITE_DBCONFIG_WRITABLE_SCHEMA},
    };

    for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
    {
        if (strcmp(configs[i].name, pragmas[row].name) == 0)
            return configs[i].operation;
    }
    return 0;
}

/*
 * Read the schema anew, for what is in memory may not be what was written.
 *
 * RESET also has the connection forget that its transaction has changed the
 * schema, so that a ROLLBACK would keep it: a new schema_version tells it, and
 * other connections.  Where neither it nor writable_schema can be set, nothing
 * was written.
 */
static void
read_schema_anew(SqliteHost *host)
{
    MigError ignored;
    char sql[60];
    int64_t version;
    int defensive = 0;

    if (sqlite3_db_config(host->db, SQLITE_DBCONFIG_DEFENSIVE, -1,
                          &defensive) == SQLITE_OK &&
        defensive != 0)
        return;
    (void) sqlite3_exec(host->db, "PRAGMA\"main\".writable_schema=reset;", NULL,
                        NULL, NULL);
    if (sqlite3_txn_state(host->db, "main") != SQLITE_TXN_WRITE)
        return;
    mig_error_clear(&ignored);
    version = read_integer(host, "PRAGMA main.schema_version", &ignored);
    (void) snprintf(sql, sizeof(sql), "PRAGMA main.schema_version = %d",
                    (int) ((version + 1) & 0x7FFFFFFF));
    if (ignored.status == MIG_OK)
        (void) sqlite3_exec(host->db, sql, NULL, NULL, NULL);
}

/*
 * Set a pragma to the value it had, also while an interrupt is in force or
 * memory is short.  These pragmas take effect when they are parsed, and the
 * parser looks for an interrupt only at white space and at the end
 * (src/tokenize.c): so there is none, and a semicolon.
 */
static void
restore_row(SqliteHost *host, int row)
{
    char sql[100];
    int tries = 3;
    int code;

    if (row == WRITABLE && host->before[row] == 0)
        read_schema_anew(host);
    if (config_of(row) != 0)
    {
        (void) sqlite3_db_config(host->db, config_of(row),
                                 host->before[row] != 0, NULL);
        return;
    }
    if (row == SECURE && host->before[row] == 2)
        (void) snprintf(sql, sizeof(sql), "PRAGMA\"main\".secure_delete=fast;");
    else
        (void) snprintf(sql, sizeof(sql), "PRAGMA\"main\".\"%s\"=%lld;",
                        pragmas[row].name, (long long) host->before[row]);
    do
        code = sqlite3_exec(host->db, sql, NULL, NULL, NULL);
    while (--tries > 0 && sqlite_is(code, SQLITE_NOMEM));
}

void
sqlite_pragma_restore(SqliteHost *host, bool around)
{
    for (int i = 0; i < PRAGMA_COUNT; i++)
    {
        if (!host->changed[i] || pragmas[i].around != around)
            continue;
        /* What has no effect in a transaction is put back when it is over. */
        if (around && i != KEYS && !sqlite3_get_autocommit(host->db))
            continue;
        host->changed[i] = false;
        restore_row(host, i);
    }
}

MigStatus
sqlite_pragma_restore_inside(SqliteHost *host, MigError *error)
{
    bool written = host->changed[WRITABLE];

    sqlite_pragma_restore(host, false);
    if (written)
        (void) read_integer(host, "SELECT 1 FROM main.sqlite_schema LIMIT 1",
                            error);
    return error->status;
}

/* Whether a PRAGMA's value means on, as SQLite reads it: a word, or a number
 * that is not 0. */
static bool
is_on(MigBytes value)
{
    static const char *const words[] = {"on", "true", "yes", NULL};
    int64_t number;

    if (mig_parse_digits(value, &number))
        return number != 0;
    return is_one_of(value, words);
}

/* In the caller's transaction foreign_keys cannot be changed any more. */
static MigStatus
require_keys_as_wanted(SqliteHost *host, MigBytes value, MigError *error)
{
    int64_t now = read_integer(host, "PRAGMA foreign_keys", error);

    if (error->status != MIG_OK || (now != 0) == is_on(value))
        return error->status;
    (void) mig_fail(error, MIG_UNSUPPORTED,
                    "PRAGMA foreign_keys has no effect inside the "
                    "transaction that is open");
    mig_fail_hint(error, "Call the function outside of a transaction.");
    return error->status;
}

MigStatus
sqlite_surround(MigHost *base, const MigStatement *statement, size_t *offset,
                MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    MigBytes schema;
    MigBytes value = {"", 0};
    int row = pragma_row(statement->text, &schema, &value);
    bool first;

    if (row < 0)
        return sqlite_attach(host, statement, offset, error);
    first = !host->changed[row];
    if (first && row == KEYS && !sqlite3_get_autocommit(host->db) &&
        require_keys_as_wanted(host, value, error) != MIG_OK)
        return error->status;
    if (!first || remember_row(host, row, error) != MIG_OK)
        return error->status;
    if (sqlite_run(base, statement, offset, error) != MIG_OK)
        return error->status;
    return error->status;
}

void
sqlite_surround_end(MigHost *base)
{
    SqliteHost *host = (SqliteHost *) base;

    sqlite_pragma_restore(host, true);
    sqlite_detach_all(host);
}
