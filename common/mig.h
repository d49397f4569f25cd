#ifndef MIG_H
#define MIG_H

/*
 * What every module of the core is handed: the engine, the memory of the call
 * and the record of its failure.
 *
 * The failure is sticky.  A function that finds one does nothing and returns
 * an empty result, so that calls stand in a row and the caller looks once, with
 * mig_ok(), before it relies on what they returned.
 */

#include "mig_memory.h"
#include "mig_text.h"

typedef struct MigSettings MigSettings;

/* The newest event of a history; see mig_write.h. */
typedef struct MigChain
{
    int64_t seq;   /* 0 when there is none */
    char hash[65]; /* SHA-256 in hexadecimal, NUL-ended */
} MigChain;

/* Statements that are put off until the lock is given back; mig_write.c. */
typedef struct MigQueue MigQueue;

typedef struct Mig
{
    MigHost *host;
    MigArena *arena; /* lives as long as the call */
    MigError *error;
    MigSettings *settings; /* read once for a call; see mig_setting.h */
    bool has_catalogue;    /* its tables exist */
    bool locked;           /* nobody else can write the catalogue now, */
    bool has_chain;        /* and the two chains are known: */
    MigChain chain;        /* of the target */
    MigChain common;       /* of what belongs to no target: loads, settings */
    MigBytes target;       /* in place of the setting, or absent */
    MigBytes reason;       /* why the caller does this, for the history; or
                              absent */
    MigQueue *queue;       /* NULL: the catalogue is written at once */
    struct MigRecord *record;     /* of the schema, while it is kept; or NULL */
    struct MigVerdicts *verdicts; /* of comparisons; see mig_difference.c */
    char sound_text[65]; /* hash of the text that was last found to have it */
    MigError *damage;    /* what keeps the catalogue from being read, in a call
                            that goes on without it; or NULL */
    bool entered; /* what a run needs once has been seen to; see mig_guard.h */
} Mig;

static inline bool
mig_ok(const Mig *mig)
{
    return mig->error->status == MIG_OK;
}

#endif
