/* A trace on one page: for how long requests were in each state, and what woke the server. */
#include "tools/trace_lives.h"
#include "tools/trace_output.h"

#include <inttypes.h>
#include <stdlib.h>

enum { TIMES_AT_FIRST = 64 };

/* Times of one kind, all of them: percentiles need them sorted. */
struct times {
    uint64_t *ns;
    size_t count, room;
};

static struct {
    const struct trace_reader *reader;
    FILE *out;
    struct lives lives;
    struct times in_state[TRACE_STATES_MAX];
    struct times until_answered, blocked;
    uint64_t *blocked_since; /* of each slot */
    uint64_t records, requests, unfinished, others;
    uint64_t hits, misses, wakeups, ready, signal_wakeups, signals, most_signals, rescued;
    bool has_no_memory;
} summary;

/* --- collecting --------------------------------------------------------------------------- */

static void add_time(struct times *times, uint64_t ns)
{
    if (times->count == times->room) {
        size_t room = times->room == 0 ? TIMES_AT_FIRST : 2 * times->room;
        uint64_t *more = realloc(times->ns, room * sizeof *more);
        if (more == NULL) {
            summary.has_no_memory = true;
            return;
        }
        times->ns = more;
        times->room = room;
    }
    times->ns[times->count++] = ns;
}

/* Only whole stays count: not the last one of an unfinished life, nor the first of a partial one.
 */
static void add_stays(const struct life *life)
{
    size_t first = 0;
    for (size_t i = 0; i < life->step_count; i++) {
        bool is_last = i + 1 == life->step_count;
        if (!is_last && life->steps[i + 1].state == life->steps[i].state)
            continue;
        bool is_whole = !(is_last && life->is_unfinished) && !(first == 0 && life->is_partial);
        if (is_whole)
            add_time(&summary.in_state[life->steps[i].state],
                     life_step_end_ns(life, i) - life->steps[first].time_ns);
        first = i + 1;
    }
}

static void hear(void *context, const struct life *life)
{
    (void)context;
    bool is_request = life->title[0] != '\0';
    summary.requests += is_request;
    summary.others += !is_request;
    summary.unfinished += is_request && life->answered_ns == 0;
    if (is_request && life->answered_ns > 0 && !life->is_partial)
        add_time(&summary.until_answered, life->answered_ns - life->begin_ns);
    add_stays(life);
}

static void take_signals(uint32_t count)
{
    summary.signal_wakeups++;
    summary.signals += count;
    if (count > summary.most_signals)
        summary.most_signals = count;
}

static void take_resumed(const struct trace_record *record)
{
    uint64_t *since = &summary.blocked_since[record->slot];
    if (*since > 0)
        add_time(&summary.blocked, record->time_ns - *since);
    *since = 0;
}

static void take_kind(const struct trace_record *record)
{
    switch ((enum trace_kind)record->kind) {
    case TRACE_TRANSITION:
    case TRACE_REQUEST: break;
    case TRACE_HIT: summary.hits++; break;
    case TRACE_MISS: summary.misses++; break;
    case TRACE_WOKEN:
        summary.wakeups++;
        summary.ready += record->count;
        break;
    case TRACE_SIGNALS: take_signals(record->count); break;
    case TRACE_RESCUED: summary.rescued += record->count; break;
    case TRACE_BLOCKED: summary.blocked_since[record->slot] = record->time_ns; break;
    case TRACE_RESUMED: take_resumed(record); break;
    }
}

/* --- printing ----------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static double ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

/* The smallest time that so many per cent of all do not exceed (nearest rank). */
static double percentile_ms(const struct times *times, unsigned percent)
{
    size_t rank = (times->count * percent + 99) / 100;
    return ms(times->ns[rank - 1]);
}

static void print_times(const char *name, struct times *times)
{
    uint64_t total = 0;
    if (times->count == 0)
        return;
    qsort(times->ns, times->count, sizeof *times->ns, compare);
    for (size_t i = 0; i < times->count; i++)
        total += times->ns[i];
    fprintf(summary.out, "%-12s %8zu %12.3f %10.3f %10.3f %10.3f %10.3f\n", name, times->count,
            ms(total), percentile_ms(times, 50), percentile_ms(times, 90), percentile_ms(times, 99),
            ms(times->ns[times->count - 1]));
    free(times->ns);
}

static void print_head(void)
{
    const struct trace_header *header = summary.reader->header;
    double seconds = (double)(summary.lives.latest_ns - header->started_ns) / 1e9;
    fprintf(summary.out, "%s at %s, %" PRIu32 " slots: %s\n", header->model, header->address,
            header->slots, header->options);
    fprintf(summary.out, "%" PRIu64 " records in %.3f s, %" PRIu64 " lost\n", summary.records,
            summary.lives.latest_ns > 0 ? seconds : 0.0, summary.reader->lost);
    fprintf(summary.out,
            "%" PRIu64 " requests, %" PRIu64 " of them not answered yet; %" PRIu64
            " times bytes, or their end, that asked for nothing\n\n",
            summary.requests, summary.unfinished, summary.others);
}

static void print_table(void)
{
    fprintf(summary.out, "%-12s %8s %12s %10s %10s %10s %10s\n", "in ms", "times", "total", "p50",
            "p90", "p99", "max");
    for (unsigned i = 0; i < summary.reader->header->states; i++)
        print_times(trace_reader_state(summary.reader, i), &summary.in_state[i]);
    print_times("to answer", &summary.until_answered);
    print_times("blocked", &summary.blocked);
}

static double each(uint64_t sum, uint64_t times)
{
    return times > 0 ? (double)sum / (double)times : 0;
}

static void print_rest(void)
{
    fprintf(summary.out, "\npage cache: %" PRIu64 " hits, %" PRIu64 " misses\n", summary.hits,
            summary.misses);
    if (summary.wakeups == 0)
        return;
    fprintf(summary.out, "woken %" PRIu64 " times, %.2f ready each\n", summary.wakeups,
            each(summary.ready, summary.wakeups));
    fprintf(summary.out,
            "signals from the disk: %" PRIu64 " in %" PRIu64 " wake-ups, %.2f each, %" PRIu64
            " at most; %" PRIu64 " reads found before their signal\n",
            summary.signals, summary.signal_wakeups, each(summary.signals, summary.signal_wakeups),
            summary.most_signals, summary.rescued);
}

/* --- the whole trace ---------------------------------------------------------------------- */

static bool begin(const struct trace_reader *reader, FILE *out)
{
    summary.reader = reader;
    summary.out = out;
    summary.blocked_since = calloc(reader->header->slots, sizeof *summary.blocked_since);
    return lives_create(&summary.lives, reader->header->slots, hear, NULL) &&
           summary.blocked_since != NULL;
}

static bool take(const struct trace_record *record)
{
    summary.records++;
    take_kind(record);
    return lives_take(&summary.lives, record) && !summary.has_no_memory;
}

static bool end(void)
{
    lives_destroy(&summary.lives);
    print_head();
    print_table();
    print_rest();
    free(summary.blocked_since);
    return !summary.has_no_memory;
}

const struct trace_output trace_summary = {"summary", begin, take, end};
