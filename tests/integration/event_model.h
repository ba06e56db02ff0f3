/*
 * What the tests of the event model have in common: one tree of files, servers that serve it with
 * all kinds of options, and looks at such a process from outside.
 */
#ifndef INTEGRATION_EVENT_MODEL_H
#define INTEGRATION_EVENT_MODEL_H

#include "integration/asking.h"

/* Made of the cases below, in the files test_event_*.c. */
Suite *event_model_suite(void);
Suite *event_timeouts_suite(void);
Suite *event_crowds_suite(void);

TCase *event_signals_case(void);
TCase *event_command_line_case(void);
TCase *event_timeouts_case(void);
TCase *event_crowds_case(void);
TCase *event_changes_case(void);
TCase *event_transitions_case(void);

/* --- the tree ------------------------------------------------------------------------------- */

#define SMALL_TEXT "a small file\n"

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    COLD_BYTES = 900 * KIB,  /* cold.bin: fits into the cache */
    LARGE_BYTES = 3 * MIB,   /* large.bin: does not, and is streamed */
    STEADY_BYTES = 16 * MIB, /* steady.bin, a hole: for a client that reads slowly */
    HUGE_BYTES = 64 * MIB,   /* huge.bin, a hole: more than all buffers of a connection take */
    PIECES = 20,             /* piece0.bin to piece19.bin, all different */
    PIECE_BYTES = 40 * KIB,
};

/* The tree of the test case that runs. It has small.txt, too. */
extern struct docroot event_tree;

/* What is in cold.bin, large.bin and the pieces. */
const char *cold_bytes(void);
const char *large_bytes(void);
const char *piece_bytes(unsigned number);

/* A test case whose tests find the tree made. */
TCase *create_event_case(const char *name);

/* --- servers -------------------------------------------------------------------------------- */

/* The wake-ups, for tests that are to hold with each: loop over WAKEUPS of them. */
enum { WAKEUPS = 2 };
extern const char *const wakeup_names[WAKEUPS];

/* Starts a server of the tree. */
struct server *serve(void);

/* The same with options, made by printf's rules and parted by blanks. */
struct server *serve_with(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same under a limit of the system (setrlimit(2)). */
struct server *serve_within(int resource, rlim_t value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends the server, which must end with status 0. */
void demand_good_end(struct server *server);

/* Waits until the server has ended by itself, and returns its status; server_stop() reaps it. */
int await_end(const struct server *server);

/* Has the server print its request table, and waits for it; "" when the deadline has passed. */
const char *next_table(const struct server *server, int64_t deadline);

/* Has the server print its request table until one matches; the test fails if none does in time. */
const char *await_table(const struct server *server, const char *pattern);

/* The last part of what the server has said on standard error. */
const char *messages_of(const struct server *server);

/* --- the process, seen from outside ----------------------------------------------------------- */

unsigned count_descriptors(const struct server *server);
unsigned cpu_ticks(const struct server *server);

/* Runs the program to its end, without a server's options. */
struct program_run {
    int status;
    char output[64 * KIB], errors[4 * KIB];
};
void run_program(struct program_run *run, const char *const *words);

int64_t milliseconds_now(void);

/* --- clients -------------------------------------------------------------------------------- */

/* Connects and sends a text. */
struct http_connection *open_and_send(const struct server *server, const char *text);

/* Asks with keep-alive, and demands one more answer, a 200. */
const struct http_answer *ask_again(struct http_connection *talk, const char *request);

/* Asks for a file on a connection of its own, and demands its bytes. */
void demand_file(const struct server *server, const char *path, const char *bytes, size_t length);

/* Reads until the body of the answer under way has at least so many bytes. */
void read_some(struct http_connection *talk, size_t length);

/* Ends the connection by a reset. */
void reset(struct http_connection *talk);

/* Waits until the connection is closed by the server, which must do so without a reset. */
void demand_closed(struct http_connection *talk);

#endif
