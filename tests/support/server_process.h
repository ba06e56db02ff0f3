/*
 * The server as a process of its own: start it, learn its port, end it, look at how it ended.
 *
 * The program is build/threeways, or what the environment says:
 *   THREEWAYS            path of another program that takes the same options
 *   THREEWAYS_OPTIONS    words to put before a test's own options, for example "--model threads"
 *   THREEWAYS_WRAPPER    words to put before it, for example "valgrind -q --error-exitcode=9"
 *   THREEWAYS_KEEP_USER  if set, root stays root (a run that counts coverage must write its files)
 *   SCALE                stretches the deadlines, see deadline.h
 *
 * Root reads every file, so a test run by root would never see "permission denied". Therefore root
 * starts the server as the user nobody, unless there is a wrapper or nobody cannot run the program.
 *
 * No server outlives its tester: a process that ends by exit() takes along the servers that it
 * started and still has running; if it ends otherwise (a failed assertion ends a forked test by
 * _exit(), a timeout by SIGKILL), the kernel sends them SIGTERM.
 */
#ifndef SUPPORT_SERVER_PROCESS_H
#define SUPPORT_SERVER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

struct server {
    /* for everyone */
    pid_t pid;
    int port;          /* on 127.0.0.1 */
    bool unprivileged; /* whether a file of mode 0 is closed to it */

    /* for server_process.c */
    pid_t starter; /* the process that may end it; 0 in a slot that is not taken */
    int output;    /* our end of its standard output; end of file tells that it has ended */
    int messages;  /* a nameless file that holds its standard error */
};

struct server_limit {
    int resource; /* RLIMIT_NOFILE, ...: see setrlimit(2) */
    rlim_t value;
};

struct server_setup {
    const char *root;
    const char *const *options; /* ended by NULL; or NULL for none */
    const struct server_limit *limits;
    size_t limit_count;
};

/*
 * Starts a server with "--port 0" and what `setup` adds, and returns when it listens. The test that
 * calls this fails, with what the server had to say, if it does not listen in time.
 */
struct server *server_start(const struct server_setup *setup);

/*
 * Ends a server by SIGTERM and reaps it; `server` is gone afterwards. Returns its exit status:
 * 0 if all is well, 128 + N if signal N ended it, -1 if it had to be killed because it did not end
 * in time. Anything but 0 is also told on standard error, with the server's last messages, and
 * counted: Check does not report what fails in an unchecked teardown.
 */
int server_stop(struct server *server);

/* How many of the servers that this process stopped did not end with status 0. */
int server_count_bad_endings(void);

/* Copies the last part of the server's standard error into `text`, ended by NUL. */
void server_copy_messages(const struct server *server, char *text, size_t size);

#endif
