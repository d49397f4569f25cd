#include "mig_ahead.h"

#include "mig_text.h"

/* More names than these are not looked for: each statement of the run is
 * searched for all of them. */
#define MOVED_MOST ((size_t) 1000)

void
mig_ahead_enter(MigAhead *ahead)
{
    ahead->session = false;
}

/* Whether a byte can be a part of a name without quotes. */
static bool
is_name_byte(char byte)
{
    return byte == '_' || byte == '$' || (byte >= '0' && byte <= '9') ||
           (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (unsigned char) byte >= 0x80;
}

/* Whether a name stands in a text, in whatever letters.  One in a comment or a
 * string counts: that leads to a later look, not to none. */
static bool
stands_in(MigBytes name, MigBytes text)
{
    for (size_t i = 0; name.length > 0 && i + name.length <= text.length; i++)
    {
        size_t end = i + name.length;

        if ((i == 0 || !is_name_byte(text.data[i - 1])) &&
            (end == text.length || !is_name_byte(text.data[end])) &&
            mig_same_letters(mig_part(text, i, end), name))
            return true;
    }
    return false;
}

bool
mig_ahead_doubts(const MigAhead *ahead, const MigStatement *statement)
{
    bool doubts = ahead->all || ahead->session;

    for (size_t i = 0; i < ahead->count && !doubts; i++)
        doubts = stands_in(ahead->moved[i], statement->text);
    return doubts;
}

void
mig_ahead_pass(Mig *mig, MigAhead *ahead, const MigStatement *statement)
{
    ahead->session = ahead->session || statement->renames;
    for (size_t i = 0; i < statement->moved_count && mig_ok(mig); i++)
    {
        MigBytes *moved;

        if (ahead->count == MOVED_MOST)
        {
            ahead->all = true;
            return;
        }
        moved =
            mig_array_reserve(mig->arena, ahead->moved, ahead->count,
                              &ahead->capacity, sizeof(MigBytes), mig->error);
        if (moved == NULL)
            return;
        ahead->moved = moved;
        moved[ahead->count++] =
            mig_copy(mig->arena, statement->moved[i], mig->error);
    }
}
