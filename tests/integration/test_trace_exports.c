/*
 * threeways-trace: its formats say the same, each read back on its own; and its command line.
 */
#include "integration/trace.h"
#include "support/deadline.h"
#include "support/json_check.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_ROOM = 1000 };

static struct traced traced;

/* --- what each format says
 * ------------------------------------------------------------------------ */

/* What is the same in all of them, however they put it. */
struct gist {
    unsigned requests;
    unsigned stays[REQUEST_STATE_COUNT];
    double ms[REQUEST_STATE_COUNT]; /* in each state, of all stays */
};

static unsigned state_named(const char *name)
{
    unsigned state = 0;
    while (strcmp(trace_reader_state(&traced.reader, state), name) != 0)
        ck_assert_msg(++state < REQUEST_STATE_COUNT, "no state %s", name);
    return state;
}

/* FREE and IDLE are no part of a request. */
static bool is_of_request(unsigned state)
{
    return state != FREE && state != IDLE;
}

static void add_stay(struct gist *gist, unsigned state, double ms)
{
    gist->stays[state]++;
    gist->ms[state] += ms;
}

/* For those that list transitions: since when each slot is in its state. */
struct slots {
    double since_ms[TRACED_MAX];
};

static void take_step(struct gist *gist, struct slots *slots, int slot, unsigned from, unsigned to,
                      double ms)
{
    ck_assert_int_lt(slot, TRACED_MAX);
    if (from == to)
        return;
    if (is_of_request(from))
        add_stay(gist, from, ms - slots->since_ms[slot]);
    slots->since_ms[slot] = ms;
}

static void read_trace(struct gist *gist)
{
    struct slots slots = {0};
    for (unsigned i = 0; i < traced.count; i++) {
        const struct trace_record *record = &traced.records[i];
        gist->requests += record->kind == TRACE_REQUEST;
        if (record->kind == TRACE_TRANSITION)
            take_step(gist, &slots, record->slot, record->from, record->to,
                      (double)trace_reader_time_ns(&traced.reader, record) / 1e6);
    }
}

static void read_text_line(struct gist *gist, struct slots *slots, const char *line)
{
    char from[16], arrow[32], to[16];
    double ms;
    int slot;
    gist->requests += strstr(line, " asks GET /") != NULL;
    if (sscanf(line, " %lf ms thread %*u slot %d.%*u %15s --%31s %15s", &ms, &slot, from, arrow,
               to) == 5)
        take_step(gist, slots, slot, state_named(from), state_named(to), ms);
}

static void read_json_line(struct gist *gist, struct slots *slots, const char *line)
{
    uint64_t ns;
    unsigned kind, from, to;
    int slot;
    int count =
        sscanf(line, "[%" SCNu64 ", %u, %*u, %d, %*u, %u, %*u, %u]", &ns, &kind, &slot, &from, &to);
    gist->requests += count >= 3 && kind == TRACE_REQUEST;
    if (count == 5 && kind == TRACE_TRANSITION)
        take_step(gist, slots, slot, from, to, (double)ns / 1e6);
}

/* A member's value, as it stands behind the name; NULL if there is no such member. */
static const char *member(const char *line, const char *name)
{
    char quoted[32];
    snprintf(quoted, sizeof quoted, "\"%s\": ", name);
    const char *at = strstr(line, quoted);
    return at != NULL ? at + strlen(quoted) : NULL;
}

/* One event in a line. A state's end follows its begin, with nothing but instants between. */
static void read_chrome_line(struct gist *gist, struct slots *begun, const char *line)
{
    char phase, name[LINE_ROOM];
    if (sscanf(line, "{\"ph\": \"%c\"", &phase) != 1 || (phase != 'b' && phase != 'e') ||
        sscanf(member(line, "name"), "\"%999[^\"]\"", name) != 1)
        return;
    double ms = strtod(member(line, "ts"), NULL) / 1e3;
    if (member(line, "args") != NULL)
        gist->requests += strncmp(name, "GET /", 5) == 0;
    else if (strncmp(name, "GET /", 5) != 0 && name[0] != '(' && phase == 'b')
        begun->since_ms[state_named(name)] = ms;
    else if (strncmp(name, "GET /", 5) != 0 && name[0] != '(')
        add_stay(gist, state_named(name), ms - begun->since_ms[state_named(name)]);
}

