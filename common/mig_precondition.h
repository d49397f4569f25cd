#ifndef MIG_PRECONDITION_H
#define MIG_PRECONDITION_H

/*
 * Preconditions: what a migration asks of the database before it is run, and
 * what follows when that is not so.  As Liquibase has them; they stand in the
 * migration's options:
 *
 *     precondition  line, counted from the migration's mark, and what is asked:
 *                   sql-check, table-exists or view-exists
 *     onfail        when the answer is no: halt, continue, mark_ran or warn
 *     onerror       when there is none: the same
 *     onfailmessage, onerrormessage
 *
 * All have to hold.  They are asked in the unit of the migration, before its
 * first statement; so two runs at once get no different answers.
 */

#include "mig_migration.h"

/* What becomes of a migration. */
typedef enum MigVerdict
{
    MIG_VERDICT_RUN,
    MIG_VERDICT_PASS_OVER, /* it stays pending */
    MIG_VERDICT_RECORD     /* as applied, without running it */
} MigVerdict;

/* A migration whose preconditions are asked. */
typedef struct MigAsked
{
    MigBytes version;
    MigBytes file;    /* or absent */
    MigBytes options; /* with the variables' style among them */
} MigAsked;

/*
 * Read what follows "--preconditions", and add it to options that are being
 * written.  Fails with MIG_INVALID for a rule that is unknown.
 */
void mig_precondition_rules(Mig *mig, MigBytes rest, MigText *options);

/*
 * The same for what follows "--precondition-".
 *
 * line  counted from the migration's mark
 */
void mig_precondition_add(Mig *mig, MigBytes rest, int64_t line,
                          MigText *options);

/* Who has set the variables in a migration's preconditions, a line each. */
MigBytes mig_precondition_authors(Mig *mig, MigArena *arena, MigBytes options);

/* Whether there are preconditions among a migration's options. */
bool mig_precondition_any(MigBytes options);

/*
 * Ask the preconditions of a migration in the open unit; the session must be
 * marked as running.
 *
 * arena   for what is put together
 * reason  out: why it is not simply run; in arena, else NULL
 *
 * Fails, naming the place, where the rule is to halt.
 */
MigVerdict mig_precondition_ask(Mig *mig, MigArena *arena,
                                const MigAsked *asked, const char **reason);

#endif
