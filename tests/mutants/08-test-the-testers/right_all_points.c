/*
 * Lab 08 as it may be solved: a test or two for each point of the contract.
 */
#include "tester.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLD_BYTES = 5000,
    STREAMED_BYTES = 300000,
    LARGE_BYTES = 2 << 20,
    CROWD = 5,
    GUESTS = 40,
    PIPELINED = 200,
    HOT = 20,
    REST_MS = 400,
    FLOOD_BYTES = 64 << 10,
    TEXT_ROOM = 200,
};

#define PATIENT "--load-timeout 10m"

static void say_get(struct http_connection *talk, const char *file)
{
    char request[TEXT_ROOM];
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", file);
    tester_say(talk, request);
}

static struct http_connection *ask_slowly(const char *file)
{
    struct http_connection *talk = tester_open_slow();
    say_get(talk, file);
    return talk;
}

static void await_held(const char *file)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (tester_count_held(file) == 0 && deadline_retry(deadline))
        continue;
    demand(tester_count_held(file) > 0, file, "its read never began", "a read that is held");
}

/* Point 1. Catches: a HEAD answered like a GET; a missing file that is there after all. */
START_TEST(head_is_the_head_only_and_missing_is_404)
{
    lab_start("");
    const char *file = lab_new_file(COLD_BYTES);
    demand_file(lab_ask(file), file);
    demand_status(lab_ask("nobody.txt"), 404);
    struct http_connection *talk = http_open(lab_server.program.port);
    char request[TEXT_ROOM];
    talk->methods = "H";
    snprintf(request, sizeof request, "HEAD /%s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
             file);
    tester_say(talk, request);
    http_read_to_end(talk);
    demand(talk->count == 1 && talk->input_length == 0, "HEAD", http_describe(talk),
           "a head, and nothing behind it");
    lab_end();
}
END_TEST

/* Points 2 and 3. Catches: a thread that reads itself; one read, or one client, at a time. */
START_TEST(many_reads_are_under_way_and_hot_requests_are_answered)
{
    const char *files[CROWD];
    struct http_connection *talks[CROWD];
    lab_hold(PATIENT);
    for (int i = 0; i < CROWD; i++) {
        files[i] = lab_new_file(COLD_BYTES);
        talks[i] = lab_ask_cold(files[i]);
    }
    demand_hot(HOT);
    for (int i = CROWD - 1; i >= 0; i--) { /* the last one first */
        demand_no_answer(talks[i]);
        lab_release(files[i]);
        demand_file(talks[i], files[i]);
    }
    lab_end();
}
END_TEST

/* Point 3. Catches: a place that is given back, and not handed on. */
START_TEST(who_waits_for_a_place_gets_it)
{
    const char *files[CROWD];
    struct http_connection *talks[CROWD];
    lab_hold(PATIENT " --places 1");
    for (int i = 0; i < CROWD; i++) {
        files[i] = lab_new_file(COLD_BYTES);
        talks[i] = lab_ask(files[i]);
    }
    for (int i = 0; i < CROWD; i++) {
        await_held(files[i]);
        lab_release(files[i]);
        demand_file(talks[i], files[i]);
    }
    lab_end();
}
END_TEST

/* Point 4. Catches: one of many is told. */
START_TEST(all_who_want_one_file_get_it)
{
    struct http_connection *talks[CROWD];
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    talks[0] = lab_ask_cold(file);
    for (int i = 1; i < CROWD; i++)
        talks[i] = lab_ask(file);
    demand_hot(HOT);
    lab_let_go();
    for (int i = 0; i < CROWD; i++)
        demand_file(talks[i], file);
    lab_end();
}
END_TEST

/* Point 5. Catches: what came along is thrown away, or slept on. */
START_TEST(pipelined_requests_are_all_answered)
{
    lab_start(PATIENT);
    const char *file = lab_new_file(10);
    char one[TEXT_ROOM], *all = calloc(PIPELINED, TEXT_ROOM);
    snprintf(one, sizeof one, "GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", file);
    for (int i = 0; i < PIPELINED; i++)
        memcpy(all + (size_t)i * strlen(one), one, strlen(one));
    struct http_connection *talk = http_open(lab_server.program.port);
    tester_say(talk, all);
    free(all);
    http_read_answers(talk, PIPELINED);
    demand(talk->count == PIPELINED, "200 pipelined requests", http_describe(talk), "200 answers");
    lab_end();
}
END_TEST

