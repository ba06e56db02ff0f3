/*
 * The event model as a whole, from outside: through sockets, signals and the command line. What
 * takes long stands in suites of its own, so that it can run beside the rest.
 */
#include "integration/event_model.h"

Suite *event_model_suite(void)
{
    Suite *suite = suite_create("event_model");
    suite_add_tcase(suite, event_command_line_case());
    suite_add_tcase(suite, event_signals_case());
    suite_add_tcase(suite, event_changes_case());
    suite_add_tcase(suite, event_transitions_case());
    return suite;
}

Suite *event_timeouts_suite(void)
{
    Suite *suite = suite_create("event_timeouts");
    suite_add_tcase(suite, event_timeouts_case());
    return suite;
}

Suite *event_crowds_suite(void)
{
    Suite *suite = suite_create("event_crowds");
    suite_add_tcase(suite, event_crowds_case());
    return suite;
}
