#include "sqlite_beside.h"
#include "sqlite_fleet.h"

#include "mig_look.h"

/*
 * One file of a fleet
 *
 * It is opened once.  A first look, in one read transaction and without our
 * functions on the connection, tells whether it has all that the caller has;
 * most files of most runs do, and nothing else is done to them.
 */

/* A file while it is being worked on. */
typedef struct FleetFile
{
    const SqliteFleetJob *job;
    SqliteFleetRow *row;
    bool is_there;  /* nothing is to be done: known for head alone */
    int64_t before; /* how many were applied */
} FleetFile;

/* A copy of a text for a row; NULL for an absent one. */
static char *
copy_text(SqliteFleetRow *row, MigBytes text)
{
    char *copy;

    if (text.data == NULL)
        return NULL;
    copy = sqlite3_malloc64(text.length + 1);
    if (copy == NULL)
    {
        row->no_memory = true;
        return NULL;
    }
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return copy;
}

/* Take a failure into the row; the first stays. */
static void
take_error(SqliteFleetRow *row, const MigError *error)
{
    if (error->status == MIG_OK || row->error != NULL || row->no_memory)
        return;
    row->error = sqlite_error_text(error);
    if (row->error == NULL || error->status == MIG_NOMEM)
        row->no_memory = true;
}

/* What a call does that looks before migrate_fleet(). */
static void
call_look_first(Mig *mig, MigCall *call)
{
    FleetFile *file = call->emit_context;

    file->row->from = copy_text(file->row, mig_look_current(mig));
    file->is_there = mig_bytes_equal(file->job->target, mig_bytes("head")) &&
                     mig_offer_is_there(mig, &file->job->offer);
    if (!file->is_there)
        file->before = mig_offer_count_applied(mig);
}

/* What a call does that looks for migrate_fleet_status(). */
static void
call_look(Mig *mig, MigCall *call)
{
    FleetFile *file = call->emit_context;
    MigOfferView view;

    mig_offer_look(mig, &file->job->offer, &view);
    if (!mig_ok(mig))
        return;
    file->row->to = copy_text(file->row, view.version);
    file->row->applied = view.applied;
    file->row->pending = view.pending;
    file->row->state = view.state;
    file->row->error = copy_text(file->row, view.failure);
}

/* What a call does that migrates. */
static void
call_apply(Mig *mig, MigCall *call)
{
    FleetFile *file = call->emit_context;

    file->row->applied = mig_offer_apply(mig, &file->job->offer,
                                         "migrate_fleet", file->job->target);
}

/* What a call does that looks what has become of a file after a failure. */
static void
call_look_last(Mig *mig, MigCall *call)
{
    FleetFile *file = call->emit_context;
    int64_t after = mig_offer_count_applied(mig);

    file->row->to = copy_text(file->row, mig_look_current(mig));
    file->row->applied = after > file->before ? after - file->before : 0;
}

static const MigApi look_first = {.name = "migrate_fleet",
                                  .function = call_look_first};
static const MigApi look = {.name = "migrate_fleet_status",
                            .function = call_look};
static const MigApi apply = {.name = "migrate_fleet", .function = call_apply};
static const MigApi look_last = {.name = "migrate_fleet",
                                 .function = call_look_last};

/* Run one of these on a connection. */
static MigStatus
run(FleetFile *file, const MigApi *api, SqliteConnection *connection)
{
    MigError error;
    MigCall call;
    SqliteHost host;

    memset(&error, 0, sizeof(error));
    memset(&call, 0, sizeof(call));
    sqlite_host_begin(&host, connection, file->job->read_wait_ms);
    call.host = &host.host;
    call.error = &error;
    call.emit_context = file;
    (void) mig_call(api, &call);
    mig_call_end(&call);
    sqlite_host_end(&host);
    take_error(file->row, &error);
    return error.status;
}

