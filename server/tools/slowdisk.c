/*
 * slowdisk: makes the disk slow for another program, or holds it until it is told to go on.
 *
 * On today's machines files are in memory, a read takes microseconds, and nothing of what waiting
 * for a disk means can be seen. So the calls that read files stop at a gate (slow_gate.h), wait
 * there as they would for a disk (slow_reads.h), and are let go. The program knows nothing of it.
 */
#define _GNU_SOURCE
#include "core/clock.h"
#include "core/options.h"
#include "tools/slow_gate.h"
#include "tools/slow_reads.h"
#include "tools/slow_strace.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 2,
    EXIT_BY_SIGNAL = 128, /* as the shell says it: 128 + the signal's number */
    DEFAULT_DELAY_MS = 20,
    HEADS_MAX = 4096,
    COMMAND_BYTES = SLOW_FILE_BYTES + 16,
    NOTHING_DUE_MS = -1,
};

static const char usage[] =
    "slowdisk [OPTION]... -- PROGRAM [ARGUMENT]...\n"
    "Runs a program and makes its reads of files slow.\n\n"
    "  --delay TIME     how long the disk takes for a read (20ms; 0ms with --hold)\n"
    "  --heads N        reads that the disk serves at a time; 1 is an old disk (as many as come)\n"
    "  --hold           keep each read until it is released: Enter releases the oldest, a and\n"
    "                   Enter all\n"
    "  --control FIFO   make this pipe, and take lines from it: release one|all|FILE, hold, go\n"
    "  --under DIR      only files beneath this directory are slow (.)\n"
    "  --calls LIST     the calls that are slow\n"
    "                   (pread64,preadv,preadv2,read,readv,sendfile)\n"
    "  --log            tell which thread makes which call on which file\n"
    "  --strace         use strace and not seccomp: only --delay, --under and --calls\n"
    "  --help           show this\n";

struct slowdisk {
    struct gate gate;
    struct slow_reads reads;
    const char *calls, *control;
    char under[PATH_MAX];
    uint64_t delay_ms, heads;
    bool has_delay, holds, logs, wants_strace;
    int signals, terminal, control_pipe; /* descriptors, or -1 */
    bool program_has_ended;
    int status; /* of the program, as waitpid(2) has it */
    int64_t began_ms;
    char commands[COMMAND_BYTES + 1]; /* what has come of the control pipe's lines */
    size_t commands_length;
};

/* --- what it tells -------------------------------------------------------------------------- */

static bool complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("slowdisk: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

static void tell(const struct slowdisk *slow, const char *what, const struct slow_read *read)
{
    int64_t ms = clock_now_ms() - slow->began_ms;
    if (slow->logs || slow->holds || slow->reads.is_held)
        fprintf(stderr, "slowdisk: %3d.%03d s  %-8s %s of %s by %s\n", (int)(ms / 1000),
                (int)(ms % 1000), what, read->call, read->file, read->thread);
}

/* --- one call ------------------------------------------------------------------------------- */

/* "first thread (threeways)": the thread that a process began with, whose number is its own. */
static void name_thread(pid_t thread, char name[SLOW_THREAD_BYTES])
{
    char path[64], line[256], command[32] = "?";
    int process = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)thread);
    FILE *status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "Name: %31s", command) != 1 && sscanf(line, "Tgid: %d", &process) == 1)
            break;
    }
    if (status != NULL)
        fclose(status);
    if (process == thread)
        snprintf(name, SLOW_THREAD_BYTES, "first thread (%s)", command);
    else
        snprintf(name, SLOW_THREAD_BYTES, "thread %d (%s)", (int)thread, command);
}

/* Whether a call reads a regular file beneath the slow directory; then its name there. */
static bool find_file(const struct slowdisk *slow, const struct gate_call *call,
                      char file[SLOW_FILE_BYTES])
{
    char link[64], path[PATH_MAX];
    struct stat status;
    bool all = strcmp(slow->under, "/") == 0;
    size_t under = all ? 0 : strlen(slow->under);
    snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)call->thread, call->descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || stat(link, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    path[length] = '\0';
    if (strncmp(path, slow->under, under) != 0 || path[under] != '/')
        return false;
    snprintf(file, SLOW_FILE_BYTES, "%s", path + under + 1);
    return true;
}

