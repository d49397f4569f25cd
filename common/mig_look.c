#include "mig_look.h"

#include "mig_baseline.h"
#include "mig_checkpoint.h"
#include "mig_difference.h"
#include "mig_failures.h"
#include "mig_migration.h"
#include "mig_plan.h"
#include "mig_setting.h"
#include "mig_step.h"
#include "mig_version.h"
#include "mig_watch.h"
#include "mig_write.h"

/* A text being fetched into an arena. */
typedef struct TextCopy
{
    MigArena *arena;
    MigBytes text;
} TextCopy;

static MigStatus
copy_text(void *context, const MigValue *columns, size_t count, MigError *error)
{
    TextCopy *copy = context;

    (void) count;
    copy->text = mig_copy(copy->arena, columns[0].bytes, error);
    return error->status;
}

MigBytes
mig_look_current(Mig *mig)
{
    TextCopy current = {mig->arena, {NULL, 0}};
    MigValue arguments[3];

    if (!mig_ok(mig) || !mig->has_catalogue)
        return current.text;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_string(MIG_POSITION_REPEATABLE);
    (void) mig->host->methods->query(mig->host, MIG_SQL_CURRENT, arguments, 3,
                                     copy_text, &current, mig->error);
    if (current.text.data == NULL)
        return mig_baseline_version(mig, mig->arena);
    return current.text;
}

/* What is to be said behind the error of what has failed. */
static const char *
describe_begun(Mig *mig, const MigFailure *failure)
{
    return failure->begun
               ? mig_format_string(mig->arena, mig->error, "; %s",
                                   mig_failure_progress(mig, failure))
               : "";
}

/* Say of a pending entry what has failed of it, or is half done. */
static void
describe_failure(Mig *mig, const MigFailures *failures, MigStanding *text)
{
    const MigFailure *failure = mig_failures_find(failures, text->entry);
    MigBytes line;

    if (failure == NULL)
    {
        failure = mig_failures_find_older(failures, text->entry);
        if (failure != NULL)
            text->detail =
                mig_format_string(mig->arena, mig->error,
                                  "its text was changed; of the one before %s",
                                  mig_failure_progress(mig, failure));
        text->failure = failure == NULL ? NULL : text->detail;
        return;
    }
    line = mig_failure_line(failure);
    if (failure->failed)
        text->state = "failed";
    text->detail = mig_format_string(
        mig->arena, mig->error, "%s%.*s%s",
        failure->failed ? "" : "not at its end: last in the history is ",
        (int) line.length, line.data, describe_begun(mig, failure));
    text->failure = text->detail;
}

/* What is to be said of a way back that has failed or is not at its end; NULL
 * when there is nothing. */
static const char *
describe_way_back(Mig *mig, const MigFailures *failures, const MigEntry *entry)
{
    const MigFailure *failure = mig_failures_find_back(failures, entry);
    MigBytes line;

    if (failure == NULL)
        return NULL;
    line = mig_failure_line(failure);
    return mig_format_string(
        mig->arena, mig->error, "its way back %s: %.*s%s",
        failure->failed ? "has failed"
                        : "is not at its end; last in the history is",
        (int) line.length, line.data, describe_begun(mig, failure));
}

static MigStanding
applied_state(Mig *mig, const MigFailures *failures, const MigEntry *entry)
{
    MigStanding text = {entry, "applied", NULL, NULL};

    text.failure = describe_way_back(mig, failures, entry);
    text.detail = text.failure;
    if (entry->deleted)
    {
        if (text.detail == NULL)
            text.detail = "its file was deleted on purpose";
        return text;
    }
    if (!entry->present)
    {
        text.state = "missing";
        text.detail = "not in its directory any more";
    }
    else if (mig_entry_changed(mig, entry))
    {
        text.state = "changed";
        text.detail = "its text was changed after it was applied";
    }
    else if (!entry->repeatable && mig_entry_ahead(mig, entry))
    {
        text.state = "ahead";
        text.detail = "of a newer release than the directory loaded here";
    }
    else if (text.detail == NULL &&
             mig_entry_difference(mig, entry) == MIG_COMMENTS_CHANGED)
        text.detail = "comment changed";
    if (text.detail == NULL && mig_entry_runs_always(entry))
        text.detail = "runs again in every run";
    return text;
}

/* Why an entry is skipped, or why that cannot be told: a row for each must
 * still be had; NULL when it is not. */
