#include "integration/trace.h"
#include "support/deadline.h"
#include "support/slow_disk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { ROOM = 600, NS_PER_MS = 1000000 };

const char *const model_names[MODELS] = {"event", "threads", "single"};

static struct slow_disk slow;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- single requests -------------------------------------------------------------------------- */

static void demand_answered(struct http_connection *talk)
{
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    http_close(talk);
}

static void ask_hot(const char *request)
{
    demand_answered(open_and_send(&slow.program, request));
}

static void ask_cold(const char *name, const char *request)
{
    struct http_connection *talk = open_and_send(&slow.program, request);
    slow_await_held(&slow, name);
    slow_tell(&event_tree, "release all");
    demand_answered(talk);
}

/* The disk takes its time, and the client looks at the clock at each end of it. */
static void ask_measured(struct seen *seen)
{
    seen->sent_ns = now_ns();
    struct http_connection *talk = open_and_send(&slow.program, GET("/piece0.bin", CLOSE));
    slow_await_held(&slow, "piece0.bin");
    seen->held_ns = now_ns();
    while (now_ns() < seen->held_ns + (uint64_t)HELD_MS * NS_PER_MS)
        deadline_retry(deadline_in(HELD_MS));
    seen->released_ns = now_ns();
    slow_tell(&event_tree, "release all");
    http_read_answers(talk, 1);
    seen->answered_ns = now_ns();
    demand_answered(talk);
}

/* Two for one file: where more than one can be served, the second joins the first one's read. */
static void ask_together(unsigned model)
{
    struct http_connection *first = open_and_send(&slow.program, GET("/piece1.bin", CLOSE));
    slow_await_held(&slow, "piece1.bin");
    struct http_connection *second = open_and_send(&slow.program, GET("/piece1.bin", CLOSE));
    if (model != SINGLE)
        await_table(&slow.program, " JOINED ");
    slow_tell(&event_tree, "release all");
    demand_answered(first);
    demand_answered(second);
}

static void ask_for_large_file(void)
{
    struct http_connection *talk = open_and_send(&slow.program, GET("/large.bin", CLOSE));
    slow_release_until_answered(&event_tree, talk);
    demand_answered(talk);
}

/* --- all of them -------------------------------------------------------------------------------
 */

const char *trace_path(unsigned model)
{
    static char path[ROOM];
    snprintf(path, sizeof path, "%s/slow/%s.trace", event_tree.base, model_names[model]);
    return path;
}

static void read_trace(struct traced *traced)
{
    char error[TRACE_READER_ERROR_BYTES] = "";
    enum trace_read read;
    bool is_open = trace_reader_open(&traced->reader, traced->path, 0, error, sizeof error);
    ck_assert_msg(is_open, "%s", error);
    ck_assert(traced->reader.header->is_over);
    traced->count = 0;
    while ((read = trace_reader_next(&traced->reader, &traced->records[traced->count])) ==
           TRACE_READ_RECORD)
        ck_assert_uint_lt(++traced->count, TRACED_MAX);
    ck_assert_int_eq(read, TRACE_READ_END);
    ck_assert_uint_eq(traced->reader.lost, 0);
}

void run_script(struct traced *traced, unsigned model)
{
    char options[2 * ROOM];
    traced->path = trace_path(model);
    snprintf(options, sizeof options, "--model %s --threads 4 --trace %s,1M", model_names[model],
             traced->path);
    slow_hold(&slow, &event_tree, options);
    ask_cold("small.txt", GET("/small.txt", CLOSE));
    for (unsigned i = 0; i < HOT_REQUESTS; i++)
        ask_hot(GET("/small.txt", CLOSE));
    ask_hot(GET("/small.txt", "")); /* and the client hangs up */
    ask_measured(&traced->seen);
    ask_together(model);
    ask_for_large_file();
    ask_for_status(slow.program.port, 404, GET("/nothing", CLOSE));
    ask_for_status(slow.program.port, 400, "GET / HTTP/1.1\r\n\r\n");
    traced->reads = slow_count_held(&slow);
    ck_assert_int_eq(slow_stop(&slow), 0);
    read_trace(traced);
}

static void make_room(void)
{
    slow_make_room(&event_tree);
}

TCase *create_trace_case(const char *name)
{
    TCase *tcase = create_event_case(name);
    tcase_add_unchecked_fixture(tcase, make_room, NULL);
    return tcase;
}

/* --- threeways-trace ---------------------------------------------------------------------------
 */

const char *trace_program(void)
{
    const char *path = getenv("THREEWAYS_TRACE");
    return path != NULL && *path != '\0' ? path : "build/threeways-trace";
}

static char *read_all(FILE *output)
{
    size_t length = 0, room = 64 * KIB, got;
    char *text = malloc(room);
    ck_assert_ptr_nonnull(text);
    while ((got = fread(text + length, 1, room - length - 1, output)) > 0) {
        length += got;
        if (room - length - 1 > 0)
            continue;
        char *more = realloc(text, room *= 2);
        ck_assert_ptr_nonnull(more);
        text = more;
    }
    text[length] = '\0';
    return text;
}

char *print_trace(int *status, const char *format, ...)
{
    char words[ROOM], command[2 * ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    snprintf(command, sizeof command, "%s %s", trace_program(), words);
    FILE *output = popen(command, "r"); /* NOLINT(cert-env33-c): the words are ours */
    ck_assert_msg(output != NULL, "%s: %s", command, strerror(errno));
    char *text = read_all(output);
    int ended = pclose(output);
    *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    return text;
}
