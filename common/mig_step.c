#include "mig_step.h"

#include "mig_chain.h"
#include "mig_expect.h"
#include "mig_guard.h"
#include "mig_hook.h"
#include "mig_migration.h"
#include "mig_precondition.h"
#include "mig_setting.h"
#include "mig_write.h"

#define VARIABLE_SET "has a variable that was set by"

const char *
mig_step_action(const MigStep *step)
{
    if (step->entry->hook)
        return "hook";
    return step->direction == MIG_FORWARD ? "apply" : "rollback";
}

/* Take a row of MIG_SQL_MIGRATION_SECTIONS or MIG_SQL_APPLIED_SECTIONS. */
static MigStatus
collect_sections(void *context, const MigValue *columns, size_t count,
                 MigError *error)
{
    MigStep *step = context;

    (void) count;
    step->file = mig_copy(&step->arena, columns[0].bytes, error);
    step->checksum = mig_copy(&step->arena, columns[1].bytes, error).data;
    step->up = mig_copy(&step->arena, columns[2].bytes, error);
    step->down = mig_copy(&step->arena, columns[3].bytes, error);
    step->verify = mig_copy(&step->arena, columns[4].bytes, error);
    step->name = mig_copy(&step->arena, columns[5].bytes, error);
    step->authors = mig_copy(&step->arena, columns[6].bytes, error);
    return error->status;
}

/* Fetch the sections' columns: as loaded, or as they were applied. */
static void
fetch_sections(Mig *mig, MigStep *step)
{
    MigBytes project = mig->settings->project;
    MigBytes version = step->entry->version;
    MigValue loaded[] = {mig_text_value(project), mig_text_value(version)};
    MigValue applied[] = {mig_text_value(project),
                          mig_text_value(mig->settings->target),
                          mig_text_value(version)};

    if (step->direction == MIG_FORWARD)
        (void) mig->host->methods->query(mig->host, MIG_SQL_MIGRATION_SECTIONS,
                                         loaded, 2, collect_sections, step,
                                         mig->error);
    else
        (void) mig->host->methods->query(mig->host, MIG_SQL_APPLIED_SECTIONS,
                                         applied, 3, collect_sections, step,
                                         mig->error);
    if (!mig_ok(mig) || step->checksum != NULL)
        return;
    (void) mig_fail(mig->error, MIG_CORRUPT,
                    "migration \"%.*s\" has vanished from the catalogue",
                    (int) version.length, version.data);
    mig_fail_damaged(mig->error);
}

void
mig_step_fetch(Mig *mig, MigDirection direction, const MigEntry *entry,
               MigStep *step)
{
    memset(step, 0, sizeof(*step));
    step->direction = direction;
    step->entry = entry;
    step->arena.host = mig->host;
    if (mig_ok(mig))
        fetch_sections(mig, step);
}

void
mig_step_open(Mig *mig, MigDirection direction, const MigEntry *entry,
              MigStep *step)
{
    MigWorkText text = {.version = entry->version, .section = "down"};

    mig_step_fetch(mig, direction, entry, step);
    if (!mig_ok(mig))
        return;
    if (direction == MIG_BACKWARD)
    {
        text.column = step->down;
        mig_work_open(mig, &step->arena, &text, &step->work);
        mig_guard_set(mig, entry->options, &step->work);
        return;
    }
    step->askers = mig_precondition_authors(mig, &step->arena, entry->options);
    text.variables = mig_option(entry->options, "variables");
    text.options = entry->options;
    text.section = entry->hook ? MIG_SECTION_HOOK : "up";
    text.column = step->up;
    mig_work_open(mig, &step->arena, &text, &step->work);
    mig_guard_set(mig, entry->options, &step->work);
    text.section = "verify";
    text.column = step->verify;
    if (mig_ok(mig) && step->verify.data != NULL)
        mig_work_open(mig, &step->arena, &text, &step->check);
    step->check.lenient = mig_bytes_equal(mig_option(entry->options, "verify"),
                                          mig_bytes("runs"));
}

/*
 * Fail for somebody who is not trusted.
 *
 * what  he did with the migration, or with what
 */
