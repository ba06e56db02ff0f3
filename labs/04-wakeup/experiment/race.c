/*
 * A signal comes between the look at a flag and the wait. Three ways to wait for it.
 *
 * That it comes just there is bad luck in a real program, once in a million times. Here it is done
 * on purpose, by a raise() at that place, and so happens every time.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 500 };

static volatile sig_atomic_t flag;
static int ends[2];

static void set_flag(int signal)
{
    (void)signal;
    flag = 1;
}

static void ring(int signal)
{
    (void)signal;
    ssize_t written = write(ends[1], "!", 1);
    (void)written;
}

static void handle(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGUSR1, &action, NULL);
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The signal sets a flag; the loop looks at the flag, and if it is not set it waits. */
static void wait_by_flag(void)
{
    struct timeval most = {.tv_usec = WAIT_MS * 1000};
    handle(set_flag);
    flag = 0;
    if (flag)
        return;
    raise(SIGUSR1); /* here */
    select(0, NULL, NULL, NULL, &most);
}

/* The signal writes a byte into a pipe, and the loop waits for the pipe. */
static void wait_by_pipe(void)
{
    struct timeval most = {.tv_usec = WAIT_MS * 1000};
    fd_set input;
    handle(ring);
    FD_ZERO(&input);
    FD_SET(ends[0], &input);
    raise(SIGUSR1); /* here */
    select(ends[0] + 1, &input, NULL, NULL, &most);
}

/* The signal is blocked, but for the time of the wait. It sets the flag when the wait begins. */
static void wait_by_mask(void)
{
    struct timespec most = {.tv_nsec = WAIT_MS * 1000000L};
    sigset_t blocked, before;
    handle(set_flag);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    flag = 0;
    if (!flag) {
        raise(SIGUSR1); /* here */
        pselect(0, NULL, NULL, NULL, &most, &before);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void show(const char *name, void (*wait)(void))
{
    double begun = now_ms();
    wait();
    double taken = now_ms() - begun;
    printf("    %-28s slept %6.2f ms: %s\n", name, taken,
           taken < WAIT_MS ? "the signal was noticed" : "the signal was slept on");
}

int main(void)
{
    if (pipe(ends) != 0)
        return 1;
    printf("A signal comes between the look and the wait, which is for %d ms at most.\n", WAIT_MS);
    show("a flag, then select():", wait_by_flag);
    show("a pipe, in select():", wait_by_pipe);
    show("a flag, then pselect():", wait_by_mask);
    return 0;
}
