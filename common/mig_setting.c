#include "mig_setting.h"

#include "mig_expression.h"
#include "mig_guard.h"
#include "mig_watch.h"
#include "mig_write.h"

/* The names of all formats; a test holds this against mig_formats. */
#define FORMATS                                                                \
    "auto native golang-migrate diesel liquibase sqitch alembic "              \
    "structure sqlx prisma supabase drizzle flyway refinery atlas "            \
    "graphile-migrate goose sql-migrate tern mybatis "                         \
    "node-pg-migrate yoyo"

const MigSettingInfo mig_settings[] = {
    {"adopt_strict", "off", MIG_SETTING_CHOICE, "off on", NULL,
     "whether migrate_adopt refuses a history whose migrations differ"},
    {"backup", "", MIG_SETTING_PATH, NULL, "sqlite",
     "file that a run copies the database to before it begins; empty: "
     "none"},
    {"backup_keep", "0", MIG_SETTING_COUNT, NULL, "sqlite",
     "how many of these copies are kept; 0 = all"},
    {"commit_every", "50ms", MIG_SETTING_DURATION, NULL, "sqlite",
     "consecutive migrations share a commit for this long; 0 = one each"},
    {"confirm", "", MIG_SETTING_OPTIONAL, NULL, NULL,
     "name of this database, for one run in a protected environment"},
    {"contexts", "", MIG_SETTING_OPTIONAL, NULL, NULL,
     "names with commas between, for Liquibase's contexts; empty: all run"},
    {"environment", "development", MIG_SETTING_TEXT, NULL, NULL,
     "name of this installation; migrations with migrate:env ask for it"},
    {"fleet_threads", "0", MIG_SETTING_COUNT, NULL, "sqlite",
     "how many files migrate_fleet works on at once; 0 = one for each "
     "core"},
    {"foreign_keys", "error", MIG_SETTING_CHOICE, "error warn", "sqlite",
     "what becomes of a migration that leaves more rows referring to "
     "nothing"},
    {"format", "auto", MIG_SETTING_CHOICE, FORMATS, NULL,
     "tool whose files a directory holds; auto: as the files say"},
    {"labels", "", MIG_SETTING_EXPRESSION, NULL, NULL,
     "which of Liquibase's labels run, such as a and not b; empty: all"},
    {"lock_retries", "10", MIG_SETTING_COUNT, NULL, "postgresql",
     "how often deploy tries a migration again that had to wait too long"},
    {"lock_timeout", "5s", MIG_SETTING_DURATION, NULL, NULL,
     "how long a statement, or on SQLite a commit, waits for others' "
     "locks"},
    {"max_replication_lag", "0", MIG_SETTING_DURATION, NULL, "postgresql",
     "how far standbys may be behind when a run begins; 0 = any"},
    {"max_transaction_age", "0", MIG_SETTING_DURATION, NULL, "postgresql",
     "how long others' transactions may have lasted then; 0 = any"},
    {"min_free_disk", "100", MIG_SETTING_COUNT, NULL, NULL,
     "how much room in MiB the database's disk must have then; 0 = any"},
    {"on_bad_sum", "error", MIG_SETTING_CHOICE, "error warn", NULL,
     "what it is when a checksum kept in a directory does not fit its "
     "files"},
    {"on_changed", "error", MIG_SETTING_CHOICE, "error warn", NULL,
     "what apply does when an applied migration's text has changed"},
    {"on_drift", "warn", MIG_SETTING_CHOICE, "ignore warn error", NULL,
     "what a run does when the schema is not the recorded one"},
    {"on_forgotten", "warn", MIG_SETTING_CHOICE, "ignore warn error", NULL,
     "what becomes of a way back that does not bring the schema back"},
    {"on_missing", "ignore", MIG_SETTING_CHOICE, "error warn ignore", NULL,
     "what apply does when an applied migration is not in its directory any "
     "more"},
    {"on_unmatched", "error", MIG_SETTING_CHOICE, "error warn", NULL,
     "what migrate_adopt does with a history's rows that match no "
     "migration"},
    {"out_of_order", "error", MIG_SETTING_CHOICE, "error warn allow", NULL,
     "what apply does with a pending migration below an applied one"},
    {"preflight", "warn", MIG_SETTING_CHOICE, "off warn error", NULL,
     "what a run does when migrate_preflight finds an error of the server"},
    {"project", "default", MIG_SETTING_TEXT, NULL, NULL,
     "which of several independent sets of migrations is meant"},
    {"protected_environments", "production", MIG_SETTING_OPTIONAL, NULL, NULL,
     "environments, with commas between, in which runs need the setting "
     "confirm"},
    {"rehearse", "off", MIG_SETTING_CHOICE, "off on", "sqlite",
     "whether a run is tried on a copy of the database before"},
    {"rehearse_memory", "100", MIG_SETTING_COUNT, NULL, "sqlite",
     "size in MB up to which that copy is held in memory, not in a file"},
    {"require_backup", "0", MIG_SETTING_COUNT, NULL, NULL,
     "how many hours old the newest backup may be when a run begins; 0 = "
     "none is needed"},
    {"skip_foreign", "off", MIG_SETTING_CHOICE, "off on", NULL,
     "whether migrations that are no SQL are passed over"},
    {"source", "default", MIG_SETTING_TEXT, NULL, NULL,
     "label of the directory that is loaded"},
    {"statement_timeout", "0", MIG_SETTING_DURATION, NULL, "postgresql",
     "how long one statement of a migration may take; 0 = for ever"},
    {"target_schema", "", MIG_SETTING_OPTIONAL, NULL, NULL,
     "schema that migrations run in, each with a state of its own; on "
     "SQLite "
     "an attached database"},
    {"wait_timeout", "10min", MIG_SETTING_DURATION, NULL, NULL,
     "how long to wait for others who migrate this database"},
    {MIG_WATCH, MIG_WATCH_OFF, MIG_SETTING_CHOICE, "off log block",
     "postgresql",
     "what is done about DDL that is no migration; not in a copy of the "
     "database"},
};
const size_t mig_setting_count = sizeof(mig_settings) / sizeof(mig_settings[0]);

