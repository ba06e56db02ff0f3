#include "core/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 1024 }; /* the kernel cuts it to its own limit, listen(2) */

static bool set_flags(int descriptor)
{
    return fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

static void explain(char *error, size_t size, const char *address, unsigned port)
{
    if (errno == EADDRINUSE)
        snprintf(error, size,
                 "--port %u: %s:%u is in use; end the other server, or take another port "
                 "(--port 0 takes a free one)",
                 port, address, port);
    else if (errno == EACCES)
        snprintf(error, size, "--port %u: not allowed; ports below 1024 are the system's, try %u",
                 port, port + 8000);
    else
        snprintf(error, size, "--address %s: %s; try --address 127.0.0.1", address,
                 strerror(errno));
}

static int open_socket(const struct addrinfo *where)
{
    static const int on = 1;
    int listener = socket(where->ai_family, where->ai_socktype, where->ai_protocol);
    if (listener < 0)
        return -1;
    /* A server that starts again must not wait for the last one's connections to be forgotten. */
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, where->ai_addr, where->ai_addrlen) == 0 && listen(listener, BACKLOG) == 0 &&
        set_flags(listener))
        return listener;
    int reason = errno;
    close(listener);
    errno = reason;
    return -1;
}

int listener_open(const char *address, unsigned port, char *error, size_t error_size)
{
    char service[sizeof "65535"];
    struct addrinfo *where;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    snprintf(service, sizeof service, "%u", port % 65536);
    if (getaddrinfo(address, service, &hints, &where) != 0) {
        snprintf(error, error_size,
                 "--address %s: not a numeric address; write it like 127.0.0.1 or ::1", address);
        return -1;
    }
    int listener = open_socket(where);
    if (listener < 0)
        explain(error, error_size, address, port);
    freeaddrinfo(where);
    return listener;
}

void listener_name(int listener, char name[LISTENER_NAME_BYTES])
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[LISTENER_NAME_BYTES - sizeof "[]:65535"] = "?", port[sizeof "65535"] = "?";
    if (getsockname(listener, (struct sockaddr *)&address, &length) == 0)
        getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(name, LISTENER_NAME_BYTES, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
             port);
}

static enum accepted answer_for_error(int error)
{
    switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return ACCEPT_FULL;
    default: return ACCEPT_NOBODY; /* EAGAIN, EINTR, ECONNABORTED, and the network's own errors */
    }
}

enum accepted listener_accept(int listener, int *connection, struct sockaddr_storage *peer,
                              socklen_t *peer_length)
{
    static const int on = 1;
    *peer_length = sizeof *peer;
    *connection = accept(listener, (struct sockaddr *)peer, peer_length);
    if (*connection < 0)
        return answer_for_error(errno);
    if (!set_flags(*connection)) {
        close(*connection);
        return ACCEPT_NOBODY;
    }
    /* Replies leave in one piece; nothing is gained by waiting for more (Nagle, RFC 896). */
    setsockopt(*connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return ACCEPT_DONE;
}
