#ifndef MIG_HOST_LOOK_H
#define MIG_HOST_LOOK_H

/*
 * The methods of a host that tell what is in a database, as mig_host.h has
 * them: other tools' tables, the schema's objects, and those of a scratch
 * database.  The rules at the top of mig_host.h hold for each.
 */

#include "mig_host_types.h"

/* ---- Other tools' tables ------------------------------------------------- */

/*
 * All tables, in no order that means anything.  Views, virtual and
 * temporary tables and those with rules are left out: reading them would
 * run what others have written.  SQLite: those of attached databases too.
 */
typedef MigStatus (*MigListTablesMethod)(MigHost *host, MigTableFunction table,
                                         void *context, MigError *error);

/*
 * Read all rows of a table that list_tables() gave, in any order, with the
 * caller's rights, running nothing of others'.  Sees what others have
 * committed until now.
 *
 * Values of types that a MigValue has come as such; all others, and
 * SQLite's times, as text.
 */
typedef MigStatus (*MigReadTableMethod)(MigHost *host, const MigTableRead *read,
                                        MigRowFunction row, void *context,
                                        MigError *error);

/*
 * A number that applications keep in the database beside all tables
 * (SQLite's user_version); NULL where there is none.
 */
typedef MigStatus (*MigUserVersionMethod)(MigHost *host, int64_t *number,
                                          MigError *error);

/*
 * Take a lock that other tools take by its number, until the transaction
 * ends, without waiting for it.  This and the next two are NULL where a
 * lock on the whole database is held anyway.
 *
 * taken  out: false when somebody else has it
 */
typedef MigStatus (*MigLockNumberMethod)(MigHost *host, int64_t number,
                                         bool *taken, MigError *error);

/* The same for a table; MIG_DENIED where the caller may not. */
typedef MigStatus (*MigLockTableMethod)(MigHost *host, const MigTable *table,
                                        MigTableLock lock, bool *taken,
                                        MigError *error);

/* The name of this database; of a file without its directory. */
typedef MigBytes (*MigDatabaseNameMethod)(MigHost *host);

/* ---- Objects and scratch databases --------------------------------------- */

/*
 * How this engine, of this major version, writes definitions: the name of
 * the engine, a slash, and a number that changes with the way of writing,
 * as in "sqlite/1" or "pg15/1".  NUL-ended, cut to fit.
 */
typedef void (*MigCanonMethod)(MigHost *host, char *text, size_t size);

/*
 * List the objects of the database's schema, in any order.  The tables of
 * the catalogue, and the extension itself, are left out.
 *
 * What is in the one schema that scope asks for is written without that
 * schema's name.
 */
typedef MigStatus (*MigListObjectsMethod)(MigHost *host, const MigScope *scope,
                                          MigObjectFunction object,
                                          void *context, MigError *error);

/*
 * Note how the schema is now, for list_changes().  Called under lock(), in
 * the transaction that is then to be looked at.  Both are NULL where all
 * objects have to be listed each time.
 *
 * others  out: whether it may have been changed, by anybody, since the last
 *         list_changes() of this call
 */
typedef MigStatus (*MigChangesBeginMethod)(MigHost *host, bool *others,
                                           MigError *error);

/*
 * List the objects of which some may have changed since changes_begin() or
 * the last list_changes(), by this transaction.
 *
 * root    receives each table or other object that is no part of one of
 *         which this is so, also one that is there no longer; kinds are
 *         not told apart: all that has this name is meant, with its parts
 * object  as of list_objects(), after all roots
 * all     out: anything may have changed; then no roots are told, and all
 *         objects are listed
 */
typedef MigStatus (*MigListChangesMethod)(MigHost *host, const MigScope *scope,
                                          bool *all, MigRootFunction root,
                                          MigObjectFunction object,
                                          void *context, MigError *error);

/*
 * List what objects keep when they are renamed, in any order.  NULL where there
 * is no such thing.
 *
 * renamed  out: whether anything can have been renamed since the last call
 * object   receives kind and identity as of list_objects(), the number in place
 *          of a definition; kinds that have none are not told, others that are
 *          no objects may be
 */
typedef MigStatus (*MigListNumbersMethod)(MigHost *host, const MigScope *scope,
                                          bool *renamed,
                                          MigObjectFunction object,
                                          void *context, MigError *error);

/*
 * Make an empty database on which migrations are tried.  It is like the
 * caller's but for its contents, has the schema limits.target where there
 * is one, and is gone however the call ends.
 *
 * scratch  out: to be closed by scratch_close()
 *
 * Fails when that cannot be had: no right to, no memory, no room.
 */
typedef MigStatus (*MigScratchOpenMethod)(struct Mig *mig,
                                          MigScratch **scratch);

/*
 * Run a work there, one that mig_work_fetch() has fetched, by mig_replay().
 *
 * each  whether every statement is a transaction of its own
 *
 * Fails as the migration does, the place named; the scratch database is
 * then good for scratch_close() alone.
 */
typedef MigStatus (*MigScratchRunMethod)(struct Mig *mig, MigScratch *scratch,
                                         struct MigWork *work, bool each);

/* The same as list_objects() for the scratch database. */
typedef MigStatus (*MigScratchListMethod)(struct Mig *mig, MigScratch *scratch,
                                          const MigScope *scope,
                                          MigObjectFunction object,
                                          void *context);

/* Accepts NULL. */
typedef void (*MigScratchCloseMethod)(struct Mig *mig, MigScratch *scratch);

#endif
