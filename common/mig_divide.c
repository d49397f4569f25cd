#include "mig_divide.h"

#include <stdarg.h>
#include <stdio.h>

bool
mig_divider_next(MigDivider *divider)
{
    if (divider->line == 0)
        divider->end = divider->file->start;
    divider->begin = divider->end;
    if (!mig_ok(divider->mig) ||
        !mig_next_line(divider->file->text, &divider->end, &divider->text))
        return false;
    divider->line++;
    return true;
}

void
mig_divider_open(MigDivider *divider, MigSection *section)
{
    if (divider->line == 0)
        divider->end = divider->file->start;
    divider->section = section;
    divider->start = divider->end;
    divider->start_line = divider->line + 1;
}

/* Add the present slice, up to an offset, unless it is blank. */
static void
add_slice(MigDivider *divider, size_t end)
{
    if (divider->start < end &&
        !mig_is_blank(mig_part(divider->file->text, divider->start, end)))
        mig_section_add(divider->mig, divider->section, divider->file,
                        divider->start, end);
}

void
mig_divider_split(MigDivider *divider)
{
    mig_divider_split_at(divider, divider->begin);
}

void
mig_divider_split_at(MigDivider *divider, size_t end)
{
    if (divider->section == NULL)
        return;
    add_slice(divider, end);
    mig_divider_open(divider, divider->section);
}

void
mig_divider_close(MigDivider *divider)
{
    MigSection *section = divider->section;

    if (section == NULL)
        return;
    add_slice(divider, divider->begin);
    if (section->count == 0)
        mig_section_add(divider->mig, section, divider->file, divider->start,
                        divider->start);
    divider->section = NULL;
}

void
mig_divider_fail(MigDivider *divider, const char *format, ...)
{
    char message[512];
    va_list arguments;

    va_start(arguments, format);
    (void) vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    (void) mig_fail(divider->mig->error, MIG_INVALID, "line %lld: %s",
                    (long long) divider->line, message);
}

bool
mig_line_ends_statement(MigBytes line)
{
    MigBytes word;
    MigBytes last = {"", 0};
    size_t at = 0;

    while (mig_next_word(line, &at, " \t\v\f\r", &word) &&
           !mig_starts_with(word, "--"))
        last = word;
    return mig_ends_with(last, ";");
}
