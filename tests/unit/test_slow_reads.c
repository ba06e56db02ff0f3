/*
 * The reads of a slow disk, with the time as an argument: nobody waits here.
 *
 * A read is told by its number. due_at() says in which order reads go at a moment, as "1 2 3".
 */
#include "tools/slow_reads.h"
#include "unit/slow_units.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { DELAY_MS = 100, TEXT_BYTES = 1000, MANY = 200 };

static struct slow_reads reads;

/* A test begins with a disk of its own kind. */
static void begin(int64_t delay_ms, unsigned heads, bool is_held)
{
    slow_reads_init(&reads, delay_ms, heads, is_held);
}

static void add(uint64_t id, const char *file)
{
    struct slow_read read = {.id = id, .call = "pread64"};
    snprintf(read.thread, sizeof read.thread, "thread %d (server)", (int)id);
    snprintf(read.file, sizeof read.file, "%s", file);
    ck_assert(slow_reads_add(&reads, &read));
}

static void add_up_to(uint64_t last)
{
    for (uint64_t id = 1; id <= last; id++)
        add(id, "file");
}

/* All that go at this moment. */
static const char *due_at(int64_t now_ms)
{
    static char text[TEXT_BYTES];
    struct slow_read read;
    size_t used = 0;
    *text = '\0';
    while (slow_reads_take_due(&reads, now_ms, &read))
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", used > 0 ? " " : "",
                                 (int)read.id);
    return text;
}

/* Gives back the memory of reads that a test has left, however they stand. */
static void tear_down(void)
{
    reads.heads = 0;
    slow_reads_release_all(&reads);
    due_at(INT64_MAX / 2);
    due_at(INT64_MAX);
}

static const char *held(void)
{
    static char text[TEXT_BYTES];
    FILE *out = fmemopen(text, sizeof text, "w");
    *text = '\0';
    ck_assert_ptr_nonnull(out);
    slow_reads_print_held(&reads, out);
    fclose(out);
    return text;
}

/* --- the delay ------------------------------------------------------------------------------ */

START_TEST(nothing_is_due_at_first)
{
    begin(DELAY_MS, 0, false);
    ck_assert_str_eq(due_at(0), "");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), SLOW_NO_DUE);
}
END_TEST

START_TEST(read_goes_when_its_delay_is_over)
{
    begin(DELAY_MS, 0, false);
    add(1, "file");
    ck_assert_str_eq(due_at(1000), "");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), 1000 + DELAY_MS);
    ck_assert_str_eq(due_at(1000 + DELAY_MS - 1), "");
    ck_assert_str_eq(due_at(1000 + DELAY_MS), "1");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), SLOW_NO_DUE);
}
END_TEST

START_TEST(without_delay_a_read_goes_at_once)
{
    begin(0, 0, false);
    add_up_to(3);
    ck_assert_str_eq(due_at(5), "1 2 3");
    ck_assert_str_eq(due_at(5), "");
}
END_TEST

START_TEST(time_that_was_overslept_is_not_made_up_for)
{
    begin(DELAY_MS, 1, false);
    add_up_to(2);
    ck_assert_str_eq(due_at(0), "");
    ck_assert_str_eq(due_at(10 * DELAY_MS), "1");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), 11 * DELAY_MS);
    ck_assert_str_eq(due_at(11 * DELAY_MS), "2");
}
END_TEST

START_TEST(read_comes_back_as_it_was_added)
{
    struct slow_read read;
    begin(0, 0, false);
    add(7, "directory/file");
    ck_assert(slow_reads_take_due(&reads, 0, &read));
    ck_assert_uint_eq(read.id, 7);
    ck_assert_str_eq(read.call, "pread64");
    ck_assert_str_eq(read.thread, "thread 7 (server)");
    ck_assert_str_eq(read.file, "directory/file");
}
END_TEST

/* --- the heads ------------------------------------------------------------------------------ */

START_TEST(many_reads_are_served_at_the_same_time)
{
    begin(DELAY_MS, 0, false);
    add_up_to(3);
    ck_assert_str_eq(due_at(0), "");
    add(4, "file");
    ck_assert_str_eq(due_at(50), "");
    ck_assert_str_eq(due_at(DELAY_MS), "1 2 3");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), 50 + DELAY_MS);
    ck_assert_str_eq(due_at(50 + DELAY_MS), "4");
}
END_TEST

