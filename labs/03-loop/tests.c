/*
 * Lab 03: the loop. One thread gets the next event, and carries the request that it is about one
 * step further.
 *
 * Most tests keep many clients in the middle of something at the same time, and ask whether the
 * others are still served: whoever carries one request out to completion before the next is found
 * out by the order of the answers. What the loop does while nothing happens is told by the CPU
 * time that it uses and by how often it wakes up.
 */
#include "grader/lab.h"
#include "support/deadline.h"
#include "support/server_process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TEXT_ROOM = 400,
    TABLE_ROOM = 64 * 1024,
    SMALL_BYTES = 500,
    LARGE_BYTES = 8 << 20,
    NARROW_BYTES = 32 << 10,
    CLIENTS = 10,
    CROWD = 50,
    STEPS = 5,       /* so many pieces of each request of the crowd */
    PIPELINED = 200, /* far more than a connection's share of a turn */
    MUCH_EARLIER = PIPELINED / 2,
    JOINED = 4,
    HOT_REQUESTS = 20,
    SEATS = 4,
    REST_MS = 400,
    WAKES_AT_MOST = 10,
    CPU_MS_AT_MOST = 15,
    WHILE_MS = 300, /* in which an answer would have come from a server that is free to give it */
};

/* So long that nobody is sent away because time is over; but the end waits for nobody. */
#define PATIENT                                                                                    \
    "--read-timeout 10m --idle-timeout 10m --write-timeout 10m --load-timeout 10m --grace-time 0"

#define HALF_A_HEAD "GET /hot.txt HTTP/1.1\r\nHo"
#define OTHER_HALF  "st: test\r\n\r\n"

/* --- clients -------------------------------------------------------------------------------- */

static struct http_connection *connect_only(void)
{
    struct http_connection *talk = http_open(lab_server.program.port);
    talk->deadline = deadline_in(LAB_DEADLINE_MS);
    return talk;
}

static void send_get(struct http_connection *talk, const char *file)
{
    char request[TEXT_ROOM];
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", file);
    http_send_text(talk, request);
}

static struct http_connection *begin_request(void)
{
    struct http_connection *talk = connect_only();
    http_send_text(talk, HALF_A_HEAD);
    return talk;
}

static void demand_answers(struct http_connection *talk, size_t count, const char *sent)
{
    http_read_answers(talk, count);
    if (talk->count < count)
        demand(false, sent, http_describe(talk), "%zu answers, and %zu came", count, talk->count);
}

static void demand_closed(struct http_connection *talk, const char *sent)
{
    http_read_to_end(talk);
    if (!talk->closed || talk->timed_out || talk->reset)
        demand(false, sent, http_describe(talk), "that the server closes the connection");
}

/* --- the request table ---------------------------------------------------------------------- */

#define HEADING "Request table (event"

static unsigned count_in(const char *text, const char *word)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
        count++;
    return count;
}

/* Has the server print its table, and returns it: the last that was printed. */
static const char *look_at_table(void)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    unsigned before = count_in(slow_messages(&lab_server), HEADING);
    kill(lab_server.program.pid, SIGUSR1);
    const char *messages;
    do {
        messages = slow_messages(&lab_server);
    } while (count_in(messages, HEADING) <= before && deadline_retry(deadline));
    demand(count_in(messages, HEADING) > before, "SIGUSR1", "nothing on standard error",
           "the request table: the event of TOKEN_WAKEUP is for replies_take_notes()");
    const char *table = messages;
    for (const char *at = messages; (at = strstr(at, HEADING)) != NULL; at += strlen(HEADING))
        table = at;
    return table;
}

/* Waits until so many requests are in this state. */
static void await_rows(unsigned count, const char *state, const char *sent)
{
    char word[TEXT_ROOM];
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    const char *table;
    snprintf(word, sizeof word, " %s ", state);
    do {
        table = look_at_table();
        if (count_in(table, word) == count)
            return;
    } while (deadline_retry(deadline));
    demand(false, sent, table, "%u rows in the state %s", count, state);
}

