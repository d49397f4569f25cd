#ifndef MIG_RENAME_PARTS_H
#define MIG_RENAME_PARTS_H

/*
 * What the files about new names share.
 *
 *   mig_rename.c        what was renamed, and the identities of all else
 *   mig_rename_name.c   the names that were replaced
 *   mig_rename_text.c   these in definitions
 *   mig_rename_token.c  the tokens of those
 */

#include "mig_rename.h"

/* A text being read. */
typedef struct MigTokens
{
    MigBytes text;
    size_t at;
    MigBytes current;  /* the token that was read last, */
    MigBytes previous; /* the one before it, */
    MigBytes before;   /* and before that */
    bool literal;      /* between single quotes, where blanks count */
    bool listing;      /* behind SELECT, before FROM */
    bool from;         /* behind FROM, before what it ends with */
} MigTokens;

/* Whether a byte can be a part of a word. */
bool mig_is_letter(char c);

/* The next token of a text: a word, a name in quotes, or a sign; false at the
 * end. */
bool mig_next_token(MigTokens *tokens, MigBytes *token);

/* What stands where a token does. */
typedef enum MigPlace
{
    MIG_PLACE_OWN,   /* the name of the object itself, or one that it gives */
    MIG_PLACE_TABLE, /* of a table, or a schema */
    MIG_PLACE_OTHER
} MigPlace;

/* The place of the token that was read. */
MigPlace mig_token_place(const MigTokens *tokens);

/*
 * The map of names has for each name that was replaced
 *
 *   "pair"    old and new name, a line break between them: it can be this
 *   "table"   the old name of a table or view; its definition is the new one,
 *             absent when there are several
 *   "column"  likewise of a column; its parent is the table
 *   "of"      its table and, behind a line break, the old name of a column
 *   "name"    likewise of anything else
 *   "full"    the old name with its schema's
 *
 * Names are looked up without their quotes and in lower case: SQLite writes
 * them so where they are referred to.
 */
#define MIG_NAMES_PAIR "pair"
#define MIG_NAMES_TABLE "table"
#define MIG_NAMES_COLUMN "column"
#define MIG_NAMES_OF "of"
#define MIG_NAMES_NAME "name"
#define MIG_NAMES_FULL "full"

/* A token as it is looked up, in the arena. */
MigBytes mig_renames_plain(const MigRenames *renames, MigArena *arena,
                           MigBytes token);

/* Two texts with a line break between them, in the scratch arena, as is the
 * next. */
MigBytes mig_renames_joined(MigRenames *renames, MigBytes first,
                            MigBytes second);

/* Two tokens as a pair is looked up. */
MigBytes mig_renames_pair(MigRenames *renames, MigBytes before, MigBytes now);

/* What a map has under a kind and an identity; NULL: nothing. */
MigKnownObject *mig_renames_look_up(const MigObjectMap *map, MigBytes kind,
                                    MigBytes identity);

/* A root's identity as it stands in texts, in the arena: SQLite's are names
 * that may need quotes. */
MigBytes mig_renames_written(const MigRenames *renames, MigArena *arena,
                             MigBytes identity);

/* Note the names in which two identities of an object differ. */
void mig_renames_add_names(MigRenames *renames, MigBytes kind, MigBytes before,
                           MigBytes now);

#endif
