#include "event/ending.h"

enum {
    LAST_READS_MS = 2000, /* for reads that nobody waits for any more */
    LAST_ACCEPTS = 1024,  /* as many as can wait at the door */
};

void ending_begin(struct ending *ending)
{
    struct loop *loop = ending->door->loop;
    if (ending->phase != SERVING) {
        ending->phase = LEAVING;
        return;
    }
    door_accept(ending->door, LAST_ACCEPTS); /* they were there before the signal */
    door_close(ending->door);
    loop->server->stopping = true;
    ending->phase = CLOSING_DOOR;
    ending->phase_ends_ms = loop->now_ms + (int64_t)loop->server->options.grace_ms;
}

int64_t ending_due_ms(const struct ending *ending)
{
    switch (ending->phase) {
    case SERVING: return INT64_MAX;
    case LAST_LOOK: return ending->door->loop->now_ms;
    case CLOSING_DOOR:
    case FINISHING:
    case LAST_READS:
    case LEAVING: break;
    }
    return ending->phase_ends_ms;
}

static bool is_idle(enum request_state state)
{
    return state == IDLE;
}

static bool has_client(enum request_state state)
{
    return state != FREE && state != ABANDONED;
}

static void deliver_to_all(struct loop *loop, bool (*is_meant)(enum request_state),
                           enum event event)
{
    for (unsigned i = 0; i < loop->table.count; i++)
        if (is_meant(loop->table.slots[i].row.state))
            loop_deliver(&loop->table.slots[i], event);
}

/* Whether the phase has lasted long enough. */
static bool is_over(const struct ending *ending)
{
    return ending->door->loop->now_ms >= ending->phase_ends_ms;
}

static void hang_up(struct ending *ending)
{
    struct loop *loop = ending->door->loop;
    deliver_to_all(loop, has_client, HUNG_UP);
    ending->phase_ends_ms = loop->now_ms + LAST_READS_MS;
}

bool ending_allows_a_turn(struct ending *ending)
{
    struct loop *loop = ending->door->loop;
    if (ending->phase == CLOSING_DOOR) {
        ending->phase = LAST_LOOK;
        return true;
    }
    if (ending->phase == LAST_LOOK) {
        deliver_to_all(loop, is_idle, STOPPING);
        ending->phase = FINISHING;
    }
    if (ending->phase == FINISHING && (loop->table.busy == 0 || is_over(ending))) {
        hang_up(ending);
        ending->phase = LAST_READS;
    }
    if (ending->phase == LAST_READS)
        return disk_is_busy(&loop->disk) && !is_over(ending);
    if (ending->phase == LEAVING)
        hang_up(ending);
    return ending->phase != LEAVING;
}
