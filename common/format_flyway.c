#include "format_flyway.h"

#include "mig_hook.h"
#include "mig_variable.h"
#include "mig_version.h"

/*
 * Flyway, and what others read alike (Evolve, yandex-pgmigrate), in the folder
 * and all that are in it:
 *
 *     V<version>__<name>.sql     a migration
 *     U<version>__<name>.sql     its way back
 *     R__<name>.sql              a repeatable migration
 *     B<version>__<name>.sql     a baseline: all up to that version in one
 *     <callback>[__<name>].sql   run before or after others
 *     <any of these>.conf        settings of that file
 *
 * A version is numbers with '.' or '_' between, zeros at the end without
 * meaning (MigrationVersion.java).  In names '_' is a blank; a name may be
 * missing (ResourceNameParser.java).
 */

#define SEPARATOR "__"

/* What MigFileName.unit says of files that are no V or U. */
#define UNIT_BASELINE "B"
#define UNIT_REPEATABLE "R"

/* How the names of files end that are migrations, but no SQL. */
static const char *const foreign[] = {".java",  ".kt",  ".groovy", ".scala",
                                      ".class", ".cmd", ".bat",    ".ps1",
                                      ".py",    ".sh",  ".bash"};

/* A callback that is a hook here. */
typedef struct Callback
{
    const char *name;
    MigHookMoment moment;
    const char *order; /* of several of one moment */
} Callback;

static const Callback hooks[] = {
    {"beforeMigrate", MIG_HOOK_BEFORE_APPLY, "1"},
    {"beforeEachMigrate", MIG_HOOK_BEFORE_EACH_APPLY, "1"},
    {"afterEachMigrate", MIG_HOOK_AFTER_EACH_APPLY, "1"},
    {"afterMigrateApplied", MIG_HOOK_AFTER_APPLY, "1"},
    {"afterMigrate", MIG_HOOK_AFTER_APPLY, "2"},
    {"beforeUndo", MIG_HOOK_BEFORE_ROLLBACK, "1"},
    {"beforeEachUndo", MIG_HOOK_BEFORE_EACH_ROLLBACK, "1"},
    {"afterEachUndo", MIG_HOOK_AFTER_EACH_ROLLBACK, "1"},
    {"afterUndo", MIG_HOOK_AFTER_ROLLBACK, "1"},
};

/* All of Flyway's other callbacks (Event.java). */
static const char *const callbacks[] = {
    "afterMigrateError",
    "afterEachMigrateError",
    "beforeEachMigrateStatement",
    "afterEachMigrateStatement",
    "afterEachMigrateStatementError",
    "beforeRepeatables",
    "afterVersioned",
    "afterUndoError",
    "afterEachUndoError",
    "beforeEachUndoStatement",
    "afterEachUndoStatement",
    "afterEachUndoStatementError",
    "beforeClean",
    "afterClean",
    "afterCleanError",
    "beforeValidate",
    "afterValidate",
    "afterValidateError",
    "beforeBaseline",
    "afterBaseline",
    "afterBaselineError",
    "beforeRepair",
    "afterRepair",
    "afterRepairError",
    "beforeInfo",
    "afterInfo",
    "afterInfoError",
    "createSchema",
    "beforeCreateSchema",
    "beforeConnect",
    "afterConnect",
    "afterMigrateOperationFinish",
    "afterInfoOperationFinish",
};

/* Where the separator stands in a text; its length for nowhere. */
static size_t
find_separator(MigBytes text)
{
    for (size_t i = 0; i + 1 < text.length; i++)
    {
        if (text.data[i] == '_' && text.data[i + 1] == '_')
            return i;
    }
    return text.length;
}

/* Whether a text is a version: numbers with single '.' or '_' between. */
static bool
is_version(MigBytes text)
{
    bool digit = false;

    for (size_t i = 0; i < text.length; i++)
    {
        char byte = text.data[i];
        bool is_digit = byte >= '0' && byte <= '9';

        if (!is_digit && (!digit || (byte != '.' && byte != '_')))
            return false;
        digit = is_digit;
    }
    return digit;
}

/* Cut an ending that says what language a file is in.  Returns false for a
 * file of another kind. */
static bool
cut_ending(MigBytes base, MigBytes *stem, bool *is_sql)
{
    *is_sql = mig_is_sql_path(base);
    if (*is_sql)
    {
        *stem = mig_part(base, 0, base.length - strlen(".sql"));
        return true;
    }
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
    {
        if (!mig_ends_with(base, foreign[i]))
            continue;
        *stem = mig_part(base, 0, base.length - strlen(foreign[i]));
        return true;
    }
    return false;
}

/* The hook of a name, or NULL. */
static const Callback *
find_hook(MigBytes text)
{
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
    {
        if (mig_bytes_equal(text, mig_bytes(hooks[i].name)))
            return &hooks[i];
    }
    return NULL;
}

