#ifndef SQLITE_CATALOGUE_H
#define SQLITE_CATALOGUE_H

/*
 * The catalogue's tables: how they are found, read and written, and what others
 * have put on them.
 */

#include "sqlite_host.h"

/* ---- sqlite_catalogue.c ---- */

/* Whether a table of main is one of the catalogue's. */
bool sqlite_is_catalogue_table(const char *name);

/* The same as the name that we write; NULL for another table. */
const char *sqlite_catalogue_name(const char *name);

/*
 * Whether one of the catalogue's tables comes with a column.
 *
 * column  as it is written in SQL
 */
bool sqlite_is_catalogue_column(const char *table, MigBytes column);

/* Fail for a table of the catalogue that is not there, or is not ours. */
MigStatus sqlite_fail_damaged(const char *missing, MigError *error);

/* The name of each of them, by a number from 0 on; NULL behind the last. */
const char *sqlite_catalogue_table(size_t number);
MigStatus sqlite_catalogue_find(MigHost *host, bool *exists, MigError *error);
MigStatus sqlite_catalogue_intact(MigHost *host, MigError *error);
MigStatus sqlite_catalogue_create(MigHost *host, MigError *error);
MigStatus sqlite_query(MigHost *host, MigSql sql, const MigValue *arguments,
                       size_t count, MigRowFunction row, void *context,
                       MigError *error);

/* ---- sqlite_addition.c ---- */
MigStatus sqlite_catalogue_additions(MigHost *host,
                                     MigAdditionFunction addition,
                                     void *context, MigError *error);

/*
 * Fail, by mig_fail_addition(), when something of others runs as the tables are
 * written.  All of them are looked at once in a call, before anything is
 * written; then those that each migration writes.
 */
MigStatus sqlite_refuse_additions(SqliteHost *host, MigError *error);

/*
 * Fail, by mig_fail_addition(), when something of others runs as the tables are
 * read, and as sqlite_fail_damaged() does for a virtual table.  Only their
 * definitions are looked at.
 *
 * schema   "main", or the name of an attached database
 * only     the one table to look at, or NULL
 * refused  out: it has failed for what runs
 */
MigStatus sqlite_refuse_reading(SqliteHost *host, const char *schema,
                                const char *only, bool *refused,
                                MigError *error);

#endif
