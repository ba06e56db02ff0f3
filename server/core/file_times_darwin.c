/*
 * The names of macOS, stat(2).
 */
#include "core/file_times.h"

struct timespec file_time_modified(const struct stat *status)
{
    return status->st_mtimespec;
}

struct timespec file_time_changed(const struct stat *status)
{
    return status->st_ctimespec;
}
