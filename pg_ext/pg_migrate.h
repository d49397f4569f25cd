#ifndef PG_MIGRATE_H
#define PG_MIGRATE_H

/*
 * What the files of the PostgreSQL adapter share.
 *
 *     pg_migrate.c      the module: one C entry point for all SQL functions,
 * and one for event triggers pg_host.c         the methods that need no file of
 * their own pg_value.c        datums to values and back pg_error.c errors of
 * the core to ereport, and of the server back pg_catalogue.c    statements on
 * the extension's tables pg_transaction.c  the run lock, and a migration's
 * beginning and end pg_deploy.c       procedures: commits, and the lock held
 * across them pg_wait.c         time limits, and who stands in the way
 *     pg_worker.c       a background worker for what no transaction can hold
 *     pg_objects.c      what is in the schema, piece by piece; see pg_objects.h
 *     pg_scratch.c      a database to try migrations on; see pg_scratch.h
 *     pg_mark.c         what is there before such a statement
 *     pg_outside.c      such statements, also those begun by an earlier call
 *     pg_deferred.c     deferred constraints at the end of a migration
 *     pg_addition.c     what others have put on the extension's tables
 *     pg_rights.c       who else may write them
 *     pg_script.c       taking scripts apart; see pg_script.h
 *     pg_lex.c          their tokens, for comparing
 *     pg_class.c        which statements can be run in a migration
 *     pg_moved.c        which names mean something else behind a statement
 *     pg_destroy*.c     what a statement would destroy
 *     pg_held.c         who holds a lock that a statement would wait for
 *     pg_inspect.c      what a run depends on, backups, restore points
 *     pg_execute.c      running a statement
 *     pg_copy.c         running a COPY whose data stand in the script
 *     pg_file.c         files, and who may read them
 *     pg_other.c        other tools' tables, and their locks
 *     pg_watch.c        DDL that is no migration; see pg_watch.h
 *
 * A call whose migration has failed ends by raising an error, which makes the
 * server undo all that the call did.  Until then, while the core cleans up, the
 * session is not fit for any work: host->doomed makes every method that would
 * touch the database refuse.
 */

#include "postgres.h"

#include "pg_compat.h"

#include "utils/resowner.h"

#include "mig_api.h"

/* What to return to behind a subtransaction. */
typedef struct PgSubtransaction
{
    MemoryContext context;
    ResourceOwner owner;
    int guc_level;
} PgSubtransaction;

/*
 * The work of one migration.
 *
 * In a function it is no subtransaction: the only way to undo it is to fail the
 * whole call.  Thousands of subtransactions would slow down this session and,
 * by overflowing what others can see of them, all the others.  In a procedure,
 * which commits behind each, it is one.
 */
typedef struct PgUnit
{
    bool open;
    bool guarded;  /* a statement of it may not destroy rows */
    int guc_level; /* of the settings made in it */
    int lock_ms;   /* lock_timeout as it was set for it, or -1 */
    PgSubtransaction inner;
} PgUnit;

/* Deferrable constraints whose tables were written to. */
typedef struct PgDeferred
{
    MemoryContext memory; /* of the list */
    List *constraints;    /* Oids in pg_constraint */
} PgDeferred;

typedef struct PgHost
{
    MigHost base;         /* must be first */
    MemoryContext memory; /* of this call; all that the core allocates */
    Oid extension;        /* pg_extension row of the function called */
    const char *schema;   /* that the extension's objects are in */
    Oid caller;           /* role that called, */
    bool definer;         /* from within a SECURITY DEFINER function */
    bool trust_known;     /* trusts_all is known: */
    bool trusts_all;      /* nothing that runs can reach a superuser's rights */
    PgUnit unit;
    PgSubtransaction look;   /* begun by look_begin(), */
    bool looks;              /* if it is open */
    bool listed;             /* pg_changes.c knows: */
    uint64 messages;         /* how many messages had come, */
    uint64 others_ids;       /* how many transaction ids others had taken, */
    bool quiet;              /* whether none of these was in use, */
    struct PgWrites *writes; /* how many rows of catalogs were written, */
    CommandId since;         /* and the first command after that, */
    bool hides;              /* whether a wanted schema's names are hidden */
    bool doomed;             /* can only end in an error */
    bool commits;            /* a procedure: it commits on its own, */
    bool holds_run_lock;     /* holding the lock for the session meanwhile */
    bool worker_failed;      /* the last error caught was that of a worker */
    List *blockers;          /* ints: processes that were waited for */
    PgDeferred deferred;
    ErrorData *cause; /* last error caught from the server, or NULL */
} PgHost;

