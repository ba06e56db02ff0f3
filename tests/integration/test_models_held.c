/*
 * Who waits while the disk is held? This is what the course is about.
 *
 *   single, event --disk blocking   everybody
 *   threads                         nobody else, as long as a worker is left
 *   event --disk helpers            nobody else (test_nonblocking.c is about aio)
 *
 * That nobody else waits is seen by an answer. That somebody does is seen by none, for a while in
 * which it would have come; and by the answer when the disk is let go.
 */
#include "integration/differences.h"
#include "integration/held_disk.h"
#include "integration/models.h"
#include "support/deadline.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOT_REQUESTS = 20, CREW = 4, SHARERS = 10, PATH_ROOM = 320, SOON_MS = 5000 };

static void release_all(void)
{
    slow_tell(&event_tree, "release all");
}

static void demand_soon(int64_t begun)
{
    ck_assert_int_lt(milliseconds_now() - begun, SOON_MS * (int64_t)deadline_scale());
}

/* --- everybody waits ------------------------------------------------------------------------ */

static const char *const ones[] = {
    "--model single --wakeup signalfd", "--model single --wakeup selfpipe",
    "--disk blocking --wakeup signalfd", "--disk blocking --wakeup selfpipe"};
enum { ONES = sizeof ones / sizeof *ones, SINGLES = 2 };

START_TEST(held_read_holds_everybody_up)
{
    held_begin("%s", ones[_i]);
    struct http_connection *cold = ask_cold_piece(0), *hot = ask_for("small.txt");
    demand_stays_unanswered(hot);
    demand_unanswered(cold);
    ck_assert_uint_ge(slow_count(&held, " held .* piece0\\.bin by first thread"), 1);
    release_all();
    demand_piece_as_answer(cold, 0);
    http_close(cold);
    demand_hot_answer(hot);
    held_end();
}
END_TEST

/* It is deaf while it reads. What came meanwhile counts when it can hear again. */
START_TEST(signals_wait_for_the_read_too)
{
    held_begin("%s", ones[_i]);
    struct http_connection *cold = ask_cold_piece(0), *hot = ask_for("small.txt");
    ck_assert_int_eq(kill(held.program.pid, SIGUSR1), 0);
    ck_assert_int_eq(kill(held.program.pid, SIGTERM), 0);
    demand_stays_unanswered(hot);
    ck_assert_uint_eq(slow_count(&held, "LOADING"), 0);
    ck_assert_int_eq(kill(held.program.pid, 0), 0);
    release_all();
    demand_closed(cold);
    demand_piece_as_answer(cold, 0);
    http_close(cold);
    demand_closed(hot); /* it was at the door before the signal was heard */
    demand_hot_answer(hot);
    http_close(hot);
    ck_assert_int_eq(slow_await_end(&held), 0);
    ck_assert_uint_ge(slow_count(&held, "^Request table"), 1);
}
END_TEST

/* --- a worker each -------------------------------------------------------------------------- */

static void ask_cold_pieces(struct http_connection **talks, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        talks[i] = ask_cold_piece(i);
}

static void demand_pieces(struct http_connection **talks, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        demand_piece_as_answer(talks[i], i);
        http_close(talks[i]);
    }
}

START_TEST(one_worker_left_is_enough_for_hot_requests)
{
    struct http_connection *cold[CREW];
    held_begin("--model threads --threads %d", CREW);
    ask_cold_pieces(cold, CREW - 1);
    demand_hot_answers(HOT_REQUESTS);
    for (unsigned i = 0; i < CREW - 1; i++)
        demand_unanswered(cold[i]);
    release_all();
    demand_pieces(cold, CREW - 1);
    held_end();
}
END_TEST

/* The signals' own thread answers even now. */
START_TEST(hot_requests_wait_when_every_worker_does)
{
    struct http_connection *cold[CREW];
    held_begin("--model threads --threads %d", CREW);
    ask_cold_pieces(cold, CREW);
    struct http_connection *hot = ask_for("small.txt");
    demand_stays_unanswered(hot);
    const char *table = await_table(&held.program, "( LOADING .*){4}");
    ck_assert(text_matches(table, "\n  4 of 4 threads serve a client\n"));
    ck_assert(text_matches(table, " LOADING +[^\n]* GET /piece3.bin +waits for the disk\n"));
    release_all();
    demand_hot_answer(hot);
    demand_pieces(cold, CREW);
    held_end();
}
END_TEST

START_TEST(read_of_a_file_is_shared_by_threads)
{
    struct http_connection *talks[SHARERS];
    held_begin("--model threads");
    talks[0] = ask_cold("cold.bin");
    for (unsigned i = 1; i < SHARERS; i++)
        talks[i] = ask_for("cold.bin");
    await_table(&held.program, "( JOINED .*){9}");
    demand_hot_answers(HOT_REQUESTS);
    release_all();
    for (unsigned i = 0; i < SHARERS; i++) {
        demand_answer(talks[i], cold_bytes(), COLD_BYTES);
        http_close(talks[i]);
    }
    ck_assert_uint_eq(slow_count(&held, " held .* of cold\\.bin "), 1);
    held_end();
}
END_TEST

