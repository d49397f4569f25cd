#include "format_liquibase.h"

#include "mig_filter.h"
#include "mig_variable.h"

#define BUCKETS 512
#define DEPTH_MAX 8 /* of properties in the values of others */

/* One property mark. */
typedef struct Property
{
    MigBytes rest; /* the mark's attributes */
    MigBytes value;
    MigBytes file;
    bool global;
    struct Property *next; /* of the same name, in the order of the marks */
    struct Property *previous;
} Property;

/* All properties of a name; case does not count. */
typedef struct Name
{
    MigBytes name;
    Property *first;
    Property *last;
    size_t owner; /* of the migration that has noted them last */
    struct Name *next;
} Name;

struct MigLiquibaseProperties
{
    Name *buckets[BUCKETS];
};

MigLiquibaseProperties *
mig_liquibase_properties(Mig *mig)
{
    return mig_alloc(mig->arena, sizeof(MigLiquibaseProperties), mig->error);
}

/* The bucket of a name (FNV-1a of its lower-case bytes). */
static size_t
bucket_of(MigBytes name)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ (unsigned char) mig_lower(name.data[i])) * 16777619U;
    return hash % BUCKETS;
}

/* The properties of a name, or NULL. */
static Name *
find_name(const MigLiquibaseProperties *properties, MigBytes name)
{
    Name *found = properties->buckets[bucket_of(name)];

    while (found != NULL && !mig_same_letters(found->name, name))
        found = found->next;
    return found;
}

/* The word behind a key's colon, quotes and all. */
static MigBytes
raw_value(MigBytes rest, MigBytes key)
{
    size_t at = (size_t) (key.data - rest.data) + key.length + 1;
    MigBytes word = {NULL, 0};

    (void) mig_next_word(rest, &at, " \t", &word);
    return word;
}

/* What a mark's attributes say. */
typedef struct Parsed
{
    MigBytes name;
    MigBytes value;
    MigBytes contexts;
    MigBytes labels;
    MigBytes dbms;
    bool global;
} Parsed;

static void
parse(MigBytes rest, Parsed *parsed)
{
    MigBytes key;
    MigBytes value;
    size_t at = 0;

    memset(parsed, 0, sizeof(*parsed));
    parsed->global = true;
    while (mig_liquibase_attribute(rest, &at, &key, &value))
    {
        if (mig_liquibase_same(key, "name"))
            parsed->name = raw_value(rest, key);
        else if (mig_liquibase_same(key, "value"))
            parsed->value = raw_value(rest, key);
        else if (mig_liquibase_same(key, "contextfilter") ||
                 (mig_liquibase_same(key, "context") &&
                  parsed->contexts.length == 0))
            parsed->contexts = value;
        else if (mig_liquibase_same(key, "labels"))
            parsed->labels = value;
        else if (mig_liquibase_same(key, "dbms"))
            parsed->dbms = value;
        else if (mig_liquibase_same(key, "global"))
            parsed->global = mig_liquibase_is_true(value);
    }
}

/* The properties of a name, made where there are none; NULL on failure. */
static Name *
find_or_add_name(Mig *mig, MigLiquibaseProperties *properties, MigBytes name)
{
    Name **bucket = &properties->buckets[bucket_of(name)];
    Name *found = find_name(properties, name);

    if (found != NULL)
        return found;
    found = mig_alloc(mig->arena, sizeof(Name), mig->error);
    if (found == NULL)
        return NULL;
    found->name = name;
    found->next = *bucket;
    *bucket = found;
    return found;
}

void
mig_liquibase_property_add(Mig *mig, MigLiquibaseProperties *properties,
                           MigBytes rest, MigBytes file)
{
    Property *property;
    Parsed parsed;
    Name *name;

    if (!mig_ok(mig))
        return;
    rest = mig_copy(mig->arena, mig_trim(rest), mig->error);
    parse(rest, &parsed);
    if (mig_ok(mig) && (parsed.name.length == 0 || parsed.value.length == 0))
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "a property must be \"--property name:<name> "
                        "value:<value>\"");
        return;
    }
    name = mig_ok(mig) ? find_or_add_name(mig, properties, parsed.name) : NULL;
    property = name == NULL
                   ? NULL
                   : mig_alloc(mig->arena, sizeof(Property), mig->error);
    if (property == NULL)
        return;
    property->rest = rest;
    property->value = parsed.value;
    property->file = file;
    property->global = parsed.global;
    if (name->last == NULL)
        name->first = property;
    else
        name->last->next = property;
    property->previous = name->last;
    name->last = property;
}

/*
 * The name in the next ${name} of a text.
 *
 * at  in/out
 *
 * Returns false when there is none.
 */
static bool
next_mention(MigBytes text, size_t *at, MigBytes *name)
{
    while (*at < text.length)
    {
        const char *dollar = memchr(text.data + *at, '$', text.length - *at);

        if (dollar == NULL)
            return false;
        *at = (size_t) (dollar - text.data) + 1;
        if (mig_variable_mention(mig_part(text, *at - 1, text.length), name) >
            0)
            return true;
    }
    return false;
}

static void note(const MigLiquibaseProperties *properties, MigBytes text,
                 MigBytes file, size_t owner, MigText *options, unsigned depth);

/* Note one property, and those that its value mentions. */
static void
note_property(const MigLiquibaseProperties *properties,
              const Property *property, size_t owner, MigText *options,
              unsigned depth)
{
    mig_text_append_string(options, "property:");
    mig_text_append(options, property->rest);
    mig_text_append_string(options, "\n");
    note(properties, property->value, property->file, owner, options,
         depth + 1);
}

/* Note all properties of a name, those first that win: the global ones as they
 * stand, then those of the file, the last first. */
static void
note_name(const MigLiquibaseProperties *properties, const Name *name,
          MigBytes file, size_t owner, MigText *options, unsigned depth)
{
    for (const Property *property = name->first; property != NULL;
         property = property->next)
    {
        if (property->global)
            note_property(properties, property, owner, options, depth);
    }
    for (const Property *property = name->last; property != NULL;
         property = property->previous)
    {
        if (!property->global && mig_bytes_equal(property->file, file))
            note_property(properties, property, owner, options, depth);
    }
}

static void
note(const MigLiquibaseProperties *properties, MigBytes text, MigBytes file,
     size_t owner, MigText *options, unsigned depth)
{
    MigBytes mention;
    size_t at = 0;

    while (depth < DEPTH_MAX && next_mention(text, &at, &mention))
    {
        Name *name = find_name(properties, mention);

        if (name == NULL || name->owner == owner)
            continue;
        name->owner = owner;
        note_name(properties, name, file, owner, options, depth);
    }
}

void
mig_liquibase_property_note(const MigLiquibaseProperties *properties,
                            MigBytes text, MigBytes file, size_t owner,
                            MigText *options)
{
    note(properties, text, file, owner, options, 0);
}

MigBytes
mig_liquibase_property(const Mig *mig, MigBytes options, MigBytes name)
{
    static const char key[] = "property:";
    MigBytes absent = {NULL, 0};
    size_t at = 0;
    MigBytes line;
    Parsed parsed;

    while (mig_next_line(options, &at, &line))
    {
        if (!mig_starts_with(line, key))
            continue;
        parse(mig_part(line, strlen(key), line.length), &parsed);
        if (mig_same_letters(parsed.name, name) &&
            mig_filter_contexts(mig, parsed.contexts) &&
            mig_filter_labels(mig, parsed.labels) &&
            mig_filter_engine(mig, parsed.dbms))
            return parsed.value;
    }
    return absent;
}