static void take_call(struct slowdisk *slow)
{
    struct gate_call call;
    struct slow_read read = {0};
    if (!gate_next(&slow->gate, &call))
        return;
    bool is_slow = call.kind != NULL && find_file(slow, &call, read.file);
    if (!is_slow || !gate_is_stopped(&slow->gate, call.id)) {
        gate_let_go(&slow->gate, call.id);
        return;
    }
    read.id = call.id;
    read.call = call.kind->name;
    name_thread(call.thread, read.thread);
    tell(slow, slow->reads.is_held ? "held" : "came", &read);
    if (!slow_reads_add(&slow->reads, &read))
        gate_let_go(&slow->gate, read.id);
}

static void let_due_go(struct slowdisk *slow)
{
    struct slow_read read;
    while (slow_reads_take_due(&slow->reads, clock_now_ms(), &read)) {
        tell(slow, "done", &read);
        gate_let_go(&slow->gate, read.id);
    }
}

/* --- commands and signals ------------------------------------------------------------------- */

static bool is_stopped(const void *gate, uint64_t id)
{
    return gate_is_stopped(gate, id);
}

/* Whoever is dead waits no more: a release is for those who do. */
static void forget_dead(struct slowdisk *slow)
{
    slow_reads_forget_dead(&slow->reads, is_stopped, &slow->gate);
}

static void take_command(struct slowdisk *slow, const char *command)
{
    static const char release[] = "release ";
    const char *what = command + sizeof release - 1;
    if (strcmp(command, "hold") == 0)
        slow_reads_hold(&slow->reads);
    else if (strcmp(command, "go") == 0)
        slow_reads_go(&slow->reads);
    else if (strncmp(command, release, sizeof release - 1) != 0)
        complain("%s: no such command; write release one, release all, release FILE, hold or go",
                 command);
    else if (strcmp(what, "one") == 0)
        slow_reads_release_one(&slow->reads);
    else if (strcmp(what, "all") == 0)
        slow_reads_release_all(&slow->reads);
    else if (slow_reads_release_file(&slow->reads, what) == 0)
        complain("release %s: no read of this file is held", what);
}

/* Lines from the pipe; the last may not have come whole, and is kept for the next time. */
static void take_commands(struct slowdisk *slow)
{
    char *lines = slow->commands;
    size_t room = sizeof slow->commands - 1 - slow->commands_length;
    ssize_t length = read(slow->control_pipe, lines + slow->commands_length, room);
    slow->commands_length += length > 0 ? (size_t)length : 0;
    forget_dead(slow);
    lines[slow->commands_length] = '\0';
    for (char *end; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
        *end = '\0';
        take_command(slow, lines);
    }
    slow->commands_length = strlen(lines);
    memmove(slow->commands, lines, slow->commands_length + 1);
    if (slow->commands_length == sizeof slow->commands - 1) {
        complain("a line of more than %d bytes is no command", COMMAND_BYTES);
        slow->commands_length = 0;
    }
}

static void take_key(struct slowdisk *slow)
{
    char line[COMMAND_BYTES];
    ssize_t length = read(slow->terminal, line, sizeof line);
    forget_dead(slow);
    if (length <= 0)
        slow->terminal = -1;
    else if (line[0] == 'a')
        slow_reads_release_all(&slow->reads);
    else
        slow_reads_release_one(&slow->reads);
    slow_reads_print_held(&slow->reads, stderr);
}

