/*
 * Right, and written in another way: a phase after the other, each a function that returns the
 * next one; the file is read in portions of 64 KiB by preadv().
 */
#define _DEFAULT_SOURCE
#include "core/clock.h"
#include "core/work.h"
#include "models/blocking.h"

#include <errno.h>
#include <poll.h>
#include <sys/uio.h>

enum { PORTION_BYTES = 64 * 1024 };

enum phase { GET, SKIP, FIND, READ, JOIN, ANSWER, SEND, PIECE, CLOSE, STAY, OVER };

static enum phase tell(struct conversation *talk, unsigned status, bool is_last)
{
    exchange_forget(talk->hall->server, &talk->exchange);
    return exchange_reply_with_status(talk->hall->server, &talk->exchange, status, is_last) ? SEND
                                                                                            : OVER;
}

/* Waits for more, and comes back to the phase it was called in. */
static enum phase hear(struct conversation *talk, enum phase again)
{
    if (talk->exchange.ended)
        return OVER;
    enum waited waited = conversation_wait(talk, POLLIN);
    if (waited == TIME_OVER && talk->row.state != IDLE)
        return tell(talk, 408, true);
    if (waited != CLIENT_READY || exchange_receive(&talk->exchange) == INPUT_BROKEN)
        return OVER;
    if (talk->row.state == IDLE)
        conversation_enter(talk, READING);
    return again;
}

static enum phase get(struct conversation *talk)
{
    struct exchange *exchange = &talk->exchange;
    if (talk->row.state != IDLE && talk->row.state != READING)
        conversation_enter(talk, exchange_has_input(exchange) ? READING : IDLE);
    enum http_parse found = exchange_parse(exchange, &talk->row);
    if (found == HTTP_PARTIAL)
        return hear(talk, GET);
    if (found == HTTP_REFUSED)
        return tell(talk, exchange->request.refusal, true);
    conversation_name_request(talk);
    work_burn(talk->hall->server->options.work_ms);
    if (!exchange_must_discard(exchange))
        return FIND;
    conversation_enter(talk, DISCARDING);
    return SKIP;
}

static enum phase skip(struct conversation *talk)
{
    switch (exchange_discard(&talk->exchange)) {
    case HTTP_PARTIAL: return hear(talk, SKIP);
    case HTTP_REFUSED: return tell(talk, talk->exchange.request.refusal, true);
    case HTTP_COMPLETE: break;
    }
    return FIND;
}

static enum phase find(struct conversation *talk)
{
    struct server *server = talk->hall->server;
    struct exchange *exchange = &talk->exchange;
    exchange->is_last = talk->hall->is_last(talk->hall);
    enum exchange_lookup found = exchange_look_up(server, exchange, clock_now_ms());
    if (found == LOOKUP_LOAD)
        found = exchange_begin_load(server, exchange, clock_now_ms());
    switch (found) {
    case LOOKUP_REPLY: return SEND;
    case LOOKUP_SHARED: return JOIN;
    case LOOKUP_CACHED: conversation_note(talk, TRACE_HIT); return ANSWER;
    case LOOKUP_STREAM: conversation_note(talk, TRACE_MISS); return SEND;
    case LOOKUP_LOAD: conversation_note(talk, TRACE_MISS); break;
    }
    return READ;
}

static bool read_all(struct conversation *talk, char *into, size_t length)
{
    off_t at = (off_t)talk->exchange.next_offset;
    ssize_t bytes = 1;
    conversation_note(talk, TRACE_BLOCKED);
    while (length > 0 && (bytes > 0 || (bytes == -1 && errno == EINTR))) {
        struct iovec portion = {into, length < PORTION_BYTES ? length : PORTION_BYTES};
        bytes = preadv(talk->exchange.file, &portion, 1, at);
        if (bytes <= 0)
            continue;
        into += bytes;
        at += bytes;
        length -= (size_t)bytes;
    }
    conversation_note(talk, TRACE_RESUMED);
    return length == 0;
}

static enum phase read_entry(struct conversation *talk)
{
    struct exchange *exchange = &talk->exchange;
    conversation_enter(talk, LOADING);
    bool well = read_all(talk, exchange->entry->data, exchange_wanted_bytes(exchange, PIECE_BYTES));
    if (well)
        exchange_loaded(talk->hall->server, exchange);
    else
        exchange_load_failed(talk->hall->server, exchange);
    conversation_announce_load(talk);
    return well ? ANSWER : tell(talk, 500, false);
}

static enum phase join(struct conversation *talk)
{
    conversation_enter(talk, JOINED);
    switch (conversation_await_load(talk)) {
    case CACHE_READY: return ANSWER;
    case CACHE_FAILED: return tell(talk, 500, false);
    case CACHE_LOADING: break;
    }
    return tell(talk, 503, true);
}

/* The reply has ended, well or not. */
static enum phase finish(struct conversation *talk, bool is_through)
{
    struct server *server = talk->hall->server;
    bool closes = talk->exchange.reply.closes;
    exchange_finish(server, &talk->exchange, &talk->row, is_through);
    exchange_next(server, &talk->exchange);
    talk->row.sent_bytes = talk->row.total_bytes = 0;
    talk->row.title[0] = '\0';
    if (!is_through)
        return OVER;
    return closes ? CLOSE : STAY;
}

static enum phase send_on(struct conversation *talk)
{
    size_t all = SIZE_MAX;
    if (talk->row.state != SENDING)
        conversation_enter(talk, SENDING);
    enum http_send sent = exchange_send(&talk->exchange, &all);
    conversation_note_progress(talk);
    switch (sent) {
    case HTTP_SEND_EMPTY: return PIECE;
    case HTTP_SEND_DONE: return finish(talk, true);
    case HTTP_SEND_BROKEN: return finish(talk, false);
    case HTTP_SEND_BLOCKED: break;
    }
    return conversation_wait(talk, POLLOUT) == CLIENT_READY ? SEND : finish(talk, false);
}

static enum phase read_piece(struct conversation *talk)
{
    size_t length = exchange_wanted_bytes(&talk->exchange, PIECE_BYTES);
    conversation_enter(talk, LOADING);
    if (!read_all(talk, talk->piece, length))
        return finish(talk, false);
    exchange_piece_read(&talk->exchange, talk->piece, length);
    return SEND;
}

static enum phase linger(struct conversation *talk)
{
    if (talk->row.state != LINGERING) {
        conversation_enter(talk, LINGERING);
        exchange_shut_output(&talk->exchange);
    }
    if (talk->exchange.ended || conversation_wait(talk, POLLIN) != CLIENT_READY)
        return OVER;
    enum exchange_input input = exchange_drain(&talk->exchange);
    return input == INPUT_ENDED || input == INPUT_BROKEN ? OVER : CLOSE;
}

static enum phase take_step(struct conversation *talk, enum phase phase)
{
    switch (phase) {
    case STAY:
    case GET: return get(talk);
    case SKIP: return skip(talk);
    case FIND: return find(talk);
    case READ: return read_entry(talk);
    case JOIN: return join(talk);
    case ANSWER: exchange_reply_from_cache(talk->hall->server, &talk->exchange); return SEND;
    case SEND: return send_on(talk);
    case PIECE: return read_piece(talk);
    case CLOSE: return linger(talk);
    case OVER: break;
    }
    return OVER;
}

void serve_connection(struct conversation *talk)
{
    for (enum phase phase = GET; phase != OVER;)
        phase = take_step(talk, phase);
    conversation_end(talk);
}
