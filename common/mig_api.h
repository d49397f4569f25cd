#ifndef MIG_API_H
#define MIG_API_H

/*
 * The table of SQL functions, from which both adapters register or dispatch.
 *
 * To add a function: a row in mig_api.c, the C function that it names, which is
 * in mig_api_calls.c, and its CREATE FUNCTION in sql/migrate--<version>.sql,
 * which a test holds against the table.
 */

#include "mig_host.h"

#define MIG_MAX_ARGUMENTS 5
#define MIG_MAX_TABLE_COLUMNS 12

typedef struct MigCall MigCall;
struct Mig;
struct MigArena;

/* Does what the SQL function does; on failure call->error is set. */
typedef void (*MigFunction)(struct Mig *mig, MigCall *call);

/* Receives one row of a table function; fails when it cannot keep it. */
typedef MigStatus (*MigEmit)(MigCall *call, const MigValue *columns,
                             size_t count);

struct MigCall
{
    MigHost *host;
    MigFunction own; /* MIG_API_OWN: the adapter's function, else NULL */
    const MigValue
        *arguments; /* as many as were given; at least min_arguments */
    size_t argument_count;
    MigError *error; /* out */
    MigValue result; /* out, scalar functions; its bytes live in memory that the
                        core keeps until mig_call_end() */
    MigEmit emit;    /* table functions: where rows go */
    void *emit_context;
    struct MigArena *arena; /* the core's; released by mig_call_end() */
};

typedef struct MigColumn
{
    const char *name;
    MigType type;
} MigColumn;

typedef struct MigApi
{
    const char *name;
    size_t min_arguments;
    size_t max_arguments;
    MigColumn arguments[MIG_MAX_ARGUMENTS];   /* name and type of each */
    MigType result;                           /* scalar functions */
    MigColumn columns[MIG_MAX_TABLE_COLUMNS]; /* table functions: name NULL
                                                 ends the list */
    int flags;
    MigFunction function; /* NULL: the adapter has it */
} MigApi;

/* Flags of a function. */
#define MIG_API_WRITES 1 /* may change the database */
#define MIG_API_FILES 2  /* reads files */
#define MIG_API_PUBLIC 4 /* PostgreSQL: anybody may execute it */
#define MIG_API_CONSTANT                                                       \
    8 /* same result for ever: IMMUTABLE, deterministic                        \
       */
#define MIG_API_OVERLOAD                                                       \
    16 /* PostgreSQL: one declaration for each number of                       \
          arguments, since NULL and absent differ */

#define MIG_API_PROCEDURE                                                      \
    32 /* PostgreSQL alone: called by CALL, and commits on its own */

#define MIG_API_OWN                                                            \
    64 /* SQLite alone, where it lies in the adapter, which has it called by   \
          MigCall.own */

#define MIG_API_MENDS                                                          \
    128 /* is called also where the catalogue cannot be read, as if there were \
           none */

#define MIG_API_GROWN                                                          \
    256 /* PostgreSQL: the last argument came with a later version, in a       \
           declaration of its own, in which nothing has a default */

/* All functions, in the order of the manual. */
extern const MigApi mig_api[];
extern const size_t mig_api_count;

/* Whether a function returns a table; else it is scalar. */
static inline bool
mig_api_is_table(const MigApi *api)
{
    return api->columns[0].name != NULL;
}

/* The function of a name, or NULL. */
const MigApi *mig_api_find(const char *name);

/*
 * Call a function: checks the types of the arguments and runs it.
 *
 * call  host, arguments, argument_count, error (cleared) and, for tables, emit
 *       are set; the rest is zeroed
 *
 * Returns call->error->status.  mig_call_end() must follow, unless the engine
 * left by longjmp and frees the memory itself; then the adapter also clears
 * host->session->running.
 */
MigStatus mig_call(const MigApi *api, MigCall *call);

/* Release what a call holds; its result is gone with it.  May be repeated. */
void mig_call_end(MigCall *call);

#endif
