/*
 * Right, and written in another way: steps return the status to answer with, or one of two words;
 * files are read by lseek() and read().
 */
#include "core/clock.h"
#include "core/work.h"
#include "models/blocking.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* What a step returns, if it is not a status. */
enum { WELL = 0, GONE = 1, TOLD = 2 };

static struct server *server_of(const struct conversation *talk)
{
    return talk->hall->server;
}

static unsigned hear(struct conversation *talk)
{
    if (talk->exchange.ended)
        return GONE;
    enum waited waited = conversation_wait(talk, POLLIN);
    if (waited == TIME_OVER && talk->row.state != IDLE)
        return 408;
    if (waited != CLIENT_READY || exchange_receive(&talk->exchange) == INPUT_BROKEN)
        return GONE;
    if (talk->row.state == IDLE)
        conversation_enter(talk, READING);
    return WELL;
}

static unsigned get(struct conversation *talk)
{
    struct exchange *exchange = &talk->exchange;
    enum http_parse found;
    unsigned status = WELL;
    conversation_enter(talk, exchange_has_input(exchange) ? READING : IDLE);
    while ((found = exchange_parse(exchange, &talk->row)) == HTTP_PARTIAL && status == WELL)
        status = hear(talk);
    if (status != WELL || found == HTTP_REFUSED)
        return status != WELL ? status : exchange->request.refusal;
    conversation_name_request(talk);
    work_burn(server_of(talk)->options.work_ms);
    if (!exchange_must_discard(exchange))
        return WELL;
    conversation_enter(talk, DISCARDING);
    while ((found = exchange_discard(exchange)) == HTTP_PARTIAL && status == WELL)
        status = hear(talk);
    return found == HTTP_REFUSED ? exchange->request.refusal : status;
}

static bool fill(struct conversation *talk, char *into, size_t length)
{
    int file = talk->exchange.file;
    char *end = into + length;
    conversation_note(talk, TRACE_BLOCKED);
    bool is_there = lseek(file, (off_t)talk->exchange.next_offset, SEEK_SET) >= 0;
    while (is_there && into < end) {
        ssize_t bytes = read(file, into, (size_t)(end - into));
        if (bytes > 0)
            into += bytes;
        else
            is_there = bytes < 0 && errno == EINTR;
    }
    conversation_note(talk, TRACE_RESUMED);
    return is_there;
}

static unsigned load(struct conversation *talk)
{
    struct exchange *exchange = &talk->exchange;
    unsigned status = WELL;
    conversation_note(talk, TRACE_MISS);
    conversation_enter(talk, LOADING);
    if (fill(talk, exchange->entry->data, exchange_wanted_bytes(exchange, PIECE_BYTES))) {
        exchange_loaded(server_of(talk), exchange);
    } else {
        exchange_load_failed(server_of(talk), exchange);
        status = 500;
    }
    conversation_announce_load(talk);
    return status;
}

static unsigned join(struct conversation *talk)
{
    conversation_enter(talk, JOINED);
    enum cache_stage stage = conversation_await_load(talk);
    if (stage == CACHE_READY)
        return WELL;
    return stage == CACHE_FAILED ? 500 : 503;
}

static unsigned find(struct conversation *talk)
{
    struct server *server = server_of(talk);
    struct exchange *exchange = &talk->exchange;
    unsigned status = WELL;
    exchange->is_last = talk->hall->is_last(talk->hall);
    enum exchange_lookup found = exchange_look_up(server, exchange, clock_now_ms());
    if (found == LOOKUP_LOAD)
        found = exchange_begin_load(server, exchange, clock_now_ms());
    if (found == LOOKUP_REPLY)
        return TOLD;
    if (found == LOOKUP_STREAM) {
        conversation_note(talk, TRACE_MISS);
        return TOLD;
    }
    if (found == LOOKUP_LOAD)
        status = load(talk);
    else if (found == LOOKUP_SHARED)
        status = join(talk);
    else
        conversation_note(talk, TRACE_HIT);
    if (status == WELL)
        exchange_reply_from_cache(server, exchange);
    return status;
}

static bool send_piece(struct conversation *talk)
{
    size_t length = exchange_wanted_bytes(&talk->exchange, PIECE_BYTES);
    conversation_enter(talk, LOADING);
    bool is_there = fill(talk, talk->piece, length);
    if (is_there)
        exchange_piece_read(&talk->exchange, talk->piece, length);
    conversation_enter(talk, SENDING);
    return is_there;
}

static bool send_all(struct conversation *talk)
{
    bool goes_on = true;
    enum http_send sent = HTTP_SEND_BLOCKED;
    conversation_enter(talk, SENDING);
    while (goes_on && sent != HTTP_SEND_DONE) {
        size_t all = SIZE_MAX;
        sent = exchange_send(&talk->exchange, &all);
        conversation_note_progress(talk);
        if (sent == HTTP_SEND_EMPTY)
            goes_on = send_piece(talk);
        else if (sent == HTTP_SEND_BLOCKED)
            goes_on = conversation_wait(talk, POLLOUT) == CLIENT_READY;
        else if (sent == HTTP_SEND_BROKEN)
            goes_on = false;
    }
    return goes_on;
}

static void linger(struct conversation *talk)
{
    conversation_enter(talk, LINGERING);
    exchange_shut_output(&talk->exchange);
    if (talk->exchange.ended)
        return;
    while (conversation_wait(talk, POLLIN) == CLIENT_READY) {
        enum exchange_input input = exchange_drain(&talk->exchange);
        if (input == INPUT_ENDED || input == INPUT_BROKEN)
            return;
    }
}

static bool compose(struct conversation *talk, unsigned status)
{
    bool is_last = status != 500;
    exchange_forget(server_of(talk), &talk->exchange);
    return exchange_reply_with_status(server_of(talk), &talk->exchange, status, is_last);
}

/* Returns whether there may be another. */
static bool serve_one(struct conversation *talk)
{
    unsigned status = get(talk);
    if (status == WELL)
        status = find(talk);
    if (status == GONE || (status > TOLD && !compose(talk, status)))
        return false;
    bool is_through = send_all(talk), closes = talk->exchange.reply.closes;
    exchange_finish(server_of(talk), &talk->exchange, &talk->row, is_through);
    exchange_next(server_of(talk), &talk->exchange);
    talk->row.sent_bytes = talk->row.total_bytes = 0;
    talk->row.title[0] = '\0';
    if (is_through && closes)
        linger(talk);
    return is_through && !closes;
}

void serve_connection(struct conversation *talk)
{
    while (serve_one(talk))
        continue;
    conversation_end(talk);
}
