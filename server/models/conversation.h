/*
 * One client and the thread that serves it: how the thread announces where it has come to, and how
 * it waits.
 *
 * A thread keeps all that it knows of its connection on its own stack, or here, beside it; nobody
 * else looks there. What others may see, it posts on the hall's board.
 */
#ifndef MODELS_CONVERSATION_H
#define MODELS_CONVERSATION_H

#include "core/exchange.h"
#include "models/hall.h"

enum { PIECE_BYTES = 256 * 1024 }; /* what is read at a time of a file that is not cached */

struct conversation {
    struct hall *hall;
    unsigned number;     /* of its row on the board */
    unsigned generation; /* counts the connections that it has served */
    struct request_status row;
    struct exchange exchange;
    int64_t deadline_ms; /* of the state it is in */
    struct exchange_area area;
    char piece[PIECE_BYTES]; /* of a file that is too large for the cache */
};

/* Makes a conversation for row `number`. NULL: no memory. */
struct conversation *conversation_create(struct hall *hall, unsigned number);

/* Begins with a client; the socket is the conversation's from now on. */
void conversation_begin(struct conversation *talk, int socket, const char *peer);

/* Closes the connection. */
void conversation_end(struct conversation *talk);

/*
 * Announces where the thread has come to, for the board, and sets the deadline that goes with it.
 * DISCARDING goes on under READING's.
 */
void conversation_enter(struct conversation *talk, enum request_state state);

/* Tells the trace what the request is, now that it is understood. */
void conversation_name_request(struct conversation *talk);

/* Tells the trace that the thread waits, or has waited, for its client or the disk. */
void conversation_note(struct conversation *talk, enum trace_kind kind);

/* Something of the reply has gone out: the deadline of SENDING counts from now. */
void conversation_note_progress(struct conversation *talk);

enum waited {
    CLIENT_READY,
    TIME_OVER,  /* the state's deadline has passed */
    MUST_LEAVE, /* the grace time is over; or idle, and the server stops or somebody else waits */
};

/* The one call in which a blocking thread waits for its client: poll(2), for POLLIN or POLLOUT. */
enum waited conversation_wait(struct conversation *talk, short events);

/*
 * Waits until another thread has loaded the entry that the exchange has pinned, or until the
 * deadline; the condition of the monitor is the entry's stage. Returns the stage.
 */
enum cache_stage conversation_await_load(struct conversation *talk);

/* Wakes the threads that wait for a load: this one's has ended. */
void conversation_announce_load(struct conversation *talk);

#endif
