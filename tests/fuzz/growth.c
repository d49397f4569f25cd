#define STEPS_ITSELF
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "steps.h"
#include "targets.h"

/*
 * Measure whether a target takes linear time: "growth TARGET FOLDER".
 *
 * Each input in the folder is made larger in many ways: a line of it is
 * repeated, a run of one sign is put before or behind the text of a file, its
 * files are copied under other numbers.  Three sizes are tried, of which each
 * adds twice as much as the one before, and the steps are counted that the
 * target takes (steps.h).  Where the time is linear the steps grow by the same
 * factor, 2; where it is quadratic, by 4.  More than LIMIT is a failure;
 * sorting takes little more than 2.
 *
 * The steps are those of the program, so the result is always the same.
 */

#define FIRST ((size_t) 4096) /* bytes that are added at first */
#define AGAIN 8               /* times as many, where that looks too fast */
#define LIMIT 2.7
#define INPUTS 30 /* of a folder */
#define LINES 25  /* of an input that are tried */
#define INPUT_MAX ((size_t) 65536)

unsigned long long steps_taken;

/* ---- Counting -------------------------------------------------------------
 */

void __sanitizer_cov_trace_pc(void);

void
__sanitizer_cov_trace_pc(void)
{
    steps_taken++;
}

const void *
steps_memchr(const void *bytes, int byte, size_t size)
{
    const char *found = size == 0 ? NULL : memchr(bytes, byte, size);

    steps_taken +=
        found == NULL ? size : (size_t) (found - (const char *) bytes) + 1;
    return found;
}

int
steps_memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *first = a;
    const unsigned char *second = b;
    size_t at = 0;

    while (at < size && first[at] == second[at])
        at++;
    steps_taken += at;
    return at == size ? 0 : first[at] - second[at];
}

void *
steps_memcpy(void *to, const void *from, size_t size)
{
    steps_taken += size;
    return size == 0 ? to : memcpy(to, from, size);
}

void *
steps_memmove(void *to, const void *from, size_t size)
{
    steps_taken += size;
    return size == 0 ? to : memmove(to, from, size);
}

void *
steps_memset(void *bytes, int byte, size_t size)
{
    steps_taken += size;
    return size == 0 ? bytes : memset(bytes, byte, size);
}

size_t
steps_strlen(const char *text)
{
    size_t length = strlen(text);

    steps_taken += length;
    return length;
}

int
steps_strcmp(const char *a, const char *b)
{
    size_t at = 0;

    while (a[at] != '\0' && a[at] == b[at])
        at++;
    steps_taken += at;
    return (unsigned char) a[at] - (unsigned char) b[at];
}

/* ---- Making inputs larger -------------------------------------------------
 */

typedef struct Text
{
    char *data;
    size_t size;
    size_t capacity;
} Text;

static void
append(Text *text, const char *data, size_t size)
{
    if (text->size + size > text->capacity)
    {
        text->capacity = 2 * (text->size + size);
        text->data = realloc(text->data, text->capacity);
        if (text->data == NULL)
            abort();
    }
    if (size > 0)
        memcpy(text->data + text->size, data, size);
    text->size += size;
}

/* A way to make an input larger. */
typedef struct Way
{
    const Text *input;
    size_t start; /* what is repeated, in the input; */
    size_t end;
    size_t at;        /* where it is put, */
    const char *sign; /* or what, when it is none of the input */
    bool files;       /* all of the input, under other numbers */
} Way;

/* Append the input with another number in place of each path's first one. */
static void
append_files(Text *larger, const Text *input, unsigned number)
{
    size_t at = 0;

    while (at < input->size)
    {
        const char *line = input->data + at;
        const char *end = memchr(line, '\n', input->size - at);
        size_t size =
            end == NULL ? input->size - at : (size_t) (end - line) + 1;
        size_t digit = 0;
        char text[32];

        at += size;
        if (size < 5 || memcmp(line, "#### ", 5) != 0)
        {
            append(larger, line, size);
            continue;
        }
        while (digit < size && (line[digit] < '0' || line[digit] > '9'))
            digit++;
        append(larger, line, digit);
        (void) snprintf(text, sizeof(text), "%05u", number);
        append(larger, text, digit < size ? strlen(text) : 0);
        while (digit < size && line[digit] >= '0' && line[digit] <= '9')
            digit++;
        append(larger, line + digit, size - digit);
    }
    append(larger, "\n", 1);
}

/* Make an input larger by about so many bytes. */
static void
enlarge(const Way *way, size_t bytes, Text *larger)
{
    const Text *input = way->input;
    const char *data = way->sign != NULL ? way->sign : input->data + way->start;
    size_t size = way->sign != NULL ? strlen(way->sign) : way->end - way->start;

    larger->size = 0;
    if (way->files)
    {
        for (unsigned i = 0; larger->size < bytes; i++)
            append_files(larger, input, i);
        return;
    }
    append(larger, input->data, way->at);
    for (size_t added = 0; added < bytes; added += size)
        append(larger, data, size);
    append(larger, input->data + way->at, input->size - way->at);
}

