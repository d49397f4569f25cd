#include "mig_adopt_parts.h"

#include "mig_setting.h"

#define NAMED_MAX 5 /* rows that a message names */

/* The differences of a proof, for a message. */
typedef struct Noted
{
    Mig *mig;
    MigText list;
    size_t count;
    bool unproved; /* it is that there is no knowing */
} Noted;

/* Fail when there is nothing that rows could match. */
static void
require_loaded(Mig *mig, const MigMatches *matches)
{
    if (!mig_ok(mig) || matches->state->count > 0)
        return;
    (void) mig_fail(mig->error, MIG_STATE,
                    "no migration is loaded that the history of \"%s\" could "
                    "be about",
                    matches->history->tool->name);
    mig_fail_hint(mig->error, "Load the tool's directory first, as by "
                              "migrate_load('path/to/migrations').");
}

/* Fail for a row whose migration may be half done. */
static void
require_none_failed(Mig *mig, const MigHistory *history)
{
    for (size_t i = 0; i < history->count && mig_ok(mig); i++)
    {
        const MigOtherRow *row = &history->rows[i];

        if (row->state != MIG_OTHER_FAILED)
            continue;
        (void) mig_fail(mig->error, MIG_STATE,
                        "the history of \"%s\" has a failed migration: "
                        "\"%.*s\"",
                        history->tool->name, (int) row->label.length,
                        row->label.data);
        mig_fail_detail(mig->error, "In table %s: %s.",
                        mig_history_place(mig, history), row->problem);
        mig_fail_hint(mig->error, "%s", history->tool->cure);
    }
}

/* The labels of rows that match nothing, and how many there are. */
static size_t
list_strays(Mig *mig, const MigHistory *history, MigText *list)
{
    size_t count = 0;

    for (size_t i = 0; i < history->count && mig_ok(mig); i++)
    {
        const MigOtherRow *row = &history->rows[i];

        if (row->state != MIG_OTHER_APPLIED || !row->stray)
            continue;
        if (count < NAMED_MAX)
        {
            mig_text_append_string(list, count == 0 ? "" : ", ");
            mig_text_append(list, row->label);
        }
        count++;
    }
    if (count > NAMED_MAX)
        mig_text_append_string(list, ", ...");
    return count;
}

/* Fail for rows that match nothing, or warn of them. */
static void
require_none_stray(Mig *mig, const MigHistory *history)
{
    MigText list = {mig->arena, mig->error, NULL, 0, 0};
    size_t count = list_strays(mig, history, &list);
    const char *message;

    if (!mig_ok(mig) || count == 0)
        return;
    message = mig_format_string(
        mig->arena, mig->error,
        "%zu row%s of the history of \"%s\" match%s no loaded migration", count,
        count == 1 ? "" : "s", history->tool->name, count == 1 ? "es" : "");
    if (message == NULL)
        return;
    if (mig_setting_is(mig, "on_unmatched", "warn"))
    {
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
        return;
    }
    (void) mig_fail(mig->error, MIG_STATE, "%s", message);
    mig_fail_detail(mig->error, "In table %s: %.*s.",
                    mig_history_place(mig, history), (int) list.length,
                    mig_text_bytes(&list).data);
    mig_fail_hint(mig->error,
                  "Load the directory as it was when they were applied; or "
                  "leave them out by migrate_config('on_unmatched', 'warn').  "
                  "migrate_adopt_report('%s') shows all.",
                  history->tool->name);
}

