/*
 * Accepting clients when that fails: the door never spins, and never shuts for good.
 */
#include "faults/faults.h"
#include "support/deadline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_ROOM = 16, THROWN_OUT = 50 };

/* Starts a server whose accept() will fail so while hold() holds. NULL: it cannot be done. */
static struct server *serve_with_jammed_door(int error)
{
    char number[NUMBER_ROOM];
    snprintf(number, sizeof number, "%d", error);
    setenv("ACCEPT_FAILS_WITH", number, 1);
    return interpose("accept") ? serve() : NULL;
}

static const int shortages[] = {EMFILE, ENFILE};

/*
 * The client stays in the queue, so the listener stays readable: whoever tries again at once
 * spins. Meanwhile those who are in must be served, and in the end the client outside, too.
 */
START_TEST(shortage_at_the_door_does_not_spin)
{
    struct server *server = serve_with_jammed_door(shortages[_i]);
    if (server == NULL)
        return;
    struct http_connection *seated = open_and_send(server, "GET /small.txt HTTP/1.1\r\n");
    await_table(server, " READING ");
    hold();
    struct http_connection *outside = open_and_send(server, GET("/small.txt", ""));
    demand_idleness(server, outside);
    ask_again(seated, HOST "\r\n");
    ck_assert_uint_eq(outside->count, 0);
    release();
    http_read_answers(outside, 1);
    demand_statuses(outside, "200");
    demand_good_end(server);
}
END_TEST

/* S31: a client that has gone before it was accepted is no reason to stop. */
START_TEST(client_gone_before_accept_harms_nobody)
{
    struct server *server = serve_with_jammed_door(ECONNABORTED);
    if (server == NULL)
        return;
    struct http_connection *seated = http_open(server->port);
    ask_again(seated, GET("/small.txt", ""));
    hold();
    for (unsigned i = 0; i < THROWN_OUT; i++) {
        struct http_connection *thrown_out = http_open(server->port);
        http_read_to_end(thrown_out);
        ck_assert_msg(thrown_out->closed && thrown_out->count == 0, "it was let in");
    }
    release();
    ask_again(seated, GET("/small.txt", ""));
    ask_again(http_open(server->port), GET("/small.txt", ""));
    demand_good_end(server);
}
END_TEST

TCase *door_case(void)
{
    TCase *tcase = create_event_case("door");
    tcase_add_loop_test(tcase, shortage_at_the_door_does_not_spin, 0,
                        sizeof shortages / sizeof *shortages);
    tcase_add_test(tcase, client_gone_before_accept_harms_nobody);
    return tcase;
}
