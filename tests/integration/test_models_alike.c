/*
 * What a user sees of a server is the same in every model: the report of SIGUSR1, the end by
 * SIGTERM, times, logs, exit statuses, the command line, what --work costs. What HTTP asks for is
 * not here: http_cases and http_semantics are run with each model by `make matrix`.
 */
#include "faults/faults.h"
#include "integration/differences.h"
#include "integration/held_disk.h"
#include "integration/models.h"
#include "support/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATTERN_ROOM = 300,
    SOON_MS = 5000,
    PATIENCE_MS = 200,
    AT_THE_DOOR = 5,
    DEAF = 8,
    ASKED = 20, /* more than sockets hold */
    EXIT_USAGE = 2,
    WORDS = 6,
    PORT_ROOM = 8,
    WORK_MS = 50,
    WORKED = 6, /* requests */
    LOGGED = 50,
    LOG_ROOM = 16 * KIB,
    PATH_ROOM = 320,
    SHRUNK_BYTES = KIB,
};

static int64_t scaled(int64_t ms)
{
    return ms * (int64_t)deadline_scale();
}

static void demand_time_taken(int64_t begun)
{
    int64_t taken = milliseconds_now() - begun;
    ck_assert_msg(taken >= PATIENCE_MS / 2 && taken < scaled(SOON_MS),
                  "what was to take %d ms took %d ms", PATIENCE_MS, (int)taken);
}

/* --- SIGUSR1 -------------------------------------------------------------------------------- */

START_TEST(usr1_shows_who_is_where)
{
    char pattern[PATTERN_ROOM];
    struct server *server = serve_row(_i, "%s", "");
    struct http_connection *half = open_half(server);
    snprintf(pattern, sizeof pattern,
             "\nRequest table \\(%s[,)][^\n]*\n  slot  client [^\n]*\n.*127\\.0\\.0\\.1:[0-9]+ "
             "+READING +[^\n]*waits for the rest of the request(\n.*)?\n  1 of [0-9]+ ",
             model_rows[_i].model);
    await_table(server, pattern);
    http_close(half);
    await_table(server, NOBODY_IS_SERVED);
    demand_good_end(server);
}
END_TEST

START_TEST(usr1_shows_totals)
{
    struct server *server = serve_row(_i, "%s", "");
    for (unsigned i = 0; i < 2; i++)
        http_close(http_ask(server->port, GET("/small.txt", "")));
    await_table(server, "\n  page cache: 1 files, [^;]* of [^;]*; 1 hits, 1 misses, 0 joined\n");
    await_table(server, "\n  2 connections \\(0 closed to seat others\\), 2 replies, 0 broken off, "
                        "0 timeouts, 26 B sent\n");
    demand_good_end(server);
}
END_TEST

/* --- the end -------------------------------------------------------------------------------- */

static const int ends[] = {SIGTERM, SIGINT};
enum { ENDS = 2 };

START_TEST(idle_connection_is_closed_at_the_end)
{
    struct server *server = serve_row(_i / ENDS, "%s", "");
    struct http_connection *idle = http_open(server->port);
    await_table(server, " IDLE ");
    int64_t begun = milliseconds_now();
    send_signal(server, ends[_i % ENDS]);
    demand_closed(idle);
    ck_assert_uint_eq(idle->count, 0);
    ck_assert_int_eq(await_end(server), 0);
    ck_assert_int_lt(milliseconds_now() - begun, scaled(SOON_MS));
    demand_good_end(server);
}
END_TEST

