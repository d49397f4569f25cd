#ifndef MIG_JSON_H
#define MIG_JSON_H

/*
 * Reading JSON (RFC 8259) piece by piece.
 *
 * Directories have it in their control files, which are read before there is a
 * database to ask: SQLite may be built without JSON functions.
 */

#include "mig.h"

typedef enum MigJsonKind
{
    MIG_JSON_END, /* of the text, which was a whole value; or an error */
    MIG_JSON_OBJECT,
    MIG_JSON_OBJECT_END,
    MIG_JSON_ARRAY,
    MIG_JSON_ARRAY_END,
    MIG_JSON_KEY, /* its value is the next piece */
    MIG_JSON_STRING,
    MIG_JSON_NUMBER,
    MIG_JSON_TRUE,
    MIG_JSON_FALSE,
    MIG_JSON_NULL
} MigJsonKind;

#define MIG_JSON_DEPTH 64 /* how deep objects and arrays may be nested */

/* {text} is one at its beginning. */
typedef struct MigJson
{
    MigBytes text;      /* valid UTF-8, without a byte order mark */
    size_t at;          /* in text, behind the last piece */
    uint64_t in_object; /* a bit for each level: whether it is an object */
    unsigned depth;     /* of the last piece's surroundings */
    bool begun;         /* a value was met at the top */
    bool separated;     /* something may follow without a ',' */
    bool keyed;         /* a key waits for its value */
} MigJson;

/*
 * The next piece.
 *
 * value  out: of a key or a string its text, escapes resolved, in mig's arena
 *        where there were some; of a number as it is written; else absent
 *
 * Returns MIG_JSON_END behind the last piece, and with MIG_INVALID in
 * mig->error, which names the line, where the text is no JSON.
 */
MigJsonKind mig_json_next(Mig *mig, MigJson *json, MigBytes *value);

/* Pass over the value that comes next, whatever it is. */
void mig_json_skip(Mig *mig, MigJson *json);

#endif
