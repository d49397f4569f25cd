#include "mig_preflight.h"

#include "mig_chain.h"
#include "mig_drift.h"
#include "mig_failures.h"
#include "mig_guard.h"
#include "mig_hook.h"
#include "mig_look.h"
#include "mig_plan.h"
#include "mig_precaution.h"
#include "mig_setting.h"
#include "mig_write.h"

#define MEBIBYTE ((int64_t) 1024 * 1024)
#define NAMED_MOST 3 /* statements that one finding names */
#define NOTHING_CHANGED "Nothing was changed.  " /* in front of hints */

/* What the host is asked to look at. */
static MigInspection
inspection_of(Mig *mig, bool thorough)
{
    MigInspection inspection = {thorough, 0, false, 0, 0};
    const MigHostMethods *methods = mig->host->methods;

    inspection.free_bytes =
        mig_setting_count_of(mig, "min_free_disk") * MEBIBYTE;
    inspection.copies = methods->back_up != NULL &&
                        (mig_setting(mig, "backup", NULL).length > 0 ||
                         mig_setting_is(mig, "rehearse", "on"));
    inspection.transaction_ms = mig_setting_ms(mig, "max_transaction_age");
    inspection.lag_ms = mig_setting_ms(mig, "max_replication_lag");
    return inspection;
}

/* ---- As a run begins ---- */

/* A MigFindingFunction: take an error by what the setting preflight says. */
static MigStatus
enter_finding(void *context, const MigFinding *finding, MigError *error)
{
    Mig *mig = context;
    const char *message;

    if (strcmp(finding->state, MIG_FINDING_ERROR) != 0)
        return error->status;
    if (mig_setting_is(mig, "preflight", "error"))
    {
        (void) mig_fail(error, MIG_STATE, "%s: %s", finding->name,
                        finding->detail);
        mig_fail_hint(error,
                      "Nothing was changed.  %s%smigrate_preflight() lists all "
                      "that is looked at; the setting preflight says that a "
                      "run stops for it.",
                      finding->hint == NULL ? "" : finding->hint,
                      finding->hint == NULL ? "" : "  ");
        return error->status;
    }
    message = mig_format_string(mig->arena, error, "%s: %s", finding->name,
                                finding->detail);
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
    return error->status;
}

void
mig_preflight_enter(Mig *mig)
{
    const MigHostMethods *methods = mig->host->methods;
    MigInspection inspection;

    if (!mig_ok(mig) || methods->inspect == NULL ||
        mig->host->session->rehearsal ||
        mig_setting_is(mig, "preflight", "off"))
        return;
    inspection = inspection_of(mig, false);
    (void) methods->inspect(mig->host, &inspection, enter_finding, mig,
                            mig->error);
}

/* ---- migrate_preflight() ---- */

/* The findings being shown. */
typedef struct Preflight
{
    Mig *mig;
    MigCall *call;
    int64_t statements;
    int64_t outside; /* that another way of calling runs */
    MigText refused; /* that cannot run at all: the first few, and why */
    int64_t refused_count;
    MigText destroys; /* likewise, that destroy rows */
    int64_t destroys_count;
    int64_t guarded; /* of these, whose migration does not say so */
    MigText held;    /* that would wait for others' locks */
    int64_t held_count;
    bool half_done; /* an earlier call has left something so */
    MigAhead ahead;
    const MigStep *step;
} Preflight;

/* Emit one row. */
static MigStatus
emit(Preflight *preflight, const char *name, const char *state,
     const char *detail, const char *hint)
{
    MigValue row[4];

    if (!mig_ok(preflight->mig))
        return preflight->mig->error->status;
    row[0] = mig_string(name);
    row[1] = mig_string(state);
    row[2] = mig_string(detail);
    row[3] = mig_string(hint);
    return preflight->call->emit(preflight->call, row, 4);
}

/* A MigFindingFunction: show it. */
static MigStatus
emit_finding(void *context, const MigFinding *finding, MigError *error)
{
    (void) error;
    return emit(context, finding->name, finding->state, finding->detail,
                finding->hint);
}

