#ifndef MIG_API_CALLS_H
#define MIG_API_CALLS_H

/*
 * The functions that rows of the table in mig_api.c name, unless a module has
 * one that takes a MigCall as it is: mig_call_<name>() reads the arguments of
 * migrate_<name>(), has the work done and sets the result.  Each is a
 * MigFunction.
 */

#include "mig.h"
#include "mig_api.h"

/* Bringing migrations in. */
void mig_call_load(Mig *mig, MigCall *call);
void mig_call_add(Mig *mig, MigCall *call);
void mig_call_sources(Mig *mig, MigCall *call);
void mig_call_bundle(Mig *mig, MigCall *call);

/* Running them. */
void mig_call_up(Mig *mig, MigCall *call);
void mig_call_apply(Mig *mig, MigCall *call);
void mig_call_rollback(Mig *mig, MigCall *call);
void mig_call_redo(Mig *mig, MigCall *call);
void mig_call_deploy(Mig *mig, MigCall *call);
void mig_call_revert(Mig *mig, MigCall *call);
void mig_call_deploy_all(Mig *mig, MigCall *call);

/* Putting right what is recorded. */
void mig_call_stamp(Mig *mig, MigCall *call);
void mig_call_baseline(Mig *mig, MigCall *call);
void mig_call_repair(Mig *mig, MigCall *call);
void mig_call_repair_plan(Mig *mig, MigCall *call);
void mig_call_adopt(Mig *mig, MigCall *call);
void mig_call_adopt_report(Mig *mig, MigCall *call);
void mig_call_accept(Mig *mig, MigCall *call);

/* Looking. */
void mig_call_current(Mig *mig, MigCall *call);
void mig_call_pending(Mig *mig, MigCall *call);
void mig_call_plan(Mig *mig, MigCall *call);
void mig_call_preflight(Mig *mig, MigCall *call);
void mig_call_show(Mig *mig, MigCall *call);
void mig_call_fingerprint(Mig *mig, MigCall *call);

/* What can be shown later. */
void mig_call_record_backup(Mig *mig, MigCall *call);
void mig_call_seal(Mig *mig, MigCall *call);
void mig_call_verify(Mig *mig, MigCall *call);
void mig_call_export_history(Mig *mig, MigCall *call);

/* The extension itself. */
void mig_call_config(Mig *mig, MigCall *call);
void mig_call_version(Mig *mig, MigCall *call);

#endif