/* Point 6. Catches: descriptors left behind; a server that dies of a client. */
START_TEST(clients_that_go_leave_nothing_behind)
{
    lab_start(PATIENT " --cache-size 64M --cache-file-max 16M");
    const char *large = lab_new_file(LARGE_BYTES), *file = lab_new_file(COLD_BYTES);
    demand_file(lab_ask(large), large);
    demand_file(lab_ask(file), file);
    unsigned before = lab_count_descriptors();
    for (int i = 0; i < GUESTS; i++) {
        struct http_connection *slow = ask_slowly(large);
        if (i % 2 == 0) /* to go after that is a broken pipe, and before it a reset */
            http_finish_sending(slow);
        http_receive(slow);
        tester_reset(slow);
        struct http_connection *talk = lab_ask(file);
        demand_file(talk, file);
        http_close(talk);
    }
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (lab_count_descriptors() > before && deadline_retry(deadline))
        continue;
    demand(lab_count_descriptors() <= before, "40 clients that came and went", "more descriptors",
           "as many as before: %u", before);
    lab_end();
}
END_TEST

/* Point 6. Catches: memory that is freed while a read writes into it. */
START_TEST(nobody_gets_bytes_of_a_read_that_was_given_up)
{
    lab_hold(PATIENT);
    const char *gone = lab_new_file(COLD_BYTES), *file = lab_new_file(COLD_BYTES);
    tester_reset(lab_ask_cold(gone));
    demand_hot(HOT);
    struct http_connection *talk = lab_ask_cold(file);
    lab_release(file);
    demand_file(talk, file);
    lab_release(gone);
    demand_hot(HOT);
    lab_let_go();
    for (int i = 0; i < HOT; i++) {
        talk = lab_ask(file);
        demand_file(talk, file);
        http_close(talk);
    }
    lab_end();
}
END_TEST

/* Points 3 and 6. Catches: a buffer that is given away while a read writes into it. */
START_TEST(a_buffer_is_not_given_away_while_it_is_read_into)
{
    lab_hold(PATIENT " --buffers 1 --cache-file-max 64K --model event");
    tester_reset(lab_ask_cold(lab_new_file(STREAMED_BYTES)));
    const char *next = lab_new_file(STREAMED_BYTES);
    lab_ask(next);
    lab_ask_cold(lab_new_file(COLD_BYTES));
    demand_hot(HOT);
    demand(tester_count_held(next) == 0, "two large files, with one buffer",
           "both reads are under way", "one read, until it has ended");
    lab_end();
}
END_TEST

/* The same, when the disk takes too long. */
START_TEST(nor_when_time_is_over)
{
    lab_hold("--load-timeout 300ms --buffers 1 --cache-file-max 64K --model event");
    demand_status(lab_ask_cold(lab_new_file(STREAMED_BYTES)), 503);
    const char *next = lab_new_file(STREAMED_BYTES);
    lab_ask(next);
    lab_ask_cold(lab_new_file(COLD_BYTES));
    demand(tester_count_held(next) == 0, "two large files, with one buffer",
           "both reads are under way", "one read, until it has ended");
    lab_end();
}
END_TEST

/* Points 7 and 10. Catches: the end of the input taken for a hang-up, or watched for ever. */
START_TEST(half_closed_client_is_answered_and_costs_nothing)
{
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    http_finish_sending(talk);
    demand_hot(HOT);
    demand_rest(REST_MS);
    lab_release(file);
    demand_file(talk, file);
    lab_end();
}
END_TEST

/* Point 8. Catches: what send() did not take is forgotten. */
START_TEST(slow_clients_get_every_byte)
{
    lab_start(PATIENT " --cache-size 64M --cache-file-max 16M");
    const char *large = lab_new_file(LARGE_BYTES), *small = lab_new_file(COLD_BYTES);
    struct http_connection *slow = ask_slowly(large);
    for (int i = 0; i < HOT; i++)
        demand_file(lab_ask(small), small);
    demand_file(slow, large);
    lab_end();
}
END_TEST

