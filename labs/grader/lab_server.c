#include "grader/descriptors.h"
#include "grader/lab_inside.h"
#include "grader/scribe.h"
#include "support/deadline.h"

#include <check.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OPTIONS_ROOM = 800,
    CRASH_WITHIN_MS = 150, /* a client may learn of it earlier than we */
    END_WITHIN_MS = 2000,  /* of slowdisk, when the server has ended */
    EXIT_SIGNALLED = 128,
    RUNNING = -1,
    STATUS_ROOM = 100,
    PATH_ROOM = 64,
};

struct slow_disk lab_server;
static bool is_started, is_asked_to_end;
static int ending = RUNNING;

/* --- starting ------------------------------------------------------------------------------- */

static const char *environment_or(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
}

/* The wrapper, the cage, the server, and its options. */
static void add_server(struct slow_words *words, const char *options, int standard_error)
{
    slow_add(words, "%s", environment_or("THREEWAYS_WRAPPER", ""));
    slow_add_word(words, environment_or("CAGE", "build/cage"));
    slow_add(words, "%d", standard_error);
    slow_add_word(words, environment_or("THREEWAYS", "build/threeways"));
    slow_add(words, "--port 0 %s %s %s", lab.options, environment_or("THREEWAYS_OPTIONS", ""),
             options);
    slow_add_word(words, lab_root());
}

static void launch(const char *disk, const char *format, va_list arguments)
{
    char options[OPTIONS_ROOM];
    struct slow_words words = {0};
    bool as_nobody = getenv("THREEWAYS_KEEP_USER") == NULL;
    struct slow_setup setup = {.words = &words, .as_nobody = as_nobody};
    int length = vsnprintf(options, sizeof options, format, arguments);
    ck_assert_int_lt(length, (int)sizeof options);
    slow_add(&words, "%s --control", disk);
    slow_add_word(&words, slow_control_path(lab_tree()));
    slow_add(&words, "--under");
    slow_add_word(&words, lab_root());
    slow_add(&words, "--");
    descriptors_keep_from_children(); /* the server would write into them */
    add_server(&words, options, scribe_open());
    is_started = true;
    is_asked_to_end = false;
    ending = RUNNING;
    slow_start(&lab_server, &setup);
    scribe_begin(lab_server.program.messages);
}

void lab_start(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    launch("--delay 0ms --log", format, arguments);
    va_end(arguments);
}

/* Has hot.txt read into the page cache: its first read is held like any other. */
static void warm_up(void)
{
    struct http_connection *talk = lab_ask_cold("hot.txt");
    lab_release("hot.txt");
    demand_file(talk, "hot.txt");
    http_close(talk);
}

void lab_hold(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (size_t i = 0; lab_file_at(i) != NULL; i++)
        lab_file_at(i)->is_released = false;
    launch("--hold", format, arguments);
    va_end(arguments);
    warm_up();
}

/* --- ending --------------------------------------------------------------------------------- */

static void demand_no_sanitizer_report(void)
{
    const char *messages = slow_messages(&lab_server);
    demand(strstr(messages, "Sanitizer:") == NULL && strstr(messages, "runtime error:") == NULL,
           "SIGTERM", "a report of a sanitizer, see the server's last lines", "none");
}

static const char *ending_in_words(int status)
{
    static char words[STATUS_ROOM];
    if (status > EXIT_SIGNALLED)
        snprintf(words, sizeof words, "ended by signal %d", status - EXIT_SIGNALLED);
    else
        snprintf(words, sizeof words, "ended with status %d", status);
    return words;
}

void lab_end(void)
{
    is_asked_to_end = true;
    kill(lab_server.pid, SIGTERM);
    ending = slow_await_end(&lab_server);
    scribe_settle();
    demand(ending == 0, "SIGTERM", ending_in_words(ending), "the server ends with status 0");
    demand_no_sanitizer_report();
}

/* A process that has ended is a zombie, until slowdisk has taken note. */
static bool server_has_ended(void)
{
    char path[PATH_ROOM], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)lab_server.program.pid);
    FILE *stat = fopen(path, "re");
    if (stat == NULL)
        return true;
    bool is_read = fscanf(stat, "%*d (%*[^)]) %c", &state) == 1;
    fclose(stat);
    return !is_read || state == 'Z' || state == 'X';
}

/* slowdisk ends as soon as its program has. */
int lab_ending(void)
{
    int64_t deadline = deadline_in(CRASH_WITHIN_MS);
    int status = 0;
    if (!is_started || ending != RUNNING)
        return ending;
    while (!server_has_ended() && deadline_retry(deadline))
        continue;
    deadline = deadline_in(END_WITHIN_MS);
    do {
        if (!server_has_ended())
            return RUNNING;
        pid_t ended = waitpid(lab_server.pid, &status, WNOHANG);
        if (ended == -1)
            return RUNNING;
        if (ended == lab_server.pid) {
            ending = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNALLED + WTERMSIG(status);
            return ending;
        }
    } while (deadline_retry(deadline));
    return RUNNING;
}

bool lab_was_asked_to_end(void)
{
    return is_asked_to_end;
}

/* --- what the server said ------------------------------------------------------------------- */

/* The text from the start of a line on, so that no more than `most` bytes remain. */
static const char *last_lines(const char *text, size_t most)
{
    size_t length = strlen(text);
    if (length <= most)
        return text;
    const char *line = strchr(text + length - most, '\n');
    return line != NULL ? line + 1 : text + length - most;
}

void lab_copy_last_lines(char *text, size_t size)
{
    text[0] = '\0';
    if (!is_started)
        return;
    scribe_begin(lab_server.program.messages); /* it did not, if the server did not start */
    scribe_settle();
    static char said[64 * 1024];
    server_copy_messages(&lab_server.program, said, sizeof said);
    char *rest = NULL, *own = said;
    size_t length = 0;
    for (char *line = strtok_r(said, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (strncmp(line, "slowdisk: ", strlen("slowdisk: ")) != 0)
            length += (size_t)sprintf(own + length, "%s\n", line);
    own[length] = '\0';
    snprintf(text, size, "%s", last_lines(said, size - 1));
}
