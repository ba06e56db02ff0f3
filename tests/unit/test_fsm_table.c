/*
 * The machine's table, read as data.
 *
 * That no cell is empty would prove nothing, because pairs that nobody lists are impossible by
 * default. So what each state can meet from outside is written out here by hand, and what actions
 * hand on is followed from cell to cell.
 */
#include "event/actions.h"
#include "unit/fsm_cases.h"

#include <string.h>

enum { STATES = 11, EVENTS = 26, CELLS = 55 };

/* What the world, and other requests, can do to a request; and what its state waits for. */
static const struct expectation {
    uint32_t meets;
    enum fsm_watch watch;
    enum fsm_timer timer;
} expected[REQUEST_STATE_COUNT] = {
    [FREE] = {ON(ACCEPTED), NO_WATCH, NO_TIMER},
    [IDLE] = {ON(READABLE) | ON(HUNG_UP) | ON(TIMED_OUT) | ON(STOPPING), INPUT, IDLE_TIME},
    [READING] = {ON(READABLE) | ON(HUNG_UP) | ON(TIMED_OUT), INPUT, REQUEST_TIME},
    [DISCARDING] = {ON(READABLE) | ON(HUNG_UP) | ON(TIMED_OUT), INPUT, REQUEST_TIME},
    [YIELDED] = {ON(TURN) | ON(HUNG_UP), NO_WATCH, NO_TIMER},
    [WAITING] = {ON(READABLE) | ON(TURN) | ON(HUNG_UP) | ON(TIMED_OUT), INPUT, DISK_TIME},
    [JOINED] = {ON(READABLE) | ON(LOADED) | ON(LOAD_FAILED) | ON(HUNG_UP) | ON(TIMED_OUT), INPUT,
                DISK_TIME},
    [LOADING] = {ON(READABLE) | ON(DISK_DONE) | ON(DISK_FAILED) | ON(HUNG_UP) | ON(TIMED_OUT),
                 INPUT, DISK_TIME},
    [SENDING] = {ON(WRITABLE) | ON(HUNG_UP) | ON(TIMED_OUT), OUTPUT, SEND_TIME},
    [LINGERING] = {ON(READABLE) | ON(HUNG_UP) | ON(TIMED_OUT), INPUT, LINGER_TIME},
    [ABANDONED] = {ON(DISK_DONE) | ON(DISK_FAILED), NO_WATCH, NO_TIMER},
};

/* Actions that make a state what it is: they lead there, and nothing else does from elsewhere. */
static const struct {
    uint32_t actions; /* a bit for each */
    enum request_state state;
} makers[] = {
    {ON(release) | ON(finish_alone), FREE},
    {ON(open_connection) | ON(next_request), IDLE},
    {ON(receive) | ON(parse) | ON(look_up) | ON(take_turn), READING},
    {ON(discard_body), DISCARDING},
    {ON(yield_turn), YIELDED},
    {ON(wait_place), WAITING},
    {ON(join_read), JOINED},
    {ON(start_read), LOADING},
    {ON(use_data) | ON(begin_reply) | ON(reply_refusal) | ON(reply_408) | ON(reply_500) |
         ON(reply_503),
     SENDING},
    {ON(linger), LINGERING},
    {ON(let_go) | ON(give_up), ABANDONED},
};

/* --- small words -------------------------------------------------------------------------- */

static const struct fsm_cell *cell_at(enum request_state state, enum event event)
{
    const struct fsm_cell *cell = &fsm_table[state].on[event];
    return cell->action != impossible ? cell : NULL;
}

static bool is_outcome_only(enum event event)
{
    return event != NOTHING && event_source(event) == OUTCOME;
}

/* Whether some cell leaves the machine in `state` with an action that may hand on `event`. */
static bool can_be_handed_on(enum request_state state, enum event event)
{
    for (enum request_state from = FREE; from < REQUEST_STATE_COUNT; from++)
        for (enum event by = ACCEPTED; by < EVENT_COUNT; by++) {
            const struct fsm_cell *cell = cell_at(from, by);
            if (cell != NULL && cell->next == state && actions[cell->action].hands_on & ON(event))
                return true;
        }
    return false;
}

/* Marks every state that can be reached from one that is marked. */
static void spread(bool reached[REQUEST_STATE_COUNT])
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (enum request_state from = FREE; from < REQUEST_STATE_COUNT; from++)
            for (enum event event = ACCEPTED; event < EVENT_COUNT && reached[from]; event++) {
                const struct fsm_cell *cell = cell_at(from, event);
                if (cell == NULL || reached[cell->next])
                    continue;
                reached[cell->next] = changed = true;
            }
    }
}

/* --- tests -------------------------------------------------------------------------------- */

START_TEST(machine_has_its_size)
{
    unsigned cells = 0;
    for (enum request_state state = FREE; state < REQUEST_STATE_COUNT; state++)
        for (enum event event = ACCEPTED; event < EVENT_COUNT; event++)
            cells += cell_at(state, event) != NULL;
    ck_assert_int_eq(REQUEST_STATE_COUNT, STATES);
    ck_assert_int_eq(EVENT_COUNT - 1, EVENTS); /* NOTHING is no event */
    ck_assert_uint_eq(cells, CELLS);
}
END_TEST

START_TEST(state_meets_what_the_world_can_do_and_no_more)
{
    for (enum event event = ACCEPTED; event < EVENT_COUNT; event++) {
        bool has_cell = cell_at((enum request_state)_i, event) != NULL;
        bool can_meet = expected[_i].meets & ON(event);
        if (is_outcome_only(event) || has_cell == can_meet)
            continue;
        ck_abort_msg("%s in state %s %s", event_name(event),
                     request_state_name((enum request_state)_i),
                     has_cell ? "cannot happen but has a cell" : "can happen but has no cell");
    }
}
END_TEST

