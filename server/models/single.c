/*
 * The single-threaded model: gets a request, carries it out to completion, gets the next.
 *
 * While it waits for the disk or for a client, everybody else waits at the door, in the kernel's
 * queue of connections. Each connection brings one request: with more, one client could keep all
 * the others out. For the same reason a client who says nothing must leave when others wait.
 */
#include "core/clock.h"
#include "core/listener.h"
#include "core/signals.h"
#include "models/blocking.h"
#include "models/model.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAUSE_MS = 100, FOR_EVER_MS = -1 };

static void take_note(struct hall *hall, const struct wakeup_note *note)
{
    if (note->signal == SIGUSR1)
        hall_print(hall, stderr);
    if (note->signal == SIGINT || note->signal == SIGTERM)
        hall_stop(hall);
}

static void take_notes(struct hall *hall)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    size_t count;
    do {
        count = hall->server->wakeup->drain(notes);
        for (size_t i = 0; i < count; i++)
            take_note(hall, &notes[i]);
    } while (count == WAKEUP_BATCH);
}

static bool one_request_each(struct hall *hall)
{
    (void)hall;
    return true;
}

/* The kernel says that the listener is readable, and that is all there is to know. */
static bool somebody_waits(struct hall *hall)
{
    (void)hall;
    return true;
}

/* Between two clients: waits for one, or for a signal. */
static void wait_at_door(struct hall *hall, int listener, int timeout_ms)
{
    struct pollfd ways[] = {{.fd = hall->bell, .events = POLLIN},
                            {.fd = listener, .events = POLLIN}};
    poll(ways, sizeof ways / sizeof *ways, timeout_ms);
    if (ways[0].revents != 0)
        take_notes(hall);
}

static enum accepted serve_next(struct conversation *talk)
{
    struct server *server = talk->hall->server;
    struct sockaddr_storage peer;
    struct request_status row;
    socklen_t peer_length;
    int connection;
    enum accepted accepted = listener_accept(server->listener, &connection, &peer, &peer_length);
    if (accepted != ACCEPT_DONE)
        return accepted;
    request_status_set_peer(&row, (const struct sockaddr *)&peer, peer_length);
    server->stats.accepted++;
    conversation_begin(talk, connection, row.peer);
    serve_connection(talk);
    return accepted;
}

static void serve(struct conversation *talk)
{
    struct hall *hall = talk->hall;
    int listener = hall->server->listener;
    while (!hall->server->stopping) {
        switch (serve_next(talk)) {
        case ACCEPT_DONE: break;
        case ACCEPT_NOBODY: wait_at_door(hall, listener, FOR_EVER_MS); break;
        case ACCEPT_FULL: wait_at_door(hall, HALL_NOTHING, PAUSE_MS); break;
        }
    }
    while (clock_now_ms() < hall->leave_by_ms && serve_next(talk) == ACCEPT_DONE)
        continue; /* they were there before the signal */
    close(listener);
}

static int single_run(struct server *server)
{
    static struct hall hall;
    struct conversation *talk = conversation_create(&hall, 0);
    if (talk == NULL || !hall_create(&hall, "single", server, 1)) {
        fprintf(stderr, "threeways: start: %s; free some memory\n", strerror(errno));
        return EXIT_FAILURE;
    }
    hall.bell = server->wakeup->open();
    hall.answer_bell = take_notes;
    hall.door = server->listener;
    hall.gives_way = somebody_waits;
    hall.is_last = one_request_each;
    if (hall.bell < 0) {
        fprintf(stderr, "threeways: wake-up: %s; try the other --wakeup\n", strerror(errno));
        return EXIT_FAILURE;
    }
    printf("single: one thread, one request at a time.\n"
           "Ctrl-C ends it; kill -USR1 %ld shows what it is doing.\n",
           (long)getpid());
    fflush(stdout);
    serve(talk);
    server->wakeup->close();
    free(talk);
    hall_destroy(&hall);
    return EXIT_SUCCESS;
}

const struct model model_single = {
    .choice = {"single", "one thread that blocks: one request after another"},
    .run = single_run,
};
