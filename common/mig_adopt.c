#include "mig_adopt.h"

#include "mig_adopt_parts.h"
#include "mig_checkpoint.h"
#include "mig_step.h"
#include "mig_write.h"

#define MATCHES_NOTHING "no loaded migration is the one that it names"
#define NOT_RECORDED "the history does not have it: it is left to be applied"
#define LOAD_HINT                                                              \
    "load the tool's directory as it was when this was applied, or set "       \
    "on_unmatched to warn"

/* How many matches are to be recorded. */
static size_t
count_new(const MigMatches *matches)
{
    size_t count = 0;

    for (size_t i = 0; i < matches->count; i++)
        count += matches->items[i].left == NULL ? 1 : 0;
    return count;
}

/* Add the event that says that, when and by whom a history was taken over. */
static void
record_adoption(Mig *mig, const MigMatches *matches)
{
    const MigHistory *history = matches->history;
    MigEvent event = {"adopt", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,      NULL,      NULL,      false};

    event.name = mig_bytes(history->tool->name);
    event.detail = mig_format_string(
        mig->arena, mig->error,
        "%s in %s has %zu rows; migrations recorded: %zu", history->tool->name,
        mig_history_place(mig, history), history->count, count_new(matches));
    if (mig_ok(mig))
        (void) mig_event_add(mig, &event);
}

/* Record one migration as what the other tool's row says. */
static void
record_match(Mig *mig, const MigHistory *history, const MigMatch *match)
{
    const MigOtherRow *row = match->row;
    MigOrigin origin = {mig->host->methods->now(mig->host), row->by,
                        history->tool->name};
    MigStep step;

    if (row->at != MIG_OTHER_NO_TIME)
        origin.at = row->at;
    mig_step_fetch(mig, MIG_FORWARD, match->entry, &step);
    step.origin = &origin;
    step.duration_us = row->duration_us;
    if (mig_ok(mig))
        step.remark = mig_bytes(mig_format_string(
            &step.arena, mig->error, "row \"%.*s\" of the history of %s",
            (int) row->label.length, row->label.data, history->tool->name));
    mig_step_require_trust(mig, &step);
    mig_step_record(mig, &step, "adopt");
    mig_step_close(mig, &step);
}

/* Record all that is new. */
static void
record_all(Mig *mig, const MigMatches *matches)
{
    if (mig_ok(mig) && count_new(matches) > 0)
        record_adoption(mig, matches);
    for (size_t i = 0; i < matches->count && mig_ok(mig); i++)
    {
        if (matches->items[i].left == NULL)
            record_match(mig, matches->history, &matches->items[i]);
    }
}

/*
 * Fail for a table that has a history's columns and another name than its tool
 * gives it: it may be anything of the user's.
 */
static void
require_meant(Mig *mig, MigBytes tool, const MigHistory *history)
{
    const char *name;

    if (!mig_ok(mig) || history == NULL || tool.data != NULL ||
        history->by_name || history->tool->rule == MIG_RULE_NUMBER)
        return;
    name = history->tool->name;
    (void) mig_fail(mig->error, MIG_STATE,
                    "table %s has the columns of a history of \"%s\", but "
                    "another name",
                    mig_history_place(mig, history), name);
    mig_fail_hint(mig->error,
                  "If it is one, say so: migrate_adopt('%s').  "
                  "migrate_adopt_report('%s') shows what it would record.",
                  name, name);
}

int64_t
mig_adopt(Mig *mig, MigBytes tool)
{
    MigHistories found;
    MigHistory *history;
    MigMatches matches;
    MigState state;
    MigMark mark;

    mig_write_begin(mig, "migrate_adopt", &mark);
    mig_adopt_find(mig, tool, &found);
    history = mig_adopt_choose(mig, &found);
    require_meant(mig, tool, history);
    memset(&matches, 0, sizeof(matches));
    mig_state_read(mig, mig->arena, &state);
    if (mig_ok(mig) && history != NULL)
    {
        mig_adopt_lock(mig, history);
        mig_adopt_read(mig, history);
        mig_adopt_match(mig, history, &state, &matches);
        mig_adopt_check_texts(mig, &matches);
        mig_adopt_require(mig, &matches);
        record_all(mig, &matches);
    }
    mig_write_end(mig, &mark);
    return mig_ok(mig) ? (int64_t) count_new(&matches) : 0;
}

/* ---- The report ---- */

/* What one row of the report says. */
typedef struct Line
{
    const MigHistory *history;
    const MigOtherRow *row; /* or NULL */
    const MigEntry *entry;  /* or NULL */
    const char *state;
    const char *problem;
    const char *hint;
} Line;

static void
emit_line(Mig *mig, MigCall *call, const Line *line)
{
    const MigOtherRow *row = line->row;
    MigValue columns[8];

    if (!mig_ok(mig))
        return;
    columns[0] = mig_string(line->history->tool->name);
    columns[1] = row == NULL ? mig_null() : mig_text_value(row->label);
    columns[2] =
        line->entry == NULL ? mig_null() : mig_text_value(line->entry->version);
    columns[3] = mig_string(line->state);
    columns[4] = row == NULL || row->at == MIG_OTHER_NO_TIME
                     ? mig_null()
                     : mig_time(row->at);
    columns[5] = row == NULL ? mig_null() : mig_text_value(row->by);
    columns[6] = mig_string(line->problem);
    columns[7] = mig_string(line->hint);
    (void) call->emit(call, columns, 8);
}