/* The same without changing anything, in one read transaction. */
static MigStatus
run_look(FleetFile *file, const MigApi *api, SqliteConnection *connection)
{
    MigStatus status;

    /* Each transaction reads the file's head anew. */
    (void) sqlite3_exec(connection->db, "BEGIN", NULL, NULL, NULL);
    status = run(file, api, connection);
    (void) sqlite3_exec(connection->db, "COMMIT", NULL, NULL, NULL);
    if (!sqlite3_get_autocommit(connection->db))
        (void) sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* Migrate a file that lacks something. */
static void
migrate(FleetFile *file, const SqliteConnection *looking)
{
    SqliteConnection *connection = NULL;
    MigError error;
    int code = sqlite_register(looking->db, &connection);

    if (code != SQLITE_OK)
    {
        memset(&error, 0, sizeof(error));
        (void) mig_fail(&error, code == SQLITE_NOMEM ? MIG_NOMEM : MIG_ENGINE,
                        "%s", sqlite3_errstr(code));
        take_error(file->row, &error);
        return;
    }
    connection->session.beneath = looking->session.beneath;
    connection->beside = true;
    sqlite_watch(connection, looking->stopped, looking->stopped_context);
    if (run(file, &apply, connection) == MIG_OK)
    {
        int64_t applied = file->row->applied;

        (void) run_look(file, &look_last, connection);
        file->row->applied = applied;
    }
    else
        (void) run_look(file, &look_last, connection);
    sqlite_connection_release(connection);
}

/* Do what the job says on an open connection. */
static void
work(FleetFile *file, SqliteConnection *connection)
{
    const SqliteFleetJob *job = file->job;

    if (job->looks)
    {
        (void) run_look(file, &look, connection);
        return;
    }
    if (run_look(file, &look_first, connection) != MIG_OK)
        return;
    if (file->is_there)
        file->row->to = file->row->from == NULL
                            ? NULL
                            : copy_text(file->row, mig_bytes(file->row->from));
    else
        migrate(file, connection);
}

/* Open a file and work on it. */
static void
open_and_work(FleetFile *file, const char *path, SqliteConnection *connection)
{
    /* What stands before ':' could be taken for a scheme, or all for a name of
     * SQLite's own. */
    char *name = sqlite3_mprintf("%s%s", path[0] == '/' ? "" : "./", path);
    MigError error;
    int code = SQLITE_NOMEM;

    memset(&error, 0, sizeof(error));
    if (name != NULL)
        code = sqlite3_open_v2(name, &connection->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_PRIVATECACHE,
                               file->job->vfs);
    sqlite3_free(name);
    if (code == SQLITE_OK)
    {
        (void) sqlite3_extended_result_codes(connection->db, 1);
        sqlite_watch(connection, connection->stopped,
                     connection->stopped_context);
        work(file, connection);
    }
    else
        (void) mig_fail(&error, code == SQLITE_NOMEM ? MIG_NOMEM : MIG_FILE,
                        "cannot open the file: %s",
                        connection->db == NULL
                            ? sqlite3_errstr(code)
                            : sqlite3_errmsg(connection->db));
    take_error(file->row, &error);
    (void) sqlite3_close(connection->db);
}

/* Refuse what is not to be opened; returns whether that is so. */
static bool
refuse(const SqliteFleetEntry *entry, SqliteFleetRow *row)
{
    MigError error;
    char text[200];

    memset(&error, 0, sizeof(error));
    if (entry->problem != 0)
        (void) mig_fail(&error, MIG_FILE, "cannot look at the file: %s",
                        sqlite_system_text(entry->problem, text, sizeof(text)));
    else if (entry->is_open)
    {
        (void) mig_fail(&error, MIG_UNSUPPORTED,
                        "the file is open in this connection");
        mig_fail_hint(&error, "SELECT migrate_apply() migrates it.");
    }
    else if (entry->is_other)
        (void) mig_fail(&error, MIG_FILE, "it is no regular file");
    else if (entry->is_twice)
    {
        (void) mig_fail(&error, MIG_UNSUPPORTED,
                        "the file has several names, by hard links");
        mig_fail_hint(&error,
                      "SQLite keeps the journal beside one of them: under "
                      "another what is in it would be lost.  Use a pattern "
                      "that only names the one by which it is opened.");
    }
    take_error(row, &error);
    return error.status != MIG_OK;
}

void
sqlite_fleet_file(const SqliteFleetJob *job, const SqliteFleetEntry *entry,
                  bool (*stopped)(void *context), void *context,
                  SqliteFleetRow *row)
{
    FleetFile file = {job, row, false, 0};
    SqliteConnection connection;
    int64_t began = sqlite_ticks(NULL);

    memset(row, 0, sizeof(*row));
    memset(&connection, 0, sizeof(connection));
    row->path = entry->path;
    connection.session.beneath = job->offer.settings;
    connection.stopped = stopped;
    connection.stopped_context = context;
    if (!refuse(entry, row))
        open_and_work(&file, entry->path, &connection);
    if (row->error != NULL || row->no_memory)
        row->state = row->state == NULL ? "error" : row->state;
    row->duration_us = sqlite_ticks(NULL) - began;
}

void
sqlite_fleet_row_free(SqliteFleetRow *row)
{
    sqlite3_free(row->from);
    sqlite3_free(row->to);
    sqlite3_free(row->error);
    memset(row, 0, sizeof(*row));
}
