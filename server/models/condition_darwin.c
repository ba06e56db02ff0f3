/* macOS: a condition's clock cannot be chosen, but a wait can be for a length of time. */
#include "core/clock.h"
#include "models/condition.h"

void condition_init(pthread_cond_t *condition)
{
    pthread_cond_init(condition, NULL);
}

void condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_ms)
{
    int64_t rest_ms = until_ms - clock_now_ms();
    if (rest_ms <= 0)
        return;
    struct timespec rest = {.tv_sec = (time_t)(rest_ms / 1000),
                            .tv_nsec = (long)(rest_ms % 1000) * 1000000};
    pthread_cond_timedwait_relative_np(condition, lock, &rest);
}
