/*
 * Conditional requests and ranges: does the client want the file at all, and which part of it?
 * (RFC 9110, sections 13 and 14.)
 *
 * `head` is where the request's spans count from.
 */
#ifndef CORE_HTTP_CONDITIONS_H
#define CORE_HTTP_CONDITIONS_H

#include "core/http_request.h"
#include "core/representation.h"

/*
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of
 * section 13.2.2. Returns 0 to go on, 304 or 412.
 */
unsigned http_conditions_check(const struct http_request *request, const char *head,
                               const struct representation *content, time_t now);

enum http_range_kind {
    HTTP_RANGE_WHOLE,         /* no range, one not understood, or several: send everything */
    HTTP_RANGE_PART,          /* send bytes `first` to `last` of it: 206 */
    HTTP_RANGE_UNSATISFIABLE, /* nothing of it is there: 416 */
};

struct http_range {
    enum http_range_kind kind;
    uint64_t first, last; /* inclusive, as in Content-Range */
};

/* The range that a GET asks for, If-Range considered. Anything but a GET gets the whole. */
struct http_range http_conditions_range(const struct http_request *request, const char *head,
                                        const struct representation *content, time_t now);

#endif
