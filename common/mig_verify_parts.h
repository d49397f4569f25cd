#ifndef MIG_VERIFY_PARTS_H
#define MIG_VERIFY_PARTS_H

/*
 * The parts of migrate_verify():
 *
 *   mig_verify.c          the order of things; what status knows; drift
 *   mig_verify_history.c  each chain from its first event to its last
 *   mig_verify_head.c     an exported history as one to compare with
 *   mig_verify_applied.c  whether the records follow from the history
 *   mig_verify_delta.c    what migrations have changed of the schema
 *   mig_verify_text.c     texts, sections that point to them, and migrations
 *                         as they were loaded
 *   mig_verify_section.c  verify sections
 *   mig_verify_schema.c   drift, and whether the recorded schema is as it was
 *   mig_export.c          the history as text
 */

#include "mig_chain.h"
#include "mig_state.h"
#include "mig_texts.h"
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
    MigBytes delta;  /* of what it has changed of the schema, or absent */
    int64_t seq;
    int64_t duration_us; /* -1: not measured */
    bool applies;        /* makes the record; else takes it away */
    bool met;            /* in the last of a migration's: the row is there */
    bool kept;           /* what it has changed is there */
} MigVerifyEvent;

#define MIG_VERIFY_SECTIONS ((size_t) 3) /* up, down, verify */

/* A migration as it was last loaded. */
typedef struct MigVerifyLoaded
{
    MigBytes version;
    MigBytes position;                      /* absent: it is no text */
    MigBytes sections[MIG_VERIFY_SECTIONS]; /* slices, or absent */
    bool sound[MIG_VERIFY_SECTIONS];        /* they point to what is there */
    size_t entry; /* index in verify->state until that is put in order */
} MigVerifyLoaded;

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
    size_t event_next;  /* behind what was found last */
    bool all_well;      /* no event of the project has failed or only begun */
    MigAnchor *anchors; /* by target and number */
    size_t anchor_count;
    size_t anchor_capacity;
    MigBytes *schemas; /* what the newest events of each project say that the
                          recorded schema of this target is; absent: they do
                          not say */
    size_t schema_count;
    size_t schema_capacity;
    MigTexts texts;
    bool texts_known;        /* all of them could be read */
    MigVerifyLoaded *loaded; /* by version */
    size_t loaded_count;
    size_t loaded_capacity;
    size_t loaded_next; /* behind what was found last */
    bool loaded_known;
    bool applied_known;
    MigArena row; /* of what is read of one row */
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

/* Hash the texts, and collect verify->texts. */
void mig_verify_texts(MigVerify *verify);

/* Begin to read verify->state, collect verify->loaded, and look where their
 * sections point to. */
void mig_verify_loaded(MigVerify *verify);

/* The migration of a version, or NULL.  What comes in the order of versions is
 * found at once. */
const MigVerifyLoaded *mig_verify_find_loaded(MigVerify *verify,
                                              MigBytes version);

/*
 * Look where a section points to.
 *
 * object  what a row says that it is about
 *
 * Returns whether there is nothing to tell.
 */
bool mig_verify_section(MigVerify *verify, MigBytes version, const char *object,
                        const MigValue *column);

/* Compare the records with verify->events and verify->loaded, look where their
 * sections point to, and collect verify->asked; note them in verify->state. */
void mig_verify_applied(MigVerify *verify);

/* The last event of a migration that makes or takes away its record; NULL where
 * there is none.  What comes in the order of the events is found at once. */
MigVerifyEvent *mig_verify_last_event(MigVerify *verify, MigBytes target,
                                      MigBytes version);

/* Compare what migrations have changed of the schema with verify->events. */
void mig_verify_deltas(MigVerify *verify);

/* Tell drift; and whether the recorded schema has its own fingerprint. */
void mig_verify_drift(MigVerify *verify);
void mig_verify_schema(MigVerify *verify);

/* Run the verify section of each migration that is applied. */
void mig_verify_sections(MigVerify *verify);

#endif
