/*
 * Seats: the descriptors are divided so that neither the poller's limit nor the backend's is
 * passed. Here the system has 100 descriptors, of which those of the test's process are open.
 */
#include "event/seats.h"
#include "unit/unit.h"

#include <fcntl.h>
#include <sys/resource.h>

enum { DESCRIPTORS = 100, FEW = 12, MANY = 20, BUFFERS = 8, NOT_LIMITED = 1000000 };

static const struct poller poller = {.descriptor_limit = 1024};

static unsigned few(void)
{
    return FEW;
}

static unsigned more_than_descriptors(void)
{
    return NOT_LIMITED;
}

static const struct disk_backend limited = {.places_max = few},
                                 generous = {.places_max = more_than_descriptors}, silent;

static void set_up(void)
{
    struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    for (int descriptor = 0; descriptor < DESCRIPTORS; descriptor++)
        count += fcntl(descriptor, F_GETFD) != -1;
    return count;
}

static struct disk_plan plan_for(const struct disk_backend *backend, uint64_t places,
                                 unsigned *seats)
{
    struct options options = {.places = places, .buffers = BUFFERS, .max_connections = NOT_LIMITED};
    struct disk_plan plan = {.backend = backend};
    *seats = seats_plan(&options, &poller, &plan);
    return plan;
}

START_TEST(places_are_as_many_as_asked_for)
{
    unsigned seats;
    ck_assert_uint_eq(plan_for(&silent, MANY, &seats).places, MANY);
    ck_assert_uint_eq(plan_for(&generous, MANY, &seats).places, MANY);
    ck_assert_uint_eq(plan_for(&limited, FEW - 1, &seats).places, FEW - 1);
}
END_TEST

/* macOS takes 16 requests of a process: what the system does not take is no place. */
START_TEST(places_are_no_more_than_the_backend_has)
{
    unsigned seats;
    ck_assert_uint_eq(plan_for(&limited, MANY, &seats).places, FEW);
    ck_assert_uint_eq(plan_for(&limited, FEW, &seats).places, FEW);
}
END_TEST

START_TEST(places_that_the_backend_lacks_are_seats)
{
    unsigned with_many, with_few;
    plan_for(&silent, MANY, &with_many);
    plan_for(&limited, MANY, &with_few);
    ck_assert_uint_eq(with_few - with_many, MANY - FEW);
}
END_TEST

START_TEST(all_descriptors_are_enough_for_all)
{
    unsigned seats;
    struct disk_plan plan = plan_for(&silent, MANY, &seats);
    ck_assert_uint_gt(seats, 0);
    ck_assert_uint_le(open_descriptors() + seats + plan.places + plan.buffers, DESCRIPTORS);
}
END_TEST

Suite *seats_suite(void)
{
    Suite *suite = suite_create("seats");
    TCase *tcase = unit_add_case(suite, "seats");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, places_are_as_many_as_asked_for);
    tcase_add_test(tcase, places_are_no_more_than_the_backend_has);
    tcase_add_test(tcase, places_that_the_backend_lacks_are_seats);
    tcase_add_test(tcase, all_descriptors_are_enough_for_all);
    return suite;
}
