/*
 * Clients that leave while their read is in flight. The disk is late by hand (aio_late): it reads
 * with the descriptor and into the memory that it was given, long after the client has gone. The
 * read owns both until it has ended.
 */
#include "faults/faults.h"
#include "support/deadline.h"

#include <string.h>

enum {
    RESETS = 1000,
    BATCH = 50, /* at a time; there are 64 places */
    ROUNDS = 5,
    BOUND_KIB = 1024,
};

static struct server *serve_late(const char *options)
{
    return interpose("aio_late") ? serve_with("%s", options) : NULL;
}

/* A batch of clients that leave, by a reset, while the disk holds their reads. */
static void leave_in_flight(const struct server *server, const char *path)
{
    struct http_connection *batch[BATCH];
    char request[100];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "\r\n", path);
    hold();
    for (unsigned i = 0; i < BATCH; i++)
        batch[i] = open_and_send(server, request);
    await_table(server, "\n  disk: 50 of 64 places taken");
    for (unsigned i = 0; i < BATCH; i++)
        reset(batch[i]);
    await_table(server, "( ABANDONED .*){50}\n  50 of [0-9]+ slots in use\n");
    release();
    await_table(server, "\n  0 of [0-9]+ slots in use\n  disk: 0 of 64 places taken");
}

/* S11, trap 25: each reset is seen while the read is in flight, and all comes back after it. */
START_TEST(thousand_resets_in_flight_leave_nothing_behind)
{
    struct server *server = serve_late("--cache-size 0 --buffers 64");
    if (server == NULL)
        return;
    leave_in_flight(server, "/huge.bin");
    leave_in_flight(server, "/cold.bin");
    unsigned descriptors = count_descriptors(server);
    int64_t memory = resident_kib(server);
    for (unsigned i = 0; i < RESETS / BATCH; i++)
        leave_in_flight(server, i % 2 == 0 ? "/huge.bin" : "/cold.bin");
    await_descriptors(server, descriptors);
    demand_no_growth(server, memory, BOUND_KIB);
    demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES);
    demand_good_end(server);
}
END_TEST

/*
 * Traps 7 and 8: the clients who leave make their descriptors' numbers free, and new clients get
 * them at once. With a file closed too early the old read would take the new client's file, or
 * its socket; with a buffer given away too early the new client would get the old one's bytes.
 */
static void change_clients_in_flight(const struct server *server, unsigned round)
{
    struct http_connection *old[BATCH], *fresh[PIECES];
    hold();
    for (unsigned i = 0; i < PIECES; i++)
        old[i] = open_for_piece(server, (i + round) % PIECES);
    await_table(server, "\n  disk: 20 of ");
    for (unsigned i = 0; i < PIECES; i += 2)
        reset(old[i]);
    await_table(server, "( ABANDONED .*){10}");
    for (unsigned i = 0; i < PIECES; i += 2)
        fresh[i] = open_for_piece(server, (i + round + 7) % PIECES);
    await_table(server, "\n  30 of [0-9]+ slots in use\n");
    release();
    for (unsigned i = 0; i < PIECES; i += 2) {
        demand_piece(fresh[i], (i + round + 7) % PIECES);
        demand_piece(old[i + 1], (i + 1 + round) % PIECES);
        http_close(fresh[i]);
        http_close(old[i + 1]);
    }
}

static const char *const memories[] = {"--cache-size 0", "--cache-size 0 --places 20",
                                       "--cache-file-max 1K --buffers 64"};

START_TEST(new_client_gets_its_own_file)
{
    struct server *server = serve_late(memories[_i]);
    if (server == NULL)
        return;
    for (unsigned round = 0; round < ROUNDS; round++)
        change_clients_in_flight(server, round);
    demand_good_end(server);
}
END_TEST

