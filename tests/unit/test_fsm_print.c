/*
 * The machine, printed: what people and Graphviz are shown is the table, all of it and no more.
 */
#include "event/actions.h"
#include "unit/fsm_cases.h"

#include <string.h>

enum { WORD = 32, LINE = 256, TEXT_ROOM = 64 * 1024 };

#define WORD_FORMAT "%31s" /* of WORD bytes, with its NUL */

/* Has `print` print into memory that the next call overwrites. */
static char *printed(void (*print)(FILE *out))
{
    static char text[TEXT_ROOM];
    FILE *out = fmemopen(text, sizeof text, "w");
    ck_assert_ptr_nonnull(out);
    print(out);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_uint_lt(strlen(text), sizeof text - 1);
    return text;
}

static enum request_state state_named(const char *name)
{
    for (enum request_state state = FREE; state < REQUEST_STATE_COUNT; state++)
        if (strcmp(request_state_name(state), name) == 0)
            return state;
    ck_abort_msg("no state is called %s", name);
    return FREE;
}

static enum event event_named(const char *name)
{
    for (enum event event = ACCEPTED; event < EVENT_COUNT; event++)
        if (strcmp(event_name(event), name) == 0)
            return event;
    ck_abort_msg("no event is called %s", name);
    return NOTHING;
}

/* --- the table ---------------------------------------------------------------------------- */

static bool seen[REQUEST_STATE_COUNT][EVENT_COUNT];

static void take_cell(enum request_state state, const char *line)
{
    char event[WORD], action[WORD], next[WORD];
    ck_assert_msg(sscanf(line, WORD_FORMAT WORD_FORMAT WORD_FORMAT, event, action, next) == 3,
                  "not a transition: %s", line);
    const struct fsm_cell *cell = &fsm_table[state].on[event_named(event)];
    ck_assert_msg(!seen[state][event_named(event)], "%s is there twice", line);
    seen[state][event_named(event)] = true;
    ck_assert_str_eq(action, actions[cell->action].name);
    ck_assert_int_eq(state_named(next), cell->next);
}

/* A line with a word in its first column begins a state; the words up to the event are its row. */
static const char *take_row(const char *line, enum request_state *state)
{
    static const char *const watches[] = {"-", "input", "output"};
    static const char *const timers[] = {"-", "idle", "request", "disk", "send", "linger"};
    char name[WORD], watch[WORD], timer[WORD];
    int length = 0;
    if (*line == ' ')
        return line;
    ck_assert_int_eq(
        sscanf(line, WORD_FORMAT WORD_FORMAT WORD_FORMAT "%n", name, watch, timer, &length), 3);
    *state = state_named(name);
    ck_assert_str_eq(watch, watches[fsm_table[*state].watch]);
    ck_assert_str_eq(timer, timers[fsm_table[*state].timer]);
    return line + length;
}

START_TEST(printed_table_lists_exactly_the_cells)
{
    enum request_state state = FREE;
    unsigned states = 0, events = 0, cells = 0;
    char *line;
    strtok(printed(fsm_print_table), "\n"); /* the heading */
    while ((line = strtok(NULL, "\n")) != NULL &&
           sscanf(line, "%u states, %u events, %u transitions", &states, &events, &cells) != 3) {
        const char *cell = take_row(line, &state);
        take_cell(state, cell);
    }
    ck_assert_ptr_nonnull(line);
    ck_assert_uint_eq(states, REQUEST_STATE_COUNT);
    ck_assert_uint_eq(events, EVENT_COUNT - 1);
    for (state = FREE; state < REQUEST_STATE_COUNT; state++)
        for (enum event event = NOTHING; event < EVENT_COUNT; event++) {
            ck_assert_int_eq(seen[state][event], fsm_table[state].on[event].action != impossible);
            cells -= seen[state][event];
        }
    ck_assert_uint_eq(cells, 0);
}
END_TEST

/* --- the graph ---------------------------------------------------------------------------- */

static bool leads_to(enum request_state from, enum request_state to)
{
    for (enum event event = ACCEPTED; event < EVENT_COUNT; event++)
        if (fsm_table[from].on[event].action != impossible && fsm_table[from].on[event].next == to)
            return true;
    return false;
}

static unsigned count_lines(const char *text, const char *beginning)
{
    unsigned count = 0;
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += strncmp(line, beginning, strlen(beginning)) == 0;
    }
    return count;
}

