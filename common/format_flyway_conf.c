#include "format_flyway.h"

#include "mig_condition.h"
#include "mig_variable.h"

/*
 * Lines key=value; '#' begins a comment.  Known are executeInTransaction,
 * placeholderReplacement, encoding and shouldExecute; anything else is an
 * error in Flyway too (SqlScriptMetadata.java).
 */

/* Fail for a value that a key cannot have. */
static void
fail_value(Mig *mig, int64_t line, MigBytes key, MigBytes value,
           const char *hint)
{
    (void) mig_fail(mig->error, MIG_INVALID,
                    "line %lld: \"%.*s\" cannot be \"%.*s\"", (long long) line,
                    (int) mig_cut(key, 80).length, key.data,
                    (int) mig_cut(value, 80).length, value.data);
    mig_fail_hint(mig->error, "%s", hint);
}

/* Whether two texts are the same but for upper and lower case (ASCII). */
static bool
same_word(MigBytes text, const char *word)
{
    if (text.length != strlen(word))
        return false;
    for (size_t i = 0; i < text.length; i++)
    {
        char byte = text.data[i];

        if (byte >= 'A' && byte <= 'Z')
            byte = (char) (byte - 'A' + 'a');
        if (byte != word[i])
            return false;
    }
    return true;
}

/* Read true or false; returns whether it is false. */
static bool
is_off(Mig *mig, int64_t line, MigBytes key, MigBytes value)
{
    if (same_word(value, "false"))
        return true;
    if (!same_word(value, "true"))
        fail_value(mig, line, key, value, "Write true or false.");
    return false;
}

/* Take one setting. */
static void
take_setting(Mig *mig, int64_t line, MigBytes key, MigBytes value,
             MigText *options)
{
    if (mig_bytes_equal(key, mig_bytes("executeInTransaction")))
    {
        if (is_off(mig, line, key, value))
            mig_text_append_string(options, "transaction:false\n");
    }
    else if (mig_bytes_equal(key, mig_bytes("placeholderReplacement")))
    {
        if (is_off(mig, line, key, value))
            mig_text_append_string(options,
                                   "variables:" MIG_VARIABLES_NONE "\n");
    }
    else if (mig_bytes_equal(key, mig_bytes("encoding")))
    {
        if (!same_word(value, "utf-8") && !same_word(value, "utf8") &&
            !same_word(value, "us-ascii"))
            fail_value(mig, line, key, value,
                       "Save the file in UTF-8, and leave this line out.");
    }
    else if (mig_bytes_equal(key, mig_bytes("shouldExecute")))
    {
        mig_condition_check(mig, value);
        mig_fail_prefix(mig->error, "line %lld: ", (long long) line);
        mig_text_append_string(options, "condition:");
        mig_text_append(options, value);
        mig_text_append_string(options, "\n");
    }
    else
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line %lld: unknown setting \"%.*s\"", (long long) line,
                        (int) mig_cut(key, 80).length, key.data);
        mig_fail_hint(mig->error,
                      "Known are executeInTransaction, "
                      "placeholderReplacement, encoding and shouldExecute.");
    }
}

void
flyway_conf_read(Mig *mig, MigBytes text, MigBytes *options)
{
    MigText found = {mig->arena, mig->error, NULL, 0, 0};
    int64_t number = 0;
    size_t at = 0;
    MigBytes line;

    while (mig_ok(mig) && mig_next_line(text, &at, &line))
    {
        const char *sign;

        number++;
        line = mig_trim(line);
        if (line.length == 0 || line.data[0] == '#')
            continue;
        sign = memchr(line.data, '=', line.length);
        if (sign == NULL)
        {
            (void) mig_fail(
                mig->error, MIG_INVALID, "line %lld: \"%.*s\" is not key=value",
                (long long) number, (int) mig_cut(line, 80).length, line.data);
            return;
        }
        take_setting(mig, number,
                     mig_trim(mig_part(line, 0, (size_t) (sign - line.data))),
                     mig_trim(mig_part(line, (size_t) (sign - line.data) + 1,
                                       line.length)),
                     &found);
    }
    *options = mig_text_bytes(&found);
}
