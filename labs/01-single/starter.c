/*
 * Lab 01: "Gets a request, looks in its cache, reads the disk if it must, sends the reply": every
 * step is carried out to completion, and every wait is a call that does not return before it is
 * over. What is still to be done says so: look for todo().
 */
#include "core/clock.h"
#include "core/work.h"
#include "models/blocking.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* What a step leaves to be done. */
enum next {
    GO_ON,
    REPLY,   /* a reply is composed: send it */
    HANG_UP, /* the client has gone, or must */
};

static void todo(const char *what)
{
    fprintf(stderr, "TODO %s\n", what);
}

/* Composes a reply that is only a status: 404, 500. `is_last` ends the connection with it. */
static enum next compose(struct conversation *talk, unsigned status, bool is_last)
{
    struct server *server = talk->hall->server;
    exchange_forget(server, &talk->exchange);
    return exchange_reply_with_status(server, &talk->exchange, status, is_last) ? REPLY : HANG_UP;
}

/* --- getting a request -------------------------------------------------------------------- */

/* Step 1: waits for the client to say more, then takes what has come. Step 5: times. */
static enum next receive(struct conversation *talk)
{
    (void)talk;
    todo("step 1: receive: conversation_wait(), then exchange_receive()");
    return HANG_UP;
}

/* Step 1: receives until the parser says that the request is complete, or refuses it. */
static enum next get_request(struct conversation *talk)
{
    conversation_enter(talk, exchange_has_input(&talk->exchange) ? READING : IDLE);
    return receive(talk);
}

/* --- the cache, and the disk -------------------------------------------------------------- */

/* Somebody else is reading this file already. (You meet it in lab 02; here nobody else is there.)
 */
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

/* Step 3: finds what was asked for, and composes the reply. Step 4: LOOKUP_STREAM. */
static enum next find_content(struct conversation *talk)
{
    struct server *server = talk->hall->server;
    struct exchange *exchange = &talk->exchange;
    enum next next = GO_ON;
    exchange->is_last = talk->hall->is_last(talk->hall);
    enum exchange_lookup lookup = exchange_look_up(server, exchange, clock_now_ms());
    switch (lookup) {
    case LOOKUP_REPLY: return REPLY;
    case LOOKUP_SHARED: next = join_load(talk); break;
    case LOOKUP_CACHED:
    case LOOKUP_LOAD: todo("step 3: find_content: read the disk"); return compose(talk, 501, true);
    case LOOKUP_STREAM:
        todo("step 4: find_content: LOOKUP_STREAM");
        return compose(talk, 501, true);
    }
    if (next == GO_ON)
        exchange_reply_from_cache(server, exchange);
    return next == HANG_UP ? HANG_UP : REPLY;
}

/* --- sending the reply -------------------------------------------------------------------- */

/* Step 2: sends, until all is sent. Step 4: HTTP_SEND_EMPTY. Step 5: HTTP_SEND_BLOCKED. */
static bool send_reply(struct conversation *talk)
{
    conversation_enter(talk, SENDING);
    todo("step 2: send_reply: exchange_send()");
    return false;
}

/* Step 6: lets the client read the reply to its end, before the connection is closed. */
static void linger(struct conversation *talk)
{
    (void)talk;
    todo("step 6: linger");
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
