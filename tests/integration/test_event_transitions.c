/*
 * --verbose tells every transition, and every one is a line of the table that --print-fsm prints.
 */
#include "integration/event_model.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 32, CELLS_MAX = 300, PIPELINED = 100 };

struct transition {
    char state[WORD], event[WORD], action[WORD], next[WORD];
};

static struct transition legal[CELLS_MAX];
static size_t legal_count;

/* --- the table ------------------------------------------------------------------------------ */

static void take_line(const char *line, char state[WORD])
{
    struct transition cell;
    int row = 0;
    if (*line != ' ')
        sscanf(line, "%31s %*s %*s%n", state, &row);
    if (sscanf(line + row, "%31s %31s %31s", cell.event, cell.action, cell.next) != 3)
        return;
    strcpy(cell.state, state);
    ck_assert_uint_lt(legal_count, CELLS_MAX);
    legal[legal_count++] = cell;
}

static void learn_table(void)
{
    static const char *const words[] = {"--print-fsm", NULL};
    static struct program_run run;
    char state[WORD] = "";
    run_program(&run, words);
    ck_assert_int_eq(run.status, 0);
    strtok(run.output, "\n"); /* the heading */
    for (char *line = strtok(NULL, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (strstr(line, " transitions") == NULL)
            take_line(line, state);
    ck_assert_uint_gt(legal_count, 0);
}

static bool is_legal(const struct transition *told)
{
    for (size_t i = 0; i < legal_count; i++)
        if (strcmp(told->state, legal[i].state) == 0 && strcmp(told->event, legal[i].event) == 0 &&
            strcmp(told->action, legal[i].action) == 0 && strcmp(told->next, legal[i].next) == 0)
            return true;
    return false;
}

/* --- what happens --------------------------------------------------------------------------- */

static void send_pipelined(const struct server *server)
{
    struct http_connection *talk = http_open(server->port);
    char requests[PIPELINED * sizeof GET("/small.txt", "")] = "";
    for (unsigned i = 0; i < PIPELINED; i++)
        strcat(requests, GET("/small.txt", ""));
    http_send_text(talk, requests); /* at once: more than one turn's share is there together */
    http_finish_sending(talk);
    http_read_to_end(talk);
    ck_assert_uint_eq(talk->count, PIPELINED);
}

/* Something of everything that clients do. */
static void do_everything(const struct server *server)
{
    struct http_connection *reader = open_and_send(server, GET("/large.bin", ""));
    demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES);
    demand_file(server, "/large.bin", large_bytes(), LARGE_BYTES);
    ask_for_status(server->port, 404, GET("/none", ""));
    ask_for_status(server->port, 405, ASK("POST /", "Content-Length: 4\r\n") "body");
    ask_for_status(server->port, 200, GET("/small.txt", CLOSE));
    ask_for_status(server->port, 400, "not HTTP at all\r\n\r\n");
    send_pipelined(server);
    read_some(reader, KIB);
    reset(reader);
    http_close(http_open(server->port));
    http_close(open_and_send(server, "GET /half"));
    open_and_send(server, GET("/small.txt", "")); /* stays, until the server stops */
    await_table(server, "\n  1 of [0-9]+ slots in use\n");
}

static size_t demand_legal(const char *text, const char *state, bool *seen)
{
    size_t count = 0;
    for (const char *at = strstr(text, "slot "); at != NULL; at = strstr(at + 1, "\nslot ")) {
        struct transition told;
        at += *at == '\n';
        if (sscanf(at, "slot %*u %31s --%31[A-Z_] / %31[a-z0-9_]--> %31s", told.state, told.event,
                   told.action, told.next) != 4)
            continue;
        ck_assert_msg(is_legal(&told), "not in the table: %s on %s runs %s and goes to %s",
                      told.state, told.event, told.action, told.next);
        *seen |= strcmp(told.state, state) == 0;
        count++;
    }
    return count;
}

static const char *const usual_states[] = {"FREE",    "IDLE",    "READING", "DISCARDING",
                                           "YIELDED", "LOADING", "SENDING", "LINGERING"};

START_TEST(every_transition_told_is_in_the_table)
{
    bool seen = false;
    learn_table();
    struct server *server = serve_with("--verbose");
    do_everything(server);
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    ck_assert_int_eq(await_end(server), 0);
    const char *text = messages_of(server);
    ck_assert_uint_gt(demand_legal(text, usual_states[_i], &seen), PIPELINED);
    ck_assert_msg(seen, "nobody was ever in %s", usual_states[_i]);
    ck_assert_ptr_null(strstr(text, "fault"));
    demand_good_end(server);
}
END_TEST

START_TEST(without_verbose_nothing_is_told)
{
    struct server *server = serve();
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    ck_assert_int_eq(await_end(server), 0);
    ck_assert_str_eq(messages_of(server), "");
    demand_good_end(server);
}
END_TEST

TCase *event_transitions_case(void)
{
    TCase *tcase = create_event_case("event_transitions");
    tcase_add_loop_test(tcase, every_transition_told_is_in_the_table, 0,
                        sizeof usual_states / sizeof *usual_states);
    tcase_add_test(tcase, without_verbose_nothing_is_told);
    return tcase;
}
