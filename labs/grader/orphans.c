#include "grader/orphans.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_ROOM = 64, PAUSE_MS = 2 };

bool orphans_adopt(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

/* Their children become ours when they have ended, and have their turn then. */
static void kill_children(void)
{
    char path[PATH_ROOM];
    int child;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *children = fopen(path, "re");
    while (children != NULL && fscanf(children, "%d", &child) == 1)
        kill(child, SIGKILL);
    if (children != NULL)
        fclose(children);
}

void orphans_end_all(void)
{
    pid_t ended;
    while ((ended = waitpid(-1, NULL, WNOHANG)) >= 0) {
        if (ended > 0)
            continue;
        kill_children();
        poll(NULL, 0, PAUSE_MS);
    }
}
