#include "mig_fingerprint.h"

#include <stdio.h>

#include "mig_text.h"

/* Write a length in eight bytes, the highest first. */
static void
pack_length(char packed[8], size_t length)
{
    for (int i = 0; i < 8; i++)
        packed[i] = (char) ((uint64_t) length >> (56 - 8 * i) & 0xFF);
}

void
mig_fingerprint_of(MigHost *host, const MigObject *object, MigFingerprint *part)
{
    const MigBytes *const fields[] = {&object->kind, &object->identity,
                                      &object->definition};
    char lengths[3][8];
    MigBytes pieces[6];

    for (size_t i = 0; i < 3; i++)
    {
        pack_length(lengths[i], fields[i]->length);
        pieces[2 * i].data = lengths[i];
        pieces[2 * i].length = sizeof(lengths[i]);
        pieces[2 * i + 1] = *fields[i];
    }
    host->methods->digest(host, MIG_SHA256, pieces, 6, part->sum);
}

void
mig_fingerprint_add(MigFingerprint *sum, const MigFingerprint *part)
{
    unsigned carry = 0;

    for (size_t i = MIG_SHA256_SIZE; i-- > 0;)
    {
        carry += (unsigned) sum->sum[i] + part->sum[i];
        sum->sum[i] = (unsigned char) (carry & 0xFF);
        carry >>= 8;
    }
}

void
mig_fingerprint_subtract(MigFingerprint *sum, const MigFingerprint *part)
{
    int borrow = 0;

    for (size_t i = MIG_SHA256_SIZE; i-- > 0;)
    {
        int digit = (int) sum->sum[i] - (int) part->sum[i] - borrow;

        borrow = digit < 0;
        sum->sum[i] = (unsigned char) (digit & 0xFF);
    }
}

bool
mig_object_is_structure(const MigObject *object)
{
    static const char *const others[] = {"owner", "privileges",
                                         "default privileges", "tablespace",
                                         "extension version"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    {
        if (mig_bytes_equal(object->kind, mig_bytes(others[i])))
            return false;
    }
    return true;
}

void
mig_fingerprint_text(MigHost *host, const MigFingerprint *fingerprint,
                     char text[MIG_FINGERPRINT_SIZE])
{
    char canon[MIG_FINGERPRINT_SIZE - 2 * MIG_SHA256_SIZE - 1];
    size_t length;

    host->methods->canon(host, canon, sizeof(canon));
    length = (size_t) snprintf(text, MIG_FINGERPRINT_SIZE, "%s:", canon);
    for (size_t i = 0; i < MIG_SHA256_SIZE; i++)
        (void) snprintf(text + length + 2 * i, 3, "%02x", fingerprint->sum[i]);
}

/* The value of a hexadecimal digit; -1 for what is none. */
static int
digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
mig_fingerprint_read(MigBytes text, MigBytes *canon,
                     MigFingerprint *fingerprint)
{
    const size_t digits = (size_t) 2 * MIG_SHA256_SIZE;
    const char *sum;

    if (text.length < digits + 2 || text.data[text.length - digits - 1] != ':')
        return false;
    *canon = mig_part(text, 0, text.length - digits - 1);
    sum = text.data + text.length - digits;
    for (size_t i = 0; i < MIG_SHA256_SIZE; i++)
    {
        int high = digit_value(sum[2 * i]);
        int low = digit_value(sum[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        fingerprint->sum[i] = (unsigned char) (high * 16 + low);
    }
    return true;
}
