#ifndef MIG_VALUE_H
#define MIG_VALUE_H

/*
 * Values as they pass between the core and an engine: arguments and results of
 * SQL functions, parameters and columns of catalogue statements.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef enum MigType
{
    MIG_NULL = 0,
    MIG_INTEGER, /* int64_t */
    MIG_FLOAT,   /* double */
    MIG_BOOLEAN, /* integer 0 or 1; SQLite shows it as such */
    MIG_TIME,    /* integer: microseconds since 1970-01-01 UTC */
    MIG_TEXT,    /* UTF-8, length in bytes, need not be NUL-ended */
    MIG_BYTES    /* the same, any bytes */
} MigType;

/* A run of bytes that somebody else owns. */
typedef struct MigBytes
{
    const char *data; /* NULL means absent; "" means empty */
    size_t length;    /* in bytes */
} MigBytes;

typedef struct MigValue
{
    MigType type;
    int64_t integer; /* MIG_INTEGER, MIG_BOOLEAN, MIG_TIME */
    double real;     /* MIG_FLOAT */
    MigBytes bytes;  /* MIG_TEXT, MIG_BYTES; borrowed */
} MigValue;

static inline MigBytes
mig_bytes(const char *string)
{
    MigBytes bytes = {string, string == NULL ? 0 : strlen(string)};

    return bytes;
}

static inline bool
mig_bytes_equal(MigBytes a, MigBytes b)
{
    return a.length == b.length &&
           (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline MigValue
mig_null(void)
{
    MigValue value = {MIG_NULL, 0, 0, {NULL, 0}};

    return value;
}

static inline MigValue
mig_integer(int64_t integer)
{
    MigValue value = {MIG_INTEGER, integer, 0, {NULL, 0}};

    return value;
}

static inline MigValue
mig_boolean(bool truth)
{
    MigValue value = {MIG_BOOLEAN, truth, 0, {NULL, 0}};

    return value;
}

static inline MigValue
mig_float(double real)
{
    MigValue value = {MIG_FLOAT, 0, real, {NULL, 0}};

    return value;
}

static inline MigValue
mig_time(int64_t microseconds)
{
    MigValue value = {MIG_TIME, microseconds, 0, {NULL, 0}};

    return value;
}

/* Text; absent bytes make NULL. */
static inline MigValue
mig_text_value(MigBytes bytes)
{
    MigValue value = {bytes.data == NULL ? MIG_NULL : MIG_TEXT, 0, 0, bytes};

    return value;
}

/* A NUL-ended text; NULL makes NULL. */
static inline MigValue
mig_string(const char *string)
{
    return mig_text_value(mig_bytes(string));
}

static inline MigValue
mig_blob(MigBytes bytes)
{
    MigValue value = {MIG_BYTES, 0, 0, bytes};

    return value;
}

#endif
