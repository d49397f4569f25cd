#include "fake_host.h"

#include <stdio.h>

#include "mig_objects.h"

/* Lists of objects, and what two of them differ in. */

#define OBJECTS 20 /* in a list */

/* What was told of two lists. */
typedef struct Told
{
    char text[20000];
    size_t length;
} Told;

/* A MigDifferenceFunction. */
static MigStatus
tell(void *context, const MigDifference *difference, MigError *error)
{
    Told *told = context;
    int added = snprintf(
        told->text + told->length, sizeof(told->text) - told->length,
        "%s %s.%s %s>%s\n", difference->change, difference->kind.data,
        difference->object.data,
        difference->expected.data == NULL ? "-" : difference->expected.data,
        difference->actual.data == NULL ? "-" : difference->actual.data);

    told->length += (size_t) added;
    assert_true(told->length < sizeof(told->text));
    return error->status;
}

/* One of some objects whose names are alike but for kind or name; another one
 * of the name can be another table's. */
static MigObject
make_object(size_t number, bool other)
{
    static const char *const kinds[] = {"index", "trigger"};
    static const char *const tables[] = {NULL, "a", "b"};
    static const char *const names[] = {"a",   "b",   "a.a", "a.b", "a.c",
                                        "b.a", "b.b", "b.c", "b.d", "b.e"};
    MigObject object;

    object.kind = mig_bytes(kinds[number % 2]);
    object.table = mig_bytes(tables[(number + (other ? number / 4 : 0)) % 3]);
    object.identity = mig_bytes(names[number / 2 % 10]);
    object.definition = mig_bytes(other ? "other" : "usual");
    return object;
}

/* Numbers that look random, the same in each run. */
static size_t
next_number(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 16;
}

/* Make an object of each number, in some order, but for some; and some of them
 * with another definition. */
static size_t
make_list(MigObject *objects, uint32_t seed)
{
    size_t count = 0;
    size_t start = next_number(&seed) % OBJECTS;

    for (size_t i = 0; i < OBJECTS; i++)
    {
        size_t chance = next_number(&seed) % 10;

        if (chance > 0)
            objects[count++] =
                make_object((start + 7 * i) % OBJECTS, chance == 1);
    }
    return count;
}

/* A list held against another while that comes in differs in the same. */
static void
match_leaves_what_differs(void **state)
{
    FakeHost *fake = *state;

    for (uint32_t seed = 0; seed < 200; seed++)
    {
        MigObjects lists[] = {{&fake->arena, NULL, 0, 0},
                              {&fake->arena, NULL, 0, 0},
                              {&fake->arena, NULL, 0, 0},
                              {&fake->arena, NULL, 0, 0}};
        MigObject objects[OBJECTS];
        MigObjectsMatch match;
        Told whole = {"", 0};
        Told rest = {"", 0};
        size_t count = make_list(objects, seed);

        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < 2; k++)
                (void) mig_objects_add(&lists[2 * k], &objects[i],
                                       fake->mig.error);
        mig_objects_match_begin(&match, &lists[2], &lists[3], fake->mig.error);
        count = make_list(objects, seed / 2);
        for (size_t i = 0; i < count; i++)
        {
            (void) mig_objects_add(&lists[1], &objects[i], fake->mig.error);
            (void) mig_objects_match(&match, &objects[i], fake->mig.error);
        }
        mig_objects_match_end(&match);
        assert_true(lists[2].count < lists[0].count);
        assert_int_equal(mig_objects_compare(&lists[0], &lists[1], tell, &whole,
                                             fake->mig.error),
                         mig_objects_compare(&lists[2], &lists[3], tell, &rest,
                                             fake->mig.error));
        fake_expect_ok(fake);
        assert_string_equal(rest.text, whole.text);
    }
}

/* What is there once matches one of two alike; no table is not "". */
static void
match_is_of_one_each(void **state)
{
    FakeHost *fake = *state;
    MigObjects expected = {&fake->arena, NULL, 0, 0};
    MigObjects actual = {&fake->arena, NULL, 0, 0};
    MigObject object = make_object(0, false);
    MigObjectsMatch match;

    for (size_t i = 0; i < 2; i++)
        (void) mig_objects_add(&expected, &object, fake->mig.error);
    mig_objects_match_begin(&match, &expected, &actual, fake->mig.error);
    (void) mig_objects_match(&match, &object, fake->mig.error);
    object.table = mig_bytes("");
    (void) mig_objects_match(&match, &object, fake->mig.error);
    mig_objects_match_end(&match);
    fake_expect_ok(fake);
    assert_int_equal(expected.count, 1);
    assert_null(expected.items[0].table.data);
    assert_int_equal(actual.count, 1);
    assert_non_null(actual.items[0].table.data);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(match_leaves_what_differs),
        fake_test(match_is_of_one_each),
    };

    return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
