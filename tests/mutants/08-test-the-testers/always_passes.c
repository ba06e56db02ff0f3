/*
 * A test that asks for nothing, and is happy with everything.
 * Fails: wrong_server_1_is_caught, wrong_server_2_is_caught
 * Says: all passed
 */
#include "tester.h"

START_TEST(everybody_is_right)
{
    lab_start("");
    lab_end();
}
END_TEST

void add_my_tests(void)
{
    ADD(everybody_is_right);
}
