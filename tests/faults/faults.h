/*
 * What goes wrong around a server: clients that vanish, stop or come in thousands; a disk that
 * refuses, fails or is late; signals that are lost, or come in floods.
 *
 * The tests name the scenario (S...) of the collection of HTTP cases that they restate, or the
 * trap of asynchronous I/O that they would fall into. Files, servers and clients are those of
 * integration/event_model.h.
 */
#ifndef FAULTS_FAULTS_H
#define FAULTS_FAULTS_H

#include "integration/event_model.h"

Suite *loop_faults_suite(void);
Suite *aio_faults_suite(void);
Suite *signal_faults_suite(void);
Suite *client_faults_suite(void);

/* Parts of these suites, each in a file of its own. */
TCase *cpu_time_case(void);
TCase *door_case(void);
TCase *clock_case(void);
TCase *memory_case(void);
TCase *listings_case(void);
TCase *refused_reads_case(void);
TCase *failing_reads_case(void);
TCase *late_reads_case(void);
TCase *lost_signals_case(void);
TCase *signal_floods_case(void);
TCase *crowds_case(void);
TCase *pipelining_faults_case(void);
TCase *vanishing_clients_case(void);
TCase *slow_clients_case(void);

/* --- interposers ------------------------------------------------------------------------------ */

/*
 * An interposer is a shared object that stands before a function of libc (LD_PRELOAD). It is
 * tests/faults/interpose_NAME.c, and the build puts it into the directory that the environment
 * variable INTERPOSE names, build/interpose if it names none.
 *
 * Has all servers that are started from now on run with it. Returns false, and says why on
 * standard error, where that is impossible; then there is nothing to test.
 */
bool interpose(const char *name);

/* While this file is there, an interposer does its mischief: see HOLD_WHILE in its source. */
void hold(void);
void release(void);

/* --- the process, seen from outside ----------------------------------------------------------- */

/* Whether its memory and threads are its own: sanitizers and wrappers (valgrind) need more. */
bool server_is_plain(void);

/* The server's memory (RSS), in KiB. */
int64_t resident_kib(const struct server *server);

/* Since a look at the memory it must have grown by less than this. */
void demand_no_growth(const struct server *server, int64_t before_kib, int64_t bound_kib);

/* Waits until nobody is served any more and, in the event model, all places and buffers are back.
 */
void await_emptiness(const struct server *server);

/* The same, and until the server has this many open descriptors again. */
void await_descriptors(const struct server *server, unsigned count);

/* While this client waits, in vain, the server must use hardly any CPU time. */
void demand_idleness(const struct server *server, const struct http_connection *talk);

/* Stops the server in the middle of what it does, so that everything happens at once for it. */
void freeze(const struct server *server);
void thaw(const struct server *server);

/* --- floods ----------------------------------------------------------------------------------- */

/*
 * A sibling process that sends signals to the server until it is stopped. Start it before the
 * clients: it would inherit their connections.
 */
struct flood {
    int signal;
    unsigned at_once;  /* signals between two pauses */
    unsigned pause_ms; /* 0: none */
};
pid_t flood_start(const struct server *server, const struct flood *flood);
void flood_stop(pid_t pid);

/* Sends `count` disk signals with values that name requests, files in flight, or nothing. */
void send_junk(const struct server *server, unsigned count);

/* --- asking ----------------------------------------------------------------------------------- */

/* Connects and asks for a piece, with keep-alive. */
struct http_connection *open_for_piece(const struct server *server, unsigned piece);

/* Waits for the one answer to that, which must have this piece's bytes and no others'. */
void demand_piece(struct http_connection *talk, unsigned piece);

/* Reads from all of them as it comes, until the server has closed each. */
void read_all_to_end(struct http_connection *const *crowd, size_t count);

/* Closes all of them. A server that ends would wait for clients who have heard its last word. */
void close_all(struct http_connection *const *crowd, size_t count);

/* Asks for files of all kinds, alone and many at a time, and demands every byte. */
void demand_all_files(const struct server *server);

#endif
