/*
 * Reads a trace (core/trace.h), while its server runs or afterwards. The server does not notice,
 * and does not wait: a reader that is too slow loses records, and is told how many.
 *
 *     struct trace_reader reader;
 *     if (!trace_reader_open(&reader, "event.trace", TRACE_READER_PATIENCE_MS, error, sizeof
 * error))
 *         ... `error` says what is wrong
 *     while (trace_reader_next(&reader, &record) == TRACE_READ_RECORD)
 *         ...
 *     trace_reader_close(&reader);
 */
#ifndef TOOLS_TRACE_READER_H
#define TOOLS_TRACE_READER_H

#include "core/trace.h"

enum {
    TRACE_READER_PATIENCE_MS = 2000,
    TRACE_READER_ERROR_BYTES = 512,
    TRACE_READER_GAP_MS = 1000, /* a record that is still not there after this is lost */
};

struct trace_reader {
    const struct trace_header *header; /* of the trace: model, names, edges */
    uint64_t next;                     /* number of the record that is read next */
    uint64_t lost;                     /* records that were overwritten before they were read */

    /* trace_reader.c's own. */
    const struct trace_record *ring;
    size_t mapped_bytes;
    uint64_t gap_since_ns; /* since when the next record is begun, and not whole; 0: it is not */
};

/*
 * Opens a trace, and begins with the oldest record that it still has. A server that has just been
 * started may not have described itself yet: for that it waits, at most `patience_ms` (0: not at
 * all). Returns false after one line in `error`, without a newline, that names the file and says
 * what is wrong with it: it cannot be opened, is no trace, or was cut.
 */
bool trace_reader_open(struct trace_reader *reader, const char *path, int patience_ms, char *error,
                       size_t size);

void trace_reader_close(struct trace_reader *reader);

enum trace_read {
    TRACE_READ_RECORD,
    TRACE_READ_NOTHING, /* nothing new: ask again later */
    TRACE_READ_END,     /* nothing new, and nothing will come: the server is over */
};

/*
 * Reads the next record, never waits. What it hands out is whole, and what it says is within
 * bounds: kind, states and event have names, and the slot is one of the header's or TRACE_NO_SLOT.
 * Before each call, or after, `lost` tells how many were lost on the way.
 */
enum trace_read trace_reader_next(struct trace_reader *reader, struct trace_record *record);

/* Whether the server has ended: it said so, or its process (on this machine) is gone. */
bool trace_reader_is_over(const struct trace_reader *reader);

/* Nanoseconds between the start of the server and a record. */
uint64_t trace_reader_time_ns(const struct trace_reader *reader, const struct trace_record *record);

/* Names, as the header has them. The blocking models have no events: "" then. */
const char *trace_reader_state(const struct trace_reader *reader, unsigned state);
const char *trace_reader_event(const struct trace_reader *reader, unsigned event);

#endif
