#ifndef MIG_HOST_TYPES_H
#define MIG_HOST_TYPES_H

/*
 * What the methods of a host take and give; see mig_host.h.
 */

#include "mig_error.h"
#include "mig_sql.h"
#include "mig_value.h"

#define MIG_SHA256_SIZE 32 /* bytes */
#define MIG_DIGEST_SIZE 48 /* of the longest, in bytes */

/* Digests of FIPS 180-4. */
typedef enum MigAlgorithm
{
    MIG_SHA1,   /* 20 bytes */
    MIG_SHA256, /* 32 bytes */
    MIG_SHA384  /* 48 bytes */
} MigAlgorithm;

/*
 * A SHA-256 over what comes bit by bit.  Zeroed, it has seen nothing; a copy
 * goes its own way.  It owns nothing.
 */
typedef struct MigGrowing
{
    uint64_t space[32]; /* the adapter's */
    bool begun;
} MigGrowing;

typedef struct MigHost MigHost;

/* See mig.h and mig_api.h, which include this. */
struct Mig;
struct MigApi;
struct MigCall;
struct MigWork;

/* A script taken apart by the engine; the adapter defines it. */
typedef struct MigScript MigScript;

/*
 * Receives one row.
 *
 * columns  valid during this call only
 *
 * Returns MIG_OK to go on; anything else ends the query with that status, and
 * error must then hold it.
 */
typedef MigStatus (*MigRowFunction)(void *context, const MigValue *columns,
                                    size_t count, MigError *error);

/* Receives one entry of a directory: its name without the directory. */
typedef MigStatus (*MigEntryFunction)(void *context, const char *name,
                                      MigError *error);

/* Receives one token of a script: a part of the script's own text. */
typedef MigStatus (*MigTokenFunction)(void *context, MigBytes token,
                                      MigError *error);

/* A table of the database that is neither the engine's nor ours. */
typedef struct MigTable
{
    MigBytes schema;
    MigBytes name;
    const MigBytes *columns; /* names; those that are computed are left out */
    size_t count;
    bool readable; /* the caller may */
    bool attached; /* SQLite: in another database than "main" */
} MigTable;

/* Receives one table; all of it is valid during this call only. */
typedef MigStatus (*MigTableFunction)(void *context, const MigTable *table,
                                      MigError *error);

/* What is to be read of a table. */
typedef struct MigTableRead
{
    MigBytes schema;
    MigBytes table;
    const MigBytes *columns; /* names; absent bytes: NULL in every row */
    size_t count;            /* at most MIG_READ_COLUMNS */
    bool utc; /* times without a zone are in UTC, not in the session's zone */
} MigTableRead;

#define MIG_READ_COLUMNS 16

#define MIG_PLACE_SIZE ((size_t) 64) /* of what a host's place() says */

/* What a table is locked against until the transaction ends. */
typedef enum MigTableLock
{
    MIG_TABLE_LOCK_WRITES, /* whoever writes it */
    MIG_TABLE_LOCK_SELF,   /* whoever locks it likewise, and changes of it */
    MIG_TABLE_LOCK_ALL     /* all but reading */
} MigTableLock;

/* How a statement relates to the transaction its migration runs in. */
typedef enum MigStatementKind
{
    MIG_ORDINARY,   /* runs inside it */
    MIG_BRACKET,    /* BEGIN or COMMIT of the script's own: never run, but
                       where each has a commit, what it parts is */
    MIG_AROUND,     /* must be in force before the transaction begins; given
                       to surround(), never to run() */
    MIG_OUTSIDE,    /* the engine refuses it inside a transaction or function */
    MIG_NOT_ALLOWED /* would break the migration's transaction */
} MigStatementKind;

