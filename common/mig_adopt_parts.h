#ifndef MIG_ADOPT_PARTS_H
#define MIG_ADOPT_PARTS_H

/*
 * What the parts of an adoption share:
 *
 *   mig_adopt_tools.c  the table of tools: how to know their histories, and
 *                      what their columns mean
 *   mig_adopt_judge.c  what a row of a tool's history says
 *   mig_adopt_find.c   which of them are in this database
 *   mig_adopt_read.c   a history's rows, in the order of application
 *   mig_adopt_key.c    what a row and a migration have in common
 *   mig_adopt_match.c  which migration each row is about
 *   mig_adopt_texts.c  whether the texts are those that were applied
 *   mig_adopt_proof.c  whether the database is what the migrations make
 *   mig_adopt_check.c  what speaks against an adoption
 *   mig_adopt_lock.c   the tool's own lock
 *   mig_adopt.c        the adoption, and the report
 */

#include "mig_known.h"
#include "mig_proof.h"
#include "mig_state.h"

/* What a column of a history means. */
typedef enum MigOtherColumn
{
    MIG_OTHER_KEY,    /* names the migration: a version, file or name */
    MIG_OTHER_SECOND, /* names it too: author, folder, project */
    MIG_OTHER_THIRD,  /* likewise: its file */
    MIG_OTHER_ORDER,  /* grows with each row: a number or a time */
    MIG_OTHER_AT,     /* when it was applied */
    MIG_OTHER_BY,     /* by whom */
    MIG_OTHER_DURATION,
    MIG_OTHER_CHECKSUM,
    MIG_OTHER_STATE,  /* for the tool's judge: how it went, */
    MIG_OTHER_KIND,   /* what it is, */
    MIG_OTHER_MORE,   /* and what else he wants */
    MIG_OTHER_COLUMNS /* not a column: how many there are */
} MigOtherColumn;

/* What a row says. */
typedef enum MigOtherState
{
    MIG_OTHER_APPLIED,
    MIG_OTHER_BASELINE, /* all up to it counts as applied */
    MIG_OTHER_FAILED,   /* or was begun and not finished */
    MIG_OTHER_UNDONE,
    MIG_OTHER_NOTHING /* nothing about a migration that counts now */
} MigOtherState;

#define MIG_OTHER_NO_TIME INT64_MIN

typedef struct MigOtherRow
{
    MigValue columns[MIG_OTHER_COLUMNS]; /* as they were read */
    MigBytes texts[MIG_OTHER_THIRD + 1]; /* the first three as texts, or
                                            absent */
    MigBytes label;                      /* what users know it by */
    MigOtherState state;
    const char *problem;   /* what is to be said of it, or NULL; a constant */
    int64_t order;         /* of application */
    int64_t at;            /* microseconds since 1970, or MIG_OTHER_NO_TIME */
    MigBytes by;           /* or absent */
    int64_t duration_us;   /* 0 when it is not known */
    size_t number;         /* in the order in which they were read */
    size_t matches;        /* migrations that it is about */
    bool stray;            /* no loaded migration is the one that it names */
    bool below;            /* MIG_OTHER_BASELINE: but not its own version */
    const MigEntry *cover; /* but this one has it in it, or NULL */
} MigOtherRow;

/* How rows tell what is applied. */
typedef enum MigOtherRule
{
    MIG_RULE_EACH,  /* one row for each migration; the last for it counts */
    MIG_RULE_NTH,   /* likewise, but the n-th row of a name is the n-th
                       migration of that name */
    MIG_RULE_UP_TO, /* one row: all migrations up to its number */
    MIG_RULE_HEADS, /* those named, and all that they require */
    MIG_RULE_NUMBER /* no table: the host's user_version() */
} MigOtherRule;