/* Show a failure as a finding, and forget it, unless nothing can go on. */
static void
emit_failure(Preflight *preflight, const char *name)
{
    Mig *mig = preflight->mig;
    MigError failure = *mig->error;
    MigText detail = {mig->arena, mig->error, NULL, 0, 0};

    if (failure.status == MIG_NOMEM || failure.status == MIG_INTERRUPTED)
        return;
    mig_error_clear(mig->error);
    mig_text_append_string(&detail, failure.message);
    if (failure.detail[0] != '\0')
        mig_text_append_string(&detail, "; ");
    mig_text_append_string(&detail, failure.detail);
    (void) emit(
        preflight, name, MIG_FINDING_ERROR, mig_text_bytes(&detail).data,
        failure.hint[0] == '\0'
            ? NULL
            : mig_format_string(mig->arena, mig->error, "%s", failure.hint));
}

/* Add a statement to those that a finding names. */
static void
name_statement(Preflight *preflight, MigText *text, int64_t *count,
               int64_t line, const char *what)
{
    MigBytes version = preflight->step->entry->version;

    if (++*count > NAMED_MOST)
        return;
    mig_text_append_string(text, *count > 1 ? "; " : "");
    mig_text_append(text, version);
    mig_text_append_format(text, " line %lld: ", (long long) line);
    mig_text_append_string(text, what);
}

/* Look whether a statement of its kind can run here at all. */
static void
look_at_kind(Preflight *preflight, const MigStatement *statement, int64_t line)
{
    Mig *mig = preflight->mig;
    const MigHostMethods *methods = mig->host->methods;
    MigError refusal;

    if (statement->kind == MIG_NOT_ALLOWED)
        name_statement(preflight, &preflight->refused,
                       &preflight->refused_count, line, statement->reason);
    if (statement->kind != MIG_OUTSIDE)
        return;
    memset(&refusal, 0, sizeof(refusal));
    if (methods->run_outside == NULL ||
        (methods->require_outside != NULL &&
         methods->require_outside(mig->host, statement, &refusal) != MIG_OK))
        name_statement(preflight, &preflight->refused,
                       &preflight->refused_count, line, statement->reason);
    else
        preflight->outside++;
}

/* Look whether others hold what a statement would lock. */
static void
look_at_locks(Preflight *preflight, const MigStatement *statement, int64_t line)
{
    const MigHostMethods *methods = preflight->mig->host->methods;
    char text[300] = "";

    if (methods->held != NULL)
        methods->held(preflight->mig->host, statement, text, sizeof(text));
    if (text[0] != '\0')
        name_statement(preflight, &preflight->held, &preflight->held_count,
                       line, text);
}

/* A MigWorkFunction: look at one statement. */
static void
look_at_statement(void *context, const MigStatement *statement, int64_t number,
                  int64_t line)
{
    Preflight *preflight = context;
    Mig *mig = preflight->mig;
    MigLoss loss;
    MigBytes environment;
    bool seen;
    bool certain;

    if (number == 1)
        mig_ahead_enter(&preflight->ahead);
    preflight->statements++;
    look_at_kind(preflight, statement, line);
    look_at_locks(preflight, statement, line);
    seen = mig_guard_sees(mig, statement, &loss);
    certain =
        seen && loss.certain && !mig_ahead_doubts(&preflight->ahead, statement);
    mig_ahead_pass(mig, &preflight->ahead, statement);
    if (!seen)
        return;
    /* What may be passed over is refused only when it runs. */
    preflight->guarded +=
        certain && !mig_precondition_any(preflight->step->entry->options) &&
        mig_guard_refuses(mig, &preflight->step->work, &loss, &environment);
    name_statement(preflight, &preflight->destroys, &preflight->destroys_count,
                   line, loss.text);
}

/* A MigHookFunction: look at a hook's statements. */
static void
look_at_hook(void *context, MigStep *hook)
{
    Preflight *preflight = context;

    preflight->step = hook;
    if (mig_ok(preflight->mig))
        mig_work_visit(preflight->mig, &hook->work, look_at_statement,
                       preflight);
}

