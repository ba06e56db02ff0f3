/*
 * The lives of requests, put together again from the records of a trace.
 *
 * A life begins when a client's bytes come (the state is neither FREE nor IDLE any more), and ends
 * when the slot is FREE or IDLE again: so it is one request, or the attempt at one, with the
 * states it went through. What it asked for is known once it has been understood; the end of a
 * connection, which the server reads as well, is a short life that asked for nothing.
 */
#ifndef TOOLS_TRACE_LIVES_H
#define TOOLS_TRACE_LIVES_H

#include "core/trace.h"

/* A transition; the request is in `state` until the next step, or the end. */
struct step {
    uint64_t time_ns;
    uint8_t event, state;
};

struct life {
    uint64_t number; /* counted from 1 */
    int32_t slot;
    uint32_t generation;
    char title[TRACE_TEXT_BYTES]; /* "" if nothing was asked for */
    bool is_partial;              /* its beginning is lost, or not in the trace */
    bool is_unfinished;           /* the trace ends before it does */
    uint64_t begin_ns, end_ns;
    uint64_t answered_ns; /* when the reply was through, or the client given up; 0: not */
    struct step *steps;   /* the first one is at begin_ns; some do not change the state */
    size_t step_count, step_room;
};

/* Who wants to hear of lives that are over. */
typedef void lives_hear(void *context, const struct life *life);

struct lives {
    struct life *of_slot;
    bool *is_alive;
    unsigned slots;
    uint64_t begun;
    uint64_t latest_ns; /* of all records so far */
    lives_hear *hear;
    void *context;
};

/* Returns false if there is no memory. */
bool lives_create(struct lives *lives, unsigned slots, lives_hear *hear, void *context);

/* Takes the next record, of any kind. Returns false if there is no memory. */
bool lives_take(struct lives *lives, const struct trace_record *record);

/* Tells of the lives that the trace leaves unfinished: they end at its latest record. Frees all. */
void lives_destroy(struct lives *lives);

/* When the step with this number ends. */
uint64_t life_step_end_ns(const struct life *life, size_t step);

#endif
