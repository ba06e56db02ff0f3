/*
 * What the server has done so far; SIGUSR1 shows it. Plain numbers, counted by whoever did it.
 */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include <stdint.h>

struct stats {
    uint64_t accepted;    /* connections */
    uint64_t turned_away; /* connections closed, while idle, so that another could come in */
    uint64_t replies;     /* complete ones */
    uint64_t broken;      /* replies that the client did not stay for, or the disk did not finish */
    uint64_t bytes_sent;  /* of bodies */
    uint64_t timeouts;
};

#endif
