/*
 * A thread for each client, which waits for it and for the disk; and it is called the event model.
 * Fails: there_is_one_thread
 * Says: threads
 */
#include "core/listener.h"
#include "core/signals.h"
#include "models/blocking.h"
#include "models/model.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROWS = 256, FOR_EVER_MS = -1 };

static struct hall hall;

static bool never(struct hall *of)
{
    (void)of;
    return false;
}

static void *serve(void *conversation)
{
    serve_connection(conversation);
    free(conversation);
    return NULL;
}

static void take_notes(struct server *server)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    size_t count = server->wakeup->drain(notes);
    for (size_t i = 0; i < count; i++) {
        if (notes[i].signal == SIGUSR1)
            hall_print(&hall, stderr);
        if (notes[i].signal == SIGINT || notes[i].signal == SIGTERM)
            hall_stop(&hall);
    }
}

static void accept_one(struct server *server)
{
    static unsigned number;
    struct sockaddr_storage peer;
    struct request_status row;
    socklen_t length;
    pthread_t thread;
    int connection;
    if (listener_accept(server->listener, &connection, &peer, &length) != ACCEPT_DONE)
        return;
    struct conversation *talk = conversation_create(&hall, number++ % ROWS);
    request_status_set_peer(&row, (const struct sockaddr *)&peer, length);
    conversation_begin(talk, connection, row.peer);
    pthread_create(&thread, NULL, serve, talk);
    pthread_detach(thread);
}

static int run(struct server *server)
{
    hall_create(&hall, "event", server, ROWS);
    hall_open_pipes(&hall);
    hall.gives_way = never;
    hall.is_last = never;
    struct pollfd ways[] = {{.fd = server->wakeup->open(), .events = POLLIN},
                            {.fd = server->listener, .events = POLLIN}};
    while (!server->stopping) {
        poll(ways, 2, FOR_EVER_MS);
        if (ways[0].revents != 0)
            take_notes(server);
        if (ways[1].revents != 0)
            accept_one(server);
    }
    _exit(EXIT_SUCCESS);
}

const struct model model_event = {
    .choice = {"event", "one thread, or so"},
    .run = run,
};
