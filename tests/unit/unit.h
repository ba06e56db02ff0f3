/*
 * The suites of the unit tests: each calls the functions of one module directly, without a server.
 *
 * What a module must do is told by an RFC, a manual page, libc or another program, never by what
 * the module did when the test was written. No test waits for time to pass: where time matters it
 * is an argument, or a descriptor shows what has come.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

/* What every model shares. */
Suite *beneath_suite(void);
Suite *buffers_suite(void);
Suite *cache_suite(void);
Suite *docroot_suite(void);
Suite *exchange_suite(void);
Suite *http_body_suite(void);
Suite *http_conditions_suite(void);
Suite *http_date_suite(void);
Suite *http_reply_suite(void);
Suite *http_request_suite(void);
Suite *http_status_suite(void);
Suite *list_suite(void);
Suite *listener_suite(void);
Suite *listing_suite(void);
Suite *log_suite(void);
Suite *mime_suite(void);
Suite *observer_suite(void);
Suite *options_suite(void);
Suite *representation_suite(void);
Suite *request_status_suite(void);
Suite *signals_suite(void);
Suite *target_suite(void);
Suite *trace_suite(void);
Suite *wakeup_suite(void);

/* The event model. */
Suite *deadlines_suite(void);
Suite *disk_suite(void);
Suite *disk_aio_suite(void);
Suite *fsm_suite(void);
Suite *poller_suite(void);
Suite *ready_suite(void);
Suite *request_table_suite(void);
Suite *seats_suite(void);

/* --- for tables of inputs ------------------------------------------------------------------- */

/* Bytes that may hold a NUL. */
struct bytes {
    const char *at;
    size_t length;
};

/* A string literal as an initialiser of `struct bytes`. */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

/* How many rows a table has, as tcase_add_loop_test() wants to know it. */
#define ROWS(table) ((int)(sizeof(table) / sizeof *(table)))

/* Makes a test case and puts it into the suite. */
static inline TCase *unit_add_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);
    suite_add_tcase(suite, tcase);
    return tcase;
}

/* --- a small tree of files (test_tree.c) ---------------------------------------------------- */

struct tree {
    char path[64]; /* of the directory that holds it */
};

/*
 * Makes an empty directory in $TMPDIR or /tmp. A failed assertion leaves a test without its checked
 * teardown: make trees in unchecked fixtures, which belong to the runner. Each function here
 * fails the test that calls it if the system refuses.
 */
void tree_make(struct tree *tree);

/* Removes the directory and all that is in it. */
void tree_remove(const struct tree *tree);

/* Writes a file, over an older one if there is one. */
void tree_write(const struct tree *tree, const char *name, const char *text);

/* Makes a directory, a symbolic link that says `text`, or a named pipe. */
void tree_add_directory(const struct tree *tree, const char *name);
void tree_add_link(const struct tree *tree, const char *name, const char *text);
void tree_add_pipe(const struct tree *tree, const char *name);

/* The path of `name`, in memory that the next call overwrites. */
const char *tree_path(const struct tree *tree, const char *name);

/* Reads a file into `text`, as far as there is room, ended by NUL. */
void tree_read(const struct tree *tree, const char *name, char *text, size_t size);

#endif
