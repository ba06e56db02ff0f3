/*
 * The runner of all tests that are written with Check.
 *
 *     check_threeways            runs every suite
 *     check_threeways NAME       runs the suite, or the test case, of that name
 *
 * Check's own CK_RUN_SUITE and CK_RUN_CASE work too, and CK_FORK=no for a debugger. What is told
 * about where the server is and how it is run stands in support/server_process.h.
 */
#include "faults/faults.h"
#include "integration/event_model.h"
#include "integration/integration.h"
#include "integration/slow.h"
#include "support/server_process.h"
#include "unit/guided_reading.h"
#include "unit/slow_units.h"
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every suite; add yours here. */
static const struct {
    const char *name;
    Suite *(*create)(void);
} suites[] = {
    {"beneath", beneath_suite},
    {"buffers", buffers_suite},
    {"cache", cache_suite},
    {"deadlines", deadlines_suite},
    {"disk_aio", disk_aio_suite},
    {"disk", disk_suite},
    {"docroot", docroot_suite},
    {"exchange", exchange_suite},
    {"fsm", fsm_suite},
    {"http_body", http_body_suite},
    {"http_conditions", http_conditions_suite},
    {"http_date", http_date_suite},
    {"http_reply", http_reply_suite},
    {"http_request", http_request_suite},
    {"http_status", http_status_suite},
    {"list", list_suite},
    {"listener", listener_suite},
    {"listing", listing_suite},
    {"log", log_suite},
    {"mime", mime_suite},
    {"options", options_suite},
    {"poller", poller_suite},
    {"ready", ready_suite},
    {"representation", representation_suite},
    {"request_status", request_status_suite},
    {"request_table", request_table_suite},
    {"signals", signals_suite},
    {"target", target_suite},
    {"wakeup", wakeup_suite},
    {"guided_reading", guided_reading_suite},
    {"event_model", event_model_suite},
    {"loop_faults", loop_faults_suite},
    {"aio_faults", aio_faults_suite},
    {"signal_faults", signal_faults_suite},
    {"client_faults", client_faults_suite},
    {"slow_reads", slow_reads_suite},
    {"slowdisk", slowdisk_suite},
    {"nonblocking", nonblocking_suite},
    {"http_cases", http_cases_suite},
    {"http_semantics", http_semantics_suite},
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

int main(int argument_count, char **arguments)
{
    const char *name = argument_count > 1 ? arguments[1] : NULL;
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
