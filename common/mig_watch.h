#ifndef MIG_WATCH_H
#define MIG_WATCH_H

/*
 * The setting "watch", and what the engine has recorded of other hands, where
 * it can: what changed the schema without being a migration.
 *
 * The setting holds in the database where it was made.  So its row has that
 * database's place behind the value, and a copy starts with the default.
 */

#include "mig_api.h"
#include "mig_setting.h"

#define MIG_WATCH "watch"

/*
 * Part what is stored of the setting.
 *
 * stored  the value; where the engine has places, with a blank and one
 * place   of this database, or absent
 * value   out, in any case
 *
 * Returns whether it holds in this database.
 */
bool mig_watch_is_here(MigBytes stored, MigBytes place, MigBytes *value);

/* Make of the setting's row, as it is stored, what holds here. */
void mig_watch_take(const Mig *mig, MigSettingRow *row);

/*
 * Make the engine do what a new value asks for.  Called while the settings are
 * written.
 *
 * value  valid, or absent for the default
 *
 * Returns what is to be stored.
 */
MigBytes mig_watch_change(Mig *mig, MigBytes value);

/* migrate_foreign_ddl(); see the manual. */
void mig_watch_list(Mig *mig, MigCall *call);

#endif
