#ifndef MIG_SLICE_H
#define MIG_SLICE_H

/*
 * Slices: where the text of a section lies.
 *
 * A file is kept once, whole, under its SHA-256; a section ("up", "down",
 * "verify") is a list of slices of such texts.  In the catalogue's columns a
 * list is written as lines of hash:offset:length:line:file.
 */

#include "mig.h"

#define MIG_HASH_LENGTH 64 /* SHA-256 in lower-case hexadecimal, in bytes */

typedef struct MigSlice
{
    char hash[MIG_HASH_LENGTH + 1]; /* NUL-ended */
    size_t offset;                  /* in the text, in bytes, from 0 */
    size_t length;                  /* in bytes */
    int64_t line;                   /* of its first byte in the file, from 1 */
    MigBytes file;  /* path in the source; empty when given as text */
    MigBytes whole; /* the text it is a part of, where it is at hand: only
                       while a source is read */
} MigSlice;

/* Write the SHA-256 of pieces in hexadecimal, NUL-ended. */
void mig_hash(MigHost *host, const MigBytes *pieces, size_t count,
              char hash[MIG_HASH_LENGTH + 1]);

/*
 * The checksum of a text as it is compared: without a byte order mark, and
 * with every CR LF and lone CR made LF, so that a checkout's line ends do not
 * count.
 */
void mig_checksum(Mig *mig, MigBytes text, char hash[MIG_HASH_LENGTH + 1]);

/* The column's form of a list; absent for an empty list. */
MigBytes mig_slices_write(Mig *mig, const MigSlice *slices, size_t count);

/*
 * Read the column's form.
 *
 * arena   where the list is made
 * slices  out
 *
 * Returns how many there are; 0 for absent bytes.  Fails with MIG_CORRUPT.
 */
size_t mig_slices_read(Mig *mig, MigArena *arena, MigBytes column,
                       MigSlice **slices);

/* Fetch the whole of a text from the catalogue into arena. */
MigBytes mig_text_fetch(Mig *mig, MigArena *arena, const char *hash);

/* Whether the catalogue has a text. */
bool mig_text_is_kept(Mig *mig, const char *hash);

/* Fetch the text of a slice from the catalogue into arena. */
MigBytes mig_slice_fetch(Mig *mig, MigArena *arena, const MigSlice *slice);

/*
 * The same for what is going to be run: fails with MIG_CORRUPT when its text
 * does not have its hash, so that what somebody has put there by hand does not
 * run.  Slices of one text after another have it hashed once.
 */
MigBytes mig_slice_fetch_sound(Mig *mig, MigArena *arena,
                               const MigSlice *slice);

#endif
