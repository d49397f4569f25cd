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

/* Whether a part of a text holds nothing but white space. */
bool mig_is_blank(MigBytes text);

/*
 * The value of an option, or absent bytes.
 *
 * options  "key:value" lines, as MigMigration keeps them
 */
MigBytes mig_option(MigBytes options, const char *key);

#endif
