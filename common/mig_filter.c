#include "mig_filter.h"

#include "mig_expression.h"
#include "mig_migration.h"
#include "mig_setting.h"

static bool
is_same(MigBytes text, const char *word)
{
    return mig_same_letters(text, mig_bytes(word));
}

bool
mig_filter_engine(const Mig *mig, MigBytes list)
{
    const char *engine = mig->host->methods->engine;
    bool named = false;
    bool others = false;
    bool none = false;
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(list, &at, ", \t", &word))
    {
        bool excluded = word.data[0] == '!';

        if (is_same(word, "all"))
            return true;
        none = none || is_same(word, "none") ||
               (excluded && is_same(mig_part(word, 1, word.length), engine));
        named = named || is_same(word, engine);
        others = others || !excluded;
    }
    return !none && (named || !others);
}

bool
mig_filter_contexts(const Mig *mig, MigBytes expression)
{
    return mig_expression_holds(expression, mig_setting(mig, "contexts", NULL));
}

bool
mig_filter_labels(const Mig *mig, MigBytes labels)
{
    MigBytes expression = mig_setting(mig, "labels", NULL);

    return mig_trim(expression).length == 0 ||
           mig_expression_holds(expression, labels);
}

/* Whether the setting "environment" is one of those that are named. */
static bool
is_environment(const Mig *mig, MigBytes wanted)
{
    MigBytes environment = mig_setting(mig, "environment", NULL);
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(wanted, &at, ", ", &word))
    {
        if (mig_bytes_equal(word, environment))
            return true;
    }
    return false;
}

/* What is never for this database. */
static bool
is_never(const Mig *mig, MigBytes value)
{
    (void) mig;
    (void) value;
    return false;
}

/* One option that filters. */
typedef struct Filter
{
    const char *option;
    bool (*holds)(const Mig *mig, MigBytes value);
    const char *before; /* the value, in the reason */
    const char *behind;
} Filter;

static const Filter filters[] = {
    {"env", is_environment, "only for environment ", ""},
    {"ignore", is_never, "marked to be ignored", NULL},
    {"dbms", mig_filter_engine, "only for dbms ", ""},
    {"contexts", mig_filter_contexts, "only in context \"", "\""},
    {"labels", mig_filter_labels, "not wanted by its labels \"", "\""},
};

/* The first filter that does not hold; NULL: all do. */
static const Filter *
find_filter(const Mig *mig, MigBytes options, MigBytes *value)
{
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
    {
        *value = mig_option(options, filters[i].option);
        if (value->data != NULL && !filters[i].holds(mig, *value))
            return &filters[i];
    }
    return NULL;
}

bool
mig_filter_holds(const Mig *mig, MigBytes options)
{
    MigBytes value;

    return find_filter(mig, options, &value) == NULL;
}

const char *
mig_filter_reason(Mig *mig, MigBytes options)
{
    MigBytes value;
    const Filter *filter = find_filter(mig, options, &value);

    if (filter == NULL)
        return NULL;
    if (filter->behind == NULL)
        return filter->before;
    return mig_format_string(mig->arena, mig->error, "%s%.*s%s", filter->before,
                             (int) value.length, value.data, filter->behind);
}
