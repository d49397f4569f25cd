#ifndef MIG_SQITCH_PLAN_H
#define MIG_SQITCH_PLAN_H

/*
 * Sqitch's plan: which changes there are, in what order, and what they require.
 * The grammar is that of the manual page sqitchplan(5).
 */

#include "mig.h"

typedef struct MigSqitchChange
{
    MigBytes name;
    MigBytes version;  /* name; of the second of a name "name#2", ...: it does
                          not depend on what comes behind */
    MigBytes script;   /* name, or name@tag when it was reworked later */
    MigBytes requires; /* versions, a line break behind each */
    MigBytes options;  /* as MigMigration has them: conflicts, tags */
    int64_t line;      /* in the plan, from 1 */
    size_t tag;        /* index of the first tag behind it */
    MigBytes dependencies; /* as written, without the brackets; or empty */
} MigSqitchChange;

typedef struct MigSqitchTag
{
    MigBytes name; /* without its '@' */
    size_t change; /* index of the change it stands behind */
} MigSqitchTag;

/* Whether there is a deploy script "name@tag". */
typedef bool (*MigSqitchHas)(void *context, MigBytes script);

typedef struct MigSqitchPlan
{
    MigSqitchHas has; /* in: asked for the scripts of reworked changes */
    void *has_context;
    MigBytes project; /* its name */
    MigSqitchChange *changes;
    size_t count;
    size_t capacity;
    MigSqitchTag *tags;
    size_t tag_count;
    size_t tag_capacity;
} MigSqitchPlan;

/*
 * Read a plan.
 *
 * text  outlives the plan
 * plan  in: has and has_context set, the rest zeroed; out: in mig's arena
 *
 * On failure mig->error names the line.
 */
void mig_sqitch_plan_read(Mig *mig, MigBytes text, MigSqitchPlan *plan);

#endif
