/*
 * A directory tree to serve, made anew for each test case and removed after it.
 *
 * The tree beneath `root` holds every kind of name and file that the HTTP cases ask for; beside
 * the root lie files that no request may reach, both with the text "SECRET". It is made in memory
 * (/dev/shm) where it can be, because disk file systems cannot hold a time in the year 10000.
 *
 * A process that ends by exit() removes the trees that it made. A failed assertion ends a forked
 * test by _exit(): make trees in unchecked fixtures, which belong to the runner. Every function
 * here fails the test that calls it if the system refuses.
 */
#ifndef SUPPORT_DOCROOT_FIXTURE_H
#define SUPPORT_DOCROOT_FIXTURE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    DOCROOT_PATH_ROOM = 256,
    DOCROOT_FILE_BYTES = 1000,       /* of file.txt, the digits 0 to 9 over and over */
    DOCROOT_FILE_MTIME = 1704164645, /* of file.txt, in words: */
};
#define DOCROOT_FILE_DATE   "Tue, 02 Jan 2024 03:04:05 GMT"
#define DOCROOT_BIG_BYTES   INT64_C(3221225472) /* of big3g.bin: a hole, and "END!" at its end */
#define DOCROOT_INDEX_TEXT  "<!DOCTYPE html><title>index</title>\n"
#define DOCROOT_SECRET_TEXT "SECRET"

struct docroot {
    char base[DOCROOT_PATH_ROOM]; /* holds the root and what lies beside it */
    char root[DOCROOT_PATH_ROOM]; /* what the server is given */
};

/* Makes the whole tree. */
void docroot_make(struct docroot *docroot);

/* Makes an empty root in $TMPDIR or /tmp: for files too large for memory. */
void docroot_make_empty(struct docroot *docroot);

/* Removes the tree and everything in it. */
void docroot_remove(struct docroot *docroot);

/* Writes a file beneath the root, over an older one if there is one. */
void docroot_write(const struct docroot *docroot, const char *name, const void *bytes,
                   size_t length);

/* Makes a directory beneath the root. */
void docroot_make_directory(const struct docroot *docroot, const char *name);

/* Makes a named pipe beneath the root. */
void docroot_make_pipe(const struct docroot *docroot, const char *name);

/* Sets the time of a file's last change. */
void docroot_set_mtime(const struct docroot *docroot, const char *name, time_t when);

/* The text of file.txt, DOCROOT_FILE_BYTES of it. */
const char *docroot_file_text(void);

/* Fills `bytes` with what looks like noise, and is the same for the same seed (not 0). */
void docroot_make_noise(char *bytes, size_t length, uint64_t seed);

#endif
