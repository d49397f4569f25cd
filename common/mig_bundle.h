#ifndef MIG_BUNDLE_H
#define MIG_BUNDLE_H

/*
 * Bundles: a source as a script of migrate_add() calls, for a server that
 * cannot see its files.
 *
 * A bundle carries the files, not what was made of them.  Each text that the
 * catalogue is to hold has a call of its own, which puts it there, under its
 * hash; the last call names all files, brings along those that a format reads
 * but the catalogue does not keep, and loads them as a directory.  So whoever
 * receives a bundle reads it by the format's own rules, for the own engine, and
 * need not believe a word: neither order nor checksum nor section is in it.
 * And nothing has changed until the last call has done all.
 *
 * The calls' arguments, of which up and details are escaped (mig_escape.h):
 *
 *     version  "text"           "bundle"
 *     up       the text         texts that are kept nowhere, one after another
 *     details  bundle:1         bundle:1
 *              text:HASH:PATH   read:directory, or file
 *                               format:NAME
 *                               source:LABEL
 *                               text:HASH:PATH           for each file, or
 *                               inline:HASH:LENGTH:PATH
 */

#include "mig.h"

/*
 * Write the script of a directory or a file.  Reads only.
 *
 * path  as the user gave it
 *
 * Returns it, in mig's arena.  Fails as loading the source would.
 */
MigBytes mig_bundle_write(Mig *mig, MigBytes path);

/*
 * Do one call of a script.
 *
 * version, up, details  as given
 *
 * Returns how many migrations are new or changed; 0 before the last call.
 * Fails with MIG_INVALID for what is not as it was written, and with MIG_STATE
 * when an earlier call of the script is missing.
 */
int64_t mig_bundle_add(Mig *mig, MigBytes version, MigBytes up,
                       MigBytes details);

#endif
