#include "mig_migration.h"
#include "mig_plan.h"
#include "mig_setting.h"

/* Reading targets; what leads there is planned in mig_plan.c. */

/* Read the number behind + or -. */
static void
read_steps(Mig *mig, MigBytes text, MigTarget *target)
{
    target->kind = text.data[0] == '+' ? MIG_TARGET_FORWARD : MIG_TARGET_BACK;
    if (!mig_parse_digits(mig_part(text, 1, text.length), &target->steps))
        (void) mig_fail(mig->error, MIG_INVALID,
                        "target \"%.*s\" is no number of steps",
                        (int) mig_cut(text, 80).length, text.data);
}

/* The entries whose version starts with a text; the last one is set. */
static size_t
count_prefix(const MigState *state, MigBytes text, const MigEntry **entry)
{
    size_t count = 0;

    for (size_t i = 0; i < state->count; i++)
    {
        const MigEntry *candidate = &state->entries[i];

        if (candidate->version.length < text.length ||
            memcmp(candidate->version.data, text.data, text.length) != 0)
            continue;
        *entry = candidate;
        count++;
    }
    return count;
}

/* Record that there is no such version; a project that is not the usual one
 * is named, since it is easily forgotten. */
static void
fail_unknown(Mig *mig, MigBytes text)
{
    MigBytes project = mig->settings->project;
    bool usual = mig_bytes_equal(project, mig_bytes("default"));

    (void) mig_fail(
        mig->error, MIG_UNKNOWN, "there is no migration \"%.*s\"%s%.*s%s",
        (int) mig_cut(text, 80).length, text.data,
        usual ? "" : " in project \"", usual ? 0 : (int) project.length,
        project.data, usual ? "" : "\"");
}

/* The entry that has a tag, or NULL. */
static const MigEntry *
find_tagged(const MigState *state, MigBytes tag)
{
    for (size_t i = 0; i < state->count; i++)
    {
        MigBytes tags = mig_option(state->entries[i].options, "tags");
        MigBytes word;
        size_t at = 0;

        while (mig_next_word(tags, &at, " ", &word))
        {
            if (mig_bytes_equal(word, tag))
                return &state->entries[i];
        }
    }
    return NULL;
}

/* Find the version that a target names. */
static void
read_version(Mig *mig, const MigState *state, MigBytes text, bool prefix,
             MigTarget *target)
{
    size_t count;

    target->kind = MIG_TARGET_VERSION;
    target->entry = text.length > 1 && text.data[0] == '@'
                        ? find_tagged(state, mig_part(text, 1, text.length))
                        : mig_state_find(mig, state, text);
    if (target->entry != NULL || !mig_ok(mig))
        return;
    count = prefix && text.length > 0
                ? count_prefix(state, text, &target->entry)
                : 0;
    if (count == 1)
        return;
    if (count > 1)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "target \"%.*s\" is the beginning of %zu versions",
                        (int) mig_cut(text, 80).length, text.data, count);
    else
        fail_unknown(mig, text);
    mig_fail_hint(mig->error, "SELECT * FROM migrate_status() lists what there "
                              "is.");
}

void
mig_target_read(Mig *mig, const MigState *state, MigBytes text, bool prefix,
                MigTarget *target)
{
    memset(target, 0, sizeof(*target));
    target->text = text;
    if (!mig_ok(mig))
        return;
    if (mig_bytes_equal(text, mig_bytes("head")))
        target->kind = MIG_TARGET_HEAD;
    else if (mig_bytes_equal(text, mig_bytes("base")))
        target->kind = MIG_TARGET_BASE;
    else if (text.length > 0 && (text.data[0] == '+' || text.data[0] == '-'))
        read_steps(mig, text, target);
    else
        read_version(mig, state, text, prefix, target);
}

const MigEntry *
mig_target_version(Mig *mig, const MigState *state, MigBytes version)
{
    MigTarget target;

    memset(&target, 0, sizeof(target));
    if (mig_ok(mig))
        read_version(mig, state, version, false, &target);
    return target.entry;
}
