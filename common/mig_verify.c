#include "mig_verify_parts.h"

#include "mig_addition.h"
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

/* What helps a migration that stands in one way. */
static const char *
standing_hint(Mig *mig, const char *kind, MigBytes version)
{
    const char *call = mig->host->methods->outside_apply;
    int length = (int) version.length;

    if (strcmp(kind, "changed") == 0)
        return mig_format_string(
            mig->arena, mig->error,
            "migrate_show('%.*s') has the text.  Put the old file back, and "
            "load the directory; or migrate_accept('%.*s') takes the new one "
            "as what was applied.",
            length, version.data, length, version.data);
    if (strcmp(kind, "missing") == 0)
        return mig_format_string(
            mig->arena, mig->error,
            "migrate_show('%.*s') has the text.  Put its file back, and load "
            "the directory; or migrate_repair('%.*s') says that it was deleted "
            "on purpose.",
            length, version.data, length, version.data);
    return mig_format_string(
        mig->arena, mig->error,
        "migrate_show('%.*s') has the text.  Mend what it says, and apply "
        "again%s%s: that goes on behind what is done.  migrate_repair('%.*s') "
        "forgets the attempt.",
        length, version.data, call == NULL ? "" : ", where a part is done by ",
        call == NULL ? "" : call, length, version.data);
}

/* Tell of migrations that stand in one way: "changed", "missing" or "failed".
 */
static void
tell_standings(MigVerify *verify, const Standings *standings, const char *kind)
{
    Mig *mig = verify->mig;
    bool failed = strcmp(kind, "failed") == 0;

    for (size_t i = 0; i < standings->count && mig_ok(mig); i++)
    {
        const MigStanding *standing = &standings->items[i];
        MigProblem finding = {.kind = kind,
                              .version = standing->entry->version,
                              .object = standing->entry->file,
                              .problem = failed ? standing->failure
                                                : standing->detail};

        if (failed ? standing->failure == NULL
                   : strcmp(standing->state, kind) != 0)
            continue;
        finding.hint = standing_hint(mig, kind, finding.version);
        mig_verify_emit(verify, &finding);
    }
}

/* What migrate_status() knows. */
static void
verify_standings(MigVerify *verify)
{
    Standings standings = {verify->mig, NULL, 0, 0};
    MigFailures failures;

    mig_state_order(verify->mig, verify->mig->arena, &verify->state);
    if (!verify->loaded_known || !verify->applied_known)
        return;
    mig_state_complete(verify->mig, verify->mig->arena, &verify->state);
    memset(&failures, 0, sizeof(failures));
    if (!verify->all_well)
        mig_failures_read(verify->mig, verify->mig->arena, &failures);
    mig_look_each(verify->mig, &verify->state, &failures, keep_standing,
                  &standings);
    tell_standings(verify, &standings, "changed");
    tell_standings(verify, &standings, "missing");
    tell_standings(verify, &standings, "failed");
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

/* A MigAdditionFunction: tell of what somebody has put on our tables. */
static MigStatus
take_addition(void *context, const MigAddition *addition, MigError *error)
{
    MigVerify *verify = context;
    Mig *mig = verify->mig;
    MigProblem finding = {.kind = "catalogue",
                          .object = mig_bytes(addition->table)};

    finding.problem =
        mig_format_string(mig->arena, error, "somebody has %s %s on it",
                          mig_addition_deed(addition), addition->what);
    finding.hint = mig_format_string(
        mig->arena, error, "%s%s: %s",
        addition->reads  ? "Nothing of the catalogue is looked at while it is "
                           "there.  "
        : addition->runs ? ""
                         : "It does no harm, and is not ours.  ",
        mig_addition_advice(addition), addition->remedy);
    mig_verify_emit(verify, &finding);
    return error->status;
}

/* What others have put on the catalogue's tables. */
static void
verify_additions(MigVerify *verify)
{
    Mig *mig = verify->mig;

    if (mig_ok(mig) && (mig->has_catalogue || mig->host->refused))
        (void) mig->host->methods->catalogue_additions(mig->host, take_addition,
                                                       verify, mig->error);
    settle(verify, "catalogue");
}

/* What keeps all of the catalogue from being read. */
static void
verify_damage(MigVerify *verify)
{
    const MigError *damage = verify->mig->damage;
    MigProblem finding = {.kind = "catalogue",
                          .hint = "Take the tables that are named migrate_... "
                                  "from a backup; nothing else of them can be "
                                  "looked at."};

    /* Additions are told one by one. */
    if (damage == NULL || verify->mig->host->refused || !mig_ok(verify->mig))
        return;
    finding.problem = damage->message;
    mig_verify_emit(verify, &finding);
}

/* Settings that have a value that they cannot have. */
static void
verify_settings(MigVerify *verify)
{
    Mig *mig = verify->mig;
    const MigSettings *settings = mig->settings;

    for (size_t i = 0; mig_ok(mig) && i < settings->count; i++)
    {
        const MigSettingRow *row = &settings->rows[i];
        MigProblem finding = {.kind = "setting", .object = row->name};

        finding.problem = mig_setting_problem(mig, row);
        finding.hint = "Somebody has written it into migrate_setting by hand: "
                       "delete its row.";
        if (mig_setting_is_known(row->name))
            finding.hint = mig_format_string(
                mig->arena, mig->error,
                "Somebody has written it into migrate_setting by hand: "
                "migrate_config('%.*s', NULL) puts the default back.",
                (int) mig_cut(row->name, 100).length, row->name.data);
        if (finding.problem != NULL)
            mig_verify_emit(verify, &finding);
    }
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
    verify.row.host = mig->host;
    if (mig->host->session->running)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "a migration cannot call migrate_verify itself");
        mig_fail_hint(mig->error, "Take the call out of it.");
    }
    mig_verify_read_head(&verify, head);
    if (!mig_ok(mig))
        return;
    verify_damage(&verify);
    verify_additions(&verify);
    verify_settings(&verify);
    mig_verify_history(&verify);
    settle(&verify, "history");
    mig_verify_texts(&verify);
    settle(&verify, "text");
    mig_verify_loaded(&verify);
    settle(&verify, "record");
    mig_verify_applied(&verify);
    settle(&verify, "record");
    mig_verify_deltas(&verify);
    settle(&verify, "record");
    mig_arena_release(&verify.row);
    verify_standings(&verify);
    mig_verify_drift(&verify);
    settle(&verify, "drift");
    mig_verify_sections(&verify);
    mig_verify_schema(&verify);
    settle(&verify, "schema");
    verify_faults(&verify);
}