static const MigSettingInfo *
setting_find(MigBytes name)
{
    for (size_t i = 0; i < mig_setting_count; i++)
    {
        if (mig_bytes_equal(name, mig_bytes(mig_settings[i].name)))
            return &mig_settings[i];
    }
    return NULL;
}

#define LONGEST_MS ((int64_t) 365 * 24 * 3600 * 1000) /* of a duration */
#define PATH_MAX_BYTES ((size_t) 1000)

/* Read a duration; returns milliseconds, or -1 when it is none. */
static int64_t
duration_parse(MigBytes text)
{
    static const struct
    {
        const char *unit;
        int64_t ms;
    } units[] = {{"", 1},        {"ms", 1},      {"s", 1000},
                 {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    int64_t number;
    size_t digits = 0;

    while (digits < text.length && text.data[digits] >= '0' &&
           text.data[digits] <= '9')
        digits++;
    if (digits > 9 || !mig_parse_digits(mig_part(text, 0, digits), &number))
        return -1;
    text = mig_trim(mig_part(text, digits, text.length));
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
    {
        if (mig_bytes_equal(text, mig_bytes(units[i].unit)))
            return number <= LONGEST_MS / units[i].ms ? number * units[i].ms
                                                      : -1;
    }
    return -1;
}

static MigStatus
collect_setting(void *context, const MigValue *columns, size_t count,
                MigError *error)
{
    Mig *mig = context;
    MigSettings *settings = mig->settings;
    MigSettingRow *rows;

    (void) count;
    rows = mig_array_reserve(mig->arena, settings->rows, settings->count,
                             &settings->capacity, sizeof(MigSettingRow), error);
    if (rows == NULL)
        return error->status;
    settings->rows = rows;
    rows[settings->count].name = mig_copy(mig->arena, columns[0].bytes, error);
    rows[settings->count].value = mig_copy(mig->arena, columns[1].bytes, error);
    rows[settings->count].set_by =
        mig_copy(mig->arena, columns[2].bytes, error);
    rows[settings->count].elsewhere = false;
    if (mig_bytes_equal(rows[settings->count].name, mig_bytes(MIG_WATCH)))
        mig_watch_take(mig, &rows[settings->count]);
    settings->count++;
    return error->status;
}

/* Whether the table has a setting. */
static bool
is_set(const MigSettings *settings, MigBytes name)
{
    for (size_t i = 0; i < settings->count; i++)
    {
        if (mig_bytes_equal(settings->rows[i].name, name))
            return true;
    }
    return false;
}

/* Take what the table does not say from the settings beneath it. */
static void
fill_from_beneath(Mig *mig)
{
    static const char *const names[] = {"environment", "lock_timeout",
                                        "protected_environments",
                                        "wait_timeout"};
    const MigSettings *beneath = mig->host->session->beneath;

    for (size_t i = 0; beneath != NULL && i < beneath->count && mig_ok(mig);
         i++)
    {
        const MigSettingRow *row = &beneath->rows[i];
        bool wanted = mig_starts_with(row->name, MIG_VARIABLE_PREFIX);
        MigValue columns[] = {mig_text_value(row->name),
                              mig_text_value(row->value),
                              mig_text_value(row->set_by)};

        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
            wanted = wanted || mig_bytes_equal(row->name, mig_bytes(names[j]));
        if (wanted && !is_set(mig->settings, row->name))
            (void) collect_setting(mig, columns, 3, mig->error);
    }
}

/* Fail for a value of the session that the table would not have taken. */
static void
check_session(Mig *mig)
{
    for (size_t i = 0; i < mig_setting_count && mig_ok(mig); i++)
    {
        MigBytes value;

        if (mig->host->methods->session_setting(mig->host, mig_settings[i].name,
                                                &value))
            mig_setting_require(mig, mig_bytes(mig_settings[i].name), value);
    }
}

/*
 * Look up the schema that this is about; empty on engines that have none.  On
 * those an attached database is a database of its own: see elsewhere().
 */
static void
read_target(Mig *mig)
{
    MigBytes target = mig_bytes("");

    if (mig->target.data != NULL)
        target = mig->target;
    else if (mig->host->methods->list_targets != NULL)
        target = mig_setting(mig, "target_schema", NULL);
    mig->settings->target = mig_copy(mig->arena, target, mig->error);
}

/* Tell the host what units are held to. */
static void
give_limits(Mig *mig)
{
    MigLimits *limits = &mig->host->limits;
    const char *origin;

    (void) mig_setting(mig, "lock_timeout", &origin);
    limits->lock_given = strcmp(origin, "default") != 0;
    limits->lock_ms = mig_setting_ms(mig, "lock_timeout");
    limits->statement_ms = mig_setting_ms(mig, "statement_timeout");
    limits->keys_warn = mig_setting_is(mig, "foreign_keys", "warn");
    limits->target = mig->settings->target;
}

void
mig_settings_read(Mig *mig)
{
    MigBytes project;

    mig->settings = mig_alloc(mig->arena, sizeof(MigSettings), mig->error);
    if (mig->settings == NULL)
        return;
    if (mig_ok(mig) && mig->has_catalogue)
        (void) mig->host->methods->query(mig->host, MIG_SQL_SETTING_LIST, NULL,
                                         0, collect_setting, mig, mig->error);
    if (!mig_ok(mig))
        return;
    fill_from_beneath(mig);
    check_session(mig);
    project = mig->host->session->beneath == NULL
                  ? mig_setting(mig, "project", NULL)
                  : mig->host->session->beneath->project;
    mig->settings->project = mig_copy(mig->arena, project, mig->error);
    read_target(mig);
    if (mig_ok(mig))
        give_limits(mig);
}

MigBytes
mig_setting(const Mig *mig, const char *name, const char **origin)
{
    const MigSettings *settings = mig->settings;
    const MigSettingInfo *info;
    const char *unused;
    MigBytes value = {NULL, 0};

    if (origin == NULL)
        origin = &unused;
    *origin = "session";
    if (mig->host->methods->session_setting(mig->host, name, &value))
        return value;
    *origin = "database";
    for (size_t i = 0; i < settings->count; i++)
    {
        if (!mig_bytes_equal(settings->rows[i].name, mig_bytes(name)))
            continue;
        if (settings->rows[i].elsewhere)
            *origin = "another database";
        return settings->rows[i].value;
    }
    *origin = "default";
    info = setting_find(mig_bytes(name));
    if (info != NULL)
        value = mig_bytes(info->default_value);
    return value;
}

int64_t
mig_setting_ms(const Mig *mig, const char *name)
{
    return duration_parse(mig_setting(mig, name, NULL));
}

int64_t
mig_setting_count_of(const Mig *mig, const char *name)
{
    int64_t count = 0;

    (void) mig_parse_digits(mig_setting(mig, name, NULL), &count);
    return count;
}

bool
mig_setting_is(const Mig *mig, const char *name, const char *value)
{
    return mig_bytes_equal(mig_setting(mig, name, NULL), mig_bytes(value));
}

static bool
is_name_byte(char byte, bool first)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '_' || (!first && byte >= '0' && byte <= '9');
}

size_t
mig_variable_length(MigBytes text)
{
    size_t length = 0;

    while (length < text.length && is_name_byte(text.data[length], length == 0))
        length++;
    return length;
}

static bool
is_variable(MigBytes name)
{
    size_t prefix = strlen(MIG_VARIABLE_PREFIX);
    MigBytes rest;

    if (!mig_starts_with(name, MIG_VARIABLE_PREFIX))
        return false;
    rest = mig_part(name, prefix, name.length);
    if (rest.length == 0 || rest.length > MIG_VARIABLE_MAX)
        return false;
    /* Other tools' names have '.' and '-' in them. */
    for (size_t i = 0; i < rest.length; i++)
    {
        if (!is_name_byte(rest.data[i], i == 0) &&
            (i == 0 || strchr(".-", rest.data[i]) == NULL))
            return false;
    }
    return true;
}

/* Fail unless a setting or variable of that name can exist. */
static void
require_setting(Mig *mig, MigBytes name)
{
    MigText known = {mig->arena, mig->error, NULL, 0, 0};

    if (!mig_ok(mig) || setting_find(name) != NULL || is_variable(name))
        return;
    for (size_t i = 0; i < mig_setting_count; i++)
    {
        mig_text_append_string(&known, mig_settings[i].name);
        mig_text_append_string(&known, ", ");
    }
    (void) mig_fail(mig->error, MIG_UNKNOWN, "there is no setting \"%.*s\"",
                    (int) mig_cut(name, 200).length, name.data);
    mig_fail_hint(
        mig->error,
        "Known are: %.*svar.<name> with up to 64 letters, digits, _, - and .",
        (int) known.length, known.data);
}

static void
require_choice(Mig *mig, const MigSettingInfo *info, MigBytes value)
{
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(mig_bytes(info->choices), &at, " ", &word))
    {
        if (mig_bytes_equal(word, value))
            return;
    }
    (void) mig_fail(mig->error, MIG_INVALID,
                    "setting \"%s\" cannot be \"%.*s\"", info->name,
                    (int) mig_cut(value, 200).length, value.data);
    mig_fail_hint(mig->error, "It is one of: %s.", info->choices);
}

