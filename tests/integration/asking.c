#include "integration/asking.h"

#include "integration/differences.h"
#include "support/deadline.h"

#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEST_SECONDS = 60,
    SHOWN_BYTES = 500, /* of a request, in a message */
};

double test_time_limit(void)
{
    return TEST_SECONDS * deadline_scale();
}

TCase *create_site_case(const char *name, SFun open_site, SFun close_site)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, test_time_limit());
    tcase_add_unchecked_fixture(tcase, open_site, close_site);
    return tcase;
}

const struct http_answer *ask_for_status(int port, int status, const char *format, ...)
{
    char *request = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&request, format, arguments);
    va_end(arguments);
    ck_assert_int_ge(length, 0);
    struct http_connection *talk = http_ask(port, "%s", request);
    if (talk->count != 1 || talk->answers[0].status != status)
        ck_abort_msg("expected one answer with status %d\nasked: %.*s\ngot %s", status, SHOWN_BYTES,
                     request, http_describe(talk));
    free(request);
    return &talk->answers[0];
}

const char *demand_field(const struct http_answer *answer, const char *name)
{
    size_t count = http_count_fields(answer, name);
    if (count != 1)
        ck_abort_msg("%zu fields %s instead of one in\n%s", count, name, answer->head);
    return http_field(answer, name);
}

void demand_body(const struct http_answer *answer, const char *bytes, size_t length)
{
    if (answer->body_length != length)
        ck_abort_msg("the body has %zu bytes instead of %zu after\n%s", answer->body_length, length,
                     answer->head);
    for (size_t i = 0; i < length; i++)
        if (answer->body[i] != bytes[i])
            ck_abort_msg("the body's byte %zu of %zu is wrong after\n%s", i, length, answer->head);
}

void demand_statuses(const struct http_connection *talk, const char *statuses)
{
    char came[STATUSES_BYTES], expected[STATUSES_BYTES];
    statuses_to_expect(statuses, expected);
    http_copy_statuses(talk, came, sizeof came);
    const char *fault = fault_of_ending(talk);
    if (strcmp(came, expected) != 0 || !http_is_tidy(talk) || fault != NULL)
        ck_abort_msg("expected %s%s%s\ngot %s", expected, fault != NULL ? "; " : "",
                     fault != NULL ? fault : "", http_describe(talk));
}

bool text_matches(const char *text, const char *pattern)
{
    regex_t compiled;
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        ck_abort_msg("not a regular expression: %s", pattern);
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}
