/*
 * The texts that name what is in the code: the guided reading and the manual pages. They are
 * right as long as this suite passes.
 */
#ifndef UNIT_GUIDED_READING_H
#define UNIT_GUIDED_READING_H

#include <check.h>

/* To be run in the project's root. */
Suite *guided_reading_suite(void);

#endif
