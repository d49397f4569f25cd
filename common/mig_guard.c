#include "mig_guard.h"

#include "mig_migration.h"
#include "mig_setting.h"
#include "mig_write.h"

#define HOUR_US ((int64_t) 3600 * 1000000)
#define LABEL_MAX ((size_t) 1000) /* bytes */

/* ---- Environments ---- */

bool
mig_guard_lists(MigBytes names, MigBytes environment)
{
    MigBytes name;
    size_t at = 0;

    environment = mig_trim(environment);
    while (mig_next_word(names, &at, ",", &name))
    {
        if (mig_same_letters(mig_trim(name), environment))
            return true;
    }
    return false;
}

bool
mig_guard_protects(const Mig *mig)
{
    return mig_guard_lists(mig_setting(mig, "protected_environments", NULL),
                           mig_setting(mig, "environment", NULL));
}

/* The environment's name, for a message. */
static MigBytes
environment_name(const Mig *mig)
{
    return mig_cut(mig_setting(mig, "environment", NULL), 100);
}

/* ---- Confirmation ---- */

/* What has to be confirmed: the name of the database. */
static MigBytes
confirm_name(const Mig *mig)
{
    const MigHostMethods *methods = mig->host->methods;

    return methods->database_name == NULL ? mig_bytes("")
                                          : methods->database_name(mig->host);
}

bool
mig_guard_lacks_confirm(const Mig *mig)
{
    /* What is tried on a copy is confirmed when it is done. */
    return !mig->host->session->rehearsal && mig_guard_protects(mig) &&
           !mig_bytes_equal(mig_setting(mig, "confirm", NULL),
                            confirm_name(mig));
}

/* A text as a literal of SQL, without the quotes around it. */
static MigBytes
quote(Mig *mig, MigBytes text)
{
    MigText quoted = {mig->arena, mig->error, NULL, 0, 0};

    for (size_t i = 0; i < text.length; i++)
    {
        if (text.data[i] == '\'')
            mig_text_append_string(&quoted, "'");
        mig_text_append(&quoted, mig_part(text, i, i + 1));
    }
    return mig_text_bytes(&quoted);
}

void
mig_guard_fail_confirm(Mig *mig, const char *function)
{
    MigBytes given = mig_setting(mig, "confirm", NULL);
    MigBytes name = mig_cut(confirm_name(mig), 300);
    MigBytes literal = quote(mig, name);

    if (!mig_ok(mig))
        return;
    (void) mig_fail(mig->error, MIG_STATE,
                    "environment \"%.*s\" is protected: %s needs a "
                    "confirmation",
                    (int) environment_name(mig).length,
                    environment_name(mig).data, function);
    if (given.length > 0)
        mig_fail_detail(mig->error,
                        "The setting confirm is \"%.*s\"; this database is "
                        "\"%.*s\".",
                        (int) mig_cut(given, 300).length, given.data,
                        (int) name.length, name.data);
    mig_fail_hint(mig->error,
                  "Nothing was changed.  If this is the database you mean, "
                  "call migrate_config('confirm', '%.*s'), which is good for "
                  "one run.  migrate_preflight() and migrate_plan() show what "
                  "a run would do.",
                  (int) literal.length, literal.data);
}

/* Who has given the confirmation. */
static MigBytes
confirmed_by(const Mig *mig)
{
    for (size_t i = 0; i < mig->settings->count; i++)
    {
        if (mig_bytes_equal(mig->settings->rows[i].name, mig_bytes("confirm")))
            return mig->settings->rows[i].set_by;
    }
    return mig_bytes("");
}

/* Delete the confirmation, and say so in the history. */
static void
take_confirm(Mig *mig, const char *function, MigBytes remark)
{
    MigEvent event = {"confirm", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,        NULL,      NULL,      false};
    MigBytes author = confirmed_by(mig);
    MigValue name = mig_string("confirm");

    event.detail = mig_format_string(
        mig->arena, mig->error, "%s, confirmed by %.*s%s%.*s", function,
        (int) author.length, author.data, remark.length > 0 ? "\n" : "",
        (int) remark.length, remark.length > 0 ? remark.data : "");
    if (!mig_ok(mig))
        return;
    mig_write(mig, MIG_SQL_SETTING_DELETE, &name, 1);
    (void) mig_event_add(mig, &event);
}

