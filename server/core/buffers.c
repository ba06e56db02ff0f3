#include "core/buffers.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

bool buffers_create(struct buffers *buffers, size_t blocks, size_t block_bytes)
{
    size_t alignment = alignof(max_align_t);
    *buffers = (struct buffers){
        .untouched = blocks,
        .block_bytes = (block_bytes + alignment - 1) / alignment * alignment,
        .blocks = blocks,
    };
    buffers->memory = malloc(blocks * buffers->block_bytes + 1);
    buffers->spare = malloc(blocks * sizeof *buffers->spare + 1);
    if (buffers->memory != NULL && buffers->spare != NULL)
        return true;
    buffers_destroy(buffers);
    return false;
}

void buffers_destroy(struct buffers *buffers)
{
    free(buffers->memory);
    free(buffers->spare);
    *buffers = (struct buffers){0};
}

void *buffers_take(struct buffers *buffers)
{
    if (buffers->spares > 0)
        return buffers->spare[--buffers->spares];
    if (buffers->untouched == 0)
        return NULL;
    return buffers->memory + (buffers->blocks - buffers->untouched--) * buffers->block_bytes;
}

void buffers_give(struct buffers *buffers, void *block)
{
    if (block != NULL)
        buffers->spare[buffers->spares++] = block;
}

size_t buffers_left(const struct buffers *buffers)
{
    return buffers->spares + buffers->untouched;
}
