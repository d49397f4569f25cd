#include "mig_work_place.h"

#define EXCERPT_LENGTH ((size_t) 160) /* bytes of a statement in an error */

/* Line in the file of a byte of a part's text. */
static int64_t
part_line(const MigPart *part, size_t offset)
{
    if (offset > part->text.length)
        offset = part->text.length;
    return part->slice->line + mig_count_lines(part->text, offset);
}

/* Length without the last character, which may have been cut. */
static size_t
drop_last_character(const char *text, size_t length)
{
    while (length > 0 && ((unsigned char) text[length - 1] & 0xC0) == 0x80)
        length--;
    return length > 0 ? length - 1 : 0;
}

/* The beginning of a statement in one line, NUL-ended. */
static void
write_excerpt(MigBytes text, char excerpt[EXCERPT_LENGTH + 4])
{
    size_t length = 0;

    for (size_t i = 0; i < text.length && length < EXCERPT_LENGTH; i++)
    {
        bool blank = strchr(" \t\r\n", text.data[i]) != NULL;

        if (blank && length > 0 && excerpt[length - 1] == ' ')
            continue;
        excerpt[length++] = text.data[i];
        if (blank)
            excerpt[length - 1] = ' ';
    }
    if (length == EXCERPT_LENGTH)
        length = drop_last_character(excerpt, length);
    excerpt[length] = '\0';
    if (text.length > EXCERPT_LENGTH)
        memcpy(excerpt + length, "...", 4);
}

bool
mig_work_is_hook(const MigWork *work)
{
    return strcmp(work->section, MIG_SECTION_HOOK) == 0;
}

void
mig_work_fail_at(Mig *mig, const MigWorkPlace *place, size_t offset)
{
    char detail[sizeof(mig->error->detail)];
    char excerpt[EXCERPT_LENGTH + 4] = "";
    MigBytes file = place->part->slice->file;
    MigBytes version = place->work->version;

    if (mig_ok(mig))
        return;
    memcpy(detail, mig->error->detail, sizeof(detail));
    mig_fail_prefix(mig->error, "%s \"%.*s\" %s at line %lld: ",
                    mig_work_is_hook(place->work) ? "hook" : "migration",
                    (int) version.length, version.data,
                    place->ahead ? "is refused" : "failed",
                    (long long) part_line(place->part, offset));
    if (place->statement != NULL)
        write_excerpt(place->statement->text, excerpt);
    if (place->statement == NULL)
        mig_fail_detail(mig->error, "In section %s of %.*s.%s%s",
                        place->work->section,
                        (int) (file.length > 0 ? file.length : 8),
                        file.length > 0 ? file.data : "its text",
                        detail[0] != '\0' ? " " : "", detail);
    else
        mig_fail_detail(mig->error,
                        "Statement %lld of section %s of %.*s: %s%s%s",
                        (long long) place->number, place->work->section,
                        (int) (file.length > 0 ? file.length : 8),
                        file.length > 0 ? file.data : "its text", excerpt,
                        detail[0] != '\0' ? "\n" : "", detail);
}
