#include "event/opening.h"

#include "event/nowait.h"
#include "event/seats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIXED_DESCRIPTORS = 3 }; /* that are watched: the listener, the wake-up, the disk's bell */

bool opening_is_possible(const struct options *options)
{
    if (!options->nowait || disk_can_nowait)
        return true;
    fprintf(stderr, "threeways: --nowait: this system cannot be asked; leave it out\n");
    return false;
}

static bool fail(const char *what, const char *mend)
{
    fprintf(stderr, "threeways: %s: %s; %s\n", what, strerror(errno), mend);
    return false;
}

static void announce(const struct loop *loop, unsigned seats, const struct disk_plan *plan)
{
    printf("event: %u connections, %u places at the disk, %u buffers; %s, %s, %s\n"
           "Ctrl-C ends it; kill -USR1 %ld shows the request table.\n",
           seats, plan->places, plan->buffers, loop->poller->choice.name,
           plan->backend->choice.name, loop->server->wakeup->choice.name, (long)getpid());
    fflush(stdout);
}

static void watch_the_fixed(const struct loop *loop, int wakeup)
{
    loop->poller->watch(wakeup, POLLER_INPUT, TOKEN_WAKEUP);
    if (loop->disk.backend->bell != NULL)
        loop->poller->watch(loop->disk.backend->bell(), POLLER_INPUT, TOKEN_DISK);
}

/* The wake-up is opened before the seats are counted, so that its descriptor is counted, too. */
bool opening_begin(struct loop *loop, struct server *server, struct batch *batch)
{
    const struct poller *poller = pollers[server->options.poller];
    struct disk_plan plan = {.backend = disks[server->options.disk],
                             .nowait = server->options.nowait};
    int wakeup = server->wakeup->open();
    if (wakeup < 0)
        return fail("wake-up", "try the other --wakeup");
    unsigned seats = seats_plan(&server->options, poller, &plan);
    if (seats == 0) {
        errno = EMFILE;
        return fail("no descriptors are left for clients", "raise the limit with ulimit -n");
    }
    batch->most = seats + FIXED_DESCRIPTORS;
    batch->events = calloc(batch->most, sizeof *batch->events);
    if (batch->events == NULL || !loop_create(loop, server, poller, seats, &plan) ||
        !poller->open(seats + FIXED_DESCRIPTORS))
        return fail("start", "ask for fewer connections, places or buffers");
    fsm_describe(&server->trace, seats);
    watch_the_fixed(loop, wakeup);
    announce(loop, seats, &plan);
    return true;
}

void opening_end(struct loop *loop, struct batch *batch)
{
    loop->poller->close();
    loop->server->wakeup->close();
    free(batch->events);
    loop_destroy(loop);
}
