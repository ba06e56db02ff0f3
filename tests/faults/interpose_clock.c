/*
 * An administrator sets the clock: while the file HOLD_WHILE is there, the real time is
 * CLOCK_JUMPS_BY seconds away from what it was. The monotonic time goes on as ever.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int (*real_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    void *found = dlsym(RTLD_NEXT, "clock_gettime");
    memcpy(&real_gettime, &found, sizeof found);
}

static time_t jump(void)
{
    const char *file = getenv("HOLD_WHILE"), *seconds = getenv("CLOCK_JUMPS_BY");
    if (file == NULL || seconds == NULL || access(file, F_OK) != 0)
        return 0;
    return (time_t)strtoll(seconds, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = real_gettime(clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec += jump();
    return result;
}

time_t time(time_t *also)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (also != NULL)
        *also = now.tv_sec;
    return now.tv_sec;
}
