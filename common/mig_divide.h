#ifndef MIG_DIVIDE_H
#define MIG_DIVIDE_H

/*
 * Dividing a file into sections by lines that are marks; for the read() of
 * formats.
 */

#include "mig_format.h"

/*
 * The state of reading one file, line by line.  Set mig and file; zero the
 * rest.
 */
typedef struct MigDivider
{
    Mig *mig;
    const MigFile *file;
    int64_t line;        /* number of the current line, from 1 */
    MigBytes text;       /* of it, without its end */
    size_t begin;        /* of it in the file, in bytes */
    size_t end;          /* of it, behind its line break */
    MigSection *section; /* that is open, or NULL */
    size_t start;        /* then: of its present slice, */
    int64_t start_line;  /* and the line of that, from 1 */
} MigDivider;

/* Go to the next line; false at the end of the file, or after a failure. */
bool mig_divider_next(MigDivider *divider);

/* Open a section behind the current line, or at the start of the file when none
 * was read; another one must be closed. */
void mig_divider_open(MigDivider *divider, MigSection *section);

/*
 * End a slice of the open section before the current line, and begin the next
 * one behind it: what stands before and behind are scripts of their own, as
 * when a statement ends without a semicolon.  Blank slices are left out.
 */
void mig_divider_split(MigDivider *divider);

/*
 * The same inside the current line.
 *
 * end  of the slice, in the file, in bytes; the rest of the line is left out
 */
void mig_divider_split_at(MigDivider *divider, size_t end);

/*
 * Close the open section, if any, before the current line, or at the end of
 * the file when there is no more line.  A section without any text has one
 * empty slice: it is there, and does nothing.
 */
void mig_divider_close(MigDivider *divider);

/* Fail with MIG_INVALID and "line N: " before the message. */
void mig_divider_fail(MigDivider *divider, const char *format, ...)
    MIG_PRINTF(2, 3);

/*
 * Whether a line ends a statement as goose and sql-migrate see it: its last
 * word before a comment ends with a semicolon.
 */
bool mig_line_ends_statement(MigBytes line);

#endif
