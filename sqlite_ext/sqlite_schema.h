#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H

/*
 * The rows of main's sqlite_schema, kept for the length of a call, what has
 * become of them since, and the objects that they define:
 *
 *   sqlite_schema.c    the rows, and how it is known what has changed
 *   sqlite_objects.c   the objects, piece by piece
 *   sqlite_number.c    what they keep when they are renamed
 *   sqlite_parts.c     the parts of a CREATE TABLE
 *   sqlite_shadow.c    tables that virtual tables keep for themselves
 *   sqlite_canon.h     definitions in one form; sqlite_name.c: names in them
 */

#include "sqlite_hash.h"

/* A row; its texts lie in one block, NUL-ended, "" for NULL. */
typedef struct SqliteSchemaRow
{
    int64_t number;
    char *type; /* start of the block */
    const char *name;
    const char *table;
    const char *sql;
    size_t length; /* of the block, in bytes */
    size_t root;   /* which it belongs to */
    size_t next;   /* the next row of that, or SQLITE_HASH_END */
} SqliteSchemaRow;

/* A table or view, or the name of one that only others mention. */
typedef struct SqliteSchemaRoot
{
    const char *name; /* as its own row has it; borrowed */
    size_t first;     /* its rows, in the order in which they were made */
    size_t last;
} SqliteSchemaRoot;

/* What a schema was when it was read. */
typedef struct SqliteSchemaRows
{
    SqliteSchemaRow *items; /* in order of their numbers */
    size_t count;
    size_t capacity;
    SqliteHash root_hash; /* by the name, whose case is no matter */
    SqliteSchemaRoot *roots;
} SqliteSchemaRows;

/* What the schema can have become by the last statement. */
typedef enum SqliteSchemaExpected
{
    SCHEMA_SAME,    /* nothing else, if the cookie is the same */
    SCHEMA_MORE,    /* rows behind the others, if the cookie is one more */
    SCHEMA_ANYTHING /* whatever the cookie says */
} SqliteSchemaExpected;

typedef struct SqliteSchema
{
    SqliteSchemaRows rows;
    int64_t cookie;   /* of the schema, when they were read, */
    unsigned version; /* and the database's data version */
    bool noting;      /* changes are noted: */
    SqliteHash changed_hash;
    char **changed; /* names of roots */
    SqliteSchemaExpected expected;
    bool writable; /* by statements, and nothing else tells of it */
} SqliteSchema;

/* Bring host->schema up to date.  Changes that are being noted stay so. */
MigStatus sqlite_schema_read(SqliteHost *host, MigError *error);

/* The number of the root that has a name, in either case; SQLITE_HASH_END when
 * there is none. */
size_t sqlite_schema_find(const SqliteSchemaRows *rows, const char *name);

/* Say that a statement of a script is about to be run. */
MigStatus sqlite_schema_expect(SqliteHost *host, MigBytes text,
                               MigError *error);

/* Say that a transaction of ours was committed: what is known still holds. */
void sqlite_schema_committed(SqliteHost *host);

/* Forget all, as the schema may be an earlier one again.  May be repeated. */
void sqlite_schema_drop(SqliteHost *host);

/* ---- sqlite_shadow.c ---- */

/*
 * Whether a table is one that a virtual table of the engine's own modules keeps
 * its data in.
 *
 * Fails with MIG_NOMEM.
 */
bool sqlite_is_shadow(SqliteHost *host, const char *name, MigError *error);

/* ---- sqlite_objects.c ---- */

/* Tell the roots that were noted, then their objects. */
MigStatus sqlite_objects_changed(SqliteHost *host, const MigScope *scope,
                                 MigRootFunction root, MigObjectFunction object,
                                 void *context, MigError *error);

/* ---- sqlite_number.c ---- */

/* Say that a statement of a script is about to be run. */
void sqlite_number_expect(SqliteHost *host, MigBytes text);

/* ---- The methods of a host; see mig_host.h ---- */
void sqlite_canon(MigHost *host, char *text, size_t size);
MigStatus sqlite_list_objects(MigHost *base, const MigScope *scope,
                              MigObjectFunction object, void *context,
                              MigError *error);
MigStatus sqlite_changes_begin(MigHost *host, bool *others, MigError *error);
MigStatus sqlite_list_changes(MigHost *host, const MigScope *scope, bool *all,
                              MigRootFunction root, MigObjectFunction object,
                              void *context, MigError *error);
MigStatus sqlite_list_numbers(MigHost *host, const MigScope *scope,
                              bool *renamed, MigObjectFunction object,
                              void *context, MigError *error);

#endif