bool
mig_guard_take_confirm(Mig *mig, const char *function, MigBytes remark)
{
    if (!mig_ok(mig) || mig->host->session->rehearsal ||
        !mig_guard_protects(mig))
        return false;
    /* Others may have used it up since the settings were read. */
    mig_settings_read(mig);
    if (!mig_ok(mig))
        return false;
    if (mig_guard_lacks_confirm(mig))
        mig_guard_fail_confirm(mig, function);
    else
        take_confirm(mig, function, remark);
    return mig_ok(mig);
}

void
mig_guard_require_confirm(Mig *mig, const char *function)
{
    MigBytes none = {NULL, 0};

    if (!mig->entered)
        mig->entered = mig_guard_take_confirm(mig, function, none);
}

/* ---- A name that only sounds protected ---- */

/* Whether an environment's name says that it is the one in use. */
static bool
sounds_like_production(MigBytes environment)
{
    static const char *const known[] = {"production", "prod", "prd", "live"};
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(environment, &at, " -_./:,;0123456789", &word))
    {
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        {
            if (mig_same_letters(word, mig_bytes(known[i])))
                return true;
        }
    }
    return false;
}

/* Whether a list that has not the environment was meant to have it: it is there
 * behind another sign than a comma, in quotes, or in other letters. */
static bool
was_meant(MigBytes names, MigBytes environment)
{
    MigBytes word;
    size_t at = 0;

    while (mig_next_word(names, &at, " ,;|/:\"'()[]{}", &word))
    {
        if (mig_same_letters(word, environment))
            return true;
    }
    return false;
}

const char *
mig_guard_doubt(Mig *mig, const char **hint)
{
    MigBytes environment = mig_setting(mig, "environment", NULL);
    MigBytes literal = quote(mig, environment_name(mig));
    const char *origin;
    MigBytes names = mig_setting(mig, "protected_environments", &origin);

    if (!mig_ok(mig) || mig_guard_protects(mig))
        return NULL;
    /* Who has set the list has thought about it. */
    if (strcmp(origin, "default") != 0 ? !was_meant(names, environment)
                                       : !sounds_like_production(environment))
        return NULL;
    *hint = strcmp(origin, "default") != 0
                ? "Write the names as they are, with commas between."
                : mig_format_string(
                      mig->arena, mig->error,
                      "migrate_config('protected_environments', '%.*s, %.*s') "
                      "protects it; an empty text there says that no "
                      "environment is.",
                      (int) names.length, names.data, (int) literal.length,
                      literal.data);
    return mig_format_string(mig->arena, mig->error,
                             "environment \"%.*s\" is not one of "
                             "protected_environments, which is \"%.*s\"",
                             (int) environment_name(mig).length,
                             environment_name(mig).data, (int) names.length,
                             names.data);
}

