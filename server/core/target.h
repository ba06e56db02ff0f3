/*
 * From the path of a URI to the name of a file beneath the root, and back.
 *
 * Decoding happens once (RFC 3986, section 2.4: "%2541" is the name "%41"), then dot segments
 * are removed (section 5.2.4), then nothing is decoded any more. A name never begins with a
 * slash, never holds "." or ".." as a part and never a NUL.
 */
#ifndef CORE_TARGET_H
#define CORE_TARGET_H

#include <stdbool.h>
#include <stddef.h>

enum { TARGET_NAME_BYTES = 4096 }; /* PATH_MAX on Linux: a longer name names nothing */

struct target {
    char name[TARGET_NAME_BYTES]; /* "sub/page.html"; for a directory its index: "sub/index.html" */
    size_t length;
    size_t directory_length; /* of "sub/" in "sub/index.html"; the root's is 0 */
    bool is_directory;       /* the path ended in a slash, or was empty */
};

/*
 * Makes a name of the `length` bytes of a path. Returns 0, or the status to refuse it with: 400
 * for a broken escape, a NUL or a path that climbs above the root; 404 for a name that is too
 * long or has a part that begins with a dot (hidden, but for RFC 8615's ".well-known").
 */
unsigned target_decode(struct target *target, const char *path, size_t length);

/*
 * Percent-encodes a name for use in a URI's path; slashes stay. Writes no NUL. Returns the
 * number of bytes written, or 0 when `size` is too small (and for an empty name).
 */
size_t target_encode(char *uri, size_t size, const char *name, size_t length);

#endif
