#include "support/server_process.h"

#include "support/deadline.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MAX_SERVERS = 8,
    MAX_WORDS = 64,
    ENVIRONMENT_ROOM = 1000, /* bytes of a variable with words */
    NOBODY = 65534,
    EXIT_SIGNALLED = 128, /* the shells' way to say "ended by a signal" */
    EXIT_NO_PROGRAM = 127,
    MESSAGES_SHOWN = 2000, /* bytes of the server's standard error */
    LINE_ROOM = 100,
};

static struct server servers[MAX_SERVERS];
static int bad_endings;

/* ---- the command ---- */

struct command {
    char *words[MAX_WORDS + 1];
    size_t count;
    char wrapper[ENVIRONMENT_ROOM], options[ENVIRONMENT_ROOM]; /* what some words point to */
};

static const char *environment_or(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
}

static void command_add(struct command *command, const char *word)
{
    ck_assert_uint_lt(command->count, MAX_WORDS);
    command->words[command->count++] = (char *)(size_t)word; /* execvp() wants them unconst */
    command->words[command->count] = NULL;
}

/* Adds the words of an environment variable. They live in `words` as long as the command does. */
static void command_add_words(struct command *command, const char *name, char *words)
{
    char *rest = NULL;
    snprintf(words, ENVIRONMENT_ROOM, "%s", environment_or(name, ""));
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        command_add(command, word);
}

static const char *program_path(void)
{
    return environment_or("THREEWAYS", "build/threeways");
}

static void command_build(struct command *command, const struct server_setup *setup)
{
    command->count = 0;
    command_add_words(command, "THREEWAYS_WRAPPER", command->wrapper);
    command_add(command, program_path());
    command_add(command, "--port");
    command_add(command, "0");
    command_add_words(command, "THREEWAYS_OPTIONS", command->options);
    for (size_t i = 0; setup->options != NULL && setup->options[i] != NULL; i++)
        command_add(command, setup->options[i]);
    command_add(command, setup->root);
}

/* ---- the user ---- */

static bool become_nobody(void)
{
    return setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0;
}

/* Only nobody itself can tell; so a child becomes nobody and looks. */
static bool nobody_can_run_the_program(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(become_nobody() && access(program_path(), R_OK | X_OK) == 0 ? 0 : 1);
    int status = 1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool ought_to_become_nobody(void)
{
    return geteuid() == 0 && *environment_or("THREEWAYS_WRAPPER", "") == '\0' &&
           getenv("THREEWAYS_KEEP_USER") == NULL && nobody_can_run_the_program();
}

/* ---- the child ---- */

static void child_fail(const char *what)
{
    dprintf(STDERR_FILENO, "test harness: %s: %s\n", what, strerror(errno));
    _exit(EXIT_NO_PROGRAM);
}

static void child_set_limits(const struct server_setup *setup)
{
    for (size_t i = 0; i < setup->limit_count; i++) {
        const struct server_limit *limit = &setup->limits[i];
        struct rlimit both = {.rlim_cur = limit->value, .rlim_max = limit->value};
        if (setrlimit((unsigned)limit->resource, &both) == -1)
            child_fail("setrlimit");
    }
}

/* A change of user forgets the death signal, so the signal comes last; the parent may be gone. */
static void child_follow_parent(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1)
        child_fail("prctl");
    if (getppid() != parent)
        _exit(EXIT_NO_PROGRAM);
}

static _Noreturn void child_run(const struct server *server, const struct server_setup *setup,
                                struct command *command, int output)
{
    if (dup2(output, STDOUT_FILENO) == -1 || dup2(server->messages, STDERR_FILENO) == -1)
        child_fail("dup2");
    if (geteuid() == 0 && server->unprivileged && !become_nobody())
        child_fail("setuid");
    child_set_limits(setup);
    child_follow_parent(server->starter);
    execvp(command->words[0], command->words);
    child_fail(command->words[0]);
    _exit(EXIT_NO_PROGRAM);
}

/* ---- ending ---- */

/* End of file on the server's output is its end: it alone holds the other side of the pipe. */
static bool server_await_end(const struct server *server)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    char output[LINE_ROOM];
    while (deadline_wait(server->output, POLLIN, deadline) != 0) {
        ssize_t count = read(server->output, output, sizeof output);
        if (count == 0 || (count == -1 && errno != EINTR))
            return true;
    }
    return false;
}

