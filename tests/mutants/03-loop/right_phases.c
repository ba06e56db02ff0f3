/*
 * A right solution, written otherwise: a turn is a list of phases, the earliest deadline is found
 * by looking at all slots, and who is owed an event is counted before the first is served.
 */
#include "core/clock.h"
#include "event/door.h"
#include "event/ending.h"
#include "event/opening.h"
#include "event/ready.h"
#include "event/replies.h"
#include "models/model.h"

#include <stdlib.h>

struct turn {
    struct loop loop;
    struct door door;
    struct ending ending;
    struct batch batch;
    size_t count;
    bool knocked;
};

static int64_t first_deadline(const struct loop *loop)
{
    int64_t first = INT64_MAX;
    for (unsigned i = 0; i < loop->table.count; i++) {
        const struct request *request = &loop->table.slots[i];
        if (request->row.state != FREE && fsm_table[request->row.state].timer != NO_TIMER &&
            request->deadline_ms < first)
            first = request->deadline_ms;
    }
    return first;
}

static int patience(struct turn *turn)
{
    struct loop *loop = &turn->loop;
    int64_t dues[] = {
        first_deadline(loop),
        ending_due_ms(&turn->ending),
        turn->ending.phase == SERVING ? door_due_ms(&turn->door) : INT64_MAX,
        disk_is_busy(&loop->disk) ? loop->now_ms + disk_look_ms(&loop->disk) : INT64_MAX,
        list_is_empty(&loop->ready) ? INT64_MAX : 0,
    };
    int64_t first = dues[0];
    for (size_t i = 1; i < sizeof dues / sizeof *dues; i++)
        if (dues[i] < first)
            first = dues[i];
    if (first == INT64_MAX)
        return -1;
    if (first <= loop->now_ms)
        return 0;
    return first - loop->now_ms < INT32_MAX ? (int)(first - loop->now_ms) : INT32_MAX;
}

static void wait_once(struct turn *turn)
{
    struct loop *loop = &turn->loop;
    if (turn->ending.phase == SERVING)
        door_watch(&turn->door);
    turn->count = loop->poller->wait(patience(turn), turn->batch.events, turn->batch.most);
    turn->knocked = false;
    loop->turn++;
    loop->now_ms = clock_now_ms();
}

/* Signals and the bell first, wherever in the batch they are. */
static void listen_to_the_disk(struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++) {
        switch (turn->batch.events[i].token) {
        case TOKEN_WAKEUP: replies_take_notes(&turn->loop, &turn->ending); break;
        case TOKEN_DISK: replies_take_rings(&turn->loop); break;
        case TOKEN_LISTENER: turn->knocked = true; break;
        default: break;
        }
    }
    replies_sweep(&turn->loop);
}

static void serve_clients(struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++) {
        const struct poller_event *event = &turn->batch.events[i];
        if (event->token == TOKEN_WAKEUP || event->token == TOKEN_DISK ||
            event->token == TOKEN_LISTENER)
            continue;
        struct request *request = request_table_find(&turn->loop.table, event->token);
        if (request == NULL)
            continue;
        enum fsm_watch watch = fsm_table[request->row.state].watch;
        if (watch == INPUT && event->ready & (POLLER_INPUT | POLLER_HUNG_UP))
            loop_deliver(request, READABLE);
        if (watch == OUTPUT && event->ready & (POLLER_OUTPUT | POLLER_HUNG_UP))
            loop_deliver(request, WRITABLE);
    }
}

static void serve_posted(struct turn *turn)
{
    enum event event;
    size_t owed = 0;
    struct link *ready = &turn->loop.ready;
    for (struct link *at = list_first(ready); at != NULL; at = list_next(ready, at))
        owed++;
    for (struct request *who; owed > 0 && (who = ready_take(ready, &event)) != NULL; owed--)
        loop_deliver(who, event);
}

static void serve_late(struct turn *turn)
{
    struct loop *loop = &turn->loop;
    for (struct request *who; (who = deadlines_first(&loop->deadlines)) != NULL;) {
        if (who->deadline_ms > loop->now_ms)
            return;
        loop->server->stats.timeouts++;
        loop_deliver(who, TIMED_OUT);
    }
}

static void open_door(struct turn *turn)
{
    if (turn->knocked && turn->ending.phase == SERVING)
        door_accept(&turn->door, UINT8_MAX);
    log_flush(&turn->loop.server->log);
}

static void (*const phases[])(struct turn *turn) = {
    wait_once, listen_to_the_disk, serve_late, serve_posted, serve_clients, open_door,
};

static int run(struct server *server)
{
    static struct turn turn;
    turn.door.loop = &turn.loop;
    turn.ending.door = &turn.door;
    if (!opening_is_possible(&server->options))
        return EXIT_USAGE;
    if (!opening_begin(&turn.loop, server, &turn.batch))
        return EXIT_FAILURE;
    do {
        for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
            phases[i](&turn);
    } while (ending_allows_a_turn(&turn.ending));
    opening_end(&turn.loop, &turn.batch);
    return EXIT_SUCCESS;
}

const struct model model_event = {.choice = {"event", "phases of a turn"}, .run = run};
