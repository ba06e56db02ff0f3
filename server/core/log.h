/*
 * The access log, in the common log format that every tool for web logs reads:
 *
 *     127.0.0.1 - - [25/Nov/2026:14:03:07 +0000] "GET /index.html HTTP/1.1" 200 4711
 *
 * Lines are collected and written when the server has a moment, or when there are many. Where
 * several threads share the log, each line is written by itself, in one append (write(2)): they
 * need no lock, and no line is cut by another. Writing to a file has no nonblocking form: a known
 * exception of the event model.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log {
    int descriptor; /* -1: nobody wants a log */
    bool is_shared; /* by several threads: nothing is collected */
    size_t length;
    char lines[64 * 1024];
};

/*
 * Opens the log: appends to the file `path`, "-" is standard output, NULL none. Returns false,
 * with errno set, if the file cannot be opened.
 */
bool log_open(struct log *log, const char *path);

/*
 * Adds a line. `peer` is "address:port"; `line` is the request line as it came, whose quotes,
 * backslashes and unprintable bytes are escaped; bytes of the body.
 */
void log_request(struct log *log, const char *peer, const char *line, size_t line_length,
                 unsigned status, uint64_t bytes);

/* Writes what has been collected. */
void log_flush(struct log *log);

/* Flushes and closes. */
void log_close(struct log *log);

#endif
