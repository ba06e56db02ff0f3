#include "core/signals.h"

#include <stddef.h>

sigset_t signals_of_the_server(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGNAL_DISK);
    return set;
}

void signals_block(void)
{
    sigset_t set = signals_of_the_server();
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}
