#include "event/fsm.h"

#include "event/actions.h"
#include "event/loop.h"

static const struct {
    const char *name, *meaning;
    enum event_source source;
} words[EVENT_COUNT] = {
#define X(name, source, meaning) {#name, meaning, source},
    FSM_EVENTS(X)
#undef X
};

const char *event_name(enum event event)
{
    return words[event].name;
}

const char *event_meaning(enum event event)
{
    return words[event].meaning;
}

enum event_source event_source(enum event event)
{
    return words[event].source;
}

/* The one place where a state is set. Whoever waited in a list for something does so no more. */
static void enter(struct request *request, enum request_state next)
{
    if (request->row.state == next)
        return;
    list_remove(&request->link);
    request->row.state = next;
    request->row.since_ms = request->loop->now_ms;
}

/* A fault of ours must not take the server down. It ends this connection, as its client could. */
static void end_connection(struct request *request)
{
    const struct fsm_cell *cell = &fsm_table[request->row.state].on[HUNG_UP];
    if (cell->action == impossible) /* there is no connection */
        return;
    enter(request, (enum request_state)cell->next);
    actions[cell->action].run(request);
}

static void fault(struct request *request, enum event event, const char *what)
{
    fprintf(stderr, "threeways: fault: slot %u: %s in state %s %s; the connection ends\n",
            request_slot(request), event_name(event), request_state_name(request->row.state), what);
    end_connection(request);
}

static void tell(const struct request *request, enum event event, const struct fsm_cell *cell)
{
    fprintf(stderr, "slot %3u  %-10s --%s / %s--> %s\n", request_slot(request),
            request_state_name(request->row.state), event_name(event), actions[cell->action].name,
            request_state_name((enum request_state)cell->next));
}

/* The step goes into the trace; and what the request is, and what the page cache had for it. */
static void record(const struct request *request, enum event event, const struct fsm_cell *cell)
{
    struct trace *trace = &request->loop->server->trace;
    int slot = (int)request_slot(request);
    trace_transition(trace, slot, request->generation, request->row.state, event,
                     (enum request_state)cell->next);
    if (event == COMPLETE || event == HAS_BODY)
        trace_request(trace, slot, request->generation, request->row.title);
    if (event == HIT && request->exchange.entry != NULL) /* else a reply without a file */
        trace_note(trace, TRACE_HIT, slot, request->generation, 0);
    if (event == MISS)
        trace_note(trace, TRACE_MISS, slot, request->generation, 0);
}

void fsm_step(struct request *request, enum event event)
{
    while (event != NOTHING) {
        const struct fsm_cell *cell = &fsm_table[request->row.state].on[event];
        const struct action *action = &actions[cell->action];
        if (cell->action == impossible) {
            fault(request, event, "has no cell");
            return;
        }
        if (request->loop->server->options.verbose)
            tell(request, event, cell);
        record(request, event, cell);
        enter(request, (enum request_state)cell->next);
        event = action->run(request);
        if (!(action->hands_on & ON(event))) {
            fault(request, event, "is not declared by the action that handed it on");
            return;
        }
    }
}
