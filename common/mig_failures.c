#include "mig_failures.h"

#include "mig_setting.h"
#include "mig_write.h"

static MigStatus
collect_failure(void *context, const MigValue *columns, size_t count,
                MigError *error)
{
    MigFailures *failures = context;
    MigFailure *rows;

    (void) count;
    rows = mig_array_reserve(failures->arena, failures->rows, failures->count,
                             &failures->capacity, sizeof(MigFailure), error);
    if (rows == NULL)
        return error->status;
    failures->rows = rows;
    rows[failures->count].version =
        mig_copy(failures->arena, columns[0].bytes, error);
    rows[failures->count].detail =
        mig_copy(failures->arena, columns[1].bytes, error);
    rows[failures->count].checksum =
        mig_copy(failures->arena, columns[2].bytes, error);
    rows[failures->count].failed =
        mig_bytes_equal(columns[3].bytes, mig_bytes(MIG_OUTCOME_FAILED));
    rows[failures->count].back =
        mig_bytes_equal(columns[4].bytes, mig_bytes("rollback"));
    rows[failures->count].begun = false;
    failures->count++;
    return error->status;
}

/* A row of MIG_SQL_EVENT_UNFINISHED: mark what has failed since. */
static MigStatus
mark_begun(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    MigFailures *failures = context;
    bool back = mig_bytes_equal(columns[1].bytes, mig_bytes("rollback"));

    (void) count;
    for (size_t i = 0; i < failures->count; i++)
    {
        MigFailure *row = &failures->rows[i];

        if (row->failed && row->back == back &&
            mig_bytes_equal(row->version, columns[0].bytes))
            row->begun = true;
    }
    return error->status;
}

void
mig_failures_read(Mig *mig, MigArena *arena, MigFailures *failures)
{
    MigValue arguments[2];

    memset(failures, 0, sizeof(*failures));
    failures->arena = arena;
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_FAILED, arguments,
                                     2, collect_failure, failures, mig->error);
    if (mig_ok(mig) && failures->count > 0)
        (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_UNFINISHED,
                                         arguments, 2, mark_begun, failures,
                                         mig->error);
}

const MigFailure *
mig_failures_find(const MigFailures *failures, const MigEntry *entry)
{
    for (size_t i = failures->count; i-- > 0;)
    {
        const MigFailure *row = &failures->rows[i];

        if (mig_bytes_equal(row->version, entry->version) && !row->back &&
            (!row->failed || mig_bytes_equal(row->checksum, entry->checksum)))
            return row;
    }
    return NULL;
}

const MigFailure *
mig_failures_find_back(const MigFailures *failures, const MigEntry *entry)
{
    for (size_t i = failures->count; i-- > 0;)
    {
        const MigFailure *row = &failures->rows[i];

        if (row->back && mig_bytes_equal(row->version, entry->version))
            return row;
    }
    return NULL;
}

const MigFailure *
mig_failures_find_older(const MigFailures *failures, const MigEntry *entry)
{
    for (size_t i = failures->count; i-- > 0;)
    {
        const MigFailure *row = &failures->rows[i];

        if (row->begun && !row->back &&
            mig_bytes_equal(row->version, entry->version) &&
            !mig_bytes_equal(row->checksum, entry->checksum))
            return row;
    }
    return NULL;
}

bool
mig_failure_is_half_done(const MigFailure *failure)
{
    return failure->begun || !failure->failed;
}

/* The newest stage that is done. */
typedef struct Done
{
    MigArena *arena;
    MigBytes detail; /* of its event; absent: none is */
} Done;

/* A row of MIG_SQL_EVENT_PROGRESS, the newest first. */
static MigStatus
take_done(void *context, const MigValue *columns, size_t count, MigError *error)
{
    Done *done = context;

    (void) count;
    if (done->detail.data == NULL &&
        mig_bytes_equal(columns[0].bytes, mig_bytes(MIG_OUTCOME_DONE)))
        done->detail = mig_copy(done->arena, columns[2].bytes, error);
    return error->status;
}

/*
 * Read the numbers of what mig_staged.c writes, "statement 2 of 3, ..." or
 * "statements 1 to 2 of 3, ...".
 *
 * last  out: of the statements that are done
 * all   out: how many there are
 *
 * Returns whether the text is like that.
 */
static bool
read_numbers(MigBytes detail, int64_t *last, int64_t *all)
{
    MigBytes word;
    MigBytes before = {"", 0};
    size_t at = 0;

    while (mig_next_word(detail, &at, " ,", &word))
    {
        if (mig_bytes_equal(word, mig_bytes("of")))
            return mig_parse_digits(before, last) &&
                   mig_next_word(detail, &at, " ,", &word) &&
                   mig_parse_digits(word, all);
        before = word;
    }
    return false;
}

const char *
mig_failure_progress(Mig *mig, const MigFailure *failure)
{
    Done done = {mig->arena, {NULL, 0}};
    MigValue arguments[4];
    int64_t last;
    int64_t all;

    if (!mig_ok(mig))
        return "";
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_text_value(failure->version);
    arguments[3] = mig_string(failure->back ? "rollback" : "apply");
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_PROGRESS,
                                     arguments, 4, take_done, &done,
                                     mig->error);
    if (done.detail.data == NULL)
        return "its first statement was begun";
    if (!read_numbers(done.detail, &last, &all))
        return "a part of it is done";
    return mig_format_string(
        mig->arena, mig->error, "%lld of its %lld statements %s done",
        (long long) last, (long long) all, last == 1 ? "is" : "are");
}

MigBytes
mig_failure_line(const MigFailure *failure)
{
    MigBytes line = {NULL, 0};
    size_t at = 0;

    (void) mig_next_line(failure->detail, &at, &line);
    return line;
}

/* What the newest events of a migration say. */
typedef struct Newest
{
    bool done;    /* what is older does not count */
    bool started; /* behind what is done */
} Newest;

/* A row of MIG_SQL_EVENT_PROGRESS, the newest first. */
static MigStatus
look_for_start(void *context, const MigValue *columns, size_t count,
               MigError *error)
{
    Newest *newest = context;

    (void) count;
    newest->done = newest->done || mig_bytes_equal(columns[0].bytes,
                                                   mig_bytes(MIG_OUTCOME_DONE));
    newest->started =
        newest->started ||
        (!newest->done &&
         mig_bytes_equal(columns[0].bytes, mig_bytes(MIG_OUTCOME_STARTED)));
    return error->status;
}

/* Whether the newest events of a version say that. */
static bool
has_begun(Mig *mig, MigBytes version, const char *action)
{
    Newest newest = {false, false};
    MigValue arguments[4];

    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_text_value(version);
    arguments[3] = mig_string(action);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_PROGRESS,
                                         arguments, 4, look_for_start, &newest,
                                         mig->error);
    return newest.started;
}

bool
mig_failures_unclear(Mig *mig, bool forward)
{
    MigArena arena = {mig->host, NULL};
    const char *action = forward ? "apply" : "rollback";
    MigFailures failures;
    bool unclear = false;

    if (mig->host->methods->run_outside == NULL)
        return false;
    mig_failures_read(mig, &arena, &failures);
    for (size_t i = 0; i < failures.count && mig_ok(mig) && !unclear; i++)
        unclear = has_begun(mig, failures.rows[i].version, action) ||
                  has_begun(mig, failures.rows[i].version, "hook");
    mig_arena_release(&arena);
    return unclear;
}
