/*
 * The rows that SIGUSR1 shows, and the words for states in them.
 */
#include "core/request_status.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* --- the client ----------------------------------------------------------------------------- */

START_TEST(a_peer_is_address_and_port)
{
    struct request_status row;
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(65535)};
    inet_pton(AF_INET, "192.168.100.200", &peer.sin_addr);
    request_status_set_peer(&row, (struct sockaddr *)&peer, sizeof peer);
    ck_assert_str_eq(row.peer, "192.168.100.200:65535");
}
END_TEST

static const struct {
    const char *address, *peer;
} peers[] = {
    {"::1", "[::1]:80"},
    {"2001:db8::7", "[2001:db8::7]:80"},
    {"2001:db8:1111:2222:3333:4444:5555:6666", "[2001:db8:1111:2222:3333:4444:5555:6666]:80"},
};

START_TEST(a_peer_of_ipv6_has_brackets)
{
    struct request_status row;
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
    inet_pton(AF_INET6, peers[_i].address, &peer.sin6_addr);
    request_status_set_peer(&row, (struct sockaddr *)&peer, sizeof peer);
    ck_assert_str_eq(row.peer, peers[_i].peer);
}
END_TEST

START_TEST(a_peer_of_another_kind_is_unknown)
{
    struct request_status row;
    struct sockaddr peer = {.sa_family = AF_UNSPEC};
    request_status_set_peer(&row, &peer, sizeof peer);
    ck_assert_str_eq(row.peer, "unknown");
}
END_TEST

/* --- the request ---------------------------------------------------------------------------- */

static const struct {
    const char *line, *title;
} titles[] = {
    {"GET /a", "GET /a"},
    {"", ""},
    /* 47 bytes fit; of more the end is cut, and dots say so */
    {"GET /345678901234567890123456789012345678901234",
     "GET /345678901234567890123456789012345678901234"},
    {"GET /3456789012345678901234567890123456789012345",
     "GET /345678901234567890123456789012345678901..."},
};

START_TEST(a_title_is_cut_to_fit)
{
    struct request_status row;
    memset(&row, '?', sizeof row);
    request_status_set_title(&row, titles[_i].line, strlen(titles[_i].line));
    ck_assert_str_eq(row.title, titles[_i].title);
}
END_TEST

/* IEC 80000-13: a KiB is 1024 bytes. */
static const struct {
    uint64_t bytes;
    const char *text;
} amounts[] = {
    {0, "0 B"},
    {812, "812 B"},
    {1023, "1023 B"},
    {1024, "1.0 KiB"},
    {1536, "1.5 KiB"},
    {65536, "64.0 KiB"},
    {1048576, "1.0 MiB"},
    {UINT64_C(3221225472), "3.0 GiB"},
    {UINT64_C(1) << 40, "1.0 TiB"},
    {UINT64_C(5000) << 40, "5000.0 TiB"},
};

START_TEST(bytes_are_written_for_people)
{
    char text[32];
    ck_assert_ptr_eq(request_status_format_bytes(text, sizeof text, amounts[_i].bytes), text);
    ck_assert_str_eq(text, amounts[_i].text);
}
END_TEST

/* --- the table ------------------------------------------------------------------------------ */

/* What is printed for a row, or for the heading; the caller frees it. */
static char *print(unsigned number, const struct request_status *row, int64_t now_ms)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (row != NULL)
        request_status_print(out, number, row, now_ms);
    else
        request_status_print_heading(out);
    fclose(out);
    return text;
}

static const char *const told[] = {
    " 17 ", "10.0.0.1:5", "SENDING", "2.5 s", "1.0 KiB of 2.0 KiB", "GET /a", "the client to take",
};

START_TEST(a_row_tells_who_waits_for_what)
{
    struct request_status row = {SENDING, 500, 1024, 2048, "10.0.0.1:5", "GET /a"};
    char *text = print(17, &row, 3000);
    ck_assert_msg(strstr(text, told[_i]) != NULL, "\"%s\" in: %s", told[_i], text);
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
    free(text);
}
END_TEST

/* A title may hold whatever a client sent; a terminal must not get to see it. */
START_TEST(unprintable_bytes_are_not_printed)
{
    struct request_status row = {.state = READING};
    request_status_set_title(&row, "GET /\x1b[2J\n\x7f\xc3\xa4", 13);
    char *text = print(1, &row, 0);
    ck_assert_ptr_nonnull(strstr(text, "GET /?[2J????"));
    free(text);
}
END_TEST

