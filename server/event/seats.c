#include "event/seats.h"

#include "core/descriptors.h"
#include "event/request_table.h"

enum {
    SPARE_DESCRIPTORS = 2, /* a file or a directory that is looked at, before it has a place */
    BELL_DESCRIPTORS = 2,  /* the pipe of a disk that sends no signals */
};

static unsigned smaller(uint64_t a, uint64_t b)
{
    return (unsigned)(a < b ? a : b);
}

static unsigned limit_of(const struct disk_backend *backend)
{
    return backend->places_max != NULL ? backend->places_max() : DISK_PLACES_MAX;
}

unsigned seats_plan(const struct options *options, const struct poller *poller,
                    struct disk_plan *plan)
{
    unsigned spare = SPARE_DESCRIPTORS + (plan->backend->bell != NULL ? BELL_DESCRIPTORS : 0);
    unsigned left = descriptors_left(poller->descriptor_limit);
    left = left > spare ? left - spare : 0;
    plan->places = smaller(smaller(options->places, left / 4), limit_of(plan->backend));
    plan->buffers = smaller(options->buffers, left / 4);
    if (plan->places == 0)
        return 0;
    unsigned seats = smaller(options->max_connections, left - plan->places - plan->buffers);
    return smaller(seats, REQUEST_TABLE_MAX);
}
