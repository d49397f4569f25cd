#ifndef STEPS_H
#define STEPS_H

/*
 * How many steps a program takes, for the measurement of growth: one for each
 * piece of code that is entered (-fsanitize-coverage=trace-pc), and one for
 * each byte that the C library is let look at.  Forced into every file of the
 * core.
 */

#include <stddef.h>
#include <string.h>

extern unsigned long long steps_taken;

const void *steps_memchr(const void *bytes, int byte, size_t size);
int steps_memcmp(const void *a, const void *b, size_t size);
void *steps_memcpy(void *to, const void *from, size_t size);
void *steps_memmove(void *to, const void *from, size_t size);
void *steps_memset(void *bytes, int byte, size_t size);
size_t steps_strlen(const char *text);
int steps_strcmp(const char *a, const char *b);

#ifndef STEPS_ITSELF
#define memchr(bytes, byte, size) ((void *) steps_memchr(bytes, byte, size))
#define memcmp steps_memcmp
#define memcpy steps_memcpy
#define memmove steps_memmove
#define memset steps_memset
#define strlen steps_strlen
#define strcmp steps_strcmp
#endif

#endif
