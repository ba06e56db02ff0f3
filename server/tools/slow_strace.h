/*
 * The other way to make a disk slow, where the system does not allow user notification: strace(1)
 * delays the calls when they are entered.
 */
#ifndef TOOLS_SLOW_STRACE_H
#define TOOLS_SLOW_STRACE_H

#include <stdint.h>

/*
 * Becomes strace, which runs the program with `calls` ("pread64,read") delayed on the files
 * beneath `directory`. strace wants their names beforehand: files that come later are not slow.
 * Returns only if that fails, with errno set.
 */
void slow_strace_become(const char *calls, int64_t delay_ms, const char *directory, char *argv[]);

#endif
