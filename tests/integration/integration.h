/*
 * The suites of the integration tests: each asks a running server, from outside.
 */
#ifndef INTEGRATION_INTEGRATION_H
#define INTEGRATION_INTEGRATION_H

#include <check.h>

/* Raw requests that have made other servers fail, one row of a table each. */
Suite *http_cases_suite(void);

/* What RFC 9110 and RFC 9112 ask of a server of files; made of the test cases below. */
Suite *http_semantics_suite(void);

/* Seconds that Check allows one test: the deadlines in the tests come long before. */
double test_time_limit(void);

/* Parts of http_semantics_suite(), each in a file of its own. */
TCase *http_conditional_case(void);
TCase *http_range_case(void);
TCase *http_pipelining_case(void);
TCase *http_bodies_case(void);
TCase *http_timeouts_case(void);
TCase *http_large_files_case(void);
TCase *access_log_case(void);

#endif
