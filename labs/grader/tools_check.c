#include "grader/tools_check.h"

#include "support/slow_disk.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *slowdisk_path(void)
{
    const char *path = getenv("SLOWDISK");
    return path != NULL && *path != '\0' ? path : "build/slowdisk";
}

/* slowdisk itself says on standard error what it lacks. */
static bool can_hold(void)
{
    char *const words[] = {(char *)(size_t)slowdisk_path(), "--hold", "--", "true", NULL};
    int status = -1;
    pid_t pid;
    return posix_spawn(&pid, words[0], NULL, NULL, words, environ) == 0 &&
           waitpid(pid, &status, 0) == pid && status == 0;
}

/* A server of root's could do anything to us. But nobody must be able to come to it. */
static void choose_user(void)
{
    if (geteuid() != 0 || getenv("THREEWAYS_KEEP_USER") != NULL || slow_nobody_can_run())
        return;
    fputs("Note: the server runs as root, since the user nobody cannot come to its program.\n",
          stderr);
    setenv("THREEWAYS_KEEP_USER", "1", 1);
}

bool tools_are_here(void)
{
    choose_user();
    if (can_hold())
        return true;
    fputs("Not graded: slowdisk cannot hold a read of the disk here, and nearly every test needs "
          "that.\n`make doctor` says what to mend.\n",
          stderr);
    return false;
}