/* What a row and a migration are compared by; see mig_adopt_key.c. */
typedef enum MigKeyKind
{
    MIG_KEY_NONE,
    MIG_KEY_VERSION,   /* the version as it is */
    MIG_KEY_NUMBER,    /* likewise, as a number: 7 = 0007 */
    MIG_KEY_DOTTED,    /* as Flyway compares: 1 = 1.0 = 01_0 */
    MIG_KEY_STEM,      /* the file's name, or its folder's, without endings */
    MIG_KEY_TITLE,     /* version_name */
    MIG_KEY_NAME,      /* the name alone */
    MIG_KEY_FOLDER,    /* folder and file */
    MIG_KEY_CHANGE,    /* the version up to a '#' */
    MIG_KEY_CHANGESET, /* of Liquibase: path, id and author, */
    MIG_KEY_SET_FILE,  /* or the file's name in place of the path */
    MIG_KEY_WHEN,      /* the option "when" */
    MIG_KEY_TEXT,      /* SHA-256 of the file */
    MIG_KEY_COVERS,    /* each of the versions that the option "covers" names,
                          as a number: those in a dump */
    MIG_KEY_KINDS      /* not a kind: how many there are */
} MigKeyKind;

typedef struct MigOtherKey
{
    MigKeyKind kind;
    MigOtherColumn column; /* that has it */
} MigOtherKey;

#define MIG_OTHER_KEYS 4

/* The lock that a tool takes while it works. */
typedef enum MigOtherLock
{
    MIG_LOCK_NONE,
    MIG_LOCK_NUMBER,   /* advisory: MigOtherTool.lock_number */
    MIG_LOCK_FLYWAY,   /* the same, made of the table's name, */
    MIG_LOCK_GOLANG,   /* of this and the database's, */
    MIG_LOCK_DATABASE, /* and of the latter times lock_number */
    MIG_LOCK_SELF,     /* the history's table: MIG_TABLE_LOCK_SELF, */
    MIG_LOCK_ALL,      /* or MIG_TABLE_LOCK_ALL */
    MIG_LOCK_ROW       /* a row of the table lock_table */
} MigOtherLock;

typedef struct MigOtherTool MigOtherTool;

/* A history that was found. */
typedef struct MigHistory
{
    const MigOtherTool *tool;
    MigBytes schema;
    MigBytes table;
    MigBytes columns[MIG_OTHER_COLUMNS]; /* as the table has them, or absent */
    bool readable;
    bool by_name; /* the table has a name that the tool gives by itself */
    MigBytes lock_table; /* beside it, for MIG_LOCK_ROW, or absent */
    MigBytes lock_column;
    MigOtherRow *rows; /* in the order of application, once they were read */
    size_t count;
    size_t capacity;
} MigHistory;

struct MigOtherTool
{
    const char *name;   /* as the setting "format" has it, where it is one */
    const char *tables; /* the names it gives, with blanks between */
    const char *schema; /* in which alone it is; NULL: any */
    const char *needs;  /* columns that it has, with blanks between */
    bool only;          /* and has no others */
    bool any_name;      /* these columns tell it, whatever it is called */
    const char *columns[MIG_OTHER_COLUMNS]; /* NULL: there is none */
    bool utc;                               /* see MigTableRead */
    int64_t duration_ns;                    /* unit of the column */
    MigOtherRule rule;
    MigOtherKey keys[MIG_OTHER_KEYS]; /* the first that finds one decides */
    MigOtherLock lock;
    int64_t lock_number;
    const char *lock_table;  /* MIG_LOCK_ROW: its name; one that begins with
                                '_' is put behind the history's */
    const char *lock_column; /* true while it is held; NULL: any row is */
    const char *own_schema;  /* that it makes for itself, or NULL */
    const char *own_tables;  /* that it makes beside its history, with blanks
                                between, or NULL */
    void (*judge)(MigOtherRow *row); /* sets state and problem; NULL: every row
                                        is one of an applied migration */
    const char *cure; /* what to do about a row of MIG_OTHER_FAILED */
};

/* All tools; the array ends with a name of NULL. */
extern const MigOtherTool mig_other_tools[];

/* ---- mig_adopt_judge.c ---- */

/* Whether a value is true, however an engine keeps it; not when it is NULL. */
bool mig_other_is_true(const MigValue *value);

void mig_judge_atlas(MigOtherRow *row);
void mig_judge_evolve(MigOtherRow *row);
void mig_judge_flyway(MigOtherRow *row);
void mig_judge_golang(MigOtherRow *row);
void mig_judge_goose(MigOtherRow *row);
void mig_judge_liquibase(MigOtherRow *row);
void mig_judge_prisma(MigOtherRow *row);
void mig_judge_sqlx(MigOtherRow *row);

/* ---- mig_adopt_find.c ---- */

typedef struct MigHistories
{
    MigHistory *items;
    size_t count;
    size_t capacity;
} MigHistories;