static void
require_count(Mig *mig, const MigSettingInfo *info, MigBytes value)
{
    int64_t count;

    if (mig_parse_digits(value, &count) && count <= 1000000)
        return;
    (void) mig_fail(mig->error, MIG_INVALID,
                    "setting \"%s\" cannot be \"%.*s\"", info->name,
                    (int) mig_cut(value, 200).length, value.data);
    mig_fail_hint(mig->error, "Write a number from 0 to 1000000.");
}

/* Fail for a value of more than one line.
 *
 * what  it is the value of
 */
static void
require_line(Mig *mig, const char *what, MigBytes value)
{
    if (value.length > 0 && memchr(value.data, '\n', value.length) != NULL)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "the value of a %s must be one line", what);
}

/* Fail unless a value suits its setting. */
void
mig_setting_require(Mig *mig, MigBytes name, MigBytes value)
{
    const MigSettingInfo *info = setting_find(name);

    if (!mig_ok(mig))
        return;
    if (info == NULL)
    {
        /* Line numbers in errors would no longer be those of the file. */
        require_line(mig, "variable", value);
        return;
    }
    switch (info->kind)
    {
        case MIG_SETTING_TEXT:
            if (value.length == 0 || value.length > MIG_PROJECT_MAX)
                (void) mig_fail(mig->error, MIG_INVALID,
                                "setting \"%s\" must have 1 to %d bytes",
                                info->name, MIG_PROJECT_MAX);
            return;
        case MIG_SETTING_DURATION:
            if (duration_parse(value) >= 0)
                return;
            (void) mig_fail(mig->error, MIG_INVALID,
                            "setting \"%s\" cannot be \"%.*s\"", info->name,
                            (int) mig_cut(value, 200).length, value.data);
            mig_fail_hint(mig->error, "Write a duration such as 250ms, 5s, "
                                      "10min or 1h.");
            return;
        case MIG_SETTING_COUNT:
            require_count(mig, info, value);
            return;
        case MIG_SETTING_OPTIONAL:
            if (value.length > MIG_PROJECT_MAX)
                (void) mig_fail(mig->error, MIG_INVALID,
                                "setting \"%s\" must have at most %d bytes",
                                info->name, MIG_PROJECT_MAX);
            return;
        case MIG_SETTING_EXPRESSION:
            mig_expression_check(mig, value, "the value");
            return;
        case MIG_SETTING_PATH:
            if (value.length > PATH_MAX_BYTES)
                (void) mig_fail(mig->error, MIG_INVALID,
                                "setting \"%s\" must have at most %zu bytes",
                                info->name, PATH_MAX_BYTES);
            return;
        case MIG_SETTING_CHOICE:
            require_choice(mig, info, value);
    }
}

