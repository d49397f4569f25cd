#include "mig_digest.h"

#include <stdio.h>
#include <stdlib.h>

#include "mig_format.h"
#include "mig_sum.h"

/*
 * Whether a text gives what is recorded.
 *
 * file  with its line ends as they are to be
 */
typedef bool (*DigestRule)(Mig *mig, const MigDigestFile *file,
                           const MigValue *recorded);

struct MigDigest
{
    const char *tool;
    DigestRule rule; /* NULL: Atlas', whose sums go on */
    MigAtlasSum sums[MIG_LINES_COUNT];
    bool lost; /* a file differed: so do the sums of all behind it */
};

/* ---- What is recorded ---- */

static bool
is_hexadecimal_of(MigBytes text, const char *hash)
{
    if (text.length != strlen(hash))
        return false;
    for (size_t i = 0; i < text.length; i++)
    {
        char digit = text.data[i];

        if (digit >= 'A' && digit <= 'F')
            digit = (char) (digit - 'A' + 'a');
        if (digit != hash[i])
            return false;
    }
    return true;
}

/* Whether bytes, or a text in hexadecimal, are a digest. */
static bool
is_digest(const MigValue *recorded, const unsigned char *digest, size_t size)
{
    char hash[2 * MIG_DIGEST_SIZE + 1];
    MigBytes raw = {(const char *) digest, size};

    mig_hexadecimal(digest, size, hash);
    if (recorded->type == MIG_BYTES && mig_bytes_equal(recorded->bytes, raw))
        return true;
    return is_hexadecimal_of(recorded->bytes, hash);
}

/* Whether a number, or a text in decimal, is a number. */
static bool
is_number(const MigValue *recorded, const char *decimal)
{
    char number[24];

    if (recorded->type != MIG_INTEGER)
        return mig_bytes_equal(mig_trim(recorded->bytes), mig_bytes(decimal));
    (void) snprintf(number, sizeof(number), "%lld",
                    (long long) recorded->integer);
    return strcmp(number, decimal) == 0;
}

/* ---- Rules ---- */

/* drizzle-orm/src/migrator.ts */
static bool
match_sha256(Mig *mig, const MigDigestFile *file, const MigValue *recorded)
{
    unsigned char digest[MIG_SHA256_SIZE];

    mig->host->methods->digest(mig->host, MIG_SHA256, &file->text, 1, digest);
    return is_digest(recorded, digest, sizeof(digest));
}

/*
 * schema-engine's checksum.rs.  Old releases wrote the bytes of a digest
 * without leading zeros.
 */
