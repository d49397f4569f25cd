#include "mig_sqitch_plan.h"

#include <stdlib.h>

#include "mig_migration.h"
#include "mig_version.h"

/* The state of reading a plan. */
typedef struct Reader
{
    Mig *mig;
    MigSqitchPlan *plan;
    int64_t line; /* being read, from 1 */
} Reader;

/* A change and its name, for looking it up. */
typedef struct Named
{
    MigBytes name;
    size_t index; /* in the plan */
} Named;

/* Names of all changes: by name, then in the plan's order. */
typedef struct Index
{
    Named *items;
    size_t count;
    MigSqitchTag *tags; /* of the plan, by name */
} Index;

static void
fail_line(Reader *reader, const char *problem, MigBytes what)
{
    (void) mig_fail(reader->mig->error, MIG_INVALID, "line %lld: %s \"%.*s\"",
                    (long long) reader->line, problem,
                    (int) mig_cut(what, 200).length, what.data);
    mig_fail_hint(reader->mig->error,
                  "A line is: name [requirements] 2026-01-31T12:00:00Z Planner "
                  "<email> # note; or @tag and the same behind it.");
}

/* The word at an offset, up to a blank; moves behind it. */
static MigBytes
take_word(MigBytes line, size_t *at)
{
    size_t start;

    while (*at < line.length &&
           (line.data[*at] == ' ' || line.data[*at] == '\t'))
        ++*at;
    start = *at;
    while (*at < line.length && line.data[*at] != ' ' && line.data[*at] != '\t')
        ++*at;
    return mig_part(line, start, *at);
}

/* Take "[...]" at an offset, without the brackets; empty when there is none. */
static MigBytes
take_dependencies(Reader *reader, MigBytes line, size_t *at)
{
    const char *end;
    size_t start;

    while (*at < line.length &&
           (line.data[*at] == ' ' || line.data[*at] == '\t'))
        ++*at;
    if (*at >= line.length || line.data[*at] != '[')
        return mig_bytes("");
    start = *at + 1;
    end = memchr(line.data + start, ']', line.length - start);
    if (end == NULL)
    {
        fail_line(reader, "a bracket is not closed in", line);
        return mig_bytes("");
    }
    *at = (size_t) (end - line.data) + 1;
    return mig_part(line, start, *at - 1);
}

/* Whether a text is a time as plans write it: 2026-01-31T12:00:00Z. */
static bool
is_time(MigBytes text)
{
    static const char shape[] = "0000-00-00T00:00:00Z";

    if (text.length != strlen(shape))
        return false;
    for (size_t i = 0; i < text.length; i++)
    {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';

        if (shape[i] == '0' ? !digit : text.data[i] != shape[i])
            return false;
    }
    return true;
}

/* Fail unless a name can be one: sqitchchanges(7), and a version of ours. */
static void
check_name(Reader *reader, MigBytes name)
{
    if (name.length == 0 || memchr(name.data, '@', name.length) != NULL ||
        memchr(name.data, ':', name.length) != NULL ||
        mig_version_check(name, reader->mig->error) != MIG_OK)
    {
        mig_error_clear(reader->mig->error);
        fail_line(reader, "this is no name of a change or tag:", name);
    }
}

/* Append a tag, which stands behind the newest change. */
static void
add_tag(Reader *reader, MigBytes name)
{
    Mig *mig = reader->mig;
    MigSqitchPlan *plan = reader->plan;
    MigSqitchTag *tags;

    if (plan->count == 0)
    {
        fail_line(reader, "no change stands before tag", name);
        return;
    }
    tags = mig_array_reserve(mig->arena, plan->tags, plan->tag_count,
                             &plan->tag_capacity, sizeof(MigSqitchTag),
                             mig->error);
    if (tags == NULL)
        return;
    plan->tags = tags;
    tags[plan->tag_count].name = name;
    tags[plan->tag_count++].change = plan->count - 1;
}