/* --- the process, from outside -------------------------------------------------------------- */

static void freeze(void)
{
    kill(lab_server.program.pid, SIGSTOP);
}

static void thaw(void)
{
    kill(lab_server.program.pid, SIGCONT);
}

/*
 * How often the first thread has left the processor so far. Each wait of the loop is one time; and
 * who never waits is thrown out, if not always as often.
 */
static unsigned count_switches(void)
{
    char path[TEXT_ROOM], line[TEXT_ROOM];
    unsigned count, all = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)lab_server.program.pid);
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "voluntary_ctxt_switches: %u", &count) == 1 ||
            sscanf(line, "nonvoluntary_ctxt_switches: %u", &count) == 1)
            all += count;
    fclose(file);
    return all;
}

static bool has_children(void)
{
    char path[TEXT_ROOM], pid[TEXT_ROOM];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)lab_server.program.pid,
             (int)lab_server.program.pid);
    FILE *file = fopen(path, "re");
    bool found = file != NULL && fscanf(file, "%399s", pid) == 1;
    if (file != NULL)
        fclose(file);
    return found;
}

/* Nothing happens to the server for a while: it must neither compute nor wake up for nothing. */
static void demand_sleep(const char *meanwhile)
{
    char got[TEXT_ROOM];
    unsigned switches = count_switches(), cpu_ms = lab_cpu_ms();
    demand_rest(REST_MS);
    switches = count_switches() - switches;
    cpu_ms = lab_cpu_ms() - cpu_ms;
    snprintf(got, sizeof got, "%u ms of CPU time, and it woke up %u times, in %d ms", cpu_ms,
             switches, REST_MS);
    demand(cpu_ms <= CPU_MS_AT_MOST && switches <= WAKES_AT_MOST, meanwhile, got,
           "one long wait: wait_ms() says when something is due, and nothing is");
}

static bool has_ended(void)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    do {
        if (kill(lab_server.program.pid, 0) == -1 && errno == ESRCH)
            return true;
    } while (deadline_retry(deadline));
    return false;
}

/* --- step 1 --------------------------------------------------------------------------------- */

/*
 * Catches: the listener is not watched, or a client is accepted and gets no slot; one client at a
 * time is let in.
 */
START_TEST(clients_are_let_in)
{
    lab_start(PATIENT);
    for (unsigned i = 0; i < CLIENTS; i++)
        connect_only();
    await_rows(CLIENTS, "IDLE", "10 clients connected, and say nothing");
    lab_end();
}
END_TEST

/* Catches: SIGUSR1 is not taken, or only when something else happens. */
START_TEST(the_table_shows_who_is_where)
{
    lab_start(PATIENT);
    connect_only();
    begin_request();
    await_rows(1, "READING", "one client connected, another has sent half a request");
    await_rows(1, "IDLE", "one client connected, another has sent half a request");
    lab_end();
}
END_TEST

/* --- step 2 --------------------------------------------------------------------------------- */

/*
 * Catches: the event READABLE is not delivered; a connection is good for one request; everything
 * was loaded at start, and what is new is not found.
 */
START_TEST(a_request_is_answered)
{
    lab_start(PATIENT);
    const char *files[] = {lab_new_file(SMALL_BYTES), lab_new_file(0), lab_new_file(SMALL_BYTES)};
    for (unsigned i = 0; i < 3; i++) {
        demand_file(lab_ask(files[i]), files[i]);
        demand_file(lab_ask(files[i]), files[i]);
    }
    struct http_connection *talk = lab_ask(files[0]);
    demand_file(talk, files[0]);
    send_get(talk, "no-such-file");
    demand_answers(talk, 2,
                   "two requests on one connection, the second when the first is answered");
    demand(talk->answers[1].status == 404, "GET /no-such-file", http_describe(talk), "status 404");
    lab_end();
}
END_TEST

static void send_piece(struct http_connection *talk, const char *request, size_t step)
{
    size_t length = strlen(request), begin = length * step / STEPS;
    http_send(talk, request + begin, length * (step + 1) / STEPS - begin);
}

