/*
 * What the cells of the table do.
 *
 * Each action takes one step of an exchange (core/exchange.h), or asks the disk for something,
 * and says what came of it as the next event. None of them waits.
 */
#include "core/work.h"
#include "event/actions.h"
#include "event/fetch.h"
#include "event/holdings.h"
#include "event/loop.h"
#include "event/ready.h"

/* --- the request comes in ----------------------------------------------------------------- */

static enum event act_open_connection(struct request *request)
{
    loop_start_timer(request, IDLE_TIME);
    return NOTHING;
}

static enum event act_parse(struct request *request)
{
    struct exchange *exchange = &request->exchange;
    switch (exchange_parse(exchange, &request->row)) {
    case HTTP_PARTIAL: return exchange->ended ? ENDED : NOTHING;
    case HTTP_REFUSED: return MALFORMED;
    case HTTP_COMPLETE: break;
    }
    work_burn(request->loop->server->options.work_ms);
    loop_start_timer(request, DISK_TIME);
    return exchange_must_discard(exchange) ? HAS_BODY : COMPLETE;
}

static enum event act_receive(struct request *request)
{
    struct exchange *exchange = &request->exchange;
    if (exchange->area == NULL)
        exchange_lend_area(exchange, buffers_take(&request->loop->areas));
    if (!exchange_has_input(exchange))
        loop_start_timer(request, REQUEST_TIME); /* once: single bytes do not renew it */
    switch (exchange_receive(exchange)) {
    case INPUT_NONE: return NOTHING;
    case INPUT_BROKEN: return HUNG_UP;
    case INPUT_CAME:
    case INPUT_ENDED: break;
    }
    return act_parse(request);
}

/* While the request waits for the disk: what comes is kept, and a reset is noticed. */
static enum event act_receive_ahead(struct request *request)
{
    return exchange_receive(&request->exchange) == INPUT_BROKEN ? HUNG_UP : NOTHING;
}

static enum event act_discard_body(struct request *request)
{
    struct exchange *exchange = &request->exchange;
    if (!exchange_has_input(exchange) && exchange_receive(exchange) == INPUT_BROKEN)
        return HUNG_UP;
    switch (exchange_discard(exchange)) {
    case HTTP_PARTIAL: return exchange->ended ? ENDED : NOTHING;
    case HTTP_REFUSED: return MALFORMED;
    case HTTP_COMPLETE: break;
    }
    loop_start_timer(request, DISK_TIME);
    return BODY_READ;
}

/* --- the cache, and the disk ----------------------------------------------------------------- */

static enum event act_look_up(struct request *request)
{
    struct loop *loop = request->loop;
    switch (exchange_look_up(loop->server, &request->exchange, loop->now_ms)) {
    case LOOKUP_REPLY:
    case LOOKUP_CACHED: return HIT;
    case LOOKUP_SHARED: return JOIN;
    case LOOKUP_LOAD: return fetch_reserve(request, false);
    case LOOKUP_STREAM: return fetch_reserve(request, true);
    }
    return HIT;
}

/* It has its place now. Who waited for a first read held nothing: the cache may have it by now. */
static enum event act_take_turn(struct request *request)
{
    struct disk *disk = &request->loop->disk;
    if (exchange_is_streaming(&request->exchange))
        return MISS;
    enum event event = act_look_up(request);
    if (event != MISS)
        disk_give_place(disk, request);
    if (event != MISS || !request->needs_buffer)
        disk_give_buffer(disk, request);
    return event;
}

static enum event act_wait_place(struct request *request)
{
    disk_wait(&request->loop->disk, request);
    return NOTHING;
}

static enum event act_join_read(struct request *request)
{
    list_append(&request->exchange.entry->joined, &request->link);
    return NOTHING;
}

static enum event act_start_read(struct request *request)
{
    return fetch_start(request);
}

/* --- the reply goes out ------------------------------------------------------------------- */

static enum event act_begin_reply(struct request *request)
{
    if (request->exchange.entry != NULL)
        exchange_reply_from_cache(request->loop->server, &request->exchange);
    loop_start_timer(request, SEND_TIME);
    return WRITABLE;
}

static enum event act_use_data(struct request *request)
{
    fetch_end(request, false);
    return act_begin_reply(request);
}

