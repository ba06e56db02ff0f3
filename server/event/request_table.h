/*
 * The request table: a fixed array of slots, one for each request in progress.
 *
 * It is the only place where the event model keeps state. A thread would keep on its stack what a
 * slot keeps here: where the request is, and what it needs to go on from there.
 *
 * A slot that is given back raises its generation, so that whoever still knows it by its old
 * token (an event of the same batch, a signal that comes late) finds nobody.
 */
#ifndef EVENT_REQUEST_TABLE_H
#define EVENT_REQUEST_TABLE_H

#include "core/exchange.h"
#include "core/list.h"
#include "core/request_status.h"
#include "event/fsm.h"

struct loop;
struct disk_read;

enum {
    TOKEN_SLOT_BITS = 20, /* a million slots; the rest of 31 bits is for generations */
    TOKEN_LISTENER = (1 << TOKEN_SLOT_BITS) - 1, /* tokens of what is no request */
    TOKEN_WAKEUP = TOKEN_LISTENER - 1,
    TOKEN_DISK = TOKEN_LISTENER - 2, /* the bell of a disk that sends no signals */
    REQUEST_TABLE_MAX = TOKEN_DISK,
};

struct request {
    struct loop *loop;
    struct request_status row; /* the state, and what SIGUSR1 shows */
    struct exchange exchange;  /* the request and its reply, as far as they have come */
    unsigned generation;

    /* The one list that the slot is in, by its state: free, idle, waiting, joined or ready. */
    struct link link;
    enum event posted; /* while on the ready list */

    bool has_asked; /* this connection has had a reply before */

    /* disk.c */
    struct disk_read *place; /* the right to one read in flight, or NULL */
    char *buffer;            /* of a large file's request, or NULL */
    bool needs_buffer;       /* what it waits for, besides a place */

    /* loop.c, deadlines.c */
    int64_t timer_started_ms[FSM_TIMERS];
    int64_t deadline_ms;
    size_t deadline_index; /* in the heap of deadlines, from 1; 0: none */
    unsigned watched;      /* what the poller was told last */
    bool known_to_poller;

    /* Its share of this turn of the loop. */
    uint64_t turn;
    size_t share_bytes;
    unsigned share_requests;
};

struct request_table {
    struct request *slots;
    unsigned count, busy;
    struct link free;
};

/* Makes a table of `count` free slots. Returns false if there is no memory. */
bool request_table_create(struct request_table *table, unsigned count, struct loop *loop);
void request_table_destroy(struct request_table *table);

/* Takes a free slot; NULL if there is none. Its state is FREE until the machine says otherwise. */
struct request *request_table_take(struct request_table *table);

/* Gives a slot back: it is cleared, but for its generation, which is raised. */
void request_table_give(struct request_table *table, struct request *request);

/* A slot's name for the world outside; never negative as an int. */
uint32_t request_token(const struct request *request);

/* The request that a token names, or NULL if it has gone. */
struct request *request_table_find(const struct request_table *table, uint32_t token);

unsigned request_slot(const struct request *request);

/* Prints the rows of all requests in progress. */
void request_table_print(const struct request_table *table, FILE *out, int64_t now_ms);

#endif
