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
    failures->count++;
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

MigBytes
mig_failure_line(const MigFailure *failure)
{
    MigBytes line = {NULL, 0};
    size_t at = 0;

    (void) mig_next_line(failure->detail, &at, &line);
    return line;
}