/* ALLOCSET_DEFAULT_SIZES, multiplied in the type that they are used in. */
#define PG_CONTEXT_SIZES (Size) 0, (Size) 8 * 1024, (Size) 8 * 1024 * 1024

/*
 * The data of a COPY ... FROM STDIN.  They are left out of what the server
 * parses, its source.  Sizes in bytes.
 */
typedef struct PgData
{
    MigBytes text; /* without the line that ends them */
    size_t start;  /* in the script */
    size_t at;     /* in the source, where they are left out */
    size_t cut;    /* how much is left out of the source up to and with them */
    bool ended;    /* by a line "\." */
} PgData;

/* One statement of a script; MigStatement.node points here. */
typedef struct PgStatement
{
    const char *source; /* what was parsed, NUL-ended */
    size_t offset;      /* of the statement's first word in it, in bytes */
    size_t length;      /* in bytes, closing semicolon left out */
    size_t cut;         /* how much is left out of the source before it */
    RawStmt *raw;
    const PgData *data; /* that belong to it, or NULL */
    bool used;          /* execution may change the tree: it is done once */
} PgStatement;

/* pg_migrate.c: from now on this process runs a migration's statements. */
void pg_session_run(void);

/* Whether it does now. */
bool pg_session_runs(void);

/* pg_host.c */
extern const MigHostMethods pg_host_methods;

/* Address of the client, or "[local]". */
const char *pg_client_address(void);

/* pg_value.c: microseconds from PostgreSQL's epoch back to 1970. */
#define PG_EPOCH_SHIFT                                                         \
    ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/*
 * The value of a datum that is not NULL.  Its bytes lie in the datum, or in
 * the current memory context when it had to be unpacked.
 */
MigValue pg_value_from_datum(Datum datum, Oid type);

/* The datum of a value, made in the current memory context. */
Datum pg_value_to_datum(const MigValue *value, Oid type, bool *is_null);

/* pg_error.c */

/* What a statement is told whose time is over. */
#define PG_TIMEOUT_MESSAGE                                                     \
    "canceling statement due to migrate.statement_timeout"

/* Raise the core's error; host->cause adds what the core does not carry. */
COMPAT_NORETURN void pg_fail(const PgHost *host, const MigError *error);

/*
 * Keep what surrounds the call out of the errors caught, until PG_END_TRY:
 * it is added when they are raised again, and an outer query would take their
 * place in the text for a place in its own.
 */
static inline void
pg_error_context_none(void)
{
    error_context_stack = NULL;
}

/*
 * Take the server's error that PG_CATCH has caught, and clear it.  What follows
 * must be rolling back a subtransaction, or pg_doom().
 */
MigStatus pg_catch(PgHost *host, MigError *error);

/* Record what the operating system said, from errno; "could not open" etc. */
MigStatus pg_file_error(MigError *error, const char *what, const char *path);

/* pg_addition.c */
MigStatus pg_catalogue_intact(MigHost *base, MigError *error);
MigStatus pg_catalogue_additions(MigHost *base, MigAdditionFunction addition,
                                 void *context, MigError *error);

/* pg_rights.c */

/* For each right to write the tables of schema $1 that another than their owner
 * has, and each table of another owner, a row: its table, what it is, what
 * takes it away, true.  Members of the owner's role, and superusers, may have
 * it. */
extern const char pg_rights_query[];

/* Whether that may have rows; reads only what the server has at hand. */
bool pg_rights_given(Oid schema);

/*
 * Take the rights away that pg_rights_query has, but for an owner's; as the
 * tables' owner.
 *
 * Returns whose they were and which, in the current memory context; NULL: none.
 */
char *pg_rights_take(const char *schema);

/*
 * For the extension's script: take away what default privileges have given.
 * From its tables whatever lets another than their owner write them; from
 * tables and functions that came with the script's function, in one
 * transaction, all, but for what everybody may execute.  Rights to older
 * functions, and to read older tables, stay.
 */
void pg_rights_close(Oid function);

/* pg_catalogue.c */
MigStatus pg_catalogue_find(MigHost *base, bool *exists, MigError *error);
MigStatus pg_catalogue_create(MigHost *base, MigError *error);

/* A unit_remark(): takes away what a GRANT ... ON ALL TABLES of the unit has
 * given others of the extension's tables. */