/* All at once, and none of them first: whoever begins to read, it is one. */
START_TEST(read_of_a_file_is_shared_by_who_comes_at_once)
{
    struct http_connection *talks[SHARERS];
    held_begin("--model threads");
    for (unsigned i = 0; i < SHARERS; i++)
        talks[i] = http_open(held.program.port);
    await_table(&held.program, "( IDLE .*){10}");
    for (unsigned i = 0; i < SHARERS; i++)
        http_send_text(talks[i], GET("/cold.bin", ""));
    await_table(&held.program, "( (JOINED|LOADING) .*){10}");
    release_all();
    for (unsigned i = 0; i < SHARERS; i++)
        demand_answer(talks[i], cold_bytes(), COLD_BYTES);
    ck_assert_uint_eq(slow_count(&held, " held .* of cold\\.bin "), 1);
    held_end();
}
END_TEST

/* The file is cut off while it is read: everybody is told, nobody is forgotten. */
START_TEST(read_that_fails_is_told_to_all_who_share_it)
{
    struct http_connection *talks[SHARERS];
    docroot_write(&event_tree, "fails.bin", cold_bytes(), COLD_BYTES);
    held_begin("--model threads");
    talks[0] = ask_cold("fails.bin");
    for (unsigned i = 1; i < SHARERS; i++)
        talks[i] = ask_for("fails.bin");
    await_table(&held.program, "( JOINED .*){9}");
    docroot_write(&event_tree, "fails.bin", "", 0);
    release_all();
    for (unsigned i = 0; i < SHARERS; i++) {
        http_read_answers(talks[i], 1);
        demand_statuses(talks[i], "500");
        http_close(talks[i]);
    }
    demand_hot_answers(1);
    held_end();
}
END_TEST

START_TEST(who_shares_a_read_does_not_wait_for_ever)
{
    held_begin("--model threads --load-timeout 300ms");
    struct http_connection *reader = ask_cold("cold.bin"), *sharer = ask_for("cold.bin");
    demand_closed(sharer);
    demand_statuses(sharer, "503");
    demand_unanswered(reader); /* its thread is in the read, whatever the time */
    release_all();
    demand_answer(reader, cold_bytes(), COLD_BYTES);
    held_end();
}
END_TEST

/* --- the end of threads --------------------------------------------------------------------- */

START_TEST(reads_under_way_are_completed_at_the_end)
{
    struct http_connection *cold[CREW];
    held_begin("--model threads --threads %d", CREW);
    ask_cold_pieces(cold, CREW);
    send_signal(&held.program, SIGTERM);
    await_closed_door(held.program.port);
    release_all();
    for (unsigned i = 0; i < CREW; i++) {
        demand_closed(cold[i]);
        demand_piece_as_answer(cold[i], i);
        ck_assert_str_eq(demand_field(&cold[i]->answers[0], "Connection"), "close");
        http_close(cold[i]);
    }
    ck_assert_int_eq(slow_await_end(&held), 0);
}
END_TEST

/* One in the read, one in the queue, one in the dispatcher's hand, the others at the door. */
START_TEST(full_queue_is_served_when_the_read_is_done)
{
    struct http_connection *others[CREW];
    held_begin("--model threads --threads 1 --queue 1");
    struct http_connection *cold = ask_cold_piece(0);
    for (unsigned i = 0; i < CREW; i++)
        others[i] = ask_for("small.txt");
    await_table(&held.program, "\n  4 connections "); /* the warm-up's is one */
    send_signal(&held.program, SIGTERM);
    demand_stays_unanswered(others[0]);
    release_all();
    demand_closed(cold);
    demand_piece_as_answer(cold, 0);
    http_close(cold);
    for (unsigned i = 0; i < CREW; i++) {
        demand_closed(others[i]);
        demand_hot_answer(others[i]);
        http_close(others[i]);
    }
    ck_assert_int_eq(slow_await_end(&held), 0);
}
END_TEST

static const struct {
    const char *options;
    bool twice; /* the signal comes a second time */
} cut[] = {
    {"--model threads --threads 1 --queue 1 --grace-time 300ms", false},
    {"--model threads --threads 1 --queue 1 --grace-time 60s", true},
    {"--model threads --threads 4 --grace-time 300ms", false},
    {"--model threads --threads 4 --grace-time 60s", true},
    {"--disk helpers --grace-time 300ms", false},
    {"--disk helpers --grace-time 60s", true},
};

/* The read never ends; the server does. */
/* (A sanitizer that looks for leaks at the end would have to stop the thread that is held.) */
START_TEST(held_read_does_not_outlast_the_end)
{
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
    struct http_connection *others[CREW];
    held_begin("%s", cut[_i].options);
    struct http_connection *cold = ask_cold_piece(0);
    for (unsigned i = 0; i < CREW; i++)
        others[i] = ask_for("piece0.bin");
    int64_t begun = milliseconds_now();
    send_signal(&held.program, SIGTERM);
    if (cut[_i].twice)
        kill(held.program.pid, SIGTERM);
    ck_assert_int_eq(slow_await_end(&held), 0);
    demand_soon(begun);
    http_read_to_end(cold);
    ck_assert_msg(cold->closed && cold->count == 0, "got %s", http_describe(cold));
    for (unsigned i = 0; i < CREW; i++)
        http_close(others[i]);
}
END_TEST

