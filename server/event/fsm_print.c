/*
 * The machine, printed: as a table for people, and as a graph for Graphviz. Both are made from
 * fsm_table, so neither can say anything else.
 */
#include "event/actions.h"

#include <string.h>

static const char *watch_name(enum fsm_watch watch) {
    static const char *const names[] = {[NO_WATCH] = "-", [INPUT] = "input", [OUTPUT] = "output"};
    return names[watch];
}

static const char *timer_name(enum fsm_timer timer) {
    static const char *const names[FSM_TIMERS] = {
        [NO_TIMER] = "-",     [IDLE_TIME] = "idle", [REQUEST_TIME] = "request",
        [DISK_TIME] = "disk", [SEND_TIME] = "send", [LINGER_TIME] = "linger"};
    return names[timer];
}

static void print_cell(FILE *out, enum request_state state, enum event event, bool first) {
    const struct fsm_row *row = &fsm_table[state];
    const struct fsm_cell *cell = &row->on[event];
    fprintf(out, "%-11s %-7s %-8s %-12s %-16s %s\n", first ? request_state_name(state) : "",
            first ? watch_name(row->watch) : "", first ? timer_name(row->timer) : "",
            event_name(event), actions[cell->action].name,
            request_state_name((enum request_state)cell->next));
}

void fsm_print_table(FILE *out) {
    unsigned cells = 0;
    fprintf(out, "%-11s %-7s %-8s %-12s %-16s %s\n", "state", "watches", "clock", "event", "action",
            "next state");
    for (enum request_state state = FREE; state < REQUEST_STATE_COUNT; state++) {
        bool first = true;
        fputc('\n', out);
        for (enum event event = NOTHING; event < EVENT_COUNT; event++) {
            if (fsm_table[state].on[event].action == impossible)
                continue;
            print_cell(out, state, event, first);
            first = false;
            cells++;
        }
    }
    fprintf(out, "\n%d states, %d events, %u transitions; every other pair is impossible\n",
            REQUEST_STATE_COUNT, EVENT_COUNT - 1, cells);
}

/* --- the graph ---------------------------------------------------------------------------- */

/* Where a person expects the states: the way of a request from left to right. In inches. */
static const struct place {
    double x, y;
} places[REQUEST_STATE_COUNT] = {
    [FREE] = {0, 0},           [IDLE] = {3.4, 0},         [READING] = {7.2, 0},
    [LOADING] = {12.4, 0},     [SENDING] = {17.2, 0},     [LINGERING] = {17.2, -4.2},
    [DISCARDING] = {5.3, 3.2}, [YIELDED] = {3.4, -3.0},   [WAITING] = {10.2, 3.2},
    [JOINED] = {12.4, -3.0},   [ABANDONED] = {14.6, 3.2},
};

/* How far a label stands from the middle of its arrow, where the middle is taken. */
static const struct nudge {
    enum request_state from, to;
    double x, y;
} nudges[] = {
    {IDLE, READING, 0, 0.35},          {READING, LOADING, 0, 0.3},
    {LOADING, SENDING, 0, 0.3},        {READING, SENDING, 0, -1.25},
    {SENDING, IDLE, 0, -2.1},          {READING, DISCARDING, 0.75, 0.15},
    {DISCARDING, READING, -1.0, -0.1}, {READING, WAITING, -0.75, 0.25},
    {WAITING, READING, 0.7, -0.2},     {LOADING, WAITING, 0.9, 0.2},
    {WAITING, SENDING, 0.6, 0.6},      {JOINED, SENDING, 0.9, -0.35},
    {READING, JOINED, -0.5, -0.3},     {SENDING, LOADING, 0, -0.45},
    {DISCARDING, SENDING, 0.2, 2.0},   {IDLE, YIELDED, -0.8, 0},
    {YIELDED, READING, 0.75, -0.3},    {SENDING, LINGERING, 1.2, 0},
    {LOADING, ABANDONED, -0.3, 0.75},
};

static void print_states(FILE *out) {
    for (enum request_state state = FREE; state < REQUEST_STATE_COUNT; state++)
        fprintf(out, "  %s [pos=\"%.1f,%.1f!\", fillcolor=\"%s\"];\n", request_state_name(state),
                places[state].x, places[state].y, request_state_colour(state));
}

/* The label of an arrow is a node of its own, so that it stands where there is room. */
static void print_label(FILE *out, enum request_state from, enum request_state to,
                        const char *text) {
    double x = (places[from].x + places[to].x) / 2, y = (places[from].y + places[to].y) / 2;
    if (from == to)
        y += from == JOINED || from == LINGERING ? -0.75 : 0.8;
    for (size_t i = 0; i < sizeof nudges / sizeof *nudges; i++)
        if (nudges[i].from == from && nudges[i].to == to) {
            x += nudges[i].x;
            y += nudges[i].y;
        }
    fprintf(out,
            "  %s_%s [shape=plain, style=\"\", fontsize=15, pos=\"%.2f,%.2f!\", "
            "width=0, height=0, label=\"%s\"];\n",
            request_state_name(from), request_state_name(to), x, y, text);
}

/* All events that lead from one state to another share an arrow. Returns false if there are none.
 */
static bool join_events(char *text, size_t size, enum request_state from, enum request_state to) {
    *text = '\0';
    for (enum event event = NOTHING; event < EVENT_COUNT; event++) {
        const struct fsm_cell *cell = &fsm_table[from].on[event];
        size_t length = strlen(text);
        if (cell->action == impossible || cell->next != to)
            continue;
        snprintf(text + length, size - length, "%s%s", length > 0 ? "\\n" : "", event_name(event));
    }
    return *text != '\0';
}

static void print_arrows(FILE *out, enum request_state from) {
    char text[256];
    for (enum request_state to = FREE; to < REQUEST_STATE_COUNT; to++) {
        if (!join_events(text, sizeof text, from, to))
            continue;
        bool ends = to == FREE;
        fprintf(out, "  %s -> %s%s;\n", request_state_name(from), request_state_name(to),
                ends ? " [color=\"#BBBBBB\", penwidth=1]" : "");
        if (!ends && from != to)
            print_label(out, from, to, text);
    }
}

void fsm_print_dot(FILE *out) {
    fputs("digraph request {\n"
          "  layout=neato; splines=true; esep=\"+3\"; bgcolor=transparent;\n"
          "  node [shape=box, style=\"rounded,filled\", fixedsize=true, width=1.9, height=0.85,\n"
          "        fontname=\"DejaVu Sans\", fontsize=20, penwidth=2];\n"
          "  edge [fontname=\"DejaVu Sans\", fontsize=16, penwidth=2];\n",
          out);
    print_states(out);
    for (enum request_state from = FREE; from < REQUEST_STATE_COUNT; from++)
        print_arrows(out, from);
    fputs("}\n", out);
}
