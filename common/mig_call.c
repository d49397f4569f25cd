#include "mig_api.h"

#include "mig_setting.h"

const MigApi *
mig_api_find(const char *name)
{
    for (size_t i = 0; i < mig_api_count; i++)
    {
        if (strcmp(mig_api[i].name, name) == 0)
            return &mig_api[i];
    }
    return NULL;
}

/*
 * Fail for an argument of another type: all are text, and a number is most
 * likely a target or a version that lost its quotes, as in migrate_apply(+1). A
 * blob is what readfile() of SQLite's shell gives.
 */
static void
check_arguments(const MigApi *api, const MigCall *call)
{
    for (size_t i = 0; i < call->argument_count; i++)
    {
        MigType type = call->arguments[i].type;

        if (type == MIG_NULL || type == api->arguments[i].type)
            continue;
        (void) mig_fail(call->error, MIG_INVALID,
                        "argument \"%s\" of %s must be text",
                        api->arguments[i].name, api->name);
        mig_fail_hint(call->error, "%s",
                      type == MIG_BYTES
                          ? "It is a blob, as readfile() gives: write CAST(... "
                            "AS text), or migrate_load() the file."
                          : "Put it in quotes: '0007', '+1'.");
        return;
    }
}

/* Go on without a catalogue where that is damaged. */
static void
pass_over_damage(Mig *mig)
{
    MigError failure;

    if (mig->error->status != MIG_CORRUPT && mig->error->status != MIG_ENGINE)
        return;
    failure = *mig->error;
    mig_error_clear(mig->error);
    mig->has_catalogue = false;
    mig->damage = mig_alloc(mig->arena, sizeof(MigError), mig->error);
    if (mig->damage != NULL)
        *mig->damage = failure;
    mig_settings_read(mig);
}

MigStatus
mig_call(const MigApi *api, MigCall *call)
{
    const MigHostMethods *methods = call->host->methods;
    Mig mig;

    call->arena = methods->resize(call->host, NULL, 0, sizeof(MigArena));
    if (call->arena == NULL)
        return mig_fail(call->error, MIG_NOMEM, "out of memory");
    call->arena->host = call->host;
    call->arena->newest = NULL;
    check_arguments(api, call);
    memset(&mig, 0, sizeof(mig));
    mig.host = call->host;
    mig.arena = call->arena;
    mig.error = call->error;
    if (mig_ok(&mig) && (api->flags & MIG_API_CONSTANT) == 0)
    {
        (void) methods->catalogue_find(mig.host, &mig.has_catalogue, mig.error);
        mig_settings_read(&mig);
        if (api->flags & MIG_API_MENDS)
            pass_over_damage(&mig);
        if (mig_ok(&mig) && methods->elsewhere != NULL &&
            methods->elsewhere(&mig, api, call))
            return call->error->status;
    }
    if (mig_ok(&mig) && api->function != NULL)
        api->function(&mig, call);
    else if (mig_ok(&mig) && call->own != NULL)
        call->own(&mig, call);
    else if (mig_ok(&mig))
    {
        (void) mig_fail(mig.error, MIG_UNSUPPORTED,
                        "%s is not available on this engine", api->name);
        mig_fail_hint(mig.error, "The manual's chapter on functions says "
                                 "which of them each engine has.");
    }
    return call->error->status;
}

void
mig_call_end(MigCall *call)
{
    if (call->arena == NULL)
        return;
    mig_arena_release(call->arena);
    (void) call->host->methods->resize(call->host, call->arena,
                                       sizeof(MigArena), 0);
    call->arena = NULL;
}
