#ifndef MIGRATE_H
#define MIGRATE_H

/*
 * The extension inside a program, as build/libmigrate.a: one call before the
 * first connection is opened, and every one has its functions.
 *
 *     sqlite3_auto_extension((void (*)(void)) sqlite3_migrate_init);
 *
 * Link with SQLite itself and with Nettle.
 */

#include <sqlite3.h>

/*
 * Give a connection the extension's functions.  The loadable extension has the
 * same entry point, which SQLite calls: .load ./migrate
 *
 * error  out: a message for SQLITE_ERROR, of sqlite3_malloc(); may stay unset
 * api    SQLite's functions; not used inside a program, and may be NULL there
 *
 * Returns SQLITE_OK, or the first code that a registration failed with; fails
 * with SQLITE_ERROR on a library older than 3.34, and where another copy of
 * SQLite in the same process has loaded the extension.
 */
int sqlite3_migrate_init(sqlite3 *db, char **error,
                         const sqlite3_api_routines *api);

#endif