static const struct {
    const char *name;
    void (*read_line)(struct gist *gist, struct slots *slots, const char *line);
} formats[] = {{"text", read_text_line}, {"json", read_json_line}, {"chrome", read_chrome_line}};

enum { FORMATS = sizeof formats / sizeof *formats };

static void read_format(struct gist *gist, size_t format)
{
    struct slots slots = {0};
    int status;
    char *rest = NULL;
    char *text = print_trace(&status, "--format %s %s", formats[format].name, traced.path);
    ck_assert_int_eq(status, 0);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        formats[format].read_line(gist, &slots, line);
    free(text);
}

/* Text and Chrome's format are rounded to a microsecond, at each end of a stay. */
static void demand_same(const struct gist *gist, const struct gist *expected, const char *format)
{
    ck_assert_msg(gist->requests == expected->requests, "%s has %u requests instead of %u", format,
                  gist->requests, expected->requests);
    for (unsigned i = 0; i < REQUEST_STATE_COUNT; i++) {
        double error_ms = fabs(gist->ms[i] - expected->ms[i]);
        ck_assert_msg(gist->stays[i] == expected->stays[i] &&
                          error_ms <= 0.001 * expected->stays[i],
                      "%s has %u stays in %s, of %.6f ms; they are %u, of %.6f ms", format,
                      gist->stays[i], trace_reader_state(&traced.reader, i), gist->ms[i],
                      expected->stays[i], expected->ms[i]);
    }
}

START_TEST(the_formats_agree)
{
    struct gist expected = {0};
    run_script(&traced, (unsigned)_i);
    read_trace(&expected);
    ck_assert_uint_eq(expected.requests, ASKED);
    ck_assert(expected.ms[LOADING] >= HELD_MS);
    for (size_t i = 0; i < FORMATS; i++) {
        struct gist gist = {0};
        read_format(&gist, i);
        demand_same(&gist, &expected, formats[i].name);
    }
}
END_TEST

/* A row of the summary: name, times, total, p50, p90, p99, max. */
static void demand_row(const char *summary, unsigned state, const struct gist *expected)
{
    char start[40];
    unsigned times = 0;
    double total = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
    snprintf(start, sizeof start, "\n%s ", trace_reader_state(&traced.reader, state));
    const char *row = strstr(summary, start);
    ck_assert_msg((row != NULL) == (expected->stays[state] > 0), "%s", start);
    if (row == NULL)
        return;
    ck_assert_int_eq(sscanf(row + strlen(start), "%u %lf %lf %lf %lf %lf", &times, &total, &p50,
                            &p90, &p99, &max),
                     6);
    ck_assert_uint_eq(times, expected->stays[state]);
    ck_assert_double_le(fabs(total - expected->ms[state]), 0.001 * times);
    ck_assert(p50 <= p90 && p90 <= p99 && p99 <= max && max <= total + 0.001);
}

START_TEST(the_summary_adds_up)
{
    struct gist expected = {0};
    char requests[40];
    int status;
    run_script(&traced, (unsigned)_i);
    read_trace(&expected);
    char *summary = print_trace(&status, "--summary %s", traced.path);
    ck_assert_int_eq(status, 0);
    snprintf(requests, sizeof requests, "\n%d requests, 0 of them", ASKED);
    ck_assert_msg(strstr(summary, requests) != NULL, "%s", summary);
    for (unsigned i = IDLE + 1; i < REQUEST_STATE_COUNT; i++)
        demand_row(summary, i, &expected);
    free(summary);
}
END_TEST

/* --- JSON
 * ------------------------------------------------------------------------------------------ */

static void demand_json(const char *text)
{
    const char *fault = json_find_fault(text);
    ck_assert_msg(fault == NULL, "no JSON from here: %.200s", fault);
}

static const char *const json_formats[] = {"json", "chrome"};

