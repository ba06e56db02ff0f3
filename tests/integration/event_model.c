#include "integration/event_model.h"

#include "support/deadline.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_OPTIONS = 16,
    MESSAGES_ROOM = 1024 * 1024,
    SHOWN_BYTES = 3000,
    PATH_ROOM = 320,
    OPTIONS_ROOM = 200,
    EXIT_SIGNALLED = 128,
};

struct docroot event_tree;
const char *const wakeup_names[WAKEUPS] = {"signalfd", "selfpipe"};

static char cold[COLD_BYTES], large[LARGE_BYTES], pieces[PIECES][PIECE_BYTES];

/* --- the tree ------------------------------------------------------------------------------- */

const char *cold_bytes(void)
{
    return cold;
}

const char *large_bytes(void)
{
    return large;
}

const char *piece_bytes(unsigned number)
{
    return pieces[number];
}

static void make_hole(const char *name, off_t length)
{
    char path[PATH_ROOM];
    docroot_write(&event_tree, name, "", 0);
    snprintf(path, sizeof path, "%s/%s", event_tree.root, name);
    ck_assert_int_eq(truncate(path, length), 0);
}

static void make_tree(void)
{
    docroot_make_empty(&event_tree);
    docroot_write(&event_tree, "small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    docroot_make_noise(cold, sizeof cold, 1);
    docroot_write(&event_tree, "cold.bin", cold, sizeof cold);
    docroot_make_noise(large, sizeof large, 2);
    docroot_write(&event_tree, "large.bin", large, sizeof large);
    make_hole("steady.bin", STEADY_BYTES);
    make_hole("huge.bin", HUGE_BYTES);
    for (unsigned i = 0; i < PIECES; i++) {
        char name[PATH_ROOM];
        snprintf(name, sizeof name, "piece%u.bin", i);
        docroot_make_noise(pieces[i], PIECE_BYTES, 3 + i);
        docroot_write(&event_tree, name, pieces[i], PIECE_BYTES);
    }
}

static void remove_tree(void)
{
    docroot_remove(&event_tree);
}

TCase *create_event_case(const char *name)
{
    return create_site_case(name, make_tree, remove_tree);
}

/* --- servers -------------------------------------------------------------------------------- */

/* Starts a server with these words, which strtok_r(3) takes apart, as options. */
static struct server *start_with_words(char *words, const struct server_limit *limit)
{
    const char *options[MAX_OPTIONS + 1];
    struct server_setup setup = {.root = event_tree.root,
                                 .options = options,
                                 .limits = limit,
                                 .limit_count = limit != NULL ? 1 : 0};
    char *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        ck_assert_uint_lt(count, MAX_OPTIONS);
        options[count++] = word;
    }
    options[count] = NULL;
    return server_start(&setup);
}

struct server *serve(void)
{
    char none[] = "";
    return start_with_words(none, NULL);
}

struct server *serve_with(const char *format, ...)
{
    char words[OPTIONS_ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return start_with_words(words, NULL);
}

struct server *serve_within(int resource, rlim_t value, const char *format, ...)
{
    struct server_limit limit = {resource, value};
    char words[OPTIONS_ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return start_with_words(words, &limit);
}

void demand_good_end(struct server *server)
{
    ck_assert_int_eq(server_stop(server), 0);
}

int await_end(const struct server *server)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    siginfo_t info = {0};
    do {
        if (waitid(P_PID, (id_t)server->pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
            info.si_pid == server->pid)
            return info.si_code == CLD_EXITED ? info.si_status : EXIT_SIGNALLED + info.si_status;
    } while (deadline_retry(deadline));
    ck_abort_msg("the server has not ended by the deadline; its messages:\n%s",
                 messages_of(server));
    return -1;
}

const char *messages_of(const struct server *server)
{
    static char text[MESSAGES_ROOM];
    server_copy_messages(server, text, sizeof text);
    return text;
}

/* The last table that is printed to its end, or "". */
static const char *last_table(const struct server *server, unsigned *count)
{
    static const char heading[] = "\nRequest table";
    const char *last = "";
    *count = 0;
    for (const char *at = strstr(messages_of(server), heading); at != NULL;
         at = strstr(at + 1, heading)) {
        if (!text_matches(at, " timeouts, [^\n]* sent\n\n"))
            break;
        last = at;
        (*count)++;
    }
    return last;
}

const char *next_table(const struct server *server, int64_t deadline)
{
    unsigned before, now;
    last_table(server, &before);
    ck_assert_int_eq(kill(server->pid, SIGUSR1), 0);
    do {
        const char *table = last_table(server, &now);
        if (now > before)
            return table;
    } while (deadline_retry(deadline));
    return "";
}

const char *await_table(const struct server *server, const char *pattern)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    unsigned count;
    do {
        const char *table = next_table(server, deadline);
        if (text_matches(table, pattern))
            return table;
    } while (deadline_retry(deadline));
    ck_abort_msg("by the deadline no table matched %s\nthe last one was:\n%.*s", pattern,
                 SHOWN_BYTES, last_table(server, &count));
    return NULL;
}

/* --- the process, seen from outside ----------------------------------------------------------- */

unsigned count_descriptors(const struct server *server)
{
    char path[PATH_ROOM];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)server->pid);
    DIR *directory = opendir(path);
    ck_assert_msg(directory != NULL, "%s: %s", path, strerror(errno));
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count - 2; /* "." and ".." */
}

