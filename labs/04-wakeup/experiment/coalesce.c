/*
 * A thousand signals are sent while the process does not look: how many come?
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { SENT = 1000 };

static volatile sig_atomic_t came, first, last, in_order;

static void count(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    int value = info->si_value.sival_int;
    first = came == 0 ? value : first;
    in_order = in_order && (came == 0 || value == last + 1);
    last = value;
    came++;
}

/* Sends a thousand with their number, while they are blocked; then lets them come. */
static void show(const char *name, int signal)
{
    struct sigaction action = {.sa_sigaction = count, .sa_flags = SA_SIGINFO};
    sigset_t set;
    came = 0;
    in_order = 1;
    sigaction(signal, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < SENT; i++)
        sigqueue(getpid(), signal, (union sigval){.sival_int = i});
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("    %-12s %4d came; the first says %d, the last says %d%s\n", name, (int)came,
           (int)first, (int)last, came > 1 && in_order ? ", in order" : "");
}

int main(void)
{
    printf("%d signals are sent, with their numbers, while they are blocked.\n", SENT);
    show("SIGUSR1:", SIGUSR1);
    show("SIGRTMIN:", SIGRTMIN);
    return 0;
}