/*
 * Catches: a request is carried out to completion before the next is looked at (however long the
 * queue at the door is); what has come so far is kept in one place for all.
 */
START_TEST(fifty_clients_send_in_pieces)
{
    struct http_connection *crowd[CROWD];
    const char *files[CROWD];
    char requests[CROWD][TEXT_ROOM];
    lab_start(PATIENT);
    for (unsigned i = 0; i < CROWD; i++) {
        crowd[i] = connect_only();
        files[i] = lab_new_file(SMALL_BYTES + i);
        snprintf(requests[i], TEXT_ROOM, "GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", files[i]);
    }
    for (size_t step = 0; step < STEPS - 1; step++)
        for (unsigned i = 0; i < CROWD; i++)
            send_piece(crowd[i], requests[i], step);
    await_rows(CROWD, "READING", "50 clients sent four fifths of a request each, in turns");
    for (unsigned i = CROWD; i-- > 0;) { /* the last one is answered first */
        send_piece(crowd[i], requests[i], STEPS - 1);
        demand_file(crowd[i], files[i]);
    }
    lab_end();
}
END_TEST

/* Catches: the loop waits for one client (in accept(), recv() or send()), and for nobody else. */
START_TEST(a_stuck_client_holds_nobody)
{
    lab_start(PATIENT);
    const char *large = lab_new_file(LARGE_BYTES);
    connect_only();
    begin_request();
    demand_hot(HOT_REQUESTS);
    struct http_connection *reads_nothing = http_open_narrow(lab_server.program.port, NARROW_BYTES);
    send_get(reads_nothing, large);
    demand_hot(HOT_REQUESTS);
    await_rows(1, "SENDING", "GET for a file of 8 MiB, from a client that does not read");
    lab_end();
}
END_TEST

/* --- step 3 --------------------------------------------------------------------------------- */

/* Catches: what send() did not take is forgotten, because nobody delivers WRITABLE. */
START_TEST(a_slow_client_gets_all_of_a_large_file)
{
    lab_start(PATIENT);
    const char *large = lab_new_file(LARGE_BYTES);
    struct http_connection *talk = http_open_narrow(lab_server.program.port, NARROW_BYTES);
    talk->deadline = deadline_in(LAB_DEADLINE_MS);
    send_get(talk, large);
    await_rows(1, "SENDING", "GET for a file of 8 MiB, from a client that does not read yet");
    demand_file(talk, large);
    lab_end();
}
END_TEST

/* --- step 4 --------------------------------------------------------------------------------- */

/*
 * Catches: the disk's reply is not looked for; the read is asked for, and then waited for. Here
 * the disk is one that replies later (--disk helpers), and four clients want the same file: three
 * of them join the first one's read, and are told by way of the ready list.
 */
START_TEST(the_disk_replies_later)
{
    struct http_connection *talks[JOINED];
    lab_hold(PATIENT " --disk helpers");
    const char *file = lab_new_file(SMALL_BYTES);
    talks[0] = lab_ask_cold(file);
    for (unsigned i = 1; i < JOINED; i++)
        talks[i] = lab_ask(file);
    demand_hot(HOT_REQUESTS);
    for (unsigned i = 0; i < JOINED; i++)
        demand_no_answer(talks[i]);
    lab_release(file);
    for (unsigned i = 0; i < JOINED; i++)
        demand_file(talks[i], file);
    lab_end();
}
END_TEST

/* --- step 5 --------------------------------------------------------------------------------- */

/*
 * Catches: patience has no end; or it ends only when something else happens, because the loop
 * sleeps beyond the first deadline.
 */
START_TEST(patience_ends)
{
    lab_start("--read-timeout 300ms --idle-timeout 300ms");
    struct http_connection *idle = connect_only(), *half = begin_request();
    demand_status(half, 408);
    http_close(half); /* the server lingers until then */
    demand_closed(idle, "nothing, with --idle-timeout 300ms");
    demand(idle->count == 0, "nothing", http_describe(idle), "no answer to what was never asked");
    lab_end();
}
END_TEST

