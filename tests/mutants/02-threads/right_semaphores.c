/*
 * Right, and written in another way: two semaphores count clients and room, as in the textbook's
 * bounded buffer; a lock is held for the ring alone. A client without a socket means the end.
 */
#include "core/clock.h"
#include "models/blocking.h"
#include "models/crew.h"
#include "models/model.h"
#include "models/reception.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { NOBODY = -1, LOOK_MS = 50, TO_NANOSECONDS = 1000000, SECOND = 1000000000 };

static struct crew crew;
static sem_t clients, room;
static pthread_mutex_t ring_lock = PTHREAD_MUTEX_INITIALIZER;
static struct client *ring;
static unsigned places, taken, put_in, in_ring, free_workers;

/* A client without a socket needs no room: the ring has a place for one for each worker. */
static void put(const struct client *client)
{
    pthread_mutex_lock(&ring_lock);
    ring[put_in++ % places] = *client;
    in_ring += client->socket != NOBODY;
    hall_set_crowded(&crew.hall, in_ring > free_workers);
    pthread_mutex_unlock(&ring_lock);
    sem_post(&clients);
}

static struct client take(void)
{
    pthread_mutex_lock(&ring_lock);
    free_workers++;
    pthread_mutex_unlock(&ring_lock);
    while (sem_wait(&clients) == -1)
        continue;
    pthread_mutex_lock(&ring_lock);
    struct client client = ring[taken++ % places];
    free_workers--;
    in_ring -= client.socket != NOBODY;
    hall_set_crowded(&crew.hall, in_ring > free_workers);
    pthread_mutex_unlock(&ring_lock);
    if (client.socket != NOBODY)
        sem_post(&room);
    return client;
}

static void *work(void *argument)
{
    struct conversation *talk = argument;
    for (struct client client = take(); client.socket != NOBODY; client = take()) {
        conversation_begin(talk, client.socket, client.peer);
        serve_connection(talk);
    }
    crew_leave(&crew, talk);
    return NULL;
}

/* Once the server stops, a wait without an end might be one: nobody may ever make room. */
static bool has_room(void)
{
    while (!crew.hall.server->stopping)
        if (sem_wait(&room) == 0)
            return true;
    do {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_MS * TO_NANOSECONDS;
        until.tv_sec += until.tv_nsec / SECOND;
        until.tv_nsec %= SECOND;
        if (sem_timedwait(&room, &until) == 0)
            return true;
    } while (!hall_is_over(&crew.hall));
    return false;
}

/* One more for the dispatcher, if it waits: it looks whether the server stops, ... */
static void wake_dispatcher(void)
{
    sem_post(&room);
}

static bool prepare(struct server *server)
{
    sem_init(&clients, 0, 0);
    if (!crew_prepare(&crew, "threads", server))
        return false;
    sem_init(&room, 0, crew.queue);
    places = crew.queue + crew.size + 2; /* ... and has so much more room: one for each signal */
    ring = calloc(places, sizeof *ring);
    return ring != NULL && crew_watch(&crew, wake_dispatcher);
}

static bool hire(void)
{
    for (; crew.hired < crew.size; crew.hired++) {
        struct conversation *talk = conversation_create(&crew.hall, crew.hired);
        if (talk == NULL)
            return false;
        errno = pthread_create(&crew.threads[crew.hired], NULL, work, talk);
        if (errno != 0)
            return false;
    }
    return true;
}

static void dispatch(void)
{
    struct client client;
    while (reception_next(&crew.hall, &client)) {
        if (has_room())
            put(&client);
        else
            close(client.socket);
    }
    for (unsigned i = 0; i < crew.size; i++)
        put(&(struct client){.socket = NOBODY});
}

static int run(struct server *server)
{
    if (!prepare(server) || !hire()) {
        crew_complain(&crew);
        return EXIT_FAILURE;
    }
    crew_announce(&crew);
    dispatch();
    if (crew_disband(&crew))
        free(ring);
    return EXIT_SUCCESS;
}

const struct model model_threads = {
    .choice = {"threads", "a dispatcher hands connections to workers, which block"},
    .run = run,
};
