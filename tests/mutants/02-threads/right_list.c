/*
 * Right, and written in another way: the queue is a list, the signals come after the unlock, and at
 * the end each worker that leaves wakes the next. The dispatcher makes room before it accepts.
 */
#include "core/list.h"
#include "models/blocking.h"
#include "models/condition.h"
#include "models/crew.h"
#include "models/model.h"
#include "models/reception.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct waiting {
    struct link link;
    struct client client;
};

static struct crew crew;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t somebody_came, somebody_went;
static struct link line;
static unsigned in_line, idle_workers;
static bool is_closed;

static void count_crowd(void)
{
    hall_set_crowded(&crew.hall, in_line > idle_workers);
}

static void await_room(void)
{
    pthread_mutex_lock(&lock);
    for (;;) {
        bool has_room = in_line < crew.queue;
        if (has_room || hall_is_over(&crew.hall))
            break;
        hall_wait(&crew.hall, &somebody_went, &lock);
    }
    pthread_mutex_unlock(&lock);
}

static void join_line(const struct client *client)
{
    struct waiting *waiting = malloc(sizeof *waiting);
    if (waiting == NULL) {
        close(client->socket);
        return;
    }
    waiting->client = *client;
    pthread_mutex_lock(&lock);
    list_append(&line, &waiting->link);
    in_line++;
    count_crowd();
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(&somebody_came);
}

static struct waiting *leave_line(void)
{
    struct waiting *first = NULL;
    pthread_mutex_lock(&lock);
    idle_workers++;
    while (in_line == 0 && !is_closed)
        pthread_cond_wait(&somebody_came, &lock);
    idle_workers--;
    if (in_line > 0) {
        first = list_member(list_first(&line), struct waiting, link);
        list_remove(&first->link);
        in_line--;
    }
    count_crowd();
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(first != NULL ? &somebody_went : &somebody_came);
    return first;
}

static void *work(void *argument)
{
    struct conversation *talk = argument;
    struct waiting *next;
    while ((next = leave_line()) != NULL) {
        conversation_begin(talk, next->client.socket, next->client.peer);
        free(next);
        serve_connection(talk);
    }
    crew_leave(&crew, talk);
    return NULL;
}

static bool start_workers(void)
{
    while (crew.hired < crew.size) {
        struct conversation *talk = conversation_create(&crew.hall, crew.hired);
        if (talk == NULL)
            return false;
        errno = pthread_create(&crew.threads[crew.hired], NULL, work, talk);
        if (errno != 0)
            return false;
        crew.hired++;
    }
    return true;
}

static void wake_dispatcher(void)
{
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&somebody_went);
    pthread_mutex_unlock(&lock);
}

static void end_of_line(void)
{
    pthread_mutex_lock(&lock);
    is_closed = true;
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(&somebody_came);
}

static int run(struct server *server)
{
    struct client client;
    condition_init(&somebody_came);
    condition_init(&somebody_went);
    list_init(&line);
    if (!crew_prepare(&crew, "threads", server) || !crew_watch(&crew, wake_dispatcher) ||
        !start_workers()) {
        crew_complain(&crew);
        return EXIT_FAILURE;
    }
    crew_announce(&crew);
    for (await_room(); reception_next(&crew.hall, &client); await_room())
        join_line(&client);
    end_of_line();
    crew_disband(&crew);
    return EXIT_SUCCESS;
}

const struct model model_threads = {
    .choice = {"threads", "a dispatcher hands connections to workers, which block"},
    .run = run,
};