typedef struct MigStatement
{
    MigBytes text; /* without the closing semicolon; in the script */
    size_t offset; /* of text in the script, in bytes */
    MigBytes data; /* that belongs to it and stands behind it, or absent */
    MigStatementKind kind; /* what to do with it */
    const char
        *reason;  /* MIG_OUTSIDE, MIG_NOT_ALLOWED: which rule, such as
                     "VACUUM", "ROLLBACK"; MIG_BRACKET: why it is passed
                     over, if    not for that; a constant.  Otherwise NULL */
    bool session; /* changes settings of the session until the end of
                     the migration, and nothing else */
    bool renames; /* behind it names may mean other objects than before, to
                     the end of the migration */
    const MigBytes *moved; /* names that mean another object behind it, or
                              none, to the end of the run: as they are written,
                              without quotes; while the script is open */
    size_t moved_count;
    bool makes;      /* it makes what these mean behind it: only where one leads
                        to another object before does it change its meaning */
    bool may_commit; /* MIG_ORDINARY: may need to be MIG_OUTSIDE, and is
                        where its migration is to have no transaction */
    const void *node; /* the adapter's own */
} MigStatement;

/* What has become of a transaction. */
typedef enum MigTransactionEnd
{
    MIG_HELD,        /* it is open */
    MIG_ROLLED_BACK, /* the engine has undone all that was done in it, by
                        itself: full disk, ON CONFLICT ROLLBACK, ... */
    MIG_COMMITTED    /* a migration has found a way to commit it */
} MigTransactionEnd;

typedef enum MigPathKind
{
    MIG_PATH_MISSING,
    MIG_PATH_FILE,
    MIG_PATH_DIRECTORY,
    MIG_PATH_DATABASE, /* a file that belongs to an open database: opening it
                          would release that database's locks, so never read */
    MIG_PATH_OTHER     /* a device, a socket, a pipe */
} MigPathKind;

/*
 * An object of a database's schema.  Two databases that were made by the same
 * statements have the same objects; white space, quotes and comments in what
 * an engine keeps of a statement's text do not count.
 */
typedef struct MigObject
{
    MigBytes kind;       /* "table", "column", "index", ...; what is of the
                            installation rather than of the structure has a
                            kind of its own: "owner", "privileges", "default
                            privileges", "tablespace", "extension version" */
    MigBytes identity;   /* unique among those of its kind */
    MigBytes table;      /* identity of what it is a part of, or absent */
    MigBytes definition; /* in the engine's words */
} MigObject;

/* Receives one object, valid during this call only; as for MigRowFunction. */
typedef MigStatus (*MigObjectFunction)(void *context, const MigObject *object,
                                       MigError *error);

/* Receives the identity of an object that is no part of another; see
 * list_changes(). */
typedef MigStatus (*MigRootFunction)(void *context, MigBytes identity,
                                     MigError *error);

/* A statement in no transaction that was begun in an earlier call. */
typedef struct MigResume
{
    MigBytes mark;          /* as mark_outside() gave it then */
    bool failed;            /* it is known to have failed; else it was
                               interrupted */
    MigBytes schema;        /* names in it are written without it; "": none */
    MigRootFunction object; /* receives the identity of each object of the
                               schema that is the statement's work, or that it
                               has taken away */
    void *context;
    bool done; /* out: it need not be run again */
} MigResume;

/* Something wrong with an object, as the engine knows. */
typedef struct MigFault
{
    const char *kind; /* "index", "constraint", "trigger", "foreign key" */
    MigBytes object;  /* as it is written in SQL */
    const char *problem;
    const char *hint; /* or NULL */
} MigFault;

/* Receives one fault, valid during this call only; as for MigRowFunction. */
typedef MigStatus (*MigFaultFunction)(void *context, const MigFault *fault,
                                      MigError *error);

/* Something that is not ours on a table of the catalogue, or a right to write
 * it that only its owner should have; all valid during one call only. */
typedef struct MigAddition
{
    const char *what;   /* as in: trigger "t"; of a right: role "r" INSERT */
    const char *table;  /* of the catalogue */
    const char *remedy; /* the statement that takes it away */
    bool runs;          /* it runs, or can refuse, when the table is written;
                         * of a right always */
    bool reads;         /* it also runs when the table is read */
    bool is_right;      /* it is no object, but a right */
} MigAddition;

