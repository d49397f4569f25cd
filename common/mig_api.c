#include "mig_api.h"

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
#include "mig_targets.h"
#include "mig_watch.h"
#include "mig_write.h"
#include "mig_verify.h"

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

static void
call_load(Mig *mig, MigCall *call)
{
    MigBytes path = required_argument(call, 0, "source");
    int64_t count = mig_ok(mig) ? mig_load(mig, path) : 0;

    call->result = mig_integer(count < 0 ? 0 : count);
}

static void
call_add(Mig *mig, MigCall *call)
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

static void
call_up(Mig *mig, MigCall *call)
{
    MigBytes path = required_argument(call, 0, "source");

    if (mig_ok(mig))
        call->result = mig_integer(mig_up(mig, path, target_argument(call, 1)));
}

static void
call_sources(Mig *mig, MigCall *call)
{
    MigBytes path = required_argument(call, 0, "directory");

    if (mig_ok(mig))
        mig_sources(mig, call, path);
}

static void
call_bundle(Mig *mig, MigCall *call)
{
    MigBytes path = required_argument(call, 0, "source");

    call->result = mig_text_value(mig_bundle_write(mig, path));
}

static void
call_apply(Mig *mig, MigCall *call)
{
    call->result = mig_integer(
        mig_run_apply(mig, "migrate_apply", target_argument(call, 0)));
}

static void
call_rollback(Mig *mig, MigCall *call)
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

static void
call_redo(Mig *mig, MigCall *call)
{
    take_reason(mig, call, 0);
    call->result = mig_integer(mig_ok(mig) ? mig_run_redo(mig) : 0);
}

static void
call_deploy(Mig *mig, MigCall *call)
{
    mig_deploy(mig, target_argument(call, 0));
}

static void
call_revert(Mig *mig, MigCall *call)
{
    MigBytes target = mig_bytes("-1");

    if (call->argument_count > 0)
        target = required_argument(call, 0, "target");
    take_reason(mig, call, 1);
    if (mig_ok(mig))
        mig_revert(mig, target);
}

static void
call_deploy_all(Mig *mig, MigCall *call)
{
    MigBytes pattern = required_argument(call, 0, "pattern");

    if (mig_ok(mig))
        mig_deploy_all(mig, pattern);
}

static void
call_stamp(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");

    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result = mig_integer(mig_stamp(mig, version));
}

static void
call_baseline(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");

    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result = mig_integer(mig_baseline(mig, version));
}

static void
call_repair_plan(Mig *mig, MigCall *call)
{
    mig_repair_plan(mig, call, text_argument(call, 0));
}

static void
call_repair(Mig *mig, MigCall *call)
{
    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result = mig_integer(mig_repair(mig, text_argument(call, 0)));
}

static void
call_adopt(Mig *mig, MigCall *call)
{
    call->result = mig_integer(mig_adopt(mig, text_argument(call, 0)));
}

static void
call_adopt_report(Mig *mig, MigCall *call)
{
    mig_adopt_report(mig, call, text_argument(call, 0));
}

static void
call_current(Mig *mig, MigCall *call)
{
    call->result = mig_text_value(mig_look_current(mig));
}

static void
call_pending(Mig *mig, MigCall *call)
{
    call->result = mig_integer(mig_look_pending(mig));
}

static void
call_plan(Mig *mig, MigCall *call)
{
    mig_look_plan(mig, call, target_argument(call, 0));
}

static void
call_preflight(Mig *mig, MigCall *call)
{
    mig_preflight(mig, call, target_argument(call, 0));
}

static void
call_record_backup(Mig *mig, MigCall *call)
{
    MigBytes label = required_argument(call, 0, "label");

    if (mig_ok(mig))
        call->result = mig_integer(mig_guard_record_backup(mig, label));
}

static void
call_show(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");

    if (mig_ok(mig))
        mig_look_show(mig, call, version);
}

static void
call_fingerprint(Mig *mig, MigCall *call)
{
    call->result =
        mig_text_value(mig_fingerprint_call(mig, text_argument(call, 0)));
}

static void
call_accept(Mig *mig, MigCall *call)
{
    MigBytes version = text_argument(call, 0);

    take_reason(mig, call, 1);
    if (mig_ok(mig))
        call->result =
            mig_integer(version.data == NULL ? mig_drift_accept(mig)
                                             : mig_repair_accept(mig, version));
}

static void
call_seal(Mig *mig, MigCall *call)
{
    MigBytes version = required_argument(call, 0, "version");

    if (mig_ok(mig))
        call->result = mig_text_value(mig_seal(mig, version));
}

