#include "sqlite_beside.h"
#include "sqlite_scratch.h"

#include "mig_replay.h"

/*
 * Scratch databases
 *
 * One lies in memory, on a connection of our own that is like the caller's in
 * its settings and can open no file.  It lacks what only the application's has:
 * functions, collations, TEMP objects, attached databases.
 */
struct MigScratch
{
    SqliteBeside beside;
    SqliteFence fence;
    SqliteHost host;
    MigHostMethods methods;
};

/* A run_outside(): VACUUM and PRAGMA journal_mode mean nothing in memory. */
static MigStatus
pass_over(MigHost *host, const MigStatement *statement, size_t *offset,
          MigError *error)
{
    (void) host;
    (void) statement;
    (void) offset;
    return error->status;
}

MigStatus
sqlite_scratch_open(Mig *mig, MigScratch **scratch)
{
    MigScratch *made = sqlite3_malloc64(sizeof(*made));

    if (made == NULL)
        return mig_fail(mig->error, MIG_NOMEM, "out of memory");
    memset(made, 0, sizeof(*made));
    if (sqlite_beside_open(&made->beside, ":memory:",
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL,
                           mig->error) == MIG_OK)
    {
        sqlite_beside_follow(&made->beside, (SqliteHost *) mig->host);
        sqlite_beside_resemble(mig, &made->beside);
    }
    if (!mig_ok(mig))
    {
        sqlite_beside_close(&made->beside);
        sqlite3_free(made);
        return mig->error->status;
    }
    sqlite_fence(&made->beside, &made->fence);
    sqlite_host_begin(&made->host, made->beside.connection, 0);
    made->methods = *made->host.host.methods;
    made->methods.require_outside = NULL;
    made->methods.run_outside = pass_over;
    made->host.host.methods = &made->methods;
    made->host.host.limits = mig->host->limits;
    *scratch = made;
    return MIG_OK;
}

/* Say what the connection lacks, where that may be the cause of a failure. */
static void
add_hint(Mig *mig, const MigScratch *scratch)
{
    if (mig_ok(mig))
        return;
    if (scratch->fence.refused[0] != '\0')
        mig_fail_hint(mig->error,
                      "Migrations are tried in memory, where no other file is "
                      "touched; this one wants to open \"%s\".",
                      scratch->fence.refused);
    else if (sqlite_is(mig->error->engine_code, SQLITE_ERROR) &&
             mig->error->hint[0] == '\0')
        mig_fail_hint(mig->error,
                      "Migrations are tried in an empty database in memory, "
                      "without what was there before the first of them, and "
                      "without the application's functions and collations: "
                      "these can be registered by sqlite3_auto_extension().");
}

MigStatus
sqlite_scratch_run(Mig *mig, MigScratch *scratch, struct MigWork *work,
                   bool each)
{
    Mig there;

    memset(&there, 0, sizeof(there));
    there.host = &scratch->host.host;
    there.arena = mig->arena;
    there.error = mig->error;
    there.settings = mig->settings;
    mig_replay(&there, work, each);
    add_hint(mig, scratch);
    return mig->error->status;
}

MigStatus
sqlite_scratch_list(Mig *mig, MigScratch *scratch, const MigScope *scope,
                    MigObjectFunction object, void *context)
{
    return sqlite_list_objects(&scratch->host.host, scope, object, context,
                               mig->error);
}

void
sqlite_scratch_close(Mig *mig, MigScratch *scratch)
{
    (void) mig;
    if (scratch == NULL)
        return;
    sqlite_host_end(&scratch->host);
    sqlite_beside_close(&scratch->beside);
    sqlite3_free(scratch);
}
