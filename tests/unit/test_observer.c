/*
 * The observer's parts and the sender's orders, without a process or a socket: a trace is written
 * here, and the pages are asked for as the server's core would.
 */
#include "tools/observe_pages.h"
#include "tools/observe_query.h"
#include "tools/observe_tally.h"
#include "tools/observe_text.h"
#include "tools/send_order.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOTS = 4, TEXT_BYTES = 16384, COLUMNS = 80, MS = 1000000 };

static struct tree tree;
static struct trace trace;
static struct observer observer;

/* --- orders --------------------------------------------------------------------------------- */

static const struct {
    const char *text, *kinds; /* NULL: refused */
} orders[] = {
    {"1h", "h"},      {"1c", "c"},
    {"1c3h", "chhh"}, {"2c1h1c", "cchc"},
    {"", NULL},       {"c", NULL},
    {"1", NULL},      {"0h", NULL},
    {"1x", NULL},     {"1c ", NULL},
    {"401h", NULL},   {"1c400h", NULL},
    {"-1h", NULL},    {"99999999999999999999h", NULL},
};

START_TEST(an_order_is_numbers_and_kinds)
{
    struct send_order order;
    const char *kinds = orders[_i].kinds;
    ck_assert_int_eq(send_order_parse(&order, orders[_i].text), kinds != NULL);
    if (kinds == NULL)
        return;
    ck_assert_uint_eq(order.count, strlen(kinds));
    for (size_t i = 0; i < order.count; i++)
        ck_assert_int_eq(order.is_cold[i], kinds[i] == 'c');
}
END_TEST

START_TEST(cold_files_are_numbered_and_begin_again)
{
    char path[SEND_PATH_BYTES];
    send_order_path(path, true, 0, 0, 1);
    ck_assert_str_eq(path, "/cold/001.txt");
    send_order_path(path, true, SEND_COLD_FILES - 1, 0, 1);
    ck_assert_str_eq(path, "/cold/200.txt");
    send_order_path(path, true, SEND_COLD_FILES, 7, 12);
    ck_assert_str_eq(path, "/cold/001.txt?7.12");
    send_order_path(path, false, 5, 7, 3);
    ck_assert_str_eq(path, "/hot.txt?7.3");
}
END_TEST

/* --- queries -------------------------------------------------------------------------------- */

static const struct {
    const char *query, *name, *value; /* NULL: there is none */
} queries[] = {
    {"a=1", "a", "1"},        {"a=1&b=2", "b", "2"}, {"ab=1&b=2", "b", "2"},
    {"a=", "a", ""},          {"a", "a", NULL},      {"", "a", NULL},
    {"&&a=x", "a", "x"},      {"a=1&a=2", "a", "1"}, {"a=%41", "a", NULL},
    {"a=<b>", "a", NULL},     {"a=x y", "a", NULL},  {"a=127.0.0.1:80", "a", "127.0.0.1:80"},
    {"a=1234567", "a", NULL}, {"ba=1", "a", NULL},
};

START_TEST(a_query_has_plain_values)
{
    char value[16];
    const struct query query = {queries[_i].query, strlen(queries[_i].query)};
    /* The last but one is too long for six bytes and their NUL. */
    size_t room = strlen(queries[_i].query) == strlen("a=1234567") ? 7 : sizeof value;
    bool found = query_find(&query, queries[_i].name, value, room);
    ck_assert_int_eq(found, queries[_i].value != NULL);
    if (found)
        ck_assert_str_eq(value, queries[_i].value);
}
END_TEST

START_TEST(numbers_are_digits_and_nothing_else)
{
    static const char text[] = "a=12&b=-1&c=1x&d=";
    const struct query query = {text, strlen(text)};
    ck_assert_uint_eq(query_number(&query, "a", 5), 12);
    ck_assert_uint_eq(query_number(&query, "b", 5), 5);
    ck_assert_uint_eq(query_number(&query, "c", 5), 5);
    ck_assert_uint_eq(query_number(&query, "d", 5), 5);
    ck_assert_uint_eq(query_number(&query, "e", 5), 5);
}
END_TEST

