/*
 * Condition variables at their most trying, all of it within what POSIX allows. Who looks in a
 * loop, under the lock, at what he waits for, notices nothing.
 *
 *   CONDITION_SPURIOUS=1    no wait lasts: who waits is woken, without a signal
 *   CONDITION_SLOW_MS=N     who was woken takes so long to come back; others have the lock
 * meanwhile CONDITION_SIGNAL_MS=N   who has signalled takes so long to go on CONDITION_HOLD=1 who
 * has waited is held at the door of the lock that goes with it
 *
 * All that is so while the file HOLD_WHILE is there.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 2, TO_MICROSECONDS = 1000 };

static int (*real_wait)(pthread_cond_t *, pthread_mutex_t *);
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_signal)(pthread_cond_t *);
static int (*real_broadcast)(pthread_cond_t *);
static int (*real_lock)(pthread_mutex_t *);
static const char *hold_while;
static bool is_spurious, is_held;
static unsigned slow_ms, signal_ms;

static __thread const pthread_mutex_t *waited_with; /* by this thread, the last time */

static unsigned number(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? (unsigned)strtoul(value, NULL, 10) : 0;
}

static void find(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
}

__attribute__((constructor)) static void begin(void)
{
    find("pthread_cond_wait", &real_wait);
    find("pthread_cond_timedwait", &real_timedwait);
    find("pthread_cond_signal", &real_signal);
    find("pthread_cond_broadcast", &real_broadcast);
    find("pthread_mutex_lock", &real_lock);
    is_spurious = number("CONDITION_SPURIOUS") != 0;
    slow_ms = number("CONDITION_SLOW_MS");
    signal_ms = number("CONDITION_SIGNAL_MS");
    is_held = number("CONDITION_HOLD") != 0;
    hold_while = getenv("HOLD_WHILE");
}

static bool is_on(void)
{
    return hold_while != NULL && access(hold_while, F_OK) == 0;
}

static void pause_ms(unsigned ms)
{
    usleep(ms * TO_MICROSECONDS);
}

/* Without the lock, so that whatever can happen meanwhile does. */
static void pause_without(pthread_mutex_t *mutex, unsigned ms)
{
    pthread_mutex_unlock(mutex);
    pause_ms(ms);
    real_lock(mutex);
}

/* Notes the wait, and says whether it is one that does not last. */
static bool ends_at_once(pthread_mutex_t *mutex)
{
    waited_with = mutex;
    if (!is_spurious || !is_on())
        return false;
    pause_without(mutex, LOOK_MS);
    return true;
}

static void come_back(pthread_mutex_t *mutex)
{
    if (slow_ms > 0 && is_on())
        pause_without(mutex, slow_ms);
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    if (ends_at_once(mutex))
        return 0;
    int result = real_wait(condition, mutex);
    come_back(mutex);
    return result;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *until)
{
    if (ends_at_once(mutex))
        return 0;
    int result = real_timedwait(condition, mutex, until);
    come_back(mutex);
    return result;
}

int pthread_cond_signal(pthread_cond_t *condition)
{
    int result = real_signal(condition);
    if (signal_ms > 0 && is_on())
        pause_ms(signal_ms);
    return result;
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
    int result = real_broadcast(condition);
    if (signal_ms > 0 && is_on())
        pause_ms(signal_ms);
    return result;
}

/* May be called before our constructor. */
int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    if (real_lock == NULL)
        find("pthread_mutex_lock", &real_lock);
    while (is_held && mutex == waited_with && is_on())
        pause_ms(LOOK_MS);
    return real_lock(mutex);
}