/* The setting of the table's layout, on SQLite, is none that anybody sets. */
#define LAYOUT_SETTING "catalogue_layout"

const char *
mig_setting_problem(Mig *mig, const MigSettingRow *row)
{
    MigError *error = mig->error;
    MigError found;

    if (!mig_ok(mig) || row->elsewhere ||
        mig_bytes_equal(row->name, mig_bytes(LAYOUT_SETTING)))
        return NULL;
    memset(&found, 0, sizeof(found));
    mig->error = &found;
    require_setting(mig, row->name);
    mig_setting_require(mig, row->name, row->value);
    mig->error = error;
    return found.status == MIG_OK
               ? NULL
               : mig_format_string(mig->arena, error, "%s", found.message);
}

bool
mig_setting_is_known(MigBytes name)
{
    return setting_find(name) != NULL || is_variable(name);
}

void
mig_settings_require(Mig *mig, const char *function)
{
    const MigSettings *settings = mig->settings;

    for (size_t i = 0; mig_ok(mig) && settings != NULL && i < settings->count &&
                       strcmp(function, "migrate_config") != 0;
         i++)
    {
        const MigSettingRow *row = &settings->rows[i];
        const char *problem = mig_setting_problem(mig, row);

        /* What is not known is used for nothing. */
        if (problem == NULL || !mig_setting_is_known(row->name))
            continue;
        (void) mig_fail(mig->error, MIG_STATE, "%s", problem);
        mig_fail_hint(mig->error,
                      "Somebody has written it into migrate_setting by hand.  "
                      "migrate_config('%.*s', NULL) puts the default back.",
                      (int) mig_cut(row->name, 100).length, row->name.data);
    }
}

