#include "mig_version.h"

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Whether a byte would make a version hard to type, or quote. */
static bool
is_forbidden(char byte)
{
    return (unsigned char) byte <= ' ' || byte == 0x7F ||
           strchr("\\'\"`,", byte) != NULL;
}

/* Fail for the first byte that no version may hold. */
static MigStatus
require_allowed_bytes(MigBytes version, MigError *error)
{
    if (mig_utf8_check(version) < version.length)
        return mig_fail(error, MIG_INVALID, "a version must be valid UTF-8");
    for (size_t i = 0; i < version.length; i++)
    {
        if (is_forbidden(version.data[i]))
            return mig_fail(
                error, MIG_INVALID,
                "version \"%.*s\" holds a blank, a quote, a comma, a "
                "backslash or a control character",
                (int) mig_cut(version, 200).length, version.data);
    }
    return MIG_OK;
}

MigStatus
mig_version_check(MigBytes version, MigError *error)
{
    if (version.length == 0)
        return mig_fail(error, MIG_INVALID, "a version must not be empty");
    if (require_allowed_bytes(version, error) != MIG_OK)
        return error->status;
    if (version.length > MIG_VERSION_MAX)
        return mig_fail(
            error, MIG_INVALID, "version \"%.*s...\" is longer than %d bytes",
            (int) mig_cut(version, 40).length, version.data, MIG_VERSION_MAX);
    if (version.data[0] == '+' || version.data[0] == '-' ||
        mig_bytes_equal(version, mig_bytes("head")) ||
        mig_bytes_equal(version, mig_bytes("base")))
        return mig_fail(error, MIG_INVALID,
                        "\"%.*s\" cannot be a version: it would be read as a "
                        "target",
                        (int) mig_cut(version, 200).length, version.data);
    return MIG_OK;
}

MigBytes
mig_version_from_name(Mig *mig, MigBytes name)
{
    char *copy = mig_alloc(mig->arena, name.length + 1, mig->error);
    MigBytes version = {copy, name.length};

    if (copy == NULL)
        return name;
    for (size_t i = 0; i < name.length; i++)
        copy[i] = (char) (name.data[i] == ' ' ? '_' : name.data[i]);
    return version;
}

/* Digits without the zeros in front, but for the last. */
static MigBytes
significant(MigBytes digits)
{
    while (digits.length > 1 && digits.data[0] == '0')
    {
        digits.data++;
        digits.length--;
    }
    return digits;
}

/*
 * Append a run of digits so that byte order is numeric order: '0', the number
 * of significant digits in three, and those digits.
 */
static void
append_number(MigText *position, MigBytes digits)
{
    digits = significant(digits);
    mig_text_append_format(position, "0%03u", (unsigned) digits.length);
    mig_text_append(position, digits);
}

MigBytes
mig_version_position(Mig *mig, MigBytes version)
{
    MigText position = {mig->arena, mig->error, NULL, 0, 0};
    size_t at = 0;

    mig_text_append_string(&position, MIG_POSITION_VERSION);
    while (at < version.length)
    {
        size_t start = at;

        while (at < version.length && is_digit(version.data[at]))
            at++;
        if (at > start)
            append_number(&position, mig_part(version, start, at));
        start = at;
        while (at < version.length && !is_digit(version.data[at]))
            at++;
        if (at > start)
            mig_text_append(&position, mig_part(version, start, at));
    }
    return mig_text_bytes(&position);
}

MigBytes
mig_repeatable_position(Mig *mig, MigBytes name)
{
    MigText position = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_string(&position, MIG_POSITION_REPEATABLE);
    mig_text_append(&position, name);
    return mig_text_bytes(&position);
}

MigBytes
mig_sequence_position(Mig *mig, size_t place, MigBytes version)
{
    MigText position = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append_format(&position, MIG_POSITION_VERSION "%08zu:", place);
    mig_text_append(&position, version);
    return mig_text_bytes(&position);
}

/* Length of the run of digits, or of other bytes, at an offset. */
static size_t
run_length(MigBytes version, size_t at, bool digits)
{
    size_t end = at;

    while (end < version.length && is_digit(version.data[end]) == digits)
        end++;
    return end - at;
}

bool
mig_version_equal(MigBytes a, MigBytes b)
{
    size_t at_a = 0;
    size_t at_b = 0;

    while (at_a < a.length && at_b < b.length)
    {
        bool digits = is_digit(a.data[at_a]);
        size_t length_a = run_length(a, at_a, digits);
        size_t length_b = run_length(b, at_b, digits);
        MigBytes part_a = mig_part(a, at_a, at_a + length_a);
        MigBytes part_b = mig_part(b, at_b, at_b + length_b);

        if (digits && length_b > 0)
        {
            part_a = significant(part_a);
            part_b = significant(part_b);
        }
        if (!mig_bytes_equal(part_a, part_b))
            return false;
        at_a += length_a;
        at_b += length_b;
    }
    return at_a == a.length && at_b == b.length;
}

int
mig_position_compare(MigBytes a, MigBytes b)
{
    size_t shared = a.length < b.length ? a.length : b.length;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);

    if (order != 0)
        return order;
    return (a.length > b.length) - (a.length < b.length);
}
