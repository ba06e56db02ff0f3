/*
 * The command line: one table of options, from which parsing, checking and --help are made.
 */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include "core/choice.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The lists to choose from; each ends in NULL, and its first member is the default. */
struct option_choices {
    const struct choice *const *models, *const *pollers, *const *disks, *const *wakeups;
};

struct options {
    const char *address;
    uint64_t port; /* 0: the system chooses one */
    const char *root;
    uint64_t model, poller, disk, wakeup; /* places in the lists of choices */
    uint64_t cache_bytes, cache_file_max_bytes;
    uint64_t max_connections, places, buffers;
    uint64_t threads, queue; /* workers, and connections that wait for one */
    uint64_t work_ms;        /* of CPU time, for every request */
    uint64_t read_timeout_ms, load_timeout_ms, idle_timeout_ms, write_timeout_ms, grace_ms;
    bool list, verbose, nowait;
    const char *trace;     /* a file, with ",SIZE" behind it or not; NULL for none */
    const char *log;       /* a file, "-" for standard output, or NULL for none */
    const char *print_fsm; /* "table" or "dot": print the machine and do nothing else */
    bool help, help_all, version;
};

/*
 * Reads the command line into `options`, which point into `argv`. Returns true; or false after
 * one line on `errors` that names the option, its value and the mend.
 */
bool options_parse(struct options *options, int argc, char *argv[],
                   const struct option_choices *choices, FILE *errors);

/* Prints the options that a student needs, or all of them with the lists of choices. */
void options_print_help(FILE *out, bool all, const struct option_choices *choices);

/*
 * Reads "64M", "16k", "1G" or "512" into bytes, and "20ms", "10s", "2m" or "10" (seconds) into
 * milliseconds. Both return false for anything else, or for a number too large.
 */
bool options_parse_size(const char *text, uint64_t *bytes);
bool options_parse_time(const char *text, uint64_t *ms);

#endif