static void take_signal(struct slowdisk *slow)
{
    struct signalfd_siginfo signal;
    if (read(slow->signals, &signal, sizeof signal) != (ssize_t)sizeof signal)
        return;
    if (signal.ssi_signo == SIGCHLD) {
        if (waitpid(slow->gate.program, &slow->status, WNOHANG) == slow->gate.program)
            slow->program_has_ended = true;
        return;
    }
    bool from_terminal = signal.ssi_code == SI_KERNEL; /* then the program has had it, too */
    if (!from_terminal)
        kill(slow->gate.program, (int)signal.ssi_signo);
    slow_reads_go(&slow->reads); /* the program can end only if its reads do */
}

/* --- the loop ------------------------------------------------------------------------------- */

static int wait_ms(const struct slowdisk *slow)
{
    int64_t due_ms = slow_reads_next_due_ms(&slow->reads);
    if (due_ms == SLOW_NO_DUE)
        return NOTHING_DUE_MS;
    int64_t wait = due_ms - clock_now_ms();
    return wait > 0 ? (int)wait : 0;
}

/* Until the program has ended, and all of its children: the gate would be shut to them for good. */
static void run(struct slowdisk *slow)
{
    for (bool gate_is_used = true; gate_is_used || !slow->program_has_ended;) {
        struct pollfd watched[] = {{.fd = gate_is_used ? slow->gate.notices : -1, .events = POLLIN},
                                   {.fd = slow->signals, .events = POLLIN},
                                   {.fd = slow->terminal, .events = POLLIN},
                                   {.fd = slow->control_pipe, .events = POLLIN}};
        poll(watched, sizeof watched / sizeof *watched, wait_ms(slow));
        if (watched[0].revents & POLLIN)
            take_call(slow);
        else if (watched[0].revents & POLLHUP)
            gate_is_used = false;
        if (watched[1].revents & POLLIN)
            take_signal(slow);
        if (watched[2].revents & (POLLIN | POLLHUP))
            take_key(slow);
        if (watched[3].revents & POLLIN)
            take_commands(slow);
        let_due_go(slow);
    }
}

/* --- the beginning -------------------------------------------------------------------------- */

static bool take_calls(struct slowdisk *slow, const char *list)
{
    slow->calls = list;
    slow->gate.kind_count = 0;
    while (*list != '\0') {
        size_t length = strcspn(list, ",");
        const struct gate_kind *kind = gate_find_kind(list, length);
        if (kind == NULL || slow->gate.kind_count == GATE_KINDS_MAX)
            return complain("--calls %s: no such call; name some of pread64, preadv, preadv2, "
                            "read, readv, sendfile",
                            slow->calls);
        slow->gate.kinds[slow->gate.kind_count++] = kind;
        list += length + (list[length] == ',');
    }
    return slow->gate.kind_count > 0 || complain("--calls: empty; leave it out for all");
}

static bool take_heads(struct slowdisk *slow, const char *value)
{
    /* Digits only, so that neither a unit nor a sign slips through. */
    bool is_number = *value != '\0' && strspn(value, "0123456789") == strlen(value) &&
                     options_parse_size(value, &slow->heads);
    return (is_number && slow->heads >= 1 && slow->heads <= HEADS_MAX) ||
           complain("--heads %s: not a number from 1 to %d", value, HEADS_MAX);
}

static bool take_directory(struct slowdisk *slow, const char *value)
{
    struct stat status;
    if (realpath(value, slow->under) == NULL || stat(slow->under, &status) != 0)
        return complain("--under %s: %s; name a directory", value, strerror(errno));
    return S_ISDIR(status.st_mode) || complain("--under %s: this is none; name a directory", value);
}

static bool take_option(struct slowdisk *slow, int option, const char *value)
{
    switch (option) {
    case 'd':
        slow->has_delay = true;
        return options_parse_time(value, &slow->delay_ms) ||
               complain("--delay %s: not a time; write it like 20ms or 2s", value);
    case 'n': return take_heads(slow, value);
    case 'u': return take_directory(slow, value);
    case 'c': return take_calls(slow, value);
    case 'h': slow->holds = true; return true;
    case 'f': slow->control = value; return true;
    case 'l': slow->logs = true; return true;
    case 's': slow->wants_strace = true; return true;
    default: return false;
    }
}