/* Whether a text is the name of another callback. */
static bool
is_callback(MigBytes text)
{
    for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++)
    {
        if (mig_bytes_equal(text, mig_bytes(callbacks[i])))
            return true;
    }
    return false;
}

/* Say that a file looks like a migration, but is none. */
static bool
pass_over(MigFileName *name, const char *note)
{
    memset(name, 0, sizeof(*name));
    name->role = MIG_FILE_NONE;
    name->note = note;
    return true;
}

/* Take the name of a V, U or B. */
static bool
match_version(char prefix, MigBytes version, MigFileName *name)
{
    name->version = version;
    name->role = prefix == 'V'   ? MIG_FILE_UP
                 : prefix == 'U' ? MIG_FILE_DOWN
                                 : MIG_FILE_WHOLE;
    if (prefix == 'B')
        name->unit = mig_bytes(UNIT_BASELINE);
    return is_version(version) ||
           pass_over(name, "its version is not numbers with \".\" or \"_\" "
                           "between, and two \"_\" behind");
}

/* Take the name of a callback. */
static bool
match_hook(MigBytes stem, MigBytes event, MigFileName *name)
{
    name->version = stem;
    name->repeatable = true;
    name->role = MIG_FILE_WHOLE;
    name->unit = event;
    return true;
}

/* Take the name of a file without its ending. */
static bool
match_stem(MigBytes stem, MigFileName *name)
{
    size_t separator = find_separator(stem);
    MigBytes head = mig_part(stem, 0, separator);

    name->name =
        separator == stem.length
            ? mig_bytes("")
            : mig_part(stem, separator + strlen(SEPARATOR), stem.length);
    if (head.length == 0)
        return false;
    if (is_callback(head))
        return pass_over(name, "a callback that has no meaning here");
    if (find_hook(head) != NULL)
        return match_hook(stem, head, name);
    if (head.data[0] == 'R' && head.length > 1)
        return pass_over(name, "a repeatable migration has no version, and "
                               "two \"_\" before its name");
    if (head.data[0] == 'R')
    {
        name->version = stem;
        name->repeatable = true;
        name->role = MIG_FILE_WHOLE;
        name->unit = mig_bytes(UNIT_REPEATABLE);
        return name->name.length > 0 ||
               pass_over(name, "a repeatable migration without a name");
    }
    if (strchr("VUB", head.data[0]) == NULL)
        return false;
    return match_version(head.data[0], mig_part(head, 1, head.length), name);
}

static bool
flyway_match(MigBytes path, MigFileName *name)
{
    static const char conf[] = ".conf";
    MigBytes base = mig_base_name(path);
    MigBytes stem;
    bool is_sql;

    if (mig_ends_with(base, conf))
    {
        base = mig_part(base, 0, base.length - strlen(conf));
        if (!mig_is_sql_path(base) || !flyway_match(base, name))
            return false;
        memset(name, 0, sizeof(*name));
        name->role = MIG_FILE_CONTROL;
        return true;
    }
    if (!cut_ending(base, &stem, &is_sql) || !match_stem(stem, name))
        return false;
    if (!is_sql && name->role != MIG_FILE_NONE)
        name->role = MIG_FILE_FOREIGN;
    return true;
}

/* A copy of a text with one byte replaced by another. */
static MigBytes
replace_byte(Mig *mig, MigBytes text, char from, char to)
{
    char *copy = mig_alloc(mig->arena, text.length + 1, mig->error);
    MigBytes replaced = {copy, copy == NULL ? 0 : text.length};

    for (size_t i = 0; i < replaced.length; i++)
    {
        copy[i] = text.data[i];
        if (copy[i] == from)
            copy[i] = to;
    }
    return replaced;
}

/* A version without the zeros at its end that mean nothing. */
static MigBytes
significant(MigBytes version)
{
    for (;;)
    {
        size_t end = version.length;

        while (end > 0 && version.data[end - 1] == '0')
            end--;
        if (end == 0 || end == version.length || version.data[end - 1] != '.')
            return version;
        version.length = end - 1;
    }
}

/* Of a baseline: behind the migration of the same version, before all that
 * are above it ('+' is below the '.' that may follow). */
static MigBytes
baseline_position(Mig *mig, MigBytes version)
{
    MigText position = {mig->arena, mig->error, NULL, 0, 0};

    mig_text_append(&position, mig_version_position(mig, version));
    mig_text_append_string(&position, "+");
    return mig_text_bytes(&position);
}

/* Name a callback as its file is; those of one moment run in the order of their
 * names (SqlScriptCallbackFactory.java). */