static void
call_verify(Mig *mig, MigCall *call)
{
    mig_verify(mig, call, text_argument(call, 0));
}

static void
call_export_history(Mig *mig, MigCall *call)
{
    call->result = mig_text_value(mig_export_history(mig));
}

static void
call_config(Mig *mig, MigCall *call)
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

static void
call_version(Mig *mig, MigCall *call)
{
    (void) mig;
    call->result = mig_string(MIG_VERSION);
}

#define TEXT(name)                                                             \
    {                                                                          \
        name, MIG_TEXT                                                         \
    }

const MigApi mig_api[] = {
    {"migrate_load",
     1,
     1,
     {TEXT("source")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_FILES,
     call_load},
    {"migrate_add",
     2,
     5,
     {TEXT("version"), TEXT("up"), TEXT("down"), TEXT("name"), TEXT("details")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_GROWN,
     call_add},
    {"migrate_up",
     1,
     2,
     {TEXT("source"), TEXT("target")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_FILES,
     call_up},
    {"migrate_sources",
     1,
     1,
     {TEXT("directory")},
     MIG_NULL,
     {TEXT("file"), TEXT("format"), TEXT("version"), TEXT("name"),
      TEXT("sections"), TEXT("note")},
     MIG_API_FILES,
     call_sources},
    {"migrate_bundle",
     1,
     1,
     {TEXT("source")},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     MIG_API_FILES,
     call_bundle},
    {"migrate_apply",
     0,
     1,
     {TEXT("target")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES,
     call_apply},
    {"migrate_rollback",
     0,
     2,
     {TEXT("target"), TEXT("reason")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_OVERLOAD,
     call_rollback},
    {"migrate_redo",
     0,
     1,
     {TEXT("reason")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_GROWN,
     call_redo},
    {"migrate_deploy",
     0,
     1,
     {TEXT("target")},
     MIG_NULL,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_PROCEDURE,
     call_deploy},
    {"migrate_revert",
     0,
     2,
     {TEXT("target"), TEXT("reason")},
     MIG_NULL,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_OVERLOAD | MIG_API_PROCEDURE,
     call_revert},
    {"migrate_deploy_all",
     1,
     1,
     {TEXT("pattern")},
     MIG_NULL,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_PROCEDURE,
     call_deploy_all},
    {"migrate_stamp",
     1,
     2,
     {TEXT("version"), TEXT("reason")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_GROWN,
     call_stamp},
    {"migrate_baseline",
     1,
     2,
     {TEXT("version"), TEXT("reason")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES,
     call_baseline},
    {"migrate_repair",
     0,
     2,
     {TEXT("version"), TEXT("reason")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES,
     call_repair},
    {"migrate_repair_plan",
     0,
     1,
     {TEXT("version")},
     MIG_NULL,
     {TEXT("version"), TEXT("state"), TEXT("action"), TEXT("detail")},
     0,
     call_repair_plan},
    {"migrate_adopt",
     0,
     1,
     {TEXT("tool")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES,
     call_adopt},
    {"migrate_adopt_report",
     0,
     1,
     {TEXT("tool")},
     MIG_NULL,
     {TEXT("history"),
      TEXT("recorded"),
      TEXT("version"),
      TEXT("state"),
      {"applied_at", MIG_TIME},
      TEXT("applied_by"),
      TEXT("problem"),
      TEXT("hint")},
     0,
     call_adopt_report},
    {"migrate_status",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_NULL,
     {TEXT("version"),
      TEXT("name"),
      TEXT("state"),
      {"applied_at", MIG_TIME},
      TEXT("applied_by"),
      {"duration_ms", MIG_FLOAT},
      {"reversible", MIG_BOOLEAN},
      TEXT("detail")},
     MIG_API_PUBLIC,
     mig_look_status},
    {"migrate_current",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     MIG_API_PUBLIC,
     call_current},
    {"migrate_pending",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_PUBLIC,
     call_pending},
    {"migrate_history",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_NULL,
     {{"seq", MIG_INTEGER},
      {"at", MIG_TIME},
      TEXT("action"),
      TEXT("version"),
      TEXT("name"),
      TEXT("outcome"),
      {"duration_ms", MIG_FLOAT},
      TEXT("actor"),
      TEXT("client"),
      TEXT("checksum"),
      TEXT("detail")},
     0,
     mig_look_history},
    {"migrate_plan",
     0,
     1,
     {TEXT("target")},
     MIG_NULL,
     {{"step", MIG_INTEGER},
      TEXT("version"),
      TEXT("action"),
      {"statement", MIG_INTEGER},
      {"line", MIG_INTEGER},
      TEXT("sql"),
      {"transactional", MIG_BOOLEAN},
      TEXT("note")},
     0,
     call_plan},
    {"migrate_preflight",
     0,
     1,
     {TEXT("target")},
     MIG_NULL,
     {TEXT("name"), TEXT("state"), TEXT("detail"), TEXT("hint")},
     0,
     call_preflight},
    {"migrate_record_backup",
     1,
     1,
     {TEXT("label")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES,
     call_record_backup},
    {"migrate_targets",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_NULL,
     {TEXT("target"),
      TEXT("version"),
      {"applied", MIG_INTEGER},
      {"pending", MIG_INTEGER},
      {"applied_at", MIG_TIME}},
     0,
     mig_look_targets},
    {"migrate_show",
     1,
     1,
     {TEXT("version")},
     MIG_NULL,
     {TEXT("version"), TEXT("name"), TEXT("section"), TEXT("checksum"),
      TEXT("sql")},
     0,
     call_show},
    {"migrate_fingerprint",
     0,
     1,
     {TEXT("version")},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     0,
     call_fingerprint},
    {"migrate_drift",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_NULL,
     {TEXT("kind"),
      TEXT("object"),
      TEXT("change"),
      TEXT("expected"),
      TEXT("actual"),
      {"changed_at", MIG_TIME},
      TEXT("changed_by")},
     0,
     mig_drift},
    {"migrate_accept",
     0,
     2,
     {TEXT("version"), TEXT("reason")},
     MIG_INTEGER,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES,
     call_accept},
    {"migrate_seal",
     1,
     1,
     {TEXT("version")},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     0,
     call_seal},
    {"migrate_foreign_ddl",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_NULL,
     {{"at", MIG_TIME},
      TEXT("actor"),
      TEXT("role"),
      TEXT("application"),
      TEXT("client"),
      {"process", MIG_INTEGER},
      {"transaction", MIG_INTEGER},
      TEXT("command"),
      TEXT("kind"),
      TEXT("object"),
      TEXT("outcome"),
      TEXT("statement")},
     0,
     mig_watch_list},
    {"migrate_verify",
     0,
     1,
     {TEXT("head")},
     MIG_NULL,
     {TEXT("kind"), TEXT("version"), TEXT("object"), TEXT("problem"),
      TEXT("hint")},
     0,
     call_verify},
    {"migrate_export_history",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     0,
     call_export_history},
    {"migrate_rebuild",
     2,
     3,
     {TEXT("table"), TEXT("definition"), TEXT("mapping")},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_OWN,
     NULL},
    {"migrate_config",
     1,
     2,
     {TEXT("name"), TEXT("value")},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_OVERLOAD,
     call_config},
    {"migrate_settings",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_NULL,
     {TEXT("name"), TEXT("value"), TEXT("default_value"), TEXT("source"),
      TEXT("description")},
     0,
     mig_look_settings},
    {"migrate_fleet",
     1,
     2,
     {TEXT("glob"), TEXT("target")},
     MIG_NULL,
     {TEXT("path"),
      TEXT("from"),
      TEXT("to"),
      {"applied", MIG_INTEGER},
      {"duration_ms", MIG_FLOAT},
      TEXT("error")},
     MIG_API_WRITES | MIG_API_FILES | MIG_API_OWN,
     NULL},
    {"migrate_fleet_status",
     1,
     1,
     {TEXT("glob")},
     MIG_NULL,
     {TEXT("path"),
      TEXT("version"),
      {"applied", MIG_INTEGER},
      {"pending", MIG_INTEGER},
      TEXT("state"),
      TEXT("error")},
     MIG_API_FILES | MIG_API_OWN,
     NULL},
    {"migrate_backup",
     1,
     1,
     {TEXT("path")},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_FILES | MIG_API_OWN,
     NULL},
    {"migrate_restore",
     1,
     1,
     {TEXT("path")},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     MIG_API_WRITES | MIG_API_FILES | MIG_API_OWN | MIG_API_MENDS,
     NULL},
    {"migrate_version",
     0,
     0,
     {{NULL, MIG_NULL}},
     MIG_TEXT,
     {{NULL, MIG_NULL}},
     MIG_API_PUBLIC | MIG_API_CONSTANT,
     call_version},
};
const size_t mig_api_count = sizeof(mig_api) / sizeof(mig_api[0]);
