/*
 * "Gets a request, looks in its cache, reads the disk if it must, sends the reply": every step is
 * carried out to completion, and every wait is a call that does not return before it is over.
 */
#include "models/blocking.h"

#include "core/clock.h"
#include "core/work.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* What a step leaves to be done. */
enum next {
    GO_ON,
    REPLY,   /* a reply is composed: send it */
    HANG_UP, /* the client has gone, or must */
};

static enum next compose(struct conversation *talk, unsigned status, bool is_last)
{
    struct server *server = talk->hall->server;
    exchange_forget(server, &talk->exchange);
    return exchange_reply_with_status(server, &talk->exchange, status, is_last) ? REPLY : HANG_UP;
}

/* --- getting a request -------------------------------------------------------------------- */

/* Waits for the client to say more. Who says half a request and no more is told so. */
static enum next receive(struct conversation *talk)
{
    if (talk->exchange.ended)
        return HANG_UP;
    switch (conversation_wait(talk, POLLIN)) {
    case CLIENT_READY: break;
    case TIME_OVER: return talk->row.state == IDLE ? HANG_UP : compose(talk, 408, true);
    case MUST_LEAVE: return HANG_UP;
    }
    return exchange_receive(&talk->exchange) == INPUT_BROKEN ? HANG_UP : GO_ON;
}

static enum next discard_body(struct conversation *talk)
{
    enum http_parse result;
    conversation_enter(talk, DISCARDING);
    while ((result = exchange_discard(&talk->exchange)) == HTTP_PARTIAL) {
        enum next next = receive(talk);
        if (next != GO_ON)
            return next;
    }
    return result == HTTP_REFUSED ? compose(talk, talk->exchange.request.refusal, true) : GO_ON;
}

static enum next get_request(struct conversation *talk)
{
    struct exchange *exchange = &talk->exchange;
    enum http_parse result;
    conversation_enter(talk, exchange_has_input(exchange) ? READING : IDLE);
    while ((result = exchange_parse(exchange, &talk->row)) == HTTP_PARTIAL) {
        enum next next = receive(talk);
        if (next != GO_ON)
            return next;
        if (talk->row.state == IDLE)
            conversation_enter(talk, READING);
    }
    if (result == HTTP_REFUSED)
        return compose(talk, exchange->request.refusal, true);
    conversation_name_request(talk);
    work_burn(talk->hall->server->options.work_ms);
    return exchange_must_discard(exchange) ? discard_body(talk) : GO_ON;
}

/* --- the cache, and the disk -------------------------------------------------------------- */

/* The thread is here until the disk has answered. Nothing else can happen to it meanwhile. */
static bool read_disk(struct conversation *talk, char *into, size_t length)
{
    const struct exchange *exchange = &talk->exchange;
    size_t done = 0;
    conversation_note(talk, TRACE_BLOCKED);
    while (done < length) {
        ssize_t bytes = pread(exchange->file, into + done, length - done,
                              (off_t)(exchange->next_offset + done));
        if (bytes == 0 || (bytes < 0 && errno != EINTR))
            break;
        if (bytes > 0)
            done += (size_t)bytes;
    }
    conversation_note(talk, TRACE_RESUMED);
    return done == length;
}

static enum next load(struct conversation *talk)
{
    struct server *server = talk->hall->server;
    struct exchange *exchange = &talk->exchange;
    size_t length = exchange_wanted_bytes(exchange, PIECE_BYTES);
    conversation_note(talk, TRACE_MISS);
    conversation_enter(talk, LOADING);
    bool well = read_disk(talk, exchange->entry->data, length);
    if (well)
        exchange_loaded(server, exchange);
    else
        exchange_load_failed(server, exchange);
    conversation_announce_load(talk);
    return well ? GO_ON : compose(talk, 500, false);
}

/* Somebody else is reading this file already. */
static enum next join_load(struct conversation *talk)
{
    conversation_enter(talk, JOINED);
    switch (conversation_await_load(talk)) {
    case CACHE_READY: break;
    case CACHE_FAILED: return compose(talk, 500, false);
    case CACHE_LOADING: return compose(talk, 503, true);
    }
    return GO_ON;
}

/* Finds what was asked for, and composes the reply. */
static enum next find_content(struct conversation *talk)
{
    struct server *server = talk->hall->server;
    struct exchange *exchange = &talk->exchange;
    enum next next = GO_ON;
    exchange->is_last = talk->hall->is_last(talk->hall);
    enum exchange_lookup lookup = exchange_look_up(server, exchange, clock_now_ms());
    if (lookup == LOOKUP_LOAD)
        lookup = exchange_begin_load(server, exchange, clock_now_ms());
    switch (lookup) {
    case LOOKUP_REPLY: return REPLY;
    case LOOKUP_STREAM: conversation_note(talk, TRACE_MISS); return REPLY;
    case LOOKUP_CACHED: conversation_note(talk, TRACE_HIT); break;
    case LOOKUP_SHARED: next = join_load(talk); break;
    case LOOKUP_LOAD: next = load(talk); break;
    }
    if (next == GO_ON)
        exchange_reply_from_cache(server, exchange);
    return next == HANG_UP ? HANG_UP : REPLY;
}

/* --- sending the reply -------------------------------------------------------------------- */

static bool read_piece(struct conversation *talk)
{
    struct exchange *exchange = &talk->exchange;
    size_t length = exchange_wanted_bytes(exchange, PIECE_BYTES);
    conversation_enter(talk, LOADING);
    bool well = read_disk(talk, talk->piece, length);
    if (well)
        exchange_piece_read(exchange, talk->piece, length);
    conversation_enter(talk, SENDING);
    return well;
}

static bool send_reply(struct conversation *talk)
{
    conversation_enter(talk, SENDING);
    for (;;) {
        size_t all = SIZE_MAX;
        enum http_send sent = exchange_send(&talk->exchange, &all);
        conversation_note_progress(talk);
        switch (sent) {
        case HTTP_SEND_DONE: return true;
        case HTTP_SEND_BROKEN: return false;
        case HTTP_SEND_EMPTY:
            if (!read_piece(talk))
                return false;
            break;
        case HTTP_SEND_BLOCKED:
            if (conversation_wait(talk, POLLOUT) != CLIENT_READY)
                return false;
            break;
        }
    }
}

/* Closing at once would turn into a reset if input is unread, and take the reply along with it. */
static void linger(struct conversation *talk)
{
    enum exchange_input input = talk->exchange.ended ? INPUT_ENDED : INPUT_NONE;
    conversation_enter(talk, LINGERING);
    exchange_shut_output(&talk->exchange);
    while (input != INPUT_ENDED && input != INPUT_BROKEN &&
           conversation_wait(talk, POLLIN) == CLIENT_READY)
        input = exchange_drain(&talk->exchange);
}

/* Returns whether the connection stays. */
static bool reply(struct conversation *talk)
{
    struct server *server = talk->hall->server;
    bool is_through = send_reply(talk);
    bool closes = talk->exchange.reply.closes;
    exchange_finish(server, &talk->exchange, &talk->row, is_through);
    exchange_next(server, &talk->exchange);
    talk->row.sent_bytes = talk->row.total_bytes = 0;
    talk->row.title[0] = '\0';
    if (is_through && closes)
        linger(talk);
    return is_through && !closes;
}

void serve_connection(struct conversation *talk)
{
    enum next next;
    do {
        next = get_request(talk);
        if (next == GO_ON)
            next = find_content(talk);
    } while (next == REPLY && reply(talk));
    conversation_end(talk);
}
