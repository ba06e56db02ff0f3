/*
 * What the tests of a suite have in common: one site per test case, short ways to ask it, and
 * assertions that say what came.
 */
#ifndef INTEGRATION_ASKING_H
#define INTEGRATION_ASKING_H

#include "integration/integration.h"
#include "integration/requests.h"
#include "support/http_client.h"
#include "support/site.h"

/*
 * Asks by printf's rules, as http_ask() does, and demands that there is one answer and that it has
 * this status. Returns the answer; the process of the test takes it along when it ends.
 */
const struct http_answer *ask_for_status(int port, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The value of a field that must be there, and only once. */
const char *demand_field(const struct http_answer *answer, const char *name);

/* The body must be these bytes. */
void demand_body(const struct http_answer *answer, const char *bytes, size_t length);

/*
 * The answers must have these statuses, "200,404", or what differences.h makes of them; everything
 * must be tidy (see http_client.h).
 */
void demand_statuses(const struct http_connection *talk, const char *statuses);

/* Whether a text matches an extended regular expression. */
bool text_matches(const char *text, const char *pattern);

/* A test case with a time limit and one site for all of its tests. */
TCase *create_site_case(const char *name, SFun open_site, SFun close_site);

#endif