/* Append a change. */
static void
add_change(Reader *reader, MigBytes name, MigBytes dependencies)
{
    Mig *mig = reader->mig;
    MigSqitchPlan *plan = reader->plan;
    MigSqitchChange *changes =
        mig_array_reserve(mig->arena, plan->changes, plan->count,
                          &plan->capacity, sizeof(MigSqitchChange), mig->error);
    MigSqitchChange *change;

    if (changes == NULL)
        return;
    plan->changes = changes;
    change = &changes[plan->count++];
    memset(change, 0, sizeof(*change));
    change->name = name;
    change->version = name;
    change->script = name;
    change->requires = mig_bytes("");
    change->options = mig_bytes("");
    change->line = reader->line;
    change->tag = plan->tag_count;
    change->dependencies = dependencies;
}

/* Read a pragma, "%name=value". */
static void
read_pragma(Reader *reader, MigBytes line)
{
    const char *sign = memchr(line.data, '=', line.length);
    MigBytes name;

    if (sign == NULL)
        return;
    name = mig_trim(mig_part(line, 1, (size_t) (sign - line.data)));
    if (mig_bytes_equal(name, mig_bytes("project")))
        reader->plan->project = mig_trim(
            mig_part(line, (size_t) (sign - line.data) + 1, line.length));
}

/* Read a line that is neither blank nor a comment. */
static void
read_line(Reader *reader, MigBytes line)
{
    const char *note = memchr(line.data, '#', line.length);
    MigBytes dependencies;
    MigBytes name;
    bool tag;
    size_t at = 0;

    if (note != NULL)
        line = mig_trim(mig_part(line, 0, (size_t) (note - line.data)));
    if (line.data[0] == '%')
    {
        read_pragma(reader, line);
        return;
    }
    if (line.data[0] == '-')
    {
        fail_line(reader,
                  "a change is to be reverted here, which is not done:", line);
        return;
    }
    tag = line.data[0] == '@';
    at = tag || line.data[0] == '+' ? 1 : 0;
    name = take_word(line, &at);
    check_name(reader, name);
    dependencies = take_dependencies(reader, line, &at);
    if (reader->mig->error->status == MIG_OK && !is_time(take_word(line, &at)))
        fail_line(reader, "the time is missing in", line);
    if (!mig_ok(reader->mig))
        return;
    if (!tag)
        add_change(reader, name, dependencies);
    else
        add_tag(reader, name);
}

static int
compare_named(const void *a, const void *b)
{
    const Named *first = a;
    const Named *second = b;
    int order = mig_position_compare(first->name, second->name);

    return order != 0 ? order
                      : (first->index > second->index) -
                            (first->index < second->index);
}

/* Make the index of the changes' names. */
static void
make_index(Reader *reader, Index *index)
{
    const MigSqitchPlan *plan = reader->plan;

    index->count = plan->count;
    index->items = mig_alloc_array(reader->mig->arena, plan->count,
                                   sizeof(Named), reader->mig->error);
    if (index->items == NULL)
        return;
    for (size_t i = 0; i < plan->count; i++)
    {
        index->items[i].name = plan->changes[i].name;
        index->items[i].index = i;
    }
    if (index->count > 0)
        qsort(index->items, index->count, sizeof(Named), compare_named);
}

/*
 * The last change of a name below a place in the plan; plan->count when there
 * is none.
 */