static bool
match_prisma(Mig *mig, const MigDigestFile *file, const MigValue *recorded)
{
    unsigned char digest[MIG_SHA256_SIZE];
    char hash[2 * MIG_SHA256_SIZE + 1];
    int length = 0;

    if (match_sha256(mig, file, recorded))
        return true;
    mig->host->methods->digest(mig->host, MIG_SHA256, &file->text, 1, digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        length += snprintf(hash + length, sizeof(hash) - (size_t) length, "%x",
                           digest[i]);
    return is_hexadecimal_of(recorded->bytes, hash);
}

/* sqlx-core/src/migrate/migration.rs */
static bool
match_sqlx(Mig *mig, const MigDigestFile *file, const MigValue *recorded)
{
    unsigned char digest[48];

    mig->host->methods->digest(mig->host, MIG_SHA384, &file->text, 1, digest);
    return is_digest(recorded, digest, sizeof(digest));
}

/* _deploy_hash() of App::Sqitch::Plan::Change */
static bool
match_sqitch(Mig *mig, const MigDigestFile *file, const MigValue *recorded)
{
    unsigned char digest[20];

    mig->host->methods->digest(mig->host, MIG_SHA1, &file->text, 1, digest);
    return is_digest(recorded, digest, sizeof(digest));
}

/* get_migration_hash() of yoyo: of the file's name without its suffix. */
static bool
match_yoyo(Mig *mig, const MigDigestFile *file, const MigValue *recorded)
{
    MigDigestFile of_name = *file;
    size_t start = 0;
    size_t end = file->path.length;

    for (size_t i = 0; i < file->path.length; i++)
    {
        if (file->path.data[i] == '/')
        {
            start = i + 1;
            end = file->path.length;
        }
        else if (file->path.data[i] == '.' && i > start)
            end = i;
    }
    of_name.text = mig_part(file->path, start, end);
    return match_sha256(mig, &of_name, recorded);
}

/*
 * ChecksumCalculator.java: the CRC-32 over the lines without their ends, as a
 * signed number.
 */
static bool
match_flyway(Mig *mig, const MigDigestFile *file, const MigValue *recorded)
{
    MigBytes text = file->text;
    size_t start = 0;
    uint32_t sum = 0;
    char decimal[16];

    (void) mig;
    if (mig_starts_with(text, "\xEF\xBB\xBF"))
        text = mig_part(text, 3, text.length);
    for (size_t i = 0; i <= text.length; i++)
    {
        if (i < text.length && text.data[i] != '\n' && text.data[i] != '\r')
            continue;
        sum = mig_crc32(sum, mig_part(text, start, i));
        start = i + 1;
    }
    (void) snprintf(decimal, sizeof(decimal), "%ld",
                    sum <= INT32_MAX ? (long) sum
                                     : (long) ((int64_t) sum - 4294967296));
    return is_number(recorded, decimal);
}

/*
 * The name as refinery has it, between "__" and the ending of the file; ours
 * has blanks for each '_'.
 */
static MigBytes
refinery_name(const MigDigestFile *file)
{
    MigBytes base = mig_base_name(file->path);
    size_t start = 0;
    size_t end = base.length;

    while (start + 1 < base.length &&
           (base.data[start] != '_' || base.data[start + 1] != '_'))
        start++;
    while (end > start && base.data[end - 1] != '.')
        end--;
    return start + 2 < end ? mig_part(base, start + 2, end - 1) : file->name;
}

/*
 * Migration::unapplied() in refinery_core/src/runner.rs.  Rust hashes a text
 * with a byte 0xFF behind it, and a number as it lies in memory: of four bytes,
 * of eight with the feature "int8-versions"; on all machines that matter the
 * lowest first.
 */
static bool
match_refinery(Mig *mig, const MigDigestFile *file, const MigValue *recorded)
{
    int64_t version;
    char number[8];
    char decimal[24];
    MigBytes pieces[] = {
        refinery_name(file), {"\xFF", 1}, {number, 4}, file->text, {"\xFF", 1}};

    (void) mig;
    if (!mig_parse_digits(file->version, &version))
        return false;
    for (size_t i = 0; i < sizeof(number); i++)
        number[i] = (char) (unsigned char) ((uint64_t) version >> 8 * i & 255);
    for (size_t size = 4; size <= 8; size += 4)
    {
        pieces[2].length = size;
        (void) snprintf(decimal, sizeof(decimal), "%llu",
                        (unsigned long long) mig_siphash13(pieces, 5));
        if (is_number(recorded, decimal))
            return true;
    }
    return false;
}

/* runCommittedMigration() in graphile-migrate's src/migration.ts */
static bool
match_graphile(Mig *mig, const MigDigestFile *file, const MigValue *recorded)
{
    MigBytes previous = {NULL, 0};
    MigBytes stated = {NULL, 0};
    bool allow_invalid = false;
    char hash[MIG_GRAPHILE_LENGTH + 1];
    size_t body = 0;
    MigBytes name;
    MigBytes value;

    while (mig_graphile_header(file->text, &body, &name, &value))
    {
        if (mig_bytes_equal(name, mig_bytes("Previous")) &&
            !mig_bytes_equal(value, mig_bytes("-")))
            previous = value;
        else if (mig_bytes_equal(name, mig_bytes("Hash")))
            stated = value;
        else if (mig_bytes_equal(name, mig_bytes("AllowInvalidHash")))
            allow_invalid = true;
    }
    mig_graphile_hash(mig->host, previous,
                      mig_part(file->text, body, file->text.length), hash);
    /* Such a file is recorded under the hash that it states. */
    if (allow_invalid)
        return mig_bytes_equal(recorded->bytes, stated);
    return mig_bytes_equal(recorded->bytes, mig_bytes(hash));
}

static const struct
{
    const char *tool;
    DigestRule rule;
} rules[] = {
    {"atlas", NULL},          {"drizzle", match_sha256},
    {"flyway", match_flyway}, {"graphile-migrate", match_graphile},
    {"prisma", match_prisma}, {"refinery", match_refinery},
    {"sqitch", match_sqitch}, {"sqlx", match_sqlx},
    {"yoyo", match_yoyo},
};

/* ---- Comparing ---- */

MigDigest *
mig_digest_open(Mig *mig, const char *tool)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
    {
        MigDigest *digest;

        if (strcmp(rules[i].tool, tool) != 0)
            continue;
        digest = mig_alloc(mig->arena, sizeof(*digest), mig->error);
        if (digest != NULL)
        {
            digest->tool = rules[i].tool;
            digest->rule = rules[i].rule;
        }
        return digest;
    }
    return NULL;
}

