#include "models/crew.h"

#include "core/descriptors.h"
#include "models/condition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DESCRIPTORS_MAX = 1 << 17, /* more than all the workers and clients that can be asked for */
    SPARE_DESCRIPTORS = 8, /* the pipes of bell and door, directories, the listener's next client */
};

/* --- the beginning ------------------------------------------------------------------------ */

static unsigned smaller(uint64_t a, uint64_t b)
{
    return (unsigned)(a < b ? a : b);
}

/* A worker needs two descriptors, for its client and for a file; a client in the queue one. */
static void plan(struct crew *crew, const struct options *options)
{
    unsigned left = descriptors_left(DESCRIPTORS_MAX);
    left = left > SPARE_DESCRIPTORS ? left - SPARE_DESCRIPTORS : 0;
    crew->size = smaller(options->threads, left / 3);
    crew->queue = smaller(options->queue, left - 2 * crew->size);
}

/* One idle worker takes the note down, closes its connection, and is free for who waits. */
static bool gives_way(struct hall *hall)
{
    return hall_take_note(hall) && hall->is_crowded;
}

/* A worker that stays with its client while others wait would be unjust. */
static bool somebody_waits(struct hall *hall)
{
    return hall->is_crowded;
}

bool crew_prepare(struct crew *crew, const char *model, struct server *server)
{
    plan(crew, &server->options);
    errno = EMFILE;
    if (crew->size == 0)
        return false;
    pthread_mutex_init(&crew->lock, NULL);
    condition_init(&crew->somebody_left);
    crew->threads = calloc(crew->size, sizeof *crew->threads);
    if (crew->threads == NULL || !hall_create(&crew->hall, model, server, crew->size) ||
        !hall_open_pipes(&crew->hall))
        return false;
    crew->hall.gives_way = gives_way;
    crew->hall.is_last = somebody_waits;
    return true;
}

/* The bell does not reach who waits for a condition. */
static void wake_waiting(void *argument)
{
    struct crew *crew = argument;
    crew->wake_dispatcher();
    pthread_mutex_lock(&crew->lock);
    pthread_cond_signal(&crew->somebody_left);
    pthread_mutex_unlock(&crew->lock);
}

bool crew_watch(struct crew *crew, void (*wake_dispatcher)(void))
{
    crew->wake_dispatcher = wake_dispatcher;
    return watchman_begin(&crew->watchman, &crew->hall, wake_waiting, crew);
}

void crew_announce(const struct crew *crew)
{
    printf("%s: a dispatcher, %u workers, a queue of %u.\n"
           "Ctrl-C ends it; kill -USR1 %ld shows what they are doing.\n",
           crew->hall.model, crew->hired, crew->queue, (long)getpid());
    fflush(stdout);
}

void crew_complain(const struct crew *crew)
{
    fprintf(stderr, "threeways: --threads %u: %s; ask for fewer, or raise ulimit -n\n",
            (unsigned)crew->hall.server->options.threads, strerror(errno));
}

/* --- the end ------------------------------------------------------------------------------ */

void crew_leave(struct crew *crew, struct conversation *talk)
{
    free(talk);
    pthread_mutex_lock(&crew->lock);
    crew->left++;
    pthread_cond_signal(&crew->somebody_left);
    pthread_mutex_unlock(&crew->lock);
}

static bool await_workers(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->left < crew->hired && !hall_is_over(&crew->hall))
        hall_wait(&crew->hall, &crew->somebody_left, &crew->lock);
    bool all_left = crew->left == crew->hired;
    pthread_mutex_unlock(&crew->lock);
    return all_left;
}

static void leave_behind(struct crew *crew)
{
    crew->hall.server->is_in_use = true;
    for (unsigned i = 0; i < crew->hired; i++)
        pthread_detach(crew->threads[i]);
    pthread_detach(crew->watchman.thread);
}

bool crew_disband(struct crew *crew)
{
    if (!await_workers(crew)) {
        leave_behind(crew);
        return false;
    }
    for (unsigned i = 0; i < crew->hired; i++)
        pthread_join(crew->threads[i], NULL);
    watchman_end(&crew->watchman);
    free(crew->threads);
    hall_destroy(&crew->hall);
    return true;
}