/* ---- Measuring ------------------------------------------------------------
 */

static size_t target;
static const char *name; /* of the input */
static size_t tried;
static size_t failures;
static double worst;

static double
measure(const Text *text)
{
    steps_taken = 0;
    (void) target_run(target, text->data, text->size);
    return (double) steps_taken;
}

/* By what the steps grow when twice as much is added as first bytes. */
static double
measure_growth(const Way *way, size_t first, double taken[3])
{
    static Text larger;

    for (size_t i = 0; i < 3; i++)
    {
        enlarge(way, first << i, &larger);
        taken[i] = measure(&larger);
    }
    /* So little more is no growth at all. */
    if (taken[2] - taken[1] < (double) first || taken[1] <= taken[0])
        return 0;
    return (taken[2] - taken[1]) / (taken[1] - taken[0]);
}

/* Try one way, and tell when it grows too fast. */
static void
try_way(const Way *way)
{
    size_t first = way->files ? way->input->size * 8 : FIRST;
    double taken[3];
    double growth = measure_growth(way, first, taken);

    tried++;
    /* A stair looks steep from below. */
    if (growth > LIMIT)
        growth = measure_growth(way, first * AGAIN, taken);
    if (growth > worst)
        worst = growth;
    if (growth <= LIMIT)
        return;
    failures++;
    (void) printf("%s: %.2f times the steps (%.0f, %.0f, %.0f) by more of ",
                  name, growth, taken[0], taken[1], taken[2]);
    if (way->files)
        (void) printf("its files\n");
    else if (way->sign != NULL)
        (void) printf("\"%s\" at offset %zu\n", way->sign, way->at);
    else
        (void) printf("\"%.*s\"\n", (int) (way->end - way->start - 1),
                      way->input->data + way->start);
}

static const char *const signs[] = {
    " ",  "\t", "\n",       "\r\n",   "-",     "--",   "/*",     "*/",  "(",
    ")",  "'",  "\"",       "$",      "$$",    "${",   "{",      "[",   "[[",
    ",",  ";",  ";\n",      "a",      "1",     "0",    ":",      "\\",  "@",
    "!",  "%",  "#",        "\n#",    "\n-- ", "a b ", "\n-- +", "$a$", "=",
    "&&", "||", "\xC3\xA4", "\"a\":", "\n;",   "a,"};

/* Try all signs at a place. */
static void
try_signs(const Text *input, size_t at)
{
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
    {
        Way way = {input, 0, 0, at, signs[i], false};

        try_way(&way);
    }
}

/* Try all ways with one input. */
static void
try_input(const Text *input)
{
    Way files = {input, 0, 0, 0, NULL, true};
    size_t lines = 0;
    size_t at = 0;
    bool title = false;

    if (input->size == 0)
        return;
    while (at < input->size)
    {
        const char *end = memchr(input->data + at, '\n', input->size - at);
        size_t next =
            end == NULL ? input->size : (size_t) (end - input->data) + 1;
        Way way = {input, at, next, at, NULL, false};

        /* The text of a file begins here. */
        if (title && lines < 4)
            try_signs(input, at);
        title =
            input->size - at > 5 && memcmp(input->data + at, "#### ", 5) == 0;
        if (!title && lines++ < LINES)
            try_way(&way);
        at = next;
    }
    try_signs(input, input->size);
    try_way(&files);
}

static int
compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Read a file of a folder. */
static void
read_input(const char *folder, const char *file, Text *input)
{
    char path[4096];
    char buffer[4096];
    FILE *stream;
    size_t size;

    (void) snprintf(path, sizeof(path), "%s/%s", folder, file);
    input->size = 0;
    stream = fopen(path, "r");
    if (stream == NULL)
        return;
    while ((size = fread(buffer, 1, sizeof(buffer), stream)) > 0 &&
           input->size < INPUT_MAX)
        append(input, buffer, size);
    (void) fclose(stream);
}

int
main(int argc, char **argv)
{
    struct dirent **names;
    Text input = {NULL, 0, 0};
    int count;

    if (argc != 3 || (target = target_find(argv[1])) == target_count())
    {
        (void) fprintf(stderr, "growth TARGET FOLDER\n");
        return 2;
    }
    count = scandir(argv[2], &names, NULL, compare_names);
    for (int i = 0; i < count && i < INPUTS + 2; i++)
    {
        name = names[i]->d_name;
        read_input(argv[2], name, &input);
        try_input(&input);
    }
    (void) printf("twice the input takes at most %.2f times the steps, in %zu "
                  "ways\n",
                  worst, tried);
    return tried == 0 || failures > 0;
}
