#ifndef MIG_STATE_H
#define MIG_STATE_H

/*
 * What the catalogue knows: every migration of the project, and whether it is
 * applied.
 */

#include "mig.h"

/* Whether an applied migration is run again, in its place. */
typedef enum MigRerun
{
    MIG_RERUN_NEVER,
    MIG_RERUN_CHANGED, /* when its text has changed */
    MIG_RERUN_ALWAYS   /* in every run */
} MigRerun;

typedef struct MigEntry
{
    MigBytes version;
    MigBytes position;
    MigBytes name;
    MigBytes file;     /* or absent */
    MigBytes checksum; /* as last loaded */
    MigBytes requires; /* versions, a line break behind each */
    MigBytes options;
    bool present;  /* in the source's last load */
    bool deleted;  /* on purpose: its place is kept, its text is not to run */
    bool has_down; /* as last loaded */
    bool repeatable;
    bool hook; /* no migration: runs before or after some */
    MigRerun rerun;
    bool passed_over;  /* by a run: nothing of it was done, and it stays as it
                          is; set there */
    bool told;         /* and the user knows what has become of it */
    bool checkpoint;   /* stands for all before it; see mig_checkpoint.h */
    MigBytes baseline; /* because of which it is passed over, or absent */
    bool applied;
    MigBytes applied_checksum; /* the rest only when applied */
    int64_t ordinal;           /* order of application */
    int64_t applied_at;        /* microseconds since 1970-01-01 UTC */
    MigBytes applied_by;
    int64_t duration_us;
    bool applied_has_down;
    size_t first_user; /* index of the lowest entry that requires this one,
                          directly or not; its own when none below does */
} MigEntry;

typedef struct MigState
{
    MigEntry *entries; /* in run order */
    size_t count;
    size_t capacity;
    const MigEntry *hooks; /* by moment; see mig_hook.h */
    size_t hook_count;
    const MigEntry **by_version; /* NULL: not made, since nothing requires */
    const MigEntry *current;     /* the last applied one in run order that is no
                                    repeatable, or NULL */
    const MigEntry *checkpoint;  /* that counts on the way to head, or NULL;
                                    see mig_checkpoint_find() */
    MigBytes baseline; /* version that the database was declared to be at, or
                          absent; see mig_baseline.h.  Not read where all
                          versions are applied */
    MigBytes baseline_position; /* then */
    int64_t seq;                /* newest event when it was read */
} MigState;

/* Read the state of mig's project into arena.  Empty without a catalogue. */
void mig_state_read(Mig *mig, MigArena *arena, MigState *state);

/*
 * Read a state into the call's arena, all but seq, for who looks at the rows of
 * the tables himself as well, in four steps: the migrations as they are loaded;
 * which of them are applied; then the order, and what follows from it; and at
 * last, unless the first two have failed, what else the catalogue has.
 *
 * row      is given each row of MIG_SQL_STATE_LOADED, while state->count is the
 *          index of its entry until mig_state_order()
 * columns  a row of MIG_SQL_APPLIED_LIST, of the call's target
 */
void mig_state_read_loaded(Mig *mig, MigState *state, MigRowFunction row,
                           void *context);
void mig_state_set_applied(Mig *mig, MigEntry *entry, const MigValue *columns);
void mig_state_order(Mig *mig, MigArena *arena, MigState *state);
void mig_state_complete(Mig *mig, MigArena *arena, MigState *state);

/* Whether anything may be pending; far cheaper than the state. */
bool mig_state_probe(Mig *mig);

/*
 * The entry of a version as a user writes it: that very one, else the one of
 * the same number (7 = 0007); NULL when there is none.
 */
const MigEntry *mig_state_find(Mig *mig, const MigState *state,
                               MigBytes version);

/* Whether an applied migration has gone from its directory without a word. */
bool mig_entry_missing(const MigEntry *entry);

/* What an entry is called in messages: "migration" or "hook". */
const char *mig_entry_noun(const MigEntry *entry);

/*
 * Whether an applied migration's text, other than in comments and layout, has
 * changed since; see mig_difference.h.
 */
bool mig_entry_changed(Mig *mig, const MigEntry *entry);

/* Whether an entry would run, its turn come: its text is there, and what is
 * applied, if anything, is a repeatable's older text. */
bool mig_entry_pending(Mig *mig, const MigEntry *entry);

/* Whether an entry is applied, and still is a part of every run. */
bool mig_entry_runs_always(const MigEntry *entry);

/*
 * Why a migration is not run in this database, its turn come: another
 * environment, a condition that does not hold; NULL: it is.
 *
 * Fails with MIG_INVALID when its condition cannot be told.
 */
const char *mig_entry_skipped(Mig *mig, const MigEntry *entry);

/*
 * The first requirement of an entry that is not applied, or absent bytes.
 *
 * arena  for positions
 */
MigBytes mig_entry_lacks(Mig *mig, const MigState *state,
                         const MigEntry *entry);

/*
 * Whether an entry lies behind the end of the directory that this session
 * loaded last, which is then an older release's.  Repeatables all do: such a
 * release runs none.
 */
bool mig_entry_ahead(const Mig *mig, const MigEntry *entry);

/* Whether an entry may be applied below an applied one without a word: by the
 * setting out_of_order, or, where that is not set, by its format's rule. */
bool mig_entry_order_free(const Mig *mig, const MigEntry *entry);

/*
 * Whether a pending entry lies below an applied one that was not pulled forward
 * because this entry, or one below it, requires it.
 */
bool mig_entry_out_of_order(const MigState *state, const MigEntry *entry);

#endif
