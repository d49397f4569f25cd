#ifndef MIG_RUN_PARTS_H
#define MIG_RUN_PARTS_H

/*
 * What the files of a run share:
 *
 *     mig_run.c      groups of tasks, the lock, the way to the target
 *     mig_recover.c  what follows a failure
 *     mig_run_hooks.c  hooks before and after the run
 *     mig_run_enter.c  what a run needs before it may begin
 *     mig_run_guard.c  statements of the plan that destroy rows
 *     mig_run_begun.c  what earlier calls have done a part of
 */

#include "mig_hook.h"
#include "mig_plan.h"
#include "mig_task.h"
#include "mig_version.h"

#define READ_AHEAD 64                       /* tasks */
#define READ_AHEAD_BYTES ((size_t) 1 << 20) /* of their texts */

typedef struct MigRun
{
    Mig *mig;
    MigTaskKind kind;
    MigBytes target;
    MigQueue queue;            /* records and events of the group */
    MigTask ready[READ_AHEAD]; /* tasks to come that are open already */
    size_t ready_first;        /* the next of them */
    size_t ready_count;        /* how many there were */
    MigArena arena;            /* of state and plan */
    MigState state;
    MigPlan plan;
    MigBytes
        *unfinished; /* versions of which an earlier call has done a part */
    size_t unfinished_count;
    size_t unfinished_capacity;
    size_t
        alone; /* this task, in plan, gets a commit of its own; else SIZE_MAX */
    bool unclear; /* see mig_run_is_unclear() */
    bool unclear_known;
    bool planned;
    bool locked;
    bool noted;           /* the group has an event that is no task's */
    const char *function; /* SQL name of the caller */
    bool unready;         /* lacked its confirmation when it began */
    bool looked;          /* at what its statements would destroy */
    bool confirms;        /* the group has taken the confirmation */
    bool own_commit;      /* the host commits by itself */
    size_t next;          /* task to come, in plan */
    size_t group;         /* first task of the group */
    size_t alone_until;   /* tasks below it get a commit each */
    int64_t group_began;  /* ticks */
    int64_t seq;          /* newest event that this run knows of */
    int64_t group_seq;    /* the same when the group began */
    int64_t done;         /* tasks finished */
    int64_t uncounted;    /* of these, that are no steps towards a target: they
                             were applied, and run always */
    char passed[MIG_POSITION_MAX + 1]; /* position up to which it has come, */
    size_t passed_length;              /* 0: none */
    bool together;    /* as few commits as possible, and no word on each */
    int64_t attempts; /* of the task to come, that have failed */
    MigHooks hooks;   /* that run with each task of the plan */
    size_t before;    /* hooks before the run that are done for good */
    size_t after;     /* the same behind it */
} MigRun;

/* mig_run_enter.c */

/*
 * See to what a run with something to do needs once: backup, health of the
 * server, confirmation.  Under the lock, before the first task; fails where
 * one of them is missing.
 */
void mig_run_enter(MigRun *run);

/* Take the confirmation again, in a transaction that outlives a failure, when
 * the one that took it was undone; the run has used it up. */
void mig_run_confirm_again(MigRun *run);

/* mig_run_guard.c */

/*
 * Fail, before the first task, when a statement of the plan is seen to destroy
 * rows in a protected environment.  Looked at once for each run.
 */
void mig_run_require_kept(MigRun *run);

/* mig_run.c: close the tasks that were opened ahead. */
void mig_run_close_ready(MigRun *run);

/* mig_run_begun.c */

/* Read of which migrations an earlier call has done a part. */
void mig_run_read_unfinished(MigRun *run);

/* Whether an earlier call has done a part of a task. */
bool mig_run_is_unfinished(const MigRun *run, const MigEntry *entry);

/* Whether an earlier call has begun a statement that is in no transaction, and
 * what that has left is not known.  Looked at once for each run, and only where
 * drift would refuse it. */
bool mig_run_is_unclear(MigRun *run);

/* Fail for a task that another way of calling has begun, and has to end. */
void mig_run_require_not_begun(const MigRun *run, const MigEntry *entry);

/* mig_run_hooks.c */

/* Put the hooks of the state around the plan, but for those that this run has
 * done, and open those that run with each task. */
void mig_run_add_hooks(MigRun *run);

/* Note that what the group has done is kept: its hooks are done for good. */
void mig_run_note_hooks(MigRun *run);

/* How many tasks of the plan from one up to another are no hooks. */
size_t mig_run_migrations(const MigRun *run, size_t from, size_t to);

/* mig_recover.c */

/* Tell the user of the tasks of the group that are finished. */
void mig_run_announce(MigRun *run);

/*
 * Decide what follows a group that could not be committed: each of its tasks
 * again, alone; or, when there is only one, the end.
 */
void mig_run_group_lost(MigRun *run);

/*
 * Give back the lock after a task has failed, and add the failed attempt to the
 * history; what was finished before it is kept where that is possible.
 *
 * end  what has become of the transaction
 *
 * Returns whether it is kept.
 */
bool mig_run_conclude(MigRun *run, const MigTask *task, MigTransactionEnd end);

/*
 * Decide what follows a failed task: the group's finished ones again when the
 * engine has undone them with it, else the end.
 */
void mig_run_failed(MigRun *run, const MigTask *task);

/*
 * Whether a task that has just failed is only to be recorded as failed, since
 * its file says that the run goes on behind it.  Then it has been, and the
 * entry is passed over.
 */
bool mig_run_tolerates(MigRun *run, MigTask *task);

/* mig_run.c: remember that the run has come as far as an entry. */
void mig_run_pass(MigRun *run, const MigEntry *entry);

/*
 * Whether a task that has just failed is to be tried once more, since it shared
 * a transaction with others, which now are committed: a new value of an
 * enumerated type can be used only behind its commit.
 */
bool mig_run_separates(MigRun *run);

/*
 * Whether a task that has just failed is to be tried again, since it only had
 * to wait too long for others' locks.  Then the attempt is in the history, a
 * pause was made, and the task has been closed.
 */
bool mig_run_retries(MigRun *run, const MigTask *task);

#endif
