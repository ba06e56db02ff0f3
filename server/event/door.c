#include "event/door.h"

#include "core/listener.h"

#include <unistd.h>

enum { PAUSE_MS = 100 };

/* Somebody waits and all seats are taken: the longest idle one goes. */
static bool make_room_for_one(struct loop *loop)
{
    struct link *longest_idle = list_first(&loop->idle);
    if (longest_idle == NULL)
        return false;
    loop->server->stats.turned_away++;
    loop_deliver(list_member(longest_idle, struct request, link), TIMED_OUT);
    return true;
}

static void seat(struct loop *loop, int connection, const struct sockaddr_storage *peer,
                 socklen_t peer_length)
{
    bool can_be_watched = (unsigned)connection < loop->poller->descriptor_limit;
    struct request *request = can_be_watched ? request_table_take(&loop->table) : NULL;
    if (request == NULL) { /* seats are counted so that this does not happen */
        close(connection);
        return;
    }
    exchange_open(&request->exchange, connection);
    request_status_set_peer(&request->row, (const struct sockaddr *)peer, peer_length);
    loop->server->stats.accepted++;
    loop_deliver(request, ACCEPTED);
}

void door_accept(struct door *door, unsigned most)
{
    struct loop *loop = door->loop;
    struct sockaddr_storage peer;
    socklen_t peer_length;
    int connection;
    for (unsigned i = 0; i < most; i++) {
        if (list_is_empty(&loop->table.free) && !make_room_for_one(loop))
            return;
        switch (listener_accept(loop->server->listener, &connection, &peer, &peer_length)) {
        case ACCEPT_DONE: seat(loop, connection, &peer, peer_length); break;
        case ACCEPT_NOBODY: return;
        case ACCEPT_FULL:
            if (make_room_for_one(loop))
                break;
            door->again_ms = loop->now_ms + PAUSE_MS;
            return;
        }
    }
}

void door_watch(struct door *door)
{
    struct loop *loop = door->loop;
    bool has_room = !list_is_empty(&loop->table.free) || !list_is_empty(&loop->idle);
    bool wanted = has_room && !loop->server->stopping && loop->now_ms >= door->again_ms;
    if (wanted == door->is_watched)
        return;
    loop->poller->watch(loop->server->listener, wanted ? POLLER_INPUT : 0, TOKEN_LISTENER);
    door->is_watched = wanted;
}

void door_close(struct door *door)
{
    door->loop->poller->forget(door->loop->server->listener);
    close(door->loop->server->listener);
    door->is_watched = false;
}