static size_t
find_change(const Reader *reader, const Index *index, MigBytes name,
            size_t below)
{
    size_t low = 0;
    size_t high = index->count;
    Named wanted = {name, below};

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (compare_named(&index->items[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || !mig_bytes_equal(index->items[low - 1].name, name))
        return reader->plan->count;
    return index->items[low - 1].index;
}

/*
 * The script of a change that was reworked: its name with a tag behind it;
 * several tags may stand between it and the next one.
 */
static MigBytes
reworked_script(Reader *reader, const MigSqitchChange *change,
                const MigSqitchChange *next)
{
    MigSqitchPlan *plan = reader->plan;
    Mig *mig = reader->mig;
    MigBytes newest = {NULL, 0};

    for (size_t i = next->tag; i-- > change->tag && mig_ok(mig);)
    {
        const char *script = mig_format_string(
            mig->arena, mig->error, "%.*s@%.*s", (int) change->name.length,
            change->name.data, (int) plan->tags[i].name.length,
            plan->tags[i].name.data);

        if (script == NULL)
            break;
        if (plan->has(plan->has_context, mig_bytes(script)))
            return mig_bytes(script);
        if (newest.data == NULL)
            newest = mig_bytes(script);
    }
    return newest;
}

/* Tell several changes of one name apart. */
static void
name_reworked(Reader *reader, const Index *index)
{
    MigSqitchPlan *plan = reader->plan;
    Mig *mig = reader->mig;
    size_t number = 1;

    for (size_t i = 0; i + 1 < index->count && mig_ok(mig); i++)
    {
        MigSqitchChange *change = &plan->changes[index->items[i].index];
        MigSqitchChange *next = &plan->changes[index->items[i + 1].index];
        const char *version;

        number++;
        if (!mig_bytes_equal(change->name, next->name))
        {
            number = 1;
            continue;
        }
        if (change->tag == next->tag)
        {
            reader->line = next->line;
            fail_line(reader, "without a tag between them there are two of",
                      change->name);
            return;
        }
        change->script = reworked_script(reader, change, next);
        version =
            mig_format_string(mig->arena, mig->error, "%.*s#%zu",
                              (int) next->name.length, next->name.data, number);
        if (version != NULL)
            next->version = mig_bytes(version);
    }
}

static int
compare_tags(const void *a, const void *b)
{
    return mig_position_compare(((const MigSqitchTag *) a)->name,
                                ((const MigSqitchTag *) b)->name);
}

/* Make the index of the tags' names; fail for two of one. */
static void
index_tags(Reader *reader, Index *index)
{
    Mig *mig = reader->mig;
    MigSqitchPlan *plan = reader->plan;

    index->tags = mig_alloc_array(mig->arena, plan->tag_count,
                                  sizeof(MigSqitchTag), mig->error);
    if (index->tags == NULL || plan->tag_count == 0)
        return;
    memcpy(index->tags, plan->tags, plan->tag_count * sizeof(MigSqitchTag));
    qsort(index->tags, plan->tag_count, sizeof(MigSqitchTag), compare_tags);
    for (size_t i = 0; i + 1 < plan->tag_count; i++)
    {
        if (compare_tags(&index->tags[i], &index->tags[i + 1]) != 0)
            continue;
        (void) mig_fail(
            mig->error, MIG_INVALID, "line 1: the plan has two tags \"@%.*s\"",
            (int) index->tags[i].name.length, index->tags[i].name.data);
        return;
    }
}

/* The tag of a name; NULL when there is none. */
static const MigSqitchTag *
find_tag(const Reader *reader, const Index *index, MigBytes name)
{
    MigSqitchTag wanted = {name, 0};

    return reader->plan->tag_count == 0
               ? NULL
               : bsearch(&wanted, index->tags, reader->plan->tag_count,
                         sizeof(MigSqitchTag), compare_tags);
}

/*
 * The change that a dependency names, seen from a place in the plan:
 * change, change@tag or @tag; plan->count when there is none.
 */
static size_t
resolve(const Reader *reader, const Index *index, MigBytes text, size_t place)
{
    const MigSqitchPlan *plan = reader->plan;
    const char *at = memchr(text.data, '@', text.length);
    const MigSqitchTag *tag;
    size_t length = at == NULL ? text.length : (size_t) (at - text.data);
    bool last;

    if (at == NULL)
        return find_change(reader, index, text, place);
    last = mig_bytes_equal(mig_part(text, length, text.length),
                           mig_bytes("@HEAD"));
    tag = find_tag(reader, index, mig_part(text, length + 1, text.length));
    if (tag == NULL && !last)
        return plan->count;
    if (length == 0)
        return tag == NULL ? plan->count : tag->change;
    return find_change(reader, index, mig_part(text, 0, length),
                       tag == NULL ? plan->count : tag->change + 1);
}

/* A dependency without the name of the plan's own project; absent bytes for
 * one on another project, or by an id. */
static MigBytes
own_part(const Reader *reader, MigBytes text)
{
    const char *colon = memchr(text.data, ':', text.length);
    MigBytes absent = {NULL, 0};
    size_t length;

    if (colon == NULL)
        return text;
    length = (size_t) (colon - text.data);
    return mig_bytes_equal(mig_part(text, 0, length), reader->plan->project)
               ? mig_part(text, length + 1, text.length)
               : absent;
}

/* Tell that a dependency is not looked at. */
static void
tell_foreign(const Reader *reader, const MigSqitchChange *change, MigBytes text)
{
    Mig *mig = reader->mig;
    const char *message = mig_format_string(
        mig->arena, mig->error,
        "change \"%.*s\" requires \"%.*s\" of another project, which is not "
        "looked at",
        (int) change->name.length, change->name.data, (int) text.length,
        text.data);

    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_NOTICE, message);
}

/* Read one dependency of a change. */
static void
read_dependency(Reader *reader, const Index *index, size_t place, MigBytes text,
                MigText *lists)
{
    MigSqitchPlan *plan = reader->plan;
    MigSqitchChange *change = &plan->changes[place];
    bool conflict = text.data[0] == '!';
    MigBytes own = own_part(reader, mig_part(text, conflict, text.length));
    size_t found;

    if (own.data == NULL)
    {
        tell_foreign(reader, change, text);
        return;
    }
    found = resolve(reader, index, own, conflict ? plan->count : place);
    reader->line = change->line;
    if (found == plan->count)
    {
        /* What conflicts may have gone from the plan. */
        if (!conflict)
            fail_line(reader, "nothing before it in the plan is", text);
        return;
    }
    mig_text_append(&lists[conflict], plan->changes[found].version);
    mig_text_append_string(&lists[conflict], conflict ? " " : "\n");
}

/* Write what a change requires, what it conflicts with, and its tags. */
static void
read_dependencies(Reader *reader, const Index *index, size_t place,
                  MigText *tags)
{
    Mig *mig = reader->mig;
    MigSqitchChange *change = &reader->plan->changes[place];
    MigText lists[2] = {{mig->arena, mig->error, NULL, 0, 0},
                        {mig->arena, mig->error, NULL, 0, 0}};
    MigText options = {mig->arena, mig->error, NULL, 0, 0};
    MigBytes word;
    size_t at = 0;

    while (mig_ok(mig) &&
           mig_next_word(change->dependencies, &at, " \t", &word))
        read_dependency(reader, index, place, word, lists);
    change->requires = mig_text_bytes(&lists[0]);
    /* Its checks hold when nothing in them fails: sqitch-verify(1). */
    mig_text_append_string(&options, "verify:runs\n");
    if (lists[1].length > 0)
    {
        mig_text_append_string(&options, "conflicts:");
        mig_text_append(&options, mig_trim(mig_text_bytes(&lists[1])));
        mig_text_append_string(&options, "\n");
    }
    if (tags->length > 0)
    {
        mig_text_append_string(&options, "tags:");
        mig_text_append(&options, mig_trim(mig_text_bytes(tags)));
        mig_text_append_string(&options, "\n");
    }
    change->options = mig_text_bytes(&options);
}

/* Work out what the changes have to do with each other. */
static void
relate(Reader *reader)
{
    Mig *mig = reader->mig;
    const MigSqitchPlan *plan = reader->plan;
    Index index;
    size_t tag = 0;

    make_index(reader, &index);
    if (mig_ok(mig))
        name_reworked(reader, &index);
    if (mig_ok(mig))
        index_tags(reader, &index);
    for (size_t i = 0; i < plan->count && mig_ok(mig); i++)
    {
        MigText tags = {mig->arena, mig->error, NULL, 0, 0};

        for (; tag < plan->tag_count && plan->tags[tag].change == i; tag++)
        {
            mig_text_append(&tags, plan->tags[tag].name);
            mig_text_append_string(&tags, " ");
        }
        read_dependencies(reader, &index, i, &tags);
    }
}

void
mig_sqitch_plan_read(Mig *mig, MigBytes text, MigSqitchPlan *plan)
{
    Reader reader = {mig, plan, 0};
    MigBytes line;
    size_t at = 0;

    while (mig_ok(mig) && mig_next_line(text, &at, &line))
    {
        reader.line++;
        line = mig_trim(line);
        if (line.length > 0 && line.data[0] != '#')
            read_line(&reader, line);
    }
    if (mig_ok(mig) && plan->project.length == 0)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line 1: the plan has no %%project");
    if (mig_ok(mig))
        relate(&reader);
}
