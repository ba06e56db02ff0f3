/*
 * The disks of the observed servers, where they run under slowdisk --control: they can be held, and
 * let go, by a click. See slowdisk(1), CONTROL PIPE.
 */
#ifndef TOOLS_OBSERVE_DISKS_H
#define TOOLS_OBSERVE_DISKS_H

#include <stdbool.h>
#include <stddef.h>

enum { DISKS_MOST = 8 };

struct disks {
    const char *control[DISKS_MOST]; /* paths of pipes */
    size_t count;
};

/* Writes a command into the pipe of each disk. Returns false if the command is none of slowdisk's,
   or there is no disk that takes it. */
bool disks_tell(const struct disks *disks, const char *command);

#endif
