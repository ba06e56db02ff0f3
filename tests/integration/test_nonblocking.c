/*
 * The event model's one thread never waits for the disk. slowdisk holds the reads of files until
 * a test releases them: what is answered meanwhile is answered without the disk.
 *
 * Could these tests fail? Put pread() in the place of aio_read() in event/disk_aio.c: the cases
 * one_read and ends were tried so, and all of their tests failed. The read is then held in the
 * first thread, and slowdisk's line says so. This thread answers nobody until the release: the
 * first hot request is unanswered at its deadline, no second read is ever held, and SIGUSR1 brings
 * no table. (test_slowdisk.c has another server that blocks: nginx without threads, whose one
 * worker is held in sendfile().)
 *
 * A hot request asks for small.txt, which is in the page cache; cold ones ask for the other files.
 *
 * Releases are repeated until they have had their effect: where the queue of signals is full, a
 * read has to be made twice, and slowdisk holds it twice.
 */
#include "integration/held_disk.h"
#include "integration/slow.h"
#include "support/deadline.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOT_REQUESTS = 100,
    JOINERS = 3,
    READERS = 30, /* more than the 20 helpers that glibc has, if nobody asks for more */
    RESETS = 1000,
    BATCH = 50, /* at a time; there are 64 places */
};

/* Starts a server with held disk, and all but small.txt cold. */
static void begin(int wakeup, const char *options)
{
    held_begin("--wakeup %s %s", wakeup_names[wakeup], options);
}

static void end(void)
{
    ck_assert_uint_eq(slow_count(&held, " s  held .* by first thread"), 0);
    held_end();
}

static void release_and_demand(struct http_connection *talk, const char *bytes, size_t length)
{
    slow_release_until_answered(&event_tree, talk);
    demand_answer(talk, bytes, length);
}

/* Releases the reads of one file, and no others. */
static void release_file_until_answered(const char *name, struct http_connection *talk)
{
    do {
        slow_tell(&event_tree, "release %s", name);
        http_receive(talk);
    } while (talk->count == 0 && !talk->closed && deadline_retry(talk->deadline));
}

static void release_until_table(const char *pattern)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    do {
        slow_tell(&event_tree, "release all");
        if (text_matches(next_table(&held.program, deadline), pattern))
            return;
    } while (deadline_retry(deadline));
    ck_abort_msg("released, and still no table matches %s", pattern);
}

/* --- one read ------------------------------------------------------------------------------- */

START_TEST(hot_requests_are_answered_while_a_read_is_held)
{
    begin(_i, "");
    struct http_connection *cold = ask_cold("cold.bin");
    demand_hot_answers(HOT_REQUESTS);
    demand_unanswered(cold);
    await_table(&held.program, " LOADING .* GET /cold.bin ");
    release_and_demand(cold, cold_bytes(), COLD_BYTES);
    end();
}
END_TEST

/* On one connection, too: what is asked first is answered first, and the others do not care. */
START_TEST(hot_request_behind_a_held_one_waits_alone)
{
    begin(_i, "");
    struct http_connection *talk = ask_cold("cold.bin");
    http_send_text(talk, GET("/small.txt", ""));
    demand_hot_answers(HOT_REQUESTS);
    demand_unanswered(talk);
    slow_release_until_answered(&event_tree, talk);
    http_read_answers(talk, 2);
    demand_statuses(talk, "200,200");
    demand_body(&talk->answers[0], cold_bytes(), COLD_BYTES);
    demand_body(&talk->answers[1], SMALL_TEXT, strlen(SMALL_TEXT));
    end();
}
END_TEST

START_TEST(requests_for_one_file_share_its_read)
{
    struct http_connection *talks[1 + JOINERS];
    begin(_i, "");
    talks[0] = ask_cold("cold.bin");
    for (unsigned i = 1; i <= JOINERS; i++)
        talks[i] = open_and_send(&held.program, GET("/cold.bin", ""));
    const char *table = await_table(&held.program, "( JOINED .*){3}");
    ck_assert(text_matches(table, " LOADING .* GET /cold.bin "));
    demand_hot_answers(HOT_REQUESTS);
    ck_assert_uint_eq(slow_count(&held, " held .* of cold.bin "), 1);
    for (unsigned i = 0; i <= JOINERS; i++)
        release_and_demand(talks[i], cold_bytes(), COLD_BYTES);
    await_table(&held.program, "; 2 reads .*; 100 hits, 2 misses, 3 joined\n");
    end();
}
END_TEST

/* --- many reads ----------------------------------------------------------------------------- */

