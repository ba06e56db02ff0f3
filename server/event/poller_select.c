/*
 * select(2): in every textbook and on every system.
 *
 * Its sets are bit maps of FD_SETSIZE descriptors, 1,024 as a rule, and FD_SET beyond that writes
 * over whatever lies behind the map. So a descriptor that high is turned down here, before it
 * comes near a set. Each call copies the sets in and out and looks at every number below the
 * highest: with a thousand idle connections that is 0.1 ms, which is why epoll exists.
 */
#include "event/poller.h"

#include <sys/select.h>

static fd_set input, output; /* what is watched; select() works on copies */
static uint32_t tokens[FD_SETSIZE];
static int highest;

/* C libraries disagree whether FD_SET counts in signed or unsigned numbers; unsigned suits all. */
static bool is_in(int descriptor, const fd_set *set)
{
    unsigned number = (unsigned)descriptor;
    return FD_ISSET(number, set);
}

static void put_in(int descriptor, fd_set *set, bool wanted)
{
    unsigned number = (unsigned)descriptor;
    if (wanted)
        FD_SET(number, set);
    else
        FD_CLR(number, set);
}

static bool select_open(unsigned descriptors)
{
    (void)descriptors;
    FD_ZERO(&input);
    FD_ZERO(&output);
    highest = -1;
    return true;
}

static bool can_be_watched(int descriptor)
{
    return descriptor >= 0 && descriptor < FD_SETSIZE;
}

static bool select_watch(int descriptor, unsigned interest, uint32_t token)
{
    if (!can_be_watched(descriptor))
        return false;
    put_in(descriptor, &input, interest & POLLER_INPUT);
    put_in(descriptor, &output, interest & POLLER_OUTPUT);
    tokens[descriptor] = token;
    if (descriptor > highest)
        highest = descriptor;
    return true;
}

static void select_forget(int descriptor)
{
    if (!can_be_watched(descriptor))
        return;
    put_in(descriptor, &input, false);
    put_in(descriptor, &output, false);
    while (highest >= 0 && !is_in(highest, &input) && !is_in(highest, &output))
        highest--;
}

static size_t collect(const fd_set *readable, const fd_set *writable, size_t ready,
                      struct poller_event *events)
{
    size_t count = 0;
    for (int descriptor = 0; descriptor <= highest && count < ready; descriptor++) {
        unsigned bits = (is_in(descriptor, readable) ? POLLER_INPUT : 0u) |
                        (is_in(descriptor, writable) ? POLLER_OUTPUT : 0u);
        if (bits != 0)
            events[count++] = (struct poller_event){tokens[descriptor], bits};
    }
    return count;
}

static size_t select_wait(int timeout_ms, struct poller_event *events, size_t most)
{
    fd_set readable = input, writable = output;
    struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    int ready = select(highest + 1, &readable, &writable, NULL, timeout_ms < 0 ? NULL : &timeout);
    if (ready <= 0)
        return 0; /* on an error the sets are undefined; the next turn asks again */
    return collect(&readable, &writable, (size_t)ready < most ? (size_t)ready : most, events);
}

static void select_close(void)
{
    highest = -1;
}

const struct poller poller_select = {
    .choice = {"select", "in every textbook, on every system, up to 1,024 descriptors"},
    .descriptor_limit = FD_SETSIZE,
    .open = select_open,
    .watch = select_watch,
    .forget = select_forget,
    .wait = select_wait,
    .close = select_close,
};
