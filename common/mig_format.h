#ifndef MIG_FORMAT_H
#define MIG_FORMAT_H

/*
 * Formats: how the files of one tool are named, ordered and divided.
 *
 * A format is one file, format_<tool>.c, that defines one MigFormat, and a
 * line in mig_format.c.  Which format a directory has is found by
 * mig_detect.c; the source (mig_source.c) opens and checks files, and brings
 * those of one version together.
 */

#include "mig_migration.h"

/* What part of a migration a file is. */
typedef enum MigFileRole
{
    MIG_FILE_WHOLE,   /* all of it; marks inside divide it */
    MIG_FILE_UP,      /* the way up alone */
    MIG_FILE_DOWN,    /* the way back alone */
    MIG_FILE_VERIFY,  /* its checks alone */
    MIG_FILE_OPTIONS, /* settings of the migration */
    MIG_FILE_CONTROL, /* the tool's own list of migrations; arrange() reads it
                       */
    MIG_FILE_FOREIGN, /* a migration that is no SQL */
    MIG_FILE_NONE     /* no migration: passed over */
} MigFileRole;

/* What a file's path says. */
typedef struct MigFileName
{
    MigBytes version; /* as written; may point into the path */
    MigBytes name;
    MigBytes unit; /* files of one version belong together when this is the
                      same, such as the folder they are in; may be empty */
    MigFileRole role;
    bool repeatable;
    MigBytes requires; /* of its migration, when arrange() knows: versions, a
                          line break behind each */
    MigBytes options;  /* likewise: "key:value", a line break behind each */
    const char *note;  /* MIG_FILE_NONE: why; MIG_FILE_CONTROL and _FOREIGN:
                          what it is, or NULL; a constant, or in mig's arena */
} MigFileName;

/* What a pending migration below an applied one is to a tool. */
typedef enum MigOrderRule
{
    MIG_ORDER_STRICT, /* a mistake: the setting out_of_order decides */
    MIG_ORDER_FREE    /* nothing special, unless that setting is set */
} MigOrderRule;

typedef struct MigListing MigListing;
typedef struct MigSource MigSource;

typedef struct MigFormat
{
    const char *name; /* as users know it, and as the setting "format" has it;
                         without blanks */
    MigOrderRule order;

    /* What ${name} is in its texts; the value of the option "variables" (see
     * mig_variable.h), or NULL where nothing is ever replaced. */
    const char *variables;

    /* What to do about its migrations that are no SQL; NULL: nothing more can
     * be said than for others. */
    const char *foreign_hint;

    /* Whether files of the native format may stand beside its own; it reads
     * them itself. */
    bool takes_native;

    /* Whether names alone tell this format: then match() claims no path that
     * another such format does, unless that is listed later.  Otherwise a mark
     * or a sign must, or the setting. */
    bool by_name;

    /*
     * Whether a file belongs to this format, by its path alone: in any role,
     * MIG_FILE_NONE included, with the reason.
     *
     * path  relative to the source's directory, '/' between folders
     * name  out, filled when it does; zeroed before
     */
    bool (*match)(MigBytes path, MigFileName *name);

    /* Whether a path is one that only directories of this format have, such as
     * "sqitch.plan"; NULL: there is none. */
    bool (*is_sign)(MigBytes path);

    /* Whether a directory is likely of this format, though its names alone
     * could be another's: then names tell it as with by_name, before others;
     * NULL: never. */
    bool (*is_hinted)(const MigListing *listing);

    /*
     * Whether a line is a mark that only files of this format have; NULL: there
     * is none.
     *
     * line  starts with '-' or '/'; trimmed
     */
    bool (*is_mark)(MigBytes line);

    /*
     * Say what a version is called and where it stands in run order, when that
     * is not as written and in natural order; NULL where it is.
     *
     * name      in/out: version as in the path, out as the tool has it
     * position  out, in mig's arena
     */
    void (*identify)(Mig *mig, MigFileName *name, MigBytes *position);

    /*
     * Look at the listing as a whole, before files are read: order by the
     * tool's own list (mig_listing_text() reads it), hash chains, what is
     * passed over and why.  May change names, roles, notes and positions of
     * entries (mig_sequence_position() where a list gives the order).  NULL:
     * nothing to do.
     */
    void (*arrange)(Mig *mig, MigListing *listing);

    /*
     * Divide a file into the sections and options of a migration.
     *
     * file       its text is valid UTF-8; start is behind a byte order mark
     * name       what match() said
     * migration  in/out: the other files of this version may be in it already
     *
     * On failure mig->error names the line; the caller adds the file.
     */
    void (*read)(Mig *mig, const MigFile *file, const MigFileName *name,
                 MigMigration *migration);

    /*
     * The same for a file that holds several migrations, in place of read():
     * adds each with mig_source_add(), in run order, with its checksum
     * (mig_migration_checksum()).
     */
    void (*read_all)(Mig *mig, const MigFile *file, const MigFileName *name,
                     MigSource *source);

    /*
     * Look at all migrations when everything is read, before they are sorted
     * by position and checked; NULL: nothing to do.
     */
    void (*finish)(Mig *mig, MigSource *source);
} MigFormat;

extern const MigFormat mig_format_native;
extern const MigFormat mig_format_golang;
extern const MigFormat mig_format_diesel;
extern const MigFormat mig_format_liquibase;
extern const MigFormat mig_format_flyway;
extern const MigFormat mig_format_refinery;
extern const MigFormat mig_format_sqitch;
extern const MigFormat mig_format_alembic;
extern const MigFormat mig_format_structure;
extern const MigFormat mig_format_sqlx;
extern const MigFormat mig_format_prisma;
extern const MigFormat mig_format_supabase;
extern const MigFormat mig_format_drizzle;
extern const MigFormat mig_format_atlas;
extern const MigFormat mig_format_graphile;

extern const MigFormat mig_format_goose;
extern const MigFormat mig_format_sql_migrate;
extern const MigFormat mig_format_tern;
extern const MigFormat mig_format_mybatis;
extern const MigFormat mig_format_node_pg;
extern const MigFormat mig_format_yoyo;

/* All formats; the array ends with NULL. */
extern const MigFormat *const mig_formats[];

/* The format of a name, or NULL. */
const MigFormat *mig_format_find(MigBytes name);

/*
 * A read() for files that hold one direction, or the checks, and nothing else.
 * An empty way back is one that does nothing, as the tools have it; running it
 * warns.
 */
void mig_read_direction(Mig *mig, const MigFile *file, const MigFileName *name,
                        MigMigration *migration);

/* Whether a path ends with ".sql", in upper or lower case. */
bool mig_is_sql_path(MigBytes path);

/* The part of a path behind its last '/'. */
MigBytes mig_base_name(MigBytes path);

/*
 * Split "<version>_<name>" at the first '_' into a name's parts; without a '_'
 * all is version.
 *
 * Returns false when the version does not start with a digit.
 */
bool mig_split_name(MigBytes stem, MigFileName *name);

/*
 * Take a version that says it is a repeatable migration, "R__<name>".
 *
 * name  out, when it does: version, name and repeatable
 *
 * Returns whether it does.
 */
bool mig_repeatable_name(MigBytes version, MigFileName *name);

#endif