static void
fail_untrusted(Mig *mig, const MigStep *step, const char *what, MigBytes whom)
{
    MigBytes version = step->entry->version;

    (void) mig_fail(mig->error, MIG_DENIED,
                    "migration \"%.*s\" %s \"%.*s\", who is not trusted with "
                    "a superuser's rights",
                    (int) version.length, version.data, what, (int) whom.length,
                    whom.data);
    mig_fail_hint(mig->error,
                  "Read it with migrate_show('%.*s').  Then name \"%.*s\" in "
                  "the setting migrate.trusted_roles; or connect as a role "
                  "that cannot become a superuser.",
                  (int) version.length, version.data, (int) whom.length,
                  whom.data);
}

/*
 * Fail when one of those who answer for a text is not trusted.
 *
 * authors  a line each
 * what     they did
 */
static void
require_trust_in(Mig *mig, const MigStep *step, MigBytes authors,
                 const char *what)
{
    const MigHostMethods *methods = mig->host->methods;
    MigBytes author;
    MigBytes whom;
    size_t at = 0;

    while (mig_ok(mig) && methods->trusts != NULL &&
           mig_next_line(authors, &at, &author))
    {
        if (!methods->trusts(mig->host, author, &whom))
            fail_untrusted(mig, step,
                           mig_bytes_equal(whom, author)
                               ? what
                               : "is in tables that belong to",
                           whom);
    }
}

void
mig_step_require_trust(Mig *mig, const MigStep *step)
{
    require_trust_in(mig, step, step->authors, "was brought in by");
    require_trust_in(mig, step, step->askers, VARIABLE_SET);
    require_trust_in(mig, step, step->work.authors, VARIABLE_SET);
    require_trust_in(mig, step, step->check.authors, VARIABLE_SET);
}

size_t
mig_step_size(const MigStep *step)
{
    size_t size = 0;

    for (size_t i = 0; i < step->work.count; i++)
        size += step->work.parts[i].text.length;
    return size;
}

void
mig_step_close(Mig *mig, MigStep *step)
{
    mig_work_close(mig, &step->work);
    mig_work_close(mig, &step->check);
    mig_arena_release(&step->arena);
}

/* Remove the record that a migration is applied. */
static void
delete_record(Mig *mig, const MigStep *step)
{
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(mig->settings->target),
                            mig_text_value(step->entry->version)};

    mig_write(mig, MIG_SQL_APPLIED_DELETE, arguments, 3);
}

/* A row of migrate_applied that is to be written. */
typedef struct StepRow
{
    MigValue columns[MIG_APPLIED_COLUMNS];
    char actor[256];
    char hash[MIG_HASH_LENGTH + 1];
} StepRow;

/*
 * The way back as a record keeps it, with its variables replaced.  Who has set
 * them is added to those who answer for the step.
 */
static MigBytes
keep_way_back(Mig *mig, MigStep *step)
{
    MigBytes down = step->down;
    MigExpansion setters = {.style =
                                mig_option(step->entry->options, "variables"),
                            .options = step->entry->options};
    MigBytes setter;
    size_t at = 0;

    if (mig_ok(mig) && setters.style.data != NULL)
        down = mig_work_keep(mig, &step->arena, step->down, &setters);
    require_trust_in(mig, step, setters.authors, VARIABLE_SET);
    while (mig_ok(mig) && mig_next_line(setters.authors, &at, &setter))
        mig_lines_add(&step->arena, mig->error, &step->authors, setter);
    return down;
}

/* The place of a step's migration in the order of application: its event's
 * number; what runs again keeps its place among those to be rolled back. */
static int64_t
next_ordinal(const Mig *mig, const MigStep *step)
{
    if (step->entry->applied && step->entry->rerun != MIG_RERUN_NEVER)
        return step->entry->ordinal;
    return mig->chain.seq + 1;
}

/*
 * Make the row that says that a migration is applied.
 *
 * detail  of its event so far, or NULL
 *
 * Returns the detail with the row's hash.
 */