/* Point 9. Catches: clients that are dropped when all is full. */
START_TEST(a_crowd_is_served_in_the_end)
{
    struct http_connection *talks[GUESTS];
    lab_hold(PATIENT " --threads 2 --queue 2");
    const char *file = lab_new_file(COLD_BYTES), *other = lab_new_file(COLD_BYTES);
    struct http_connection *first = lab_ask_cold(file), *second = lab_ask_cold(other);
    for (int i = 0; i < GUESTS; i++)
        talks[i] = lab_ask("hot.txt");
    lab_let_go();
    demand_file(first, file);
    demand_file(second, other);
    http_close(first);
    http_close(second);
    for (int i = 0; i < GUESTS; i++) {
        demand_status(talks[i], 200);
        http_close(talks[i]);
    }
    lab_end();
}
END_TEST

/* Point 9. Catches: idle clients that keep the others out. */
START_TEST(idle_clients_give_way)
{
    lab_start("--threads 2 --queue 2 --max-connections 2 --idle-timeout 10m");
    const char *file = lab_new_file(COLD_BYTES);
    for (int i = 0; i < CROWD; i++)
        demand_file(lab_ask(file), file);
    lab_end();
}
END_TEST

/* Point 10. Catches: input that is watched though there is no room for it. */
START_TEST(a_client_that_sends_on_costs_nothing)
{
    static char flood[FLOOD_BYTES];
    lab_hold(PATIENT);
    struct http_connection *talk = lab_ask_cold(lab_new_file(COLD_BYTES));
    memset(flood, 'x', sizeof flood);
    http_send(talk, flood, sizeof flood);
    demand_hot(HOT);
    demand_rest(REST_MS);
    http_close(talk);
    lab_end();
}
END_TEST

/* Point 10. Catches: a door that is watched though nobody can come in. */
START_TEST(a_client_at_the_door_costs_nothing)
{
    lab_hold(PATIENT " --max-connections 2");
    lab_ask_cold(lab_new_file(COLD_BYTES));
    lab_ask_cold(lab_new_file(COLD_BYTES));
    lab_ask("hot.txt");
    demand_rest(REST_MS);
    lab_end();
}
END_TEST

/* Point 11. Catches: requests that are cut off. */
START_TEST(request_under_way_is_answered_after_sigterm)
{
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    kill(lab_server.program.pid, SIGTERM);
    lab_let_go();
    demand_file(talk, file);
    lab_end();
}
END_TEST

/* Point 12. Catches: a cache that is never checked. */
START_TEST(a_file_that_has_changed_is_served_anew)
{
    lab_start("");
    const char *file = lab_new_file(COLD_BYTES);
    char path[TEXT_ROOM];
    demand_file(lab_ask(file), file);
    snprintf(path, sizeof path, "%s/%s", lab_root(), file);
    FILE *on_disk = fopen(path, "w");
    fputs("new", on_disk);
    fclose(on_disk);
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    bool is_new = false;
    do {
        struct http_connection *talk = lab_ask(file);
        http_read_answers(talk, 1);
        is_new = talk->count == 1 && talk->answers[0].body_length == strlen("new");
        http_close(talk);
    } while (!is_new && deadline_retry(deadline));
    demand(is_new, "a file, changed, and asked for again", "the old one", "the new one");
    lab_end();
}
END_TEST

void add_my_tests(void)
{
    ADD(head_is_the_head_only_and_missing_is_404);
    ADD(many_reads_are_under_way_and_hot_requests_are_answered);
    ADD(who_waits_for_a_place_gets_it);
    ADD(all_who_want_one_file_get_it);
    ADD(pipelined_requests_are_all_answered);
    ADD(clients_that_go_leave_nothing_behind);
    ADD(nobody_gets_bytes_of_a_read_that_was_given_up);
    ADD(a_buffer_is_not_given_away_while_it_is_read_into);
    ADD(nor_when_time_is_over);
    ADD(half_closed_client_is_answered_and_costs_nothing);
    ADD(slow_clients_get_every_byte);
    ADD(a_crowd_is_served_in_the_end);
    ADD(idle_clients_give_way);
    ADD(a_client_that_sends_on_costs_nothing);
    ADD(a_client_at_the_door_costs_nothing);
    ADD(request_under_way_is_answered_after_sigterm);
    ADD(a_file_that_has_changed_is_served_anew);
}
