#include "core/trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RECORDS_MIN = 1024 };

_Static_assert((int)REQUEST_STATE_COUNT <= (int)TRACE_STATES_MAX, "make room for more states");
_Static_assert(sizeof(struct trace_record) == TRACE_LINE_BYTES, "a record fills a line");
_Static_assert(sizeof TRACE_MAGIC == sizeof((struct trace_header *)0)->magic, "and ends by NUL");

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- the file ----------------------------------------------------------------------------- */

/* A power of two, so that a record's place is found by masking. */
static uint32_t capacity_for(uint64_t bytes)
{
    uint32_t capacity = RECORDS_MIN;
    while (capacity < UINT32_MAX / 2 && 2ull * capacity * sizeof(struct trace_record) <= bytes)
        capacity *= 2;
    return capacity;
}

/* A mistyped name must not cost somebody a file: only a trace, or one half made, is replaced. */
static bool is_trace(const char *path)
{
    static const char half_made[sizeof TRACE_MAGIC];
    char magic[sizeof TRACE_MAGIC];
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool is_long_enough = read(file, magic, sizeof magic) == (ssize_t)sizeof magic;
    close(file);
    return is_long_enough && (memcmp(magic, TRACE_MAGIC, sizeof magic) == 0 ||
                              memcmp(magic, half_made, sizeof magic) == 0);
}

/* Written, and not only made long: a disk that is full must say so now, not by SIGBUS later. */
static bool write_zeroes(int file, size_t bytes)
{
    static const char zeroes[1 << 16];
    while (bytes > 0) {
        ssize_t written = write(file, zeroes, bytes < sizeof zeroes ? bytes : sizeof zeroes);
        if (written <= 0)
            return false;
        bytes -= (size_t)written;
    }
    return true;
}

/* Touches every page once, so that no record has to wait until its page is found. */
static void touch_pages(char *map, size_t bytes)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t at = 0; at < bytes; at += page_bytes)
        *(volatile char *)(map + at) = 0;
}

static void *map_new_file(const char *path, size_t bytes)
{
    void *map = MAP_FAILED;
    if (is_trace(path))
        unlink(path); /* its readers keep what they have mapped */
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file == -1)
        return MAP_FAILED;
    if (write_zeroes(file, bytes))
        map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED)
        unlink(path);
    else
        touch_pages(map, bytes);
    close(file);
    return map;
}

static void note_options(struct trace_header *header, char *const arguments[])
{
    size_t length = 0;
    for (size_t i = 0; arguments[i] != NULL && length < sizeof header->options; i++)
        length += (size_t)snprintf(header->options + length, sizeof header->options - length,
                                   "%s%s", i > 0 ? " " : "", arguments[i]);
}

bool trace_open(struct trace *trace, const char *path, uint64_t bytes, char *const arguments[])
{
    *trace = (struct trace){0};
    if (path == NULL)
        return true;
    uint32_t capacity = capacity_for(bytes);
    void *map = map_new_file(path, sizeof(struct trace_header) +
                                       (size_t)capacity * sizeof(struct trace_record));
    if (map == MAP_FAILED)
        return false;
    trace->ring = (struct trace_record *)(void *)((char *)map + sizeof(struct trace_header));
    trace->header = map;
    trace->header->version = TRACE_VERSION;
    trace->header->header_bytes = sizeof(struct trace_header);
    trace->header->record_bytes = sizeof(struct trace_record);
    trace->header->capacity = capacity;
    trace->header->process = (uint32_t)getpid();
    trace->header->started_ns = now_ns(CLOCK_MONOTONIC);
    trace->header->started_real_ms = (int64_t)(now_ns(CLOCK_REALTIME) / 1000000);
    note_options(trace->header, arguments);
    return true;
}

void trace_set_address(struct trace *trace, const char *address)
{
    if (trace->header != NULL)
        snprintf(trace->header->address, sizeof trace->header->address, "%s", address);
}

static void copy_name(char *to, const char *name)
{
    snprintf(to, TRACE_NAME_BYTES, "%s", name);
}

