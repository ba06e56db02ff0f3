#include "grader/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void descriptors_keep_from_children(void)
{
    DIR *mine = opendir("/proc/self/fd");
    if (mine == NULL)
        abort(); /* better no server than one that can write into the results */
    for (const struct dirent *entry; (entry = readdir(mine)) != NULL;) {
        int fd = (int)strtol(entry->d_name, NULL, 10);
        if (fd > STDERR_FILENO)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    closedir(mine);
}
