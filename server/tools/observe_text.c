#include "tools/observe_text.h"

#include "tools/observe_tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { ROWS_MOST = 5, TIME_BYTES = 16, NS_PER_MS = 1000000 };

static const char to_top[] = "\033[H", clear_rest_of_line[] = "\033[K", clear_below[] = "\033[J";

struct view {
    struct watched_servers *servers;
    struct tally tallies[WATCHED_MOST];
    uint64_t answered_before[WATCHED_MOST];
    const char *line_end;
    bool is_terminal;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* "1.234 s", "12.3 ms"; "-" for nothing. */
static const char *time_text(char text[TIME_BYTES], uint64_t ns)
{
    double ms = (double)ns / NS_PER_MS;
    if (ns == 0)
        snprintf(text, TIME_BYTES, "-");
    else if (ms >= 1000)
        snprintf(text, TIME_BYTES, "%.2f s", ms / 1000);
    else
        snprintf(text, TIME_BYTES, ms >= 10 ? "%.0f ms" : "%.2f ms", ms);
    return text;
}

/* --- the two tables ----------------------------------------------------------------------- */

static void print_rates(const struct view *view, size_t i)
{
    char hot50[TIME_BYTES], hot99[TIME_BYTES], cold50[TIME_BYTES], cold99[TIME_BYTES];
    const struct tally *tally = &view->tallies[i];
    printf("%-12.12s %8" PRIu64 " %9u %10s %10s %10s %10s%s", view->servers->at[i].name,
           tally->answered - view->answered_before[i], tally_in_flight(tally),
           time_text(hot50, tally_percentile(&tally->hot, 50)),
           time_text(hot99, tally_percentile(&tally->hot, 99)),
           time_text(cold50, tally_percentile(&tally->cold, 50)),
           time_text(cold99, tally_percentile(&tally->cold, 99)), view->line_end);
}

static void print_states(const struct view *view, const struct watched *server,
                         const struct tally *tally)
{
    const struct trace_header *header = server->reader.header;
    int length = printf("%s, %s:", server->name, header->address);
    for (unsigned state = 0; state < header->states; state++)
        if (tally->in_state[state] > 0 && length < 66)
            length += printf("  %u %s", tally->in_state[state], header->state_names[state]);
    if (trace_reader_is_over(&server->reader))
        printf("  (has ended)");
    fputs(view->line_end, stdout);
}

static void print_rows(const struct view *view, const struct tally *tally)
{
    char since[TIME_BYTES];
    unsigned shown = 0, left_out = 0;
    uint64_t now = now_ns();
    for (unsigned i = 0; i < tally->header->slots; i++) {
        const struct tally_slot *slot = &tally->slots[i];
        if (slot->state == FREE)
            continue;
        if (shown++ < ROWS_MOST)
            printf("  %4u  %-11s %9s   %s%s", i, tally->header->state_names[slot->state],
                   time_text(since, now > slot->since_ns ? now - slot->since_ns : 0), slot->title,
                   view->line_end);
        else
            left_out++;
    }
    if (left_out > 0)
        printf("        and %u more%s", left_out, view->line_end);
}

static void print_view(const struct view *view)
{
    if (view->is_terminal)
        fputs(to_top, stdout);
    printf("%-12s %8s %9s %10s %10s %10s %10s%s", "server", "reqs/s", "in flight", "hot p50",
           "hot p99", "cold p50", "cold p99", view->line_end);
    for (size_t i = 0; i < view->servers->count; i++)
        print_rates(view, i);
    for (size_t i = 0; i < view->servers->count; i++) {
        fputs(view->line_end, stdout);
        print_states(view, &view->servers->at[i], &view->tallies[i]);
        print_rows(view, &view->tallies[i]);
    }
    printf("%sTimes count from a request's first byte at the server: who waits at the door of%s"
           "one who is busy is not seen here; threeways-send, a client, sees it.%s%s",
           view->line_end, view->line_end, view->line_end, view->line_end);
    if (view->is_terminal)
        fputs(clear_below, stdout);
    fflush(stdout);
}

/* --- the loop ----------------------------------------------------------------------------- */

static bool begin(struct view *view)
{
    for (size_t i = 0; i < view->servers->count; i++)
        if (!tally_create(&view->tallies[i], view->servers->at[i].reader.header))
            return false;
    return true;
}

/* Returns whether a server is left that has not ended. */
static bool read_traces(struct view *view)
{
    bool any = false;
    for (size_t i = 0; i < view->servers->count; i++) {
        struct trace_record record;
        enum trace_read read;
        view->answered_before[i] = view->tallies[i].answered;
        while ((read = trace_reader_next(&view->servers->at[i].reader, &record)) ==
               TRACE_READ_RECORD)
            tally_take(&view->tallies[i], &record);
        any |= read != TRACE_READ_END;
    }
    return any;
}

bool observe_text(struct watched_servers *servers)
{
    const struct timespec second = {.tv_sec = 1};
    char line_end[sizeof clear_rest_of_line + 1];
    struct view view = {.servers = servers, .line_end = line_end};
    view.is_terminal = isatty(STDOUT_FILENO) == 1;
    snprintf(line_end, sizeof line_end, "%s\n", view.is_terminal ? clear_rest_of_line : "");
    if (!begin(&view))
        return false;
    read_traces(&view); /* what happened before is in the tables, and counts for no rate */
    for (bool any = true; any;) {
        any = read_traces(&view);
        print_view(&view);
        if (any)
            nanosleep(&second, NULL);
    }
    for (size_t i = 0; i < servers->count; i++)
        tally_destroy(&view.tallies[i]);
    return true;
}
