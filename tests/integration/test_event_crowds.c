/*
 * More clients than seats, places, buffers or signals: everybody is served in the end.
 */
#include "integration/event_model.h"
#include "support/deadline.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    SEATS = 4,
    CROWD = 20,
    LARGE_CROWD = 60,
    FEW_DESCRIPTORS = 32,
    RESETS = 100,
    PATH_ROOM = 320,
};

#define CLOSING_GET GET("/small.txt", CLOSE)

/* --- seats ---------------------------------------------------------------------------------- */

START_TEST(longest_idle_connection_makes_room)
{
    struct server *server = serve_with("--max-connections 4");
    struct http_connection *seated[SEATS];
    for (unsigned i = 0; i < SEATS; i++) {
        seated[i] = http_open(server->port);
        ask_again(seated[i], GET("/small.txt", ""));
    }
    struct http_connection *fifth = http_open(server->port);
    ask_again(fifth, GET("/small.txt", ""));
    demand_closed(seated[0]);
    for (unsigned i = 1; i < SEATS; i++)
        ask_again(seated[i], GET("/small.txt", ""));
    await_table(server,
                "\n  4 of 4 slots in use\n.*\n  5 connections \\(1 closed to seat others\\)");
    demand_good_end(server);
}
END_TEST

/* Who is in mid-request does not make room: the newcomer waits until somebody has finished. */
START_TEST(requests_in_progress_keep_their_seats)
{
    struct server *server = serve_with("--max-connections 4");
    struct http_connection *seated[SEATS];
    for (unsigned i = 0; i < SEATS; i++)
        seated[i] = open_and_send(server, "GET /small.txt HTTP/1.1\r\n");
    await_table(server, "( READING .*){4}");
    struct http_connection *fifth = open_and_send(server, GET("/small.txt", ""));
    for (unsigned i = 0; i < SEATS; i++) {
        ask_again(seated[i], HOST "\r\n");
        demand_body(&seated[i]->answers[0], SMALL_TEXT, strlen(SMALL_TEXT));
    }
    http_read_answers(fifth, 1);
    demand_statuses(fifth, "200");
    demand_good_end(server);
}
END_TEST

/* All are there with their requests before the first is accepted: none may lose its own. */
START_TEST(crowd_is_served_with_few_descriptors)
{
    struct server *server =
        serve_within(RLIMIT_NOFILE, FEW_DESCRIPTORS, "--wakeup %s", wakeup_names[_i]);
    struct http_connection *crowd[LARGE_CROWD];
    for (unsigned i = 0; i < LARGE_CROWD; i++)
        crowd[i] = open_and_send(server, CLOSING_GET);
    for (unsigned i = 0; i < LARGE_CROWD; i++) {
        http_read_to_end(crowd[i]);
        demand_statuses(crowd[i], "200");
        http_close(crowd[i]); /* the server lingers until then */
    }
    demand_good_end(server);
}
END_TEST

START_TEST(crowd_that_stays_is_served_with_few_descriptors)
{
    struct server *server =
        serve_within(RLIMIT_NOFILE, FEW_DESCRIPTORS, "--wakeup %s", wakeup_names[_i]);
    struct http_connection *crowd[LARGE_CROWD];
    for (unsigned i = 0; i < LARGE_CROWD; i++)
        crowd[i] = open_and_send(server, GET("/small.txt", ""));
    for (unsigned i = 0; i < LARGE_CROWD; i++) {
        http_read_answers(crowd[i], 1);
        demand_statuses(crowd[i], "200");
    }
    demand_good_end(server);
}
END_TEST

/* A connection and a request that arrives with it, one after another: the simplest crowd. */
START_TEST(clients_in_a_row_are_served_with_few_descriptors)
{
    struct server *server =
        serve_within(RLIMIT_NOFILE, FEW_DESCRIPTORS, "--wakeup %s", wakeup_names[_i]);
    for (unsigned i = 0; i < LARGE_CROWD; i++)
        ask_again(http_open(server->port), GET("/small.txt", ""));
    demand_good_end(server);
}
END_TEST

/* --- places, buffers, single flight --------------------------------------------------------- */

