/*
 * SQLite with little memory: a set of migrations is loaded, applied and partly
 * rolled back while the n-th allocation of the engine fails, for every n, once
 * alone and once with all that follow.  Whatever is reported, each migration
 * must be there wholly, with its record, or not at all, and the same calls must
 * succeed when there is memory again.
 *
 * Now and then the engine lacks the memory for a ROLLBACK too, and cannot have
 * it while the SELECT that called us runs.  sqlite_ext/sqlite_transaction.c
 * says what follows; here it must be rare.
 *
 * Run from the repository's root.  The extension is MIGRATE_BUILD/migrate.so
 * (build/migrate.so).  MIGRATE_TEST_STRIDE is the distance between the
 * allocations that fail; 1 takes minutes.
 */

#include "sqlite_copies.h"
#include "sqlite_scenarios.h"

#include <inttypes.h>

#define SCENARIO_STRIDE 3 /* for one of the migrations' */
/* Of the trials, at most: one in 22 where a table is rebuilt, and of a sample
 * of 350 somewhat more by chance. */
#define LEFT_OPEN_PERCENT 8
#define ROLLBACK_VERSION 3040000 /* at the latest */

/* The engine's own allocator, and what is to fail. */
static struct
{
    sqlite3_mem_methods real;
    int64_t asked;  /* allocations since the last start */
    int64_t refuse; /* number of the one that fails; 0: none */
    bool rest;      /* and all behind it */
    bool refused;
} memory;

/* Whether the allocation that is asked for now has to fail. */
static bool
is_refused(void)
{
    memory.asked++;
    if (memory.refuse == 0 || memory.asked < memory.refuse ||
        (memory.asked > memory.refuse && !memory.rest))
        return false;
    memory.refused = true;
    return true;
}

static void *
failing_malloc(int size)
{
    return is_refused() ? NULL : memory.real.xMalloc(size);
}

static void *
failing_realloc(void *block, int size)
{
    return is_refused() ? NULL : memory.real.xRealloc(block, size);
}

/* Put the allocator that fails before the engine's own. */
static bool
install_memory(void)
{
    sqlite3_mem_methods failing;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real) != SQLITE_OK)
        return false;
    failing = memory.real;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK;
}

/* Let an allocation fail, counted from now; 0: none. */
static void
refuse(int64_t number, bool rest)
{
    memory.asked = 0;
    memory.refuse = number;
    memory.rest = rest;
    memory.refused = false;
}

/*
 * Make the calls with one allocation failing, and look at what is left.
 *
 * Returns whether any allocation was refused.
 */
static bool
try_refusing(Trial *trial, int64_t number, bool rest)
{
    bool refused;

    trial_begin(trial);
    refuse(number, rest);
    (void) trial_run_calls(trial);
    refused = memory.refused;
    refuse(0, false);
    trial_check_connection(trial);
    trial_check_database(trial);
    trial_complete(trial);
    return refused;
}

/* A number from 0 to limit - 1. */
static int64_t
random_below(int64_t limit)
{
    unsigned number;

    sqlite3_randomness((int) sizeof(number), &number);
    return (int64_t) number % limit;
}

