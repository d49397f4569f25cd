#ifndef MIG_ESCAPE_H
#define MIG_ESCAPE_H

/*
 * Texts inside the string literals of a script that has to come through
 * editors, psql, the sqlite3 shell and servers with any setting.
 *
 * "~" and two hexadecimal digits stand for a byte.  So are written: "~" itself;
 * "\", which the setting standard_conforming_strings may make an escape;
 * control characters, above all the CR before a line break, which the sqlite3
 * shell drops; blanks and tabs at the end of a line, and a byte order mark,
 * which editors drop.  All else stays readable.
 */

#include "mig.h"

/* Append bytes to a comment of a script; a line break is escaped as well. */
void mig_escape_append(MigText *script, MigBytes bytes);

/* The same with the quotes of an SQL literal around them. */
void mig_escape_append_literal(MigText *script, MigBytes bytes);

/*
 * Read escaped text.
 *
 * Returns the bytes, in mig's arena; there may be any among them.  Fails with
 * MIG_INVALID for a "~" without two digits behind it.
 */
MigBytes mig_escape_read(Mig *mig, MigBytes text);

#endif