START_TEST(graph_has_every_state_once)
{
    char beginning[LINE];
    snprintf(beginning, sizeof beginning, "  %s [", request_state_name((enum request_state)_i));
    ck_assert_uint_eq(count_lines(printed(fsm_print_dot), beginning), 1);
}
END_TEST

START_TEST(graph_has_an_arrow_for_every_pair_of_states_and_no_other)
{
    const char *text = printed(fsm_print_dot);
    enum request_state from = (enum request_state)_i;
    for (enum request_state to = FREE; to < REQUEST_STATE_COUNT; to++) {
        char plain[LINE], pale[LINE];
        snprintf(plain, sizeof plain, "  %s -> %s;", request_state_name(from),
                 request_state_name(to));
        snprintf(pale, sizeof pale, "  %s -> %s [", request_state_name(from),
                 request_state_name(to));
        unsigned arrows = count_lines(text, plain) + count_lines(text, pale);
        ck_assert_msg(arrows == leads_to(from, to), "%u arrows%s", arrows, plain);
    }
}
END_TEST

/* Whether the words, which are parted by blanks or by "\n", have this one among them. */
static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(words, word); at != NULL; at = strstr(at + 1, word)) {
        bool begins = at == words || at[-1] == ' ' || at[-1] == 'n' || at[-1] == '"';
        bool ends = strchr(" \\\"<", at[length]) != NULL;
        if (begins && ends)
            return true;
    }
    return false;
}

/* The rest of the line after `beginning`, in memory that the next call overwrites. */
static const char *line_after(const char *text, const char *beginning)
{
    static char line[2 * LINE];
    const char *found = strstr(text, beginning);
    ck_assert_msg(found != NULL, "no line with%s", beginning);
    found += strlen(beginning);
    snprintf(line, sizeof line, "%.*s", (int)strcspn(found, "\n"), found);
    return line;
}

static bool is_labelled(enum request_state from, const struct fsm_cell *cell)
{
    return cell->action != impossible && cell->next != from && cell->next != FREE;
}

START_TEST(graph_names_every_event_of_an_arrow)
{
    const char *text = printed(fsm_print_dot);
    enum request_state from = (enum request_state)_i;
    for (enum event event = ACCEPTED; event < EVENT_COUNT; event++) {
        const struct fsm_cell *cell = &fsm_table[from].on[event];
        char beginning[LINE];
        if (!is_labelled(from, cell))
            continue;
        snprintf(beginning, sizeof beginning, "\n  %s_%s [", request_state_name(from),
                 request_state_name((enum request_state)cell->next));
        const char *label = strstr(line_after(text, beginning), "label=");
        ck_assert_msg(label != NULL && has_word(label, event_name(event)), "%s is not in %s",
                      event_name(event), label);
    }
}
END_TEST

START_TEST(graph_names_the_events_that_a_state_stays_for)
{
    const char *text = printed(fsm_print_dot);
    enum request_state state = (enum request_state)_i;
    char beginning[LINE];
    snprintf(beginning, sizeof beginning, "\n  %s [", request_state_name(state));
    const char *box = line_after(text, beginning);
    for (enum event event = ACCEPTED; event < EVENT_COUNT; event++) {
        const struct fsm_cell *cell = &fsm_table[state].on[event];
        bool stays = cell->action != impossible && cell->next == state;
        ck_assert_msg(has_word(box, event_name(event)) == stays, "%s in %s", event_name(event),
                      box);
    }
}
END_TEST

TCase *fsm_print_case(void)
{
    TCase *tcase = tcase_create("fsm_print");
    tcase_add_test(tcase, printed_table_lists_exactly_the_cells);
    tcase_add_loop_test(tcase, graph_has_every_state_once, 0, REQUEST_STATE_COUNT);
    tcase_add_loop_test(tcase, graph_has_an_arrow_for_every_pair_of_states_and_no_other, 0,
                        REQUEST_STATE_COUNT);
    tcase_add_loop_test(tcase, graph_names_every_event_of_an_arrow, 0, REQUEST_STATE_COUNT);
    tcase_add_loop_test(tcase, graph_names_the_events_that_a_state_stays_for, 0,
                        REQUEST_STATE_COUNT);
    return tcase;
}
