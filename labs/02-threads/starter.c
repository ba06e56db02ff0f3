/*
 * Lab 02: the threaded model: a dispatcher, its workers, and a bounded queue between them.
 *
 * It serves already, but the dispatcher does everything itself: while it waits for the disk, nobody
 * else is served. What is still to be done says TODO.
 */
#include "models/blocking.h"
#include "models/condition.h"
#include "models/crew.h"
#include "models/model.h"
#include "models/reception.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static struct crew crew;

static struct queue {
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t not_empty, not_full;
    struct client *clients; /* a ring */
    unsigned first, length, capacity;
    /* TODO step 6: how many workers wait. TODO step 7: whether somebody will still come. */
} queue;

/* --- the queue ---------------------------------------------------------------------------- */

static bool open_queue(unsigned capacity)
{
    pthread_mutex_init(&queue.lock, NULL);
    condition_init(&queue.not_empty);
    condition_init(&queue.not_full);
    queue.clients = calloc(capacity, sizeof *queue.clients);
    queue.capacity = capacity;
    return queue.clients != NULL;
}

/* TODO step 2: static void put(const struct client *client), static bool take(struct client *) */

/* Nobody will come any more: every worker is to know. */
static void close_queue(void)
{
    /* TODO step 7 */
}

/* --- workers ------------------------------------------------------------------------------ */

/* TODO step 3: static void *work(void *conversation): takes a client, serves it, takes the next */

/* Starts crew.size workers: crew.threads[0] and so on, and counts them in crew.hired. */
static bool hire(void)
{
    fprintf(stderr, "TODO step 3: hire: start %u workers\n", crew.size);
    return true;
}

/* --- the dispatcher ----------------------------------------------------------------------- */

/* TODO step 3: put each client into the queue, instead of serving it here. */
static void dispatch(void)
{
    struct client client;
    struct conversation *talk = conversation_create(&crew.hall, 0);
    while (talk != NULL && reception_next(&crew.hall, &client)) {
        conversation_begin(talk, client.socket, client.peer);
        serve_connection(talk);
    }
    free(talk);
}

/* The server is to stop, and the dispatcher may be waiting for room. */
static void wake_dispatcher(void)
{
    /* TODO step 7 */
}

static int threads_run(struct server *server)
{
    if (!crew_prepare(&crew, "threads", server) || !open_queue(crew.queue) ||
        !crew_watch(&crew, wake_dispatcher) || !hire()) {
        crew_complain(&crew);
        return EXIT_FAILURE;
    }
    crew_announce(&crew);
    dispatch();
    close_queue();
    if (crew_disband(&crew))
        free(queue.clients);
    return EXIT_SUCCESS;
}

const struct model model_threads = {
    .choice = {"threads", "a dispatcher hands connections to workers, which block"},
    .run = threads_run,
};
