/*
 * What a record of the trace costs, and which part of that is asking for the time.
 *
 * The least of many short runs is shown beside their median: what is added to it is other
 * programs' doing. One thread writes, as in the event model.
 *
 * usage: trace_cost FILE [RUNS]      FILE: the trace to write; it stays
 */
#include "core/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 200, RUNS_MAX = 10000, CALLS = 10000 };

static struct trace trace, no_trace;

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void record(unsigned i)
{
    trace_transition(&trace, 7, i, READING, 5, LOADING);
}

static void record_nothing(unsigned i)
{
    trace_transition(&no_trace, 7, i, READING, 5, LOADING);
}

static void record_title(unsigned i)
{
    trace_request(&trace, 7, i, "GET /index.html");
}

static void ask_time(unsigned i)
{
    struct timespec now;
    (void)i;
    clock_gettime(CLOCK_MONOTONIC, &now);
}

static const struct {
    const char *name;
    void (*call)(unsigned i);
} measured[] = {
    {"clock_gettime() alone", ask_time},
    {"a transition", record},
    {"a request's title", record_title},
    {"a transition without --trace", record_nothing},
};

static double measure(void (*call)(unsigned i))
{
    double begin = now_ns();
    for (unsigned i = 0; i < CALLS; i++)
        call(i);
    return (now_ns() - begin) / CALLS;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void show(const char *name, void (*call)(unsigned i), unsigned runs)
{
    static double ns[RUNS_MAX];
    for (unsigned i = 0; i < runs; i++)
        ns[i] = measure(call);
    qsort(ns, runs, sizeof *ns, compare);
    printf("%-30s %5.1f ns at best, %5.1f ns median\n", name, ns[0], ns[runs / 2]);
}

int main(int argc, char *argv[])
{
    unsigned runs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : RUNS;
    if (argc < 2 || runs == 0 || runs > RUNS_MAX) {
        fprintf(stderr, "usage: trace_cost FILE [RUNS]\n");
        return EXIT_FAILURE;
    }
    if (!trace_open(&trace, argv[1], TRACE_USUAL_BYTES, argv)) {
        fprintf(stderr, "trace_cost: %s: %s\n", argv[1], strerror(errno));
        return EXIT_FAILURE;
    }
    trace_describe(&trace, "cost", 8, NULL);
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++)
        show(measured[i].name, measured[i].call, runs);
    trace_close(&trace);
    return EXIT_SUCCESS;
}
