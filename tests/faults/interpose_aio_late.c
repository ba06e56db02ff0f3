/*
 * A disk that answers late. A read that is started is only noted down; it is carried out, with
 * the descriptor and into the memory that it was given, once the file HOLD_WHILE is gone.
 *
 * So a descriptor that was closed too early, or memory that was given away too early, does its
 * damage every time, and not only when the race is lost (traps 7, 8 and 9). No signal comes: the
 * reads are found by the sweep.
 */
#include <aio.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { READS = 1024 };

static struct late {
    const struct aiocb *block;
    bool ended;
    int error;
    ssize_t bytes;
} reads[READS];

/* The note on a read; for NULL, one that is free. */
static struct late *note_of(const struct aiocb *block)
{
    for (int i = 0; i < READS; i++)
        if (reads[i].block == block)
            return &reads[i];
    abort(); /* never started, or ended twice */
}

int aio_read(struct aiocb *block)
{
    *note_of(NULL) = (struct late){.block = block};
    return 0;
}

static bool is_held(void)
{
    const char *file = getenv("HOLD_WHILE");
    return file != NULL && access(file, F_OK) == 0;
}

int aio_error(const struct aiocb *block)
{
    struct late *read = note_of(block);
    if (read->ended)
        return read->error;
    if (is_held())
        return EINPROGRESS;
    void *into = (void *)(size_t)block->aio_buf; /* volatile, says aio.h */
    read->bytes = pread(block->aio_fildes, into, block->aio_nbytes, block->aio_offset);
    read->error = read->bytes < 0 ? errno : 0;
    read->ended = true;
    return read->error;
}

ssize_t aio_return(struct aiocb *block)
{
    struct late *read = note_of(block);
    ssize_t bytes = read->bytes;
    *read = (struct late){0};
    return bytes;
}
