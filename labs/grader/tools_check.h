/*
 * Does this machine have what grading needs? No points are given, or lost, for a missing tool.
 */
#ifndef GRADER_TOOLS_CHECK_H
#define GRADER_TOOLS_CHECK_H

#include <stdbool.h>

/* Whether slowdisk can hold a program's reads here; if not, says what is missing. */
bool tools_are_here(void);

#endif
