#include "fake_host.h"

#include "mig_difference.h"
#include "mig_load.h"
#include "mig_run.h"
#include "mig_setting.h"

/*
 * How the text of an applied migration differs from the one it has now: what is
 * compared, what happens where that cannot be done, and with little memory.
 */

/* Load a text as migration 1 of a call of its own. */
static void
add(FakeHost *fake, const char *up, const char *down)
{
    MigBytes absent = {NULL, 0};

    fake_next_call(fake);
    fake_read_settings(fake);
    (void) mig_load_text(&fake->mig, mig_bytes("1"), mig_bytes(up),
                         mig_bytes(down), absent);
    fake_expect_ok(fake);
}

/* Apply a text as migration 1, and load another one. */
static void
change(FakeHost *fake, const char *before, const char *after)
{
    add(fake, before, NULL);
    assert_int_equal(mig_run_apply(&fake->mig, "test", mig_bytes("head")), 1);
    fake_expect_ok(fake);
    add(fake, after, NULL);
    fake_next_call(fake);
    fake_read_settings(fake);
}

/* The difference of the first entry. */
static MigTextChange
look(FakeHost *fake)
{
    MigState state;

    mig_state_read(&fake->mig, &fake->arena, &state);
    if (!mig_ok(&fake->mig))
        return MIG_TEXT_CHANGED;
    assert_int_equal(state.count, 1);
    return mig_entry_difference(&fake->mig, &state.entries[0]);
}

static const struct
{
    const char *before;
    const char *after;
    MigTextChange difference;
} cases[] = {
    {"a b", "a b", MIG_SAME_TEXT},
    {"a b", "a b\r\n", MIG_COMMENTS_CHANGED},
    {"a b", "a -- so\n  b", MIG_COMMENTS_CHANGED},
    {"a b", "ab", MIG_TEXT_CHANGED},
    {"a b", "a b c", MIG_TEXT_CHANGED},
    {"a -- ${v}", "a -- ${w}", MIG_TEXT_CHANGED},
    {"a -- $v", "a -- $w", MIG_COMMENTS_CHANGED},
    {"a -- v", "a -- ${v}", MIG_TEXT_CHANGED},
    {"a '", "a  '", MIG_TEXT_CHANGED},
    {"-- migrate:up\na\n-- migrate:down\nb",
     "-- so\n-- migrate:up\na --\n-- migrate:down\n\nb", MIG_COMMENTS_CHANGED},
    {"-- migrate:up\na\n-- migrate:down\nb", "-- migrate:up\na",
     MIG_TEXT_CHANGED},
    {"-- migrate:up\na\n-- migrate:down\nb",
     "-- migrate:up\na\n-- migrate:down\nc", MIG_TEXT_CHANGED},
    {"-- migrate:up\na\n-- migrate:down\n", "-- migrate:up\na",
     MIG_TEXT_CHANGED},
    {"-- migrate:up\na\n-- migrate:verify\nb",
     "-- migrate:up\na\n-- migrate:verify\nb --", MIG_COMMENTS_CHANGED},
    {"-- migrate:up\na\n-- migrate:verify\nb",
     "-- migrate:up\na\n-- migrate:verify\nc", MIG_TEXT_CHANGED},
    {"-- migrate:up\na", "-- migrate:up transaction:false\na",
     MIG_TEXT_CHANGED},
    {"-- migrate:up transaction:false\na", "-- migrate:up\na",
     MIG_TEXT_CHANGED},
    {"-- migrate:env development\na", "-- migrate:env development, b\na",
     MIG_TEXT_CHANGED},
    {"-- migrate:env development\na", "a", MIG_TEXT_CHANGED},
    {"-- migrate:env development\na", "--\n-- migrate:env  development\na",
     MIG_COMMENTS_CHANGED},
    {"a", "-- migrate:requires 0\na", MIG_TEXT_CHANGED},
};

static void
tokens_and_marks_are_compared(void **state)
{
    FakeHost *fake = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        fake_end(fake);
        fake_begin(fake);
        change(fake, cases[i].before, cases[i].after);
        if (look(fake) != cases[i].difference)
            fail_msg("case %zu: \"%s\"", i, cases[i].after);
        fake_expect_ok(fake);
    }
}

/* A way back given apart is a text of its own. */
static void
way_back_apart_is_compared(void **state)
{
    FakeHost *fake = *state;

    add(fake, "a", "b c");
    (void) mig_run_apply(&fake->mig, "test", mig_bytes("head"));
    add(fake, "a --", "b c");
    assert_int_equal(look(fake), MIG_COMMENTS_CHANGED);
    add(fake, "a", "b  c --");
    assert_int_equal(look(fake), MIG_COMMENTS_CHANGED);
    add(fake, "a", "b d");
    assert_int_equal(look(fake), MIG_TEXT_CHANGED);
    add(fake, "a", NULL);
    assert_int_equal(look(fake), MIG_TEXT_CHANGED);
    /* The same bytes, but not where they were. */
    add(fake, "b c", "a");
    assert_int_equal(look(fake), MIG_TEXT_CHANGED);
    fake_expect_ok(fake);
}

