/*
 * Directories that are hard to list.
 */
#include "faults/faults.h"
#include "support/deadline.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY_FILES = 20000, PATH_ROOM = 400, ASKS = 30, SOON_MS = 1000, LISTERS = 4 };

/* In memory where possible: a disk takes seconds to make and remove so many. */
static void make_tree(void)
{
    char path[PATH_ROOM];
    docroot_make(&event_tree);
    docroot_make_directory(&event_tree, "many");
    for (unsigned i = 0; i < MANY_FILES; i++) {
        snprintf(path, sizeof path, "%s/many/file-%05u.txt", event_tree.root, i);
        int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        ck_assert_int_ge(file, 0);
        close(file);
    }
}

static void remove_tree(void)
{
    docroot_remove(&event_tree);
}

static void demand_page(struct http_connection *talk)
{
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    const char *page = talk->answers[0].body;
    bool complete = strstr(page, "file-00000.txt") != NULL && strstr(page, "file-19999.txt");
    bool says_so = strstr(page, "There are more than ") != NULL;
    ck_assert_msg(complete || says_so, "a page of %zu bytes is cut off, and does not say so",
                  talk->answers[0].body_length);
    ck_assert_ptr_nonnull(strstr(page, "</html>"));
}

/* S34: the directory is listed while others want files; nobody waits for long. */
START_TEST(huge_directory_does_not_stop_the_others)
{
    struct http_connection *listers[LISTERS];
    struct server *server = serve_with("--list");
    struct http_connection *other = http_open(server->port);
    for (unsigned i = 0; i < LISTERS; i++)
        listers[i] = open_and_send(server, GET("/many/", ""));
    for (unsigned i = 0; i < ASKS; i++) {
        int64_t begun = milliseconds_now();
        ask_again(other, GET("/file.txt", ""));
        ck_assert_int_lt(milliseconds_now() - begun, SOON_MS * (int64_t)deadline_scale());
    }
    for (unsigned i = 0; i < LISTERS; i++)
        demand_page(listers[i]);
    demand_good_end(server);
}
END_TEST

/* S35: looking at names must not open them: a FIFO would wait for a writer. */
START_TEST(directory_with_a_pipe_is_listed)
{
    struct server *server = serve_with("--list");
    docroot_make_directory(&event_tree, "pipes");
    docroot_make_pipe(&event_tree, "pipes/a-pipe");
    const struct http_answer *page = ask_for_status(server->port, 200, GET("/pipes/", ""));
    ck_assert_ptr_nonnull(strstr(page->body, "a-pipe"));
    demand_good_end(server);
}
END_TEST

/* S20: a file whose size lies. The system's own files say 4096 bytes, and have a few. */
START_TEST(file_whose_size_lies_does_not_hang)
{
    static const char root[] = "/sys/class/net/lo";
    const struct server_setup setup = {.root = root};
    if (access("/sys/class/net/lo/address", R_OK) != 0) {
        fprintf(stderr, "skipped, needs %s/address\n", root);
        return;
    }
    struct server *server = server_start(&setup);
    struct http_connection *talk = open_and_send(server, GET("/address", ""));
    http_read_answers(talk, 1);
    ck_assert_msg(!talk->timed_out, "neither an answer nor an end");
    ck_assert_msg(talk->closed || talk->answers[0].status == 500, "%s", http_describe(talk));
    ask_for_status(server->port, 404, GET("/nothing", ""));
    await_table(server, "\n  disk: 0 of 64 places taken, 32 buffers left; 1 reads .* 1 failed;");
    demand_good_end(server);
}
END_TEST

TCase *listings_case(void)
{
    TCase *tcase = create_site_case("listings", make_tree, remove_tree);
    tcase_add_test(tcase, huge_directory_does_not_stop_the_others);
    tcase_add_test(tcase, directory_with_a_pipe_is_listed);
    tcase_add_test(tcase, file_whose_size_lies_does_not_hang);
    return tcase;
}