MigStatus pg_unit_remark(MigHost *base, MigBytes *remark, MigError *error);
MigStatus pg_query(MigHost *base, MigSql sql, const MigValue *arguments,
                   size_t count, MigRowFunction row, void *context,
                   MigError *error);
bool pg_trusts(MigHost *base, MigBytes author, MigBytes *whom);

/* The setting migrate.trusted_roles. */
extern char *pg_trusted_roles;

/* pg_other.c */
MigStatus pg_list_tables(MigHost *base, MigTableFunction table, void *context,
                         MigError *error);
MigStatus pg_read_table(MigHost *base, const MigTableRead *read,
                        MigRowFunction row, void *context, MigError *error);
MigStatus pg_lock_number(MigHost *base, int64_t number, bool *taken,
                         MigError *error);
MigStatus pg_lock_table(MigHost *base, const MigTable *table, MigTableLock lock,
                        bool *taken, MigError *error);
MigBytes pg_database_name(MigHost *base);

/* pg_transaction.c */
MigStatus pg_require_writable(MigHost *base, const char *function,
                              MigError *error);
bool pg_commits(MigHost *base);
MigStatus pg_lock(MigHost *base, int64_t wait_ms, MigError *error);
MigStatus pg_release(MigHost *base, int64_t wait_ms, MigError *error);
void pg_abandon(MigHost *base);
MigStatus pg_unit_begin(MigHost *base, MigError *error);
MigStatus pg_unit_keep(MigHost *base, MigError *error);
void pg_unit_undo(MigHost *base);
MigTransactionEnd pg_transaction_end(MigHost *base);
bool pg_outlives_failure(MigHost *base);

/* Note that the call can only end in an error. */
void pg_doom(PgHost *host);

/* Whether a doomed call tries to go on: our mistake, then recorded. */
bool pg_is_doomed(const PgHost *host, MigError *error);

/* Begin a subtransaction; the caller's memory context stays the current one. */
void pg_subtransaction_begin(PgSubtransaction *inner);

/* End it, keeping or undoing its work; its settings are undone anyway. */
void pg_subtransaction_keep(PgSubtransaction *inner);
void pg_subtransaction_undo(PgSubtransaction *inner);

/* Give up the work of the unit: what failed in it cannot be gone on with. */
void pg_unit_fail(PgHost *host);

/* The locks of our own; see pg_transaction.c. */
typedef enum PgLock
{
    PG_LOCK_RUN = 1, /* who migrates */
    PG_LOCK_WORKER,  /* a background worker that does, in no transaction */
    PG_LOCK_SCRATCH  /* who has the scratch database */
} PgLock;
void pg_lock_tag(Oid extension, PgLock lock, LOCKTAG *tag);

/*
 * Take a lock of our own, waiting for it; MIG_LOCKED when that takes too long.
 *
 * session  until it is given back; else until the transaction ends
 */
MigStatus pg_lock_acquire(PgHost *host, PgLock lock, bool session,
                          int64_t wait_ms, MigError *error);

/* pg_deploy.c */

/* Prepare for a procedure; raises an error where it cannot commit. */
void pg_deploy_begin(PgHost *host, FunctionCallInfo fcinfo, const char *name);

/* End it, whatever has happened: nothing of the session's is left changed. */
void pg_deploy_end(PgHost *host);

/* End the transaction, keeping its changes, and begin the next, which has no
 * snapshot yet. */
MigStatus pg_deploy_commit(PgHost *host, MigError *error);

/* lock() of a procedure. */
MigStatus pg_deploy_lock(PgHost *host, int64_t wait_ms, MigError *error);

/* See that there is a snapshot, which what is read may need. */
void pg_deploy_snapshot(const PgHost *host);

void pg_progress(MigHost *base, const char *message);
MigStatus pg_pause(MigHost *base, int64_t wait_ms, MigError *error);

/* pg_wait.c */

/* Install the hook and the timer; called once, when the module is loaded. */
void pg_wait_init(void);

/* Set the limits of a unit, undone with its settings. */
MigStatus pg_limits_set(PgHost *host, MigError *error);

MigStatus pg_list_targets(MigHost *base, MigBytes pattern,
                          MigEntryFunction entry, void *context,
                          MigError *error);

/* Put back, in a level of settings of its own, what is no business of others;
 * returns the level. */
int pg_limits_hide(const PgHost *host);

/* The unit is over: its waits are not looked at any more. */
void pg_limits_end(const PgHost *host);