static void
what_is_lost_is_changed(void **state)
{
    FakeHost *fake = *state;

    change(fake, "a", "a --");
    fake->data.texts.count--;
    assert_int_equal(look(fake), MIG_TEXT_CHANGED);
    fake_expect_ok(fake);
    fake_next_call(fake);
    fake_read_settings(fake);
    fake->data.texts.count = 0;
    assert_int_equal(look(fake), MIG_TEXT_CHANGED);
    fake_expect_ok(fake);
}

/* What was found out is not asked for again in the same call. */
static void
verdicts_are_kept(void **state)
{
    FakeHost *fake = *state;

    change(fake, "a", "a --");
    assert_int_equal(look(fake), MIG_COMMENTS_CHANGED);
    fake->fail_query = MIG_SQL_APPLIED_SECTIONS;
    assert_int_equal(look(fake), MIG_COMMENTS_CHANGED);
    fake_expect_ok(fake);
    fake_next_call(fake);
    fake_read_settings(fake);
    (void) look(fake);
    fake_expect(fake, MIG_ENGINE, NULL, NULL);
}

/* An offer's text is compared with the applied one, not with the loaded. */
static void
offers_are_compared(void **state)
{
    FakeHost *fake = *state;
    MigMigration offered;
    MigSlice slice;
    MigState read;

    change(fake, "a", "b");
    mig_state_read(&fake->mig, &fake->arena, &read);
    memset(&slice, 0, sizeof(slice));
    slice.whole = mig_bytes("a -- so");
    slice.length = slice.whole.length;
    memset(&offered, 0, sizeof(offered));
    memset(offered.checksum, 'f', MIG_HASH_LENGTH);
    offered.up.slices = &slice;
    offered.up.count = 1;
    assert_int_equal(
        mig_entry_difference_to(&fake->mig, &read.entries[0], &offered),
        MIG_COMMENTS_CHANGED);
    slice.whole = mig_bytes("b -- so");
    assert_int_equal(
        mig_entry_difference_to(&fake->mig, &read.entries[0], &offered),
        MIG_TEXT_CHANGED);
    fake_expect_ok(fake);
}

static const FakeFile newer[] = {
    {"m", NULL, 0, MIG_PATH_DIRECTORY, false},
    {"m/1_a.sql", "a", 0, MIG_PATH_FILE, false},
    {"m/2_b.sql", "b", 0, MIG_PATH_FILE, false},
};
static const FakeFile older[] = {
    {"m", NULL, 0, MIG_PATH_DIRECTORY, false},
    {"m/1_a.sql", "a -- once", 0, MIG_PATH_FILE, false},
};
static const FakeFile other[] = {
    {"m", NULL, 0, MIG_PATH_DIRECTORY, false},
    {"m/1_a.sql", "aa", 0, MIG_PATH_FILE, false},
};

/* Load a directory of an older release, of which the user is told. */
static void
load_older(FakeHost *fake, const FakeFile *files, size_t count)
{
    fake_next_call(fake);
    fake_read_settings(fake);
    fake->files = files;
    fake->file_count = count;
    assert_int_equal(mig_load_at_start(&fake->mig, mig_bytes("m")), -1);
    fake_expect_ok(fake);
}

static void
another_comment_is_no_other_directory(void **state)
{
    FakeHost *fake = *state;
    const char *notice;

    fake->files = newer;
    fake->file_count = COUNT_OF(newer);
    fake_read_settings(fake);
    assert_int_equal(mig_load(&fake->mig, mig_bytes("m")), 2);
    load_older(fake, older, COUNT_OF(older));
    notice = fake->notices[fake->notice_count - 1];
    assert_non_null(strstr(notice, "an older release's"));
    assert_null(strstr(notice, "differ"));
    load_older(fake, other, COUNT_OF(other));
    fake_expect_notice(fake, "1 of its texts differ");
}

static void
prepare_change(FakeHost *fake)
{
    change(fake, "-- migrate:up\na\n-- migrate:down\nb",
           "-- migrate:up\na --\n-- migrate:down\nb");
    mig_arena_release(&fake->arena);
}

static void
look_twice(FakeHost *fake)
{
    mig_settings_read(&fake->mig);
    fake->mig.verdicts = NULL;
    (void) look(fake);
    (void) look(fake);
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(prepare_change, look_twice);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(tokens_and_marks_are_compared),
        fake_test(way_back_apart_is_compared),
        fake_test(what_is_lost_is_changed),
        fake_test(verdicts_are_kept),
        fake_test(offers_are_compared),
        fake_test(another_comment_is_no_other_directory),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
