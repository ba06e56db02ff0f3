#include "event/door.h"

#include "core/listener.h"

#include <sys/socket.h>
#include <unistd.h>

enum {
    PAUSE_MS = 100,
    FIRST_REQUEST_MS = 1000, /* so long a connection is not disturbed that has not asked yet */
};

/* Whether an idle connection may be closed in favour of another. */
static bool can_give_way(const struct request *request)
{
    char byte;
    int64_t idle_ms = request->loop->now_ms - request->row.since_ms;
    bool is_expected = !request->has_asked && idle_ms < FIRST_REQUEST_MS;
    return !is_expected && recv(request->exchange.socket, &byte, sizeof byte, MSG_PEEK) <= 0;
}

static struct request *find_who_gives_way(const struct loop *loop)
{
    struct link *link = list_first(&loop->idle);
    while (link != NULL && !can_give_way(list_member(link, struct request, link)))
        link = list_next(&loop->idle, link);
    return link != NULL ? list_member(link, struct request, link) : NULL;
}

static void send_away(struct request *request)
{
    request->loop->server->stats.turned_away++;
    loop_deliver(request, TIMED_OUT);
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
        bool all_taken = list_is_empty(&loop->table.free);
        struct request *leaver = all_taken ? find_who_gives_way(loop) : NULL;
        if (all_taken && leaver == NULL) {
            door->no_seats_until_ms = loop->now_ms + PAUSE_MS;
            return;
        }
        switch (listener_accept(loop->server->listener, &connection, &peer, &peer_length)) {
        case ACCEPT_DONE:
            if (all_taken)
                send_away(leaver);
            seat(loop, connection, &peer, peer_length);
            break;
        case ACCEPT_NOBODY: return;
        case ACCEPT_FULL: /* one gives way, which may help or not: then wait and see */
            leaver = find_who_gives_way(loop);
            if (leaver != NULL)
                send_away(leaver);
            door->no_descriptors_until_ms = loop->now_ms + PAUSE_MS;
            return;
        }
    }
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t door_due_ms(const struct door *door)
{
    int64_t now_ms = door->loop->now_ms;
    int64_t until_ms = later(door->no_descriptors_until_ms, door->no_seats_until_ms);
    return until_ms > now_ms ? until_ms : INT64_MAX;
}

void door_watch(struct door *door)
{
    struct loop *loop = door->loop;
    bool seat_is_free = !list_is_empty(&loop->table.free);
    bool seat_may_become_free =
        !list_is_empty(&loop->idle) && loop->now_ms >= door->no_seats_until_ms;
    bool wanted =
        (seat_is_free || seat_may_become_free) && loop->now_ms >= door->no_descriptors_until_ms;
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
