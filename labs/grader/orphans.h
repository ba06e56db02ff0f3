/*
 * Processes that a test leaves behind. A server that ignores SIGTERM, or makes children and goes,
 * must not outlive its test: whatever has lost its parent becomes ours, and ends.
 */
#ifndef GRADER_ORPHANS_H
#define GRADER_ORPHANS_H

#include <stdbool.h>

/* From now on all descendants that lose their parent become our children. */
bool orphans_adopt(void);

/* Kills all children, and theirs, and so on, and waits until none is left. */
void orphans_end_all(void);

#endif
