#include "tools/send_crowd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t send_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- one client --------------------------------------------------------------------------- */

static void tell(const struct send_crowd *crowd, const struct send_client *client)
{
    if (crowd->tell != NULL)
        crowd->tell(client);
}

static void finish(struct send_crowd *crowd, struct send_client *client)
{
    client->done_us = send_now_us();
    if (client->socket >= 0)
        close(client->socket);
    client->stage = SEND_DONE;
    client->place = 0;
    for (size_t i = 0; i < crowd->count; i++)
        client->place +=
            crowd->clients[i].stage == SEND_DONE && crowd->clients[i].server == client->server;
    tell(crowd, client);
}

static void begin(struct send_crowd *crowd, struct send_client *client)
{
    const struct addrinfo *address = client->address;
    client->stage = SEND_CONNECTING;
    client->sent_us = send_now_us();
    client->socket = socket(address->ai_family, SOCK_STREAM, 0);
    tell(crowd, client);
    if (client->socket < 0 || fcntl(client->socket, F_SETFL, O_NONBLOCK) != 0 ||
        (connect(client->socket, address->ai_addr, address->ai_addrlen) != 0 &&
         errno != EINPROGRESS))
        finish(crowd, client);
}

static void ask(struct send_crowd *crowd, struct send_client *client)
{
    char request[SEND_PATH_BYTES + 256];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", client->path,
                          client->server);
    ssize_t sent = send(client->socket, request, (size_t)length, MSG_NOSIGNAL);
    client->stage = SEND_RECEIVING;
    if (sent != length) /* so few bytes always fit; it has been refused */
        finish(crowd, client);
}

/* The first bytes of a reply are "HTTP/1.1 200", and come in one piece. */
static void note_status(struct send_client *client, const char *bytes, ssize_t length)
{
    enum { BEFORE_STATUS = 9, STATUS_DIGITS = 3 };
    char digits[STATUS_DIGITS + 1] = "";
    if (client->bytes > 0 || length < BEFORE_STATUS + STATUS_DIGITS)
        return;
    memcpy(digits, bytes + BEFORE_STATUS, STATUS_DIGITS);
    client->status = (unsigned)strtoul(digits, NULL, 10);
}

static void receive(struct send_crowd *crowd, struct send_client *client)
{
    static char bytes[65536];
    ssize_t length = recv(client->socket, bytes, sizeof bytes, 0);
    if (length > 0) {
        note_status(client, bytes, length);
        client->bytes += (uint64_t)length;
    } else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
        finish(crowd, client);
    }
}

/* --- all of them -------------------------------------------------------------------------- */

/* Begins whoever's turn has come. Returns when the next one's is, or INT64_MAX. */
static int64_t begin_due(struct send_crowd *crowd, size_t *begun, int64_t start_us)
{
    while (*begun < crowd->count) {
        int64_t turn = (int64_t)(*begun / crowd->servers);
        int64_t due_us = start_us + turn * crowd->pace_us;
        if (due_us > send_now_us())
            return due_us;
        begin(crowd, &crowd->clients[(*begun)++]);
    }
    return INT64_MAX;
}

/* What poll(2) is to watch. Returns how many are not done. */
static size_t watch(const struct send_crowd *crowd, struct pollfd *watched, size_t begun)
{
    size_t open = 0;
    for (size_t i = 0; i < begun; i++) {
        const struct send_client *client = &crowd->clients[i];
        bool is_open = client->stage != SEND_DONE;
        watched[i] = (struct pollfd){.fd = is_open ? client->socket : -1,
                                     .events = client->stage == SEND_CONNECTING ? POLLOUT : POLLIN};
        open += is_open;
    }
    return open;
}

static void take_events(struct send_crowd *crowd, const struct pollfd *watched, size_t begun)
{
    for (size_t i = 0; i < begun; i++) {
        struct send_client *client = &crowd->clients[i];
        if (watched[i].revents == 0)
            continue;
        if (client->stage == SEND_CONNECTING)
            ask(crowd, client);
        else
            receive(crowd, client);
    }
}

static bool give_up(struct send_crowd *crowd, size_t begun)
{
    for (size_t i = 0; i < begun; i++)
        if (crowd->clients[i].stage != SEND_DONE)
            finish(crowd, &crowd->clients[i]);
    return false;
}

static int until_ms(int64_t us)
{
    int64_t rest = us - send_now_us();
    return rest <= 0 ? 0 : (int)((rest + 999) / 1000);
}

static bool run(struct send_crowd *crowd, struct pollfd *watched)
{
    int64_t start_us = send_now_us(), end_us = start_us + crowd->timeout_us;
    size_t begun = 0;
    for (;;) {
        int64_t due_us = begin_due(crowd, &begun, start_us);
        if (watch(crowd, watched, begun) == 0 && begun == crowd->count)
            return true;
        if (send_now_us() >= end_us)
            return give_up(crowd, begun);
        poll(watched, (nfds_t)begun, until_ms(due_us < end_us ? due_us : end_us));
        take_events(crowd, watched, begun);
    }
}

bool send_crowd_run(struct send_crowd *crowd)
{
    struct pollfd *watched = calloc(crowd->count, sizeof *watched);
    bool well = watched != NULL && run(crowd, watched);
    free(watched);
    return well;
}
