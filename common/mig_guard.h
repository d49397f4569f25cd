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

/* What to do when a statement is refused for what it destroys. */
#define MIG_GUARD_HINT                                                         \
    "Nothing of this migration was kept.  If that is meant, write a line "     \
    "\"-- migrate:destructive\" among the comments at the beginning of its "   \
    "file, load it again, and confirm the run anew."

/* Whether the environment is one of those that are protected. */
bool mig_guard_protects(const Mig *mig);

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

/* Whether statements of a migration with these options must not destroy rows.
 */
bool mig_guard_keeps_rows(const Mig *mig, MigBytes options);

/* Fail when a statement of a guarded work would destroy rows. */
void mig_guard_statement(Mig *mig, const MigWork *work,
                         const MigStatement *statement);

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
