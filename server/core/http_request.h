/*
 * The head of an HTTP/1 request: the request line and the fields, up to the empty line
 * (RFC 9112, sections 2 to 6; the field's meanings are in RFC 9110).
 *
 * The parser does no I/O, allocates nothing and copies nothing. It looks at the bytes that the
 * caller has so far, can be stopped after any of them, and does not look at a byte twice, so a
 * client that sends one byte a minute costs no more than another. What it finds are spans:
 * places in the caller's buffer, counted from the head's first byte, so the caller may move it.
 *
 * It is strict where leniency would let one client's bytes be taken for another request: a line
 * ends in CR LF and nothing else, no folded lines, no space before a colon, one Content-Length
 * at most and never together with Transfer-Encoding (RFC 9112, section 11).
 */
#ifndef CORE_HTTP_REQUEST_H
#define CORE_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_LINE_MAX_BYTES = 8 * 1024,  /* the request line; longer: 414 */
    HTTP_HEAD_MAX_BYTES = 16 * 1024, /* the whole head; larger: 431 */
    HTTP_FIELDS_MAX = 100,           /* more fields: 431 */
    HTTP_BODY_MAX_BYTES = 1 << 20,   /* a body that is read only to be thrown away; larger: 413 */
};

/* A piece of the head. A length of 0 stands for an absent or empty one. */
struct http_span {
    uint16_t begin, length;
};

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_OTHER_METHOD,   /* one of RFC 9110's, which files do not answer: 405 */
    HTTP_UNKNOWN_METHOD, /* 501 */
};

/* The fields whose values are kept, for http_conditions.h. */
enum http_field {
    HTTP_IF_MATCH,
    HTTP_IF_MODIFIED_SINCE,
    HTTP_IF_NONE_MATCH,
    HTTP_IF_RANGE,
    HTTP_IF_UNMODIFIED_SINCE,
    HTTP_RANGE,
    HTTP_KEPT_FIELDS
};

enum http_parse {
    HTTP_PARTIAL,  /* all right so far, and more bytes are needed */
    HTTP_COMPLETE, /* the whole head is there */
    HTTP_REFUSED,  /* no request can be made of this: `refusal` says why; close the connection */
};

struct http_request {
    /* What has been found; valid once complete. `line` is valid after a refusal, too. */
    struct http_span line;  /* the request line without its CR LF, for the log */
    struct http_span path;  /* of the target, still percent-encoded; empty means "/" */
    struct http_span query; /* what follows the '?', without it */
    struct http_span kept[HTTP_KEPT_FIELDS]; /* of a repeated field, the first value */
    enum http_method method;
    unsigned minor_version;  /* HTTP/1.x */
    unsigned refusal;        /* the status code of a refusal, or 0 */
    bool keep_alive;         /* the client wants to send another request */
    bool expects_continue;   /* Expect: 100-continue, and a body to come */
    bool has_query;          /* "/path?" has an empty query, "/path" has none */
    bool chunked;            /* a body in chunks follows */
    uint64_t content_length; /* a body of this many bytes follows */
    size_t length;           /* bytes in the head, with its empty line */

    /* How far the parser has come; its own business. */
    size_t scanned, line_begin;
    unsigned lines, hosts;
    bool has_length, has_coding, says_close, says_keep_alive;
};

/* Makes `request` ready for the first byte of a head. */
void http_request_begin(struct http_request *request);

/*
 * Goes on parsing: `head` points to the head's first byte and `length` bytes have come, those of
 * the earlier calls among them. `length` may go beyond the head: `request->length` says where
 * the next request, or a body, begins.
 */
enum http_parse http_request_parse(struct http_request *request, const char *head, size_t length);

/*
 * A list may be given in several fields of one name (RFC 9110, section 5.3). Moves `value` from
 * one of them to the next; returns false when it was the last. The head must be complete.
 */
bool http_request_next_value(const struct http_request *request, const char *head,
                             enum http_field field, struct http_span *value);

/* Whether a body follows the head. */
bool http_request_has_body(const struct http_request *request);

#endif
