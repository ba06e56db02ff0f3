/*
 * Two clocks: one to wait by, one to tell the date by.
 *
 * Waiting uses CLOCK_MONOTONIC, which no administrator can set back (clock_gettime(2)); the real
 * time is for headers and logs only.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since some moment in the past; only differences mean anything. */
static inline int64_t clock_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
