#ifndef FORMAT_FLYWAY_H
#define FORMAT_FLYWAY_H

/*
 * What the files of the format Flyway share:
 *
 *     format_flyway.c       names, versions, what a file is
 *     format_flyway_conf.c  settings of a single file
 */

#include "mig_listing.h"

/*
 * Read the settings that a file has in another one beside it, of the same name
 * and ".conf".
 *
 * options  out: as in MigFileName
 *
 * Fails with MIG_INVALID or MIG_UNSUPPORTED, naming the line; the caller adds
 * the file.
 */
void flyway_conf_read(Mig *mig, MigBytes text, MigBytes *options);

#endif
