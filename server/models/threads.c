/*
 * The threaded model: a dispatcher and its workers.
 *
 * The dispatcher takes new connections and puts them into a bounded queue; each worker takes one
 * and serves it, blocking where it must, while the other workers go on. The queue is a monitor:
 * one lock, and a condition for each thing that is waited for. When it is full, the dispatcher
 * waits, and whoever comes now waits in the kernel.
 */
#include "core/clock.h"
#include "core/descriptors.h"
#include "core/listener.h"
#include "models/blocking.h"
#include "models/condition.h"
#include "models/model.h"
#include "models/watchman.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PAUSE_MS = 100,
    FOR_EVER_MS = -1,
    DESCRIPTORS_MAX = 1 << 17, /* more than all the workers and clients that can be asked for */
    SPARE_DESCRIPTORS = 8, /* the pipes of bell and door, directories, the listener's next client */
};

struct client {
    int socket;
    char peer[REQUEST_PEER_BYTES];
};

static struct crew {
    struct hall hall;
    struct watchman watchman;
    pthread_t *workers;
    unsigned count;

    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t not_empty, not_full, somebody_left;
    struct client *queue; /* a ring */
    unsigned first, length, capacity;
    unsigned free_workers; /* that wait for `not_empty` */
    unsigned at_work;      /* workers that have not left */
    bool door_is_shut;     /* nobody will be put into the queue any more */
    bool is_over;          /* nothing is waited for any more */
} crew;

/* --- the queue ---------------------------------------------------------------------------- */

/* Whether more clients wait than workers; to be asked by who holds the lock. */
static bool is_crowded(void)
{
    return crew.length > crew.free_workers;
}

/* Once the server stops, the wait has an end: perhaps no worker will ever take a client again. */
static void await_room(void)
{
    while (crew.length == crew.capacity && !crew.is_over &&
           clock_now_ms() < crew.hall.leave_by_ms) {
        if (crew.hall.server->stopping)
            condition_wait_until(&crew.not_full, &crew.lock, crew.hall.leave_by_ms);
        else
            pthread_cond_wait(&crew.not_full, &crew.lock);
    }
}

static void put(const struct client *client)
{
    pthread_mutex_lock(&crew.lock);
    await_room();
    if (crew.length == crew.capacity || crew.is_over) {
        close(client->socket);
    } else {
        crew.queue[(crew.first + crew.length++) % crew.capacity] = *client;
        if (is_crowded())
            hall_put_note(&crew.hall);
        pthread_cond_signal(&crew.not_empty);
    }
    pthread_mutex_unlock(&crew.lock);
}

/* Returns false when nobody will come any more. */
static bool take(struct client *client)
{
    pthread_mutex_lock(&crew.lock);
    crew.free_workers++;
    while (crew.length == 0 && !crew.door_is_shut)
        pthread_cond_wait(&crew.not_empty, &crew.lock);
    crew.free_workers--;
    bool has_client = crew.length > 0;
    if (has_client) {
        *client = crew.queue[crew.first];
        crew.first = (crew.first + 1) % crew.capacity;
        crew.length--;
        if (is_crowded())
            hall_put_note(&crew.hall); /* the last one may have been about the client taken */
        pthread_cond_signal(&crew.not_full);
    }
    pthread_mutex_unlock(&crew.lock);
    return has_client;
}

/* A worker that stays with its client while others wait in the queue would be unjust. */
static bool somebody_waits(struct hall *hall)
{
    (void)hall;
    pthread_mutex_lock(&crew.lock);
    bool waits = is_crowded();
    pthread_mutex_unlock(&crew.lock);
    return waits;
}

/* One idle worker takes the note down, closes its connection, and goes to the queue. */
static bool gives_way(struct hall *hall)
{
    pthread_mutex_lock(&crew.lock);
    bool goes = hall_take_note(hall) && is_crowded();
    pthread_mutex_unlock(&crew.lock);
    return goes;
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
    free(talk);
    pthread_mutex_lock(&crew.lock);
    crew.at_work--;
    pthread_cond_signal(&crew.somebody_left);
    pthread_mutex_unlock(&crew.lock);
    return NULL;
}

static bool hire(unsigned count)
{
    crew.workers = calloc(count, sizeof *crew.workers);
    if (crew.workers == NULL)
        return false;
    for (crew.count = 0; crew.count < count; crew.count++) {
        struct conversation *talk = conversation_create(&crew.hall, crew.count);
        if (talk == NULL)
            return false;
        errno = pthread_create(&crew.workers[crew.count], NULL, work, talk);
        if (errno != 0) {
            free(talk);
            return false;
        }
        pthread_mutex_lock(&crew.lock);
        crew.at_work++;
        pthread_mutex_unlock(&crew.lock);
    }
    return true;
}

/* --- the dispatcher ----------------------------------------------------------------------- */

/* Waits for a client, or for the end. */
static void wait_at_door(int listener, int timeout_ms)
{
    struct pollfd ways[] = {{.fd = listener, .events = POLLIN},
                            {.fd = crew.hall.bell, .events = POLLIN}};
    poll(ways, sizeof ways / sizeof *ways, timeout_ms);
}