/* --- a trace -------------------------------------------------------------------------------- */

static const char *no_name(unsigned event)
{
    return event == 1 ? "GO" : "NONE";
}

static void write_trace(void)
{
    static char *const words[] = {"program", NULL};
    static const struct trace_edge edges[] = {{FREE, 1, IDLE, 0}, {IDLE, 1, READING, 0}};
    const struct trace_words machine = {no_name, 2, edges, 2};
    ck_assert(trace_open(&trace, tree_path(&tree, "trace"), 0, words));
    trace_set_address(&trace, "127.0.0.1:1");
    trace_describe(&trace, "event", SLOTS, &machine);
    trace_transition(&trace, 2, 1, FREE, 1, IDLE);
    trace_transition(&trace, 2, 1, IDLE, 1, READING);
    trace_request(&trace, 2, 1, "GET /a\"b");
    trace_transition(&trace, 2, 1, READING, 1, LOADING);
    trace_note(&trace, TRACE_SIGNALS, TRACE_NO_SLOT, 0, 3);
}

static void begin(void)
{
    char word[128], error[TRACE_READER_ERROR_BYTES];
    observer = (struct observer){.token = "00112233445566778899aabbccddeeff"};
    write_trace();
    snprintf(word, sizeof word, "own=%s", tree_path(&tree, "trace"));
    ck_assert_msg(watched_add(&observer.servers, word, error, sizeof error), "%s", error);
}

static void make_tree(void)
{
    tree_make(&tree);
}

static void remove_tree(void)
{
    tree_remove(&tree);
}

/* --- pages ---------------------------------------------------------------------------------- */

/* Asks for a page; its text, or NULL. */
static const char *ask(const char *path, const char *query, unsigned status)
{
    static char text[TEXT_BYTES];
    struct generated_page page;
    ck_assert(observe_make_page(&observer, path, strlen(path), query, strlen(query), &page));
    ck_assert_uint_eq(page.status, status);
    if (page.text == NULL)
        return NULL;
    ck_assert_str_eq(page.type, "application/json");
    snprintf(text, sizeof text, "%.*s", (int)page.length, page.text);
    free(page.text);
    return text;
}

static void demand(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "%s is not in %s", part, text);
}

START_TEST(models_tells_names_states_and_edges)
{
    const char *text = ask("api/models", "", 200);
    demand(text, "\"name\": \"own\"");
    demand(text, "\"colour\": \"" COLOUR_EVENT "\"");
    demand(text, "\"address\": \"127.0.0.1:1\"");
    demand(text, "[\"LOADING\", \"" COLOUR_DISK "\"]");
    demand(text, "\"edges\": [[0, 1, 1], [1, 1, 2]]");
}
END_TEST

START_TEST(trace_goes_on_where_it_is_told_to)
{
    const char *text = ask("api/trace", "model=own&from=0", 200);
    demand(text, "0, 2, 1, 0, 1, 1]");
    demand(text, "\"GET /a\\\"b\"]");
    demand(text, "\"next\": 5, \"newest\": 5, \"lost\": 0, \"over\": false");
    text = ask("api/trace", "model=own&from=4", 200);
    ck_assert_ptr_null(strstr(text, "GET"));
    demand(text, "6, 0, -1, 0, 3]");
    demand(ask("api/trace", "model=own&from=5", 200), "\"records\": []");
    demand(ask("api/trace", "model=own&from=99999", 200), "\"next\": 5");
}
END_TEST

START_TEST(records_that_are_gone_are_counted)
{
    enum { MORE = 5000 }; /* than the smallest ring has room for */
    for (int i = 0; i < MORE; i++)
        trace_note(&trace, TRACE_WOKEN, TRACE_NO_SLOT, 0, 1);
    ask("api/trace", "model=own&from=0", 200);
    ck_assert_uint_eq(observer.servers.at[0].reader.next, MORE + 5);
    ck_assert_uint_ge(observer.servers.at[0].reader.lost, MORE + 5 - 1024);
    ck_assert_uint_lt(observer.servers.at[0].reader.lost, MORE + 5);
}
END_TEST