/* Look at the statements of one step and its hooks. */
static void
look_at_step(Preflight *preflight, const MigEntry *entry, MigHooks *hooks)
{
    Mig *mig = preflight->mig;
    MigStep step;

    mig_step_open(mig, MIG_FORWARD, entry, &step);
    step.hooks = entry->hook ? NULL : hooks;
    mig_hooks_visit(&step, MIG_HOOK_BEFORE, look_at_hook, preflight);
    look_at_hook(preflight, &step);
    mig_hooks_visit(&step, MIG_HOOK_AFTER, look_at_hook, preflight);
    mig_step_close(mig, &step);
    preflight->step = NULL;
}

/* Look at all statements of a plan; returns how many migrations it has. */
static int64_t
look_at_plan(Preflight *preflight, MigBytes target_text)
{
    Mig *mig = preflight->mig;
    MigState state;
    MigTarget target;
    MigPlan plan = {NULL, 0};
    MigHookRun run = {true, false, 0, 0, false};
    MigHooks hooks = {NULL, 0, {mig->host, NULL}};
    int64_t migrations = 0;

    mig_state_read(mig, mig->arena, &state);
    mig_target_read(mig, &state, target_text, true, &target);
    mig_plan_apply(mig, mig->arena, &state, &target, &plan);
    mig_hooks_wrap(mig, mig->arena, &state, &run, &plan);
    if (mig_ok(mig) && plan.count > 0)
        mig_hooks_open(mig, &state, &hooks);
    for (size_t i = 0; mig_ok(mig) && i < plan.count; i++)
    {
        migrations += !plan.steps[i]->hook;
        look_at_step(preflight, plan.steps[i], &hooks);
    }
    mig_hooks_close(mig, &hooks);
    return migrations;
}

/* Show what is pending, and whether it can run. */
static void
show_pending(Preflight *preflight, int64_t migrations)
{
    Mig *mig = preflight->mig;
    const MigHostMethods *methods = mig->host->methods;
    MigText detail = {mig->arena, mig->error, NULL, 0, 0};

    if (!mig_ok(mig))
    {
        emit_failure(preflight, "pending migrations");
        return;
    }
    mig_text_append_format(&detail, "%lld migration%s, %lld statement%s",
                           (long long) migrations, migrations == 1 ? "" : "s",
                           (long long) preflight->statements,
                           preflight->statements == 1 ? "" : "s");
    if (preflight->outside > 0)
        mig_text_append_format(&detail, "; %lld cannot be in a transaction",
                               (long long) preflight->outside);
    if (preflight->refused_count > 0)
    {
        mig_text_append_format(&detail, "; %lld cannot run here: ",
                               (long long) preflight->refused_count);
        mig_text_append(&detail, mig_text_bytes(&preflight->refused));
    }
    (void) emit(preflight, "pending migrations",
                preflight->refused_count > 0 ? MIG_FINDING_ERROR
                                             : MIG_FINDING_OK,
                mig_text_bytes(&detail).data,
                preflight->outside > 0 && methods->outside_apply != NULL
                    ? mig_format_string(mig->arena, mig->error,
                                        "%s runs them, outside of a "
                                        "transaction.",
                                        methods->outside_apply)
                    : NULL);
}

/* Show the statements that destroy rows. */
static void
show_destructive(Preflight *preflight)
{
    Mig *mig = preflight->mig;
    bool refused = preflight->guarded > 0;
    const char *detail = "none is seen";

    if (mig->host->methods->destroys == NULL)
        return;
    if (preflight->destroys_count > 0)
        detail = mig_format_string(
            mig->arena, mig->error, "%lld: %s%s",
            (long long) preflight->destroys_count,
            mig_text_bytes(&preflight->destroys).data,
            preflight->destroys_count > NAMED_MOST ? "; ..." : "");
    (void) emit(preflight, "destructive statements",
                refused                         ? MIG_FINDING_ERROR
                : preflight->destroys_count > 0 ? MIG_FINDING_WARNING
                                                : MIG_FINDING_OK,
                detail,
                refused ? "The environment is protected: a line \"-- "
                          "migrate:destructive\" at the beginning of the file "
                          "lets it pass."
                        : NULL);
}