void
mig_guard_warn_of_name(Mig *mig)
{
    MigError *error = mig->error;
    MigError failure;
    const char *hint = NULL;
    const char *doubt;
    const char *message = NULL;

    if (!mig_ok(mig))
        return;
    /* The setting is stored, whatever becomes of this. */
    memset(&failure, 0, sizeof(failure));
    mig->error = &failure;
    doubt = mig_guard_doubt(mig, &hint);
    if (doubt != NULL && hint != NULL)
        message = mig_format_string(mig->arena, mig->error,
                                    "%s: runs need no confirmation, and may "
                                    "destroy rows.  %s",
                                    doubt, hint);
    mig->error = error;
    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

/* ---- Backups ---- */

/* A MigRowFunction: when the newest backup was made. */
static MigStatus
read_newest(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    MigValue *newest = context;

    (void) count;
    (void) error;
    if (columns[0].type == MIG_INTEGER)
        *newest = mig_integer(columns[0].integer);
    return MIG_OK;
}

/* When the newest backup in the history was made; NULL when there is none. */
static MigValue
newest_backup(Mig *mig)
{
    MigValue newest = mig_null();

    if (mig_ok(mig) && mig->has_catalogue)
        (void) mig->host->methods->query(mig->host, MIG_SQL_BACKUP_LAST, NULL,
                                         0, read_newest, &newest, mig->error);
    return newest;
}

/* The age of a backup in hours, in words. */
static const char *
describe_age(Mig *mig, int64_t age_us)
{
    int64_t minutes = age_us < 0 ? 0 : age_us / (HOUR_US / 60);

    if (minutes < 120)
        return mig_format_string(mig->arena, mig->error, "%lld min",
                                 (long long) minutes);
    return mig_format_string(mig->arena, mig->error, "%lld h",
                             (long long) minutes / 60);
}

bool
mig_guard_has_backup(Mig *mig, const char **text)
{
    const MigHostMethods *methods = mig->host->methods;
    int64_t hours = mig_setting_count_of(mig, "require_backup");
    int64_t now = methods->now(mig->host);
    MigValue newest = newest_backup(mig);
    char known[300] = "";

    *text = "no backup is in the history";
    if (!mig_ok(mig))
        return false;
    if (methods->back_up != NULL && mig_setting(mig, "backup", NULL).length > 0)
    {
        *text = "the setting backup has one made before each run";
        return true;
    }
    if (newest.type == MIG_INTEGER)
    {
        const char *age = describe_age(mig, now - newest.integer);

        *text = mig_format_string(mig->arena, mig->error,
                                  "the newest backup is %s old",
                                  age == NULL ? "" : age);
        if (now - newest.integer <= hours * HOUR_US)
            return mig_ok(mig);
    }
    if (methods->backed_up == NULL)
        return false;
    if (methods->backed_up(mig->host, now - hours * HOUR_US, known,
                           sizeof(known)))
    {
        *text = mig_format_string(mig->arena, mig->error, "%s", known);
        return mig_ok(mig);
    }
    *text = mig_format_string(mig->arena, mig->error, "%s; %s", *text, known);
    return false;
}

void
mig_guard_require_backup(Mig *mig)
{
    int64_t hours;
    const char *text;

    if (!mig_ok(mig) || mig->host->session->rehearsal)
        return;
    hours = mig_setting_count_of(mig, "require_backup");
    if (hours == 0 || mig_guard_has_backup(mig, &text) || !mig_ok(mig))
        return;
    (void) mig_fail(mig->error, MIG_STATE,
                    "there is no backup of the last %lld hour%s",
                    (long long) hours, hours == 1 ? "" : "s");
    mig_fail_detail(mig->error, "The setting require_backup asks for it: %s.",
                    text);
    mig_fail_hint(mig->error, "%s",
                  mig->host->methods->back_up != NULL
                      ? "Nothing was changed.  migrate_backup() makes one; "
                        "migrate_record_backup() records one that was made "
                        "otherwise."
                      : "Nothing was changed.  Make one, and have the job that "
                        "does call migrate_record_backup().");
}

/* Fail unless a label is one line of text. */
static void
require_label(Mig *mig, MigBytes label)
{
    if (mig_trim(label).length == 0 || label.length > LABEL_MAX ||
        mig_utf8_check(label) < label.length ||
        memchr(label.data, '\n', label.length) != NULL)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "label must be one line of 1 to %zu bytes", LABEL_MAX);
}

int64_t
mig_guard_record_backup(Mig *mig, MigBytes label)
{
    MigEvent event = {"backup", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,       NULL,      NULL,      true};
    MigMark mark;
    int64_t seq;

    require_label(mig, label);
    event.detail = mig_copy(mig->arena, label, mig->error).data;
    mig_write_begin(mig, "migrate_record_backup", &mark);
    seq = mig_event_add(mig, &event);
    mig_write_end(mig, &mark);
    return mig_ok(mig) ? seq : 0;
}