static bool parse(struct slowdisk *slow, int argc, char *argv[])
{
    static const struct option options[] = {
        {"delay", required_argument, NULL, 'd'}, {"heads", required_argument, NULL, 'n'},
        {"hold", no_argument, NULL, 'h'},        {"control", required_argument, NULL, 'f'},
        {"under", required_argument, NULL, 'u'}, {"calls", required_argument, NULL, 'c'},
        {"log", no_argument, NULL, 'l'},         {"strace", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'H'},        {0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
        if (option == 'H') {
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        }
        if (option == ':')
            return complain("%s: the value is missing; see slowdisk --help", argv[optind - 1]);
        if (option == '?')
            return complain("%s: no such option, or not with a value; see slowdisk --help",
                            argv[optind - 1]);
        if (!take_option(slow, option, optarg))
            return false;
    }
    if (!slow->has_delay)
        slow->delay_ms = slow->holds ? 0 : DEFAULT_DELAY_MS;
    return optind < argc || complain("which program? write slowdisk --delay 20ms -- PROGRAM");
}

static bool make_control_pipe(struct slowdisk *slow)
{
    slow->control_pipe = -1;
    if (slow->control == NULL)
        return true;
    struct stat status;
    if (mkfifo(slow->control, 0600) != 0 && errno != EEXIST)
        return complain("--control %s: %s; name a path for a new pipe", slow->control,
                        strerror(errno));
    if (stat(slow->control, &status) != 0 || !S_ISFIFO(status.st_mode))
        return complain("--control %s: is there, and is no pipe; name a path for a new one",
                        slow->control);
    /* For reading and writing: else the pipe would end when the first writer closes it. */
    slow->control_pipe = open(slow->control, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return slow->control_pipe >= 0 || complain("--control %s: %s", slow->control, strerror(errno));
}

static bool take_signals(struct slowdisk *slow)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    slow->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return slow->signals >= 0 || complain("signalfd: %s", strerror(errno));
}

/* Where user notification is refused, strace can at least delay. */
static int fall_back(const struct slowdisk *slow, const char *why, char *argv[])
{
    if (slow->holds || slow->heads != 0) {
        complain("user notification is refused here (%s); --hold and --heads need user "
                 "notification (Linux 5.5): leave them out, or allow it in the container",
                 why);
        return EXIT_FAILURE;
    }
    if (!slow->wants_strace)
        complain("user notification is refused here (%s); using strace", why);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    slow_strace_become(slow->calls, (int64_t)slow->delay_ms, slow->under, argv);
    complain("strace: %s; install strace, or allow user notification (seccomp)", strerror(errno));
    return EXIT_FAILURE;
}

static int start_and_run(struct slowdisk *slow, char *argv[])
{
    /* The terminal is for the keys; the program gets nothing from it. */
    int input = slow->holds ? open("/dev/null", O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    slow->terminal = slow->holds && isatty(STDIN_FILENO) ? STDIN_FILENO : -1;
    int error = slow->wants_strace ? EPERM : gate_start(&slow->gate, argv, input);
    if (error == 0)
        run(slow);
    if (slow->control != NULL)
        unlink(slow->control);
    if (error != 0)
        return fall_back(slow, slow->wants_strace ? "--strace" : strerror(error), argv);
    return WIFEXITED(slow->status) ? WEXITSTATUS(slow->status)
                                   : EXIT_BY_SIGNAL + WTERMSIG(slow->status);
}

int main(int argc, char *argv[])
{
    static struct slowdisk slow;
    slow.began_ms = clock_now_ms();
    if (realpath(".", slow.under) == NULL ||
        !take_calls(&slow, "pread64,preadv,preadv2,read,readv,sendfile") ||
        !parse(&slow, argc, argv) || !make_control_pipe(&slow) || !take_signals(&slow))
        return EXIT_USAGE;
    slow_reads_init(&slow.reads, (int64_t)slow.delay_ms, (unsigned)slow.heads, slow.holds);
    return start_and_run(&slow, argv + optind);
}
