/*
 * A trace in the Trace Event Format of Chrome, which Perfetto and chrome://tracing open.
 *
 * Requests overlap, and a thread may serve many at a time: so they are nestable asynchronous
 * events ("b" begins, "e" ends, "n" is an instant), which belong together by category and id. A
 * request's span encloses one span for each state. What happens to a thread is on the thread's
 * own track: signals are instants ("i"), a call that blocks is complete ("X") when it returns.
 * The order of the lines is not that of time; the format does not ask for it.
 */
#include "tools/trace_json.h"
#include "tools/trace_lives.h"
#include "tools/trace_output.h"

#include <inttypes.h>
#include <stdlib.h>

enum { THREADS_AT_FIRST = 64 };

struct thread {
    bool is_known;
    uint64_t blocked_ns; /* since when; 0: it runs */
    int32_t slot;        /* for whom */
};

static struct {
    const struct trace_reader *reader;
    FILE *out;
    bool has_events;
    struct lives lives;
    struct thread *threads;
    uint32_t thread_room;
} chrome;

/* --- one event ---------------------------------------------------------------------------- */

static double microseconds(uint64_t time_ns)
{
    return (double)(time_ns - chrome.reader->header->started_ns) / 1e3;
}

/* The members that every event has. Numbers of threads begin with 1: 0 means none. */
static void begin_event(const char *phase, const char *name, uint32_t thread)
{
    fputs(chrome.has_events ? ",\n{" : "\n{", chrome.out);
    chrome.has_events = true;
    fprintf(chrome.out,
            "\"ph\": \"%s\", \"pid\": %" PRIu32 ", \"tid\": %" PRIu32 ", \"name\": ", phase,
            chrome.reader->header->process, thread + 1);
    trace_json_string(chrome.out, name);
}

static void print_metadata(const char *what, uint32_t thread, const char *name)
{
    begin_event("M", what, thread);
    fputs(", \"cat\": \"__metadata\", \"ts\": 0, \"args\": {\"name\": ", chrome.out);
    trace_json_string(chrome.out, name);
    fputs("}}", chrome.out);
}

/* An id is unique among all servers, so that the traces of several can be joined. */
static void begin_async(const char *phase, const char *name, const struct life *life,
                        uint64_t time_ns)
{
    begin_event(phase, name, 0);
    fprintf(chrome.out, ", \"cat\": \"request\", \"id\": \"0x%" PRIx32 "%08" PRIx64 "\"",
            chrome.reader->header->process, life->number);
    fprintf(chrome.out, ", \"ts\": %.3f", microseconds(time_ns));
}

static void print_async(const char *phase, const char *name, const struct life *life,
                        uint64_t time_ns)
{
    begin_async(phase, name, life, time_ns);
    fputc('}', chrome.out);
}

/* --- requests ----------------------------------------------------------------------------- */

static void print_steps(const struct life *life)
{
    const char *state = trace_reader_state(chrome.reader, life->steps[0].state);
    print_async("b", state, life, life->begin_ns);
    for (size_t i = 1; i < life->step_count; i++) {
        const struct step *step = &life->steps[i];
        if (step->state == life->steps[i - 1].state) {
            print_async("n", trace_reader_event(chrome.reader, step->event), life, step->time_ns);
            continue;
        }
        print_async("e", state, life, step->time_ns);
        state = trace_reader_state(chrome.reader, step->state);
        print_async("b", state, life, step->time_ns);
    }
    print_async("e", state, life, life->end_ns);
}

static void hear(void *context, const struct life *life)
{
    const char *name = life->title[0] != '\0' ? life->title : "(no request)";
    (void)context;
    begin_async("b", name, life, life->begin_ns);
    fprintf(chrome.out, ", \"args\": {\"slot\": %" PRId32 ", \"generation\": %" PRIu32, life->slot,
            life->generation);
    fprintf(chrome.out, ", \"partial\": %s, \"unfinished\": %s}}",
            life->is_partial ? "true" : "false", life->is_unfinished ? "true" : "false");
    print_steps(life);
    print_async("e", name, life, life->end_ns);
}

/* --- threads ------------------------------------------------------------------------------ */

