/*
 * The runner of all tests that are written with Check.
 *
 *     check_threeways                runs every suite
 *     check_threeways NAME           runs the suite, or the test case, of that name
 *     check_threeways --list [KIND]  names the suites: all, or those of parts, server, event or
 *                                  models
 *
 * Check's own CK_RUN_SUITE and CK_RUN_CASE work too, and CK_FORK=no for a debugger. What is told
 * about where the server is and how it is run stands in support/server_process.h.
 */
#include "faults/faults.h"
#include "integration/event_model.h"
#include "integration/integration.h"
#include "integration/models.h"
#include "integration/slow.h"
#include "integration/trace.h"
#include "support/server_process.h"
#include "unit/guided_reading.h"
#include "unit/slow_units.h"
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a suite looks at: single parts; a server, which may be of any model (see differences.h); the
 * event model's own ways; or several models, which it names itself.
 */
static const char parts[] = "parts", server[] = "server", event[] = "event", models[] = "models";

/* Every suite; add yours here. */
static const struct {
    const char *name;
    const char *kind;
    Suite *(*create)(void);
} suites[] = {
    {"beneath", parts, beneath_suite},
    {"buffers", parts, buffers_suite},
    {"cache", parts, cache_suite},
    {"deadlines", parts, deadlines_suite},
    {"disk_aio", parts, disk_aio_suite},
    {"disk", parts, disk_suite},
    {"docroot", parts, docroot_suite},
    {"exchange", parts, exchange_suite},
    {"fsm", parts, fsm_suite},
    {"http_body", parts, http_body_suite},
    {"http_conditions", parts, http_conditions_suite},
    {"http_date", parts, http_date_suite},
    {"http_reply", parts, http_reply_suite},
    {"http_request", parts, http_request_suite},
    {"http_status", parts, http_status_suite},
    {"list", parts, list_suite},
    {"listener", parts, listener_suite},
    {"listing", parts, listing_suite},
    {"log", parts, log_suite},
    {"mime", parts, mime_suite},
    {"observer", parts, observer_suite},
    {"options", parts, options_suite},
    {"poller", parts, poller_suite},
    {"ready", parts, ready_suite},
    {"representation", parts, representation_suite},
    {"request_status", parts, request_status_suite},
    {"request_table", parts, request_table_suite},
    {"seats", parts, seats_suite},
    {"signals", parts, signals_suite},
    {"target", parts, target_suite},
    {"trace", parts, trace_suite},
    {"wakeup", parts, wakeup_suite},
    {"guided_reading", parts, guided_reading_suite},
    {"rooms", parts, rooms_suite},
    {"event_timeouts", event, event_timeouts_suite},
    {"event_crowds", event, event_crowds_suite},
    {"event_model", event, event_model_suite},
    {"loop_faults", event, loop_faults_suite},
    {"aio_faults", event, aio_faults_suite},
    {"signal_faults", event, signal_faults_suite},
    {"client_faults", server, client_faults_suite},
    {"models_ends", models, models_ends_suite},
    {"models_manners", models, models_manners_suite},
    {"models_options", models, models_options_suite},
    {"model_single", models, model_single_suite},
    {"model_threads", models, model_threads_suite},
    {"models_held", models, models_held_suite},
    {"slow_reads", parts, slow_reads_suite},
    {"slowdisk", server, slowdisk_suite},
    {"nonblocking", event, nonblocking_suite},
    {"traces", event, traces_suite},
    {"http_cases", server, http_cases_suite},
    {"http_semantics", server, http_semantics_suite},
};

enum { SUITE_COUNT = sizeof suites / sizeof *suites };

static const char endings[] = "server_endings";

/* Check does not report what fails in an unchecked teardown, so this test does; it runs last. */
START_TEST(every_server_ended_with_status_0)
{
    ck_assert_msg(server_count_bad_endings() == 0,
                  "%d servers ended badly: see standard error above", server_count_bad_endings());
}
END_TEST

static Suite *endings_suite(void)
{
    Suite *suite = suite_create(endings);
    TCase *tcase = tcase_create(endings);
    tcase_add_test(tcase, every_server_ended_with_status_0);
    suite_add_tcase(suite, tcase);
    return suite;
}

static int is_suite(const char *name)
{
    for (size_t i = 0; i < SUITE_COUNT; i++)
        if (strcmp(suites[i].name, name) == 0)
            return 1;
    return 0;
}

static SRunner *create_runner(void)
{
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < SUITE_COUNT; i++)
        srunner_add_suite(runner, suites[i].create());
    srunner_add_suite(runner, endings_suite());
    return runner;
}

/* Runs what `name` says (NULL: everything); returns how many tests ran. */
static int run_chosen(SRunner *runner, const char *name)
{
    const char *suite = name != NULL && is_suite(name) ? name : NULL;
    const char *tcase = name != NULL && suite == NULL ? name : NULL;
    srunner_run(runner, suite, tcase, CK_SILENT);
    return srunner_ntests_run(runner);
}

/* Check takes an empty name for a name, of a suite that is not there; make passes such ones. */
static void forget_if_empty(const char *variable)
{
    const char *value = getenv(variable);
    if (value != NULL && *value == '\0')
        unsetenv(variable);
}

static int list_suites(const char *kind)
{
    for (size_t i = 0; i < SUITE_COUNT; i++)
        if (kind == NULL || strcmp(suites[i].kind, kind) == 0)
            puts(suites[i].name);
    return EXIT_SUCCESS;
}

int main(int argument_count, char **arguments)
{
    const char *name = argument_count > 1 ? arguments[1] : NULL;
    if (name != NULL && strcmp(name, "--list") == 0)
        return list_suites(argument_count > 2 ? arguments[2] : NULL);
    forget_if_empty("CK_RUN_SUITE");
    forget_if_empty("CK_RUN_CASE");
    SRunner *runner = create_runner();
    int ran = run_chosen(runner, name);
    if (ran == 0)
        fprintf(stderr, "no tests match %s\n", name != NULL ? name : "CK_RUN_SUITE, CK_RUN_CASE");
    srunner_run(runner, endings, endings, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return ran > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
