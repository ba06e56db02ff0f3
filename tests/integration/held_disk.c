#include "integration/held_disk.h"

#include "integration/differences.h"
#include "support/deadline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NAME_ROOM = 50, REQUEST_ROOM = 200, OPTIONS_ROOM = 200, WHILE_MS = 300 };

struct slow_disk held;

static void make_room(void)
{
    slow_make_room(&event_tree);
}

TCase *create_held_case(const char *name)
{
    TCase *tcase = create_event_case(name);
    tcase_add_unchecked_fixture(tcase, make_room, NULL);
    return tcase;
}

/* --- the server ----------------------------------------------------------------------------- */

/* Has small.txt read into the page cache: its first read is held like any other. */
static void warm_up(void)
{
    struct http_connection *talk = open_and_send(&held.program, GET("/small.txt", CLOSE));
    slow_await_held(&held, "small.txt");
    slow_release_until_answered(&event_tree, talk); /* twice, where no signal can be queued */
    demand_hot_answer(talk);
    http_close(talk);
    await_table(&held.program, NOBODY_IS_SERVED);
}

void held_begin(const char *format, ...)
{
    char options[OPTIONS_ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(options, sizeof options, format, arguments);
    va_end(arguments);
    slow_hold(&held, &event_tree, options);
    warm_up();
}

void held_end(void)
{
    ck_assert_int_eq(slow_stop(&held), 0);
    ck_assert_msg(kill(held.program.pid, 0) == -1 && errno == ESRCH, "the server is still there");
}

/* --- clients -------------------------------------------------------------------------------- */

struct http_connection *ask_for(const char *name)
{
    char request[REQUEST_ROOM];
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\n" HOST "\r\n", name);
    return open_and_send(&held.program, request);
}

struct http_connection *ask_cold(const char *name)
{
    struct http_connection *talk = ask_for(name);
    slow_await_held(&held, name);
    return talk;
}

struct http_connection *ask_cold_piece(unsigned number)
{
    char name[NAME_ROOM];
    snprintf(name, sizeof name, "piece%u.bin", number);
    return ask_cold(name);
}

void demand_answer(struct http_connection *talk, const char *bytes, size_t length)
{
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    demand_body(&talk->answers[0], bytes, length);
}

void demand_piece_as_answer(struct http_connection *talk, unsigned number)
{
    demand_answer(talk, piece_bytes(number), PIECE_BYTES);
}

void demand_hot_answer(struct http_connection *talk)
{
    demand_answer(talk, SMALL_TEXT, strlen(SMALL_TEXT));
}

void demand_hot_answers(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct http_connection *talk = ask_for("small.txt");
        demand_hot_answer(talk);
        http_close(talk);
    }
}

void demand_unanswered(struct http_connection *talk)
{
    http_receive(talk);
    ck_assert_msg(talk->input_length == 0 && talk->count == 0 && !talk->closed,
                  "answered while its read is held: %s", http_describe(talk));
}

void demand_stays_unanswered(struct http_connection *talk)
{
    deadline_wait(talk->fd, POLLIN, deadline_in(WHILE_MS)); /* which does not come */
    demand_unanswered(talk);
}

/* --- the door ------------------------------------------------------------------------------- */

static bool is_refused(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    bool refused =
        connect(fd, (struct sockaddr *)&address, sizeof address) == -1 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

void await_closed_door(int port)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    do {
        if (is_refused(port))
            return;
    } while (deadline_retry(deadline));
    ck_abort_msg("after SIGTERM the server still accepts at the deadline");
}
