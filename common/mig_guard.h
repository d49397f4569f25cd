#ifndef MIG_GUARD_H
#define MIG_GUARD_H

/*
 * Guards: what stands between a protected environment and an accident.
 *
 * In an environment that the setting protected_environments names, a run needs
 * the setting confirm, which is good for one; and a statement that destroys
 * rows is refused unless its migration's header says that it does.  In any
 * environment the setting require_backup asks for a backup.
 */

#include "mig_work.h"

#define MIG_GUARD_MARK "-- migrate:destructive"

/* What to do when a statement is refused for what it destroys. */
#define MIG_GUARD_HINT                                                         \
    "If that is meant, write a line \"" MIG_GUARD_MARK                         \
    "\" among the comments "                                                   \
    "at the beginning of its file, load it again, and confirm the run anew."

/* Whether the environment is one of those that are protected. */
bool mig_guard_protects(const Mig *mig);

/* Whether a list of environments, as the setting protected_environments has it,
 * names one. */
bool mig_guard_lists(MigBytes names, MigBytes environment);

/* Whether a run needs a confirmation that has not been given. */
bool mig_guard_lacks_confirm(const Mig *mig);

/* Fail for want of a confirmation.  function is the SQL name of the caller. */
void mig_guard_fail_confirm(Mig *mig, const char *function);

/*
 * Where the environment is protected, take the confirmation: it is deleted, and
 * an event says who gave it.  The lock must be held; what is written belongs to
 * its transaction.  Fails when there is none.
 *
 * function  SQL name of the caller, for messages
 * remark    for the event, or absent
 *
 * Returns whether one was taken.
 */
bool mig_guard_take_confirm(Mig *mig, const char *function, MigBytes remark);

/* The same for functions that write records alone, such as migrate_stamp(),
 * when they have something to do. */
void mig_guard_require_confirm(Mig *mig, const char *function);

/*
 * What is odd about an environment that is not protected: that it sounds like
 * one in use, and nobody has set which ones are protected.
 *
 * hint  out: what to do
 *
 * Returns NULL where nothing is; else a text in mig's arena.
 */
const char *mig_guard_doubt(Mig *mig, const char **hint);

/* Warn of such a one. */
void mig_guard_warn_of_name(Mig *mig);

/* Fail when the setting require_backup asks for a backup and there is none. */
void mig_guard_require_backup(Mig *mig);

/*
 * Whether there is a backup as the setting require_backup asks for it.
 *
 * text  out: what there is, or what is missing, in mig's arena
 */
bool mig_guard_has_backup(Mig *mig, const char **text);

/*
 * migrate_record_backup(label): record that a backup was made.
 *
 * label  what it is, one line
 *
 * Returns the number of its event.
 */
int64_t mig_guard_record_backup(Mig *mig, MigBytes label);

/* ---- Statements that destroy rows: mig_guard_rows.c ---- */

/* Set whether the statements of a work may destroy rows, by the options of its
 * migration and the environment. */
void mig_guard_set(const Mig *mig, MigBytes options, MigWork *work);

/* Whether any statement can be refused here for what it destroys. */
bool mig_guard_looks(const Mig *mig);

/*
 * Whether a statement would destroy something, as far as that can be told.
 *
 * loss  out: what
 */
bool mig_guard_sees(Mig *mig, const MigStatement *statement, MigLoss *loss);

/*
 * Whether a work may not destroy what a statement of it would.
 *
 * loss         as mig_guard_sees() has found it
 * environment  out: the protected one
 */
bool mig_guard_refuses(Mig *mig, const MigWork *work, const MigLoss *loss,
                       MigBytes *environment);

/* Fail when a statement would destroy rows that it may not; called just before
 * it runs. */
void mig_guard_statement(Mig *mig, const MigWork *work,
                         const MigStatement *statement);

/*
 * The same before a run, for a statement that may come much later: only what is
 * certain to destroy rows, were it to run now, fails.
 *
 * ahead  what is known of the statements before it
 */
void mig_guard_ahead(Mig *mig, const MigWork *work,
                     const MigStatement *statement, const MigAhead *ahead);

/* What a statement would destroy, as a note for it; NULL when nothing. */
const char *mig_guard_note(Mig *mig, const MigStatement *statement);

/*
 * Whether a file says that its migrations destroy rows: by a line
 * "-- migrate:destructive" among the comments at its beginning.
 *
 * text  of the file, without a byte order mark
 */
bool mig_guard_is_destructive(MigBytes text);

/* Whether a line is that mark. */
bool mig_guard_is_mark(MigBytes line);

#endif
