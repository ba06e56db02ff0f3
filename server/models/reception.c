#include "models/reception.h"

#include "core/listener.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { PAUSE_MS = 100, FOR_EVER_MS = -1 };

/* Waits for a client, or for the end. */
static void wait_at_door(const struct hall *hall, int listener, int timeout_ms)
{
    struct pollfd ways[] = {{.fd = listener, .events = POLLIN},
                            {.fd = hall->bell, .events = POLLIN}};
    poll(ways, sizeof ways / sizeof *ways, timeout_ms);
}

static enum accepted accept_next(struct server *server, struct client *client)
{
    struct sockaddr_storage peer;
    struct request_status row;
    socklen_t peer_length;
    enum accepted accepted =
        listener_accept(server->listener, &client->socket, &peer, &peer_length);
    if (accepted != ACCEPT_DONE)
        return accepted;
    request_status_set_peer(&row, (const struct sockaddr *)&peer, peer_length);
    memcpy(client->peer, row.peer, sizeof client->peer);
    server->stats.accepted++;
    return accepted;
}

bool reception_next(struct hall *hall, struct client *client)
{
    struct server *server = hall->server;
    while (!server->stopping) {
        switch (accept_next(server, client)) {
        case ACCEPT_DONE: return true;
        case ACCEPT_NOBODY: wait_at_door(hall, server->listener, FOR_EVER_MS); break;
        case ACCEPT_FULL: wait_at_door(hall, HALL_NOTHING, PAUSE_MS); break;
        }
    }
    if (!hall_is_over(hall) && accept_next(server, client) == ACCEPT_DONE)
        return true;
    close(server->listener);
    return false;
}