START_TEST(one_head_serves_one_after_the_other)
{
    begin(DELAY_MS, 1, false);
    add_up_to(3);
    ck_assert_str_eq(due_at(0), "");
    ck_assert_str_eq(due_at(1 * DELAY_MS), "1");
    ck_assert_str_eq(due_at(2 * DELAY_MS - 1), "");
    ck_assert_str_eq(due_at(2 * DELAY_MS), "2");
    ck_assert_str_eq(due_at(3 * DELAY_MS), "3");
    ck_assert_str_eq(due_at(9 * DELAY_MS), "");
}
END_TEST

START_TEST(two_heads_serve_two_at_a_time)
{
    begin(DELAY_MS, 2, false);
    add_up_to(5);
    ck_assert_str_eq(due_at(0), "");
    ck_assert_str_eq(due_at(1 * DELAY_MS), "1 2");
    ck_assert_str_eq(due_at(2 * DELAY_MS), "3 4");
    ck_assert_str_eq(due_at(3 * DELAY_MS), "5");
}
END_TEST

START_TEST(free_head_takes_whoever_comes)
{
    begin(DELAY_MS, 2, false);
    add(1, "file");
    ck_assert_str_eq(due_at(0), "");
    add(2, "file");
    ck_assert_str_eq(due_at(30), "");
    add(3, "file");
    ck_assert_str_eq(due_at(60), "");
    ck_assert_str_eq(due_at(DELAY_MS), "1");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), 30 + DELAY_MS);
    ck_assert_str_eq(due_at(30 + DELAY_MS), "2");
    ck_assert_str_eq(due_at(2 * DELAY_MS), "3");
}
END_TEST

START_TEST(one_head_without_delay_lets_all_go_in_order)
{
    begin(0, 1, false);
    add_up_to(4);
    ck_assert_str_eq(due_at(0), "1 2 3 4");
}
END_TEST

/* --- holding and releasing ------------------------------------------------------------------ */

START_TEST(held_reads_do_not_go)
{
    begin(0, 0, true);
    add_up_to(3);
    ck_assert_str_eq(due_at(INT64_MAX / 2), "");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), SLOW_NO_DUE);
}
END_TEST

START_TEST(oldest_is_released_first)
{
    begin(0, 0, true);
    add_up_to(3);
    ck_assert_uint_eq(slow_reads_release_one(&reads), 1);
    ck_assert_str_eq(due_at(0), "1");
    ck_assert_uint_eq(slow_reads_release_one(&reads), 1);
    ck_assert_uint_eq(slow_reads_release_one(&reads), 1);
    ck_assert_str_eq(due_at(0), "2 3");
}
END_TEST

START_TEST(all_are_released_in_order)
{
    begin(0, 0, true);
    add_up_to(3);
    ck_assert_uint_eq(slow_reads_release_all(&reads), 3);
    ck_assert_str_eq(due_at(0), "1 2 3");
}
END_TEST

START_TEST(reads_of_one_file_are_released)
{
    begin(0, 0, true);
    add(1, "a");
    add(2, "b");
    add(3, "a");
    ck_assert_uint_eq(slow_reads_release_file(&reads, "a"), 2);
    ck_assert_str_eq(due_at(0), "1 3");
    ck_assert_uint_eq(slow_reads_release_file(&reads, "b"), 1);
    ck_assert_str_eq(due_at(0), "2");
}
END_TEST

START_TEST(name_must_be_the_whole_name)
{
    begin(0, 0, true);
    add(1, "directory/file");
    ck_assert_uint_eq(slow_reads_release_file(&reads, "file"), 0);
    ck_assert_uint_eq(slow_reads_release_file(&reads, "directory"), 0);
    ck_assert_uint_eq(slow_reads_release_file(&reads, "directory/file2"), 0);
    ck_assert_uint_eq(slow_reads_release_file(&reads, ""), 0);
    ck_assert_str_eq(due_at(0), "");
    ck_assert_uint_eq(slow_reads_release_file(&reads, "directory/file"), 1);
}
END_TEST

