/*
 * A program under slowdisk: a server, whose disk is then slow, or held by hand.
 *
 * slowdisk is build/slowdisk, or what the environment variable SLOWDISK names; how our own server
 * is run under it, the variables of server_process.h tell. slowdisk writes to the same standard
 * error as its program, so that the messages tell in which order things happened.
 *
 * Nothing outlives its tester: when that ends, however it does, the kernel sends SIGTERM to
 * slowdisk, which ends its program. SCALE stretches the deadlines, see deadline.h.
 */
#ifndef SUPPORT_SLOW_DISK_H
#define SUPPORT_SLOW_DISK_H

#include "support/docroot_fixture.h"
#include "support/http_client.h"
#include "support/server_process.h"

#include <stdbool.h>
#include <sys/types.h>

enum { SLOW_WORDS_MAX = 48, SLOW_WORD_BYTES = 1000 };

/* The command line behind the word "slowdisk". */
struct slow_words {
    char *at[SLOW_WORDS_MAX + 1];
    size_t count;
    char text[SLOW_WORDS_MAX][SLOW_WORD_BYTES];
};

/* Adds words, made by printf's rules and parted by blanks. */
void slow_add(struct slow_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds one word, blanks and all. */
void slow_add_word(struct slow_words *words, const char *word);

/* What is unusual about a start; zeroes are the usual. */
struct slow_setup {
    struct slow_words *words;
    int input;       /* a descriptor for its standard input; 0: /dev/null */
    bool as_nobody;  /* root becomes nobody */
    bool is_refused; /* seccomp(2) is refused to it, as in some containers: EPERM */
    bool is_silent;  /* the program does not print LISTENING: do not wait for that */
};

/* Whether there is a nobody who can run slowdisk and our server. */
bool slow_nobody_can_run(void);

struct slow_disk {
    pid_t pid; /* of slowdisk */

    /* The program, as the functions want it that look at a server: its process, its port, and the
       messages of both. It is not to be given to server_stop(). */
    struct server program;
};

/* Starts it, and returns when the program listens. The test fails if that is not in time. */
void slow_start(struct slow_disk *slow, const struct slow_setup *setup);

/* Adds our server with these options, made by printf's rules, and with a free port. */
void slow_add_server(struct slow_words *words, const char *root, const char *options);

/* Starts our server of this tree with its disk held, and a control pipe. */
void slow_hold(struct slow_disk *slow, const struct docroot *tree, const char *options);

/* Makes the directory for the control pipes beside a tree's root. Once per tree. */
void slow_make_room(const struct docroot *tree);

/* The path of the control pipe that slow_hold() uses, in memory that the next call overwrites. */
const char *slow_control_path(const struct docroot *tree);

/* Writes a line into the control pipe: "release all". */
void slow_tell(const struct docroot *tree, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Releases all that is held, again and again, until the answer has come. */
void slow_release_until_answered(const struct docroot *tree, struct http_connection *talk);

/* Waits until slowdisk has ended; its status, or 128 + N if signal N ended it. */
int slow_await_end(struct slow_disk *slow);

/* Sends SIGTERM to slowdisk, then the same. */
int slow_stop(struct slow_disk *slow);

/* The last part of what both have said. */
const char *slow_messages(const struct slow_disk *slow);

/* How many lines of the messages match an extended regular expression. */
unsigned slow_count(const struct slow_disk *slow, const char *pattern);

/* Waits until so many lines match it; the test fails if they do not in time. */
void slow_await(const struct slow_disk *slow, unsigned count, const char *pattern);

/* Waits until a read of this file is held, for the first time. */
void slow_await_held(const struct slow_disk *slow, const char *file);

/* How many reads have been held so far, and how many have gone on. */
unsigned slow_count_held(const struct slow_disk *slow);
unsigned slow_count_done(const struct slow_disk *slow);

#endif