static const char *
make_row(Mig *mig, MigStep *step, const char *detail, StepRow *row)
{
    MigValue *columns = row->columns;
    MigBytes down = keep_way_back(mig, step);
    char client[256];

    if (!mig_ok(mig))
        return NULL;
    mig->host->methods->caller(mig->host, row->actor, sizeof(row->actor),
                               client, sizeof(client));
    columns[MIG_APPLIED_PROJECT] = mig_text_value(mig->settings->project);
    columns[MIG_APPLIED_TARGET] = mig_text_value(mig->settings->target);
    columns[MIG_APPLIED_VERSION] = mig_text_value(step->entry->version);
    columns[MIG_APPLIED_POSITION] = mig_text_value(step->entry->position);
    columns[MIG_APPLIED_NAME] = mig_text_value(step->name);
    columns[MIG_APPLIED_FILE] = mig_text_value(step->file);
    columns[MIG_APPLIED_CHECKSUM] = mig_string(step->checksum);
    columns[MIG_APPLIED_UP] = mig_text_value(step->up);
    columns[MIG_APPLIED_DOWN] = mig_text_value(down);
    columns[MIG_APPLIED_VERIFY] = mig_text_value(step->verify);
    columns[MIG_APPLIED_ORDINAL] = mig_integer(next_ordinal(mig, step));
    columns[MIG_APPLIED_AT] = mig_integer(mig->host->methods->now(mig->host));
    columns[MIG_APPLIED_ACTOR] = mig_string(row->actor);
    columns[MIG_APPLIED_DURATION] = mig_integer(step->duration_us);
    columns[MIG_APPLIED_ADDED_BY] = mig_text_value(step->authors);
    if (step->origin != NULL)
        columns[MIG_APPLIED_AT] = mig_integer(step->origin->at);
    if (step->origin != NULL && step->origin->actor.data != NULL)
        columns[MIG_APPLIED_ACTOR] = mig_text_value(step->origin->actor);
    mig_applied_hash(mig->host, columns, row->hash);
    return mig_format_string(
        &step->arena, mig->error, "%s%s" MIG_CHAIN_RECORD "%s",
        detail == NULL ? "" : detail, detail == NULL ? "" : "\n", row->hash);
}

const char *
mig_step_replace_record(Mig *mig, MigStep *step, const char *detail)
{
    const MigEntry *entry = step->entry;
    StepRow row;

    step->duration_us = entry->duration_us;
    (void) make_row(mig, step, NULL, &row);
    if (!mig_ok(mig))
        return NULL;
    row.columns[MIG_APPLIED_ORDINAL] = mig_integer(entry->ordinal);
    row.columns[MIG_APPLIED_AT] = mig_integer(entry->applied_at);
    row.columns[MIG_APPLIED_ACTOR] = mig_text_value(entry->applied_by);
    mig_applied_hash(mig->host, row.columns, row.hash);
    delete_record(mig, step);
    mig_write(mig, MIG_SQL_APPLIED_INSERT, row.columns, MIG_APPLIED_COLUMNS);
    return mig_format_string(&step->arena, mig->error,
                             "%s\n" MIG_CHAIN_RECORD "%s", detail, row.hash);
}

/* What an event says of a step beside that it was done; NULL for nothing. */
static const char *
describe_success(Mig *mig, MigStep *step)
{
    MigBytes hooks = mig_hooks_names(mig, step);

    if (hooks.data == NULL)
        return step->remark.data;
    return mig_format_string(
        &step->arena, mig->error, "with hooks %.*s%s%.*s", (int) hooks.length,
        hooks.data, step->remark.data == NULL ? "" : "\n",
        (int) step->remark.length,
        step->remark.data == NULL ? "" : step->remark.data);
}

/* Remove what a migration has changed of the schema, now that it is undone. */
static void
delete_delta(Mig *mig, const MigStep *step)
{
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(mig->settings->target),
                            mig_text_value(step->entry->version)};

    if (mig_ok(mig) && mig_records(mig) && step->direction == MIG_BACKWARD)
        mig_write(mig, MIG_SQL_DELTA_DELETE, arguments, 3);
}

/*
 * Find out what a step that was run has made of the schema, and whether that is
 * what it should.
 *
 * Returns what its event says of it, or NULL.
 */