START_TEST(many_reads_are_held_at_the_same_time)
{
    struct http_connection *talks[PIECES];
    begin(_i, "");
    unsigned done = slow_count_done(&held);
    for (unsigned i = 0; i < PIECES; i++)
        talks[i] = ask_cold_piece(i);
    ck_assert_uint_eq(slow_count_done(&held), done);
    await_table(&held.program, "\n  disk: 20 of 64 places taken");
    demand_hot_answers(HOT_REQUESTS);
    for (unsigned i = 0; i < PIECES; i++)
        demand_unanswered(talks[i]);
    for (unsigned i = 0; i < PIECES; i++)
        release_and_demand(talks[i], piece_bytes(i), PIECE_BYTES);
    end();
}
END_TEST

/*
 * Trap 11: a disk that is stuck must not use up all that could read. Trap 13: AIO carries out the
 * reads of one descriptor one after another, so that each read needs a file of its own.
 */
START_TEST(thirty_held_reads_of_one_file_leave_room_for_another)
{
    struct http_connection *talks[READERS];
    begin(_i, "");
    for (unsigned i = 0; i < READERS; i++)
        talks[i] = open_and_send(&held.program, GET("/large.bin", ""));
    slow_await(&held, READERS, " held .* of large.bin ");
    struct http_connection *other = ask_cold("cold.bin");
    release_file_until_answered("cold.bin", other);
    demand_answer(other, cold_bytes(), COLD_BYTES);
    for (unsigned i = 0; i < READERS; i++) {
        demand_unanswered(talks[i]);
        http_close(talks[i]);
    }
    http_close(other);
    release_until_table("\n  0 of [0-9]+ slots in use\n");
    end();
}
END_TEST

/* Not only the reads in flight must not stop the thread: also not who waits for a place. */
START_TEST(who_waits_for_a_place_holds_nobody_up)
{
    begin(_i, "--places 2");
    struct http_connection *first = ask_cold_piece(0), *second = ask_cold_piece(1);
    struct http_connection *third = open_and_send(&held.program, GET("/piece2.bin", ""));
    await_table(&held.program, " WAITING .* GET /piece2.bin ");
    demand_hot_answers(HOT_REQUESTS);
    release_file_until_answered("piece1.bin", second);
    demand_answer(second, piece_bytes(1), PIECE_BYTES);
    slow_await_held(&held, "piece2.bin"); /* the place has been handed on */
    demand_unanswered(first);
    release_and_demand(first, piece_bytes(0), PIECE_BYTES);
    release_and_demand(third, piece_bytes(2), PIECE_BYTES);
    end();
}
END_TEST

/* Releases until something has come. The rest of the file is not among what was held then. */
static void release_first_piece(struct http_connection *talk)
{
    do {
        slow_tell(&event_tree, "release all");
        http_receive(talk);
    } while (talk->input_length == 0 && !talk->closed && deadline_retry(talk->deadline));
    ck_assert_msg(talk->input_length > 0, "%s", http_describe(talk));
}

START_TEST(large_file_is_held_between_two_pieces)
{
    begin(_i, "");
    struct http_connection *talk = ask_cold("large.bin");
    demand_unanswered(talk);
    release_first_piece(talk);
    await_table(&held.program, " LOADING .* GET /large.bin ");
    demand_hot_answers(HOT_REQUESTS);
    await_table(&held.program, " LOADING .* GET /large.bin ");
    http_receive(talk);
    ck_assert_uint_eq(talk->count, 0);
    release_and_demand(talk, large_bytes(), LARGE_BYTES);
    ck_assert_uint_gt(slow_count(&held, " held .* of large.bin "), 1);
    end();
}
END_TEST

/* --- ends ----------------------------------------------------------------------------------- */

/* The read goes on without its client, and is not in vain: the page cache has the file then. */
static void demand_freed_and_cached(void)
{
    release_until_table("\n  0 of [0-9]+ slots in use\n  disk: 0 of .*\n  page cache: 2 files");
    unsigned so_far = slow_count_held(&held);
    demand_file(&held.program, "/cold.bin", cold_bytes(), COLD_BYTES);
    ck_assert_uint_eq(slow_count_held(&held), so_far);
}

START_TEST(client_that_resets_is_let_go)
{
    begin(_i, "");
    reset(ask_cold("cold.bin"));
    await_table(&held.program, " ABANDONED .* GET /cold.bin ");
    demand_hot_answers(HOT_REQUESTS);
    demand_freed_and_cached();
    end();
}
END_TEST

/* Each owns a read in flight when it goes; and the server sees it go meanwhile. */
static void reset_a_batch(void)
{
    struct http_connection *batch[BATCH];
    for (unsigned i = 0; i < BATCH; i++)
        batch[i] = open_and_send(&held.program, GET("/huge.bin", ""));
    await_table(&held.program, "( LOADING .*){50}\n  disk: 50 of 64 places taken");
    for (unsigned i = 0; i < BATCH; i++)
        reset(batch[i]);
    await_table(&held.program, "( ABANDONED .*){50}\n  disk: 50 of 64 places taken");
    release_until_table("\n  0 of [0-9]+ slots in use\n  disk: 0 of 64 places taken, 64 buffers");
}