static const char *
skipped_detail(Mig *mig, const MigEntry *entry)
{
    const char *reason = mig_ok(mig) ? mig_entry_skipped(mig, entry) : NULL;
    char message[sizeof(mig->error->message)];

    if (mig->error->status != MIG_INVALID)
        return reason;
    memcpy(message, mig->error->message, sizeof(message));
    mig_error_clear(mig->error);
    return mig_copy(mig->arena, mig_bytes(message), mig->error).data;
}

static MigStanding
pending_state(Mig *mig, const MigState *state, const MigFailures *failures,
              const MigEntry *entry)
{
    MigStanding text = {entry, "pending", NULL, NULL};
    MigBytes lacks;

    text.detail = mig_checkpoint_covers(state->checkpoint, entry)
                      ? mig_checkpoint_reason(mig, state->checkpoint, entry)
                      : skipped_detail(mig, entry);
    if (text.detail != NULL)
    {
        text.state = "skipped";
        return text;
    }
    if (mig_entry_ahead(mig, entry))
    {
        text.state = "ahead";
        text.detail = "of a newer release than the directory loaded here";
        return text;
    }
    lacks = mig_entry_lacks(mig, state, entry);
    if (lacks.data != NULL)
    {
        const MigEntry *required = mig_state_find(mig, state, lacks);

        text.detail = mig_format_string(mig->arena, mig->error, "requires %.*s",
                                        (int) lacks.length, lacks.data);
        if (required == NULL || !mig_entry_pending(mig, required) ||
            skipped_detail(mig, required) != NULL)
            text.state = "blocked";
    }
    else if (!mig_entry_order_free(mig, entry) &&
             mig_entry_out_of_order(state, entry))
    {
        text.state = "out of order";
        text.detail = "later ones are applied already";
    }
    if (strcmp(text.state, "pending") == 0)
        describe_failure(mig, failures, &text);
    if (text.detail == NULL && entry->applied)
        text.detail = "applied with an older text";
    return text;
}

/* Emit the status row of an entry. */
static void
emit_status(void *context, const MigStanding *standing)
{
    MigCall *call = context;
    const MigEntry *entry = standing->entry;
    MigValue row[8];

    row[0] = mig_text_value(entry->version);
    row[1] = mig_text_value(entry->name);
    row[2] = mig_string(standing->state);
    row[3] = entry->applied ? mig_time(entry->applied_at) : mig_null();
    row[4] = mig_text_value(entry->applied_by);
    row[5] = entry->applied ? mig_float((double) entry->duration_us / 1000.0)
                            : mig_null();
    row[6] = mig_boolean(
        !entry->repeatable &&
        (entry->applied ? entry->applied_has_down : entry->has_down));
    row[7] = mig_string(standing->detail);
    (void) call->emit(call, row, 8);
}

void
mig_look_each(Mig *mig, const MigState *state, const MigFailures *failures,
              MigStandingFunction function, void *context)
{
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        const MigEntry *entry = &state->entries[i];
        MigStanding standing = {entry, "withdrawn",
                                "not in its directory any more", NULL};

        if (entry->applied && !mig_entry_pending(mig, entry))
            standing = applied_state(mig, failures, entry);
        else if (entry->deleted)
            standing.detail = "its file was deleted on purpose";
        else if (entry->present)
            standing = pending_state(mig, state, failures, entry);
        if (mig_ok(mig))
            function(context, &standing);
    }
}

void
mig_look_status(Mig *mig, MigCall *call)
{
    MigFailures failures;
    MigState state;

    mig_state_read(mig, mig->arena, &state);
    mig_failures_read(mig, mig->arena, &failures);
    mig_look_each(mig, &state, &failures, emit_status, call);
}

int64_t
mig_look_pending(Mig *mig)
{
    MigArena arena = {mig->host, NULL};
    MigState state;
    int64_t pending = 0;

    if (!mig_state_probe(mig))
        return 0;
    mig_state_read(mig, &arena, &state);
    for (size_t i = 0; i < state.count; i++)
    {
        const MigEntry *entry = &state.entries[i];

        if (mig_entry_pending(mig, entry) && !mig_entry_ahead(mig, entry) &&
            !mig_checkpoint_covers(state.checkpoint, entry) &&
            mig_entry_skipped(mig, entry) == NULL)
            pending++;
    }
    mig_arena_release(&arena);
    return pending;
}

/* Hand a row of the history on, with the columns' types that users see. */
static MigStatus
emit_event(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    MigCall *call = context;
    MigBytes schema;
    MigBytes structure;
    MigValue row[11];

    memcpy(row, columns, count * sizeof(MigValue));
    row[1] = mig_time(columns[1].integer);
    row[10] = mig_text_value(
        mig_recorded_rest(columns[10].bytes, &schema, &structure));
    if (columns[6].type != MIG_NULL)
        row[6] = mig_float((double) columns[6].integer / 1000.0);
    (void) call->emit(call, row, 11);
    return error->status;
}

