/*
 * Clients that vanish at the worst of moments.
 */
#include "faults/faults.h"
#include "integration/differences.h"
#include "support/deadline.h"

#include <string.h>

enum {
    BURST = 200,
    ROUNDS = 3,
    ABORTS = 1000,
    WARM_UP = 200,
    BOUND_KIB = 1024,
    RELOADS = 30,    /* rounds of closing and opening under load */
    FEW_RELOADS = 5, /* where who is answered and stays makes the next one wait a while */
};

/* The last has no seat to spare: those who come take the seats of those who vanish. */
static const char *const servers[] = {"--cache-size 0", "--cache-size 400K",
                                      "--max-connections 200"};

/*
 * S10, trap 27: while the server is stopped, half of the clients vanish, the others ask, and new
 * ones come. The server finds all that in one batch of events, and an early event of the batch
 * makes free what a late one is about.
 */
static void burst(const struct server *server)
{
    struct http_connection *clients[BURST];
    for (unsigned i = 0; i < BURST; i++)
        clients[i] = open_and_send(server, GET("/small.txt", ""));
    for (unsigned i = 0; i < BURST; i++) {
        http_read_answers(clients[i], 1);
        demand_statuses(clients[i], "200");
    }
    freeze(server);
    for (unsigned i = 0; i < BURST; i += 2) {
        reset(clients[i]);
        clients[i] = open_for_piece(server, i % PIECES);
        http_send_text(clients[i + 1], GET("/small.txt", ""));
    }
    thaw(server);
    for (unsigned i = 0; i < BURST; i += 2) {
        demand_piece(clients[i], i % PIECES);
        http_read_answers(clients[i + 1], 2);
        demand_statuses(clients[i + 1], "200,200");
        demand_body(&clients[i + 1]->answers[1], SMALL_TEXT, strlen(SMALL_TEXT));
        http_close(clients[i]);
        http_close(clients[i + 1]);
    }
}

START_TEST(stale_events_reach_nobody)
{
    struct server *server = serve_with("%s", servers[_i]);
    for (unsigned round = 0; round < ROUNDS; round++)
        burst(server);
    await_emptiness(server);
    demand_good_end(server);
}
END_TEST

/* Traps 7 and 8, as races: every number is closed and reused while reads are queued. */
START_TEST(clients_that_come_and_go_get_their_own_files)
{
    struct server *server = serve_with("%s", servers[_i]);
    struct http_connection *clients[PIECES];
    unsigned rounds = connections_are_kept() ? RELOADS : FEW_RELOADS;
    for (unsigned i = 0; i < PIECES; i++)
        clients[i] = open_for_piece(server, i);
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = round % 2; i < PIECES; i += 2) { /* these go, whatever they wait for */
            reset(clients[i]);
            clients[i] = open_for_piece(server, (i + round) % PIECES);
            reset(open_and_send(server, GET("/large.bin", "")));
        }
        for (unsigned i = round % 2; i < PIECES; i += 4) {
            demand_piece(clients[i], (i + round) % PIECES);
            http_close(clients[i]);
            clients[i] = open_for_piece(server, (i + round) % PIECES);
        }
    }
    close_all(clients, PIECES);
    await_emptiness(server);
    if (clients_cost_no_thread())
        await_table(server, "\n  disk: [^;]*; [^;]* 0 failed;");
    demand_good_end(server);
}
END_TEST

/* --- aborted downloads ------------------------------------------------------------------------ */

/* S11: at once, while the read is (perhaps) in flight. */
static void abort_at_once(const struct server *server)
{
    reset(open_and_send(server, GET("/huge.bin", "")));
}

/* S22: in the middle of the body. The server's next send() fails, and must not raise SIGPIPE. */
static void abort_in_the_body(const struct server *server)
{
    struct http_connection *talk = open_and_send(server, GET("/huge.bin", ""));
    read_some(talk, 4 * KIB);
    reset(talk);
}

/* Not by a reset but in good order, with bytes unread: the kernel makes a reset of it. */
static void leave_in_the_body(const struct server *server)
{
    struct http_connection *talk = open_and_send(server, GET("/huge.bin", ""));
    read_some(talk, 4 * KIB);
    http_close(talk);
}

static void (*const abort_download[])(const struct server *) = {abort_at_once, abort_in_the_body,
                                                                leave_in_the_body};

/* S11, S22, S23: descriptors and memory are back where they were after the first few. */
START_TEST(aborted_downloads_leave_nothing_behind)
{
    struct server *server = serve();
    for (unsigned i = 0; i < WARM_UP; i++)
        abort_download[_i](server);
    demand_all_files(server);
    await_emptiness(server);
    unsigned descriptors = count_descriptors(server);
    int64_t memory = resident_kib(server);
    for (unsigned i = 0; i < ABORTS; i++)
        abort_download[_i](server);
    await_descriptors(server, descriptors);
    demand_no_growth(server, memory, BOUND_KIB + kept_memory_kib());
    demand_all_files(server);
    demand_good_end(server);
}
END_TEST

TCase *vanishing_clients_case(void)
{
    TCase *tcase = create_event_case("vanishing_clients");
    int count = sizeof servers / sizeof *servers;
    if (clients_cost_no_thread())
        tcase_add_loop_test(tcase, stale_events_reach_nobody, 0, count);
    tcase_add_loop_test(tcase, clients_that_come_and_go_get_their_own_files, 0, count);
    tcase_add_loop_test(tcase, aborted_downloads_leave_nothing_behind, 0,
                        sizeof abort_download / sizeof *abort_download);
    return tcase;
}
