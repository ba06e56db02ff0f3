/*
 * The machine's one step, on real slots with real sockets: what it does when the table has no
 * answer. Its table and its pictures are tested in files of their own.
 */
#include "event/actions.h"
#include "event/loop.h"
#include "unit/fsm_cases.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct poller poller_select;

enum { SEATS = 4, PLACES = 2, BUFFERS = 1, PIECE = 100, MESSAGES = 4096 };

static struct server server;
static struct loop loop;

/* --- a disk that answers when it is told to --------------------------------------------------- */

static bool disk_has_answered;

static bool held_open(unsigned places)
{
    return places > 0;
}

static enum disk_start held_start(struct disk_read *read)
{
    (void)read;
    return DISK_STARTED;
}

static bool held_check(struct disk_read *read)
{
    read->bytes = read->length;
    read->error = 0;
    return disk_has_answered;
}

static void held_close(void)
{
}

static const struct disk_backend held_disk = {
    .choice = {"held", "answers when it is told to"},
    .open = held_open,
    .start = held_start,
    .check = held_check,
    .close = held_close,
};

/* --- clients ---------------------------------------------------------------------------------- */

static void set_up(void)
{
    static const struct disk_plan plan = {&held_disk, PLACES, BUFFERS, false};
    server.options.idle_timeout_ms = 1000;
    server.log.descriptor = -1;
    ck_assert(poller_select.open(SEATS));
    ck_assert(loop_create(&loop, &server, &poller_select, SEATS, &plan));
}

/* Seats a client, whose end of the connection is returned in `client`. */
static struct request *seat(int *client)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    struct request *request = request_table_take(&loop.table);
    ck_assert_ptr_nonnull(request);
    exchange_open(&request->exchange, ends[0]);
    loop_deliver(request, ACCEPTED);
    ck_assert_int_eq(request->row.state, IDLE);
    *client = ends[1];
    return request;
}

/* Has the request read a piece of a file that is not cached, as one in LOADING does. */
static void begin_loading(struct request *request)
{
    exchange_lend_area(&request->exchange, buffers_take(&loop.areas));
    request->exchange.reply.to_come = PIECE;
    ck_assert(disk_take(&loop.disk, request, true));
    request->row.state = LOADING;
    list_remove(&request->link);
    ck_assert_int_eq(disk_start(&loop.disk, request, EXCHANGE_NO_FILE, request->buffer, PIECE, 0),
                     NOTHING);
}

static bool is_closed(int client)
{
    char byte;
    return recv(client, &byte, 1, 0) == 0;
}

static bool is_open(int client)
{
    char byte;
    return recv(client, &byte, 1, 0) == -1 && errno == EAGAIN;
}

/* --- what is told ----------------------------------------------------------------------------- */

static int standard_error = -1;

static void catch_messages(void)
{
    int messages = memfd_create("messages", MFD_CLOEXEC);
    standard_error = dup(STDERR_FILENO);
    ck_assert_int_ge(messages, 0);
    ck_assert_int_eq(dup2(messages, STDERR_FILENO), STDERR_FILENO);
    close(messages);
}

