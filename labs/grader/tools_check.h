/*
 * Does this machine have what grading needs? No points are given, or lost, for a missing tool.
 */
#ifndef GRADER_TOOLS_CHECK_H
#define GRADER_TOOLS_CHECK_H

#include <stdbool.h>

/*
 * Whether slowdisk can hold a program's reads here; if not, says what is missing. Says, too, if the
 * server cannot be run as nobody by root; then it keeps its user (THREEWAYS_KEEP_USER is set).
 */
bool tools_are_here(void);

#endif