/* Who joined a read, or waits for a place, owns no read: when it leaves, its slot is free. */
START_TEST(resets_of_those_who_wait_are_seen)
{
    struct server *server = serve_late("--places 1");
    struct http_connection *crowd[BATCH];
    if (server == NULL)
        return;
    hold();
    struct http_connection *reader = open_for_piece(server, 0);
    await_table(server, " LOADING ");
    for (unsigned i = 0; i < BATCH; i++)
        crowd[i] = open_for_piece(server, i % 2);
    await_table(server, "\n  51 of [0-9]+ slots in use\n");
    for (unsigned i = 0; i < BATCH; i++)
        reset(crowd[i]);
    await_table(server, "\n  1 of [0-9]+ slots in use\n  disk: 1 of 1 places taken");
    release();
    demand_piece(reader, 0);
    demand_good_end(server);
}
END_TEST

/* The one whose read it is leaves; those who joined it still get the file. */
START_TEST(abandoned_read_serves_those_who_joined_it)
{
    struct server *server = serve_late("");
    struct http_connection *crowd[BATCH];
    if (server == NULL)
        return;
    hold();
    struct http_connection *reader = open_for_piece(server, 0);
    await_table(server, " LOADING ");
    for (unsigned i = 0; i < BATCH; i++)
        crowd[i] = open_for_piece(server, 0);
    await_table(server, "( JOINED .*){50}");
    reset(reader);
    await_table(server, " ABANDONED ");
    release();
    for (unsigned i = 0; i < BATCH; i++)
        demand_piece(crowd[i], 0);
    await_table(server, "; 1 reads \\(40.0 KiB\\), 0 failed;");
    demand_good_end(server);
}
END_TEST

/* Patience with the disk ends, but the read does not: its slot must outlive its client. */
START_TEST(read_that_takes_too_long_gets_503)
{
    struct server *server = serve_late("--load-timeout 300ms");
    struct http_connection *crowd[BATCH];
    if (server == NULL)
        return;
    hold();
    for (unsigned i = 0; i < BATCH; i++)
        crowd[i] = open_for_piece(server, i % PIECES);
    for (unsigned i = 0; i < BATCH; i++) {
        http_read_to_end(crowd[i]);
        demand_statuses(crowd[i], "503");
    }
    await_table(server, "\n  20 of [0-9]+ slots in use\n  disk: 20 of 64 places taken");
    release();
    await_table(server, "\n  0 of [0-9]+ slots in use\n  disk: 0 of 64 places taken");
    demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES);
    demand_good_end(server);
}
END_TEST

/* The same for those who wait for a place: they leave the queue, and hold nothing. */
START_TEST(wait_for_a_place_that_takes_too_long_gets_503)
{
    struct server *server = serve_late("--load-timeout 300ms --places 1");
    struct http_connection *crowd[PIECES];
    if (server == NULL)
        return;
    hold();
    for (unsigned i = 0; i < PIECES; i++)
        crowd[i] = open_for_piece(server, i);
    for (unsigned i = 0; i < PIECES; i++) {
        http_read_to_end(crowd[i]);
        demand_statuses(crowd[i], "503");
    }
    close_all(crowd, PIECES);
    await_table(server, " ABANDONED .*\n  1 of [0-9]+ slots in use\n  disk: 1 of 1 places taken");
    release();
    await_table(server, "\n  0 of [0-9]+ slots in use\n  disk: 0 of 1 places taken");
    demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES);
    demand_good_end(server);
}
END_TEST

TCase *late_reads_case(void)
{
    TCase *tcase = create_event_case("late_reads");
    tcase_add_test(tcase, thousand_resets_in_flight_leave_nothing_behind);
    tcase_add_loop_test(tcase, new_client_gets_its_own_file, 0, sizeof memories / sizeof *memories);
    tcase_add_test(tcase, resets_of_those_who_wait_are_seen);
    tcase_add_test(tcase, abandoned_read_serves_those_who_joined_it);
    tcase_add_test(tcase, read_that_takes_too_long_gets_503);
    tcase_add_test(tcase, wait_for_a_place_that_takes_too_long_gets_503);
    return tcase;
}
