#include "mig_adopt_parts.h"

/*
 * The other tools' tables, from their own sources; see each tool's chapter in
 * the manual.  A tool whose columns another one has as well is told by its
 * table's name.
 */

/* Columns in the order of MigOtherColumn would be hard to read: by name. */
#define KEY [MIG_OTHER_KEY]
#define SECOND [MIG_OTHER_SECOND]
#define THIRD [MIG_OTHER_THIRD]
#define ORDER [MIG_OTHER_ORDER]
#define AT [MIG_OTHER_AT]
#define BY [MIG_OTHER_BY]
#define DURATION [MIG_OTHER_DURATION]
#define CHECKSUM [MIG_OTHER_CHECKSUM]
#define STATE [MIG_OTHER_STATE]
#define KIND [MIG_OTHER_KIND]
#define MORE [MIG_OTHER_MORE]

/* A history that names files. */
#define FILE_KEYS                                                              \
    {                                                                          \
        {MIG_KEY_STEM, MIG_OTHER_KEY}, { MIG_KEY_TITLE, MIG_OTHER_KEY }        \
    }
#define NUMBER_KEYS                                                            \
    {                                                                          \
        {                                                                      \
            MIG_KEY_NUMBER, MIG_OTHER_KEY                                      \
        }                                                                      \
    }
#define VERSION_KEYS                                                           \
    {                                                                          \
        {                                                                      \
            MIG_KEY_VERSION, MIG_OTHER_KEY                                     \
        }                                                                      \
    }

#define MS INT64_C(1000000) /* in nanoseconds */

