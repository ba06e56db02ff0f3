#include "tools/trace_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    RETRY_MS = 10,
    MARGIN = 8, /* a part of the ring: see fall_behind() */
    THREADS_MAX = 1 << 16,
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- opening ------------------------------------------------------------------------------ */

enum attempt {
    OPENED,
    TOO_EARLY, /* as far as one can see, it is just being made */
    REFUSED,
};

static bool are_names(const char (*names)[TRACE_NAME_BYTES], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (memchr(names[i], '\0', TRACE_NAME_BYTES) == NULL)
            return false;
    return true;
}

static bool are_edges(const struct trace_header *header)
{
    for (unsigned i = 0; i < header->edges; i++) {
        const struct trace_edge *edge = &header->edge[i];
        if (edge->from >= header->states || edge->to >= header->states ||
            edge->event >= header->events)
            return false;
    }
    return true;
}

/* Whoever uses the header can trust it. */
static bool is_well_formed(const struct trace_header *header)
{
    uint32_t capacity = header->capacity;
    return header->header_bytes == sizeof *header &&
           header->record_bytes == sizeof(struct trace_record) && capacity > 0 &&
           (capacity & (capacity - 1)) == 0 && header->states > 0 &&
           header->states <= TRACE_STATES_MAX && header->events <= TRACE_EVENTS_MAX &&
           header->edges <= TRACE_EDGES_MAX && are_names(header->state_names, header->states) &&
           are_names(header->state_colours, header->states) &&
           are_names(header->event_names, header->events) && are_names(&header->model, 1) &&
           memchr(header->address, '\0', TRACE_ADDRESS_BYTES) != NULL &&
           memchr(header->options, '\0', TRACE_OPTIONS_BYTES) != NULL && are_edges(header);
}

static uint64_t bytes_in_all(const struct trace_header *header)
{
    return header->header_bytes + (uint64_t)header->capacity * header->record_bytes;
}

/* Says what is wrong with the mapped file, or NULL. */
static const char *complaint_about(const struct trace_header *header, size_t bytes)
{
    atomic_thread_fence(memory_order_acquire); /* the magic was written last */
    if (header->version != TRACE_VERSION)
        return "is a trace of another version; use the threeways-trace that came with its server";
    if (!is_well_formed(header))
        return "is damaged; let the server write a new one";
    if (bytes < bytes_in_all(header))
        return "was cut; let the server write a new one";
    return NULL;
}

static enum attempt refuse(char *error, size_t size, const char *path, const char *why)
{
    snprintf(error, size, "%s: %s", path, why);
    return REFUSED;
}

static enum attempt try_map(struct trace_reader *reader, int file, size_t bytes, const char *path,
                            char *error, size_t size)
{
    static const char unmade[sizeof TRACE_MAGIC];
    char magic[sizeof TRACE_MAGIC] = {0};
    ssize_t got = pread(file, magic, sizeof magic, 0);
    if (got < 0)
        return refuse(error, size, path, strerror(errno));
    bool is_made = memcmp(magic, TRACE_MAGIC, sizeof magic) == 0;
    if (!is_made && memcmp(magic, unmade, sizeof magic) != 0)
        return refuse(error, size, path, "is no trace; name a file that threeways --trace makes");
    if (bytes < sizeof(struct trace_header))
        return is_made ? refuse(error, size, path, "was cut; let the server write a new one")
                       : TOO_EARLY;
    void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
    if (map == MAP_FAILED)
        return refuse(error, size, path, strerror(errno));
    reader->header = map;
    reader->mapped_bytes = bytes;
    return is_made ? OPENED : TOO_EARLY;
}

static enum attempt try_open(struct trace_reader *reader, const char *path, char *error,
                             size_t size)
{
    struct stat status;
    *reader = (struct trace_reader){0};
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file == -1 || fstat(file, &status) != 0)
        return refuse(error, size, path, strerror(errno));
    enum attempt attempt =
        S_ISREG(status.st_mode)
            ? try_map(reader, file, (size_t)status.st_size, path, error, size)
            : refuse(error, size, path, "is no file; name one that threeways --trace makes");
    close(file);
    const char *complaint =
        attempt == OPENED ? complaint_about(reader->header, reader->mapped_bytes) : NULL;
    if (complaint != NULL)
        attempt = refuse(error, size, path, complaint);
    if (attempt != OPENED)
        trace_reader_close(reader);
    return attempt;
}

static void begin_with_oldest(struct trace_reader *reader)
{
    const struct trace_header *header = reader->header;
    uint64_t newest = atomic_load_explicit(&header->next, memory_order_acquire);
    const char *map = (const char *)header;
    reader->ring = (const struct trace_record *)(const void *)(map + header->header_bytes);
    reader->next = newest > header->capacity ? newest - header->capacity : 0;
    reader->lost = reader->next;
}

bool trace_reader_open(struct trace_reader *reader, const char *path, int patience_ms, char *error,
                       size_t size)
{
    const struct timespec pause = {.tv_nsec = RETRY_MS * 1000000};
    enum attempt attempt = try_open(reader, path, error, size);
    for (int waited_ms = 0; attempt == TOO_EARLY && waited_ms < patience_ms;
         waited_ms += RETRY_MS) {
        nanosleep(&pause, NULL);
        attempt = try_open(reader, path, error, size);
    }
    if (attempt == TOO_EARLY)
        refuse(error, size, path, "is empty; is there a server that is to write it?");
    if (attempt == OPENED)
        begin_with_oldest(reader);
    return attempt == OPENED;
}

