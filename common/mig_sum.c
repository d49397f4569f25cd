#include "mig_sum.h"

uint32_t
mig_crc32(uint32_t sum, MigBytes bytes)
{
    /* Remainders of the sixteen numbers of four bits, bits reversed. */
    static const uint32_t remainders[] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

    sum = ~sum;
    for (size_t i = 0; i < bytes.length; i++)
    {
        sum ^= (unsigned char) bytes.data[i];
        sum = (sum >> 4) ^ remainders[sum & 15];
        sum = (sum >> 4) ^ remainders[sum & 15];
    }
    return ~sum;
}

/* The state of a SipHash: four words, and the bytes of the one to come. */
typedef struct Sip
{
    uint64_t v0;
    uint64_t v1;
    uint64_t v2;
    uint64_t v3;
    uint64_t word;
    uint64_t length;
} Sip;

static uint64_t
rotate(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

/* One SipRound of the paper by Aumasson and Bernstein. */
static void
sip_round(Sip *sip)
{
    sip->v0 += sip->v1;
    sip->v1 = rotate(sip->v1, 13) ^ sip->v0;
    sip->v0 = rotate(sip->v0, 32);
    sip->v2 += sip->v3;
    sip->v3 = rotate(sip->v3, 16) ^ sip->v2;
    sip->v0 += sip->v3;
    sip->v3 = rotate(sip->v3, 21) ^ sip->v0;
    sip->v2 += sip->v1;
    sip->v1 = rotate(sip->v1, 17) ^ sip->v2;
    sip->v2 = rotate(sip->v2, 32);
}

/* Take in a word of eight bytes. */
static void
sip_word(Sip *sip, uint64_t word)
{
    sip->v3 ^= word;
    sip_round(sip);
    sip->v0 ^= word;
}

static void
sip_add(Sip *sip, MigBytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
    {
        uint64_t byte = (unsigned char) bytes.data[i];

        sip->word |= byte << (8 * (sip->length % 8));
        sip->length++;
        if (sip->length % 8 == 0)
        {
            sip_word(sip, sip->word);
            sip->word = 0;
        }
    }
}

uint64_t
mig_siphash13(const MigBytes *pieces, size_t count)
{
    /* "somepseudorandomlygeneratedbytes", and a key of zeros. */
    Sip sip = {0x736F6D6570736575,
               0x646F72616E646F6D,
               0x6C7967656E657261,
               0x7465646279746573,
               0,
               0};

    for (size_t i = 0; i < count; i++)
        sip_add(&sip, pieces[i]);
    sip_word(&sip, sip.word | sip.length << 56);
    sip.v2 ^= 0xFF;
    sip_round(&sip);
    sip_round(&sip);
    sip_round(&sip);
    return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}

void
mig_base64(const unsigned char *bytes, size_t length, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3)
    {
        size_t left = length - i;
        unsigned triple = (unsigned) bytes[i] << 16 |
                          (left > 1 ? (unsigned) bytes[i + 1] << 8 : 0) |
                          (left > 2 ? bytes[i + 2] : 0);

        memcpy(text, "====", 4);
        text[0] = digits[triple >> 18];
        text[1] = digits[triple >> 12 & 63];
        if (left > 1)
            text[2] = digits[triple >> 6 & 63];
        if (left > 2)
            text[3] = digits[triple & 63];
        text += 4;
    }
    *text = '\0';
}

void
mig_hexadecimal(const unsigned char *bytes, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++)
    {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * length] = '\0';
}
