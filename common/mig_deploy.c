#include "mig_deploy.h"

#include <stdio.h>

#include "mig_load.h"
#include "mig_look.h"
#include "mig_run.h"
#include "mig_setting.h"
#include "mig_write.h"

/* Tell what was done, and where that has led. */
static void
announce_end(Mig *mig, const char *done, int64_t count)
{
    MigBytes current = mig_look_current(mig);
    char message[400];

    if (!mig_ok(mig))
        return;
    if (current.data == NULL)
        current = mig_bytes("base");
    (void) snprintf(message, sizeof(message),
                    "%lld migration%s %s; the database is at %.*s",
                    (long long) count, count == 1 ? "" : "s", done,
                    (int) mig_cut(current, 200).length, current.data);
    mig->host->methods->notice(mig->host, MIG_NOTICE, message);
}

void
mig_deploy(Mig *mig, MigBytes target)
{
    announce_end(mig, "applied", mig_run_apply(mig, "migrate_deploy", target));
}

void
mig_revert(Mig *mig, MigBytes target)
{
    announce_end(mig, "rolled back",
                 mig_run_rollback(mig, "migrate_revert", target));
}

/* The schemas of a deploy. */
typedef struct Schemas
{
    MigArena *arena;
    MigBytes *names;
    size_t count;
    size_t capacity;
} Schemas;

/* A MigEntryFunction: take one schema's name. */
static MigStatus
collect_schema(void *context, const char *name, MigError *error)
{
    Schemas *schemas = context;
    MigBytes *names =
        mig_array_reserve(schemas->arena, schemas->names, schemas->count,
                          &schemas->capacity, sizeof(MigBytes), error);

    if (names == NULL)
        return error->status;
    schemas->names = names;
    names[schemas->count++] = mig_copy(schemas->arena, mig_bytes(name), error);
    return error->status;
}

/* Tell what has become of one schema. */
static void
announce_schema(Mig *mig, MigBytes schema, int64_t count)
{
    char message[1200];

    if (mig_ok(mig))
        (void) snprintf(message, sizeof(message),
                        "schema \"%.*s\": %lld migration%s applied",
                        (int) schema.length, schema.data, (long long) count,
                        count == 1 ? "" : "s");
    else
        (void) snprintf(message, sizeof(message), "schema \"%.*s\": %s",
                        (int) schema.length, schema.data, mig->error->message);
    if (count > 0 || !mig_ok(mig))
        mig->host->methods->notice(
            mig->host, mig_ok(mig) ? MIG_NOTICE : MIG_WARNING, message);
}

/*
 * Deploy to one schema.
 *
 * Returns whether that succeeded.
 */
static bool
deploy_schema(Mig *mig, MigBytes schema)
{
    MigArena *lasting = mig->arena;
    MigSettings *settings = mig->settings;
    MigArena arena = {mig->host, NULL};
    int64_t count;
    bool succeeded;

    mig->arena = &arena;
    mig->target = schema;
    mig->has_chain = false;
    mig_settings_read(mig);
    count =
        mig_run_apply_together(mig, "migrate_deploy_all", mig_bytes("head"));
    announce_schema(mig, schema, count);
    succeeded = mig_ok(mig);
    mig->arena = lasting;
    mig->settings = settings;
    mig_arena_release(&arena);
    return succeeded;
}

/* Whether a failure of one schema ends all. */
static bool
is_fatal(const Mig *mig)
{
    return mig->error->status == MIG_INTERRUPTED ||
           mig->error->status == MIG_NOMEM;
}

/* Fail for those schemas that did. */
static void
fail_schemas(Mig *mig, size_t failed, size_t count)
{
    mig_error_clear(mig->error);
    (void) mig_fail(mig->error, MIG_STATE,
                    "%zu of %zu schema%s could not be migrated", failed, count,
                    count == 1 ? "" : "s");
    mig_fail_hint(mig->error,
                  "The warnings above say why.  The others are done; the next "
                  "call goes on with those that are behind.");
}

void
mig_deploy_all(Mig *mig, MigBytes pattern)
{
    Schemas schemas = {mig->arena, NULL, 0, 0};
    size_t failed = 0;

    if (mig->host->methods->list_targets(mig->host, pattern, collect_schema,
                                         &schemas, mig->error) != MIG_OK)
        return;
    if (schemas.count == 0)
    {
        (void) mig_fail(mig->error, MIG_UNKNOWN,
                        "no schema matches the pattern \"%.*s\"",
                        (int) mig_cut(pattern, 200).length, pattern.data);
        mig_fail_hint(mig->error, "SELECT * FROM migrate_targets() lists those "
                                  "that were migrated.");
    }
    /* It is held until the end: whoever has it keeps all from being done. */
    mig_require_writable(mig, "migrate_deploy_all");
    mig_lock(mig);
    mig_abandon(mig);
    for (size_t i = 0; i < schemas.count && mig_ok(mig); i++)
    {
        if (deploy_schema(mig, schemas.names[i]))
            continue;
        failed++;
        if (!is_fatal(mig))
            mig_error_clear(mig->error);
    }
    if (failed > 0 && !is_fatal(mig))
        fail_schemas(mig, failed, schemas.count);
}

int64_t
mig_up(Mig *mig, MigBytes path, MigBytes target)
{
    MigArena *lasting = mig->arena;
    MigArena loading = {mig->host, NULL};
    int64_t count = 0;

    /* What loading needed is not held while migrations run. */
    mig->arena = &loading;
    if (mig_ok(mig))
        count = mig_load_at_start(mig, path);
    mig->arena = lasting;
    mig_arena_release(&loading);
    /* An older release's directory must not set anything going. */
    if (mig_ok(mig) && count >= 0)
        count = mig_run_apply(mig, "migrate_up", target);
    return count < 0 ? 0 : count;
}
