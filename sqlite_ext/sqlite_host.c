#include "sqlite_catalogue.h"
#include "sqlite_destroy.h"
#include "sqlite_references.h"
#include "sqlite_scratch.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "mig_nettle.h"

#ifdef __GLIBC__
extern char *program_invocation_short_name;
#endif

void *
sqlite_resize(MigHost *host, void *memory, size_t old_size, size_t new_size)
{
    (void) host;
    (void) old_size;
    if (new_size == 0)
    {
        sqlite3_free(memory);
        return NULL;
    }
    return sqlite3_realloc64(memory, new_size);
}

/* A clock's time in microseconds. */
static int64_t
read_clock(clockid_t clock)
{
    struct timespec time = {0, 0};

    (void) clock_gettime(clock, &time);
    return (int64_t) time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int64_t
host_now(MigHost *host)
{
    (void) host;
    return read_clock(CLOCK_REALTIME);
}

int64_t
sqlite_ticks(MigHost *host)
{
    (void) host;
    return read_clock(CLOCK_MONOTONIC);
}

/* A file has one schema, and neither a name nor users. */
static bool
host_fact(MigHost *host, MigFact fact, char *text, size_t size, MigError *error)
{
    (void) host;
    (void) error;
    (void) snprintf(text, size, "%s", fact == MIG_FACT_SCHEMA ? "main" : "");
    return fact == MIG_FACT_SCHEMA;
}

/* The user who runs this process, and the process itself. */
static void
host_caller(MigHost *host, char *actor, size_t actor_size, char *client,
            size_t client_size)
{
    SqliteConnection *connection = ((SqliteHost *) host)->connection;

    if (connection->actor[0] == '\0')
    {
        char buffer[1024];
        struct passwd entry;
        struct passwd *found = NULL;
        char machine[128] = "";
        const char *program = "";

#ifdef __GLIBC__
        program = program_invocation_short_name;
#endif
        if (getpwuid_r(geteuid(), &entry, buffer, sizeof(buffer), &found) ==
                0 &&
            found != NULL)
            (void) snprintf(connection->actor, sizeof(connection->actor), "%s",
                            found->pw_name);
        else
            (void) snprintf(connection->actor, sizeof(connection->actor),
                            "uid %ld", (long) geteuid());
        (void) gethostname(machine, sizeof(machine) - 1);
        (void) snprintf(connection->client, sizeof(connection->client),
                        "%s on %s, pid %ld", program, machine, (long) getpid());
    }
    (void) snprintf(actor, actor_size, "%s", connection->actor);
    (void) snprintf(client, client_size, "%s", connection->client);
}

static void
host_digest(MigHost *host, MigAlgorithm algorithm, const MigBytes *pieces,
            size_t count, unsigned char *digest)
{
    (void) host;
    mig_nettle_digest(algorithm, pieces, count, digest);
}

static void
host_digest_grow(MigHost *host, MigGrowing *growing, const MigBytes *pieces,
                 size_t count, unsigned char digest[MIG_SHA256_SIZE])
{
    (void) host;
    mig_nettle_grow(growing, pieces, count, digest);
}

/* To the log of the process: ".log stderr" shows it in the sqlite3 shell. */
static void
host_notice(MigHost *host, MigNoticeLevel level, const char *message)
{
    sqlite3_log(level == MIG_WARNING ? SQLITE_WARNING : SQLITE_NOTICE, "%s%s",
                host->session->rehearsal ? "rehearsal: " : "", message);
}

/* The engine's extended result code. */
static void
host_describe(MigHost *host, const MigError *error, char *text, size_t size)
{
    (void) host;
    text[0] = '\0';
    if (error->engine_code != 0)
        (void) snprintf(text, size, "code: %d", error->engine_code);
}

/* SQLite has no settings of a session. */
static bool
host_session_setting(MigHost *host, const char *name, MigBytes *value)
{
    (void) host;
    (void) name;
    (void) value;
    return false;
}

static const MigHostMethods methods = {
    .engine = "sqlite",
    .shares_commits = true,
    .resize = sqlite_resize,
    .now = host_now,
    .ticks = sqlite_ticks,
    .caller = host_caller,
    .fact = host_fact,
    .digest = host_digest,
    .digest_grow = host_digest_grow,
    .notice = host_notice,
    .describe = host_describe,
    .session_setting = host_session_setting,
    .elsewhere = sqlite_elsewhere,
    .catalogue_find = sqlite_catalogue_find,
    .catalogue_intact = sqlite_catalogue_intact,
    .catalogue_additions = sqlite_catalogue_additions,
    .catalogue_create = sqlite_catalogue_create,
    .query = sqlite_query,
    .require_alone = sqlite_require_alone,
    .require_writable = sqlite_require_writable,
    .commits = sqlite_commits,
    .lock = sqlite_lock,
    .release = sqlite_release,
    .abandon = sqlite_abandon,
    .unit_begin = sqlite_unit_begin,
    .unit_keep = sqlite_unit_keep,
    .unit_remark = sqlite_keys_remark,
    .unit_undo = sqlite_unit_undo,
    .transaction_end = sqlite_transaction_end,
    .outlives_failure = sqlite_outlives_failure,
    .script_open = sqlite_script_open,
    .script_rewind = sqlite_script_rewind,
    .script_next = sqlite_script_next,
    .script_close = sqlite_script_close,
    .script_tokens = sqlite_script_tokens,
    .surround = sqlite_surround,
    .surround_end = sqlite_surround_end,
    .run = sqlite_run,
    .require_outside = sqlite_require_outside,
    .run_outside = sqlite_run_outside,
    .mark_outside = sqlite_mark_outside,
    .resume_outside = sqlite_resume_outside,
    .check = sqlite_check,
    .look_begin = sqlite_look_begin,
    .look_end = sqlite_look_end,
    .list_faults = sqlite_list_faults,
    .list_tables = sqlite_list_tables,
    .read_table = sqlite_read_table,
    .user_version = sqlite_user_version,
    .table_exists = "SELECT EXISTS (SELECT 1 FROM main.sqlite_master "
                    "WHERE type = 'table' AND name = '{name}' COLLATE NOCASE)",
    .view_exists = "SELECT EXISTS (SELECT 1 FROM main.sqlite_master "
                   "WHERE type = 'view' AND name = '{name}' COLLATE NOCASE)",
    .database_name = sqlite_database_name,
    .destroys = sqlite_destroys,
    .leads = sqlite_leads,
    .reaches_others = sqlite_reaches_others,
    .settings_there = sqlite_settings_there,
    .inspect = sqlite_inspect,
    .rehearse = sqlite_rehearse,
    .back_up = sqlite_back_up,
    .canon = sqlite_canon,
    .list_objects = sqlite_list_objects,
    .changes_begin = sqlite_changes_begin,
    .list_changes = sqlite_list_changes,
    .list_numbers = sqlite_list_numbers,
    .folds_names = true,
    .scratch_open = sqlite_scratch_open,
    .scratch_run = sqlite_scratch_run,
    .scratch_list = sqlite_scratch_list,
    .scratch_close = sqlite_scratch_close,
    .path_kind = sqlite_path_kind,
    .list_directory = sqlite_list_directory,
    .read_file = sqlite_read_file,
};

void
sqlite_host_begin(SqliteHost *host, SqliteConnection *connection,
                  int64_t read_wait_ms)
{
    memset(host, 0, sizeof(*host));
    host->host.methods = &methods;
    host->host.session = &connection->session;
    host->connection = connection;
    host->db = connection->db;
    host->read_wait_ms = read_wait_ms;
    if (sqlite3_get_autocommit(host->db))
    {
        connection->left_open = false;
        sqlite_detach_all(host);
    }
}

void
sqlite_host_end(SqliteHost *host)
{
    for (size_t i = 0; i < MIG_SQL_COUNT; i++)
        (void) sqlite3_finalize(host->statements[i]);
    (void) sqlite3_finalize(host->rollback);
    host->rollback = NULL;
    sqlite_pragma_restore(host, true);
    sqlite_keys_forget(host);
    sqlite_references_free(host);
    sqlite_schema_drop(host);
    sqlite_outside_forget(host);
    sqlite_temporary_forget(host);
    sqlite_look_close(host);
    sqlite3_free(host->databases);
    memset(host->statements, 0, sizeof(host->statements));
    host->databases = NULL;
}