/* Catches: the loop looks round all the time, or every few milliseconds, instead of waiting. */
START_TEST(waiting_costs_nothing)
{
    lab_start(PATIENT);
    for (unsigned i = 0; i < CLIENTS; i++) {
        connect_only();
        begin_request();
    }
    demand_hot(1);
    await_rows(CLIENTS, "READING", "half a request each, from 10 clients");
    demand_sleep("nothing, to a server with 20 clients who wait");
    lab_end();
}
END_TEST

/*
 * Catches: the listener is watched although nobody can be let in (then the wait returns at once,
 * for ever); or it is never watched again.
 */
START_TEST(a_full_house_waits_in_peace)
{
    struct http_connection *seated[SEATS];
    lab_start(PATIENT " --max-connections 4");
    for (unsigned i = 0; i < SEATS; i++)
        seated[i] = begin_request();
    await_rows(SEATS, "READING", "half a request each, from 4 clients, to --max-connections 4");
    const char *file = lab_new_file(SMALL_BYTES);
    struct http_connection *fifth = lab_ask(file);
    demand_sleep("a fifth client's request, to a server with --max-connections 4, all in use");
    demand_no_answer(fifth);
    for (unsigned i = 0; i < SEATS; i++) {
        http_send_text(seated[i], OTHER_HALF);
        demand_status(seated[i], 200);
    }
    demand_file(fifth, file);
    lab_end();
}
END_TEST

/* --- step 6 --------------------------------------------------------------------------------- */

/* 200 times the same request, in one send(). */
static void send_many(struct http_connection *talk, const char *file)
{
    static char all[PIPELINED * TEXT_ROOM];
    size_t length = 0;
    for (unsigned i = 0; i < PIPELINED; i++)
        length += (size_t)snprintf(all + length, sizeof all - length,
                                   "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", file);
    http_send(talk, all, length);
}

/*
 * Catches: what a request is owed on the ready list is never delivered; only the first of the list
 * gets it, and the rest is thrown away; the loop sleeps although the list is not empty.
 */
START_TEST(pipelined_requests_are_all_answered)
{
    struct http_connection *talks[CLIENTS];
    lab_start(PATIENT);
    const char *file = lab_new_file(SMALL_BYTES);
    for (unsigned i = 0; i < CLIENTS; i++) {
        talks[i] = lab_ask(file);
        demand_file(talks[i], file);
    }
    freeze();
    for (unsigned i = 0; i < CLIENTS; i++)
        send_many(talks[i], file);
    thaw();
    for (unsigned i = 0; i < CLIENTS; i++)
        demand_answers(talks[i], 1 + PIPELINED, "200 requests at once, from each of 10 clients");
    lab_end();
}
END_TEST

/* A new file that the server may write its log to. */
static const char *make_log(void)
{
    static char path[TEXT_ROOM];
    snprintf(path, sizeof path, "%s/access.log", lab_root());
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ck_assert_msg(file >= 0 && fchmod(file, 0666) == 0, "%s: %s", path, strerror(errno));
    close(file);
    return path;
}

/* How many lines stand before the first with this name in it. */
static unsigned count_lines_before(const char *path, const char *name)
{
    char line[TEXT_ROOM];
    unsigned count = 0;
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL && strstr(line, name) == NULL)
        count++;
    fclose(file);
    return count;
}

/* Catches: what is posted meanwhile is delivered in the same turn, until the list is empty. */
START_TEST(a_greedy_client_gets_its_share_only)
{
    char got[TEXT_ROOM];
    const char *log = make_log();
    lab_start(PATIENT " --log %s", log);
    const char *file = lab_new_file(SMALL_BYTES), *other = lab_new_file(SMALL_BYTES);
    struct http_connection *greedy = lab_ask(file);
    demand_file(greedy, file);
    freeze();
    send_many(greedy, file);
    struct http_connection *modest = lab_ask(other);
    thaw();
    demand_file(modest, other);
    demand_answers(greedy, 1 + PIPELINED, "200 requests at once");
    lab_end();
    unsigned before = count_lines_before(log, other);
    snprintf(got, sizeof got, "by the log, the other was answered after %u of them", before);
    demand(before < MUCH_EARLIER, "200 requests of one client at once, then one of another", got,
           "16 or so in one turn; what a step posts is for the next turn, so take a snapshot");
}
END_TEST

