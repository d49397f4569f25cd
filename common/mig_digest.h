#ifndef MIG_DIGEST_H
#define MIG_DIGEST_H

/*
 * Other tools' checksums, made again from the texts.
 *
 * Each tool records in its history what a migration's text was, by a rule of
 * its own.  Here are these rules, so that an adopted history can be held
 * against the files, and a directory against the sums that lie in it.
 *
 * A version control system may have changed the line ends of a file since the
 * tool saw it.  So what differs is tried again with every line end made LF, and
 * with every one made CR LF.
 */

#include "mig.h"

/* How what is recorded compares with what a text gives now. */
typedef enum MigDigestAnswer
{
    MIG_DIGEST_SAME,      /* as the tool itself would record it */
    MIG_DIGEST_LINE_ENDS, /* the same but for line ends */
    MIG_DIGEST_DIFFERS,
    MIG_DIGEST_UNKNOWN /* nothing is recorded, or it cannot be made again */
} MigDigestAnswer;

/* One file of a migration, as far as a tool's rule looks at it. */
typedef struct MigDigestFile
{
    MigBytes path;    /* in its directory */
    MigBytes version; /* as the tool has it */
    MigBytes name;    /* likewise */
    MigBytes text;    /* all of the file, as it is, with a byte order mark */
    bool repeatable;
} MigDigestFile;

/* What the line ends of a text are made before it is compared. */
typedef enum MigLineEnds
{
    MIG_LINES_AS_THEY_ARE,
    MIG_LINES_LF,
    MIG_LINES_CR_LF,
    MIG_LINES_COUNT
} MigLineEnds;

/*
 * A text with its line ends changed; the text itself where they are so already.
 * A lone CR stays: no version control system touches it.
 *
 * arena  where the changed text is made
 */
MigBytes mig_line_ends(Mig *mig, MigArena *arena, MigBytes text,
                       MigLineEnds ends);

/* The rule of one tool, and what it keeps from one file to the next. */
typedef struct MigDigest MigDigest;

/*
 * Begin to compare one history with its migrations.
 *
 * tool  "atlas", "drizzle", "flyway", "graphile-migrate", "prisma",
 *       "refinery", "sqitch", "sqlx" or "yoyo"
 *
 * Returns it, in mig's arena; NULL, without an error, for a tool whose
 * checksums cannot be made again, or that has none.
 */
MigDigest *mig_digest_open(Mig *mig, const char *tool);

/*
 * Compare one file with what is recorded of it.
 *
 * Atlas' checksums go on from one file to the next: call this for every file of
 * the directory in the order of names, also for those of which nothing is
 * recorded.  Other tools' files may be given in any order.
 *
 * digest    in/out: of mig_digest_open(); NULL is allowed
 * file      of the way up; of sqitch the deploy script
 * recorded  the column of the tool's table as it is, of any type (flyway,
 *           refinery, sqlx, prisma: checksum; drizzle, atlas, graphile-migrate:
 *           hash; sqitch: script_hash; yoyo: migration_hash); NULL or MIG_NULL
 *           when there is none.  A registry that an old Sqitch wrote has the
 *           change's ID there, which says nothing of the script: give NULL
 *
 * Fails with MIG_NOMEM only.
 */
MigDigestAnswer mig_digest_compare(Mig *mig, MigDigest *digest,
                                   const MigDigestFile *file,
                                   const MigValue *recorded);

#define MIG_SHA1_LENGTH 40 /* SHA-1 in lower-case hexadecimal, in bytes */

/* ---- Atlas --------------------------------------------------------------- */

#define MIG_ATLAS_LENGTH 44 /* SHA-256 in Base64, in bytes */

/* The sum of a directory while it is made; zeroed at the beginning. */
typedef struct MigAtlasSum
{
    MigGrowing files;
    MigGrowing lines;
} MigAtlasSum;

/*
 * Find a directive in a line, "-- atlas:name argument"; rule: reDirective in
 * Atlas' sql/migrate/dir.go.
 *
 * name      out
 * argument  out: to the end of the line; may be empty
 *
 * Returns false when there is none.
 */
bool mig_atlas_directive(MigBytes line, MigBytes *name, MigBytes *argument);

/*
 * Add the next file to the sum of a directory.
 *
 * name  as in atlas.sum
 * hash  out: what stands behind "h1:" on the file's line, NUL-ended
 *
 * Returns false for a file that says "atlas:sum ignore": it has no line.
 */
bool mig_atlas_add(MigHost *host, MigAtlasSum *sum, MigBytes name,
                   MigBytes text, char hash[MIG_ATLAS_LENGTH + 1]);

/* Add a line of atlas.sum alone to the sum. */
void mig_atlas_line(MigHost *host, MigAtlasSum *sum, MigBytes name,
                    MigBytes hash);

/* What stands behind "h1:" on the first line of atlas.sum, NUL-ended. */
void mig_atlas_total(MigHost *host, const MigAtlasSum *sum,
                     char hash[MIG_ATLAS_LENGTH + 1]);

/* ---- graphile-migrate ---------------------------------------------------- */

#define MIG_GRAPHILE_LENGTH (5 + MIG_SHA1_LENGTH) /* "sha1:" before it */

/*
 * The hash of a committed migration.
 *
 * previous  that of the one before it, or absent
 * body      behind the header
 */
void mig_graphile_hash(MigHost *host, MigBytes previous, MigBytes body,
                       char hash[MIG_GRAPHILE_LENGTH + 1]);

/*
 * The next line of a committed migration's header, "--! Name: value".
 *
 * offset  in/out: behind the lines before; moved behind this one
 * name    out
 * value   out: trimmed; absent without a ':'
 *
 * Returns false, leaving offset alone, where the header ends.
 */
bool mig_graphile_header(MigBytes text, size_t *offset, MigBytes *name,
                         MigBytes *value);

/* ---- Sqitch -------------------------------------------------------------- */

/* One line of a Sqitch plan. */
typedef struct MigSqitchLine
{
    MigBytes project;
    MigBytes uri;       /* of the project, canonical, or absent */
    MigBytes name;      /* of a tag with its '@' */
    MigBytes parent;    /* ID of the change before it, or absent; of a tag: of
                           the change it stands at */
    MigBytes planner;   /* "Name <email>" */
    MigBytes date;      /* "2024-01-31T12:00:00Z" */
    MigBytes requires;  /* as written in the plan, a line break behind each */
    MigBytes conflicts; /* likewise, without '!' */
    MigBytes note;      /* with \n, \r and \\ of the plan resolved; or absent */
} MigSqitchLine;

/*
 * The ID that Sqitch gives a change, or a tag, in hexadecimal, NUL-ended; with
 * MIG_NOMEM in mig->error an empty text.
 */
void mig_sqitch_change_id(Mig *mig, const MigSqitchLine *line,
                          char id[MIG_SHA1_LENGTH + 1]);
void mig_sqitch_tag_id(Mig *mig, const MigSqitchLine *line,
                       char id[MIG_SHA1_LENGTH + 1]);

#endif
