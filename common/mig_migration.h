#ifndef MIG_MIGRATION_H
#define MIG_MIGRATION_H

/*
 * A migration as a source gives it, before it is in the catalogue.
 */

#include "mig_slice.h"

/* One direction of a migration; count 0 means that it has none. */
typedef struct MigSection
{
    MigSlice *slices;
    size_t count;
    size_t capacity;
} MigSection;

typedef struct MigMigration
{
    MigBytes version;
    MigBytes position;     /* run order, see mig_version.h */
    MigBytes name;         /* may be empty */
    const char *format;    /* name of the format it was read by */
    MigBytes file;         /* path in the source, or absent */
    MigBytes requires;     /* versions, a line break behind each */
    int64_t requires_line; /* in file; 0 when it requires none */
    MigBytes options;      /* "key:value", a line break behind each */
    MigSection up;
    MigSection down;
    MigSection verify;
    bool repeatable;
    bool sequence;  /* position is a place in a list, which may change:
                       it is known again by its version */
    MigBytes unit;  /* see MigFileName */
    unsigned roles; /* which files it has: a bit for each MigFileRole */
    char checksum[MIG_HASH_LENGTH + 1]; /* of its files together */
} MigMigration;

/* A file of a source while it is being read. */
typedef struct MigFile
{
    MigBytes path; /* in the source, with '/' between folders */
    MigBytes text; /* all of it */
    size_t start;  /* where the text begins, behind a byte order mark */
    char hash[MIG_HASH_LENGTH + 1]; /* SHA-256 of text */
} MigFile;

/*
 * Append a part of a file to a section.
 *
 * start, end  in file->text, in bytes, end exclusive
 */
void mig_section_add(Mig *mig, MigSection *section, const MigFile *file,
                     size_t start, size_t end);

/*
 * Append a text that was made from a file's, with another hash than the file:
 * such as one with the marks before its lines made blanks.
 *
 * text  in mig's arena; line breaks as in the file, so that lines are right
 * line  of its first byte in the file, from 1
 */
void mig_section_add_made(Mig *mig, MigSection *section, const MigFile *file,
                          MigBytes text, int64_t line);

/*
 * Take a text into a migration's checksum, line ends and byte order mark left
 * out: that of the only one, or the hash over those of all in their order.
 */
void mig_migration_checksum(Mig *mig, MigMigration *migration, MigBytes text);

/* Options of which modules must know: the file was deleted on purpose; the
 * migration may be applied below applied ones, whatever the setting says. */
#define MIG_DELETED "deleted"
#define MIG_ANY_ORDER "out-of-order"

/* Append a "key:value" line to a migration's options. */
void mig_option_add(Mig *mig, MigMigration *migration, const char *key,
                    MigBytes value);

/* Whether a part of a text holds nothing but white space. */
bool mig_is_blank(MigBytes text);

/*
 * The value of an option, or absent bytes.
 *
 * options  "key:value" lines, as MigMigration keeps them
 */
MigBytes mig_option(MigBytes options, const char *key);

#endif
