/*
 * The directory whose files are served.
 *
 * open() and stat() have no nonblocking form: for a path whose directories are not in memory
 * they wait for the disk, in every model. That is the known exception to "the event thread makes
 * no blocking call". What does not happen here is waiting for a FIFO's other end or a device:
 * files are opened with O_NONBLOCK, and nothing but a regular file is served.
 */
#ifndef CORE_DOCROOT_H
#define CORE_DOCROOT_H

#include "core/beneath.h"
#include "core/target.h"

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct docroot {
    int directory;
    const struct beneath *beneath;
};

/* What tells one state of a file from another. */
struct file_facts {
    dev_t device;
    ino_t inode;
    uint64_t size_bytes;
    struct timespec modified, changed;
};

enum docroot_answer {
    DOCROOT_FILE,      /* a regular file, open */
    DOCROOT_DIRECTORY, /* a directory without an index, asked for with its slash; open */
    DOCROOT_NO_SLASH,  /* a directory, asked for without its slash: 301 */
    DOCROOT_DENIED,    /* not a regular file, not readable, or outside the root: 403 */
    DOCROOT_MISSING,   /* 404 */
    DOCROOT_BUSY,      /* no descriptors or memory left: 503 */
    DOCROOT_FAILED,    /* anything else: 500 */
};

/* Opens the root, to be used with `beneath`. Returns false, with errno set, if it cannot. */
bool docroot_open(struct docroot *root, const char *path, const struct beneath *beneath);

void docroot_close(struct docroot *root);

/*
 * Finds what a target names. With DOCROOT_FILE and DOCROOT_DIRECTORY `*descriptor` is open (the
 * caller closes it), and with DOCROOT_FILE `*facts` describes the file.
 */
enum docroot_answer docroot_find(const struct docroot *root, const struct target *target,
                                 int *descriptor, struct file_facts *facts);

/* What an open file's facts are now. Returns false, with errno set, if that cannot be told. */
bool file_facts_of(int descriptor, struct file_facts *facts);

/* Whether two sets of facts are of one file in one state. */
bool file_facts_equal(const struct file_facts *a, const struct file_facts *b);

/* Whether `name`, beneath the root, is still a file in the state that `facts` tells. */
bool docroot_is_unchanged(const struct docroot *root, const char *name,
                          const struct file_facts *facts);

#endif
