/*
 * An order of requests, written short: "1c10h" is one cold request and then ten hot ones.
 *
 * A hot request asks for a file that is in the page cache by now; a cold one for a numbered file
 * that nobody has asked for yet. `make www` makes both kinds.
 */
#ifndef TOOLS_SEND_ORDER_H
#define TOOLS_SEND_ORDER_H

#include <stdbool.h>
#include <stddef.h>

enum { SEND_MOST = 400, SEND_PATH_BYTES = 64, SEND_COLD_FILES = 200 };

struct send_order {
    bool is_cold[SEND_MOST];
    size_t count;
};

/* Reads an order. Returns false if it is none, is empty, or is longer than SEND_MOST. */
bool send_order_parse(struct send_order *order, const char *text);

/* How many of the requests are cold. */
size_t send_order_count_cold(const struct send_order *order);

/*
 * Writes the path of a request: of a hot one "/hot.txt", of a cold one that of numbered file
 * `cold`, counted from 0 and begun again after the last. With a `run`, "?RUN.NUMBER" follows, which
 * a file server ignores: so one who sees the request elsewhere knows whose it is.
 */
void send_order_path(char path[SEND_PATH_BYTES], bool is_cold, size_t cold, unsigned run,
                     size_t number);

#endif
