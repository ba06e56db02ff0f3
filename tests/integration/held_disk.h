/*
 * A server whose disk is held, and what one asks of it meanwhile. small.txt is hot: it is in the
 * page cache already; all other files of the tree are cold.
 */
#ifndef INTEGRATION_HELD_DISK_H
#define INTEGRATION_HELD_DISK_H

#include "integration/event_model.h"
#include "support/slow_disk.h"

/* slowdisk, and the server that runs under it. */
extern struct slow_disk held;

/* A test case whose tests find the tree made, and room for slowdisk's control pipe. */
TCase *create_held_case(const char *name);

/* Starts a server of the tree with these options, made by printf's rules, and holds its disk. */
void held_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends it by SIGTERM to slowdisk, which opens the gate first; all must end well. */
void held_end(void);

/* Asks for a file on a connection of its own, and says nothing more. */
struct http_connection *ask_for(const char *name);

/* The same for a cold file, and waits until its read is held. */
struct http_connection *ask_cold(const char *name);
struct http_connection *ask_cold_piece(unsigned number);

/* Waits for the one answer, a 200 with this body. */
void demand_answer(struct http_connection *talk, const char *bytes, size_t length);
void demand_piece_as_answer(struct http_connection *talk, unsigned number);
void demand_hot_answer(struct http_connection *talk);

/* Asks for small.txt so many times, each on a connection of its own; every time it must come. */
void demand_hot_answers(unsigned count);

/* Nothing has come. */
void demand_unanswered(struct http_connection *talk);

/* Nothing comes, for a while in which it would have come from a server that is free to answer. */
void demand_stays_unanswered(struct http_connection *talk);

/* Waits until nobody can connect to this port any more. */
void await_closed_door(int port);

#endif
