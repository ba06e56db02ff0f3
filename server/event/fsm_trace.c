/* The machine, told to a trace: whoever reads the trace can draw it, and knows its words. */
#include "core/trace.h"
#include "event/actions.h"

static const char *name_of(unsigned event)
{
    return event_name((enum event)event);
}

void fsm_describe(struct trace *trace, unsigned slots)
{
    struct trace_edge edges[TRACE_EDGES_MAX];
    struct trace_words words = {.event_name = name_of, .events = EVENT_COUNT, .edges = edges};
    for (unsigned state = 0; state < REQUEST_STATE_COUNT; state++)
        for (unsigned event = 0; event < EVENT_COUNT; event++) {
            const struct fsm_cell *cell = &fsm_table[state].on[event];
            if (cell->action == impossible || words.edge_count == TRACE_EDGES_MAX)
                continue;
            edges[words.edge_count++] = (struct trace_edge){
                .from = (uint8_t)state, .event = (uint8_t)event, .to = cell->next};
        }
    trace_describe(trace, "event", slots, &words);
}
