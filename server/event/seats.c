#include "event/seats.h"

#include "event/request_table.h"

#include <fcntl.h>
#include <sys/resource.h>

enum {
    SPARE_DESCRIPTORS = 2, /* a file or a directory that is looked at, before it has a place */
    BELL_DESCRIPTORS = 2,  /* the pipe of a disk that sends no signals */
    USUAL_LIMIT = 256,     /* where the system does not tell its own */
};

static unsigned smaller(uint64_t a, uint64_t b)
{
    return (unsigned)(a < b ? a : b);
}

/* Descriptors that are open now and will stay. */
static unsigned count_open(unsigned limit)
{
    unsigned count = 0;
    for (unsigned descriptor = 0; descriptor < limit; descriptor++)
        count += fcntl((int)descriptor, F_GETFD) != -1;
    return count;
}

static unsigned limit_of(const struct disk_backend *backend)
{
    return backend->places_max != NULL ? backend->places_max() : DISK_PLACES_MAX;
}

unsigned seats_plan(const struct options *options, const struct poller *poller,
                    struct disk_plan *plan)
{
    struct rlimit limit = {.rlim_cur = USUAL_LIMIT};
    getrlimit(RLIMIT_NOFILE, &limit);
    unsigned descriptors = smaller((uint64_t)limit.rlim_cur, poller->descriptor_limit);
    unsigned fixed = count_open(descriptors) + SPARE_DESCRIPTORS;
    if (plan->backend->bell != NULL)
        fixed += BELL_DESCRIPTORS;
    unsigned left = descriptors > fixed ? descriptors - fixed : 0;
    plan->places = smaller(smaller(options->places, left / 4), limit_of(plan->backend));
    plan->buffers = smaller(options->buffers, left / 4);
    if (plan->places == 0)
        return 0;
    unsigned seats = smaller(options->max_connections, left - plan->places - plan->buffers);
    return smaller(seats, REQUEST_TABLE_MAX);
}
