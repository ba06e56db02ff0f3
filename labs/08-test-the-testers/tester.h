/*
 * What your tests are written with: all of labs/grader/lab.h, and ADD().
 */
#ifndef TESTER_H
#define TESTER_H

#include "grader/lab.h"
#include "support/deadline.h"
#include "support/http_client.h"

/* In your file: calls ADD(test) for each of your tests, in the order in which they are to run. */
void add_my_tests(void);

#define ADD(test) tester_add(test, #test)
void tester_add(const TTest *test, const char *name);

/* Hangs up as a crashed client does: by a reset. `talk` is gone afterwards. */
void tester_reset(struct http_connection *talk);

/* Sends text on a connection; what has come meanwhile is taken in. The same as http_send_text(). */
void tester_say(struct http_connection *talk, const char *text);

/*
 * A client on a line so narrow that the server's kernel takes little ahead. On a machine's own
 * network it takes megabytes, and a client that does not read is not noticed.
 */
struct http_connection *tester_open_slow(void);

/* How many times a read of this file has been held so far; "" for any file. */
unsigned tester_count_held(const char *file);

#endif
