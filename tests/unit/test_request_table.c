/*
 * The request table: slots are lent and given back, and a token names one tenancy of a slot.
 */
#include "event/loop.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 5, MANY = 5000 };

static struct loop loop;

static void set_up(void)
{
    ck_assert(request_table_create(&loop.table, SLOTS, &loop));
}

static void tear_down(void)
{
    request_table_destroy(&loop.table);
}

/* Takes a slot as the machine does: somebody is in it. */
static struct request *move_in(void)
{
    struct request *request = request_table_take(&loop.table);
    ck_assert_ptr_nonnull(request);
    request->row.state = IDLE;
    return request;
}

/* Takes all slots up to this one, and gives the others back. */
static struct request *move_in_to(unsigned slot)
{
    struct request *others[SLOTS], *request;
    unsigned count = 0;
    while (request_slot(request = move_in()) != slot)
        others[count++] = request;
    while (count > 0)
        request_table_give(&loop.table, others[--count]);
    return request;
}

static struct request *find(uint32_t token)
{
    return request_table_find(&loop.table, token);
}

START_TEST(every_slot_is_lent_once)
{
    bool lent[SLOTS] = {false};
    for (unsigned i = 0; i < SLOTS; i++) {
        unsigned slot = request_slot(move_in());
        ck_assert_uint_lt(slot, SLOTS);
        ck_assert(!lent[slot]);
        lent[slot] = true;
        ck_assert_uint_eq(loop.table.busy, i + 1);
    }
    ck_assert_ptr_null(request_table_take(&loop.table));
}
END_TEST

START_TEST(slot_given_back_is_lent_again)
{
    struct request *requests[SLOTS];
    for (unsigned i = 0; i < SLOTS; i++)
        requests[i] = move_in();
    request_table_give(&loop.table, requests[2]);
    ck_assert_uint_eq(loop.table.busy, SLOTS - 1);
    ck_assert_ptr_eq(request_table_take(&loop.table), requests[2]);
    ck_assert_ptr_null(request_table_take(&loop.table));
}
END_TEST

START_TEST(slot_given_back_is_cleared)
{
    struct request *request = move_in();
    request->posted = TURN;
    request->share_requests = 7;
    request->exchange.socket = 42;
    request->exchange.file = 43;
    strcpy(request->row.title, "GET /secret");
    request_table_give(&loop.table, request);
    ck_assert_int_eq(request->row.state, FREE);
    ck_assert_str_eq(request->row.title, "");
    ck_assert_int_eq(request->exchange.socket, EXCHANGE_NO_SOCKET);
    ck_assert_int_eq(request->exchange.file, EXCHANGE_NO_FILE);
    ck_assert_uint_eq(request->share_requests, 0);
    ck_assert_ptr_eq(request->loop, &loop);
}
END_TEST

/* Whoever leaves is taken out of the list that it waited in. */
START_TEST(slot_given_back_leaves_its_list)
{
    struct link queue;
    struct request *request = move_in();
    list_init(&queue);
    list_append(&queue, &request->link);
    request_table_give(&loop.table, request);
    ck_assert(list_is_empty(&queue));
}
END_TEST

START_TEST(token_finds_its_request)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        struct request *request = move_in();
        ck_assert_ptr_eq(find(request_token(request)), request);
    }
}
END_TEST

START_TEST(stale_token_finds_nobody)
{
    struct request *request = move_in();
    uint32_t stale = request_token(request);
    request_table_give(&loop.table, request);
    ck_assert_ptr_null(find(stale));
    ck_assert_ptr_eq(move_in_to(request_slot(request)), request);
    ck_assert_ptr_null(find(stale));
    ck_assert_ptr_eq(find(request_token(request)), request);
}
END_TEST

START_TEST(free_slot_is_not_found)
{
    ck_assert_ptr_null(find(request_token(&loop.table.slots[0])));
}
END_TEST

START_TEST(tokens_of_others_find_nobody)
{
    while (loop.table.busy < SLOTS)
        move_in();
    ck_assert_ptr_null(find(SLOTS));
    ck_assert_ptr_null(find(TOKEN_LISTENER));
    ck_assert_ptr_null(find(TOKEN_WAKEUP));
    ck_assert_ptr_null(find(UINT32_MAX));
    ck_assert_uint_le(REQUEST_TABLE_MAX, TOKEN_WAKEUP);
    ck_assert_uint_lt(TOKEN_WAKEUP, TOKEN_LISTENER);
}
END_TEST

/* A signal carries the token as an int; generations begin anew before it would turn negative. */
START_TEST(token_is_never_negative_and_changes_with_each_tenant)
{
    struct request *request = move_in();
    for (unsigned i = 0; i < MANY; i++) {
        uint32_t before = request_token(request);
        ck_assert_int_ge((int)before, 0);
        ck_assert_ptr_eq(find(before), request);
        request_table_give(&loop.table, request);
        request = move_in_to(request_slot(request));
        ck_assert_uint_ne(request_token(request), before);
    }
}
END_TEST

static char *printed_table(int64_t now_ms)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    request_table_print(&loop.table, out, now_ms);
    fclose(out);
    return text;
}

START_TEST(print_shows_who_is_in_and_nobody_else)
{
    move_in();
    struct request *second = move_in();
    move_in();
    strcpy(second->row.peer, "192.0.2.7:4711");
    strcpy(second->row.title, "GET /big");
    second->row.state = LOADING;
    second->row.since_ms = 1000;
    request_table_give(&loop.table, &loop.table.slots[2]);
    char *text = printed_table(1250);
    ck_assert_ptr_nonnull(strstr(text, "\n     0  "));
    ck_assert_ptr_nonnull(strstr(text, "\n     1  192.0.2.7:4711         LOADING      250 ms"));
    ck_assert_ptr_nonnull(strstr(text, "GET /big"));
    ck_assert_ptr_null(strstr(text, "\n     2  "));
    ck_assert_ptr_nonnull(strstr(text, "\n  2 of 5 slots in use\n"));
    free(text);
}
END_TEST

Suite *request_table_suite(void)
{
    Suite *suite = suite_create("request_table");
    TCase *tcase = tcase_create("request_table");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, every_slot_is_lent_once);
    tcase_add_test(tcase, slot_given_back_is_lent_again);
    tcase_add_test(tcase, slot_given_back_is_cleared);
    tcase_add_test(tcase, slot_given_back_leaves_its_list);
    tcase_add_test(tcase, token_finds_its_request);
    tcase_add_test(tcase, stale_token_finds_nobody);
    tcase_add_test(tcase, free_slot_is_not_found);
    tcase_add_test(tcase, tokens_of_others_find_nobody);
    tcase_add_test(tcase, token_is_never_negative_and_changes_with_each_tenant);
    tcase_add_test(tcase, print_shows_who_is_in_and_nobody_else);
    suite_add_tcase(suite, tcase);
    return suite;
}
