#include "core/descriptors.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>

enum { USUAL_LIMIT = 256 }; /* where the system does not tell its own */

/* Descriptors that are open now and will stay. */
static unsigned count_open(unsigned limit)
{
    unsigned count = 0;
    for (unsigned descriptor = 0; descriptor < limit; descriptor++)
        count += fcntl((int)descriptor, F_GETFD) != -1;
    return count;
}

unsigned descriptors_left(unsigned limit)
{
    struct rlimit own = {.rlim_cur = USUAL_LIMIT};
    getrlimit(RLIMIT_NOFILE, &own);
    if ((uint64_t)own.rlim_cur < limit)
        limit = (unsigned)own.rlim_cur;
    return limit - count_open(limit);
}
