/*
 * Your tests. Each is a statement about every right server, and is to catch the wrong ones.
 *
 * The manual is labs/grader/lab.h; what may be demanded is the contract in README.md.
 */
#include "tester.h"

/* Point 2. Catches: a thread that reads the disk itself, while everybody waits for it. */
START_TEST(hot_requests_are_answered_while_a_read_is_held)
{
    lab_hold("");
    const char *file = lab_new_file(5000);
    struct http_connection *cold = lab_ask_cold(file);
    demand_hot(10);
    demand_no_answer(cold);
    lab_release(file);
    demand_file(cold, file);
    lab_end();
}
END_TEST

/* TODO step 3: two reads are under way at once. (Which of the two must be released first?) */

/* TODO step 4: one test for each point of the contract. */

void add_my_tests(void)
{
    ADD(hot_requests_are_answered_while_a_read_is_held);
}