/* What does something wants the token. */
static const struct {
    const char *path, *query;
    unsigned status;
} refused[] = {
    {"api/trace", "", 404},
    {"api/trace", "model=other", 404},
    {"api/send", "order=1h&to=all", 403},
    {"api/send", "order=1h&to=all&token=00112233445566778899aabbccddeef", 403},
    {"api/send", "to=all&token=00112233445566778899aabbccddeeff", 400},
    {"api/send", "order=1h&token=00112233445566778899aabbccddeeff", 400},
    {"api/send", "order=1h&to=other&token=00112233445566778899aabbccddeeff", 404},
    {"api/send", "order=1x&to=all&token=00112233445566778899aabbccddeeff", 503},
    {"api/disk", "do=hold", 403},
    {"api/disk", "do=hold&token=00112233445566778899aabbccddeeff", 503}, /* there is no disk */
    {"api/disk", "token=00112233445566778899aabbccddeeff", 400},
};

START_TEST(pages_refuse)
{
    ck_assert_ptr_null(ask(refused[_i].path, refused[_i].query, refused[_i].status));
}
END_TEST

START_TEST(other_paths_are_left_to_the_files)
{
    static const char *const paths[] = {"", "index.html", "api", "api/", "api/models/", "api/mode"};
    struct generated_page page;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        ck_assert(!observe_make_page(&observer, paths[i], strlen(paths[i]), "", 0, &page));
}
END_TEST

START_TEST(disks_are_told_through_their_pipes)
{
    char line[64] = "";
    tree_add_pipe(&tree, "disk");
    static char path[512];
    snprintf(path, sizeof path, "%s", tree_path(&tree, "disk"));
    FILE *pipe = fopen(path, "r+"); /* both ways, so that opening it waits for nobody */
    ck_assert_ptr_nonnull(pipe);
    observer.disks = (struct disks){{path}, 1};
    ask("api/disk", "do=release-one&token=00112233445566778899aabbccddeeff", 200);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, pipe));
    ck_assert_str_eq(line, "release one\n");
    ck_assert(!disks_tell(&observer.disks, "release x\nhold"));
    fclose(pipe);
}
END_TEST

/* --- what it comes to ----------------------------------------------------------------------- */

static void step(struct tally *tally, uint64_t ms, enum request_state from, enum request_state to)
{
    const struct trace_record record = {
        .time_ns = ms * MS, .slot = 1, .kind = TRACE_TRANSITION, .from = from, .to = to};
    tally_take(tally, &record);
}

static void name(struct tally *tally)
{
    const struct trace_record record = {.slot = 1, .kind = TRACE_REQUEST, .text = "GET /"};
    tally_take(tally, &record);
}

START_TEST(tally_knows_hot_from_cold)
{
    struct tally tally;
    ck_assert(tally_create(&tally, observer.servers.at[0].reader.header));
    step(&tally, 0, FREE, IDLE);
    step(&tally, 100, IDLE, READING);
    ck_assert_uint_eq(tally_in_flight(&tally), 1);
    name(&tally);
    step(&tally, 101, READING, SENDING);
    step(&tally, 103, SENDING, IDLE);
    ck_assert_uint_eq(tally_in_flight(&tally), 0);
    step(&tally, 200, IDLE, READING);
    name(&tally);
    step(&tally, 201, READING, LOADING);
    ck_assert_uint_eq(tally.in_state[LOADING], 1);
    step(&tally, 250, LOADING, SENDING);
    step(&tally, 260, SENDING, FREE);
    ck_assert_uint_eq(tally.answered, 2);
    ck_assert_uint_eq(tally_percentile(&tally.hot, 50), 3 * MS);
    ck_assert_uint_eq(tally_percentile(&tally.cold, 99), 60 * MS);
    ck_assert_uint_eq(tally.in_state[FREE], SLOTS);
    tally_destroy(&tally);
}
END_TEST

