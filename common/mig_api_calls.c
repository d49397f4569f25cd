#include "mig_api_calls.h"

#include "mig_adopt.h"
#include "mig_baseline.h"
#include "mig_bundle.h"
#include "mig_deploy.h"
#include "mig_drift.h"
#include "mig_expect.h"
#include "mig_guard.h"
#include "mig_load.h"
#include "mig_look.h"
#include "mig_preflight.h"
#include "mig_repair.h"
#include "mig_run.h"
#include "mig_setting.h"
#include "mig_sources.h"
#include "mig_stamp.h"
#include "mig_verify.h"
#include "mig_write.h"

#ifndef MIG_VERSION
#error "MIG_VERSION comes from the build: default_version of migrate.control"
#endif

/* The text of an argument; absent when it is NULL or not given. */
static MigBytes
text_argument(const MigCall *call, size_t index)
{
    MigBytes absent = {NULL, 0};

    if (index >= call->argument_count ||
        call->arguments[index].type == MIG_NULL)
        return absent;
    return call->arguments[index].bytes;
}

/* The same, failing when it is absent. */
static MigBytes
required_argument(const MigCall *call, size_t index, const char *name)
{
    MigBytes text = text_argument(call, index);

    if (text.data == NULL)
        (void) mig_fail(call->error, MIG_INVALID, "%s must not be NULL", name);
    return text;
}

/* The same, with "head" for absent. */
static MigBytes
target_argument(const MigCall *call, size_t index)
{
    MigBytes text = text_argument(call, index);

    return text.data == NULL ? mig_bytes("head") : text;
}

/* Take the reason that the caller gives. */
static void
take_reason(Mig *mig, const MigCall *call, size_t index)
{
    mig_reason_take(mig, text_argument(call, index));
}

void
mig_call_load(Mig *mig, MigCall *call)
{
    MigBytes path = required_argument(call, 0, "source");
    int64_t count = mig_ok(mig) ? mig_load(mig, path) : 0;

    call->result = mig_integer(count < 0 ? 0 : count);
}

void
mig_call_add(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");
    MigBytes up = required_argument(call, 1, "up");
    MigBytes down = text_argument(call, 2);
    MigBytes name = text_argument(call, 3);
    MigBytes details = text_argument(call, 4);

    if (!mig_ok(mig))
        return;
    if (details.data == NULL)
        call->result = mig_integer(mig_load_text(mig, version, up, down, name));
    else if (down.data == NULL && name.data == NULL)
        call->result = mig_integer(mig_bundle_add(mig, version, up, details));
    else
        (void) mig_fail(mig->error, MIG_INVALID,
                        "down and name must be NULL where details are given");
}

void
mig_call_up(Mig *mig, MigCall *call)
{
    MigBytes path = required_argument(call, 0, "source");

    if (mig_ok(mig))
        call->result = mig_integer(mig_up(mig, path, target_argument(call, 1)));
}

void
mig_call_sources(Mig *mig, MigCall *call)
{
    MigBytes path = required_argument(call, 0, "directory");

    if (mig_ok(mig))
        mig_sources(mig, call, path);
}

void
mig_call_bundle(Mig *mig, MigCall *call)
{
    MigBytes path = required_argument(call, 0, "source");

    call->result = mig_text_value(mig_bundle_write(mig, path));
}

void
mig_call_apply(Mig *mig, MigCall *call)
{
    call->result = mig_integer(
        mig_run_apply(mig, "migrate_apply", target_argument(call, 0)));
}

void
mig_call_rollback(Mig *mig, MigCall *call)
{
    MigBytes target = mig_bytes("-1");

    if (call->argument_count > 0)
        target = required_argument(call, 0, "target");
    mig_fail_hint(call->error,
                  "migrate_rollback() without an argument goes back one step.");
    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result =
            mig_integer(mig_run_rollback(mig, "migrate_rollback", target));
}

void
mig_call_redo(Mig *mig, MigCall *call)
{
    take_reason(mig, call, 0);
    call->result = mig_integer(mig_ok(mig) ? mig_run_redo(mig) : 0);
}