/* Show whether statements would wait for others. */
static void
show_locks(Preflight *preflight)
{
    Mig *mig = preflight->mig;
    const char *detail = "nobody holds a lock that a statement would wait for";

    if (mig->host->methods->held == NULL)
        return;
    if (preflight->held_count > 0)
        detail = mig_format_string(mig->arena, mig->error, "%lld: %s%s",
                                   (long long) preflight->held_count,
                                   mig_text_bytes(&preflight->held).data,
                                   preflight->held_count > NAMED_MOST ? "; ..."
                                                                      : "");
    (void) emit(preflight, "locks",
                preflight->held_count > 0 ? MIG_FINDING_WARNING
                                          : MIG_FINDING_OK,
                detail,
                preflight->held_count > 0
                    ? "A statement waits for it as long as lock_timeout says."
                    : NULL);
}

/* Show what earlier calls have left half done. */
static void
show_half_done(Preflight *preflight)
{
    Mig *mig = preflight->mig;
    const char *call = mig->host->methods->outside_apply;
    MigText detail = {mig->arena, mig->error, NULL, 0, 0};
    MigFailures failures;
    int64_t count = 0;

    mig_failures_read(mig, mig->arena, &failures);
    for (size_t i = 0; mig_ok(mig) && i < failures.count; i++)
    {
        const MigFailure *row = &failures.rows[i];

        if (!mig_failure_is_half_done(row) || ++count > NAMED_MOST)
            continue;
        mig_text_append_format(&detail, "%s%.*s%s: %s", count > 1 ? "; " : "",
                               (int) row->version.length, row->version.data,
                               row->back ? ", way back" : "",
                               mig_failure_progress(mig, row));
    }
    if (count > NAMED_MOST)
        mig_text_append_string(&detail, "; ...");
    if (!mig_ok(mig))
        emit_failure(preflight, "half-done migrations");
    else
        (void) emit(preflight, "half-done migrations",
                    count > 0 ? MIG_FINDING_WARNING : MIG_FINDING_OK,
                    count > 0 ? mig_text_bytes(&detail).data : "there is none",
                    count == 0
                        ? NULL
                        : mig_format_string(
                              mig->arena, mig->error,
                              "%s goes on behind what is done.  SELECT * FROM "
                              "migrate_repair_plan() says what else can be "
                              "done.",
                              call == NULL ? "The next run" : call));
}

/* Show whether the run has its confirmation. */
static void
show_confirm(Preflight *preflight, int64_t migrations)
{
    Mig *mig = preflight->mig;
    MigBytes environment = mig_setting(mig, "environment", NULL);
    const char *state = MIG_FINDING_OK;
    const char *what = "is not protected";
    const char *detail;
    const char *hint = NULL;
    const char *doubt = NULL;
    MigError refusal;
    MigError *error = mig->error;

    memset(&refusal, 0, sizeof(refusal));
    if (mig_guard_lacks_confirm(mig))
    {
        /* The hint of the run's own error says what to call. */
        mig->error = &refusal;
        mig_guard_fail_confirm(mig, "a run");
        mig->error = error;
        state = migrations == 0 ? MIG_FINDING_OK : MIG_FINDING_ERROR;
        what = migrations == 0
                   ? "is protected; nothing is pending that needs it"
                   : "is protected, and the run is not confirmed";
    }
    else if (mig_guard_protects(mig))
        what = "is protected, and the next run is confirmed";
    detail =
        mig_format_string(mig->arena, mig->error, "environment \"%.*s\" %s",
                          (int) environment.length, environment.data, what);
    if (strcmp(state, MIG_FINDING_ERROR) == 0)
        hint = mig_format_string(
            mig->arena, mig->error, "%s",
            mig_starts_with(mig_bytes(refusal.hint), NOTHING_CHANGED)
                ? refusal.hint + strlen(NOTHING_CHANGED)
                : refusal.hint);
    else
        doubt = mig_guard_doubt(mig, &hint);
    if (doubt != NULL)
    {
        state = MIG_FINDING_WARNING;
        detail = doubt;
    }
    (void) emit(preflight, "confirmation", state, detail, hint);
}

