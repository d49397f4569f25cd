#ifndef MIG_VERIFY_PARTS_H
#define MIG_VERIFY_PARTS_H

/*
 * The parts of migrate_verify():
 *
 *   mig_verify.c          the order of things; what status knows; drift
 *   mig_verify_history.c  each chain from its first event to its last
 *   mig_verify_head.c     an exported history as one to compare with
 *   mig_verify_applied.c  whether the records follow from the history
 *   mig_verify_text.c     texts, and sections that point to them
 *   mig_verify_section.c  verify sections
 *   mig_verify_schema.c   drift, and whether the recorded schema is as it was
 *   mig_export.c          the history as text
 */

#include "mig_chain.h"
#include "mig_state.h"
#include "mig_verify.h"

/* An event that makes or takes away the record of a migration. */
typedef struct MigVerifyEvent
{
    MigBytes target;
    MigBytes version;
    MigBytes name;
    MigBytes checksum;
    MigBytes actor;
    MigBytes record; /* hash of the row that it has made, or absent */
    int64_t seq;
    int64_t duration_us; /* -1: not measured */
    bool applies;        /* makes the record; else takes it away */
    bool met;            /* in the last of a migration's: the row is there */
} MigVerifyEvent;

/* An event of an exported history. */
typedef struct MigAnchor
{
    MigBytes target;
    int64_t seq;
    MigBytes hash;
    bool met;     /* there is one of this number, */
    bool differs; /* which is another one */
} MigAnchor;

typedef struct MigVerify
{
    Mig *mig;
    MigCall *call;
    MigVerifyEvent *events; /* by target, version and number */
    size_t event_count;
    size_t event_capacity;
    MigAnchor *anchors; /* by target and number */
    size_t anchor_count;
    size_t anchor_capacity;
    MigState state;
    MigBytes *asked; /* versions with a verify section, of this target */
    size_t asked_count;
    size_t asked_capacity;
} MigVerify;

/* What a row says. */
typedef struct MigProblem
{
    const char *kind;
    MigBytes version; /* or absent */
    MigBytes object;  /* or absent */
    const char *problem;
    const char *hint; /* or NULL */
} MigProblem;

/* Emit a row. */
void mig_verify_emit(MigVerify *verify, const MigProblem *finding);

/* "event 7", and of which target, if any: what a row is about. */
MigBytes mig_verify_event_name(Mig *mig, MigBytes target, int64_t seq);

/* Read a head's events into verify->anchors; fails with MIG_INVALID for what
 * is no export, or none of this project. */
void mig_verify_read_head(MigVerify *verify, MigBytes head);

/* Note an event of the history that may be one of the head's. */
void mig_verify_meet(MigVerify *verify, const MigValue *columns);

/* Tell which of them were not met. */
void mig_verify_head(MigVerify *verify);

/* Walk the chains, and collect verify->events. */
void mig_verify_history(MigVerify *verify);

/* Compare the records with verify->events. */
void mig_verify_applied(MigVerify *verify);

/* Hash the texts, look where sections point to, and collect verify->asked. */
void mig_verify_texts(MigVerify *verify);

/* Tell drift; and whether the recorded schema has its own fingerprint. */
void mig_verify_drift(MigVerify *verify);
void mig_verify_schema(MigVerify *verify);

/* Run the verify section of each migration that is applied. */
void mig_verify_sections(MigVerify *verify);

#endif
