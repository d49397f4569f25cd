#ifndef MIG_VIRTUAL_H
#define MIG_VIRTUAL_H

/*
 * Directories that exist nowhere but in a bundle, and records of what is read
 * of one that does exist.
 *
 * Both stand before the host of a call and change what its files are; all else
 * they hand on.  So every format is read by the same code, and what a stranger
 * has sent can name no file of the machine.
 */

#include "mig_migration.h"

#define MIG_VIRTUAL_ROOT "bundle" /* path of the directory */
#define MIG_VIRTUAL_PATH_MAX 1000 /* bytes of a path in it */

typedef struct MigVirtualFile
{
    MigBytes path; /* relative to the directory, '/' between folders */
    MigBytes text; /* absent: the catalogue has it under its hash */
    char hash[MIG_HASH_LENGTH + 1]; /* SHA-256 */
} MigVirtualFile;

typedef struct MigVirtual
{
    MigHostMethods methods;        /* first: what the core calls */
    const MigHostMethods *beneath; /* the engine's own */
    Mig *mig;
    MigBytes format;       /* what the files are read as; absent: found out */
    MigBytes root;         /* path of the directory, with a '/' behind it */
    MigVirtualFile *files; /* by path, once mig_virtual_sort() was called */
    size_t count;
    size_t capacity;
} MigVirtual;

/*
 * Begin to record which files below a directory are read.
 *
 * path    of the directory, or of a single file in it; as the user gave it
 * format  as in MigVirtual
 *
 * Returns the record, in mig's arena, as is what it comes to hold; no hashes
 * are computed.  Reading a file elsewhere fails with MIG_UNSUPPORTED.
 */
MigVirtual *mig_virtual_record(Mig *mig, MigBytes path, MigBytes format);

/* An empty directory, in mig's arena. */
MigVirtual *mig_virtual_new(Mig *mig);

/*
 * Append a file.
 *
 * text  absent where the catalogue has it
 * hash  its SHA-256 in hexadecimal; may be empty where text is given
 */
void mig_virtual_add(MigVirtual *virtual, MigBytes path, MigBytes text,
                     const char *hash);

/*
 * Sort the files.  One that is there twice with the same contents stays once.
 * Fails with MIG_INVALID for paths that no directory could have.
 */
void mig_virtual_sort(MigVirtual *virtual);

/*
 * Put the directory in the place of all files, until mig_virtual_end().
 *
 * engine  what the core takes the engine for; NULL: what it is
 */
void mig_virtual_begin(MigVirtual *virtual, const char *engine);

/* The path of a file in the directory, or of all of it when name is absent. */
MigBytes mig_virtual_path(Mig *mig, MigBytes name);

/* End what mig_virtual_record() or mig_virtual_begin() began; accepts NULL. */
void mig_virtual_end(MigVirtual *virtual);

#endif
