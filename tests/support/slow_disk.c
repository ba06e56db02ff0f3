#include "support/slow_disk.h"

#include "support/deadline.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOBODY = 65534,
    EXIT_SIGNALLED = 128, /* the shells' way to say "ended by a signal" */
    EXIT_NO_PROGRAM = 127,
    MESSAGES_ROOM = 256 * 1024,
    SHOWN_BYTES = 3000, /* of the messages; a message of Check's may have 8192 */
    LINE_ROOM = 100,
    PATH_ROOM = 300,
};

/* --- the command ---------------------------------------------------------------------------- */

void slow_add_word(struct slow_words *words, const char *word)
{
    ck_assert_uint_lt(words->count, SLOW_WORDS_MAX);
    char *copy = words->text[words->count];
    snprintf(copy, SLOW_WORD_BYTES, "%s", word);
    words->at[words->count++] = copy;
    words->at[words->count] = NULL;
}

static void add_words(struct slow_words *words, char *text)
{
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        slow_add_word(words, word);
}

void slow_add(struct slow_words *words, const char *format, ...)
{
    char text[2 * SLOW_WORD_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ck_assert_int_lt(length, (int)sizeof text);
    add_words(words, text);
}

static const char *environment_or(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
}

static const char *slowdisk_path(void)
{
    return environment_or("SLOWDISK", "build/slowdisk");
}

static const char *server_path(void)
{
    return environment_or("THREEWAYS", "build/threeways");
}

void slow_add_server(struct slow_words *words, const char *root, const char *options)
{
    slow_add(words, "%s", environment_or("THREEWAYS_WRAPPER", ""));
    slow_add(words, "%s --port 0", server_path());
    slow_add(words, "%s %s", environment_or("THREEWAYS_OPTIONS", ""), options);
    slow_add_word(words, root);
}

/* --- the child that becomes slowdisk -------------------------------------------------------- */

static void child_demand(bool is_well, const char *what)
{
    if (is_well)
        return;
    dprintf(STDERR_FILENO, "test harness: %s: %s\n", what, strerror(errno));
    _exit(EXIT_NO_PROGRAM);
}

/* seccomp(2) fails, everything else passes: so a careful container looks from inside. */
static void refuse_seccomp(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    child_demand(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
    child_demand(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "PR_SET_SECCOMP");
}

/*
 * A change of user forgets the death signal, so it comes later; the parent may be gone. Where
 * slowdisk becomes strace, that is deaf to SIGTERM; killed, it takes its program along.
 */
static void follow_parent(pid_t parent, int death_signal)
{
    child_demand(prctl(PR_SET_PDEATHSIG, death_signal) == 0, "PR_SET_PDEATHSIG");
    if (getppid() != parent)
        _exit(EXIT_NO_PROGRAM);
}

static bool become_nobody(void)
{
    return setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0;
}

/* Only nobody itself can tell; so a child becomes nobody and looks. */
bool slow_nobody_can_run(void)
{
    int status = 1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(become_nobody() && access(slowdisk_path(), R_OK | X_OK) == 0 &&
                      access(server_path(), R_OK | X_OK) == 0
                  ? 0
                  : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static _Noreturn void become_slowdisk(const struct slow_setup *setup, pid_t parent, int output,
                                      int messages)
{
    char *words[SLOW_WORDS_MAX + 2] = {(char *)(size_t)slowdisk_path()};
    memcpy(words + 1, setup->words->at, setup->words->count * sizeof *words);
    int input = setup->input != 0 ? setup->input : open("/dev/null", O_RDONLY | O_CLOEXEC);
    child_demand(dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
                     dup2(messages, STDERR_FILENO) >= 0,
                 "dup2");
    if (setup->as_nobody && geteuid() == 0)
        child_demand(become_nobody(), "setuid");
    if (setup->is_refused)
        refuse_seccomp();
    follow_parent(parent, setup->is_refused ? SIGKILL : SIGTERM);
    execv(words[0], words);
    child_demand(false, words[0]);
    _exit(EXIT_NO_PROGRAM);
}

/* --- starting ------------------------------------------------------------------------------- */

static int open_nameless_file(void)
{
    char path[] = "/tmp/threeways-slow-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC | O_APPEND);
    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    unlink(path);
    return fd;
}

/* One byte at a time: what follows the line is not ours to take. */
static bool read_line(int fd, char *line, size_t size)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    for (size_t length = 0; length + 1 < size; length++) {
        if (deadline_wait(fd, POLLIN, deadline) == 0 || read(fd, &line[length], 1) != 1)
            return false;
        line[length + 1] = '\0';
        if (line[length] == '\n')
            return true;
    }
    return false;
}

static void learn_port(struct slow_disk *slow)
{
    char line[LINE_ROOM] = "";
    bool has_come = read_line(slow->program.output, line, sizeof line);
    if (!has_come || sscanf(line, "LISTENING %*[^:]:%d", &slow->program.port) != 1)
        ck_abort_msg("no line LISTENING ADDRESS:PORT came, but: %s; messages:\n%.*s", line,
                     SHOWN_BYTES, slow_messages(slow));
}

/* slowdisk's only child (proc(5), children); or slowdisk itself, if strace has become that. */
static void learn_program(struct slow_disk *slow)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)slow->pid, (int)slow->pid);
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    if (fscanf(file, "%d", &slow->program.pid) != 1)
        slow->program.pid = slow->pid;
    fclose(file);
}

