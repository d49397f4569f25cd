#ifndef MIG_FORMAT_H
#define MIG_FORMAT_H

/*
 * Formats: how the files of one tool are named and divided.
 *
 * A format is one file, format_<tool>.c, that defines one MigFormat, and a
 * line in mig_format.c.  It knows nothing of directories or the catalogue: the
 * source (mig_source.c) lists, opens and checks files, and brings those of one
 * version together.
 */

#include "mig_migration.h"

/* What part of a migration a file is. */
typedef enum MigFileRole
{
    MIG_FILE_WHOLE,  /* all of it; marks inside divide it */
    MIG_FILE_UP,     /* the way up alone */
    MIG_FILE_DOWN,   /* the way back alone */
    MIG_FILE_OPTIONS /* settings of the migration */
} MigFileRole;

/* What a file's path says. */
typedef struct MigFileName
{
    MigBytes version; /* as written; may point into the path */
    MigBytes name;
    MigFileRole role;
    bool repeatable;
} MigFileName;

typedef struct MigFormat
{
    const char *name; /* as users know it */

    /*
     * Whether a file belongs to this format, by its path alone.
     *
     * path  relative to the source's directory, '/' between folders
     * name  out, filled when it does
     */
    bool (*match)(MigBytes path, MigFileName *name);

    /*
     * Say what a version is called and where it stands in run order, when that
     * is not as written and in natural order; NULL where it is.
     *
     * name      in/out: version as in the path, out as the tool has it
     * position  out, in mig's arena
     */
    void (*identify)(Mig *mig, MigFileName *name, MigBytes *position);

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
} MigFormat;

extern const MigFormat mig_format_native;
extern const MigFormat mig_format_golang;
extern const MigFormat mig_format_diesel;

/* All formats; the array ends with NULL. */
extern const MigFormat *const mig_formats[];

/*
 * A read() for files that hold one direction and nothing else.  An empty way
 * back is one that does nothing, as the tools have it; running it warns.
 */
void mig_read_direction(Mig *mig, const MigFile *file, const MigFileName *name,
                        MigMigration *migration);

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