static void describe_machine(struct trace_header *header, const struct trace_words *words)
{
    header->events = words->events;
    for (unsigned event = 0; event < words->events && event < TRACE_EVENTS_MAX; event++)
        copy_name(header->event_names[event], words->event_name(event));
    header->edges = words->edge_count;
    memcpy(header->edge, words->edges, words->edge_count * sizeof *words->edges);
}

/* The magic comes last: who finds it, finds a complete header. */
void trace_describe(struct trace *trace, const char *model, unsigned slots,
                    const struct trace_words *words)
{
    struct trace_header *header = trace->header;
    if (header == NULL)
        return;
    copy_name(header->model, model);
    header->slots = slots;
    header->states = REQUEST_STATE_COUNT;
    for (unsigned i = 0; i < REQUEST_STATE_COUNT; i++) {
        copy_name(header->state_names[i], request_state_name((enum request_state)i));
        copy_name(header->state_colours[i], request_state_colour((enum request_state)i));
    }
    if (words != NULL)
        describe_machine(header, words);
    atomic_thread_fence(memory_order_release);
    memcpy(header->magic, TRACE_MAGIC, sizeof header->magic);
}

/* Not unmapped: a thread that nobody could wait for may just be writing a record. */
void trace_close(struct trace *trace)
{
    if (trace->header != NULL)
        trace->header->is_over = true;
}

/* --- records ------------------------------------------------------------------------------ */

/* Threads are numbered in the order in which they first have something to tell. */
static uint32_t thread_number(void)
{
    static _Atomic uint32_t threads;
    static _Thread_local uint32_t number;
    if (number == 0)
        number = ++threads;
    return number - 1;
}

/* Takes the next number whose place can be had; see the header for why one may not. */
static struct trace_record *claim(struct trace *trace, uint64_t *number)
{
    struct trace_header *header = trace->header;
    for (;;) {
        *number = atomic_fetch_add_explicit(&header->next, 1, memory_order_relaxed);
        struct trace_record *record = &trace->ring[*number & (header->capacity - 1)];
        uint64_t stamp = atomic_load_explicit(&record->stamp, memory_order_relaxed);
        bool is_being_written = stamp % 2 == 1;
        if (!is_being_written && stamp < TRACE_STAMP_BEGUN(*number) &&
            atomic_compare_exchange_strong_explicit(&record->stamp, &stamp,
                                                    TRACE_STAMP_BEGUN(*number),
                                                    memory_order_acquire, memory_order_relaxed))
            return record;
    }
}

static struct trace_record *begin(struct trace *trace, enum trace_kind kind, int slot,
                                  unsigned generation, uint64_t *number)
{
    struct trace_record *record = claim(trace, number);
    atomic_thread_fence(memory_order_release); /* who sees what follows, sees the stamp */
    record->time_ns = now_ns(CLOCK_MONOTONIC);
    record->thread = thread_number();
    record->slot = slot;
    record->generation = generation;
    record->kind = (uint8_t)kind;
    return record;
}

static void end(struct trace_record *record, uint64_t number)
{
    atomic_store_explicit(&record->stamp, TRACE_STAMP_WHOLE(number), memory_order_release);
}

void trace_transition(struct trace *trace, int slot, unsigned generation, enum request_state from,
                      unsigned event, enum request_state to)
{
    uint64_t number;
    if (trace->header == NULL)
        return;
    struct trace_record *record = begin(trace, TRACE_TRANSITION, slot, generation, &number);
    record->from = (uint8_t)from;
    record->event = (uint8_t)event;
    record->to = (uint8_t)to;
    end(record, number);
}

void trace_request(struct trace *trace, int slot, unsigned generation, const char *title)
{
    uint64_t number;
    if (trace->header == NULL)
        return;
    struct trace_record *record = begin(trace, TRACE_REQUEST, slot, generation, &number);
    size_t length = strnlen(title, sizeof record->text - 1);
    memcpy(record->text, title, length);
    record->text[length] = '\0';
    end(record, number);
}

void trace_note(struct trace *trace, enum trace_kind kind, int slot, unsigned generation,
                unsigned count)
{
    uint64_t number;
    if (trace->header == NULL)
        return;
    struct trace_record *record = begin(trace, kind, slot, generation, &number);
    record->count = count;
    end(record, number);
}
