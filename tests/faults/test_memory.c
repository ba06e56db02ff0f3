/*
 * Memory is taken at the start; from then on what is in use goes round.
 */
#include "faults/faults.h"

enum {
    HITS = 1000,
    CLIENTS = 20,
    IDLE_CLIENTS = 500,
    BOUND_KIB = 2 * 1024, /* 4 KiB for each of them: what holds a head alone takes 16 */
};

#define IF_CHANGED "If-Modified-Since: Thu, 31 Dec 2099 23:59:59 GMT\r\n"

/* New connections and old ones, whole files and parts of them, and some that are not needed. */
static void ask_for_what_is_cached(const struct server *server)
{
    struct http_connection *talk = http_open(server->port);
    for (unsigned i = 0; i < HITS; i++)
        ask_again(talk, GET("/small.txt", ""));
    for (unsigned i = 0; i < CLIENTS; i++)
        demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES);
    ask_for_status(server->port, 206, GET("/cold.bin", "Range: bytes=5-9\r\n"));
    ask_for_status(server->port, 304, GET("/cold.bin", IF_CHANGED));
    ask_for_status(server->port, 200, "HEAD /cold.bin HTTP/1.1\r\n" HOST "\r\n");
    ask_for_status(server->port, 404, GET("/nothing", ""));
}

START_TEST(cache_hits_allocate_nothing)
{
    if (!interpose("malloc"))
        return;
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    ask_for_what_is_cached(server); /* is read, and libc has all it wants for itself */
    hold();
    ask_for_what_is_cached(server);
    release();
    await_table(server, "; 2 reads ");
    demand_good_end(server);
}
END_TEST

/* What a request needs is for requests: it goes round, and those who are idle have none of it. */
START_TEST(idle_connections_hold_no_memory_of_requests)
{
    struct server *server = serve();
    struct http_connection *first = http_open(server->port);
    ask_again(first, GET("/small.txt", ""));
    int64_t before = resident_kib(server);
    for (unsigned i = 0; i < IDLE_CLIENTS; i++)
        ask_again(http_open(server->port), GET("/small.txt", ""));
    await_table(server, "( IDLE .*){501}\n  501 of [0-9]+ slots in use\n");
    demand_no_growth(server, before, BOUND_KIB);
    demand_good_end(server);
}
END_TEST

TCase *memory_case(void)
{
    TCase *tcase = create_event_case("memory");
    tcase_add_loop_test(tcase, cache_hits_allocate_nothing, 0, WAKEUPS);
    tcase_add_test(tcase, idle_connections_hold_no_memory_of_requests);
    return tcase;
}
