#include "mig_variable.h"

#include "format_liquibase.h"
#include "mig_colon.h"
#include "mig_envsub.h"
#include "mig_placeholder.h"
#include "mig_setting.h"
#include "mig_write.h"

#define EXPANDED_MAX                                                           \
    ((size_t) 1 << 30) /* bytes of a text with values put in                   \
                        */

#define MENTION_MAX ((size_t) 200) /* bytes of a name in ${} */
#define VALUE_MAX                                                              \
    ((size_t) 65536) /* bytes of a value that holds others                     \
                      */
#define DEPTH_MAX 8  /* of values in values */

/* One style. */
typedef struct Style
{
    const char *name;

    /* Whether a text may mention variables. */
    bool (*mentions)(MigBytes text);

    /*
     * The value for what stands at the start of a text.
     *
     * length  out: how many bytes it replaces
     *
     * Returns absent bytes when they stay as they are.
     */
    MigBytes (*value_at)(Mig *mig, MigArena *arena, MigBytes text,
                         size_t *length, MigExpansion *expansion);

    char first; /* the byte that a mention starts with */

    /* The whole text, in place of value_at() and first; else NULL. */
    MigBytes (*expand)(Mig *mig, MigArena *arena, MigBytes text,
                       MigExpansion *expansion);
} Style;

/* Add whoever answers for the value of a variable. */
static void
add_setter(Mig *mig, MigArena *arena, const char *name, MigBytes *authors)
{
    char author[MIG_AUTHOR_SIZE];
    MigBytes setter;
    const char *origin;

    if (mig->host->methods->trusts == NULL)
        return;
    mig_author(mig, author);
    setter = mig_bytes(author);
    (void) mig_setting(mig, name, &origin);
    for (size_t i = 0;
         i < mig->settings->count && strcmp(origin, "database") == 0; i++)
    {
        if (mig_bytes_equal(mig->settings->rows[i].name, mig_bytes(name)))
            setter = mig->settings->rows[i].set_by;
    }
    mig_lines_add(arena, mig->error, authors, setter);
}

MigBytes
mig_variable_value(Mig *mig, MigArena *arena, MigBytes name,
                   MigExpansion *expansion)
{
    char setting[sizeof(MIG_VARIABLE_PREFIX) + MIG_VARIABLE_MAX] =
        MIG_VARIABLE_PREFIX;
    size_t prefix = strlen(MIG_VARIABLE_PREFIX);
    MigBytes value = {NULL, 0};

    if (name.length == 0 || name.length > MIG_VARIABLE_MAX)
        return value;
    memcpy(setting + prefix, name.data, name.length);
    setting[prefix + name.length] = '\0';
    value = mig_setting(mig, setting, NULL);
    if (value.data == NULL)
        return value;
    mig_setting_require(mig, mig_bytes(setting), value);
    add_setter(mig, arena, setting, &expansion->authors);
    return value;
}

/* Whether a text has "${" somewhere. */
static bool
mentions_braces(MigBytes text)
{
    size_t at = 0;

    while (at < text.length)
    {
        const char *dollar = memchr(text.data + at, '$', text.length - at);

        if (dollar == NULL)
            return false;
        at = (size_t) (dollar - text.data) + 1;
        if (at < text.length && text.data[at] == '{')
            return true;
    }
    return false;
}

/* Our own style: ${name}. */
static MigBytes
native_value(Mig *mig, MigArena *arena, MigBytes text, size_t *length,
             MigExpansion *expansion)
{
    MigBytes absent = {NULL, 0};
    size_t bytes;

    if (!mig_starts_with(text, "${"))
        return absent;
    bytes = mig_variable_length(mig_part(text, 2, text.length));
    if (bytes == 0 || bytes + 2 >= text.length || text.data[bytes + 2] != '}')
        return absent;
    *length = bytes + 3;
    return mig_variable_value(mig, arena, mig_part(text, 2, 2 + bytes),
                              expansion);
}