static void
identify_hook(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    const Callback *hook = find_hook(name->unit);

    mig_text_append_string(&text, hook->order);
    mig_text_append(&text, name->name);
    *position = mig_hook_position(mig, hook->moment, mig_text_bytes(&text));
    name->version = replace_byte(mig, name->version, ' ', '_');
}

static void
flyway_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    name->name = replace_byte(mig, name->name, '_', ' ');
    if (find_hook(name->unit) != NULL)
    {
        identify_hook(mig, name, position);
        return;
    }
    if (name->repeatable)
    {
        mig_text_append_string(&text, "R" SEPARATOR);
        mig_text_append(&text, name->name);
        *position = mig_repeatable_position(mig, mig_text_bytes(&text));
        name->version = replace_byte(mig, name->version, ' ', '_');
        return;
    }
    name->version = replace_byte(mig, name->version, '_', '.');
    if (!mig_bytes_equal(name->unit, mig_bytes(UNIT_BASELINE)))
    {
        *position = mig_version_position(mig, significant(name->version));
        return;
    }
    *position = baseline_position(mig, significant(name->version));
    mig_text_append_string(&text, UNIT_BASELINE);
    mig_text_append(&text, name->version);
    name->version = mig_text_bytes(&text);
}

/* Give a file the settings that stand in another one. */
static void
take_conf(Mig *mig, MigListing *listing, MigListed *conf)
{
    MigBytes path =
        mig_part(conf->path, 0, conf->path.length - strlen(".conf"));
    MigListed *entry = mig_listing_find(listing, path);

    if (entry == NULL || !mig_listed_is_read(entry))
    {
        mig_listing_pass_over(conf,
                              "there is no migration that it is named after");
        return;
    }
    flyway_conf_read(mig, mig_listing_text(mig, listing, conf),
                     &entry->name.options);
    if (mig_ok(mig) && entry->name.role == MIG_FILE_DOWN &&
        mig_option(entry->name.options, "condition").data != NULL)
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "line 1: shouldExecute is not supported for a way "
                        "back");
    mig_fail_file(mig, listing, conf->path);
    mig_listing_pass_over(conf, "settings of the file that it is named after");
}

static void
flyway_arrange(Mig *mig, MigListing *listing)
{
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        if (listing->files[i].name.role == MIG_FILE_CONTROL)
            take_conf(mig, listing, &listing->files[i]);
    }
}

/*
 * Note whether placeholders are replaced in a file that has some.  One answer
 * must do for a migration and its way back.
 */
static void
read_replacement(Mig *mig, const MigFile *file, const MigFileName *name,
                 MigMigration *migration)
{
    MigBytes wanted = mig_option(name->options, "variables");
    MigBytes noted = mig_option(migration->options, "variables");

    if (!mig_variables_in(MIG_VARIABLES_FLYWAY, file->text))
        return;
    if (wanted.data == NULL)
        wanted = mig_bytes(MIG_VARIABLES_FLYWAY);
    if (noted.data == NULL)
        mig_option_add(mig, migration, "variables", wanted);
    else if (!mig_bytes_equal(noted, wanted))
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "line 1: placeholderReplacement must be the same for "
                        "a migration and its way back");
}

/* Take an option that another file gives this one, unless it is there. */
static void
take_option(Mig *mig, const MigFileName *name, MigMigration *migration,
            const char *key)
{
    MigBytes value = mig_option(name->options, key);

    if (value.data != NULL && mig_option(migration->options, key).data == NULL)
        mig_option_add(mig, migration, key, value);
}

/* Whether a text holds another. */
static bool
holds(MigBytes text, const char *part)
{
    for (size_t i = 0; i < text.length; i++)
    {
        if (mig_starts_with(mig_part(text, i, text.length), part))
            return true;
    }
    return false;
}

static void
flyway_read(Mig *mig, const MigFile *file, const MigFileName *name,
            MigMigration *migration)
{
    bool baseline = mig_bytes_equal(name->unit, mig_bytes(UNIT_BASELINE));

    take_option(mig, name, migration, "transaction");
    take_option(mig, name, migration, "condition");
    /* yandex-pgmigrate says it in the name. */
    if (holds(name->name, "NONTRANSACTIONAL") &&
        mig_option(migration->options, "transaction").data == NULL)
        mig_option_add(mig, migration, "transaction", mig_bytes("false"));
    if (baseline)
        mig_option_add(mig, migration, "checkpoint",
                       mig_part(name->version, 1, name->version.length));
    read_replacement(mig, file, name, migration);
    mig_read_direction(mig, file, name, migration);
}

const MigFormat mig_format_flyway = {
    .name = "flyway",
    .order = MIG_ORDER_STRICT,
    .variables = MIG_VARIABLES_FLYWAY,
    .by_name = true,
    .match = flyway_match,
    .identify = flyway_identify,
    .arrange = flyway_arrange,
    .read = flyway_read,
};
