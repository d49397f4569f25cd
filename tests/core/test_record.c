/* What the recorded schema is made of: fingerprints, lists of objects and what
 * they differ in, and what is kept of that. */

#include <stdio.h>
#include <string.h>

#include "fake_host.h"
#include "mig_delta.h"
#include "mig_fingerprint.h"

/* An object of texts; parent NULL: it is no part of another. */
static MigObject
object(const char *kind, const char *identity, const char *parent,
       const char *definition)
{
    MigObject made = {mig_bytes(kind), mig_bytes(identity), mig_bytes(parent),
                      mig_bytes(definition)};

    if (parent == NULL)
        made.table.data = NULL;
    if (definition == NULL)
        made.definition.data = NULL;
    return made;
}

/* ---- Fingerprints ---- */

static void
fingerprints_do_not_depend_on_the_order(void **state)
{
    FakeHost *fake = *state;
    const MigObject objects[] = {object("table", "t", NULL, "(a, b)"),
                                 object("column", "t.a", "t", "integer"),
                                 object("column", "t.b", "t", "text")};
    MigFingerprint none;
    MigFingerprint forward;
    MigFingerprint back;
    MigFingerprint part;

    memset(&none, 0, sizeof(none));
    forward = none;
    back = none;
    for (size_t i = 0; i < COUNT_OF(objects); i++)
    {
        mig_fingerprint_of(&fake->host, &objects[i], &part);
        mig_fingerprint_add(&forward, &part);
        mig_fingerprint_of(&fake->host, &objects[2 - i], &part);
        mig_fingerprint_add(&back, &part);
    }
    assert_memory_equal(&forward, &back, sizeof(forward));
    assert_memory_not_equal(&forward, &none, sizeof(none));
    for (size_t i = 0; i < COUNT_OF(objects); i++)
    {
        mig_fingerprint_of(&fake->host, &objects[i], &part);
        mig_fingerprint_subtract(&forward, &part);
    }
    assert_memory_equal(&forward, &none, sizeof(none));
}

/* Sums carry over all digits, and borrow from them. */
static void
sums_are_modulo_2_to_256(void **state)
{
    MigFingerprint one;
    MigFingerprint zero;
    MigFingerprint sum;
    MigFingerprint highest;

    (void) state;
    memset(&zero, 0, sizeof(zero));
    memset(&highest, 0xFF, sizeof(highest));
    one = zero;
    one.sum[MIG_SHA256_SIZE - 1] = 1;
    sum = highest;
    mig_fingerprint_add(&sum, &one);
    assert_memory_equal(&sum, &zero, sizeof(zero));
    mig_fingerprint_subtract(&sum, &one);
    assert_memory_equal(&sum, &highest, sizeof(highest));
    mig_fingerprint_add(&sum, &highest);
    assert_int_equal(sum.sum[0], 0xFF);
    assert_int_equal(sum.sum[MIG_SHA256_SIZE - 1], 0xFE);
}

/* Fields cannot be shifted into each other; the parent does not count. */
static void
each_field_counts(void **state)
{
    FakeHost *fake = *state;
    const MigObject objects[] = {
        object("ab", "c", NULL, "d"), object("a", "bc", NULL, "d"),
        object("ab", "", NULL, "cd"), object("ab", "c", NULL, ""),
        object("ab", "cd", NULL, "")};
    const MigObject part_of = object("ab", "c", "x", "d");
    MigFingerprint parts[COUNT_OF(objects)];
    MigFingerprint part;

    for (size_t i = 0; i < COUNT_OF(objects); i++)
    {
        mig_fingerprint_of(&fake->host, &objects[i], &parts[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(&parts[i], &parts[j], sizeof(part));
    }
    mig_fingerprint_of(&fake->host, &part_of, &part);
    assert_memory_equal(&part, &parts[0], sizeof(part));
}

static void
fingerprints_are_written_and_read(void **state)
{
    static const char digits[] =
        ":00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const char *const malformed[] = {
        "",
        ":",
        "fake/1",
        "fake/1:",
        "fake/1:00112233",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        ":00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "a:00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
        "a:00112233445566778899aabbccddeeff00112233445566778899aabbccddeefg",
        "a:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff ",
        "a-00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"};
    FakeHost *fake = *state;
    char text[MIG_FINGERPRINT_SIZE];
    char again[MIG_FINGERPRINT_SIZE];
    MigFingerprint sum;
    MigBytes canon;

    (void) snprintf(text, sizeof(text), "fake/1%s", digits);
    assert_true(mig_fingerprint_read(mig_bytes(text), &canon, &sum));
    fake_expect_bytes(canon, "fake/1");
    assert_int_equal(sum.sum[1], 0x11);
    assert_int_equal(sum.sum[31], 0xFF);
    mig_fingerprint_text(&fake->host, &sum, again);
    assert_string_equal(text, again);
    for (size_t i = 0; i < COUNT_OF(malformed); i++)
        assert_false(
            mig_fingerprint_read(mig_bytes(malformed[i]), &canon, &sum));
}

static void
what_is_no_structure_is_known(void **state)
{
    static const char *const others[] = {"owner", "privileges",
                                         "default privileges", "tablespace",
                                         "extension version"};
    MigObject structure = object("table", "owner", NULL, "");

    (void) state;
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        MigObject other = object(others[i], "t", "t", "");

        assert_false(mig_object_is_structure(&other));
    }
    assert_true(mig_object_is_structure(&structure));
}