START_TEST(request_in_progress_is_answered_at_the_end)
{
    struct server *server = serve_row(_i, "%s", "");
    struct http_connection *half = open_half(server);
    send_signal(server, SIGTERM);
    if (!model_rows[_i].is_single) /* it goes to the door when the request under way is done */
        await_closed_door(server->port);
    http_send_text(half, OTHER_HALF);
    demand_closed(half);
    demand_statuses(half, "200");
    demand_body(&half->answers[0], SMALL_TEXT, strlen(SMALL_TEXT));
    ck_assert_str_eq(demand_field(&half->answers[0], "Connection"), "close");
    http_close(half);
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

START_TEST(large_file_under_way_is_sent_whole_at_the_end)
{
    struct server *server = serve_row(_i, "%s", "");
    struct http_connection *talk = open_and_send(server, GET("/huge.bin", ""));
    read_some(talk, KIB);
    send_signal(server, SIGTERM);
    demand_closed(talk);
    demand_statuses(talk, "200");
    ck_assert_uint_eq(talk->answers[0].body_length, HUGE_BYTES);
    http_close(talk);
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

/* They have connected before the signal, and some have asked; the server has seen none of them. */
START_TEST(who_waits_at_the_door_is_served_at_the_end)
{
    struct http_connection *asking[AT_THE_DOOR], *silent[AT_THE_DOOR];
    struct server *server = serve_row(_i, "%s", "");
    freeze(server);
    for (unsigned i = 0; i < AT_THE_DOOR; i++) {
        silent[i] = http_open(server->port);
        asking[i] = open_and_send(server, GET("/small.txt", ""));
    }
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    thaw(server);
    for (unsigned i = 0; i < AT_THE_DOOR; i++) {
        demand_closed(asking[i]);
        demand_statuses(asking[i], "200");
        ck_assert_str_eq(demand_field(&asking[i]->answers[0], "Connection"), "close");
        demand_closed(silent[i]);
        ck_assert_uint_eq(silent[i]->count, 0);
        http_close(asking[i]);
    }
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

START_TEST(grace_time_ends)
{
    struct server *server = serve_row(_i, "--grace-time %dms", PATIENCE_MS);
    struct http_connection *half = open_half(server);
    int64_t begun = milliseconds_now();
    send_signal(server, SIGTERM);
    ck_assert_int_eq(await_end(server), 0);
    demand_time_taken(begun);
    demand_closed(half);
    ck_assert_msg(half->count == 0, "got %s", http_describe(half));
    demand_good_end(server);
}
END_TEST

/* Their replies come from the page cache: it must be there until nobody sends from it any more. */
START_TEST(grace_time_ends_for_who_does_not_read)
{
    struct http_connection *talks[DEAF];
    struct server *server = serve_row(_i, "--grace-time %dms", PATIENCE_MS);
    for (unsigned i = 0; i < DEAF; i++) {
        talks[i] = http_open_narrow(server->port, 4 * KIB);
        if (model_rows[_i].is_single)
            http_send_text(talks[i], GET("/huge.bin", "")); /* cold.bin fits into the sockets */
        for (unsigned j = 0; j < ASKED; j++)
            http_send_text(talks[i], GET("/cold.bin", ""));
    }
    await_table(server, " SENDING ");
    int64_t begun = milliseconds_now();
    send_signal(server, SIGTERM);
    ck_assert_int_eq(await_end(server), 0);
    ck_assert_int_lt(milliseconds_now() - begun, scaled(SOON_MS));
    close_all(talks, DEAF);
    demand_good_end(server);
}
END_TEST

START_TEST(second_signal_ends_the_server_at_once)
{
    struct server *server = serve_row(_i, "--grace-time 60s --read-timeout 60s");
    struct http_connection *half = open_half(server);
    send_signal(server, SIGTERM);
    int64_t begun = milliseconds_now();
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    ck_assert_int_eq(await_end(server), 0);
    ck_assert_int_lt(milliseconds_now() - begun, scaled(SOON_MS));
    demand_closed(half);
    ck_assert_msg(half->count == 0, "got %s", http_describe(half));
    demand_good_end(server);
}
END_TEST

/* --- times ---------------------------------------------------------------------------------- */

START_TEST(client_that_stops_reading_is_cut)
{
    struct server *server = serve_row(_i, "--write-timeout %dms", PATIENCE_MS);
    struct http_connection *talk = open_and_send(server, GET("/huge.bin", ""));
    int64_t begun = milliseconds_now();
    await_table(server, " 1 broken off, 1 timeouts,");
    demand_time_taken(begun);
    http_read_to_end(talk);
    ck_assert_uint_eq(talk->count, 0);
    ck_assert_uint_lt(talk->input_length, HUGE_BYTES);
    demand_good_end(server);
}
END_TEST

START_TEST(client_that_reads_slowly_is_not_cut)
{
    struct server *server = serve_row(_i, "--write-timeout 1s");
    struct http_connection *talk = http_open_narrow(server->port, MIB / 4);
    int64_t begun = milliseconds_now();
    http_send_text(talk, GET("/steady.bin", ""));
    for (size_t part = 1; milliseconds_now() - begun < 2000; part++) {
        read_some(talk, part * MIB / 8);
        poll(NULL, 0, 20); /* what makes it slow */
    }
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    ck_assert_uint_eq(talk->answers[0].body_length, STEADY_BYTES);
    http_close(talk);
    demand_good_end(server);
}
END_TEST

static const struct {
    const char *text, *state;
} waiting[] = {
    {"", "IDLE"},
    {"GET /small.txt HTTP/1.1\r\n", "READING"},
    {ASK("POST /small.txt", "Content-Length: 10\r\n") "half", "DISCARDING"},
    {GET("/huge.bin", ""), "SENDING"},
};
enum { WAITINGS = sizeof waiting / sizeof *waiting };

START_TEST(waiting_burns_no_cpu)
{
    struct server *server = serve_row(_i / WAITINGS, "%s", "");
    struct http_connection *talk = open_and_send(server, waiting[_i % WAITINGS].text);
    await_table(server, waiting[_i % WAITINGS].state);
    demand_idleness(server, talk);
    http_close(talk);
    demand_good_end(server);
}
END_TEST

START_TEST(nothing_to_do_burns_no_cpu)
{
    struct server *server = serve_row(_i, "%s", "");
    struct http_connection *talk = http_ask(server->port, GET("/small.txt", ""));
    struct http_connection *other = http_open(server->port);
    await_table(server, " IDLE ");
    demand_idleness(server, other);
    http_close(talk);
    http_close(other);
    demand_good_end(server);
}
END_TEST

/* --- files ---------------------------------------------------------------------------------- */

/* Bytes that were promised and are gone: the connection is broken off, and nothing else. */
START_TEST(file_that_shrinks_breaks_its_reply_off)
{
    char path[PATH_ROOM];
    docroot_write(&event_tree, "shrinks.bin", "", 0);
    snprintf(path, sizeof path, "%s/shrinks.bin", event_tree.root);
    ck_assert_int_eq(truncate(path, HUGE_BYTES), 0);
    struct server *server = serve_row(_i, "%s", "");
    struct http_connection *talk = open_and_send(server, GET("/shrinks.bin", ""));
    read_some(talk, KIB);
    ck_assert_int_eq(truncate(path, SHRUNK_BYTES), 0);
    http_read_to_end(talk);
    ck_assert_msg(talk->closed && talk->count == 0 && talk->input_length < HUGE_BYTES, "%zu bytes",
                  talk->input_length);
    await_table(server, " 1 broken off,");
    http_close(talk);
    demand_all_files(server);
    demand_good_end(server);
}
END_TEST

/* --- the log -------------------------------------------------------------------------------- */

static const char *read_file(const char *path)
{
    static char text[LOG_ROOM];
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static unsigned count_lines(const char *text, const char *pattern)
{
    unsigned count = 0;
    char line[PATTERN_ROOM];
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        snprintf(line, sizeof line, "%.*s", (int)(end - text), text);
        ck_assert_msg(text_matches(line, pattern), "not a whole line: %s", line);
        count++;
    }
    ck_assert_str_eq(text, ""); /* nothing behind the last line's end */
    return count;
}

START_TEST(every_request_is_logged_in_one_line)
{
    struct http_connection *talks[LOGGED];
    char path[PATH_ROOM];
    docroot_write(&event_tree, "../access.log", "", 0);
    snprintf(path, sizeof path, "%s/access.log", event_tree.base);
    ck_assert_int_eq(chmod(path, 0666), 0); /* the server may be nobody */
    struct server *server = serve_row(_i, "--log %s", path);
    for (unsigned i = 0; i < LOGGED; i++)
        talks[i] = open_and_send(server, GET("/small.txt", CLOSE));
    for (unsigned i = 0; i < LOGGED; i++) {
        demand_closed(talks[i]);
        demand_statuses(talks[i], "200");
        http_close(talks[i]);
    }
    demand_good_end(server);
    unsigned lines = count_lines(read_file(path),
                                 "^127\\.0\\.0\\.1 - - \\[[^]]+\\] \"GET /small\\.txt HTTP/1\\.1\" "
                                 "200 13$");
    ck_assert_uint_eq(lines, LOGGED);
}
END_TEST

/* --- the command line ----------------------------------------------------------------------- */

static const struct {
    const char *words[WORDS];
    const char *told[WORDS]; /* all of these are in the line */
} mistakes[] = {
    {{"--no-such-option"}, {"--no-such-option", "--help-all"}},
    {{"--threads", "0"}, {"--threads", "0", "from 1"}},
    {{"--threads", "1025"}, {"--threads", "1025", "1024"}},
    {{"-t", "many"}, {"--threads", "many", "1024"}},
    {{"--queue", "0"}, {"--queue", "0", "from 1"}},
    {{"--queue", "65537"}, {"--queue", "65537", "65536"}},
    {{"--work", "hard"}, {"--work", "hard", "20ms"}},
    {{"--work", "2m"}, {"--work", "2m", "20ms"}},
    {{"--nowait=yes"}, {"--nowait", "takes no value"}},
    {{"--disk", "tape"}, {"--disk", "tape", "aio", "helpers", "blocking"}},
    {{"/no/such/directory"}, {"--root", "/no/such/directory", "name a directory"}},
    {{"--log", "/no/such/file", "/"}, {"--log", "/no/such/file", "name a file"}},
    {{"--address", "192.0.2.1", "/"}, {"--address", "192.0.2.1", "127.0.0.1"}},
};
enum { MISTAKES = sizeof mistakes / sizeof *mistakes };
static const char *const models[] = {"event", "threads", "single"};
enum { MODELS = sizeof models / sizeof *models };

static void demand_one_line(const char *text)
{
    const char *end = strchr(text, '\n');
    ck_assert_msg(end != NULL && end[1] == '\0', "not exactly one line:\n%s", text);
    ck_assert_msg(strncmp(text, "threeways: ", strlen("threeways: ")) == 0, "%s", text);
}

START_TEST(mistake_is_told_in_one_line)
{
    const char *words[WORDS + 3] = {"--model", models[_i % MODELS]};
    const char *const *told = mistakes[_i / MODELS].told;
    struct program_run run;
    for (size_t i = 0; i < WORDS; i++)
        words[i + 2] = mistakes[_i / MODELS].words[i];
    run_program(&run, words);
    ck_assert_msg(run.status == EXIT_USAGE, "status %d after\n%s", run.status, run.errors);
    ck_assert_str_eq(run.output, "");
    demand_one_line(run.errors);
    for (size_t i = 0; i < WORDS && told[i] != NULL; i++)
        ck_assert_msg(strstr(run.errors, told[i]) != NULL, "%s is not named in: %s", told[i],
                      run.errors);
}
END_TEST

START_TEST(port_in_use_is_told_in_one_line)
{
    struct server *server = serve_row(_i, "%s", "");
    char port[PORT_ROOM];
    snprintf(port, sizeof port, "%d", server->port);
    const char *words[] = {"--model", model_rows[_i].model, "--port", port, event_tree.root, NULL};
    struct program_run run;
    run_program(&run, words);
    ck_assert_int_eq(run.status, EXIT_USAGE);
    demand_one_line(run.errors);
    ck_assert_msg(strstr(run.errors, port) != NULL && strstr(run.errors, "in use") != NULL, "%s",
                  run.errors);
    demand_good_end(server);
}
END_TEST

START_TEST(help_names_every_model_and_disk)
{
    static const char *const words[] = {"--help-all", NULL};
    static const char *const names[] = {"event",    "threads", "single",   "aio",       "helpers",
                                        "blocking", "--queue", "--nowait", "--threads", "--work"};
    struct program_run run;
    run_program(&run, words);
    ck_assert_int_eq(run.status, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(strstr(run.output, names[i]) != NULL, "%s is not named", names[i]);
}
END_TEST

/* --- work ----------------------------------------------------------------------------------- */

static void ask_many_times(const struct server *server, const char *request, int status)
{
    for (unsigned i = 0; i < WORKED; i++) {
        struct http_connection *talk = http_ask(server->port, "%s", request);
        ck_assert_int_eq(talk->answers[0].status, status);
        http_close(talk);
    }
}

static int64_t cpu_ms(const struct server *server)
{
    return (int64_t)cpu_ticks(server) * 1000 / sysconf(_SC_CLK_TCK);
}

/* Hits, misses and what is not there: every request costs it. proc(5) counts whole ticks. */
START_TEST(work_is_done_for_every_request)
{
    enum { TICK_MS = 10, ALL_MS = 2 * WORKED * WORK_MS };
    struct server *server = serve_row(_i, "--work %dms", WORK_MS);
    int64_t before = cpu_ms(server);
    ask_many_times(server, GET("/small.txt", ""), 200);
    ask_many_times(server, GET("/none.txt", ""), 404);
    int64_t used = cpu_ms(server) - before;
    ck_assert_msg(used >= ALL_MS - 2 * TICK_MS && used <= scaled(2 * ALL_MS),
                  "%d ms of CPU instead of %d", (int)used, ALL_MS);
    demand_good_end(server);
}
END_TEST

START_TEST(without_work_requests_cost_little)
{
    struct server *server = serve_row(_i, "%s", "");
    int64_t before = cpu_ms(server);
    ask_many_times(server, GET("/small.txt", ""), 200);
    ck_assert_int_lt(cpu_ms(server) - before, scaled(WORKED * WORK_MS));
    demand_good_end(server);
}
END_TEST

/* --- the suites ----------------------------------------------------------------------------- */

Suite *models_ends_suite(void)
{
    Suite *suite = suite_create("models_ends");
    TCase *tcase = create_event_case("models_ends");
    tcase_add_loop_test(tcase, idle_connection_is_closed_at_the_end, 0, ENDS * MODEL_ROWS);
    tcase_add_loop_test(tcase, request_in_progress_is_answered_at_the_end, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, large_file_under_way_is_sent_whole_at_the_end, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, who_waits_at_the_door_is_served_at_the_end, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, grace_time_ends, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, grace_time_ends_for_who_does_not_read, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, second_signal_ends_the_server_at_once, 0, MODEL_ROWS);
    suite_add_tcase(suite, tcase);
    return suite;
}

Suite *models_manners_suite(void)
{
    Suite *suite = suite_create("models_manners");
    TCase *tcase = create_event_case("models_manners");
    tcase_add_loop_test(tcase, usr1_shows_who_is_where, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, usr1_shows_totals, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, client_that_stops_reading_is_cut, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, client_that_reads_slowly_is_not_cut, 0, MODELS);
    tcase_add_loop_test(tcase, waiting_burns_no_cpu, 0, WAITINGS * MODEL_ROWS);
    tcase_add_loop_test(tcase, nothing_to_do_burns_no_cpu, 0, MODEL_ROWS);
    tcase_add_loop_test(tcase, file_that_shrinks_breaks_its_reply_off, 0, MODELS);
    tcase_add_loop_test(tcase, every_request_is_logged_in_one_line, 0, MODEL_ROWS);
    suite_add_tcase(suite, tcase);
    return suite;
}

Suite *models_options_suite(void)
{
    Suite *suite = suite_create("models_options");
    TCase *tcase = create_event_case("models_options");
    tcase_add_loop_test(tcase, mistake_is_told_in_one_line, 0, MISTAKES * MODELS);
    tcase_add_loop_test(tcase, port_in_use_is_told_in_one_line, 0, MODELS);
    tcase_add_test(tcase, help_names_every_model_and_disk);
    tcase_add_loop_test(tcase, work_is_done_for_every_request, 0, MODELS);
    tcase_add_loop_test(tcase, without_work_requests_cost_little, 0, MODELS);
    suite_add_tcase(suite, tcase);
    return suite;
}