START_TEST(release_of_nothing_counts_nothing)
{
    begin(0, 0, true);
    ck_assert_uint_eq(slow_reads_release_one(&reads), 0);
    ck_assert_uint_eq(slow_reads_release_all(&reads), 0);
    ck_assert_uint_eq(slow_reads_release_file(&reads, "file"), 0);
    add(1, "file");
    ck_assert_str_eq(due_at(0), "");
}
END_TEST

/* It may wait for a head; it is held no more, and so the next one's turn has come. */
START_TEST(read_is_released_once)
{
    begin(DELAY_MS, 1, true);
    add_up_to(3);
    ck_assert_uint_eq(slow_reads_release_one(&reads), 1);
    ck_assert_uint_eq(slow_reads_release_one(&reads), 1);
    ck_assert_uint_eq(slow_reads_release_all(&reads), 1);
    ck_assert_uint_eq(slow_reads_release_all(&reads), 0);
}
END_TEST

START_TEST(release_is_for_those_who_have_come)
{
    begin(0, 0, true);
    add(1, "file");
    slow_reads_release_all(&reads);
    add(2, "file");
    ck_assert_str_eq(due_at(0), "1");
    ck_assert_str_eq(due_at(INT64_MAX / 2), "");
}
END_TEST

/* As when slowdisk is told to end. */
START_TEST(hold_can_be_given_up)
{
    begin(0, 0, true);
    add(1, "file");
    slow_reads_go(&reads);
    add(2, "file");
    ck_assert_str_eq(due_at(0), "1 2");
}
END_TEST

START_TEST(hold_can_begin_later)
{
    begin(DELAY_MS, 0, false);
    add(1, "file");
    ck_assert_str_eq(due_at(0), "");
    slow_reads_hold(&reads);
    add(2, "file");
    ck_assert_str_eq(due_at(DELAY_MS), "1");
    ck_assert_str_eq(due_at(10 * DELAY_MS), "");
    ck_assert_uint_eq(slow_reads_release_one(&reads), 1);
    ck_assert_str_eq(due_at(10 * DELAY_MS), "2");
}
END_TEST

/* A read that was held has waited enough; it need not wait for those that are being served. */
START_TEST(who_was_held_overtakes_who_is_served)
{
    begin(DELAY_MS, 0, false);
    add(1, "file");
    ck_assert_str_eq(due_at(0), "");
    slow_reads_hold(&reads);
    add(2, "file");
    slow_reads_go(&reads);
    add(3, "file");
    ck_assert_str_eq(due_at(1), "2");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), DELAY_MS);
    ck_assert_str_eq(due_at(DELAY_MS), "1");
    ck_assert_str_eq(due_at(1 + DELAY_MS), "3");
}
END_TEST

/* The order of release is the order of going, whatever the order of arrival. */
START_TEST(reads_go_in_the_order_of_release)
{
    begin(DELAY_MS, 0, true);
    add(1, "a");
    add(2, "b");
    add(3, "c");
    slow_reads_release_file(&reads, "c");
    ck_assert_str_eq(due_at(0), "");
    slow_reads_release_file(&reads, "a");
    ck_assert_str_eq(due_at(1), "");
    ck_assert_str_eq(due_at(DELAY_MS), "3");
    ck_assert_str_eq(due_at(DELAY_MS + 1), "1");
}
END_TEST

/* A head is for a read that may be served: a held one keeps it from nobody. */
START_TEST(held_reads_take_no_head)
{
    begin(DELAY_MS, 1, true);
    add(1, "a");
    add(2, "b");
    slow_reads_release_file(&reads, "b");
    ck_assert_str_eq(due_at(0), "");
    ck_assert_str_eq(due_at(DELAY_MS), "2");
}
END_TEST