START_TEST(a_free_slot_is_not_printed)
{
    struct request_status row = {.state = FREE, .peer = "10.0.0.1:5", .title = "GET /a"};
    char *text = print(1, &row, 0);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

/* Three ways to write an age: as it grows, its unit does. */
static const struct {
    int64_t ms;
    const char *text;
} ages[] = {
    {0, " 0 ms "},
    {7, " 7 ms "},
    {999, " 999 ms "},
    {1000, " 1.0 s "},
    {90500, " 90.5 s "},
    {180000, " 3 min "},
    {INT64_C(86400000) * 365, " 525600 min "},
};

START_TEST(an_age_is_written_for_people)
{
    struct request_status row = {.state = IDLE, .since_ms = 1000000};
    char *text = print(1, &row, row.since_ms + ages[_i].ms);
    ck_assert_msg(strstr(text, ages[_i].text) != NULL, "\"%s\" in: %s", ages[_i].text, text);
    free(text);
}
END_TEST

/* Each column of the heading begins, or for numbers ends, where the row has it. */
START_TEST(the_heading_stands_above_its_columns)
{
    struct request_status row = {.state = LOADING, .peer = "10.0.0.1:5", .title = "GET /a"};
    char *heading = print(0, NULL, 0), *text = print(1234, &row, 0);
    ck_assert_int_eq(strstr(heading, "slot") - heading, strstr(text, "1234") - text);
    ck_assert_int_eq(strstr(heading, "client") - heading, strstr(text, "10.0.0.1") - text);
    ck_assert_int_eq(strstr(heading, "state") - heading, strstr(text, "LOADING") - text);
    ck_assert_int_eq(strstr(heading, "request") - heading, strstr(text, "GET /a") - text);
    ck_assert_ptr_eq(strchr(heading, '\n'), heading + strlen(heading) - 1);
    free(heading);
    free(text);
}
END_TEST

START_TEST(every_state_has_words_and_a_colour)
{
    enum request_state state = (enum request_state)_i;
    const char *colour = request_state_colour(state);
    ck_assert_uint_gt(strlen(request_state_waits_for(state)), 0);
    ck_assert_uint_eq(strlen(colour), 7);
    ck_assert_int_eq(colour[0], '#');
    ck_assert_uint_eq(strspn(colour + 1, "0123456789ABCDEF"), 6);
    for (int other = 0; other < _i; other++)
        ck_assert_str_ne(request_state_name(state), request_state_name((enum request_state)other));
}
END_TEST

START_TEST(states_have_the_names_of_the_design)
{
    ck_assert_str_eq(request_state_name(FREE), "FREE");
    ck_assert_str_eq(request_state_name(LOADING), "LOADING");
    ck_assert_str_eq(request_state_name(ABANDONED), "ABANDONED");
    ck_assert_int_eq(REQUEST_STATE_COUNT, 11);
}
END_TEST

Suite *request_status_suite(void)
{
    Suite *suite = suite_create("request_status");
    TCase *setting = unit_add_case(suite, "status_row");
    tcase_add_test(setting, a_peer_is_address_and_port);
    tcase_add_loop_test(setting, a_peer_of_ipv6_has_brackets, 0, ROWS(peers));
    tcase_add_test(setting, a_peer_of_another_kind_is_unknown);
    tcase_add_loop_test(setting, a_title_is_cut_to_fit, 0, ROWS(titles));
    tcase_add_loop_test(setting, bytes_are_written_for_people, 0, ROWS(amounts));
    TCase *printing = unit_add_case(suite, "status_print");
    tcase_add_loop_test(printing, a_row_tells_who_waits_for_what, 0, ROWS(told));
    tcase_add_test(printing, unprintable_bytes_are_not_printed);
    tcase_add_test(printing, a_free_slot_is_not_printed);
    tcase_add_loop_test(printing, an_age_is_written_for_people, 0, ROWS(ages));
    tcase_add_test(printing, the_heading_stands_above_its_columns);
    tcase_add_loop_test(printing, every_state_has_words_and_a_colour, 0, REQUEST_STATE_COUNT);
    tcase_add_test(printing, states_have_the_names_of_the_design);
    return suite;
}
