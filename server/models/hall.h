/*
 * What the threads of a blocking model share: the page cache with its lock, the board on which
 * each of them posts where it has come to, and the bell by which a thread that waits for its client
 * is told that something else has happened.
 */
#ifndef MODELS_HALL_H
#define MODELS_HALL_H

#include "core/request_status.h"
#include "core/server.h"

#include <pthread.h>

enum { HALL_NOTHING = -1 }; /* no descriptor */

struct hall {
    const char *model; /* its name */
    struct server *server;

    pthread_mutex_t cache_lock; /* held for a look or a change, never while something is read */
    pthread_cond_t loaded;      /* some file's load has ended */

    pthread_mutex_t board_lock;
    struct request_status *board; /* one row for each thread that serves */
    unsigned rows;

    _Atomic int64_t leave_by_ms; /* the end of the grace time, once the server is stopping */

    bool has_pipes;
    int bell_rope, note_pin;   /* the other ends of bell and door, where they are pipes */
    atomic_bool note_is_there; /* on the door */
    atomic_bool is_crowded;    /* more clients wait than threads are free */

    /* The model's own ways. */
    int bell;                               /* readable: something has happened */
    void (*answer_bell)(struct hall *hall); /* NULL: it rings for the end, and then for ever */
    int door;                               /* readable: somebody waits to be served */
    bool (*gives_way)(struct hall *hall);   /* asked by an idle thread: is it to go to the door? */
    bool (*is_last)(struct hall *hall);     /* shall this reply end its connection? */
};

/* Makes a hall for `rows` threads; its model's own ways are still to be set. False: no memory. */
bool hall_create(struct hall *hall, const char *model, struct server *server, unsigned rows);
void hall_destroy(struct hall *hall);

/*
 * Makes bell and door of pipes, for a model with many threads. The bell is rung by closing its
 * other end: then it is readable for all of them, for ever. The door holds one byte while a note
 * is on it, "somebody waits and nobody is free"; one idle thread takes it down. False: no
 * descriptors, errno says why.
 */
bool hall_open_pipes(struct hall *hall);
void hall_ring(struct hall *hall);
bool hall_take_note(struct hall *hall);

/* Says whether more clients wait than threads are free, and puts up the note if so. */
void hall_set_crowded(struct hall *hall, bool is_crowded);

/* SIGUSR1: what each thread is doing. Any thread may print it. */
void hall_print(struct hall *hall, FILE *out);

/*
 * SIGINT, SIGTERM: from now on replies say "Connection: close", idle connections are closed, and
 * what is not done by the end of the grace time is cut. The second time, nothing is waited for.
 * Returns whether it was the first. The bell is the model's to ring.
 */
bool hall_stop(struct hall *hall);

/* Whether nothing is waited for any more: the server was to stop, and the grace time is over. */
bool hall_is_over(const struct hall *hall);

/*
 * pthread_cond_wait(3), for a condition made by condition_init(); but once the server stops, not
 * beyond the end of the grace time. Who waits here is to be woken when the server is stopped.
 */
void hall_wait(struct hall *hall, pthread_cond_t *condition, pthread_mutex_t *lock);

#endif