static enum event reply_with(struct request *request, unsigned status, bool last)
{
    struct loop *loop = request->loop;
    loop_start_timer(request, SEND_TIME);
    exchange_forget(loop->server, &request->exchange);
    disk_give_place(&loop->disk, request);
    return exchange_reply_with_status(loop->server, &request->exchange, status, last) ? WRITABLE
                                                                                      : BROKEN;
}

static enum event act_reply_refusal(struct request *request)
{
    return reply_with(request, request->exchange.request.refusal, true);
}

static enum event act_reply_408(struct request *request)
{
    return reply_with(request, 408, true);
}

static enum event act_reply_503(struct request *request)
{
    return reply_with(request, 503, true);
}

/* Its own read has failed, or the one that it joined. */
static enum event act_reply_500(struct request *request)
{
    if (request->place != NULL)
        fetch_end(request, true);
    return reply_with(request, 500, false);
}

static void note_progress(struct request *request)
{
    const struct http_reply *reply = &request->exchange.reply;
    request->row.total_bytes = reply->total_bytes;
    if (reply->sent_bytes > request->row.sent_bytes)
        loop_start_timer(request, SEND_TIME);
    request->row.sent_bytes = reply->sent_bytes;
}

static enum event act_send_some(struct request *request)
{
    loop_renew_share(request);
    enum http_send sent = exchange_send(&request->exchange, &request->share_bytes);
    note_progress(request);
    switch (sent) {
    case HTTP_SEND_BLOCKED: return NOTHING;
    case HTTP_SEND_EMPTY: loop_start_timer(request, DISK_TIME); return CHUNK_SENT;
    case HTTP_SEND_BROKEN: return HUNG_UP;
    case HTTP_SEND_DONE: break;
    }
    exchange_finish(request->loop->server, &request->exchange, &request->row, true);
    return request->exchange.reply.closes ? CLOSING : SENT;
}

static enum event act_next_request(struct request *request)
{
    struct exchange *exchange = &request->exchange;
    holdings_end_request(request);
    request->has_asked = true;
    loop_start_timer(request, IDLE_TIME);
    loop_start_timer(request, REQUEST_TIME);
    if (!exchange_has_input(exchange)) {
        holdings_give_area(request);
        if (exchange->ended)
            return ENDED;
        return request->loop->server->stopping ? STOPPING : NOTHING;
    }
    if (request->share_requests == 0)
        return SPENT;
    request->share_requests--;
    return PIPELINED;
}

static enum event act_yield_turn(struct request *request)
{
    ready_post(&request->loop->ready, request, TURN);
    return NOTHING;
}

/* --- the end ------------------------------------------------------------------------------ */

static enum event act_drain(struct request *request)
{
    switch (exchange_drain(&request->exchange)) {
    case INPUT_CAME: /* once per turn: a client that sends for ever must not hold the loop */
    case INPUT_NONE: return NOTHING;
    case INPUT_BROKEN: return HUNG_UP;
    case INPUT_ENDED: break;
    }
    return ENDED;
}

/* Closing at once would turn into a reset if input is unread, and take the reply along with it. */
static enum event act_linger(struct request *request)
{
    holdings_end_request(request);
    holdings_give_area(request);
    loop_start_timer(request, LINGER_TIME);
    exchange_shut_output(&request->exchange);
    return request->exchange.ended ? ENDED : act_drain(request);
}

/* Yours: the client has gone. Its read goes on, and the slot stays, with all that the read owns. */
static enum event act_let_go(struct request *request)
{
    (void)request;
    return NOTHING;
}

/* Yours: the disk takes too long. If nothing has been said yet, at least that is said: 503. */
static enum event act_give_up(struct request *request)
{
    return act_let_go(request);
}

static enum event act_release(struct request *request)
{
    holdings_give_all(request);
    return NOTHING;
}

/* Yours: the read has ended, and nobody is there who wants it. Or is there somebody? */
static enum event act_finish_alone(struct request *request)
{
    return act_release(request);
}

const struct action actions[ACTION_COUNT] = {[impossible] = {"impossible", NULL, 0},
#define X(name, hands_on) [name] = {#name, act_##name, hands_on},
                                             FSM_ACTIONS(X)
#undef X
};