void
mig_look_history(Mig *mig, MigCall *call)
{
    MigValue arguments[2];

    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_LIST, arguments,
                                     2, emit_event, call, mig->error);
}

/* Emit a section's text as it is stored. */
static void
show_section(Mig *mig, MigCall *call, const MigStep *step, const char *section,
             MigBytes column)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    MigSlice *slices;
    size_t count;
    MigValue row[5];

    if (column.data == NULL || !mig_ok(mig))
        return;
    count = mig_slices_read(mig, mig->arena, column, &slices);
    for (size_t i = 0; i < count && mig_ok(mig); i++)
        mig_text_append(&text, mig_slice_fetch(mig, mig->arena, &slices[i]));
    row[0] = mig_text_value(step->entry->version);
    row[1] = mig_text_value(step->name);
    row[2] = mig_string(section);
    row[3] = mig_string(step->checksum);
    row[4] = mig_text_value(mig_text_bytes(&text));
    if (mig_ok(mig))
        (void) call->emit(call, row, 5);
}

/* Show the hook of a name; returns whether there is one. */
static bool
show_hook(Mig *mig, MigCall *call, const MigState *state, MigBytes name)
{
    MigStep step;

    for (size_t i = 0; i < state->hook_count && mig_ok(mig); i++)
    {
        if (!mig_bytes_equal(state->hooks[i].version, name))
            continue;
        mig_step_fetch(mig, MIG_FORWARD, &state->hooks[i], &step);
        show_section(mig, call, &step, MIG_SECTION_HOOK, step.up);
        mig_step_close(mig, &step);
        return true;
    }
    return false;
}

void
mig_look_show(Mig *mig, MigCall *call, MigBytes version)
{
    MigState state;
    MigTarget target;
    MigStep step;

    mig_state_read(mig, mig->arena, &state);
    if (show_hook(mig, call, &state, version))
        return;
    mig_target_read(mig, &state, version, true, &target);
    if (!mig_ok(mig))
        return;
    if (target.kind != MIG_TARGET_VERSION)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" is a target, not a version",
                        (int) version.length, version.data);
        return;
    }
    if (target.entry->applied)
    {
        mig_step_fetch(mig, MIG_BACKWARD, target.entry, &step);
        show_section(mig, call, &step, "up", step.up);
        show_section(mig, call, &step, "down", step.down);
        show_section(mig, call, &step, "verify", step.verify);
        mig_step_close(mig, &step);
        if (target.entry->deleted ||
            mig_bytes_equal(target.entry->checksum,
                            target.entry->applied_checksum))
            return;
    }
    mig_step_fetch(mig, MIG_FORWARD, target.entry, &step);
    show_section(mig, call, &step, target.entry->applied ? "new up" : "up",
                 step.up);
    show_section(mig, call, &step, target.entry->applied ? "new down" : "down",
                 step.down);
    show_section(mig, call, &step,
                 target.entry->applied ? "new verify" : "verify", step.verify);
    mig_step_close(mig, &step);
}

void
mig_look_settings(Mig *mig, MigCall *call)
{
    MigValue row[5];

    for (size_t i = 0; i < mig_setting_count && mig_ok(mig); i++)
    {
        const MigSettingInfo *info = &mig_settings[i];
        const char *origin;

        if (info->engine != NULL &&
            strcmp(info->engine, mig->host->methods->engine) != 0)
            continue;
        row[0] = mig_string(info->name);
        row[1] = mig_text_value(mig_setting(mig, info->name, &origin));
        row[2] = mig_string(info->default_value);
        if (strcmp(info->name, MIG_WATCH) == 0)
            origin = mig_watch_origin(mig, origin);
        row[3] = mig_string(origin);
        row[4] = mig_string(info->description);
        (void) call->emit(call, row, 5);
    }
    for (size_t i = 0; i < mig->settings->count && mig_ok(mig); i++)
    {
        const MigSettingRow *setting = &mig->settings->rows[i];

        if (!mig_starts_with(setting->name, MIG_VARIABLE_PREFIX))
            continue;
        row[0] = mig_text_value(setting->name);
        row[1] = mig_text_value(setting->value);
        row[2] = mig_null();
        row[3] = mig_string("database");
        row[4] = mig_string("replaces its name in ${} in migrations");
        (void) call->emit(call, row, 5);
    }
}