/* --- helpers -------------------------------------------------------------------------------- */

START_TEST(helpers_hold_nobody_up)
{
    struct http_connection *cold[CREW];
    held_begin("--disk helpers --wakeup %s", wakeup_names[_i]);
    ask_cold_pieces(cold, CREW);
    demand_hot_answers(HOT_REQUESTS);
    for (unsigned i = 0; i < CREW; i++)
        demand_unanswered(cold[i]);
    await_table(&held.program, "\n  disk: 4 of 64 places taken");
    release_all();
    demand_pieces(cold, CREW);
    ck_assert_uint_eq(slow_count(&held, " held .* by first thread"), 0);
    await_table(&held.program, " 5 told by its bell, 0 found by the sweep alone\n");
    held_end();
}
END_TEST

/* A helper has a read of its own: with one place, the second waits for the first. */
START_TEST(helpers_are_as_many_as_places)
{
    held_begin("--disk helpers --places 1");
    struct http_connection *first = ask_cold_piece(0), *second = ask_for("piece1.bin");
    await_table(&held.program, " WAITING .* GET /piece1.bin ");
    demand_hot_answers(HOT_REQUESTS);
    release_all();
    demand_piece_as_answer(first, 0);
    slow_await_held(&held, "piece1.bin");
    release_all();
    demand_piece_as_answer(second, 1);
    held_end();
}
END_TEST

/* --- asking the kernel first ---------------------------------------------------------------- */

/* slowdisk tells of every read, and makes it hardly slower. */
static void begin_logged(const char *options)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words};
    slow_add(&words, "--delay 1ms --log --under %s --", event_tree.root);
    slow_add_server(&words, event_tree.root, options);
    slow_start(&held, &setup);
}

/* The files have just been written: the kernel has them. No read is left for the disk. */
START_TEST(what_the_kernel_has_is_not_read_by_another_thread)
{
    static const char *const options[] = {"--nowait", "--nowait --disk helpers",
                                          "--nowait --disk blocking"};
    begin_logged(options[_i]);
    demand_file(&held.program, "/cold.bin", cold_bytes(), COLD_BYTES);
    demand_file(&held.program, "/large.bin", large_bytes(), LARGE_BYTES);
    await_table(&held.program, " 13 reads \\([^)]*\\), 0 failed; 0 told by ");
    ck_assert_uint_eq(slow_count(&held, " came +preadv2 of cold\\.bin by first thread "), 1);
    ck_assert_uint_eq(slow_count(&held, " came +preadv2 of large\\.bin by first thread "),
                      LARGE_BYTES / (256 * KIB));
    ck_assert_uint_eq(slow_count(&held, " came +pread64 "), 0);
    held_end();
}
END_TEST

START_TEST(without_nowait_the_kernel_is_not_asked)
{
    begin_logged("");
    demand_file(&held.program, "/cold.bin", cold_bytes(), COLD_BYTES);
    ck_assert_uint_eq(slow_count(&held, " came +preadv2 "), 0);
    ck_assert_uint_eq(slow_count(&held, " came +pread64 of cold\\.bin by thread "), 1);
    held_end();
}
END_TEST

/* --- the suite ------------------------------------------------------------------------------ */

Suite *models_held_suite(void)
{
    Suite *suite = suite_create("models_held");
    TCase *tcase = create_held_case("models_held");
    tcase_add_loop_test(tcase, held_read_holds_everybody_up, 0, ONES);
    tcase_add_loop_test(tcase, signals_wait_for_the_read_too, 0, SINGLES);
    tcase_add_test(tcase, one_worker_left_is_enough_for_hot_requests);
    tcase_add_test(tcase, hot_requests_wait_when_every_worker_does);
    tcase_add_test(tcase, read_of_a_file_is_shared_by_threads);
    tcase_add_test(tcase, read_of_a_file_is_shared_by_who_comes_at_once);
    tcase_add_test(tcase, read_that_fails_is_told_to_all_who_share_it);
    tcase_add_test(tcase, who_shares_a_read_does_not_wait_for_ever);
    tcase_add_test(tcase, reads_under_way_are_completed_at_the_end);
    tcase_add_test(tcase, full_queue_is_served_when_the_read_is_done);
    tcase_add_loop_test(tcase, held_read_does_not_outlast_the_end, 0, sizeof cut / sizeof *cut);
    tcase_add_loop_test(tcase, helpers_hold_nobody_up, 0, WAKEUPS);
    tcase_add_test(tcase, helpers_are_as_many_as_places);
    tcase_add_loop_test(tcase, what_the_kernel_has_is_not_read_by_another_thread, 0, 3);
    tcase_add_test(tcase, without_nowait_the_kernel_is_not_asked);
    suite_add_tcase(suite, tcase);
    return suite;
}
