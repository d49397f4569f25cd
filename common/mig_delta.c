#include "mig_delta.h"

/* How definitions are written here, NUL-ended. */
#define CANON_SIZE 32

static void
append_field(MigText *text, MigBytes field)
{
    if (field.data == NULL)
    {
        mig_text_append_string(text, "-");
        return;
    }
    mig_text_append_format(text, "%zu:", field.length);
    mig_text_append(text, field);
}

MigBytes
mig_delta_write(Mig *mig, MigArena *arena, const MigChanges *changes)
{
    MigText text = {arena, mig->error, NULL, 0, 0};
    char canon[CANON_SIZE];

    mig->host->methods->canon(mig->host, canon, sizeof(canon));
    mig_text_append_string(&text, canon);
    mig_text_append_string(&text, "\n");
    for (size_t i = 0; i < changes->count; i++)
    {
        const MigChange *change = &changes->items[i];

        append_field(&text, change->kind);
        append_field(&text, change->identity);
        append_field(&text, change->parent);
        append_field(&text, change->before);
        append_field(&text, change->after);
        mig_text_append_string(&text, "\n");
    }
    return mig_text_bytes(&text);
}

/* Read a field, moving behind it.  Returns false for what is none. */
static bool
read_field(MigBytes text, size_t *at, MigBytes *field)
{
    size_t digits = *at;
    int64_t length;

    field->data = NULL;
    field->length = 0;
    if (*at < text.length && text.data[*at] == '-')
    {
        (*at)++;
        return true;
    }
    while (digits < text.length && text.data[digits] != ':')
        digits++;
    if (digits == text.length ||
        !mig_parse_digits(mig_part(text, *at, digits), &length) ||
        (uint64_t) length > text.length - digits - 1)
        return false;
    *field = mig_part(text, digits + 1, digits + 1 + (size_t) length);
    *at = digits + 1 + (size_t) length;
    return true;
}

/* Read a change, moving behind it.  Returns false for what is none. */
static bool
read_change(MigBytes text, size_t *at, MigChange *change)
{
    return read_field(text, at, &change->kind) &&
           read_field(text, at, &change->identity) &&
           read_field(text, at, &change->parent) &&
           read_field(text, at, &change->before) &&
           read_field(text, at, &change->after) && *at < text.length &&
           text.data[(*at)++] == '\n' && change->kind.data != NULL &&
           change->identity.data != NULL;
}

/* Fail for what is no delta. */
static void
fail_malformed(Mig *mig)
{
    (void) mig_fail(mig->error, MIG_CORRUPT,
                    "a row of migrate_delta is malformed");
    mig_fail_hint(mig->error,
                  "What the migration has changed is not known. "
                  "migrate_config('on_forgotten', 'ignore') lets it go back "
                  "without being held against that.");
}

void
mig_delta_read(Mig *mig, MigBytes text, MigBytes *canon, MigChanges *changes)
{
    size_t at = 0;

    *canon = mig_bytes("");
    if (mig_ok(mig) && mig_next_line(text, &at, canon))
    {
        while (at < text.length && mig_ok(mig))
        {
            MigChange change;

            if (read_change(text, &at, &change))
                mig_change_add(changes, &change, mig->error);
            else
                fail_malformed(mig);
        }
    }
}