/* After its release a read is served, and that takes the delay. */
START_TEST(delay_counts_from_the_release)
{
    begin(DELAY_MS, 0, true);
    add(1, "file");
    ck_assert_str_eq(due_at(5 * DELAY_MS), "");
    slow_reads_release_one(&reads);
    ck_assert_str_eq(due_at(5 * DELAY_MS), "");
    ck_assert_int_eq(slow_reads_next_due_ms(&reads), 6 * DELAY_MS);
    ck_assert_str_eq(due_at(6 * DELAY_MS), "1");
}
END_TEST

/* --- the list ------------------------------------------------------------------------------- */

START_TEST(held_reads_are_listed_oldest_first)
{
    begin(0, 0, true);
    ck_assert_str_eq(held(), "");
    add(1, "a");
    add(2, "b");
    ck_assert_str_eq(held(), "slowdisk:   held 1: pread64 of a by thread 1 (server)\n"
                             "slowdisk:   held 2: pread64 of b by thread 2 (server)\n");
}
END_TEST

START_TEST(released_reads_are_not_listed)
{
    begin(DELAY_MS, 1, true);
    add_up_to(3);
    slow_reads_release_one(&reads);
    slow_reads_release_one(&reads);
    due_at(0); /* 1 is being served, 2 waits for the head */
    ck_assert_str_eq(held(), "slowdisk:   held 1: pread64 of file by thread 3 (server)\n");
}
END_TEST

START_TEST(many_reads_keep_their_order)
{
    struct slow_read read;
    begin(0, 3, true);
    add_up_to(MANY);
    ck_assert_uint_eq(slow_reads_release_all(&reads), MANY);
    for (uint64_t id = 1; id <= MANY; id++) {
        ck_assert(slow_reads_take_due(&reads, 0, &read));
        ck_assert_uint_eq(read.id, id);
    }
    ck_assert(!slow_reads_take_due(&reads, 0, &read));
}
END_TEST

/* --- the suite ------------------------------------------------------------------------------ */

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = unit_add_case(suite, name);
    tcase_add_checked_fixture(tcase, NULL, tear_down);
    return tcase;
}

static void add_serving_tests(TCase *tcase)
{
    tcase_add_test(tcase, nothing_is_due_at_first);
    tcase_add_test(tcase, read_goes_when_its_delay_is_over);
    tcase_add_test(tcase, without_delay_a_read_goes_at_once);
    tcase_add_test(tcase, time_that_was_overslept_is_not_made_up_for);
    tcase_add_test(tcase, read_comes_back_as_it_was_added);
    tcase_add_test(tcase, many_reads_are_served_at_the_same_time);
    tcase_add_test(tcase, one_head_serves_one_after_the_other);
    tcase_add_test(tcase, two_heads_serve_two_at_a_time);
    tcase_add_test(tcase, free_head_takes_whoever_comes);
    tcase_add_test(tcase, one_head_without_delay_lets_all_go_in_order);
}

static void add_holding_tests(TCase *tcase)
{
    tcase_add_test(tcase, held_reads_do_not_go);
    tcase_add_test(tcase, oldest_is_released_first);
    tcase_add_test(tcase, all_are_released_in_order);
    tcase_add_test(tcase, reads_of_one_file_are_released);
    tcase_add_test(tcase, name_must_be_the_whole_name);
    tcase_add_test(tcase, release_of_nothing_counts_nothing);
    tcase_add_test(tcase, read_is_released_once);
    tcase_add_test(tcase, release_is_for_those_who_have_come);
    tcase_add_test(tcase, hold_can_be_given_up);
    tcase_add_test(tcase, hold_can_begin_later);
    tcase_add_test(tcase, who_was_held_overtakes_who_is_served);
    tcase_add_test(tcase, reads_go_in_the_order_of_release);
    tcase_add_test(tcase, held_reads_take_no_head);
    tcase_add_test(tcase, delay_counts_from_the_release);
    tcase_add_test(tcase, held_reads_are_listed_oldest_first);
    tcase_add_test(tcase, released_reads_are_not_listed);
    tcase_add_test(tcase, many_reads_keep_their_order);
}

Suite *slow_reads_suite(void)
{
    Suite *suite = suite_create("slow_reads");
    add_serving_tests(add_case(suite, "slow_reads_served"));
    add_holding_tests(add_case(suite, "slow_reads_held"));
    return suite;
}