/* Whatever clients send: quotes, backslashes, control characters, bytes beyond ASCII. */
START_TEST(json_is_json)
{
    static const char nasty[] =
        "GET /\"\\%01\x7f\xff\xc3\xa4</script> HTTP/1.1\r\n" HOST CLOSE "\r\n";
    struct server *server = serve_with("--trace %s", trace_path(EVENT));
    struct http_connection *talk = open_and_send(server, nasty);
    int status;
    http_read_answers(talk, 1);
    http_close(talk);
    demand_good_end(server);
    char *text = print_trace(&status, "--format %s %s", json_formats[_i], trace_path(EVENT));
    ck_assert_int_eq(status, 0);
    demand_json(text);
    free(text);
}
END_TEST

static const struct {
    const char *text;
    bool is_json;
} samples[] = {
    {"{}", true},           {"[]", true},       {" {\"a\": [1, -2.5e+3, \"\\u00e4\\n\"]} ", true},
    {"[true, null]", true}, {"{", false},       {"[1,]", false},
    {"{\"a\"}", false},     {"[01]", false},    {"\"\n\"", false},
    {"[1] 2", false},       {"\"\\x\"", false}, {"", false},
    {"{a: 1}", false},      {"['a']", false},   {"[1 2]", false},
};

START_TEST(the_check_of_json_tells_what_is_none)
{
    ck_assert((json_find_fault(samples[_i].text) == NULL) == samples[_i].is_json);
}
END_TEST

/* --- the program
 * ------------------------------------------------------------------------------------ */

/* One line that names the option or file, its value, and the mend. */
static const struct {
    const char *words, *line;
} mistakes[] = {
    {"", "^threeways-trace: which trace\\? write threeways-trace FILE\n$"},
    {"a b", "^threeways-trace: b: one FILE is enough; leave the others out\n$"},
    {"--format xml a", "^threeways-trace: --format xml: not one of: text json chrome\n$"},
    {"--format", "^threeways-trace: --format: the value is missing; see [^\n]*--help\n$"},
    {"--frobnicate a", "^threeways-trace: --frobnicate: no such option[^\n]*--help\n$"},
    {"-x a", "^threeways-trace: -x: no such option[^\n]*--help\n$"},
    {"/nowhere/t", "^threeways-trace: /nowhere/t: No such file or directory\n$"},
    {"/dev/null", "^threeways-trace: /dev/null: is no file; name one that [^\n]*\n$"},
};

START_TEST(a_mistake_is_told_in_one_line)
{
    int status;
    char *text = print_trace(&status, "%s 2>&1", mistakes[_i].words);
    ck_assert_int_eq(status, 2);
    ck_assert_msg(text_matches(text, mistakes[_i].line), "%s", text);
    free(text);
}
END_TEST

static const struct {
    const char *trace, *line; /* a path is relative to the tree */
} refused[] = {
    {"small.txt", "^threeways: --trace [^\n]*small.txt: File exists; name a file [^\n]*\n$"},
    {"none/t", "^threeways: --trace [^\n]*none/t: No such file or directory; name [^\n]*\n$"},
    {"t,64m", "^threeways: --trace [^\n]*t,64m: 64m is no size; write bytes, or 64K, 16M, 1G\n$"},
    {"t,2G", "^threeways: --trace [^\n]*t,2G: too large; [^\n]* a size to 1G\n$"},
};

/* And what bears the name of the trace already is as it was. */
START_TEST(a_server_names_a_trace_that_it_cannot_make)
{
    static struct program_run run;
    char path[LINE_ROOM];
    const char *const words[] = {"--trace", path, "--port", "0", event_tree.root, NULL};
    snprintf(path, sizeof path, "%s/%s", event_tree.root, refused[_i].trace);
    run_program(&run, words);
    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(text_matches(run.errors, refused[_i].line), "%s", run.errors);
    struct server *server = serve();
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    demand_good_end(server);
}
END_TEST

START_TEST(help_is_printed)
{
    int status;
    char *text = print_trace(&status, "--help");
    ck_assert_int_eq(status, 0);
    ck_assert(strstr(text, "--follow") != NULL && strstr(text, "--summary") != NULL);
    free(text);
}
END_TEST

START_TEST(output_that_cannot_be_written_is_told)
{
    int status;
    struct server *server = serve_with("--trace %s", trace_path(EVENT));
    demand_good_end(server);
    char *text = print_trace(&status, "%s 2>&1 >/dev/full", trace_path(EVENT));
    ck_assert_int_eq(status, 1);
    ck_assert_msg(strstr(text, strerror(ENOSPC)) != NULL, "%s", text);
    free(text);
}
END_TEST