/* User and system time: fields 14 and 15 of proc(5), counted from behind the name in brackets. */
unsigned cpu_ticks(const struct server *server)
{
    char path[PATH_ROOM], text[SHOWN_BYTES];
    unsigned user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)server->pid);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    ck_assert_int_eq(sscanf(strrchr(text, ')'),
                            ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %u %u", &user, &system),
                     2);
    return user + system;
}

int64_t milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- the program, run to its end -------------------------------------------------------------- */

static _Noreturn void become_program(const char *const *words, FILE *output, FILE *errors)
{
    const char *path = getenv("THREEWAYS");
    char *arguments[MAX_OPTIONS + 2] = {(char *)(size_t) "threeways"};
    for (size_t i = 0; i < MAX_OPTIONS && words[i] != NULL; i++)
        arguments[i + 1] = (char *)(size_t)words[i]; /* execv() wants them unconst */
    dup2(fileno(output), STDOUT_FILENO);
    dup2(fileno(errors), STDERR_FILENO);
    execv(path != NULL ? path : "build/threeways", arguments);
    _exit(EXIT_SIGNALLED - 1);
}

static void await_program(pid_t pid, int *status)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    pid_t ended;
    while ((ended = waitpid(pid, status, WNOHANG)) == 0 && deadline_retry(deadline))
        continue;
    if (ended == pid)
        return;
    kill(pid, SIGKILL);
    waitpid(pid, status, 0);
    ck_abort_msg("the program has not ended by the deadline");
}

static void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

void run_program(struct program_run *run, const char *const *words)
{
    FILE *output = tmpfile(), *errors = tmpfile();
    int status = 0;
    ck_assert(output != NULL && errors != NULL);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        become_program(words, output, errors);
    await_program(pid, &status);
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNALLED + WTERMSIG(status);
    read_back(output, run->output, sizeof run->output);
    read_back(errors, run->errors, sizeof run->errors);
}

/* --- clients -------------------------------------------------------------------------------- */

struct http_connection *open_and_send(const struct server *server, const char *text)
{
    struct http_connection *talk = http_open(server->port);
    http_send_text(talk, text);
    return talk;
}

const struct http_answer *ask_again(struct http_connection *talk, const char *request)
{
    size_t before = talk->count;
    http_send_text(talk, request);
    http_read_answers(talk, before + 1);
    if (talk->count != before + 1 || talk->answers[before].status != 200)
        ck_abort_msg("expected one more answer, a 200; got %s", http_describe(talk));
    return &talk->answers[before];
}

void demand_file(const struct server *server, const char *path, const char *bytes, size_t length)
{
    const struct http_answer *answer =
        ask_for_status(server->port, 200, "GET %s HTTP/1.1\r\n" HOST "\r\n", path);
    demand_body(answer, bytes, length);
}

void read_some(struct http_connection *talk, size_t length)
{
    while (talk->input_length < length && !talk->closed) {
        if (deadline_wait(talk->fd, POLLIN, talk->deadline) == 0)
            ck_abort_msg("%zu of %zu bytes came by the deadline", talk->input_length, length);
        http_receive(talk);
    }
    ck_assert_msg(!talk->closed, "closed after %zu bytes", talk->input_length);
}

void reset(struct http_connection *talk)
{
    struct linger at_once = {1, 0};
    ck_assert_int_eq(setsockopt(talk->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    http_close(talk);
}

void demand_closed(struct http_connection *talk)
{
    http_read_to_end(talk);
    if (!talk->closed || talk->reset || talk->timed_out)
        ck_abort_msg("the server did not close in good order: %s", http_describe(talk));
}
