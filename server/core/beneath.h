/*
 * Opening a file beneath a directory, and nowhere else.
 *
 * A check of the path's text is not enough: any part of it may be a symbolic link that leads
 * out. Links that stay within are followed; absolute ones and those that climb out are not.
 */
#ifndef CORE_BENEATH_H
#define CORE_BENEATH_H

#include <stdbool.h>

struct beneath {
    const char *name;

    /* Whether this system can do it. Asked once, at start. */
    bool (*works)(void);

    /*
     * Opens `path`, relative to the open directory `root`, with `flags` of open(2). Returns a
     * descriptor, or -1 with errno set: EXDEV where the path leads out of the root, ELOOP where
     * links go round, else as open(2).
     */
    int (*open)(int root, const char *path, int flags);
};

/* All there are on this system, made by the build from the files that it links; NULL ends it. */
extern const struct beneath *const beneaths[];

#endif
