/*
 * The event model: one thread, nonblocking calls, a finite-state machine.
 *
 * "The one thread gets the next event: new work, or a reply from the disk." Each turn of the loop
 * waits for events once, and takes every request that one of them concerns a step further. All
 * that is known about a request is in its slot of the request table; nothing is on a stack.
 */
#include "core/clock.h"
#include "event/door.h"
#include "event/ending.h"
#include "event/opening.h"
#include "event/ready.h"
#include "event/replies.h"
#include "models/model.h"

#include <stdlib.h>

enum {
    ACCEPTS_PER_TURN = 32, /* new clients must not hold up the ones that are here */
    FOR_EVER_MS = -1,
};

struct event_model {
    struct loop loop;
    struct door door;
    bool somebody_waits; /* at the door; those who are in come first */
    struct ending ending;
    struct batch batch;
};

/* --- events ------------------------------------------------------------------------------- */

/* An earlier event of this batch may have moved the request on, or given its slot to another. */
static void deliver_if_watched(struct loop *loop, uint32_t token, enum fsm_watch watch,
                               enum event event)
{
    struct request *request = request_table_find(&loop->table, token);
    if (request != NULL && fsm_table[request->row.state].watch == watch)
        loop_deliver(request, event);
}

static void take_event(struct event_model *model, const struct poller_event *event)
{
    switch (event->token) {
    case TOKEN_WAKEUP: replies_take_notes(&model->loop, &model->ending); return;
    case TOKEN_DISK: replies_take_rings(&model->loop); return;
    case TOKEN_LISTENER: model->somebody_waits = true; return;
    default: break;
    }
    if (event->ready & (POLLER_INPUT | POLLER_HUNG_UP))
        deliver_if_watched(&model->loop, event->token, INPUT, READABLE);
    if (event->ready & (POLLER_OUTPUT | POLLER_HUNG_UP))
        deliver_if_watched(&model->loop, event->token, OUTPUT, WRITABLE);
}

/* What is posted now is delivered now; what those steps post is for the next turn. */
static void deliver_posted(struct loop *loop)
{
    struct link snapshot;
    struct request *request;
    enum event event;
    list_init(&snapshot);
    list_append_all(&snapshot, &loop->ready);
    while ((request = ready_take(&snapshot, &event)) != NULL)
        loop_deliver(request, event);
}

static void deliver_timeouts(struct loop *loop)
{
    struct request *request;
    while ((request = deadlines_first(&loop->deadlines)) != NULL &&
           request->deadline_ms <= loop->now_ms) {
        loop->server->stats.timeouts++;
        loop_deliver(request, TIMED_OUT);
    }
}

/* --- one turn ----------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How long the loop may wait: until something is due, and not at all while work is posted. */
static int wait_ms(struct event_model *model)
{
    struct loop *loop = &model->loop;
    const struct request *first = deadlines_first(&loop->deadlines);
    int64_t until = ending_due_ms(&model->ending);
    if (!list_is_empty(&loop->ready))
        return 0;
    if (first != NULL)
        until = earlier(until, first->deadline_ms);
    if (disk_is_busy(&loop->disk))
        until = earlier(until, loop->now_ms + disk_look_ms(&loop->disk));
    if (model->ending.phase == SERVING)
        until = earlier(until, door_due_ms(&model->door));
    if (until == INT64_MAX)
        return FOR_EVER_MS;
    return until > loop->now_ms ? (int)earlier(until - loop->now_ms, INT32_MAX) : 0;
}

static void take_turn(struct event_model *model)
{
    struct loop *loop = &model->loop;
    if (model->ending.phase == SERVING)
        door_watch(&model->door);
    size_t count = loop->poller->wait(wait_ms(model), model->batch.events, model->batch.most);
    loop->now_ms = clock_now_ms();
    loop->turn++;
    model->somebody_waits = false;
    if (count > 0)
        trace_note(&loop->server->trace, TRACE_WOKEN, TRACE_NO_SLOT, 0, (unsigned)count);
    for (size_t i = 0; i < count; i++)
        take_event(model, &model->batch.events[i]);
    if (model->somebody_waits && model->ending.phase == SERVING)
        door_accept(&model->door, ACCEPTS_PER_TURN);
    replies_sweep(loop);
    deliver_posted(loop);
    deliver_timeouts(loop);
    log_flush(&loop->server->log);
}

static int event_run(struct server *server)
{
    static struct event_model model; /* static: reads still in flight at the end refer to it */
    model.door.loop = &model.loop;
    model.ending.door = &model.door;
    if (!opening_is_possible(&server->options))
        return EXIT_USAGE;
    if (!opening_begin(&model.loop, server, &model.batch))
        return EXIT_FAILURE;
    do
        take_turn(&model);
    while (ending_allows_a_turn(&model.ending));
    opening_end(&model.loop, &model.batch);
    return EXIT_SUCCESS;
}

const struct model model_event = {
    .choice = {"event", "one thread, nonblocking calls, a finite-state machine"},
    .run = event_run,
};
