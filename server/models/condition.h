/*
 * A condition variable whose waits end at a moment of clock_now_ms(), the clock that nobody sets.
 *
 * POSIX lets one choose a condition's clock when it is made; some systems do not, and have a wait
 * for a length of time instead.
 */
#ifndef MODELS_CONDITION_H
#define MODELS_CONDITION_H

#include <pthread.h>
#include <stdint.h>

/* Makes a condition for condition_wait_until(). */
void condition_init(pthread_cond_t *condition);

/*
 * pthread_cond_wait(3), but not beyond `until_ms`. May return early, as all waits for conditions
 * may: look at what you wait for, again, in a loop.
 */
void condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_ms);

#endif