/* How many line ends a text has, CR LF counting as one, and lone CRs not. */
static size_t
count_breaks(MigBytes text, size_t *with_cr)
{
    size_t count = 0;

    *with_cr = 0;
    for (size_t i = 0; i < text.length; i++)
    {
        if (text.data[i] != '\n')
            continue;
        count++;
        if (i > 0 && text.data[i - 1] == '\r')
            ++*with_cr;
    }
    return count;
}

MigBytes
mig_line_ends(Mig *mig, MigArena *arena, MigBytes text, MigLineEnds ends)
{
    size_t with_cr;
    size_t count = count_breaks(text, &with_cr);
    MigBytes changed = {NULL, 0};
    char *copy;

    if (ends == MIG_LINES_AS_THEY_ARE ||
        with_cr == (ends == MIG_LINES_CR_LF ? count : 0))
        return text;
    copy = mig_alloc(arena, text.length + count, mig->error);
    if (copy == NULL)
        return text;
    for (size_t i = 0; i < text.length; i++)
    {
        if (text.data[i] == '\r' && i + 1 < text.length &&
            text.data[i + 1] == '\n')
            continue;
        if (text.data[i] == '\n' && ends == MIG_LINES_CR_LF)
            copy[changed.length++] = '\r';
        copy[changed.length++] = text.data[i];
    }
    changed.data = copy;
    return changed;
}

/*
 * Add a file to the sum of one way to end lines, and compare.
 */
static bool
match_atlas(Mig *mig, MigAtlasSum *sum, const MigDigestFile *file,
            const MigValue *recorded)
{
    char hash[MIG_ATLAS_LENGTH + 1];
    MigBytes stated = recorded->bytes;

    if (!mig_atlas_add(mig->host, sum, file->path, file->text, hash))
        return false;
    if (mig_starts_with(stated, "h1:"))
        stated = mig_part(stated, 3, stated.length);
    return mig_bytes_equal(stated, mig_bytes(hash));
}

/*
 * Whether what is recorded may be of a text that was not the file's: Flyway
 * replaces placeholders before it sums a repeatable migration.
 */
static bool
is_of_other_text(const MigDigest *digest, const MigDigestFile *file)
{
    size_t at = 0;

    if (digest->rule != match_flyway || !file->repeatable)
        return false;
    while (at + 1 < file->text.length)
    {
        const char *found =
            memchr(file->text.data + at, '$', file->text.length - at - 1);

        if (found == NULL)
            return false;
        if (found[1] == '{')
            return true;
        at = (size_t) (found - file->text.data) + 1;
    }
    return false;
}

/* As mig_digest_compare(), of a file of which something is known. */
static MigDigestAnswer
compare_file(Mig *mig, MigDigest *digest, const MigDigestFile *file,
             const MigValue *recorded)
{
    MigDigestAnswer answer = MIG_DIGEST_DIFFERS;

    for (MigLineEnds ends = MIG_LINES_AS_THEY_ARE; ends < MIG_LINES_COUNT;
         ends++)
    {
        MigArena arena = {mig->host, NULL};
        MigDigestFile changed = *file;
        bool same = false;

        changed.text = mig_line_ends(mig, &arena, file->text, ends);
        if (mig_ok(mig))
            same = digest->rule == NULL ? match_atlas(mig, &digest->sums[ends],
                                                      &changed, recorded)
                                        : digest->rule(mig, &changed, recorded);
        mig_arena_release(&arena);
        if (same && answer == MIG_DIGEST_DIFFERS)
            answer = ends == MIG_LINES_AS_THEY_ARE ? MIG_DIGEST_SAME
                                                   : MIG_DIGEST_LINE_ENDS;
        /* Atlas' sums must all go on. */
        if (!mig_ok(mig) || (same && digest->rule != NULL))
            break;
    }
    return answer;
}

MigDigestAnswer
mig_digest_compare(Mig *mig, MigDigest *digest, const MigDigestFile *file,
                   const MigValue *recorded)
{
    static const MigValue nothing = {MIG_NULL, 0, 0, {"", 0}};
    bool known = recorded != NULL && recorded->type != MIG_NULL;
    MigDigestAnswer answer;

    if (digest == NULL || !mig_ok(mig) || (!known && digest->rule != NULL))
        return MIG_DIGEST_UNKNOWN;
    answer = compare_file(mig, digest, file, known ? recorded : &nothing);
    if (!known || !mig_ok(mig))
        return MIG_DIGEST_UNKNOWN;
    if (answer != MIG_DIGEST_DIFFERS)
        return answer;
    if (digest->lost || is_of_other_text(digest, file))
        return MIG_DIGEST_UNKNOWN;
    digest->lost = digest->rule == NULL;
    return MIG_DIGEST_DIFFERS;
}
