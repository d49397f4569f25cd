/*
 * What is added to the library of a variant; see run.
 *
 *     VARIANT_SOURCE_ID    of the sqlite3 shell, which runs with no library of
 *                          another source than its own
 *     VARIANT_DEFENSIVE    every connection is defensive
 */

#include "sqlite3.h"

const char *
sqlite3_sourceid(void)
{
    return VARIANT_SOURCE_ID;
}

#ifdef VARIANT_DEFENSIVE

/* Switch SQLITE_DBCONFIG_DEFENSIVE on for a new connection. */
static int
be_defensive(sqlite3 *db, char **message, const void *api)
{
    (void) message;
    (void) api;
    return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *) 0);
}

int variant_init(const char *unused);

/* Called by sqlite3_initialize(), by the option SQLITE_EXTRA_INIT. */
int
variant_init(const char *unused)
{
    (void) unused;
    return sqlite3_auto_extension((void (*)(void)) be_defensive);
}

#endif