static const char *
describe_run(Mig *mig, MigStep *step, MigRecorded *recorded)
{
    const char *detail = describe_success(mig, step);
    const char *forgotten;

    mig_record_changes(mig, recorded);
    recorded->kept = step->direction == MIG_FORWARD && !step->entry->hook;
    if (step->direction == MIG_FORWARD)
    {
        mig_expect_forward(mig, step, recorded);
        if (recorded->kept && step->entry->applied && !step->redone)
            mig_recorded_merge(mig, recorded, step->entry->version);
        return mig_recorded_detail(mig, recorded, detail);
    }
    forgotten = mig_expect_back(mig, step, recorded);
    if (forgotten != NULL)
        detail = mig_format_string(&step->arena, mig->error, "%s%s%s",
                                   detail == NULL ? "" : detail,
                                   detail == NULL ? "" : "\n", forgotten);
    return mig_recorded_detail(mig, recorded, detail);
}

void
mig_step_record(Mig *mig, MigStep *step, const char *action)
{
    MigEvent event = {action == NULL ? mig_step_action(step) : action,
                      step->entry->version,
                      step->name,
                      MIG_OUTCOME_OK,
                      step->duration_us,
                      step->checksum,
                      NULL,
                      false};
    bool applies = step->direction == MIG_FORWARD && !step->entry->hook;
    MigRecorded recorded = {.known = false};
    StepRow row;
    int64_t seq;

    mig_chain_read(mig);
    if (!mig_ok(mig))
        return;
    event.detail =
        action == NULL ? describe_run(mig, step, &recorded) : step->remark.data;
    if (applies)
        event.detail = make_row(mig, step, event.detail, &row);
    if (mig_ok(mig) &&
        (step->direction == MIG_BACKWARD || step->entry->applied))
        delete_record(mig, step);
    delete_delta(mig, step);
    seq = mig_event_add_original(mig, &event, step->origin);
    if (applies)
        mig_recorded_keep(mig, &recorded, step->entry->version, seq);
    mig_recorded_close(&recorded);
    if (mig_ok(mig) && applies)
        mig_write(mig, MIG_SQL_APPLIED_INSERT, row.columns,
                  MIG_APPLIED_COLUMNS);
}

