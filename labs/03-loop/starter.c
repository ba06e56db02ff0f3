/*
 * Lab 03: the loop of the event model.
 *
 * "The one thread gets the next event: new work, or a reply from the disk." Each turn of the loop
 * waits for events once, and takes every request that one of them concerns a step further. All
 * that is known about a request is in its slot of the request table; nothing is on a stack.
 *
 * So far this server waits, for ever and for everything, and takes signals: Ctrl-C ends it, and
 * kill -USR1 shows the request table. The rest is yours, in seven steps; each is a TODO below. Take
 * a call of todo() away when you have done what it says.
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

/* Says once for each step that it is still to be written. */
static void todo(unsigned step, const char *what)
{
    static unsigned said;
    if ((said & 1u << step) == 0)
        fprintf(stderr, "TODO step %u: %s\n", step, what);
    said |= 1u << step;
}

/* --- events ------------------------------------------------------------------------------- */

/*
 * Steps 2 and 3. The poller names a request by its token. An earlier event of the same batch may
 * have ended that request, and given its slot to another; or it may have moved it on to a state
 * that does not wait for this any more. Then the event must be dropped.
 *
 * request_table_find() finds the request of a token; its state is request->row.state, and what
 * the poller watches for in a state is fsm_table[state].watch. loop_deliver() takes the step.
 */
static void deliver_if_watched(struct loop *loop, uint32_t token, enum fsm_watch watch,
                               enum event event)
{
    (void)loop, (void)token, (void)watch, (void)event;
    todo(2, "deliver_if_watched(): find the request of this token, and deliver it the event");
}

/* One event of the poller (event/poller.h): whom it is about, and what has happened. */
static void take_event(struct event_model *model, const struct poller_event *event)
{
    switch (event->token) {
    case TOKEN_WAKEUP: replies_take_notes(&model->loop, &model->ending); return;
    case TOKEN_DISK: todo(4, "take_event(): the disk's bell rings: replies_take_rings()"); return;
    case TOKEN_LISTENER: model->somebody_waits = true; return;
    default: break;
    }
    if (event->ready & (POLLER_INPUT | POLLER_HUNG_UP))
        deliver_if_watched(&model->loop, event->token, INPUT, READABLE);
    if (event->ready & (POLLER_OUTPUT | POLLER_HUNG_UP))
        todo(3, "take_event(): there is room for output again: deliver WRITABLE");
}

/*
 * Step 6. One request may owe another an event: a read that has ended owes LOADED to those who
 * joined it. Such events are on loop->ready (event/ready.h). Deliver those that are there now; what
 * the steps post that you deliver is for the next turn. (list_append_all() moves a whole list.)
 */
static void deliver_posted(struct loop *loop)
{
    if (!list_is_empty(&loop->ready))
        todo(6, "deliver_posted(): somebody is owed an event, and waits");
}

/*
 * Step 5. deadlines_first() is the request whose patience ends first. Each whose deadline_ms has
 * passed gets TIMED_OUT, and is counted in loop->server->stats.timeouts.
 */
static void deliver_timeouts(struct loop *loop)
{
    const struct request *first = deadlines_first(&loop->deadlines);
    if (first != NULL)
        todo(5, "deliver_timeouts(): a request has a deadline, and nobody looks at it");
}

/* --- one turn ----------------------------------------------------------------------------- */

/*
 * Steps 5, 6 and 7. How long the loop may wait at most: FOR_EVER_MS when nothing is due, 0 when
 * something is to be done at once, else until the earliest of
 *   - the first request's deadline                          (step 5)
 *   - 100 ms from now while reads are in flight, for a signal may be lost:
 *     disk_is_busy(), disk_look_ms()                        (step 5)
 *   - when the door must be looked at again: door_due_ms()  (step 5, while SERVING)
 *   - the end's next phase: ending_due_ms()                 (step 7)
 */
static int wait_ms(struct event_model *model)
{
    (void)model;
    return FOR_EVER_MS;
}

static void take_turn(struct event_model *model)
{
    struct loop *loop = &model->loop;
    todo(1, "take_turn(): watch the door (door_watch), and accept who waits there (door_accept)");
    size_t count = loop->poller->wait(wait_ms(model), model->batch.events, model->batch.most);
    loop->now_ms = clock_now_ms();
    loop->turn++;
    model->somebody_waits = false;
    if (count > 0)
        trace_note(&loop->server->trace, TRACE_WOKEN, TRACE_NO_SLOT, 0, (unsigned)count);
    for (size_t i = 0; i < count; i++)
        take_event(model, &model->batch.events[i]);
    if (model->somebody_waits && model->ending.phase == SERVING)
        todo(1, "take_turn(): somebody waits at the door: at most ACCEPTS_PER_TURN may come in");
    if (disk_is_busy(&loop->disk))
        todo(4, "take_turn(): reads are in flight: sweep, after all events (replies_sweep)");
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
    while (model.ending.phase == SERVING)
        take_turn(&model);
    todo(7, "event_run(): SIGTERM has come; requests in progress may finish "
            "(ending_allows_a_turn)");
    opening_end(&model.loop, &model.batch);
    return EXIT_SUCCESS;
}

const struct model model_event = {
    .choice = {"event", "one thread, nonblocking calls, a finite-state machine"},
    .run = event_run,
};
