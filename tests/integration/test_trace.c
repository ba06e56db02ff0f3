/*
 * The trace's truth: a server of each model answers a script of requests, with its disk held, and
 * what its trace says is compared with what was seen from outside, by the client and by slowdisk.
 */
#include "integration/trace.h"

#include <stdio.h>
#include <string.h>

static struct traced traced;

/* --- legal paths --------------------------------------------------------------------------------
 */

/* The paths of serve_connection() in models/blocking.c, read from its code. */
/* clang-format off */
static const enum request_state blocking_edges[][2] = {
    {FREE, IDLE},         {IDLE, READING},      {IDLE, FREE},
    {READING, FREE},      {READING, DISCARDING}, {READING, LOADING},
    {READING, JOINED},    {READING, SENDING},
    {DISCARDING, LOADING}, {DISCARDING, JOINED}, {DISCARDING, SENDING}, {DISCARDING, FREE},
    {LOADING, SENDING},   {JOINED, SENDING},    {SENDING, LOADING},
    {SENDING, IDLE},      {SENDING, READING},   {SENDING, LINGERING},
    {SENDING, FREE},      {LINGERING, FREE},
};
/* clang-format on */

static bool is_blocking_edge(const struct trace_record *record)
{
    for (size_t i = 0; i < sizeof blocking_edges / sizeof *blocking_edges; i++)
        if (blocking_edges[i][0] == record->from && blocking_edges[i][1] == record->to)
            return true;
    return false;
}

static bool is_edge_of_table(const struct trace_record *record)
{
    const struct trace_header *header = traced.reader.header;
    for (unsigned i = 0; i < header->edges; i++)
        if (header->edge[i].from == record->from && header->edge[i].event == record->event &&
            header->edge[i].to == record->to)
            return true;
    return false;
}

/* Each slot's transitions join on: from FREE to FREE, in one generation, never back in time. */
START_TEST(every_request_takes_a_legal_path)
{
    struct slot {
        uint64_t time_ns;
        unsigned state, generation;
    } slots[TRACED_MAX] = {0};
    unsigned steps = 0;
    run_script(&traced, (unsigned)_i);
    ck_assert_uint_le(traced.reader.header->slots, TRACED_MAX);
    for (unsigned i = 0; i < traced.count; i++) {
        const struct trace_record *record = &traced.records[i];
        if (record->kind != TRACE_TRANSITION)
            continue;
        struct slot *slot = &slots[record->slot];
        ck_assert_uint_eq(record->from, slot->state);
        ck_assert(slot->state == FREE || record->generation == slot->generation);
        ck_assert_uint_ge(record->time_ns, slot->time_ns);
        ck_assert_msg(_i == EVENT ? is_edge_of_table(record) : is_blocking_edge(record),
                      "%s --%s--> %s", trace_reader_state(&traced.reader, record->from),
                      trace_reader_event(&traced.reader, record->event),
                      trace_reader_state(&traced.reader, record->to));
        *slot = (struct slot){record->time_ns, record->to, record->generation};
        steps++;
    }
    for (unsigned i = 0; i < traced.reader.header->slots; i++)
        ck_assert_uint_eq(slots[i].state, FREE);
    ck_assert_uint_gt(steps, 4 * ASKED);
}
END_TEST

/* A line of the printed table: state, watches, clock, event, action, next; or the last three. */
static bool take_row(const char *line, char state[32], char event[32], char next[32])
{
    char words[7][32];
    int count = sscanf(line, "%31s %31s %31s %31s %31s %31s %31s", words[0], words[1], words[2],
                       words[3], words[4], words[5], words[6]);
    if (count == 6)
        strcpy(state, words[0]);
    if (count != 6 && count != 3)
        return false;
    strcpy(event, words[count - 3]);
    strcpy(next, words[count - 1]);
    return true;
}

static bool header_has_edge(const char *state, const char *event, const char *next)
{
    const struct trace_reader *reader = &traced.reader;
    for (unsigned i = 0; i < reader->header->edges; i++) {
        const struct trace_edge *edge = &reader->header->edge[i];
        if (strcmp(trace_reader_state(reader, edge->from), state) == 0 &&
            strcmp(trace_reader_event(reader, edge->event), event) == 0 &&
            strcmp(trace_reader_state(reader, edge->to), next) == 0)
            return true;
    }
    return false;
}

START_TEST(the_headers_edges_are_those_of_the_printed_table)
{
    static struct program_run run;
    const char *const words[] = {"--print-fsm=table", NULL};
    char state[32] = "", event[32], next[32], *rest = NULL;
    unsigned rows = 0;
    run_script(&traced, EVENT);
    run_program(&run, words);
    strtok_r(run.output, "\n", &rest); /* the heading, which is no row */
    for (char *line; (line = strtok_r(NULL, "\n", &rest)) != NULL;) {
        if (!take_row(line, state, event, next))
            continue;
        ck_assert_msg(header_has_edge(state, event, next), "%s --%s--> %s", state, event, next);
        rows++;
    }
    ck_assert_uint_gt(rows, 0);
    ck_assert_uint_eq(rows, traced.reader.header->edges);
}
END_TEST

/* --- what was seen from outside ------------------------------------------------------------------
 */

