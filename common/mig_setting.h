#ifndef MIG_SETTING_H
#define MIG_SETTING_H

/*
 * Settings: kept in the database, read once for each call.
 *
 * A value comes from the session (where the engine has such a thing), else
 * from the table, else it is the default.  A session of ours in another
 * database than the caller's also knows the caller's settings: the project is
 * his, and variables, environment, protected_environments, lock_timeout and
 * wait_timeout are where that database has none of its own.
 */

#include "mig.h"

#define MIG_WATCH_OFF "off"

#define MIG_VARIABLE_PREFIX "var."
#define MIG_VARIABLE_MAX ((size_t) 64) /* bytes of a variable's name */

typedef enum MigSettingKind
{
    MIG_SETTING_TEXT,     /* any text that is not empty */
    MIG_SETTING_DURATION, /* 10min, 5s, 250ms; a bare number is milliseconds */
    MIG_SETTING_COUNT,    /* a number from 0 on */
    MIG_SETTING_OPTIONAL, /* any text, or none */
    MIG_SETTING_EXPRESSION, /* over names, see mig_expression.h, or none */
    MIG_SETTING_PATH,       /* of a file, with {name}s in it, or none */
    MIG_SETTING_CHOICE      /* one of a list */
} MigSettingKind;

typedef struct MigSettingInfo
{
    const char *name;
    const char *default_value;
    MigSettingKind kind;
    const char *choices; /* MIG_SETTING_CHOICE: words with blanks between */
    const char *engine;  /* has an effect there alone; NULL: everywhere */
    const char *description;
} MigSettingInfo;

/* All settings but variables, by name. */
extern const MigSettingInfo mig_settings[];
extern const size_t mig_setting_count;

/* A row of the settings' table. */
typedef struct MigSettingRow
{
    MigBytes name;
    MigBytes value;
    MigBytes set_by;
    bool elsewhere; /* it was made for another database than this copy of it */
} MigSettingRow;

struct MigSettings
{
    MigSettingRow *rows; /* by name */
    size_t count;
    size_t capacity;
    MigBytes project; /* used everywhere, so looked up once */
    MigBytes target;  /* schema that this is about; empty: none in particular */
};

/* Read the table into mig->settings; defaults where there is no catalogue. */
void mig_settings_read(Mig *mig);

/*
 * The value of a setting or variable.
 *
 * origin  out, may be NULL: "session", "database" or "default"; "another
 *         database" for what was made for that alone, and so has its default
 *
 * Returns absent bytes for a variable that is not set.
 */
MigBytes mig_setting(const Mig *mig, const char *name, const char **origin);

/* A setting of kind MIG_SETTING_DURATION, in milliseconds. */
int64_t mig_setting_ms(const Mig *mig, const char *name);

/* A setting of kind MIG_SETTING_COUNT. */
int64_t mig_setting_count_of(const Mig *mig, const char *name);

/* Whether a setting has the given value. */
bool mig_setting_is(const Mig *mig, const char *name, const char *value);

/* Whether there is a setting of this name, or a variable can have it. */
bool mig_setting_is_known(MigBytes name);

/* migrate_config(name) and migrate_config(name, value); see the manual. */
MigBytes mig_config_get(Mig *mig, MigBytes name);
MigBytes mig_config_set(Mig *mig, MigBytes name, MigBytes value);

/* Fail unless a value is one that a setting or variable can have. */
void mig_setting_require(Mig *mig, MigBytes name, MigBytes value);

/*
 * Fail when a setting in the table has a value that it cannot have: somebody
 * has written it there by hand, and it would be used as something else.
 *
 * function  SQL name of what is called; migrate_config() can mend it
 */
void mig_settings_require(Mig *mig, const char *function);

/* What is wrong with a row of the table, in mig's arena; NULL: nothing. */
const char *mig_setting_problem(Mig *mig, const MigSettingRow *row);

/* Length of the variable's name at the start of a text; 0 when there is none.
 */
size_t mig_variable_length(MigBytes text);

#endif