static void ask_for_pieces(const struct server *server)
{
    struct http_connection *crowd[PIECES];
    for (unsigned i = 0; i < PIECES; i++) {
        char request[PATH_ROOM];
        snprintf(request, sizeof request, "GET /piece%u.bin HTTP/1.1\r\n" HOST "\r\n", i);
        crowd[i] = open_and_send(server, request);
    }
    for (unsigned i = 0; i < PIECES; i++) {
        http_read_answers(crowd[i], 1);
        demand_statuses(crowd[i], "200");
        demand_body(&crowd[i]->answers[0], piece_bytes(i), PIECE_BYTES);
    }
}

static const char *const cache_sizes[] = {"64M", "0", "50K"}; /* all fit, none, one at a time */

START_TEST(one_place_and_one_buffer_serve_a_crowd)
{
    struct server *server = serve_with("--places 1 --buffers 1 --cache-size %s", cache_sizes[_i]);
    ask_for_pieces(server);
    await_table(server, "\n  disk: 0 of 1 places taken, 1 buffers left; 20 reads");
    demand_good_end(server);
}
END_TEST

/* Large files alternate between the disk and the client, and share the one buffer in turn. */
START_TEST(one_place_and_one_buffer_serve_large_files)
{
    struct server *server = serve_with("--places 1 --buffers 1");
    struct http_connection *crowd[SEATS];
    for (unsigned i = 0; i < SEATS; i++)
        crowd[i] = open_and_send(server, GET("/large.bin", ""));
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    for (unsigned i = 0; i < SEATS; i++) {
        http_read_answers(crowd[i], 1);
        demand_statuses(crowd[i], "200");
        demand_body(&crowd[i]->answers[0], large_bytes(), LARGE_BYTES);
    }
    demand_good_end(server);
}
END_TEST

/* A large file's client that does not read holds a buffer, but no place: others are served. */
START_TEST(stopped_reader_does_not_stop_small_files)
{
    struct server *server = serve_with("--places 1 --buffers 1");
    struct http_connection *stopped = open_and_send(server, GET("/huge.bin", ""));
    await_table(server, " SENDING .* 0 of 1 places taken, 0 buffers left");
    ask_for_pieces(server);
    http_close(stopped);
    await_table(server, "0 of 1 places taken, 1 buffers left");
    demand_good_end(server);
}
END_TEST

START_TEST(one_read_serves_all_who_ask_at_once)
{
    struct server *server = serve();
    struct http_connection *crowd[CROWD];
    unsigned hits, misses, joins;
    for (unsigned i = 0; i < CROWD; i++)
        crowd[i] = open_and_send(server, GET("/cold.bin", ""));
    for (unsigned i = 0; i < CROWD; i++) {
        http_read_answers(crowd[i], 1);
        demand_statuses(crowd[i], "200");
        demand_body(&crowd[i]->answers[0], cold_bytes(), COLD_BYTES);
    }
    const char *table = await_table(server, "; 1 reads \\(900.0 KiB\\), 0 failed;");
    ck_assert_int_eq(sscanf(strstr(table, "MiB; "), "MiB; %u hits, %u misses, %u joined", &hits,
                            &misses, &joins),
                     3);
    ck_assert_uint_eq(misses, 1);
    ck_assert_uint_eq(hits + joins, CROWD - 1);
    demand_good_end(server);
}
END_TEST

START_TEST(without_a_cache_every_request_reads_the_disk)
{
    struct server *server = serve_with("--cache-size 0");
    for (unsigned i = 0; i < 3; i++) {
        demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
        demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES);
    }
    await_table(server, "\n  page cache: 0 files, 0 B of 0 B; 0 hits, 6 misses, 0 joined\n");
    demand_good_end(server);
}
END_TEST

/* --- signals and resets --------------------------------------------------------------------- */

static void serve_everything(const struct server *server)
{
    for (unsigned i = 0; i < 3; i++) { /* cold at first, then hot */
        demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
        demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES);
        demand_file(server, "/large.bin", large_bytes(), LARGE_BYTES);
    }
    ask_for_pieces(server);
}

START_TEST(files_of_all_kinds_are_served)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    serve_everything(server);
    demand_good_end(server);
}
END_TEST

