/*
 * What the threads of a blocking model share, and how each of them waits.
 *
 * A thread that serves a connection keeps all that it knows of it on its own stack, or beside it,
 * in its struct conversation: nobody else looks there. What is shared is here: the page cache with
 * its lock, the board on which each thread posts where it has come to, and the bell by which a
 * thread that waits for a client is told that something else has happened.
 */
#ifndef MODELS_HALL_H
#define MODELS_HALL_H

#include "core/exchange.h"

#include <pthread.h>

enum {
    HALL_NOTHING = -1,       /* no descriptor */
    PIECE_BYTES = 256 * 1024 /* what is read at a time of a file that is not cached */
};

struct hall {
    const char *model; /* its name */
    struct server *server;

    pthread_mutex_t cache_lock; /* held for a look or a change, never while something is read */
    pthread_cond_t loaded;      /* some file's load has ended */

    pthread_mutex_t board_lock;
    struct request_status *board; /* one row for each thread that serves */
    unsigned rows;

    _Atomic int64_t leave_by_ms; /* the end of the grace time, once the server is stopping */

    /* The model's own ways. */
    int bell;                               /* readable: something has happened */
    void (*answer_bell)(struct hall *hall); /* NULL: it rings for the end, and then for ever */
    int door;                               /* readable: somebody waits to be served */
    bool (*gives_way)(struct hall *hall);   /* asked by an idle thread: is it to go to the door? */
    bool (*is_last)(struct hall *hall);     /* shall this reply end its connection? */
};

struct conversation {
    struct hall *hall;
    unsigned number; /* of its row on the board */
    struct request_status row;
    struct exchange exchange;
    int64_t deadline_ms; /* of the state it is in */
    struct exchange_area area;
    char piece[PIECE_BYTES]; /* of a file that is too large for the cache */
};

/* Makes a hall for `rows` threads; its model's own ways are still to be set. False: no memory. */
bool hall_create(struct hall *hall, const char *model, struct server *server, unsigned rows);
void hall_destroy(struct hall *hall);

/* SIGUSR1: what each thread is doing. Any thread may print it. */
void hall_print(struct hall *hall, FILE *out);

/*
 * SIGINT, SIGTERM: from now on replies say "Connection: close", idle connections are closed, and
 * what is not done by the end of the grace time is cut. The second time, nothing is waited for.
 * Returns whether it was the first. The bell is the model's to ring.
 */
bool hall_stop(struct hall *hall);

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

/* Something of the reply has gone out: the deadline of SENDING counts from now. */
void conversation_note_progress(struct conversation *talk);

enum waited {
    CLIENT_READY,
    TIME_OVER,  /* the state's deadline, or the server's, has passed */
    MUST_LEAVE, /* idle, and the server stops or somebody else waits to be served */
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
