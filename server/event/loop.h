/*
 * What the event model has one of: the table, the disk, the lists, the clock of this turn. And the
 * one way in which an event reaches a request: loop_deliver().
 */
#ifndef EVENT_LOOP_H
#define EVENT_LOOP_H

#include "core/buffers.h"
#include "core/server.h"
#include "event/deadlines.h"
#include "event/disk.h"
#include "event/poller.h"
#include "event/request_table.h"

/* A connection's share of one turn: what it does not finish in it, it does in the next. */
enum { SHARE_BYTES = 256 * 1024, SHARE_REQUESTS = 16, LINGER_MS = 2000 };

struct loop {
    struct server *server;
    const struct poller *poller;
    struct request_table table;
    struct disk disk;
    struct deadlines deadlines;
    struct buffers areas; /* for requests in progress (struct exchange_area) */
    struct link ready;    /* requests that another request owes an event */
    struct link idle;     /* connections without a request, the longest idle first */
    int64_t patience_ms[FSM_TIMERS];
    int64_t now_ms; /* of this turn */
    uint64_t turn;
};

/* Makes the parts for `connections` requests at a time. Returns false if there is no memory. */
bool loop_create(struct loop *loop, struct server *server, const struct poller *poller,
                 unsigned connections, const struct disk_plan *plan);

/* Frees the parts. False if reads are still in flight: then what they own is left alone. */
bool loop_destroy(struct loop *loop);

/*
 * Steps the machine, then does once what follows from the state that the request has come to:
 * what the poller watches for, and when its patience ends.
 */
void loop_deliver(struct request *request, enum event event);

/* Starts a clock of the request; the state says which one counts. */
void loop_start_timer(struct request *request, enum fsm_timer timer);

/* Takes what is left of the request's share of this turn, renewing it when the turn is new. */
void loop_renew_share(struct request *request);

#endif
