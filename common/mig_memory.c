#include "mig_memory.h"

#include <stdlib.h>

/* In bytes; larger requests get their own.  Tests for what is read beyond its
 * end make it 0. */
#ifndef MIG_BLOCK_SIZE
#define MIG_BLOCK_SIZE 8192
#endif
#define BLOCK_SIZE ((size_t) MIG_BLOCK_SIZE)

/* As strictly aligned as anything we keep; SQLite's allocator gives no more. */
typedef union MigAligned
{
    int64_t integer;
    double real;
    void *pointer;
} MigAligned;

struct MigBlock
{
    MigBlock *older;
    size_t size; /* of the whole block, in bytes */
    size_t used; /* of data, in bytes */
    MigAligned data[];
};

/* Round up to a multiple of the strictest alignment. */
static size_t
size_align(size_t size)
{
    size_t unit = sizeof(MigAligned);

    return (size + unit - 1) / unit * unit;
}

/* Put a new block with room for size bytes into the arena. */
static MigBlock *
block_add(MigArena *arena, size_t size)
{
    size_t data_size = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    size_t total = sizeof(MigBlock) + data_size;
    MigBlock *block;

    block = arena->host->methods->resize(arena->host, NULL, 0, total);
    if (block == NULL)
        return NULL;
    block->older = arena->newest;
    block->size = total;
    block->used = 0;
    arena->newest = block;
    return block;
}

/* Memory as mig_alloc() gives it, but for what is in it. */
static void *
alloc_unset(MigArena *arena, size_t size, MigError *error)
{
    MigBlock *block = arena->newest;
    void *memory;

    if (size > SIZE_MAX / 2)
    {
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
        return NULL;
    }
    size = size_align(size);
    if (block == NULL || block->size - sizeof(MigBlock) - block->used < size)
        block = block_add(arena, size);
    if (block == NULL)
    {
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
        return NULL;
    }
    memory = (char *) block->data + block->used;
    block->used += size;
    return memory;
}

void *
mig_alloc(MigArena *arena, size_t size, MigError *error)
{
    void *memory = alloc_unset(arena, size, error);

    if (memory != NULL)
        memset(memory, 0, size);
    return memory;
}

void *
mig_alloc_array(MigArena *arena, size_t count, size_t size, MigError *error)
{
    if (size != 0 && count > SIZE_MAX / 2 / size)
    {
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
        return NULL;
    }
    return mig_alloc(arena, count * size, error);
}

MigBytes
mig_copy(MigArena *arena, MigBytes bytes, MigError *error)
{
    MigBytes copy = {NULL, 0};
    char *memory;

    if (bytes.data == NULL)
        return copy;
    memory = alloc_unset(arena, bytes.length + 1, error);
    if (memory == NULL)
        return copy;
    memcpy(memory, bytes.data, bytes.length);
    memory[bytes.length] = '\0';
    copy.data = memory;
    copy.length = bytes.length;
    return copy;
}

void
mig_arena_release(MigArena *arena)
{
    while (arena->newest != NULL)
    {
        MigBlock *block = arena->newest;

        arena->newest = block->older;
        (void) arena->host->methods->resize(arena->host, block, block->size, 0);
    }
}

void *
mig_array_reserve(MigArena *arena, void *items, size_t count, size_t *capacity,
                  size_t size, MigError *error)
{
    size_t wanted = *capacity == 0 ? 2 : *capacity * 2;
    char *larger = items;

    if (count >= *capacity)
    {
        if (wanted > SIZE_MAX / 2 / size)
        {
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
            return NULL;
        }
        /* Half of it may never be used: the system need not give that. */
        larger = alloc_unset(arena, wanted * size, error);
        if (larger == NULL)
            return NULL;
        if (count > 0)
            memcpy(larger, items, count * size);
        *capacity = wanted;
    }
    memset(larger + count * size, 0, size);
    return larger;
}

void
mig_array_sort(void *items, size_t count, size_t size,
               int (*compare)(const void *, const void *))
{
    const char *item = items;

    for (size_t i = 1; i < count; i++)
    {
        if (compare(item + (i - 1) * size, item + i * size) > 0)
        {
            qsort(items, count, size, compare);
            return;
        }
    }
}