static const char *caught_messages(void)
{
    static char text[MESSAGES];
    fflush(stderr);
    ssize_t length = pread(STDERR_FILENO, text, sizeof text - 1, 0);
    dup2(standard_error, STDERR_FILENO);
    close(standard_error);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

static void demand_told(const char *event, const char *state)
{
    const char *text = caught_messages();
    const char *end = strchr(text, '\n');
    ck_assert_msg(strstr(text, event) != NULL && strstr(text, state) != NULL,
                  "%s and %s are not both named: %s", event, state, text);
    ck_assert_msg(end != NULL && end[1] == '\0', "not one line: %s", text);
}

/* --- tests ------------------------------------------------------------------------------------ */

START_TEST(impossible_pair_ends_only_that_connection)
{
    int client, neighbour;
    struct request *request = seat(&client), *other = seat(&neighbour);
    catch_messages();
    fsm_step(request, WRITABLE);
    demand_told("WRITABLE", "IDLE");
    ck_assert(is_closed(client));
    ck_assert_int_eq(request->row.state, FREE);
    ck_assert_uint_eq(loop.table.busy, 1);
    ck_assert_int_eq(other->row.state, IDLE);
    ck_assert(is_open(neighbour));
}
END_TEST

START_TEST(slot_of_an_impossible_pair_can_be_taken_again)
{
    int client;
    struct request *request = seat(&client);
    uint32_t token = request_token(request);
    catch_messages();
    loop_deliver(request, DISK_DONE);
    demand_told("DISK_DONE", "IDLE");
    ck_assert_ptr_null(request_table_find(&loop.table, token));
    for (unsigned i = 0; i < SEATS; i++)
        seat(&client);
    ck_assert_uint_eq(loop.table.busy, SEATS);
}
END_TEST

/* The read owns its slot, so the slot must not become free before the disk has answered. */
START_TEST(impossible_pair_while_loading_leaves_the_read_its_slot)
{
    int client;
    struct request *request = seat(&client);
    begin_loading(request);
    catch_messages();
    loop_deliver(request, TURN);
    demand_told("TURN", "LOADING");
    ck_assert(is_closed(client));
    ck_assert_int_eq(request->row.state, ABANDONED);
    ck_assert_ptr_nonnull(request->place);
    loop_deliver(request, DISK_FAILED);
    ck_assert_int_eq(request->row.state, FREE);
    ck_assert_uint_eq(loop.disk.places_taken, 0);
    ck_assert_uint_eq(buffers_left(&loop.disk.buffers), BUFFERS);
}
END_TEST

START_TEST(impossible_pair_of_nobody_is_only_told)
{
    struct request *request = request_table_take(&loop.table);
    catch_messages();
    fsm_step(request, READABLE);
    demand_told("READABLE", "FREE");
    ck_assert_int_eq(request->row.state, FREE);
    ck_assert_uint_eq(loop.table.busy, 1); /* whoever took it gives it back */
}
END_TEST

START_TEST(impossible_pair_of_an_abandoned_read_is_only_told)
{
    int client;
    struct request *request = seat(&client);
    begin_loading(request);
    loop_deliver(request, HUNG_UP);
    catch_messages();
    loop_deliver(request, WRITABLE);
    demand_told("WRITABLE", "ABANDONED");
    ck_assert_int_eq(request->row.state, ABANDONED);
    ck_assert_ptr_nonnull(request->place);
}
END_TEST

/* A reply has begun to leave where none can have: reply_408 hands on BROKEN, undeclared. */
START_TEST(undeclared_outcome_ends_only_that_connection)
{
    int client, neighbour;
    struct request *request = seat(&client), *other = seat(&neighbour);
    request->row.state = READING;
    list_remove(&request->link);
    request->exchange.reply.head_sent = 1;
    catch_messages();
    loop_deliver(request, TIMED_OUT);
    demand_told("BROKEN", "SENDING");
    ck_assert(is_closed(client));
    ck_assert_int_eq(request->row.state, FREE);
    ck_assert_int_eq(other->row.state, IDLE);
    ck_assert(is_open(neighbour));
}
END_TEST

START_TEST(nothing_changes_nothing)
{
    int client;
    struct request *request = seat(&client);
    catch_messages();
    fsm_step(request, NOTHING);
    ck_assert_str_eq(caught_messages(), "");
    ck_assert_int_eq(request->row.state, IDLE);
    ck_assert(is_open(client));
}
END_TEST

START_TEST(verbose_tells_each_transition)
{
    int client;
    struct request *request = seat(&client);
    server.options.verbose = true;
    catch_messages();
    loop_deliver(request, HUNG_UP);
    const char *text = caught_messages();
    server.options.verbose = false;
    ck_assert_msg(strstr(text, "IDLE       --HUNG_UP / release--> FREE\n") != NULL, "%s", text);
}
END_TEST

/*
 * A client that goes while a small piece is read gives its area back. When the read ends, the
 * piece must not be put behind the head of the reply that was in it: the area may be another's.
 */
START_TEST(abandoned_read_does_not_touch_the_area_that_was_given_back)
{
    int client;
    struct request *request = seat(&client);
    begin_loading(request);
    memset(request->buffer, 'x', PIECE);
    loop_deliver(request, HUNG_UP);
    struct exchange_area *area = buffers_take(&loop.areas); /* the one given back last */
    memset(area, '.', sizeof *area);
    disk_has_answered = true;
    disk_sweep(&loop.disk, loop_deliver);
    ck_assert_int_eq(request->row.state, FREE);
    ck_assert_msg(memchr(area, 'x', sizeof *area) == NULL,
                  "the end of an abandoned read has written into somebody else's area");
}
END_TEST

Suite *fsm_suite(void)
{
    Suite *suite = suite_create("fsm");
    TCase *tcase = tcase_create("fsm_step");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, impossible_pair_ends_only_that_connection);
    tcase_add_test(tcase, slot_of_an_impossible_pair_can_be_taken_again);
    tcase_add_test(tcase, impossible_pair_while_loading_leaves_the_read_its_slot);
    tcase_add_test(tcase, impossible_pair_of_nobody_is_only_told);
    tcase_add_test(tcase, impossible_pair_of_an_abandoned_read_is_only_told);
    tcase_add_test(tcase, undeclared_outcome_ends_only_that_connection);
    tcase_add_test(tcase, nothing_changes_nothing);
    tcase_add_test(tcase, verbose_tells_each_transition);
    tcase_add_test(tcase, abandoned_read_does_not_touch_the_area_that_was_given_back);
    suite_add_tcase(suite, fsm_table_case());
    suite_add_tcase(suite, fsm_print_case());
    suite_add_tcase(suite, tcase);
    return suite;
}
