/*
 * The texts that name what is in the code: the guided reading, the guide to the tests and
 * the manual pages. They are right as long as this suite passes.
 */
#ifndef UNIT_GUIDED_READING_H
#define UNIT_GUIDED_READING_H

#include <check.h>

/* To be run in the project's root. */
Suite *guided_reading_suite(void);

/* The sources keep to their rooms: what they include, and who may wait. The same. */
Suite *rooms_suite(void);

#endif
