#ifndef MIG_HOST_H
#define MIG_HOST_H

/*
 * The contract between the core and an engine: all that the core asks of one.
 *
 * An adapter fills a MigHostMethods once and embeds a MigHost as the first
 * member of its own struct, one for each call of an SQL function.
 * What the methods take and give is in mig_host_types.h, and those that tell
 * what is in a database are in mig_host_look.h.
 *
 * Rules that hold for every method
 * - On failure it records a MigError and returns its status; out arguments are
 *   then unset.  A method may leave by longjmp (PostgreSQL's ereport): while a
 *   method runs the core holds nothing but memory from resize().
 * - Texts are UTF-8.  What a method hands out stays valid until the next call
 *   of that method, unless it says otherwise.
 */

#include "mig_host_look.h"
#include "mig_host_types.h"

typedef struct MigHostMethods
{
    const char *engine; /* "sqlite" or "postgresql": names a file's section */

    /* Whether consecutive migrations may share a commit where commits(); their
     * records are then written at its end. */
    bool shares_commits;

    /* Whether a script's own BEGIN and COMMIT, and the mark transaction:false,
     * part it into transactions where commits(); else only a MIG_OUTSIDE
     * statement does. */
    bool parts_scripts;

    /* Whether a call that the user has cancelled can still write. */
    bool outlives_interrupt;

    /* The call that runs what apply, or rollback, cannot, as in "CALL f()";
     * NULL where there is none. */
    const char *outside_apply;
    const char *outside_rollback;

    /*
     * Grow, shrink, make (memory NULL) or free (new_size 0) a block.
     * Sizes in bytes.  Returns NULL when memory is short; never longjmps.
     */
    void *(*resize)(MigHost *host, void *memory, size_t old_size,
                    size_t new_size);

    /* Time of day, microseconds since 1970-01-01 UTC. */
    int64_t (*now)(MigHost *host);

    /* A clock that never jumps, microseconds since any moment. */
    int64_t (*ticks)(MigHost *host);

    /* Who calls: the user's name, and from where.  Both NUL-ended, cut to fit.
     */
    void (*caller)(MigHost *host, char *actor, size_t actor_size, char *client,
                   size_t client_size);

    /*
     * What is asked for by a placeholder in a text.  NUL-ended; MIG_INVALID
     * when it does not fit.
     *
     * Returns false where the engine has no such thing.
     */
    bool (*fact)(MigHost *host, MigFact fact, char *text, size_t size,
                 MigError *error);

    /*
     * Who answers for the texts that this call brings in; NULL: whoever calls.
     * NUL-ended, cut to fit.
     */
    void (*author)(MigHost *host, char *author, size_t size);

    /*
     * The digest of pieces one after another.
     *
     * digest  out: as many bytes as the algorithm's has
     */
    void (*digest)(MigHost *host, MigAlgorithm algorithm,
                   const MigBytes *pieces, size_t count, unsigned char *digest);

    /*
     * Add pieces to a SHA-256 and say what it has come to.  More may follow:
     * this is for sums over each beginning of a list.
     */
    void (*digest_grow)(MigHost *host, MigGrowing *growing,
                        const MigBytes *pieces, size_t count,
                        unsigned char digest[MIG_SHA256_SIZE]);

    /* Tell the user something that is no error; one line. */
    void (*notice)(MigHost *host, MigNoticeLevel level, const char *message);

    /*
     * Let others see what this session is doing; one line, NULL: nothing any
     * more.  The method is NULL where others cannot look.
     */
    void (*progress)(MigHost *host, const char *message);

    /*
     * What the engine knows of a failure besides its message, detail and hint:
     * "key: value" and a line break for each.  NUL-ended, cut to fit; NULL
     * where it knows no more.
     */
    void (*describe)(MigHost *host, const MigError *error, char *text,
                     size_t size);

    /*
     * Wait, holding nothing that others may want.  The user can cancel it.
     * NULL where a failed migration is not to be tried again.
     */
    MigStatus (*pause)(MigHost *host, int64_t wait_ms, MigError *error);

    /*
     * Who held the lock that the last statement waited for in vain, for a
     * message; NULL when that is not known.
     */
    const char *(*blockers)(MigHost *host);

    /*
     * The value that the session, not the database, gives a setting
     * (PostgreSQL: SET migrate.<name>).  Returns whether there is one.
     */
    bool (*session_setting)(MigHost *host, const char *name, MigBytes *value);

    /*
     * Do a whole call on another database, one with a catalogue of its own,
     * where a setting says so.  The call's own settings are read.  Returns
     * whether that was the case; the call is then over, or has failed.  NULL
     * where migrations are never elsewhere.
     */
    bool (*elsewhere)(struct Mig *mig, const struct MigApi *api,
                      struct MigCall *call);

    /* ---- The catalogue ------------------------------------------------- */

    /*
     * Say whether the catalogue's tables exist in a layout that this core
     * knows.  Reads only, and runs nothing of others.  Fails with MIG_STATE for
     * a newer layout and MIG_CORRUPT for tables that are not ours, or that
     * cannot be read without running something; by mig_fail_addition() then.
     */
    MigStatus (*catalogue_find)(MigHost *host, bool *exists, MigError *error);

    /*
     * Fail with MIG_CORRUPT when the tables are gone, when something of
     * others, such as a trigger or a rule, runs when they are written, or when
     * others may write them; by mig_fail_addition() of mig_addition.h.
     */
    MigStatus (*catalogue_intact)(MigHost *host, MigError *error);

    /*
     * Tell what others have put on the tables, also what never runs, and who
     * else may write them; nothing where there are none.  Reads only, and runs
     * nothing of it.
     */
    MigStatus (*catalogue_additions)(MigHost *host,
                                     MigAdditionFunction addition,
                                     void *context, MigError *error);

    /* Create the tables where they are missing.  Called under lock(). */
    MigStatus (*catalogue_create)(MigHost *host, MigError *error);

    /*
     * Run one catalogue statement with the rights of the tables' owner.
     *
     * sql        a key of mig_sql.h; the adapter may keep it prepared for the
     *            length of a call
     * arguments  for $1 .. $count
     * row        called for each row; may be NULL when there are none
     *
     * Sees everything that was done before, also by other transactions that
     * have committed.  row() may call query() again.
     */
    MigStatus (*query)(MigHost *host, MigSql sql, const MigValue *arguments,
                       size_t count, MigRowFunction row, void *context,
                       MigError *error);

    /* ---- Transactions -------------------------------------------------- */

    /*
     * Check that no statement around the call stands in the way of one that
     * writes or reads files; NULL where none can.
     *
     * function  SQL name, for the message
     */
    MigStatus (*require_alone)(MigHost *host, const char *function,
                               MigError *error);

    /*
     * Check that a function that writes may run as it was called: the database
     * is writable, the transaction of a kind that suits.
     *
     * function  SQL name, for the message
     */
    MigStatus (*require_writable)(MigHost *host, const char *function,
                                  MigError *error);

    /*
     * Whether release() makes changes permanent.  False when the caller has a
     * transaction open: then all belongs to that one.
     */
    bool (*commits)(MigHost *host);

    /*
     * Whether the caller may run, or have recorded, what somebody else brought
     * in; NULL for always.  Nobody must get, by the text of a migration, the
     * rights of whoever runs it.
     *
     * author  who did, as author() gave it then
     * whom   out, when not: the one who is not trusted; this may also be the
     *        owner of the catalogue, who can have forged the name
     */
    bool (*trusts)(MigHost *host, MigBytes author, MigBytes *whom);

    /*
     * Become the only one who writes the catalogue.
     *
     * wait_ms  how long to wait for others; MIG_LOCKED when that passes
     *
     * In a caller's transaction the lock may last until that one ends.
     */
    MigStatus (*lock)(MigHost *host, int64_t wait_ms, MigError *error);

    /*
     * End what lock() began, keeping the changes (commit where commits()).
     * On failure nothing since lock() is kept, and no lock is held.
     *
     * wait_ms  how long to wait for readers, where the engine has to
     */
    MigStatus (*release)(MigHost *host, int64_t wait_ms, MigError *error);

    /* End what lock() began, undoing the changes where commits(); elsewhere
     * they are the caller's.  Cannot fail.  No effect when no lock is held. */
    void (*abandon)(MigHost *host);

    /*
     * Between unit_begin and unit_keep or unit_undo lies the work of one
     * migration.  Units do not nest.  One that is begun right after a
     * release() is there for run_outside() or resume_outside().  unit_keep also
     * puts back what the work changed of the session's state, checks deferred
     * constraints, and fails where they do not hold; the unit is then still
     * open. unit_undo undoes the work and puts the session back; cannot fail,
     * and has no effect when no unit is open.  Where outlives_failure is NULL
     * it may leave both to the error that the SQL function then raises: only
     * what ends things may follow it, such as release(), abandon(),
     * script_close() and surround_end().
     */
    MigStatus (*unit_begin)(MigHost *host, MigError *error);
    MigStatus (*unit_keep)(MigHost *host, MigError *error);

    /*
     * What is to be remembered of an open unit that has done all its work, for
     * the history and as a warning, also of what the adapter sets right here;
     * NULL where there never is anything.
     *
     * remark  out: a line each, valid until the unit ends; empty when nothing
     */
    MigStatus (*unit_remark)(MigHost *host, MigBytes *remark, MigError *error);
    void (*unit_undo)(MigHost *host);

    /* What has become, without our doing, of the transaction that lock()
     * opened or found open.  Unless it is held, no lock is, and no unit. */
    MigTransactionEnd (*transaction_end)(MigHost *host);

    /*
     * Whether what is written after unit_undo() is kept although the SQL
     * function then fails; NULL for never.  Where it is, failed attempts are
     * recorded in the history.
     */
    bool (*outlives_failure)(MigHost *host);

    /*
     * The schemas whose names match a pattern of LIKE, in order of their
     * names; those of the engine itself are left out.  NULL where migrations
     * are about no schema in particular.
     */
    MigStatus (*list_targets)(MigHost *host, MigBytes pattern,
                              MigEntryFunction entry, void *context,
                              MigError *error);

    /* ---- Scripts ------------------------------------------------------- */

    /*
     * Take a script apart into statements.  Nothing is executed.
     *
     * text    must outlive the script
     * script  out; to be closed by script_close
     *
     * On a syntax error error->message is the engine's, and offset, when not
     * NULL, tells its place in text (in bytes).
     */
    MigStatus (*script_open)(MigHost *host, MigBytes text, MigScript **script,
                             size_t *offset, MigError *error);

    /* Begin again at the first statement. */
    void (*script_rewind)(MigHost *host, MigScript *script);

    /* The next statement; returns false when there is none. */
    bool (*script_next)(MigHost *host, MigScript *script,
                        MigStatement *statement);

    /* Accepts NULL. */
    void (*script_close)(MigHost *host, MigScript *script);

    /*
     * Give the tokens of a script in their order, as the engine's own lexer
     * parts them: all of it but white space and comments.  What is not SQL,
     * the data of a COPY or a command of the engine's shell, is given as it is
     * written.  Nothing is executed, nor need the script be correct.
     *
     * readable  out: false when the lexer cannot get to the end; what was given
     *           up to there is then of no use
     */
    MigStatus (*script_tokens)(MigHost *host, MigBytes text,
                               MigTokenFunction token, void *context,
                               bool *readable, MigError *error);

    /*
     * Put one MIG_AROUND statement in force, remembering what was.  Called
     * without a lock held where commits(); fails with MIG_UNSUPPORTED where
     * the caller's transaction forbids it.
     *
     * offset  as for run()
     */
    MigStatus (*surround)(MigHost *host, const MigStatement *statement,
                          size_t *offset, MigError *error);

    /*
     * Put back what surround() changed.  Called without a lock held where
     * commits(); cannot fail; may be called twice.
     */
    void (*surround_end)(MigHost *host);

    /*
     * Execute one statement inside the current unit.
     *
     * offset  out, may be NULL: on failure, where in the statement's text, or
     * in data behind it, the engine saw the cause, in bytes; (size_t) -1 when
     * it does not say
     *
     * On failure error holds the engine's message and code.
     */
    MigStatus (*run)(MigHost *host, const MigStatement *statement,
                     size_t *offset, MigError *error);

    /*
     * Check that run_outside() can run a statement on this database, before
     * anything of its migration is run; NULL where it always can.
     */
    MigStatus (*require_outside)(MigHost *host, const MigStatement *statement,
                                 MigError *error);

    /*
     * Execute one MIG_OUTSIDE statement to its end, as a transaction, or
     * several, of its own; NULL where the engine has no way to.  It has the
     * settings that the session has now.  Called only where commits(), in a
     * unit that has done nothing but run session statements, right after a
     * release().
     *
     * offset  as for run()
     */
    MigStatus (*run_outside)(MigHost *host, const MigStatement *statement,
                             size_t *offset, MigError *error);

    /*
     * What is there before a MIG_OUTSIDE statement runs, so that one can tell
     * later what it has made.
     *
     * mark  out: one line without semicolons, NUL-ended; may be empty
     */
    MigStatus (*mark_outside)(MigHost *host, const MigStatement *statement,
                              char *mark, size_t size, MigError *error);

    /*
     * Find out about a MIG_OUTSIDE statement that was begun in an earlier call,
     * and clear away what it may have left half done.  Called as run_outside()
     * is.
     */
    MigStatus (*resume_outside)(MigHost *host, const MigStatement *statement,
                                MigResume *resume, MigError *error);

    /*
     * Execute one query that must not change anything, and say whether every
     * row's first column is true.  No row at all counts as true.  When it
     * fails, the unit is as it was.
     *
     * holds  out; NULL: what it returns does not count, only whether it fails;
     *        then it may be any statement whose changes the engine can undo
     */
    MigStatus (*check)(MigHost *host, const MigStatement *statement,
                       bool *holds, size_t *offset, MigError *error);

    /*
     * Between these two, outside of any unit, check() runs texts that somebody
     * may have put there: as the caller, and whatever they ask for, nothing is
     * changed but for what look_end() undoes.  Of statements that set up the
     * session run() takes such texts, too.  What they are not let do fails with
     * MIG_READ_ONLY, MIG_DENIED or MIG_UNSUPPORTED.
     *
     * look_end() cannot fail, and has no effect where no look was begun.
     */
    MigStatus (*look_begin)(MigHost *host, MigError *error);
    void (*look_end)(MigHost *host);

    /*
     * What the engine itself knows to be wrong with the objects in the schema
     * limits.target, or in all; NULL where it knows nothing of the kind.
     */
    MigStatus (*list_faults)(MigHost *host, MigFaultFunction fault,
                             void *context, MigError *error);

    /* Queries for check(): whether there is a table, or a view, of the name
     * "{name}" in the schema "{schema}", which may be empty; both are words of
     * letters, digits and '_'. */
    const char *table_exists;
    const char *view_exists;
    /* ---- Other tools' tables ------------------------------------------- */

    /* What each does is in mig_host_look.h. */
    MigListTablesMethod list_tables;
    MigReadTableMethod read_table;
    MigUserVersionMethod user_version;
    MigLockNumberMethod lock_number;
    MigLockTableMethod lock_table;
    MigDatabaseNameMethod database_name;

    /* ---- Other hands --------------------------------------------------- */

    /*
     * What tells this database from every copy of it: one word of at most
     * MIG_PLACE_SIZE bytes, NUL-ended.  NULL where a copy is not to be told.
     */
    void (*place)(MigHost *host, char *place, size_t size);

    /*
     * Whether the engine is to call the adapter for what changes the schema
     * without being a migration, which then does as the setting "watch" says.
     * Called in a unit; MIG_DENIED where the caller may not.  NULL where there
     * is no such thing.
     */
    MigStatus (*watch)(MigHost *host, bool enable, MigError *error);

    /* Whether the engine does call it now; NULL together with watch(). */
    bool (*watching)(MigHost *host);

    /* ---- Precautions --------------------------------------------------- */

    /*
     * Try a run on a copy of the database, which is thrown away.  Called
     * outside of any transaction, without a lock; both are NULL where the
     * engine has no such thing.
     *
     * function  SQL name of what does the run, with target as its argument;
     *           absent: with none
     *
     * Fails as the run would; the failed attempt is then in the history.
     */
    MigStatus (*rehearse)(struct Mig *mig, const char *function,
                          MigBytes target);

    /*
     * Write a copy of the database, checked, to a file; called likewise.
     *
     * pattern  of its path: the setting "backup"
     */
    MigStatus (*back_up)(struct Mig *mig, MigBytes pattern);

    /* ---- Guards --------------------------------------------------------- */

    /*
     * Say what a statement would destroy if it ran now: rows that are there,
     * with their table or column, or by a statement that names none of them.
     * Nothing of it is executed.  A name that leads to nothing, or to a
     * temporary table, is passed over.  NULL where that is not known; then
     * leads() is not asked either.
     *
     * Outside of a unit nobody is waited for and nothing of others' is run:
     * rows that could be counted only so may be there or not.
     */
    MigStatus (*destroys)(MigHost *host, const MigStatement *statement,
                          MigLoss *loss, MigError *error);

    /* Whether a name without a schema leads to a table or a view that is there,
     * or may. */
    bool (*leads)(MigHost *host, MigBytes name);

    /* Whether statements can reach databases beside the run's own that have
     * settings of their own; NULL where they never can. */
    bool (*reaches_others)(MigHost *host);

    /* The settings of one of these, by MigLoss.database: name and value.  None
     * where it has no catalogue.  Together with reaches_others(). */
    MigStatus (*settings_there)(MigHost *host, int database, MigRowFunction row,
                                void *context, MigError *error);

    /*
     * Say who holds a lock that a statement would have to wait for if it ran
     * now.  Nobody is waited for.  NULL where it is one lock for all.
     *
     * text  out: as in 'table "t" is held by process 17', NUL-ended, cut to
     *       fit; empty when nobody does
     */
    void (*held)(MigHost *host, const MigStatement *statement, char *text,
                 size_t size);

    /*
     * What the engine itself knows of a backup that was made at or after a
     * time; NULL where it never does.
     *
     * since  microseconds since 1970-01-01 UTC
     * text   out: what there is, or why it does not count; NUL-ended
     *
     * Returns whether there is one.
     */
    bool (*backed_up)(MigHost *host, int64_t since, char *text, size_t size);

    /*
     * Mark this moment for a recovery to a point in time, if that can be done.
     * NULL where it never can.
     *
     * label  of the run, not NUL-ended
     * text   out: what the mark is called and where it lies, NUL-ended
     *
     * Returns whether it was made.
     */
    bool (*restore_point)(MigHost *host, MigBytes label, char *text,
                          size_t size);

    /*
     * Look at the health of the server, the database and its files as far as a
     * run depends on it, and tell of each thing.  Reads only.  NULL where
     * nothing is known.
     */
    MigStatus (*inspect)(MigHost *host, const MigInspection *inspection,
                         MigFindingFunction finding, void *context,
                         MigError *error);

    /* ---- Objects and scratch databases --------------------------------- */

    /* What each does is in mig_host_look.h. */
    MigCanonMethod canon;
    MigListObjectsMethod list_objects;
    MigChangesBeginMethod changes_begin;
    MigListChangesMethod list_changes;
    MigListNumbersMethod list_numbers;
    bool folds_names; /* in definitions a name that is referred to stands in
                         lower case, also in quotes */
    MigScratchOpenMethod scratch_open;
    MigScratchRunMethod scratch_run;
    MigScratchListMethod scratch_list;
    MigScratchCloseMethod scratch_close;

    /* ---- Files --------------------------------------------------------- */

    /*
     * What a path names, following links, decided without opening it.
     * MIG_DENIED where the caller may not see this server's files.
     */
    MigStatus (*path_kind)(MigHost *host, const char *path, MigPathKind *kind,
                           MigError *error);

    /* Names in a directory, in any order, "." and ".." left out. */
    MigStatus (*list_directory)(MigHost *host, const char *path,
                                MigEntryFunction entry, void *context,
                                MigError *error);

    /*
     * The whole of a regular file.
     *
     * contents  out: NUL behind the last byte (not counted), allocated by
     *           resize() with contents->length + 1 bytes; the caller frees
     */
    MigStatus (*read_file)(MigHost *host, const char *path, MigBytes *contents,
                           MigError *error);
} MigHostMethods;

struct MigHost
{
    const MigHostMethods *methods;
    MigSession *session; /* outlives the call */
    bool records;        /* the catalogue has tables for what is in the schema;
                            set by catalogue_find() */
    bool refused;        /* it has failed for an addition that runs when the
                            tables are read */
    bool watches;     /* and one for other hands, as watch() has them noted */
    MigLimits limits; /* set by the core before the first unit */
};

#endif
