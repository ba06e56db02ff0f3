/*
 * threeways-trace: prints what a server has written with --trace, also while it runs.
 */
#include "tools/trace_output.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXIT_USAGE = 2, POLL_MS = 50 };

static const char usage[] =
    "threeways-trace [OPTION]... FILE\n"
    "Prints a trace that threeways --trace FILE has written, or is writing.\n\n"
    "  -f, --follow       go on until the server ends, or Ctrl-C\n"
    "      --format FORM  text (the default), json, or chrome: Trace Event Format, for Perfetto\n"
    "      --summary      the time spent in each state, and more, on one page\n"
    "  -h, --help         show this\n";

struct command {
    const struct trace_output *output;
    bool follows;
    const char *file;
};

static volatile sig_atomic_t is_interrupted;

static bool complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("threeways-trace: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

/* --- the command line --------------------------------------------------------------------- */

static bool take_format(struct command *command, const char *value)
{
    static const struct trace_output *const outputs[] = {&trace_text, &trace_json, &trace_chrome,
                                                         NULL};
    for (size_t i = 0; outputs[i] != NULL; i++)
        if (strcmp(outputs[i]->name, value) == 0) {
            command->output = outputs[i];
            return true;
        }
    return complain("--format %s: not one of: text json chrome", value);
}

static bool take_option(struct command *command, int option, const char *word)
{
    switch (option) {
    case 'f': command->follows = true; return true;
    case 'o': return take_format(command, optarg);
    case 's': command->output = &trace_summary; return true;
    case 'h': fputs(usage, stdout); exit(EXIT_SUCCESS);
    case ':': return complain("%s: the value is missing; see threeways-trace --help", word);
    default:
        return complain("%s: no such option, or not with a value; see threeways-trace --help",
                        word);
    }
}

static bool parse(struct command *command, int argc, char *argv[])
{
    static const struct option options[] = {{"follow", no_argument, NULL, 'f'},
                                            {"format", required_argument, NULL, 'o'},
                                            {"summary", no_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    int option;
    opterr = 0;
    *command = (struct command){.output = &trace_text};
    while ((option = getopt_long(argc, argv, ":fh", options, NULL)) != -1)
        if (!take_option(command, option, argv[optind - 1]))
            return false;
    if (optind == argc)
        return complain("which trace? write threeways-trace FILE");
    command->file = argv[optind++];
    return optind == argc || complain("%s: one FILE is enough; leave the others out", argv[optind]);
}

/* --- reading and printing ----------------------------------------------------------------- */

static void interrupt(int number)
{
    (void)number;
    is_interrupted = 1;
}

/* Not restarted: the pause between two looks ends at once. A second one ends the program. */
static void listen_to_ctrl_c(void)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void pause_a_little(void)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
    fflush(stdout);
    nanosleep(&pause, NULL);
}

/* Without --follow, a busy server must not keep us for ever: what is there now is enough. */
static bool is_enough(const struct command *command, const struct trace_reader *reader,
                      uint64_t newest)
{
    return !command->follows && reader->next >= newest;
}

static bool print_records(const struct command *command, struct trace_reader *reader)
{
    struct trace_record record;
    enum trace_read read = TRACE_READ_NOTHING;
    uint64_t newest = atomic_load(&reader->header->next);
    while (read != TRACE_READ_END && !is_interrupted && !is_enough(command, reader, newest)) {
        read = trace_reader_next(reader, &record);
        if (read == TRACE_READ_NOTHING)
            pause_a_little();
        if (read == TRACE_READ_RECORD && !command->output->take(&record))
            return false;
    }
    return true;
}

static bool print(const struct command *command, struct trace_reader *reader)
{
    bool has_memory = command->output->begin(reader, stdout) && print_records(command, reader) &&
                      command->output->end();
    if (!has_memory)
        return complain("%s: %s; the trace is too large", command->file, strerror(ENOMEM));
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain("standard output: %s", strerror(errno));
    return true;
}

int main(int argc, char *argv[])
{
    struct command command;
    struct trace_reader reader;
    char error[TRACE_READER_ERROR_BYTES];
    if (!parse(&command, argc, argv))
        return EXIT_USAGE;
    if (!trace_reader_open(&reader, command.file, TRACE_READER_PATIENCE_MS, error, sizeof error)) {
        complain("%s", error);
        return EXIT_USAGE;
    }
    listen_to_ctrl_c();
    bool is_printed = print(&command, &reader);
    trace_reader_close(&reader);
    return is_printed ? EXIT_SUCCESS : EXIT_FAILURE;
}
