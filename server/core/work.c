#include "core/work.h"

#include <time.h>

/* The thread's own clock stands still while others have the processor (clock_gettime(2)). */
static int64_t used_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

void work_burn(uint64_t ms)
{
    if (ms == 0)
        return;
    int64_t until_us = used_us() + (int64_t)ms * 1000;
    while (used_us() < until_us)
        continue;
}
