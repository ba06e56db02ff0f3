/*
 * The ready list: what one request owes another is delivered once, in order, a turn later.
 */
#include "event/ready.h"
#include "unit/unit.h"

enum { REQUESTS = 4 };

static struct link ready;
static struct request requests[REQUESTS];

static void set_up(void)
{
    list_init(&ready);
    for (size_t i = 0; i < REQUESTS; i++)
        list_init(&requests[i].link);
}

static void demand_next(const struct request *request, enum event event)
{
    enum event posted = NOTHING;
    ck_assert_ptr_eq(ready_take(&ready, &posted), request);
    ck_assert_int_eq(posted, event);
}

static void demand_end(void)
{
    enum event event;
    ck_assert_ptr_null(ready_take(&ready, &event));
}

START_TEST(empty_list_has_nobody)
{
    demand_end();
}
END_TEST

START_TEST(events_are_taken_in_the_order_of_posting)
{
    ready_post(&ready, &requests[2], LOADED);
    ready_post(&ready, &requests[0], TURN);
    ready_post(&ready, &requests[3], LOAD_FAILED);
    demand_next(&requests[2], LOADED);
    demand_next(&requests[0], TURN);
    demand_next(&requests[3], LOAD_FAILED);
    demand_end();
}
END_TEST

START_TEST(posting_takes_a_request_out_of_the_list_where_it_waited)
{
    struct link queue;
    list_init(&queue);
    list_append(&queue, &requests[0].link);
    list_append(&queue, &requests[1].link);
    ready_post(&ready, &requests[0], TURN);
    ck_assert_ptr_eq(list_first(&queue), &requests[1].link);
    ck_assert_ptr_null(list_next(&queue, &requests[1].link));
    demand_next(&requests[0], TURN);
    demand_end();
}
END_TEST

START_TEST(request_is_on_the_list_once)
{
    ready_post(&ready, &requests[0], TURN);
    ready_post(&ready, &requests[1], TURN);
    ready_post(&ready, &requests[0], LOADED);
    demand_next(&requests[1], TURN);
    demand_next(&requests[0], LOADED);
    demand_end();
}
END_TEST

/* The machine unlinks a request that leaves its state for another reason. */
START_TEST(request_that_has_left_is_not_delivered)
{
    ready_post(&ready, &requests[0], TURN);
    ready_post(&ready, &requests[1], TURN);
    list_remove(&requests[0].link);
    demand_next(&requests[1], TURN);
    demand_end();
}
END_TEST

START_TEST(what_is_taken_can_be_posted_again)
{
    enum event event;
    ready_post(&ready, &requests[0], TURN);
    ready_post(&ready, ready_take(&ready, &event), LOADED);
    demand_next(&requests[0], LOADED);
    demand_end();
}
END_TEST

START_TEST(what_is_posted_during_a_delivery_is_not_in_its_snapshot)
{
    struct link snapshot;
    enum event event;
    list_init(&snapshot);
    ready_post(&ready, &requests[0], TURN);
    list_append_all(&snapshot, &ready);
    ck_assert_ptr_eq(ready_take(&snapshot, &event), &requests[0]);
    ready_post(&ready, &requests[1], TURN);
    ck_assert_ptr_null(ready_take(&snapshot, &event));
    demand_next(&requests[1], TURN);
}
END_TEST

Suite *ready_suite(void)
{
    Suite *suite = suite_create("ready");
    TCase *tcase = tcase_create("ready");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, empty_list_has_nobody);
    tcase_add_test(tcase, events_are_taken_in_the_order_of_posting);
    tcase_add_test(tcase, posting_takes_a_request_out_of_the_list_where_it_waited);
    tcase_add_test(tcase, request_is_on_the_list_once);
    tcase_add_test(tcase, request_that_has_left_is_not_delivered);
    tcase_add_test(tcase, what_is_taken_can_be_posted_again);
    tcase_add_test(tcase, what_is_posted_during_a_delivery_is_not_in_its_snapshot);
    suite_add_tcase(suite, tcase);
    return suite;
}
