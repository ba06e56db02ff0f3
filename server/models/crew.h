/*
 * The crew of a model with workers: how many there can be, the hall in which they serve, and how
 * they come to an end. What a worker does, and how clients reach it, is the model's business.
 */
#ifndef MODELS_CREW_H
#define MODELS_CREW_H

#include "models/conversation.h"
#include "models/hall.h"
#include "models/watchman.h"

struct crew {
    struct hall hall;
    unsigned size;      /* workers that there shall be: what was asked for, or less */
    unsigned queue;     /* clients that may wait for one of them: the same */
    pthread_t *threads; /* `size` of them, for the model to start, ... */
    unsigned hired;     /* ... and to count */

    /* crew.c's own */
    struct watchman watchman;
    void (*wake_dispatcher)(void);
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t somebody_left;
    unsigned left; /* workers that have */
};

/*
 * Counts descriptors, and makes the hall; nobody serves in it yet. Where there are too few
 * descriptors, there are fewer workers, and a shorter queue. False: it cannot be; errno says why.
 */
bool crew_prepare(struct crew *crew, const char *model, struct server *server);

/*
 * Starts the watchman. When the server is to stop, and once more when nothing is to be waited for
 * any longer, it calls `wake_dispatcher`: the dispatcher may sleep where no bell reaches it.
 * False: there is no thread for it; errno says why.
 */
bool crew_watch(struct crew *crew, void (*wake_dispatcher)(void));

/* Tells the user that the server serves, or why it cannot. */
void crew_announce(const struct crew *crew);
void crew_complain(const struct crew *crew);

/* A worker's last words. */
void crew_leave(struct crew *crew, struct conversation *talk);

/*
 * Waits for all workers to leave, until the grace time is over. Returns whether they have: then
 * all threads have ended, and what they shared is nobody's. Otherwise some still wait for the
 * disk, and nobody waits for them: they end with the process, and may use what they shared.
 */
bool crew_disband(struct crew *crew);

#endif
