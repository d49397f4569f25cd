#include "mig_essence.h"

/* An essence being written: pieces, each behind its length. */
typedef struct Essence
{
    Mig *mig;
    MigText pieces;
    MigBytes text; /* of the slice that is being looked at */
    size_t behind; /* its last token, in bytes */
    bool known;    /* it can be told */
} Essence;

static void
add_piece(Essence *essence, MigBytes piece)
{
    mig_text_append_format(&essence->pieces, "%zu:", piece.length);
    mig_text_append(&essence->pieces, piece);
}

/*
 * Look at what lies between two tokens: a comment counts where a variable
 * stands in it, whose value might be more than a comment.
 */
static void
add_gap(Essence *essence, size_t end)
{
    MigBytes gap = mig_part(essence->text, essence->behind, end);
    size_t at = 0;

    while (at < gap.length)
    {
        const char *dollar = memchr(gap.data + at, '$', gap.length - at);

        if (dollar == NULL)
            return;
        at = (size_t) (dollar - gap.data) + 1;
        if (at < gap.length && gap.data[at] == '{')
        {
            add_piece(essence, gap);
            return;
        }
    }
}

/* A MigTokenFunction. */
static MigStatus
add_token(void *context, MigBytes token, MigError *error)
{
    Essence *essence = context;
    size_t start = (size_t) (token.data - essence->text.data);

    add_gap(essence, start);
    add_piece(essence, token);
    essence->behind = start + token.length;
    return error->status;
}

/*
 * The text of a slice.  One that is missing makes the essence unknown: it is
 * for others to complain of.
 */
static MigBytes
slice_text(Essence *essence, MigArena *arena, const MigSlice *slice)
{
    Mig *mig = essence->mig;
    MigBytes text;

    if (slice->whole.data != NULL)
        return mig_part(slice->whole, slice->offset,
                        slice->offset + slice->length);
    text = mig_slice_fetch(mig, arena, slice);
    if (mig->error->status == MIG_CORRUPT)
    {
        mig_error_clear(mig->error);
        essence->known = false;
        text = mig_bytes("");
    }
    return text;
}

/* Add a section: its name, and the tokens of each slice. */
static void
add_section(Essence *essence, const char *name, const MigSection *section)
{
    Mig *mig = essence->mig;
    MigArena arena = {mig->host, NULL};
    bool readable = true;

    if (section->count > 0)
        mig_text_append_format(&essence->pieces, "%s\n", name);
    for (size_t i = 0; i < section->count && mig_ok(mig) && essence->known; i++)
    {
        essence->text = slice_text(essence, &arena, &section->slices[i]);
        essence->behind = 0;
        if (!mig_ok(mig))
            break;
        (void) mig->host->methods->script_tokens(mig->host, essence->text,
                                                 add_token, essence, &readable,
                                                 mig->error);
        essence->known = essence->known && readable;
        add_gap(essence, essence->text.length);
        mig_text_append_string(&essence->pieces, "/\n");
        mig_arena_release(&arena);
    }
    mig_arena_release(&arena);
}

/*
 * Whether an option says nothing of what a migration does.  That a variable is
 * mentioned may be in a comment, and where it is not, tokens tell; the rule of
 * order is the format's; what is expected, and whether rows may be
 * destroyed, is looked at while it runs.
 */
static bool
is_beside(MigBytes option)
{
    static const char *const keys[] = {
        "variables:", "order:", "expect:", "destructive:"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
    {
        if (mig_starts_with(option, keys[i]))
            return true;
    }
    return false;
}

/* Add the options that count. */
static void
add_options(Essence *essence, MigBytes options)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(options, &at, &line))
    {
        if (!is_beside(line))
            add_piece(essence, line);
    }
    mig_text_append_string(&essence->pieces, "\n");
}

/* Write what counts of a migration; returns whether that can be told. */
static bool
write_essence(Mig *mig, MigArena *arena, const MigMigration *migration,
              MigBytes *written)
{
    Essence essence = {
        mig, {arena, mig->error, NULL, 0, 0}, {NULL, 0}, 0, true};

    add_piece(&essence, migration->requires);
    add_options(&essence, migration->options);
    add_section(&essence, "up", &migration->up);
    add_section(&essence, "down", &migration->down);
    add_section(&essence, "verify", &migration->verify);
    *written = mig_text_bytes(&essence.pieces);
    return mig_ok(mig) && essence.known;
}

bool
mig_essence_equal(Mig *mig, const MigMigration *one, const MigMigration *other)
{
    MigArena arena = {mig->host, NULL};
    MigBytes first;
    MigBytes second;
    bool equal;

    equal = mig_ok(mig) && write_essence(mig, &arena, one, &first) &&
            write_essence(mig, &arena, other, &second) &&
            mig_bytes_equal(first, second);
    mig_arena_release(&arena);
    return equal;
}
