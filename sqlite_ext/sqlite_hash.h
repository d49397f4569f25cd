#ifndef SQLITE_HASH_H
#define SQLITE_HASH_H

/*
 * Finding items of an array by a hash of them.  The items are the caller's, the
 * hash knows their numbers alone; nothing is ever taken out.
 *
 *     items = sqlite_hash_reserve(&hash, items, sizeof(*items))
 *     items[hash.count] = ...
 *     sqlite_hash_add(&hash, sqlite_hash_name(name))
 *
 *     for (i = sqlite_hash_first(&hash, value); i != SQLITE_HASH_END;
 *          i = sqlite_hash_next(&hash, i))
 *         ... items[i] may be equal ...
 */

#include "sqlite_host.h"

#define SQLITE_HASH_END SIZE_MAX /* no item */

/* Hash of a table's name, in which the case of ASCII's letters is no matter. */
uint32_t sqlite_hash_name(const char *name);

/* Hash of a number. */
uint32_t sqlite_hash_number(uint64_t number);

/* The newest item that has a hash, or SQLITE_HASH_END. */
size_t sqlite_hash_first(const SqliteHash *hash, uint32_t value);

/* The next older item of the same hash, or SQLITE_HASH_END. */
size_t sqlite_hash_next(const SqliteHash *hash, size_t item);

/*
 * Make room for one more item.
 *
 * items  the array, or NULL while it has none; to be replaced by what is
 *        returned
 *
 * Returns NULL when out of memory; the old array is still there then.
 */
void *sqlite_hash_reserve(const SqliteHash *hash, void *items,
                          size_t item_size);

/* Add the item whose number is hash->count; false when out of memory. */
bool sqlite_hash_add(SqliteHash *hash, uint32_t value);

/* Release what a hash holds, not the items; it is empty then. */
void sqlite_hash_free(SqliteHash *hash);

#endif
