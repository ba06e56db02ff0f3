/*
 * Before the first turn of the loop and after the last one: all that it needs is opened, and
 * closed.
 */
#ifndef EVENT_OPENING_H
#define EVENT_OPENING_H

#include "event/loop.h"

/* Room for the events that one wait of the poller may bring. */
struct batch {
    struct poller_event *events;
    size_t most;
};

/* Whether this system can do what the options ask for. If not, a line on standard error says so. */
bool opening_is_possible(const struct options *options);

/*
 * Opens the wake-up, the poller and the loop's parts, watches what is no request (but for the
 * listener, which is the door's), and tells on standard output what was opened. Returns false
 * after one line on standard error that says what is wrong.
 */
bool opening_begin(struct loop *loop, struct server *server, struct batch *batch);

/* Closes all of it. What a read still in flight owns is left alone. */
void opening_end(struct loop *loop, struct batch *batch);

#endif
