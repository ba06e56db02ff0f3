/*
 * The reads that a slow disk is busy with: who waits, who is being served, who may go.
 *
 * A disk has so many heads. A read that comes waits for a free one, in order of arrival, is served
 * for the delay, and goes. While the disk is held, nothing that waits is served until it is
 * released. All of it is bookkeeping: no system calls, so that it can be tested by itself.
 */
#ifndef TOOLS_SLOW_READS_H
#define TOOLS_SLOW_READS_H

#include "core/list.h"

#include <stdint.h>
#include <stdio.h>

enum { SLOW_FILE_BYTES = 1024, SLOW_THREAD_BYTES = 64, SLOW_NO_DUE = -1 };

struct slow_read {
    uint64_t id;                    /* of the call that is stopped */
    const char *call;               /* "pread64" */
    char thread[SLOW_THREAD_BYTES]; /* "first thread (threeways)", "thread 1234 (threeways)" */
    char file[SLOW_FILE_BYTES];     /* relative to the directory that is slow */

    /* slow_reads' own. */
    bool is_released; /* held no more: it may be served */
    int64_t delay_ms; /* how long it is served */
    int64_t due_ms;
    struct link link;
};

struct slow_reads {
    int64_t delay_ms;
    unsigned heads; /* 0: as many as reads */
    bool is_held;
    int64_t held_delay_ms; /* how long a read is served that was held before */
    unsigned serving;
    struct link waiting, served; /* in order of arrival, and of the beginning of service */
};

void slow_reads_init(struct slow_reads *reads, int64_t delay_ms, unsigned heads, bool is_held);

/* From now on reads that come are held; when one is released, it has waited enough, and goes. */
void slow_reads_hold(struct slow_reads *reads);

/* Releases all, and holds no more. */
void slow_reads_go(struct slow_reads *reads);

/* Adds a read that has come; it is copied. Returns false if there is no memory: let it go. */
bool slow_reads_add(struct slow_reads *reads, const struct slow_read *read);

/* Releases the oldest held read; all; or those of one file. Returns how many there were. */
unsigned slow_reads_release_one(struct slow_reads *reads);
unsigned slow_reads_release_all(struct slow_reads *reads);
unsigned slow_reads_release_file(struct slow_reads *reads, const char *file);

/* Serves whom it can and takes the next read whose time has come; false if there is none. */
bool slow_reads_take_due(struct slow_reads *reads, int64_t now_ms, struct slow_read *read);

/* When the next read is due, or SLOW_NO_DUE. */
int64_t slow_reads_next_due_ms(const struct slow_reads *reads);

/* Forgets the reads whose call is no longer stopped: whoever made them is dead. */
void slow_reads_forget_dead(struct slow_reads *reads,
                            bool (*is_stopped)(const void *context, uint64_t id),
                            const void *context);

/* Prints a line for each held read. */
void slow_reads_print_held(const struct slow_reads *reads, FILE *out);

#endif