START_TEST(state_watches_and_times_what_it_waits_for)
{
    ck_assert_int_eq(fsm_table[_i].watch, expected[_i].watch);
    ck_assert_int_eq(fsm_table[_i].timer, expected[_i].timer);
}
END_TEST

START_TEST(nothing_is_no_event_of_a_cell)
{
    ck_assert_ptr_null(cell_at((enum request_state)_i, NOTHING));
}
END_TEST

START_TEST(every_declared_outcome_has_a_cell)
{
    for (enum event event = ACCEPTED; event < EVENT_COUNT; event++) {
        const struct fsm_cell *cell = cell_at((enum request_state)_i, event);
        for (enum event next = ACCEPTED; cell != NULL && next < EVENT_COUNT; next++) {
            bool declared = actions[cell->action].hands_on & ON(next);
            enum request_state state = (enum request_state)cell->next;
            ck_assert_msg(!declared || cell_at(state, next) != NULL,
                          "%s on %s runs %s, which may hand on %s, which %s does not know",
                          request_state_name((enum request_state)_i), event_name(event),
                          actions[cell->action].name, event_name(next), request_state_name(state));
        }
    }
}
END_TEST

START_TEST(no_cell_is_dead)
{
    for (enum event event = ACCEPTED; event < EVENT_COUNT; event++) {
        if (!is_outcome_only(event) || cell_at((enum request_state)_i, event) == NULL)
            continue;
        ck_assert_msg(can_be_handed_on((enum request_state)_i, event),
                      "no action hands on %s in state %s", event_name(event),
                      request_state_name((enum request_state)_i));
    }
}
END_TEST

START_TEST(every_state_is_reached_from_free)
{
    bool reached[REQUEST_STATE_COUNT] = {[FREE] = true};
    spread(reached);
    ck_assert_msg(reached[_i], "%s is never reached", request_state_name((enum request_state)_i));
}
END_TEST

START_TEST(every_state_leads_back_to_free)
{
    bool reached[REQUEST_STATE_COUNT] = {false};
    reached[_i] = true;
    spread(reached);
    ck_assert_msg(reached[FREE], "%s never ends", request_state_name((enum request_state)_i));
}
END_TEST

/* A slot in FREE that nobody has released would be lost; a queue without its member, too. */
START_TEST(states_are_entered_by_the_actions_that_make_them)
{
    enum request_state state = makers[_i].state;
    for (enum request_state from = FREE; from < REQUEST_STATE_COUNT; from++)
        for (enum event event = ACCEPTED; event < EVENT_COUNT; event++) {
            const struct fsm_cell *cell = cell_at(from, event);
            if (cell == NULL || (cell->next == from && from == state))
                continue;
            bool makes = makers[_i].actions & ON(cell->action);
            ck_assert_msg(makes == (cell->next == state), "%s on %s runs %s and goes to %s",
                          request_state_name(from), event_name(event), actions[cell->action].name,
                          request_state_name((enum request_state)cell->next));
        }
}
END_TEST

START_TEST(names_are_unique)
{
    for (enum event a = NOTHING; a < EVENT_COUNT; a++)
        for (enum event b = NOTHING; b < a; b++)
            ck_assert_str_ne(event_name(a), event_name(b));
    for (enum request_state a = FREE; a < REQUEST_STATE_COUNT; a++)
        for (enum request_state b = FREE; b < a; b++)
            ck_assert_str_ne(request_state_name(a), request_state_name(b));
    for (size_t a = 0; a < ACTION_COUNT; a++)
        for (size_t b = 0; b < a; b++)
            ck_assert_str_ne(actions[a].name, actions[b].name);
}
END_TEST

START_TEST(every_event_has_a_meaning)
{
    for (enum event event = NOTHING; event < EVENT_COUNT; event++)
        ck_assert_uint_gt(strlen(event_meaning(event)), 0);
}
END_TEST

START_TEST(every_action_is_used)
{
    for (unsigned action = impossible + 1; action < ACTION_COUNT; action++) {
        unsigned uses = 0;
        for (enum request_state state = FREE; state < REQUEST_STATE_COUNT; state++)
            for (enum event event = ACCEPTED; event < EVENT_COUNT; event++)
                uses += fsm_table[state].on[event].action == action;
        ck_assert_msg(uses > 0, "no cell runs %s", actions[action].name);
    }
}
END_TEST

TCase *fsm_table_case(void)
{
    TCase *tcase = tcase_create("fsm_table");
    tcase_add_test(tcase, machine_has_its_size);
    tcase_add_loop_test(tcase, state_meets_what_the_world_can_do_and_no_more, 0, STATES);
    tcase_add_loop_test(tcase, state_watches_and_times_what_it_waits_for, 0, STATES);
    tcase_add_loop_test(tcase, nothing_is_no_event_of_a_cell, 0, STATES);
    tcase_add_loop_test(tcase, every_declared_outcome_has_a_cell, 0, STATES);
    tcase_add_loop_test(tcase, no_cell_is_dead, 0, STATES);
    tcase_add_loop_test(tcase, every_state_is_reached_from_free, 0, STATES);
    tcase_add_loop_test(tcase, every_state_leads_back_to_free, 0, STATES);
    tcase_add_loop_test(tcase, states_are_entered_by_the_actions_that_make_them, 0,
                        sizeof makers / sizeof *makers);
    tcase_add_test(tcase, names_are_unique);
    tcase_add_test(tcase, every_event_has_a_meaning);
    tcase_add_test(tcase, every_action_is_used);
    return tcase;
}
