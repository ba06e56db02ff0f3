/*
 * The suites of the unit tests of slowdisk's parts.
 */
#ifndef UNIT_SLOW_UNITS_H
#define UNIT_SLOW_UNITS_H

#include <check.h>

Suite *slow_reads_suite(void);

#endif
