#ifndef MIG_DELIMITER_H
#define MIG_DELIMITER_H

/*
 * Delimiters: what other tools' texts end their statements with in place of a
 * semicolon, such as GO or //.
 *
 * The engine splits statements by itself; so a delimiter is only made a
 * semicolon, at the same place and as long as it was, outside of strings,
 * quoted names, comments and dollar quotes.
 */

#include "mig.h"

/*
 * Put semicolons, and blanks, in the place of a delimiter.
 *
 * delimiter  as its tool has it: a word stands alone, "/" at the start of a
 *            line; "\n" before or behind it asks for a line's start or end, and
 *            so does "$" behind such.  Absent: GO or /, alone on a line.  Upper
 *            and lower case are the same.
 *
 * Returns the text itself when there is nothing to replace.  Fails with
 * MIG_UNSUPPORTED for a delimiter that is another pattern.
 */
MigBytes mig_delimiter_replace(Mig *mig, MigBytes text, MigBytes delimiter);

#endif