/* ---- Lists ---- */

/* A listing: each object that has a definition is there. */
static void
list(MigObjectMap *map, const MigObject *objects, size_t count,
     MigChanges *changes, MigError *error)
{
    const MigBytes all = {NULL, 0};

    mig_object_map_begin(map);
    for (size_t i = 0; i < count; i++)
    {
        if (objects[i].definition.data != NULL)
            mig_object_map_take(map, &objects[i], changes, error);
    }
    mig_object_map_sweep(map, all, changes, error);
}

/* The change of an object, or NULL. */
static const MigChange *
find_change(const MigChanges *changes, const char *kind, const char *identity)
{
    for (size_t i = 0; i < changes->count; i++)
    {
        if (mig_bytes_equal(changes->items[i].kind, mig_bytes(kind)) &&
            mig_bytes_equal(changes->items[i].identity, mig_bytes(identity)))
            return &changes->items[i];
    }
    return NULL;
}

static void
a_listing_finds_what_has_changed(void **state)
{
    FakeHost *fake = *state;
    const MigObject before[] = {object("table", "t", NULL, "(a, b)"),
                                object("column", "t.a", "t", "integer"),
                                object("column", "t.b", "t", "text"),
                                object("view", "v", NULL, "")};
    const MigObject after[] = {object("view", "v", NULL, ""),
                               object("table", "t", NULL, "(a, c)"),
                               object("column", "t.c", "t", "text"),
                               object("column", "t.a", "t", "bigint")};
    MigObjectMap map = {.arena = &fake->arena};
    MigChanges changes = {&fake->arena, NULL, 0, 0};

    list(&map, before, COUNT_OF(before), NULL, &fake->error);
    assert_int_equal(map.count, 4);
    list(&map, before, COUNT_OF(before), &changes, &fake->error);
    assert_int_equal(changes.count, 0);
    list(&map, after, COUNT_OF(after), &changes, &fake->error);
    fake_expect_ok(fake);
    assert_int_equal(changes.count, 4);
    fake_expect_bytes(find_change(&changes, "table", "t")->before, "(a, b)");
    fake_expect_bytes(find_change(&changes, "table", "t")->after, "(a, c)");
    fake_expect_bytes(find_change(&changes, "column", "t.a")->after, "bigint");
    assert_null(find_change(&changes, "column", "t.b")->after.data);
    assert_null(find_change(&changes, "column", "t.c")->before.data);
    fake_expect_bytes(find_change(&changes, "column", "t.c")->parent, "t");
    assert_int_equal(map.count, 4);
}

static void
a_sweep_can_be_of_one_root(void **state)
{
    FakeHost *fake = *state;
    const MigObject objects[] = {
        object("table", "t", NULL, "t"), object("index", "i", "t", "i"),
        object("table", "u", NULL, "u"), object("index", "j", "u", "j")};
    MigObjectMap map = {.arena = &fake->arena};
    MigChanges changes = {&fake->arena, NULL, 0, 0};

    list(&map, objects, COUNT_OF(objects), NULL, &fake->error);
    mig_object_map_begin(&map);
    mig_object_map_take(&map, &objects[0], &changes, &fake->error);
    mig_object_map_sweep(&map, mig_bytes("t"), &changes, &fake->error);
    assert_int_equal(changes.count, 1);
    assert_non_null(find_change(&changes, "index", "i"));
    assert_null(mig_object_map_find(&map, &objects[1]));
    assert_non_null(mig_object_map_find(&map, &objects[3]));
    mig_object_map_forget(&map, &objects[3]);
    mig_object_map_forget(&map, &objects[3]);
    assert_null(mig_object_map_find(&map, &objects[3]));
    assert_int_equal(map.count, 2);
}

/* Things of one name, of different kinds or parts of different tables, are
 * told apart; roots and parts are found by their name. */
static void
names_are_told_apart(void **state)
{
    FakeHost *fake = *state;
    const MigObject objects[] = {
        object("table", "n", NULL, "table"), object("type", "n", NULL, "type"),
        object("index", "i", "n", "of n"), object("index", "i", "m", "of m"),
        object("index", "i", NULL, "alone")};
    MigObjectMap map = {.arena = &fake->arena};
    const MigKnownObject *known = NULL;
    size_t count = 0;

    assert_null(mig_object_map_next_root(&map, mig_bytes("n"), NULL));
    list(&map, objects, COUNT_OF(objects), NULL, &fake->error);
    for (size_t i = 0; i < COUNT_OF(objects); i++)
    {
        known = mig_object_map_find(&map, &objects[i]);
        assert_non_null(known);
        assert_true(
            mig_bytes_equal(known->object.definition, objects[i].definition));
    }
    known = NULL;
    while ((known = mig_object_map_next_root(&map, mig_bytes("n"), known)) !=
           NULL)
        count++;
    assert_int_equal(count, 2);
    known = mig_object_map_next_part(&map, mig_bytes("m"), NULL);
    fake_expect_bytes(known->object.definition, "of m");
    assert_null(mig_object_map_next_part(&map, mig_bytes("m"), known));
}

