/*
 * A right solution, written otherwise: no functions of its own but the turn, the door is opened as
 * soon as the poller speaks of it, and what is due is done before the wait, not after it.
 */
#include "core/clock.h"
#include "event/door.h"
#include "event/ending.h"
#include "event/opening.h"
#include "event/ready.h"
#include "event/replies.h"
#include "models/model.h"

#include <stdlib.h>

enum { ACCEPTS = 10 };

static struct loop loop;
static struct door door = {.loop = &loop};
static struct ending ending = {.door = &door};
static struct batch batch;

/* Returns how long nothing is due. */
static int64_t do_what_is_due(void)
{
    struct request *request;
    enum event event;
    int64_t due = ending_due_ms(&ending);
    struct link now;
    list_init(&now);
    list_append_all(&now, &loop.ready);
    for (; (request = ready_take(&now, &event)) != NULL; loop_deliver(request, event))
        continue;
    while ((request = deadlines_first(&loop.deadlines)) != NULL) {
        if (request->deadline_ms > loop.now_ms) {
            due = request->deadline_ms < due ? request->deadline_ms : due;
            break;
        }
        loop.server->stats.timeouts++;
        loop_deliver(request, TIMED_OUT);
    }
    if (!list_is_empty(&loop.ready))
        return 0;
    if (disk_is_busy(&loop.disk) && loop.now_ms + disk_look_ms(&loop.disk) < due)
        due = loop.now_ms + disk_look_ms(&loop.disk);
    if (ending.phase == SERVING && door_due_ms(&door) < due)
        due = door_due_ms(&door);
    return due;
}

static void hand_out(const struct poller_event *event)
{
    struct request *request = request_table_find(&loop.table, event->token);
    if (request == NULL)
        return;
    bool takes_input = fsm_table[request->row.state].watch == INPUT;
    bool takes_output = fsm_table[request->row.state].watch == OUTPUT;
    if (takes_input && (event->ready & ~(unsigned)POLLER_OUTPUT) != 0)
        loop_deliver(request, READABLE);
    else if (takes_output && (event->ready & ~(unsigned)POLLER_INPUT) != 0)
        loop_deliver(request, WRITABLE);
}

static void turn(void)
{
    int64_t due = do_what_is_due();
    int64_t left = due > loop.now_ms ? due - loop.now_ms : 0;
    if (ending.phase == SERVING)
        door_watch(&door);
    size_t count = loop.poller->wait(due == INT64_MAX ? -1 : (int)left, batch.events, batch.most);
    loop.now_ms = clock_now_ms();
    loop.turn++;
    for (const struct poller_event *event = batch.events; event < batch.events + count; event++) {
        if (event->token == TOKEN_WAKEUP)
            replies_take_notes(&loop, &ending);
        else if (event->token == TOKEN_DISK)
            replies_take_rings(&loop);
        else if (event->token != TOKEN_LISTENER)
            hand_out(event);
        else if (ending.phase == SERVING)
            door_accept(&door, ACCEPTS);
    }
    replies_sweep(&loop);
    log_flush(&loop.server->log);
}

static int run(struct server *server)
{
    if (!opening_is_possible(&server->options))
        return EXIT_USAGE;
    if (!opening_begin(&loop, server, &batch))
        return EXIT_FAILURE;
    turn();
    while (ending_allows_a_turn(&ending))
        turn();
    opening_end(&loop, &batch);
    return EXIT_SUCCESS;
}

const struct model model_event = {.choice = {"event", "one loop"}, .run = run};
