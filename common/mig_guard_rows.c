#include "mig_guard.h"

#include "mig_migration.h"
#include "mig_setting.h"

/*
 * Statements that destroy rows.
 *
 * What counts is the environment of the database in which the run has its
 * history, and of the one that a statement reaches beside it: whichever is
 * protected.  An attached file is somebody's production also for a run in
 * another file.
 */

/* ---- Another database's environment ---- */

/* What decides about another database. */
typedef struct There
{
    Mig *mig;
    MigBytes environment;
    MigBytes names; /* of protected ones */
} There;

/* A MigRowFunction: take a setting of the other database. */
static MigStatus
take_setting(void *context, const MigValue *columns, size_t count,
             MigError *error)
{
    There *there = context;

    (void) count;
    if (columns[0].type != MIG_TEXT || columns[1].type != MIG_TEXT)
        return error->status;
    if (mig_bytes_equal(columns[0].bytes, mig_bytes("environment")))
        there->environment =
            mig_copy(there->mig->arena, columns[1].bytes, error);
    else if (mig_bytes_equal(columns[0].bytes,
                             mig_bytes("protected_environments")))
        there->names = mig_copy(there->mig->arena, columns[1].bytes, error);
    return error->status;
}

/*
 * Whether the other database that a loss is in is protected.  What it does not
 * say of itself it has from this one, as a file of migrate_fleet() does.
 *
 * environment  out: the name
 */
static bool
is_protected_there(Mig *mig, const MigLoss *loss, MigBytes *environment)
{
    const MigHostMethods *methods = mig->host->methods;
    There there = {mig, mig_setting(mig, "environment", NULL),
                   mig_setting(mig, "protected_environments", NULL)};

    if (loss->database == 0 || methods->settings_there == NULL)
        return false;
    (void) methods->settings_there(mig->host, loss->database, take_setting,
                                   &there, mig->error);
    *environment = mig_cut(there.environment, 100);
    return mig_ok(mig) && mig_guard_lists(there.names, there.environment);
}

/* Whether statements can reach databases that have settings of their own. */
static bool
reaches_others(const Mig *mig)
{
    const MigHostMethods *methods = mig->host->methods;

    return methods->reaches_others != NULL &&
           methods->reaches_others(mig->host);
}

/* ---- What is refused ---- */

void
mig_guard_set(const Mig *mig, MigBytes options, MigWork *work)
{
    work->unmarked = mig->host->methods->destroys != NULL &&
                     mig_option(options, "destructive").data == NULL;
    work->guarded = work->unmarked && mig_guard_protects(mig);
}

bool
mig_guard_looks(const Mig *mig)
{
    return mig->host->methods->destroys != NULL &&
           (mig_guard_protects(mig) || reaches_others(mig));
}

bool
mig_guard_sees(Mig *mig, const MigStatement *statement, MigLoss *loss)
{
    const MigHostMethods *methods = mig->host->methods;

    memset(loss, 0, sizeof(*loss));
    return mig_ok(mig) && methods->destroys != NULL &&
           methods->destroys(mig->host, statement, loss, mig->error) ==
               MIG_OK &&
           loss->text[0] != '\0';
}

bool
mig_guard_refuses(Mig *mig, const MigWork *work, const MigLoss *loss,
                  MigBytes *environment)
{
    *environment = mig_cut(mig_setting(mig, "environment", NULL), 100);
    return work->guarded ||
           (work->unmarked && is_protected_there(mig, loss, environment));
}

/*
 * Fail for what a statement would destroy.
 *
 * ahead  what is known of the statements before it; NULL: these have run
 *
 * Returns whether it does.
 */
static bool
fail_loss(Mig *mig, const MigWork *work, const MigStatement *statement,
          const MigAhead *ahead)
{
    MigLoss loss;
    MigBytes environment;

    if (!work->guarded && (!work->unmarked || !reaches_others(mig)))
        return false;
    /* No name may mean then what it means now: to look it up can fail. */
    if (ahead != NULL && (ahead->all || ahead->session))
        return false;
    if (!mig_guard_sees(mig, statement, &loss) ||
        (ahead != NULL &&
         (!loss.certain || mig_ahead_doubts(ahead, statement))) ||
        !mig_guard_refuses(mig, work, &loss, &environment) || !mig_ok(mig))
        return false;
    (void) mig_fail(mig->error, MIG_STATE,
                    "it %s, and environment \"%.*s\"%s is protected", loss.text,
                    (int) environment.length, environment.data,
                    work->guarded ? "" : " of that database");
    return true;
}

void
mig_guard_statement(Mig *mig, const MigWork *work,
                    const MigStatement *statement)
{
    if (fail_loss(mig, work, statement, NULL))
        mig_fail_hint(mig->error, MIG_GUARD_HINT);
}

void
mig_guard_ahead(Mig *mig, const MigWork *work, const MigStatement *statement,
                const MigAhead *ahead)
{
    /* What cannot be told before its turn is looked at then. */
    if (!fail_loss(mig, work, statement, ahead))
        return;
    mig_fail_hint(mig->error,
                  "%s  If that is meant, write a line \"" MIG_GUARD_MARK "\" "
                  "among the comments at the beginning of its file, and load "
                  "it again.",
                  mig->entered    ? "Nothing was changed for this schema."
                  : work->guarded ? "Nothing was changed, and the confirmation "
                                    "is kept."
                                  : "Nothing was changed.");
}

const char *
mig_guard_note(Mig *mig, const MigStatement *statement)
{
    MigLoss loss;

    return mig_guard_sees(mig, statement, &loss)
               ? mig_format_string(mig->arena, mig->error, "destructive: %s",
                                   loss.text)
               : NULL;
}

/* ---- The mark in a file ---- */

bool
mig_guard_is_mark(MigBytes line)
{
    MigBytes rest;

    line = mig_trim(line);
    if (!mig_starts_with(line, "--"))
        return false;
    rest = mig_trim(mig_part(line, 2, line.length));
    return mig_bytes_equal(rest, mig_bytes("migrate:destructive"));
}

bool
mig_guard_is_destructive(MigBytes text)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(text, &at, &line))
    {
        line = mig_trim(line);
        if (line.length > 0 && !mig_starts_with(line, "--"))
            return false;
        if (mig_guard_is_mark(line))
            return true;
    }
    return false;
}
