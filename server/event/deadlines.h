/*
 * When each request's patience ends: a binary heap with the earliest deadline first (Knuth,
 * volume 3, section 5.2.3). Nobody ever scans the table to find out who is late.
 *
 * Nearly every deadline that is set again moves to a later time. So a later time is only noted in
 * the request, and the heap is put right when the old time comes to its top: setting a deadline
 * costs next to nothing, however many there are.
 */
#ifndef EVENT_DEADLINES_H
#define EVENT_DEADLINES_H

#include "event/request_table.h"

struct deadline {
    int64_t when_ms; /* not later than the request's deadline_ms */
    struct request *request;
};

struct deadlines {
    struct deadline *heap; /* heap[1] is the earliest; heap[i] is not after heap[2i], heap[2i+1] */
    size_t count;
};

/* Makes room for `requests` deadlines. Returns false if there is no memory. */
bool deadlines_create(struct deadlines *deadlines, size_t requests);
void deadlines_destroy(struct deadlines *deadlines);

/* Sets, moves or clears a request's one deadline (in the time of clock_now_ms). */
void deadlines_set(struct deadlines *deadlines, struct request *request, int64_t when_ms);
void deadlines_clear(struct deadlines *deadlines, struct request *request);

/* The request with the earliest deadline, which is in its deadline_ms; NULL if there is none. */
struct request *deadlines_first(struct deadlines *deadlines);

#endif
