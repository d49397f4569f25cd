/* Sqitch's plan: its grammar, what changes require, and reworked ones. */

#include "fake_host.h"
#include "mig_sqitch_plan.h"

#define HEAD "%syntax-version=1.0.0\n%project=shop\n\n"
#define BY " 2026-01-31T12:00:00Z Ada <ada@example.org>"

/* A MigSqitchHas: scripts of versions that end with "@one". */
static bool
has_one(void *context, MigBytes version)
{
    (void) context;
    return mig_ends_with(version, "@one");
}

static void
read_plan(FakeHost *fake, const char *text, MigSqitchPlan *plan)
{
    fake_next_call(fake);
    memset(plan, 0, sizeof(*plan));
    plan->has = has_one;
    mig_sqitch_plan_read(&fake->mig, mig_bytes(text), plan);
}

/* Plans, and what is read of them: version[requires]options for each. */
static const struct
{
    const char *text;
    const char *expected;
} plans[] = {
    {HEAD, ""},
    {HEAD "a" BY "\n", "a[]verify:runs;"},
    {HEAD "+a" BY " # note @ [x]\n# comment\n\n  b [a]" BY "\r\n",
     "a[]verify:runs;b[a,]verify:runs;"},
    {HEAD "s/a" BY "\n@v1" BY "\nb [s/a@v1 @v1 !c !s/a]" BY "\n",
     "s/a[]verify:runs,tags:v1;b[s/a,s/a,]verify:runs,conflicts:s/a;"},
    {HEAD "a" BY "\n@two" BY "\n@one" BY "\nb [a]" BY "\n@three" BY
          "\na [a@two]" BY "\nc [a]" BY "\n",
     "a[]verify:runs,tags:two one;b[a,]verify:runs,tags:three;"
     "a#2[a,]verify:runs;c[a#2,]verify:runs;"},
    {HEAD "a" BY "\nb [shop:a other:x]" BY "\n",
     "a[]verify:runs;b[a,]verify:runs;"},
};

/* Append a text with its line breaks as another byte. */
static void
append_lines(MigText *text, MigBytes lines, const char *between)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(lines, &at, &line))
    {
        mig_text_append(text, line);
        mig_text_append_string(text, between);
    }
}

static void
plans_are_read(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(plans); i++)
    {
        MigText found = {&fake->arena, &fake->error, NULL, 0, 0};
        MigSqitchPlan plan;

        read_plan(fake, plans[i].text, &plan);
        fake_expect_ok(fake);
        for (size_t j = 0; j < plan.count; j++)
        {
            MigBytes options = mig_trim(plan.changes[j].options);
            MigText joined = {&fake->arena, &fake->error, NULL, 0, 0};

            mig_text_append(&found, plan.changes[j].version);
            mig_text_append_string(&found, "[");
            append_lines(&found, plan.changes[j].requires, ",");
            mig_text_append_string(&found, "]");
            append_lines(&joined, options, ",");
            mig_text_append(&found, mig_part(mig_text_bytes(&joined), 0,
                                             joined.length - 1));
            mig_text_append_string(&found, ";");
        }
        fake_expect_bytes(mig_text_bytes(&found), plans[i].expected);
    }
}

static const struct
{
    const char *text;
    const char *message;
} refused[] = {
    {"", "line 1: the plan has no %project"},
    {"a" BY "\n", "line 1: the plan has no %project"},
    {HEAD "a\n", "line 4: the time is missing in \"a\""},
    {HEAD "a [b 2026-01-31T12:00:00Z\n", "line 4: a bracket is not closed"},
    {HEAD "a" BY "\nb [c]" BY "\n",
     "line 5: nothing before it in the plan is \"c\""},
    {HEAD "b [a]" BY "\na" BY "\n", "line 4: nothing before it"},
    {HEAD "b [b]" BY "\n", "line 4: nothing before it"},
    {HEAD "a" BY "\na" BY "\n",
     "line 5: without a tag between them there are two of \"a\""},
    {HEAD "@v1" BY "\n", "line 4: no change stands before tag \"v1\""},
    {HEAD "a" BY "\n@v1" BY "\n@v1" BY "\n", "the plan has two tags \"@v1\""},
    {HEAD "-a" BY "\n", "line 4: a change is to be reverted here"},
    {HEAD "a:b" BY "\n", "line 4: this is no name"},
    {HEAD "head" BY "\n", "line 4: this is no name"},
};

static void
mistakes_are_named(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(refused); i++)
    {
        MigSqitchPlan plan;

        read_plan(fake, refused[i].text, &plan);
        fake_expect(fake, MIG_INVALID, refused[i].message, NULL);
    }
}

static void
read_each(FakeHost *fake)
{
    for (size_t i = 0; i < COUNT_OF(plans) && mig_ok(&fake->mig); i++)
    {
        MigSqitchPlan plan;

        memset(&plan, 0, sizeof(plan));
        plan.has = has_one;
        mig_sqitch_plan_read(&fake->mig, mig_bytes(plans[i].text), &plan);
    }
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, read_each);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(plans_are_read),
        fake_test(mistakes_are_named),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("sqitch", tests, NULL, NULL);
}
