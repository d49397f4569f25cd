#ifndef FORMAT_LIQUIBASE_H
#define FORMAT_LIQUIBASE_H

/*
 * What the files of the format of Liquibase's "formatted SQL" share:
 *
 *     format_liquibase.c            which files there are; order; references
 *     format_liquibase_line.c       what one line is
 *     format_liquibase_read.c       the lines of a file, put into changesets
 *     format_liquibase_changeset.c  a changeset, made a migration
 *     format_liquibase_property.c   its properties
 *
 * What a mark is follows the patterns of Liquibase's
 * AbstractFormattedChangeLogParser.java.
 */

#include "mig_source.h"

/* ---- Lines ---- */

typedef enum MigLiquibaseMark
{
    MIG_LIQUIBASE_TEXT,   /* no mark: SQL, or a comment */
    MIG_LIQUIBASE_HEADER, /* --liquibase formatted sql */
    MIG_LIQUIBASE_CHANGESET,
    MIG_LIQUIBASE_COMMENT,
    MIG_LIQUIBASE_ROLLBACK,
    MIG_LIQUIBASE_BLOCK, /* a comment over several lines: a way back */
    MIG_LIQUIBASE_PRECONDITIONS,
    MIG_LIQUIBASE_PRECONDITION,
    MIG_LIQUIBASE_CHECKSUM,
    MIG_LIQUIBASE_PROPERTY,
    MIG_LIQUIBASE_IGNORE,
    MIG_LIQUIBASE_PAID,   /* of the paid edition alone */
    MIG_LIQUIBASE_MISTAKE /* looks like a mark, and is none */
} MigLiquibaseMark;

/*
 * Say what a line is.
 *
 * rest  out: what stands behind the mark, blanks before it cut
 */
MigLiquibaseMark mig_liquibase_mark(MigBytes line, MigBytes *rest);

/*
 * The next "key:value" of a line, words without a colon passed over.  A value
 * in double quotes may hold blanks; the quotes are cut.
 *
 * at  in/out
 *
 * Returns false when there is none left.
 */
bool mig_liquibase_attribute(MigBytes line, size_t *at, MigBytes *key,
                             MigBytes *value);

/* Whether two texts are the same but for the case of ASCII letters. */
bool mig_liquibase_same(MigBytes text, const char *word);

/* Whether a value says yes, as Java's parseBoolean() has it. */
bool mig_liquibase_is_true(MigBytes value);

/* ---- Properties ---- */

typedef struct MigLiquibaseProperties MigLiquibaseProperties;

/* A set without properties, in mig's arena; NULL on failure. */
MigLiquibaseProperties *mig_liquibase_properties(Mig *mig);

/*
 * Add what a property mark says.
 *
 * rest  behind the word
 * file  that it stands in: one that is not global counts there alone
 *
 * Fails when it has no name or no value.
 */
void mig_liquibase_property_add(Mig *mig, MigLiquibaseProperties *properties,
                                MigBytes rest, MigBytes file);

/*
 * Add to the options of a migration the properties that a text of its mentions,
 * those that their values mention among them; each once.
 *
 * file   that the text stands in
 * owner  a number of the migration's own, from 1, that no other had
 */
void mig_liquibase_property_note(const MigLiquibaseProperties *properties,
                                 MigBytes text, MigBytes file, size_t owner,
                                 MigText *options);

/*
 * The value of a property, for what stands in a text: of those in the options
 * the first that is for this engine and these settings.
 *
 * Returns absent bytes when there is none.
 */
MigBytes mig_liquibase_property(const Mig *mig, MigBytes options,
                                MigBytes name);

/* ---- Changesets ---- */

/* Bytes of the hash of a way back in the option "rollback": it is no part of
 * the checksum, as it is none of Liquibase's, but a pending one that has
 * another is another. */
#define MIG_LIQUIBASE_BACK_HASH ((size_t) 16)

/* What is known while the files of a source are read. */
typedef struct MigLiquibaseState
{
    MigLiquibaseProperties *properties;
    struct MigLiquibaseReference *references;
    size_t count;
    size_t capacity;
} MigLiquibaseState;

/* A way back that is another changeset's statements. */
typedef struct MigLiquibaseReference
{
    size_t index;     /* of whose way back it is, in the source */
    MigBytes version; /* of the other */
    int64_t line;
} MigLiquibaseReference;

/* A changeset whose lines are being read. */
typedef struct MigLiquibaseChangeset
{
    int64_t line;  /* of its mark, from 1 */
    MigBytes path; /* that it is known by */
    MigBytes id;
    MigBytes author;
    MigBytes comment; /* or absent */

    /* What its mark says. */
    MigBytes contexts;
    MigBytes labels;
    MigBytes dbms;
    MigBytes delimiter;      /* that ends statements; absent: the usual ones */
    MigBytes back_delimiter; /* the same in the way back */
    bool split;              /* statements are told apart by it */
    bool back_split;
    bool ignored;
    bool reruns_changed;
    bool reruns_always;
    bool alone;    /* without a transaction */
    bool tolerant; /* its failure does not end the run */

    bool accepts; /* any text that it may get later */

    /* Its statements: a part of the file; made, where lines in between are no
     * part of them. */
    size_t first; /* in the file, in bytes */
    size_t last;  /* exclusive; 0: there are none */
    int64_t first_line;
    int64_t last_line;
    bool made;
    MigText text;  /* with a line break for each line that is left out */
    MigText plain; /* without */

    /* Its way back. */
    MigText back;
    int64_t back_line;   /* of its first line; 0: there is none */
    int64_t back_newest; /* of its last */

    MigText checks; /* options that say what is asked before it */
} MigLiquibaseChangeset;

/*
 * Read the mark that begins a changeset.
 *
 * path  by which it is known unless the mark says otherwise
 *
 * Fails for what is no author:id, and for what cannot be run here.
 */
void mig_liquibase_begin(Mig *mig, MigBytes rest, int64_t line, MigBytes path,
                         MigLiquibaseChangeset *changeset);

/* Add a changeset that has been read to the source. */
void mig_liquibase_end(Mig *mig, const MigFile *file, MigSource *source,
                       MigLiquibaseChangeset *changeset);

/*
 * The version of a changeset: its path, id and author with "::" between, in
 * which what a version cannot hold is replaced.  In mig's arena.
 */
MigBytes mig_liquibase_version(Mig *mig, MigBytes path, MigBytes id,
                               MigBytes author);

/* ---- Files ---- */

/* Read a file's changesets into the source, whose state is set. */
void mig_liquibase_read(Mig *mig, const MigFile *file, MigSource *source);

#endif
