/*
 * The poller: the one call in which the event thread waits.
 *
 * It is told which descriptors to watch and what for, and answers with those that are ready, by
 * the tokens that it was given. One at a time in a process.
 *
 * Only sockets, the listener and the wake-up are ever watched. A regular file would always be
 * "ready", and then the read would wait for the disk all the same (select(2), poll(2)).
 */
#ifndef EVENT_POLLER_H
#define EVENT_POLLER_H

#include "core/choice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of what to watch for, and of what has happened. */
enum {
    POLLER_INPUT = 1,  /* reading would not wait */
    POLLER_OUTPUT = 2, /* writing would not wait */
    POLLER_HUNG_UP = 4 /* the other side has gone; some pollers say so unasked */
};

struct poller_event {
    uint32_t token;
    unsigned ready;
};

struct poller {
    struct choice choice;

    /* Descriptors from this number on cannot be watched. */
    unsigned descriptor_limit;

    /* Makes ready to watch up to `descriptors` of them. Returns false with errno set. */
    bool (*open)(unsigned descriptors);

    /*
     * From now on, watches a descriptor for the bits of `interest` (0: for nothing) and calls it
     * `token`. Returns false if this poller cannot watch a descriptor of this number.
     */
    bool (*watch)(int descriptor, unsigned interest, uint32_t token);

    /* Forgets a descriptor, before it is closed. */
    void (*forget)(int descriptor);

    /*
     * Waits up to `timeout_ms` (0: not at all; -1: for ever) and writes at most `most` events.
     * Returns how many; 0 also when a signal handler ran (a signal ends the wait, with EINTR).
     */
    size_t (*wait)(int timeout_ms, struct poller_event *events, size_t most);

    void (*close)(void);
};

/*
 * The list to choose from, made by the build from the files that it links; NULL ends it, and the
 * first is the default. `poller_choices` is the same list seen as names and summaries.
 */
extern const struct poller *const pollers[];
extern const struct choice *const poller_choices[];

#endif
