/*
 * The finite-state machine of a request: its words, its one step, its pictures.
 *
 * A transition is (state, event) -> (action, next state). fsm_table.c holds all of them and
 * nothing else; actions.c holds what the actions do. An action never waits and never steps the
 * machine: it hands on the next event, or NOTHING when the request must wait for the world.
 *
 * This is server/event/fsm.h, and the events of this term's extension (term.h).
 */
#ifndef EVENT_FSM_H
#define EVENT_FSM_H

#include "core/request_state.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct request;

/* clang-format off */
/* Events come from outside (the poller, the disk, a clock, an order to stop), are posted by
   another request on the ready list, or are the outcome of an action, handed on at once. */
#define FSM_EVENTS(X)                                                               \
    X(NOTHING,     OUTCOME, "the request waits")                                    \
    X(ACCEPTED,    OUTSIDE, "a client has connected")                               \
    X(READABLE,    OUTSIDE, "bytes have come, or the end of them")                  \
    X(WRITABLE,    OUTSIDE, "the socket takes bytes again")                         \
    X(DISK_DONE,   OUTSIDE, "the disk has read what was asked for")                 \
    X(DISK_FAILED, OUTSIDE, "the disk could not")                                   \
    X(HUNG_UP,     OUTSIDE, "the client has gone")                                  \
    X(TIMED_OUT,   OUTSIDE, "the state has lasted too long")                        \
    X(STOPPING,    OUTSIDE, "the server is to end")                                 \
    X(TURN,        POSTED,  "it is this request's turn")                            \
    X(LOADED,      POSTED,  "the read that it joined is done")                      \
    X(LOAD_FAILED, POSTED,  "the read that it joined has failed")                   \
    X(COMPLETE,    OUTCOME, "the whole head is there, and no body to discard")      \
    X(HAS_BODY,    OUTCOME, "the head is there, and a body follows")                \
    X(BODY_READ,   OUTCOME, "the body is through")                                  \
    X(MALFORMED,   OUTCOME, "this is no request that can be answered")              \
    X(ENDED,       OUTCOME, "the client sends no more, and nothing is owed to it")  \
    X(HIT,         OUTCOME, "the reply is at hand")                                 \
    X(JOIN,        OUTCOME, "another request is reading this file")                 \
    X(MISS,        OUTCOME, "the disk must be asked, and there is a place")         \
    X(BUSY,        OUTCOME, "the disk must be asked, and there is no place")        \
    X(CHUNK_SENT,  OUTCOME, "what was at hand is sent, and more is to be read")     \
    X(SENT,        OUTCOME, "the reply is sent, and the connection stays")          \
    X(CLOSING,     OUTCOME, "the reply is sent, and it was the last")               \
    X(BROKEN,      OUTCOME, "the reply cannot be finished")                         \
    X(PIPELINED,   OUTCOME, "the next request has begun to come already")           \
    X(SPENT,       OUTCOME, "it has, but this connection has had its share")        \
    TERM_EVENTS(X)
/* clang-format on */

enum event {
#define X(name, source, meaning) name,
    FSM_EVENTS(X)
#undef X
        EVENT_COUNT
};

enum event_source { OUTSIDE, POSTED, OUTCOME };

/* All three answer for every event; the strings are constant. */
const char *event_name(enum event event);
const char *event_meaning(enum event event);
enum event_source event_source(enum event event);

/* What the poller watches for in a state, and which clock runs. */
enum fsm_watch { NO_WATCH, INPUT, OUTPUT };
enum fsm_timer { NO_TIMER, IDLE_TIME, REQUEST_TIME, DISK_TIME, SEND_TIME, LINGER_TIME, FSM_TIMERS };

struct fsm_cell {
    uint8_t action; /* enum action_name; 0 is `impossible` */
    uint8_t next;   /* enum request_state */
};

struct fsm_row {
    enum fsm_watch watch;
    enum fsm_timer timer;
    struct fsm_cell on[EVENT_COUNT];
};

extern const struct fsm_row fsm_table[REQUEST_STATE_COUNT];

/*
 * Takes a request from its state through the event, and through whatever events the actions hand
 * on, until it waits. The request may be FREE afterwards. A pair that the table does not list, or
 * an outcome that an action has not declared, is a fault of ours: both names are printed on
 * standard error and the connection ends; the server goes on.
 */
void fsm_step(struct request *request, enum event event);

struct trace;

/* Tells the trace the machine's words and edges, and how many slots there are. */
void fsm_describe(struct trace *trace, unsigned slots);

/* Prints the machine as a table for people, or for Graphviz (neato). */
void fsm_print_table(FILE *out);
void fsm_print_dot(FILE *out);

#endif
