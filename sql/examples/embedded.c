/*
 * A program that brings its own database up to date when it starts.
 *
 *     cc -Isqlite_ext embedded.c build/libmigrate.a \
 *         -lsqlite3 -lnettle -lpthread
 *     ./embedded app.db migrations
 *
 * The extension is inside the program (make static): nothing is loaded, and
 * every connection has its functions.
 */

#include "migrate.h"

#include <stdio.h>

/* Bring a database up to date; returns whether that went well. */
static int
migrate_up(sqlite3 *db, const char *folder)
{
    sqlite3_stmt *statement = NULL;
    int code;

    code = sqlite3_prepare_v2(db, "SELECT migrate_up(?), migrate_current()", -1,
                              &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(statement, 1, folder, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        printf("%d applied, now at %s\n", sqlite3_column_int(statement, 0),
               sqlite3_column_text(statement, 1));
    else
        fprintf(stderr, "error %d: %s\n", sqlite3_extended_errcode(db),
                sqlite3_errmsg(db));
    (void) sqlite3_finalize(statement);
    return code == SQLITE_ROW;
}

int
main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    int good;

    if (argc != 3)
    {
        fprintf(stderr, "usage: %s DATABASE FOLDER\n", argv[0]);
        return 2;
    }
    (void) sqlite3_auto_extension((void (*)(void)) sqlite3_migrate_init);
    good = sqlite3_open(argv[1], &db) == SQLITE_OK;
    if (!good)
        fprintf(stderr, "%s: %s\n", argv[1], sqlite3_errmsg(db));
    /* Others may be starting at the same time. */
    (void) sqlite3_busy_timeout(db, 5000);
    good = good && migrate_up(db, argv[2]);
    (void) sqlite3_close(db);
    return good ? 0 : 1;
}
