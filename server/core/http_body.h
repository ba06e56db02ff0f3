/*
 * The body of a request, which a server of files only reads to throw away (RFC 9112, sections 6
 * and 7.1): where it ends is where the next request begins, so its framing must be understood
 * exactly, and it must not be read for ever.
 */
#ifndef CORE_HTTP_BODY_H
#define CORE_HTTP_BODY_H

#include "core/http_request.h"

enum http_body_phase {
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_EXTENSION,
    HTTP_CHUNK_SIZE_LF,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_DATA_CR,
    HTTP_CHUNK_DATA_LF,
    HTTP_TRAILER_START,
    HTTP_TRAILER_LINE,
    HTTP_TRAILER_LF,
    HTTP_BODY_LAST_LF,
    HTTP_BODY_ENDED,
    HTTP_BODY_WRONG,
};

struct http_body {
    enum http_body_phase phase;
    unsigned digits;  /* of the chunk's size, so far */
    unsigned refusal; /* the status code, once HTTP_REFUSED */
    bool chunked;
    uint64_t left;     /* bytes until the chunk, or the whole body, ends */
    uint64_t consumed; /* bytes so far, framing included */
};

/* Makes `body` ready for the first byte after the head of `request`. */
void http_body_begin(struct http_body *body, const struct http_request *request);

/*
 * Throws away what belongs to the body among `length` bytes; `*used` says how many did. COMPLETE:
 * the body has ended and the next request begins there. PARTIAL: all belonged to it and there
 * is more to come. REFUSED: wrong chunks (400) or more than HTTP_BODY_MAX_BYTES (413).
 */
enum http_parse http_body_skip(struct http_body *body, const char *bytes, size_t length,
                               size_t *used);

#endif
