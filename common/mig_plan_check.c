#include "mig_plan.h"
#include "mig_setting.h"

/* What is looked at before anything is applied: the migrations that are. */

/* Fail, or warn, when an applied migration has another text now. */
static void
check_changed(Mig *mig, const MigState *state)
{
    const char *message;

    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        const MigEntry *entry = &state->entries[i];

        if (!mig_entry_changed(mig, entry))
            continue;
        if (mig_setting_is(mig, "on_changed", "error"))
        {
            (void) mig_fail(mig->error, MIG_STATE,
                            "migration \"%.*s\" was changed after it was "
                            "applied",
                            (int) entry->version.length, entry->version.data);
            mig_fail_hint(mig->error,
                          "Put the old text back, migrate_show('%.*s') has "
                          "it, and write a new migration; or, when the "
                          "database is as the new text says, "
                          "migrate_accept('%.*s'); or go on with "
                          "migrate_config('on_changed', 'warn').",
                          (int) entry->version.length, entry->version.data,
                          (int) entry->version.length, entry->version.data);
            return;
        }
        message = mig_format_string(
            mig->arena, mig->error,
            "migration \"%.*s\" was changed after it was applied",
            (int) entry->version.length, entry->version.data);
        if (message != NULL)
            mig->host->methods->notice(mig->host, MIG_WARNING, message);
    }
}

/* Fail, or warn, as the setting says, when an applied migration has gone. */
static void
check_missing(Mig *mig, const MigState *state)
{
    const char *message;

    if (!mig_ok(mig) || mig_setting_is(mig, "on_missing", "ignore"))
        return;
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        const MigEntry *entry = &state->entries[i];
        MigBytes version = entry->version;

        if (!mig_entry_missing(entry))
            continue;
        message = mig_format_string(
            mig->arena, mig->error,
            "migration \"%.*s\" is applied, and not in its directory any more",
            (int) version.length, version.data);
        if (message == NULL)
            return;
        if (mig_setting_is(mig, "on_missing", "warn"))
        {
            mig->host->methods->notice(mig->host, MIG_WARNING, message);
            continue;
        }
        (void) mig_fail(mig->error, MIG_STATE, "%s", message);
        mig_fail_hint(mig->error,
                      "Bring the file back; or, when it was deleted on "
                      "purpose, migrate_repair('%.*s').",
                      (int) version.length, version.data);
    }
}

void
mig_plan_check(Mig *mig, const MigState *state)
{
    check_changed(mig, state);
    check_missing(mig, state);
}