void
mig_step_warn(Mig *mig, const MigStep *step)
{
    const char *message;

    if (!mig_ok(mig) || step->direction == MIG_FORWARD ||
        !mig_work_is_empty(mig, &step->work))
        return;
    message = mig_format_string(mig->arena, mig->error,
                                "the way back of migration \"%.*s\" is empty: "
                                "nothing of it is undone",
                                (int) step->entry->version.length,
                                step->entry->version.data);
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

void
mig_step_remark(Mig *mig, MigStep *step)
{
    const MigHostMethods *methods = mig->host->methods;
    MigBytes version = step->entry->version;
    MigBytes found = {NULL, 0};
    MigBytes line;
    size_t at = 0;

    if (!mig_ok(mig) || methods->unit_remark == NULL)
        return;
    if (methods->unit_remark(mig->host, &found, mig->error) != MIG_OK)
    {
        mig_fail_prefix(mig->error, "migration \"%.*s\" failed at its end: ",
                        (int) version.length, version.data);
        return;
    }
    if (found.length == 0)
        return;
    /* A step of several units has one event. */
    step->remark = mig_bytes(mig_format_string(
        &step->arena, mig->error, "%.*s%s%.*s", (int) step->remark.length,
        step->remark.data == NULL ? "" : step->remark.data,
        step->remark.data == NULL ? "" : "\n", (int) found.length, found.data));
    while (mig_ok(mig) && mig_next_line(found, &at, &line))
    {
        const char *message = mig_format_string(
            mig->arena, mig->error, "migration \"%.*s\": %.*s",
            (int) version.length, version.data, (int) line.length, line.data);

        if (message != NULL)
            methods->notice(mig->host, MIG_WARNING, message);
    }
}

/* Record a step that has run. */
static void
record(Mig *mig, MigStep *step)
{
    if (!mig_ok(mig))
        return;
    mig_step_record(mig, step, NULL);
    mig_fail_prefix(
        mig->error,
        "%s \"%.*s\" cannot be recorded: ", mig_entry_noun(step->entry),
        (int) step->entry->version.length, step->entry->version.data);
}

/* Tell what follows from preconditions, and keep it for the event. */
static void
tell_verdict(Mig *mig, MigStep *step, const char *reason)
{
    static const char *const words[] = {
        [MIG_VERDICT_RUN] = "is run although",
        [MIG_VERDICT_PASS_OVER] = "is passed over, as",
        [MIG_VERDICT_RECORD] = "is recorded without being run, as"};
    const char *message;

    if (reason == NULL || !mig_ok(mig))
        return;
    message = mig_format_string(
        &step->arena, mig->error, "migration \"%.*s\" %s %s",
        (int) step->entry->version.length, step->entry->version.data,
        words[step->verdict], reason);
    if (message != NULL)
        mig->host->methods->notice(
            mig->host,
            step->verdict == MIG_VERDICT_RUN ? MIG_WARNING : MIG_NOTICE,
            message);
    step->remark = mig_bytes(reason);
}

bool
mig_step_ask(Mig *mig, MigStep *step)
{
    MigAsked asked = {step->entry->version, step->file, step->entry->options};
    const char *reason;

    step->verdict = MIG_VERDICT_RUN;
    step->remark.data = NULL;
    step->remark.length = 0;
    if (!mig_ok(mig) || step->direction == MIG_BACKWARD ||
        !mig_precondition_any(asked.options))
        return mig_ok(mig);
    step->verdict = mig_precondition_ask(mig, &step->arena, &asked, &reason);
    tell_verdict(mig, step, reason);
    if (step->verdict == MIG_VERDICT_RECORD)
        mig_step_record(mig, step, "stamp");
    return mig_ok(mig) && step->verdict == MIG_VERDICT_RUN;
}

void
mig_step_run(Mig *mig, MigStep *step)
{
    int64_t began;

    mig_step_warn(mig, step);
    if (!mig_step_ask(mig, step))
        return;
    mig_hooks_run(mig, step, MIG_HOOK_BEFORE);
    began = mig->host->methods->ticks(mig->host);
    mig_work_run(mig, &step->work);
    mig_work_verify(mig, &step->check);
    step->duration_us = mig->host->methods->ticks(mig->host) - began;
    mig_hooks_run(mig, step, MIG_HOOK_AFTER);
    if (step->last)
        mig_step_remark(mig, step);
    record(mig, step);
}

void
mig_step_conclude(Mig *mig, MigStep *step)
{
    mig_work_verify(mig, &step->check);
    mig_hooks_run(mig, step, MIG_HOOK_AFTER);
    mig_step_remark(mig, step);
    record(mig, step);
}

/* Add a field of a failure to its description, a line or more of its own. */
static void
append_field(MigText *text, const char *key, const char *value)
{
    if (value[0] == '\0')
        return;
    mig_text_append_format(text, "\n%s: ", key);
    mig_text_append_string(text, value);
}

/* All that is known of a failure: the message in the first line. */
static MigBytes
describe_failure(Mig *mig, const MigError *failure)
{
    const MigHostMethods *methods = mig->host->methods;
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    char more[1024] = "";

    mig_text_append_string(&text, failure->message);
    append_field(&text, "detail", failure->detail);
    append_field(&text, "hint", failure->hint);
    if (methods->describe != NULL)
        methods->describe(mig->host, failure, more, sizeof(more));
    if (more[0] != '\0')
    {
        mig_text_append_string(&text, "\n");
        mig_text_append_string(&text, more);
    }
    return mig_text_bytes(&text);
}

void
mig_step_record_failure(Mig *mig, const MigStep *step, const MigError *failure)
{
    MigEvent event = {mig_step_action(step),
                      step->entry->version,
                      step->entry->name,
                      MIG_OUTCOME_FAILED,
                      -1,
                      step->checksum,
                      describe_failure(mig, failure).data,
                      false};

    (void) mig_event_add(mig, &event);
}
