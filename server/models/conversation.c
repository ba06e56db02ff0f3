#include "models/conversation.h"

#include "core/clock.h"
#include "models/condition.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINGER_MS = 2000,
    /* So long a client may stay even if somebody waits at the door. */
    SETTLED_MS = 500, /* who is idle */
    HEARD_MS = 100,   /* who has been sent all, and is given time to read it */
};

struct conversation *conversation_create(struct hall *hall, unsigned number)
{
    struct conversation *talk = calloc(1, sizeof *talk);
    if (talk == NULL)
        return NULL;
    talk->hall = hall;
    talk->number = number;
    return talk;
}

static void post(struct conversation *talk)
{
    struct hall *hall = talk->hall;
    pthread_mutex_lock(&hall->board_lock);
    hall->board[talk->number] = talk->row;
    pthread_mutex_unlock(&hall->board_lock);
}

void conversation_begin(struct conversation *talk, int socket, const char *peer)
{
    exchange_open(&talk->exchange, socket);
    exchange_lend_area(&talk->exchange, &talk->area);
    talk->row = (struct request_status){.state = FREE};
    memcpy(talk->row.peer, peer, sizeof talk->row.peer);
    talk->generation++;
}

void conversation_end(struct conversation *talk)
{
    exchange_close(talk->hall->server, &talk->exchange);
    conversation_enter(talk, FREE);
}

/* What is not listed is a state of the event model alone. */
static int64_t patience_ms(const struct options *options, enum request_state state)
{
    const int64_t patience[REQUEST_STATE_COUNT] = {
        [IDLE] = (int64_t)options->idle_timeout_ms,
        [READING] = (int64_t)options->read_timeout_ms,
        [JOINED] = (int64_t)options->load_timeout_ms,
        [LOADING] = (int64_t)options->load_timeout_ms,
        [SENDING] = (int64_t)options->write_timeout_ms,
        [LINGERING] = LINGER_MS,
    };
    return patience[state];
}

void conversation_name_request(struct conversation *talk)
{
    trace_request(&talk->hall->server->trace, (int)talk->number, talk->generation, talk->row.title);
}

void conversation_note(struct conversation *talk, enum trace_kind kind)
{
    trace_note(&talk->hall->server->trace, kind, (int)talk->number, talk->generation, 0);
}

void conversation_enter(struct conversation *talk, enum request_state state)
{
    trace_transition(&talk->hall->server->trace, (int)talk->number, talk->generation,
                     talk->row.state, 0, state);
    talk->row.state = state;
    talk->row.since_ms = clock_now_ms();
    if (state != DISCARDING)
        talk->deadline_ms = talk->row.since_ms + patience_ms(&talk->hall->server->options, state);
    post(talk);
}

void conversation_note_progress(struct conversation *talk)
{
    const struct http_reply *reply = &talk->exchange.reply;
    if (reply->sent_bytes == talk->row.sent_bytes)
        return;
    talk->deadline_ms = clock_now_ms() + patience_ms(&talk->hall->server->options, SENDING);
    talk->row.sent_bytes = reply->sent_bytes;
    talk->row.total_bytes = reply->total_bytes;
    post(talk);
}

/* --- waiting for the client --------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int rest_of(int64_t until_ms, int64_t now_ms)
{
    return until_ms <= now_ms ? 0 : (int)earlier(until_ms - now_ms, INT32_MAX);
}

/* From when on the thread keeps an ear at the door. */
static int64_t listens_from_ms(const struct request_status *row)
{
    if (row->state == IDLE)
        return row->since_ms + SETTLED_MS;
    return row->state == LINGERING ? row->since_ms + HEARD_MS : INT64_MAX;
}

/* Until when the thread may wait before it has to look up: not at all, if it only need look. */
static int64_t looks_up_ms(const struct conversation *talk, int64_t now_ms)
{
    int64_t until_ms = earlier(talk->deadline_ms, talk->hall->leave_by_ms);
    int64_t listens_ms = listens_from_ms(&talk->row);
    if (talk->row.state == IDLE && talk->hall->server->stopping)
        return now_ms;
    return now_ms < listens_ms ? earlier(until_ms, listens_ms) : until_ms;
}

static bool hears_bell(const struct hall *hall)
{
    return hall->answer_bell != NULL || !hall->server->stopping;
}

enum waited conversation_wait(struct conversation *talk, short events)
{
    struct hall *hall = talk->hall;
    bool is_idle = talk->row.state == IDLE;
    for (;;) {
        int64_t now_ms = clock_now_ms();
        bool at_door = now_ms >= listens_from_ms(&talk->row);
        struct pollfd ways[] = {{.fd = talk->exchange.socket, .events = events},
                                {.fd = hears_bell(hall) ? hall->bell : -1, .events = POLLIN},
                                {.fd = at_door ? hall->door : -1, .events = POLLIN}};
        conversation_note(talk, TRACE_BLOCKED);
        poll(ways, sizeof ways / sizeof *ways, rest_of(looks_up_ms(talk, now_ms), now_ms));
        conversation_note(talk, TRACE_RESUMED);
        if (ways[1].revents != 0 && hall->answer_bell != NULL)
            hall->answer_bell(hall);
        if (ways[0].revents != 0)
            return CLIENT_READY;
        if (is_idle && hall->server->stopping)
            return MUST_LEAVE;
        if (ways[2].revents != 0 && hall->gives_way(hall)) {
            hall->server->stats.turned_away += is_idle;
            return MUST_LEAVE;
        }
        if (clock_now_ms() >= hall->leave_by_ms)
            return MUST_LEAVE;
        if (clock_now_ms() >= talk->deadline_ms) {
            hall->server->stats.timeouts++;
            return TIME_OVER;
        }
    }
}

/* --- waiting for another thread's load ---------------------------------------------------- */

enum cache_stage conversation_await_load(struct conversation *talk)
{
    struct hall *hall = talk->hall;
    const struct cache_entry *entry = talk->exchange.entry;
    int64_t until_ms = earlier(talk->deadline_ms, hall->leave_by_ms);
    conversation_note(talk, TRACE_BLOCKED);
    pthread_mutex_lock(&hall->cache_lock);
    while (entry->stage == CACHE_LOADING && clock_now_ms() < until_ms)
        condition_wait_until(&hall->loaded, &hall->cache_lock, until_ms);
    pthread_mutex_unlock(&hall->cache_lock);
    conversation_note(talk, TRACE_RESUMED);
    return entry->stage;
}

void conversation_announce_load(struct conversation *talk)
{
    struct hall *hall = talk->hall;
    pthread_mutex_lock(&hall->cache_lock);
    pthread_cond_broadcast(&hall->loaded);
    pthread_mutex_unlock(&hall->cache_lock);
}
