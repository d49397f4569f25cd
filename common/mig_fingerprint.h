#ifndef MIG_FINGERPRINT_H
#define MIG_FINGERPRINT_H

/*
 * A fingerprint: one number for all objects of a schema.
 *
 * It is the sum, modulo 2^256, of a SHA-256 for each object.  So it does not
 * depend on their order, and when one changes only that one's part is taken out
 * and put in again: what it costs does not grow with the schema.
 *
 * As text it stands behind the way in which definitions are written, as in
 * "sqlite/1:" or "pg15/1:", followed by 64 hexadecimal digits.
 */

#include "mig_host.h"

#define MIG_FINGERPRINT_SIZE 100 /* bytes, NUL included */

/* Zeroed, it is that of no object.  The highest digit stands first. */
typedef struct MigFingerprint
{
    unsigned char sum[MIG_SHA256_SIZE];
} MigFingerprint;

/*
 * The part of one object: SHA-256 over kind, identity and definition, each
 * preceded by its length in bytes as eight bytes, the highest first.
 *
 * What an object is a part of does not count: its identity says that.
 */
void mig_fingerprint_of(MigHost *host, const MigObject *object,
                        MigFingerprint *part);

/* Add to a sum, or take from it. */
void mig_fingerprint_add(MigFingerprint *sum, const MigFingerprint *part);
void mig_fingerprint_subtract(MigFingerprint *sum, const MigFingerprint *part);

/*
 * Whether an object belongs to the structure of a schema, as opposed to the
 * installation it is in: owners, privileges, tablespaces and versions of
 * extensions do not.
 */
bool mig_object_is_structure(const MigObject *object);

/* Write a fingerprint of the host's objects as text. */
void mig_fingerprint_text(MigHost *host, const MigFingerprint *fingerprint,
                          char text[MIG_FINGERPRINT_SIZE]);

/*
 * Read one.
 *
 * canon  out: what stands before the colon
 *
 * Returns false for what is none.
 */
bool mig_fingerprint_read(MigBytes text, MigBytes *canon,
                          MigFingerprint *fingerprint);

#endif