/* A row that no migration is claimed by, or only others than it names. */
static void
report_row(Mig *mig, MigCall *call, const MigHistory *history,
           const MigOtherRow *row)
{
    Line line = {history, row, NULL, "ignored", row->problem, NULL};

    switch (row->state)
    {
        case MIG_OTHER_APPLIED:
            if (!row->stray)
                return;
            line.state = "unmatched";
            line.problem = MATCHES_NOTHING;
            line.hint = LOAD_HINT;
            break;
        case MIG_OTHER_BASELINE:
            if (row->matches > 0)
                return;
            line.state = "baseline";
            break;
        case MIG_OTHER_FAILED:
            line.state = "failed";
            line.hint = history->tool->cure;
            break;
        case MIG_OTHER_UNDONE:
            line.state = "undone";
            break;
        case MIG_OTHER_NOTHING:
            break;
    }
    emit_line(mig, call, &line);
}

/* A migration that a row is about. */
static void
report_match(Mig *mig, MigCall *call, const MigHistory *history,
             const MigMatch *match)
{
    Line line = {history,   match->row,     match->entry,
                 "matched", match->problem, NULL};

    if (match->left != NULL)
        line.state = match->left;
    emit_line(mig, call, &line);
}

/* Where the differences of a proof go. */
typedef struct Emitter
{
    Mig *mig;
    MigCall *call;
    const MigHistory *history;
} Emitter;

/* Report one difference between the database and what the migrations make. */
static MigStatus
report_difference(void *context, const MigDifference *difference,
                  MigError *error)
{
    const Emitter *emitter = context;
    MigValue columns[8];

    memset(columns, 0, sizeof(columns));
    columns[0] = mig_string(emitter->history->tool->name);
    if (mig_bytes_equal(difference->kind, mig_bytes("migration")))
        columns[2] = mig_text_value(difference->object);
    columns[3] = mig_string(difference->change);
    columns[6] = mig_string(mig_difference_text(emitter->mig, difference));
    columns[7] = mig_string(
        strcmp(difference->change, MIG_DIFFERENCE_UNPROVED) == 0
            ? "compare the schemas by hand"
            : "somebody has changed the schema besides the migrations: write "
              "one that says so, or change it back");
    if (mig_ok(emitter->mig))
        (void) emitter->call->emit(emitter->call, columns, 8);
    return error->status;
}

/* The checkpoint that the tool began with, of those that rows are about, or
 * NULL. */
static const MigEntry *
find_checkpoint(const MigMatches *matches, const MigState *state)
{
    for (size_t i = state->count; i-- > 0;)
    {
        if (matches->by[i] != NULL && state->entries[i].checkpoint)
            return &state->entries[i];
    }
    return NULL;
}

/* Report what one history says. */
static void
report_history(Mig *mig, MigCall *call, MigHistory *history,
               const MigState *state)
{
    MigMatches matches;
    const MigEntry *checkpoint;
    Emitter emitter;
    size_t at = 0;

    mig_adopt_read(mig, history);
    mig_adopt_match(mig, history, state, &matches);
    mig_adopt_check_texts(mig, &matches);
    checkpoint = mig_ok(mig) ? find_checkpoint(&matches, state) : NULL;
    for (size_t i = 0; i < history->count && mig_ok(mig); i++)
    {
        report_row(mig, call, history, &history->rows[i]);
        while (at < matches.count && matches.items[at].row == &history->rows[i])
            report_match(mig, call, history, &matches.items[at++]);
    }
    /* Those of rows without any order stand in run order. */
    while (at < matches.count && mig_ok(mig))
        report_match(mig, call, history, &matches.items[at++]);
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        Line line = {history,   NULL,         &state->entries[i],
                     "pending", NOT_RECORDED, NULL};

        if (matches.by[i] != NULL)
            continue;
        if (matches.count > 0 &&
            mig_checkpoint_covers(checkpoint, &state->entries[i]))
        {
            line.state = "skipped";
            line.problem =
                mig_checkpoint_reason(mig, checkpoint, &state->entries[i]);
        }
        if (state->entries[i].applied)
            line.state = "applied";
        if (state->entries[i].applied)
            line.problem = "the history does not have it";
        emit_line(mig, call, &line);
    }
    emitter.mig = mig;
    emitter.call = call;
    emitter.history = history;
    if (matches.count > 0)
        (void) mig_adopt_prove(mig, &matches, report_difference, &emitter);
}

void
mig_adopt_report(Mig *mig, MigCall *call, MigBytes tool)
{
    MigHistories found;
    MigState state;

    mig_adopt_find(mig, tool, &found);
    mig_state_read(mig, mig->arena, &state);
    for (size_t i = 0; i < found.count && mig_ok(mig); i++)
        report_history(mig, call, &found.items[i], &state);
}
