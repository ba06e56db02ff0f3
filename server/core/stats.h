/*
 * What the server has done so far; SIGUSR1 shows it. Counted by whoever did it: several threads
 * may.
 */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include <stdint.h>

struct stats {
    _Atomic uint64_t accepted; /* connections */
    _Atomic uint64_t
        turned_away;             /* connections closed, while idle, so that another could come in */
    _Atomic uint64_t replies;    /* complete ones */
    _Atomic uint64_t broken;     /* that the client did not stay for, or the disk did not finish */
    _Atomic uint64_t bytes_sent; /* of bodies */
    _Atomic uint64_t timeouts;
};

#endif
