#ifndef FAKE_HOST_H
#define FAKE_HOST_H

/*
 * An engine for tests: memory that is counted and can be refused, files in a
 * table, the catalogue's tables in memory, and scripts of a few words.
 *
 * A script's statements end at semicolons.  "fail" fails; "lose" fails and
 * makes the engine roll the transaction back, "lose once" only when it is met
 * first; "leave" fails and has committed it; "spoil" keeps the transaction from
 * being committed; "drop" drops the catalogue's tables; "interrupt" is
 * cancelled; "begin", "commit", "vacuum", "rollback" and "pragma" are of the
 * kinds that they have in SQLite.  "busy" has to wait too long, FakeHost.busy
 * times.  Any other statement is appended to FakeData.done.
 *
 * "make KIND NAME PARENT DEFINITION" makes an object, or changes it, and
 * "unmake KIND NAME" takes it away; parent "-": it is no part of another.
 *
 * Its tokens are words between blanks; "--" begins a comment, and a word "'"
 * makes it unreadable.
 *
 * In a procedure, see fake_procedure(), "vacuum" and "index" are run in no
 * transaction; "index" fails FakeHost.index_fails times, and leaves something
 * broken.  What begins with "set " sets up the session.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "mig.h"
#include "mig_api.h"

#define FAKE_ROWS 80
#define FAKE_COLUMNS 16
#define FAKE_NOTICES 64

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A file, or what stands in its place. */
typedef struct FakeFile
{
    const char *path;
    const char *text;
    size_t length; /* of text; 0: up to its NUL */
    MigPathKind kind;
    bool unreadable;
} FakeFile;

/* A table of another tool. */
typedef struct FakeOther
{
    const char *schema;
    const char *name;
    const char *columns;     /* names with blanks between */
    const char *const *rows; /* values with '|' between, digits are integers,
                                "~" is NULL; ended by NULL */
    bool unreadable;
    bool attached;
    bool locked; /* by somebody else */
} FakeOther;

/* A row has the columns of its INSERT in mig_sql.c; in migrate_migration the
 * last one, "present", follows them. */
typedef struct FakeTable
{
    size_t count;
    MigValue rows[FAKE_ROWS][FAKE_COLUMNS];
} FakeTable;

/* All that a transaction can undo. */
typedef struct FakeData
{
    FakeTable events;
    FakeTable texts;
    FakeTable migrations; /* by position */
    FakeTable applied;
    FakeTable settings;
    FakeTable objects; /* as they are recorded, */
    FakeTable deltas;
    FakeTable schema; /* and as they are: kind, identity, parent, definition */
    char done[1000];  /* statements that were run, a semicolon behind each */
    bool spoilt;
    bool dropped;
    bool hooked; /* a trigger is on migrate_event */
} FakeData;

typedef struct FakeHost
{
    MigHost host; /* first: the core's view */
    MigSession session;

    /* What a call is handed. */
    Mig mig;
    MigArena arena;
    MigError error;

    /* Memory. */
    size_t asked;     /* how many allocations were asked for */
    size_t refuse;    /* the number of the one to refuse; 0: none */
    bool refuse_rest; /* and of all behind it */
    bool refused;     /* that has happened */
    size_t blocks;    /* not given back */

    /* The world. */
    const FakeFile *files;
    size_t file_count;
    const FakeOther *other_tables;
    size_t other_count;
    int64_t user_version;
    int64_t others_number;    /* an advisory lock that somebody else has, */
    int64_t taken_number;     /* and the one that was taken last */
    const char *session_name; /* a setting of the session, or NULL, */
    const char *session_value;
    int64_t now;   /* microseconds */
    int64_t ticks; /* grows by tick at each look */
    int64_t tick;
    char *notices[FAKE_NOTICES];
    size_t notice_count;
    struct FakeKept *kept; /* bytes in tables, until fake_end() */

    /* The engine. */
    FakeData data;
    FakeData at_lock;
    FakeData at_unit;
    bool read_only;
    bool callers;           /* a caller's transaction is open */
    const char *distrusted; /* whose texts are not to be run, or NULL */
    bool locked;
    bool unit;
    MigTransactionEnd end;
    bool lost_once;
    bool surrounded;
    size_t commits; /* locks that were released */
    bool procedure; /* each migration has a commit */
    size_t busy;    /* statements that will have to wait too long */
    size_t index_fails;
    bool broken;       /* an index is left half made */
    int64_t paused_ms; /* between attempts */
    MigSql fail_query; /* this statement fails; MIG_SQL_COUNT: none */
    int64_t others;    /* how often another writes before a lock is had */

    /* Scratch databases. */
    const MigObject *objects; /* of the database, */
    size_t object_count;
    const MigObject *scratch_objects; /* and of a scratch database */
    size_t scratch_count;
    bool no_scratch;  /* none can be had */
    size_t scratches; /* that are open */
    char tried[1000]; /* what was run in the last one */
} FakeHost;

/* Set up a host with an empty catalogue; fake->mig is ready for a call, except
 * for its settings. */
void fake_begin(FakeHost *fake);

/* Release everything; fails the test when the core kept memory or a lock. */
void fake_end(FakeHost *fake);

/* Release what the last call left in fake->arena, and forget its failure. */
void fake_next_call(FakeHost *fake);

/* From now on calls are those of procedures. */
void fake_procedure(FakeHost *fake);

/* From now on what is in the schema is recorded. */
void fake_record(FakeHost *fake);

/* Read the settings, as each call of the core begins. */
void fake_read_settings(FakeHost *fake);

/* Store a setting. */
void fake_set(FakeHost *fake, const char *name, const char *value);

/* Run a catalogue statement that writes, as if a call held the lock. */
void fake_put(FakeHost *fake, MigSql sql, const MigValue *arguments,
              size_t count);

/*
 * Call a function of the extension.
 *
 * texts    its arguments, at most MIG_MAX_ARGUMENTS, a NULL behind them
 * emit     takes a table's rows, with context as the call's emit_context; may
 * be NULL
 *
 * Returns its number, or -1 on failure.
 */
int64_t fake_call(FakeHost *fake, const char *name, const char *const *texts,
                  MigEmit emit, void *context);

/* Fail the test unless the last call has failed like this; NULL: anything.
 * The message may be given in part. */
void fake_expect(const FakeHost *fake, MigStatus status, const char *message,
                 const char *hint);

/* The same for a call that went well. */
void fake_expect_ok(const FakeHost *fake);

/* Fail the test unless a notice holds a text. */
void fake_expect_notice(const FakeHost *fake, const char *text);

/* Fail the test unless bytes are those of a NUL-ended text. */
void fake_expect_bytes(MigBytes bytes, const char *text);

/* A test that is given a host of its own as *state; see fake_begin(). */
#define fake_test(function)                                                    \
    cmocka_unit_test_setup_teardown(function, fake_setup, fake_teardown)
int fake_setup(void **state);
int fake_teardown(void **state);

/* What is tried with little memory; the host is as prepare left it. */
typedef void (*FakeAttempt)(FakeHost *fake);

/*
 * Make an attempt again and again, each time refusing another allocation, once
 * alone and once with all that follow, until it is left in peace.  To meet
 * every place where memory is asked for, what is left in the arena's first
 * block varies as well.
 *
 * prepare  makes the host ready, in peace; may be NULL
 *
 * Fails the test unless each refused attempt reports MIG_NOMEM, leaves the
 * tables alone and leaks nothing, and the last one goes well.
 */
void fake_refuse_each(FakeAttempt prepare, FakeAttempt attempt);

#endif