static enum accepted dispatch_next(struct server *server)
{
    struct sockaddr_storage peer;
    struct request_status row;
    struct client client;
    socklen_t peer_length;
    enum accepted accepted = listener_accept(server->listener, &client.socket, &peer, &peer_length);
    if (accepted != ACCEPT_DONE)
        return accepted;
    request_status_set_peer(&row, (const struct sockaddr *)&peer, peer_length);
    memcpy(client.peer, row.peer, sizeof client.peer);
    server->stats.accepted++;
    put(&client);
    return accepted;
}

static void dispatch(struct server *server)
{
    while (!server->stopping) {
        switch (dispatch_next(server)) {
        case ACCEPT_DONE: break;
        case ACCEPT_NOBODY: wait_at_door(server->listener, FOR_EVER_MS); break;
        case ACCEPT_FULL: wait_at_door(HALL_NOTHING, PAUSE_MS); break;
        }
    }
    while (clock_now_ms() < crew.hall.leave_by_ms && dispatch_next(server) == ACCEPT_DONE)
        continue; /* they were there before the signal */
    close(server->listener);
}

/* --- the beginning and the end ------------------------------------------------------------ */

/* The bell does not reach who waits for a condition. */
static void wake_waiting(bool at_once)
{
    pthread_mutex_lock(&crew.lock);
    crew.is_over |= at_once;
    pthread_cond_signal(&crew.not_full);
    pthread_cond_signal(&crew.somebody_left);
    pthread_mutex_unlock(&crew.lock);
}

static unsigned smaller(uint64_t a, uint64_t b)
{
    return (unsigned)(a < b ? a : b);
}

/*
 * A worker needs two descriptors, for its client and for a file; a client in the queue one. Where
 * there are too few, there are fewer workers, and a shorter queue.
 */
static unsigned plan(const struct options *options)
{
    unsigned left = descriptors_left(DESCRIPTORS_MAX);
    left = left > SPARE_DESCRIPTORS ? left - SPARE_DESCRIPTORS : 0;
    unsigned workers = smaller(options->threads, left / 3);
    crew.capacity = smaller(options->queue, left - 2 * workers);
    return workers;
}

static bool assemble(struct server *server)
{
    unsigned workers = plan(&server->options);
    errno = EMFILE;
    if (workers == 0)
        return false;
    pthread_mutex_init(&crew.lock, NULL);
    condition_init(&crew.not_empty);
    condition_init(&crew.not_full);
    condition_init(&crew.somebody_left);
    crew.queue = calloc(crew.capacity, sizeof *crew.queue);
    if (crew.queue == NULL || !hall_create(&crew.hall, "threads", server, workers) ||
        !hall_open_pipes(&crew.hall))
        return false;
    crew.hall.gives_way = gives_way;
    crew.hall.is_last = somebody_waits;
    return watchman_begin(&crew.watchman, &crew.hall, wake_waiting) && hire(workers);
}

/* Waits for the workers to finish, until the grace time is over. Returns whether they have. */
static bool await_workers(void)
{
    pthread_mutex_lock(&crew.lock);
    crew.door_is_shut = true;
    pthread_cond_broadcast(&crew.not_empty);
    while (crew.at_work > 0 && !crew.is_over && clock_now_ms() < crew.hall.leave_by_ms)
        condition_wait_until(&crew.somebody_left, &crew.lock, crew.hall.leave_by_ms);
    bool all_left = crew.at_work == 0;
    crew.is_over = true;
    pthread_mutex_unlock(&crew.lock);
    return all_left;
}

/* Only when every thread has ended is there nobody left who could use what is freed here. */
static void disband(void)
{
    for (unsigned i = 0; i < crew.count; i++)
        pthread_join(crew.workers[i], NULL);
    watchman_end(&crew.watchman);
    free(crew.workers);
    free(crew.queue);
    hall_destroy(&crew.hall);
}

/* Some still wait for the disk, and nobody waits for them: they end with the process. */
static void leave_behind(struct server *server)
{
    server->is_in_use = true;
    for (unsigned i = 0; i < crew.count; i++)
        pthread_detach(crew.workers[i]);
    pthread_detach(crew.watchman.thread);
}

static int threads_run(struct server *server)
{
    if (!assemble(server)) {
        fprintf(stderr, "threeways: --threads %u: %s; ask for fewer, or raise ulimit -n\n",
                (unsigned)server->options.threads, strerror(errno));
        return EXIT_FAILURE;
    }
    printf("threads: a dispatcher, %u workers, a queue of %u.\n"
           "Ctrl-C ends it; kill -USR1 %ld shows what they are doing.\n",
           crew.count, crew.capacity, (long)getpid());
    fflush(stdout);
    dispatch(server);
    if (await_workers())
        disband();
    else
        leave_behind(server);
    return EXIT_SUCCESS;
}

const struct model model_threads = {
    .choice = {"threads", "a dispatcher hands connections to workers, which block"},
    .run = threads_run,
};
