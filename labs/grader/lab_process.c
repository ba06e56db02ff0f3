#include "grader/lab_inside.h"
#include "support/deadline.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    PATH_ROOM = 64,
    PATTERN_ROOM = 200,
    MS_PER_SECOND = 1000,
    NS_PER_MS = 1000000,
    REST_PERCENT = 10, /* of one processor is still "next to nothing" */
};

/* --- slowdisk's log ------------------------------------------------------------------------- */

unsigned lab_count_reads_of(const char *file)
{
    char pattern[PATTERN_ROOM];
    snprintf(pattern, sizeof pattern, " s  (held|came) +[a-z0-9]+ of %s by ", file);
    return slow_count(&lab_server, pattern);
}

void lab_release_again(struct lab_file *file)
{
    char pattern[PATTERN_ROOM];
    if (!file->is_released)
        return;
    snprintf(pattern, sizeof pattern, " s  done +[a-z0-9]+ of %s by ", file->name);
    if (lab_count_reads_of(file->name) > slow_count(&lab_server, pattern))
        slow_tell(lab_tree(), "release %s", file->name);
}

unsigned lab_count_reads_by_first_thread(void)
{
    return slow_count(&lab_server, " s  (held|came) .* by first thread");
}

unsigned lab_count_reads_by_others(void)
{
    return slow_count(&lab_server, " s  (held|came) .* by thread ");
}

/* --- /proc ---------------------------------------------------------------------------------- */

/* The names in a directory of the server's in /proc, "." and ".." left out. */
static unsigned count_in(const char *directory)
{
    char path[PATH_ROOM];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)lab_server.program.pid, directory);
    DIR *found = opendir(path);
    if (found == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(found)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(found);
    return count;
}

unsigned lab_count_threads(void)
{
    return count_in("task");
}

unsigned lab_count_descriptors(void)
{
    return count_in("fd");
}

unsigned lab_cpu_ms(void)
{
    clockid_t clock;
    struct timespec used = {0};
    if (clock_getcpuclockid(lab_server.program.pid, &clock) == 0)
        clock_gettime(clock, &used);
    return (unsigned)(used.tv_sec * MS_PER_SECOND + used.tv_nsec / NS_PER_MS);
}

void demand_rest(unsigned ms)
{
    char got[PATTERN_ROOM];
    ms = (unsigned)(ms * deadline_scale());
    struct timespec pause = {.tv_sec = ms / MS_PER_SECOND,
                             .tv_nsec = (long)(ms % MS_PER_SECOND) * NS_PER_MS};
    unsigned before = lab_cpu_ms();
    nanosleep(&pause, NULL);
    unsigned used = lab_cpu_ms() - before;
    snprintf(got, sizeof got, "%u ms of CPU time in %u ms", used, ms);
    demand(used * 100 <= ms * REST_PERCENT, "nothing, for a while", got,
           "next to no CPU time: the server sleeps until something happens");
}
