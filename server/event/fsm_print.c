/*
 * The machine, printed: as a table for people, and as a graph for Graphviz. Both are made from
 * fsm_table, so neither can say anything else.
 */
#include "event/actions.h"

#include <string.h>

static const char *watch_name(enum fsm_watch watch)
{
    static const char *const names[] = {[NO_WATCH] = "-", [INPUT] = "input", [OUTPUT] = "output"};
    return names[watch];
}

static const char *timer_name(enum fsm_timer timer)
{
    static const char *const names[FSM_TIMERS] = {
        [NO_TIMER] = "-",     [IDLE_TIME] = "idle", [REQUEST_TIME] = "request",
        [DISK_TIME] = "disk", [SEND_TIME] = "send", [LINGER_TIME] = "linger"};
    return names[timer];
}

static void print_cell(FILE *out, enum request_state state, enum event event, bool first)
{
    const struct fsm_row *row = &fsm_table[state];
    const struct fsm_cell *cell = &row->on[event];
    fprintf(out, "%-11s %-7s %-8s %-12s %-16s %s\n", first ? request_state_name(state) : "",
            first ? watch_name(row->watch) : "", first ? timer_name(row->timer) : "",
            event_name(event), actions[cell->action].name,
            request_state_name((enum request_state)cell->next));
}

void fsm_print_table(FILE *out)
{
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

struct point {
    double x, y; /* inches */
};

/* Where a person expects the states: round from IDLE and back to it, with the disk to the right. */
/* clang-format off */
static const struct point places[REQUEST_STATE_COUNT] = {
    [YIELDED]    = {3.4,  3.0}, [DISCARDING] = {4.8, 6.0},
    [READING]    = {9.4,  3.6}, [WAITING]    = {17.0, 4.6},
    [FREE]       = {0.0,  0.0}, [IDLE]       = {4.4, 0.0},
    [JOINED]     = {12.3, 0.0}, [LOADING]    = {18.4, 0.0},
    [SENDING]    = {9.4, -3.6}, [ABANDONED]  = {18.0, -4.2},
    [LINGERING]  = {4.4, -4.6},
};

/* Where the label of an arrow stands: so far from the middle of its ends. */
static const struct nudge {
    enum request_state from, to;
    struct point by;
} nudges[] = {
    {FREE,       IDLE,       {0.0,   0.3}}, {IDLE,       READING,   {0.9,  -0.3}},
    {IDLE,       YIELDED,    {-0.55, 0.1}}, {YIELDED,    READING,   {0.4,  0.3}},
    {READING,    DISCARDING, {0.9,   0.25}}, {DISCARDING, READING,  {-0.3, -0.45}},
    {READING,    WAITING,    {0.0,   0.4}}, {WAITING,    READING,   {0.6,  -0.25}},
    {READING,    JOINED,     {0.35,  0.2}}, {READING,    LOADING,   {1.2,   0.0}},
    {READING,    SENDING,    {-0.85, 0.5}}, {DISCARDING, SENDING,   {-2.8,  3.4}},
    {WAITING,    SENDING,    {1.3,   0.5}}, {JOINED,     SENDING,   {-0.55, 0.7}},
    {LOADING,    WAITING,    {0.4,   0.0}}, {LOADING,    SENDING,   {1.5,  -0.4}},
    {LOADING,    ABANDONED,  {0.75,  0.0}}, {SENDING,    LOADING,   {1.2,   0.85}},
    {SENDING,    IDLE,       {-0.5, -0.1}}, {SENDING,    LINGERING, {0.0,  -0.35}},
};
/* clang-format on */

/* The events that lead from one state to another share an arrow. Returns false if there are none.
 */
static bool join_events(char *text, size_t size, const char *separator, enum request_state from,
                        enum request_state to)
{
    *text = '\0';
    for (enum event event = NOTHING; event < EVENT_COUNT; event++) {
        const struct fsm_cell *cell = &fsm_table[from].on[event];
        size_t length = strlen(text);
        if (cell->action == impossible || cell->next != to)
            continue;
        snprintf(text + length, size - length, "%s%s", length > 0 ? separator : "",
                 event_name(event));
    }
    return *text != '\0';
}

/* A state's box also names the events that it stays in for, which have a small arrow only. */
static void print_state(FILE *out, enum request_state state)
{
    char stays[128];
    fprintf(out, "  %s [pos=\"%.1f,%.1f!\", fillcolor=\"%s\"", request_state_name(state),
            places[state].x, places[state].y, request_state_colour(state));
    if (join_events(stays, sizeof stays, " ", state, state))
        fprintf(out, ", label=<%s<BR/><FONT POINT-SIZE=\"12\">stays on %s</FONT>>",
                request_state_name(state), stays);
    fputs("];\n", out);
}

/* The label of an arrow is a node of its own, so that it stands where there is room. */
static void print_label(FILE *out, enum request_state from, enum request_state to, const char *text)
{
    struct point at = {(places[from].x + places[to].x) / 2, (places[from].y + places[to].y) / 2};
    for (size_t i = 0; i < sizeof nudges / sizeof *nudges; i++)
        if (nudges[i].from == from && nudges[i].to == to) {
            at.x += nudges[i].by.x;
            at.y += nudges[i].by.y;
        }
    fprintf(out,
            "  %s_%s [shape=plain, style=\"\", fixedsize=false, fontsize=16, "
            "pos=\"%.2f,%.2f!\", label=\"%s\"];\n",
            request_state_name(from), request_state_name(to), at.x, at.y, text);
}

static void print_arrows(FILE *out, enum request_state from)
{
    char text[256];
    for (enum request_state to = FREE; to < REQUEST_STATE_COUNT; to++) {
        if (!join_events(text, sizeof text, "\\n", from, to))
            continue;
        bool is_plain = to != FREE && to != from;
        fprintf(out, "  %s -> %s%s;\n", request_state_name(from), request_state_name(to),
                is_plain ? "" : " [color=\"#BBBBBB\", penwidth=1]");
        if (is_plain)
            print_label(out, from, to, text);
    }
}

void fsm_print_dot(FILE *out)
{
    fputs("digraph request {\n"
          "  layout=neato; splines=true; esep=\"+3\"; bgcolor=white; pad=0.3;\n"
          "  node [shape=box, style=\"rounded,filled\", fixedsize=true, width=2.7, height=0.9,\n"
          "        fontname=\"DejaVu Sans\", fontsize=20, penwidth=2];\n"
          "  edge [fontname=\"DejaVu Sans\", fontsize=16, penwidth=2];\n",
          out);
    for (enum request_state state = FREE; state < REQUEST_STATE_COUNT; state++)
        print_state(out, state);
    for (enum request_state from = FREE; from < REQUEST_STATE_COUNT; from++)
        print_arrows(out, from);
    fputs("}\n", out);
}
