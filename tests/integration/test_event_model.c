/*
 * The event model as a whole, from outside: through sockets, signals and the command line.
 */
#include "integration/event_model.h"

Suite *event_model_suite(void)
{
    Suite *suite = suite_create("event_model");
    suite_add_tcase(suite, event_command_line_case());
    suite_add_tcase(suite, event_signals_case());
    suite_add_tcase(suite, event_timeouts_case());
    suite_add_tcase(suite, event_crowds_case());
    suite_add_tcase(suite, event_changes_case());
    suite_add_tcase(suite, event_transitions_case());
    return suite;
}
