/*
 * Files that change while they are being sent.
 */
#include "integration/event_model.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 320, SHRUNK_BYTES = 100 * KIB };

static struct server *server;
static char path[PATH_ROOM];

static void start_server(void)
{
    docroot_write(&event_tree, "changing.bin", "", 0);
    snprintf(path, sizeof path, "%s/changing.bin", event_tree.root);
    server = serve();
}

static void resize(off_t bytes)
{
    ck_assert_int_eq(truncate(path, bytes), 0);
}

/* A client that has read the beginning of the file, and the server cannot have sent it all. */
static struct http_connection *open_and_read_some(void)
{
    struct http_connection *talk = open_and_send(server, GET("/changing.bin", ""));
    read_some(talk, KIB);
    return talk;
}

START_TEST(file_that_shrinks_ends_the_connection_short)
{
    resize(HUGE_BYTES);
    struct http_connection *talk = open_and_read_some();
    resize(SHRUNK_BYTES);
    http_read_to_end(talk);
    ck_assert_msg(talk->closed && !talk->timed_out, "%s", http_describe(talk));
    ck_assert_uint_eq(talk->count, 0); /* the body is shorter than its length */
    ck_assert_uint_lt(talk->input_length, HUGE_BYTES);
    ck_assert_ptr_nonnull(strstr(talk->input, "Content-Length: 67108864\r\n"));
    await_table(server, " 1 broken off,");
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    demand_good_end(server);
}
END_TEST

START_TEST(file_that_grows_is_sent_at_the_announced_size)
{
    resize(HUGE_BYTES);
    struct http_connection *talk = open_and_read_some();
    resize(HUGE_BYTES + MIB);
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    ck_assert_uint_eq(talk->answers[0].body_length, HUGE_BYTES);
    ask_again(talk, GET("/small.txt", "")); /* the connection is in step */
    demand_good_end(server);
}
END_TEST

static void replace_contents(const char *text)
{
    docroot_write(&event_tree, "changing.bin", text, strlen(text));
}

/* The page cache looks at the file at most once a second; then it must see the change. */
START_TEST(cached_file_that_changes_is_read_again)
{
    replace_contents("first");
    demand_file(server, "/changing.bin", "first", 5);
    replace_contents("the second");
    int64_t begun = milliseconds_now();
    const struct http_answer *answer;
    do {
        answer = ask_for_status(server->port, 200, GET("/changing.bin", ""));
    } while (answer->body_length == 5 && milliseconds_now() - begun < 5000);
    demand_body(answer, "the second", 10);
    demand_good_end(server);
}
END_TEST

START_TEST(file_that_is_removed_is_sent_whole_to_who_has_it)
{
    resize(HUGE_BYTES);
    struct http_connection *talk = open_and_read_some();
    ck_assert_int_eq(unlink(path), 0);
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    ck_assert_uint_eq(talk->answers[0].body_length, HUGE_BYTES);
    ask_for_status(server->port, 404, GET("/changing.bin", ""));
    demand_good_end(server);
}
END_TEST

TCase *event_changes_case(void)
{
    TCase *tcase = create_event_case("event_changes");
    tcase_add_checked_fixture(tcase, start_server, NULL);
    tcase_add_test(tcase, file_that_shrinks_ends_the_connection_short);
    tcase_add_test(tcase, file_that_grows_is_sent_at_the_announced_size);
    tcase_add_test(tcase, cached_file_that_changes_is_read_again);
    tcase_add_test(tcase, file_that_is_removed_is_sent_whole_to_who_has_it);
    return tcase;
}
