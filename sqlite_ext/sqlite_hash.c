#include "sqlite_hash.h"

#define FIRST_HEADS ((size_t) 64)

uint32_t
sqlite_hash_name(const char *name)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (; *name != '\0'; name++)
    {
        unsigned char byte = (unsigned char) *name;

        if (byte >= 'A' && byte <= 'Z')
            byte = (unsigned char) (byte + ('a' - 'A'));
        hash = (hash ^ byte) * 16777619U;
    }
    return hash;
}

uint32_t
sqlite_hash_number(uint64_t number)
{
    number *= 0x9E3779B97F4A7C15U; /* 2^64 divided by the golden ratio */
    return (uint32_t) (number >> 32);
}

size_t
sqlite_hash_first(const SqliteHash *hash, uint32_t value)
{
    size_t item;

    if (hash->size == 0)
        return SQLITE_HASH_END;
    item = hash->heads[value & (hash->size - 1)];
    while (item != SQLITE_HASH_END && hash->links[item].value != value)
        item = hash->links[item].next;
    return item;
}

size_t
sqlite_hash_next(const SqliteHash *hash, size_t item)
{
    uint32_t value = hash->links[item].value;

    do
        item = hash->links[item].next;
    while (item != SQLITE_HASH_END && hash->links[item].value != value);
    return item;
}

/* Make the last item the first in its list. */
static void
link_item(SqliteHash *hash, size_t item)
{
    size_t *head = &hash->heads[hash->links[item].value & (hash->size - 1)];

    hash->links[item].next = *head;
    *head = item;
}

/* Double the number of lists, and with it the room for items. */
static bool
grow(SqliteHash *hash)
{
    size_t size = hash->size == 0 ? FIRST_HEADS : hash->size * 2;
    SqliteLink *links =
        sqlite3_realloc64(hash->links, size * sizeof(SqliteLink));
    size_t *heads;

    if (links == NULL)
        return false;
    hash->links = links;
    heads = sqlite3_realloc64(hash->heads, size * sizeof(size_t));
    if (heads == NULL)
        return false;
    hash->heads = heads;
    hash->size = size;
    for (size_t i = 0; i < size; i++)
        heads[i] = SQLITE_HASH_END;
    for (size_t i = 0; i < hash->count; i++)
        link_item(hash, i);
    return true;
}

bool
sqlite_hash_add(SqliteHash *hash, uint32_t value)
{
    if (hash->count == hash->size && !grow(hash))
        return false;
    hash->links[hash->count].value = value;
    link_item(hash, hash->count++);
    return true;
}

void *
sqlite_hash_reserve(const SqliteHash *hash, void *items, size_t item_size)
{
    /* Room grows where sqlite_hash_add() will double the lists. */
    if (hash->count < hash->size)
        return items;
    return sqlite3_realloc64(
        items, (hash->size == 0 ? FIRST_HEADS : hash->size * 2) * item_size);
}

void
sqlite_hash_free(SqliteHash *hash)
{
    sqlite3_free(hash->links);
    sqlite3_free(hash->heads);
    memset(hash, 0, sizeof(*hash));
}