/* Fail for texts that are not those that were applied, or warn of them. */
static void
require_same_texts(Mig *mig, const MigMatches *matches)
{
    const char *tool = matches->history->tool->name;
    MigText list = {mig->arena, mig->error, NULL, 0, 0};
    const char *message;
    size_t named = 0;

    if (!mig_ok(mig) || matches->changed == 0)
        return;
    for (size_t i = 0; i < matches->count && named < NAMED_MAX; i++)
    {
        if (matches->items[i].left != NULL || matches->items[i].problem == NULL)
            continue;
        mig_text_append_string(&list, named++ == 0 ? "" : ", ");
        mig_text_append(&list, matches->items[i].entry->version);
    }
    message = mig_format_string(
        mig->arena, mig->error,
        "%zu migration%s another text than the one that \"%s\" applied: "
        "%.*s%s",
        matches->changed, matches->changed == 1 ? " has" : "s have", tool,
        (int) list.length, mig_text_bytes(&list).data,
        matches->changed > named ? ", ..." : "");
    if (message == NULL)
        return;
    if (!mig_setting_is(mig, "adopt_strict", "on"))
    {
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
        return;
    }
    (void) mig_fail(mig->error, MIG_STATE, "%s", message);
    mig_fail_hint(mig->error,
                  "Load the directory as it was when they were applied; or "
                  "let them pass by migrate_config('adopt_strict', 'off').  "
                  "migrate_adopt_report('%s') shows all.",
                  tool);
}

/* Keep what the first differences are. */
static MigStatus
note_difference(void *context, const MigDifference *difference, MigError *error)
{
    Noted *noted = context;
    MigBytes line;
    size_t at = 0;

    if (strcmp(difference->change, MIG_DIFFERENCE_UNPROVED) == 0)
        noted->unproved = true;
    if (noted->count++ >= NAMED_MAX)
        return error->status;
    mig_text_append_string(&noted->list, noted->count == 1 ? "" : "; ");
    if (mig_next_line(mig_bytes(mig_difference_text(noted->mig, difference)),
                      &at, &line))
        mig_text_append(&noted->list, line);
    return error->status;
}

/* Warn of a database that is not what the migrations make. */
static void
warn_unproved(Mig *mig, const Noted *noted, const char *message)
{
    MigBytes list = mig_text_bytes(&noted->list);
    const char *line = mig_format_string(
        mig->arena, mig->error, "%s: %.*s%s", message, (int) list.length,
        list.data, noted->count > NAMED_MAX ? "; ..." : "");

    if (line != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, line);
}

/* Fail for a database that is not what the migrations make, or warn of it. */
static void
require_proof(Mig *mig, const MigMatches *matches)
{
    Noted noted = {mig, {mig->arena, mig->error, NULL, 0, 0}, 0, false};
    const char *tool = matches->history->tool->name;
    const char *message;

    if (!mig_ok(mig))
        return;
    (void) mig_adopt_prove(mig, matches, note_difference, &noted);
    if (!mig_ok(mig) || noted.count == 0)
        return;
    if (noted.unproved)
        message = mig_format_string(mig->arena, mig->error,
                                    "it cannot be proved that the database is "
                                    "what the migrations of \"%s\" make",
                                    tool);
    else
        message = mig_format_string(
            mig->arena, mig->error,
            "the database is not what the migrations of \"%s\" make: %zu "
            "difference%s",
            tool, noted.count, noted.count == 1 ? "" : "s");
    if (message == NULL)
        return;
    if (!mig_setting_is(mig, "adopt_strict", "on"))
    {
        warn_unproved(mig, &noted, message);
        return;
    }
    (void) mig_fail(mig->error, MIG_STATE, "%s", message);
    mig_fail_detail(mig->error, "%.*s%s", (int) noted.list.length,
                    mig_text_bytes(&noted.list).data,
                    noted.count > NAMED_MAX ? "; ..." : "");
    mig_fail_hint(mig->error,
                  "migrate_adopt_report('%s') shows all.  Mend the database, "
                  "or let it pass by migrate_config('adopt_strict', 'off').",
                  tool);
}

void
mig_adopt_require(Mig *mig, const MigMatches *matches)
{
    require_loaded(mig, matches);
    require_none_failed(mig, matches->history);
    require_none_stray(mig, matches->history);
    require_same_texts(mig, matches);
    require_proof(mig, matches);
}