size_t
mig_variable_mention(MigBytes text, MigBytes *name)
{
    size_t end = 2;

    if (!mig_starts_with(text, "${"))
        return 0;
    while (end < text.length && end < 2 + MENTION_MAX &&
           strchr("${}\n", text.data[end]) == NULL)
        end++;
    if (end == text.length || text.data[end] != '}')
        return 0;
    *name = mig_trim(mig_part(text, 2, end));
    return name->length == 0 ? 0 : end + 1;
}

/* Liquibase's: ${name}; our variables first, as its command line's are. */
static MigBytes
liquibase_value(Mig *mig, MigArena *arena, MigBytes text, size_t *length,
                MigExpansion *expansion)
{
    MigBytes value = {NULL, 0};
    MigBytes name;
    size_t bytes = mig_variable_mention(text, &name);

    if (bytes == 0)
        return value;
    *length = bytes;
    if (mig_variable_length(name) == name.length)
        value = mig_variable_value(mig, arena, name, expansion);
    if (value.data != NULL)
        return value;
    value = mig_liquibase_property(mig, expansion->options, name);
    if (value.data == NULL || expansion->depth == DEPTH_MAX)
        return value;
    expansion->depth++;
    value = mig_expand(mig, arena, value, expansion);
    expansion->depth--;
    if (mig_ok(mig) && value.length > VALUE_MAX)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "the value of property \"%.*s\" is longer than %zu "
                        "bytes with those in it",
                        (int) mig_cut(name, 80).length, name.data, VALUE_MAX);
    return value;
}

static const Style styles[] = {
    {MIG_VARIABLES_NATIVE, mentions_braces, native_value, '$', NULL},
    {MIG_VARIABLES_FLYWAY, mentions_braces, mig_placeholder_value, '$', NULL},
    {MIG_VARIABLES_LIQUIBASE, mentions_braces, liquibase_value, '$', NULL},
    {MIG_VARIABLES_GRAPHILE, mig_colon_mentions, mig_colon_value, ':', NULL},
    {MIG_VARIABLES_ENVSUB, mig_envsub_in, NULL, 0, mig_envsub_expand},
};

static const Style *
find_style(MigBytes name)
{
    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
    {
        if (mig_bytes_equal(name, mig_bytes(styles[i].name)))
            return &styles[i];
    }
    return NULL;
}

bool
mig_variables_in(const char *style, MigBytes text)
{
    const Style *found = find_style(mig_bytes(style));

    return found != NULL && found->mentions(text);
}

void
mig_expanded_check(Mig *mig, size_t length)
{
    if (length > EXPANDED_MAX)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "a text is longer than 1 GB with the values of its "
                        "variables");
}

MigBytes
mig_expand(Mig *mig, MigArena *arena, MigBytes text, MigExpansion *expansion)
{
    const Style *style = find_style(expansion->style);
    MigText expanded = {arena, mig->error, NULL, 0, 0};
    size_t copied = 0;
    size_t at = 0;

    if (style != NULL && style->expand != NULL)
        return style->expand(mig, arena, text, expansion);
    while (style != NULL && at < text.length && mig_ok(mig))
    {
        const char *found =
            memchr(text.data + at, style->first, text.length - at);
        size_t length = 1;
        MigBytes value;

        if (found == NULL)
            break;
        at = (size_t) (found - text.data);
        expansion->offset = at;
        value = style->value_at(mig, arena, mig_part(text, at, text.length),
                                &length, expansion);
        if (value.data == NULL)
        {
            at++;
            continue;
        }
        mig_expanded_check(mig, expanded.length + (at - copied) + value.length);
        if (!mig_ok(mig))
            break;
        mig_text_append(&expanded, mig_part(text, copied, at));
        mig_text_append(&expanded, value);
        at += length;
        copied = at;
    }
    if (copied == 0)
        return text;
    mig_text_append(&expanded, mig_part(text, copied, text.length));
    return mig_text_bytes(&expanded);
}
