#include "mig_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Drop the incomplete UTF-8 character that cutting a text may have left.
 *
 * text      NUL-ended, in/out
 * capacity  of its array, in bytes; a shorter text was not cut
 */
static void
text_trim_cut(char *text, size_t capacity)
{
    size_t length = strlen(text);
    size_t start = length;
    unsigned char lead;

    if (length + 1 < capacity || length == 0)
        return;
    while (start > 1 && ((unsigned char) text[start - 1] & 0xC0) == 0x80)
        start--;
    start--;
    lead = (unsigned char) text[start];
    if (lead >= 0xC0 && length - start < (lead < 0xE0   ? 2U
                                          : lead < 0xF0 ? 3U
                                                        : 4U))
        text[start] = '\0';
}

/* Format into an array of a given size, cutting between characters. */
static void text_format(char *text, size_t capacity, const char *format,
                        va_list arguments) MIG_PRINTF(3, 0);
static void
text_format(char *text, size_t capacity, const char *format, va_list arguments)
{
    (void) vsnprintf(text, capacity, format, arguments);
    text_trim_cut(text, capacity);
}

MigStatus
mig_fail(MigError *error, MigStatus status, const char *format, ...)
{
    va_list arguments;

    if (error->status != MIG_OK)
        return error->status;
    error->status = status;
    error->engine_code = 0;
    error->detail[0] = '\0';
    error->hint[0] = '\0';
    va_start(arguments, format);
    text_format(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    return status;
}

void
mig_fail_detail(MigError *error, const char *format, ...)
{
    va_list arguments;

    if (error->status == MIG_OK)
        return;
    va_start(arguments, format);
    text_format(error->detail, sizeof(error->detail), format, arguments);
    va_end(arguments);
}

void
mig_fail_hint(MigError *error, const char *format, ...)
{
    va_list arguments;

    if (error->status == MIG_OK)
        return;
    va_start(arguments, format);
    text_format(error->hint, sizeof(error->hint), format, arguments);
    va_end(arguments);
}

void
mig_fail_prefix(MigError *error, const char *format, ...)
{
    char message[sizeof(error->message)];
    va_list arguments;
    size_t length;

    if (error->status == MIG_OK)
        return;
    va_start(arguments, format);
    text_format(message, sizeof(message), format, arguments);
    va_end(arguments);
    length = strlen(message);
    (void) snprintf(message + length, sizeof(message) - length, "%s",
                    error->message);
    text_trim_cut(message, sizeof(message));
    memcpy(error->message, message, sizeof(message));
}

void
mig_error_clear(MigError *error)
{
    error->status = MIG_OK;
    error->engine_code = 0;
    error->message[0] = '\0';
    error->detail[0] = '\0';
    error->hint[0] = '\0';
}

bool
mig_error_ends_call(const MigError *error)
{
    switch (error->status)
    {
        case MIG_NOMEM:
        case MIG_INTERRUPTED:
        case MIG_INTERNAL:
            return true;
        case MIG_OK:
        case MIG_INVALID:
        case MIG_UNKNOWN:
        case MIG_DUPLICATE:
        case MIG_STATE:
        case MIG_UNSUPPORTED:
        case MIG_DENIED:
        case MIG_READ_ONLY:
        case MIG_LOCKED:
        case MIG_FILE:
        case MIG_ENGINE:
        case MIG_CORRUPT:
            break;
    }
    return false;
}
