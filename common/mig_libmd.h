#ifndef MIG_LIBMD_H
#define MIG_LIBMD_H

/*
 * Digests by libmd, for the adapters: the core knows no library and does not
 * include this.
 */

#include <assert.h>
#include <sha1.h>
#include <sha2.h>

#include "mig_host.h"

/* As the method digest() of MigHostMethods. */
static inline void
libmd_digest(MigAlgorithm algorithm, const MigBytes *pieces, size_t count,
             unsigned char *digest)
{
    SHA1_CTX sha1;
    SHA2_CTX sha2;

    SHA1Init(&sha1);
    if (algorithm == MIG_SHA384)
        SHA384Init(&sha2);
    else
        SHA256Init(&sha2);
    for (size_t i = 0; i < count; i++)
    {
        const uint8_t *data = (const uint8_t *) pieces[i].data;

        if (pieces[i].length == 0)
            continue;
        if (algorithm == MIG_SHA1)
            SHA1Update(&sha1, data, pieces[i].length);
        else if (algorithm == MIG_SHA256)
            SHA256Update(&sha2, data, pieces[i].length);
        else
            SHA384Update(&sha2, data, pieces[i].length);
    }
    if (algorithm == MIG_SHA1)
        SHA1Final(digest, &sha1);
    else if (algorithm == MIG_SHA256)
        SHA256Final(digest, &sha2);
    else
        SHA384Final(digest, &sha2);
}

/* As the method digest_grow() of MigHostMethods. */
static inline void
libmd_digest_grow(MigGrowing *growing, const MigBytes *pieces, size_t count,
                  unsigned char digest[MIG_SHA256_SIZE])
{
    SHA2_CTX sha2;

    assert(sizeof(sha2) <= sizeof(growing->space));
    if (growing->begun)
        memcpy(&sha2, growing->space, sizeof(sha2));
    else
        SHA256Init(&sha2);
    for (size_t i = 0; i < count; i++)
    {
        if (pieces[i].length > 0)
            SHA256Update(&sha2, (const uint8_t *) pieces[i].data,
                         pieces[i].length);
    }
    memcpy(growing->space, &sha2, sizeof(sha2));
    growing->begun = true;
    SHA256Final(digest, &sha2);
}

#endif
