/*
 * A test that always fails: it would catch every wrong server.
 * Fails: wrong_server_1_is_caught, wrong_server_2_is_caught
 * Says: right servers pass every time
 */
#include "tester.h"

START_TEST(nobody_is_right)
{
    demand(false, "nothing", "nothing", "something");
}
END_TEST

void add_my_tests(void)
{
    ADD(nobody_is_right);
}
