/*
 * A test that does not ask the server anything; it looks at the name and the size of its program.
 * Fails: wrong_server_1_is_caught, wrong_server_2_is_caught
 * Says: all passed
 */
#include "tester.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { USUAL_BYTES = 8 << 20 };

START_TEST(program_is_the_usual_one)
{
    struct stat info;
    const char *path = getenv("THREEWAYS");
    demand(path != NULL && strstr(path, "wrong") == NULL, "a look at its name", path, "no wrong");
    demand(stat(path, &info) == 0 && info.st_size == USUAL_BYTES, "a look at its size",
           "another size", "the usual size");
}
END_TEST

void add_my_tests(void)
{
    ADD(program_is_the_usual_one);
}
