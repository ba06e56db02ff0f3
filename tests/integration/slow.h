/*
 * The suites of the tests that need a slow disk.
 */
#ifndef INTEGRATION_SLOW_H
#define INTEGRATION_SLOW_H

#include <check.h>

/* slowdisk itself, before our server and before others. */
Suite *slowdisk_suite(void);

/* The event model's one thread never waits for the disk. */
Suite *nonblocking_suite(void);

#endif
