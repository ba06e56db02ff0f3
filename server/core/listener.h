/*
 * The listening socket.
 */
#ifndef CORE_LISTENER_H
#define CORE_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { LISTENER_NAME_BYTES = 64 }; /* "[address]:port" */

/*
 * Listens on a numeric address and port, nonblocking. Returns the descriptor, or -1 with a line
 * in `error` that says what is wrong and how to mend it.
 */
int listener_open(const char *address, unsigned port, char *error, size_t error_size);

/* Writes the "address:port" that the socket really has: port 0 has become a number. */
void listener_name(int listener, char name[LISTENER_NAME_BYTES]);

enum accepted {
    ACCEPT_DONE,   /* a connection, nonblocking */
    ACCEPT_NOBODY, /* nobody waits; or the one who did has gone */
    ACCEPT_FULL,   /* no descriptor or memory for it: someone waits and must go on waiting */
};

/* Takes the next waiting connection, without waiting (accept(2)). `*peer` is the client. */
enum accepted listener_accept(int listener, int *connection, struct sockaddr_storage *peer,
                              socklen_t *peer_length);

#endif
