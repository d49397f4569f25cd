#ifndef MIG_SUM_H
#define MIG_SUM_H

/*
 * Sums and writings of bytes that neither engine lends to an extension.
 */

#include "mig_value.h"

/*
 * Go on with a CRC-32 (that of IEEE 802.3, gzip and Java).
 *
 * sum  what an earlier call returned; 0 at the beginning
 */
uint32_t mig_crc32(uint32_t sum, MigBytes bytes);

/* SipHash-1-3 with a key of zeros over pieces one after another. */
uint64_t mig_siphash13(const MigBytes *pieces, size_t count);

/* How many bytes Base64 (RFC 4648, padded) makes of length bytes. */
#define MIG_BASE64_LENGTH(length) (((length) + 2) / 3 * 4)

/*
 * Write bytes in Base64.
 *
 * text  out: MIG_BASE64_LENGTH(length) bytes and a NUL
 */
void mig_base64(const unsigned char *bytes, size_t length, char *text);

/* Write bytes in lower-case hexadecimal: 2 * length bytes and a NUL. */
void mig_hexadecimal(const unsigned char *bytes, size_t length, char *text);

#endif
