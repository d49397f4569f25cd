#ifndef MIG_AHEAD_H
#define MIG_AHEAD_H

/*
 * What names will mean by the time that a statement of a plan is run.
 *
 * Statements are looked at before the run begins, by what is there then.  Where
 * one before them makes, drops or renames a table, its name leads to another by
 * their turn, or to none: what is seen under it now says nothing of them.
 */

#include "mig_object_map.h"

/* What the statements so far leave behind; zeroed at first. */
typedef struct MigAhead
{
    MigObjectMap moved; /* names with another meaning, in mig's arena */
    bool all;           /* one of them cannot be looked for: all are in doubt */
    bool session;       /* all are, to the end of this work */
} MigAhead;

/* Begin with the statements of another work. */
void mig_ahead_enter(MigAhead *ahead);

/* Whether a statement may be about other objects than its names mean now. */
bool mig_ahead_doubts(const MigAhead *ahead, const MigStatement *statement);

/* Add a statement to those before the next one. */
void mig_ahead_pass(Mig *mig, MigAhead *ahead, const MigStatement *statement);

#endif
