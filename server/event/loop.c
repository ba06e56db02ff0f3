#include "event/loop.h"

#include "core/clock.h"

static void set_patience(struct loop *loop, const struct options *options)
{
    loop->patience_ms[IDLE_TIME] = (int64_t)options->idle_timeout_ms;
    loop->patience_ms[REQUEST_TIME] = (int64_t)options->read_timeout_ms;
    loop->patience_ms[DISK_TIME] = (int64_t)options->load_timeout_ms;
    loop->patience_ms[SEND_TIME] = (int64_t)options->write_timeout_ms;
    loop->patience_ms[LINGER_TIME] = LINGER_MS;
}

bool loop_create(struct loop *loop, struct server *server, const struct poller *poller,
                 unsigned connections, const struct disk_plan *plan)
{
    *loop = (struct loop){.server = server, .poller = poller, .now_ms = clock_now_ms()};
    list_init(&loop->ready);
    list_init(&loop->idle);
    set_patience(loop, &server->options);
    return request_table_create(&loop->table, connections, loop) &&
           deadlines_create(&loop->deadlines, connections) &&
           buffers_create(&loop->areas, connections, sizeof(struct exchange_area)) &&
           disk_create(&loop->disk, plan, &loop->ready);
}

bool loop_destroy(struct loop *loop)
{
    if (!disk_destroy(&loop->disk))
        return false;
    buffers_destroy(&loop->areas);
    deadlines_destroy(&loop->deadlines);
    request_table_destroy(&loop->table);
    return true;
}

void loop_start_timer(struct request *request, enum fsm_timer timer)
{
    request->timer_started_ms[timer] = request->loop->now_ms;
}

void loop_renew_share(struct request *request)
{
    if (request->turn == request->loop->turn)
        return;
    request->turn = request->loop->turn;
    request->share_bytes = SHARE_BYTES;
    request->share_requests = SHARE_REQUESTS;
}

/* The bits to watch for. Input is of no use without room for it, nor once it has ended. */
static unsigned interest_of(const struct request *request)
{
    switch (fsm_table[request->row.state].watch) {
    case INPUT: {
        bool lingers = request->row.state == LINGERING; /* it throws away what comes */
        bool wanted = !request->exchange.ended && exchange_has_room(&request->exchange);
        return lingers || wanted ? POLLER_INPUT : 0;
    }
    case OUTPUT: return POLLER_OUTPUT;
    case NO_WATCH: break;
    }
    return 0;
}

static void settle_interest(struct request *request)
{
    unsigned interest = interest_of(request);
    int socket = request->exchange.socket;
    if (socket == EXCHANGE_NO_SOCKET || (request->known_to_poller && interest == request->watched))
        return;
    request->watched = interest;
    request->known_to_poller =
        request->loop->poller->watch(socket, interest, request_token(request));
}

static void settle_deadline(struct request *request)
{
    struct loop *loop = request->loop;
    enum fsm_timer timer = fsm_table[request->row.state].timer;
    if (timer == NO_TIMER)
        deadlines_clear(&loop->deadlines, request);
    else
        deadlines_set(&loop->deadlines, request,
                      request->timer_started_ms[timer] + loop->patience_ms[timer]);
}

void loop_deliver(struct request *request, enum event event)
{
    fsm_step(request, event);
    if (request->row.state == FREE)
        return;
    settle_interest(request);
    settle_deadline(request);
    if (request->row.state == IDLE && list_is_empty(&request->link))
        list_append(&request->loop->idle, &request->link);
}
