/*
 * A client that says exactly what a test wants said, and notes exactly what came back.
 *
 * It sends any bytes, right or wrong, whole or in pieces; it makes answers of what arrives; and
 * what is no answer it keeps as junk. It never judges: timed_out, reset and junk are noted for the
 * test to look at. Only http_open() and http_ask() fail the test that calls them.
 *
 * How does a client know that all answers have come? By the end of the connection. Either the
 * server must close by itself, and the test waits for that; or the client half-closes after its
 * last byte (http_finish_sending), and the server answers what is complete and then closes. So no
 * test waits for a silence. A half-close turns an unfinished request into an abandoned one, and
 * hides whether the server would have closed by itself: tests about either must not use it.
 */
#ifndef SUPPORT_HTTP_CLIENT_H
#define SUPPORT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One final answer. 1xx answers are only counted. */
struct http_answer {
    int status;
    char *head;   /* as it came, with its last empty line; ended by NUL */
    char *fields; /* the same, every CR made a NUL: for http_field() */
    char *body;   /* ended by NUL, which does not count */
    size_t body_length;
};

struct http_connection {
    int fd;
    int64_t deadline; /* for the whole conversation; see deadline.h */

    /* for the test to set */
    size_t segment;      /* most bytes handed to one send(); SIZE_MAX at first */
    const char *methods; /* one letter per request, 'H' for HEAD; "" and beyond its end: no HEAD */
    bool unparsed;       /* leave what comes in `input`, make no answers */

    /* for the test to look at */
    struct http_answer *answers;
    size_t count;
    size_t interim_count; /* 1xx */
    bool closed;          /* the server has ended its side */
    bool reset;           /* ... without grace */
    bool timed_out;       /* the deadline has passed while something was still awaited */
    char *input;          /* what came and is no complete answer (yet) */
    size_t input_length;

    /* for http_client.c */
    size_t input_room, answer_room;
    struct http_connection *next; /* in the list of those that are open */
};

/* Connects to 127.0.0.1:`port`. What a test does not close is closed when its process ends. */
struct http_connection *http_open(int port);

/*
 * The same, with a kernel that buffers no more than some `bytes` for the client (SO_RCVBUF). It may
 * otherwise take 32 MiB, and tell of room only when half of it is free: to the server a client
 * that reads slowly then looks like one that has stopped.
 */
struct http_connection *http_open_narrow(int port, int bytes);

/* Closes the connection and frees everything that came from it. */
void http_close(struct http_connection *connection);

/*
 * Sends bytes, and takes in what comes meanwhile: the server may answer before it has read all.
 * Stops early when the server has closed.
 */
void http_send(struct http_connection *connection, const void *bytes, size_t length);

/* The same for text: the bytes up to its NUL. */
void http_send_text(struct http_connection *connection, const char *text);

/* Half-closes: tells the server that nothing more will be sent. */
void http_finish_sending(struct http_connection *connection);

/* Waits until there are `count` answers in all, or the server has closed, or the deadline. */
void http_read_answers(struct http_connection *connection, size_t count);

/* Waits until the server has closed, or the deadline. */
void http_read_to_end(struct http_connection *connection);

/* Takes in what has come; never waits. */
void http_receive(struct http_connection *connection);

/* Forgets the first `count` bytes of `input`. */
void http_drop_input(struct http_connection *connection, size_t count);

/*
 * The simple way: connects, sends the request made by printf's rules, half-closes, reads to the
 * end. The test fails unless at least one answer came and nothing else did. A first request that
 * is a HEAD is known as such.
 */
struct http_connection *http_ask(int port, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The value of the first field of this name (upper or lower case), or NULL. */
const char *http_field(const struct http_answer *answer, const char *name);

/* How many fields have this name. */
size_t http_count_fields(const struct http_answer *answer, const char *name);

/* Writes the statuses that came, as in "404,200"; "none" if there are none. */
void http_copy_statuses(const struct http_connection *connection, char *text, size_t size);

/* Prints bytes as a C string literal would hold them; a long middle is left out, and said so. */
void http_print_escaped(FILE *out, const char *bytes, size_t length);

/* All that came, in words, for the message of a failure. The caller may free() it. */
char *http_describe(const struct http_connection *connection);

/* Whether everything came in good order: in time, no reset, no junk. */
bool http_is_tidy(const struct http_connection *connection);

#endif
