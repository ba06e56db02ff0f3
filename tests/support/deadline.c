#include "support/deadline.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

enum { RETRY_PAUSE_MS = 20 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

double deadline_scale(void)
{
    const char *text = getenv("SCALE");
    double scale = text != NULL ? strtod(text, NULL) : 1;
    return scale > 1 ? scale : 1;
}

static int64_t most_ms(void)
{
    const char *text = getenv("DEADLINE_MOST_MS");
    return text != NULL ? strtoll(text, NULL, 10) : INT64_MAX;
}

int64_t deadline_in(int64_t ms)
{
    int64_t scaled = (int64_t)((double)ms * deadline_scale());
    return now_ms() + (scaled < most_ms() ? scaled : most_ms());
}

int deadline_left_ms(int64_t deadline)
{
    int64_t left = deadline - now_ms();
    return left > 0 ? (int)left : 0;
}

int deadline_wait(int fd, int events, int64_t deadline)
{
    struct pollfd watched = {.fd = fd, .events = (short)events};
    int ready;
    do
        ready = poll(&watched, 1, deadline_left_ms(deadline));
    while (ready == -1 && errno == EINTR);
    return ready > 0 ? watched.revents : 0;
}

int deadline_retry(int64_t deadline)
{
    poll(NULL, 0, RETRY_PAUSE_MS);
    return deadline_left_ms(deadline) > 0;
}
