#ifndef MIG_WORK_H
#define MIG_WORK_H

/*
 * Work: a section of a migration, fetched, with its variables expanded, taken
 * apart into statements, and run.
 */

#include "mig_ahead.h"
#include "mig_slice.h"
#include "mig_variable.h"

/* The section of a hook, which has no other; as messages call it. */
#define MIG_SECTION_HOOK "hook"

/* One slice of the section. */
typedef struct MigPart
{
    const MigSlice *slice;
    MigBytes text; /* variables expanded */
    MigScript *script;
} MigPart;

typedef struct MigWork
{
    MigBytes version;
    const char *section; /* "up", "down", "verify" or MIG_SECTION_HOOK */
    MigPart *parts;
    size_t count;
    bool lenient;     /* verify: holds when nothing in it fails */
    bool around;      /* has statements that must be in force around it */
    bool outside;     /* has statements that no transaction can hold */
    bool unmarked;    /* its file does not say that they destroy rows: */
    bool guarded;     /* then none may here, see mig_guard.h */
    MigBytes authors; /* who has set the variables in it, a line each */
} MigWork;

/*
 * Receives each statement of a work; see mig_work_visit().
 *
 * number  of the statement in the section, from 1
 * line    of its first byte in the file, from 1
 */
typedef void (*MigWorkFunction)(void *context, const MigStatement *statement,
                                int64_t number, int64_t line);

/* Where a section's text is. */
typedef struct MigWorkText
{
    MigBytes version;
    const char *section;
    MigBytes column;    /* its slices as the catalogue has them; absent: no
                           statement */
    MigBytes variables; /* how they are written in it, see mig_variable.h;
                           absent: nothing is replaced, as in a section that
                           mig_work_keep() has kept */
    MigBytes options;   /* of the migration, for values of variables */
} MigWorkText;

/*
 * Fetch a section and take it apart.
 *
 * work  out; to be closed by mig_work_close() whatever happens
 *
 * Fails, naming the place, on a syntax error that the engine sees at once.
 */
void mig_work_open(Mig *mig, MigArena *arena, const MigWorkText *text,
                   MigWork *work);

/*
 * The same in two steps: fetching alone, and taking apart, which may be done by
 * another host than the one that has the catalogue.
 */
void mig_work_fetch(Mig *mig, MigArena *arena, const MigWorkText *text,
                    MigWork *work);
void mig_work_take_apart(Mig *mig, MigWork *work);

/* Release what the engine holds for a work.  May be repeated. */
void mig_work_close(Mig *mig, MigWork *work);

/* Take apart anew what was opened, to be run once more. */
void mig_work_renew(Mig *mig, MigWork *work);

/* Show every statement, in order, without running anything. */
void mig_work_visit(Mig *mig, const MigWork *work, MigWorkFunction function,
                    void *context);

/* Whether statements that cannot be in a transaction can run in this call. */
bool mig_can_run_outside(const Mig *mig);

/* Fail, naming the place, when a statement cannot run as part of this call. */
void mig_work_require_runnable(Mig *mig, const MigWork *work);

/*
 * Fail, naming the place, when a statement is seen to destroy rows that are
 * there now and that it may not; called before the run begins.
 *
 * ahead    in/out: what is known of the statements before these
 * certain  whether the statements are certain to be run; else they are only
 *          added to that
 */
void mig_work_require_kept(Mig *mig, const MigWork *work, MigAhead *ahead,
                           bool certain);

/* The same as mig_work_require_runnable() for one that runs inside the unit of
 * another. */
void mig_work_require_inside(Mig *mig, const MigWork *work);

/* Put in force what must be in force around a work. */
void mig_work_surround(Mig *mig, const MigWork *work);

/*
 * Run all statements inside the open unit.  The first that fails is named:
 * migration, file, line, number, and the engine's own message and code.
 */
void mig_work_run(Mig *mig, const MigWork *work);

/* The same for some of them: numbers first to last, from 1. */
void mig_work_run_range(Mig *mig, const MigWork *work, int64_t first,
                        int64_t last);

/*
 * Run again the statements with a number below before that set up the session,
 * for what follows them in another transaction.
 */
void mig_work_run_session(Mig *mig, const MigWork *work, int64_t before);

/* Run the one statement of that number, which cannot be in a transaction. */
void mig_work_run_outside(Mig *mig, const MigWork *work, int64_t number);

#define MIG_MARK_SIZE 2000 /* bytes */

/* Note what is there before it runs. */
void mig_work_mark_outside(Mig *mig, const MigWork *work, int64_t number,
                           char mark[MIG_MARK_SIZE]);

/* Look what has become of it, an earlier call having begun it. */
void mig_work_resume_outside(Mig *mig, const MigWork *work, int64_t number,
                             MigResume *resume);

/* Whether a work has no statement at all. */
bool mig_work_is_empty(Mig *mig, const MigWork *work);

/*
 * The same for queries of a verify section, each of which must hold.  Of a
 * lenient one nothing must fail; what it changes is undone, where the engine
 * lets it change anything.
 */
void mig_work_verify(Mig *mig, const MigWork *work);

/*
 * The section as it is to be kept for later: slices of texts in which the
 * variables are expanded, which are added to the catalogue where need be.
 *
 * expansion  in/out: as for mig_expand()
 */
MigBytes mig_work_keep(Mig *mig, MigArena *arena, MigBytes column,
                       MigExpansion *expansion);

#endif