/* Show whether the history's end is as it was written. */
static void
show_history(Preflight *preflight)
{
    Mig *mig = preflight->mig;
    MigBytes target = mig->settings->target;
    int64_t seq = 0;
    int64_t other = 0;
    bool well;

    if (!mig_ok(mig))
        return;
    /* What is about no schema, such as a load, is in a chain of its own. */
    well =
        mig_chain_ends_well(mig, target, &seq) &&
        (target.length == 0 || mig_chain_ends_well(mig, mig_bytes(""), &other));
    if (!mig_ok(mig))
        emit_failure(preflight, "history");
    else if (!well)
        (void) emit(preflight, "history", MIG_FINDING_WARNING,
                    "its newest event is not as it was written",
                    "SELECT * FROM migrate_verify() lists all that was "
                    "edited.");
    else
        (void) emit(preflight, "history", MIG_FINDING_OK,
                    seq + other == 0 ? "there is none yet"
                                     : "its newest event is as it was written",
                    NULL);
}

/* Show whether another hand has changed the schema. */
static void
show_drift(Preflight *preflight)
{
    Mig *mig = preflight->mig;
    MigFinding finding;

    if (!mig_ok(mig) || !mig_records(mig))
        return;
    mig_drift_find(mig, mig_failures_unclear(mig, true), &finding);
    if (!mig_ok(mig))
        emit_failure(preflight, finding.name);
    else
        (void) emit_finding(preflight, &finding, mig->error);
}

/* Show whether what the settings have a run do before it can be done here. */
static void
show_precautions(Preflight *preflight)
{
    Mig *mig = preflight->mig;

    if (!mig_ok(mig) || !mig_precautions_wanted(mig))
        return;
    mig_precautions_require(mig);
    if (!mig_ok(mig))
        emit_failure(preflight, "precautions");
    else
        (void) emit(preflight, "precautions", MIG_FINDING_OK,
                    "the settings rehearse and backup can be followed here",
                    NULL);
}

/* Show what keeps the catalogue's tables from being written, if anything. */
static void
show_catalogue(Preflight *preflight)
{
    Mig *mig = preflight->mig;

    if (mig_ok(mig) && mig->has_catalogue &&
        mig->host->methods->catalogue_intact(mig->host, mig->error) != MIG_OK)
        emit_failure(preflight, "catalogue");
}

/* Show whether there is the backup that is asked for. */
static void
show_backup(Preflight *preflight)
{
    Mig *mig = preflight->mig;
    bool asked = mig_setting_count_of(mig, "require_backup") > 0;
    const char *text = NULL;
    bool has = mig_guard_has_backup(mig, &text);

    if (mig_ok(mig) && asked && !has)
        (void) emit(preflight, "backup", MIG_FINDING_ERROR, text,
                    "The setting require_backup asks for one; "
                    "migrate_record_backup() records that it was made.");
    else if (mig_ok(mig))
        (void) emit(preflight, "backup", MIG_FINDING_OK,
                    asked ? text
                          : mig_format_string(mig->arena, mig->error,
                                              "none is asked for; %s", text),
                    NULL);
}

void
mig_preflight(Mig *mig, MigCall *call, MigBytes target)
{
    Preflight preflight;
    const MigHostMethods *methods = mig->host->methods;
    MigInspection inspection;
    MigText empty = {mig->arena, mig->error, NULL, 0, 0};
    int64_t migrations;

    memset(&preflight, 0, sizeof(preflight));
    preflight.mig = mig;
    preflight.call = call;
    preflight.refused = empty;
    preflight.destroys = empty;
    preflight.held = empty;
    migrations = look_at_plan(&preflight, target);
    show_pending(&preflight, migrations);
    show_half_done(&preflight);
    show_destructive(&preflight);
    show_locks(&preflight);
    if (mig_ok(mig))
        show_confirm(&preflight, migrations);
    show_backup(&preflight);
    show_catalogue(&preflight);
    show_precautions(&preflight);
    show_history(&preflight);
    show_drift(&preflight);
    if (!mig_ok(mig) || methods->inspect == NULL)
        return;
    inspection = inspection_of(mig, true);
    (void) methods->inspect(mig->host, &inspection, emit_finding, &preflight,
                            mig->error);
}