/* ---- Deltas ---- */

static const MigChange kept[] = {
    {{"table", 5}, {"a\nb", 3}, {NULL, 0}, {NULL, 0}, {"", 0}},
    {{"column", 6}, {"5:x", 3}, {"a\nb", 3}, {"-", 1}, {"int\0x", 5}},
    {{"view", 4}, {"", 0}, {"", 0}, {"1:", 2}, {NULL, 0}},
};

/* Fail the test unless two texts are the same, also in whether they are. */
static void
expect_same(MigBytes actual, MigBytes expected)
{
    assert_int_equal(actual.data == NULL, expected.data == NULL);
    assert_true(mig_bytes_equal(actual, expected));
}

/* Write changes and read them again. */
static void
write_and_read(FakeHost *fake)
{
    MigChanges changes = {&fake->arena, NULL, 0, 0};
    MigChanges again = {&fake->arena, NULL, 0, 0};
    MigBytes canon;
    MigBytes text;

    for (size_t i = 0; i < COUNT_OF(kept); i++)
        mig_change_add(&changes, &kept[i], &fake->error);
    text = mig_delta_write(&fake->mig, &fake->arena, &changes);
    mig_delta_read(&fake->mig, text, &canon, &again);
    if (fake->error.status != MIG_OK)
        return;
    fake_expect_bytes(canon, "fake/1");
    assert_int_equal(again.count, COUNT_OF(kept));
    for (size_t i = 0; i < again.count; i++)
    {
        expect_same(again.items[i].kind, kept[i].kind);
        expect_same(again.items[i].identity, kept[i].identity);
        expect_same(again.items[i].parent, kept[i].parent);
        expect_same(again.items[i].before, kept[i].before);
        expect_same(again.items[i].after, kept[i].after);
    }
}

static void
a_delta_is_read_as_it_was_written(void **state)
{
    write_and_read(*state);
    fake_expect_ok(*state);
}

static void
a_delta_that_is_none_is_refused(void **state)
{
    static const char *const texts[] = {
        "fake/1\nx",
        "fake/1\n5:table1:t---",
        "fake/1\n5:table1:t---x",
        "fake/1\n-1:t---\n",
        "fake/1\n5:table----\n",
        "fake/1\n5:table9:t---\n",
        "fake/1\n5:table-1:t---\n",
        "fake/1\n5:table18446744073709551615:t---\n",
        "fake/1\n5:table99999999999999999999999:t---\n",
        "fake/1\n:table1:t---\n",
        "fake/1\n5:table1:t---\n\n",
    };
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        MigChanges changes = {&fake->arena, NULL, 0, 0};
        MigBytes canon;

        mig_delta_read(&fake->mig, mig_bytes(texts[i]), &canon, &changes);
        fake_expect(fake, MIG_CORRUPT, "a row of migrate_delta is malformed",
                    "on_forgotten");
        mig_error_clear(&fake->error);
    }
}

/* ---- Memory, and many ---- */

static void
list_and_compare(FakeHost *fake)
{
    MigObjectMap map = {.arena = &fake->arena};
    MigChanges changes = {&fake->arena, NULL, 0, 0};
    const MigBytes all = {NULL, 0};
    char name[20];

    for (int listing = 0; listing < 2; listing++)
    {
        mig_object_map_begin(&map);
        for (int i = listing; i < 300; i++)
        {
            MigObject made;

            (void) snprintf(name, sizeof(name), "t%d", i);
            made = object("table", name, NULL, listing == 0 ? "a" : name);
            mig_object_map_take(&map, &made, &changes, &fake->error);
        }
        mig_object_map_sweep(&map, all, &changes, &fake->error);
    }
    if (fake->error.status == MIG_OK)
        assert_int_equal(changes.count, 600);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(NULL, write_and_read);
    fake_refuse_each(NULL, list_and_compare);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(fingerprints_do_not_depend_on_the_order),
        cmocka_unit_test(sums_are_modulo_2_to_256),
        fake_test(each_field_counts),
        fake_test(fingerprints_are_written_and_read),
        cmocka_unit_test(what_is_no_structure_is_known),
        fake_test(a_listing_finds_what_has_changed),
        fake_test(a_sweep_can_be_of_one_root),
        fake_test(names_are_told_apart),
        fake_test(a_delta_is_read_as_it_was_written),
        fake_test(a_delta_that_is_none_is_refused),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