MigBytes
mig_config_get(Mig *mig, MigBytes name)
{
    MigBytes value = {NULL, 0};
    const char *key;

    require_setting(mig, name);
    key = mig_copy(mig->arena, name, mig->error).data;
    return mig_ok(mig) && key != NULL ? mig_setting(mig, key, NULL) : value;
}

/* What the history says of a change.  A variable may be a password. */
static const char *
change_told(Mig *mig, MigBytes name, MigBytes value)
{
    if (value.data == NULL)
        return "back to the default";
    if (setting_find(name) == NULL)
        return NULL;
    return mig_format_string(mig->arena, mig->error, "value: %.*s",
                             (int) value.length, value.data);
}

MigBytes
mig_config_set(Mig *mig, MigBytes name, MigBytes value)
{
    char author[MIG_AUTHOR_SIZE];
    MigValue arguments[3];
    MigEvent event = {"config", {NULL, 0}, name, MIG_OUTCOME_OK,
                      -1,       NULL,      NULL, true};
    MigMark mark;

    require_setting(mig, name);
    if (value.data != NULL)
    {
        mig_setting_require(mig, name, value);
        /* A line of an event's detail would no longer be what it seems. */
        if (mig_ok(mig))
            require_line(mig, "setting", value);
    }
    mig_author(mig, author);
    arguments[0] = mig_text_value(name);
    arguments[1] = mig_text_value(value);
    arguments[2] = mig_string(author);
    mig_write_begin(mig, "migrate_config", &mark);
    if (mig_bytes_equal(name, mig_bytes(MIG_WATCH)))
        arguments[1] = mig_text_value(mig_watch_change(mig, value));
    if (mig_ok(mig))
        (void) mig->host->methods->query(
            mig->host,
            value.data == NULL ? MIG_SQL_SETTING_DELETE : MIG_SQL_SETTING_SET,
            arguments, value.data == NULL ? 1 : 3, NULL, NULL, mig->error);
    event.detail = change_told(mig, name, value);
    (void) mig_event_add(mig, &event);
    mig_write_end(mig, &mark);
    if (!mig_ok(mig))
        return value;
    mig_settings_read(mig);
    if (mig_bytes_equal(name, mig_bytes("environment")))
        mig_guard_warn_of_name(mig);
    return mig_config_get(mig, name);
}
