#ifndef MIG_HOOK_H
#define MIG_HOOK_H

/*
 * Hooks: texts that run before and after others, as Flyway's callbacks do.
 *
 * A hook is kept as a migration is, so that it runs without its file.  Its
 * position lies behind those of all migrations and tells its moment; it is
 * never applied, nor a step that a target counts.
 *
 *   - Before and after a run: a task of its own in the plan, with an event of
 *     its own in the history.  Only when there is something to run.
 *   - Before and after each migration: in the unit of that migration, in whose
 *     event it is named.  Where a migration takes several transactions, in the
 *     first and in the last.
 *
 * A hook that fails is the failure of the run, or of the migration.
 */

#include "mig_plan.h"
#include "mig_step.h"

typedef enum MigHookMoment
{
    MIG_HOOK_BEFORE_APPLY,
    MIG_HOOK_BEFORE_EACH_APPLY,
    MIG_HOOK_AFTER_EACH_APPLY,
    MIG_HOOK_AFTER_APPLY,
    MIG_HOOK_BEFORE_ROLLBACK,
    MIG_HOOK_BEFORE_EACH_ROLLBACK,
    MIG_HOOK_AFTER_EACH_ROLLBACK,
    MIG_HOOK_AFTER_ROLLBACK,
    MIG_HOOK_MOMENTS /* not a moment: how many there are */
} MigHookMoment;

/*
 * The position of a hook; those of one moment run in the order of their names.
 * For a format's identify(), which must also be given a name that is
 * repeatable: hooks are no versions.
 */
MigBytes mig_hook_position(Mig *mig, MigHookMoment moment, MigBytes name);

/* Whether a position is a hook's. */
bool mig_hook_is_at(MigBytes position);

/* When a hook runs, as a note on its file. */
const char *mig_hook_note(MigBytes position);

/* The hooks that run with each migration, opened for many. */
typedef struct MigHooks
{
    MigStep *steps; /* in the order of moments */
    size_t count;
    MigArena arena;
} MigHooks;

/*
 * Open the hooks of a state that run with each migration; to be closed,
 * whatever happens, before the state goes.
 *
 * hooks  out: its arena's host is set
 */
void mig_hooks_open(Mig *mig, const MigState *state, MigHooks *hooks);

/* Release what they hold.  May be repeated. */
void mig_hooks_close(Mig *mig, MigHooks *hooks);

/* Which of them run with a step: those before it, or behind it. */
typedef enum MigHookPlace
{
    MIG_HOOK_BEFORE,
    MIG_HOOK_AFTER
} MigHookPlace;

/* Run the hooks of a step in the open unit. */
void mig_hooks_run(Mig *mig, const MigStep *step, MigHookPlace place);

/* Run again what those before a step set up of the session. */
void mig_hooks_run_session(Mig *mig, const MigStep *step);

/* Fail when one of a step's hooks holds what cannot run in its unit. */
void mig_hooks_require_runnable(Mig *mig, const MigStep *step);

/* Put in force what must be so around a step's hooks. */
void mig_hooks_surround(Mig *mig, const MigStep *step);

/* Whether there is such a thing. */
bool mig_hooks_around(const MigStep *step);

/* The names of a step's hooks, with commas between, in its arena; absent when
 * there are none. */
MigBytes mig_hooks_names(Mig *mig, MigStep *step);

/* What a plan is put between hooks for. */
typedef struct MigHookRun
{
    bool apply;    /* it applies */
    bool rollback; /* it rolls back; both: a redo */
    size_t before; /* how many of those before are done already */
    size_t after;  /* the same behind */
    bool begun;    /* something was run already */
} MigHookRun;

/* Put the hooks before and after a run around its plan. */
void mig_hooks_wrap(Mig *mig, MigArena *arena, const MigState *state,
                    const MigHookRun *run, MigPlan *plan);

/* Whether a hook of a plan stands before its migrations. */
bool mig_hook_is_before(const MigEntry *entry);

/* Show the statements of the hooks of a step; see mig_work_visit(). */
typedef void (*MigHookFunction)(void *context, MigStep *hook);
void mig_hooks_visit(const MigStep *step, MigHookPlace place,
                     MigHookFunction function, void *context);

#endif
