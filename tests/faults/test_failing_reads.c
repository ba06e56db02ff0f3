/*
 * S14: the disk answers with EIO. Before the reply has begun the client is told so, by a 500;
 * afterwards all that is left is to close. Nothing is served that was not read.
 */
#include "faults/faults.h"

#include <stdlib.h>
#include <string.h>

enum { CROWD = 20, CHUNK_BYTES = 256 * KIB };

#define NOTHING_IS_HELD                                                                            \
    "\n  0 of [0-9]+ slots in use\n  disk: 0 of 64 places taken, 32 buffers left; "

static struct server *serve_with_bad_blocks(const char *from)
{
    setenv("AIO_FAILS_FROM", from, 1);
    return interpose("aio_fail") ? serve() : NULL;
}

static const char *const paths[] = {"/small.txt", "/cold.bin", "/large.bin"};

START_TEST(first_read_that_fails_gets_500)
{
    struct server *server = serve_with_bad_blocks("0");
    if (server == NULL)
        return;
    struct http_connection *talk =
        http_ask(server->port, "GET %s HTTP/1.1\r\n" HOST "\r\n" LAST_GET, paths[_i]);
    demand_statuses(talk, "500,404"); /* file.txt is not there, and that needs no read */
    await_table(server, NOTHING_IS_HELD "1 reads [^;]* 1 failed;");
    demand_good_end(server);
}
END_TEST

/* The read that they all wait for fails: all are told, none hangs, and the next one tries again. */
START_TEST(all_who_joined_a_failing_read_get_500)
{
    struct server *server = serve_with_bad_blocks("0");
    struct http_connection *crowd[CROWD];
    if (server == NULL)
        return;
    freeze(server); /* so that they are all there at once */
    for (unsigned i = 0; i < CROWD; i++)
        crowd[i] = open_and_send(server, GET("/cold.bin", CLOSE));
    thaw(server);
    for (unsigned i = 0; i < CROWD; i++) {
        http_read_to_end(crowd[i]);
        demand_statuses(crowd[i], "500");
    }
    close_all(crowd, CROWD);
    ask_for_status(server->port, 500, GET("/cold.bin", ""));
    await_table(server, NOTHING_IS_HELD ".* [1-9][0-9]* joined\n");
    demand_good_end(server);
}
END_TEST

START_TEST(later_read_that_fails_ends_the_connection_short)
{
    struct server *server = serve_with_bad_blocks("1");
    if (server == NULL)
        return;
    struct http_connection *talk = open_and_send(server, GET("/large.bin", ""));
    http_read_to_end(talk);
    ck_assert_msg(talk->closed && !talk->timed_out && talk->count == 0, "%s", http_describe(talk));
    const char *body = strstr(talk->input, "\r\n\r\n");
    ck_assert(body != NULL && strncmp(talk->input, "HTTP/1.1 200 ", 13) == 0);
    body += strlen("\r\n\r\n");
    ck_assert_uint_eq(talk->input_length - (size_t)(body - talk->input), CHUNK_BYTES);
    ck_assert(memcmp(body, large_bytes(), CHUNK_BYTES) == 0);
    await_table(server, NOTHING_IS_HELD "2 reads [^;]* 1 failed;.* 1 broken off,");
    demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES); /* one read, from byte 0 */
    demand_good_end(server);
}
END_TEST

TCase *failing_reads_case(void)
{
    TCase *tcase = create_event_case("failing_reads");
    tcase_add_loop_test(tcase, first_read_that_fails_gets_500, 0, sizeof paths / sizeof *paths);
    tcase_add_test(tcase, all_who_joined_a_failing_read_get_500);
    tcase_add_test(tcase, later_read_that_fails_ends_the_connection_short);
    return tcase;
}
