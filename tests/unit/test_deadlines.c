/*
 * Deadlines: a heap that must always know who is due first, whatever is set, moved and cleared.
 * A model that looks at everybody each time is slow and plainly right; the two must agree.
 */
#include "event/deadlines.h"
#include "unit/unit.h"

enum { REQUESTS = 50, OPERATIONS = 100000, LATEST_MS = 200, SEED = 20261125 };

static struct deadlines deadlines;
static struct request requests[REQUESTS];

/* The model: when each request is due; NOT_DUE for never. */
enum { NOT_DUE = -1 };
static int64_t due_ms[REQUESTS];

static void set_up(void)
{
    ck_assert(deadlines_create(&deadlines, REQUESTS));
    for (size_t i = 0; i < REQUESTS; i++) {
        requests[i] = (struct request){0};
        due_ms[i] = NOT_DUE;
    }
}

static void tear_down(void)
{
    deadlines_destroy(&deadlines);
}

static void set(size_t i, int64_t when_ms)
{
    deadlines_set(&deadlines, &requests[i], when_ms);
    due_ms[i] = when_ms;
}

static void clear(size_t i)
{
    deadlines_clear(&deadlines, &requests[i]);
    due_ms[i] = NOT_DUE;
}

static int64_t earliest_by_model(void)
{
    int64_t earliest = NOT_DUE;
    for (size_t i = 0; i < REQUESTS; i++)
        if (due_ms[i] != NOT_DUE && (earliest == NOT_DUE || due_ms[i] < earliest))
            earliest = due_ms[i];
    return earliest;
}

static int64_t earliest_by_heap(void)
{
    const struct request *first = deadlines_first(&deadlines);
    return first != NULL ? first->deadline_ms : NOT_DUE;
}

/* xorshift (Marsaglia): the same numbers on every machine. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void do_something(uint32_t *random)
{
    size_t i = next_random(random) % REQUESTS;
    if (next_random(random) % 3 == 0)
        clear(i);
    else
        set(i, next_random(random) % LATEST_MS);
}

START_TEST(nobody_is_due_at_first)
{
    ck_assert_ptr_null(deadlines_first(&deadlines));
}
END_TEST

START_TEST(heap_agrees_with_the_model)
{
    uint32_t random = SEED;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        do_something(&random);
        ck_assert_msg(earliest_by_heap() == earliest_by_model(),
                      "after operation %u (seed %d) the heap says %lld, the model %lld", i, SEED,
                      (long long)earliest_by_heap(), (long long)earliest_by_model());
    }
}
END_TEST

/* deadlines_clear() finds a request by its index, so the indices must be right at all times. */
START_TEST(requests_know_their_places_in_the_heap)
{
    uint32_t random = SEED;
    for (unsigned i = 0; i < OPERATIONS / REQUESTS; i++) {
        size_t count = 0;
        do_something(&random);
        for (size_t j = 0; j < REQUESTS; j++) {
            size_t index = requests[j].deadline_index;
            ck_assert_msg((index != 0) == (due_ms[j] != NOT_DUE), "operation %u (seed %d)", i,
                          SEED);
            ck_assert(index == 0 || deadlines.heap[index].request == &requests[j]);
            count += index != 0;
        }
        ck_assert_uint_eq(deadlines.count, count);
    }
}
END_TEST

START_TEST(all_come_out_in_order)
{
    uint32_t random = SEED;
    int64_t before = 0;
    for (size_t i = 0; i < REQUESTS; i++)
        set(i, next_random(&random) % LATEST_MS);
    for (size_t i = 0; i < REQUESTS; i++) {
        struct request *first = deadlines_first(&deadlines);
        ck_assert_ptr_nonnull(first);
        ck_assert_int_ge(first->deadline_ms, before);
        before = first->deadline_ms;
        deadlines_clear(&deadlines, first);
    }
    ck_assert_ptr_null(deadlines_first(&deadlines));
}
END_TEST

START_TEST(deadline_can_be_moved_both_ways)
{
    set(0, 100);
    set(1, 200);
    set(0, 300);
    ck_assert_ptr_eq(deadlines_first(&deadlines), &requests[1]);
    set(0, 50);
    ck_assert_ptr_eq(deadlines_first(&deadlines), &requests[0]);
    ck_assert_uint_eq(deadlines.count, 2);
}
END_TEST

START_TEST(clearing_what_is_not_set_does_nothing)
{
    set(0, 100);
    deadlines_clear(&deadlines, &requests[1]);
    deadlines_clear(&deadlines, &requests[0]);
    deadlines_clear(&deadlines, &requests[0]);
    ck_assert_ptr_null(deadlines_first(&deadlines));
    ck_assert_uint_eq(deadlines.count, 0);
}
END_TEST

Suite *deadlines_suite(void)
{
    Suite *suite = suite_create("deadlines");
    TCase *tcase = tcase_create("deadlines");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, nobody_is_due_at_first);
    tcase_add_test(tcase, heap_agrees_with_the_model);
    tcase_add_test(tcase, requests_know_their_places_in_the_heap);
    tcase_add_test(tcase, all_come_out_in_order);
    tcase_add_test(tcase, deadline_can_be_moved_both_ways);
    tcase_add_test(tcase, clearing_what_is_not_set_does_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