void trace_reader_close(struct trace_reader *reader)
{
    if (reader->header != NULL)
        munmap((void *)(size_t)reader->header, reader->mapped_bytes);
    reader->header = NULL;
}

/* --- records ------------------------------------------------------------------------------ */

bool trace_reader_is_over(const struct trace_reader *reader)
{
    return atomic_load_explicit(&reader->header->is_over, memory_order_acquire) ||
           (kill((pid_t)reader->header->process, 0) == -1 && errno == ESRCH);
}

/* Copies the record with this number; false if it was overwritten meanwhile. */
static bool copy(const struct trace_record *place, uint64_t number, struct trace_record *record)
{
    memcpy((void *)record, (const void *)place, sizeof *record);
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&place->stamp, memory_order_relaxed) == TRACE_STAMP_WHOLE(number);
}

/* What happens to the loop concerns no single request; everything else does. */
static bool has_slot(enum trace_kind kind)
{
    return kind != TRACE_WOKEN && kind != TRACE_SIGNALS && kind != TRACE_RESCUED;
}

static bool is_transition_of(const struct trace_header *header, const struct trace_record *record)
{
    return record->from < header->states && record->to < header->states &&
           (header->events == 0 || record->event < header->events);
}

static bool is_within_bounds(const struct trace_header *header, const struct trace_record *record)
{
    bool has_kind = record->kind >= TRACE_TRANSITION && record->kind <= TRACE_RESUMED;
    bool needs_slot = has_slot((enum trace_kind)record->kind);
    bool is_of_slot = record->slot >= 0 && (uint32_t)record->slot < header->slots;
    if (!has_kind || (needs_slot ? !is_of_slot : record->slot != TRACE_NO_SLOT))
        return false;
    if (record->thread >= THREADS_MAX || record->time_ns < header->started_ns)
        return false;
    if (record->kind == TRACE_TRANSITION)
        return is_transition_of(header, record);
    return record->kind != TRACE_REQUEST || memchr(record->text, '\0', sizeof record->text) != NULL;
}

/* Not to the oldest record of all: that one is about to be overwritten, too. */
static void fall_behind(struct trace_reader *reader)
{
    uint32_t capacity = reader->header->capacity;
    uint64_t newest = atomic_load_explicit(&reader->header->next, memory_order_acquire);
    uint64_t next = newest - capacity + capacity / MARGIN;
    if (newest < capacity || next <= reader->next)
        next = reader->next + 1;
    reader->lost += next - reader->next;
    reader->next = next;
}

/* Begun, and not whole. Its writer may have been interrupted, or will never finish. */
static bool is_given_up(struct trace_reader *reader)
{
    uint64_t now = now_ns();
    if (reader->gap_since_ns == 0)
        reader->gap_since_ns = now;
    return now - reader->gap_since_ns >= TRACE_READER_GAP_MS * UINT64_C(1000000);
}

static void pass(struct trace_reader *reader, bool is_lost)
{
    reader->lost += is_lost;
    reader->next++;
    reader->gap_since_ns = 0;
}

/* The process has ended without saying so, and nothing has come since. */
static bool has_vanished(const struct trace_reader *reader, uint64_t newest)
{
    return trace_reader_is_over(reader) &&
           atomic_load_explicit(&reader->header->next, memory_order_acquire) == newest;
}

enum trace_read trace_reader_next(struct trace_reader *reader, struct trace_record *record)
{
    const struct trace_header *header = reader->header;
    for (;;) {
        /* In this order: what had been written when it was over, is seen. */
        bool is_over = atomic_load_explicit(&header->is_over, memory_order_acquire);
        uint64_t number = reader->next;
        uint64_t newest = atomic_load_explicit(&header->next, memory_order_acquire);
        const struct trace_record *place = &reader->ring[number & (header->capacity - 1)];
        uint64_t stamp = atomic_load_explicit(&place->stamp, memory_order_acquire);
        if (number >= newest)
            return is_over || has_vanished(reader, newest) ? TRACE_READ_END : TRACE_READ_NOTHING;
        if (stamp == TRACE_STAMP_WHOLE(number) && copy(place, number, record)) {
            bool is_good = is_within_bounds(header, record);
            pass(reader, !is_good);
            if (is_good)
                return TRACE_READ_RECORD;
        } else if (stamp >= TRACE_STAMP_WHOLE(number)) {
            fall_behind(reader);
        } else if (is_over || is_given_up(reader)) {
            pass(reader, true);
        } else {
            return TRACE_READ_NOTHING;
        }
    }
}

uint64_t trace_reader_time_ns(const struct trace_reader *reader, const struct trace_record *record)
{
    return record->time_ns - reader->header->started_ns;
}

/* --- names -------------------------------------------------------------------------------- */

const char *trace_reader_state(const struct trace_reader *reader, unsigned state)
{
    return state < reader->header->states ? reader->header->state_names[state] : "";
}

const char *trace_reader_event(const struct trace_reader *reader, unsigned event)
{
    return event < reader->header->events ? reader->header->event_names[event] : "";
}