/* --- live
 * -------------------------------------------------------------------------------------------- */

struct follower {
    pid_t pid;
    int output;
    char text[64 * KIB];
    size_t length;
};

static void begin_following(struct follower *follower, const char *format)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    follower->length = 0;
    follower->output = ends[0];
    follower->pid = fork();
    ck_assert_int_ge(follower->pid, 0);
    if (follower->pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execl(trace_program(), "threeways-trace", "--follow", "--format", format, trace_path(EVENT),
              (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
}

/* Reads until the text has this in it, or (NULL) to the end. */
static void follow_until(struct follower *follower, const char *text)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    do {
        size_t room = sizeof follower->text - 1 - follower->length;
        ck_assert_msg(deadline_wait(follower->output, POLLIN, deadline) != 0, "by the deadline: %s",
                      follower->text);
        ssize_t got = read(follower->output, follower->text + follower->length, room);
        ck_assert_int_ge(got, 0);
        follower->length += (size_t)got;
        follower->text[follower->length] = '\0';
        if (text == NULL && got == 0)
            return;
        ck_assert_msg(got > 0, "ended: %s", follower->text);
    } while (text == NULL || strstr(follower->text, text) == NULL);
}

static void demand_end_of(struct follower *follower)
{
    int status;
    follow_until(follower, NULL);
    ck_assert_int_eq(waitpid(follower->pid, &status, 0), follower->pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

START_TEST(a_running_server_is_followed_to_its_end)
{
    static struct follower follower;
    struct server *server = serve_with("--trace %s", trace_path(EVENT));
    begin_following(&follower, "text");
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    follow_until(&follower, " asks GET /small.txt\n");
    demand_file(server, "/piece3.bin", piece_bytes(3), PIECE_BYTES);
    follow_until(&follower, " asks GET /piece3.bin\n");
    demand_good_end(server);
    demand_end_of(&follower);
}
END_TEST

START_TEST(ctrl_c_completes_the_format)
{
    static struct follower follower;
    struct server *server = serve_with("--trace %s", trace_path(EVENT));
    begin_following(&follower, json_formats[_i]);
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    follow_until(&follower, _i == 0 ? "\"GET /small.txt\"" : "{");
    ck_assert_int_eq(kill(follower.pid, SIGINT), 0);
    demand_end_of(&follower);
    demand_json(follower.text);
    demand_good_end(server);
}
END_TEST

/* Without --follow it prints what there is, and does not wait for more. */
START_TEST(a_running_server_is_printed)
{
    int status;
    struct server *server = serve_with("--trace %s", trace_path(EVENT));
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    char *text = print_trace(&status, "%s", trace_path(EVENT));
    ck_assert_int_eq(status, 0);
    ck_assert_msg(strstr(text, " asks GET /small.txt\n") != NULL, "%s", text);
    free(text);
    demand_good_end(server);
}
END_TEST

/* --- the cases
 * ---------------------------------------------------------------------------------------- */

TCase *trace_exports_case(void)
{
    TCase *tcase = create_trace_case("trace_exports");
    tcase_add_loop_test(tcase, the_formats_agree, 0, MODELS);
    tcase_add_loop_test(tcase, the_summary_adds_up, 0, MODELS);
    tcase_add_loop_test(tcase, json_is_json, 0, 2);
    tcase_add_loop_test(tcase, the_check_of_json_tells_what_is_none, 0,
                        sizeof samples / sizeof *samples);
    return tcase;
}

TCase *trace_program_case(void)
{
    TCase *tcase = create_trace_case("trace_program");
    tcase_add_loop_test(tcase, a_mistake_is_told_in_one_line, 0,
                        sizeof mistakes / sizeof *mistakes);
    tcase_add_loop_test(tcase, a_server_names_a_trace_that_it_cannot_make, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_test(tcase, help_is_printed);
    tcase_add_test(tcase, output_that_cannot_be_written_is_told);
    tcase_add_test(tcase, a_running_server_is_followed_to_its_end);
    tcase_add_loop_test(tcase, ctrl_c_completes_the_format, 0, 2);
    tcase_add_test(tcase, a_running_server_is_printed);
    return tcase;
}
