/*
 * The trace: what happened, when, to whom, written where others can read it while it happens.
 *
 * A trace is a file mapped into memory: a header, then a ring of records of one size. Writing a
 * record costs an atomic addition and some stores, no system call and no lock; so a server can be
 * watched without being slowed down, by any number of readers that it never notices.
 *
 * This header is the format. Numbers are in the byte order of the machine.
 *
 *   offset 0                struct trace_header
 *   offset header_bytes     `capacity` records of `record_bytes` each, the ring
 *
 * Record number N (counted from 0) belongs at place N modulo capacity, and its `stamp` says how far
 * it is: 2N + 1 while it is being written, 2N + 2 when it is whole. A smaller stamp is of a round
 * before: N is still to come. A greater one is of a later round: N has been overwritten, and is
 * lost to the reader. A reader looks at the stamp, copies the record, and looks again: the copy is
 * good if both times the stamp said 2N + 2. `next` is the number of the next record.
 *
 * A writer takes a number, then its place, by exchanging the place's stamp. If it finds a writer of
 * an earlier round still at work there (one that was interrupted for as long as a whole round
 * takes), it leaves the place alone and takes another number. So a few numbers may have no record;
 * a reader waits for those a while (see tools/trace_reader.h), then counts them as lost.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include "core/request_state.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_MAGIC               "3WAYTRC"

#define TRACE_STAMP_BEGUN(number) (2 * (number) + 1)
#define TRACE_STAMP_WHOLE(number) (2 * (number) + 2)

enum {
    TRACE_USUAL_BYTES = 16 << 20,
    TRACE_MOST_BYTES = 1 << 30,
    TRACE_VERSION = 1,
    TRACE_NAME_BYTES = 16,
    TRACE_TEXT_BYTES = 32,
    TRACE_STATES_MAX = 32,
    TRACE_EVENTS_MAX = 64,
    TRACE_EDGES_MAX = 128,
    TRACE_OPTIONS_BYTES = 256,
    TRACE_ADDRESS_BYTES = 64,
    TRACE_LINE_BYTES = 64, /* of a processor's cache, usually: a record fills one */
    TRACE_NO_SLOT = -1,    /* what concerns no single request */
};

enum trace_kind {
    TRACE_TRANSITION = 1, /* a request: from --event--> to */
    TRACE_REQUEST,        /* a request is complete: `text` is its title, "GET /index.html" */
    TRACE_HIT,            /* the page cache had what it asks for */
    TRACE_MISS,           /* it had not, and the disk is asked */
    TRACE_WOKEN,          /* a wait for events has ended; `count` descriptors are ready */
    TRACE_SIGNALS,        /* `count` signals (or rings of the bell) said that a read has ended */
    TRACE_RESCUED,        /* the sweep found `count` reads before a signal told of them */
    TRACE_BLOCKED,        /* this thread begins a call that may wait, for this request alone */
    TRACE_RESUMED,        /* the call has returned */
};

struct trace_record {
    _Atomic uint64_t stamp; /* see above */
    uint64_t time_ns;       /* CLOCK_MONOTONIC */
    uint32_t thread;        /* counted from 0, in the order of their first records */
    int32_t slot;           /* of the request table, or the worker; TRACE_NO_SLOT */
    uint32_t generation;    /* which connection has the slot */
    uint8_t kind, from, event, to;
    union {
        uint32_t count;
        char text[TRACE_TEXT_BYTES]; /* ended by NUL, cut to fit */
    };
};

/* An edge of the model's machine. In the blocking models there is no machine, and no edge. */
struct trace_edge {
    uint8_t from, event, to, unused;
};

struct trace_header {
    char magic[8];
    uint32_t version, header_bytes, record_bytes, capacity;
    uint64_t started_ns;     /* CLOCK_MONOTONIC, as in the records */
    int64_t started_real_ms; /* since 1970 */
    uint32_t process;        /* its number */
    uint32_t slots;          /* of the request table; or threads that serve */
    char model[TRACE_NAME_BYTES];
    char address[TRACE_ADDRESS_BYTES]; /* where it listens, "127.0.0.1:8080" */
    char options[TRACE_OPTIONS_BYTES]; /* the command line */
    uint32_t states, events, edges;
    char state_names[TRACE_STATES_MAX][TRACE_NAME_BYTES];
    char state_colours[TRACE_STATES_MAX][TRACE_NAME_BYTES];
    char event_names[TRACE_EVENTS_MAX][TRACE_NAME_BYTES];
    struct trace_edge edge[TRACE_EDGES_MAX];
    /* What changes later; in a part of the memory, and of the processors' caches, of its own. */
    _Alignas(TRACE_LINE_BYTES) _Atomic uint64_t next;
    atomic_bool is_over; /* the server has ended */
};

/* What the one who knows the machine tells of it, before the first record. */
struct trace_words {
    const char *(*event_name)(unsigned event);
    unsigned events;
    const struct trace_edge *edges;
    unsigned edge_count;
};

struct trace {
    struct trace_header *header; /* NULL: nobody watches */
    struct trace_record *ring;
};

/*
 * Makes the file `path` and maps it; an older trace of this name is replaced, anything else is not
 * (EEXIST). `bytes` is how large the ring may be, at least 1,024 records. Returns false with errno
 * set. With path NULL nothing is made, and every record is dropped at the cost of one comparison.
 */
bool trace_open(struct trace *trace, const char *path, uint64_t bytes, char *const arguments[]);

/* Says where this server listens. To be called before trace_describe(). */
void trace_set_address(struct trace *trace, const char *address);

/* Says how this server is built. To be called once, before the first record. */
void trace_describe(struct trace *trace, const char *model, unsigned slots,
                    const struct trace_words *words);

/* Says that the server has ended. The file stays; it is mapped as long as the process lives. */
void trace_close(struct trace *trace);

/* --- records; any thread may write them --------------------------------------------------- */

/* A request, named by slot and generation, has passed from one state to another. */
void trace_transition(struct trace *trace, int slot, unsigned generation, enum request_state from,
                      unsigned event, enum request_state to);

void trace_request(struct trace *trace, int slot, unsigned generation, const char *title);

/* Everything else: see enum trace_kind for what `count` means. */
void trace_note(struct trace *trace, enum trace_kind kind, int slot, unsigned generation,
                unsigned count);

#endif