/* Receives one addition; as for MigRowFunction. */
typedef MigStatus (*MigAdditionFunction)(void *context,
                                         const MigAddition *addition,
                                         MigError *error);

/* A table; without a name all that is in a schema, and the schema. */
typedef struct MigTableName
{
    MigBytes schema; /* absent where the engine has only one */
    MigBytes name;
} MigTableName;

/* Which objects are listed. */
typedef struct MigScope
{
    MigBytes schema;            /* those in it; empty: in all but the engine's
                                   own */
    const MigTableName *except; /* left out, with all that belongs to them */
    size_t except_count;
} MigScope;

/* A database of our own, empty at first; the adapter defines it. */
typedef struct MigScratch MigScratch;

typedef enum MigNoticeLevel
{
    MIG_NOTICE,
    MIG_WARNING
} MigNoticeLevel;

/* What a statement would destroy. */
typedef struct MigLoss
{
    char text[900]; /* what it does, as in 'drops table "t" (3 rows)',
                       NUL-ended, cut to fit; empty when nothing is lost */
    bool certain;   /* then: it has been seen that there is something to lose */
    int database;   /* 0: of the run; else the adapter's number of another, see
                       settings_there() */
} MigLoss;

/* Receives what was found about one thing that a run depends on; NUL-ended
 * texts, valid during this call only. */
typedef struct MigFinding
{
    const char *name;   /* of what was looked at, as in "free disk space" */
    const char *state;  /* MIG_FINDING_... */
    const char *detail; /* what was found, one line */
    const char *hint;   /* what to do, or NULL */
} MigFinding;

#define MIG_FINDING_OK "ok"
#define MIG_FINDING_WARNING "warning" /* a run can go wrong */
#define MIG_FINDING_ERROR "error" /* a run would fail, or a limit is passed */
#define MIG_FINDING_UNKNOWN "not checked"

typedef MigStatus (*MigFindingFunction)(void *context,
                                        const MigFinding *finding,
                                        MigError *error);

/* What inspect() looks at, and which limits it holds that against. */
typedef struct MigInspection
{
    bool thorough;          /* also what takes long, or says nothing without a
                               limit; else what each run can afford */
    int64_t free_bytes;     /* that a disk has at least; 0: as many as fit */
    bool copies;            /* the run also writes copies of the database */
    int64_t transaction_ms; /* how long others' transactions may last; 0: as
                               they like */
    int64_t lag_ms;         /* how far standbys may be behind; 0: as they are */
} MigInspection;

/*
 * What a connection remembers between calls.  The adapter keeps one for each
 * connection, zeroed at first.
 */
typedef struct MigSession
{
    bool rehearsal;     /* this is a copy on which a run is only tried */
    bool running;       /* a migration's statements are being run: what they
                           call must not migrate in turn */
    bool guarded;       /* then: they must not destroy rows */
    bool older_release; /* the last load found this to be an older release */
    char ahead_project[256]; /* then: of which project, */
    char ahead_after[1280];  /* and the position after which its directory ends;
                                fits MIG_POSITION_MAX */
    const struct MigSettings *beneath; /* settings for what the database has not
                                          set; NULL: the defaults alone */
} MigSession;

/* What units are held to; from the settings. */
typedef struct MigLimits
{
    int64_t lock_ms; /* how long a statement waits for a lock */
    bool lock_given; /* and somebody has set that; else it is the default */
    int64_t statement_ms; /* how long a statement may take; 0: for ever */
    bool keys_warn;       /* foreign keys that the host checks itself: see
                             unit_remark() */
    MigBytes target;      /* schema that statements run in, or empty */
} MigLimits;

/* What texts may ask of the database. */
typedef enum MigFact
{
    MIG_FACT_DATABASE, /* its name */
    MIG_FACT_OWNER,    /* the name of whom it belongs to */
    MIG_FACT_SCHEMA,   /* in which statements make things */
    MIG_FACT_USER      /* with whose rights they run */
} MigFact;

#endif
