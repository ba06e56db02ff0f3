/*
 * The threaded model: a dispatcher and its workers.
 *
 * The dispatcher takes new connections and puts them into a bounded queue; each worker takes one
 * and serves it, blocking where it must, while the other workers go on. The queue is a monitor:
 * one lock, and a condition for each thing that is waited for. When it is full, the dispatcher
 * waits, and whoever comes now waits in the kernel.
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
    unsigned free_workers; /* that wait for `not_empty` */
    bool is_closed;        /* nobody will be put into it any more */
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

/* Told after each change, by who holds the lock: do more clients wait than workers? */
static void tell_crowd(void)
{
    hall_set_crowded(&crew.hall, queue.length > queue.free_workers);
}

/* Once the server stops, the wait has an end: perhaps no worker will ever take a client again. */
static void put(const struct client *client)
{
    pthread_mutex_lock(&queue.lock);
    while (queue.length == queue.capacity && !hall_is_over(&crew.hall))
        hall_wait(&crew.hall, &queue.not_full, &queue.lock);
    if (queue.length == queue.capacity) {
        close(client->socket);
    } else {
        queue.clients[(queue.first + queue.length++) % queue.capacity] = *client;
        tell_crowd();
        pthread_cond_signal(&queue.not_empty);
    }
    pthread_mutex_unlock(&queue.lock);
}

/* Returns false when nobody will come any more. */
static bool take(struct client *client)
{
    pthread_mutex_lock(&queue.lock);
    queue.free_workers++;
    while (queue.length == 0 && !queue.is_closed)
        pthread_cond_wait(&queue.not_empty, &queue.lock);
    queue.free_workers--;
    bool has_client = queue.length > 0;
    if (has_client) {
        *client = queue.clients[queue.first];
        queue.first = (queue.first + 1) % queue.capacity;
        queue.length--;
        pthread_cond_signal(&queue.not_full);
    }
    tell_crowd();
    pthread_mutex_unlock(&queue.lock);
    return has_client;
}

static void close_queue(void)
{
    pthread_mutex_lock(&queue.lock);
    queue.is_closed = true;
    pthread_cond_broadcast(&queue.not_empty);
    pthread_mutex_unlock(&queue.lock);
}

/* --- workers ------------------------------------------------------------------------------ */

static void *work(void *conversation)
{
    struct conversation *talk = conversation;
    struct client client;
    while (take(&client)) {
        conversation_begin(talk, client.socket, client.peer);
        serve_connection(talk);
    }
    crew_leave(&crew, talk);
    return NULL;
}

static bool hire(void)
{
    for (; crew.hired < crew.size; crew.hired++) {
        struct conversation *talk = conversation_create(&crew.hall, crew.hired);
        if (talk == NULL)
            return false;
        errno = pthread_create(&crew.threads[crew.hired], NULL, work, talk);
        if (errno != 0) {
            free(talk);
            return false;
        }
    }
    return true;
}

/* --- the dispatcher ----------------------------------------------------------------------- */

static void dispatch(void)
{
    struct client client;
    while (reception_next(&crew.hall, &client))
        put(&client);
}

/* The server is to stop, and the dispatcher may be waiting for room. */
static void wake_dispatcher(void)
{
    pthread_mutex_lock(&queue.lock);
    pthread_cond_signal(&queue.not_full);
    pthread_mutex_unlock(&queue.lock);
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
