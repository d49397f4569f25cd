#include "mig_verify_parts.h"

#include "mig_look.h"
#include "mig_setting.h"

/* How migrations stand that are not as they should be. */
typedef struct Standings
{
    Mig *mig;
    MigStanding *items;
    size_t count;
    size_t capacity;
} Standings;

void
mig_verify_emit(MigVerify *verify, const MigProblem *finding)
{
    Mig *mig = verify->mig;
    MigValue row[5];

    if (!mig_ok(mig))
        return;
    row[0] = mig_string(finding->kind);
    row[1] = mig_text_value(finding->version);
    row[2] = mig_text_value(finding->object);
    row[3] = mig_string(finding->problem);
    row[4] = mig_string(finding->hint);
    /* What somebody has edited need not be text; the rows are. */
    for (size_t i = 0; i < 5; i++)
        row[i].bytes = mig_utf8_mend(mig->arena, row[i].bytes, mig->error);
    (void) verify->call->emit(verify->call, row, 5);
}

/* Make a row of what keeps a part from being looked at, and go on. */
static void
settle(MigVerify *verify, const char *kind)
{
    Mig *mig = verify->mig;
    MigError failure = *mig->error;
    MigProblem finding = {.kind = kind, .problem = failure.message};

    if (mig_ok(mig) || mig_error_ends_call(mig->error))
        return;
    mig_error_clear(mig->error);
    finding.hint = failure.hint[0] == '\0' ? NULL : failure.hint;
    mig_verify_emit(verify, &finding);
}

/* A MigStandingFunction: keep those that are not as they should be. */
static void
keep_standing(void *context, const MigStanding *standing)
{
    Standings *standings = context;
    Mig *mig = standings->mig;
    MigStanding *items;

    if (standing->failure == NULL && strcmp(standing->state, "changed") != 0 &&
        strcmp(standing->state, "missing") != 0)
        return;
    items = mig_array_reserve(mig->arena, standings->items, standings->count,
                              &standings->capacity, sizeof(*items), mig->error);
    if (items == NULL)
        return;
    standings->items = items;
    items[standings->count++] = *standing;
}

/*
 * Tell of migrations that stand in one way.
 *
 * kind  "changed", "missing" or "failed"
 * hint  with "%s" for the version
 */
static void
tell_standings(MigVerify *verify, const Standings *standings, const char *kind,
               const char *hint)
{
    Mig *mig = verify->mig;

    for (size_t i = 0; i < standings->count && mig_ok(mig); i++)
    {
        const MigStanding *standing = &standings->items[i];
        bool failed = strcmp(kind, "failed") == 0;
        MigProblem finding = {.kind = kind,
                              .version = standing->entry->version,
                              .object = standing->entry->file,
                              .problem = failed ? standing->failure
                                                : standing->detail};

        if (failed ? standing->failure == NULL
                   : strcmp(standing->state, kind) != 0)
            continue;
        finding.hint = mig_format_string(
            mig->arena, mig->error, "migrate_show('%.*s') has the text.  %s",
            (int) finding.version.length, finding.version.data, hint);
        mig_verify_emit(verify, &finding);
    }
}

/* What migrate_status() knows. */
static void
verify_standings(MigVerify *verify)
{
    Standings standings = {verify->mig, NULL, 0, 0};

    mig_state_read(verify->mig, verify->mig->arena, &verify->state);
    mig_look_each(verify->mig, &verify->state, keep_standing, &standings);
    tell_standings(verify, &standings, "changed",
                   "Put the old file back; or migrate_accept() takes the new "
                   "one as what was applied.");
    tell_standings(verify, &standings, "missing",
                   "Put its file back, and load the directory.");
    tell_standings(verify, &standings, "failed",
                   "Mend what it says, and apply again.");
    settle(verify, "record");
}

/* A MigFaultFunction. */
static MigStatus
take_fault(void *context, const MigFault *fault, MigError *error)
{
    MigProblem finding = {.kind = fault->kind,
                          .object = fault->object,
                          .problem = fault->problem,
                          .hint = fault->hint};

    mig_verify_emit(context, &finding);
    return error->status;
}

/* What the engine knows. */
static void
verify_faults(MigVerify *verify)
{
    Mig *mig = verify->mig;

    if (!mig_ok(mig) || mig->host->methods->list_faults == NULL)
        return;
    (void) mig->host->methods->list_faults(mig->host, take_fault, verify,
                                           mig->error);
    settle(verify, "schema");
}

void
mig_verify(Mig *mig, MigCall *call, MigBytes head)
{
    MigVerify verify;

    memset(&verify, 0, sizeof(verify));
    verify.mig = mig;
    verify.call = call;
    if (mig->host->session->running)
        (void) mig_fail(mig->error, MIG_STATE,
                        "a migration cannot call migrate_verify itself");
    mig_verify_read_head(&verify, head);
    if (!mig_ok(mig))
        return;
    mig_verify_history(&verify);
    settle(&verify, "history");
    mig_verify_applied(&verify);
    settle(&verify, "record");
    mig_verify_texts(&verify);
    settle(&verify, "text");
    verify_standings(&verify);
    mig_verify_drift(&verify);
    settle(&verify, "drift");
    mig_verify_sections(&verify);
    mig_verify_schema(&verify);
    settle(&verify, "schema");
    verify_faults(&verify);
}
