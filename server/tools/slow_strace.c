#define _GNU_SOURCE
#include "tools/slow_strace.h"

#include <errno.h>
#include <ftw.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WORDS_MAX = 8192, /* what a command line may hold, within reason */
    WORDS_BEHIND = 5, /* what follows the files, before the program */
    OPEN_DIRECTORIES = 16,
};

/* strace's command line as it grows: nftw(3) has no room to pass it along. */
static char *words[WORDS_MAX + 1];
static size_t word_count;
static size_t files_end; /* files may be named up to here: the rest of the line must have room */
static size_t files_left_out;

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
    if (kind != FTW_F)
        return 0;
    if (word_count + 2 > files_end) {
        files_left_out++;
        return 0;
    }
    add("-P");
    add(path);
    return 0;
}

static size_t count_words(char *argv[])
{
    size_t count = 0;
    while (count < WORDS_MAX / 2 && argv[count] != NULL)
        count++;
    return count;
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
    files_end = WORDS_MAX - WORDS_BEHIND - count_words(argv);
    nftw(directory, add_file, OPEN_DIRECTORIES, FTW_PHYS);
    if (files_left_out > 0)
        fprintf(stderr, "slowdisk: strace can name %zu files; %zu others are not slowed\n",
                files_end / 2, files_left_out);
    add("-e");
    add(trace);
    add("-e");
    add(inject);
    add("--");
    for (size_t i = 0; argv[i] != NULL; i++)
        add(argv[i]);
    execvp(words[0], words);
}
