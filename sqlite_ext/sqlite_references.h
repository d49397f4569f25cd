#ifndef SQLITE_REFERENCES_H
#define SQLITE_REFERENCES_H

/*
 * Which tables of main refer to which, and which b-trees are theirs.  For
 * sqlite_touch.c and sqlite_keys.c; sqlite_references.c says how it is kept.
 */

#include "sqlite_hash.h"

/* What receives a table; its name is valid until the next sync. */
typedef MigStatus (*SqliteChildFunction)(SqliteHost *host, const char *child,
                                         MigError *error);

/* Bring what is known in step with the schema, reading it the first time; what
 * is asked for below is as it was then. */
MigStatus sqlite_references_sync(SqliteHost *host, MigError *error);

/*
 * The same where that needs no reading of the whole schema.
 *
 * known  out: whether it was done
 */
MigStatus sqlite_references_follow(SqliteHost *host, bool *known,
                                   MigError *error);

/*
 * Say that a statement is about to be run that is no INSERT, UPDATE or DELETE.
 * No effect while nothing is known.
 *
 * word     its first
 * altered  the table that it alters without another name; else NULL
 */
MigStatus sqlite_references_expect(SqliteHost *host, MigBytes word,
                                   const char *altered, MigError *error);

/* Give each table that refers to another to a function; parent is NULL for all
 * that refer to any. */
MigStatus sqlite_references_each(SqliteHost *host, const char *parent,
                                 SqliteChildFunction function, MigError *error);

/* The table that owns a b-tree, or NULL. */
const char *sqlite_references_owner(const SqliteHost *host, int64_t page);

/* Whether a table refers to any. */
bool sqlite_references_is_child(const SqliteHost *host, const char *table);

/* Whether a table was seen to be made in this unit, which has no rows then. */
bool sqlite_references_is_fresh(const SqliteHost *host, const char *table);

/*
 * Say that what an INSERT, UPDATE or DELETE on a table writes was noted: if it
 * has no triggers, the next ones write the same.
 */
void sqlite_references_settle(SqliteHost *host, const char *table);

/* Whether that was said, and nothing else than such statements was run since.
 */
bool sqlite_references_settled(SqliteHost *host, const char *table);

/* End a unit; what is known stays. */
void sqlite_references_end_unit(SqliteHost *host);

/* Forget the schema, as it may be an earlier one again. */
void sqlite_references_drop(SqliteHost *host);

/* Release all.  May be repeated. */
void sqlite_references_free(SqliteHost *host);

#endif
