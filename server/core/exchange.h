/*
 * One exchange with a client: a request that comes in and its reply that goes out, over one
 * connection, one after another.
 *
 * Every step is here and none of them waits: it does what can be done now and says what came of
 * it. What to do then is the model's business. The event model keeps the exchange in a slot of
 * its table and goes on with somebody else; a blocking model keeps it on a thread's stack and
 * waits. Both take the same steps in the same order:
 *
 *     receive - parse - (discard the body) - look up - (read the disk) - send - next
 */
#ifndef CORE_EXCHANGE_H
#define CORE_EXCHANGE_H

#include "core/cache.h"
#include "core/http_body.h"
#include "core/http_reply.h"
#include "core/http_request.h"
#include "core/request_status.h"
#include "core/server.h"

enum {
    EXCHANGE_INPUT_BYTES = HTTP_HEAD_MAX_BYTES + 4096, /* a whole head, and room behind it */
    EXCHANGE_NO_FILE = -1,
    EXCHANGE_NO_SOCKET = -1,
};

/* The memory that a request needs while it is in progress. An idle connection has none. */
struct exchange_area {
    char input[EXCHANGE_INPUT_BYTES];
    char reply_head[HTTP_REPLY_HEAD_BYTES];
    struct target target;
    struct representation content; /* of a file that is not in the cache */
};

struct exchange {
    int socket;
    struct exchange_area *area; /* lent by the model while a request is in progress */
    size_t head, begin, end;    /* in input: the request, what is not yet used, what has come */
    bool ended;                 /* the client sends no more; it may still want its reply */
    bool is_last;               /* this request's reply ends the connection, the model says */
    struct http_request request;
    struct http_body body;
    struct http_reply reply;
    struct cache_entry *entry; /* pinned, or NULL */
    int file;                  /* open while it is being read, or EXCHANGE_NO_FILE */
    struct file_facts facts;   /* of `file` */
    uint64_t next_offset;      /* in `file`: what is read next */
};

/* Makes an exchange ready on a connected, nonblocking socket, which it owns from now on. */
void exchange_open(struct exchange *exchange, int socket);

/* Lends the area; the model takes it back by setting `area` to NULL, between two requests. */
void exchange_lend_area(struct exchange *exchange, struct exchange_area *area);

/* Closes the connection, and nothing else: a read may still need the rest. */
void exchange_hang_up(struct exchange *exchange);

/* Lets go of everything but the area. `file` must not be in use by a read any more. */
void exchange_close(struct server *server, struct exchange *exchange);

enum exchange_input {
    INPUT_CAME,
    INPUT_NONE,   /* nothing has come, or there is no room for it */
    INPUT_ENDED,  /* the client sends no more */
    INPUT_BROKEN, /* the connection is gone; errno says how */
};

/* Takes what has come, in one recv(2). Needs the area. */
enum exchange_input exchange_receive(struct exchange *exchange);

/* Whether there is room to receive into, or can be made. */
bool exchange_has_room(const struct exchange *exchange);

/* Whether bytes have come that belong to no request yet. */
bool exchange_has_input(const struct exchange *exchange);

/* Parses the next request; with HTTP_COMPLETE it is in `request` and the row has its title. */
enum http_parse exchange_parse(struct exchange *exchange, struct request_status *row);

/* Whether a body must be discarded before the reply: not if the client waits for our word. */
bool exchange_must_discard(const struct exchange *exchange);

/* Throws away the body as far as it has come. */
enum http_parse exchange_discard(struct exchange *exchange);

enum exchange_lookup {
    LOOKUP_REPLY,  /* a reply without a file is composed: an error, a redirect, a 304 */
    LOOKUP_CACHED, /* `entry` is ready: exchange_reply_from_cache() */
    LOOKUP_SHARED, /* `entry` is being loaded by another request: wait for it */
    LOOKUP_LOAD,   /* `file` is open; exchange_begin_load(), then read all of it */
    LOOKUP_STREAM, /* `file` is open and the reply composed; read it piece by piece */
};

/* Finds what the request asks for: a page of the generator, else in the page cache, else a file. */
enum exchange_lookup exchange_look_up(struct server *server, struct exchange *exchange,
                                      int64_t now_ms);

/* Forgets what was found, when it cannot be read now: the file is closed, nothing is held. */
void exchange_forget(struct server *server, struct exchange *exchange);

/*
 * After LOOKUP_LOAD: adds the file to the cache as an entry that loads, for all to see, and says
 * LOOKUP_LOAD once more. Or, if another thread was faster, LOOKUP_SHARED or LOOKUP_CACHED; or, if
 * there is no memory, LOOKUP_REPLY.
 */
enum exchange_lookup exchange_begin_load(struct server *server, struct exchange *exchange,
                                         int64_t now_ms);

/* Whether this exchange's own file is being read into an entry (not piece by piece). */
bool exchange_is_loading(const struct exchange *exchange);

/* Whether a reply is under way that is read piece by piece, with pieces still to be read. */
bool exchange_is_streaming(const struct exchange *exchange);

/* How many bytes are to be read next, at `next_offset`: an entry's all, or a piece of a buffer. */
size_t exchange_wanted_bytes(const struct exchange *exchange, size_t buffer_bytes);

/*
 * The disk has filled the entry. If the file changed meanwhile it is served, but not listed. The
 * file is closed.
 */
void exchange_loaded(struct server *server, struct exchange *exchange);

/* The disk has read a piece of the file into `buffer`. After the last one the file is closed. */
void exchange_piece_read(struct exchange *exchange, const char *buffer, size_t length);

/* The disk could not do it: the entry is unlisted (waiting requests keep their pins). */
void exchange_load_failed(struct server *server, struct exchange *exchange);

/* Composes the reply from the entry, which is ready. */
void exchange_reply_from_cache(struct server *server, struct exchange *exchange);

/*
 * Composes a reply that only has a status, instead of any other; `last` ends the connection
 * with it. Returns false if another reply has begun to leave: then only closing is left.
 */
bool exchange_reply_with_status(struct server *server, struct exchange *exchange, unsigned status,
                                bool last);

/* Sends what is at hand, at most `*share_bytes` of it, which is reduced. */
enum http_send exchange_send(struct exchange *exchange, size_t *share_bytes);

/* The reply is through, or broken: counts and logs it. */
void exchange_finish(struct server *server, struct exchange *exchange,
                     const struct request_status *row, bool complete);

/* Lets go of the request that is done. Unread input stays; without any, the area can be lent on. */
void exchange_next(struct server *server, struct exchange *exchange);

/* Says that no more will be sent (SHUT_WR), so that the client can read the reply to its end. */
void exchange_shut_output(struct exchange *exchange);

/* Receives and throws away. INPUT_CAME: there may be more. */
enum exchange_input exchange_drain(struct exchange *exchange);

#endif