void slow_start(struct slow_disk *slow, const struct slow_setup *setup)
{
    int output[2];
    pid_t parent = getpid();
    ck_assert_int_eq(pipe2(output, O_CLOEXEC), 0);
    *slow = (struct slow_disk){
        .program = {.output = output[0], .messages = open_nameless_file()},
    };
    slow->pid = fork();
    ck_assert_int_ge(slow->pid, 0);
    if (slow->pid == 0)
        become_slowdisk(setup, parent, output[1], slow->program.messages);
    close(output[1]);
    if (setup->is_silent)
        return;
    learn_port(slow);
    learn_program(slow);
}

/* --- the control pipe ----------------------------------------------------------------------- */

void slow_make_room(const struct docroot *tree)
{
    char path[PATH_ROOM];
    docroot_make_directory(tree, "../slow");
    snprintf(path, sizeof path, "%s/slow", tree->base);
    ck_assert_int_eq(chmod(path, 0777), 0); /* slowdisk may be nobody */
}

const char *slow_control_path(const struct docroot *tree)
{
    static char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/slow/control", tree->base);
    return path;
}

void slow_hold(struct slow_disk *slow, const struct docroot *tree, const char *options)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words};
    slow_add(&words, "--hold --control %s --under %s --", slow_control_path(tree), tree->root);
    slow_add_server(&words, tree->root, options);
    slow_start(slow, &setup);
}

/* Without waiting: nobody reads a pipe whose slowdisk has gone. */
void slow_tell(const struct docroot *tree, const char *format, ...)
{
    char line[PATH_ROOM];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[length++] = '\n';
    int pipe = open(slow_control_path(tree), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_msg(pipe >= 0, "the control pipe: %s", strerror(errno));
    ck_assert_int_eq(write(pipe, line, (size_t)length), length);
    close(pipe);
}

void slow_release_until_answered(const struct docroot *tree, struct http_connection *talk)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    size_t before;
    do {
        slow_tell(tree, "release all");
        do {
            before = talk->input_length;
            http_receive(talk);
        } while (talk->input_length > before && !talk->closed);
        if (talk->count > 0)
            return;
    } while (!talk->closed && deadline_retry(deadline));
    ck_abort_msg("released, and still no answer: %s", http_describe(talk));
}

/* --- ending --------------------------------------------------------------------------------- */

int slow_await_end(struct slow_disk *slow)
{
    int64_t deadline = deadline_in(2 * DEADLINE_USUAL_MS); /* the server has a grace time, too */
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(slow->pid, &status, WNOHANG)) == 0 && deadline_retry(deadline))
        continue;
    if (ended != slow->pid)
        ck_abort_msg("slowdisk has not ended by the deadline; messages:\n%.*s", SHOWN_BYTES,
                     slow_messages(slow));
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNALLED + WTERMSIG(status);
}

int slow_stop(struct slow_disk *slow)
{
    ck_assert_int_eq(kill(slow->pid, SIGTERM), 0);
    return slow_await_end(slow);
}

/* --- the messages --------------------------------------------------------------------------- */

const char *slow_messages(const struct slow_disk *slow)
{
    static char text[MESSAGES_ROOM];
    server_copy_messages(&slow->program, text, sizeof text);
    return text;
}

unsigned slow_count(const struct slow_disk *slow, const char *pattern)
{
    regex_t compiled;
    regmatch_t match;
    unsigned count = 0;
    ck_assert_msg(regcomp(&compiled, pattern, REG_EXTENDED | REG_NEWLINE) == 0, "%s", pattern);
    for (const char *at = slow_messages(slow); regexec(&compiled, at, 1, &match, 0) == 0; count++)
        at = strchrnul(at + match.rm_eo, '\n'); /* the next search begins with the next line */
    regfree(&compiled);
    return count;
}

void slow_await(const struct slow_disk *slow, unsigned count, const char *pattern)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    do {
        if (slow_count(slow, pattern) >= count)
            return;
    } while (deadline_retry(deadline));
    ck_abort_msg("by the deadline %u of %u lines matched %s; messages:\n%.*s",
                 slow_count(slow, pattern), count, pattern, SHOWN_BYTES, slow_messages(slow));
}

void slow_await_held(const struct slow_disk *slow, const char *file)
{
    char pattern[PATH_ROOM];
    snprintf(pattern, sizeof pattern, " s  held +[a-z0-9]+ of %s by ", file);
    slow_await(slow, 1, pattern);
}

unsigned slow_count_held(const struct slow_disk *slow)
{
    return slow_count(slow, " s  held ");
}

unsigned slow_count_done(const struct slow_disk *slow)
{
    return slow_count(slow, " s  done ");
}
