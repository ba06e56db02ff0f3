/*
 * The kernel's queue of signals is full: what becomes of the next ones?
 *
 * The queue's limit (RLIMIT_SIGPENDING, ulimit -i) counts all signals that wait for processes of
 * one user. So another program can fill it, and yours is the one that loses.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LIMIT = 100, SENT = 5000 };

static volatile sig_atomic_t queued_came, standard_came;

static void count(int signal)
{
    if (signal == SIGUSR1)
        standard_came++;
    else
        queued_came++;
}

int main(void)
{
    struct rlimit few = {LIMIT, LIMIT};
    struct sigaction action = {.sa_handler = count};
    sigset_t set;
    int queued = 0, refused = 0, error = 0;
    if (setrlimit(RLIMIT_SIGPENDING, &few) != 0)
        return 1;
    sigaction(SIGRTMIN, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < SENT; i++) {
        if (sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}) == 0) {
            queued++;
        } else {
            refused++;
            error = errno;
        }
    }
    int sent = kill(getpid(), SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("%d of SIGRTMIN are sent into a queue for %d; then one SIGUSR1.\n", SENT, LIMIT);
    printf("    SIGRTMIN:    %4d were queued, %d refused (%s); %d came\n", queued, refused,
           strerror(error), (int)queued_came);
    printf("    SIGUSR1:     %s; %d came\n", sent == 0 ? "accepted" : "refused",
           (int)standard_came);
    return 0;
}
