/*
 * The names of POSIX.1-2008.
 */
#include "core/file_times.h"

struct timespec file_time_modified(const struct stat *status)
{
    return status->st_mtim;
}

struct timespec file_time_changed(const struct stat *status)
{
    return status->st_ctim;
}