/*
 * Find the histories that are in this database.
 *
 * tool  name of the only one that is wanted, or absent
 *
 * Fails with MIG_UNKNOWN where there is none, saying what was looked for, or
 * no such tool.
 */
void mig_adopt_find(Mig *mig, MigBytes tool, MigHistories *found);

/* Fail unless there is one history and no more; returns it. */
MigHistory *mig_adopt_choose(Mig *mig, const MigHistories *found);

/* "schema.table" of a history, for messages; in mig's arena, NUL-ended. */
const char *mig_history_place(Mig *mig, const MigHistory *history);

/* ---- mig_adopt_lock.c ---- */

/* Take the lock of a history's tool; MIG_LOCKED when it is running. */
void mig_adopt_lock(Mig *mig, const MigHistory *history);

/* ---- mig_adopt_read.c ---- */

/* Read a history's rows, and judge them. */
void mig_adopt_read(Mig *mig, MigHistory *history);

/* ---- mig_adopt_key.c ---- */

/* A key and the entry that has it. */
typedef struct MigKeyed
{
    MigBytes key;
    const MigEntry *entry;
} MigKeyed;

/* The migrations of the catalogue by what rows may call them. */
typedef struct MigKeyIndex
{
    const MigState *state;
    MigKnown known;                 /* read when a kind of key needs it */
    bool made[MIG_KEY_KINDS];       /* when first asked for: */
    MigKeyed *items[MIG_KEY_KINDS]; /* by key, */
    size_t counts[MIG_KEY_KINDS];   /* and how many */
} MigKeyIndex;

/* The key of a kind that a row has; absent when it has none. */
MigBytes mig_row_key(Mig *mig, const MigOtherRow *row, MigOtherKey key);

/*
 * The migrations that have a key, in run order.
 *
 * first  out: the first of them in the index
 *
 * Returns how many there are.
 */
size_t mig_key_find(Mig *mig, MigKeyIndex *index, MigKeyKind kind, MigBytes key,
                    const MigKeyed **first);

/* Order of two keys of versions, as numbers: below, at or above 0. */
int mig_key_compare(Mig *mig, MigBytes a, MigBytes b);

/* The key of a kind that a migration has; absent when it has none. */
MigBytes mig_entry_key(Mig *mig, const MigKeyIndex *index, MigKeyKind kind,
                       const MigEntry *entry);

/* ---- mig_adopt_match.c ---- */

/* That a row is about a migration. */
typedef struct MigMatch
{
    MigOtherRow *row;
    const MigEntry *entry;
    const char *left;    /* why it is not to be recorded, as the report's
                            state; NULL: it is */
    const char *problem; /* what else is to be said, or NULL; a constant */
} MigMatch;

typedef struct MigMatches
{
    MigHistory *history;
    const MigState *state;
    MigKeyIndex index;
    const MigOtherRow **by; /* for each entry of the state: its row or NULL */
    MigMatch *items;        /* in the order of application */
    size_t count;
    size_t changed; /* how many have another text than was applied */
} MigMatches;

/* Find out which migrations the rows of a history are about. */
void mig_adopt_match(Mig *mig, MigHistory *history, const MigState *state,
                     MigMatches *matches);

/* ---- mig_adopt_texts.c ---- */

/*
 * Hold the checksums that the tool has recorded against the texts: what
 * differs is said of each match.  A repeatable migration that differs is left
 * to be run again.
 */
void mig_adopt_check_texts(Mig *mig, MigMatches *matches);

/* ---- mig_adopt_proof.c ---- */

/*
 * Replay what is applied, and what is about to be recorded so, on an empty
 * database, and compare; see mig_proof().
 *
 * Returns how many differences there are.
 */
int64_t mig_adopt_prove(Mig *mig, const MigMatches *matches,
                        MigDifferenceFunction emit, void *context);

/* What a difference is, for users: one line; NULL with MIG_NOMEM. */
const char *mig_difference_text(Mig *mig, const MigDifference *difference);

/* ---- mig_adopt_check.c ---- */

/*
 * Fail where an adoption is not possible, or not wanted: nothing is loaded, a
 * row has failed, or matches nothing; where the setting adopt_strict is on,
 * also for another text, and for a database that is not what the migrations
 * make.
 */
void mig_adopt_require(Mig *mig, const MigMatches *matches);

#endif