/* --- step 7 --------------------------------------------------------------------------------- */

/*
 * Catches: the server leaves at once, and takes requests along that are in progress; it does not
 * leave; a second signal does not hurry it.
 */
START_TEST(the_end_lets_requests_finish)
{
    lab_start(PATIENT " --grace-time 10m");
    struct http_connection *idle = lab_ask("hot.txt"), *half = begin_request();
    demand_status(idle, 200);
    await_rows(1, "READING", "half a request");
    kill(lab_server.program.pid, SIGTERM);
    demand_closed(idle, "SIGTERM, while a connection is idle");
    http_send_text(half, OTHER_HALF);
    demand_status(half, 200);
    demand_closed(half, "SIGTERM between the two halves of a request");
    http_close(half); /* the server lingers until then */
    demand(has_ended(), "SIGTERM", "it is still there", "that the process ends when all is done");
    lab_end();

    lab_start(PATIENT " --grace-time 10m");
    begin_request();
    await_rows(1, "READING", "half a request");
    kill(lab_server.program.pid, SIGTERM);
    kill(lab_server.program.pid, SIGINT);
    demand(has_ended(), "SIGTERM and SIGINT", "it waits for a request in progress",
           "that it leaves at once after a second signal");
    lab_end();
}
END_TEST

/* --- all along ------------------------------------------------------------------------------ */

/*
 * Catches: a thread or a process for each client, or for each read. With --disk blocking the one
 * thread is stopped by a held read, and with it everybody: that is as it must be, here.
 */
START_TEST(there_is_one_thread)
{
    char got[TEXT_ROOM];
    lab_hold(PATIENT);
    for (unsigned i = 0; i < CLIENTS; i++)
        begin_request();
    await_rows(CLIENTS, "READING", "half a request each, from 10 clients");
    snprintf(got, sizeof got, "%u threads%s", lab_count_threads(),
             has_children() ? ", and other processes" : "");
    demand(lab_count_threads() == 1 && !has_children(), "half a request each, from 10 clients", got,
           "one thread, for all of them");
    const char *file = lab_new_file(SMALL_BYTES);
    struct http_connection *cold = lab_ask_cold(file), *hot = lab_ask("hot.txt");
    deadline_wait(hot->fd, POLLIN, deadline_in(WHILE_MS)); /* which does not come */
    http_receive(hot);
    demand(hot->count == 0, "a hot request, while the disk holds a read (--disk blocking)",
           http_describe(hot), "nothing: there is one thread, and it is in that read");
    lab_release_all();
    demand_file(cold, file);
    demand_status(hot, 200);
    snprintf(got, sizeof got, "%u reads by others", lab_count_reads_by_others());
    demand(lab_count_reads_by_others() == 0, "a cold file", got, "reads by the first thread only");
    lab_end();
}
END_TEST

static void add_tests(void)
{
    GRADE(clients_are_let_in, 5);
    GRADE(the_table_shows_who_is_where, 5);
    GRADE(a_request_is_answered, 10);
    GRADE(fifty_clients_send_in_pieces, 10);
    GRADE(a_stuck_client_holds_nobody, 10);
    GRADE(a_slow_client_gets_all_of_a_large_file, 10);
    GRADE(the_disk_replies_later, 5);
    GRADE(patience_ends, 10);
    GRADE(waiting_costs_nothing, 5);
    GRADE(a_full_house_waits_in_peace, 5);
    GRADE(pipelined_requests_are_all_answered, 10);
    GRADE(a_greedy_client_gets_its_share_only, 5);
    GRADE(the_end_lets_requests_finish, 5);
    GRADE(there_is_one_thread, 5);
}

const struct lab lab = {"03-loop", "--model event --disk blocking", add_tests};
