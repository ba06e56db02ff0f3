/*
 * What the tests of traces have in common: a script of requests, the trace that a server has made
 * of it, and the program that prints traces.
 */
#ifndef INTEGRATION_TRACE_H
#define INTEGRATION_TRACE_H

#include "integration/event_model.h"
#include "tools/trace_reader.h"

Suite *traces_suite(void);

/* Parts of traces_suite(). */
TCase *trace_exports_case(void);
TCase *trace_program_case(void);

/* --- the script ------------------------------------------------------------------------------- */

enum { MODELS = 3, EVENT = 0, THREADS, SINGLE };
extern const char *const model_names[MODELS];

enum {
    HOT_REQUESTS = 5,
    HELD_MS = 300,        /* at least: how long the read of piece0.bin is held */
    ASKED = 12,           /* requests that a server can understand, and one more that it cannot */
    MISSES = 4,           /* files that are read: small.txt, piece0.bin, piece1.bin, large.bin */
    TRACED_MAX = 4 * KIB, /* records */
};

/* What a client has seen of the request for piece0.bin; CLOCK_MONOTONIC, as in the trace. */
struct seen {
    uint64_t sent_ns, held_ns, released_ns, answered_ns;
};

/* What came of the script: its trace, read after the server has ended. */
struct traced {
    struct seen seen;
    unsigned reads;   /* of files, as slowdisk has seen them */
    const char *path; /* of the trace */
    struct trace_reader reader;
    struct trace_record records[TRACED_MAX];
    unsigned count;
};

/* Runs the script with a server of this model, from its start to its end, and reads its trace. */
void run_script(struct traced *traced, unsigned model);

/* The path of a trace that a server of this model may write, in memory that the next call
 * overwrites. */
const char *trace_path(unsigned model);

/* A test case whose tests find the tree made, and room for traces. */
TCase *create_trace_case(const char *name);

/* --- threeways-trace ---------------------------------------------------------------------------
 */

/* The program's path. */
const char *trace_program(void);

/* Runs it with words that a shell would understand; what it prints, which the caller may free(). */
char *print_trace(int *status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
