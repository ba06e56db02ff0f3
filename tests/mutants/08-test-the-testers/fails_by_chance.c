/*
 * A test that fails every other time: it would catch one half of all wrong servers.
 * Fails: wrong_server_1_is_caught, wrong_server_2_is_caught
 * Says: right servers pass every time
 */
#include "tester.h"

#include <unistd.h>

START_TEST(luck_decides)
{
    demand(getpid() % 2 == 0, "nothing", "an odd number", "an even one");
}
END_TEST

void add_my_tests(void)
{
    ADD(luck_decides);
}
