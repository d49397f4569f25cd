#include "mig_targets.h"

#include "mig_look.h"
#include "mig_setting.h"

/* A schema with a history. */
typedef struct TargetRow
{
    MigBytes target;
    MigValue at; /* of the newest that is applied, or NULL */
    int64_t applied;
} TargetRow;

typedef struct TargetRows
{
    MigArena *arena;
    TargetRow *rows;
    size_t count;
    size_t capacity;
} TargetRows;

static MigStatus
collect_target(void *context, const MigValue *columns, size_t count,
               MigError *error)
{
    TargetRows *targets = context;
    TargetRow *rows;

    (void) count;
    rows = mig_array_reserve(targets->arena, targets->rows, targets->count,
                             &targets->capacity, sizeof(TargetRow), error);
    if (rows == NULL)
        return error->status;
    targets->rows = rows;
    rows[targets->count].target =
        mig_copy(targets->arena, columns[0].bytes, error);
    rows[targets->count].at =
        columns[1].type == MIG_NULL ? mig_null() : mig_time(columns[1].integer);
    rows[targets->count].applied = columns[2].integer;
    targets->count++;
    return error->status;
}

/* Emit the row of one schema, as migrate_current() and migrate_pending() see
 * it. */
static void
emit_target(Mig *mig, MigCall *call, const TargetRow *target)
{
    MigValue row[5];

    mig->target = target->target;
    mig->settings->target = target->target;
    row[0] = mig_text_value(target->target);
    row[1] = mig_text_value(mig_look_current(mig));
    row[2] = mig_integer(target->applied);
    row[3] = mig_integer(mig_look_pending(mig));
    row[4] = target->at;
    if (mig_ok(mig))
        (void) call->emit(call, row, 5);
}

void
mig_look_targets(Mig *mig, MigCall *call)
{
    TargetRows targets = {mig->arena, NULL, 0, 0};
    MigValue arguments[1];

    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    arguments[0] = mig_text_value(mig->settings->project);
    (void) mig->host->methods->query(mig->host, MIG_SQL_TARGET_LIST, arguments,
                                     1, collect_target, &targets, mig->error);
    for (size_t i = 0; i < targets.count && mig_ok(mig); i++)
        emit_target(mig, call, &targets.rows[i]);
}