static int server_reap(struct server *server)
{
    int status = 0;
    while (waitpid(server->pid, &status, 0) == -1 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNALLED + WTERMSIG(status);
}

static int server_end(struct server *server)
{
    kill(server->pid, SIGTERM);
    bool in_time = server_await_end(server);
    if (!in_time)
        kill(server->pid, SIGKILL);
    int status = server_reap(server);
    return in_time ? status : -1;
}

static void server_forget(struct server *server)
{
    close(server->output);
    close(server->messages);
    server->starter = 0;
}

static void server_report(const struct server *server, int status)
{
    char text[MESSAGES_SHOWN];
    server_copy_messages(server, text, sizeof text);
    fprintf(stderr, "server %d ended with status %d%s; its last messages:\n%s\n", (int)server->pid,
            status, status == -1 ? " (killed: SIGTERM did not end it in time)" : "", text);
}

int server_stop(struct server *server)
{
    int status = server_end(server);
    if (status != 0) {
        bad_endings++;
        server_report(server, status);
    }
    server_forget(server);
    return status;
}

int server_count_bad_endings(void)
{
    return bad_endings;
}

/* At exit. The children that Check forks inherit the array, but not the right to end anyone. */
static void end_all_servers(void)
{
    for (size_t i = 0; i < MAX_SERVERS; i++)
        if (servers[i].starter == getpid())
            server_stop(&servers[i]);
}

void server_copy_messages(const struct server *server, char *text, size_t size)
{
    off_t end = lseek(server->messages, 0, SEEK_END);
    off_t start = end < (off_t)size ? 0 : end - (off_t)size + 1;
    ssize_t count = pread(server->messages, text, size - 1, start);
    text[count > 0 ? count : 0] = '\0';
}

/* ---- starting ---- */

static struct server *server_take_slot(void)
{
    static pid_t registered;
    if (registered == 0) {
        registered = getpid();
        atexit(end_all_servers);
    }
    for (size_t i = 0; i < MAX_SERVERS; i++)
        if (servers[i].starter == 0)
            return &servers[i];
    ck_abort_msg("more than %d servers at once", MAX_SERVERS);
}

static int open_nameless_file(void)
{
    char path[] = "/tmp/threeways-messages-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC | O_APPEND);
    if (fd == -1)
        ck_abort_msg("%s: %s", path, strerror(errno));
    unlink(path);
    return fd;
}

static _Noreturn void server_fail_to_start(struct server *server, const char *why)
{
    char text[MESSAGES_SHOWN];
    int status = server_end(server);
    server_copy_messages(server, text, sizeof text);
    server_forget(server);
    ck_abort_msg("%s: %s; ended with status %d; its messages:\n%s", program_path(), why, status,
                 text);
    abort(); /* ck_abort_msg() does not return, but not every Check says so */
}

/* One byte at a time: what follows the line is not ours to take. */
static bool server_read_line(const struct server *server, char *line, size_t size)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    for (size_t length = 0; length + 1 < size; length++) {
        if (deadline_wait(server->output, POLLIN, deadline) == 0 ||
            read(server->output, &line[length], 1) != 1)
            return false;
        line[length + 1] = '\0';
        if (line[length] == '\n')
            return true;
    }
    return false;
}

static void server_learn_port(struct server *server)
{
    char line[LINE_ROOM] = "";
    if (!server_read_line(server, line, sizeof line))
        server_fail_to_start(server, "no line LISTENING came");
    const char *colon = strrchr(line, ':');
    if (strncmp(line, "LISTENING ", strlen("LISTENING ")) != 0 || colon == NULL)
        server_fail_to_start(server, "the first line is not LISTENING ADDRESS:PORT");
    server->port = (int)strtol(colon + 1, NULL, 10);
}

struct server *server_start(const struct server_setup *setup)
{
    struct server *server = server_take_slot();
    struct command command;
    int output[2];
    command_build(&command, setup);
    if (pipe2(output, O_CLOEXEC) == -1)
        ck_abort_msg("pipe2: %s", strerror(errno));
    bool drop = ought_to_become_nobody();
    *server = (struct server){.starter = getpid(),
                              .output = output[0],
                              .messages = open_nameless_file(),
                              .unprivileged = drop || geteuid() != 0};
    server->pid = fork();
    if (server->pid == 0)
        child_run(server, setup, &command, output[1]);
    close(output[1]);
    if (server->pid == -1) {
        server_forget(server);
        ck_abort_msg("fork: %s", strerror(errno));
    }
    server_learn_port(server);
    return server;
}
