#ifndef MIG_LOAD_PARTS_H
#define MIG_LOAD_PARTS_H

/*
 * What the parts of loading share: mig_load.c, mig_older.c, which tells an
 * older release's directory, and mig_load_sound.c, which tells what is damaged.
 */

#include "mig_known.h"
#include "mig_load.h"
#include "mig_source.h"
#include "mig_texts.h"

#define LOAD_WRITTEN                                                           \
    4 /* how many texts are remembered to have been written                    \
       */

/* The state of one load. */
typedef struct Load
{
    Mig *mig;
    MigBytes label;
    bool on_purpose;   /* not by whatever starts; see mig_load_find_newer() */
    const MigSet *set; /* that is loaded, or NULL */
    bool adds_only;    /* what is absent from the source has not vanished */
    MigSource source;
    MigBytes only; /* position of all that is known; absent: everything */
    MigKnown known;
    bool mends;     /* what is damaged in the catalogue is written anew */
    MigTexts texts; /* that the catalogue has, where it mends */
    int64_t added;
    int64_t changed;
    int64_t returned;
    int64_t vanished;
    char written[LOAD_WRITTEN][MIG_HASH_LENGTH + 1]; /* hashes, newest first */
} Load;

/* Whether a migration's text, or what its header asks for, is as it was. */
bool mig_load_same_content(const MigKnownOne *known,
                           const MigMigration *migration);

/* Read which texts the catalogue has, where the load mends. */
void mig_load_read_texts(Load *load);

/* Whether the catalogue has a text; true where that is not looked at. */
bool mig_load_has_text(Load *load, const char *hash);

/* Whether each section of a migration of the catalogue points to what is there;
 * true where that is not looked at. */
bool mig_load_is_sound(Load *load, const MigKnownOne *known);

/*
 * The newest version the database knows beyond the source's last, when the
 * source is an older release's; else NULL.
 */
const MigKnownOne *mig_load_find_newer(Load *load);

/*
 * Remember in the session whether the source is an older release's, and tell
 * the user so.
 */
bool mig_load_is_older(Load *load);

/* Whether a migration of the catalogue has gone from the directory that is
 * loaded; compare() must have met those that have not. */
bool mig_load_has_vanished(const Load *load, const MigKnownOne *known);

/*
 * Fail with MIG_DUPLICATE when a file whose migration is applied has become
 * another version, since the directory is read as another format than before:
 * it would be run a second time.  compare() must have met what is there.
 */
void mig_load_require_versions(Load *load);

#endif
