#include "mig_verify_parts.h"

#include <stdlib.h>

#include "mig_migration.h"
#include "mig_setting.h"
#include "mig_step.h"
#include "mig_version.h"

/* Whether what has failed says nothing of what was asked: it was not let. */
static bool
is_refused(const MigError *error)
{
    return error->status == MIG_DENIED || error->status == MIG_READ_ONLY ||
           error->status == MIG_UNSUPPORTED || error->status == MIG_LOCKED ||
           error->status == MIG_FILE;
}

/* Tell of a section that does not hold, or could not be asked. */
static void
tell(MigVerify *verify, MigBytes version)
{
    Mig *mig = verify->mig;
    MigError failure = *mig->error;
    MigProblem finding = {.kind = "verify",
                          .version = version,
                          .object = mig_bytes("verify"),
                          .problem = failure.message};

    if (mig_ok(mig) || mig_error_ends_call(mig->error))
        return;
    mig_error_clear(mig->error);
    if (is_refused(&failure))
        finding.problem = mig_format_string(
            mig->arena, mig->error, "was not looked at: %s", failure.message);
    finding.hint = failure.hint[0] != '\0' && failure.status != MIG_STATE
                       ? failure.hint
                       : mig_format_string(mig->arena, mig->error,
                                           "migrate_show('%.*s') has the "
                                           "query.",
                                           (int) version.length, version.data);
    mig_verify_emit(verify, &finding);
}

/* Ask the verify section of one migration, as it was applied. */
static void
ask(MigVerify *verify, const MigEntry *entry)
{
    Mig *mig = verify->mig;
    const MigHostMethods *methods = mig->host->methods;
    MigWorkText text = {.version = entry->version, .section = "verify"};
    MigStep step;

    mig_step_fetch(mig, MIG_BACKWARD, entry, &step);
    text.column = step.verify;
    text.variables = mig_option(entry->options, "variables");
    text.options = entry->options;
    if (mig_ok(mig))
        mig_work_fetch(mig, &step.arena, &text, &step.check);
    step.check.lenient = mig_bytes_equal(mig_option(entry->options, "verify"),
                                         mig_bytes("runs"));
    mig_step_require_trust(mig, &step);
    if (mig_ok(mig))
        (void) methods->look_begin(mig->host, mig->error);
    if (mig_ok(mig))
        mig_work_take_apart(mig, &step.check);
    if (mig_ok(mig))
        mig_work_verify(mig, &step.check);
    mig_work_close(mig, &step.check);
    methods->look_end(mig->host);
    tell(verify, entry->version);
    mig_step_close(mig, &step);
}

static int
compare_versions(const void *a, const void *b)
{
    return mig_position_compare(*(const MigBytes *) a, *(const MigBytes *) b);
}

void
mig_verify_sections(MigVerify *verify)
{
    Mig *mig = verify->mig;
    const MigState *state = &verify->state;

    if (!mig_ok(mig) || verify->asked_count == 0 ||
        mig->host->methods->look_begin == NULL)
        return;
    mig_array_sort(verify->asked, verify->asked_count, sizeof(MigBytes),
                   compare_versions);
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        const MigEntry *entry = &state->entries[i];

        if (entry->applied &&
            bsearch(&entry->version, verify->asked, verify->asked_count,
                    sizeof(MigBytes), compare_versions) != NULL)
            ask(verify, entry);
    }
}