/* Makes room for this thread, and names it when it is first heard of. NULL: no memory. */
static struct thread *find_thread(uint32_t number)
{
    char name[32];
    uint32_t room = chrome.thread_room > 0 ? chrome.thread_room : THREADS_AT_FIRST;
    while (room <= number)
        room *= 2;
    if (room > chrome.thread_room) {
        struct thread *more = realloc(chrome.threads, room * sizeof *more);
        if (more == NULL)
            return NULL;
        for (uint32_t i = chrome.thread_room; i < room; i++)
            more[i] = (struct thread){0};
        chrome.threads = more;
        chrome.thread_room = room;
    }
    struct thread *thread = &chrome.threads[number];
    snprintf(name, sizeof name, "thread %" PRIu32, number);
    if (!thread->is_known)
        print_metadata("thread_name", number, name);
    thread->is_known = true;
    return thread;
}

static void print_instant(const struct trace_record *record, const char *name)
{
    begin_event("i", name, record->thread);
    fprintf(chrome.out, ", \"cat\": \"thread\", \"s\": \"t\", \"ts\": %.3f",
            microseconds(record->time_ns));
    fprintf(chrome.out, ", \"args\": {\"count\": %" PRIu32 ", \"slot\": %" PRId32 "}}",
            record->count, record->slot);
}

static void print_wait(uint32_t number, uint64_t end_ns)
{
    struct thread *thread = &chrome.threads[number];
    if (thread->blocked_ns == 0)
        return; /* it runs, or the beginning is lost */
    begin_event("X", "blocked", number);
    fprintf(chrome.out, ", \"cat\": \"thread\", \"ts\": %.3f, \"dur\": %.3f",
            microseconds(thread->blocked_ns), (double)(end_ns - thread->blocked_ns) / 1e3);
    fprintf(chrome.out, ", \"args\": {\"slot\": %" PRId32 "}}", thread->slot);
    thread->blocked_ns = 0;
}

static void note_wait(struct thread *thread, const struct trace_record *record)
{
    thread->blocked_ns = record->time_ns;
    thread->slot = record->slot;
}

static void print_of_thread(struct thread *thread, const struct trace_record *record)
{
    switch ((enum trace_kind)record->kind) {
    case TRACE_TRANSITION:
    case TRACE_REQUEST: break;
    case TRACE_HIT: print_instant(record, "hit"); break;
    case TRACE_MISS: print_instant(record, "miss"); break;
    case TRACE_WOKEN: print_instant(record, "woken"); break;
    case TRACE_SIGNALS: print_instant(record, "signals"); break;
    case TRACE_RESCUED: print_instant(record, "found without a signal"); break;
    case TRACE_BLOCKED: note_wait(thread, record); break;
    case TRACE_RESUMED: print_wait(record->thread, record->time_ns); break;
    }
}

/* --- the whole trace ---------------------------------------------------------------------- */

static bool begin(const struct trace_reader *reader, FILE *out)
{
    char name[TRACE_NAME_BYTES + TRACE_ADDRESS_BYTES];
    chrome.reader = reader;
    chrome.out = out;
    fputs("{\"displayTimeUnit\": \"ms\", \"traceEvents\": [", out);
    snprintf(name, sizeof name, "%s %s", reader->header->model, reader->header->address);
    print_metadata("process_name", 0, name);
    return lives_create(&chrome.lives, reader->header->slots, hear, NULL);
}

static bool take(const struct trace_record *record)
{
    struct thread *thread = find_thread(record->thread);
    if (thread == NULL)
        return false;
    print_of_thread(thread, record);
    return lives_take(&chrome.lives, record);
}

/* What the trace leaves unfinished ends with its latest record. */
static bool end(void)
{
    for (uint32_t i = 0; i < chrome.thread_room; i++)
        print_wait(i, chrome.lives.latest_ns);
    lives_destroy(&chrome.lives);
    free(chrome.threads);
    fprintf(chrome.out,
            "\n],\n\"otherData\": {\"lost\": \"%" PRIu64 "\", \"options\": ", chrome.reader->lost);
    trace_json_string(chrome.out, chrome.reader->header->options);
    fputs("}}\n", chrome.out);
    return true;
}

const struct trace_output trace_chrome = {"chrome", begin, take, end};
