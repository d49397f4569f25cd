#ifndef MIG_NETTLE_H
#define MIG_NETTLE_H

/*
 * Digests by Nettle, for the adapters: the core knows no library and does not
 * include this.
 */

#include <assert.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

#include "mig_host.h"

/* Since Nettle 4.0 the functions that end a digest take no length. */
#if NETTLE_VERSION_MAJOR >= 4
#define NETTLE_LENGTH(length)
#else
#define NETTLE_LENGTH(length) (length),
#endif

static inline void
mig_nettle_sha1(const MigBytes *pieces, size_t count, unsigned char *digest)
{
    struct sha1_ctx context;

    sha1_init(&context);
    for (size_t i = 0; i < count; i++)
    {
        if (pieces[i].length > 0)
            sha1_update(&context, pieces[i].length,
                        (const uint8_t *) pieces[i].data);
    }
    sha1_digest(&context, NETTLE_LENGTH(SHA1_DIGEST_SIZE) digest);
}

static inline void
mig_nettle_sha384(const MigBytes *pieces, size_t count, unsigned char *digest)
{
    struct sha384_ctx context;

    sha384_init(&context);
    for (size_t i = 0; i < count; i++)
    {
        if (pieces[i].length > 0)
            sha384_update(&context, pieces[i].length,
                          (const uint8_t *) pieces[i].data);
    }
    sha384_digest(&context, NETTLE_LENGTH(SHA384_DIGEST_SIZE) digest);
}

/* Add pieces to a SHA-256. */
static inline void
mig_nettle_add(struct sha256_ctx *context, const MigBytes *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (pieces[i].length > 0)
            sha256_update(context, pieces[i].length,
                          (const uint8_t *) pieces[i].data);
    }
}

/* As the method digest_grow() of MigHostMethods. */
static inline void
mig_nettle_grow(MigGrowing *growing, const MigBytes *pieces, size_t count,
                unsigned char digest[MIG_SHA256_SIZE])
{
    struct sha256_ctx context;

    assert(sizeof(context) <= sizeof(growing->space));
    if (growing->begun)
        memcpy(&context, growing->space, sizeof(context));
    else
        sha256_init(&context);
    mig_nettle_add(&context, pieces, count);
    memcpy(growing->space, &context, sizeof(context));
    growing->begun = true;
    sha256_digest(&context, NETTLE_LENGTH(SHA256_DIGEST_SIZE) digest);
}

/* As the method digest() of MigHostMethods. */
static inline void
mig_nettle_digest(MigAlgorithm algorithm, const MigBytes *pieces, size_t count,
                  unsigned char *digest)
{
    struct sha256_ctx context;

    if (algorithm == MIG_SHA1)
        mig_nettle_sha1(pieces, count, digest);
    else if (algorithm == MIG_SHA384)
        mig_nettle_sha384(pieces, count, digest);
    else
    {
        sha256_init(&context);
        mig_nettle_add(&context, pieces, count);
        sha256_digest(&context, NETTLE_LENGTH(SHA256_DIGEST_SIZE) digest);
    }
}

#endif
