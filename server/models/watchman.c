#include "models/watchman.h"

#include "core/signals.h"

#include <errno.h>

static void answer(struct watchman *watchman, int signal)
{
    if (signal == SIGUSR1)
        hall_print(watchman->hall, stderr);
    if (signal != SIGINT && signal != SIGTERM)
        return;
    if (hall_stop(watchman->hall))
        hall_ring(watchman->hall);
    watchman->stopped(watchman->whose);
}

static void *watch(void *argument)
{
    struct watchman *watchman = argument;
    sigset_t set = signals_of_the_server();
    int signal;
    while (sigwait(&set, &signal) == 0 && !watchman->is_off_duty)
        answer(watchman, signal);
    return NULL;
}

bool watchman_begin(struct watchman *watchman, struct hall *hall, void (*stopped)(void *whose),
                    void *whose)
{
    watchman->hall = hall;
    watchman->stopped = stopped;
    watchman->whose = whose;
    watchman->is_off_duty = false;
    errno = pthread_create(&watchman->thread, NULL, watch, watchman);
    return errno == 0;
}

/* The signal only wakes it; one that came before has done so already. */
void watchman_end(struct watchman *watchman)
{
    watchman->is_off_duty = true;
    pthread_kill(watchman->thread, SIGUSR1);
    pthread_join(watchman->thread, NULL);
}