/* The nearest rank, as the definition has it: of 1 to 100, p50 is 50, and p99 is 99. */
START_TEST(percentiles_are_of_the_nearest_rank)
{
    static struct tally_waits waits;
    ck_assert_uint_eq(tally_percentile(&waits, 50), 0);
    for (uint64_t i = 100; i > 0; i--)
        waits.ns[waits.count++] = i;
    ck_assert_uint_eq(tally_percentile(&waits, 50), 50);
    ck_assert_uint_eq(tally_percentile(&waits, 99), 99);
    ck_assert_uint_eq(tally_percentile(&waits, 100), 100);
}
END_TEST

START_TEST(text_fits_into_eighty_columns)
{
    char line[TEXT_BYTES];
    unsigned lines = 0;
    FILE *out = tmpfile();
    ck_assert_ptr_nonnull(out);
    trace_close(&trace); /* the server is over: one look is enough */
    ck_assert_int_ge(dup2(fileno(out), STDOUT_FILENO), 0);
    ck_assert(observe_text(&observer.servers));
    rewind(out);
    while (fgets(line, sizeof line, out) != NULL) {
        lines++;
        ck_assert_msg(strlen(line) <= COLUMNS + 1, "%zu columns: %s", strlen(line) - 1, line);
    }
    ck_assert_uint_ge(lines, 6);
    fclose(out);
}
END_TEST

/* --- the suite ------------------------------------------------------------------------------ */

static const char *const wrong[] = {"x=/no/such/file", "own=%s", "a/b=%s", "a name=%s", "=%s"};

START_TEST(servers_have_traces_and_names_of_their_own)
{
    char word[256], error[TRACE_READER_ERROR_BYTES] = "";
    snprintf(word, sizeof word, "%.*s%s", (int)strcspn(wrong[_i], "%"), wrong[_i],
             strchr(wrong[_i], '%') != NULL ? tree_path(&tree, "trace") : "");
    ck_assert(!watched_add(&observer.servers, word, error, sizeof error));
    ck_assert_str_ne(error, "");
    ck_assert_uint_eq(observer.servers.count, 1);
}
END_TEST

static TCase *add_case(Suite *suite, const char *case_name)
{
    TCase *tcase = unit_add_case(suite, case_name);
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_add_checked_fixture(tcase, begin, NULL);
    return tcase;
}

Suite *observer_suite(void)
{
    Suite *suite = suite_create("observer");
    TCase *words = unit_add_case(suite, "observer_words");
    tcase_add_loop_test(words, an_order_is_numbers_and_kinds, 0, ROWS(orders));
    tcase_add_test(words, cold_files_are_numbered_and_begin_again);
    tcase_add_loop_test(words, a_query_has_plain_values, 0, ROWS(queries));
    tcase_add_test(words, numbers_are_digits_and_nothing_else);
    TCase *pages = add_case(suite, "observer_pages");
    tcase_add_test(pages, models_tells_names_states_and_edges);
    tcase_add_test(pages, trace_goes_on_where_it_is_told_to);
    tcase_add_test(pages, records_that_are_gone_are_counted);
    tcase_add_loop_test(pages, pages_refuse, 0, ROWS(refused));
    tcase_add_test(pages, other_paths_are_left_to_the_files);
    tcase_add_test(pages, disks_are_told_through_their_pipes);
    TCase *tables = add_case(suite, "observer_tables");
    tcase_add_test(tables, tally_knows_hot_from_cold);
    tcase_add_test(tables, percentiles_are_of_the_nearest_rank);
    tcase_add_test(tables, text_fits_into_eighty_columns);
    tcase_add_loop_test(tables, servers_have_traces_and_names_of_their_own, 0, ROWS(wrong));
    return suite;
}
