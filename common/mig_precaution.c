#include "mig_precaution.h"

#include "mig_setting.h"

/* The setting that asks for a backup; empty: none. */
static MigBytes
backup_pattern(const Mig *mig)
{
    return mig_setting(mig, "backup", NULL);
}

bool
mig_precautions_wanted(const Mig *mig)
{
    const MigHostMethods *methods = mig->host->methods;

    if (!mig_ok(mig) || mig->host->session->rehearsal)
        return false;
    return (methods->rehearse != NULL &&
            mig_setting_is(mig, "rehearse", "on")) ||
           (methods->back_up != NULL && backup_pattern(mig).length > 0);
}

void
mig_precautions_require(Mig *mig)
{
    /* What the caller has changed already would not be in a copy, and what he
     * still changes would not be undone by one. */
    if (!mig_ok(mig) || mig->host->methods->commits(mig->host))
        return;
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "a run inside a transaction can be neither rehearsed nor "
                    "backed up before");
    mig_fail_detail(mig->error, "The setting %s asks for it.",
                    backup_pattern(mig).length > 0 ? "backup" : "rehearse");
    mig_fail_hint(mig->error,
                  "Nothing was changed.  Call it outside of a transaction, or "
                  "set rehearse to off and backup to an empty text.");
}

void
mig_precautions_take(Mig *mig, MigTaskKind kind, MigBytes target)
{
    static const char *const functions[] = {[MIG_TASK_APPLY] = "migrate_apply",
                                            [MIG_TASK_ROLLBACK] =
                                                "migrate_rollback",
                                            [MIG_TASK_REDO] = "migrate_redo"};
    const MigBytes none = {NULL, 0};
    const MigHostMethods *methods = mig->host->methods;

    if (!mig_precautions_wanted(mig))
        return;
    mig_precautions_require(mig);
    if (mig_ok(mig) && methods->rehearse != NULL &&
        mig_setting_is(mig, "rehearse", "on"))
        (void) methods->rehearse(mig, functions[kind],
                                 kind == MIG_TASK_REDO ? none : target);
    /* Not before: what does not pass needs no backup. */
    if (mig_ok(mig) && methods->back_up != NULL &&
        backup_pattern(mig).length > 0)
        (void) methods->back_up(mig, backup_pattern(mig));
}
