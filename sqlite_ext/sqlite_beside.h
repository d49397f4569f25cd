#ifndef SQLITE_BESIDE_H
#define SQLITE_BESIDE_H

/*
 * Connections of our own beside the caller's; sqlite_beside.c.
 */

#include "sqlite_host.h"

/* A connection of our own, beside the caller's.  A zeroed one is closed. */
typedef struct SqliteBeside
{
    sqlite3 *db;
    SqliteConnection *connection;
} SqliteBeside;

/*
 * Open a database on a connection of our own, with our functions; no other
 * code of the application's connection is there, neither functions nor
 * collations nor handlers, but for what sqlite3_auto_extension() brings.
 *
 * path   a file's name, ":memory:", or "" for a temporary database
 * flags  SQLITE_OPEN_READWRITE and so on
 * vfs    name of the VFS, or NULL for the default
 *
 * To be closed by sqlite_beside_close(), also after a failure.
 */
MigStatus sqlite_beside_open(SqliteBeside *beside, const char *path, int flags,
                             const char *vfs, MigError *error);

/*
 * The same for the file of a database that a connection has open, by the same
 * VFS and with the same URI parameters but for those that flags stand for; its
 * cache is never shared.  Fails with MIG_UNSUPPORTED when it has no file.
 *
 * schema   "main", or the name of an attached database
 * purpose  what needs a second connection, for the message
 */
MigStatus sqlite_beside_open_same(SqliteBeside *beside, SqliteHost *host,
                                  const char *schema, int flags,
                                  const char *purpose, MigError *error);

/*
 * The same two without any function of ours, so that texts of others can be
 * run; the second is about main.
 */
MigStatus sqlite_beside_open_bare(SqliteBeside *beside, const char *path,
                                  int flags, const char *vfs, MigError *error);
MigStatus sqlite_beside_open_same_bare(SqliteBeside *beside, SqliteHost *host,
                                       int flags, const char *purpose,
                                       MigError *error);

/*
 * Copy main into the empty database of such a connection: for one in memory,
 * which no second connection can open.  Fails with MIG_UNSUPPORTED in a
 * transaction that has written.
 */
MigStatus sqlite_beside_fill(SqliteBeside *beside, SqliteHost *host,
                             MigError *error);

/* Accepts one that is closed. */
void sqlite_beside_close(SqliteBeside *beside);

/*
 * Call one of our functions on such a connection, as SQL would.
 *
 * function  its name
 * call      arguments, error and, for tables, emit are set; the rest is zeroed.
 *           The result lives until sqlite_beside_call_end()
 * host      for the length of the call
 */
MigStatus sqlite_beside_call(SqliteBeside *beside, const char *function,
                             MigCall *call, SqliteHost *host);
void sqlite_beside_call_end(MigCall *call, SqliteHost *host);

/*
 * Have what runs on a connection of ours stop, as by an interrupt.
 *
 * stopped  asked now and then, with context, whether to; once it has said so it
 *          is asked no more
 */
void sqlite_watch(SqliteConnection *connection, bool (*stopped)(void *context),
                  void *context);

/*
 * The same when the connection that a call came from is interrupted, which has
 * to outlive this one.
 */
void sqlite_beside_follow(SqliteBeside *beside, SqliteHost *host);

/* Whether a connection is interrupted, by stepping SELECT NULL there. */
bool sqlite_probe(sqlite3_stmt *probe);

/* Give a connection of ours the switches (sqlite3_db_config) of another. */
void sqlite_beside_switch(SqliteBeside *beside, sqlite3 *from);

/* Whether what runs on a connection is to stop; false on the caller's own. */
bool sqlite_is_stopped(SqliteConnection *connection);

#endif
