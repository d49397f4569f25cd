#ifndef MIG_VERIFY_H
#define MIG_VERIFY_H

/*
 * Whether the history can be believed, and the database is what it says.
 *
 * Nothing is written; what stored texts ask runs as a look() of the host.
 */

#include "mig.h"
#include "mig_api.h"

/*
 * Rows of migrate_verify(head); columns as in mig_api.c.
 *
 * head  lines of an earlier mig_export_history(), or absent
 */
void mig_verify(Mig *mig, MigCall *call, MigBytes head);

/*
 * The whole history of the project as text: a JSON object in each line for each
 * event, chain after chain, and at the end one for each chain's newest event;
 * no line break behind the last.
 */
MigBytes mig_export_history(Mig *mig);

#endif
