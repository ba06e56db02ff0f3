/*
 * When a file was last changed, to the nanosecond. POSIX has named the members of struct stat
 * since 2008 (sys_stat.h(0p)); macOS had names of its own before.
 */
#ifndef CORE_FILE_TIMES_H
#define CORE_FILE_TIMES_H

#include <sys/stat.h>
#include <time.h>

/* When its contents were changed last. */
struct timespec file_time_modified(const struct stat *status);

/* When anything of it was changed last, its name or its owner, too. */
struct timespec file_time_changed(const struct stat *status);

#endif
