/*
 * The senders: processes of their own (threeways-send) that ask the observed servers. What they say
 * of each request is collected in a file without a name, which is gone when the observer is.
 */
#ifndef TOOLS_OBSERVE_SENDER_H
#define TOOLS_OBSERVE_SENDER_H

#include "tools/observe_watched.h"

#include <stdio.h>

struct senders {
    const char *program; /* path of threeways-send, or its name, to be looked for in PATH */
    FILE *said;          /* lines of JSON, from all of them */
    unsigned runs;       /* how many have been started */
    uint64_t cold;       /* how many cold files have been asked for */
};

/* Returns false with errno set if there is no place for what they say. */
bool senders_open(struct senders *senders, const char *program);
void senders_close(struct senders *senders);

/*
 * Starts a sender that brings an order ("1c10h") to one server, or to all if `to` is NULL, with a
 * pause between two requests. Does not wait for it. Returns its number, from 1 on; 0 if it cannot
 * be started, or the order is none.
 */
unsigned senders_start(struct senders *senders, const struct watched_servers *servers,
                       const struct watched *to, const char *order, uint64_t pace_ms);

/*
 * Writes what they have said from byte `from` on, as the elements of an array, and returns where to
 * go on. Half a line waits for its other half.
 */
uint64_t senders_print(const struct senders *senders, FILE *out, uint64_t from);

#endif
