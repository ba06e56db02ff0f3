/*
 * A bounded pool of blocks of one size.
 *
 * Memory that every request needs for a while is not allocated per request: it is taken from a
 * pool whose size an option sets, and given back. When the pool is empty, whoever asks must
 * wait; that is what bounds the server's memory. The block given back last is taken first, so
 * blocks that were never needed at once are never touched and cost no memory.
 */
#ifndef CORE_BUFFERS_H
#define CORE_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

struct buffers {
    char *memory;
    char **spare; /* a stack of blocks that have been given back */
    size_t spares;
    size_t untouched; /* blocks never taken so far: the last ones of `memory` */
    size_t block_bytes, blocks;
};

/* Makes a pool of `blocks` blocks. Returns false if there is no memory. */
bool buffers_create(struct buffers *buffers, size_t blocks, size_t block_bytes);

/* Frees the pool; all blocks must have been given back. */
void buffers_destroy(struct buffers *buffers);

/* Takes a block, of undefined content and suitably aligned for anything; NULL when none is left. */
void *buffers_take(struct buffers *buffers);

/* Gives back a block taken from this pool. NULL is ignored. */
void buffers_give(struct buffers *buffers, void *block);

/* How many could be taken now. */
size_t buffers_left(const struct buffers *buffers);

#endif