/* The record behind this one that concerns its slot and is of this kind, and leads to the state. */
static const struct trace_record *find_next(const struct trace_record *after, enum trace_kind kind,
                                            int state)
{
    for (const struct trace_record *record = after + 1; record < traced.records + traced.count;
         record++)
        if (record->kind == kind && record->slot == after->slot &&
            (kind != TRACE_TRANSITION || record->to == state))
            return record;
    ck_abort_msg("no such record follows");
    return NULL;
}

static const struct trace_record *find_title(const char *title)
{
    for (unsigned i = 0; i < traced.count; i++)
        if (traced.records[i].kind == TRACE_REQUEST && strcmp(traced.records[i].text, title) == 0)
            return &traced.records[i];
    ck_abort_msg("no request %s", title);
    return NULL;
}

/* The server was at the disk when slowdisk held its read, and until it let it go. */
static void demand_around(const struct trace_record *begin, const struct trace_record *end)
{
    const struct seen *seen = &traced.seen;
    ck_assert_uint_ge(begin->time_ns, seen->sent_ns);
    ck_assert_uint_le(begin->time_ns, seen->held_ns);
    ck_assert_uint_ge(end->time_ns, seen->released_ns);
    ck_assert_uint_le(end->time_ns, seen->answered_ns);
}

START_TEST(the_time_at_the_disk_is_what_the_client_waited)
{
    run_script(&traced, (unsigned)_i);
    const struct trace_record *asked = find_title("GET /piece0.bin");
    const struct trace_record *loading = find_next(asked, TRACE_TRANSITION, LOADING);
    demand_around(loading, find_next(loading, TRACE_TRANSITION, SENDING));
    if (_i == EVENT)
        return;
    const struct trace_record *blocked = find_next(loading, TRACE_BLOCKED, 0);
    demand_around(blocked, find_next(blocked, TRACE_RESUMED, 0));
}
END_TEST

static unsigned sum_of(enum trace_kind kind)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < traced.count; i++)
        if (traced.records[i].kind == kind)
            sum += kind == TRACE_WOKEN || kind == TRACE_SIGNALS ? traced.records[i].count : 1;
    return sum;
}

static unsigned count_entries(enum request_state state)
{
    unsigned count = 0;
    for (unsigned i = 0; i < traced.count; i++)
        count += traced.records[i].kind == TRACE_TRANSITION && traced.records[i].to == state &&
                 traced.records[i].from != state;
    return count;
}

START_TEST(what_happened_is_counted)
{
    run_script(&traced, (unsigned)_i);
    ck_assert_str_eq(traced.reader.header->model, model_names[_i]);
    ck_assert_uint_eq(sum_of(TRACE_REQUEST), ASKED);
    ck_assert_uint_eq(sum_of(TRACE_MISS), MISSES);
    ck_assert_uint_eq(sum_of(TRACE_HIT), HOT_REQUESTS + 1 + (_i == SINGLE));
    ck_assert_uint_eq(count_entries(LOADING), traced.reads);
    ck_assert_uint_eq(count_entries(JOINED), _i != SINGLE);
}
END_TEST

START_TEST(every_read_that_ended_was_signalled)
{
    run_script(&traced, EVENT);
    ck_assert_uint_eq(sum_of(TRACE_SIGNALS), traced.reads);
    ck_assert_uint_ge(sum_of(TRACE_WOKEN), traced.reads);
    ck_assert_uint_eq(sum_of(TRACE_BLOCKED), 0);
}
END_TEST

START_TEST(every_thread_that_blocked_went_on)
{
    bool is_blocked[TRACED_MAX] = {0};
    run_script(&traced, (unsigned)_i);
    for (unsigned i = 0; i < traced.count; i++) {
        const struct trace_record *record = &traced.records[i];
        if (record->kind != TRACE_BLOCKED && record->kind != TRACE_RESUMED)
            continue;
        ck_assert_uint_lt(record->thread, TRACED_MAX);
        ck_assert(is_blocked[record->thread] == (record->kind == TRACE_RESUMED));
        is_blocked[record->thread] = record->kind == TRACE_BLOCKED;
    }
    ck_assert_uint_ge(sum_of(TRACE_BLOCKED), traced.reads);
    ck_assert_uint_eq(sum_of(TRACE_BLOCKED), sum_of(TRACE_RESUMED));
    ck_assert_uint_eq(sum_of(TRACE_SIGNALS) + sum_of(TRACE_WOKEN), 0);
}
END_TEST

/* --- the suite -----------------------------------------------------------------------------------
 */

Suite *traces_suite(void)
{
    Suite *suite = suite_create("traces");
    TCase *truth = create_trace_case("trace_truth");
    tcase_add_loop_test(truth, every_request_takes_a_legal_path, 0, MODELS);
    tcase_add_test(truth, the_headers_edges_are_those_of_the_printed_table);
    tcase_add_loop_test(truth, the_time_at_the_disk_is_what_the_client_waited, 0, MODELS);
    tcase_add_loop_test(truth, what_happened_is_counted, 0, MODELS);
    tcase_add_test(truth, every_read_that_ended_was_signalled);
    tcase_add_loop_test(truth, every_thread_that_blocked_went_on, THREADS, MODELS);
    suite_add_tcase(suite, truth);
    suite_add_tcase(suite, trace_exports_case());
    suite_add_tcase(suite, trace_program_case());
    return suite;
}
