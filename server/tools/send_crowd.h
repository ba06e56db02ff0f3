/*
 * A crowd of clients: each has a connection of its own and one request, and all of them are served
 * by one thread that waits in poll(2).
 *
 * A browser would keep all but six of its requests back. Here every connection is opened when its
 * turn comes, whether the others have been answered or not; so the order in which the answers come
 * is the server's doing.
 */
#ifndef TOOLS_SEND_CROWD_H
#define TOOLS_SEND_CROWD_H

#include "tools/send_order.h"

#include <netdb.h>
#include <stdint.h>

enum send_stage { SEND_NOT_YET, SEND_CONNECTING, SEND_RECEIVING, SEND_DONE };

struct send_client {
    const char *server; /* as it is written: "127.0.0.1:8080" */
    const struct addrinfo *address;
    size_t number; /* within the order, from 1 */
    bool is_cold;
    char path[SEND_PATH_BYTES];

    enum send_stage stage;
    int socket;
    unsigned status; /* of the reply; 0: it was none */
    uint64_t bytes;  /* of head and body */
    int64_t sent_us, done_us;
    size_t place; /* the order of finishing at this server, from 1 */
};

struct send_crowd {
    struct send_client *clients; /* in the order in which they begin */
    size_t count;
    int64_t pace_us, timeout_us; /* between two requests of the order; for all of it */
    size_t servers;              /* that get each request of the order at the same moment */

    /* Told of each client that has begun (SEND_CONNECTING) or finished. May be NULL. */
    void (*tell)(const struct send_client *client);
};

/* Lets all of them have their turn, and waits for the answers. False: somebody had none in time. */
bool send_crowd_run(struct send_crowd *crowd);

/* CLOCK_MONOTONIC, as in traces. */
int64_t send_now_us(void);

#endif
