#ifndef MIG_FILTER_H
#define MIG_FILTER_H

/*
 * Filters: which migrations are for this database, by their options and the
 * settings.
 *
 *     env       environments, of which the setting is to be one
 *     ignore    never
 *     dbms      engines, "!" before those that are not
 *     contexts  an expression over the setting "contexts"
 *     labels    names, over which the setting "labels" is an expression
 *
 * They are asked when something is planned or looked at, not when it is loaded,
 * so that a setting takes effect at once.
 */

#include "mig.h"

/* Whether a migration with such options is for this database. */
bool mig_filter_holds(const Mig *mig, MigBytes options);

/* Why it is not, in mig's arena; NULL when it is. */
const char *mig_filter_reason(Mig *mig, MigBytes options);

/* Whether a list of engines has this one: "all", "none", names with commas
 * between, "!" before one that is left out; an empty list has it. */
bool mig_filter_engine(const Mig *mig, MigBytes list);

/* Whether an expression over the setting "contexts" holds. */
bool mig_filter_contexts(const Mig *mig, MigBytes expression);

/* Whether the expression of the setting "labels" holds for names. */
bool mig_filter_labels(const Mig *mig, MigBytes labels);

#endif