/* No signal can be queued, so the sweep must find every read; nothing becomes a 500. */
START_TEST(files_of_all_kinds_are_served_without_disk_signals)
{
    struct server *server = serve_within(RLIMIT_SIGPENDING, 0, "--wakeup %s", wakeup_names[_i]);
    serve_everything(server);
    await_table(server, " 0 failed; 0 told by a signal, [1-9][0-9]* found by the sweep alone\n");
    demand_good_end(server);
}
END_TEST

START_TEST(resets_leave_nothing_behind)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    demand_file(server, "/large.bin", large_bytes(), LARGE_BYTES);
    await_table(server, "\n  0 of [0-9]+ slots in use\n");
    unsigned before = count_descriptors(server);
    for (unsigned i = 0; i < RESETS; i++) {
        struct http_connection *talk = open_and_send(server, GET("/huge.bin", ""));
        read_some(talk, i * KIB + 1);
        reset(talk);
    }
    await_table(server, "\n  0 of [0-9]+ slots in use\n  disk: 0 of 64 places taken, 32 buffers");
    ck_assert_uint_eq(count_descriptors(server), before);
    demand_file(server, "/large.bin", large_bytes(), LARGE_BYTES);
    demand_good_end(server);
}
END_TEST

/* --- what is no regular file ---------------------------------------------------------------- */

static void make_path(char path[PATH_ROOM], const char *name)
{
    snprintf(path, PATH_ROOM, "%s/%s", event_tree.root, name);
}

static void make_socket(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[PATH_ROOM];
    make_path(path, name);
    ck_assert_uint_lt(strlen(path), sizeof address.sun_path);
    strcpy(address.sun_path, path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(chmod(path, 0777), 0);
}

/* A device like /dev/zero, whose bytes never end. Only root can make one, where it can at all. */
static bool make_device(const char *name)
{
    char path[PATH_ROOM];
    make_path(path, name);
    return mknod(path, S_IFCHR | 0666, makedev(1, 5)) == 0 && chmod(path, 0666) == 0;
}

static void make_pipe(const char *name)
{
    char path[PATH_ROOM];
    docroot_make_pipe(&event_tree, name);
    make_path(path, name);
    ck_assert_int_eq(chmod(path, 0666), 0);
}

START_TEST(what_is_no_regular_file_is_forbidden_and_does_not_block)
{
    struct server *server = serve();
    make_pipe("fifo");
    ask_for_status(server->port, 403, GET("/fifo", ""));
    make_socket("socket");
    ask_for_status(server->port, 403, GET("/socket", ""));
    if (make_device("zero"))
        ask_for_status(server->port, 403, GET("/zero", ""));
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    demand_good_end(server);
}
END_TEST

TCase *event_crowds_case(void)
{
    TCase *tcase = create_event_case("event_crowds");
    tcase_add_test(tcase, longest_idle_connection_makes_room);
    tcase_add_test(tcase, requests_in_progress_keep_their_seats);
    tcase_add_loop_test(tcase, crowd_is_served_with_few_descriptors, 0, WAKEUPS);
    tcase_add_loop_test(tcase, crowd_that_stays_is_served_with_few_descriptors, 0, WAKEUPS);
    tcase_add_loop_test(tcase, clients_in_a_row_are_served_with_few_descriptors, 0, WAKEUPS);
    tcase_add_loop_test(tcase, one_place_and_one_buffer_serve_a_crowd, 0,
                        sizeof cache_sizes / sizeof *cache_sizes);
    tcase_add_test(tcase, one_place_and_one_buffer_serve_large_files);
    tcase_add_test(tcase, stopped_reader_does_not_stop_small_files);
    tcase_add_test(tcase, one_read_serves_all_who_ask_at_once);
    tcase_add_test(tcase, without_a_cache_every_request_reads_the_disk);
    tcase_add_loop_test(tcase, files_of_all_kinds_are_served, 0, WAKEUPS);
    tcase_add_loop_test(tcase, files_of_all_kinds_are_served_without_disk_signals, 0, WAKEUPS);
    tcase_add_loop_test(tcase, resets_leave_nothing_behind, 0, WAKEUPS);
    tcase_add_test(tcase, what_is_no_regular_file_is_forbidden_and_does_not_block);
    return tcase;
}
