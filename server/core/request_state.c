#include "core/request_state.h"

static const struct {
    const char *name, *colour, *waits_for;
} words[REQUEST_STATE_COUNT] = {
#define X(name, colour, waits_for) {#name, colour, waits_for},
    REQUEST_STATES(X)
#undef X
};

const char *request_state_name(enum request_state state)
{
    return words[state].name;
}

const char *request_state_waits_for(enum request_state state)
{
    return words[state].waits_for;
}

const char *request_state_colour(enum request_state state)
{
    return words[state].colour;
}
