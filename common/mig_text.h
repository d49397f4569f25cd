#ifndef MIG_TEXT_H
#define MIG_TEXT_H

/*
 * Building text, and looking at it.
 */

#include "mig_memory.h"

/*
 * A text that grows.  {arena, error, NULL, 0, 0} is an empty one.  Appending
 * does nothing once error holds a failure, so that calls can be chained.
 */
typedef struct MigText
{
    MigArena *arena;
    MigError *error;
    char *data;      /* NUL-ended once anything was appended */
    size_t length;   /* in bytes */
    size_t capacity; /* of data, in bytes */
} MigText;

void mig_text_append(MigText *text, MigBytes bytes);
void mig_text_append_string(MigText *text, const char *string);

/* Append as by printf; at most 400 bytes, for numbers and short names. */
void mig_text_append_format(MigText *text, const char *format, ...)
    MIG_PRINTF(2, 3);

/* What was built; "" when nothing was. */
MigBytes mig_text_bytes(const MigText *text);

/* As printf into the arena; NULL with MIG_NOMEM in error. */
const char *mig_format_string(MigArena *arena, MigError *error,
                              const char *format, ...) MIG_PRINTF(3, 4);

/*
 * Find the first byte that is no part of a well-formed UTF-8 text (RFC 3629:
 * no overlong forms, no surrogates, nothing above U+10FFFF), or is NUL, which
 * no engine can keep in a text.
 *
 * Returns its offset in bytes, or text.length when all is well.
 */
size_t mig_utf8_check(MigBytes text);

/* A copy in which U+FFFD stands for each such byte; the text itself when there
 * is none. */
MigBytes mig_utf8_mend(MigArena *arena, MigBytes text, MigError *error);

/* How many line breaks (LF) lie in the first length bytes. */
int64_t mig_count_lines(MigBytes text, size_t length);

/*
 * The next line of a text.
 *
 * offset  in/out: where to start; moved behind the line's LF
 * line    out: without its LF and a CR before it
 *
 * Returns false at the end of the text.
 */
bool mig_next_line(MigBytes text, size_t *offset, MigBytes *line);

/* Cut blanks, tabs, CR and LF from both ends. */
MigBytes mig_trim(MigBytes text);

bool mig_starts_with(MigBytes text, const char *prefix);
bool mig_ends_with(MigBytes text, const char *suffix);

/* An ASCII letter in lower case; any other byte as it is. */
char mig_lower(char byte);

/* Whether two texts are the same but for the case of ASCII letters. */
bool mig_same_letters(MigBytes a, MigBytes b);

/* At most limit bytes from the start of a text, not cutting a character. */
MigBytes mig_cut(MigBytes text, size_t limit);

/* The part from start, up to but without end; both in bytes. */
MigBytes mig_part(MigBytes text, size_t start, size_t end);

/*
 * The next word of a text: a run of bytes between the given separators.
 *
 * offset      in/out
 * separators  NUL-ended set
 *
 * Returns false when no word is left.
 */
bool mig_next_word(MigBytes text, size_t *offset, const char *separators,
                   MigBytes *word);

/*
 * Read decimal digits that fill the whole text.
 *
 * Returns false, leaving number alone, when text is empty, holds anything but
 * digits, or exceeds INT64_MAX.
 */
bool mig_parse_digits(MigBytes text, int64_t *number);

/*
 * Append a line to a text of lines, unless it is one of them.
 *
 * lines  in/out: a line break behind each; absent: none
 */
void mig_lines_add(MigArena *arena, MigError *error, MigBytes *lines,
                   MigBytes line);

#endif
