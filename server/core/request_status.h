/*
 * One row about one request: what SIGUSR1 prints, whichever model prints it.
 *
 * A row is embedded in whatever stands for a request in a model: a slot of the event model's
 * table, a worker's stack. The model keeps it up to date; printing only reads.
 */
#ifndef CORE_REQUEST_STATUS_H
#define CORE_REQUEST_STATUS_H

#include "core/request_state.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

enum {
    REQUEST_PEER_BYTES = 56,  /* "[address]:port", IPv6 with its scope at the longest */
    REQUEST_TITLE_BYTES = 48, /* "GET /path", cut where it is too long */
};

struct request_status {
    enum request_state state;
    int64_t since_ms;                /* when it came into this state (clock_now_ms) */
    uint64_t sent_bytes;             /* of the reply's body */
    uint64_t total_bytes;            /* of the reply's body, once known */
    char peer[REQUEST_PEER_BYTES];   /* the client */
    char title[REQUEST_TITLE_BYTES]; /* the request, or "" between requests */
};

/* Writes "address:port" of the client into the row. */
void request_status_set_peer(struct request_status *row, const struct sockaddr *peer,
                             socklen_t length);

/* Writes "METHOD target" into the row, cut to fit. Printing shows unprintable bytes as '?'. */
void request_status_set_title(struct request_status *row, const char *line, size_t length);

/* Prints the table's heading, and one row with its number. Nothing is printed for a FREE row. */
void request_status_print_heading(FILE *out);
void request_status_print(FILE *out, unsigned number, const struct request_status *row,
                          int64_t now_ms);

/* Writes `bytes` as a person reads it: "812 B", "64.0 KiB". Returns `text`. */
const char *request_status_format_bytes(char *text, size_t size, uint64_t bytes);

#endif