/* S11, trap 25; here the reads are AIO's own, and the server may be built with a sanitizer. */
START_TEST(thousand_resets_while_reads_are_held_leave_nothing_behind)
{
    begin(_i, "--buffers 64");
    reset_a_batch();
    ck_assert_uint_ge(slow_count(&held, " held .* of huge.bin "), BATCH);
    unsigned descriptors = count_descriptors(&held.program);
    for (unsigned i = 0; i < RESETS / BATCH; i++)
        reset_a_batch();
    ck_assert_uint_eq(count_descriptors(&held.program), descriptors);
    struct http_connection *talk = ask_cold("cold.bin");
    release_and_demand(talk, cold_bytes(), COLD_BYTES);
    end();
}
END_TEST

START_TEST(disk_that_takes_too_long_gets_503)
{
    begin(_i, "--load-timeout 1s");
    struct http_connection *talk = ask_cold("cold.bin");
    demand_closed(talk);
    demand_statuses(talk, "503");
    await_table(&held.program, " ABANDONED .* GET /cold.bin ");
    demand_hot_answers(HOT_REQUESTS);
    demand_freed_and_cached();
    end();
}
END_TEST

/* SIGTERM to the server, that is: to slowdisk it would open the gate at once. */
START_TEST(request_is_completed_after_sigterm)
{
    begin(_i, "");
    struct http_connection *talk = ask_cold("cold.bin");
    ck_assert_int_eq(kill(held.program.pid, SIGTERM), 0);
    await_closed_door(held.program.port);
    demand_unanswered(talk);
    release_and_demand(talk, cold_bytes(), COLD_BYTES);
    demand_closed(talk);
    ck_assert_str_eq(demand_field(&talk->answers[0], "Connection"), "close");
    ck_assert_int_eq(slow_await_end(&held), 0);
}
END_TEST

/*
 * Nobody waits for the read any more, and it never ends: the server must, and leave it alone. (A
 * sanitizer that looks for leaks at the end would have to stop the thread that is held.)
 */
START_TEST(end_does_not_wait_for_ever_for_a_read)
{
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
    begin(_i, "--grace-time 200ms");
    struct http_connection *talk = ask_cold("cold.bin");
    ck_assert_int_eq(kill(held.program.pid, SIGTERM), 0);
    demand_closed(talk);
    ck_assert_uint_eq(talk->count, 0);
    ck_assert_int_eq(slow_await_end(&held), 0);
}
END_TEST

/* --- the suite ------------------------------------------------------------------------------ */

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = create_held_case(name);
    suite_add_tcase(suite, tcase);
    return tcase;
}

Suite *nonblocking_suite(void)
{
    Suite *suite = suite_create("nonblocking");
    TCase *one = add_case(suite, "nonblocking_one_read");
    tcase_add_loop_test(one, hot_requests_are_answered_while_a_read_is_held, 0, WAKEUPS);
    tcase_add_loop_test(one, hot_request_behind_a_held_one_waits_alone, 0, WAKEUPS);
    tcase_add_loop_test(one, requests_for_one_file_share_its_read, 0, WAKEUPS);
    TCase *many = add_case(suite, "nonblocking_many_reads");
    tcase_add_loop_test(many, many_reads_are_held_at_the_same_time, 0, WAKEUPS);
    tcase_add_loop_test(many, thirty_held_reads_of_one_file_leave_room_for_another, 0, WAKEUPS);
    tcase_add_loop_test(many, who_waits_for_a_place_holds_nobody_up, 0, WAKEUPS);
    tcase_add_loop_test(many, large_file_is_held_between_two_pieces, 0, WAKEUPS);
    TCase *ends = add_case(suite, "nonblocking_ends");
    tcase_add_loop_test(ends, client_that_resets_is_let_go, 0, WAKEUPS);
    tcase_add_loop_test(ends, thousand_resets_while_reads_are_held_leave_nothing_behind, 0,
                        WAKEUPS);
    tcase_add_loop_test(ends, disk_that_takes_too_long_gets_503, 0, WAKEUPS);
    tcase_add_loop_test(ends, request_is_completed_after_sigterm, 0, WAKEUPS);
    TCase *stuck = add_case(suite, "nonblocking_stuck_read");
    tcase_add_loop_test(stuck, end_does_not_wait_for_ever_for_a_read, 0, WAKEUPS);
    return suite;
}
