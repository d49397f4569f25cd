#include "mig_work.h"

/* Keep an expanded text under its own hash. */
static void
keep_expanded(Mig *mig, MigSlice *slice, MigBytes text)
{
    MigValue arguments[2];

    mig_hash(mig->host, &text, 1, slice->hash);
    slice->offset = 0;
    slice->length = text.length;
    arguments[0] = mig_string(slice->hash);
    arguments[1] = mig_blob(text);
    (void) mig->host->methods->query(mig->host, MIG_SQL_TEXT_INSERT, arguments,
                                     2, NULL, NULL, mig->error);
}

MigBytes
mig_work_keep(Mig *mig, MigArena *arena, MigBytes column,
              MigExpansion *expansion)
{
    MigSlice *slices;
    size_t count = mig_slices_read(mig, arena, column, &slices);

    for (size_t i = 0; i < count && mig_ok(mig); i++)
    {
        MigBytes text = mig_slice_fetch_sound(mig, arena, &slices[i]);
        MigBytes expanded;

        expansion->file = slices[i].file;
        expanded = mig_expand(mig, arena, text, expansion);
        mig_fail_prefix(mig->error, "line %lld of its way back: ",
                        (long long) slices[i].line +
                            mig_count_lines(text, expansion->offset));
        if (mig_ok(mig) && expanded.data != text.data)
            keep_expanded(mig, &slices[i], expanded);
    }
    return mig_slices_write(mig, slices, count);
}