const MigOtherTool mig_other_tools[] = {
    {
        .name = "alembic",
        .tables = "alembic_version",
        .needs = "version_num",
        .only = true,
        .any_name = true,
        .columns = {KEY = "version_num"},
        .rule = MIG_RULE_HEADS,
        .keys = VERSION_KEYS,
    },
    {
        .name = "atlas",
        .tables = "atlas_schema_revisions",
        .needs = "version description type applied total executed_at "
                 "execution_time hash operator_version",
        .any_name = true,
        .columns = {KEY = "version", ORDER = "executed_at", AT = "executed_at",
                    DURATION = "execution_time", CHECKSUM = "hash",
                    STATE = "applied", KIND = "type", MORE = "total"},
        .duration_ns = 1,
        .keys = VERSION_KEYS,
        .lock = MIG_LOCK_NUMBER,
        /* FNV-1, 32 bits, of "atlas_migrate_execute". */
        .lock_number = INT64_C(2686470616),
        .judge = mig_judge_atlas,
        .cure = "Finish it by \"atlas migrate apply\", or correct the row by "
                "\"atlas migrate set\".",
        .own_schema = "atlas_schema_revisions",
    },
    {
        .name = "d1",
        .tables = "d1_migrations",
        .needs = "id name applied_at",
        .only = true,
        .columns = {KEY = "name", ORDER = "id", AT = "applied_at"},
        .utc = true,
        .keys = FILE_KEYS,
    },
    {
        .name = "dbmate",
        .tables = "schema_migrations",
        .needs = "version",
        .only = true,
        .columns = {KEY = "version"},
        .keys = VERSION_KEYS,
    },
    {
        .name = "depesz",
        .tables = "patches",
        .needs = "patch_name applied_tsz applied_by requires conflicts",
        .any_name = true,
        .columns = {KEY = "patch_name", AT = "applied_tsz", BY = "applied_by"},
        .keys = {{MIG_KEY_STEM, MIG_OTHER_KEY},
                 {MIG_KEY_TITLE, MIG_OTHER_KEY},
                 {MIG_KEY_VERSION, MIG_OTHER_KEY}},
        .lock = MIG_LOCK_ALL,
        .own_schema = "_v",
    },
    {
        .name = "diesel",
        .tables = "__diesel_schema_migrations",
        .needs = "version run_on",
        .only = true,
        .any_name = true,
        .columns = {KEY = "version", AT = "run_on"},
        .keys = VERSION_KEYS,
    },
    {
        .name = "django",
        .tables = "django_migrations",
        .needs = "id app name applied",
        .only = true,
        .any_name = true,
        .columns = {KEY = "name", SECOND = "app", ORDER = "id", AT = "applied"},
        .utc = true,
        .keys = {{MIG_KEY_FOLDER, MIG_OTHER_KEY}},
    },
    {
        .name = "drizzle",
        .tables = "__drizzle_migrations",
        .needs = "id hash created_at",
        .any_name = true,
        .columns = {KEY = "name", SECOND = "hash", THIRD = "created_at",
                    ORDER = "created_at", AT = "applied_at", CHECKSUM = "hash"},
        .keys = {{MIG_KEY_STEM, MIG_OTHER_KEY},
                 {MIG_KEY_TITLE, MIG_OTHER_KEY},
                 {MIG_KEY_WHEN, MIG_OTHER_THIRD},
                 {MIG_KEY_TEXT, MIG_OTHER_SECOND}},
        .own_schema = "drizzle",
    },
    {
        .name = "ecto",
        .tables = "schema_migrations",
        .needs = "version inserted_at",
        .only = true,
        .any_name = true,
        .columns = {KEY = "version", AT = "inserted_at"},
        .utc = true,
        .keys = NUMBER_KEYS,
        .lock = MIG_LOCK_SELF,
    },
    {
        .name = "evolve",
        .tables = "changelog",
        .needs = "id type version description name checksum installed_by "
                 "installed_on success",
        .any_name = true,
        .columns = {KEY = "version", THIRD = "name", ORDER = "id",
                    AT = "installed_on", BY = "installed_by",
                    CHECKSUM = "checksum", STATE = "success", KIND = "type"},
        .keys = {{MIG_KEY_DOTTED, MIG_OTHER_KEY},
                 {MIG_KEY_STEM, MIG_OTHER_THIRD},
                 {MIG_KEY_TITLE, MIG_OTHER_THIRD}},
        .judge = mig_judge_evolve,
        .cure = "Mend what it left, then \"evolve repair\" or delete the row.",
    },
    {
        .name = "flyway",
        .tables = "flyway_schema_history schema_version",
        .needs = "installed_rank version description type script checksum "
                 "installed_by installed_on execution_time success",
        .any_name = true,
        .columns = {KEY = "version", THIRD = "script", ORDER = "installed_rank",
                    AT = "installed_on", BY = "installed_by",
                    DURATION = "execution_time", CHECKSUM = "checksum",
                    STATE = "success", KIND = "type"},
        .duration_ns = MS,
        .keys = {{MIG_KEY_DOTTED, MIG_OTHER_KEY},
                 {MIG_KEY_STEM, MIG_OTHER_THIRD},
                 {MIG_KEY_TITLE, MIG_OTHER_THIRD}},
        .lock = MIG_LOCK_FLYWAY,
        .judge = mig_judge_flyway,
        .cure = "Mend what it left, then \"flyway repair\" removes the row.",
    },
    {
        .name = "golang-migrate",
        .tables = "schema_migrations",
        .needs = "version dirty",
        .only = true,
        .any_name = true,
        .columns = {KEY = "version", STATE = "dirty"},
        .rule = MIG_RULE_UP_TO,
        .keys = NUMBER_KEYS,
        .lock = MIG_LOCK_GOLANG,
        .lock_number = INT64_C(1486364155),
        .judge = mig_judge_golang,
        .cure = "Look what of it is in the database, complete it or undo it by "
                "hand, then \"migrate force VERSION\" says where it stands.",
    },
    {
        .name = "goose",
        .tables = "goose_db_version",
        .needs = "id version_id is_applied tstamp",
        .any_name = true,
        .columns = {KEY = "version_id", ORDER = "id", AT = "tstamp",
                    STATE = "is_applied"},
        .keys = NUMBER_KEYS,
        .lock = MIG_LOCK_NUMBER,
        .lock_number = INT64_C(4097083626),
        .judge = mig_judge_goose,
    },
    {
        .name = "graphile-migrate",
        .tables = "migrations",
        .schema = "graphile_migrate",
        .needs = "hash previous_hash filename date",
        .columns = {KEY = "filename", ORDER = "date", AT = "date",
                    CHECKSUM = "hash"},
        .keys = {{MIG_KEY_STEM, MIG_OTHER_KEY},
                 {MIG_KEY_NUMBER, MIG_OTHER_KEY}},
        .lock = MIG_LOCK_NUMBER,
        .lock_number = INT64_C(4727445306447283),
        .own_schema = "graphile_migrate",
    },
    {
        .name = "knex",
        .tables = "knex_migrations",
        .needs = "id name batch migration_time",
        .only = true,
        .any_name = true,
        .columns = {KEY = "name", ORDER = "id", AT = "migration_time"},
        .keys = FILE_KEYS,
        .lock = MIG_LOCK_ROW,
        .lock_table = "_lock",
        .lock_column = "is_locked",
    },
    {
        .name = "kysely",
        .tables = "kysely_migration",
        .needs = "name timestamp",
        .only = true,
        .columns = {KEY = "name", AT = "timestamp"},
        .keys = FILE_KEYS,
        .lock = MIG_LOCK_NUMBER,
        .lock_number = INT64_C(3853314791062309107),
        .own_tables = "kysely_migration_lock",
    },
    {
        .name = "liquibase",
        .tables = "databasechangelog",
        .needs = "id author filename dateexecuted orderexecuted exectype "
                 "md5sum",
        .any_name = true,
        .columns = {KEY = "id", SECOND = "author", THIRD = "filename",
                    ORDER = "orderexecuted", AT = "dateexecuted", BY = "author",
                    STATE = "exectype"},
        .keys = {{MIG_KEY_CHANGESET, MIG_OTHER_KEY},
                 {MIG_KEY_SET_FILE, MIG_OTHER_KEY}},
        .lock = MIG_LOCK_ROW,
        .lock_table = "databasechangeloglock",
        .lock_column = "locked",
        .judge = mig_judge_liquibase,
        .cure = "Mend what it left, then delete the row.",
    },
    {
        .name = "mybatis",
        .tables = "changelog",
        .needs = "id applied_at description",
        .only = true,
        .columns = {KEY = "id", AT = "applied_at"},
        .keys = NUMBER_KEYS,
    },
    {
        .name = "node-pg-migrate",
        .tables = "pgmigrations",
        .needs = "id name run_on",
        .only = true,
        .any_name = true,
        .columns = {KEY = "name", ORDER = "id", AT = "run_on"},
        .keys = FILE_KEYS,
        .lock = MIG_LOCK_NUMBER,
        .lock_number = INT64_C(7241865325823964),
    },
    {
        .name = "prisma",
        .tables = "_prisma_migrations",
        .needs = "id checksum finished_at migration_name rolled_back_at "
                 "started_at applied_steps_count",
        .any_name = true,
        .columns = {KEY = "migration_name", ORDER = "started_at",
                    AT = "finished_at", CHECKSUM = "checksum",
                    STATE = "rolled_back_at"},
        .utc = true,
        .keys = FILE_KEYS,
        .lock = MIG_LOCK_NUMBER,
        .lock_number = 72707369,
        .judge = mig_judge_prisma,
        .cure = "Mend what it left, then \"prisma migrate resolve\" says "
                "whether it is applied or rolled back.",
    },
    {
        .name = "rails",
        .tables = "schema_migrations",
        .needs = "version",
        .only = true,
        .columns = {KEY = "version"},
        .keys = NUMBER_KEYS,
        .lock = MIG_LOCK_DATABASE,
        .lock_number = 2053462845,
        .own_tables = "ar_internal_metadata",
    },
    {
        .name = "refinery",
        .tables = "refinery_schema_history",
        .needs = "version name applied_on checksum",
        .only = true,
        .any_name = true,
        .columns = {KEY = "version", AT = "applied_on", CHECKSUM = "checksum"},
        .keys = NUMBER_KEYS,
    },
    {
        .name = "sqitch",
        .tables = "changes",
        .needs = "change_id script_hash change project committed_at "
                 "committer_name planned_at planner_name",
        .any_name = true,
        .columns = {KEY = "change", SECOND = "project", ORDER = "committed_at",
                    AT = "committed_at", BY = "committer_name",
                    CHECKSUM = "script_hash", MORE = "change_id"},
        .utc = true,
        .rule = MIG_RULE_NTH,
        .keys = {{MIG_KEY_CHANGE, MIG_OTHER_KEY}},
        .lock = MIG_LOCK_NUMBER,
        .lock_number = 75474063,
        .own_schema = "sqitch",
        .own_tables = "dependencies events projects releases tags",
    },
    {
        .name = "sql-migrate",
        .tables = "gorp_migrations",
        .needs = "id applied_at",
        .only = true,
        .columns = {KEY = "id", AT = "applied_at"},
        .keys = FILE_KEYS,
    },
    {
        .name = "sqlite-utils",
        .tables = "_sqlite_migrations",
        .needs = "migration_set name applied_at",
        .any_name = true,
        .columns = {KEY = "name", SECOND = "migration_set", ORDER = "id",
                    AT = "applied_at"},
        .utc = true,
        .keys = {{MIG_KEY_FOLDER, MIG_OTHER_KEY},
                 {MIG_KEY_STEM, MIG_OTHER_KEY},
                 {MIG_KEY_NAME, MIG_OTHER_KEY}},
    },
    {
        .name = "sqlx",
        .tables = "_sqlx_migrations",
        .needs = "version description installed_on success checksum "
                 "execution_time",
        .only = true,
        .any_name = true,
        .columns = {KEY = "version", AT = "installed_on",
                    DURATION = "execution_time", CHECKSUM = "checksum",
                    STATE = "success"},
        .duration_ns = 1,
        .keys = NUMBER_KEYS,
        .lock = MIG_LOCK_DATABASE,
        .lock_number = 0x3d32ad9e,
        .judge = mig_judge_sqlx,
        .cure = "Look what of it is in the database, complete it or undo it by "
                "hand, then correct or delete the row.",
    },
    {
        .name = "supabase",
        .tables = "schema_migrations",
        .schema = "supabase_migrations",
        .needs = "version",
        .columns = {KEY = "version"},
        .keys = VERSION_KEYS,
        .own_schema = "supabase_migrations",
        .own_tables = "seed_files",
    },
    {
        .name = "tern",
        .tables = "schema_version",
        .needs = "version",
        .only = true,
        .columns = {KEY = "version"},
        .rule = MIG_RULE_UP_TO,
        .keys = NUMBER_KEYS,
        .lock = MIG_LOCK_NUMBER,
        .lock_number = INT64_C(9628173550095224),
    },
    {
        .name = "umzug",
        .tables = "SequelizeMeta",
        .needs = "name",
        .only = true,
        .columns = {KEY = "name"},
        .keys = FILE_KEYS,
    },
    {
        .name = "user_version",
        .rule = MIG_RULE_NUMBER,
        .keys = NUMBER_KEYS,
    },
    {
        .name = "yandex-pgmigrate",
        .tables = "schema_version",
        .needs = "version description type installed_by installed_on",
        .only = true,
        .columns = {KEY = "version", AT = "installed_on", BY = "installed_by"},
        .keys = NUMBER_KEYS,
    },
    {
        .name = "yoyo",
        .tables = "_yoyo_migration",
        .needs = "migration_hash migration_id applied_at_utc",
        .any_name = true,
        .columns = {KEY = "migration_id", AT = "applied_at_utc",
                    CHECKSUM = "migration_hash"},
        .utc = true,
        .keys = FILE_KEYS,
        .lock = MIG_LOCK_ROW,
        .lock_table = "yoyo_lock",
        .own_tables = "_yoyo_log _yoyo_version",
    },
    {.name = NULL},
};