/* Start and stop the clock of a statement; 0 ms: none. */
void pg_statement_clock_start(int64_t limit_ms);
void pg_statement_clock_stop(void);

/* Whether the clock has cancelled the statement; asked once. */
bool pg_statement_clock_rang(void);

/* Note who blocks a process. */
void pg_blockers_note(PgHost *host, int pid);

/* Names of roles, for use while none can be looked up. */
typedef struct PgRoleNames PgRoleNames;
PgRoleNames *pg_role_names_read(const PgHost *host);

/* Who the noted processes are, for a message; NULL: nobody. */
const char *pg_blockers_describe(PgHost *host, const PgRoleNames *names);
const char *pg_blockers(MigHost *base);

/* pg_worker.c */

/*
 * Run one statement in a background worker, at top level, with the role and
 * the settings that this session has now; the transaction must hold neither
 * snapshot nor locks.  Raises the worker's error, its place counted in
 * statement.
 *
 * statement  NUL-ended
 */
void pg_worker_run(PgHost *host, const char *statement);

/* Who a worker is. */
typedef struct PgWorkerUser
{
    Oid session;
    Oid role; /* as which it runs */
} PgWorkerUser;

/*
 * In a worker: connect to a database as the caller is, with his settings.
 *
 * settings  of SerializeGUCState()
 * flags     BGWORKER_BYPASS_...
 */
void pg_worker_connect(Oid database, const PgWorkerUser *user, char *settings,
                       uint32 flags);

/* Take the caller's role and settings again, inside a transaction. */
void pg_worker_become(const PgWorkerUser *user, char *settings);

/*
 * In a worker: parse, plan and run one statement as a client's own, in a
 * transaction that has done nothing but set up the session.  What it needs is
 * made in the present memory context, which must outlive the transactions that
 * it begins and ends.
 */
void pg_worker_portal(const char *statement);

/* pg_objects.c */
void pg_canon(MigHost *base, char *canon, size_t size);
MigStatus pg_changes_begin(MigHost *base, bool *others, MigError *error);
MigStatus pg_list_changes(MigHost *base, const MigScope *scope, bool *all,
                          MigRootFunction root, MigObjectFunction object,
                          void *context, MigError *error);
MigStatus pg_list_numbers(MigHost *host, const MigScope *scope, bool *renamed,
                          MigObjectFunction object, void *context,
                          MigError *error);
MigStatus pg_list_objects(MigHost *base, const MigScope *scope,
                          MigObjectFunction object, void *context,
                          MigError *error);

/* pg_scratch.c */
MigStatus pg_scratch_open(struct Mig *mig, MigScratch **scratch);
MigStatus pg_scratch_run(struct Mig *mig, MigScratch *scratch,
                         struct MigWork *work, bool each);
MigStatus pg_scratch_list(struct Mig *mig, MigScratch *scratch,
                          const MigScope *scope, MigObjectFunction object,
                          void *context);
void pg_scratch_close(struct Mig *mig, MigScratch *scratch);

/* pg_outside.c */
MigStatus pg_run_outside(MigHost *base, const MigStatement *statement,
                         size_t *offset, MigError *error);
MigStatus pg_mark_outside(MigHost *base, const MigStatement *statement,
                          char *mark, size_t size, MigError *error);
MigStatus pg_resume_outside(MigHost *base, const MigStatement *statement,
                            MigResume *resume, MigError *error);

/* pg_deferred.c */

/* Install the hook; called once, when the module is loaded. */
void pg_deferred_init(void);

/* From now on gather into this list; NULL: none.  Returns the one before. */
PgDeferred *pg_deferred_watch(PgDeferred *deferred);

/* Note the deferrable constraints of a table written to without a plan. */
void pg_deferred_note_table(const RangeVar *table);

/*
 * Check now what the gathered constraints have put off, then let each be
 * deferred or not as it was declared, and empty the list.  Raises the error of
 * a constraint that does not hold.
 */
void pg_deferred_check(PgDeferred *deferred);

/* pg_lex.c */
MigStatus pg_script_tokens(MigHost *base, MigBytes body, MigTokenFunction token,
                           void *context, bool *readable, MigError *error);

/* pg_script.c */
MigStatus pg_script_open(MigHost *base, MigBytes body, MigScript **script,
                         size_t *offset, MigError *error);
