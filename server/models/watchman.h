/*
 * The thread that answers signals, where every other one may be waiting for the disk or a client.
 *
 * It sits in sigwait(3) and waits for nothing else: SIGUSR1 prints the board, SIGINT and SIGTERM
 * stop the hall and ring its bell. The signals are blocked in all threads, so none is interrupted.
 */
#ifndef MODELS_WATCHMAN_H
#define MODELS_WATCHMAN_H

#include "models/hall.h"

struct watchman {
    struct hall *hall;
    void (*stopped)(void *whose); /* also told of SIGINT and SIGTERM, each time */
    void *whose;
    pthread_t thread;
    atomic_bool is_off_duty;
};

/* Starts the thread. Returns false if there can be none; errno says why. */
bool watchman_begin(struct watchman *watchman, struct hall *hall, void (*stopped)(void *whose),
                    void *whose);

/* Ends the thread, and waits for it to have ended. */
void watchman_end(struct watchman *watchman);

#endif
