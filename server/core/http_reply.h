/*
 * A reply on its way out: a head written into a buffer, and a body that is at hand in whole or in
 * part (RFC 9112, section 4).
 *
 * Composing does no I/O. Sending never waits: it gives the socket what it takes, and says what is
 * still to be done.
 */
#ifndef CORE_HTTP_REPLY_H
#define CORE_HTTP_REPLY_H

#include "core/http_conditions.h"
#include "core/representation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_REPLY_HEAD_BYTES = 4096 }; /* room for a head, and for the page of an error */

struct http_reply {
    unsigned status;
    bool closes; /* the connection ends with this reply */
    char *head;  /* HTTP_REPLY_HEAD_BYTES of the caller's: the head, and a small page behind it */
    size_t head_length, head_sent;
    const char *body; /* the part of the body that is at hand; the caller's */
    size_t body_length, body_sent;
    uint64_t to_come;                 /* bytes of the body that are not at hand yet */
    uint64_t total_bytes, sent_bytes; /* of the body */
};

/* What the request makes of its reply, whatever the reply is. */
struct http_reply_manner {
    bool head_only;       /* a HEAD request: no body */
    bool keeps_alive;     /* the connection stays */
    bool says_keep_alive; /* and the client is so old that it must be told */
};

/*
 * Composes the head for `content`, or for `range` of it. The body is not at hand yet: `to_come`
 * says how long it is. A range that cannot be satisfied becomes a 416, a `not_modified` a 304.
 */
void http_reply_with_content(struct http_reply *reply, struct http_reply_manner manner,
                             const struct representation *content, struct http_range range);
void http_reply_not_modified(struct http_reply *reply, struct http_reply_manner manner,
                             const struct representation *content);

/* Composes a head and a small page that names the status. 405 comes with its Allow. */
void http_reply_with_status(struct http_reply *reply, struct http_reply_manner manner,
                            unsigned status);

/* Composes a 301 to `location`, which must be percent-encoded. Falls back to 414 if too long. */
void http_reply_redirect(struct http_reply *reply, struct http_reply_manner manner,
                         const char *location, size_t length);

/* Puts the next `length` bytes of the body at hand; they must stay there until they are sent. */
void http_reply_add_body(struct http_reply *reply, const char *body, size_t length);

enum http_send {
    HTTP_SEND_BLOCKED, /* the socket takes no more for now, or the share was used up */
    HTTP_SEND_EMPTY,   /* all that was at hand is sent; more of the body is to come */
    HTTP_SEND_DONE,    /* the whole reply is sent */
    HTTP_SEND_BROKEN,  /* the client has gone; errno says how */
};

/*
 * Sends at most `share_bytes` of the body (and what is left of the head) in one call to a
 * nonblocking socket, without a signal if the client has gone. Subtracts from the share what
 * was sent.
 */
enum http_send http_reply_send(struct http_reply *reply, int socket, size_t *share_bytes);

/* Whether the client has seen a byte of this reply: then its status cannot be changed any more. */
bool http_reply_has_begun(const struct http_reply *reply);

#endif
