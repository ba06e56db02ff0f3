/*
 * The suites that compare the models with each other, and look at what the blocking ones have of
 * their own. They name the model themselves, with every server that they start.
 */
#ifndef INTEGRATION_MODELS_H
#define INTEGRATION_MODELS_H

#include "integration/event_model.h"

/* What a user sees of a server, whatever is inside: the same in each model. */
Suite *models_ends_suite(void);
Suite *models_manners_suite(void);
Suite *models_options_suite(void);

/* One thread; and a dispatcher with its workers. */
Suite *model_single_suite(void);
Suite *model_threads_suite(void);

/* Who waits for a disk that is held, in each model and over each disk backend. */
Suite *models_held_suite(void);

/* Every model with every wake-up: for loops of tests. */
struct model_row {
    const char *model, *wakeup;
    bool is_single; /* one request at a time, one for each connection */
};
enum { MODEL_ROWS = 6 };
extern const struct model_row model_rows[MODEL_ROWS];

/* Starts a server of the tree, of this row and with these options, made by printf's rules. */
struct server *serve_row(int row, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends a signal, and waits until the server has taken it: two at once would count as one. */
void send_signal(const struct server *server, int signal);

/* A client in mid-request, and the server knows it; and what it says to be answered. */
struct http_connection *open_half(const struct server *server);
#define OTHER_HALF "t: localhost\r\n\r\n"

#endif