void pg_script_rewind(MigHost *base, MigScript *script);
bool pg_script_next(MigHost *base, MigScript *script, MigStatement *statement);
void pg_script_close(MigHost *base, MigScript *script);
MigStatus pg_surround(MigHost *base, const MigStatement *statement,
                      size_t *offset, MigError *error);
void pg_surround_end(MigHost *base);

/* Byte offset of a character, counted from 1 as the server does. */
size_t pg_character_offset(const char *string, int position);

/* pg_class.c */

/* Say how a statement relates to its migration's transaction. */
MigStatementKind pg_classify(const Node *statement, const char **reason);

/*
 * Whether a statement of a migration that is to have no transaction is run by a
 * worker: what it does decides whether the server lets it be in one.
 */
bool pg_may_commit(const Node *statement);

/* Whether a statement does nothing but set up the session. */
bool pg_is_session_statement(const Node *statement);

/* Whether behind a statement names can mean other objects: it sets search_path,
 * or for whom the session acts. */
bool pg_renames(const Node *statement);

/*
 * pg_moved.c: set which names mean another object behind a statement, or none.
 *
 * memory  where they are put
 * found   out: moved, moved_count and makes
 */
void pg_moves(const Node *statement, MemoryContext memory, MigStatement *found);
bool pg_leads(MigHost *base, MigBytes name);

/* pg_destroy_inner.c: have the server tell of statements. */
void pg_inner_init(void);

/*
 * From now on refuse what would destroy rows, also where a function does it.
 *
 * host  runs the statements; NULL: nothing is refused
 */
void pg_inner_watch(const PgHost *host);

/* Let pass the one of these queries that the migration's statement is itself:
 * it was looked at.  The others are of rules.  Holds until the next watch. */
void pg_inner_pass(const List *queries);

/* Stop for a call of the extension, which a statement can make as well; what
 * was refused is kept.  Returns what pg_inner_resume() wants. */
const PgHost *pg_inner_pause(void);
void pg_inner_resume(const PgHost *host);

/* Raise the error for what was refused since then, though it was caught. */
void pg_inner_require(void);

/* pg_destroy.c */
MigStatus pg_destroys(MigHost *base, const MigStatement *statement,
                      MigLoss *loss, MigError *error);

/* The relation that a statement names; InvalidOid when there is none. */
Oid pg_relation_of(const PgHost *host, const RangeVar *name);

/* pg_held.c */
void pg_held(MigHost *base, const MigStatement *statement, char *words,
             size_t size);

/* pg_inspect.c */
bool pg_backed_up(MigHost *base, int64_t since, char *words, size_t size);
bool pg_restore_point(MigHost *base, MigBytes label, char *words, size_t size);
MigStatus pg_inspect(MigHost *base, const MigInspection *asked,
                     MigFindingFunction finding, void *context,
                     MigError *error);

/* pg_execute.c */
MigStatus pg_run(MigHost *base, const MigStatement *statement, size_t *offset,
                 MigError *error);
MigStatus pg_check(MigHost *base, const MigStatement *statement, bool *holds,
                   size_t *offset, MigError *error);

/* pg_look.c */
MigStatus pg_look_begin(MigHost *base, MigError *error);
void pg_look_end(MigHost *base);

/* Say of a failure while a look is open whether it was only not let. */
void pg_look_judge(MigError *error);
MigStatus pg_list_faults(MigHost *base, MigFaultFunction fault, void *context,
                         MigError *error);

/* pg_copy.c */

/* The same as pg_classify() for a COPY that has its data in the script. */
MigStatementKind pg_copy_classify(const PgStatement *statement,
                                  const char **reason);

/* Run it; raises the server's errors. */
void pg_copy_run(const PgStatement *statement);

/*
 * After it has failed: where in the script the row of data begins that was its
 * cause; 0 when there is none.  Adds to the error what helps to find it.
 */
size_t pg_copy_failed_row(const PgStatement *statement, MigError *error);

/* pg_watch.c */
void pg_place(MigHost *base, char *place, size_t size);
MigStatus pg_watch(MigHost *base, bool enable, MigError *error);
bool pg_watching(MigHost *base);

/* pg_file.c */
MigStatus pg_path_kind(MigHost *base, const char *path, MigPathKind *kind,
                       MigError *error);
MigStatus pg_directory_list(MigHost *base, const char *path,
                            MigEntryFunction entry, void *context,
                            MigError *error);
MigStatus pg_file_read(MigHost *base, const char *path, MigBytes *contents,
                       MigError *error);

/* The setting migrate.directories. */
extern char *pg_directories;

#endif
