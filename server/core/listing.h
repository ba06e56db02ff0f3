/*
 * A page that lists a directory, for directories without an index.html (option --list).
 *
 * Reading a directory has no nonblocking form, so the list is cut off after a while and says so.
 */
#ifndef CORE_LISTING_H
#define CORE_LISTING_H

#include <stddef.h>

enum { LISTING_MAX_NAMES = 2000 };

/*
 * Makes the page for an open directory that is known as `name` ("sub/", or "" for the root).
 * Takes over `descriptor` and closes it. Hidden names are left out; nothing is opened, so a FIFO
 * does no harm. Returns the page, to be freed by the caller, and its length; NULL on error.
 */
char *listing_make(int descriptor, const char *name, size_t name_length, size_t *length);

#endif
