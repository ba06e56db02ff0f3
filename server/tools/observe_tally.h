/*
 * What a trace comes to: how many requests are in each state, how many are answered, how long that
 * took. Told by the records, one after the other.
 */
#ifndef TOOLS_OBSERVE_TALLY_H
#define TOOLS_OBSERVE_TALLY_H

#include "tools/trace_reader.h"

enum { TALLY_WAITS = 256, TALLY_ROWS = 12 };

/* A slot of the request table, or a worker. */
struct tally_slot {
    uint8_t state;
    bool is_cold; /* its request has been to the disk, or waited for somebody's who had */
    uint64_t since_ns, begun_ns;
    char title[TRACE_TEXT_BYTES];
};

/* The last times of one kind of request, hot or cold. */
struct tally_waits {
    uint64_t ns[TALLY_WAITS];
    uint64_t count;
};

struct tally {
    const struct trace_header *header;
    struct tally_slot *slots;
    unsigned in_state[TRACE_STATES_MAX];
    uint64_t answered;
    struct tally_waits hot, cold;
};

/* Returns false if there is no memory. */
bool tally_create(struct tally *tally, const struct trace_header *header);
void tally_destroy(struct tally *tally);

void tally_take(struct tally *tally, const struct trace_record *record);

/* How many requests are in progress: neither FREE nor IDLE. */
unsigned tally_in_flight(const struct tally *tally);

/* The time that so many of a hundred did not exceed; 0 if there are none. */
uint64_t tally_percentile(const struct tally_waits *waits, unsigned percent);

#endif
