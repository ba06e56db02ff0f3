#include "tools/observe_sender.h"

#include "tools/send_order.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum { NUMBER_BYTES = 24, OPTIONS_MOST = 8, PART_BYTES = 64 * 1024 };

bool senders_open(struct senders *senders, const char *program)
{
    *senders = (struct senders){.program = program, .said = tmpfile()};
    if (senders->said == NULL)
        return false;
    signal(SIGCHLD, SIG_IGN); /* nobody asks how a sender has ended */
    int file = fileno(senders->said);
    return fcntl(file, F_SETFD, FD_CLOEXEC) == 0 && fcntl(file, F_SETFL, O_APPEND) == 0;
}

void senders_close(struct senders *senders)
{
    if (senders->said != NULL)
        fclose(senders->said);
}

/* --- starting one ------------------------------------------------------------------------- */

/* Our signals are blocked, for the event loop to take. A sender is to be ended by them. */
static bool set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGCHLD);
    return posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setsigdefault(attributes, &usual) == 0 &&
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) ==
               0;
}

static bool spawn(const struct senders *senders, char *const words[])
{
    pid_t process;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&files);
    bool well =
        set_signals(&attributes) &&
        posix_spawn_file_actions_adddup2(&files, fileno(senders->said), STDOUT_FILENO) == 0 &&
        posix_spawnp(&process, senders->program, &files, &attributes, words, environ) == 0;
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return well;
}

static void add_servers(const char *words[], size_t *count, const struct watched_servers *servers,
                        const struct watched *to)
{
    for (size_t i = 0; i < servers->count; i++)
        if (to == NULL || to == &servers->at[i])
            words[(*count)++] = servers->at[i].reader.header->address;
    words[*count] = NULL;
}

unsigned senders_start(struct senders *senders, const struct watched_servers *servers,
                       const struct watched *to, const char *order, uint64_t pace_ms)
{
    struct send_order parsed;
    char first[NUMBER_BYTES], run[NUMBER_BYTES], pace[NUMBER_BYTES];
    if (!send_order_parse(&parsed, order))
        return 0;
    snprintf(first, sizeof first, "%u", (unsigned)(senders->cold % SEND_COLD_FILES) + 1);
    snprintf(run, sizeof run, "%u", senders->runs + 1);
    snprintf(pace, sizeof pace, "%" PRIu64 "ms", pace_ms);
    const char *words[OPTIONS_MOST + WATCHED_MOST + 2] = {
        senders->program, "--json", "--first", first, "--run", run, "--pace", pace, order};
    size_t count = OPTIONS_MOST + 1;
    add_servers(words, &count, servers, to);
    if (!spawn(senders, (char *const *)words))
        return 0;
    senders->cold += send_order_count_cold(&parsed);
    return ++senders->runs;
}

/* --- what they have said ------------------------------------------------------------------ */

/* Prints whole lines with commas between them, and returns how many bytes they took. */
static size_t print_lines(FILE *out, const char *text, size_t length)
{
    size_t done = 0;
    const char *end;
    while ((end = memchr(text + done, '\n', length - done)) != NULL) {
        size_t line = (size_t)(end - text) - done;
        fprintf(out, "%s%.*s", done > 0 ? ",\n" : "", (int)line, text + done);
        done += line + 1;
    }
    return done;
}

uint64_t senders_print(const struct senders *senders, FILE *out, uint64_t from)
{
    char part[PART_BYTES];
    if (from > INT64_MAX)
        return from;
    ssize_t length = pread(fileno(senders->said), part, sizeof part, (off_t)from);
    return length > 0 ? from + print_lines(out, part, (size_t)length) : from;
}
