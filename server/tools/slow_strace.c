#define _GNU_SOURCE
#include "tools/slow_strace.h"

#include <errno.h>
#include <ftw.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 8192, OPEN_DIRECTORIES = 16 };

/* strace's command line as it grows: nftw(3) has no room to pass it along. */
static char *words[WORDS_MAX + 1];
static size_t word_count;

static void add(const char *word)
{
    char *copy = strdup(word);
    if (copy != NULL && word_count < WORDS_MAX)
        words[word_count++] = copy;
    else
        free(copy);
}

static int add_file(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)where;
    if (kind == FTW_F && word_count + 2 < WORDS_MAX) {
        add("-P");
        add(path);
    }
    return 0;
}

void slow_strace_become(const char *calls, int64_t delay_ms, const char *directory, char *argv[])
{
    char trace[256], inject[512];
    snprintf(trace, sizeof trace, "trace=%s", calls);
    snprintf(inject, sizeof inject, "inject=%s:delay_enter=%lld", calls,
             (long long)delay_ms * 1000);
    /* With -D the program is this process, and strace its child: signals and the exit status are
       the program's own. */
    static const char *const begin[] = {"strace", "--seccomp-bpf", "-f", "-qq", "-D",
                                        "-o",     "/dev/null"};
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
        add(begin[i]);
    nftw(directory, add_file, OPEN_DIRECTORIES, FTW_PHYS);
    add("-e");
    add(trace);
    add("-e");
    add(inject);
    add("--");
    for (size_t i = 0; argv[i] != NULL; i++)
        add(argv[i]);
    execvp(words[0], words);
}
