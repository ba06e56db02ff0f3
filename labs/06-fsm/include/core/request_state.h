/*
 * The words for where a request is.
 *
 * Every model uses them: the event model keeps a request's state in a table and makes a machine
 * of it, a blocking thread merely announces where in its straight-line code it has come to. One
 * vocabulary is what makes three very different servers comparable on one screen.
 *
 * This is server/core/request_state.h, and the states of this term's extension (term.h).
 */
#ifndef CORE_REQUEST_STATE_H
#define CORE_REQUEST_STATE_H

#include "core/colours.h"
#include "term.h"

/* clang-format off */
/*          state       colour          what the request is doing, as SIGUSR1 tells it        */
#define REQUEST_STATES(X)                                                                       \
    X(FREE,       COLOUR_VACANT,  "nobody: the slot is free")                                   \
    X(IDLE,       COLOUR_IDLE,    "the client's next request")                                  \
    X(READING,    COLOUR_INPUT,   "the rest of the request")                                    \
    X(DISCARDING, COLOUR_INPUT,   "the rest of a body nobody needs")                            \
    X(YIELDED,    COLOUR_QUEUED,  "its turn: others come first")                                \
    X(WAITING,    COLOUR_QUEUED,  "a place at the disk")                                        \
    X(JOINED,     COLOUR_QUEUED,  "another request's read of this file")                        \
    X(LOADING,    COLOUR_DISK,    "the disk")                                                   \
    X(SENDING,    COLOUR_OUTPUT,  "the client to take the reply")                               \
    X(LINGERING,  COLOUR_LEAVING, "the client to hang up")                                      \
    X(ABANDONED,  COLOUR_LEAVING, "the disk, for a client that has gone")                       \
    TERM_STATES(X)
/* clang-format on */

enum request_state {
#define X(name, colour, waits_for) name,
    REQUEST_STATES(X)
#undef X
        REQUEST_STATE_COUNT
};

/* All three answer for every state; the strings are constant. */
const char *request_state_name(enum request_state state);
const char *request_state_waits_for(enum request_state state);
const char *request_state_colour(enum request_state state);

#endif
