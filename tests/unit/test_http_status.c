/*
 * Status codes and their words.
 */
#include "core/http_status.h"
#include "unit/unit.h"

#include <string.h>

/* RFC 9110, section 15; 431 is RFC 6585's. */
static const struct {
    unsigned status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

START_TEST(a_status_has_the_reason_of_its_rfc)
{
    char line[80];
    ck_assert_str_eq(http_status_reason(reasons[_i].status), reasons[_i].reason);
    snprintf(line, sizeof line, "HTTP/1.1 %u %s\r\n", reasons[_i].status, reasons[_i].reason);
    ck_assert_str_eq(http_status_line(reasons[_i].status), line); /* RFC 9112, section 4 */
}
END_TEST

/* It is put into HTML and ends with a full stop: a sentence. */
START_TEST(a_status_is_explained_in_a_sentence)
{
    const char *text = http_status_explanation(reasons[_i].status);
    ck_assert_uint_gt(strlen(text), 10);
    ck_assert_int_eq(text[strlen(text) - 1], '.');
    ck_assert_ptr_null(strpbrk(text, "<>&"));
}
END_TEST

START_TEST(an_unknown_status_has_words_too)
{
    static const unsigned unknown[] = {0, 99, 207, 418, 599, 1000};
    for (int i = 0; i < ROWS(unknown); i++) {
        ck_assert_uint_gt(strlen(http_status_reason(unknown[i])), 0);
        ck_assert_uint_gt(strlen(http_status_explanation(unknown[i])), 0);
    }
}
END_TEST

Suite *http_status_suite(void)
{
    Suite *suite = suite_create("http_status");
    TCase *tcase = unit_add_case(suite, "status");
    tcase_add_loop_test(tcase, a_status_has_the_reason_of_its_rfc, 0, ROWS(reasons));
    tcase_add_loop_test(tcase, a_status_is_explained_in_a_sentence, 0, ROWS(reasons));
    tcase_add_test(tcase, an_unknown_status_has_words_too);
    return suite;
}
