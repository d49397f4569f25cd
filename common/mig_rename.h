#ifndef MIG_RENAME_H
#define MIG_RENAME_H

/*
 * What of a schema has another name now, and what that does to other texts.
 *
 * An engine writes a new name into every definition that mentions the old one.
 * Texts are taken for the tokens they consist of: words, names in quotes, and
 * single signs; which of them are names of what was renamed is learned from a
 * text before and behind that.
 */

#include "mig_object_map.h"
#include "mig_text.h"

typedef struct MigRenames
{
    MigArena *arena; /* set by the caller, */
    MigError *error; /* as this is */
    MigArena scratch;
    MigObjectMap objects; /* by kind and identity, or by a note's identity as in
                             "table t"; the definition is the identity now */
    MigObjectMap arrived; /* identities that something has now, by their kinds,
                             and had not before */
    MigObjectMap names;   /* single names, see mig_rename.c */
} MigRenames;

/* Make an empty one, to be closed by mig_renames_close(). */
void mig_renames_open(MigRenames *renames, MigArena *arena, MigError *error);
void mig_renames_close(MigRenames *renames);

/* Add an object of which it is known that it was renamed; its texts must
 * outlive what they are added to. */
void mig_renames_add(MigRenames *renames, MigBytes kind, MigBytes before,
                     MigBytes now);

/* Whether anything was added. */
bool mig_renames_any(const MigRenames *renames);

/* Whether an object, or what it is a part of, has its name from another. */
bool mig_renames_arrived(const MigRenames *renames, const MigObject *object);

/* The identity that an object has now; absent when it is none that was added.
 */
MigBytes mig_renames_find(const MigRenames *renames, MigBytes kind,
                          MigBytes identity);

/* The identity that what has no part of its own name, a root, has now. */
MigBytes mig_renames_root(const MigRenames *renames, MigBytes identity);

/*
 * The identity that an object has, or would have, now, as far as its name tells
 * that.
 *
 * object  its definition is not looked at
 */
MigBytes mig_renames_identity(MigRenames *renames, const MigObject *object);

/* Whether what an object's definition was, and what it is, differ in new names
 * alone. */
bool mig_renames_explain(MigRenames *renames, const MigObject *before,
                         MigBytes now);

/*
 * A definition with the new names in it.
 *
 * object  with that definition, and the table that it was a part of
 * before  another definition of the object, and
 * now     what the engine has made of it; both absent: there is none
 */
MigBytes mig_renames_text(MigRenames *renames, const MigObject *object,
                          MigBytes before, MigBytes now);

#endif
