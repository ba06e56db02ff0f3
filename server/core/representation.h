/*
 * What is sent when a file is asked for: its length, and the fields that describe it
 * (a "representation", RFC 9110 section 3.2).
 *
 * The fields are written once, when the file is looked at, not once per reply.
 */
#ifndef CORE_REPRESENTATION_H
#define CORE_REPRESENTATION_H

#include "core/docroot.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct representation {
    uint64_t length_bytes;
    bool has_modified; /* a file from the future, or from after the year 9999, has no date */
    time_t modified;
    char fields[288];         /* ETag, Last-Modified, Accept-Ranges, Content-Type, Content-Length */
    size_t validators_length; /* the part of `fields` that a 304 repeats (section 15.4.5) */
    size_t part_length;       /* without Content-Length, for a 206 */
    size_t fields_length;
    const char *etag; /* within `fields`, with its quotes; not NUL-terminated */
    size_t etag_length;
};

/*
 * Describes a file by its name and facts. The ETag is strong: inode, size and modification time
 * in nanoseconds. `now` decides whether the file's date lies in the future, which must not be
 * said (section 8.8.2.1).
 */
void representation_of_file(struct representation *content, const char *name,
                            const struct file_facts *facts, time_t now);

/* Describes something made by the server itself: no validators, only a type and a length. */
void representation_of_page(struct representation *content, const char *type, uint64_t length);

#endif