/* Refuse each allocation in turn. */
static void
refuse_each(Trial *trial, const char *title, bool rest)
{
    int64_t stride =
        trial_stride(trial->scenario == NULL ? 31 : trial->scenario->stride);
    int64_t number = 1;
    int64_t tried = 0;
    bool refused = true;

    if (trial->scenario != NULL && getenv("MIGRATE_TEST_STRIDE") != NULL)
    {
        /* Another third each time: all of them would take half an hour. */
        stride *= SCENARIO_STRIDE;
        number += random_below(stride);
        printf("# from allocation %" PRId64 " on\n", number);
    }
    for (; refused; number += stride)
    {
        (void) snprintf(trial->where, sizeof(trial->where),
                        "allocation %" PRId64, number);
        /* The last number is beyond the end: nothing is refused then. */
        refused = try_refusing(trial, number, rest);
        tried++;
    }
    /* An older engine steps nothing, not even a ROLLBACK, once memory ran out.
     */
    if (sqlite3_libversion_number() >= ROLLBACK_VERSION &&
        trial->left_open * 100 > tried * LEFT_OPEN_PERCENT)
        trial_fail(trial, "%" PRId64 " transactions are left open",
                   trial->left_open);
    trial_report(trial,
                 "%s%s%s: %" PRId64 " of %" PRId64 " allocations, %" PRId64
                 " times left open",
                 trial->scenario == NULL ? "" : trial->scenario->name,
                 trial->scenario == NULL ? "" : ", ", title, tried, number,
                 trial->left_open);
    trial->left_open = 0;
}

/* Make the calls in peace; the number of allocations is not small. */
static void
try_in_peace(Trial *trial)
{
    int64_t asked;

    (void) snprintf(trial->where, sizeof(trial->where), "no failure");
    trial_begin(trial);
    refuse(0, false);
    if (!trial_run_calls(trial))
        trial_fail(trial, "the calls fail: %s", trial->message);
    asked = memory.asked;
    trial_check_connection(trial);
    trial_check_database(trial);
    trial_complete(trial);
    trial_report(trial, "%s%swith all memory (%" PRId64 " allocations)",
                 trial->scenario == NULL ? "" : trial->scenario->name,
                 trial->scenario == NULL ? "" : ", ", asked);
}

/* Try the migrations, or a scenario. */
static void
try_all(Trial *trial, const TrialScenario *scenario)
{
    scenario_choose(trial, scenario);
    try_in_peace(trial);
    refuse_each(trial, "one allocation fails", false);
    refuse_each(trial, "all allocations fail from one on", true);
}

/* Refuse allocations of a call about a copy, each in turn. */
static void
refuse_each_copy(Trial *trial, const CopiesCase *copies, bool rest)
{
    int64_t stride = trial_stride(31);
    int64_t number = 1;
    bool refused = true;

    if (trial->scenario != NULL && getenv("MIGRATE_TEST_STRIDE") != NULL)
    {
        /* Another third each time: all of them would take half an hour. */
        stride *= SCENARIO_STRIDE;
        number += random_below(stride);
        printf("# from allocation %" PRId64 " on\n", number);
    }
    for (; refused; number += stride)
    {
        bool done;

        (void) snprintf(trial->where, sizeof(trial->where),
                        "%s, allocation %" PRId64 "%s", copies->name, number,
                        rest ? " and all behind it" : "");
        trial_begin(trial);
        copies->prepare(trial);
        refuse(number, rest);
        done = trial_execute(trial, copies->call);
        refused = memory.refused;
        refuse(0, false);
        if (!refused && !done)
            trial_fail(trial, "it fails: %s", trial->message);
        trial_reconnect(trial);
        copies->check(trial, done);
        trial_disconnect(trial);
        (void) copies_remove(trial);
    }
    trial_report(trial, "%s, %s: of %" PRId64 " allocations", copies->name,
                 rest ? "all allocations fail from one on"
                      : "one allocation fails",
                 number);
}

int
main(void)
{
    Trial trial;

    if (!install_memory() || !trial_open(&trial))
    {
        printf("Bail out! cannot set up: %s\n", trial.message);
        return 1;
    }
    printf("1..%zu\n", 3 * (1 + SCENARIOS) + 2 * COPIES_CASES);
    try_all(&trial, NULL);
    for (size_t i = 0; i < SCENARIOS; i++)
        try_all(&trial, scenarios[i]);
    trial.scenario = NULL;
    for (size_t i = 0; i < COPIES_CASES; i++)
    {
        refuse_each_copy(&trial, &copies_cases[i], false);
        refuse_each_copy(&trial, &copies_cases[i], true);
    }
    return trial_close(&trial);
}