void
mig_call_deploy(Mig *mig, MigCall *call)
{
    mig_deploy(mig, target_argument(call, 0));
}

void
mig_call_revert(Mig *mig, MigCall *call)
{
    MigBytes target = mig_bytes("-1");

    if (call->argument_count > 0)
        target = required_argument(call, 0, "target");
    take_reason(mig, call, 1);
    if (mig_ok(mig))
        mig_revert(mig, target);
}

void
mig_call_deploy_all(Mig *mig, MigCall *call)
{
    MigBytes pattern = required_argument(call, 0, "pattern");

    if (mig_ok(mig))
        mig_deploy_all(mig, pattern);
}

void
mig_call_stamp(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");

    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result = mig_integer(mig_stamp(mig, version));
}

void
mig_call_baseline(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");

    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result = mig_integer(mig_baseline(mig, version));
}

void
mig_call_repair_plan(Mig *mig, MigCall *call)
{
    mig_repair_plan(mig, call, text_argument(call, 0));
}

void
mig_call_repair(Mig *mig, MigCall *call)
{
    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result = mig_integer(mig_repair(mig, text_argument(call, 0)));
}

void
mig_call_adopt(Mig *mig, MigCall *call)
{
    call->result = mig_integer(mig_adopt(mig, text_argument(call, 0)));
}

void
mig_call_adopt_report(Mig *mig, MigCall *call)
{
    mig_adopt_report(mig, call, text_argument(call, 0));
}

void
mig_call_current(Mig *mig, MigCall *call)
{
    call->result = mig_text_value(mig_look_current(mig));
}

void
mig_call_pending(Mig *mig, MigCall *call)
{
    call->result = mig_integer(mig_look_pending(mig));
}

void
mig_call_plan(Mig *mig, MigCall *call)
{
    mig_look_plan(mig, call, target_argument(call, 0));
}

void
mig_call_preflight(Mig *mig, MigCall *call)
{
    mig_preflight(mig, call, target_argument(call, 0));
}

void
mig_call_record_backup(Mig *mig, MigCall *call)
{
    MigBytes label = required_argument(call, 0, "label");

    if (mig_ok(mig))
        call->result = mig_integer(mig_guard_record_backup(mig, label));
}

void
mig_call_show(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");

    if (mig_ok(mig))
        mig_look_show(mig, call, version);
}

void
mig_call_fingerprint(Mig *mig, MigCall *call)
{
    call->result =
        mig_text_value(mig_fingerprint_call(mig, text_argument(call, 0)));
}

void
mig_call_accept(Mig *mig, MigCall *call)
{
    MigBytes version = text_argument(call, 0);

    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result =
            mig_integer(version.data == NULL ? mig_drift_accept(mig)
                                             : mig_repair_accept(mig, version));
}

void
mig_call_seal(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");

    if (mig_ok(mig))
        call->result = mig_text_value(mig_seal(mig, version));
}

void
mig_call_verify(Mig *mig, MigCall *call)
{
    /* A file that cannot be read is NULL in some shells: whoever gives a head
     * wants it to be compared. */
    if (call->argument_count > 0 && call->arguments[0].type == MIG_NULL)
    {
        (void) mig_fail(mig->error, MIG_INVALID, "head must not be NULL");
        mig_fail_hint(mig->error, "Without a head, call migrate_verify().");
    }
    mig_verify(mig, call, text_argument(call, 0));
}

void
mig_call_export_history(Mig *mig, MigCall *call)
{
    call->result = mig_text_value(mig_export_history(mig));
}

void
mig_call_config(Mig *mig, MigCall *call)
{
    MigBytes name = required_argument(call, 0, "name");

    if (!mig_ok(mig))
        return;
    if (call->argument_count > 1)
        call->result =
            mig_text_value(mig_config_set(mig, name, text_argument(call, 1)));
    else
        call->result = mig_text_value(mig_config_get(mig, name));
}

void
mig_call_version(Mig *mig, MigCall *call)
{
    (void) mig;
    call->result = mig_string(MIG_VERSION);
}
